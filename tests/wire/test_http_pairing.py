"""Which response belongs to which request, whatever the capture lacks: by TCP's numbers, never by order alone."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

import pytest

from tests.wire.ladder import Ladder, Segment, only, play
from ucdiag.model.observations import Http

# The answer to the request for ``/N`` is status 200 + N, so that a pair shows whether it is one.
COUNT = 3


def asked(number: int, method: bytes = b"POST") -> bytes:
    body = b"<r/>" * (number + 1)
    head = b"%s /RequestHandler/%d/ucdevice.upx HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    return head % (method, number, len(body)) + body


def fetched(number: int) -> bytes:
    return b"GET /files/%d HTTP/1.1\r\nHost: x\r\n\r\n" % number


def answered(number: int, *, chunked: bool = False) -> bytes:
    body = b"<a/>" * (number + 2)
    head = b"HTTP/1.1 %d Fine\r\nContent-Type: text/xml\r\n" % (200 + number)
    if chunked:
        return head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def halves(message: bytes) -> tuple[bytes, bytes]:
    return message[: len(message) // 2], message[len(message) // 2 :]


def in_turn(ask: Callable[[int], bytes] = asked) -> Ladder:
    ladder = Ladder().opens()
    for number in range(COUNT):
        ladder.says(ask(number)).answers(answered(number)).acknowledges()
    return ladder


def in_pieces() -> Ladder:
    """Every message in two segments, the answers chunked."""
    ladder = Ladder().opens()
    for number in range(COUNT - 1):
        ladder.says(*halves(asked(number))).answers(*halves(answered(number, chunked=True))).acknowledges()
    return ladder


def pipelined() -> Ladder:
    ladder = Ladder().opens()
    for number in range(COUNT):
        ladder.says(asked(number))
    ladder.acknowledges(server=True)
    for number in range(COUNT):
        ladder.answers(answered(number))
    return ladder.acknowledges()


def with_a_pause() -> Ladder:
    """The server acknowledges at once and answers later."""
    ladder = Ladder().opens()
    for number in range(COUNT):
        ladder.says(asked(number)).acknowledges(server=True).waits(2).answers(answered(number))
    return ladder


def expecting() -> Ladder:
    """The client waits for "100 Continue" before it sends each body."""
    ladder = Ladder().opens()
    for number in range(COUNT):
        head, _, body = asked(number).partition(b"\r\n\r\n")
        ladder.says(head + b"\r\nExpect: 100-continue\r\n\r\n").answers(b"HTTP/1.1 100 Continue\r\n\r\n")
        ladder.says(body).answers(answered(number))
    return ladder.acknowledges()


def mixed(number: int) -> bytes:
    return fetched(number) if number % 2 else asked(number)


STORIES = {
    "one after the other": in_turn(),
    "files": in_turn(fetched),
    "a request, a file, a request": in_turn(mixed),
    "in pieces": in_pieces(),
    "pipelined": pipelined(),
    "acknowledged before it is answered": with_a_pause(),
}


def pairs(segments: list[Segment]) -> list[tuple[int, int]]:
    """The number of each request of which an answer was told, and that of the answer."""
    found = []
    for http in only(play(segments), Http):
        if http.method is not None and http.status is not None:
            found.append((int("".join(filter(str.isdigit, http.target))), http.status - 200))
    return found


def kept(ladder: Ladder) -> Iterator[list[Segment]]:
    """Every capture that one can have of it: each segment is there or not."""
    segments = ladder.segments
    for mask in range(1 << len(segments)):
        yield [segment for number, segment in enumerate(segments) if mask >> number & 1]


@pytest.mark.slow
@pytest.mark.parametrize("story", STORIES)
def test_no_answer_is_ever_reported_of_another_request(story: str) -> None:
    """But for a client that does not wait for answers, where the capture lacks the first request of the connection:
    nobody can tell its later ones from a first one."""
    opening = 4 if story == "pipelined" else 0
    ladder = STORIES[story]
    for segments in kept(ladder):
        if segments[:opening] != ladder.segments[:opening]:
            continue
        for request, answer in pairs(segments):
            assert request == answer, segments


@pytest.mark.parametrize("story", STORIES)
def test_where_nothing_is_missing_each_request_has_its_answer(story: str) -> None:
    found = pairs(STORIES[story].segments)
    assert found == [(number, number) for number in range(len(found))]
    assert len(found) >= COUNT - 1


def test_behind_a_hole_the_next_exchange_is_a_pair_again() -> None:
    """The first answer and the second request are lost; the third exchange is whole."""
    segments = in_turn().segments
    assert pairs([*segments[:4], *segments[7:]]) == [(2, 2)]


def told(segments: list[Segment]) -> str:
    """Each exchange as the number of its request and that of its answer; ``-`` for one that is not known, ``*`` behind
    what is not whole."""
    words = []
    for http in only(play(segments), Http):
        request = "-" if http.method is None else "".join(filter(str.isdigit, http.target))
        answer = "-" if http.status is None else str(http.status - 200)
        words.append(request + answer + ("" if http.complete and not http.lost_bytes else "*"))
    return " ".join(words)


WHOLE, SHORT = "00 11 22", "00 11"
IN_TURN = [WHOLE] * 3 + ["-0* 11 22", "0-* 11 22", WHOLE, "00 -1* 22", "00 1-* 22", WHOLE]
IN_TURN += ["00 11 -2*", "00 11 2-*", WHOLE]
# What is told when the capture lacks the first segment, or the second, and so on.
ONE_LOST = {
    "one after the other": IN_TURN,
    "files": IN_TURN,
    "a request, a file, a request": IN_TURN,
    "in pieces": [
        *[SHORT] * 3,
        *("-0* 11", "00* 11", "0-* 11", "00* 11", SHORT),
        *("00 -1*", "00 11*", "00 1-*", "00 11*", SHORT),
    ],
    "pipelined": [
        *[WHOLE] * 3,
        *("1-* 2-* -0* -1 -2", "00 -1* 22", "00 11 -2*", WHOLE),
        *("0-* 1-* 2-* -1 -2", "00 1-* 2-* -2", "00 11 2-*", WHOLE),
    ],
    "acknowledged before it is answered": [
        *[WHOLE] * 3,
        *("-0* 11 22", WHOLE, "0-* 11 22", "00 -1* 22", WHOLE, "00 1-* 22", "00 11 -2*", WHOLE, "00 11 2-*"),
    ],
}


@pytest.mark.parametrize(
    ("story", "lost"), [(story, lost) for story, lines in ONE_LOST.items() for lost in range(len(lines))]
)
def test_what_is_reported_where_one_segment_is_lost(story: str, lost: int) -> None:
    segments = STORIES[story].segments
    assert len(segments) == len(ONE_LOST[story])
    assert told(segments[:lost] + segments[lost + 1 :]) == ONE_LOST[story][lost]


# How many pairs, requests and answers alone are told, over every capture that lacks two segments; and wrong pairs.
TWO_LOST = {
    "one after the other": (133, 32, 32, 0),
    "files": (133, 32, 32, 0),
    "a request, a file, a request": (133, 32, 32, 0),
    "in pieces": (109, 23, 22, 0),
    # See above: whether a first request was lost nobody can tell.
    "pipelined": (71, 63, 63, 1),
    "acknowledged before it is answered": (134, 31, 30, 0),
}


@pytest.mark.parametrize("story", TWO_LOST)
def test_what_is_reported_where_two_segments_are_lost(story: str) -> None:
    segments = STORIES[story].segments
    counts: Counter[str] = Counter()
    for first, second in combinations(range(len(segments)), 2):
        for request, answer, *_ in told(
            [*segments[:first], *segments[first + 1 : second], *segments[second + 1 :]]
        ).split():
            known = request != "-", answer != "-"
            counts["pair" if request == answer != "-" else "wrong" if all(known) else str(known)] += 1
    alone = counts[str((True, False))], counts[str((False, True))]
    assert (counts["pair"], *alone, counts["wrong"]) == TWO_LOST[story]


@pytest.mark.parametrize("story", STORIES)
def test_copies_and_segments_that_overtake_change_nothing(story: str) -> None:
    segments = STORIES[story].segments
    whole = told(segments)
    for at in range(len(segments)):
        assert told([*segments[: at + 1], *segments[at:]]) == whole, at
        assert told([*segments[: at + 4], segments[at], *segments[at + 4 :]]) == whole, at
        assert told([*segments[:at], *segments[at : at + 2][::-1], *segments[at + 2 :]]) == whole, at


@pytest.mark.parametrize(
    ("ladder", "order", "wanted"),
    [
        pytest.param(in_turn(), (3, 5, 10, 8, 9, 11), "0-* 22 --*", id="an answer before its request, two others lost"),
        pytest.param(in_turn(mixed), (5, 3, 10, 8, 9, 11), "0-* 22 --*", id="two before their requests"),
        pytest.param(in_pieces(), (3, 4, 6, 11, 9, 10, 12), "0-* -1", id="half an answer before a request"),
        pytest.param(in_pieces(), (4, 3, 6, 7, 10, 11, 9, 12), "0-* -1", id="a request whose halves overtook"),
        pytest.param(expecting(), (3, 4, 5, 8, 9, 10, 13, 12, 14, 15), "0-* -2* -1", id="a body without its head"),
        pytest.param(expecting(), (3, 4, 5, 8, 9, 10, 11, 12, 14, 15), "0-* 2-* -2* -1", id="a head without its body"),
        pytest.param(expecting(), range(3, 16), WHOLE, id="everything"),
        pytest.param(expecting(), (3, 5, 6, 7, 9, 10, 11, 13, 14, 15), "00* 11* 22*", id="without interim answers"),
    ],
)
def test_what_is_reported_where_segments_overtake_and_others_are_lost(
    ladder: Ladder, order: Iterable[int], wanted: str
) -> None:
    assert told([*ladder.segments[:3], *(ladder.segments[number] for number in order)]) == wanted
