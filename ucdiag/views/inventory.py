"""The phones of a capture, as their inventory has them."""

from ucdiag.model.fast_dataclass import Record, record
from ucdiag.model.report import PhoneReport
from ucdiag.model.vocabulary import CheckResult, FindingCode, Microseconds, Seconds

INVENTORY_SCHEMA = "ucdiag.phones/1"


@record(frozen=True, slots=True, kw_only=True)
class InventoryPhone(Record):
    """One phone: who it is, and its update checks. What is not known is null."""

    mac: str | None = None
    ip: str | None = None
    serial: str | None = None
    vendor: str | None = None
    model: str | None = None
    firmware: str | None = None
    checks: int = 0
    interval: Seconds | None = None
    last_check: Microseconds | None = None
    result: CheckResult | None = None
    code: FindingCode | None = None
    next_due: Microseconds | None = None
    overdue: bool = False


@record(frozen=True, slots=True, kw_only=True)
class Inventory(Record):
    """All phones of a capture."""

    schema: str = INVENTORY_SCHEMA
    phones: tuple[InventoryPhone, ...] = ()


def inventory_phone(report: PhoneReport) -> InventoryPhone:
    """The phone of a report."""
    phone, checks = report.phone, report.checks
    last = checks.history[-1] if checks is not None and checks.history else None
    return InventoryPhone(
        mac=phone.mac,
        ip=phone.ip,
        serial=phone.serial,
        vendor=phone.vendor,
        model=phone.model,
        firmware=phone.firmware,
        checks=checks.count if checks is not None else 0,
        interval=checks.interval if checks is not None else None,
        last_check=checks.last if checks is not None else None,
        result=last.result if last is not None else None,
        code=last.code if last is not None else None,
        next_due=checks.next_due if checks is not None else None,
        overdue=any(finding.code == "check-overdue" for finding in report.findings),
    )
