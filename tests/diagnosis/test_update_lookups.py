"""Which questions are for the update server, and the words for them."""

from dataclasses import replace
from typing import Any

import pytest

from tests.diagnosis.story import LEGACY, NAME, POOL, RESOLVER
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.update_lookups import (
    answer_lost_text,
    answer_source,
    lookup_evidence,
    nameserver_text,
    update_addresses,
    update_lookups,
)
from ucdiag.model.observations import Lookup
from ucdiag.model.report import Evidence

OTHER = "10.0.0.21"


def lookup(time: int = 5, **more: Any) -> Lookup:
    return Lookup(**{"time": time, "frame": time, "name": NAME, "type": "A", "server": RESOLVER, **more})


def log(*lookups: Lookup) -> ObservationLog:
    history = ObservationLog()
    for seen in lookups:
        history.add(seen)
    return history


@pytest.mark.parametrize(
    ("more", "counts"),
    [
        ({}, True),
        ({"name": LEGACY}, True),
        ({"name": "time.contoso.com"}, False),
        ({"type": "AAAA"}, False),
        # An active command says what it asks for.
        ({"purpose": "update"}, True),
        ({"purpose": "update", "name": "se.contoso.com"}, True),
        ({"purpose": "file"}, False),
        ({"purpose": "update", "type": "AAAA"}, False),
    ],
)
def test_which_questions_are_for_the_update_server(more: dict[str, Any], counts: bool) -> None:
    assert update_lookups(log(lookup(**more))) == [lookup(**more)] * counts


ALIAS = lookup(rcode="NOERROR", aliases=("x.contoso.com", "fe.contoso.com"))
FOLLOWED = lookup(6, name="FE.contoso.com.", rcode="NOERROR", addresses=(POOL,), aliases=("y.contoso.com",))


def test_an_alias_has_the_addresses_that_the_phone_got_for_it() -> None:
    (found,) = update_lookups(log(ALIAS, FOLLOWED))
    aliases = ("x.contoso.com", "fe.contoso.com", "y.contoso.com")
    assert found == replace(ALIAS, addresses=(POOL,), aliases=aliases)


@pytest.mark.parametrize(
    ("alias", "followed", "has_address"),
    [
        (ALIAS, replace(FOLLOWED, time=5), True),
        (ALIAS, replace(FOLLOWED, time=4), False),
        (ALIAS, replace(FOLLOWED, type="AAAA"), False),
        (ALIAS, replace(FOLLOWED, addresses=()), False),
        (ALIAS, replace(FOLLOWED, name="x.contoso.com"), False),
        (replace(ALIAS, aliases=()), FOLLOWED, False),
        (replace(ALIAS, rcode="NXDOMAIN"), FOLLOWED, False),
        (replace(ALIAS, purpose="update"), FOLLOWED, False),
        (replace(ALIAS, addresses=(OTHER,)), FOLLOWED, False),
    ],
)
def test_when_it_has(alias: Lookup, followed: Lookup, has_address: bool) -> None:
    found = [seen for seen in update_lookups(log(alias, followed)) if seen.frame == alias.frame]
    assert [POOL in seen.addresses for seen in found] == [has_address]


def test_the_first_answer_for_the_alias_counts() -> None:
    (found,) = update_lookups(log(ALIAS, replace(FOLLOWED, time=7, addresses=(OTHER,)), FOLLOWED))
    assert found.addresses == (POOL,)


def test_all_usable_addresses_once_in_their_order() -> None:
    history = log(
        lookup(1, addresses=(POOL, "0.0.0.0", "fe80::1")),
        lookup(2, name="time.contoso.com", addresses=("10.0.0.9",)),
        lookup(3, addresses=(OTHER, POOL)),
    )
    assert update_addresses(history) == (POOL, OTHER)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"server": None}, "the DNS server"),
        ({"server": ""}, "the DNS server"),
        ({}, "10.0.0.2"),
        ({"server_port": 53}, "10.0.0.2"),
        ({"server_port": 5300}, "10.0.0.2 port 5300"),
    ],
)
def test_the_server_that_was_asked(more: dict[str, Any], text: str) -> None:
    assert nameserver_text(lookup(**more)) == text
    assert answer_lost_text(lookup(**more)) == (
        f"the capture lacks packets of {text}, and with them perhaps the answer for {NAME}; capture again, nearer to "
        "the phone or with a larger buffer (tcpdump -B 65536)"
    )


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({}, ""),
        ({"answer_from": "10.0.0.3"}, "10.0.0.3"),
        ({"answer_from": "10.0.0.3", "answer_from_port": 53}, "10.0.0.3"),
        ({"answer_from": "10.0.0.3", "answer_from_port": 53, "server_port": 53}, "10.0.0.3"),
        ({"answer_from": "10.0.0.3", "answer_from_port": 5300}, "10.0.0.3 port 5300"),
        ({"answer_from": "10.0.0.3", "answer_from_port": 5300, "server_port": 5300}, "10.0.0.3"),
        ({"answer_from": "10.0.0.3", "answer_from_port": 53, "server_port": 5300}, "10.0.0.3 port 53"),
        ({"answer_from": RESOLVER, "answer_from_port": 53}, "10.0.0.2 port 53"),
    ],
)
def test_where_an_answer_came_from(more: dict[str, Any], text: str) -> None:
    assert answer_source(lookup(**more)) == text


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"rcode": "NXDOMAIN"}, f"question {NAME} A to 10.0.0.2: NXDOMAIN"),
        ({"rcode": "NXDOMAIN", "server": None}, f"question {NAME} A: NXDOMAIN"),
        ({"rcode": "NXDOMAIN", "answer_from": "10.0.0.3"}, f"question {NAME} A to 10.0.0.2: NXDOMAIN, from 10.0.0.3"),
        (
            {"failure": "elsewhere", "answer_from": "10.0.0.3"},
            f"question {NAME} A to 10.0.0.2: an answer from 10.0.0.3",
        ),
    ],
)
def test_one_line_of_evidence(more: dict[str, Any], text: str) -> None:
    assert lookup_evidence(lookup(**more)) == Evidence(text=text, time=5, frame=5)


def test_what_failed_before_an_answer_from_elsewhere_names_no_source() -> None:
    line = lookup_evidence(lookup(failure="no_answer", answer_from="10.0.0.3"))
    assert line.text.startswith(f"question {NAME} A to 10.0.0.2: ")
    assert "10.0.0.3" not in line.text
