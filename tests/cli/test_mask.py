"""``--mask``: the same verdict, and not one of the originals in any byte, whatever the encoding."""

import base64
import contextlib
import gzip
import json
import random
import re
import ssl
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.bench.traffic import BROKEN, PhoneTraffic, dhcp, ethernet, ipv4, udp
from tests.bench.traffic import START as TRAFFIC_START
from tests.capture.capture_files import pcap, phones
from tests.capture.tls_phone import SERVER, TlsPhone, nothing_newer
from tests.capture.tls_phone import check as tls_check
from tests.cli.originals import bundle, check, conclusions, found_in, judged, run
from tests.wire.ladder import PHONE_MAC, POOL_MAC, START, Ladder
from tests.wire.tls_talk import TlsTalk
from tests.wire.wired import PHONE, POOL, RESOLVER, Packet, frames, question, response, write
from tests.wire.wrappings import WRAPPINGS
from ucdiag.cli.main import cli
from ucdiag.runtime.context import CannotTest
from ucdiag.views import FORMATS

SECOND = 1_000_000
WORDS = ("contoso", "lobby-phone7", "AB37_679e", "alice", "fabrikam", "CORPDC", "ocspool01", "rack12")
ADDRESSES = (PHONE, POOL, RESOLVER, "10.0.0.1")
MACS = (PHONE_MAC, POOL_MAC)

NTLM = (
    b"NTLMSSP\0\3\0\0\0"
    + struct.pack("<HHI", 24, 24, 106)
    + struct.pack("<HHI", 24, 24, 130)
    + struct.pack("<HHI", 12, 12, 72)
    + struct.pack("<HHI", 10, 10, 84)
    + struct.pack("<HHI", 12, 12, 94)
    + struct.pack("<HHI", 0, 0, 154)
    + bytes(8)
    + "CORPDC".encode("utf-16-le")
    + "alice".encode("utf-16-le")
    + "FABRIK".encode("utf-16-le")
    + b"\xaa" * 48
)
BODY = (
    b'<?xml version="1.0"?><Request><SerialNumber>AB37_679e</SerialNumber><MACAddress>0004F2AABBCC</MACAddress>'
    b"<Vendor>Polycom</Vendor><Model>CX700</Model><Version>1.0.522.101</Version>"
    b"<SipUser>sip:alice@fabrikam.com</SipUser><Url>http%3A%2F%2Focspool01.%63ontoso.com%2Fx</Url></Request>"
)
ANSWER = b'<response downloads="0"><!-- from OCSPOOL01.Contoso.com, 10.0.0.80 --></response>'


