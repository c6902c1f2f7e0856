"""``ucdiag capture -r``: what is asked three times in vain is concluded before ``--patience`` is over."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.wire.ladder import PHONE_MAC, START, Ladder
from tests.wire.two_sides import NAME, PHONE, POOL, Packet, asked, exchange, judge, leased, message
from tests.wire.wired import POST, SECOND, ethernet, response, said
from ucdiag.wire.tcp.segment import PSH

FILES = "/DeviceUpdateFiles_Int/UCPhone/Polycom/CX700/A/ENU/3.5.6907.35/CPE"
OFFER = response(
    f"<r downloads='1'><BaseURL>http://{POOL}{FILES}</BaseURL><ExternalBaseURL>https://x.y/</ExternalBaseURL></r>".encode()
)
FETCH = f"GET {FILES}/CPE.nbt HTTP/1.1\r\nHost: {POOL}\r\n\r\n".encode()

DHCP = ("broken", "dhcp", "dhcp-no-answer")
DNS = ("broken", "dns", "dns-no-answer")
SYN = ("broken", "connect", "connect-no-answer")
ARP = ("broken", "connect", "connect-unreachable")


def soon(step: str) -> tuple[str, str, str]:
    return "unknown", step, "capture-too-short"


def discovers(*times: float) -> list[Packet]:
    return [message("discover", int(-time * SECOND)) for time in times]


def questions(*times: float, same: bool = True) -> list[Packet]:
    """The same datagram again, or (as resolvers do) another one with the same question."""
    found = list(leased())
    for number, time in enumerate(times):
        found += asked(at=int(-time * SECOND), ident=7 if same else 7 + number, answers=False)
    return found


def syns(*times: float, same: bool = True) -> list[Packet]:
    found = [*leased(), *asked()]
    for number, time in enumerate(times):
        ladder = Ladder(at=START + int(time * SECOND), client_port=49152 if same else 49152 + number)
        found += exchange(ladder.asks())
    return found


def arps(*times: float, address: str = POOL) -> list[Packet]:
    """Requests for the address of the pool."""
    found = [*leased(), *asked()]
    sender, target = (bytes(map(int, address.split("."))) for address in (PHONE, address))
    body = b"\0\x01\x08\0\x06\x04\0\x01" + PHONE_MAC + sender + bytes(6) + target
    frame = ethernet(PHONE_MAC, b"\xff" * 6, 0x0806, body)
    return found + [Packet(START + int(time * SECOND), frame, True, "arp") for time in times]


def arps_for_file(*times: float, scheme: str = "http") -> list[Packet]:
    """An offer of a file at an address, and requests for that address."""
    files = "/DeviceUpdateFiles_Int/UCPhone/Polycom/CX700/A/ENU/3.5.6907.35/CPE"
    xml = f"<r downloads='1'><BaseURL>{scheme}://10.0.0.90{files}</BaseURL><ExternalBaseURL>https://x.example{files}"
    answer = response(f"{xml}</ExternalBaseURL></r>".encode())
    posted = exchange(Ladder(at=START - SECOND // 2).opens().says(POST).answers(answer).acknowledges().closes())
    requests = arps(*times, address="10.0.0.90")
    return [*requests[: len(requests) - len(times)], *posted, *requests[len(requests) - len(times) :]]


@pytest.mark.parametrize(
    ("story", "packets", "after", "expected"),
    [
        ("DISCOVER, three times", discovers(0, 1, 2), 2.1, DHCP),
        ("DISCOVER, twice", discovers(0, 2), 2.5, soon("dhcp")),
        ("a question, three times", questions(0, 1, 2), 2.1, DNS),
        ("a question, three times, asked anew", questions(0, 1, 2, same=False), 2.1, DNS),
        ("a question, three times, too soon", questions(0, 1, 2), 1.5, soon("dns")),
        ("a question, twice", questions(0, 1), 3, soon("dns")),
        ("a question, three times within a mirror's copies", questions(0, 0.001, 0.002), 3, soon("dns")),
        ("a SYN, three times", syns(0, 1, 2), 2.1, SYN),
        ("a SYN, three times, from new ports", syns(0, 1, 2, same=False), 2.1, SYN),
        ("a SYN, three times, and less than between the last two", syns(0, 0.5, 3), 2.2, None),
        ("a SYN, three times, too soon", syns(0, 1, 2), 1.5, soon("connect")),
        ("a SYN, twice", syns(0, 1), 3, soon("connect")),
        ("a SYN, each copied", syns(0, 0.001, 1, 1.001), 3, soon("connect")),
        ("ARP, three times", arps(0, 1, 2), 2.1, ARP),
        ("ARP, twice", arps(0, 1), 1.5, soon("connect")),
    ],
)
def test_three_questions_are_enough(
    story: str, packets: list[Packet], after: float, expected: tuple[str, str, str] | None, tmp_path: Path
) -> None:
    phone = judge(tmp_path / "again.pcap", packets, after=after)
    wanted = expected or SYN  # by time
    assert said(phone) == wanted, story
    assert [finding["code"] for finding in phone["findings"]] == [wanted[2]]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_nobody_answers_arp_for_the_host_of_the_file(scheme: str, tmp_path: Path) -> None:
    phone = judge(tmp_path / "arp.pcap", arps_for_file(0, 1, 2, scheme=scheme), after=2.1)
    assert said(phone) == ("broken", "download", "download-connect-failed")
    also = ["internal-url-https"] if scheme == "https" else []
    assert [finding["code"] for finding in phone["findings"]] == ["download-connect-failed", *also]
    assert phone["steps"][6]["summary"] == (
        "For the file, 10.0.0.90 cannot be reached: ARP for 10.0.0.90 was not answered."
    )
    again = judge(tmp_path / "arp.pcap", arps_for_file(0, 1, scheme=scheme), after=1.5)
    assert said(again) == soon("download")


@pytest.mark.parametrize("kind", [questions, syns])
def test_what_is_answered_in_the_end_is_no_silence(kind: Any, tmp_path: Path) -> None:
    packets = [*leased(), *asked(at=int(-3.5 * SECOND)), *questions(0, 1, 2)[4:]]
    if kind is syns:
        packets = [*syns(0, 1, 2), *exchange(Ladder(at=START + int(3.5 * SECOND), client_port=50000).opens())]
    phone = judge(tmp_path / "late.pcap", packets, after=10)
    assert said(phone)[0] == "unknown", NAME
    assert "broken" not in said(phone)


def test_too_short_never_looks_like_long_enough(tmp_path: Path) -> None:
    phone = judge(tmp_path / "short.pcap", leased(), after=4.99)
    assert said(phone) == ("unknown", "dns", "capture-too-short")
    assert "4.9 s" in phone["verdict"]["summary"]
    assert "5.0 s" not in phone["verdict"]["summary"]


def answers(*times: float) -> list[Packet]:
    """A check, as captured at the server: its answer is sent again after so many seconds, and never acknowledged."""
    ladder = Ladder().opens().says(POST).acknowledges(server=True).answers(response(b"<r downloads='0'/>"))
    answer = ladder.segments[-1]
    ladder.segments += [replace(answer, time=answer.time + int(time * SECOND)) for time in times]
    return [*leased(), *asked(), *exchange(ladder)]


def test_an_answer_that_the_server_repeats_in_vain_did_not_arrive(tmp_path: Path) -> None:
    phone = judge(tmp_path / "lost.pcap", answers(1, 3, 7))
    verdict = phone["verdict"]
    assert (verdict["status"], verdict["step"], verdict["code"]) == ("broken", "request", "http-no-answer")
    assert "acknowledged no byte of the answer" in verdict["summary"]
    assert [found["code"] for found in phone["findings"]] == ["http-no-answer"]


def test_a_request_whose_answer_did_not_arrive_is_one_check_that_failed(tmp_path: Path) -> None:
    phone = judge(tmp_path / "lost.pcap", answers(1, 3, 7))
    (check,) = phone["checks"]["history"]
    assert (phone["checks"]["count"], check["result"], check["code"]) == (1, "failed", "http-no-answer")
    assert "succeeded" not in phone["verdict"]["summary"]
    (line,) = phone["findings"][0]["evidence"]
    assert line["frame"] == check["frame"]
    assert {step["step"]: step["status"] for step in phone["steps"]}["response"] == "not-reached"


@pytest.mark.parametrize("hours", [0, 24])
def test_what_the_phone_got_before_and_after_a_lost_answer_counts(hours: int, tmp_path: Path) -> None:
    """Also on a connection that began before the answer was given up."""
    packets = answers(1, 3, 7)
    again = Ladder(at=START + 2 * SECOND + hours * 3600 * SECOND, client_port=50009).opens().says(POST)
    again.acknowledges(server=True).answers(response(b"<r downloads='0'/>")).acknowledges()
    packets = sorted([*packets, *exchange(again)], key=lambda packet: packet.time)
    phone = judge(tmp_path / "again.pcap", packets, after=60)
    assert said(phone)[::2] == ("whole", "no-update-offered")
    assert [found["code"] for found in phone["findings"]] == ["http-no-answer", "no-update-offered"]
    assert phone["checks"]["count"] == (2 if hours else 1)


def test_an_answer_did_not_arrive_where_the_phone_hangs_up_without_it(tmp_path: Path) -> None:
    """As behind a path that loses full packets: after 2 seconds it has had enough."""
    ladder = Ladder().opens().says(POST).acknowledges(server=True).answers(response(b"<r downloads='0'/>"))
    answer = ladder.segments[-1]
    ladder.segments += [replace(answer, time=answer.time + int(time * SECOND)) for time in (0.2, 0.6, 1.4)]
    ladder.down -= answer.size
    ladder.waits(2).client_fin()
    phone = judge(tmp_path / "hung-up.pcap", [*leased(), *asked(), *exchange(ladder)], after=60)
    assert said(phone) == ("broken", "request", "http-no-answer")
    assert [found["code"] for found in phone["findings"]] == ["http-no-answer"]


def stalls(number: int, again: tuple[float, ...]) -> Ladder:
    """A file of which ``number`` full packets leave the server; the first is sent again after so many seconds."""
    file = response(bytes(200_000), kind="application/octet-stream")
    ladder = Ladder(at=START + SECOND, client_port=50009).opens().says(FETCH).acknowledges(server=True)
    ladder.answers(*(file[at : at + 1448] for at in range(0, 1448 * number, 1448)))
    ladder.segments = [replace(segment, flags=segment.flags & ~PSH) for segment in ladder.segments]
    first = ladder.segments[5]
    ladder.segments += [replace(first, time=first.time + int(time * SECOND)) for time in again]
    arrived, ladder.down = ladder.down, first.seq
    ladder.waits(6).client_fin()
    ladder.down = arrived
    ladder.acknowledges(server=True)
    # Once more behind the end, where the reader looks at it.
    ladder.segments += [replace(first, time=ladder.at)] if again else []
    return ladder


@pytest.mark.parametrize("number", [9, 60])
@pytest.mark.parametrize("again", [(), (0.2, 0.6, 1.4, 3)])
def test_a_file_that_stopped_coming_stopped_when_the_last_new_bytes_came(
    number: int, again: tuple[float, ...], tmp_path: Path
) -> None:
    """What is sent again is nothing new, even where the reader does not look at it."""
    posted = exchange(Ladder().opens().says(POST).answers(OFFER).acknowledges().closes())
    phone = judge(tmp_path / "hole.pcap", [*leased(), *asked(), *posted, *exchange(stalls(number, again))], after=2)
    assert said(phone) == ("broken", "download", "download-stalled")
    assert [found["code"] for found in phone["findings"]] == ["download-stalled"]


def test_an_answer_that_came_again_and_is_not_seen_to_be_lost_counts(tmp_path: Path) -> None:
    assert judge(tmp_path / "again.pcap", answers(1, 3))["verdict"]["status"] == "whole"
