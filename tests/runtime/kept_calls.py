"""What goes on beside the work: the process that keeps root's rights, files held open, the end of the time of a run.

``python -m tests.runtime.kept_calls`` writes ``kept_calls.txt`` anew; read the difference before you commit it.
"""

import errno
import io
import itertools
import marshal
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.recorded_calls import Call, Noted, answering, made, raising
from tests.recorded_texts import read_texts, write_texts

FILE = Path(__file__).with_name("kept_calls.txt")
keepers: Any = import_module("ucdiag.runtime.root_keeper")
inputs: Any = import_module("ucdiag.runtime.held_inputs")
limits: Any = import_module("ucdiag.runtime.run_limit")
workers: Any = import_module("ucdiag.runtime.forked_worker")
Patch = pytest.MonkeyPatch
DENIED = PermissionError(errno.EACCES, "Permission denied")


class EndedError(Exception):
    """A process would have ended here."""


def file(number: int, noted: Noted) -> Any:
    """A file that is to be put in its place."""
    names = ("put_in_place", "remove_new_file", "discard", "entrust_to")
    calls = {name: (lambda *words, n=name: getattr(noted, f"{n}_{number}")(*words)) for name in names}
    return SimpleNamespace(
        **calls, open_handles=[10 * number, 10 * number + 1], place=SimpleNamespace(folder=70 + number)
    )


# The keeper


def _asked() -> dict[str, Call]:
    """What the keeper is sent, and what becomes of what it answers."""
    found: dict[str, Call] = {}
    done = keepers._ANSWER.pack(0, 0)
    denied = keepers._ANSWER.pack(13, 6) + b"denied"
    for name, what, pieces in (
        ("done", "keep", (done,)),
        ("done, in pieces", "keep", tuple(done[at : at + 1] for at in range(len(done)))),
        ("dropped", "drop", (done,)),
        ("denied", "keep", (denied[:6], denied[6:])),
        ("denied, in pieces", "drop", (denied[:6], denied[6:8], denied[8:])),
        ("a byte that is no text", "keep", (keepers._ANSWER.pack(0, 1), b"\xff")),
        ("it ended", "keep", (b"",)),
        ("it ended within", "keep", (done[:3], b"")),
        ("it ended within the text", "keep", (denied[:6], b"den", b"")),
        ("it is gone", "keep", None),
    ):

        def examine(patch: Patch, what: str = what, pieces: Any = pieces) -> Any:
            left = iter(pieces or ())
            system = Noted(os, write=BrokenPipeError(errno.EPIPE, "x") if pieces is None else 5)
            system._answers["read"] = lambda handle, size: next(left)
            patch.setattr(keepers, "os", system)
            files = [file(number, system) for number in range(3)]
            keeper = keepers.RootKeeper(files, 77, 8, 9)
            try:
                getattr(keeper, f"{what}_file")(files[2])
            except OSError as error:
                return repr(error), system.notes
            return system.notes

        found[f"keeper asked, {name}"] = examine
    for fails in (False, True):

        def closed(patch: Patch, fails: bool = fails) -> Any:
            system = Noted(os, close=None, waitpid=ChildProcessError(10, "none") if fails else (77, 0))
            patch.setattr(keepers, "os", system)
            keepers.RootKeeper([], 77, 8, 9).close()
            return system.notes

        found[f"keeper closed, {fails}"] = closed
    return found


def _answered() -> dict[str, Call]:
    """What the keeper does, and answers."""
    found: dict[str, Call] = {}
    for what, error in itertools.product(
        (b"k", b"d"),
        (None, DENIED, OSError("no words"), OSError(), OSError(5, "\u00e9" * 600), FileExistsError(17, "There", "/x")),
    ):

        def examine(patch: Patch, what: bytes = what, error: Any = error) -> Any:
            noted = Noted(put_in_place_1=error, remove_new_file_1=error)
            answer = keepers._answer_request(what, file(1, noted))
            return answer.hex() if len(answer) < 40 else (answer[:8].hex(), len(answer)), noted.notes

        found[f"keeper does {what.decode()} {str(error)[:20]}"] = examine

    def served(requests: list[bytes], fails: Any = None) -> Call:
        def examine(patch: Patch) -> Any:
            left = iter(requests)
            system = Noted(os, write=6, _exit=EndedError("0"), close_all=fails, few_rights=None)
            for number in range(2):
                system._answers |= {f"{name}_{number}": None for name in ("put_in_place", "remove_new_file", "discard")}
            system._answers["read"] = lambda handle, size: next(left)
            patch.setattr(keepers, "os", system)
            patch.setattr(keepers, "_close_all_but", lambda files, *rest: system.close_all(len(files), *rest))
            patch.setattr(keepers, "_keep_few_rights", lambda files: system.few_rights(len(files)))
            with pytest.raises(EndedError):
                keepers._serve_requests([file(0, system), file(1, system)], 5, 6)
            return system.notes

        return examine

    pack = keepers._REQUEST.pack
    found["keeper serves nobody"] = served([b""])
    found["keeper serves two"] = served([pack(b"k", 1), pack(b"d", 0), b""])
    found["keeper serves half a request"] = served([pack(b"k", 1), pack(b"k", 0)[:3]])
    found["keeper serves, without rights"] = served([pack(b"k", 1)], DENIED)
    return found


