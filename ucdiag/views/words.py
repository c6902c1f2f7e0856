"""The words that views show for verdicts, steps and who can fix a finding. JSON keeps the model's words."""

from ucdiag.model.machine import Remedy
from ucdiag.model.patterns import pattern
from ucdiag.model.report import Identity, Problem, Report, Verdict
from ucdiag.model.steps import Level, Step, VerdictStatus, Who
from ucdiag.model.vocabulary import Seconds, Shell

VERDICTS = {VerdictStatus.WHOLE: "OK", VerdictStatus.BROKEN: "FAILED", VerdictStatus.UNKNOWN: "INCONCLUSIVE"}
VERDICT_STYLES = {
    VerdictStatus.WHOLE: "bold green",
    VerdictStatus.BROKEN: "bold red",
    VerdictStatus.UNKNOWN: "bold yellow",
}
STEPS = {Step.DHCP: "DHCP", Step.DNS: "DNS", Step.TLS: "TLS"}
WHO = {
    Who.NETWORK: "network administrator",
    Who.DNS: "DNS administrator",
    Who.SERVER: "administrator of the update server",
    Who.PHONE: "whoever has the phone",
}
SHELLS: dict[Shell, str] = {"powershell": "PowerShell", "cmd": "Command Prompt", "sh": "shell"}

# What the sentence of a verdict begins with, which the words before it have said.
_LEAD = pattern(
    r"The path breaks at step \d \([a-z]+\): |Cannot tell whether the path is whole: at step \d \([a-z]+\), "
    r"|The path is whole: |Cannot tell whether the path is whole\. "
)


def advice_head(level: Level, verdict: VerdictStatus | None = None, change: str = "What to change") -> str:
    """What stands above the advice of a finding: where nothing is known to be wrong, nothing is to be changed."""
    uncertain = level is Level.INFORMATION or verdict is VerdictStatus.UNKNOWN
    return "What to do" if uncertain else change


def remedy_aside(remedy: Remedy) -> str:
    """What stands in brackets behind a remedy's purpose: PowerShell where no other shell takes it, and the note."""
    said = [SHELLS["powershell"]] if remedy.shell == "powershell" else []
    said += [remedy.note] if remedy.note else []
    return f" ({'; '.join(said)})" if said else ""


def step_name(step: Step) -> str:
    """A step as people write it."""
    return STEPS.get(step, step.value)


def verdict_lead(status: VerdictStatus, step: Step | None) -> str:
    """ "FAILED at step 2 (DNS)"."""
    where = f" at step {step.number} ({step_name(step)})" if step is not None else ""
    return VERDICTS[status] + where


def verdict_text(verdict: Verdict) -> str:
    """The sentence of a verdict without what its lead says."""
    return with_capital(_LEAD.sub("", verdict.summary, count=1))


def unsaid_problems(report: Report) -> list[Problem]:
    """The problems of a report that its verdict does not begin with."""
    return [problem for problem in report.problems if not report.verdict.summary.startswith(problem.text)]


def with_capital(text: str) -> str:
    """A clause with a capital at its head, unless a name stands there."""
    return text[:1].upper() + text[1:] if text[:1].isalpha() and " " in text and not _is_name(text) else text


# Where one sentence ends and another begins.
_BETWEEN = pattern(r"(?<=[.!?])\s+(?=[A-Z0-9'\"(])")


def split_sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return _BETWEEN.split(text)


def _is_name(text: str) -> bool:
    first = text.split(" ", 1)[0]
    return any(mark in first for mark in ".:-/")


def duration_text(seconds: Seconds | None) -> str:
    """Seconds as a person reads them: ``0.4 ms``, ``21 ms``, ``5.02 s``; nothing when not known."""
    if seconds is None or not 0 <= seconds < float("inf"):
        return ""
    if seconds < 0.01:
        return f"{seconds * 1000:.1f} ms"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


def identity_text(phone: Identity) -> str:
    """The phone in a few words, as far as it is known: addresses, model, serial, firmware, domain."""
    words = [word for word in (phone.mac, phone.ip) if word] or ["not known"]
    kind = " ".join(part for part in (phone.vendor, phone.model) if part)
    if kind:
        words.append(kind)
    if phone.serial:
        words.append(f"serial {phone.serial}")
    if phone.firmware:
        words.append(f"firmware {phone.firmware}")
    if phone.domain:
        words.append(f"domain {phone.domain}")
    if phone.site:
        words.append(f"site {phone.site}")
    return ", ".join(words)
