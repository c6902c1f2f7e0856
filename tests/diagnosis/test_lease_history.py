"""One phone's DHCP messages in a capture, one kind of message after another."""

from typing import Any

import pytest

from tests.diagnosis.story import MAC, NAME, PHONE, RESOLVER, SECOND, SERVER, Story, codes, verdict
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import Event
from ucdiag.diagnosis.steps.lease_history import LeaseHistory, in_order
from ucdiag.model.observations import Dhcp
from ucdiag.model.steps import Level

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
        # A mirror's copy of the question, and one that asks for something else.
        ([message("discover", 0), message("offer", 0.01), message("discover", 0.05)], [0, 2, 1]),
        ([message("discover", 0), message("offer", 0.01), message("discover", 0.061)], [0, 1, 2]),
        ([message("request", 0), message("ack", 0.01), message("request", 0.02)], [0, 2, 1]),
        ([message("request", 0), message("nak", 0.01), message("request", 0.02, server=SERVER)], [0, 1, 2]),
        ([message("request", 0), message("nak", 0.01), message("request", 0.02, address=PHONE)], [0, 1, 2]),
        ([message("request", 100), message("nak", 100.01), message("request", 100.02, server=SERVER)], [0, 1, 2]),
        # A renewal may have the transaction of the lease.
        (
            [message("request", 0, server=SERVER), message("ack", 0.01), message("ack", 9), message("request", 9.01)],
            [0, 1, 3, 2],
        ),
        ([message("inform", 0), message("ack", 0.01), message("inform", 0.02), message("inform", 1)], [0, 2, 1, 3]),
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
def test_a_long_wait_for_the_first_answer_is_reported(seconds: float, expected: list[str]) -> None:
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
    ("first", "wanted", "second", "expected"),
    [
        (None, (), "contoso.com", ["dhcp-no-domain", "ok", "ok"]),
        ("contoso.com", (), None, ["ok", "ok", "ok"]),
        ("contoso.com", (15,), None, ["ok", "dhcp-no-domain", "dhcp-no-domain"]),
        ("contoso.com", (), "", ["ok", "dhcp-no-domain", "dhcp-no-domain"]),
    ],
)
def test_a_second_renewal_goes_by_the_domain_of_the_first(
    first: str | None, wanted: tuple[int, ...], second: str | None, expected: list[str]
) -> None:
    story = extended(domain=first, wanted=wanted, told={"domain": second, "resolvers": (RESOLVER,)})
    story.dhcp("request", transaction=3, requested=())
    assert outcomes(story.dhcp("ack", transaction=3, domain=None)) == expected


@pytest.mark.parametrize(
    ("seconds", "level"), [(86400, "warning"), (None, "warning"), (1, None)], ids=["runs", "without end", "over"]
)
def test_a_renewal_without_an_answer_is_a_warning_while_the_lease_runs(seconds: int | None, level: str | None) -> None:
    story = capture().leased(lease_seconds=seconds).wait(5).dhcp("request", client_address=PHONE).wait(20)
    event = events_of(story)[-1]
    assert (event.code, event.level) == ("dhcp-no-answer", level)
    assert ("its lease still runs" in event.summary) is (level is not None)


def renews_unseen(address: str = PHONE) -> Story:
    """A renewal without an answer, of a lease that began before the capture."""
    return capture().dhcp("request", client_address=address).wait(20)


def test_who_goes_on_with_its_address_after_a_renewal_in_vain_has_its_lease() -> None:
    event = events_of(renews_unseen().asks(NAME, "NXDOMAIN"))[-1]
    assert (event.code, event.level) == ("dhcp-no-answer", "warning")
    assert event.summary == "no DHCP server answered the phone's REQUEST (it goes on to ask from its address)"
    report = renews_unseen().asks(NAME, "NXDOMAIN").wait(20).report()
    assert (report.verdict.step, report.verdict.code) == ("dns", "dns-r2-missing")
    assert {finding.code: finding.level for finding in report.findings} == {
        "dns-r2-missing": "error",
        "dhcp-no-answer": "warning",
    }


