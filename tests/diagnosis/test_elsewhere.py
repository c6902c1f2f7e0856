"""DNS answers from elsewhere: what the phone did next says whether it took them."""

from dataclasses import replace
from typing import Any

import pytest

from tests.diagnosis.story import LEGACY, NAME, POOL, RESOLVER, SECOND, START, Story, codes, verdict
from ucdiag.diagnosis.elsewhere import with_settled_answers
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.model.observations import Connect, Http, Lookup, Observation, Tls

ELSEWHERE = "10.0.0.3"
BROKEN = ("broken", "dns", "dns-answer-from-elsewhere")
WHOLE = ("whole", None, "no-update-offered")


def watched() -> Story:
    return Story(from_capture=True).leased()


def stray(story: Story, *addresses: str, name: str = NAME, rcode: str = "NOERROR", **more: Any) -> Story:
    more.setdefault("answer_from", ELSEWHERE)
    return story.asks(name, rcode, *addresses, **more)


@pytest.mark.parametrize(
    ("story", "expected", "found"),
    [
        (stray(watched(), POOL, attempts=3, asked_again=True).wait(20), BROKEN, {"dns-answer-from-elsewhere"}),
        (stray(stray(watched(), POOL).wait(2), POOL).wait(20), BROKEN, {"dns-answer-from-elsewhere"}),
        (stray(watched(), POOL).wait(20), BROKEN, {"dns-answer-from-elsewhere"}),
        (stray(watched(), POOL).wait(1), ("unknown", "dns", "capture-too-short"), {"capture-too-short"}),
        (stray(watched(), POOL).updated().wait(20), WHOLE, {"no-update-offered"}),
        # Nothing that has an address: it was taken where the phone did not ask again.
        (stray(watched(), rcode="NXDOMAIN", asked_again=True).wait(20), BROKEN, {"dns-answer-from-elsewhere"}),
        (stray(watched(), rcode="NXDOMAIN").wait(20), ("broken", "dns", "dns-r2-missing"), {"dns-r2-missing"}),
        (
            stray(stray(watched(), rcode="NXDOMAIN"), name=LEGACY, rcode="NXDOMAIN").wait(20),
            ("broken", "dns", "dns-r2-missing"),
            {"dns-r2-missing"},
        ),
        (
            stray(stray(watched(), rcode="NXDOMAIN"), POOL, name=LEGACY).updated().wait(20),
            WHOLE,
            {"no-update-offered", "dns-legacy-only"},
        ),
        (stray(watched(), rcode="REFUSED", asked_again=True).wait(20), BROKEN, {"dns-answer-from-elsewhere"}),
        # A second resolver answers as it should.
        (
            stray(watched(), POOL).wait(2).asks(NAME, "NOERROR", POOL, server="10.0.0.4").updated().wait(20),
            WHOLE,
            {"no-update-offered", "dns-answer-from-elsewhere"},
        ),
        (
            stray(watched(), POOL).wait(2).asks(NAME, "NXDOMAIN", server="10.0.0.4").wait(20),
            ("broken", "dns", "dns-r2-missing"),
            {"dns-r2-missing", "dns-answer-from-elsewhere"},
        ),
        # It goes where another answer leads, not where this one does.
        (
            stray(watched(), "203.0.113.66").wait(2).found().updated().wait(20),
            WHOLE,
            {"no-update-offered", "dns-answer-from-elsewhere"},
        ),
        # The phone restarts a day later, and the server is mended.
        (
            stray(watched(), POOL, asked_again=True).wait(86400).found().updated().wait(20),
            WHOLE,
            {"no-update-offered", "dns-answer-from-elsewhere"},
        ),
    ],
)
def test_whether_the_phone_took_it(story: Story, expected: tuple[str, str, str], found: set[str]) -> None:
    report = story.report()
    assert verdict(report) == expected
    assert codes(report) == found


def test_the_words() -> None:
    report = stray(watched(), POOL, asked_again=True, server="10.0.0.2").wait(20).report()
    text = "10.0.0.2 was asked for ucupdates-r2.contoso.com, and the answer came from 10.0.0.3, which a resolver drops"
    assert report.verdict.summary == f"The path breaks at step 2 (dns): {text}."
    [finding] = report.findings
    assert [line.text for line in finding.evidence] == [
        "question ucupdates-r2.contoso.com A to 10.0.0.2: an answer from 10.0.0.3"
    ]
    assert finding.fix.who.value == "dns"


