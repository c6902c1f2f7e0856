"""Which questions of a capture are for the addresses of servers that the user named."""

from typing import Any

import pytest

from ucdiag.diagnosis.known_servers import server_lookups
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.model.observations import Lookup

HOSTS = frozenset({"oldpool.contoso.com"})
QUESTIONS: dict[str, tuple[dict[str, Any], bool]] = {
    "its name": ({"name": "oldpool.contoso.com"}, True),
    "its name, spelt otherwise": ({"name": "OldPool.Contoso.com."}, True),
    "an alias of it": ({"name": "pool.contoso.com", "aliases": ("a.contoso.com", "OLDPOOL.contoso.com")}, True),
    "another name": ({"name": "pool.contoso.com"}, False),
    "another alias": ({"name": "pool.contoso.com", "aliases": ("a.contoso.com",)}, False),
    "another type": ({"name": "oldpool.contoso.com", "type": "AAAA"}, False),
    "the service's own name that leads there": (
        {"name": "ucupdates-r2.contoso.com", "aliases": ("oldpool.contoso.com",)},
        False,
    ),
    "the older name that leads there": (
        {"name": "ucupdates.contoso.com", "aliases": ("oldpool.contoso.com",)},
        False,
    ),
}


@pytest.mark.parametrize(("question", "wanted"), QUESTIONS.values(), ids=QUESTIONS)
def test_which_questions_are_for_a_named_server(question: dict[str, Any], wanted: bool) -> None:
    log = ObservationLog()
    lookup = Lookup(time=1, **{"type": "A", "rcode": "NOERROR", **question})
    log.add(lookup)
    assert server_lookups(log, HOSTS) == ([lookup] if wanted else [])
    assert server_lookups(log, frozenset()) == []