@pytest.mark.parametrize(
    "story",
    [
        renews_unseen(),
        renews_unseen("10.0.0.9").asks(NAME, "NXDOMAIN"),
        renews_unseen().asks("sip.contoso.com", "NXDOMAIN"),
        capture().asks(NAME, "NXDOMAIN").wait(5).dhcp("request", client_address=PHONE).wait(20),
        renews_unseen().asks(NAME, "NXDOMAIN").dhcp("discover").wait(20),
        capture().dhcp("request").wait(20).asks(NAME, "NXDOMAIN"),
    ],
    ids=["nothing followed", "another address", "another name", "before", "it starts again", "no renewal"],
)
def test_who_is_not_seen_to_go_on_has_no_lease(story: Story) -> None:
    event = next(event for event in events_of(story) if event.code == "dhcp-no-answer")
    assert event.level is None


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
        story.time = story.fed[-1].time + round(seconds * SECOND)
        return outcomes(story.dhcp("discover", transaction=2).dhcp("ack", transaction=2))

    assert refused(15) == ["ok", "dhcp-nak", "ok"]
    assert refused(15.000001) == ["ok", "ok"]


def test_the_nak_is_the_servers_last_word_until_an_offer() -> None:
    story = capture().dhcp("request").dhcp("nak").dhcp("discover").wait(20)
    (event,) = events_of(story)
    assert event.code == "dhcp-nak"
    assert event.summary.endswith("(NAK), and did not answer its DISCOVER after that")
    assert outcomes(story.dhcp("offer").dhcp("request").wait(20)) == ["dhcp-nak", "dhcp-no-answer"]
    before = capture().leased().dhcp("request").dhcp("nak").dhcp("discover").wait(20)
    assert outcomes(before) == ["ok", "dhcp-nak"]


@pytest.mark.parametrize(
    ("later", "unanswered"),
    [
        ((), []),
        (("discover",), ["DISCOVER as MS-UC-Client: no answer", "DISCOVER: no answer"]),
        (("request", "nak"), ["DISCOVER as MS-UC-Client: no answer"]),
    ],
    ids=["holds its lease", "starts again", "loses its lease"],
)
def test_the_second_class_may_stay_unanswered_while_the_phone_holds_its_lease(
    later: tuple[str, ...], unanswered: list[str]
) -> None:
    story = capture().leased(transaction=1).dhcp("discover", transaction=2, vendor_class="MS-UC-Client")
    for word in later:
        story.dhcp(word, transaction=3)
    lines = [line.text for event in events_of(story.wait(20)) for line in event.evidence]
    assert [text for text in lines if text.endswith("no answer")] == unanswered


@pytest.mark.parametrize(
    ("pause", "expected"), [(299.9, ["dhcp-nak"]), (300, ["dhcp-nak", "dhcp-no-answer"])], ids=["soon", "another time"]
)
def test_a_silence_another_time_is_no_part_of_a_refusal(pause: float, expected: list[str]) -> None:
    story = capture().dhcp("request").dhcp("nak").wait(pause).dhcp("discover").wait(20).dhcp("discover").wait(20)
    assert outcomes(story) == expected


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


def test_offers_of_a_server_without_a_name_that_are_not_taken() -> None:
    story = capture()
    for number, pause in enumerate((4, 8, 8)):
        story.dhcp("discover", transaction=number).dhcp("offer", transaction=number, server=None).wait(pause)
    (event,) = events_of(story)
    assert event.summary.startswith("the phone took no offer of a DHCP server and repeats its DISCOVER")
    assert (event.values, event.time) == ({"dhcp_server": None}, story.fed[-2].time)
    assert [line.text for line in event.evidence[:3]] == ["DISCOVER: offered, not taken"] * 3


def test_offers_to_the_questions_of_others_are_none_to_this_phone() -> None:
    story = capture()
    for number, pause in enumerate((4, 8, 8)):
        story.dhcp("discover", transaction=number).wait(pause)
    story.dhcp("offer", transaction=99)
    assert outcomes(story.wait(20)) == ["dhcp-no-answer"]
    assert outcomes(story.dhcp("release").wait(20)) == []


