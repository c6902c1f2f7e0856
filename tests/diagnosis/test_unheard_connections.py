"""Connections of which the capture lacks all that the server sent: what may not be concluded from its silence there."""

from dataclasses import replace
from typing import Any

import pytest

from tests.diagnosis.story import POOL, START
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.step_event import Event
from ucdiag.diagnosis.unheard_connections import without_unheard
from ucdiag.model.observations import Connect, Http, Observation, Tls
from ucdiag.model.report import Evidence
from ucdiag.model.steps import Level, Step

SECOND = 1_000_000
PLACE: dict[str, Any] = {"server": POOL, "port": 80, "client_port": 50_000}


def opened(**more: Any) -> Connect:
    return Connect(**{"time": START, "frame": 1, "outcome": "open", "lacking": "syn_ack", **PLACE, **more})


def posts(**more: Any) -> Http:
    return Http(**{"time": START + SECOND, "frame": 2, "method": "POST", **PLACE, **more})


def shakes(**more: Any) -> Tls:
    return Tls(**{"time": START + SECOND, "frame": 2, "outcome": "no_answer", **PLACE, **more})


def event(**more: Any) -> Event:
    whole: dict[str, Any] = {
        "step": Step.REQUEST,
        "time": START + SECOND,
        "ok": False,
        "code": "http-no-answer",
        "summary": "nothing came",
        "evidence": (Evidence(text="POST", time=START + SECOND, frame=2), Evidence(text="more")),
        "values": {"address": POOL},
        "channel": (POOL, 80),
        "silent": True,
        "waiting": True,
        "level": Level.WARNING,
        **more,
    }
    return Event(**whole)


def judged(one: Event, *facts: Observation) -> Event:
    history = ObservationLog()
    for fact in facts:
        history.add(fact)
    (found,) = without_unheard([one], history)
    return found


TEXT = (
    "what 10.0.0.20 port 80 answered is not known: the capture lacks all that it sent on this connection; capture "
    "again, nearer to the phone or with a larger buffer (tcpdump -B 65536)"
)
UNKNOWN = replace(
    event(), ok=None, code="capture-gap", summary=TEXT, silent=False, waiting=False, level=None, values={}
)


@pytest.mark.parametrize("sent", [posts(), shakes(), posts(closed_by="client"), shakes(closed_by="client")])
def test_silence_on_such_a_connection_is_none(sent: Observation) -> None:
    assert judged(event(), opened(), sent) == UNKNOWN


def test_the_place_is_named() -> None:
    facts = (opened(server="10.0.0.21", port=8080), posts(server="10.0.0.21", port=8080))
    assert judged(event(), *facts).summary.startswith("what 10.0.0.21 port 8080 answered is not known: ")


@pytest.mark.parametrize(
    "facts",
    [
        # The connection was heard, or is another one.
        (posts(),),
        (opened(lacking=None), posts()),
        (opened(lacking="syn"), posts()),
        (opened(outcome="refused"), posts()),
        (opened(client_port=50_001), posts()),
        (opened(port=443), posts()),
        (opened(server="10.0.0.21"), posts()),
        # What the phone sent there was answered or acknowledged, or the server hung up.
        (opened(), posts(status=200)),
        (opened(), posts(request_acked=True)),
        (opened(), posts(request_acked=False)),
        (opened(), posts(closed_by="server")),
        (opened(), shakes(outcome="closed")),
        (opened(), shakes(closed_by="server")),
        # The event stands on something else.
        (opened(), posts(frame=3)),
        (opened(), posts(time=START)),
        (opened(),),
    ],
)
def test_other_silence_stays(facts: tuple[Observation, ...]) -> None:
    assert judged(event(), *facts) == event()


@pytest.mark.parametrize(
    ("more", "counts"),
    [
        ({"silent": False}, True),
        ({"code": None}, True),
        ({"code": "http-error"}, True),
        ({"code": None, "silent": False}, False),
        ({"code": "http-error", "silent": False}, False),
        ({"ok": None}, True),
        ({"ok": True}, False),
        ({"evidence": ()}, False),
        ({"evidence": (Evidence(text="POST"),)}, False),
        ({"evidence": (Evidence(text="more"), *event().evidence)}, False),
    ],
)
def test_which_events_rest_on_silence(more: dict[str, Any], counts: bool) -> None:
    one = event(**more)
    assert (judged(one, opened(), posts()) != one) is counts


def test_each_event_is_looked_at_by_itself() -> None:
    history = ObservationLog()
    for fact in (opened(), posts()):
        history.add(fact)
    other = event(evidence=(Evidence(text="GET", time=START, frame=9),))
    assert without_unheard([other, event(), other], history) == [other, UNKNOWN, other]
