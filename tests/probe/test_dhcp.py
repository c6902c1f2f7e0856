"""Asking DHCP servers, on a packet socket that answers as it is told. Real servers: tests/site/test_dhcp_ask.py."""

import errno
import socket
import sys
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.dhcp_options import option
from ucdiag.model.observations import Dhcp
from ucdiag.model.report import Problem
from ucdiag.probe import dhcp as module
from ucdiag.probe.dhcp import query_servers
from ucdiag.probe.dhcp_exchange import MOST_ANSWERS
from ucdiag.probe.dhcp_message import read_frame
from ucdiag.probe.interface import InterfaceAddresses
from ucdiag.probe.packet_link import Link
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.runtime.privileges import elevated_command
from ucdiag.wire.dhcp.message import read_dhcp

MAC = "00:04:f2:aa:bb:cc"
OWN = InterfaceAddresses("02:00:00:00:00:01", "10.0.0.50")
BROADCAST = "ff:ff:ff:ff:ff:ff"

Frames = Iterator[tuple[bytes, int | None]]


class Wire:
    """The link: keeps what was sent, delivers what ``answer`` makes of each; its clock jumps instead of waiting."""

    def __init__(self, answer: Callable[[bytes], Frames]) -> None:
        self.now = 1000.0
        self.sent: list[tuple[float, bytes]] = []
        self.queue: list[tuple[bytes, int | None]] = []
        self.closed = False
        self.answer = answer

    def send(self, frame: bytes) -> None:
        self.sent.append((self.now, frame))
        self.queue.extend(self.answer(frame))

    def receive(self, seconds: float) -> tuple[bytes, int | None] | None:
        assert seconds >= 0
        if self.queue:
            self.now += 0.001
            return self.queue.pop(0)
        self.now += max(seconds, 0.0001)
        return None

    def close(self) -> None:
        self.closed = True

    @property
    def messages(self) -> list[Dhcp]:
        return [read_dhcp(payload_of(frame), time=0) for _, frame in self.sent]


def payload_of(frame: bytes) -> bytes:
    at = 18 if frame[12:14] == b"\x81\x00" else 14
    return frame[at + 28 :]


def udp_frame(
    payload: bytes, *, source: str = "10.0.0.1", to: str = BROADCAST, port: int = 68, tag: bytes = b""
) -> bytes:
    datagram = b"\x00\x43" + port.to_bytes(2, "big") + (8 + len(payload)).to_bytes(2, "big") + b"\0\0" + payload
    head = b"\x45\0" + (20 + len(datagram)).to_bytes(2, "big") + bytes(4) + b"\x40\x11\0\0"
    packet = head + socket.inet_aton(source) + b"\xff" * 4 + datagram
    return bytes.fromhex(to.replace(":", "")) + bytes(6) + tag + b"\x08\x00" + packet


def reply(
    frame: bytes, *options: bytes, server: str = "10.0.0.1", xid: bytes | None = None, mac: str | None = None
) -> bytes:
    question = payload_of(frame)
    client = bytes.fromhex(mac.replace(":", "")) + bytes(10) if mac else question[28:44]
    inform = option(53, b"\x08") in question
    yours = bytes(4) if inform else bytes([10, 0, 0, 7])
    head = b"\x02\x01\x06\0" + (xid or question[4:8]) + question[8:16] + yours + bytes(8) + client + bytes(192)
    kind = option(53, b"\x05" if inform else b"\x02")
    said = option(54, socket.inet_aton(server)) + b"".join(options or (option(15, b"contoso.com"),))
    return head + b"\x63\x82\x53\x63" + kind + said + b"\xff"


def run(
    wire: Wire, *, wait: float = 3.0, vlan: int | None = None, own: InterfaceAddresses = OWN
) -> list[Dhcp | Problem]:
    context = Context(now=lambda: int(wire.now * 1_000_000), monotonic=lambda: wire.now)
    link: Link = wire
    return list(query_servers(context, mac=MAC, interface="eth0", vlan=vlan, wait=wait, link=link, own=own))


def facts(found: list[Dhcp | Problem]) -> list[Dhcp]:
    assert not [problem for problem in found if isinstance(problem, Problem)]
    return [message for message in found if isinstance(message, Dhcp)]


def silent(frame: bytes) -> Frames:
    yield from ()


def server(frame: bytes) -> Frames:
    yield udp_frame(reply(frame)), None


