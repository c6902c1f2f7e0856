"""``ucdiag capture -r`` on captures whose snap length cut the packets: it says so, and claims nothing of the rest."""

import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.wire.ladder import Ladder, Segment
from tests.wire.two_sides import asked, leased
from tests.wire.wired import NOTHING_NEWER, POST, captured, frames, judged, question, response, said, write
from ucdiag.model.observations import Http

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
    return [problem["text"] for problem in phone["problems"] if problem["code"] == "packets-cut"]


def exchanges(phone: dict[str, Any]) -> list[dict[str, Any]]:
    return [observation for observation in phone["observations"] if observation["kind"] == "http"]


@pytest.mark.parametrize("kept", [36, 37, 43, 49])
def test_an_answer_cut_in_an_interim_one_before_it_is_not_reported(kept: int, tmp_path: Path) -> None:
    """``kept`` bytes of the segment are in the capture: the first interim answer, and part of the second."""
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    answer = interim * 2 + NOTHING_NEWER
    phone = judged(tmp_path / "cut.pcap", exchange(answer), snap=HEADERS + kept)
    assert said(phone) == ("unknown", "request", "capture-gap")
    (seen,) = exchanges(phone)
    assert (seen["status"], seen["failure"], seen["lost_bytes"]) == (None, None, len(answer) - kept + len(POST) - kept)


def test_an_answer_cut_in_its_head_is_not_reported(tmp_path: Path) -> None:
    phone = judged(tmp_path / "cut.pcap", exchange(), snap=96)
    assert said(phone) == ("unknown", "request", "capture-gap")
    text = phone["verdict"]["summary"]
    assert "snap length" in text
    assert "tcpdump -s 0" in text
    # One question and two messages are longer than that; the answer of DNS is cut behind what is read of it.
    assert cuts(phone)
    assert "tcpdump -s 0" in cuts(phone)[0]
    (told,) = exchanges(phone)
    missing = len(POST) + len(NOTHING_NEWER) - 2 * (96 - HEADERS)
    assert (told["lost_bytes"], told["snapped"]) == (missing, True)


def test_an_answer_cut_in_its_body_is_not_reported(tmp_path: Path) -> None:
    snap = HEADERS + len(NOTHING_NEWER) - 8
    phone = judged(tmp_path / "cut.pcap", exchange(), snap=snap)
    assert said(phone) == ("unknown", "response", "capture-gap")
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
    texts = [
        phone["verdict"]["summary"],
        *(line["text"] for finding in phone["findings"] for line in finding["evidence"]),
    ]
    assert not any("cut after" in text for text in texts)
    assert any("snap length" in text for text in texts) == (snap == 96)


LONG_HEAD = POST.replace(b"Content-Length: 10", b"User-Agent: Microsoft UCPhone Device\r\nContent-Length: 500")[:-10]
BODY = b"y" * 500


@pytest.mark.parametrize("snap", [96, 110, 128, 200])
@pytest.mark.parametrize("request_pieces", [(POST,), (LONG_HEAD, BODY), (LONG_HEAD, BODY[:250], BODY[250:])])
@pytest.mark.parametrize("places", [(60,), (72,), (60, 700), (72, 110)])
def test_the_rest_of_a_message_that_is_cut_is_no_other_message(
    places: tuple[int, ...], request_pieces: tuple[bytes, ...], snap: int, tmp_path: Path
) -> None:
    """``places``: where the answer is split. The rest of a head that is cut has no length."""
    ends = [0, *places, len(NOT_FOUND)]
    pieces = [NOT_FOUND[start:end] for start, end in pairwise(ends)]
    ladder = Ladder().opens().says(*request_pieces).answers(*pieces).acknowledges().closes()
    phone = judged(tmp_path / "cut.pcap", ladder.segments, snap=snap)
    assert said(phone) == ("broken", "request", "http-not-found")
    assert [seen["status"] for seen in exchanges(phone)] == [404]


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("later", [POST, b"GET /x HTTP/1.1\r\nHost: pool\r\n\r\n"])
def test_a_later_exchange_that_the_capture_lost_is_not_the_rest_of_an_answer_that_is_cut(
    later: bytes, closed: bool, tmp_path: Path
) -> None:
    ladder = Ladder().opens().says(POST).answers(NOT_FOUND[:60], NOT_FOUND[60:]).acknowledges()
    ladder.loses(len(later), server=False).loses(300).acknowledges().acknowledges(server=True)
    phone = judged(tmp_path / "cut.pcap", (ladder.closes() if closed else ladder).segments, snap=96)
    assert said(phone) == ("unknown", "request", "capture-gap")
    assert [seen["status"] for seen in exchanges(phone)] == [404, None]


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


