"""Facts as plain values: nothing of any fact is lost on the way through ``marshal``."""

import marshal

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.views.facts import FACTS
from tests.views.reports import instances
from ucdiag.model.observations import KINDS, Observation, UnreadDhcp
from ucdiag.model.packed_facts import pack_fact, unpack_fact


def through(fact: Observation) -> Observation:
    return unpack_fact(marshal.loads(marshal.dumps(pack_fact(fact))))


@settings(max_examples=40)
@given(st.one_of(*map(instances, KINDS.values())))
def test_any_fact_comes_back_as_it_was(fact: Observation) -> None:
    again = through(fact)
    assert again == fact
    assert type(again) is type(fact)


def test_so_does_every_fact_of_the_views() -> None:
    assert {name: through(fact) for name, fact in FACTS.items()} == FACTS


def test_a_message_that_was_not_read_is_read_first() -> None:
    whole = FACTS["an OFFER"]

    class Unread(UnreadDhcp):
        __slots__ = ()

        def whole_message(self) -> Observation:  # type: ignore[override]
            return whole

    message = object.__new__(Unread)
    message.unread = b""
    assert through(message) == whole
