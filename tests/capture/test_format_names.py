"""What is no capture, by its first bytes, its text or its name: each kind once, and what is near it."""

import pytest

from ucdiag.capture.other_formats import other_format

EDITCAP = "convert it with Wireshark's editcap first ('editcap -F pcapng IN OUT')"
ETHERNET = "convert it with Wireshark's editcap first ('editcap -F pcapng -T ether IN OUT')"
AGAIN = "it has not all the bytes of the packets: save the capture itself ('tcpdump -w FILE', 'tshark -w FILE')"
UNPACK = "unpack it first, and give the capture in it"
TRACE = (
    "an event trace of Windows (netsh trace, pktmon): convert it first, one of netsh trace with 'etl2pcapng IN OUT', "
    "one of pktmon with 'pktmon etl2pcap IN --out OUT'"
)
NOTHING = "is no capture that can be read: it is neither pcap nor pcapng"
HEX = (
    "text of tcpdump -x or -X: convert it first (the times get lost) with: "
    r"sed -nE 's/^[[:space:]]+0x([0-9a-f]{4}):  ([0-9a-f ]{4,39}).*/00\1 \2/p' IN | "
    r"sed -E 's/ ([0-9a-f]{2})([0-9a-f]{2})/ \1 \2/g' | "
)
DUMP = "convert it with Wireshark's text2pcap first ('text2pcap IN OUT'; the times get lost)"


def erf(kind: int = 2, record: int = 80, packet: int = 60) -> bytes:
    return bytes(8) + bytes([kind, 0]) + record.to_bytes(2, "big") + bytes(2) + packet.to_bytes(2, "big") + bytes(2)


def trace(size: int = 4096, mark: int = 0xC0, length: int = 76) -> bytes:
    return (size.to_bytes(4, "little") + bytes(71) + bytes([mark]))[:length]


