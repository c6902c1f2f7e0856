"""How the program ends: by its exit code at once, by Ctrl-C, and with too little memory even to say so."""

import atexit
import importlib.util
import signal
import sys
import threading
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from tests.recorded_calls import Noted, answering, raising

program: Any = import_module("ucdiag.program")


class LeftError(BaseException):
    """The process would have ended here."""


def ending(patch: pytest.MonkeyPatch, write: Any = None) -> Noted:
    """What the program would do to its process is noted."""
    system = Noted(program.os, write=write, _exit=LeftError())
    patch.setattr(program, "os", system)
    return system


def streams(patch: pytest.MonkeyPatch, notes: Noted, **more: Any) -> None:
    """Nobody watches, and the streams are noted as the rest is."""
    flags = {name: getattr(sys.flags, name) for name in dir(sys.flags) if not name.startswith("_")}
    usual = {
        "gettrace": lambda: None,
        "getprofile": lambda: None,
        "flags": SimpleNamespace(**{**flags, "dev_mode": False}),
        "stdout": SimpleNamespace(flush=lambda: notes.notes.append("out")),
        "stderr": SimpleNamespace(flush=lambda: notes.notes.append("err")),
    }
    for name, value in {**usual, **more}.items():
        patch.setattr(program.sys, name, value)
    patch.setattr(threading, "active_count", lambda: 1)
    patch.setattr(atexit, "_run_exitfuncs", lambda: notes.notes.append("at exit"), raising=False)


@pytest.mark.parametrize("code", [0, 1, 3])
def test_it_leaves_at_once_with_its_code(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = ending(monkeypatch)
    with monkeypatch.context() as patch:
        streams(patch, notes)
        with pytest.raises(LeftError):
            program._end_process(code)
    assert notes.notes == ["at exit", "out", "err", ("_exit", code)]


@pytest.mark.parametrize("lacking", ["stdout", "stderr"])
def test_a_stream_that_is_closed_is_left_out(lacking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = ending(monkeypatch)
    with monkeypatch.context() as patch:
        streams(patch, notes, **{lacking: None})
        with pytest.raises(LeftError):
            program._end_process(0)
    assert notes.notes == ["at exit", "err" if lacking == "stdout" else "out", ("_exit", 0)]


@pytest.mark.parametrize("error", [BrokenPipeError(32, "Broken pipe"), ValueError("I/O operation on closed file")])
def test_what_cannot_be_written_any_more_python_says(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = ending(monkeypatch)
    with monkeypatch.context() as patch:
        streams(patch, notes, stdout=SimpleNamespace(flush=raising(error)))
        program._end_process(0)
    assert notes.notes == ["at exit"]


@pytest.mark.parametrize(
    ("code", "how"),
    [
        (None, {}),
        ("a text", {}),
        (0, {"gettrace": lambda: print}),
        (0, {"getprofile": lambda: print}),
        (0, {"flags": SimpleNamespace(dev_mode=True)}),
        (0, {"threads": 2}),
    ],
)
def test_where_somebody_watches_or_goes_on_python_ends_it(
    code: object, how: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = ending(monkeypatch)
    with monkeypatch.context() as patch:
        streams(patch, notes, **{name: value for name, value in how.items() if name != "threads"})
        patch.setattr(threading, "active_count", lambda: how.get("threads", 1))
        program._end_process(code)
    assert notes.notes == []


def run(patch: pytest.MonkeyPatch, outcome: BaseException) -> None:
    patch.setattr("ucdiag.cli.main.main", raising(outcome))
    program.main()


def test_its_exit_is_python_s_where_it_does_not_leave_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(program, "_end_process", asked.append)
    with pytest.raises(SystemExit) as done:
        run(monkeypatch, SystemExit(2))
    assert (done.value.code, asked) == (2, [2])


def test_ctrl_c_while_it_ends_is_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = ending(monkeypatch)
    monkeypatch.setattr(program, "_end_process", raising(KeyboardInterrupt()))
    with pytest.raises(LeftError):
        run(monkeypatch, SystemExit(0))
    assert notes.notes == [("_exit", 130)]


def because(error: BaseException, cause: BaseException | None = None, context: BaseException | None = None) -> Any:
    error.__cause__, error.__context__ = cause, context
    return error


NO_MEMORY: dict[str, Any] = {
    "memory": MemoryError(),
    "system": SystemError("error return without exception set"),
    "number": OSError(12, "Cannot allocate memory"),
    "cause": because(ImportError("x"), MemoryError()),
    "context": because(ImportError("x"), None, OSError(12, "Cannot allocate memory")),
    "cause of a cause": because(ValueError("y"), because(ImportError("x"), None, MemoryError())),
}


@pytest.mark.parametrize("error", NO_MEMORY.values(), ids=NO_MEMORY)
@pytest.mark.parametrize("write", [None, OSError(28, "No space left on device")])
def test_with_too_little_memory_it_says_so_and_ends(error: Any, write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = ending(monkeypatch, write)
    with pytest.raises(LeftError):
        run(monkeypatch, error)
    said = b"ucdiag: this process may not have more memory: raise its limit (ulimit -v)\n"
    assert notes.notes == [("write", 2, said.hex()), ("_exit", 3)]


@pytest.mark.parametrize(
    "error",
    [ValueError("x"), OSError(13, "Permission denied"), because(KeyError("x"), OSError(5, "I/O"), MemoryError())],
)
def test_any_other_error_is_python_s(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = ending(monkeypatch)
    with pytest.raises(type(error)):
        run(monkeypatch, error)
    assert notes.notes == []


@pytest.mark.parametrize("write", [None, OSError(5, "Input/output error")])
def test_ctrl_c_before_anything_was_begun(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = ending(monkeypatch, write)
    with pytest.raises(LeftError):
        program._leave(2, None)
    assert notes.notes == [("write", 2, b"ucdiag: interrupted\n".hex()), ("_exit", 130)]


@pytest.mark.parametrize("ignored", [False, True])
def test_ctrl_c_counts_from_the_beginning_unless_it_is_ignored(ignored: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = signal.default_int_handler
    system = Noted(getsignal=answering(signal.SIG_IGN if ignored else usual), signal=None)
    fake = SimpleNamespace(
        SIGINT=signal.SIGINT, default_int_handler=usual, getsignal=system.getsignal, signal=system.signal
    )
    monkeypatch.setitem(sys.modules, "_signal", fake)
    spec = importlib.util.find_spec("ucdiag.program")
    assert spec is not None
    assert spec.loader is not None
    again: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(again)
    asked = [note for note in system.notes if note[0] == "signal"]
    assert asked == ([] if ignored else [("signal", signal.SIGINT, again._leave)])
