"""``capture`` with files that are not all there, and with what it writes."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.bench.traffic import make
from ucdiag.cli.main import cli


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("captures") / "whole.pcap"
    make(file, packets=0, phones=2, broken=0, size=2000)
    return file


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("captures") / "broken.pcap"
    make(file, packets=300, phones=4, broken=2, size=2000)
    return file


def run(*arguments: object, **settings: object) -> Result:
    return CliRunner().invoke(cli, ["capture", *map(str, arguments)], **settings)  # type: ignore[arg-type]


def missing(folder: Path) -> Path:
    return folder / "missing.pcap"


def folder_itself(folder: Path) -> Path:
    return folder


def text(folder: Path) -> Path:
    file = folder / "notes.txt"
    file.write_text("this is no capture")
    return file


def empty(folder: Path) -> Path:
    file = folder / "empty.pcap"
    file.touch()
    return file


def header_cut(folder: Path) -> Path:
    file = folder / "cut.pcap"
    file.write_bytes(bytes.fromhex("d4c3b2a1020004000000"))
    return file


def forbidden(folder: Path) -> Path:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    file = folder / "forbidden.pcap"
    file.touch(mode=0)
    return file


BAD = [missing, folder_itself, text, empty, header_cut, forbidden]


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("bad_first", [False, True])
def test_a_named_file_that_cannot_be_read_is_no_whole_path(
    whole: Path, bad: Callable[[Path], Path], bad_first: bool, tmp_path: Path
) -> None:
    file = bad(tmp_path)
    names = ["-r", file, "-r", whole] if bad_first else ["-r", whole, "-r", file]
    done = run(*names, "--json")
    assert done.exit_code == 3
    assert done.stderr.startswith("ucdiag: ")
    assert done.stderr.count(str(file)) == 1
    report = json.loads(done.stdout)
    assert report["verdict"]["status"] == "unknown"
    assert report["verdict"]["code"] == report["problems"][0]["code"]
    assert str(file) in report["verdict"]["summary"]
    assert "whole" in report["verdict"]["summary"]
    # Nothing of what could be read is lost.
    assert [phone["verdict"]["status"] for phone in report["phones"]] == ["whole", "whole"]
    assert report["source"]["packets"] > 0
    assert "several-files" not in done.stdout
    shown = run(*names)
    assert shown.exit_code == 3
    assert str(file) in shown.stderr
    assert str(file) in "".join(shown.stdout.split())
    facts = run(*names, "--facts")
    assert facts.exit_code == 3
    assert str(file) in facts.stderr
    assert facts.stdout == run("-r", whole, "--facts").stdout != ""


def test_what_is_broken_in_the_rest_stays_broken(broken: Path, tmp_path: Path) -> None:
    file = missing(tmp_path)
    done = run("-r", broken, "-r", file, "--json")
    assert done.exit_code == 1
    assert str(file) in done.stderr
    report = json.loads(done.stdout)
    assert report["verdict"]["status"] == "broken"
    assert any(str(file) in problem["text"] for problem in report["problems"])
    shown = run("-r", broken, "-r", file)
    assert str(file) in shown.stderr
    assert str(file) in "".join(shown.stdout.split())


def test_a_file_alone_that_cannot_be_read_is_reported_once_on_a_terminal(tmp_path: Path) -> None:
    file = missing(tmp_path)
    shown = run("-r", file)
    assert shown.exit_code == 3
    assert "".join(shown.output.split()).count(f"{file}cannotberead") == 1
    silent = run("-r", file, "--json")
    assert silent.exit_code == 3
    assert str(file) in silent.stderr
    assert json.loads(silent.stdout)["verdict"]["status"] == "unknown"


def test_good_files_are_counted_through_and_say_nothing_else(whole: Path) -> None:
    done = run("-r", whole, "-r", whole, "--json")
    assert done.exit_code == 0
    assert done.stderr == ""
    assert "several-files" in done.stdout


# --save-request -


def test_a_request_on_standard_output_beside_a_report_in_a_file(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    saved, report = tmp_path / "phone.request", tmp_path / "report"
    run("-r", whole, "--save-request", saved)
    done = run("-r", whole, "--save-request", "-", "-o", report)
    assert done.exit_code == 0
    assert done.stdout_bytes == saved.read_bytes() != b""
    assert "standard output" in done.stderr
    assert "whole" in report.read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["phone.request", "report"]
    sent = CliRunner().invoke(
        cli,
        ["probe", "--address", "192.0.2.1", "--port", "80", "--body", "-", "--dry-run", "--mac", "00:04:f2:11:22:33"],
        input=done.stdout_bytes,
    )
    assert sent.exit_code == 0
    assert "00-04-f2-11-22-33" in sent.stdout


@pytest.mark.parametrize("more", [[], ["--json"], ["-o", "-"], ["-q"]])
def test_a_request_is_not_mixed_with_the_report(
    whole: Path, more: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("-r", whole, "--save-request", "-", *more)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.startswith("ucdiag: --save-request - ")
    assert "-o FILE" in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert not list(tmp_path.iterdir())


def test_no_request_leaves_standard_output_empty(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tmp_path / "report"
    done = run("-r", whole, "--save-request", "-", "-o", report, "--mac", "02:00:00:00:00:77")
    assert done.exit_code == 3
    assert done.stdout_bytes == b""
    assert "no-request" in report.read_text()
