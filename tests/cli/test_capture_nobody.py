"""``ucdiag capture -r`` on captures in which no phone is seen: what is said instead."""

import struct
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.traffic import ethernet, ipv4, tcp, udp
from tests.capture.capture_files import described, enhanced, pcap, secrets_block, section
from tests.wire.ladder import PHONE_MAC, POOL_MAC, START
from tests.wire.wired import Packet, captured, write
from tests.wire.wrappings import STORY, Wrap, between, carrier, gre, in_ip, in_udp, outer, wireless
from ucdiag.capture.census import CENSUS_MOST, Census
from ucdiag.cli.main import cli
from ucdiag.cli.no_phone import no_phone_verdict
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.packet_tracker import PacketTracker

ESP = b"\0\0\x01\x01\0\0\0\x01"


def dtls(frame: bytes) -> bytes:
    return in_udp(40001, b"\x17\xfe\xfd" + bytes(10))(frame)


def wireguard(frame: bytes) -> bytes:
    return in_udp(51820, b"\x04\0\0\0" + bytes(12) + frame[: len(frame) // 16 * 16], whole=True)(b"")


def in_two(wrap: Wrap) -> Wrap:
    return lambda frame: gre(0x6558)(wrap(frame))


def in_ipv6(protocol: int, header: bytes = b"", whole: bool = True) -> Wrap:
    def wrap(frame: bytes) -> bytes:
        payload = header + (frame if whole else frame[14:])
        return outer(0x86DD, struct.pack(">IHBB", 0x60000000, len(payload), protocol, 64) + bytes(32) + payload)

    return wrap


HIDDEN: dict[str, tuple[Wrap, str, str]] = {
    "ESP": (in_ip(50, ESP), "IPsec (ESP)", "encrypted"),
    "ESP in UDP": (in_udp(4500, ESP), "IPsec (ESP in UDP)", "encrypted"),
    "ESP in GRE": (in_two(in_ip(50, ESP)), "IPsec (ESP)", "encrypted"),
    "MACsec": (between(b"\x88\xe5\x0e\0\0\0\0\x01"), "MACsec", "encrypted"),
    "MACsec behind a tag": (between(b"\x81\0\0\x07\x88\xe5\x0c\0\0\0\0\x01"), "MACsec", "encrypted"),
    "WireGuard": (wireguard, "WireGuard", "encrypted"),
    "OpenVPN": (in_udp(1194, b"\x48" + bytes(20)), "OpenVPN", "encrypted"),
    "DTLS": (dtls, "DTLS", "encrypted"),
    "CAPWAP with DTLS": (in_udp(5247, b"\x01\0\0\0\x17\xfe\xfd" + bytes(10)), "CAPWAP with DTLS", "encrypted"),
    "GRE with something": (gre(0x6559), "GRE with EtherType 0x6559", "not read"),
    "sFlow": (in_udp(6343, b"\0\0\0\x05" + bytes(40)), "sFlow's samples", "not read"),
    "VXLAN with something": (lambda frame: in_udp(4789, bytes(8))(frame), "UDP port 4789", "not read"),
    "GRE over IPv6": (in_ipv6(47, b"\0\0\x65\x58"), "GRE over IPv6", "not read"),
    "IP in IPv6": (in_ipv6(4, whole=False), "IP in IPv6", "not read"),
    "ESP over IPv6": (in_ipv6(50, ESP), "IPsec (ESP)", "encrypted"),
    "VXLAN over IPv6": (
        in_ipv6(17, struct.pack(">HHHH", 40000, 4789, 100, 0) + b"\x08\0\0\0\0\0\x64\0"),
        "UDP port 4789 over IPv6",
        "not read",
    ),
    "IPComp": (in_ip(108, bytes(4)), "IPComp", "not read"),
}


def wrapped(wrap: Wrap) -> list[Packet]:
    return [(time, wrap(frame)) for time, frame in STORY]


@pytest.mark.parametrize("name", HIDDEN)
def test_what_hides_the_packets_is_named(name: str, tmp_path: Path) -> None:
    wrap, said, why = HIDDEN[name]
    report = captured(write(tmp_path / "hidden.pcap", wrapped(wrap)))
    verdict = report["verdict"]
    assert (verdict["status"], verdict["step"], verdict["code"]) == ("unknown", None, "capture-encapsulated")
    assert report["phones"] == []
    assert f"10 of 11 packets carry others in a tunnel that is {why} ({said}: 10)." in verdict["summary"]


@pytest.mark.parametrize(
    ("link", "header"),
    [
        (105, b""),
        (127, b"\0\0\x08\0" + bytes(4)),
        (192, b"\0\0\x08\0\x69\0\0\0"),
        (119, bytes(4) + b"\x18\0\0\0" + bytes(16)),
        (163, bytes(4) + b"\0\0\0\x18" + bytes(16)),
    ],
)
@pytest.mark.parametrize("beacons", [0, 100])
def test_wi_fi_that_is_encrypted(link: int, header: bytes, beacons: int, tmp_path: Path) -> None:
    path = tmp_path / "air.pcap"
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link)]
    frames = [header + b"\x80\0" + bytes(60)] * beacons
    for _, frame in STORY:
        air = bytearray(header + wireless(frame))
        air[len(header) + 1] |= 0x40
        frames.append(bytes(air))
    parts += [struct.pack("<IIII", 1_700_000_000, 0, len(air), len(air)) + air for air in frames]
    path.write_bytes(b"".join(parts))
    verdict = captured(path)["verdict"]
    assert verdict["code"] == "capture-encapsulated"
    assert "10 of 10 packets" in verdict["summary"]
    assert "(Wi-Fi (WPA): 10)" in verdict["summary"]