def extended(pause: float = 40_000, *, wanted: tuple[int, ...] = (), told: dict[str, Any], **lease: Any) -> Story:
    """A lease, and the ACK to a renewal that asks for the options ``wanted`` and is ``told`` something."""
    story = capture().leased(transaction=1, **lease).wait(pause)
    story.dhcp("request", transaction=2, client_address=PHONE, requested=wanted)
    return story.dhcp("ack", transaction=2, client_address=PHONE, **{"domain": None, "resolvers": (), **told})


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (extended(domain=None, told={}), ["dhcp-no-domain"]),
        (extended(domain="a b", told={}), ["dhcp-domain-unusable"]),
        (extended(resolvers=(), told={}), ["dhcp-no-resolver"]),
        # What it does say is of something else.
        (extended(domain=None, told={"resolvers": (RESOLVER,)}), ["dhcp-no-domain"]),
        (extended(resolvers=(), told={"domain": "contoso.com"}), ["dhcp-no-resolver"]),
        (extended(domain=None, told={"domain": "contoso.com"}), ["dhcp-no-domain", "ok"]),
        (extended(resolvers=(), told={"resolvers": (RESOLVER,)}), ["dhcp-no-resolver", "ok"]),
        (extended(domain=None, wanted=(15,), told={}), ["dhcp-no-domain", "dhcp-no-domain"]),
        (extended(told={}), ["ok", "ok"]),
        # A new lease is another one.
        (capture().leased(domain=None).dhcp("release").leased(), ["dhcp-no-domain", "ok"]),
    ],
)
def test_an_ack_that_only_extends_a_lease_gives_it_nothing_that_it_lacks(story: Story, expected: list[str]) -> None:
    assert outcomes(story.wait(20)) == expected


def sent_away(**more: Any) -> Story:
    return capture().leased(vlan=20, **more)


def silent_there(seconds: float) -> Story:
    """It asked in the voice VLAN in vain, and so long ago."""
    return sent_away().dhcp("release").dhcp("discover", tag=20, transaction=5).wait(seconds)


def offered_again(seconds: float, **offer: Any) -> Story:
    """After that it takes no offer in its own VLAN."""
    story = silent_there(seconds)
    for number in range(4):
        story.dhcp("discover", transaction=10 + number).dhcp("offer", transaction=10 + number, **offer).wait(4)
    return story


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
        (sent_away().gets().dhcp("release").wait(20), ["ok", "dhcp-voice-vlan-silent"]),
        # What it did before it was told says nothing of what it did then.
        (capture().found().leased(vlan=20).dhcp("release").wait(20), ["ok", "dhcp-voice-vlan-silent"]),
        # Another time it asks here, in vain; it gets an offer that does not send it away again.
        (silent_there(299.8).dhcp("discover").wait(20), ["ok", "dhcp-voice-vlan-silent"]),
        (silent_there(300).dhcp("discover").wait(20), ["ok", "dhcp-voice-vlan-silent", "dhcp-no-answer"]),
        (silent_there(300).dhcp("discover").wait(1), ["ok", "dhcp-voice-vlan-silent"]),
        (silent_there(300).dhcp("discover", tag=20).wait(20), ["ok", "dhcp-voice-vlan-silent"]),
        (offered_again(300), ["ok", "dhcp-voice-vlan-silent", "dhcp-no-answer"]),
        (offered_again(300, vlan=20), ["ok", "dhcp-voice-vlan-silent"]),
        # It renews from there the lease that it has.
        (sent_away().dhcp("request", tag=20, client_address=PHONE).wait(20), ["ok", "dhcp-no-answer"]),
        # Who has a lease there, or came back, and leaves after that was not sent away.
        (
            sent_away().dhcp("discover", tag=20).dhcp("ack", tag=20).dhcp("release").wait(20),
            ["ok", "ok"],
        ),
        (sent_away().dhcp("release").dhcp("ack").dhcp("release").wait(20), ["ok", "ok"]),
        (sent_away().dhcp("ack", domain="b.example").dhcp("release").wait(20), ["ok", "ok", "dhcp-voice-vlan-silent"]),
        # An offer sends away as well; and who left before was not sent by it.
        (capture().leased().dhcp("release").dhcp("discover").dhcp("offer", vlan=20).wait(20), ["ok"]),
        (
            capture().dhcp("release").dhcp("discover").dhcp("offer", vlan=20).dhcp("ack").dhcp("release").wait(20),
            ["ok", "dhcp-voice-vlan-silent"],
        ),
        (
            capture().leased(vlan=20).dhcp("release").dhcp("ack", vlan=30).dhcp("release").wait(20),
            ["ok", "ok", "dhcp-voice-vlan-silent"],
        ),
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
    beside = f"; another DHCP server, {OTHER_SERVER}, offered the domain contoso.com" if said else ""
    assert event.summary == f"{SERVER} leased {PHONE} with no domain (option 15){beside}"
    assert [line.text.partition(":")[0] for line in event.evidence] == [
        f"ACK from {SERVER}",
        *[f"OFFER from {OTHER_SERVER}"] * said,
    ]


