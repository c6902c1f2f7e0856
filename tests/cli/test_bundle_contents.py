"""What stands in a bundle of a report: names, times, what was called, and what is left out."""

import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from tests.views.reports import broken_phone, report, whole_phone
from ucdiag import __version__
from ucdiag.cli.bundle import Contents, installed_versions, write_bundle
from ucdiag.cli.capture_bundle import _about_copy, with_frames
from ucdiag.model.observations import Http
from ucdiag.model.report import Problem, Report
from ucdiag.model.times import parse_time

FINISHED = parse_time("2026-01-31T09:08:06.000000Z")


def written(folder: Path, made: Report | None = None, contents: Contents | None = None, **more: Any) -> zipfile.ZipFile:
    target = folder / "case.zip"
    write_bundle(made or report(finished=FINISHED), str(target), contents or Contents(), **{"quiet": True, **more})
    return zipfile.ZipFile(target)


def text(archive: zipfile.ZipFile, name: str) -> str:
    return archive.read(name).decode()


@click.command("check")
@click.argument("files", nargs=-1)
@click.option("-w", "--write")
@click.option("--domain", envvar="UCDIAG_DOMAIN")
@click.option("--timeout", type=float, default=5.0)
@click.option("--json", is_flag=True)
@click.option("--keylog")
@click.option("--password")
@click.option("--body")
@click.option("--ca")
@click.option("--mac", multiple=True)
@click.pass_context
def command(context: click.Context, **values: object) -> None:
    """Stands for a command."""


def options(folder: Path, *words: str, mask: Any = None, profile: dict[str, str] | None = None) -> list[str]:
    with command.make_context("check", list(words), default_map=profile or {}):
        archive = written(folder, contents=Contents(mask_text=mask))
    return text(archive, "options.txt").splitlines()


def test_the_options_that_were_given_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UCDIAG_DOMAIN", "contoso.com")
    words = ["a.pcap", "b.pcap", "-w", "x.pcapng", "--json", "--mac", "1", "--mac", "2"]
    assert options(tmp_path, *words, profile={"timeout": "9"}) == [
        "ucdiag check",
        "  files: a.pcap, b.pcap",
        "  --write: x.pcapng",
        "  --domain (from the environment): contoso.com",
        "  --timeout (from the profile): 9.0",
        "  --json: yes",
        "  --mac: 1, 2",
    ]


def test_what_was_not_given_is_not_listed(tmp_path: Path) -> None:
    assert options(tmp_path) == ["ucdiag check"]


def test_secrets_are_left_out(tmp_path: Path) -> None:
    words = ["--keylog", "/secret/k", "--password", "/secret/p", "--body", "/secret/b"]
    assert options(tmp_path, *words) == [
        "ucdiag check",
        "  --keylog: given, secrets of TLS: left out",
        "  --password: given, a password: left out",
        "  --body: given, the body of a request: left out",
    ]


def test_masked_options_name_no_file(tmp_path: Path) -> None:
    words = ["a.pcap", "--write", "x", "--ca", "c", "--mac", "1"]
    assert options(tmp_path, *words, mask=lambda said: f"<{said}>") == [
        "ucdiag check",
        "  files: given, a file",
        "  --write: given, a file",
        "  --ca: given, a file",
        "  --mac: <1>",
    ]


def test_without_a_command_line_there_is_the_command_alone(tmp_path: Path) -> None:
    assert text(written(tmp_path), "options.txt") == "ucdiag check\n"


def test_the_files_have_the_time_of_the_report_and_the_owners_rights(tmp_path: Path) -> None:
    archive = written(tmp_path)
    names = ["README.txt", "report.txt", "report.html", "report.json", "versions.txt", "options.txt"]
    assert archive.namelist() == names
    for entry in archive.infolist():
        assert entry.date_time == (2026, 1, 31, 9, 8, 6)
        assert entry.external_attr >> 16 == 0o100600
        assert entry.create_system == 3
        assert entry.compress_type == zipfile.ZIP_DEFLATED


def test_a_time_before_zip_files_is_that_of_the_first_year(tmp_path: Path) -> None:
    archive = written(tmp_path, report(finished=parse_time("1970-01-02T03:04:04.000000Z")))
    assert archive.infolist()[0].date_time == (1980, 1, 2, 3, 4, 4)
    assert "at 1980-01-02 03:04:04 UTC." in text(archive, "README.txt")


