"""Files that are no pcap and no pcapng: each is named, with a command that makes a capture of it."""

import base64
import io
import shutil
import struct
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.wired import captured, said, write
from tests.wire.wrappings import STORY
from ucdiag.capture.other_formats import other_format
from ucdiag.cli.main import cli

pytestmark = pytest.mark.slow

EDITCAP = "'editcap -F pcapng IN OUT'"
ETHERNET = "'editcap -F pcapng -T ether IN OUT'"
WHOLE = ("whole", None, "no-update-offered")


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    return write(tmp_path / "site.pcap", STORY)


def refused(path: Path) -> str:
    done = CliRunner().invoke(cli, ["capture", "-r", str(path), "-f", "short"])
    assert done.exit_code == 3, done.output
    return " ".join(done.stdout.split())


def run(*words: str | Path, **more: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(words, capture_output=True, check=True, timeout=60, **more)  # type: ignore[call-overload,no-any-return]


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


# Real files of Wireshark's own writers; the command that is named makes a capture of them again.


@needs("editcap")
@pytest.mark.parametrize(
    ("format", "name", "command"),
    [
        ("5views", "5View", EDITCAP),
        ("lanalyzer", "LANalyzer", EDITCAP),
        ("netmon1", "Network Monitor", EDITCAP),
        ("netmon2", "Network Monitor", EDITCAP),
        ("ngsniffer", "Sniffer (DOS)", EDITCAP),
        ("ngwsniffer_1_1", "Sniffer for Windows", EDITCAP),
        ("ngwsniffer_2_0", "Sniffer for Windows", EDITCAP),
        ("snoop", "snoop", EDITCAP),
        ("visual", "Visual Networks", EDITCAP),
        ("k12text", "K12", ETHERNET),
        ("nettl", "nettl", ETHERNET),
        ("commview-ncf", "CommView", ETHERNET),
    ],
)
def test_what_wireshark_writes(format: str, name: str, command: str, capture: Path, tmp_path: Path) -> None:
    path = tmp_path / ("other.ncf" if "commview" in format else "other")
    run("editcap", "-F", format, capture, path)
    text = refused(path)
    assert name in text
    assert command in text
    back = tmp_path / "back.pcapng"
    words = command.strip("'").replace("IN", str(path)).replace("OUT", str(back)).split()
    run(*words)
    assert said(captured(back)["phones"][0]) == WHOLE


# Text of the usual programs.


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"schema": "ucdiag.report/1", "ucdiag": "0.1.0"}', "is a report of ucdiag: give it to 'ucdiag report'"),
        ("\ufeff#Software: Microsoft Internet Information Services 10.0\r\n", "give it to 'ucdiag logs'"),
        ("Logging DateTime,User Host Address,Device Type\r\n", "is a log of the server: give it to 'ucdiag logs'"),
        ('{"schema": "another/1"}', "is no capture that can be read"),
    ],
)
def test_what_is_for_another_command_is_named_so(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text(text, encoding="utf-8")
    assert says in refused(path)


@needs("tshark")
@pytest.mark.parametrize(
    ("options", "name"),
    [
        (["-T", "json"], "JSON of tshark"),
        (["-T", "ek"], "JSON of tshark"),
        (["-T", "pdml"], "PDML"),
        (["-T", "psml"], "PSML"),
        (["-V"], "text of tshark -V"),
        ([], "text of tshark"),
    ],
)
def test_text_of_tshark_has_not_all_the_bytes(options: list[str], name: str, capture: Path, tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(run("tshark", "-r", capture, *options).stdout)
    text = refused(path)
    assert f"is {name}" in text
    assert "'tcpdump -w FILE'" in text


@needs("tcpdump")
@pytest.mark.parametrize("option", ["-n", "-nt", "-ntt", "-ntttt", "-nv"])
def test_text_of_tcpdump_has_not_all_the_bytes(option: str, capture: Path, tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(run("tcpdump", option, "-r", capture).stdout)
    assert "is text of tcpdump: it has not all the bytes" in refused(path)


@needs("tcpdump")
@needs("text2pcap")
@pytest.mark.parametrize("option", ["-x", "-X", "-xx", "-XX"])
def test_hexadecimal_text_of_tcpdump_becomes_a_capture_by_the_command(
    option: str, capture: Path, tmp_path: Path
) -> None:
    path, back = tmp_path / "text", tmp_path / "back.pcap"
    path.write_bytes(run("tcpdump", "-n", option, "-r", capture).stdout)
    found = other_format(path.read_bytes()[:600], str(path))
    command = found.partition(" with: ")[2].replace(" IN ", f" {path} ").replace(" OUT ", f" {back}")
    run("sh", "-c", command)
    assert captured(back)["phones"][0]["phone"]["ip"] == "10.0.0.7"


@needs("tshark")
@needs("text2pcap")
def test_a_hexadecimal_dump_becomes_a_capture_by_the_command(capture: Path, tmp_path: Path) -> None:
    path, back = tmp_path / "text", tmp_path / "back.pcap"
    path.write_bytes(run("tshark", "-r", capture, "-x").stdout)
    assert "'text2pcap IN OUT'" in refused(path)
    run("text2pcap", path, back)
    assert captured(back)["phones"][0]["phone"]["ip"] == "10.0.0.7"


# Archives and encodings.


def tar(data: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        entry = tarfile.TarInfo("site.pcap")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return made.getvalue()


def gzipped_tar(data: bytes) -> bytes:
    import gzip

    return gzip.compress(tar(data))


def zipped(data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("site.pcap", data)
    return made.getvalue()


def erf(data: bytes) -> bytes:
    frame = STORY[0][1]
    return struct.pack("<Q", 1) + b"\x02\x04" + struct.pack(">HHH", 18 + len(frame), 0, len(frame)) + b"\0\0" + frame


def powershell(data: bytes) -> bytes:
    return b"\xff\xfe" + data.decode("latin-1").encode("utf-16-le")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (tar, "an archive of files (tar): unpack it first, and give the capture in it ('tar -xf FILE')"),
        (gzipped_tar, "an archive of files (tar)"),
        (zipped, "an archive of files (zip): unpack it first, and give the capture in it ('unzip FILE')"),
        (base64.b64encode, "a capture in Base64: decode it first ('base64 -d IN > OUT')"),
        (powershell, "a capture that PowerShell's '>' turned into text: capture again with -w FILE"),
        (erf, f"a capture of Endace (ERF): convert it with Wireshark's editcap first ({EDITCAP})"),
        (lambda data: b"MSCF" + bytes(80), "cabinet): unpack it first"),
        (lambda data: b"\x7fver" + bytes(80), "OmniPeek"),
        (lambda data: b"iptrace 2.0" + bytes(80), "iptrace"),
        (lambda data: b"ObserverPktBufferVersion=15.00" + bytes(80), "Observer"),
        (lambda data: b"\0\0\2\0\x12\5\0\x10" + bytes(80), "K12"),
        (lambda data: bytes(7) + b"NetScaler V20 Performance Data" + bytes(80), "NetScaler"),
        (lambda data: b"<!DOCTYPE html><html>" + bytes(80), "a web page"),
        (lambda data: b'[\n  {\n    "_index": "x", "frame_raw": ["00"]', "json2pcap"),
        (lambda data: b'"No.","Time","Source"\n"1","0.0","10.0.0.1"\n', "CSV of Wireshark"),
        (lambda data: b"interfaces=[any]\nfilters=[none]\n0.1 10.0.0.1 -> 10.0.0.2", "FortiGate"),
        (lambda data: b"00000000: d4c3 b2a1 0200 0400 0000 0000 0000 0000  ....\n", "'xxd -r IN OUT'"),
    ],
)
def test_archives_and_encodings(make: Callable[[bytes], bytes], said: str, capture: Path, tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(make(capture.read_bytes()))
    assert said in refused(path)


@pytest.mark.parametrize(
    ("name", "said"),
    [("x.etl", "event trace"), ("x.erf", "ERF"), ("X.NCF", "CommView"), ("x.ber", "BER"), ("x", "neither")],
)
def test_names_tell_what_has_no_mark(name: str, said: str) -> None:
    assert said in other_format(bytes(100), name)


@pytest.mark.parametrize("data", [b"hello, world\n" * 20, bytes(range(256)), b"\x7fELF" + bytes(200), b"0000 x"])
def test_anything_else_is_nothing(data: bytes) -> None:
    assert other_format(data, "x.bin") == "is no capture that can be read: it is neither pcap nor pcapng"


@given(st.binary(max_size=700), st.text(max_size=10))
def test_arbitrary_bytes(data: bytes, name: str) -> None:
    assert other_format(data, name).startswith("is ")
