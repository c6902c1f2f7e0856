"""Phones that did the same: what is made of a template is what the judge would have said."""

import random
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.diagnosis.chance import Chance
from tests.diagnosis.recorded_stories import CAPTURED, leased, watched
from tests.diagnosis.report_stories import CAPTURED_TEXTS
from tests.diagnosis.story import MAC, PHONE, POOL, SECOND, START, Story
from tests.examples import examples
from ucdiag.cli import alike_reports
from ucdiag.cli.alike_reports import AlikeReports
from ucdiag.cli.report_spool import ReportSpool, brief_text
from ucdiag.diagnosis.alike_stories import PAUSES, PhoneJudgement
from ucdiag.diagnosis.options import CaptureGap, DiagnosisOptions
from ucdiag.diagnosis.phone_tracker import PhoneTracker
from ucdiag.model.observations import Dhcp, Extent, Observation
from ucdiag.model.report import PhoneReport
from ucdiag.model.times import format_time
from ucdiag.views.json_view import WrittenParts, written_parts

STORIES: dict[str, Story] = {**{name: story for name, (story, _, _) in CAPTURED.items()}, **CAPTURED_TEXTS}
# A body as these phones send it, with what is a phone's own.
BODY = (
    "<Request><MacAddress>{mac}</MacAddress><SerialNumber>{serial}</SerialNumber>"
    "<Version>1.0.522.101</Version></Request>"
)
FORMS = {"json": (written_parts, format_time), "brief": (brief_text, str)}


def another(facts: Sequence[Observation], number: int, stretch: float = 1.0, pause: int = 0) -> Iterator[Observation]:
    """The same, as another phone did it: later, and in other time."""
    mac, ip = f"00:04:f2:01:{number >> 8:02x}:{number & 255:02x}", f"10.0.{1 + (number >> 8)}.{number & 255}"
    names = {MAC: mac, PHONE: ip}
    # The pauses differ from phone to phone, and the order stays.
    moments = sorted({fact.time for fact in facts})
    late = {time: (time - START) * stretch + index * pause for index, time in enumerate(moments)}
    for fact in facts:
        later = int(late[fact.time]) + START - fact.time + number * 7919
        changes: dict[str, Any] = {"time": fact.time + later, "frame": (fact.frame or 0) * 1000 + number}
        for name in ("last_time", "last_but_one"):
            if getattr(fact, name, None) is not None:
                changes[name] = getattr(fact, name) + later
        for name in ("client", "client_mac", "address", "client_address", "source_address"):
            if hasattr(fact, name):
                changes[name] = names.get(getattr(fact, name), getattr(fact, name))
        if getattr(fact, "client_port", None) is not None:
            changes["client_port"] = fact.client_port + number  # type: ignore[attr-defined]
        if isinstance(fact, Dhcp):
            changes["transaction"] = fact.transaction and fact.transaction + number * 17
            changes["client_id"] = fact.client_id and fact.client_id.replace(MAC, mac)
            changes["hostname"] = fact.hostname and fact.hostname.replace(_plain(MAC), _plain(mac))
        if getattr(fact, "request_text", None) == BODY:
            changes["request_text"] = BODY.format(mac=mac.replace(":", "-").upper(), serial=f"P{number:09}")
        yield replace(fact, **changes)


def _plain(mac: str) -> str:
    return mac.replace(":", "").upper()


def with_other_pauses(facts: Sequence[Observation], draw: random.Random) -> Iterator[Observation]:
    """The same, each pause for itself as long as its class allows: also the shortest and the longest."""
    moments = sorted({moment for fact in facts for moment in _moments(fact).values() if moment is not None})
    moved = dict.fromkeys(moments[:1], moments[0] if moments else 0)
    for before, after in pairwise(moments):
        kind = bisect_right(PAUSES, after - before)
        pause = after - before
        if kind < len(PAUSES):
            least, most = PAUSES[kind - 1], PAUSES[kind] - 1
            pause = draw.choice((least, most, draw.randint(least, most), int(least * (most / least) ** draw.random())))
        moved[after] = moved[before] + pause
    for fact in facts:
        moments_of = {name: moment and moved[moment] for name, moment in _moments(fact).items()}
        end = moments_of.pop("end", None)
        seconds = {} if end is None else {"seconds": (end - moved[fact.time]) / SECOND}
        yield replace(fact, **moments_of, **seconds)


def _moments(fact: Observation) -> dict[str, int | None]:
    moments = {name: getattr(fact, name) for name in ("time", "last_time", "last_but_one") if hasattr(fact, name)}
    if getattr(fact, "seconds", None) is not None:
        moments["end"] = fact.time + round(fact.seconds * SECOND)  # type: ignore[attr-defined]
    return moments