def _begun() -> dict[str, Call]:
    """How the keeper comes into being, and what it gives up."""
    found: dict[str, Call] = {}

    def started(pid: Any, count: int = 2, platform: str = "linux") -> Call:
        def examine(patch: Patch) -> Any:
            pipes = iter([(3, 4), (5, 6)])
            system = Noted(os, fork=pid, close=None, register=None, serve=EndedError("in the other process"))
            system._answers |= {f"entrust_to_{number}": None for number in range(count)}
            system._answers["pipe"] = lambda: next(pipes)
            files = [file(number, system) for number in range(count)]
            signals = Noted(signal, pthread_sigmask="before", valid_signals="all")
            patch.setattr(keepers.sys, "platform", platform)
            patch.setattr(keepers, "os", system)
            patch.setattr(keepers, "signal", signals)
            patch.setattr(keepers, "ENTRUSTED", files[:])
            patch.setattr(keepers, "_serve_requests", lambda files, *rest: system.serve(len(files), *rest))
            patch.setattr("atexit.register", lambda call: system.register(call.__name__))
            try:
                keepers.start_keeper()
            except (EndedError, OSError) as error:
                system.notes.append(("raises", repr(error)))
            shown = [tuple("keeper" if "RootKeeper" in str(word) else word for word in note) for note in system.notes]
            return shown, [list(map(str, note)) for note in signals.notes], len(keepers.ENTRUSTED)

        return examine

    found["keeper started"] = started(77)
    found["keeper started, in the other process"] = started(0)
    found["keeper started, no process"] = started(DENIED)
    found["keeper started, nothing to keep"] = started(77, 0)
    found["keeper started, on Windows"] = started(77, 2, "win32")

    def shut(listed: Any, most: int = 9, platform: str = "linux", fails: Any = None, others: Any = (2, 5)) -> Call:
        def examine(patch: Patch) -> Any:
            system = Noted(os, open=30, dup2=None, listdir=listed, sysconf=most, close=fails)
            patch.setattr(keepers.sys, "platform", platform)
            patch.setattr(keepers, "os", system)
            bound = keepers._MOST_OPEN
            patch.setattr(keepers, "_MOST_OPEN", 40)
            keepers._close_all_but([file(1, system)], *others)
            return system.notes, bound

        return examine

    found["keeper shuts, listed"] = shut(["0", "1", "2", "3", "4", "5", "9", "10", "11", "12"])
    found["keeper shuts, no standard stream is its own"] = shut(["0", "1", "2", "3"], others=())
    found["keeper shuts, not listed"] = shut(DENIED)
    found["keeper shuts, endless"] = shut(DENIED, 1 << 40, fails=OSError(9, "x"))
    found["keeper shuts, on Windows"] = shut([], platform="win32")

    def few(platform: str) -> Call:
        def examine(patch: Patch) -> Any:
            noted = Noted(keep_capabilities=None, confine_process=None)
            patch.setattr(keepers.sys, "platform", platform)
            patch.setattr(keepers, "keep_capabilities", noted.keep_capabilities)
            patch.setattr(keepers, "confine_process", noted.confine_process)
            keepers._keep_few_rights([file(1, noted), file(2, noted)])
            return noted.notes

        return examine

    found["keeper has few rights, linux"] = few("linux")
    found["keeper has few rights, darwin"] = few("darwin")
    return found


# Files that are held


