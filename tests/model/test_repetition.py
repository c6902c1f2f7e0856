"""When questions that nobody answers prove that no answer comes."""

import pytest

from ucdiag.model.repetition import Repeats, is_repeated, last_two, proves_silence
from ucdiag.model.vocabulary import CAPTURE_SKEW

SECOND = 1_000_000


@pytest.mark.parametrize(
    ("times", "at", "proved"),
    [
        ([], 100, False),
        ([0, 1], 100, False),
        ([0, 1, 2], 3.9, False),
        ([0, 1, 2], 4, True),
        ([0, 1, 4], 6.9, False),
        ([0, 1, 4], 7, True),
        ([4, 0, 1], 7, True),
        ([0, 5, 6], 8, True),
        ([0, 1, 2, 10], 17.9, False),
        ([0, 1, 2, 10], 18, True),
    ],
)
def test_three_questions_and_as_long_a_silence(times: list[float], at: float, proved: bool) -> None:
    assert proves_silence([int(time * SECOND) for time in times], int(at * SECOND)) == proved


def test_copies_of_a_mirror_count_once() -> None:
    assert not proves_silence([0, CAPTURE_SKEW, SECOND, SECOND + CAPTURE_SKEW], 100 * SECOND)
    assert proves_silence([0, CAPTURE_SKEW + 1, SECOND], 100 * SECOND)
    repeats = Repeats(0)
    repeats.add_time(CAPTURE_SKEW)
    assert (last_two(repeats), repeats.count) == ((None, None), 1)
    repeats.add_time(CAPTURE_SKEW + 1)
    assert (last_two(repeats), repeats.count) == ((0, CAPTURE_SKEW + 1), 2)
    repeats.add_time(SECOND)
    assert (last_two(repeats), repeats.count) == ((CAPTURE_SKEW + 1, SECOND), 3)
    assert last_two(None) == (None, None)


@pytest.mark.parametrize(
    ("times", "repeated"),
    [([], False), ([0], False), ([CAPTURE_SKEW, 0], False), ([CAPTURE_SKEW + 1, 0], True), ([0, SECOND], True)],
)
def test_a_mirrors_copy_repeats_nothing(times: list[int], repeated: bool) -> None:
    assert is_repeated(times) is repeated
