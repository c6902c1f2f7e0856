"""``ucdiag capture -r`` where two clocks captured the two directions: pairs are made by identifiers."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.wire.ladder import START, Ladder
from tests.wire.two_sides import SECOND, Packet, asked, exchange, judge, leased, message, shifted
from tests.wire.wired import NOTHING_NEWER, POST, captured, response, said, write
from ucdiag.cli.main import cli

CODE = "capture-clocks-differ"
WHOLE = ("whole", None, "no-update-offered")
NO_UPDATE = ["no-update-offered"]


def conversation(answer: bytes = NOTHING_NEWER, *, pause: float = 0.2) -> list[Packet]:
    ladder = Ladder(at=START + 500_000).opens().says(POST).waits(pause).answers(answer).acknowledges().closes()
    return exchange(ladder)


def whole(answer: bytes = NOTHING_NEWER) -> list[Packet]:
    return [*leased(), *asked(), *conversation(answer)]


def codes(phone: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in phone["findings"]]


@pytest.mark.parametrize("seconds", [-0.08, -3, -60, -3600, 3, 3600])
@pytest.mark.parametrize(
    "what", [("dhcp", "dns", "tcp"), ("dhcp",), ("dns",), ("tcp",)], ids=lambda what: "-".join(what)
)
def test_two_clocks_are_reported_and_change_no_verdict(seconds: float, what: tuple[str, ...], tmp_path: Path) -> None:
    if seconds > 0 and what == ("dns",):
        pytest.skip("an answer that comes late is only late")
    phone = judge(tmp_path / "two.pcap", shifted(whole(), seconds, what=what), after=7200)
    assert said(phone) == WHOLE
    assert codes(phone) == [CODE, *NO_UPDATE]
    assert phone["steps"][0]["status"] in ("ok", "warning")
    timed = [seen for seen in phone["observations"] if seen["kind"] in ("lookup", "connect", "http")]
    assert len(timed) == 3
    assert all(seen["seconds"] is None for seen in timed)
    assert timed[0]["addresses"] == ["10.0.0.80"]
    assert timed[2]["status"] == 200


@pytest.mark.parametrize("seconds", [-0.08, -3])
@pytest.mark.parametrize(
    "what", [("dhcp", "dns", "tcp"), ("dhcp",), ("dns",), ("tcp",)], ids=lambda what: "-".join(what)
)
def test_packets_in_their_order_with_the_times_of_two_clocks(
    seconds: float, what: tuple[str, ...], tmp_path: Path
) -> None:
    phone = judge(tmp_path / "two.pcap", shifted(whole(), seconds, what=what, sort=False), after=7200)
    assert said(phone) == WHOLE
    assert codes(phone) == [CODE, *NO_UPDATE]
    timed = [seen for seen in phone["observations"] if seen["kind"] in ("lookup", "connect", "http")]
    assert [seen["seconds"] for seen in timed] == [None, None, None]


def test_packets_in_their_order_with_times_an_hour_apart(tmp_path: Path) -> None:
    phone = judge(tmp_path / "two.pcap", shifted(whole(), -3600, sort=False), after=7200)
    assert said(phone) == WHOLE
    assert codes(phone) == [CODE, *NO_UPDATE]


@pytest.mark.parametrize(("seconds", "sort"), [(-0.08, True), (-0.08, False), (-3, False)])
def test_a_refusal_with_the_time_of_another_clock(seconds: float, sort: bool, tmp_path: Path) -> None:
    packets = exchange(Ladder(at=START + 500_000).asks().refuses())
    phone = judge(tmp_path / "two.pcap", shifted([*asked(), *packets], seconds, what=["tcp"], sort=sort))
    assert said(phone) == ("broken", "connect", "connect-refused")
    assert sorted(codes(phone)) == [CODE, "connect-refused"]


@pytest.mark.parametrize("seconds", [-3, -3600, 3600])
def test_what_is_broken_stays_broken(seconds: float, tmp_path: Path) -> None:
    packets = shifted(whole(response(b"no", "404 Not Found")), seconds)
    phone = judge(tmp_path / "two.pcap", packets, after=7200)
    assert said(phone) == ("broken", "request", "http-not-found")
    assert sorted(codes(phone)) == [CODE, "http-not-found"]
    phone = judge(tmp_path / "two.pcap", shifted([*leased(), *asked(None)], seconds), after=7200)
    assert said(phone) == ("broken", "dns", "dns-r2-missing")


@pytest.mark.parametrize(
    ("story", "packets"),
    [
        ("one clock", whole()),
        ("40 ms", shifted(whole(), -0.04)),
        ("40 ms, in their order", shifted(whole(), -0.04, sort=False)),
        ("40 ms, of TCP alone", shifted(whole(), -0.04, what=["tcp"])),
        ("slow answers", [*leased(), *asked(), *conversation(pause=3)]),
        ("begins in the middle", whole()[5:]),
    ],
)
def test_one_clock_is_no_finding(story: str, packets: list[Packet], tmp_path: Path) -> None:
    phone = judge(tmp_path / "one.pcap", packets)
    assert said(phone) == WHOLE, story
    assert codes(phone) == NO_UPDATE


def test_a_question_asked_again_with_its_old_identifier_is_no_other_clock(tmp_path: Path) -> None:
    """The first answer is the one that the capture lacks the question of; the second pair is whole."""
    packets = [*leased(), *asked(at=9_000_000)[1:], *asked(), *conversation()]
    phone = judge(tmp_path / "again.pcap", packets)
    assert said(phone) == WHOLE
    assert codes(phone) == NO_UPDATE


OFFER = (
    b'<UpdateResponse downloads="1"><Version>3.5.6907.35</Version><BaseURL>http://10.0.0.80/DeviceUpdateFiles_Int/fw'
    b"</BaseURL><ExternalBaseURL>https://x.contoso.com/DeviceUpdateFiles_Ext/fw</ExternalBaseURL><Modules><Module>"
    b"<FileName>CPE.nbt</FileName><Version>3.5.6907.35</Version></Module></Modules></UpdateResponse>"
)
ASKS = (
    b"<Request><Modules><Module><FileName>CPE.nbt</FileName><Version>1.0.522.101</Version></Module></Modules></Request>"
)
CHECK = POST.replace(b"Content-Length: 10", b"Content-Length: %d" % len(ASKS)).replace(b"<request/>", ASKS)
GET = b"GET /DeviceUpdateFiles_Int/fw/CPE.nbt HTTP/1.1\r\nHost: 10.0.0.80\r\n\r\n"
FETCHED = response(bytes(5000), kind="binary/octet-stream")


# The addresses of a router and the server, and the other way round.
ROUTED = (bytes.fromhex("020000000098020000000099"), bytes.fromhex("020000000099020000000098"))


def at_both_ends(seconds: float, *ladders: Ladder) -> list[Packet]:
    """DNS and these connections, captured at the server too, where they come from a router."""
    there = [*asked(), *(packet for ladder in ladders for packet in exchange(ladder))]
    copies = [
        packet._replace(time=packet.time + int(seconds * SECOND), frame=ROUTED[packet.up] + packet.frame[12:])
        for packet in there
    ]
    return sorted([*leased(), *there, *copies], key=lambda packet: packet.time)


@pytest.mark.parametrize("seconds", [0.0, 0.02, 2.0, 8.0, 40.0, -0.02, -2.0])
def test_both_ends_with_clocks_that_differ_show_one_check(seconds: float, tmp_path: Path) -> None:
    ladder = Ladder().opens().says(CHECK).answers(NOTHING_NEWER).closes()
    phone = judge(tmp_path / "both.pcap", at_both_ends(seconds, ladder))
    assert said(phone) == ("whole", None, "no-update-offered")
    assert [finding["code"] for finding in phone["findings"]] == ["no-update-offered"]
    assert phone["checks"]["count"] == 1


@pytest.mark.parametrize("seconds", [0.0, 2.0, 8.0, 40.0, -2.0])
def test_both_ends_with_clocks_that_differ_show_one_download(seconds: float, tmp_path: Path) -> None:
    ladders = (
        Ladder().opens().says(CHECK).answers(response(OFFER)).closes(),
        Ladder(client_port=49153, up=5, down=6, at=START + SECOND).opens().says(GET).answers(FETCHED).closes(),
    )
    phone = judge(tmp_path / "both.pcap", at_both_ends(seconds, *ladders))
    assert said(phone) == ("whole", None, None)
    assert not phone["findings"]
    assert phone["checks"]["count"] == 1


def test_what_the_phone_sent_itself_counts_though_a_router_passed_it_on_earlier(tmp_path: Path) -> None:
    """The clock at the server is 40 s behind: a host with the router's MAC address, which had no lease then, and the
    phone. Each has one check."""
    ladder = Ladder().opens().says(CHECK).answers(NOTHING_NEWER).closes()
    packets = [(packet.time, packet.frame) for packet in at_both_ends(-40, ladder)]
    phones = captured(write(tmp_path / "both.pcap", packets))["phones"]
    assert [(said(phone), phone["checks"]["count"]) for phone in phones] == [(WHOLE, 1)] * 2


def test_a_silence_is_no_other_clock(tmp_path: Path) -> None:
    phone = judge(tmp_path / "silent.pcap", [*leased(), *asked(), *conversation()[:1]])
    assert said(phone) == ("broken", "connect", "connect-no-answer")


def test_a_transaction_used_again_is_no_other_clock(tmp_path: Path) -> None:
    """The capture begins with the ACK of a lease, and the client renews with the same transaction."""
    packets = [message("ack", 1_800_000_000), *leased(), *asked(), *conversation()]
    phone = judge(tmp_path / "renewal.pcap", packets)
    assert said(phone) == WHOLE
    assert CODE not in codes(phone)


@pytest.mark.parametrize("seconds", [-0.08, -3, -3600, 3, 3600])
def test_a_pipe_of_two_clocks_blames_nobody(seconds: float, tmp_path: Path) -> None:
    file = write(tmp_path / "two.pcap", [(seen.time, seen.frame) for seen in shifted(whole(), seconds)], after=7200)
    done = CliRunner().invoke(cli, ["capture", "-r", "-", "--json"], input=file.read_bytes())
    report = json.loads(done.stdout)
    assert report["verdict"]["status"] in ("unknown", "whole")
    assert not {"dns-no-answer", "dhcp-no-answer"} & {code for phone in report["phones"] for code in codes(phone)}


@pytest.mark.parametrize("hours", [0.1, 2, 12])
@pytest.mark.parametrize("behind", range(1, len(whole())))
def test_a_clock_set_forward_makes_no_silence(behind: int, hours: float, tmp_path: Path) -> None:
    """The clock of the capture is set while an answer is awaited, as a machine without one does after its start."""
    packets = sorted(whole(), key=lambda packet: packet.time)
    leap = int(hours * 3_600_000_000)
    later = [packet._replace(time=packet.time + leap) for packet in packets[behind:]]
    phone = judge(tmp_path / "set.pcap", [*packets[:behind], *later], after=leap / 1e6 + 60)
    assert said(phone) == WHOLE
    assert codes(phone) == NO_UPDATE


@pytest.mark.parametrize(
    ("packets", "code"),
    [
        ([*leased(), *asked(answers=False)], "dns-no-answer"),
        ([*leased(), *asked(), *exchange(Ladder().asks())], "connect-no-answer"),
        ([*leased(), *asked(), *exchange(Ladder().opens().says(POST).acknowledges(server=True))], "http-no-answer"),
    ],
)
def test_a_silence_before_the_clock_was_set_is_one(packets: list[Packet], code: str, tmp_path: Path) -> None:
    phone = judge(tmp_path / "set.pcap", packets, after=7200)
    assert phone["verdict"]["code"] == code


@pytest.mark.parametrize("lost", [(), (1,), (0, 1)], ids=["none", "the offer taken", "discover and the offer taken"])
def test_the_late_offer_of_a_second_server_is_no_other_clock(lost: tuple[int, ...], tmp_path: Path) -> None:
    lease = [packet for number, packet in enumerate(leased()) if number not in lost]
    late = message("offer", 9 * SECOND, server="10.0.0.9")
    phone = judge(tmp_path / "two.pcap", [*lease, late, *asked(), *conversation()])
    assert said(phone) == WHOLE
    assert codes(phone) == NO_UPDATE


@pytest.mark.parametrize("at", [0, 1], ids=["the answer before its SYN", "the answer behind what follows"])
def test_a_turned_opening_on_a_pipe_is_no_other_clock(at: int, tmp_path: Path) -> None:
    packets = exchange(Ladder(at=START + 500_000).opens().says(POST).acknowledges(server=True))
    first, second = packets[at : at + 2]
    packets[at : at + 2] = [second._replace(time=first.time), first._replace(time=second.time)]
    file = write(tmp_path / "turned.pcap", [(seen.time, seen.frame) for seen in [*leased(), *asked(), *packets]])
    done = CliRunner().invoke(cli, ["capture", "--json", "-r", "-"], input=file.read_bytes())
    report = json.loads(done.stdout)
    assert said(report) == ("broken", "request", "http-no-answer")
    assert report["problems"] == []


@pytest.mark.parametrize("seconds", [-0.04, -0.012, -0.002, 0.002, 0.012, 0.04])
def test_one_side_that_comes_a_little_early_or_late_is_no_other_clock(seconds: float, tmp_path: Path) -> None:
    """As from a tap with an output for each direction."""
    kept = NOTHING_NEWER.replace(b"Connection: close", b"Connection: keep-alive")
    talk = Ladder(at=START + 500_000).opens().says(POST).answers(kept).acknowledges().says(POST).answers(kept).closes()
    phone = judge(tmp_path / "tap.pcap", shifted([*leased(), *asked(), *exchange(talk)], seconds))
    assert said(phone) == WHOLE
    assert (codes(phone), phone["problems"]) == (NO_UPDATE, [])
    assert [seen["status"] for seen in phone["observations"] if seen["kind"] == "http"] == [200, 200]


def test_a_silence_on_a_side_that_comes_a_little_late_counts(tmp_path: Path) -> None:
    talk = Ladder(at=START + 500_000).opens().says(POST).acknowledges(server=True)
    phone = judge(tmp_path / "tap.pcap", shifted([*leased(), *asked(), *exchange(talk)], 0.02))
    assert said(phone) == ("broken", "request", "http-no-answer")
    assert (codes(phone), phone["problems"]) == (["http-no-answer"], [])


@pytest.mark.parametrize("seconds", [0, -0.02, -3])
def test_packets_cut_short_are_reported_of_two_clocks_too(seconds: float, tmp_path: Path) -> None:
    phone = judge(tmp_path / "cut.pcap", shifted(whole(), seconds), snap=96)
    assert [problem["code"] for problem in phone["problems"]] == ["packets-cut"]