def test_another_port_is_named() -> None:
    story = stray(watched(), POOL, answer_from="10.0.0.2", answer_from_port=5300, server_port=53, server="10.0.0.2")
    assert "came from 10.0.0.2 port 5300" in story.wait(20).report().verdict.summary


def test_the_facts_stay_as_they_are() -> None:
    report = stray(watched(), POOL, asked_again=True).wait(20).report()
    [lookup] = [lookup for lookup in report.observations if isinstance(lookup, Lookup)]
    assert (lookup.rcode, lookup.addresses, lookup.answer_from) == ("NOERROR", (POOL,), ELSEWHERE)


def test_the_host_of_the_file() -> None:
    story = watched().found().connects().posts().offers()
    stray(story, "10.0.0.30", name="pool01.contoso.com", asked_again=True, server="10.0.0.2").wait(20)
    report = story.report()
    assert verdict(report) == ("broken", "download", "download-host-missing")
    assert codes(report) == {"download-host-missing"}
    assert "the answer came from 10.0.0.3" in report.verdict.summary


def test_the_host_of_the_file_whose_address_was_taken() -> None:
    story = watched().found().connects().posts().offers()
    stray(story, POOL, name="pool01.contoso.com").gets().wait(20)
    assert verdict(story.report())[0] == "whole"


def test_an_active_command() -> None:
    story = Story().asks(NAME, None, failure="elsewhere", answer_from=ELSEWHERE)
    assert verdict(story.report()) == BROKEN
    assert codes(story.report()) == {"dns-answer-from-elsewhere"}


def test_an_active_command_whose_second_nameserver_answers() -> None:
    story = Story().asks(NAME, None, failure="elsewhere", answer_from=ELSEWHERE)
    story.asks(NAME, "NOERROR", POOL, server="10.0.0.4").updated()
    assert verdict(story.report()) == WHOLE
    assert codes(story.report()) == {"no-update-offered", "dns-answer-from-elsewhere"}


@pytest.mark.parametrize(("after", "taken"), [(0.999_999, True), (1.0, False)])
def test_who_drops_an_answer_waits_a_second(after: float, taken: bool) -> None:
    """The next name within a second shows that the answer counted; what comes later may be a time that was over. (What
    a story tells next begins 0.1 s after a wait.)"""
    story = stray(watched(), rcode="NXDOMAIN", seconds=0.0).wait(after - 0.1)
    report = story.asks(LEGACY, "NXDOMAIN").wait(20).report()
    assert ("dns-answer-from-elsewhere" not in codes(report)) is taken


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({}, "NXDOMAIN, from 10.0.0.3"),
        ({"answer_from": "10.0.0.2", "answer_from_port": 5300}, "NXDOMAIN, from 10.0.0.2 port 5300"),
        ({"answer_from": None}, "NXDOMAIN"),
    ],
)
def test_an_answer_that_counted_is_quoted_with_where_it_came_from(more: dict[str, Any], text: str) -> None:
    story = stray(watched(), rcode="NXDOMAIN", server="10.0.0.2", **more).wait(20)
    (finding,) = story.report().findings
    assert [line.text for line in finding.evidence] == [f"question {NAME} A to 10.0.0.2: {text}"]


def asked(at: float, name: str = NAME, *addresses: str, **more: Any) -> Lookup:
    """A question with an answer from where it was asked, ``at`` seconds after the other one's answer."""
    more = {"type": "A", "rcode": "NOERROR", "server": RESOLVER, "seconds": 0.25, **more}
    return Lookup(time=START + round((at + 0.25) * SECOND), frame=2, name=name, addresses=addresses, **more)


def strayed(*addresses: str, **more: Any) -> Lookup:
    """The answer that came from elsewhere, a quarter of a second after its question."""
    more = {"answer_from": ELSEWHERE, "aliases": ("a.contoso.com",), "records": ("b",), "ttl": 300, **more}
    return asked(-0.25, NAME, *addresses, **more)


def goes(at: float, server: str = POOL) -> Connect:
    return Connect(time=START + round((at + 0.25) * SECOND), server=server, port=80, outcome="open")


OPEN, DROPPED, TAKEN = "not known yet", "dropped", "taken"


