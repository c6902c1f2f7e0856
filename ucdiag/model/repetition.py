"""What repeats is stronger evidence than time: when an unanswered question proves that no answer comes."""

from collections.abc import Iterable

from ucdiag.model.vocabulary import CAPTURE_SKEW, Microseconds

# Questions, at least, and how long must have passed after the last one (microseconds), at least.
REPEATED = 3
_LEAST = 2_000_000


def proves_silence(times: Iterable[Microseconds], at: Microseconds) -> bool:
    """Whether questions at these times, all unanswered at ``at``, are enough: three or more, and after the last one as
    long has passed as between the last two. A mirror's copies of one question count once."""
    asked: list[Microseconds] = []
    for time in sorted(times):
        if not asked or time - asked[-1] > CAPTURE_SKEW:
            asked.append(time)
    return len(asked) >= REPEATED and at - asked[-1] >= max(asked[-1] - asked[-2], _LEAST)


def is_repeated(times: Iterable[Microseconds]) -> bool:
    """Whether a question with these times was put more than once. A mirror's copies of one question count once."""
    asked = list(times)
    return bool(asked) and max(asked) - min(asked) > CAPTURE_SKEW


class Repeats:
    """When a question was put again, as far as that matters: the last two times. Copies of one do not count."""

    __slots__ = ("before", "count", "last")

    def __init__(self, time: Microseconds) -> None:
        self.before = self.last = time
        self.count = 1

    def add_time(self, time: Microseconds) -> None:
        """Note that the question was put again."""
        if time - self.last > CAPTURE_SKEW:
            self.before, self.last = self.last, time
            self.count += 1


def last_two(repeats: Repeats | None) -> tuple[Microseconds | None, Microseconds | None]:
    """The last time but one, and the last; ``None`` where the question was put once."""
    if repeats is None or repeats.count < 2:
        return None, None
    return repeats.before, repeats.last
