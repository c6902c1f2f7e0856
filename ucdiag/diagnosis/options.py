"""What the engine has to know beside the observations: who asked what."""

from ucdiag.diagnosis.known_servers import KnownServers
from ucdiag.model.fast_dataclass import record
from ucdiag.model.phone import Phone
from ucdiag.model.steps import STEPS, Step
from ucdiag.model.vocabulary import Microseconds, Seconds, microseconds


@record(frozen=True, slots=True)
class ClocksDiffer:
    """The two directions of a capture have clocks of their own: by how many ``seconds`` answers stand before their
    questions (negative: behind what follows from them), and one such answer."""

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
    """``tested`` are the steps that the command tries; the others stay not-tested.

    ``from_capture`` is True for a capture, where what did not happen was not seen. ``external`` is True when
    ``/RequestHandlerExt/`` is asked, as a phone outside would. ``patience`` (seconds) is how long a capture
    must go on after a cause before the missing effect counts. ``whole_file`` is False when the user asked not
    to fetch the file, or only a part of it. ``domain`` is the DHCP domain in use and ``domain_from`` says where it came
    from; ``expected_domain`` is what ``--domain`` named, if the source can tell another one. ``ports`` are those that a
    capture watches over TCP, None where all are seen. ``counts_loss`` is False for a capture that does not know how
    many packets it lost, which else are ``lost``. ``servers`` are hosts that are update servers in any case.
    ``command`` is the name of a command that has a part of the path only. ``from_logs`` is True, with ``from_capture``,
    for the logs of the server, which begin at step 5; ``logs_files`` says that they would also show the requests for
    files. ``stopped`` says, as a clause, why a command ended before all was tested. ``url`` is the update server's,
    where it was named by one.
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
    stopped: str | None = None
    url: str | None = None

    @property
    def patience_microseconds(self) -> Microseconds:
        """``patience`` on the scale of times."""
        return microseconds(self.patience)
