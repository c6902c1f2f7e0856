"""One phone's DHCP messages in a capture, one kind of message after another."""

from typing import Any

import pytest

from tests.diagnosis.story import MAC, PHONE, RESOLVER, SECOND, SERVER, Story
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import Event
from ucdiag.diagnosis.steps.lease_history import LeaseHistory, in_order
from ucdiag.model.observations import Dhcp

SECOND_SERVER = "10.0.0.9"


def events_of(story: Story, patience: float = 5.0) -> list[Event]:
    history = ObservationLog()
    for seen in story.fed:
        history.add(seen)
    return LeaseHistory(history, DiagnosisOptions(from_capture=True, patience=patience)).events(story.time)


def outcomes(story: Story) -> list[str]:
    return [event.code or ("ok" if event.ok else "?") for event in events_of(story)]


def capture() -> Story:
    return Story(from_capture=True)


def message(type: Any, seconds: float, **more: Any) -> Dhcp:
    more.setdefault("transaction", 1)
    return Dhcp(time=int(seconds * SECOND), type=type, client=MAC, **more)


@pytest.mark.parametrize(
    ("messages", "order"),
    [
        ([message("discover", 0), message("offer", 1)], [0, 1]),
        ([message("offer", 0), message("discover", 0.05)], [1, 0]),
        ([message("offer", 0), message("discover", 0.051)], [0, 1]),
        ([message("ack", 0), message("request", 0.05)], [1, 0]),
        ([message("nak", 0), message("request", 0.05)], [1, 0]),
        ([message("ack", 0), message("inform", 0.05)], [1, 0]),
        ([message("nak", 0), message("inform", 0.05)], [0, 1]),
        ([message("offer", 0), message("request", 0.05)], [0, 1]),
        ([message("ack", 0), message("discover", 0.05)], [0, 1]),
        ([message("offer", 0, transaction=2), message("discover", 0.05)], [0, 1]),
        ([message("offer", 0, transaction=None), message("discover", 0.05, transaction=None)], [0, 1]),
        ([message("discover", 0), message("offer", 0.01), message("discover", 0.05)], [0, 1, 2]),
        ([message("offer", 0), message("offer", 0.01), message("discover", 0.05)], [2, 0, 1]),
        ([message("release", 0), message("offer", 0.01), message("discover", 0.05)], [0, 2, 1]),
    ],
)
def test_a_question_comes_before_its_answer(messages: list[Dhcp], order: list[int]) -> None:
    assert in_order(messages) == [messages[number] for number in order]


@pytest.mark.parametrize("kind", ["discover", "request", "inform"])
def test_a_question_without_an_answer_is_a_silence_in_the_end(kind: str) -> None:
    story = capture().dhcp(kind)
    assert outcomes(story) == ["capture-too-short"]
    # From its question on, to the microsecond.
    story.time = story.fed[0].time + 5 * SECOND - 1
    assert outcomes(story) == ["capture-too-short"]
    story.time += 1
    assert outcomes(story) == ["dhcp-no-answer"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"transaction": 1}, ["ok"]),
        ({"transaction": None}, ["ok"]),
        ({"transaction": 2}, ["ok"]),
    ],
)
def test_a_lease_ends_all_waiting(answer: dict[str, Any], expected: list[str]) -> None:
    story = capture().dhcp("request", transaction=1).dhcp("ack", **answer).wait(20)
    assert outcomes(story) == expected


def test_an_ack_to_inform_ends_its_own_question_alone() -> None:
    inform = {"address": None, "lease_seconds": None}
    story = capture().dhcp("discover", transaction=1).dhcp("inform", transaction=2)
    assert outcomes(story.dhcp("ack", transaction=2, **inform).wait(20)) == ["dhcp-no-answer"]
    assert outcomes(capture().dhcp("inform", transaction=2).dhcp("ack", transaction=2, **inform).wait(20)) == []


def test_an_offer_ends_discover_alone() -> None:
    story = capture().dhcp("discover", transaction=1).dhcp("offer", transaction=1)
    assert outcomes(story.wait(20)) == []
    assert outcomes(capture().dhcp("discover", transaction=1).dhcp("offer", transaction=2).wait(20)) == [
        "dhcp-no-answer"
    ]
    assert outcomes(story.dhcp("request", transaction=1).wait(20)) == ["dhcp-no-answer"]