@pytest.mark.parametrize("name", HIDDEN)
def test_half_of_the_packets_are_not_most(name: str, tmp_path: Path) -> None:
    other = [(time, carrier(0x88CC)(frame)) for time, frame in STORY]
    verdict = captured(write(tmp_path / "half.pcap", [*wrapped(HIDDEN[name][0]), *other]))["verdict"]
    assert verdict["code"] == "no-phone-seen"
    assert f"Into 10 packets nobody can look ({HIDDEN[name][1]}: 10)." in verdict["summary"]


@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(in_udp(500, ESP), id="IKE"),
        pytest.param(in_udp(4500, bytes(4)), id="IKE behind translation"),
        pytest.param(in_udp(9999), id="some UDP"),
        pytest.param(in_udp(1194, b"\x38" + bytes(20)), id="OpenVPN's control"),
        pytest.param(in_ip(89), id="OSPF"),
        pytest.param(carrier(0x88CC), id="LLDP"),
        pytest.param(lambda frame: outer(0x86DD, b"\x60" + bytes(39)), id="IPv6"),
    ],
)
def test_other_packets_are_no_tunnel(wrap: Wrap, tmp_path: Path) -> None:
    report = captured(write(tmp_path / "other.pcap", wrapped(wrap)))
    assert report["verdict"]["code"] == "no-phone-seen"
    assert "carry others" not in report["verdict"]["summary"]


def test_a_phone_beside_a_tunnel_is_judged(tmp_path: Path) -> None:
    packets = [*STORY, *(packet for _ in range(5) for packet in wrapped(HIDDEN["ESP"][0]))]
    [phone] = captured(write(tmp_path / "both.pcap", packets))["phones"]
    assert phone["verdict"]["code"] == "no-update-offered"
    assert [finding["code"] for finding in phone["findings"]] == ["no-update-offered"]


def test_one_packet_is_counted_as_one(tmp_path: Path) -> None:
    frame = ethernet(PHONE_MAC, POOL_MAC, 0x0806, bytes(28))
    (tmp_path / "one.pcap").write_bytes(pcap([(START, frame)]))
    assert "Its 1 packet is of no IP host (ARP: 1)." in captured(tmp_path / "one.pcap")["verdict"]["summary"]


def test_a_capture_of_no_phone_with_secrets_behind_its_packets(tmp_path: Path) -> None:
    frame = ethernet(PHONE_MAC, POOL_MAC, 0x0806, bytes(28))
    secret = secrets_block(f"CLIENT_RANDOM {'00' * 32} {'11' * 48}\n")
    packets = [enhanced(number, frame) for number in range(3)]
    (tmp_path / "one.pcapng").write_bytes(b"".join([section(), described(), *packets, secret, *packets]))
    verdict = captured(tmp_path / "one.pcapng")["verdict"]
    assert verdict["code"] == "no-phone-seen"
    assert "Its 6 packets are of no IP host (ARP: 6)." in verdict["summary"]


def test_what_was_seen_is_counted(tmp_path: Path) -> None:
    one, two = "10.0.0.1", "10.0.0.2"
    packets = [
        ipv4(one, two, 6, tcp(5000, 443, 1, 1, 16)),
        ipv4(one, two, 6, tcp(5000, 80, 1, 1, 16)),
        ipv4(one, two, 6, tcp(5000, 22, 1, 1, 16)),
        ipv4(one, two, 17, udp(5000, 5001, b"")),
        ipv4(one, two, 1, b"\x08" + bytes(7)),
    ]
    frames = [(START, ethernet(PHONE_MAC, POOL_MAC, 0x0800, packet)) for packet in packets]
    frames.append((START, ethernet(PHONE_MAC, POOL_MAC, 0x0806, bytes(28))))
    summary = captured(write(tmp_path / "some.pcap", frames))["verdict"]["summary"]
    assert "Its 7 packets are of 4 hosts (TCP: 3, UDP: 2, ARP: 1, ICMP: 1, TCP port 80: 1, TCP port 443: 1)." in summary
    assert "There is no DHCP and no DNS in it." in summary
    # The address of the phone's maker.
    assert "Power the phone off and on" in summary or "00:04:f2" in summary


