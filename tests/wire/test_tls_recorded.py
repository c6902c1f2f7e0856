"""What s_server and s_client of OpenSSL 3.0.19 say to each other, recorded: what Python's ssl cannot do.

``tests/wire/test_tls_programs.py`` lets them talk anew; there each of these sessions is a test.
"""

import pytest

from tests.wire.ladder import SECOND, feed, one, only, play
from tests.wire.tls_sessions import EARLY, MAC_FIRST, RECORDED, REFUSED, UPDATED, ladder, secrets
from ucdiag.model.observations import Http, Observation, Tls
from ucdiag.wire.dns.tracker import DnsTracker
from ucdiag.wire.tcp.connections import ConnectionTracker

NO_SECRET = "the keys at hand have no secret of this session"
WHOLE = ("https", "GET", "/file", 200, True)
TOLD = {
    UPDATED: [WHOLE, WHOLE],
    **{what: [WHOLE, WHOLE] for what in RECORDED if what.startswith("a renegotiation")},
    **{what: [WHOLE] for what in RECORDED if what.startswith("a MAC")},
    EARLY: [WHOLE],
    REFUSED: [("https", "GET", "/again", 200, True)],
}


def said(found: list[Observation]) -> list[tuple[object, ...]]:
    return [(http.scheme, http.method, http.target, http.status, http.complete) for http in only(found, Http)]


@pytest.mark.parametrize("piece", [1400, 50])
@pytest.mark.parametrize("what", TOLD)
def test_what_is_inside(what: str, piece: int) -> None:
    found = ladder(what, piece).facts(secrets=secrets(what))
    assert said(found) == TOLD[what]
    assert [http.lost_bytes for http in only(found, Http)] == [0] * len(TOLD[what])
    tls = one(found, Tls)
    assert (tls.outcome, tls.decrypted, tls.not_decrypted) == ("complete", True, None)
    without = one(ladder(what, piece).facts(), Tls)
    assert (without.outcome, without.decrypted) == ("complete", None)


@pytest.mark.parametrize(
    ("what", "label"),
    [
        (EARLY, "CLIENT_EARLY_TRAFFIC_SECRET"),
        *((what, label) for what in (EARLY, REFUSED, UPDATED) for label in ("SERVER_HANDSHAKE", "CLIENT_HANDSHAKE")),
        *((what, label) for what in (EARLY, REFUSED, UPDATED) for label in ("SERVER_TRAFFIC", "CLIENT_TRAFFIC")),
    ],
)
def test_each_secret_is_needed(what: str, label: str) -> None:
    found = ladder(what).facts(secrets=secrets(what, without=label))
    assert not [http for http in only(found, Http) if http.method or http.status or not http.lost_bytes]
    tls = one(found, Tls)
    assert (tls.outcome, tls.decrypted, tls.not_decrypted) == ("complete", False, NO_SECRET)


LABELS = ("nothing", "EARLY", "CLIENT_HANDSHAKE", "SERVER_HANDSHAKE", "CLIENT_TRAFFIC", "SERVER_TRAFFIC", "RANDOM")


@pytest.mark.parametrize("without", LABELS)
@pytest.mark.parametrize("what", [EARLY, REFUSED, UPDATED, MAC_FIRST])
def test_what_is_kept_of_a_connection_is_given_back(what: str, without: str) -> None:
    segments = ladder(what, 300).segments
    for lost in (None, 4, 7):
        flows = ConnectionTracker(lambda fact: None, DnsTracker(lambda fact: None))
        flows.use_secrets(secrets(what, without=without))
        memory = flows.budget.left
        for number, segment in enumerate(segments):
            if number != lost:
                feed(flows, segment, number + 1)
        flows.finish(segments[-1].time + 60 * SECOND)
        assert flows.budget.left == memory, lost


def test_early_data_is_read_when_the_server_has_taken_it() -> None:
    """Until then it may be refused, and asked for again."""
    segments = ladder(EARLY).segments
    hello = next(number for number, segment in enumerate(segments) if not segment.up and segment.payload)
    assert said(play(segments[:hello], secrets=secrets(EARLY))) == []
    (http,) = only(play(segments, secrets=secrets(EARLY)), Http)
    early = next(number for number, segment in enumerate(segments) if segment.up and segment.payload)
    assert http.frame == early + 1
    assert segments[early].time <= http.time < segments[hello].time


@pytest.mark.parametrize("what", [EARLY, REFUSED, UPDATED])
def test_where_a_segment_is_lost_no_other_exchange_is_told(what: str) -> None:
    segments = ladder(what, 200).segments
    for lost in range(3, len(segments)):
        found = play(segments[:lost] + segments[lost + 1 :], secrets=secrets(what))
        for http in only(found, Http):
            told = (http.method, http.target, http.status)
            assert told in {(m, t, s) for m, t in ((None, None), TOLD[what][0][1:3]) for s in (None, 200)}, lost
            assert not http.complete or http.lost_bytes or http.answer_bytes == 5, lost