@pytest.mark.parametrize(("seconds", "expected"), [(5.0, ["dhcp-no-answer", "ok"]), (4.9, ["ok"])])
def test_a_long_wait_for_the_first_answer_is_told(seconds: float, expected: list[str]) -> None:
    story = capture().dhcp("discover", transaction=1)
    story.time = story.fed[0].time + int(seconds * SECOND)
    assert outcomes(story.dhcp("ack", transaction=2)) == expected


@pytest.mark.parametrize(
    ("question", "ack", "expected"),
    [
        ({"requested": (1, 15)}, {"domain": None}, "dhcp-no-domain"),
        ({"requested": (1, 6)}, {"domain": None}, "ok"),
        ({"requested": (1, 6)}, {"domain": ""}, "dhcp-no-domain"),
        ({"requested": (1, 6)}, {"resolvers": ()}, "dhcp-no-resolver"),
        ({"requested": (1, 15)}, {"resolvers": ()}, "ok"),
        ({"requested": (1, 15)}, {"resolvers": ("0.0.0.0",)}, "dhcp-no-resolver"),
        ({"requested": ()}, {"domain": None}, "dhcp-no-domain"),
        ({"requested": (), "client_address": PHONE}, {"domain": None}, "ok"),
        ({"requested": (), "client_address": PHONE, "truncated": True}, {"domain": None}, "dhcp-no-domain"),
        ({"requested": (1, 15)}, {"domain": None, "truncated": True}, "?"),
        ({"requested": (1, 15)}, {"resolvers": (), "truncated": True}, "?"),
        ({"requested": (1, 15)}, {"domain": "a b", "truncated": True}, "dhcp-domain-unusable"),
    ],
)
def test_what_an_ack_lacks_counts_if_it_was_asked_for(
    question: dict[str, Any], ack: dict[str, Any], expected: str
) -> None:
    story = capture().dhcp("request", transaction=1, **question).dhcp("ack", transaction=1, **ack)
    assert outcomes(story) == [expected]


def test_the_latest_list_of_options_counts_where_the_question_has_none() -> None:
    story = capture().dhcp("discover", transaction=1, requested=(1, 6)).dhcp("request", transaction=1, requested=())
    assert outcomes(story.dhcp("ack", transaction=1, domain=None)) == ["ok"]
    story = capture().dhcp("discover", transaction=1, requested=(1, 15)).dhcp("request", transaction=1, requested=())
    assert outcomes(story.dhcp("ack", transaction=1, domain=None)) == ["dhcp-no-domain"]
    story = capture().dhcp("inform", transaction=1, requested=(1, 6))
    assert outcomes(story.dhcp("ack", transaction=2, domain=None)) == ["ok"]


def test_a_renewal_keeps_the_domain_of_the_lease() -> None:
    story = capture().leased().dhcp("request", transaction=9, requested=(), client_address=PHONE)
    story.dhcp("ack", transaction=9, domain=None).dhcp("request", transaction=10, requested=())
    assert outcomes(story.dhcp("ack", transaction=10, domain=None)) == ["ok"] * 3
    # Another address is another lease.
    story.dhcp("request", transaction=11, requested=()).dhcp("ack", transaction=11, domain=None, address="10.0.0.8")
    assert outcomes(story) == ["ok"] * 3 + ["dhcp-no-domain"]


@pytest.mark.parametrize(
    ("seconds", "level"), [(86400, "warning"), (None, "warning"), (1, None)], ids=["runs", "without end", "over"]
)
def test_a_renewal_without_an_answer_is_a_warning_while_the_lease_runs(seconds: int | None, level: str | None) -> None:
    story = capture().leased(lease_seconds=seconds).wait(5).dhcp("request", client_address=PHONE).wait(20)
    event = events_of(story)[-1]
    assert (event.code, event.level) == ("dhcp-no-answer", level)
    assert ("its lease still runs" in event.summary) is (level is not None)


def test_who_starts_again_with_discover_has_no_lease() -> None:
    event = events_of(capture().leased().dhcp("discover").wait(20))[-1]
    assert (event.code, event.level) == ("dhcp-no-answer", None)
    released = events_of(capture().leased().dhcp("release").dhcp("request").wait(20))[-1]
    assert (released.code, released.level) == ("dhcp-no-answer", None)


@pytest.mark.parametrize(("name", "asked"), [("MS-UC-Client", False), ("CPE-OCPhone", True), (None, True)])
def test_a_second_question_about_certificates_may_stay_unanswered(name: str | None, asked: bool) -> None:
    story = capture().leased().dhcp("discover", vendor_class=name, transaction=77).wait(20)
    assert (outcomes(story)[-1] == "dhcp-no-answer") is asked
    # It is the only one of a phone that asks in no other way.
    alone = capture().dhcp("discover", vendor_class="MS-UC-Client").dhcp("ack")
    assert outcomes(alone.dhcp("discover", vendor_class="MS-UC-Client").wait(20)) == ["ok", "dhcp-no-answer"]