def judgements(
    setting: DiagnosisOptions,
    phones: Sequence[Sequence[Observation]],
    after: int = 60,
    brief: bool = False,
    before: int = 30,
) -> list[PhoneJudgement]:
    """The phones of a capture that begins so many seconds before them, and goes on for some."""
    tracker = PhoneTracker(setting, everyone=True)
    facts = sorted((fact for phone in phones for fact in phone), key=lambda fact: fact.time)
    for fact in facts:
        if not isinstance(fact, Extent):
            tracker.feed(fact)
    end = max((fact.time for fact in facts), default=START) + after * SECOND
    tracker.feed(Extent(time=START - before * SECOND, end=end, packets=len(facts)))
    return list(tracker.judgements(end, brief=brief))


def filled(judged: Sequence[PhoneJudgement], form: str) -> int:
    """How many were made by a template. Fails where one is not what the judge says."""
    write, write_time = FORMS[form]
    alike = AlikeReports(write, write_time)
    for judge in judged:
        assert alike.written(judge) == write(judge())
    return alike.filled


def boot() -> Story:
    """All that a phone does when it is switched on."""
    story = watched().dhcp("discover", transaction=5, client_id=f"01:{MAC}", hostname=f"CX700-{_plain(MAC)}")
    story.dhcp("offer", transaction=5).dhcp("request", transaction=5).dhcp("ack", transaction=5)
    story.asks("ucupdates-r2.contoso.com", "NOERROR", POOL, ttl=300).connects(seconds=0.0123)
    return story.posts(request_text=BODY, seconds=0.05).offers().gets(seconds=0.021)


@pytest.mark.parametrize("name", STORIES)
def test_of_a_scenario_a_template_says_what_the_judge_says(name: str) -> None:
    story = STORIES[name]
    phones = [list(another(story.fed, number, 1 + number % 2 / 10, number * 997)) for number in range(5)]
    filled(judgements(story.setting, phones), "json")
    filled(judgements(story.setting, phones, after=0, brief=True), "brief")


@settings(max_examples=examples(300), deadline=None)
@given(
    number=st.integers(0, 100_000),
    form=st.sampled_from(sorted(FORMS)),
    after=st.integers(0, 40),
    ways=st.lists(
        st.tuples(st.sampled_from((0.001, 0.5, 1.0, 1.0, 3.0)), st.integers(0, 2 * SECOND)), min_size=4, max_size=9
    ),
)
def test_of_any_story_a_template_says_what_the_judge_says(
    number: int, form: str, after: int, ways: list[tuple[float, int]]
) -> None:
    story = Chance(number, from_capture=True).drawn_story()
    phones = [list(another(story.fed, which, *way)) for which, way in enumerate(ways)]
    filled(judgements(story.setting, phones, after, form == "brief"), form)


@settings(max_examples=examples(300), deadline=None)
@given(number=st.integers(0, 100_000), seed=st.integers(0, 1_000))
def test_of_any_story_in_other_time_a_template_says_what_the_judge_says(number: int, seed: int) -> None:
    story, draw = Chance(number, from_capture=True).drawn_story(), random.Random(seed)
    told = [fact for fact in story.fed if not isinstance(fact, Extent)]
    phones = [list(with_other_pauses([*another(told, which)], draw)) for which in range(12)]
    filled(judgements(story.setting, phones, after=120), "json")


@pytest.mark.parametrize("form", FORMS)
def test_phones_that_boot_are_judged_by_a_template(form: str) -> None:
    phones = [list(another(boot().fed, number, 1, number * 101)) for number in range(40)]
    judged = judgements(DiagnosisOptions(from_capture=True), phones)
    # The first one is not known yet, and the second one is learnt from.
    assert filled(judged, form) == 38
    assert all(judge().verdict.status.value == "whole" for judge in judged)
    assert "00:04:f2:01:00:27" in AlikeReports(*FORMS[form]).written(judged[-1])[0]


def test_a_report_that_says_how_long_things_took_together_is_no_template() -> None:
    story = watched().asks("ucupdates-r2.contoso.com", None).asks("ucupdates-r2.contoso.com", None).wait(3)
    phones = [list(another(story.fed, number, 1 + number / 100)) for number in range(9)]
    assert filled(judgements(story.setting, phones, after=2), "json") == 0


