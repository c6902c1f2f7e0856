"""The names of phones for programs: in metrics, and in tests of a CI server."""

from ucdiag.model.phone import DEFAULT_MAC
from ucdiag.model.report import PhoneReport, Report
from ucdiag.model.visible_text import visible


def phone_name(phone: PhoneReport, report: Report) -> str:
    """The MAC address, else the address. Of several in one report the site too, and the domain of the test phone,
    which is the same one everywhere."""
    who = phone.phone
    name = visible(who.mac or who.ip or "unknown")
    if len(report.phones) < 2:
        return name
    parts = (name, who.domain if who.mac == DEFAULT_MAC else None, who.site)
    return " ".join(visible(part) for part in parts if part)
