"""``ucdiag capture``: the packets of a sign-in and of a server that DNS does not name, through all filters."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.bench.traffic import dhcp, dns_answer, dns_question, ethernet, ipv4, udp
from tests.wire import two_sides
from tests.wire.ladder import PHONE_MAC, POOL_MAC, START, Ladder, Segment
from tests.wire.wired import NOTHING_NEWER, PHONE, POST, RESOLVER, Packet, captured, frames, said, write
from ucdiag.cli.main import cli

SECOND = 1_000_000
OLD, OLD_NAME, REGISTRAR = "10.0.0.99", "oldpool.contoso.com", "10.0.0.40"
UNKNOWN = ("unknown", "connect", "other-server-failed")
# ClientHello of TLS 1.0 with one cipher and no name; a fatal alert (46, certificate unknown).
HELLO = b"\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x01" + bytes(32) + b"\x00\x00\x04\x00\x2f\x00\x0a\x01\x00"
SERVER_HELLO = b"\x16\x03\x01\x00\x2a\x02\x00\x00\x26\x03\x01" + bytes(32) + b"\x00\x00\x2f\x00"
ALERT = b"\x15\x03\x01\x00\x02\x02\x2e"

Play = Callable[[], list[Segment]]


def lease() -> list[Packet]:
    """The phone gets its address, two seconds before all else."""
    found = []
    steps = ((1, 1), (2, 2), (1, 3), (2, 5))
    for number, (operation, kind) in enumerate(steps):
        options = [(53, bytes([kind])), (54, bytes((10, 0, 0, 1)))]
        if operation == 1:
            options += [(60, b"CPE-OCPhone"), (55, bytes((1, 3, 6, 15, 43, 120)))]
        else:
            options += [(51, (86400).to_bytes(4, "big")), (6, bytes((10, 0, 0, 2))), (15, b"contoso.com")]
        message = dhcp(operation, 77, PHONE_MAC, PHONE if operation == 2 else "0.0.0.0", options)
        ends = ("0.0.0.0", "255.255.255.255", 68, 67) if operation == 1 else ("10.0.0.1", "255.255.255.255", 67, 68)
        packet = ipv4(ends[0], ends[1], 17, udp(ends[2], ends[3], message))
        found.append((START - 2 * SECOND + number * 1000, ethernet(PHONE_MAC, b"\xff" * 6, 0x0800, packet)))
    return found


def looks(name: str, address: str) -> list[Packet]:
    asked = ipv4(PHONE, RESOLVER, 17, udp(50001, 53, dns_question(9, name)))
    told = ipv4(RESOLVER, PHONE, 17, udp(53, 50001, dns_answer(9, name, address)))
    return [
        (START - SECOND, ethernet(PHONE_MAC, POOL_MAC, 0x0800, asked)),
        (START - SECOND + 1000, ethernet(POOL_MAC, PHONE_MAC, 0x0800, told)),
    ]


def unanswered(port: int = 80) -> list[Segment]:
    ladder = Ladder(port=port)
    return [*ladder.asks().segments, *ladder.waits(3).asks().segments[1:]]


def refused(port: int = 80) -> list[Segment]:
    return Ladder(port=port).asks().refuses().segments


def alert(port: int = 443) -> list[Segment]:
    return Ladder(port=port).opens().says(HELLO).answers(SERVER_HELLO).says(ALERT).closes().segments


def hung_up(port: int = 443) -> list[Segment]:
    return Ladder(port=port).opens().says(HELLO).resets().segments


def served() -> list[Segment]:
    return Ladder(client_port=50999).waits(30).opens().says(POST).answers(NOTHING_NEWER).closes().segments


def of(path: Path, packets: Sequence[Packet], *options: str, pcapng: bool = False) -> dict[str, Any]:
    write(path, sorted(packets))
    if pcapng:
        copy = path.with_suffix(".pcapng")
        done = CliRunner().invoke(cli, ["capture", "-r", str(path), "-w", str(copy), "--force", "--json"])
        assert done.exit_code in (0, 1, 3), done.output
        path = copy
    report = captured(path, *options)
    (phone,) = report["phones"]
    found: dict[str, Any] = phone
    return found


@pytest.mark.parametrize("pcapng", [False, True], ids=["pcap", "kept as pcapng"])
@pytest.mark.parametrize(
    ("play", "words", "broken"),
    [
        (unanswered, "did not answer on port 80", ("connect", "connect-no-answer")),
        (refused, "refused the connection to port 80", ("connect", "connect-refused")),
        (lambda: refused(443), "refused the connection to port 443", ("connect", "connect-refused")),
        (alert, "the phone refused the TLS handshake", ("tls", "tls-handshake")),
        (hung_up, "reset the connection during the TLS handshake", ("tls", "tls-handshake")),
    ],
    ids=["unanswered", "refused", "refused on 443", "alert", "reset"],
)
def test_an_old_pool(play: Play, words: str, broken: tuple[str, str], pcapng: bool, tmp_path: Path) -> None:
    packets = [*lease(), *looks(OLD_NAME, OLD), *frames(play(), OLD)]
    phone = of(tmp_path / "old.pcap", packets, pcapng=pcapng)
    assert (said(phone), [finding["code"] for finding in phone["findings"]]) == (UNKNOWN, ["other-server-failed"])
    assert words in phone["verdict"]["summary"]
    assert f"{OLD_NAME} ({OLD})" in phone["verdict"]["summary"]
    assert "not in the capture" not in json.dumps(phone["steps"])
    for name in (OLD_NAME, OLD):
        phone = of(tmp_path / "old.pcap", packets, "--server", name, pcapng=pcapng)
        assert (said(phone), [finding["code"] for finding in phone["findings"]]) == (("broken", *broken), [broken[1]])
        assert phone["update_servers"] == [OLD]


def test_the_variable_names_servers_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packets = [*lease(), *looks(OLD_NAME, OLD), *frames(refused(), OLD)]
    monkeypatch.setenv("UCDIAG_CAPTURE_SERVER", f"other.contoso.com {OLD_NAME.upper()}.")
    assert said(of(tmp_path / "old.pcap", packets)) == ("broken", "connect", "connect-refused")


def test_the_alert_of_the_phone_is_named(tmp_path: Path) -> None:
    phone = of(tmp_path / "old.pcap", [*lease(), *frames(alert(), OLD)])
    assert said(phone) == UNKNOWN
    assert "alert 46 (certificate unknown)" in phone["verdict"]["summary"]


def test_a_pool_that_served_this_phone_before_or_after_is_its_server(tmp_path: Path) -> None:
    earlier = (
        Ladder(client_port=50999, at=START - SECOND // 2).opens().says(POST).answers(NOTHING_NEWER).closes().segments
    )
    phone = of(tmp_path / "old.pcap", [*lease(), *frames(earlier, OLD), *frames(refused(), OLD)])
    assert said(phone) == ("broken", "connect", "connect-refused")
    phone = of(tmp_path / "old.pcap", [*lease(), *frames(refused(), OLD), *frames(served(), OLD)])
    assert said(phone) == ("whole", None, "no-update-offered")
    assert {finding["code"]: finding["level"] for finding in phone["findings"]} == {
        "connect-refused": "warning",
        "no-update-offered": "information",
    }


def test_another_web_host_is_none(tmp_path: Path) -> None:
    phone = of(tmp_path / "old.pcap", [*lease(), *frames(refused(), OLD), *frames(served())])
    assert (said(phone), len(phone["findings"])) == (("whole", None, "no-update-offered"), 1)


@pytest.mark.parametrize("pcapng", [False, True], ids=["pcap", "kept as pcapng"])
@pytest.mark.parametrize(
    ("play", "outcome", "words"),
    [
        (lambda: refused(5061), "failed", "refused the connection to port 5061"),
        (lambda: unanswered(5061), "failed", "did not answer on port 5061"),
        (lambda: alert(5061), "failed", "alert 46 (certificate unknown)"),
        (lambda: hung_up(5061), "failed", "port 5061 reset the connection"),
        (lambda: Ladder(port=5061).opens().resets().segments, "failed", "before the phone sent a byte"),
        (lambda: Ladder(port=5061).opens().says(b"REGISTER sip:x SIP/2.0\r\n\r\n").segments, "unfinished", "TLS"),
        (lambda: Ladder(port=5061).opens().segments, "open", "accepted the connection to port 5061"),
    ],
    ids=["refused", "unanswered", "alert", "reset", "hung up", "plain SIP", "open"],
)
def test_a_sign_in(play: Play, outcome: str, words: str, pcapng: bool, tmp_path: Path) -> None:
    packets = [*lease(), *looks("sipinternal.contoso.com", REGISTRAR), *frames(play(), REGISTRAR), *frames(served())]
    phone = of(tmp_path / "sip.pcap", packets, pcapng=pcapng)
    assert said(phone) == ("whole", None, "no-update-offered")
    codes = {finding["code"] for finding in phone["findings"]}
    assert codes == {"no-update-offered"} | ({"sign-in-failed"} if outcome == "failed" else set())
    assert (phone["sign_in"]["outcome"], phone["sign_in"]["server"]) == (outcome, REGISTRAR)
    assert phone["sign_in"]["name"] == "sipinternal.contoso.com"
    assert words in phone["sign_in"]["summary"]


def test_the_ladder_has_a_column_for_the_registrar(tmp_path: Path) -> None:
    packets = [*lease(), *looks("sip.contoso.com", REGISTRAR), *frames(refused(5061), REGISTRAR), *frames(served())]
    path = write(tmp_path / "sip.pcap", sorted(packets))
    shown = CliRunner().invoke(cli, ["capture", "-r", str(path), "--no-color", "--ladder"]).stdout
    assert "SIP" in shown
    assert "SYN to port 5061" in shown
    assert "not about the update" not in shown


def test_facts_have_the_sign_in_of_every_host(tmp_path: Path) -> None:
    path = write(tmp_path / "sip.pcap", frames(refused(5061), REGISTRAR))
    done = CliRunner().invoke(cli, ["capture", "-r", str(path), "--facts"])
    (fact,) = map(json.loads, done.stdout.splitlines())
    assert (fact["kind"], fact["port"], fact["outcome"]) == ("connect", 5061, "refused")
    # Of a stranger it makes no phone.
    assert captured(path)["phones"] == []


def one_side(*ladders: Ladder) -> list[two_sides.Packet]:
    packets = [*two_sides.leased(), *(packet for ladder in ladders for packet in two_sides.exchange(ladder))]
    return two_sides.only(packets, up=True)


def test_silence_in_a_capture_of_the_phones_direction_names_no_server(tmp_path: Path) -> None:
    hello = Ladder(port=443).opens().says(HELLO).acknowledges().acknowledges()
    phone = two_sides.judge(tmp_path / "old.pcap", one_side(hello))
    assert said(phone)[::2] == ("unknown", "capture-one-direction")
    assert [finding["code"] for finding in phone["findings"]] == ["capture-one-direction"]


def test_nor_does_it_a_registrar(tmp_path: Path) -> None:
    sign_in = Ladder(port=5061).opens().says(HELLO).acknowledges().acknowledges()
    check = Ladder(client_port=50999, at=START + SECOND).opens().says(POST).answers(NOTHING_NEWER).acknowledges()
    phone = two_sides.judge(tmp_path / "sip.pcap", one_side(sign_in, check))
    assert said(phone)[::2] == ("unknown", "capture-one-direction")
    assert [finding["code"] for finding in phone["findings"]] == ["capture-one-direction"]
    assert phone["sign_in"]["outcome"] == "unfinished"


def arp(target: str, seconds: float) -> Packet:
    """The phone asks its link for an address, and nobody answers."""
    ends = bytes(map(int, PHONE.split("."))) + bytes(6) + bytes(map(int, target.split(".")))
    body = bytes.fromhex("0001080006040001") + PHONE_MAC + ends
    return START + int(seconds * SECOND), ethernet(PHONE_MAC, b"\xff" * 6, 0x0806, body)


def test_a_server_that_nobody_has_on_the_link(tmp_path: Path) -> None:
    in_vain = [arp(OLD, second) for second in range(3)]
    phone = of(tmp_path / "arp.pcap", [*lease(), *looks(OLD_NAME, OLD), *in_vain])
    assert said(phone) == UNKNOWN
    assert f"{OLD_NAME} ({OLD}) cannot be reached: ARP for {OLD} was not answered" in phone["verdict"]["summary"]
    phone = of(tmp_path / "arp.pcap", [*lease(), *in_vain], "--server", OLD)
    assert said(phone) == ("broken", "connect", "connect-unreachable")
    # An address that nobody named may be anything.
    assert said(of(tmp_path / "arp.pcap", [*lease(), *in_vain]))[2] == "dns-not-asked"


def never_found(name: str) -> list[Packet]:
    """The phone asks for the name, which does not exist."""
    asked = ipv4(PHONE, RESOLVER, 17, udp(50001, 53, dns_question(9, name)))
    told = ipv4(RESOLVER, PHONE, 17, udp(53, 50001, dns_answer(9, name, None, rcode=3)))
    return [
        (START - SECOND, ethernet(PHONE_MAC, POOL_MAC, 0x0800, asked)),
        (START - SECOND + 1000, ethernet(POOL_MAC, PHONE_MAC, 0x0800, told)),
    ]


@pytest.mark.parametrize(
    ("play", "verdict"),
    [
        (lambda: never_found(OLD_NAME), ("broken", "dns", "dns-no-address")),
        (lambda: looks(OLD_NAME, OLD), ("unknown", "connect", "connect-not-tried")),
    ],
    ids=["no such name", "never called"],
)
def test_a_named_server_without_a_connection_is_judged_again_the_same(
    play: Callable[[], list[Packet]], verdict: tuple[str, str, str], tmp_path: Path
) -> None:
    phone = of(tmp_path / "old.pcap", [*lease(), *play()], "--server", OLD_NAME)
    assert said(phone) == verdict
    assert phone["update_servers"] == [OLD_NAME]
    (tmp_path / "old.json").write_text(json.dumps(captured(tmp_path / "old.pcap", "--server", OLD_NAME)))
    done = CliRunner().invoke(cli, ["report", str(tmp_path / "old.json"), "--rejudge", "--json"])
    (again,) = json.loads(done.stdout)["phones"]
    assert (again["verdict"], again["update_servers"]) == (phone["verdict"], [OLD_NAME])