@pytest.mark.parametrize(
    ("lookup", "rest", "at", "expected"),
    [
        # Without an address: it counts where nothing follows for as long as an answer is waited for.
        (strayed(), [], 4.999999, OPEN),
        (strayed(), [], 5, TAKEN),
        (strayed(seconds=None), [], 4.75, TAKEN),
        (strayed(), [asked(0.000001, LEGACY)], 3, TAKEN),
        (strayed(), [asked(0.999999, LEGACY)], 3, TAKEN),
        (strayed(), [asked(1, LEGACY)], 3, OPEN),
        (strayed(), [asked(1, LEGACY)], 20, DROPPED),
        (strayed(), [asked(0.5, LEGACY), asked(2, LEGACY)], 20, TAKEN),
        (strayed(), [asked(14.999999, LEGACY)], 20, DROPPED),
        (strayed(), [asked(15, LEGACY)], 20, TAKEN),
        (strayed(), [asked(0, LEGACY)], 3, OPEN),
        (strayed(), [asked(-0.1, LEGACY)], 3, OPEN),
        (strayed(), [asked(-0.1, LEGACY)], 20, TAKEN),
        (strayed(), [asked(0.5, "time.contoso.com")], 3, OPEN),
        (strayed(), [asked(2, "time.contoso.com")], 20, TAKEN),
        (strayed(), [asked(2, type="AAAA")], 20, DROPPED),
        # Who asks again dropped it.
        (strayed(asked_again=True), [], 0, DROPPED),
        (strayed(asked_again=True), [asked(0.5, LEGACY)], 20, DROPPED),
        (strayed(), [asked(0.000001)], 1, DROPPED),
        (strayed(), [asked(0.5, f"{NAME.upper()}.")], 1, DROPPED),
        (strayed(), [asked(14.999999)], 15, DROPPED),
        (strayed(), [asked(15)], 15, TAKEN),
        (strayed(), [asked(0)], 3, OPEN),
        (strayed(), [asked(0.5, type="AAAA")], 3, TAKEN),
        # With an address: it counts where the client goes there.
        (strayed(POOL), [], 4.999999, OPEN),
        (strayed(POOL), [], 5, DROPPED),
        (strayed(POOL), [asked(0.5, LEGACY)], 3, OPEN),
        (strayed(POOL), [goes(0)], 1, TAKEN),
        (strayed(POOL), [goes(60)], 60, TAKEN),
        (strayed(POOL, asked_again=True), [goes(1)], 1, TAKEN),
        (strayed(POOL), [Tls(time=START + SECOND, server=POOL, port=443, outcome="complete")], 1, TAKEN),
        (strayed(POOL), [Http(time=START + SECOND, server=POOL, port=80)], 1, TAKEN),
        (strayed(POOL, "10.0.0.21"), [goes(1, "10.0.0.21")], 1, TAKEN),
        (strayed(POOL), [goes(-0.000001)], 1, OPEN),
        (strayed(POOL), [goes(1, "10.0.0.21")], 1, OPEN),
        # Not where another answer led there as well.
        (strayed(POOL), [asked(-1, "a.contoso.com", POOL), goes(1)], 1, OPEN),
        (strayed(POOL), [asked(-1, "a.contoso.com", POOL, answer_from=ELSEWHERE), goes(1)], 1, TAKEN),
        (strayed(POOL), [asked(-1, "a.contoso.com", "10.0.0.21"), goes(1)], 1, TAKEN),
    ],
)
def test_what_becomes_of_an_answer_from_elsewhere(
    lookup: Lookup, rest: list[Observation], at: float, expected: str
) -> None:
    history = ObservationLog()
    for fact in (lookup, *rest):
        history.add(fact)
    until = START + round((at + 0.25) * SECOND)
    found = with_settled_answers(history, DiagnosisOptions(from_capture=True), until)
    none = replace(lookup, rcode=None, addresses=(), aliases=(), records=(), ttl=None)
    becomes = {OPEN: none, DROPPED: replace(none, failure="elsewhere"), TAKEN: lookup}[expected]
    assert becomes in found.all_facts()
    # What else was seen stays, unless it is an answer from elsewhere itself.
    assert [fact for fact in rest if getattr(fact, "answer_from", None) is None and fact not in found.all_facts()] == []
    assert len(found.all_facts()) == len(history.all_facts())


@pytest.mark.parametrize("more", [{"answer_from": None}, {"rcode": None}])
def test_of_other_lookups_nothing_has_to_be_settled(more: dict[str, Any]) -> None:
    history = ObservationLog()
    for lookup in (strayed(**more), strayed()):
        history.add(lookup)
    found = with_settled_answers(history, DiagnosisOptions(from_capture=True), START)
    assert found.all_facts()[0] == strayed(**more)
    alone = ObservationLog()
    alone.add(strayed(**more))
    assert with_settled_answers(alone, DiagnosisOptions(from_capture=True), START) is alone