def test_a_phone_has_no_domain_of_a_server_whose_lease_it_did_not_take() -> None:
    story = capture().dhcp("discover", transaction=1).dhcp("offer", transaction=1, server=OTHER_SERVER)
    report = story.dhcp("request", transaction=1).dhcp("ack", transaction=1, domain=None).report()
    assert (report.verdict.code, report.phone.domain) == ("dhcp-no-domain", None)


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        # Answers do not pass here, as far as is known until one is seen.
        (capture().dhcp("request", server=SERVER).dhcp("nak").wait(20), ["dhcp-nak"]),
        (capture().dhcp("request", server=SERVER).dhcp("offer").wait(20), ["dhcp-no-answer"]),
        (capture().dhcp("release").wait(20), []),
        # A stranger's NAK after which the phone starts again, once.
        (
            capture()
            .dhcp("offer")
            .dhcp("request", transaction=1, server=SERVER)
            .dhcp("ack", transaction=1)
            .dhcp("nak", transaction=1, server=SECOND_SERVER)
            .dhcp("discover", transaction=2)
            .dhcp("ack", transaction=2)
            .dhcp("discover", transaction=3)
            .dhcp("ack", transaction=3),
            ["ok", "dhcp-nak", "ok", "ok"],
        ),
        # An ACK to nobody's question is not one to another question without a transaction.
        (
            capture().dhcp("request", requested=(), client_address=PHONE).dhcp("ack", domain=None),
            ["dhcp-no-domain"],
        ),
        # The same ACK after a new start is a new lease.
        (
            capture()
            .dhcp("request", transaction=1)
            .dhcp("ack", transaction=1)
            .dhcp("discover", transaction=2)
            .dhcp("ack", transaction=1),
            ["ok", "ok"],
        ),
        # And after a refusal.
        (
            capture()
            .dhcp("request", transaction=1)
            .dhcp("ack", transaction=1)
            .dhcp("request", transaction=2)
            .dhcp("nak", transaction=2)
            .dhcp("ack", transaction=1),
            ["ok", "dhcp-nak", "ok"],
        ),
        (
            capture()
            .dhcp("request", transaction=1)
            .dhcp("ack", transaction=1)
            .dhcp("release")
            .dhcp("ack", transaction=1),
            ["ok", "ok"],
        ),
        # Of two requests the last one tells which server was chosen.
        (
            capture()
            .dhcp("offer")
            .dhcp("request", transaction=1, server=SERVER)
            .dhcp("request", transaction=1, server=SECOND_SERVER)
            .dhcp("nak", transaction=1, server=SECOND_SERVER),
            ["dhcp-nak"],
        ),
        # A NAK to the transaction of the lease is a stranger's, whatever else was asked in it.
        (
            capture()
            .dhcp("request", transaction=1)
            .dhcp("ack", transaction=1)
            .dhcp("discover", transaction=1)
            .dhcp("nak", transaction=1, server=SECOND_SERVER)
            .wait(20),
            ["ok", "dhcp-no-answer"],
        ),
        # INFORM may stay unanswered where addresses are offered.
        (capture().leased().dhcp("inform", transaction=7).wait(20), ["ok"]),
        (capture().dhcp("request").dhcp("ack").dhcp("inform", transaction=7).wait(20), ["ok", "dhcp-no-answer"]),
        # What was asked before the release is answered by nobody.
        (capture().leased().dhcp("request", client_address=PHONE).dhcp("release").wait(20), ["ok"]),
        # Who declines its address has no lease, until the next one.
        (capture().leased().dhcp("decline", address=PHONE).wait(20), ["ok", "?"]),
        (capture().leased().dhcp("decline").leased(address="10.0.0.8").wait(20), ["ok", "?", "ok"]),
        (capture().leased().dhcp("decline").dhcp("discover").wait(20), ["ok", "?", "dhcp-no-answer"]),
        (capture().leased().dhcp("decline", address="10.0.0.8").wait(20), ["ok"]),
        (capture().dhcp("decline").wait(20), []),
        # A refusal, and the next question may still be answered.
        (capture().dhcp("request").dhcp("nak").dhcp("discover").wait(1), ["dhcp-nak", "capture-too-short"]),
        (capture().dhcp("request").dhcp("nak").dhcp("discover").dhcp("ack").wait(20), ["dhcp-nak", "ok"]),
    ],
)
def test_one_message_after_the_other(story: Story, expected: list[str]) -> None:
    assert outcomes(story) == expected


