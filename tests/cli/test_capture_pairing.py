"""``ucdiag capture -r`` where the capture lacks an answer and the next request: the next answer is nobody else's."""

from pathlib import Path
from typing import Any

import pytest

from tests.wire.ladder import Ladder, Segment
from tests.wire.wired import NOTHING_NEWER, POST, judged, response, said

GET = b"GET /x.xml HTTP/1.1\r\nHost: ucupdates-r2.contoso.com\r\n\r\n"
FAILED = response(b"<html>no</html>", "500 Internal Server Error", "text/html")
MISSING = response(b"<html>gone</html>", "404 Not Found", "text/html")
OFFER = response(
    b'<response downloads="1"><BaseURL>http://10.0.0.80/DeviceUpdateFiles_Int/UCPhone</BaseURL>'
    b'<ExternalBaseURL>https://x.contoso.com/f</ExternalBaseURL><file name="CPE.nbt" version="2"/></response>'
)
FETCH = b"GET /DeviceUpdateFiles_Int/UCPhone/CPE.nbt HTTP/1.1\r\nHost: 10.0.0.80\r\n\r\n"
IMAGE = response(b"\x00NBT" * 100, kind="application/octet-stream")
UNKNOWN = ("unknown", "request", "capture-gap")


def hole(first: bytes, lost: bytes, then: bytes, answer: bytes) -> Ladder:
    """Of ``first`` the answer is lost, and of ``then`` the request; ``answer`` is that to ``then``."""
    ladder = Ladder().opens().says(first).loses(len(lost)).loses(len(then), server=False)
    return ladder.answers(answer).acknowledges()


def met_in_the_middle(ladder: Ladder) -> list[Segment]:
    return ladder.closes().segments[3:]


@pytest.mark.parametrize(
    ("story", "segments"),
    [
        ("POST, GET: a success", hole(POST, FAILED, GET, NOTHING_NEWER).closes().segments),
        ("POST, GET: not found", hole(POST, NOTHING_NEWER, GET, MISSING).closes().segments),
        ("POST, POST: a success", hole(POST, FAILED, POST, NOTHING_NEWER).closes().segments),
        ("POST, POST: not found", hole(POST, NOTHING_NEWER, POST, MISSING).closes().segments),
        ("nobody closes", hole(POST, FAILED, GET, NOTHING_NEWER).segments),
        ("the server resets", hole(POST, FAILED, GET, NOTHING_NEWER).resets().segments),
        ("the phone resets", hole(POST, FAILED, GET, NOTHING_NEWER).resets(server=False).segments),
        ("met in the middle", met_in_the_middle(hole(POST, FAILED, GET, NOTHING_NEWER))),
        (
            "the answer in two segments",
            Ladder()
            .opens()
            .says(POST[:60], POST[60:])
            .loses(len(FAILED))
            .loses(len(GET), server=False)
            .answers(NOTHING_NEWER[:50], NOTHING_NEWER[50:])
            .acknowledges()
            .closes()
            .segments,
        ),
        (
            "two exchanges lost",
            Ladder()
            .opens()
            .says(POST)
            .loses(len(FAILED) + len(MISSING))
            .loses(len(GET) * 2, server=False)
            .answers(NOTHING_NEWER)
            .acknowledges()
            .closes()
            .segments,
        ),
        (
            "sent together",
            Ladder()
            .opens()
            .says(POST, GET)
            .acknowledges(server=True)
            .loses(len(FAILED))
            .answers(NOTHING_NEWER)
            .acknowledges()
            .closes()
            .segments,
        ),
    ],
)
def test_the_answer_to_a_lost_request_is_no_answer_to_the_one_before(
    story: str, segments: list[Segment], tmp_path: Path
) -> None:
    phone = judged(tmp_path / "lost.pcap", segments)
    assert said(phone) == UNKNOWN, story
    assert [finding["code"] for finding in phone["findings"]] == ["capture-gap"]
    assert "capture again" in phone["verdict"]["summary"]


def statuses(phone: dict[str, Any]) -> list[tuple[str | None, int | None]]:
    return [
        (observation["method"], observation["status"])
        for observation in phone["observations"]
        if observation["kind"] == "http"
    ]


def test_the_exchange_behind_the_hole_is_judged(tmp_path: Path) -> None:
    ladder = hole(POST, FAILED, GET, MISSING).says(POST).answers(NOTHING_NEWER).acknowledges().closes()
    phone = judged(tmp_path / "lost.pcap", ladder.segments)
    assert said(phone) == ("whole", None, "no-update-offered")
    assert [finding["code"] for finding in phone["findings"]] == ["no-update-offered"]
    assert statuses(phone) == [("POST", None), (None, 404), ("POST", 200)]


def test_what_fails_behind_the_hole_is_broken(tmp_path: Path) -> None:
    ladder = hole(POST, NOTHING_NEWER, GET, MISSING).says(POST).answers(FAILED).acknowledges().closes()
    phone = judged(tmp_path / "lost.pcap", ladder.segments)
    assert said(phone) == ("broken", "request", "http-server-error")
    assert [finding["code"] for finding in phone["findings"]] == ["http-server-error"]


def offered() -> Ladder:
    return Ladder().opens().says(POST).answers(OFFER).acknowledges()


@pytest.mark.parametrize(
    ("story", "ladder", "expected"),
    [
        (
            "the next answer would make the file whole",
            offered().says(FETCH).loses(len(MISSING)).loses(len(GET), server=False).answers(IMAGE).acknowledges(),
            ("unknown", "download", "capture-gap"),
        ),
        (
            "the next answer would make it missing",
            offered().says(FETCH).loses(len(IMAGE)).loses(len(GET), server=False).answers(MISSING).acknowledges(),
            ("unknown", "download", "capture-gap"),
        ),
        (
            "nothing is lost",
            offered().says(FETCH).answers(IMAGE).acknowledges().says(GET).answers(MISSING).acknowledges(),
            ("whole", None, None),
        ),
    ],
)
def test_the_file_s_connection(
    story: str, ladder: Ladder, expected: tuple[str, str | None, str | None], tmp_path: Path
) -> None:
    phone = judged(tmp_path / "file.pcap", ladder.closes().segments)
    assert said(phone) == expected, story
    assert [finding["code"] for finding in phone["findings"]] == [expected[2]] * bool(expected[2])