def test_what_is_asked() -> None:
    wire = Wire(server)
    run(wire)
    assert [(message.type, message.vendor_class, message.client) for message in wire.messages] == [
        ("discover", None, MAC),
        ("discover", "CPE-OCPhone", MAC),
        ("discover", "MS-UC-Client", MAC),
        ("inform", None, OWN.mac),
    ]
    assert len({message.transaction for message in wire.messages}) == 4
    for _, frame in wire.sent:
        payload = payload_of(frame)
        assert frame[:6] == b"\xff" * 6
        assert {1, 3, 6, 15, 42, 4, 43, 51, 54, 119, 120} <= set(read_dhcp(payload, time=0).requested)
        assert len(payload) >= 300
    assert [frame[6:12].hex(":") for _, frame in wire.sent] == [MAC, MAC, MAC, OWN.mac]
    assert [payload_of(frame)[10:12] for _, frame in wire.sent] == [b"\x80\0"] * 3 + [b"\0\0"]
    assert wire.messages[3].client_address == OWN.address
    assert wire.sent[3][1][26:30] == socket.inet_aton("10.0.0.50")
    assert wire.closed


def test_each_question_once_before_its_answers() -> None:
    def two(frame: bytes) -> Frames:
        yield udp_frame(reply(frame)), None
        yield udp_frame(reply(frame, option(15, b"other.example"), server="10.0.0.9"), source="10.0.0.9"), None

    found = facts(run(Wire(two)))
    assert [(fact.type, fact.server, fact.domain) for fact in found[:3]] == [
        ("discover", None, None),
        ("offer", "10.0.0.1", "contoso.com"),
        ("offer", "10.0.0.9", "other.example"),
    ]
    assert [fact.type for fact in found] == ["discover", "offer", "offer"] * 3 + ["inform", "ack", "ack"]
    assert all(fact.outcome is None for fact in found)
    assert {fact.interface for fact in found} == {"eth0"}
    assert found[2].source_address == "10.0.0.9"
    assert found[1].transaction == found[0].transaction


def test_nobody_answers() -> None:
    wire = Wire(silent)
    found = facts(run(wire, wait=3.0))
    assert [(fact.type, fact.vendor_class, fact.outcome) for fact in found] == [
        ("discover", None, "no_answer"),
        ("discover", "CPE-OCPhone", "no_answer"),
        ("discover", "MS-UC-Client", "no_answer"),
        ("inform", None, "no_answer"),
    ]
    assert 1010.0 <= wire.now < 1010.1
    # Each twice more, with the same transaction.
    assert len(wire.sent) == 12
    assert [frame for _, frame in wire.sent[4:]] == [frame for _, frame in wire.sent[:4]] * 2


@pytest.mark.parametrize("wait", [0.1, 1.0, 2.5, 9.9])
@pytest.mark.parametrize("after", [3.0, 9.5])
def test_a_slow_first_offer_is_awaited_whatever_the_wait(wait: float, after: float) -> None:
    """dnsmasq pings a new address for three seconds before it offers it."""
    wire = Wire(silent)
    asked: list[bytes] = []

    def answer(frame: bytes) -> Frames:
        asked.append(frame)
        yield from ()

    def receive(seconds: float) -> tuple[bytes, int | None] | None:
        if wire.now < 1000.0 + after:
            wire.now = min(wire.now + seconds, 1000.0 + after)
            return None
        if asked:
            return udp_frame(reply(asked.pop(0))), None
        wire.now += seconds
        return None

    wire.answer = answer
    wire.receive = receive  # type: ignore[method-assign]
    found = facts(run(wire, wait=wait))
    assert len([fact for fact in found if fact.type == "offer"]) >= 3
    assert not [fact for fact in found if fact.outcome == "no_answer"]
    assert wire.now <= 1010.0 + 0.01


def test_who_has_answered_is_not_waited_for_longer() -> None:
    wire = Wire(server)
    run(wire, wait=1.0)
    assert wire.now < 1001.1


def test_what_was_answered_is_not_repeated() -> None:
    def only_plain(frame: bytes) -> Frames:
        if b"CPE-OCPhone" not in frame:
            yield udp_frame(reply(frame)), None

    wire = Wire(only_plain)
    found = facts(run(wire))
    assert [message.vendor_class for message in wire.messages[4:]] == ["CPE-OCPhone"]
    assert [fact.vendor_class for fact in found if fact.outcome == "no_answer"] == ["CPE-OCPhone"]


def test_the_whole_wait_is_used() -> None:
    wire = Wire(server)
    run(wire, wait=7.0)
    assert wire.now >= 1007.0


