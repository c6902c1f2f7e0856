"""When ``--until-done`` looks at the phones, and which verdicts end the capture."""

from collections.abc import Sequence

from ucdiag.cli.until_done import UntilDone
from ucdiag.model.report import Identity, PhoneReport, Verdict
from ucdiag.model.steps import VerdictStatus
from ucdiag.model.vocabulary import VerdictCode

WHOLE, BROKEN, UNKNOWN = VerdictStatus.WHOLE, VerdictStatus.BROKEN, VerdictStatus.UNKNOWN


class Site:
    """Phones whose verdicts are set by hand, and a clock. ``looks`` counts how often somebody asked."""

    def __init__(self, *verdicts: VerdictStatus, takes: float = 0.0) -> None:
        self.verdicts: list[tuple[VerdictStatus, VerdictCode | None]] = [(status, None) for status in verdicts]
        self.time = 100.0
        self.looks = 0
        self._takes = takes
        self.until = UntilDone(self._phones, lambda: self.time)

    def _phones(self) -> Sequence[PhoneReport]:
        self.looks += 1
        self.time += self._takes
        return [
            PhoneReport(phone=Identity(), verdict=Verdict(status=status, code=code, summary=""), steps=())
            for status, code in self.verdicts
        ]

    def piece(self, *, facts: int = 0, after: float = 0.05) -> bool:
        """One piece of the capture; whether the capture ends."""
        self.time += after
        for _ in range(facts):
            self.until.count_fact()
        return self.until.is_done()


def test_a_whole_path_is_enough_as_soon_as_nothing_more_comes() -> None:
    site = Site(WHOLE)
    assert not site.piece(facts=3)
    assert site.looks == 0
    assert site.piece()


def test_while_facts_come_it_looks_once_in_a_second() -> None:
    site = Site(UNKNOWN)
    assert not any(site.piece(facts=1) for _ in range(100))
    assert 3 <= site.looks <= 5


def test_where_nothing_happens_it_looks_once_in_a_second() -> None:
    site = Site(UNKNOWN)
    assert not any(site.piece() for _ in range(100))
    assert 3 <= site.looks <= 5


def test_a_broken_path_has_to_stay_so() -> None:
    site = Site(BROKEN, WHOLE)
    site.piece(facts=1)
    assert not site.piece()
    began = site.time
    while not site.piece():
        assert site.time - began < 3
    assert site.time - began >= 1


def test_another_failure_begins_anew() -> None:
    site = Site(BROKEN)
    site.piece(facts=1)
    assert not site.piece()
    site.piece(after=0.7)
    site.verdicts = [(BROKEN, "dns-legacy-only")]
    site.piece(facts=1)
    assert not site.piece()
    assert not site.piece(after=0.8)
    assert site.piece(after=1.1)


def test_a_verdict_that_stood_before_does_not_count_for_the_one_after_it() -> None:
    site = Site(BROKEN)
    site.piece(facts=1, after=5)
    assert not site.piece()
    site.verdicts = [(BROKEN, "dns-legacy-only")]
    assert not site.piece(after=1.5)
    site.verdicts = [(BROKEN, "dns-no-answer")]
    assert not site.piece(after=1.5)


def test_a_broken_path_that_stood_a_second_is_enough() -> None:
    site = Site(BROKEN)
    assert not site.piece(facts=1, after=28)
    assert site.piece(after=1)


def test_one_phone_without_a_verdict_keeps_it_going() -> None:
    site = Site(WHOLE, UNKNOWN)
    site.piece(facts=1)
    assert not any(site.piece() for _ in range(50))


def test_looks_that_take_long_are_rare() -> None:
    site = Site(UNKNOWN, takes=0.09)
    for _ in range(40):
        site.piece(facts=1)
        site.piece()
    assert site.looks <= 5


def test_a_look_that_takes_no_time_is_followed_by_another_as_soon_as_there_are_facts() -> None:
    site = Site(UNKNOWN)
    for looks in (1, 2, 3):
        assert not site.piece(facts=1)
        assert not site.piece()
        assert site.looks == looks


def test_a_look_that_takes_long_is_followed_by_a_pause() -> None:
    """Of its length many times over."""
    site = Site(UNKNOWN, takes=0.01)
    site.piece(facts=1)
    site.piece()
    for _ in range(3):
        assert not site.piece(facts=1, after=0.04)
        assert not site.piece(after=0.02)
    assert site.looks == 2