def test_phones_that_did_the_same_in_another_order_are_distinguished() -> None:
    told = [watched().leased().found().updated(), watched().found().updated().leased()]
    # The DHCP of a phone stands behind its other facts in both.
    phones = [list(another(told[number % 2].fed, number)) for number in range(12)]
    judged = judgements(DiagnosisOptions(from_capture=True), phones)
    assert [fact.kind for fact in judged[0].facts] == [fact.kind for fact in judged[1].facts]
    assert filled(judged, "json") == 8


def test_a_phone_of_which_the_capture_has_no_end_is_judged() -> None:
    story = leased().found()
    phones = [list(another(story.fed, number)) for number in range(9)]
    phones.append([replace(fact, time=fact.time + 60 * SECOND) for fact in another(story.fed, 9)])
    judged = judgements(DiagnosisOptions(from_capture=True), phones, after=1)
    assert filled(judged, "json") == 7
    assert [judge().verdict.code for judge in judged] == ["connect-not-tried"] * 9 + ["capture-too-short"]


@pytest.mark.parametrize("form", FORMS)
def test_phones_that_boot_at_the_end_of_a_capture_are_judged_by_a_template(form: str) -> None:
    phones = [list(another(boot().fed, number, 1, number * 101)) for number in range(40)]
    assert filled(judgements(DiagnosisOptions(from_capture=True), phones, after=1), form) == 38


def test_steady_phones_and_late_ones_have_each_their_template() -> None:
    phones = [list(another(boot().fed, number)) for number in range(15)]
    phones[9:] = [[later(fact, 60) for fact in phone] for phone in phones[9:]]
    assert filled(judgements(DiagnosisOptions(from_capture=True), phones, after=1), "json") == 7 + 4


def later(fact: Observation, seconds: int) -> Observation:
    """The same fact, so many seconds later."""
    moments = {name: moment and moment + seconds * SECOND for name, moment in _moments(fact).items() if name != "end"}
    return replace(fact, **moments)


def test_late_phones_of_which_some_have_no_end_are_judged() -> None:
    story = leased().found()
    phones = [[later(fact, number) for fact in another(story.fed, number)] for number in range(9)]
    judged = judgements(DiagnosisOptions(from_capture=True), phones, after=0)
    assert filled(judged, "json") == 1
    codes = [judge().verdict.code for judge in judged]
    assert codes == ["connect-not-tried"] * 4 + ["capture-too-short"] * 5


@pytest.mark.parametrize(("pause", "after", "count"), [(0, 7, 7), (500_000, 7, 0), (500_000, 20, 7)])
def test_in_a_short_capture_phones_that_took_longer_are_judged(pause: int, after: int, count: int) -> None:
    # Phones that are quick, and one that takes longer between any two moments. All begin with the capture.
    phones = [list(another(boot().fed, number)) for number in range(8)]
    phones[2:] = [list(another(boot().fed, number, 1, pause)) for number in range(2, 9)]
    judged = judgements(DiagnosisOptions(from_capture=True), phones, after, before=0)
    assert filled(judged, "json") == count


def test_where_the_report_depends_on_who_it_is_nothing_is_a_template() -> None:
    def says_more(judge: PhoneJudgement) -> PhoneJudgement:
        def judged(mac: str | None, ips: Sequence[str], facts: Sequence[Observation]) -> PhoneReport:
            report = judge.judge(mac, ips, facts)
            summary = f"{report.verdict.summary} {int((mac or '0')[-2:], 16) % 2}"
            return replace(report, verdict=replace(report.verdict, summary=summary))

        return replace(judge, judge=judged)

    phones = [list(another(boot().fed, number)) for number in range(0, 18, 2)]
    judged = judgements(DiagnosisOptions(from_capture=True), phones)
    assert filled(judged, "json") == 7
    assert filled([*map(says_more, judged)], "json") == 0


@pytest.mark.parametrize(
    "changes",
    [{"gaps": (CaptureGap(START, START + SECOND, "a file is missing"),)}, {"patience": 1000.0}],
    ids=["a gap", "patience"],
)
def test_where_the_time_in_the_capture_counts_nothing_is_a_template(changes: dict[str, Any]) -> None:
    phones = [list(another(boot().fed, number)) for number in range(9)]
    assert filled(judgements(DiagnosisOptions(from_capture=True, **changes), phones), "json") == 0


def test_a_request_that_holds_what_marks_a_place_is_no_template() -> None:
    phones = [
        [replace(fact, request_text=f"\0{number % 2}") if hasattr(fact, "request_text") else fact for fact in facts]
        for number in range(9)
        for facts in [list(another(boot().fed, number))]
    ]
    assert filled(judgements(DiagnosisOptions(from_capture=True), phones), "json") == 0