BYTES: dict[str, tuple[bytes, str]] = {
    "Network Monitor 2": (b"GMBU", f"a capture of Microsoft Network Monitor: {EDITCAP}"),
    "Network Monitor 1": (b"RTSS", f"a capture of Microsoft Network Monitor: {EDITCAP}"),
    "snoop": (b"snoop\0\0\0", f"a capture of Solaris' snoop: {EDITCAP}"),
    "Sniffer of DOS": (b"TRSNIFF data    \x1a", f"a capture of Network General's Sniffer (DOS): {EDITCAP}"),
    "Sniffer of Windows": (b"XCP\0", f"a capture of Sniffer for Windows or NetXRay: {EDITCAP}"),
    "NetXRay": (b"VL\0\0", f"a capture of NetXRay: {EDITCAP}"),
    "5View": (b"\xaa\xaa\xaa\xaa", f"a capture of InfoVista's 5View: {EDITCAP}"),
    "LANalyzer": (b"\x01\x10\x4c\0\x01\x05Trace Display", f"a capture of Novell's LANalyzer: {EDITCAP}"),
    "Visual Networks": (b"\x05VNF", f"a capture of Visual Networks: {EDITCAP}"),
    "Observer": (b"ObserverPktBuffe", f"a capture of Viavi's (Network Instruments') Observer: {EDITCAP}"),
    "OmniPeek": (b"\x7fver", f"a capture of OmniPeek: {EDITCAP}"),
    "iptrace": (b"iptrace 2.0", f"a trace of AIX's iptrace: {EDITCAP}"),
    "K12": (b"\0\0\2\0\x12\5\0\x10", f"a capture of Tektronix' K12 or K15: {EDITCAP}"),
    "nettl": (b"TR\0d\0", f"a trace of HP-UX's nettl: {ETHERNET}"),
    "text of K12": (b"+---------+---------------+----------+", f"text of Tektronix' K12 or K15: {ETHERNET}"),
    "RADCOM": (b"\x42\xd2\0\x34\x12\x66\x22\x88", f"a capture of RADCOM's analyzer: {EDITCAP}"),
    "btsnoop": (b"btsnoop\0", "a trace of Bluetooth, not of a network: capture the phone's network"),
    "zip": (b"PK\3\4", f"an archive of files (zip): {UNPACK} ('unzip FILE')"),
    "7-Zip": (b"7z\xbc\xaf\x27\x1c", f"an archive of files (7-Zip): {UNPACK} ('7z x FILE')"),
    "RAR": (b"Rar!\x1a\7", f"an archive of files (RAR): {UNPACK} ('unrar x FILE')"),
    "cabinet": (b"MSCF", f"an archive of files (Windows' cabinet): {UNPACK} ('expand FILE -F:* FOLDER')"),
    "cpio": (b"070701", f"an archive of files (cpio): {UNPACK} ('cpio -id < FILE')"),
    "ar": (b"!<arch>\n", f"an archive of files (ar): {UNPACK} ('ar x FILE')"),
    "tar": (bytes(257) + b"ustar", f"an archive of files (tar): {UNPACK} ('tar -xf FILE')"),
    "compress": (b"\x1f\x9d", "compressed (compress): decompress it first ('uncompress FILE')"),
    "lzip": (b"LZIP", "compressed (lzip): decompress it first ('lzip -d FILE')"),
    "PDF": (b"%PDF", "a PDF document: give the capture itself"),
    "uuencode": (b"begin 644 x", "a file in uuencode: decode it first ('uudecode FILE')"),
    "Base64 of pcap": (b"1MOyoQ", "a capture in Base64: decode it first ('base64 -d IN > OUT')"),
    "Base64 of nanoseconds": (b"TTyyoQ", "a capture in Base64: decode it first ('base64 -d IN > OUT')"),
    "Base64 of pcapng": (b"Cg0NCg", "a capture in Base64: decode it first ('base64 -d IN > OUT')"),
    "PowerShell": (b"\xff\xfe\xd4\0", "a capture that PowerShell's '>' turned into text: capture again with -w FILE"),
    "PowerShell, pcapng": (
        b"\xff\xfe\n\0\r\0",
        "a capture that PowerShell's '>' turned into text: capture again with -w FILE",
    ),
    "NetScaler": (bytes(20) + b"NetScaler", f"a trace of NetScaler (nstrace): {EDITCAP}"),
    "event trace": (trace(), TRACE),
    "event trace, largest": (trace(16 << 20), TRACE),
    "ERF": (erf(), f"a capture of Endace (ERF): {EDITCAP}"),
    "ERF, padded": (erf(record=85), f"a capture of Endace (ERF): {EDITCAP}"),
    "ERF, exact": (erf(record=78), f"a capture of Endace (ERF): {EDITCAP}"),
    "ERF, extended": (erf(0x82, 93), f"a capture of Endace (ERF): {EDITCAP}"),
    "ERF, other kinds": (erf(11), f"a capture of Endace (ERF): {EDITCAP}"),
    "ERF, smallest": (erf(16, 32, 14), f"a capture of Endace (ERF): {EDITCAP}"),
    "xxd": (b"00000000: d4c3 b2a1 0200", "a capture as text of xxd: turn it back first ('xxd -r IN OUT')"),
    "xxd, pcapng": (b"00000000: 0a0d 0d0a", "a capture as text of xxd: turn it back first ('xxd -r IN OUT')"),
    "xxd -g 1": (
        b"\xef\xbb\xbf 00000000: 4d 3c b2 a1",
        "a capture as text of xxd: turn it back first ('xxd -r IN OUT')",
    ),
    "tcpdump -x": (b"\t0x0000:  4500 0054", f"{HEX}text2pcap -l 101 - OUT "),
    "tcpdump -x, IPv6": (b"\t0x0000:  6000 0054", f"{HEX}text2pcap -l 101 - OUT "),
    "tcpdump -xx": (b"x\n        0x0000:  0050 56c0", f"{HEX}text2pcap - OUT "),
    "FortiGate": (b"interfaces=[any]", "text of FortiGate's sniffer: convert it first ('fgt2eth -in IN -out OUT')"),
    "FortiGate, later": (
        b"x\nfilters=[none]",
        "text of FortiGate's sniffer: convert it first ('fgt2eth -in IN -out OUT')",
    ),
    "tcpdump": (b"12:00:00.123456 IP 10.0.0.7 > a: x", f"text of tcpdump: {AGAIN}"),
    "tcpdump -tttt": (b"2026-01-02 12:00:00.123456 IP x", f"text of tcpdump: {AGAIN}"),
    "tcpdump -tt": (b"1767225600.123456 IP6 a > b: x", f"text of tcpdump: {AGAIN}"),
    "tcpdump -t": (b"ARP, Request who-has", f"text of tcpdump: {AGAIN}"),
    "tcpdump -v": (b"IP (tos 0x0", f"text of tcpdump: {AGAIN}"),
    "tshark -T jsonraw": (
        b'[{"_index": 1, "frame_raw": []',
        "JSON of tshark with all bytes: convert it with Wireshark's json2pcap first",
    ),
    "tshark -T json": (b'[{"_index": 1', f"JSON of tshark or Wireshark: {AGAIN}"),
    "tshark -T ek": (b'{"index":{}}', f"JSON of tshark (-T ek): {AGAIN}"),
    "PDML": (b'<?xml version="1.0"?>\n<pdml', f"PDML (XML of tshark or Wireshark): {AGAIN}"),
    "PSML": (b'<?xml version="1.0"?>\n<psml', f"PSML (XML of tshark or Wireshark): {AGAIN}"),
    "CSV": (b'"No.","Time","Source"', f"CSV of Wireshark: {AGAIN}"),
    "tshark -V": (b"Frame 1\n    Encapsulation type: Ethernet", f"text of tshark -V or Wireshark: {AGAIN}"),
    "a hexadecimal dump": (b"0000  00 50 56 c0", f"a hexadecimal dump of packets: {DUMP}"),
    "a longer hexadecimal dump": (b"x\n000000: 00 50 56", f"a hexadecimal dump of packets: {DUMP}"),
    "tshark": (b"    1   0.000000 10.0.0.7 \xe2\x86\x92 10.0.0.2 DNS", f"text of tshark: {AGAIN}"),
    "tshark in ASCII": (b"1 0.0 a -> b DNS", f"text of tshark: {AGAIN}"),
    "a page": (b" <!DOCTYPE html>", "a web page: download the capture itself"),
    "a page without a type": (b"<HTML>", "a web page: download the capture itself"),
}


