"""What ``ucdiag doctor`` found out about this machine. Frozen data; its JSON form is ``ucdiag.doctor/1``."""

from typing import Literal

from ucdiag.model.fast_dataclass import Record, record

DOCTOR_SCHEMA = "ucdiag.doctor/1"

# unknown: this system does not show it.
CheckStatus = Literal["ok", "warning", "failed", "unknown"]
CheckName = Literal[
    "rights",
    "confined",
    "scapy",
    "libpcap",
    "interfaces",
    "port-68",
    "resolvers",
    "domain",
    "trust-store",
    "tls-1.0",
    "time",
    "profile",
]
Shell = Literal["sh", "cmd", "powershell"]
# check: changes nothing; change: fixes it (of several, one is enough); instead: the way without it.
RemedyPurpose = Literal["check", "change", "instead"]


@record(frozen=True, slots=True, kw_only=True)
class Remedy(Record):
    """One command to paste. ``note`` says what it grants and to whom, or what it needs."""

    purpose: RemedyPurpose
    shell: Shell
    text: str
    note: str | None = None


@record(frozen=True, slots=True, kw_only=True)
class Check(Record):
    """One thing that ucdiag needs of this machine. ``needed_for`` names the commands."""

    check: CheckName
    status: CheckStatus
    summary: str
    needed_for: tuple[str, ...] = ()
    fix: str | None = None
    commands: tuple[Remedy, ...] = ()


@record(frozen=True, slots=True, kw_only=True)
class Machine(Record):
    """All that was checked."""

    schema: str = DOCTOR_SCHEMA
    ucdiag: str
    system: str
    python: str
    checks: tuple[Check, ...]

    @property
    def failed_checks(self) -> tuple[Check, ...]:
        """What something cannot be done without."""
        return tuple(check for check in self.checks if check.status == "failed")
