"""What only Windows and macOS do, in modules that are loaded as those systems load them."""

import _thread
import errno
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.other_systems import loaded_on
from tests.recorded_calls import Noted, raising
from ucdiag.runtime import forked_worker, held_inputs
from ucdiag.runtime.ending_signals import ending_signals
from ucdiag.runtime.interface_names import no_such_interface

TIMERS: list[Any] = []


class Clock:
    """A timer that rings when it is told to."""

    def __init__(self, seconds: float, ring: Any) -> None:
        self.seconds, self.ring, self.daemon, self.notes = seconds, ring, False, list[str]()
        self.start = lambda: self.notes.append(f"started, {self.daemon}")
        self.cancel = lambda: self.notes.append("cancelled")
        TIMERS.append(self)


@pytest.mark.parametrize("rings", ["in time", "late", "never"])
def test_on_windows_a_timer_ends_a_run(rings: str, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = loaded_on("win32", "ucdiag.runtime.run_limit")
    TIMERS.clear()
    interrupted: list[bool] = []
    monkeypatch.setattr(limits, "monotonic", lambda: 50.0)
    monkeypatch.setattr(threading, "Timer", Clock)
    monkeypatch.setattr(_thread, "interrupt_main", lambda: interrupted.append(True))
    limit = limits.RunLimit(7.5)
    with limit:
        if rings == "in time":
            TIMERS[0].ring()
    if rings == "late":
        TIMERS[0].ring()
    assert (limit.is_over, interrupted) == ((True, [True]) if rings == "in time" else (False, []))
    assert [(timer.seconds, timer.notes) for timer in TIMERS] == [(7.5, ["started, True", "cancelled"])]
    with limits.RunLimit(None):
        pass
    assert len(TIMERS) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_where_there_is_no_fork_no_worker_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    with forked_worker.ForkedWorker(lambda send: send(1)) as worker:
        assert list(worker.results()) == [1]
        with monkeypatch.context() as patch:
            patch.setattr(sys, "platform", "win32")
            for call in (
                lambda: forked_worker.ForkedWorker(lambda send: None),
                lambda: worker.__exit__(),
                lambda: forked_worker._run_in_worker(lambda send: None, 3, 4, set()),
            ):
                with pytest.raises(NotImplementedError, match=r"^Windows has no fork: ask can_fork_worker first$"):
                    call()


@pytest.mark.parametrize(
    ("platform", "lacking", "processors", "threads", "can"),
    [
        ("linux", None, 2, 1, True),
        ("linux", None, 3, None, True),
        ("linux", None, 1, 1, False),
        ("linux", None, 2, 2, False),
        ("linux", "fork", 2, 1, False),
        ("linux", "sched_getaffinity", 2, 1, False),
        ("darwin", None, 2, 1, False),
        ("win32", None, 2, 1, False),
    ],
)
def test_a_worker_needs_fork_and_another_processor_and_no_threads(
    platform: str, lacking: str | None, processors: int, threads: int | None, can: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(processors)), raising=False)
    if lacking is not None:
        monkeypatch.delattr(os, lacking)
    counted = SimpleNamespace(active_count=lambda: threads)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", platform)
        if threads is None:
            patch.delitem(sys.modules, "threading")
        else:
            patch.setitem(sys.modules, "threading", counted)
        assert forked_worker.can_fork_worker() is can


@pytest.mark.parametrize("broken", [False, True])
def test_work_is_divided_and_what_a_worker_does_not_do_is_done_here(
    broken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []

    class Worker:
        def __init__(self, work: Any) -> None:
            work(sent.append)
            if broken:
                del sent[1:]

        def __enter__(self) -> "Worker":
            return self

        def __exit__(self, *raised: object) -> None: ...

        def results(self) -> Any:
            return iter(sent)

    monkeypatch.setattr(forked_worker, "ForkedWorker", Worker)
    done: list[int] = []

    def work(item: int) -> int:
        done.append(item)
        return item * item

    assert forked_worker.parallel_map(work, range(5)) == [0, 1, 4, 9, 16]
    assert done == [2, 3, 4, 0, 1, *((3, 4) if broken else ())]


@pytest.mark.parametrize("there", [False, True])
def test_ctrl_break_ends_a_program_where_there_is_one(there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(signal, "SIGBREAK", raising=False)
    if there:
        monkeypatch.setattr(signal, "SIGBREAK", 21, raising=False)
    assert ending_signals() == (signal.SIGINT, signal.SIGTERM, *((21,) if there else ()))


@pytest.mark.parametrize(
    ("names", "given", "meant"),
    [
        ([(1, "lo"), (2, "eth0")], "eth", "; did you mean eth0?"),
        ([(1, "lo"), (2, "eth0")], "wlan0", "."),
        ([(1, "enp0s31f6"), (2, "enp0s31f7")], "enp0s31f7x", "; did you mean enp0s31f7?"),
        (OSError(errno.EPERM, "no"), "eth", "."),
        (None, "eth", "."),
        ([(1, "e" * 100)], "e" * 5000, f"; did you mean {'e' * 100}?"),
    ],
)
def test_an_interface_that_is_not_there(names: Any, given: str, meant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if names is None:
        monkeypatch.delattr(socket, "if_nameindex")
    else:
        monkeypatch.setattr(socket, "if_nameindex", raising(names) if isinstance(names, OSError) else lambda: names)
    cannot = no_such_interface(given, "ip link")
    assert (cannot.code, cannot.text) == (
        "no-interface",
        f"There is no interface {given!r}: 'ip link' lists them{meant}",
    )
    assert "'ucdiag capture -D' lists them" in no_such_interface(given).text


@pytest.mark.parametrize(("name", "kind"), [("folder", IsADirectoryError), ("file", PermissionError)])
def test_what_windows_does_not_open_is_a_folder_or_forbidden(
    name: str, kind: type[OSError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    monkeypatch.setattr("builtins.open", raising(PermissionError(errno.EACCES, "Permission denied")))
    with pytest.raises(OSError, match=r"directory|denied") as failed:
        held_inputs.open_input(str(tmp_path / name))
    assert type(failed.value) is kind


def test_files_are_not_held_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    file = held_inputs._HeldInput(7)
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(NotImplementedError, match=r"^Windows has no such users$"):
        file.readinto(bytearray(3))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.parametrize("process", [77, 0])
def test_only_the_forked_process_does_the_work(process: int, monkeypatch: pytest.MonkeyPatch) -> None:
    system = Noted(os, pipe=(3, 4), fork=process, close=None, kill=None, waitpid=(process, 0))
    signals = Noted(signal, pthread_sigmask="before")
    worked: list[Any] = []
    monkeypatch.setattr(forked_worker, "os", system)
    monkeypatch.setattr(forked_worker, "signal", signals)
    monkeypatch.setattr(forked_worker, "_run_in_worker", lambda work, *rest: worked.append(rest))
    with forked_worker.ForkedWorker(print):
        pass
    assert worked == ([(3, 4, "before")] if process == 0 else [])
    ended = [("kill", 77, signal.SIGKILL), ("waitpid", 77, 0)] if process else []
    assert system.notes == [("pipe",), ("fork",), ("close", 4), ("close", 3), *ended]
    assert [note[1] for note in signals.notes] == [signal.SIG_BLOCK, signal.SIG_SETMASK]