@pytest.mark.parametrize(("first", "said"), BYTES.values(), ids=BYTES)
def test_what_the_first_bytes_are(first: bytes, said: str) -> None:
    assert other_format(first, "file.pcap") == f"is {said}"


NEAR: dict[str, bytes] = {
    "nothing": b"",
    "words": b"hello",
    "NetScaler too late": bytes(60) + b"NetScaler",
    "tar too early": bytes(256) + b"ustar",
    "an event trace that is too short": trace(length=75),
    "an event trace of small buffers": trace(3072),
    "an event trace of large buffers": trace((16 << 20) + 1024),
    "an event trace of odd buffers": trace(4097),
    "an event trace of another mark": trace(mark=0x80),
    "an ERF record that is cut": erf()[:17],
    "an ERF record of another kind": erf(3),
    "an ERF record that is too short": erf(record=77),
    "an ERF record that is too long": erf(record=86),
    "an extended ERF record that is too long": erf(0x82, 94),
    "an ERF record of a small packet": erf(record=31, packet=13),
    "xxd of something else": b"00000000: ffff ffff",
    "tshark that begins later": b"2 0.0 a -> b DNS",
    "two digits of hexadecimal": b"00  00 50 56",
}


@pytest.mark.parametrize("first", NEAR.values(), ids=NEAR)
def test_what_is_only_near_it(first: bytes) -> None:
    assert other_format(first, "file.pcap") == NOTHING


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("A.ETL", f"is {TRACE}"),
        ("a.erf", f"is a capture of Endace (ERF): {EDITCAP}"),
        ("a.ncf", f"is a capture of TamoSoft's CommView: {ETHERNET}"),
        ("a.NCFX", f"is a capture of TamoSoft's CommView: {ETHERNET}"),
        ("a.ber", "is one message in ASN.1 (BER), not a capture: give the capture from which it was taken"),
        ("etl", NOTHING),
        ("a.etl.pcap", NOTHING),
    ],
)
def test_names_tell_what_has_no_mark(name: str, said: str) -> None:
    assert other_format(b"\x99" * 100, name) == said
