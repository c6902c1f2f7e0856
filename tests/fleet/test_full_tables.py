"""What many targets and servers can make grow, filled beyond its bound: each was seen to fail a test without it."""

from functools import partial

import pytest

from tests.fleet.many import outcome_of, probing, report_of
from tests.fleet.update_server import Answer, UpdateServer
from ucdiag.fleet import shapes
from ucdiag.fleet.asking import prepare_threads
from ucdiag.fleet.loop import Loop
from ucdiag.fleet.pacing import Hosts, Rate
from ucdiag.fleet.shapes import Shapes
from ucdiag.fleet.targets import Target
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
        assert made.of(target) is made.of(target)
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
        found = [one for some in Loop(targets, made, outcome_of, 2, Rate(None), Hosts(2)).results() for one in some]
    (shape,) = made._shapes.values()
    assert len(found) == 40
    assert 0 < len(shape._reports) <= 3
    assert 0 < len(shape._by_answer) <= 3
