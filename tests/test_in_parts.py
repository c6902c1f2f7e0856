"""A test of many cases tries them all and names those that failed."""

import pytest

from tests.in_parts import in_parts


def check_parts(names: str, cases: list[object], tried: list[object]) -> None:
    @in_parts(names, cases, size=10)
    def check(number: int, half: int = 0) -> None:
        tried.append((number, half))
        assert number not in (3, 4)

    (mark,) = check.pytestmark  # type: ignore[attr-defined]
    for part in mark.args[1]:
        check(part)


def test_all_cases_are_tried_in_their_order() -> None:
    tried: list[object] = []
    check_parts("number", [*range(10, 35)], tried)
    assert tried == [(number, 0) for number in range(10, 35)]


def test_a_case_may_have_several_values() -> None:
    tried: list[object] = []
    check_parts("number, half", [(2, 1), (8, 4)], tried)
    assert tried == [(2, 1), (8, 4)]


def test_a_case_that_failed_is_named_and_those_after_it_are_tried() -> None:
    tried: list[object] = []
    with pytest.raises(AssertionError) as failed:
        check_parts("number", [1, 3, 5], tried)
    assert failed.value.__notes__ == ["case: 3"]
    assert tried == [(1, 0), (3, 0), (5, 0)]


def test_of_several_that_failed_all_are_named() -> None:
    with pytest.raises(ExceptionGroup, match="2 of 4 cases failed") as failed:
        check_parts("number", [1, 3, 4, 5], [])
    assert [error.__notes__ for error in failed.value.exceptions] == [["case: 3"], ["case: 4"]]


def test_a_part_is_named_by_its_first_case() -> None:
    @in_parts("number", range(5), size=2)
    def check(number: int) -> None:
        pass

    (mark,) = check.pytestmark  # type: ignore[attr-defined]
    assert mark.kwargs["ids"] == ["0 and 1 more", "2 and 1 more", "4 and 0 more"]
    assert mark.args == ("part", [[0, 1], [2, 3], [4]])
