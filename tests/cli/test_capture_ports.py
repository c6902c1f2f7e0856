"""``ucdiag capture -r``: of the two ports at an address one good one is enough."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.wire.ladder import Ladder, Segment
from tests.wire.wired import NOTHING_NEWER, POST, captured, frames, judged, question, response, said, write

BASE = "/DeviceUpdateFiles_Int/UCPhone/Polycom/CX700/A/ENU/1.0.522.101/CPE"
OFFER = response(
    f"<response><BaseURL>http://10.0.0.80{BASE}</BaseURL><ExternalBaseURL>https://x.example{BASE}</ExternalBaseURL>"
    '<file name="CPE.nbt"/></response>'.encode()
)
GET = f"GET {BASE}/CPE.nbt HTTP/1.1\r\nHost: 10.0.0.80\r\n\r\n".encode()
FILE = response(b"x" * 900, kind="application/octet-stream")
SECOND = 1_000_000
WHOLE = ("whole", None, "no-update-offered")
REFUSED = ("broken", "connect", "connect-refused")


def update(after: float = 0.0) -> list[Segment]:
    ladder = Ladder(client_port=49152 + int(after)).waits(after)
    return ladder.opens().says(POST).answers(NOTHING_NEWER).acknowledges().closes().segments


def download(after: float = 0.0) -> list[Segment]:
    ladder = Ladder().waits(after).opens().says(POST).answers(OFFER).acknowledges()
    return ladder.says(GET).answers(FILE).acknowledges().closes().segments


def refused(after: float, port: int = 443) -> list[Segment]:
    return Ladder(port=port, client_port=50152 + int(after) + port).waits(after).asks().refuses().segments


def unanswered(after: float, port: int = 443) -> list[Segment]:
    return Ladder(port=port, client_port=50152 + int(after) + port).waits(after).asks().segments


@pytest.mark.parametrize("failure", [refused, unanswered])
@pytest.mark.parametrize(("whole", "expected"), [(update, WHOLE), (download, ("whole", None, None))])
def test_the_other_port_after_a_whole_update_breaks_nothing(
    failure: Callable[[float], list[Segment]],
    whole: Callable[[], list[Segment]],
    expected: tuple[str, str | None, str | None],
    tmp_path: Path,
) -> None:
    phone = judged(tmp_path / "ports.pcap", [*whole(), *failure(5)])
    assert said(phone) == expected
    assert all(
        finding["level"] != "error" and not finding["code"].startswith("connect") for finding in phone["findings"]
    )
    assert phone["steps"][2]["status"] == "ok"


def test_a_hello_that_is_not_answered_on_the_other_port_breaks_nothing(tmp_path: Path) -> None:
    hello = b"\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x01" + bytes(32) + b"\x00\x00\x04\x00\x2f\x00\x0a\x01\x00"
    tls = Ladder(port=443, client_port=50000).waits(5).opens().says(hello).acknowledges(server=True).segments
    assert said(judged(tmp_path / "ports.pcap", [*update(), *tls])) == WHOLE
    assert said(judged(tmp_path / "ports.pcap", tls))[:2] == ("broken", "tls")


def test_the_other_port_before_it_is_a_warning(tmp_path: Path) -> None:
    phone = judged(tmp_path / "ports.pcap", [*refused(0), *update(5)])
    assert said(phone) == WHOLE
    assert {finding["code"]: finding["level"] for finding in phone["findings"]} == {
        "connect-refused": "warning",
        "no-update-offered": "information",
    }


@pytest.mark.parametrize(
    "after",
    [
        [*refused(5, 443), *refused(6, 80)],
        [*refused(5, 80), *refused(6, 443)],
        [*refused(5, 80)],
    ],
)
def test_the_port_that_worked_and_is_refused_now_breaks_the_path(after: list[Segment], tmp_path: Path) -> None:
    assert said(judged(tmp_path / "ports.pcap", [*update(), *after])) == REFUSED


def test_it_is_good_again_when_the_good_port_is(tmp_path: Path) -> None:
    story = [*update(), *refused(5, 80), *update(10), *refused(15, 443)]
    phone = judged(tmp_path / "ports.pcap", story)
    assert said(phone) == WHOLE
    assert [finding["code"] for finding in phone["findings"] if finding["level"] == "warning"] == ["connect-refused"]


def test_another_address_that_fails_afterwards_breaks_the_path(tmp_path: Path) -> None:
    other = "10.0.0.81"
    again = [(time + 4 * SECOND, frame) for time, frame in question(other)]
    packets = [*question(), *frames(update()), *again, *frames(refused(5, 443), other)]
    (phone,) = captured(write(tmp_path / "ports.pcap", packets))["phones"]
    assert said(phone) == REFUSED


def test_the_port_of_the_file_is_not_spare(tmp_path: Path) -> None:
    """The update request went over port 80; the file is offered on 443, and that is refused."""
    offer = response(OFFER.partition(b"\r\n\r\n")[2].replace(b"<BaseURL>http:", b"<BaseURL>https:"))
    ladder = Ladder().opens().says(POST).answers(offer).acknowledges().closes()
    phone = judged(tmp_path / "ports.pcap", [*ladder.segments, *refused(5, 443)])
    assert said(phone) == ("broken", "download", "download-connect-failed")
