"""``record``: what is left for later is there when it is called, and is what ``dataclass`` would have made."""

import dataclasses
from dataclasses import field

import pytest

from ucdiag.model.fast_dataclass import record, replace


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


@record(frozen=True, kw_only=True)
class Open:
    """Without slots, and with all that ``field`` can say of a default."""

    name: str = field(default="none")
    needed: int = field()


def test_the_first_and_the_hundredth_are_made_alike() -> None:
    for _ in range(100):
        made = Heir(time=1, frame=7)
        assert (made.time, made.text, made.found, made.frame) == (1, "none", [], 7)
        made.found.append(3)


@pytest.mark.parametrize("before", [0, 100], ids=["at first", "later"])
def test_fields_by_position_and_by_name(before: int) -> None:
    for _ in range(before):
        Changing(left=1)
    assert (Changing(5, right=6).left, Changing(5, 6).right) == (5, 6)
    assert (Changing(5).right, Changing(left=5).right) == (2, 2)


@pytest.mark.parametrize("before", [0, 100], ids=["at first", "later"])
def test_a_wrong_call_is_refused(before: int) -> None:
    @record(slots=True, kw_only=True)
    class Fresh(Base):
        """Not used so far."""

        more: int

    for _ in range(before):
        Fresh(time=1, more=2)
    with pytest.raises(TypeError, match=r"Fresh.__init__\(\) missing 1 required keyword-only argument: 'more'"):
        Fresh(time=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'other'"):
        Fresh(time=1, more=2, other=3)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="positional"):
        Fresh(1, 2)  # type: ignore[misc]
    assert Fresh(time=1, more=2) == Fresh(time=1, text="none", more=2)


def test_what_field_says_of_a_default() -> None:
    assert (Open(needed=1).name, Open(name="a", needed=1).name) == ("none", "a")
    with pytest.raises(TypeError, match="needed"):
        Open()  # type: ignore[call-arg]


def test_the_fields_are_known_before_the_first_object() -> None:
    @record(slots=True)
    class Unused:
        """No object of it."""

        left: int
        right: int = 2

    assert dataclasses.is_dataclass(Unused)
    assert [(one.name, one.default) for one in dataclasses.fields(Unused)] == [
        ("left", dataclasses.MISSING),
        ("right", 2),
    ]


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
    assert [one.name for one in dataclasses.fields(Heir)] == ["time", "text", "found", "frame"]
    assert dataclasses.replace(Base(time=3), text="more") == Base(time=3, text="more")


@pytest.mark.parametrize("before", [0, 100], ids=["at first", "later"])
def test_another_record_is_made_of_one_with_some_fields_changed(before: int) -> None:
    @record(frozen=True, slots=True, kw_only=True)
    class Pair(Base):
        frame: int = 7

    for _ in range(before):
        Pair(time=1)
    one = Pair(time=1, text="a")
    made = replace(one, text="b", frame=8)
    assert (made, type(made)) == (Pair(time=1, text="b", frame=8), Pair)
    assert made == dataclasses.replace(one, text="b", frame=8)
    assert one == Pair(time=1, text="a")
    with pytest.raises(TypeError, match="missing"):
        replace(one, missing=1)  # type: ignore[call-arg]
