"""The conclusions about one phone, and the data that the texts of its report are made of."""

from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.root_cause import PathResult
from ucdiag.diagnosis.sign_in import SignInAttempts
from ucdiag.diagnosis.traffic import Traffic
from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Http, UpdateAnswer
from ucdiag.model.report import Identity
from ucdiag.model.steps import Step


@record(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One phone's path, judged."""

    setting: DiagnosisOptions
    history: ObservationLog
    traffic: Traffic
    result: PathResult
    sign_in: SignInAttempts = SignInAttempts()
    identity: Identity = Identity()

    @property
    def answer(self) -> UpdateAnswer | None:
        """The answer that the path ended in: the last one of the channel that decides."""
        event = self.result.last.get(Step.RESPONSE)
        if event is None:
            return None
        answers = [answer for answer in self.traffic.answers if (answer.server, answer.port) == event.channel]
        return answers[-1] if answers else None

    @property
    def was_answered(self) -> bool:
        """Whether an update server answered the phone, whatever became of it then."""
        return any(answer.form in ("offered", "none_offered") for answer in self.traffic.answers)

    @property
    def deciding_requests(self) -> list[Http]:
        """The requests to the address and port that decide."""
        event = self.result.last.get(Step.REQUEST)
        if event is None:
            return []
        return [http for http in self.traffic.requests if (http.server, http.port) == event.channel]

    @property
    def server_given(self) -> bool:
        """Whether the user named the server, so that nothing had to be looked up."""
        return Step.CONNECT in self.setting.tested and Step.DNS not in self.setting.tested


def as_sentence(text: str) -> str:
    """The clause as a sentence, with a capital letter and a full stop."""
    text = text[:1].upper() + text[1:] if text[:1].isascii() and not _is_name(text) else text
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _is_name(text: str) -> bool:
    """Whether a sentence begins with a host name or URL, which keeps its spelling."""
    first = text.split(" ", 1)[0]
    return "." in first or ":" in first