def _held() -> dict[str, Call]:
    found: dict[str, Call] = {}

    def with_files(call: Callable[[Path], Any]) -> Call:
        def examine(patch: Patch) -> Any:
            patch.setattr(inputs, "_HELD", {})
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                (folder / "a").write_bytes(b"0123456789")
                try:
                    return call(folder)
                finally:
                    for handle in inputs._HELD.values():
                        os.close(handle)

        return examine

    def hold(folder: Path) -> Any:
        inputs.hold_inputs([str(folder / "none"), "\0", str(folder / "a"), str(folder / "a"), str(folder)])
        return sorted(Path(name).name == "a" for name in inputs._HELD)

    found["held names"] = with_files(hold)

    def two(folder: Path) -> Any:
        name = str(folder / "a")
        inputs.hold_inputs([name])
        Path(name).rename(folder / "b")
        Path(name).write_bytes(b"another")
        size = inputs.stat_input(name).st_size
        with inputs.open_input(name) as first, inputs.open_input(name) as second:
            said = [first.read(3), second.read(2), first.tell(), second.tell(), first.read(4), second.read()]
            said += [first.seek(1), first.read(1), first.seek(2, io.SEEK_CUR), first.read(1)]
            said += [first.seek(-2, io.SEEK_END), first.read(9), first.read(1), first.seek(0), first.readall()]
            said += [first.readable(), first.seekable(), first.writable(), first.fileno() == inputs._HELD[name]]
            buffer = bytearray(b"......")
            first.seek(8)
            said += [first.readinto(buffer), buffer]
        return size, said

    found["held and read twice"] = with_files(two)

    def free(folder: Path) -> Any:
        name = str(folder / "a")
        with inputs.open_input(name) as opened:
            return inputs.stat_input(name).st_size, opened.read(4), opened.tell(), type(opened).__name__

    found["held not, and read"] = with_files(free)

    def pipe(folder: Path) -> Any:
        read_end, write_end = os.pipe()
        os.write(write_end, b"piped")
        os.close(write_end)
        inputs._HELD["pipe"] = read_end
        with inputs.open_input("pipe") as opened:
            return opened.read(3), opened.seekable(), opened.fileno() != read_end

    found["held pipe"] = with_files(pipe)
    found["held not, and gone"] = with_files(lambda folder: inputs.open_input(f"{folder.anchor}none-of-these"))
    return found


# The time of a run


def _limited() -> dict[str, Call]:
    found: dict[str, Call] = {}

    def limited(seconds: float | None, now: float = 10.0, rings: bool = False, end: Any = None) -> Call:
        def examine(patch: Patch) -> Any:
            times = iter([10.0, now])
            system = Noted(signal, signal="before", setitimer=None, getsignal=end)
            patch.setattr(limits, "signal", system)
            patch.setattr(limits, "monotonic", lambda: next(times))
            limit = limits.RunLimit(seconds)
            said: list[Any] = []
            try:
                with limit:
                    if rings:
                        limit._end_run(14, None)
            except BaseException as error:  # noqa: BLE001 - an interruption is none of Exception
                said.append(repr(error))
            over = limit.is_over
            limit._end_run(14, None)
            notes = [tuple(getattr(word, "__name__", word) for word in note) for note in system.notes]
            return said, over, limit.is_over, [tuple(map(str, note)) for note in notes]

        return examine

    found["limit none"] = limited(None)
    found["limit in time"] = limited(5.0)
    found["limit later"] = limited(5.0, 12.5)
    found["limit over before"] = limited(5.0, 99.0)
    found["limit rings"] = limited(5.0, rings=True, end=signal.SIG_DFL)
    found["limit rings, as a signal"] = limited(5.0, rings=True, end=raising(EndedError("by the signal")))
    return found


# What a second process sends


def _results(data: bytes) -> Iterator[Any]:
    while data:
        size = int.from_bytes(data[:8], "big")
        yield marshal.loads(data[8 : 8 + size])
        data = data[8 + size :]


def _sent() -> dict[str, Call]:
    found: dict[str, Call] = {}

    def sent(results: list[Any], size: int = 1 << 20, fails: Any = None) -> Call:
        def work(send: Callable[[Any], None]) -> None:
            for result in results:
                send(result)
            if fails is not None:
                raise fails

        def examine(patch: Patch) -> Any:
            written = bytearray()

            def write(handle: int, data: Any) -> int:
                written.extend(data[:size])
                return len(data[:size])

            system = Noted(os, close=None, _exit=EndedError("0"))
            system._answers["write"] = write
            signals = Noted(signal, signal=None, pthread_sigmask=None)
            patch.setattr(workers, "os", system)
            patch.setattr(workers, "signal", signals)
            with pytest.raises(EndedError):
                workers._run_in_worker(work, 3, 4, "before")
            notes = [note for note in system.notes if note[0] != "write"]
            return list(_results(bytes(written))), notes, [tuple(map(str, note)) for note in signals.notes]

        return examine

    found["worker sends"] = sent([1, "two", None])
    found["worker sends in pieces"] = sent(["three", (4, 5)], 3)
    found["worker fails"] = sent([1], fails=ValueError("x"))
    for alone, processors in itertools.product((True, False), (1, 2)):

        def can(patch: Patch, alone: bool = alone, processors: int = processors) -> Any:
            patch.setattr("threading.active_count", lambda: 1 if alone else 2)
            patch.setattr(os, "sched_getaffinity", answering({*range(processors)}), raising=False)
            patch.setattr(os, "cpu_count", answering(processors))
            return workers.can_fork_worker()

        found[f"worker beside {alone} {processors}"] = can
    return found


CALLS: dict[str, Call] = {**_asked(), **_answered(), **_begun(), **_held(), **_limited(), **_sent()}


def recorded() -> dict[str, str]:
    """The texts in the file."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, {name: made(call) for name, call in CALLS.items()})