BEFORE_THE_OPTIONS = 282  # of Ethernet, IPv4, UDP and BOOTP


@pytest.mark.parametrize(("behind", "read"), [(16, "neither a domain nor a resolver"), (28, "'contoso.com'")])
def test_a_lease_cut_in_its_options_is_not_known(behind: int, read: str, tmp_path: Path) -> None:
    packets = [(packet.time, packet.frame) for packet in leased()]
    report = captured(write(tmp_path / "cut.pcap", packets, snap=BEFORE_THE_OPTIONS + behind))
    (phone,) = report["phones"]
    assert said(phone) == ("unknown", "dhcp", "capture-gap")
    assert "is cut short in the capture" in phone["verdict"]["summary"]
    assert read in phone["verdict"]["summary"]
    assert "tcpdump -s 0" in phone["verdict"]["summary"]
    (ack,) = (message for message in phone["observations"] if message["kind"] == "dhcp" and message["type"] == "ack")
    assert ack["snapped"]


def test_a_lease_cut_in_its_options_hides_no_later_fault(tmp_path: Path) -> None:
    packets = [(packet.time, packet.frame) for packet in (*leased(), *asked(None))]
    report = captured(write(tmp_path / "cut.pcap", packets, snap=BEFORE_THE_OPTIONS + 15))
    (phone,) = report["phones"]
    assert said(phone) == ("broken", "dns", "dns-r2-missing")
    assert [finding["code"] for finding in phone["findings"]] == ["dns-r2-missing"]


def test_a_lease_that_is_captured_whole_is_not_cut(tmp_path: Path) -> None:
    packets = [(packet.time, packet.frame) for packet in (*leased(), *asked(None))]
    (phone,) = captured(write(tmp_path / "whole.pcap", packets))["phones"]
    assert not any(message["snapped"] for message in phone["observations"] if message["kind"] == "dhcp")
    assert "contoso.com" in phone["steps"][0]["summary"]


def as_pcapng(pcap: bytes) -> bytes:
    """The same packets and snap length, as Wireshark writes them."""

    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    (snap,) = struct.unpack_from("<16xI", pcap)
    parts = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)), block(1, struct.pack("<HHI", 1, 0, snap))]
    at = 24
    while at < len(pcap):
        seconds, part, size, length = struct.unpack_from("<IIII", pcap, at)
        time = seconds * 1_000_000 + part
        body = struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, size, length) + pcap[at + 16 : at + 16 + size]
        parts.append(block(6, body))
        at += 16 + size
    return b"".join(parts)


@pytest.mark.parametrize("kind", ["pcap", "pcapng"])
@pytest.mark.parametrize("snap", [HEADERS, 60, 68, 73])
@pytest.mark.parametrize("asks", [True, False])
def test_headers_alone_show_no_phone_and_that_is_said(asks: bool, snap: int, kind: str, tmp_path: Path) -> None:
    """Where neither the question nor the POST can be recognized, the packets that may be them are told."""
    packets = [*(question() if asks else []), *frames(exchange())]
    file = write(tmp_path / "cut", packets, snap)
    if kind == "pcapng":
        file.write_bytes(as_pcapng(file.read_bytes()))
    report = captured(file)
    assert report["verdict"]["code"] == "no-phone-seen"
    assert cuts(report)
    assert "tcpdump -s 0" in cuts(report)[0]
    assert "tcpdump -s 0" in report["verdict"]["summary"]
    assert "Power the phone" not in report["verdict"]["summary"]
    # Of what is no request on a watched port nothing is missed.
    stranger = [frame for frame in frames(exchange()) if len(frame[1]) <= HEADERS]
    assert not cuts(captured(write(tmp_path / "bare", stranger, snap)))
    other = frames(Ladder().opens().says(b"GET / HTTP/1.1\r\nHost: 10.0.0.80\r\n\r\n").closes().segments)
    assert bool(cuts(captured(write(tmp_path / "other", other, snap)))) == (snap == HEADERS)


