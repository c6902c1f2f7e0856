"""The report: what the engine concluded, and all that a view may show. Frozen data, no behaviour.

Its JSON form is ``ucdiag.report/1`` (README, "The JSON report"; ``ucdiag/report.schema.json``).
"""

from dataclasses import field

from ucdiag.model.checks import Checks
from ucdiag.model.fast_dataclass import Record, record
from ucdiag.model.observations import Observation
from ucdiag.model.steps import Level, Step, StepStatus, VerdictStatus, Who
from ucdiag.model.vocabulary import (
    CommandName,
    CommandPurpose,
    FindingCode,
    Microseconds,
    ProblemCode,
    Seconds,
    Shell,
    SignInOutcome,
    SourceKind,
    VerdictCode,
)

SCHEMA = "ucdiag.report/1"


@record(frozen=True, slots=True, kw_only=True)
class Evidence(Record):
    """One fact behind a finding, as one line. ``time`` is microseconds since the epoch."""

    text: str
    time: Microseconds | None = None
    frame: int | None = None


@record(frozen=True, slots=True, kw_only=True)
class Command(Record):
    """A command that can be pasted: what it is for, where to run it and in which shell.

    ``choice`` is what it does, where other commands of the same ``choice`` and ``purpose`` do the same: take one.
    """

    purpose: CommandPurpose
    where: str
    shell: Shell
    text: str
    choice: str | None = None


@record(frozen=True, slots=True, kw_only=True)
class Fix(Record):
    """What to change: sentences, commands (checks first, then changes, then what verifies them), and who can do it."""

    text: str
    commands: tuple[Command, ...] = ()
    who: Who


@record(frozen=True, slots=True, kw_only=True)
class Finding(Record):
    """One entry of the catalogue that holds here, with its evidence."""

    code: FindingCode
    level: Level
    step: Step
    summary: str
    fix: Fix
    evidence: tuple[Evidence, ...] = ()


@record(frozen=True, slots=True, kw_only=True)
class StepResult(Record):
    """How one step stands, in one sentence. ``seconds`` is how long it took."""

    step: Step
    status: StepStatus
    summary: str
    seconds: Seconds | None = None

    @property
    def number(self) -> int:
        return self.step.number


@record(frozen=True, slots=True, kw_only=True)
class Verdict(Record):
    """The conclusion: ``step`` and ``code`` are of the first step that failed, or say why it is unknown."""

    status: VerdictStatus
    step: Step | None = None
    code: VerdictCode | None = None
    summary: str


@record(frozen=True, slots=True, kw_only=True)
class Identity(Record):
    """Who the phone is, as far as is known."""

    mac: str | None = None
    ip: str | None = None
    domain: str | None = None
    serial: str | None = None
    vendor: str | None = None
    model: str | None = None
    firmware: str | None = None
    #: Where several sites are in one report: which.
    site: str | None = None


@record(frozen=True, slots=True, kw_only=True)
class SignIn(Record):
    """What became of a phone's last attempt to reach its registrar. ``summary`` is a clause.

    ``open`` says that the connection and its handshake were good: whether the phone was let in is encrypted. ``port``
    is None where only ARP for the server was seen.
    """

    outcome: SignInOutcome
    time: Microseconds
    frame: int | None = None
    server: str
    port: int | None = None
    name: str | None = None
    summary: str


@record(frozen=True, slots=True, kw_only=True)
class PhoneReport(Record):
    """One phone: its verdict, the seven steps in order, the findings and the facts behind them.

    ``sign_in`` is None where a phone was not seen to try, ``update_servers`` the addresses that count as its update
    servers, and the names of those of which it reached no address.
    """

    phone: Identity
    verdict: Verdict
    steps: tuple[StepResult, ...]
    findings: tuple[Finding, ...] = ()
    #: The phone's update checks over time; None where no capture was watched.
    checks: Checks | None = None
    observations: tuple[Observation, ...] = ()
    sign_in: SignIn | None = None
    update_servers: tuple[str, ...] = ()

    @property
    def learnt(self) -> bool:
        """Whether anything at all is known of it."""
        return bool(self.observations or self.findings)

    @property
    def brief(self) -> "PhoneReport":
        """Who it is, its verdict and its findings alone."""
        return PhoneReport(phone=self.phone, verdict=self.verdict, steps=(), findings=self.findings)


@record(frozen=True, slots=True, kw_only=True)
class Source(Record):
    """Where the observations came from: kind ``active``, ``file``, ``live`` or ``lab``."""

    kind: SourceKind
    name: str | None = None
    packets: int | None = None


@record(frozen=True, slots=True, kw_only=True)
class Problem(Record):
    """What could not be tested, and what to do about it."""

    code: ProblemCode
    text: str


@record(frozen=True, slots=True, kw_only=True)
class Report(Record):
    """One run of one command."""

    schema: str = SCHEMA
    ucdiag: str
    command: CommandName
    started: Microseconds
    finished: Microseconds
    source: Source
    verdict: Verdict
    phones: tuple[PhoneReport, ...] = ()
    problems: tuple[Problem, ...] = field(default=())
    #: The site profile of which values were used.
    profile: str | None = None
