"""``ucdiag capture -r`` where the capture shows one direction only: nothing is concluded from silence."""

from pathlib import Path
from typing import Any

import pytest

from tests.wire.ladder import Ladder
from tests.wire.two_sides import Packet, asked, exchange, judge, leased, message, only
from tests.wire.wired import NOTHING_NEWER, POST, SECOND, response, said

HELLO = b"\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x01" + bytes(32) + b"\x00\x00\x04\x00\x2f\x00\x0a\x01\x00"
SERVER_HELLO = b"\x16\x03\x01\x00\x2a\x02\x00\x00\x26\x03\x01" + bytes(32) + b"\x00\x00\x2f\x00"
CODE = "capture-one-direction"


def served() -> list[Packet]:
    return exchange(Ladder().opens().says(POST).answers(NOTHING_NEWER).acknowledges().closes())


def secure() -> list[Packet]:
    return exchange(Ladder(port=443).opens().says(HELLO).answers(SERVER_HELLO).acknowledges().acknowledges().hangs_up())


def encrypted() -> list[Packet]:
    """A handshake that completes, and a request and its answer behind it."""
    changed, data = b"\x14\x03\x01\x00\x01\x01\x16\x03\x01\x00\x24" + bytes(36), b"\x17\x03\x01\x00\x40" + bytes(64)
    keys = b"\x16\x03\x01\x00\x86\x10\x00\x00\x82" + bytes(130)
    ladder = Ladder(port=443).opens().says(HELLO).answers(SERVER_HELLO + b"\x16\x03\x01\x00\x04\x0e\x00\x00\x00")
    return exchange(ladder.says(keys + changed).answers(changed).says(data).answers(data).acknowledges().closes())


def whole() -> list[Packet]:
    return [*leased(), *asked(), *served()]


def codes(phone: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in phone["findings"]]


@pytest.mark.parametrize(
    ("story", "packets", "step", "who"),
    [
        ("the phone's direction", only(whole(), up=True), "request", "the phone sent"),
        ("the phone's direction, no request", only([*leased(), *asked()], up=True), "dhcp", "the phone sent"),
        ("the phone's direction, a SYN", only([*leased(), *asked(), *served()[:1]], up=True), "dhcp", "the phone sent"),
        ("the phone's direction, without DHCP", only([*asked(), *served()], up=True), "request", "the phone sent"),
        ("the phone's direction over TCP", only(whole(), up=True, what=["tcp"]), "request", "the phone sent"),
        ("the phone's direction, broadcast is there", only(whole(), up=True, what=["dns", "tcp"]), "request", "phone"),
        (
            "the phone's direction over TLS",
            only([*leased(), *asked(), *secure()], up=True, what=["tcp"]),
            "tls",
            "the phone sent",
        ),
        (
            "the phone's direction over TLS, complete",
            only([*leased(), *asked(), *encrypted()], up=True),
            "dhcp",
            "the phone sent",
        ),
        ("the phone's direction, HTTP alone", only(served(), up=True), "request", "the phone sent"),
        ("the phone's direction, without the opening", only(served()[3:], up=True), "request", "the phone sent"),
        (
            "the server's direction over TLS, complete",
            only([*leased(), *asked(), *encrypted()], up=False),
            "request",
            "servers sent",
        ),
        ("the server's direction", only(whole(), up=False), "request", "servers sent"),
        ("the server's direction over TCP", only(whole(), up=False, what=["tcp"]), "request", "servers sent"),
        ("the server's direction, no connection", only([*leased(), *asked()], up=False), "connect", "servers sent"),
        (
            "the server's direction over TLS",
            only([*leased(), *asked(), *secure()], up=False, what=["tcp"]),
            "tls",
            "servers sent",
        ),
    ],
)
def test_one_direction_proves_nothing(story: str, packets: list[Packet], step: str, who: str, tmp_path: Path) -> None:
    phone = judge(tmp_path / "mirror.pcap", packets)
    assert said(phone) == ("unknown", step, CODE), story
    assert codes(phone) == [CODE]
    assert who in phone["verdict"]["summary"]
    assert "mirror both directions" in phone["verdict"]["summary"]
    assert "no DHCP message" not in phone["steps"][0]["summary"] or not any(packet.what == "dhcp" for packet in packets)


@pytest.mark.parametrize(
    ("story", "packets", "expected"),
    [
        ("nothing is missing", whole(), ("whole", None, "no-update-offered")),
        ("no server answers DISCOVER", [message("discover", 9 * SECOND)], ("broken", "dhcp", "dhcp-no-answer")),
        ("DNS is silent", [*leased(), *asked(answers=False)], ("broken", "dns", "dns-no-answer")),
        ("the server is silent", [*leased(), *asked(), *served()[:1]], ("broken", "connect", "connect-no-answer")),
        (
            "the server accepts and is silent",
            [*leased(), *asked(), *exchange(Ladder().opens().says(POST).acknowledges(server=True))],
            ("broken", "request", "http-no-answer"),
        ),
        # What servers say is no silence.
        (
            "the server's direction: the name is missing",
            only([*leased(), *asked(None)], up=False),
            ("broken", "dns", "dns-r2-missing"),
        ),
        (
            "another connection shows both",
            [
                *leased(),
                *asked(),
                *served(),
                *only(exchange(Ladder(client_port=5000, at=2_000_000_000_000_000).opens().says(POST)), up=True),
            ],
            # What was whole is so until something fails.
            ("whole", None, "no-update-offered"),
        ),
        (
            "a failure in both directions",
            [*leased(), *asked(), *exchange(Ladder().opens().says(POST).answers(response(b"x", "404 No")).closes())],
            ("broken", "request", "http-not-found"),
        ),
    ],
)
def test_what_both_directions_show_is_judged(
    story: str, packets: list[Packet], expected: tuple[str, str | None, str | None], tmp_path: Path
) -> None:
    phone = judge(tmp_path / "both.pcap", packets)
    assert said(phone) == expected, story
    assert codes(phone) == [expected[2]]


def test_a_connection_of_which_only_the_phone_is_heard_proves_no_silence(tmp_path: Path) -> None:
    """Another one shows the same server."""
    before = exchange(
        Ladder(client_port=5000).opens().says(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").answers(NOTHING_NEWER)
    )
    for port, said_first, step in ((80, POST, "request"), (443, HELLO, "tls")):
        later = Ladder(port=port, at=before[-1].time + SECOND).opens().says(said_first)
        packets = [*leased(), *asked(), *before, *exchange(later)]
        phone = judge(tmp_path / "both.pcap", [*packets[: -len(later.segments)], *only(exchange(later), up=True)])
        assert said(phone) == ("unknown", step, "capture-gap")
        assert "lacks all that it sent on this connection" in phone["verdict"]["summary"]
        # The whole opening is there: it is the server's silence.
        assert said(judge(tmp_path / "both.pcap", packets))[0] == "broken"


def test_a_server_that_is_heard_by_its_acknowledgements_alone_is_silent(tmp_path: Path) -> None:
    ladder = Ladder().opens().says(POST).acknowledges(server=True)
    packets = [*leased(), *asked(), *(segment for number, segment in enumerate(exchange(ladder)) if number != 1)]
    assert said(judge(tmp_path / "acks.pcap", packets)) == ("broken", "request", "http-no-answer")
