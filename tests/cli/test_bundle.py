"""``--bundle``: what is in the file, that it is the phones' alone, and that it judges alike."""

import io
import json
import stat
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.capture.capture_files import pcap, phones
from ucdiag.cli.main import cli
from ucdiag.views import FORMATS


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("captures") / "site.pcap"
    path.write_bytes(pcap(phones(4, 2)))
    return path


def run(*words: str | Path, source: bytes | None = None) -> Result:
    done = CliRunner().invoke(cli, [str(word) for word in words], input=source)
    assert done.exit_code in (0, 1, 3), (done.output, done.exception)
    return done


def read(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def packets(data: bytes) -> list[bytes]:
    """The packets of a pcapng file, taken apart here."""
    found, at = [], 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        if kind == 6:
            (length,) = struct.unpack_from("<I", data, at + 20)
            found.append(data[at + 28 : at + 28 + length])
        at += size
    return found


def conclusions(report: dict[str, Any]) -> list[tuple[Any, ...]]:
    return sorted(
        (
            phone["phone"]["mac"],
            phone["verdict"]["status"],
            phone["verdict"]["code"],
            sorted(finding["code"] for finding in phone["findings"]),
        )
        for phone in report["phones"]
    )


def test_a_bundle_of_a_capture(capture: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "case.zip"
    shown = run("capture", capture, "--json", "--bundle", bundle)
    assert shown.stderr == f"The bundle is in {bundle}.\n"
    files = read(bundle)
    html = ["report.html"] if "html" in FORMATS else []
    assert list(files) == [
        "README.txt",
        "report.txt",
        *html,
        "report.json",
        "phones.pcapng",
        "versions.txt",
        "options.txt",
    ]
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o600
    inside = json.loads(files["report.json"])
    assert conclusions(inside) == conclusions(json.loads(shown.stdout))
    assert [name for name in files if name not in files["README.txt"].decode()] == ["README.txt"]
    assert "alone gives the same verdicts and findings" in files["README.txt"].decode()
    assert f"--bundle: {bundle}" in files["options.txt"].decode()
    again = tmp_path / "phones.pcapng"
    again.write_bytes(files["phones.pcapng"])
    assert conclusions(json.loads(run("capture", again, "--json").stdout)) == conclusions(inside)


def test_the_packets_are_those_of_the_phones_and_no_others(capture: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "case.zip"
    mac = "00:04:f2:00:00:01"
    run("capture", capture, "--mac", mac, "--bundle", bundle)
    kept = packets(read(bundle)["phones.pcapng"])
    meant = [packet for _, packet in phones(4, 2) if bytes.fromhex(mac.replace(":", "")) in packet]
    assert kept == meant
    assert len(kept) > 5


def test_frames_are_those_of_the_bundle(capture: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "case.zip"
    run("capture", capture, "--bundle", bundle)
    files = read(bundle)
    kept = packets(files["phones.pcapng"])
    asked = [
        (fact["frame"], fact["name"])
        for phone in json.loads(files["report.json"])["phones"]
        for fact in phone["observations"]
        if fact["kind"] == "lookup"
    ]
    assert asked
    for frame, name in asked:
        assert b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) in kept[frame - 1]


def test_a_pipe_is_kept_until_the_bundle_is_written(capture: Path, tmp_path: Path) -> None:
    bundle, other = tmp_path / "case.zip", tmp_path / "other.zip"
    run("capture", "-", "--bundle", bundle, source=capture.read_bytes())
    run("capture", capture, "--bundle", other)
    assert packets(read(bundle)["phones.pcapng"]) == packets(read(other)["phones.pcapng"])


def test_two_bundles_of_one_capture_are_alike_but_for_times(capture: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "1" / "case.zip", tmp_path / "2" / "case.zip"
    for path in (first, second):
        path.parent.mkdir()
        run("capture", capture, "--bundle", path)
    alike = ("phones.pcapng", "report.txt", "versions.txt")
    assert [read(first)[name] for name in alike] == [read(second)[name] for name in alike]


def test_what_is_replaced_is_said(capture: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "case.zip"
    bundle.write_text("older")
    assert "in place of an older file" in run("capture", capture, "--force", "--bundle", bundle).stderr
    assert "README.txt" in read(bundle)
    assert [path.name for path in tmp_path.iterdir()] == ["case.zip"]


def test_a_bundle_without_packets(tmp_path: Path) -> None:
    bundle = tmp_path / "case.zip"
    run("check-dns", "contoso.com", "-n", "127.0.0.1:1", "-t", "0.1", "--bundle", bundle)
    files = read(bundle)
    assert "phones.pcapng" not in files
    assert "phones.pcapng" not in files["README.txt"].decode()
    assert "--nameserver: 127.0.0.1, 1" in files["options.txt"].decode()


def test_a_body_that_was_given_is_left_out(tmp_path: Path) -> None:
    bundle, body = tmp_path / "case.zip", tmp_path / "body.xml"
    body.write_text("<request>hunter2</request>")
    run("probe", "--address", "127.0.0.1", "--port", "1", "--body", body, "-t", "0.1", "--bundle", bundle)
    files = read(bundle)
    assert not [name for name, data in files.items() if b"hunter2" in data]
    assert "--body: given, the body of a request: left out" in files["options.txt"].decode()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--facts"], "--facts judges nothing"),
        (["-w", "-", "-o", "report.txt"], "which -w - gives away"),
        (["-o", "case.zip"], "would overwrite each other"),
        (["-w", "case.zip"], "would overwrite each other"),
    ],
    ids=["facts", "a pipe", "the report", "the packets"],
)
def test_what_does_not_go_together(
    words: list[str], says: str, capture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["capture", str(capture), "--bundle", "case.zip", *words])
    assert done.exit_code == 2
    assert says in done.stderr
    assert not Path("case.zip").exists()


def test_a_bundle_never_overwrites_the_capture(capture: Path) -> None:
    before = capture.read_bytes()
    done = CliRunner().invoke(cli, ["capture", str(capture), "--bundle", str(capture)])
    assert done.exit_code == 2
    assert capture.read_bytes() == before


def test_a_full_disk_leaves_nothing(capture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*words: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("zipfile.ZipFile.writestr", full)
    done = CliRunner().invoke(cli, ["capture", str(capture), "--bundle", str(tmp_path / "case.zip")])
    assert done.exit_code == 3
    assert "no space left on device" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_archive_itself_is_readable_elsewhere(capture: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "case.zip"
    run("capture", capture, "--bundle", bundle)
    with zipfile.ZipFile(io.BytesIO(bundle.read_bytes())) as archive:
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o100600}
