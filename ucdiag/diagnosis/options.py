"""The engine's input beside the observations: the command, its options and the state of the capture."""

from ucdiag.diagnosis.known_servers import KnownServers
from ucdiag.diagnosis.repeated_options import TypedOptions
from ucdiag.model.fast_dataclass import record
from ucdiag.model.phone import Phone
from ucdiag.model.steps import STEPS, Step
from ucdiag.model.vocabulary import Microseconds, ProblemCode, Seconds, microseconds


@record(frozen=True, slots=True)
class ClocksDiffer:
    """The two directions of a capture have different clocks. ``seconds``: by how much answers precede their questions
    (negative: by how much they come after their consequences). With one such answer."""

    seconds: Seconds
    time: Microseconds
    frame: int


@record(frozen=True, slots=True)
class CaptureGap:
    """From ``start`` to ``end`` a capture may lack packets; ``text`` says why, as a clause."""

    start: Microseconds
    end: Microseconds
    text: str


@record(frozen=True, slots=True, kw_only=True)
class DiagnosisOptions:
    """What the engine has to know beside the observations. Times are in microseconds, unless a name says seconds.

    ``tested``: the steps that the command tries; the others stay not-tested.
    ``from_capture``: the facts are of a capture, where an absent event may merely not have been captured.
    ``counts_loss`` False: a capture that does not know how many packets it lost; else ``lost`` is their number.
    ``external``: ``/RequestHandlerExt/`` is asked, as by a phone outside.
    ``patience``: seconds that a capture must go on after a question before a missing answer counts.
    ``ports``: the TCP ports that a capture watches; None: all.
    ``whole_file`` False: the user asked for no file, or for a part of it only.
    ``domain``: the DHCP domain in use; ``domain_from``: its origin, as a clause.
    ``expected_domain``: the value of ``--domain``, if the source can show another one.
    ``servers``: hosts that are update servers in any case.
    ``command``: the name of a command that tests a part of the path only.
    ``from_logs``: the facts are of the server's logs, which begin at step 5; ``from_capture`` is True as well.
    ``logs_files``: the logs would also show requests for files.
    ``files_unclear``: some at this phone's address may be this phone's or another's.
    ``stopped``: why a command ended before all was tested, as a clause; ``stopped_by``: the code of that problem.
    ``url``: the update server's URL, if the user gave one.
    ``typed``: the options of an active command, as far as commands of the advice need them to ask the same.
    """

    phone: Phone | None = None
    tested: frozenset[Step] = frozenset(STEPS)
    from_capture: bool = False
    counts_loss: bool = True
    lost: int = 0
    external: bool = False
    patience: Seconds = 5.0
    ports: frozenset[int] | None = None
    whole_file: bool = True
    domain: str | None = None
    domain_from: str | None = None
    expected_domain: str | None = None
    sip_domain: str | None = None
    #: Set where two clocks captured the two directions.
    clocks: ClocksDiffer | None = None
    gaps: tuple[CaptureGap, ...] = ()
    servers: KnownServers = KnownServers()
    command: str | None = None
    from_logs: bool = False
    logs_files: bool = False
    files_unclear: bool = False
    stopped: str | None = None
    stopped_by: ProblemCode | None = None
    url: str | None = None
    typed: TypedOptions = ()

    @property
    def patience_microseconds(self) -> Microseconds:
        """``patience`` in microseconds, the unit of times."""
        return microseconds(self.patience)