def test_a_phone_that_declined_its_address_is_not_said_to_have_a_lease() -> None:
    report = capture().leased().dhcp("decline", address=PHONE).wait(60).report()
    assert verdict(report) == ("unknown", "dhcp", "lease-declined")
    assert f"the phone declined {PHONE}, which {SERVER} leased to it (DECLINE)" in report.verdict.summary
    *_, declined = events_of(capture().leased().dhcp("decline", address=PHONE))
    assert [line.text.partition(":")[0] for line in declined.evidence] == [f"ACK from {SERVER}", f"DECLINE of {PHONE}"]
    assert not codes(report)
    # What failed before, or after that, tells more.
    for status, code in ((404, "http-not-found"), (503, "http-unavailable")):
        failed = capture().leased().found().connects().posts(status).wait(60).leased()
        assert verdict(failed.dhcp("decline").wait(60).report()) == ("broken", "request", code)
        assert verdict(failed.found().connects().posts(403).wait(60).report())[2] == "http-forbidden"
    # With another lease it is one as any other.
    report = capture().leased().dhcp("decline", address=PHONE).leased(address="10.0.0.8").found().updated().report()
    assert verdict(report) == ("whole", None, "no-update-offered")


@pytest.mark.parametrize(
    ("more", "address", "server"),
    [
        ({}, PHONE, SERVER),
        ({"server": None}, PHONE, "the DHCP server"),
        ({"address": None}, "the address", SERVER),
        ({"address": None, "client_address": PHONE}, PHONE, SERVER),
    ],
)
def test_the_sentence_and_evidence_of_a_declined_address(more: dict[str, Any], address: str, server: str) -> None:
    *_, event = events_of(capture().leased(**more).dhcp("decline"))
    assert event.summary == (
        f"the phone declined {address}, which {server} leased to it (DECLINE): it found another host there"
    )
    assert event.evidence[-1].text == f"DECLINE of {address}"


def test_the_sentence_and_evidence_of_a_refusal() -> None:
    story = capture().dhcp("request").dhcp("nak").dhcp("discover", vendor_class="CPE-OCPhone").wait(20)
    (event,) = events_of(story)
    asked = "the address that the phone asked for (NAK)"
    assert event.summary == f"{SERVER} refused {asked}, and did not answer its DISCOVER after that"
    assert [line.text for line in event.evidence] == [f"NAK from {SERVER}", "DISCOVER as CPE-OCPhone: no answer"]
    assert (event.time, event.values) == (story.fed[-1].time, {"dhcp_server": SERVER})
    (event,) = events_of(capture().dhcp("request").dhcp("nak", server=None))
    assert event.summary == f"the DHCP server refused {asked}"
    assert [line.text for line in event.evidence] == ["NAK from a server"]


