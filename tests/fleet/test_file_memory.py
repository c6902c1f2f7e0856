"""A file that many phones are offered is fetched once, where it came whole."""

from collections.abc import Iterator

import pytest

from ucdiag.fleet import file_memory
from ucdiag.fleet.file_memory import FileMemory
from ucdiag.model.observations import Connect, Observation, Transfer


def transfer(outcome: str) -> Transfer:
    return Transfer(time=1, url="http://x/", outcome=outcome)  # type: ignore[arg-type]


OPENED = Connect(time=0, server="10.0.0.20", port=80, outcome="open")


class Fetcher:
    def __init__(self, *facts: Observation) -> None:
        self.facts = facts
        self.count = 0

    def __call__(self) -> Iterator[Observation]:
        self.count += 1
        yield from self.facts


@pytest.mark.parametrize(
    ("facts", "count"),
    [
        ((OPENED, transfer("whole")), 1),
        ((OPENED, transfer("truncated")), 2),
        ((transfer("whole"), OPENED), 1),
        ((transfer("truncated"), OPENED), 2),
        ((), 2),
    ],
)
def test_only_what_came_whole_is_not_fetched_again(facts: tuple[Observation, ...], count: int) -> None:
    memory, fetch = FileMemory(), Fetcher(*facts)
    assert memory.known_file("x") is None
    assert [list(memory.once("x", fetch)) for _ in range(2)] == [list(facts)] * 2
    assert fetch.count == count
    assert memory.known_file("x") == (list(facts) if count == 1 else None)
    other = Fetcher(*facts)
    list(memory.once("y", other))
    assert other.count == 1


def test_the_oldest_files_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_memory, "_MOST", 2)
    memory, fetch = FileMemory(), Fetcher(transfer("whole"))
    for key in "abc":
        list(memory.once(key, fetch))
    assert [memory.known_file(key) is not None for key in "abc"] == [False, True, True]
    list(memory.once("c", fetch))
    assert fetch.count == 3
    list(memory.once("a", fetch))
    assert fetch.count == 4