def test_the_readme_names_each_file_and_note(tmp_path: Path) -> None:
    packets = tmp_path / "kept"
    packets.write_bytes(b"packets" * 1000)
    contents = Contents(packets=str(packets), notes=("One\x1b note.", "Another."), mask_text=lambda said: said)
    archive = written(tmp_path, contents=contents)
    readme = text(archive, "README.txt")
    assert readme.startswith(f"Made by ucdiag {__version__} (check) at 2026-01-31 09:08:06 UTC.\n\nVerdict: ")
    assert "  report.txt     the report as text, with all that was seen\n" in readme
    assert "  phones.pcapng  the packets of these phones, for Wireshark, tshark or ucdiag capture\n" in readme
    assert (
        "  versions.txt   what made this bundle\n  options.txt    how ucdiag was called\n\nNotes:\n\n- MAC add"
        in readme
    )
    assert readme.endswith("- One\\x1b note.\n- Another.\n")
    assert archive.read("phones.pcapng") == b"packets" * 1000
    assert "Notes" not in text(written(tmp_path, force=True), "README.txt")


def test_what_others_said_is_visible_in_the_texts(tmp_path: Path) -> None:
    made = report(finished=FINISHED)
    made = replace(made, verdict=replace(made.verdict, summary="\x1b[2Jgood\nVerdict: bad"))
    assert "Verdict: \\x1b[2Jgood\\nVerdict: bad\n" in text(written(tmp_path, made), "README.txt")
    (tmp_path / "options").mkdir()
    assert options(tmp_path / "options", "--domain", "a\x1b\nb")[1:] == ["  --domain: a\\x1b\\nb"]


def test_the_versions_are_of_what_takes_part(tmp_path: Path) -> None:
    lines = text(written(tmp_path), "versions.txt").splitlines()
    assert lines == list(installed_versions())
    assert lines[0] == f"ucdiag {__version__}"
    assert lines[1].startswith("Python 3.")
    assert any(line.startswith("scapy ") for line in lines)
    assert not any(line.startswith(("pytest", "ruff")) for line in lines)


@pytest.mark.parametrize(("quiet", "force"), [(True, True), (False, False), (False, True)])
def test_where_the_bundle_is(tmp_path: Path, capsys: pytest.CaptureFixture[str], quiet: bool, force: bool) -> None:
    if force:
        (tmp_path / "case.zip").write_bytes(b"older")
    written(tmp_path, quiet=quiet, force=force)
    line = f"The bundle is in {tmp_path / 'case.zip'}{', in place of an older file' if force else ''}.\n"
    assert capsys.readouterr().err == ("" if quiet else line)


@pytest.mark.parametrize(
    ("temporary", "masked", "text"),
    [
        (False, None, "Of a file."),
        (False, "m.pcap", "Of a file."),
        (True, "m.pcap", "Frame numbers are those of m.pcap."),
        (True, "-", "Frame numbers are those of the packets that were kept."),
        (
            True,
            None,
            "Frame numbers count the packets that were kept for the bundle, whose reports have their own.",
        ),
    ],
)
def test_the_name_of_a_file_that_nobody_will_see_is_not_said(temporary: bool, masked: str | None, text: str) -> None:
    wanted: Any = SimpleNamespace(temporary_write=temporary, masked_write=masked)
    other = Problem(code="packets-lost", text="Some.")
    given = replace(report(whole_phone()), problems=(other, Problem(code="frames-of-copy", text="Of a file.")))
    said = _about_copy(given, wanted)
    assert said == replace(given, problems=(other, Problem(code="frames-of-copy", text=text)))


def test_frames_are_those_of_the_copy_and_nothing_is_said_of_the_others() -> None:
    phone = broken_phone(
        observations=(
            Http(time=1, server="10.0.0.20", port=80, frame=7, answer_frame=9, last_frame=12),
            Http(time=1, server="10.0.0.20", port=80, frame=8, answer_frame=None, last_frame=9),
        )
    )
    codes = ("frames-of-copy", "capture-cut", "several-files", "frames-not-packets", "max-time")
    made = report(phone, problems=tuple(Problem(code=code, text="It is so.") for code in codes))
    shown = with_frames(made, {7: 1, 9: 2, 12: 3})
    assert [problem.code for problem in shown.problems] == ["capture-cut", "max-time"]
    facts = [fact for fact in shown.phones[0].observations if isinstance(fact, Http)]
    assert [(fact.frame, fact.answer_frame, fact.last_frame) for fact in facts] == [(1, 2, 3), (None, None, 2)]
    # The evidence of packet 12 as well.
    assert [part.frame for part in shown.phones[0].findings[0].evidence] == [3]
    assert shown.phones[0].steps == phone.steps
