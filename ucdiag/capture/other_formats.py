"""Detects the format of a file that is neither pcap nor pcapng, and gives the command that converts it.

The format is detected by the first bytes, as in Wireshark (wiretap), by the shape of the first lines of a text, and by
the file name for formats without a mark. The commands are those of Wireshark's package, except for archives.
"""

import re

from ucdiag.model.patterns import pattern
from ucdiag.model.text import is_report

# Bytes needed to detect a format: the mark of tar is behind the first file's name.
ENOUGH = 600
_TAR_MARK_AT = 257

_EDITCAP = "convert it with Wireshark's editcap first ('editcap -F pcapng IN OUT')"
_EDITCAP_ETHERNET = "convert it with Wireshark's editcap first ('editcap -F pcapng -T ether IN OUT')"
_UNPACK = "unpack it first, and give the capture in it"
_AGAIN = "it has not all the bytes of the packets: save the capture itself ('tcpdump -w FILE', 'tshark -w FILE')"
_HEX_TO_PCAP = "convert it with Wireshark's text2pcap first ('text2pcap IN OUT'; the times get lost)"

# The first bytes, what that is, and what to do.
_MARKS: tuple[tuple[bytes, str, str], ...] = (
    (b"GMBU", "a capture of Microsoft Network Monitor", _EDITCAP),
    (b"RTSS", "a capture of Microsoft Network Monitor", _EDITCAP),
    (b"snoop\0\0\0", "a capture of Solaris' snoop", _EDITCAP),
    (b"TRSNIFF data    \x1a", "a capture of Network General's Sniffer (DOS)", _EDITCAP),
    (b"XCP\0", "a capture of Sniffer for Windows or NetXRay", _EDITCAP),
    (b"VL\0\0", "a capture of NetXRay", _EDITCAP),
    (b"\xaa\xaa\xaa\xaa", "a capture of InfoVista's 5View", _EDITCAP),
    (b"\x01\x10\x4c\0\x01\x05Trace Display", "a capture of Novell's LANalyzer", _EDITCAP),
    (b"\x05VNF", "a capture of Visual Networks", _EDITCAP),
    (b"ObserverPktBuffe", "a capture of Viavi's (Network Instruments') Observer", _EDITCAP),
    (b"\x7fver", "a capture of OmniPeek", _EDITCAP),
    (b"iptrace ", "a trace of AIX's iptrace", _EDITCAP),
    (b"\0\0\2\0\x12\5\0\x10", "a capture of Tektronix' K12 or K15", _EDITCAP),
    (b"TR\0d\0", "a trace of HP-UX's nettl", _EDITCAP_ETHERNET),
    (b"+---------+---------------+----------+", "text of Tektronix' K12 or K15", _EDITCAP_ETHERNET),
    (b"\x42\xd2\0\x34\x12\x66\x22\x88", "a capture of RADCOM's analyzer", _EDITCAP),
    (b"btsnoop\0", "a trace of Bluetooth, not of a network", "capture the phone's network"),
    (b"PK\3\4", "an archive of files (zip)", f"{_UNPACK} ('unzip FILE')"),
    (b"7z\xbc\xaf\x27\x1c", "an archive of files (7-Zip)", f"{_UNPACK} ('7z x FILE')"),
    (b"Rar!\x1a\7", "an archive of files (RAR)", f"{_UNPACK} ('unrar x FILE')"),
    (b"MSCF", "an archive of files (Windows' cabinet)", f"{_UNPACK} ('expand FILE -F:* FOLDER')"),
    (b"070701", "an archive of files (cpio)", f"{_UNPACK} ('cpio -id < FILE')"),
    (b"!<arch>\n", "an archive of files (ar)", f"{_UNPACK} ('ar x FILE')"),
    (b"\x1f\x9d", "compressed (compress)", "decompress it first ('uncompress FILE')"),
    (b"LZIP", "compressed (lzip)", "decompress it first ('lzip -d FILE')"),
    (b"%PDF", "a PDF document", "give the capture itself"),
    (b"begin 644 ", "a file in uuencode", "decode it first ('uudecode FILE')"),
    (b"1MOyoQ", "a capture in Base64", "decode it first ('base64 -d IN > OUT')"),
    (b"TTyyoQ", "a capture in Base64", "decode it first ('base64 -d IN > OUT')"),
    (b"Cg0NCg", "a capture in Base64", "decode it first ('base64 -d IN > OUT')"),
    (b"\xff\xfe\xd4\0", "a capture that PowerShell's '>' turned into text", "capture again with -w FILE"),
    (b"\xff\xfe\n\0\r\0", "a capture that PowerShell's '>' turned into text", "capture again with -w FILE"),
)
_ENDINGS: dict[str, tuple[str, str]] = {
    ".erf": ("a capture of Endace (ERF)", _EDITCAP),
    ".ncf": ("a capture of TamoSoft's CommView", _EDITCAP_ETHERNET),
    ".ncfx": ("a capture of TamoSoft's CommView", _EDITCAP_ETHERNET),
    ".ber": ("one message in ASN.1 (BER), not a capture", "give the capture from which it was taken"),
}
_EVENT_TRACE = (
    "an event trace of Windows (netsh trace, pktmon)",
    "convert it first, one of netsh trace with 'etl2pcapng IN OUT', one of pktmon with 'pktmon etl2pcap IN --out OUT'",
)
# What makes of tcpdump's hexadecimal lines what text2pcap reads.
_SED = (
    r"sed -nE 's/^[[:space:]]+0x([0-9a-f]{4}):  ([0-9a-f ]{4,39}).*/00\1 \2/p' IN | "
    r"sed -E 's/ ([0-9a-f]{2})([0-9a-f]{2})/ \1 \2/g' | "
)
_TCPDUMP_LINE = pattern(
    rb"^(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d\.\d+ |^(\d+\.\d{6} )?(IP6? (\(tos |\S+ > \S+: )|ARP, )", re.MULTILINE
)
_SERVER_LOGS = (b"#software: microsoft ", b"#fields: ", b"logging date")
_TCPDUMP_HEX = pattern(rb"^\t?\s*0x0000:  ([0-9a-f]{4})", re.M)
_XXD = pattern(rb"^0000000[0-9a-f]?: (d4c3 ?b2a1|d4 c3 b2 a1|0a0d ?0d0a|0a 0d 0d 0a|4d3c ?b2a1|4d 3c b2 a1)")
_HEX_LINE = pattern(rb"^0{3,8}:? +[0-9a-f]{2} [0-9a-f]{2} ", re.M | re.I)
_TSHARK_LINE = pattern(rb"^ *1 +\d+\.\d+ +\S+ +(\xe2\x86\x92|->) +\S+ ")
_HTML = pattern(rb"^\s*(<!doctype html|<html)", re.I)
_FORTIGATE = pattern(rb"^interfaces=\[|^filters=\[", re.M)