@pytest.mark.parametrize(
    ("question", "nak", "expected"),
    [
        ({"server": SERVER}, {"server": SERVER}, ["dhcp-nak"]),
        ({"server": SERVER}, {"server": SECOND_SERVER}, ["dhcp-no-answer"]),
        ({"server": SERVER}, {"server": None}, ["dhcp-nak"]),
        ({}, {"server": SECOND_SERVER}, ["dhcp-nak"]),
    ],
)
def test_a_nak_counts_if_it_is_of_the_chosen_server(
    question: dict[str, Any], nak: dict[str, Any], expected: list[str]
) -> None:
    story = capture().dhcp("offer").dhcp("request", transaction=1, **question).dhcp("nak", transaction=1, **nak)
    assert outcomes(story.wait(20)) == expected


def test_a_nak_beside_the_lease_counts_if_the_phone_starts_again() -> None:
    def refused(seconds: float) -> list[str]:
        story = capture().dhcp("offer").dhcp("request", transaction=1, server=SERVER).dhcp("ack", transaction=1)
        story.dhcp("nak", transaction=1, server=SECOND_SERVER)
        story.time = story.fed[-1].time + int(seconds * SECOND)
        return outcomes(story.dhcp("discover", transaction=2).dhcp("ack", transaction=2))

    assert refused(15) == ["ok", "dhcp-nak", "ok"]
    assert refused(15.1) == ["ok", "ok"]


def test_the_nak_is_the_servers_last_word_until_an_offer() -> None:
    story = capture().dhcp("request").dhcp("nak").dhcp("discover").wait(20)
    (event,) = events_of(story)
    assert event.code == "dhcp-nak"
    assert event.summary.endswith("(NAK), and did not answer its DISCOVER after that")
    assert outcomes(story.dhcp("offer").dhcp("request").wait(20)) == ["dhcp-nak", "dhcp-no-answer"]


def test_an_ack_that_a_mirror_shows_twice_is_one() -> None:
    story = capture().dhcp("request", transaction=1)
    story.dhcp("ack", transaction=1).dhcp("ack", transaction=1, tag=9)
    assert outcomes(story) == ["ok"]
    assert outcomes(story.dhcp("ack", transaction=1, domain="b.com")) == ["ok", "ok"]
    assert outcomes(capture().dhcp("ack").dhcp("ack")) == ["ok", "ok"]


def test_answers_that_do_not_pass_prove_nothing() -> None:
    assert outcomes(capture().dhcp("request", server=SERVER).wait(20)) == []
    assert outcomes(capture().dhcp("request", server=SERVER, client_address=PHONE).wait(20)) == ["dhcp-no-answer"]
    assert outcomes(capture().dhcp("request").wait(20)) == ["dhcp-no-answer"]
    seen = capture().dhcp("request", server=SERVER).dhcp("ack").dhcp("discover").wait(20)
    assert outcomes(seen) == ["ok", "dhcp-no-answer"]
    after = capture().dhcp("offer").dhcp("request", server=SERVER).wait(20)
    assert outcomes(after) == ["dhcp-no-answer"]


def offered(*pauses: float, **more: Any) -> Story:
    """A phone that is offered an address and asks again after each pause (seconds), for a capture that ends then."""
    story = capture()
    for number, pause in enumerate(pauses):
        story.dhcp("discover", transaction=number, **more).dhcp("offer", transaction=number).wait(pause)
    return story


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (offered(4, 8, 8), ["dhcp-no-answer"]),
        (offered(4, 8, 7.9), []),  # It may still take the last one.
        (offered(4, 60), []),
        (offered(4, -0.17, 60), []),  # A mirror's copy.
        (offered(4, 8, 16, vendor_class="MS-UC-Client"), []),  # It asks so for options alone.
        (offered(4, 8, 8).dhcp("request").dhcp("ack").wait(20), ["ok"]),
        (offered(4, 8, 8).dhcp("ack").wait(20), ["ok"]),
        (offered(4, 8, 8).dhcp("request").wait(20), ["dhcp-no-answer"]),
        (offered(4, 8).dhcp("request").dhcp("ack").dhcp("discover").dhcp("offer").wait(20), ["ok"]),
    ],
)
def test_who_repeats_discover_does_not_get_the_offers(story: Story, expected: list[str]) -> None:
    assert outcomes(story) == expected


