"""What s_server and s_client of OpenSSL 3.0.19 say to each other, recorded: what Python's ssl cannot do.

``tests/wire/test_tls_programs.py`` lets them talk anew; there each of these sessions is a test.
"""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.wire.ladder import SECOND, Ladder, feed, one, only, play
from tests.wire.tls_sessions import EARLY, MAC_FIRST, RECORDED, REFUSED, UPDATED, ladder, secrets
from ucdiag.model.observations import Http, Observation, Tls
from ucdiag.wire.dns.tracker import DnsTracker
from ucdiag.wire.tcp.connections import ConnectionTracker
from ucdiag.wire.tls.key_schedule import expand_label

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


def sending_early(*contents: bytes) -> Ladder:
    """The session whose client sent these as early data instead, a record each."""
    flights = [(up, bytes.fromhex(data)) for up, data in RECORDED[EARLY]["flights"]]
    (line,) = [line for line in RECORDED[EARLY]["key_log"] if line.startswith("CLIENT_EARLY")]
    secret = bytes.fromhex(line.split()[2])
    digest, size = ("sha384", 32) if len(secret) == 48 else ("sha256", 16)
    key, iv = (expand_label(digest, secret, label, length) for label, length in ((b"key", size), (b"iv", 12)))
    sealed = []
    for number, inner in enumerate([*(content + b"\x17" for content in contents), b"\5\0\0\0\x16"]):
        head = b"\x17\3\3" + (len(inner) + 16).to_bytes(2, "big")
        nonce = (int.from_bytes(iv, "big") ^ number).to_bytes(12, "big")
        sealed.append(head + AESGCM(key).encrypt(nonce, inner, head))
    flights[0] = True, flights[0][1][:330] + b"".join(sealed[:-1])
    flights[2] = True, sealed[-1] + flights[2][1][26:]
    made = Ladder(port=443).opens()
    for up, flight in flights:
        for at in range(0, len(flight), 1400):
            (made.says if up else made.answers)(flight[at : at + 1400])
    return made.closes()


@pytest.mark.parametrize(("size", "last", "lost"), [(64_000, 1000, 0), (70_000, 1000, 7000), (70_000, 1, 6001)])
def test_of_early_data_the_beginning_is_kept_and_the_rest_is_known_to_be_missing(
    size: int, last: int, lost: int
) -> None:
    head = b"POST /file HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (size + last)
    pieces = [bytes(min(16_000, size - at)) for at in range(0, size, 16_000)]
    (http,) = only(sending_early(head, *pieces, bytes(last)).facts(secrets=secrets(EARLY)), Http)
    assert (http.target, http.status, http.request_bytes, http.lost_bytes) == ("/file", 200, size + last, lost)


def test_behind_early_data_that_was_not_kept_no_request_takes_another_s_place() -> None:
    request = b"GET /%s HTTP/1.1\r\nX: %s\r\n\r\n"
    whole = [request % (b"%d" % number, b"x" * 15_000) for number in range(4)]
    found = only(
        sending_early(*whole, request % (b"long", b"x" * 9000), b"GET /short HTTP/1.1\r\n\r\n").facts(
            secrets=secrets(EARLY)
        ),
        Http,
    )
    assert [http.target for http in found] == ["/0", "/1", "/2", "/3", None]
    assert found[-1].lost_bytes > 9000


@pytest.mark.parametrize("what", [EARLY, REFUSED, UPDATED])
def test_where_a_segment_is_lost_no_other_exchange_is_reported(what: str) -> None:
    segments = ladder(what, 200).segments
    for lost in range(3, len(segments)):
        found = play(segments[:lost] + segments[lost + 1 :], secrets=secrets(what))
        for http in only(found, Http):
            told = (http.method, http.target, http.status)
            assert told in {(m, t, s) for m, t in ((None, None), TOLD[what][0][1:3]) for s in (None, 200)}, lost
            assert not http.complete or http.lost_bytes or http.answer_bytes == 5, lost
