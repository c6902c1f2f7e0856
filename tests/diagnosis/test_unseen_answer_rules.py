"""Which silences are answers that the capture lacks: each condition of the rule, and its limits, one by one."""

from typing import Any

import pytest

from tests.diagnosis.story import LEGACY, NAME, PHONE, POOL, RESOLVER, SERVER, START
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.unseen_answers import address_taken, is_proved, unseen_answer_text, with_unseen_answers
from ucdiag.model.observations import Connect, Dhcp, Http, Lookup, Observation, Tls, UpdateAnswer

SECOND = 1_000_000
OTHER = "10.0.0.99"


def log(*observations: Observation) -> ObservationLog:
    history = ObservationLog()
    for seen in observations:
        history.add(seen)
    return history


def asked(at: float = 0, name: str = NAME, **more: Any) -> Lookup:
    """A question that nobody answers, unless it gets addresses."""
    more = {"type": "A", "failure": "no_answer", "client": PHONE, "server": RESOLVER, **more}
    return Lookup(time=START + int(at * SECOND), name=name, **more)


def answered(at: float, name: str, *addresses: str, **more: Any) -> Lookup:
    return asked(at, name, failure=None, rcode="NOERROR", addresses=addresses, **more)


def goes(at: float = 0.1, server: str = POOL, port: int = 80) -> Connect:
    return Connect(time=START + int(at * SECOND), client=PHONE, server=server, port=port, outcome="open")


def posts(at: float = 0.1, server: str = POOL) -> Http:
    return Http(time=START + int(at * SECOND), client=PHONE, server=server, port=80, method="POST", status=200)


def proof(lookup: Lookup, *rest: Observation) -> tuple[str, ...] | None:
    """The addresses that the lookup gets, None where it stays unanswered."""
    history = with_unseen_answers(log(lookup, *rest))
    found = next(seen for seen in history.of_kind(Lookup) if (seen.time, seen.name) == (lookup.time, lookup.name))
    if found == lookup:
        return None
    assert (found.failure, found.rcode) == ("lost", None)
    return found.addresses


OFFER = UpdateAnswer(
    time=START - 60 * SECOND,
    client=PHONE,
    server=POOL,
    port=80,
    form="offered",
    internal_url="http://files.contoso.com/x",
)


@pytest.mark.parametrize(
    ("lookup", "rest", "expected"),
    [
        (asked(), [goes()], (POOL,)),
        (asked(failure=None), [goes()], (POOL,)),
        (asked(), [posts()], (POOL,)),
        (asked(), [Tls(time=START + 1, client=PHONE, server=POOL, port=443, outcome="complete")], (POOL,)),
        # At once is less than a second after the question was last asked.
        (asked(), [goes(0.999999)], (POOL,)),
        (asked(), [goes(1)], None),
        (asked(last_time=START + 3 * SECOND), [goes(3.5)], (POOL,)),
        (asked(last_time=START + 3 * SECOND), [goes(0.5)], None),
        # What happened before the question proves nothing, and what happens with it is not after it.
        (asked(), [goes(-0.1)], None),
        (asked(), [goes(-0.1, OTHER), goes(0.1)], (POOL,)),
        (asked(), [goes(-0.1), goes(0.1)], None),
        # Only questions for an address, from the phone, with no answer of any kind.
        (asked(type="AAAA"), [goes()], None),
        (asked(failure="unreachable"), [goes()], None),
        (asked(rcode="NXDOMAIN", failure=None), [goes()], None),
        (asked(purpose="update"), [goes()], None),
        (asked(truncated=True), [goes()], None),
        # Only for an update server, or the host of a file that was offered.
        (asked(name="time.contoso.com"), [goes()], None),
        (asked(name="files.contoso.com"), [goes()], None),
        (asked(name="files.contoso.com"), [OFFER, goes(server=OTHER)], (OTHER,)),
        (asked(name="Files.Contoso.com."), [OFFER, goes(server=OTHER)], (OTHER,)),
        # Another service's port says nothing of this name, and so does no IPv4 address.
        (asked(), [goes(port=53)], None),
        (asked(), [goes(port=5061)], None),
        (asked(), [goes(port=53), goes(0.2, OTHER)], (OTHER,)),
        (asked(), [goes(server="fe80::1")], None),
        # Another name's answer gave the address, or another question was open.
        (asked(), [answered(-5, "a.contoso.com", POOL), goes()], None),
        (asked(), [answered(-5, "a.contoso.com", OTHER), goes()], (POOL,)),
        (asked(), [asked(-14.9, "a.contoso.com"), goes()], None),
        (asked(), [asked(14.9, "a.contoso.com"), goes()], None),
        (asked(), [asked(-15, "a.contoso.com"), goes()], (POOL,)),
        (asked(), [asked(15, "a.contoso.com"), goes()], (POOL,)),
        (asked(), [asked(-1, "a.contoso.com", type="AAAA"), goes()], (POOL,)),
        # The same name's address of another time is no other knowledge; of just now it is.
        (asked(), [answered(-15, NAME, POOL), goes()], (POOL,)),
        (asked(), [answered(-14.9, NAME, POOL), goes()], None),
        (asked(), [answered(-3600, NAME.upper(), POOL), goes()], (POOL,)),
        (asked(), [answered(-3600, NAME, POOL), answered(-1, "a.contoso.com", POOL), goes()], None),
        (asked(), [answered(-3600, NAME, POOL), goes(-100), goes()], (POOL,)),
        (asked(), [answered(-3600, NAME, POOL), posts()], None),
        (asked(), [answered(-3600, NAME, POOL), posts(), goes(0.2)], (POOL,)),
        # It asks again soon: it was not answered then.
        (asked(), [goes(), answered(14.9, NAME, POOL)], None),
        (asked(), [goes(), answered(15, NAME, POOL)], (POOL,)),
        (asked(), [goes(), answered(1, NAME, POOL, type="AAAA")], None),
        (asked(), [goes(), answered(1, NAME, type="AAAA")], (POOL,)),
        # It went on to the next name at once: it got an answer that was of no use.
        (asked(), [answered(0.5, LEGACY)], ()),
        (asked(), [answered(0.999999, LEGACY)], ()),
        (asked(), [answered(1, LEGACY)], None),
        (asked(), [answered(-0.5, LEGACY)], None),
        (asked(), [answered(0, LEGACY)], None),
        (asked(), [answered(0.5, "time.contoso.com")], None),
        (asked(), [answered(0.5, LEGACY, type="AAAA")], None),
        (asked(), [asked(0.5, LEGACY)], None),
        (asked(), [answered(0.5, LEGACY), answered(10, NAME, POOL)], None),
        (asked(), [answered(0.5, LEGACY), answered(16, NAME, POOL)], ()),
        (asked(), [answered(0.5, NAME)], None),
    ],
)  # fmt: skip
def test_what_proves_an_answer(lookup: Lookup, rest: list[Observation], expected: tuple[str, ...] | None) -> None:
    assert proof(lookup, *rest) == expected