def test_the_sentence_of_a_silence() -> None:
    story = capture().dhcp("discover").dhcp("discover").dhcp("request").wait(20)
    (event,) = events_of(story)
    assert event.summary == "no DHCP server answered the phone's DISCOVER and REQUEST"
    assert [line.text for line in event.evidence] == [
        "DISCOVER: no answer",
        "DISCOVER: no answer",
        "REQUEST: no answer",
    ]
    assert (event.level, event.time) == (None, story.fed[-1].time)
    (_, event) = events_of(capture().leased().dhcp("request", client_address=PHONE).wait(20))
    assert event.summary == "no DHCP server answered the phone's REQUEST (its lease still runs)"
    (event,) = events_of(capture().dhcp("discover").dhcp("request").wait(1))
    assert event.summary == "the capture ends while a DHCP answer to DISCOVER and REQUEST was awaited"
    assert [line.text for line in event.evidence] == ["DISCOVER: no answer", "REQUEST: no answer"]


def test_the_second_question_does_not_count_as_one_that_nobody_answered() -> None:
    story = capture().leased().dhcp("discover", vendor_class="MS-UC-Client", transaction=7).wait(9)
    story.dhcp("request", transaction=8).dhcp("ack", transaction=8)
    assert outcomes(story) == ["ok", "ok"]
    story.dhcp("discover", transaction=9).dhcp("discover", vendor_class="MS-UC-Client", transaction=10).wait(9)
    silent = events_of(story.dhcp("ack", transaction=11))[-2]
    assert (silent.code, len(silent.evidence)) == ("dhcp-no-answer", 2)


@pytest.mark.parametrize(
    ("ack", "ok", "summary"),
    [
        ({}, True, f"{SERVER} leased {PHONE}, domain contoso.com, resolver {RESOLVER}"),
        ({"address": None}, True, f"{SERVER} leased an address, domain contoso.com, resolver {RESOLVER}"),
        ({"address": None, "client_address": "10.0.0.8"}, True, f"{SERVER} leased 10.0.0.8, domain contoso.com, "),
        ({"domain": ""}, False, f"{SERVER} leased {PHONE} with an empty domain (option 15)"),
        ({"domain": "a b"}, False, f"{SERVER} leased {PHONE} with the domain 'a b', which is not one DNS name: "),
        (
            {"truncated": True},
            None,
            f"{SERVER} leased {PHONE}, in a message that breaks off before its options end (as sent, or by the "
            f"capture); what was read of it is the domain 'contoso.com' and the resolver {RESOLVER}",
        ),
        (
            {"truncated": True, "snapped": True, "resolvers": ()},
            None,
            f"{SERVER} leased {PHONE}, in a message that is cut short in the capture; what was read of it is the "
            "domain 'contoso.com'; capture again with whole packets (tcpdump -s 0)",
        ),
    ],
)
def test_what_an_ack_is_said_to_give(ack: dict[str, Any], ok: bool | None, summary: str) -> None:
    (event,) = events_of(capture().dhcp("ack", **ack))
    assert event.ok is ok
    assert event.summary.startswith(summary)
    assert [line.text.partition(":")[0] for line in event.evidence] == [f"ACK from {SERVER}"]
    if ok is not True:
        assert event.values == {"dhcp_server": SERVER, "domain": ack.get("domain", "contoso.com")}
    assert event.problem == ("dhcp-malformed" if ok is None else None)
    assert event.level == (Level.WARNING if ok is None and "snapped" not in ack else None)
    assert event.code == ("capture-gap" if "snapped" in ack else event.code)


def test_an_ack_that_is_not_in_the_capture() -> None:
    def taken(**offer: Any) -> Event:
        story = capture().dhcp("discover", transaction=1).dhcp("offer", **{"transaction": 1, **offer})
        story.dhcp("request", transaction=1, server=SERVER, address=PHONE).found()
        (event,) = events_of(story.wait(20))
        return event

    missing = f"the ACK for {PHONE} is not in the capture; the phone uses that address"
    event = taken()
    assert (event.ok, event.summary) == (True, f"{missing}, offered with the domain contoso.com")
    assert [line.text.partition(":")[0] for line in event.evidence] == [
        f"REQUEST, and the phone sends from {PHONE} after that",
        f"OFFER from {SERVER}",
    ]
    for other in ({"transaction": 2}, {"domain": None}):
        assert (taken(**other).summary, len(taken(**other).evidence)) == (missing, 1)