def test_a_site_of_which_each_phone_has_its_own_story_learns_no_template() -> None:
    draw = random.Random(1)
    alike = AlikeReports(*FORMS["json"])
    story = leased().found().connects()
    for number in range(300):
        facts = [
            replace(fact, server=f"10.9.{draw.randrange(250)}.{number % 250}") if hasattr(fact, "rcode") else fact
            for fact in another(story.fed, number)
        ]
        for judge in judgements(DiagnosisOptions(from_capture=True), [facts]):
            alike.written(judge)
    assert alike.filled == 0


@pytest.mark.parametrize(("bound", "order", "count"), [(3, "opppp", 0), (4, "oppp", 1), (4, "pppoop", 2)])
def test_after_so_many_stories_of_no_use_no_more_are_looked_at(
    monkeypatch: pytest.MonkeyPatch, bound: int, order: str, count: int
) -> None:
    monkeypatch.setattr(alike_reports, "_IN_VAIN", bound)
    told = {"p": boot(), "o": leased().found().connects()}
    alike = AlikeReports(*FORMS["json"])
    phones = [list(another(told[kind].fed, number)) for number, kind in enumerate(order)]
    for judge in judgements(DiagnosisOptions(from_capture=True), phones):
        assert alike.written(judge) == written_parts(judge())
    assert alike.filled == count


def test_of_ever_other_stories_so_many_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike_reports, "_MOST", 2)
    monkeypatch.setattr(alike_reports, "_SEEN", 3)
    told = [boot(), leased().found().connects(), leased().found(), leased(), watched().found().updated()]
    alike = AlikeReports(*FORMS["json"])
    phones = [list(another(told[number % 5].fed, number)) for number in range(20)]
    for judge in judgements(DiagnosisOptions(from_capture=True), phones):
        assert alike.written(judge) == written_parts(judge())
    assert (len(alike._templates), len(alike._seen)) == (2, 3)


@pytest.mark.parametrize(("marks", "count"), [((), 1), (("", "", "", "x"), 0), (("", "x"), 0)])
def test_a_template_makes_the_report_that_it_is_learnt_from(marks: tuple[str, ...], count: int) -> None:
    more = iter(marks)

    def write(report: PhoneReport) -> WrittenParts:
        text, verdict, known = written_parts(report)
        return text + next(more, ""), verdict, known

    alike = AlikeReports(write, format_time)
    phones = [list(another(boot().fed, number)) for number in range(3)]
    for judge in judgements(DiagnosisOptions(from_capture=True), phones):
        alike.written(judge)
    assert alike.filled == count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.7 10x", ["", "10.0.0.7", " ", "10", "x"]),
        ("10.0.0", ["", "10", ".0.0"]),
        ("10.0.0.71", ["", "10", ".0.0.71"]),
        ("71 .7 7", ["71 .7 ", "7", ""]),
        ("aa+a+7 a", ["a", "a+", "a+", "7", " a"]),
        ("7a+", ["", "7", "a+"]),
        ("b:7b", ["", "b:7b", ""]),
        ("", [""]),
    ],
)
def test_a_text_is_split_at_the_longest_words_that_are_no_part_of_a_number(text: str, expected: list[str]) -> None:
    assert alike_reports._split_at_words(text, ("10", "10.0.0.7", "7", "1", "a+", "b:7b", "7b")) == expected


@settings(max_examples=examples(200))
@given(st.sets(st.text("12.a^]", min_size=1, max_size=3), min_size=1, max_size=6), st.text("12.a^]", max_size=16))
def test_a_text_is_split_as_by_a_regular_expression_of_all_words(words: set[str], text: str) -> None:
    any_of = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    assert alike_reports._split_at_words(text, words) == re.split(f"(?<![0-9.])({any_of})(?![0-9])", text)


@pytest.mark.parametrize("form", FORMS)
def test_a_file_of_reports_holds_what_the_judge_says(form: str) -> None:
    phones = [list(another(boot().fed, number, 1, number * 101)) for number in range(9)]
    judged = judgements(DiagnosisOptions(from_capture=True), phones)
    alike, each = (ReportSpool(as_json=form == "json", brief=form == "brief") for _ in range(2))
    for judge in judged:
        alike.add_judged(judge)
        each.add(judge())
    assert list(alike) == list(each)
    assert alike._alike is not None
    # Of brief reports the first is kept whole.
    assert alike._alike.filled == (7 if form == "json" else 6)
    assert (alike.tally.counts, alike.tally.learnt) == (each.tally.counts, each.tally.learnt)
    alike.close()
    each.close()
