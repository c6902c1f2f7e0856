"""``ucdiag capture -r`` on servers that open a connection and hang up: who did it is said; nobody else is blamed."""

from pathlib import Path
from typing import Any

import pytest

from tests.wire.ladder import Ladder, Segment
from tests.wire.wired import NOTHING_NEWER, POST, judged, response, said

HELLO = b"\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x01" + bytes(32) + b"\x00\x00\x04\x00\x2f\x00\x0a\x01\x00"
CLOSED = ("broken", "request", "http-closed")
HANDSHAKE = ("broken", "tls", "tls-handshake")
IDLE = ("unknown", "request", "request-not-sent")
WHOLE = ("whole", None, "no-update-offered")
PATH = "/DeviceUpdateFiles_Int/UCPhone/CPE.nbt"


def offer(scheme: str = "http") -> bytes:
    return response(
        f'<response downloads="1"><BaseURL>{scheme}://10.0.0.80/DeviceUpdateFiles_Int/UCPhone</BaseURL>'
        '<ExternalBaseURL>https://x.contoso.com/f</ExternalBaseURL><file name="CPE.nbt" version="2"/>'
        "</response>".encode()
    )


def opens(number: int = 0, *, port: int = 80, at: Ladder | None = None, pause: float = 5) -> Ladder:
    """A connection, ``pause`` seconds after the one before."""
    ladder = Ladder(port=port, client_port=49152 + number)
    if at is not None:
        ladder.at = at.at + int(pause * 1_000_000)
    return ladder.opens()


def served(number: int = 0, *, at: Ladder | None = None, pause: float = 5) -> Ladder:
    return opens(number, at=at, pause=pause).says(POST).answers(NOTHING_NEWER).acknowledges().hangs_up()


def together(*ladders: Ladder) -> list[Segment]:
    return [segment for ladder in ladders for segment in ladder.segments]


def three(how: str, port: int = 80) -> list[Segment]:
    made: list[Ladder] = []
    for number in range(3):
        ladder = opens(number, port=port, at=made[-1] if made else None)
        made.append(ladder.resets() if how == "reset" else ladder.closes())
    return together(*made)


def crossing(first: Ladder, message: bytes) -> list[Segment]:
    """The server resets, and what the phone had sent before it heard of that follows."""
    ladder = first.resets()
    return ladder.says(message).segments


def codes(phone: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in phone["findings"]]


@pytest.mark.parametrize(
    ("story", "segments", "expected"),
    [
        ("reset", opens().resets().segments, CLOSED),
        ("closed", opens().closes().segments, CLOSED),
        ("reset three times", three("reset"), CLOSED),
        ("closed three times", three("closed"), CLOSED),
        ("closed, and the phone says nothing to it", opens().server_fin().segments, CLOSED),
        ("closed, and the phone resets", opens().server_fin().resets(server=False).segments, CLOSED),
        ("closed after a second", opens().waits(1).closes().segments, CLOSED),
        ("the reset crosses the request", crossing(opens(), POST), CLOSED),
        ("the end crosses the request", opens().server_fin().says(POST).resets().segments, CLOSED),
        ("the request comes after the end", opens().server_fin().says(POST).segments, CLOSED),
        ("the reset comes behind the request", opens().says(POST).resets().segments, CLOSED),
        ("reset after the first bytes", opens().says(POST).answers(NOTHING_NEWER[:30]).resets().segments, CLOSED),
        ("https: reset", opens(port=443).resets().segments, HANDSHAKE),
        ("https: closed", opens(port=443).closes().segments, HANDSHAKE),
        ("https: the reset crosses the hello", crossing(opens(port=443), HELLO), HANDSHAKE),
        ("https: the hello is answered by a reset", opens(port=443).says(HELLO).resets().segments, HANDSHAKE),
        (
            "reset on 80, refused on 443",
            together(first := opens().resets(), Ladder(port=443, client_port=50000, at=first.at).asks().refuses()),
            CLOSED,
        ),
        (
            "reset on 80, no answer on 443",
            together(first := opens().resets(), Ladder(port=443, client_port=50000, at=first.at).asks()),
            CLOSED,
        ),
        (
            "works, and a day later it is reset",
            together(first := served(), opens(1, at=first, pause=86400).resets()),
            CLOSED,
        ),
        # The phone itself.
        ("the phone resets", opens().resets(server=False).segments, IDLE),
        ("the phone closes", opens().hangs_up().segments, IDLE),
        ("the phone waits and closes", opens().waits(30).hangs_up().segments, IDLE),
        ("the phone says nothing", opens().segments, IDLE),
        ("https: the phone resets", opens(port=443).resets(server=False).segments, IDLE),
    ],
)
def test_who_hung_up(
    story: str, segments: list[Segment], expected: tuple[str, str | None, str | None], tmp_path: Path
) -> None:
    phone = judged(tmp_path / "end.pcap", segments)
    assert said(phone) == expected, story
    kept = [code for code in codes(phone) if code != "no-update-offered"]
    assert kept == [expected[2]], story
    summary = phone["verdict"]["summary"]
    assert ("the phone connected and sent no request" in summary) == (expected == IDLE)


