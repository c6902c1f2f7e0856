"""Whether the domain depends on the vendor class: asked and watched, each condition that decides."""

from typing import Any

import pytest

from tests.diagnosis.story import MAC, PHONE, SERVER, START
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.steps.domain_by_class import (
    domains_by_class,
    domains_differ,
    domains_text,
    findings,
    shown_domain,
)
from ucdiag.model.observations import Dhcp

SECOND = 1_000_000
OURS, LYNC = "CPE-OCPhone", "MS-UC-Client"
OTHER = "10.0.0.9"


def question(transaction: int, class_: str | None, at: float = 0, **more: Any) -> Dhcp:
    more = {"type": "discover", "requested": (15,), **more}
    return Dhcp(time=START + round(at * SECOND), client=MAC, transaction=transaction, vendor_class=class_, **more)


def offer(transaction: int, domain: str | None, at: float = 0.1, **more: Any) -> Dhcp:
    more = {"type": "offer", "server": SERVER, "address": PHONE, **more}
    return Dhcp(time=START + round(at * SECOND), client=MAC, transaction=transaction, domain=domain, **more)


def summary(messages: list[Dhcp], from_capture: bool) -> str | None:
    history = ObservationLog()
    for message in messages:
        history.add(message)
    found = findings(history, DiagnosisOptions(from_capture=from_capture))
    assert [finding.code for finding in found] in ([], ["dhcp-domain-by-class"])
    return found[0].summary if found else None


Q1, Q2, Q0 = question(1, OURS), question(2, LYNC), question(9, None)
SILENT = [question(1, OURS, outcome="no_answer"), question(2, LYNC, outcome="no_answer")]
DEPENDS = f"what {SERVER} offers depends on the vendor class: "
GIVES = f"what {SERVER} gives the phone depends on the vendor class: "
BOTH = f"a (to {OURS}) and b (to {LYNC})"
NOBODY = f"made an offer to DISCOVER without a vendor class only; nobody made one to {OURS} and {LYNC}"
UNNAMED = {"server": None}
OFFERS_BOTH = f"{DEPENDS}{BOTH}".replace(SERVER, "the DHCP server")
GIVES_BOTH = f"{GIVES}{BOTH}".replace(SERVER, "the DHCP server")


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([Q1, Q2, offer(1, "a"), offer(2, "b")], DEPENDS + BOTH),
        ([Q1, Q2, offer(1, None), offer(2, "b")], f"{DEPENDS}b (to {LYNC}) and no domain (to {OURS})"),
        ([Q1, Q2, Q0, offer(1, "a"), offer(2, "b"), offer(9, "B.")], f"{DEPENDS}{BOTH[:-1]} and no vendor class)"),
        ([Q1, Q2, offer(1, "a"), offer(2, "A.")], None),
        ([Q1, Q0, offer(1, "a"), offer(9, "b")], None),
        ([Q1, Q2, offer(1, "a"), offer(2, "b", server=OTHER)], None),
        ([Q1, Q2, offer(1, "a", **UNNAMED), offer(2, "b", **UNNAMED)], OFFERS_BOTH),
        ([Q1, Q2, offer(1, "a"), offer(2, "b", type="ack", address=None)], None),
        ([Q1, question(2, LYNC, type="request"), offer(1, "a"), offer(2, "b")], None),
        ([Q1, offer(1, "a"), offer(7, "b")], None),
        # Phones' classes are not answered at all.
        ([Q0, *SILENT, offer(9, "a")], f"{SERVER} {NOBODY}"),
        ([Q0, *SILENT, offer(9, "a", server=None)], f"a server {NOBODY}"),
        ([Q0, SILENT[0], Q2, offer(9, "a")], None),
        ([Q0, SILENT[0], question(2, "other", outcome="no_answer"), offer(9, "a")], None),
        ([Q0, SILENT[0], question(2, LYNC, type="request", outcome="no_answer"), offer(9, "a")], None),
        (SILENT, None),
        ([question(1, OURS, outcome="not_sent"), question(2, LYNC, outcome="not_sent"), Q0, offer(9, "a")], None),
    ],
)  # fmt: skip
def test_our_own_questions(messages: list[Dhcp], expected: str | None) -> None:
    assert summary(messages, from_capture=False) == expected


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([Q1, Q2, offer(1, "a"), offer(2, "b")], GIVES + BOTH),
        ([Q1, Q0, offer(1, "a"), offer(9, "b")], f"{GIVES}a (to {OURS}) and b (to no vendor class)"),
        ([Q1, Q2, offer(1, "a", type="ack"), offer(2, "b", type="ack")], GIVES + BOTH),
        ([Q1, Q2, offer(1, "a", **UNNAMED), offer(2, "b", **UNNAMED)], GIVES_BOTH),
        ([Q1, Q2, offer(1, "a"), offer(2, "a")], None),
        # The last answer to each class counts.
        ([Q1, Q2, offer(1, "b"), offer(1, "a", 0.2), offer(2, "a")], None),
        ([Q1, question(3, OURS.lower(), 1), Q2, offer(1, "b"), offer(3, "a", 1.2), offer(2, "a")], None),
        # Not the same question of the same place.
        ([Q1, Q2, offer(1, "a"), offer(2, "b", server=OTHER)], None),
        ([Q1, Q2, offer(1, "a"), offer(2, "b", tag=100)], None),
        ([Q1, Q2, offer(1, "a"), offer(2, "b", relay="10.0.9.1")], None),
        # Not an answer, or one that says nothing of it.
        ([Q1, Q2, offer(1, "a"), offer(2, "b", type="nak")], None),
        ([Q1, Q2, offer(1, "a"), offer(2, "b", address=None)], None),
        ([Q1, Q2, offer(1, "a"), offer(2, "b", truncated=True)], None),
        ([Q1, offer(1, "a"), offer(2, "b")], None),
        ([question(1, OURS, type="inform"), Q2, offer(1, "a"), offer(2, "b")], None),
        ([Q1, question(2, LYNC, requested=(6,)), offer(1, "a"), offer(2, None)], None),
        ([Q1, question(2, LYNC, requested=(6,)), offer(1, "a"), offer(2, "b")], GIVES + BOTH),
        ([Q1, Q2, offer(1, "a"), offer(2, None)], f"{GIVES}a (to {OURS}) and no domain (to {LYNC})"),
        # A REQUEST without a class is of that of its DISCOVER.
        ([Q1, question(1, None, type="request"), Q2, offer(1, "a"), offer(2, "b")], GIVES + BOTH),
        ([Q1, question(1, LYNC, type="request"), Q2, offer(1, "a"), offer(2, "b")], None),
        # Five minutes apart somebody may have changed the scope.
        ([Q1, Q2, offer(1, "a"), offer(2, "b", 300.1)], GIVES + BOTH),
        ([Q1, Q2, offer(1, "a"), offer(2, "b", 300.100001)], None),
    ],
)  # fmt: skip
def test_the_phones_own_questions(messages: list[Dhcp], expected: str | None) -> None:
    assert summary(messages, from_capture=True) == expected


