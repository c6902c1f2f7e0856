"""What the engine has to know beside the observations: who asked what."""

from ucdiag.model.fast_dataclass import record
from ucdiag.model.phone import Phone
from ucdiag.model.steps import STEPS, Step
from ucdiag.model.vocabulary import Microseconds, Seconds, microseconds


@record(frozen=True, slots=True, kw_only=True)
class DiagnosisOptions:
    """``tested`` are the steps that the command tries; the others stay not-tested.

    ``from_capture`` is True for a capture, where what did not happen was not seen. ``external`` is True when
    ``/RequestHandlerExt/`` is asked, as a phone outside would. ``patience`` (seconds) is how long a capture
    must go on after a cause before the missing effect counts. ``whole_file`` is False when the user asked not
    to fetch the file, or only a part of it. ``domain`` is the DHCP domain in use and ``domain_from`` says where it came
    from; ``expected_domain`` is what ``--domain`` named, if the source can tell another one. ``ports`` are those that a
    capture watches over TCP, None where all are seen.
    """

    phone: Phone | None = None
    tested: frozenset[Step] = frozenset(STEPS)
    from_capture: bool = False
    external: bool = False
    patience: Seconds = 5.0
    ports: frozenset[int] | None = None
    whole_file: bool = True
    domain: str | None = None
    domain_from: str | None = None
    expected_domain: str | None = None
    sip_domain: str | None = None

    @property
    def patience_microseconds(self) -> Microseconds:
        """``patience`` on the scale of times."""
        return microseconds(self.patience)
