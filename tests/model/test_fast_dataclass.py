"""``record``: what is left for later is there when it is called, and is what ``dataclass`` would have made."""

import dataclasses
from dataclasses import field

import pytest

from ucdiag.model.fast_dataclass import record


@record(frozen=True, slots=True, kw_only=True)
class Base:
    """With a default."""

    time: int
    text: str = "none"


@record(frozen=True, slots=True, kw_only=True)
class Heir(Base):
    """With a list of its own for each, and without a default behind one."""

    found: list[int] = field(default_factory=list)
    frame: int


@record(slots=True)
class Changing:
    """By position."""

    left: int
    right: int = 2


def test_the_first_and_the_next_are_made_alike() -> None:
    for _ in range(2):
        made = Heir(time=1, frame=7)
        assert (made.time, made.text, made.found, made.frame) == (1, "none", [], 7)
        made.found.append(3)
    assert Changing(5, right=6).left == 5
    assert Changing(5).right == 2


def test_a_class_and_its_heir_have_each_their_own() -> None:
    assert Base(time=3).text == "none"
    with pytest.raises(TypeError, match="frame"):
        Base(time=3, frame=7)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="time"):
        Heir(frame=7)  # type: ignore[call-arg]
    assert not hasattr(Heir(time=1, frame=7), "__dict__")


def test_equality_hash_and_representation_go_by_the_fields() -> None:
    assert Base(time=3) == Base(time=3)
    assert Base(time=3) != Base(time=4)
    assert Base(time=3) != Heir(time=3, frame=1)
    assert len({Base(time=3), Base(time=3), Base(time=4)}) == 2
    assert repr(Base(time=3)) == "Base(time=3, text='none')"
    assert Changing(1) == Changing(1, 2)
    with pytest.raises(TypeError, match="unhashable"):
        hash(Changing(1))


def test_it_is_a_dataclass() -> None:
    assert [each.name for each in dataclasses.fields(Heir)] == ["time", "text", "found", "frame"]
    assert dataclasses.replace(Base(time=3), text="more") == Base(time=3, text="more")
