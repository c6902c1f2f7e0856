"""What the loop that asks many does, step by step, with servers that answer, fail and come back; and its journal.

``python -m tests.fleet.loop_traces`` writes ``loop_traces.txt`` anew; read the difference before you commit it.
"""

import errno
import os
import random
import tempfile
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.recorded_calls import Call, Noted, made, raising
from tests.recorded_texts import read_texts, write_texts
from tests.views.reports import report
from ucdiag.views.json_view import json_text

FILE = Path(__file__).with_name("loop_traces.txt")
loops: Any = import_module("ucdiag.fleet.loop")
journals: Any = import_module("ucdiag.fleet.journal")
heard: Any = import_module("ucdiag.fleet.heard")
Patch = pytest.MonkeyPatch


class World:
    """Servers and their exchanges, whose steps are chosen by chance; all that the loop does to them is noted."""

    def __init__(self, seed: int, ending: float | None = None, slow_reader: bool = False) -> None:
        self.rng = random.Random(seed)
        self.notes: list[str] = []
        self.now = 100.0
        self.open: list[Any] = []
        self.helped: list[Any] = []
        self.helpers: Any = None
        self.bell = object()
        self.ending, self.slow_reader = ending, slow_reader
        self.trouble = self.rng.choice((0.0, 0.1, 0.5, 1.0))

    def monotonic(self) -> float:
        return self.now

    # Exchanges

    def exchange(self, target: str, shape: Any, server: str, *_: Any) -> Any:
        world = self

        class Exchange:
            crowded = frozenset({"crowded"})

            def __hash__(self) -> int:  # else each run has an order of its own
                return int(target[1:])

            until = world.now + world.rng.choice((0.3, 5.0))

            def begin(self) -> bool:
                fate = world.rng.random()
                world.notes.append(f"begin {target}")
                if fate < world.trouble / 5:
                    raise OSError("not begun")
                if fate < world.trouble / 3:
                    return False
                world.open.append(self)
                return True

            def go_on(self) -> bool | None:
                fate = world.rng.random()
                if fate < world.trouble / 4:
                    raise OSError("broken off")
                return None if fate < world.trouble / 2 else fate < 0.9

            def close(self) -> None:
                world.notes.append(f"close {target}")

            def leave_out_pause(self, seconds: float) -> None:
                world.notes.append(f"pause {target} {seconds:.2f}")

            def outcome_without_walk(self) -> str | None:
                return f"{target} as usual" if world.rng.random() < 0.5 else None

            def heard_so_far(self, *, strict: bool) -> str | None:
                return f"{target}'s{' strictly' if strict else ''}" if strict or world.rng.random() < 0.7 else None

        made_ = Exchange()
        made_.target, made_.shape, made_.server = target, shape, server  # type: ignore[attr-defined]
        return made_

    def hear(self, question: str, hosts: Any, what: str, crowded: Any) -> str | None:
        fate = self.rng.random()
        self.notes.append(f"hear {question} {what} {sorted(crowded)}")
        if fate < 0.2:
            raise heard.UnheardError
        return None if fate < 0.4 else f"{question} as heard"

    # Who waits

    def readiness(self) -> Any:
        def wait(patience: float) -> list[Any]:
            self.now += self.rng.choice((0.0, 0.01, 0.25))
            ready: list[Any] = [one for one in self.open if self.rng.random() < 0.6]
            if self.helped:
                ready.append(self.helpers)
            return self.rng.sample(ready, len(ready))

        return SimpleNamespace(
            watch_socket=lambda sock, who: self.notes.append(f"watch {sock is self.bell}"),
            wait_for_ready=wait,
            close=lambda: self.notes.append("no more is watched"),
        )

    def helpers_class(self) -> type:
        world = self

        class Helpers:
            bell = world.bell

            def __init__(self, work: Callable[[Any], str], most: int) -> None:
                world.notes.append(f"at most {most}")
                world.helpers, self.work = self, work

            def add_work(self, question: Any) -> None:
                world.notes.append(f"help {' '.join(map(str, question))}")
                world.helped.append(self.work(question))

            def take_results(self) -> list[str]:
                taken, world.helped = world.helped, []
                return taken

            def close(self) -> None:
                world.notes.append("no more is helped")

        return Helpers

    def ask(self, question: str, hosts: Any, *told: str) -> str:
        if told and self.rng.random() < 0.3:
            raise heard.UnheardError
        return f"{question} asked{' on' if told else ''}"

    def run(self, patch: Patch, count: int, jobs: int, servers: int, names: bool = False) -> list[str]:
        kinds = {f"s{number}": SimpleNamespace(endpoint=f"s{number}") for number in range(servers)}
        if names:
            kinds["s0"] = loops.UsualNames(questions=(("x", "A", "update", "s0", "s0"),), label="l")
        patch.setattr(loops, "time", SimpleNamespace(monotonic=self.monotonic))
        patch.setattr(loops, "Readiness", self.readiness)
        patch.setattr(loops, "Helpers", self.helpers_class())
        patch.setattr(loops, "PostExchange", self.exchange)
        patch.setattr("ucdiag.fleet.name_exchange.NameExchange", self.exchange)
        patch.setattr(loops, "walk_heard", self.hear)
        patch.setattr(loops, "ask_target", self.ask)
        rng = random.Random(count)

        def of(target: str) -> Any:
            kind = kinds.get(f"s{int(target[1:]) % (servers + 1)}") if servers else None
            return SimpleNamespace(usual=kind, question_for=lambda target: f"{target}?")

        rate = SimpleNamespace(seconds_to_next=lambda: rng.choice((0.0, 0.0, 0.1, 9.0)))
        loop = loops.Loop(
            (f"t{number}" for number in range(count)),
            SimpleNamespace(shape_of=of),
            lambda asked: f"{asked}, judged",
            jobs,
            rate,
            "hosts",
            self.ending,
        )
        results = loop.ask_targets()
        for taken, outcomes in enumerate(results):
            self.notes.append(f"= {'; '.join(outcomes)}")
            if self.slow_reader:
                self.now += self.rng.choice((0.0, 0.02, 0.5))
            if taken > 60:
                results.close()
        stands = [
            (server, kind.proved, kind.failures, kind.spared, kind.next_spared)
            for server, kind in loop._servers.items()
        ]
        return [*self.notes, repr(stands)]


