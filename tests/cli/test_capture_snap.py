"""``ucdiag capture -r`` on captures whose snap length cut the packets: it says so, and claims nothing of the rest."""

from pathlib import Path
from typing import Any

import pytest

from tests.wire.ladder import Ladder, Segment
from tests.wire.wired import NOTHING_NEWER, POST, judged, response, said

HEADERS = 54  # of Ethernet, IPv4 and TCP
NOT_FOUND = response(b"x" * 1200, "404 Not Found")
BASE = "/DeviceUpdateFiles_Int/UCPhone/Polycom/CX700/A/ENU/1.0.522.101/CPE"
OFFER = response(
    f"<response><BaseURL>http://10.0.0.80{BASE}</BaseURL><ExternalBaseURL>https://x.example{BASE}</ExternalBaseURL>"
    '<file name="CPE.nbt"/></response>'.encode()
)
GET = f"GET {BASE}/CPE.nbt HTTP/1.1\r\nHost: 10.0.0.80\r\n\r\n".encode()
FILE = response(b"x" * 20_000, kind="application/octet-stream")


def exchange(answer: bytes = NOTHING_NEWER) -> list[Segment]:
    return Ladder().opens().says(POST).answers(answer).acknowledges().closes().segments


def download() -> list[Segment]:
    pieces = [FILE[at : at + 1400] for at in range(0, len(FILE), 1400)]
    ladder = Ladder().opens().says(POST).answers(OFFER).acknowledges().says(GET).answers(*pieces).acknowledges()
    return ladder.closes().segments


def cuts(phone: dict[str, Any]) -> list[str]:
    return [each["text"] for each in phone["problems"] if each["code"] == "packets-cut"]


def exchanges(phone: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in phone["observations"] if each["kind"] == "http"]


def test_an_answer_cut_in_its_head_is_not_told(tmp_path: Path) -> None:
    phone = judged(tmp_path / "cut.pcap", exchange(), snap=96)
    assert said(phone) == ("unknown", "request", None)
    text = phone["verdict"]["summary"]
    assert "snap length" in text
    assert "tcpdump -s 0" in text
    # One question and two messages are longer than that; the answer of DNS is cut behind what is read of it.
    assert cuts(phone)
    assert "tcpdump -s 0" in cuts(phone)[0]
    (told,) = exchanges(phone)
    missing = len(POST) + len(NOTHING_NEWER) - 2 * (96 - HEADERS)
    assert (told["lost_bytes"], told["snapped"]) == (missing, True)


def test_an_answer_cut_in_its_body_is_not_told(tmp_path: Path) -> None:
    snap = HEADERS + len(NOTHING_NEWER) - 8
    phone = judged(tmp_path / "cut.pcap", exchange(), snap=snap)
    assert said(phone) == ("unknown", "response", None)
    assert phone["steps"][4]["status"] == "ok"
    assert "snap length" in phone["verdict"]["summary"]
    assert "tcpdump -s 0" in phone["verdict"]["summary"]
    # The answer and the request; DNS fits.
    assert cuts(phone)[0].startswith("The capture's snap length cut 2 packets")
    (told,) = exchanges(phone)
    assert (told["complete"], told["lost_bytes"]) == (True, 8 + len(POST) - (snap - HEADERS))


@pytest.mark.parametrize("snap", [96, 128, 200])
def test_a_status_that_was_captured_counts_and_nothing_is_said_of_the_body(snap: int, tmp_path: Path) -> None:
    phone = judged(tmp_path / "cut.pcap", exchange(NOT_FOUND), snap=snap)
    assert said(phone) == ("broken", "request", "http-not-found")
    texts = [phone["verdict"]["summary"], *(line["text"] for each in phone["findings"] for line in each["evidence"])]
    assert not any("cut after" in text for text in texts)
    assert any("snap length" in text for text in texts) == (snap == 96)


def test_a_server_that_cut_its_answer_itself_is_still_blamed(tmp_path: Path) -> None:
    answer = NOT_FOUND[:200]
    phone = judged(tmp_path / "cut.pcap", exchange(answer))
    assert "cut after" in phone["findings"][0]["evidence"][0]["text"]
    assert not cuts(phone)


def test_a_file_whose_bytes_are_only_counted_needs_no_whole_packets(tmp_path: Path) -> None:
    phone = judged(tmp_path / "cut.pcap", download(), snap=HEADERS + max(len(POST), len(OFFER), len(GET)))
    assert said(phone) == ("whole", None, None)
    assert not cuts(phone)


def test_nothing_is_said_when_nothing_is_cut(tmp_path: Path) -> None:
    for segments in (exchange(), download(), exchange(NOT_FOUND)):
        assert not cuts(judged(tmp_path / "cut.pcap", segments))


def test_a_phone_of_which_too_little_was_captured_is_not_silence(tmp_path: Path) -> None:
    phone = judged(tmp_path / "cut.pcap", exchange(), snap=68)
    assert phone["verdict"]["code"] == "no-phone-seen"
    assert cuts(phone)