@pytest.mark.parametrize(
    "spoil",
    [
        lambda frame: udp_frame(reply(frame, xid=b"\1\2\3\4")),
        lambda frame: udp_frame(reply(frame, mac="00:04:f2:00:00:99")),
        lambda frame: udp_frame(b"\x01" + reply(frame)[1:]),
        lambda frame: udp_frame(reply(frame), port=67),
        lambda frame: udp_frame(reply(frame), tag=b"\x81\x00\x00\x14"),
        lambda frame: udp_frame(reply(frame))[:-200],
        lambda frame: udp_frame(reply(frame)[:39]),
        lambda frame: frame,
        lambda frame: b"",
    ],
    ids=["xid", "mac", "request", "port", "tagged", "cut", "short", "own", "empty"],
)
def test_what_is_no_answer_to_us(spoil: Callable[[bytes], bytes]) -> None:
    def answer(frame: bytes) -> Frames:
        yield spoil(frame), None

    found = run(Wire(answer))
    assert [message.outcome for message in found if isinstance(message, Dhcp)] == ["no_answer"] * 4


def test_an_answer_to_another_vlan_does_not_count() -> None:
    def answer(frame: bytes) -> Frames:
        yield udp_frame(reply(frame)), 20
        yield udp_frame(reply(frame, server="10.0.0.2")), 0

    found = facts(run(Wire(answer)))
    assert {fact.server for fact in found if fact.type == "offer"} == {"10.0.0.2"}


@pytest.mark.parametrize("stripped", [True, False])
def test_asking_in_a_vlan(stripped: bool) -> None:
    def answer(frame: bytes) -> Frames:
        if stripped:
            yield udp_frame(reply(frame)), 20
        else:
            yield udp_frame(reply(frame), tag=b"\x81\x00\xa0\x14"), None
        yield udp_frame(reply(frame, server="10.0.0.2")), None
        yield udp_frame(reply(frame, server="10.0.0.3")), 21

    wire = Wire(answer)
    found = facts(run(wire, vlan=20))
    assert all(frame[12:16] == b"\x81\x00\x00\x14" for _, frame in wire.sent)
    assert [message.type for message in wire.messages] == ["discover"] * 3
    assert {fact.server for fact in found if fact.type == "offer"} == {"10.0.0.1"}
    assert {fact.tag for fact in found} == {20}


def test_an_answer_to_the_phones_address_alone() -> None:
    def answer(frame: bytes) -> Frames:
        yield udp_frame(reply(frame), to=MAC), None

    assert [fact.type for fact in facts(run(Wire(answer)))][:2] == ["discover", "offer"]


def test_the_same_frame_twice_is_one_answer() -> None:
    def answer(frame: bytes) -> Frames:
        yield udp_frame(reply(frame)), None
        yield udp_frame(reply(frame)), None

    assert [fact.type for fact in facts(run(Wire(answer)))].count("offer") == 3


def test_a_flood_is_bounded_and_reported() -> None:
    def answer(frame: bytes) -> Frames:
        for number in range(500):
            yield udp_frame(reply(frame, option(15, b"x%d.example" % number))), None

    found = run(Wire(answer))
    assert sum(isinstance(message, Dhcp) and message.type in ("offer", "ack") for message in found) == MOST_ANSWERS
    assert [problem.code for problem in found if isinstance(problem, Problem)] == ["dhcp-too-many-answers"]


def test_unreadable_answers_are_reported() -> None:
    def answer(frame: bytes) -> Frames:
        yield udp_frame(reply(frame)[:236] + b"nothing"), None

    found = run(Wire(answer))
    assert [problem.code for problem in found if isinstance(problem, Problem)] == ["dhcp-malformed"]
    assert [message.outcome for message in found if isinstance(message, Dhcp)] == ["no_answer"] * 4


def test_without_an_address_no_inform() -> None:
    wire = Wire(server)
    run(wire, own=InterfaceAddresses(OWN.mac, None))
    assert [message.type for message in wire.messages] == ["discover"] * 3


def test_a_radio_sends_under_its_own_address() -> None:
    wire = Wire(server)
    run(wire, own=InterfaceAddresses(OWN.mac, None, wireless=True))
    assert {frame[6:12].hex(":") for _, frame in wire.sent} == {OWN.mac}
    assert {message.client for message in wire.messages} == {MAC}


def test_an_interface_that_is_down() -> None:
    class Down(Wire):
        def send(self, frame: bytes) -> None:
            raise OSError(errno.ENETDOWN, "Network is down")

    wire = Down(silent)
    with pytest.raises(CannotTest, match="Network is down") as caught:
        run(wire)
    assert caught.value.code == "interface-down"
    assert wire.closed


def test_the_socket_is_closed_when_nobody_wants_more() -> None:
    wire = Wire(server)
    asking = query_servers(Context(monotonic=lambda: wire.now), mac=MAC, interface="eth0", wait=3.0, link=wire, own=OWN)
    assert isinstance(next(asking), Dhcp)
    asking.close()  # type: ignore[attr-defined]
    assert wire.closed


