"""The assembler of filters, and each filter that is made with it."""

import struct

import pytest

from tests.bench.traffic import ipv4, tcp, udp
from tests.runtime.bpf_machine import passes
from ucdiag.capture.bpf import kernel_filter, raw_filter
from ucdiag.probe.packet_link import to_dhcp_clients
from ucdiag.runtime.bpf import ACCEPT, EQUAL, LOAD_BYTE, REJECT, RETURN, Program

ONE, TWO = bytes.fromhex("0004f2000001"), bytes.fromhex("0004f2000002")


def test_a_jump_to_no_label_goes_on_with_the_next_instruction() -> None:
    program = Program()
    program.add(LOAD_BYTE, 1)
    program.jump_if_any([7, 9], "accept")
    program.add(RETURN, REJECT)
    program.label("accept")
    program.add(RETURN, ACCEPT)
    assembled = program.assemble()
    assert len(assembled) == 5 * 8
    assert [passes(assembled, bytes([0, value])) for value in (7, 8, 9)] == [True, False, True]


@pytest.mark.parametrize("between", [255, 256])
def test_a_jump_goes_over_255_instructions_at_most(between: int) -> None:
    program = Program()
    program.add(EQUAL, 0, "end")
    for _ in range(between):
        program.add(LOAD_BYTE, 0)
    program.label("end")
    program.add(RETURN, ACCEPT)
    if between == 255:
        assert passes(program.assemble(), b"")
    else:
        with pytest.raises(ValueError, match="too many ports"):
            program.assemble()


def frame(packet: bytes, kind: int = 0x0800, *tags: int) -> bytes:
    types = (*tags, kind)
    head = b"".join(struct.pack(">HH", tag, 7) for tag in types[:-1])
    return ONE + TWO + head + types[-1].to_bytes(2, "big") + packet


def datagram(source: int, target: int, piece: int = 0) -> bytes:
    packet = bytearray(ipv4("10.0.0.1", "10.0.0.2", 17, udp(source, target, bytes(20))))
    packet[6:8] = piece.to_bytes(2, "big")
    return bytes(packet)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(frame(datagram(67, 68)), True, id="to a DHCP client"),
        pytest.param(frame(datagram(68, 67)), False, id="to a DHCP server"),
        pytest.param(frame(datagram(67, 68, 0x2000)), True, id="first fragment"),
        pytest.param(frame(datagram(67, 68, 1)), False, id="later fragment"),
        pytest.param(frame(datagram(67, 68)[:9] + b"\x06" + datagram(67, 68)[10:]), False, id="TCP"),
        pytest.param(frame(datagram(67, 68), 0x86DD), False, id="IPv6"),
        pytest.param(frame(datagram(67, 68), 0x0806), False, id="ARP"),
        pytest.param(frame(datagram(1, 2), 0x0800, 0x8100), True, id="tagged"),
        pytest.param(frame(datagram(1, 2), 0x0800, 0x88A8), True, id="tagged by a provider"),
        pytest.param(frame(datagram(67, 68))[:36], False, id="cut before the port"),
    ],
)
def test_what_passes_the_filter_to_dhcp_clients(data: bytes, expected: bool) -> None:
    assert passes(to_dhcp_clients(), data) is expected


def test_options_of_ip_move_the_port_of_the_filter_to_dhcp_clients() -> None:
    plain = datagram(67, 68)
    options = bytes([0x46]) + plain[1:20] + bytes(4) + plain[20:]
    assert passes(to_dhcp_clients(), frame(options))
    assert not passes(to_dhcp_clients(), frame(bytes([0x46]) + plain[1:]))


SEGMENT = ipv4("10.0.0.1", "10.0.0.2", 6, tcp(5000, 8080, 1, 1, 16))


@pytest.mark.parametrize(
    ("ports", "packet", "expected"),
    [
        pytest.param([80], SEGMENT, False, id="another port"),
        pytest.param([80, 8080], SEGMENT, True, id="a watched port"),
        pytest.param([80], ipv4("10.0.0.1", "10.0.0.2", 6, tcp(5000, 5061, 1, 1, 16)), True, id="a sign-in"),
        pytest.param([80], ipv4("10.0.0.2", "10.0.0.1", 6, tcp(5061, 5000, 1, 1, 16)), True, id="its answer"),
        pytest.param([80], datagram(5000, 5061), False, id="the same port of UDP"),
        pytest.param([80], datagram(5000, 53), True, id="DNS"),
        pytest.param([80], datagram(4789, 5000), True, id="a tunnel"),
        pytest.param([80], b"\x60" + SEGMENT[1:], False, id="no IPv4"),
        pytest.param([80], SEGMENT[:8] + b"\x40\x2f" + SEGMENT[10:], True, id="GRE"),
        pytest.param([80], SEGMENT[:8] + b"\x40\x02" + SEGMENT[10:], False, id="IGMP"),
    ],
)
def test_with_and_without_ethernet_the_same_packets_pass(ports: list[int], packet: bytes, expected: bool) -> None:
    assert passes(raw_filter(ports), packet) is expected
    for tags in ((), (0x8100,), (0x88A8,), (0x9100,), (0x9200,)):
        assert passes(kernel_filter(ports), frame(packet, 0x0800, *tags)) is expected


def answer(name: bytes, flags: int = 0x8180, source: int = 1053) -> bytes:
    """About one name, from a port that was not asked."""
    message = struct.pack(">6H", 7, flags, 1, 0, 0, 0) + name + bytes.fromhex("03636f6d0000010001")
    return ipv4("10.0.0.1", "10.0.0.2", 17, udp(source, 40000, message))


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        pytest.param(answer(b"\x0cucupdates-r2"), True, id="an answer about the update server"),
        pytest.param(answer(b"\x0cUcUpdates-R2"), True, id="in another case"),
        pytest.param(answer(b"\x09ucupdates"), True, id="about the older name"),
        pytest.param(answer(b"\x0cucupdates-r2", flags=0x8183), True, id="that it does not exist"),
        pytest.param(answer(b"\x0cucupdates-r2", flags=0x0100), False, id="a question"),
        pytest.param(answer(b"\x03www"), False, id="about another name"),
        pytest.param(answer(b"\x09workspace"), False, id="about a name of that length"),
        pytest.param(answer(b"\x0cucupdates-r2")[:41], False, id="cut before the name"),
        pytest.param(datagram(1053, 40000), False, id="no DNS"),
    ],
)
def test_an_answer_from_another_port_passes_by_what_it_says(packet: bytes, expected: bool) -> None:
    assert passes(raw_filter([80]), packet) is expected
    for tags in ((), (0x8100,)):
        assert passes(kernel_filter([80]), frame(packet, 0x0800, *tags)) is expected


@pytest.mark.parametrize("ports", [90, 200])
def test_a_filter_has_room_for_ninety_ports(ports: int) -> None:
    if ports == 90:
        assert passes(kernel_filter(range(8000, 8000 + ports)), frame(SEGMENT))
    else:
        with pytest.raises(ValueError, match="too many ports"):
            kernel_filter(range(8000, 8000 + ports))