def _looped() -> dict[str, Call]:
    found: dict[str, Call] = {}
    for seed in range(12):
        found[f"loop {seed}"] = lambda patch, seed=seed: World(seed).run(
            patch, 30, 1 + seed % 4, (1, 2, 1, 0)[seed % 4], names=seed % 5 == 1
        )
    for seed in (20, 21):
        found[f"loop until {seed}"] = lambda patch, seed=seed: World(seed, ending=100.3).run(patch, 12, 6, 1)
        found[f"loop of slow readers {seed}"] = lambda patch, seed=seed: World(seed, slow_reader=True).run(
            patch, 12, 6, 2
        )
    return found


# The journal

_LINE = journals._START + b', "a": 1}\n'
_REAL = f'{json_text(report())[:-1]}, "target": "t"}}\n'.encode()


def _journals() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {}

    def opened(content: bytes | None, prepare: Callable[[Patch], None] = lambda patch: None) -> Call:
        def examine(patch: Patch) -> Any:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "j")
                if content is not None:
                    path.write_bytes(content)
                prepare(patch)
                try:
                    with journals.Journal(str(path)) as journal:
                        said = journal._end, path.stat().st_mode & 0o777 if content is None else None
                        try:
                            read: list[Any] = [(target, one == report()) for target, one in journal.kept_reports()]
                        except journals.JournalError as error:
                            read = [repr(error)]
                except journals.JournalError as error:
                    return repr(error), path.read_bytes() if path.exists() else None
                finally:
                    patch.undo()
                return said, read, path.read_bytes()[-20:]

        return examine

    start = journals._START
    for name, content in {
        "new": None,
        "empty": b"",
        "a line": _LINE,
        "a torn line": _LINE + start[:5],
        "a torn line of zeros": _LINE + bytes(7),
        "a torn line and zeros": _LINE + start + b'"x' + bytes(7),
        "half a start": start[:5],
        "zeros": bytes(40),
        "another file": b"x" * 40,
        "another's end": _LINE + b"x",
        "no end": _LINE[:-1],
        "real": _REAL + b"\n \n" + _REAL + b"\n" + _REAL[:70],
        "real, then another": _REAL + _REAL.replace(b'"t"', b"7"),
        "a long torn line": _LINE + start + b"y" * (2 * journals._PIECE),
        "a long line": start + b"y" * (2 * journals._PIECE) + b"\n" + start[:3],
        "of no target": start + b"}\n",
        "of a number": start + b', "target": 1}\n',
    }.items():
        found[f"journal {name}"] = opened(content)

    def locking(error: OSError) -> Callable[[Patch], None]:
        return lambda patch: patch.setattr("fcntl.flock", raising(error))

    found["journal of another run"] = opened(_LINE, locking(BlockingIOError(errno.EAGAIN, "x")))
    found["journal without locks"] = opened(_LINE, locking(OSError(errno.ENOLCK, "x")))
    found["journal on Windows"] = opened(_LINE, lambda patch: patch.setattr(journals.sys, "platform", "win32"))
    found["journal, not opened"] = opened(
        None, lambda patch: patch.setattr(journals, "_open_journal", raising(PermissionError(13, "Permission denied")))
    )
    found["journal, no words"] = opened(
        None, lambda patch: patch.setattr(journals, "_open_journal", raising(ValueError("Null")))
    )
    found["journal, moved"] = opened(_LINE, lambda patch: patch.setattr(journals.os.path, "samestat", lambda *_: False))

    def kinds(patch: Patch) -> Any:
        said = []
        for mode in (0o100600, 0o020600, 0o010600, 0o040700):
            patch.setattr(journals.os, "fstat", lambda handle, m=mode: SimpleNamespace(st_mode=m, st_size=0))
            try:
                said.append(journals.Journal._mended_end(SimpleNamespace(_handle=7)))
            except journals.JournalError as error:
                said.append(repr(error))
        return said

    found["journal kinds"] = kinds

    def places(patch: Patch) -> Any:
        noted = Noted(open=5, create_file=6, close=None)
        patch.setattr(journals, "find_place", lambda name: noted)
        patch.setattr(journals.os, "fstat", lambda handle: handle)
        patch.setattr(journals.os.path, "samestat", lambda one, other: noted.notes.append((one, other)) or True)
        said = []
        for there in (None, "there"):
            noted.found = there
            said.append(journals._open_journal("x"))
        return said, noted.notes

    found["journal places"] = places

    def written(takes: Sequence[Any]) -> Call:
        def examine(patch: Patch) -> Any:
            left = iter(takes)
            notes: list[Any] = []

            def write(handle: int, data: Any) -> Any:
                take = next(left)
                if isinstance(take, Exception):
                    raise take
                notes.append((handle, bytes(data[:take])))
                return take

            journal = SimpleNamespace(_handle=7, _again=8, _end=100)
            system = Noted(os, ftruncate=None, fsync=OSError(5, "x"), close=None)
            system._answers["write"] = write
            patch.setattr(journals, "os", system)
            journal._write_lines = lambda lines: journals.Journal._write_lines(journal, lines)
            try:
                journals.Journal.add_reports(journal, [('{"a": 1}', "t\u00e9"), ("{}", "u")])
            except OSError as error:
                notes.append(repr(error))
            journals.Journal.close(journal)
            return notes, [note for note in system.notes if note[0] != "write"], journal._end

        return examine

    found["journal written"] = written([5, 1, 100])
    found["journal, disk full"] = written([5, OSError(errno.ENOSPC, "full")])
    return found


CALLS: dict[str, Call] = {**_looped(), **_journals()}


def recorded() -> dict[str, str]:
    """The texts in the file."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, {name: made(call) for name, call in CALLS.items()})