def test_where_nothing_of_a_phone_could_be_heard_the_mirror_is_named(tmp_path: Path) -> None:
    summary = captured(write(tmp_path / "quiet.pcap", wrapped(carrier(0x88CC))))["verdict"]["summary"]
    assert summary.endswith("Mirror the phone's switch port in both directions, and capture without a filter.")
    assert "EtherType 0x88cc: 10" in summary


def test_a_capture_without_packets_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "empty.pcap"
    path.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
    verdict = captured(path)["verdict"]
    assert verdict["code"] == "no-phone-seen"
    assert verdict["summary"].startswith("The capture is empty: no packet is in it.")


def test_a_file_without_a_byte_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "nothing.pcap"
    path.touch()
    done = CliRunner().invoke(cli, ["capture", "-r", str(path)])
    assert done.exit_code == 3
    assert f"{path} is empty" in " ".join((done.output + done.stderr).split())


def test_a_link_type_that_is_not_known_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bus.pcap"
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 227)
    path.write_bytes(head + (struct.pack("<IIII", 1_700_000_000, 0, 16, 16) + bytes(16)) * 3)
    summary = captured(path)["verdict"]["summary"]
    assert "link type 227: 3" in summary


def test_of_a_phone_that_was_named_and_not_seen_too(tmp_path: Path) -> None:
    path = write(tmp_path / "quiet.pcap", wrapped(carrier(0x88CC)))
    report = captured(path, "--mac", "00:04:f2:00:00:99")
    assert [phone["verdict"]["code"] for phone in report["phones"]] == ["no-phone-seen"]
    assert report["verdict"]["code"] == "no-phone-seen"
    assert report["verdict"]["summary"].startswith("Nothing of 00:04:f2:00:00:99 is in the capture.")
    assert "EtherType 0x88cc: 10" in report["verdict"]["summary"]
    hidden = write(tmp_path / "hidden.pcap", wrapped(HIDDEN["ESP"][0]))
    assert captured(hidden, "--mac", "00:04:f2:00:00:99")["verdict"]["code"] == "capture-encapsulated"


@given(st.sampled_from([1, 101, 105, 113, 119, 127, 163, 192, 228, 276, 227]), st.binary(max_size=90))
def test_arbitrary_packets_are_counted(link: int, data: bytes) -> None:
    census = Census(PacketTracker(lambda _: None, HostFilter()))
    census.count_packet(link, data)
    told = census.kinds.total() + census.unread_tunnels.total() + census.tunnels
    assert census.packets == 1
    assert told >= 1
    assert no_phone_verdict((), 1, census, {}).code in ("no-phone-seen", "capture-encapsulated")


@pytest.mark.parametrize(
    ("fragment", "kind"),
    [(0, "DHCP"), (0x4000, "DHCP"), (0x2000, "DHCP"), (1, "UDP"), (0x1000, "UDP"), (0x2100, "UDP"), (0x1FFF, "UDP")],
)
def test_a_fragment_behind_the_first_has_no_ports(fragment: int, kind: str) -> None:
    """``fragment``: the flags and the offset, in units of eight bytes."""
    packet = ipv4("10.0.0.1", "10.0.0.2", 17, udp(68, 67, b""))
    packet = packet[:6] + struct.pack(">H", fragment) + packet[8:]
    census = Census(PacketTracker(lambda _: None, HostFilter()))
    census.count_packet(1, ethernet(PHONE_MAC, POOL_MAC, 0x0800, packet))
    assert dict(census.kinds) == {kind: 1}


def test_from_a_pipe_the_packets_that_came_here_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "hidden.pcap", wrapped(gre(0x6559)))
    done = CliRunner().invoke(cli, ["capture", "-r", "-", "--json"], input=path.read_bytes())
    assert '"code": "capture-encapsulated"' in done.stdout


def test_only_the_beginning_of_a_large_capture_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "large.pcap"
    frame = ethernet(PHONE_MAC, POOL_MAC, 0x0800, ipv4("10.0.0.1", "10.0.0.2", 17, udp(5000, 5001, b"")))
    record = struct.pack("<IIII", 1_700_000_000, 0, len(frame), len(frame)) + frame
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    path.write_bytes(head + record * (CENSUS_MOST + 10))
    assert f"Its first {CENSUS_MOST:,} packets are of 2 hosts" in captured(path)["verdict"]["summary"]
