"""Finds the time shift between questions and answers that different clocks captured, for each protocol.

Questions and answers are paired by identifiers: transactions of DHCP, identifiers and ports of DNS, sequence numbers of
TCP. An answer comes after its question, and the client's next packet after the answer. So each pair bounds the shift
from one side or both. Packets of one clock may be out of order by up to ``CAPTURE_SKEW``.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from ucdiag.model.observations import Connect, Dhcp, Lookup, Observation
from ucdiag.model.vocabulary import CAPTURE_SKEW, Microseconds

Protocol = Literal["dhcp", "dns", "tcp"]

_MOST = 1024  # questions and answers that are remembered, of each kind
_NEAR = 1_000_000  # pairs that two clocks explain agree within this (microseconds)
_LEAST = 1000  # an answer takes so long, at least (microseconds)
_CLOSE = 100  # what a small shift leaves between a question and its answer, at most (microseconds)
_NEVER = 1 << 62


class Sight(NamedTuple):
    """The part of one packet that the clocks are compared by. ``follows``: the client's first packet after an answer.

    ``key`` joins the question, its answer and that packet. ``bytes`` are those that a TCP connection begins with, and
    their acknowledgements: they tell of small shifts alone.
    """

    protocol: Protocol | Literal["bytes"]
    kind: Literal["question", "answer", "follows"]
    key: tuple[object, ...]


class ClockSuspicion:
    """A cheap test, with false alarms, whether the facts of a capture, in packet order, have times of two clocks."""

    def __init__(self) -> None:
        self._answers: dict[tuple[object, ...], Microseconds] = {}
        self._questions: dict[tuple[object, ...], Microseconds] = {}
        self._found = False
        # Servers that must have answered and were not heard, whose packets may stand far away, and those heard.
        self._unheard: set[str] = set()
        self._heard: set[str] = set()

    @property
    def is_raised(self) -> bool:
        """Whether a second reading is needed."""
        return self._found or bool(self._unheard - self._heard)

    @property
    def is_certain(self) -> bool:
        """Whether an answer stood before its question."""
        return self._found

    def feed(self, seen: Observation) -> None:
        """One more fact."""
        if isinstance(seen, Dhcp):
            self._feed_dhcp(seen)
        elif isinstance(seen, Lookup):
            key: tuple[object, ...] = (seen.client, seen.client_port, seen.server, seen.name.lower(), seen.type)
            if seen.rcode is None:
                self._remember_question(key, seen.time)
            elif seen.frame == seen.answer_frame:
                self._remember_answer(key, seen.time)
        elif isinstance(seen, Connect) and seen.client_port is not None:
            key = (seen.client, seen.client_port, seen.server, seen.port)
            if seen.outcome == "open" and len(self._heard) + len(self._unheard) < _MOST:
                (self._unheard if seen.lacking == "syn_ack" else self._heard).add(seen.server)
            if seen.lacking == "syn":
                self._remember_answer(key, seen.time)
            elif seen.outcome != "open" or seen.lacking is not None:
                self._remember_question(key, seen.time)

    def _feed_dhcp(self, seen: Dhcp) -> None:
        if seen.transaction is None:
            return
        exchange = seen.transaction, seen.client
        if seen.type in ("offer", "ack"):
            self._remember_answer((seen.type, *exchange), seen.time)
        elif seen.type in ("discover", "request"):
            self._remember_question(("offer" if seen.type == "discover" else "ack", *exchange), seen.time)
        # An offer may come after another server's was taken.
        if seen.type == "request" and seen.server:
            self._remember_answer(("chosen", seen.server, *exchange), seen.time)
        elif seen.type == "offer":
            self._remember_question(("chosen", seen.server, *exchange), seen.time)

    def _remember_answer(self, key: tuple[object, ...], time: Microseconds) -> None:
        asked = self._questions.get(key)
        self._found |= asked is not None and asked - time > CAPTURE_SKEW
        _keep_time(self._answers, key, time)

    def _remember_question(self, key: tuple[object, ...], time: Microseconds) -> None:
        answered = self._answers.get(key)
        self._found |= answered is not None and time - answered > CAPTURE_SKEW
        _keep_time(self._questions, key, time)


def _keep_time(times: dict[tuple[object, ...], Microseconds], key: tuple[object, ...], time: Microseconds) -> None:
    times.setdefault(key, time)
    if len(times) > _MOST:
        del times[next(iter(times))]


def clock_shifts(sights: Iterable[tuple[Microseconds, Sight]]) -> dict[Protocol, Microseconds]:
    """The shift of the answers of each protocol, in microseconds; empty if one clock explains all pairs."""
    times: dict[tuple[object, ...], dict[str, Microseconds]] = {}
    for time, sight in sights:
        pair = times.setdefault((sight.protocol, *sight.key), {})
        first = pair.setdefault(sight.kind, time)
        if sight.kind == "answer" and first + CAPTURE_SKEW < pair.get("question", first) <= time + CAPTURE_SKEW:
            # Identifiers come again: this one answers the question, the other one a question before the capture.
            pair["answer"] = time
    bounds: dict[Protocol, tuple[list[Microseconds], list[Microseconds]]] = {}
    talk: tuple[list[Microseconds], list[Microseconds]] = ([], [])
    for key, pair in times.items():
        answer = pair.get("answer")
        if answer is None:
            continue
        protocol: Protocol = key[0]  # type: ignore[assignment]
        least, most = talk if key[0] == "bytes" else bounds.setdefault(protocol, ([], []))
        if "question" in pair:
            least.append(pair["question"] - answer)
        if "follows" in pair:
            most.append(pair["follows"] - answer)
    found: dict[Protocol, Microseconds] = {}
    for protocol, pairs in bounds.items():
        shift = _required_shift(*pairs) or _small_shift(*pairs, *(talk if protocol == "tcp" else ([], [])))
        if shift:
            found[protocol] = shift
    if not found:
        return {}
    other = next(iter(found.values()))
    for protocol in ("dhcp", "dns", "tcp"):
        if protocol not in found and _explains_bounds(other, bounds.get(protocol)):
            found[protocol] = other
    return found


def _required_shift(least: list[Microseconds], most: list[Microseconds]) -> Microseconds:
    """The smallest shift within these bounds; 0 if none is needed."""
    early = [bound for bound in least if bound > CAPTURE_SKEW]
    if early and 2 * len(early) >= len(least):
        middle = _median(early)
        return int(max(bound for bound in early if abs(bound - middle) <= _NEAR)) + _LEAST
    late = [bound for bound in most if bound < -CAPTURE_SKEW]
    if late and 2 * len(late) >= len(most):
        middle = _median(late)
        return int(min(bound for bound in late if abs(bound - middle) <= _NEAR)) - _LEAST
    return 0


def _small_shift(
    least: list[Microseconds],
    most: list[Microseconds],
    bytes_least: list[Microseconds],
    bytes_most: list[Microseconds],
) -> Microseconds:
    """The shift within these bounds where all packets of one direction come a little early or late, as from a tap with
    an output for each direction; 0 if none is needed, or none fits, as where some packets are turned round."""
    low, high = max((*least, *bytes_least), default=-_NEVER), min((*most, *bytes_most), default=_NEVER)
    middle = (low + high) // 2
    if low < high and 0 < low <= CAPTURE_SKEW and 2 * sum(bound > 0 for bound in least) >= len(least):
        return min(low + _CLOSE, middle, CAPTURE_SKEW)
    if low < high and -CAPTURE_SKEW <= high < 0 and 2 * sum(bound < 0 for bound in most) >= len(most):
        return max(high - _CLOSE, middle, -CAPTURE_SKEW)
    return 0


def _explains_bounds(shift: Microseconds, bounds: tuple[list[Microseconds], list[Microseconds]] | None) -> bool:
    """Whether the pairs of another protocol agree with this shift, so that the same clock captured its answers."""
    if bounds is None:
        return True
    least, most = bounds
    # Answers that all took longer than the clocks differ are no chance. A small shift turns no pair round.
    spare = CAPTURE_SKEW if shift < -CAPTURE_SKEW else -_CLOSE
    return shift < 0 and bool(least) and max(least) <= shift + spare and all(bound > shift for bound in most)


def _median(bounds: list[Microseconds]) -> float:
    # Imported where the clocks differ: it brings fractions and decimal with it.
    from statistics import median

    return median(bounds)