def post(*headers: bytes, body: bytes = BODY) -> bytes:
    lines = [
        b"POST /RequestHandler/ucdevice.upx HTTP/1.1",
        b"Host: ucupdates-r2.contoso.com",
        b"Content-Type: text/xml",
        b"Content-Length: %d" % len(body),
        *headers,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def lease() -> list[Packet]:
    found = []
    options = [
        (12, b"lobby-phone7"),
        (15, b"contoso.com"),
        (60, b"CPE-OCPhone"),
        (61, b"\1" + PHONE_MAC),
        (81, b"\0\0\0lobby-phone7.contoso.com"),
        (119, b"\7contoso\3com\0\5sales\xc0\0"),
        (82, b"\1\x0crack12-port7\2\x06" + POOL_MAC),
        (120, b"\1" + bytes((10, 0, 0, 80))),
        (6, bytes((10, 0, 0, 2))),
        (54, bytes((10, 0, 0, 1))),
        (51, (86400).to_bytes(4, "big")),
    ]
    for number, (operation, kind) in enumerate(((1, 1), (2, 2), (1, 3), (2, 5))):
        given = PHONE if operation == 2 else "0.0.0.0"
        message = dhcp(operation, 77, PHONE_MAC, given, [(53, bytes([kind])), *options])
        ends = ("0.0.0.0", "255.255.255.255", 68, 67) if operation == 1 else ("10.0.0.1", "255.255.255.255", 67, 68)
        packet = ipv4(ends[0], ends[1], 17, udp(ends[2], ends[3], message))
        found.append((START - 3 * SECOND + number * 1000, ethernet(PHONE_MAC, b"\xff" * 6, 0x0800, packet)))
    return found


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def site(request: bytes, answer: bytes, size: int = 1400) -> list[Packet]:
    ladder = Ladder().opens().says(*pieces(request, size)).answers(*pieces(answer, size)).closes()
    return [*lease(), *question(), *frames(ladder.segments)]


REQUESTS = {
    "plain": post(),
    "NTLM": post(b"Authorization: NTLM " + base64.b64encode(NTLM)),
    "Basic": post(b"Authorization: Basic " + base64.b64encode(b"alice:Fabrikam-7")),
    "cookies": post(b"Cookie: session=alice|contoso; x=1", b"Via: 1.1 CORPDC", b"X-User: FABRIKAM\\alice"),
    "UTF-16": post(body=b"\xff\xfe" + BODY.decode().encode("utf-16-le")),
}
ANSWERS = {
    "plain": response(ANSWER),
    "gzip": response(gzip.compress(ANSWER, 1)).replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n", 1),
}


def found(files: dict[str, bytes]) -> list[tuple[str, object]]:
    return found_in(files, WORDS, ADDRESSES, MACS)


def unpacked(data: bytes) -> bytes:
    """The bodies of gzip in a capture, as they are read."""
    parts = []
    for at in (match.start() for match in re.finditer(rb"\x1f\x8b\x08", data)):
        with contextlib.suppress(zlib.error):  # in several segments
            parts.append(zlib.decompressobj(31).decompress(data[at:]))
    return b"".join(parts)


@pytest.mark.parametrize(
    "size",
    [1400, pytest.param(7, marks=pytest.mark.slow)],
    ids=["whole segments", "segments of 7 bytes"],
)
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("request_", REQUESTS)
def test_nothing_of_the_originals_is_left(request_: str, answer: str, size: int, tmp_path: Path) -> None:
    path = write(tmp_path / "site.pcap", site(REQUESTS[request_], ANSWERS[answer], size))
    plain = tmp_path / "plain.zip"
    run("capture", path, "--bundle", plain)
    with zipfile.ZipFile(plain) as archive:
        assert found({"phones.pcapng": archive.read("phones.pcapng")})  # else this test sees nothing
    files = bundle(path)
    assert found(files) == []
    assert found({"unpacked": unpacked(files["phones.pcapng"])}) == []
    (phone,) = check(path, files, tmp_path)["phones"]
    assert phone["phone"]["mac"].startswith("00:04:f2:")
    assert phone["phone"]["ip"].startswith("10.")
    assert phone["phone"]["domain"].endswith(".com")
    assert phone["phone"]["firmware"] == "1.0.522.101" or request_ == "UTF-16"
    assert phone["verdict"]["status"] == "whole"
    lookup = next(fact for fact in phone["observations"] if fact["kind"] == "lookup")
    assert lookup["name"] == f"ucupdates-r2.{phone['phone']['domain']}"


def unzipped(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_is_masked(format_: str, tmp_path: Path) -> None:
    path = write(tmp_path / "site.pcap", site(REQUESTS["plain"], ANSWERS["plain"]))
    output = tmp_path / "report"
    run("capture", path, "--mask", "-v", "-f", format_, "-o", output)
    assert found({format_: output.read_bytes()}) == []
    assert output.stat().st_size > 20


def test_facts_and_a_copy_are_masked_alike(tmp_path: Path) -> None:
    path = write(tmp_path / "site.pcap", site(REQUESTS["plain"], ANSWERS["plain"]))
    copy = tmp_path / "copy.pcapng"
    facts = run("capture", path, "--mask", "--facts", "-w", copy).stdout.encode()
    assert found({"facts": facts, "copy": copy.read_bytes()}) == []
    again = run("capture", copy, "--facts").stdout.encode()
    addresses = [{fact["client"] for fact in map(json.loads, text.splitlines())} for text in (facts, again)]
    assert addresses[0] == addresses[1]


# pcap-anonymize 0.3.0 gives all packets the time of its own run (findings/pcap-anonymize-times.sh).
@pytest.mark.parametrize("name", ["copy.pcapng", "copy.pcap"])
def test_a_masked_copy_keeps_the_times(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / "site.pcap", site(REQUESTS["plain"], ANSWERS["plain"]))
    run("capture", path, "--mask", "-w", tmp_path / name)
    facts = [run("capture", file, "--facts").stdout.splitlines() for file in (path, tmp_path / name)]
    before, after = ([json.loads(fact)["time"] for fact in lines] for lines in facts)
    assert before == after
    assert len(set(before)) > 3


@pytest.mark.parametrize("name", ["copy.pcapng", "copy.pcap"])
def test_a_masked_copy_is_judged_alike(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / "site.pcap", site(REQUESTS["plain"], ANSWERS["plain"]))
    shown = run("capture", path, "--mask", "--json", "-w", tmp_path / name).stdout
    assert found({"copy": (tmp_path / name).read_bytes(), "shown": shown.encode()}) == []
    assert conclusions(judged(tmp_path / name)) == conclusions(judged(path)) == conclusions(json.loads(shown))


def test_several_phones_stay_apart(tmp_path: Path) -> None:
    path = tmp_path / "site.pcap"
    path.write_bytes(pcap(phones(9, 4)))
    files = bundle(path)
    again = check(path, files, tmp_path)
    macs = [phone["phone"]["mac"] for phone in again["phones"]]
    assert len(set(macs)) == 9
    assert not [mac for mac in macs if mac.startswith("00:04:f2:00:00:")]
    assert len({phone["phone"]["ip"] for phone in again["phones"]}) == 9


def test_two_runs_have_different_masks(tmp_path: Path) -> None:
    path = write(tmp_path / "site.pcap", site(REQUESTS["plain"], ANSWERS["plain"]))
    first, second = (json.loads(bundle(path)["report.json"])["phones"][0]["phone"] for _ in range(2))
    assert first["domain"] != second["domain"]
    assert first["mac"] != second["mac"]


def test_the_options_are_masked(tmp_path: Path) -> None:
    path = write(tmp_path / "contoso-alice.pcap", site(REQUESTS["plain"], ANSWERS["plain"]))
    files = bundle(path, "--domain", "contoso.com", "--server", "10.0.0.80", "--mac", PHONE_MAC.hex())
    assert found(files) == []
    assert "given, a file" in files["options.txt"].decode()
    check(path, files, tmp_path)


def test_an_active_command_is_masked(tmp_path: Path) -> None:
    target = tmp_path / "case.zip"
    words = ("-n", "127.0.0.1:1", "-t", "0.1", "--mac", PHONE_MAC.hex(), "--serial", "AB37_679e")
    shown = run("check-dns", "contoso.com", *words, "-v", "--mask", "--bundle", target).stdout
    with zipfile.ZipFile(target) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert found({"shown": shown.encode(), **files}) == []
    assert "127.0.0.1" in shown


def test_what_is_not_of_the_path_is_left_out_and_said(tmp_path: Path) -> None:
    alien = ethernet(PHONE_MAC, b"\1\x80\xc2\0\0\x0e", 0x88CC, b"\2\7\4" + PHONE_MAC + b"contoso lobby-phone7")
    netbios = ethernet(PHONE_MAC, b"\xff" * 6, 0x0800, ipv4(PHONE, "10.0.0.255", 17, udp(137, 137, b"FABRIKAM")))
    packets = [*site(REQUESTS["plain"], ANSWERS["plain"]), (START, alien), (START, netbios)]
    files = bundle(write(tmp_path / "site.pcap", packets))
    assert found(files) == []
    assert "1 of EtherType 0x88cc" in files["README.txt"].decode()
    assert "1 of UDP other than DHCP and DNS" in files["README.txt"].decode()


def test_a_saved_request_is_not_masked_so_it_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "site.pcap", site(REQUESTS["plain"], ANSWERS["plain"]))
    done = CliRunner().invoke(cli, ["capture", str(path), "--mask", "--save-request", str(tmp_path / "body")])
    assert done.exit_code == 2
    assert "--mask masks all" in done.stderr


def test_checksums_that_were_right_stay_right(tmp_path: Path) -> None:
    scapy = pytest.importorskip("scapy.layers.inet")
    packets: Sequence[Packet] = [
        (time, bytes(rebuilt(scapy, frame))) for time, frame in site(REQUESTS["NTLM"], ANSWERS["plain"], 101)
    ]
    files = bundle(write(tmp_path / "site.pcap", packets))
    count = 0
    data, at = files["phones.pcapng"], 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        if kind == 6:
            (length,) = struct.unpack_from("<I", data, at + 20)
            frame = data[at + 28 : at + 28 + length]
            assert bytes(rebuilt(scapy, frame)) == frame
            count += 1
        at += size
    assert count > 20


def rebuilt(scapy: Any, frame: bytes) -> Any:
    """The frame with checksums as scapy makes them."""
    packet = scapy.Ether(frame)
    for layer in (scapy.IP, scapy.UDP, scapy.TCP):
        if layer in packet:
            del packet[layer].chksum
    return packet


@pytest.mark.slow
@pytest.mark.parametrize("wrap", WRAPPINGS, ids=list(WRAPPINGS))
def test_what_a_tunnel_carries_is_masked(wrap: str, tmp_path: Path) -> None:
    packets = [(time, WRAPPINGS[wrap](frame)) for time, frame in site(REQUESTS["plain"], ANSWERS["plain"])]
    path = write(tmp_path / "site.pcap", packets)
    if not judged(path)["phones"]:
        pytest.skip("a tunnel that is not looked into")
    files = bundle(path)
    assert found(files) == []
    check(path, files, tmp_path)


@pytest.mark.parametrize("maximum", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_handshake_is_masked_and_judged_alike(maximum: ssl.TLSVersion, tmp_path: Path) -> None:
    phone = TlsPhone()
    phone.talks(SERVER, TlsTalk(maximum=maximum).request(tls_check()).answer(nothing_newer()).close())
    path = tmp_path / "site.pcap"
    path.write_bytes(pcap(phone.frames()))
    files = bundle(path)
    assert found_in(files, ["contoso"], [SERVER, phone.ip], [phone.mac]) == []
    check(path, files, tmp_path)


@pytest.mark.parametrize("snap", [60, 96, 128, 300])
def test_packets_that_were_cut_are_judged_alike(snap: int, tmp_path: Path) -> None:
    path = write(tmp_path / "site.pcap", site(REQUESTS["plain"], ANSWERS["plain"]), snap=snap)
    files = bundle(path)
    assert found(files) == []
    if judged(path)["phones"]:
        check(path, files, tmp_path)


@pytest.mark.parametrize("code", sorted(set(map(str, BROKEN))))
def test_every_break_stays_what_it_is(code: str, tmp_path: Path) -> None:
    rng = random.Random(7)
    phone = PhoneTraffic(3, code, True, 3000, 0.0, rng)
    path = write(tmp_path / "site.pcap", [(int((TRAFFIC_START + at) * SECOND), frame) for at, frame in phone.packets])
    files = bundle(path)
    assert found_in(files, ["contoso"], [phone.ip], [phone.mac]) == []
    check(path, files, tmp_path)


def test_a_pipe_is_masked_into_a_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    path = write(tmp_path / "site.pcap", site(REQUESTS["plain"], ANSWERS["plain"]))
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["capture", "-", "--mask", "--bundle", "case.zip"], input=path.read_bytes())
    assert done.exit_code == 0
    assert found({"shown": done.stdout.encode(), **unzipped(Path("case.zip"))}) == []
    assert "ucdiag-" not in done.stdout
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith("ucdiag-")] == []