def test_the_sentence_and_evidence_of_offers_that_are_not_taken() -> None:
    (event,) = events_of(offered(4, 8, 8))
    assert event.summary == (
        f"the phone took no offer of {SERVER} and repeats its DISCOVER: they do not reach it, or it cannot use them"
    )
    assert [line.text.split(":")[0] for line in event.evidence] == ["DISCOVER"] * 3 + [f"OFFER from {SERVER}"]


def sent_away(**more: Any) -> Story:
    return capture().leased(vlan=20, **more)


def returned(seconds: float) -> Story:
    """It asked in the voice VLAN so long, and came back."""
    story = sent_away().dhcp("discover", tag=20, transaction=5).wait(seconds)
    return story.dhcp("ack", transaction=6).wait(20)


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (sent_away().wait(20), ["ok"]),
        (sent_away().dhcp("release").wait(20), ["ok", "dhcp-voice-vlan-silent"]),
        (sent_away().dhcp("release").wait(1), ["ok", "capture-too-short"]),
        (sent_away().dhcp("release").dhcp("discover", tag=20).wait(20), ["ok", "dhcp-voice-vlan-silent"]),
        (sent_away().dhcp("discover", tag=20).wait(20), ["ok", "dhcp-voice-vlan-silent"]),
        (sent_away().dhcp("discover").wait(20), ["ok", "dhcp-no-answer"]),
        (sent_away().dhcp("release").dhcp("discover", tag=20).dhcp("ack", tag=20).wait(20), ["ok", "ok"]),
        (returned(6), ["ok", "dhcp-voice-vlan-silent", "ok"]),
        (returned(2), ["ok", "ok"]),
        (sent_away(tag=20).dhcp("release").wait(20), ["ok"]),
        (sent_away().found().dhcp("release").wait(20), ["ok"]),
        (sent_away().posts().dhcp("release").wait(20), ["ok"]),
        (sent_away().asks("www.contoso.com").dhcp("release").wait(20), ["ok", "dhcp-voice-vlan-silent"]),
    ],
)
def test_the_way_to_the_voice_vlan(story: Story, expected: list[str]) -> None:
    assert outcomes(story) == expected


def test_the_sentence_and_evidence_of_a_silent_voice_vlan() -> None:
    story = sent_away().dhcp("release").dhcp("discover", tag=20).wait(20)
    event = events_of(story)[-1]
    assert [line.text for line in event.evidence] == [
        "option 43 names voice VLAN 20",
        "the phone released its lease",
        "DISCOVER, tagged VLAN 20: no answer",
    ]
    assert event.values == {"vlan": "20", "dhcp_server": SERVER}
    assert event.time == story.fed[-1].time


def test_the_sentence_of_a_lease() -> None:
    (event,) = events_of(capture().dhcp("ack", server=None, address=None, client_address=PHONE, resolvers=()))
    assert event.code == "dhcp-no-resolver"
    assert event.summary == f"the DHCP server leased {PHONE} with no DNS server (option 6)"
    (event,) = events_of(capture().dhcp("ack", resolvers=(RESOLVER, "0.0.0.0")))
    assert event.summary == (
        f"{SERVER} leased {PHONE}, domain contoso.com, resolver {RESOLVER} and 0.0.0.0 (which cannot be one)"
    )


OTHER_SERVER = "10.0.0.9"


@pytest.mark.parametrize(
    ("offer", "said"),
    [
        ({"server": OTHER_SERVER}, True),
        ({"server": OTHER_SERVER, "transaction": 2}, False),
        ({"server": OTHER_SERVER, "domain": None}, False),
        ({}, False),
    ],
)
def test_the_offer_of_another_server_that_had_a_domain_is_said(offer: dict[str, Any], said: bool) -> None:
    story = capture().dhcp("discover", transaction=1).dhcp("offer", **{"transaction": 1, **offer})
    story.dhcp("request", transaction=1, requested=(1, 15)).dhcp("ack", transaction=1, domain=None)
    (event,) = events_of(story)
    assert event.code == "dhcp-no-domain"
    assert (f"another DHCP server, {OTHER_SERVER}, offered the domain contoso.com" in event.summary) is said


def test_a_phone_has_no_domain_of_a_server_whose_lease_it_did_not_take() -> None:
    story = capture().dhcp("discover", transaction=1).dhcp("offer", transaction=1, server=OTHER_SERVER)
    report = story.dhcp("request", transaction=1).dhcp("ack", transaction=1, domain=None).report()
    assert (report.verdict.code, report.phone.domain) == ("dhcp-no-domain", None)