def test_the_finding_names_server_domain_and_answers() -> None:
    history = ObservationLog()
    for message in (Q1, Q2, offer(1, None), offer(2, "b.example")):
        history.add(message)
    for from_capture in (False, True):
        (found,) = findings(history, DiagnosisOptions(from_capture=from_capture))
        assert len(found.evidence) == 2
        assert all(SERVER in line.text for line in found.evidence)
        assert any(SERVER in command.text for command in found.fix.commands)


def test_the_first_word_to_a_class_counts_unless_it_is_empty() -> None:
    classes: dict[int | None, str | None] = {1: OURS, 2: LYNC, 3: OURS}
    told = domains_by_class([offer(2, "b"), offer(1, None), offer(3, "c"), offer(3, "d"), offer(7, "x")], classes)
    assert list(told.items()) == [(OURS, "c"), (LYNC, "b")]


@pytest.mark.parametrize(
    ("domain", "shown"),
    [("", "no domain"), ("a.b", "a.b"), ("a b", "'a b'"), ("a\x1b", "'a\\x1b'")],
)
def test_how_a_domain_is_shown(domain: str, shown: str) -> None:
    assert shown_domain(domain) == shown


def test_classes_with_the_same_domain_stand_together() -> None:
    assert domains_text({"x": "", "y": "A.B", "z": "a.b."}) == "A.B (to y and z) and no domain (to x)"
    assert not domains_differ({"x": "A.B", "y": "a.b."})
    assert domains_differ({"x": "A.B", "y": ""})
    assert not domains_differ({})