def test_other_facts_stay_as_they_are_and_in_order() -> None:
    facts = answered(-60, "a.contoso.com", OTHER), asked(), goes(), posts(0.2)
    history = with_unseen_answers(log(*facts))
    assert [seen for seen in history.all_facts() if not isinstance(seen, Lookup)] == [goes(), posts(0.2)]
    assert history.of_kind(Lookup)[0] == facts[0]
    assert with_unseen_answers(same := log(facts[0], goes())) is same
    assert with_unseen_answers(same := log(asked(), goes(5))) is same


def test_two_questions_far_apart_are_both_proved() -> None:
    history = with_unseen_answers(log(asked(), goes(), asked(100), goes(100.1, OTHER)))
    assert [seen.addresses for seen in history.of_kind(Lookup)] == [(POOL,), (OTHER,)]


def test_what_is_proved_is_marked_and_said() -> None:
    lost = asked(failure="lost", addresses=(POOL, OTHER))
    assert is_proved(lost)
    assert not is_proved(asked(failure="lost"))
    assert not is_proved(answered(0, NAME, POOL))
    assert unseen_answer_text(lost) == (
        f"the answer for {NAME} is not in the capture; the phone went to {POOL} at once"
    )


MAC, STRANGER = "00:04:f2:aa:bb:cc", "00:04:f2:00:00:01"


def message(type: Any, at: float = 0, **more: Any) -> Dhcp:
    return Dhcp(time=START + int(at * SECOND), type=type, **{"client": MAC, "transaction": 1, **more})


DISCOVER = message("discover")
REQUEST = message("request", server=SERVER, address=PHONE)


@pytest.mark.parametrize(
    ("request_", "rest", "expected"),
    [
        (DISCOVER, [goes()], PHONE),
        (DISCOVER, [asked(0.1)], PHONE),
        (DISCOVER, [], None),
        (REQUEST, [goes()], PHONE),
        (message("request", server=SERVER, address=OTHER), [goes()], None),
        # Only a REQUEST that takes an offer says that there was none before.
        (message("request", address=PHONE), [goes()], None),
        (message("request", server=SERVER), [goes()], None),
        (message("request", server=SERVER, address=PHONE, client_address=PHONE), [goes()], None),
        (message("inform", server=SERVER, address=PHONE), [goes()], None),
        # The question of the phone's second class may stand beside a lease.
        (message("discover", vendor_class="ms-uc-client"), [goes()], None),
        (message("discover", vendor_class="MS-UC-Client"), [goes()], None),
        (message("discover", vendor_class="CPE-OCPhone"), [goes()], PHONE),
        # It was answered.
        (DISCOVER, [message("ack", 0.05), goes()], None),
        (DISCOVER, [message("nak", 0.05), goes()], None),
        (DISCOVER, [message("offer", 0.05), goes()], PHONE),
        (DISCOVER, [message("ack", 0.05, transaction=2), goes()], PHONE),
        # It asked again before it sent anything.
        (DISCOVER, [message("discover", 0.05, transaction=2), goes()], None),
        (DISCOVER, [message("request", 0.05, transaction=2), goes()], None),
        (DISCOVER, [message("discover", 0.1, transaction=2), goes()], None),
        (DISCOVER, [message("discover", 0.2, transaction=2), goes()], PHONE),
        (DISCOVER, [message("inform", 0.05, transaction=2), goes()], PHONE),
        (DISCOVER, [message("discover", -1, transaction=2), goes()], PHONE),
        (DISCOVER, [message("discover", 0.05, transaction=2, client=STRANGER), goes()], PHONE),
        # Sent before, with it, or from an address that a host gives itself.
        (DISCOVER, [goes(-0.1)], None),
        (DISCOVER, [goes(0)], None),
        (DISCOVER, [asked(0.1, client="169.254.3.4")], None),
        (DISCOVER, [asked(0.1, client="169.254.3.4"), goes(0.2)], PHONE),
        (DISCOVER, [asked(0.1, client=None)], None),
        (DISCOVER, [goes(0.3), asked(0.2, client=OTHER)], OTHER),
        (REQUEST, [asked(0.1, client=OTHER), goes(0.2)], PHONE),
    ],
)  # fmt: skip
def test_the_address_that_a_client_took(request_: Dhcp, rest: list[Observation], expected: str | None) -> None:
    assert address_taken(log(request_, *rest), request_) == expected