def other_format(first: bytes, name: str) -> str:
    """What a file is and how it becomes pcapng, as the end of a sentence. ``first`` are its first ``ENOUGH`` bytes, or
    as many as it has."""
    found = _binary_format(first) or _text_format(first) or _by_name(first, name.lower())
    if found is None:
        return "is no capture that can be read: it is neither pcap nor pcapng"
    what, advice = found
    return f"is {what}: {advice}"


def _binary_format(first: bytes) -> tuple[str, str] | None:
    for mark, what, advice in _MARKS:
        if first.startswith(mark):
            return what, advice
    if b"NetScaler" in first[:64]:
        return "a trace of NetScaler (nstrace)", _EDITCAP
    if first[_TAR_MARK_AT : _TAR_MARK_AT + 5] == b"ustar":
        return "an archive of files (tar)", f"{_UNPACK} ('tar -xf FILE')"
    return _EVENT_TRACE if _is_event_trace(first) else None


def _by_name(first: bytes, name: str) -> tuple[str, str] | None:
    if name.endswith(".etl"):
        return _EVENT_TRACE
    for ending, found in _ENDINGS.items():
        if name.endswith(ending):
            return found
    return _ENDINGS[".erf"] if _is_erf(first) else None


def _text_format(first: bytes) -> tuple[str, str] | None:
    """A dump of packets as text."""
    start = first.removeprefix(b"\xef\xbb\xbf").lstrip()
    if is_report(start):
        return "a report of ucdiag", "give it to 'ucdiag report'"
    if start.lower().startswith(_SERVER_LOGS):
        return "a log of the server", "give it to 'ucdiag logs'"
    if _XXD.match(start):
        return "a capture as text of xxd", "turn it back first ('xxd -r IN OUT')"
    hexadecimal = _TCPDUMP_HEX.search(first)
    if hexadecimal is not None:
        # Raw IP begins with its version.
        link = "text2pcap -l 101 - OUT" if hexadecimal[1][:1] in b"46" else "text2pcap - OUT"
        return "text of tcpdump -x or -X", f"convert it first (the times get lost) with: {_SED}{link} "
    if _FORTIGATE.search(first):
        return "text of FortiGate's sniffer", "convert it first ('fgt2eth -in IN -out OUT')"
    if _TCPDUMP_LINE.search(first):
        return "text of tcpdump", _AGAIN
    if b'"frame_raw"' in first:
        return "JSON of tshark with all bytes", "convert it with Wireshark's json2pcap first"
    for mark, what in (
        (b'"_index"', "JSON of tshark or Wireshark"),
        (b'{"index"', "JSON of tshark (-T ek)"),
        (b"<pdml", "PDML (XML of tshark or Wireshark)"),
        (b"<psml", "PSML (XML of tshark or Wireshark)"),
        (b'"No.","Time"', "CSV of Wireshark"),
        (b"Encapsulation type: ", "text of tshark -V or Wireshark"),
    ):
        if mark in first:
            return what, _AGAIN
    if _HEX_LINE.search(first):
        return "a hexadecimal dump of packets", _HEX_TO_PCAP
    if _TSHARK_LINE.match(first):
        return "text of tshark", _AGAIN
    return ("a web page", "download the capture itself") if _HTML.match(start) else None


def _is_event_trace(first: bytes) -> bool:
    # The size of its buffers, and behind the first one's header of 72 bytes the mark of an event's.
    size = int.from_bytes(first[:4], "little")
    return len(first) > 75 and size % 1024 == 0 and 4096 <= size <= 16 << 20 and first[75] & 0xC0 == 0xC0


def _is_erf(first: bytes) -> bool:
    """An ERF record of Ethernet: its length is that of the packet, 18 bytes, and what pads it to eight."""
    if len(first) < 18 or first[8] & 0x7F not in (2, 11, 16):
        return False
    record, packet = int.from_bytes(first[10:12], "big"), int.from_bytes(first[14:16], "big")
    return packet >= 14 and 0 <= record - packet - 18 < 8 + 8 * (first[8] >> 7)
