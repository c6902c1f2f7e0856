"""What an early end of a command's work means."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from time import time_ns
from typing import Any

import pytest
from click.testing import CliRunner

from tests.bench.traffic import make
from tests.server_logs.log_samples import HEADER, audit
from tests.views.reports import report, whole_phone
from ucdiag.cli.main import cli
from ucdiag.cli.runner import Ending, ViewOptions, ViewSession, run_to_end
from ucdiag.model.report import Problem
from ucdiag.model.times import format_time
from ucdiag.runtime.context import CannotTest
from ucdiag.views.json_view import json_text


def raising(error: BaseException) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


def test_work_that_ends_leaves_the_code_to_the_verdict() -> None:
    assert run_to_end(lambda: None, interrupted="Stopped.") == Ending(code=None, problem=None)


def test_what_cannot_be_tested_is_a_problem_and_decides_no_code() -> None:
    ending = run_to_end(raising(CannotTest("no-domain", "No domain.")), interrupted="Stopped.")
    assert ending == Ending(code=None, problem=Problem(code="no-domain", text="No domain."))
    assert ending.problems == (Problem(code="no-domain", text="No domain."),)


def test_an_interrupt_has_its_code_and_the_sentence_of_the_command() -> None:
    ending = run_to_end(raising(KeyboardInterrupt()), interrupted="Stopped.")
    assert ending == Ending(code=130, problem=Problem(code="interrupted", text="Stopped."))


@pytest.mark.parametrize("error", [BrokenPipeError(), ZeroDivisionError()], ids=["broken pipe", "bug"])
def test_what_is_no_end_of_the_work_is_raised(error: Exception) -> None:
    with pytest.raises(type(error)):
        run_to_end(raising(error), interrupted="Stopped.")


def test_a_broken_pipe_that_is_not_the_output_is_raised(tmp_path: Path) -> None:
    with (
        ViewSession("check", ViewOptions(output=str(tmp_path / "report"))) as session,
        pytest.raises(BrokenPipeError),
    ):
        run_to_end(raising(BrokenPipeError()), interrupted="Stopped.", session=session)


def test_a_bug_of_a_named_command_is_a_problem_with_its_own_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ViewSession("check", ViewOptions(output=str(tmp_path / "report"))) as session:
        ending = run_to_end(raising(ZeroDivisionError("x")), interrupted="", session=session, bug_of="check")
    assert ending.code == 70
    assert ending.problem is not None
    assert ending.problem.code == "bug"
    assert "command check: ZeroDivisionError: x" in ending.problem.text
    assert ending.problem.text in capsys.readouterr().err


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A capture of one packet, a log of one row and two stored reports, in the current folder."""
    monkeypatch.chdir(tmp_path)
    record = struct.pack("<IIII", 1, 0, 60, 60) + bytes(60)
    Path("a.pcap").write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1) + record)
    Path("a.log").write_text(f"{HEADER}\n{audit()}\n", encoding="utf-8")
    for name in ("a.json", "b.json"):
        Path(name).write_text(json_text(report(whole_phone())), encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "source"),
    [
        ("check contoso.example -n 127.0.0.1:9", ("active", "contoso.example", None)),
        ("capture a.pcap", ("file", "a.pcap", 1)),
        ("logs a.log", ("logs", "a.log", None)),
        ("report a.json b.json", ("reports", "2 reports: a.json, b.json", None)),
    ],
)
@pytest.mark.usefixtures("sources")
def test_a_report_says_what_it_is_of_and_when_it_was_made(words: str, source: tuple[Any, ...]) -> None:
    before = format_time(time_ns() // 1000)
    said = json.loads(CliRunner().invoke(cli, [*words.split(), "--json"], prog_name="ucdiag").stdout)
    after = format_time(time_ns() // 1000)
    assert tuple(said["source"].values()) == source
    assert before <= said["started"] <= said["finished"] <= after


def test_without_a_folder_for_temporary_files_many_phones_have_their_verdicts_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "site.pcap"
    make(path, packets=0, phones=4, broken=1, size=1000)
    monkeypatch.setattr("ucdiag.cli.runner._TOO_MANY", 3)
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("tempfile._candidate_tempdir_list", lambda: ["/nowhere"])
    result = CliRunner().invoke(cli, ["capture", "-r", str(path), "--json"])
    shown = json.loads(result.stdout)
    assert (result.exit_code, shown["phones"]) == (3, [])
    assert shown["verdict"]["summary"].startswith("Of 4 phones, 1 could not be judged; the first: ")
    (problem,) = shown["problems"]
    assert problem["code"] == "forgotten"
    assert problem["text"].startswith("Of 4 phones this report has the verdict alone, because the temporary file for ")
    assert "No usable temporary directory found in ['/nowhere']" in problem["text"]