@pytest.mark.parametrize(
    ("story", "segments", "warned"),
    [
        ("a retry works", together(first := opens().resets(), served(1, at=first)), ["http-closed"]),
        ("another port works", together(first := opens(port=443).resets(), served(1, at=first)), ["tls-handshake"]),
        # Connections that nobody needs.
        ("one more, closed after a while", together(first := served(), opens(1, at=first).waits(60).closes()), []),
        ("one more, closed at once", together(first := served(), opens(1, at=first, pause=0.1).resets()), []),
    ],
)
def test_what_works_in_the_end_is_whole(story: str, segments: list[Segment], warned: list[str], tmp_path: Path) -> None:
    phone = judged(tmp_path / "end.pcap", segments)
    assert said(phone) == WHOLE, story
    assert [code for code in codes(phone) if code != "no-update-offered"] == warned


def offered(scheme: str = "http") -> Ladder:
    return opens().says(POST).answers(offer(scheme)).acknowledges().hangs_up()


def fetch(ladder: Ladder, message: bytes = b"") -> list[Segment]:
    get = f"GET {PATH} HTTP/1.1\r\nHost: 10.0.0.80\r\n\r\n".encode()
    return ladder.says(message or get).segments


FAILED = ("broken", "download", "download-connect-failed")
CUT = ("broken", "download", "download-truncated")


@pytest.mark.parametrize(
    ("story", "scheme", "number", "expected"),
    [
        ("reset", "http", 0, FAILED),
        ("closed", "http", 1, FAILED),
        ("the reset crosses the request", "http", 2, CUT),
        ("reset", "https", 0, FAILED),
        ("closed", "https", 1, FAILED),
        ("the phone resets", "http", 3, ("unknown", "download", "download-not-tried")),
    ],
)
def test_who_hung_up_at_the_host_of_the_file(
    story: str, scheme: str, number: int, expected: tuple[str, str, str], tmp_path: Path
) -> None:
    first = offered(scheme)
    ladder = opens(1, port=443 if scheme == "https" else 80, at=first)
    ends = [ladder.resets, ladder.closes, lambda: fetch(ladder.resets()), lambda: ladder.resets(server=False)]
    ends[number]()
    phone = judged(tmp_path / "file.pcap", [*first.segments, *ladder.segments])
    assert said(phone) == expected, story
    assert [code for code in codes(phone) if code != "internal-url-https"] == [expected[2]]


def test_who_gave_up_is_named(tmp_path: Path) -> None:
    """The phone resets before the answer, which crosses that."""
    ladder = opens().says(POST).acknowledges(server=True).resets(server=False).answers(NOTHING_NEWER)
    phone = judged(tmp_path / "end.pcap", ladder.segments)
    assert said(phone)[:2] in (("broken", "request"), ("unknown", "request"))
    assert "10.0.0.80 port 80 reset" not in phone["verdict"]["summary"]