def test_dhcp_that_is_cut_may_be_a_phones(tmp_path: Path) -> None:
    packets = [(packet.time, packet.frame) for packet in leased()]
    report = captured(write(tmp_path / "cut.pcap", packets, 60))
    assert report["verdict"]["code"] == "no-phone-seen"
    assert "Its snap length cut 4 packets that may be a phone's" in report["verdict"]["summary"]
    assert not cuts(captured(write(tmp_path / "whole.pcap", packets)))


EXPECTING = LONG_HEAD.replace(b"Content-Length", b"Expect: 100-continue\r\nContent-Length")


@pytest.mark.parametrize("snap", [96, 128, 200])
@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("early", [False, True])
def test_a_body_behind_the_servers_word_is_no_other_message(early: bool, kept: bool, snap: int, tmp_path: Path) -> None:
    """``early``: the server answers before it has the body, not with ``100 Continue`` at first."""
    ladder = Ladder().opens()
    for _ in range(1 + kept):
        ladder.says(LONG_HEAD if early else EXPECTING)
        if early:
            ladder.answers(NOT_FOUND[:72], NOT_FOUND[72:]).says(BODY[:250], BODY[250:]).acknowledges(server=True)
        else:
            ladder.answers(b"HTTP/1.1 100 Continue\r\n\r\n").says(BODY[:250], BODY[250:])
            ladder.answers(NOT_FOUND[:72], NOT_FOUND[72:]).acknowledges()
    phone = judged(tmp_path / "cut.pcap", ladder.closes().segments, snap=snap)
    assert said(phone) == ("broken", "request", "http-not-found")
    assert [(seen["method"], seen["status"]) for seen in exchanges(phone)] == [("POST", 404)] * (1 + kept)


@pytest.mark.parametrize(("shown", "statuses"), [(10, [404, None]), (40, [404, None])])
def test_a_request_of_which_little_is_seen_is_not_the_body_before_it(shown: int, statuses: list[int | None]) -> None:
    ladder = Ladder().opens().says(LONG_HEAD, cut=90).says(BODY, cut=90).answers(NOT_FOUND).acknowledges()
    ladder.says(POST, cut=shown).acknowledges(server=True)
    assert [seen.status for seen in ladder.facts() if isinstance(seen, Http)] == statuses


def _asked() -> Ladder:
    return Ladder().opens().says(POST).answers(NOT_FOUND[:60], cut=20)


@pytest.mark.parametrize(
    ("ladder", "counted"),
    [
        (_asked().answers(NOT_FOUND[60:], cut=20).closes(), [(404, 40)]),
        # The phone's FIN is no byte of another request; two bytes that the capture lacks are.
        (_asked().client_fin().answers(NOT_FOUND[60:], cut=20).server_fin().acknowledges(), [(404, 40)]),
        (_asked().loses(2, server=False).answers(NOT_FOUND[60:], cut=20).closes(), [(404, 40), (None, 1194)]),
        (_asked().loses(30, server=False).says(POST[30:]).answers(NOT_FOUND[60:], cut=20), [(404, 40), (None, 1222)]),
        # The missing bytes of each piece of a request's body count.
        (Ladder().opens().says(LONG_HEAD, BODY, cut=90).answers(NOT_FOUND).closes(), [(404, 481)]),
        (Ladder().opens().says(LONG_HEAD, BODY[:250], BODY[250:], cut=90).answers(NOT_FOUND).closes(), [(404, 391)]),
    ],
)
def test_what_a_snap_length_took_of_a_message_is_counted_with_it(
    ladder: Ladder, counted: list[tuple[int | None, int]]
) -> None:
    assert [(seen.status, seen.lost_bytes) for seen in ladder.facts() if isinstance(seen, Http)] == counted