def test_a_copy_that_cannot_be_written_leaves_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "site.pcap", site(REQUESTS["plain"], ANSWERS["plain"]))

    def full(*words: object) -> None:
        raise CannotTest("capture-unwritable", "The disk is full.")

    monkeypatch.setattr("ucdiag.cli.masked_run.MaskedPackets.write", full)
    done = CliRunner().invoke(cli, ["capture", str(path), "--mask", "-w", str(tmp_path / "copy.pcapng")])
    assert done.exit_code == 3
    assert "The disk is full" in done.stderr
    assert "OK" in done.stdout
    assert found({"shown": done.stdout.encode()}) == []


@pytest.mark.parametrize("name", ["a", "phone", "is", "site.pcap", "x.1"])
def test_the_name_of_a_file_is_masked_where_it_is_that_name(name: str, tmp_path: Path, monkeypatch: Any) -> None:
    """It may be a word, or a part of words, that any sentence has."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / name, site(post(), response(ANSWER)))
    plain, masked = (run("capture", name, *more).stdout for more in ((), ("--mask",)))
    assert masked.count("capture-1") == 1
    assert masked.startswith(plain.partition(",")[0] + ", capture of capture-1")
    lost = json.loads(run("capture", name, tmp_path / "bremen", "--mask", "--json").stdout)
    assert [problem["text"].partition(":")[0] for problem in lost["problems"]] == [
        "The capture capture-2 cannot be read"
    ]
    assert "bremen" not in json.dumps(lost)
