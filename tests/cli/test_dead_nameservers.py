"""A nameserver that stops in the middle of a run is reported as that, and one that is silent for a name is not."""

import json
from collections.abc import Callable
from typing import Any

import dns.message
import pytest
from click.testing import CliRunner

from tests.probe.hostile_dns import hostile, reply
from ucdiag.cli.main import cli

pytestmark = pytest.mark.slow


def problems(answers: Callable[[str, int], bool]) -> list[dict[str, Any]]:
    """``answers`` tells of a name, and of how many questions came by then, whether there is an answer."""

    def behave(wire: bytes, _: str, count: int) -> list[bytes]:
        name = str(dns.message.from_wire(wire).question[0].name).lower()
        if not answers(name, count):
            return []
        return [reply(wire, f"{name} 60 IN A 192.0.2.10") if b"\0\x01\0\x01" in wire[-6:] else reply(wire)]

    with hostile(behave) as server:
        words = ["check-dns", "contoso.test", "-n", f"127.0.0.1:{server.address[1]}", "--json", "-t", "1"]
        found = json.loads(CliRunner().invoke(cli, words).stdout)["problems"]
    return [problem for problem in found if problem["code"] == "nameserver-stopped"]


def test_one_that_dies_is_reported() -> None:
    (problem,) = problems(lambda name, count: count <= 2)
    assert " answered 2 questions and then no more, from the one for ucupdates.contoso.test on" in problem["text"]


def test_one_that_is_silent_for_other_names_is_not() -> None:
    assert problems(lambda name, count: "ucupdates" in name) == []


def test_one_that_answers_again_is_not() -> None:
    assert problems(lambda name, count: not 2 < count < 6) == []


def test_one_that_never_answered_is_not() -> None:
    assert problems(lambda name, count: False) == []
