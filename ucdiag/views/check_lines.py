"""A phone's update checks as text: a sentence for all of them, a line for each, a few words for a table."""

from ucdiag.model.checks import Check, Checks
from ucdiag.model.times import utc_datetime
from ucdiag.model.vocabulary import CheckResult, Microseconds, Seconds

_LATE = 25 * 3600  # seconds after the check before: the phone checks every 24 hours
_RESULTS: dict[CheckResult, str] = {
    "downloaded": "offered {offered}, fetched whole",
    "offered": "offered {offered}, no file asked for",
    "nothing-newer": "nothing newer",
    "same-version": "offered {offered}, which it has",
    "failed": "failed: {code}",
    "unknown": "not known",
}


def moment_text(time: Microseconds | None) -> str:
    """``2026-01-02 09:00`` (UTC); ``-`` where it is not known."""
    return utc_datetime(time).strftime("%Y-%m-%d %H:%M") if time is not None else "-"


def span_text(seconds: Seconds) -> str:
    """About how long: ``45 s``, ``9 min``, ``24 h``, ``7 days``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 72 * 3600 else f"{seconds / 86400:.0f} days"


def checks_text(checks: Checks) -> str:
    """All checks in a sentence that follows the word."""
    if not checks.count or checks.last is None:
        return "none was seen."
    text = f"{checks.count:,}"
    if checks.interval is not None:
        text += f", usually {span_text(checks.interval)} apart"
    if checks.power_ons:
        text += f", {checks.power_ons:,} power-on{'s' * (checks.power_ons > 1)}"
    return f"{text}; the last {moment_text(checks.last)}, the next due by {moment_text(checks.next_due)} (UTC)."


def check_lines(checks: Checks) -> list[str]:
    """A line for each check of the history: also by whom and from where, where that was not always the same."""
    history = checks.history
    servers = len({check.server for check in history if check.server}) > 1
    clients = len({check.client for check in history if check.client}) > 1
    return [
        check_text(check, before, server=servers, client=clients)
        for before, check in zip((None, *history), history, strict=False)
    ]


def check_text(check: Check, before: Check | None, *, server: bool = False, client: bool = False) -> str:
    """One check in a line: time, firmware version, result, and what is unusual."""
    text = f"{moment_text(check.time)}  {check.firmware or 'version not named':17}  {result_text(check)}"
    if server and check.server:
        text += f", by {check.server}"
    if client and check.client:
        text += f", from {check.client}"
    if check.url == "external":
        text += ", from the external URL"
    notes = ["power-on"] if check.power_on else []
    if before is not None and check.time - before.time > _LATE * 1_000_000:
        notes.append(f"{span_text((check.time - before.time) / 1_000_000)} after the one before")
    return f"{text} ({', '.join(notes)})" if notes else text


def result_text(check: Check) -> str:
    """The result of a check."""
    return _RESULTS[check.result].format(offered=check.offered or "an update", code=check.code)


def checks_short(checks: Checks | None, width: int) -> str:
    """For a column of a table; as much as ``width`` columns have room for."""
    if checks is None or not checks.count or checks.last is None or checks.next_due is None:
        return ""
    last, due = (f"{utc_datetime(time):%d %H:%M}" for time in (checks.last, checks.next_due))
    every = f" every {span_text(checks.interval)}" if checks.interval is not None else ""
    texts = (f"{checks.count:,}{every}, last {last}, next {due}", f"{checks.count:,}, next {due}")
    return next((text for text in texts if len(text) <= width), "")
