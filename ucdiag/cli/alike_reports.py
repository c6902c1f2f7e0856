"""The report texts of phones with the same story, made from a template instead of by judging each phone.

A template is a report text with slots for the phone's own values (``ucdiag/diagnosis/alike_stories.py``). Before it is
used it is tested: two invented phones with the same story and the most different values are judged. The template is
made from the first one's report; filled with the values of the second, and of the real phone, it must give their
reports to the last character. Where a report depends on the values in another way (a sum of durations, a time limit),
there is no template, and phones with that story are judged one by one.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from operator import le

from ucdiag.diagnosis.alike_stories import Own, PhoneJudgement, Story, contrasting_phones, mac_spellings
from ucdiag.model.fast_dataclass import record
from ucdiag.model.report import PhoneReport
from ucdiag.model.vocabulary import Microseconds
from ucdiag.views.json_view import VerdictParts, WrittenParts

_MOST = 24  # templates
_SEEN = 1024  # keys of stories that occurred once
_IN_VAIN = 256  # successive stories without a template, after which no more are tried
_DAY = 86_400_000_000  # microseconds after which a phone checks again
_END = "\0"  # between the text and the sentence of the verdict
_DIGITS = frozenset("0123456789")


@record(frozen=True, slots=True)
class _Template:
    """A report text with a ``%s`` for each of the ``slots``, which are indices in the list of ``_own_words``. It holds
    for phones whose pauses (microseconds) are at most those of ``pauses``."""

    text: str
    slots: list[int]
    verdict: VerdictParts
    learnt: bool
    pauses: Sequence[Microseconds]

    def is_of(self, story: Story) -> bool:
        """Whether the template holds for this story, which has the same key."""
        return all(map(le, story.pauses, self.pauses))

    def filled(self, words: Sequence[str]) -> WrittenParts:
        """The report parts of the phone with these words."""
        text, summary = (self.text % tuple([words[slot] for slot in self.slots])).split(_END, 1)
        return text, (*self.verdict[:3], summary), self.learnt


class AlikeReports:
    """Makes the report parts of the phones of one run. ``write`` makes them from a report, ``write_time`` formats a
    time (microseconds). The result is always the same as that of ``write``."""

    def __init__(self, write: Callable[[PhoneReport], WrittenParts], write_time: Callable[[Microseconds], str]) -> None:
        self._write, self._write_time = write, write_time
        self._templates: dict[tuple[bool, tuple[object, ...]], _Template | None] = {}
        self._seen: set[int] = set()
        self._in_vain = 0
        self.filled = 0  # how many were made by a template

    def written(self, judgement: PhoneJudgement) -> WrittenParts:
        """The report parts of one phone."""
        story = judgement.story() if self._in_vain < _IN_VAIN else None
        if story is None:
            return self._write(judgement())
        template = self._templates.get(story.key)
        if template is not None and template.is_of(story):
            self.filled += 1
            self._in_vain = 0
            return template.filled(self._own_words(story.own, story.spans))
        self._in_vain += 1
        written = self._write(judgement())
        if self._is_known(story):
            self._templates[story.key] = self._story_template(judgement, story, written)
        return written

    def _is_known(self, story: Story) -> bool:
        """Whether a story with this key occurred before, so that a template pays; and notes the key."""
        if story.key in self._templates or len(self._templates) >= _MOST:
            return False
        key = hash(story.key)
        if key in self._seen:
            return True
        if len(self._seen) < _SEEN:
            self._seen.add(key)
        return False

    def _story_template(self, judgement: PhoneJudgement, story: Story, written: WrittenParts) -> _Template | None:
        """The template of a story; None if its reports differ in more than the phones' own values."""
        assert judgement.within is not None
        others = contrasting_phones(story, judgement.within)
        if others is None:
            return None
        quick, slow = [
            (self._write(judgement.report_of(story, own)), self._own_words(own, story.spans)) for own in others
        ]
        pauses = [after - before for before, after in pairwise(others[1].times)]
        template = _make_template(*quick, pauses)
        if template.filled(slow[1]) != slow[0] or template.filled(self._own_words(story.own, story.spans)) != written:
            return None
        return template

    def _own_words(self, own: Own, spans: Sequence[tuple[int, int]]) -> list[str]:
        """Every text that a report may show of the phone's own values, in the same order for each story."""
        times, write_time = own.times, self._write_time
        return [
            own.ip,
            own.serial or _END,
            *mac_spellings(own.mac),
            *map(write_time, times),
            *[write_time(time + _DAY) for time in times],
            *map(str, own.frames),
            *[str(number) for _, number in own.numbers],
            *[repr((times[last] - times[first]) / 1_000_000) for first, last in spans],
        ]


def _make_template(written: WrittenParts, words: Sequence[str], pauses: Sequence[Microseconds]) -> _Template:
    """The template of these report parts, with a slot for each of these words."""
    text, verdict, learnt = written
    slots = {word: slot for slot, word in reversed([*enumerate(words)]) if word != _END}
    parts = _split_at_words(f"{text}{_END}{verdict[3]}", slots)
    return _Template(
        text="%s".join(part.replace("%", "%%") for part in parts[::2]),
        slots=[slots[part] for part in parts[1::2]],
        verdict=(*verdict[:3], ""),
        learnt=learnt,
        pauses=pauses,
    )


def _split_at_words(text: str, words: Iterable[str]) -> list[str]:
    """The text in pieces: each second one is one of these words, the longest that is there, and no part of a number.

    To compile a regular expression of all words takes five times as long."""
    alike: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        alike.setdefault(word[0], []).append(word)
    pieces, done = [], 0
    for found in re.finditer(f"(?<![0-9.])[{re.escape(''.join(sorted(alike)))}]", text):
        start = found.start()
        if start < done:
            continue
        for word in alike[text[start]]:
            end = start + len(word)
            if text.startswith(word, start) and text[end : end + 1] not in _DIGITS:
                pieces += [text[done:start], word]
                done = end
                break
    return [*pieces, text[done:]]
