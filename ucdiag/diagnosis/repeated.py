"""Whether an answer may still come at the end of a capture: by time, or by how often the question was repeated."""

from collections.abc import Iterable, Iterator

from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.traffic import ONE_CHECK
from ucdiag.model.observations import Connect, Lookup
from ucdiag.model.repetition import is_repeated, proves_silence
from ucdiag.model.vocabulary import ConnectOutcome, Microseconds

#: The failures of a question to which an answer may still come.
OPEN_FAILURES = (None, "no_answer")
#: The outcomes after which a client tries the next address of a name at once.
REFUSALS: tuple[ConnectOutcome, ...] = ("refused", "unreachable")


def times_of(asked: Iterable[Lookup | Connect]) -> Iterator[Microseconds]:
    """When these were asked, as far as that is known."""
    for seen in asked:
        yield seen.time
        if seen.last_time is not None:
            yield seen.last_time
        if seen.last_but_one is not None:
            yield seen.last_but_one


def still_awaited(
    seen: Lookup | Connect, alike: Iterable[Lookup | Connect], setting: DiagnosisOptions, at: Microseconds
) -> bool:
    """Whether an answer may still come, to this one of several ``alike``."""
    if at - seen.time >= setting.patience_microseconds:
        return False
    return not proves_silence(times_of(alike), at)


def is_unanswered(lookup: Lookup) -> bool:
    """Whether nothing came back for this question: no answer, and no sign of why there is none."""
    return lookup.rcode is None and lookup.failure not in ("malformed", "unreachable", "lost", "elsewhere")


def asked_once(alike: Iterable[Lookup | Connect]) -> bool:
    """Whether the client put this question, whose packets are ``alike``, a single time."""
    return not is_repeated(times_of(alike))


def unanswered_alike(lookup: Lookup, lookups: list[Lookup]) -> list[Lookup]:
    """The questions for the same name since one was answered."""
    alike = [other for other in lookups if other.name.lower() == lookup.name.lower() and other.type == lookup.type]
    last = max((other.time for other in alike if other.rcode is not None), default=None)
    return [
        other
        for other in alike
        if other.rcode is None and other.failure in OPEN_FAILURES and (last is None or other.time > last)
    ]


def addresses_left(
    connect: Connect, connects: Iterable[Connect], others: Iterable[str], setting: DiagnosisOptions, at: Microseconds
) -> list[str]:
    """The ``others`` of a name's addresses that the phone did not try before the capture ended, where it may have: the
    one of ``connect`` refused it, or cannot be reached."""
    failed = setting.from_capture and connect.outcome in REFUSALS
    if not failed or at - max(times_of([connect])) >= setting.patience_microseconds:
        return []
    tried = {other.server for other in connects if other.time > connect.time - ONE_CHECK}
    return [address for address in others if address not in tried]


def unopened_alike(connect: Connect, connects: list[Connect]) -> list[Connect]:
    """The SYNs to the same address and port since one was answered."""
    alike = [other for other in connects if (other.server, other.port) == (connect.server, connect.port)]
    silent = ("unfinished", "no_answer")
    last = max((other.time for other in alike if other.outcome not in silent), default=None)
    return [other for other in alike if other.outcome in silent and (last is None or other.time > last)]