@pytest.mark.parametrize(("leased", "tag", "named"), [(True, None, True), (True, 20, False), (False, None, False)])
def test_the_server_that_answered_the_phone_before_is_where_to_look(leased: bool, tag: int | None, named: bool) -> None:
    """But not where the phone asks in another VLAN now."""
    story = capture().leased().wait(600) if leased else capture()
    story.dhcp("discover", transaction=2, tag=tag).wait(4).dhcp("discover", transaction=2, tag=tag)
    report = story.wait(20).report()
    assert verdict(report) == ("broken", "dhcp", "dhcp-no-answer")
    (finding,) = report.findings
    assert (f"{SERVER} answered it before" in finding.summary) == named
    assert (f"the DHCP service on {SERVER}" in finding.fix.text) == named
    assert ("Give the phone's VLAN a DHCP server" in finding.fix.text) != named


@pytest.mark.parametrize(
    ("servers", "before"),
    [([SERVER], SERVER), ([SECOND_SERVER, SERVER], SERVER), ([SERVER, SECOND_SERVER], SECOND_SERVER), ([None], None)],
)
def test_the_last_answer_is_that_of_the_server_to_look_at(servers: list[str | None], before: str | None) -> None:
    story = capture()
    for transaction, server in enumerate(servers):
        story.dhcp("discover", transaction=transaction).dhcp("ack", transaction=transaction, server=server).wait(600)
    events = events_of(story.dhcp("discover", transaction=9).wait(4).dhcp("discover", transaction=9).wait(20))
    asked, silence = "no DHCP server answered the phone's DISCOVER", [event for event in events if not event.ok][-1]
    assert silence.summary == (f"{asked}; {before} answered it before" if before else asked)
    assert silence.values == ({"dhcp_server": before, "variant": "answered-before"} if before else {})
    lines = [line.text for line in silence.evidence if line.text.startswith("ACK from ")]
    assert [line.split(": ")[0] for line in lines] == ([f"ACK from {before}"] if before else [])


@pytest.mark.parametrize(
    ("search", "only"), [(("contoso.com",), ", only a search list (option 119) of contoso.com"), ((), "")]
)
def test_a_search_list_that_does_not_replace_the_domain_is_named(search: tuple[str, ...], only: str) -> None:
    (event,) = events_of(capture().leased(domain=None, search=search).wait(20))
    assert event.code == "dhcp-no-domain"
    assert event.summary == f"{SERVER} leased {PHONE} with no domain (option 15){only}"


def test_the_server_that_a_request_names_is_where_to_look() -> None:
    """Not the one that made an offer as well, which the phone did not take."""
    story = capture().dhcp("discover", transaction=1).dhcp("offer", transaction=1)
    story.dhcp("offer", transaction=1, server=SECOND_SERVER).dhcp("request", transaction=1, server=SERVER)
    report = story.wait(4).dhcp("request", transaction=1, server=SERVER).wait(20).report()
    assert verdict(report) == ("broken", "dhcp", "dhcp-no-answer")
    assert report.verdict.summary.endswith(f"; {SERVER} answered it before.")
    assert SECOND_SERVER not in report.findings[0].fix.text


def test_an_offer_that_comes_behind_the_lease_does_not_say_who_answered_last() -> None:
    story = capture().leased(transaction=1).dhcp("offer", transaction=1, server=SECOND_SERVER).wait(600)
    report = story.dhcp("discover", transaction=2).wait(4).dhcp("discover", transaction=2).wait(20).report()
    assert report.verdict.summary.endswith(f"; {SERVER} answered it before.")


def test_a_server_of_which_no_answer_was_seen_answered_nothing_before() -> None:
    story = capture().dhcp("discover", transaction=1).dhcp("offer", transaction=1, server=SECOND_SERVER)
    story.dhcp("request", transaction=1, server=SERVER).wait(4).dhcp("request", transaction=1, server=SERVER)
    (event,) = events_of(story.wait(20))
    assert (event.code, event.summary) == ("dhcp-no-answer", "no DHCP server answered the phone's REQUEST")
