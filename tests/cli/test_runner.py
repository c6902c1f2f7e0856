"""What an early end of a command's work means."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ucdiag.cli.runner import Ending, ViewOptions, ViewSession, run_to_end
from ucdiag.model.report import Problem
from ucdiag.runtime.context import CannotTest


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