def test_without_the_right_to_a_packet_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> Link:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(module, "open_link", refused)
    found = list(query_servers(Context(), mac=MAC, interface="eth0", vlan=20, own=OWN))
    assert [problem.code for problem in found if isinstance(problem, Problem)] == ["no-privilege"]
    assert len(found) == 1
    assert elevated_command(f"check-dhcp --ask --interface eth0 --mac {MAC} --vlan 20") in found[0].text  # type: ignore[union-attr]
    beside = {"linux": "'dumpcap -i eth0 -w ", "darwin": "'sudo tcpdump -i eth0 -w "}.get(
        sys.platform, "'pktmon start "
    )
    assert f"Without it: {beside}" in found[0].text or "have somebody run" in found[0].text  # type: ignore[union-attr]
    assert ", while the phone restarts" in found[0].text  # type: ignore[union-attr]


class SilentSocket:
    """An ordinary socket to which nobody sends anything; each wait takes all of its time at once."""

    now = 0.0
    waits = 0.0

    def settimeout(self, seconds: float) -> None:
        self.waits = seconds

    def sendto(self, message: bytes, address: tuple[str, int]) -> None:
        """It goes nowhere."""

    def recvfrom(self, size: int) -> tuple[bytes, tuple[str, int]]:
        self.now += self.waits
        raise TimeoutError

    def close(self) -> None:
        """Nothing is left of it."""


@pytest.mark.parametrize(
    ("until", "told", "now"), [(None, ["no_answer"], 10.0), (4.0, ["max-time"], 4.0), (0.5, ["max-time"], 0.5)]
)
def test_an_answer_to_an_ordinary_socket_is_awaited_so_long(
    until: float | None, told: list[str], now: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as one to a packet socket, and not beyond the run."""

    def refused(*_: object) -> Link:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    silent = SilentSocket()
    monkeypatch.setattr(module, "open_link", refused)
    monkeypatch.setattr(module, "client_socket", lambda interface, address: silent)
    context = Context(monotonic=lambda: silent.now, until=until, max_time=until)
    found: list[str | None] = []
    try:
        for item in query_servers(context, mac=MAC, interface="eth0", wait=3.0, own=OWN):
            found += [item.outcome] if isinstance(item, Dhcp) else []
    except CannotTest as cannot:
        found.append(cannot.code)
    assert (found, round(silent.now, 3)) == (told, now)


@pytest.mark.parametrize("name", ["no-such-if0", "a" * 40, "../etc", "eth0\0", "\u00e4" * 15])
@pytest.mark.skipif(not hasattr(socket, "AF_PACKET"), reason="needs Linux")
def test_no_such_interface(name: str) -> None:
    with pytest.raises(CannotTest) as caught:
        list(query_servers(Context(), mac=MAC, interface=name))
    assert caught.value.code == "no-interface"


@pytest.mark.skipif(not hasattr(socket, "AF_PACKET"), reason="needs Linux")
def test_no_ethernet() -> None:
    with pytest.raises(CannotTest, match="no Ethernet interface"):
        list(query_servers(Context(), mac=MAC, interface="lo"))


@given(st.binary(max_size=120))
def test_any_frame(data: bytes) -> None:
    read_frame(data)
    read_frame(bytes(12) + b"\x08\x00" + data)
    read_frame(bytes(12) + b"\x81\x00\x00\x01\x08\x00\x45" + data)


@pytest.mark.parametrize(
    ("flags", "is_read"),
    [
        pytest.param(0, True, id="no flag"),
        pytest.param(0x4000, True, id="do not fragment"),
        pytest.param(0x2000, False, id="first fragment"),
        pytest.param(0x0001, False, id="fragment at byte 8"),
        pytest.param(0x1000, False, id="fragment at byte 32768"),
    ],
)
def test_a_fragment_is_no_datagram(flags: int, is_read: bool) -> None:
    head = b"\x45\0" + (32).to_bytes(2, "big") + bytes(2) + flags.to_bytes(2, "big") + b"\x40\x11" + bytes(10)
    datagram = b"\0\x43\0\x44" + (12).to_bytes(2, "big") + bytes(2) + b"read"
    assert (read_frame(bytes(12) + b"\x08\0" + head + datagram) is not None) is is_read


def test_nested_tags_end() -> None:
    assert read_frame(bytes(12) + b"\x81\x00\x00\x01" * 10000) is None


@given(st.binary(max_size=600), st.integers(0, 3))
def test_any_options_in_an_answer(data: bytes, kind: int) -> None:
    def answer(frame: bytes) -> Frames:
        yield udp_frame(reply(frame)[: 240 + kind] + data), None

    found = run(Wire(answer), wait=0.5)
    assert len(found) >= 4
