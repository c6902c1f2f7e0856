"""What many targets and servers can make grow, filled beyond its bound: each was seen to fail a test without it."""

from functools import partial
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.fleet.many import outcome_of, probing, report_of
from tests.fleet.update_server import Answer, UpdateServer
from ucdiag.fleet import asking, file_memory, journal, shapes
from ucdiag.fleet.asking import prepare_threads
from ucdiag.fleet.file_memory import FileMemory
from ucdiag.fleet.journal import Journal, JournalError
from ucdiag.fleet.loop import Loop
from ucdiag.fleet.name_exchange import NameExchange
from ucdiag.fleet.pacing import Hosts, Rate
from ucdiag.fleet.shapes import Shapes
from ucdiag.fleet.targets import Target
from ucdiag.model.observations import Transfer
from ucdiag.probe.plan import ServerOptions
from ucdiag.runtime.context import Context
from ucdiag.views.json_view import json_text


def shapes_of(url: str) -> Shapes:
    question_of = partial(probing, Context(timeout=5), ServerOptions(url=url))
    return Shapes(question_of, lambda asked: json_text(report_of(asked)))


def test_of_ever_other_targets_the_shapes_of_some_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "_MOST_SHAPES", 5)
    made = shapes_of("http://127.0.0.1:1/")
    for number in range(22):
        target = Target(line=number, mac="00:04:f2:00:00:01", model=f"CX{number}")
        assert made.shape_of(target) is made.shape_of(target)
    assert len(made._shapes) == 2


@pytest.mark.parametrize("header", ["", "Set-Cookie: n={number}\r\n"], ids=["other answers", "other headers"])
def test_of_ever_other_answers_some_are_known(header: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server may answer each phone in other words, of which nothing is in a report, or something is."""
    monkeypatch.setattr(shapes, "_MOST_ANSWERS", 3)
    prepare_threads()

    def answer(request: bytes, number: int) -> Answer:
        same = 0 if header else number // 4
        return 200, f'<?xml version="1.0"?><r downloads="0"><x>{same}</x></r>'.encode(), header.format(number=number)

    targets = [Target(line=number, mac=f"00:04:f2:00:00:{number:02x}") for number in range(40)]
    with UpdateServer(answer) as server:
        made = shapes_of(server.url)
        found = [one for some in Loop(targets, made, outcome_of, 2, Rate(None), Hosts(2)).ask_targets() for one in some]
    (shape,) = made._shapes.values()
    assert len(found) == 40
    assert 0 < len(shape._reports) <= 3
    assert 0 < len(shape._by_answer) <= 3


def test_of_ever_other_files_some_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server may offer each phone another one."""
    monkeypatch.setattr(file_memory, "_MOST", 3)
    memory = FileMemory()
    for number in range(20):
        whole = Transfer(time=number, url="http://x/", outcome="whole")
        assert list(memory.once(number, lambda whole=whole: iter([whole]))) == [whole]  # type: ignore[misc]
    assert (list(memory._whole), len(memory._busy)) == ([17, 18, 19], 3)


def test_a_target_is_not_asked_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server may answer in part each time, and otherwise ask for patience."""
    walks = count()
    cut: Any = SimpleNamespace(is_cut_short=False)
    patient: Any = SimpleNamespace(note_walk=lambda *_: "192.0.2.1")
    monkeypatch.setattr(asking, "_walk_once", lambda *_: (next(walks), (cut, [], set()))[1])
    assert asking.ask_target(None, patient) is cut  # type: ignore[arg-type]
    assert next(walks) == 7


def test_a_line_of_a_journal_is_so_long(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "journal.ndjson"
    path.write_text('{"schema": "ucdiag.report/1", "x": "' + "x" * 5000 + '"}\n')
    monkeypatch.setattr(journal, "LONGEST", 100)
    read: list[int] = []
    loads = journal.json.loads
    monkeypatch.setattr(journal.json, "loads", lambda line: (read.append(len(line)), loads(line))[1])
    with Journal(str(path)) as there, pytest.raises(JournalError, match="its line 1 is no report"):
        list(there.kept_reports())
    assert read == [100]


def test_a_nameserver_that_sends_without_end_leaves_the_others_their_time() -> None:
    received = count()
    watching: Any = SimpleNamespace(watch_socket=lambda *_: None, forget_socket=lambda *_: None)
    anything: Any = SimpleNamespace(questions=[], patience=5.0)
    exchange = NameExchange(Target(line=1), anything, ("192.0.2.1", 53), anything, watching)
    exchange._sock = SimpleNamespace(recv=lambda size: b"%d" % next(received), close=lambda: None)  # type: ignore[assignment]
    assert exchange.go_on() is False
    assert next(received) <= 100
