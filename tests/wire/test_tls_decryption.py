"""What is inside TLS, with the secrets at hand: between OpenSSL's client and server, and in recorded sessions."""

import json
import ssl
from dataclasses import replace
from pathlib import Path
from ssl import TLSVersion
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.ladder import Ladder, feed, one, only, play
from tests.wire.tls_talk import TlsTalk, server_pem
from ucdiag.model.observations import Http, Observation, Tls
from ucdiag.wire.dns.tracker import DnsTracker
from ucdiag.wire.tcp.connections import ConnectionTracker
from ucdiag.wire.tls import session as tls_session
from ucdiag.wire.tls.key_schedule import expand_label
from ucdiag.wire.tls.secrets import TlsSecrets
from ucdiag.wire.tls.suites import SUITES

REQUEST = b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nHost: pool\r\nContent-Length: 5\r\n\r\n<a/>\n"
REFUSAL = b"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno\n"
OFFER = b'HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n<Response downloads="0"/>'
SIZE = 60_000
FETCH = b"GET /DeviceUpdateFiles_Int/CPE.nbt HTTP/1.1\r\nHost: pool\r\n\r\n"
FILE = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE + bytes(range(240)) * (SIZE // 240)

CBC = ("AES128-SHA", "ECDHE-RSA-AES256-SHA", "CAMELLIA256-SHA", "NULL-SHA")
NEWER = (
    "AES128-SHA256",
    "ECDHE-RSA-AES256-SHA384",
    "AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "AES256-CCM",
    "AES128-CCM8",
    "ECDHE-RSA-CHACHA20-POLY1305",
)
SESSIONS = [(version, cipher) for version in (TLSVersion.TLSv1, TLSVersion.TLSv1_1) for cipher in CBC]
SESSIONS += [(TLSVersion.TLSv1_2, cipher) for cipher in (*CBC, *NEWER)] + [(TLSVersion.TLSv1_3, "ALL")]
VERSIONS = (TLSVersion.TLSv1, TLSVersion.TLSv1_1, TLSVersion.TLSv1_2, TLSVersion.TLSv1_3)


def talk(version: TLSVersion, cipher: str = "ALL", **options: Any) -> TlsTalk:
    return TlsTalk(minimum=version, maximum=version, ciphers=cipher, **options)


def said(found: list[Observation]) -> list[tuple[object, ...]]:
    return [(http.scheme, http.method, http.status, http.answer_bytes, http.complete) for http in only(found, Http)]


BOTH = [("https", "POST", 404, 3, True), ("https", "GET", 200, SIZE, True)]


@pytest.mark.parametrize(("version", "cipher"), SESSIONS)
@pytest.mark.parametrize("piece", [1400, 7])
def test_requests_inside_are_read(version: TLSVersion, cipher: str, piece: int) -> None:
    session = talk(version, cipher).request(REQUEST).answer(REFUSAL).request(FETCH).answer(FILE).close()
    found = session.ladder(piece=piece).facts(secrets=session.secrets())
    assert said(found) == BOTH
    tls = one(found, Tls)
    assert (tls.outcome, tls.decrypted, tls.not_decrypted) == ("complete", True, None)
    assert len(tls.chain) == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_frames_and_times_are_those_of_the_records(version: TLSVersion) -> None:
    session = talk(version).request(REQUEST).answer(REFUSAL).close()
    ladder = session.ladder(piece=100_000, closes=False)
    http = one(ladder.facts(secrets=session.secrets()), Http)
    sizes = [up for up, _ in session.flights]
    asked = max(number for number, up in enumerate(sizes) if up and number < len(sizes) - 2)
    # Three segments open the connection.
    assert (http.frame, http.answer_frame) == (asked + 4, asked + 5)
    assert http.seconds == pytest.approx(0.001)
    assert http.request_acked is True


@pytest.mark.parametrize("version", VERSIONS)
def test_without_keys_it_is_as_ever(version: TLSVersion) -> None:
    session = talk(version).request(REQUEST).answer(REFUSAL).close()
    found = session.ladder().facts()
    assert not only(found, Http)
    tls = one(found, Tls)
    assert (tls.outcome, tls.decrypted, tls.not_decrypted) == ("complete", None, None)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("bodies", [True, False])
def test_the_handshake_is_the_same_with_keys_and_without(version: TLSVersion, bodies: bool) -> None:
    session = talk(version).request(REQUEST).answer(REFUSAL).close()
    for piece in (1400, 64, 1):
        segments = session.ladder(piece=piece).segments
        without = one(play(segments, bodies=bodies), Tls)
        known = one(play(segments, bodies=bodies, secrets=session.secrets()), Tls)
        names = set(Tls.__dataclass_fields__) - {"decrypted", "chain", "time", "seconds"}
        assert [getattr(known, name) for name in names] == [getattr(without, name) for name in names]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_handshake_is_the_same_with_other_keys_where_packets_are_lost(version: TLSVersion) -> None:
    segments = talk(version).request(REQUEST).ladder(piece=300).segments
    for lost in range(3, len(segments)):
        kept = [segment for number, segment in enumerate(segments) if number != lost]
        with_keys = only(play(kept, secrets=TlsSecrets()), Tls)
        assert [replace(tls, decrypted=None, not_decrypted=None) for tls in with_keys] == only(play(kept), Tls)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("whole", [True, False])
def test_the_handshake_is_the_same_with_its_keys_where_packets_are_lost(version: TLSVersion, whole: bool) -> None:
    session = talk(version).request(REQUEST).answer(REFUSAL)
    segments = session.ladder(piece=300).segments
    if not whole:
        # The client says nothing more behind the first answer.
        answer = next(number for number, segment in enumerate(segments) if not segment.up and segment.size)
        segments = segments[: next(at for at in range(answer, len(segments)) if segments[at].up)]
    # An encrypted certificate is seen with keys alone, and so are bytes behind a gap.
    names = set(Tls.__dataclass_fields__) - {"decrypted", "not_decrypted", "chain"}
    names -= set() if whole else {"stage", "last_time"}
    for lost in range(3, len(segments)):
        kept = [segment for number, segment in enumerate(segments) if number != lost]
        without = one(play(kept), Tls)
        known = one(play(kept, secrets=session.secrets()), Tls)
        assert [getattr(known, name) for name in names] == [getattr(without, name) for name in names], lost


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("other", [True, False])
def test_a_secret_that_is_missing_is_named(version: TLSVersion, other: bool) -> None:
    session = talk(version).request(REQUEST).answer(REFUSAL).close()
    secrets = talk(version).secrets() if other else TlsSecrets()
    found = session.ladder().facts(secrets=secrets)
    assert not only(found, Http)
    tls = one(found, Tls)
    assert (tls.decrypted, tls.not_decrypted) == (False, "the keys at hand have no secret of this session")


@pytest.mark.parametrize("version", VERSIONS)
def test_with_a_secret_that_does_not_fit_nothing_is_read(version: TLSVersion) -> None:
    session = talk(version).request(REQUEST).answer(REFUSAL).close()
    secrets = TlsSecrets()
    for line in session.key_log.splitlines():
        label, random, secret = line.split()
        secrets.add_line(f"{label} {random} {'00' * (len(secret) // 2)}".encode())
    found = session.ladder().facts(secrets=secrets)
    assert not only(found, Http)
    tls = one(found, Tls)
    assert (tls.outcome, tls.decrypted, tls.not_decrypted) == ("complete", False, "the secret at hand does not fit")


# Resumed sessions.


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("tickets", [True, False])
def test_a_resumed_session_with_its_own_line_is_read(version: TLSVersion, tickets: bool) -> None:
    first = talk(version, tickets=tickets).request(REQUEST).answer(REFUSAL).close()
    second = talk(version, tickets=tickets, session=first.client.session).request(FETCH).answer(FILE).close()
    assert second.client.session_reused
    assert said(second.ladder().facts(secrets=second.secrets())) == BOTH[1:]


@pytest.mark.parametrize("version", VERSIONS[:3])
@pytest.mark.parametrize("tickets", [True, False])
def test_a_resumed_session_is_read_by_the_line_of_the_first(version: TLSVersion, tickets: bool) -> None:
    first = talk(version, tickets=tickets).request(REQUEST).answer(REFUSAL).close()
    second = talk(version, tickets=tickets, session=first.client.session).request(FETCH).answer(FILE).close()
    assert second.client.session_reused
    segments = [*first.ladder().segments, *second.ladder(client_port=49153).segments]
    assert said(play(segments, secrets=first.secrets())) == BOTH


@pytest.mark.parametrize("version", VERSIONS[:3])
def test_a_resumed_session_alone_has_no_secret_in_the_line_of_the_first(version: TLSVersion) -> None:
    first = talk(version).close()
    second = talk(version, session=first.client.session).request(FETCH).answer(FILE).close()
    tls = one(second.ladder().facts(secrets=first.secrets()), Tls)
    assert (tls.decrypted, tls.not_decrypted) == (False, "the keys at hand have no secret of this session")


@pytest.mark.parametrize("version", VERSIONS[:3])
def test_a_line_with_session_and_master_secret_is_enough(version: TLSVersion) -> None:
    session = talk(version, tickets=False).request(REQUEST).answer(REFUSAL).close()
    assert session.client.session is not None
    secrets = TlsSecrets()
    master = session.key_log.split()[2]
    secrets.add_line(f"RSA Session-ID:{session.client.session.id.hex()} Master-Key:{master}".encode())
    assert said(session.ladder().facts(secrets=secrets)) == BOTH[:1]


@pytest.mark.parametrize("version", VERSIONS[:3])
@pytest.mark.parametrize("by_random", [True, False])
def test_the_pre_master_secret_of_rsa_is_enough(version: TLSVersion, by_random: bool) -> None:
    session = talk(version, "AES128-SHA").request(REQUEST).answer(REFUSAL).close()
    key = load_pem_private_key(Path(server_pem()).read_bytes(), None)
    assert isinstance(key, RSAPrivateKey)
    sent = b"".join(data for up, data in session.flights if up)
    at = sent.index(b"\x10\x00\x01\x02\x01\x00") + 6
    encrypted = sent[at : at + 256]
    premaster = key.decrypt(encrypted, padding.PKCS1v15())
    secrets = TlsSecrets()
    random = next(line.split()[1] for line in session.key_log.splitlines() if line.startswith("CLIENT_RANDOM"))
    name = f"PMS_CLIENT_RANDOM {random}" if by_random else f"RSA {encrypted[:8].hex()}"
    secrets.add_line(f"{name} {premaster.hex()}".encode())
    assert said(session.ladder().facts(secrets=secrets)) == BOTH[:1]


# What OpenSSL does not speak any more: recorded between a client and a server of tlslite-ng 0.8.2. Those of RC4 and
# 3DES have an extended master secret.

OLD = json.loads((Path(__file__).parent / "data" / "tls_old_ciphers.json").read_text())


@pytest.mark.parametrize("recorded", OLD, ids=[case["suite"] for case in OLD])
def test_old_ciphers_are_read(recorded: dict[str, Any]) -> None:
    ladder = Ladder(port=443).opens()
    for up, data in recorded["flights"]:
        (ladder.says if up else ladder.answers)(bytes.fromhex(data))
    secrets = TlsSecrets()
    secrets.add_line(recorded["key_log"].encode())
    assert said(ladder.closes().facts(secrets=secrets)) == BOTH[:1]


@pytest.mark.parametrize("size", [16, 32])
def test_a_hello_in_the_form_of_ssl_2_has_the_client_s_random(size: int) -> None:
    """As early clients send it (RFC 5246, section E.2). The keys are made of both randoms alone, which stay."""
    recorded = OLD[0]
    label, random, secret = recorded["key_log"].split()
    challenge = bytes.fromhex(random)[-size:]
    body = bytes.fromhex("01030100030000") + size.to_bytes(2, "big") + b"\0\0\5" + challenge
    flights = [(True, (0x8000 | len(body)).to_bytes(2, "big") + body)]
    flights += [(up, bytes.fromhex(data)) for up, data in recorded["flights"][1:]]
    ladder = Ladder(port=443).opens()
    for up, data in flights:
        (ladder.says if up else ladder.answers)(data[:8], data[8:])
    secrets = TlsSecrets()
    secrets.add_line(f"{label} {challenge.rjust(32, bytes(1)).hex()} {secret}".encode())
    without = one(ladder.closes().facts(), Tls)
    found = ladder.facts(secrets=secrets)
    tls = one(found, Tls)
    names = ("outcome", "stage", "versions", "version", "frame", "time", "seconds", "reason", "last_time")
    assert [getattr(tls, name) for name in names] == [getattr(without, name) for name in names]
    assert (tls.outcome, tls.versions) == ("complete", ("TLS 1.0",))
    # A shorter challenge makes other keys than were recorded.
    assert said(found) == (BOTH[:1] if size == 32 else [])
    assert tls.not_decrypted == (None if size == 32 else "the secret at hand does not fit")


# What cannot be decrypted.


def test_a_cipher_that_no_library_has_is_named() -> None:
    session = talk(TLSVersion.TLSv1_2, "AES128-SHA").request(REQUEST).answer(REFUSAL).close()
    data = bytearray(session.flights[1][1])
    suite = 5 + 4 + 2 + 32 + 1 + data[5 + 4 + 2 + 32]
    assert data[suite : suite + 2] == b"\x00\x2f"
    data[suite : suite + 2] = b"\x00\x08"
    session.flights[1] = (False, bytes(data))
    tls = one(session.ladder().facts(secrets=session.secrets()), Tls)
    assert (tls.decrypted, tls.not_decrypted) == (False, "no library at hand knows its cipher suite (0x0008)")


@pytest.mark.parametrize("version", VERSIONS)
def test_of_a_connection_met_in_the_middle_nothing_is_made_up(version: TLSVersion) -> None:
    session = talk(version).request(REQUEST).answer(REFUSAL).request(FETCH).answer(FILE).close()
    segments = session.ladder().segments
    for begin in range(3, len(segments)):
        found = play(segments[begin:], secrets=session.secrets())
        assert not [http for http in only(found, Http) if http.method or http.status] or begin <= 4, begin


@pytest.mark.parametrize("version", VERSIONS)
def test_a_lost_segment_never_makes_another_answer(version: TLSVersion) -> None:
    session = talk(version).request(REQUEST).answer(REFUSAL).request(FETCH).answer(FILE).close()
    segments = session.ladder().segments
    pairs = {("POST", 404), ("GET", 200), ("POST", None), ("GET", None), (None, 404), (None, 200), (None, None)}
    for lost in range(3, len(segments)):
        found = play(segments[:lost] + segments[lost + 1 :], secrets=session.secrets())
        for http in only(found, Http):
            assert (http.method, http.status) in pairs, lost
            if http.complete and not http.lost_bytes:
                assert http.answer_bytes == (3 if http.status == 404 else SIZE), lost
            assert http.answer_bytes in (0, 3, SIZE) or not http.complete, lost


@pytest.mark.parametrize("version", VERSIONS)
def test_segments_that_are_repeated_or_overtake_make_no_difference(version: TLSVersion) -> None:
    session = talk(version).request(REQUEST).answer(REFUSAL).request(FETCH).answer(FILE).close()
    segments = session.ladder(piece=500).segments
    for number in range(3, len(segments) - 4, 3):
        again = [*segments[: number + 1], segments[number], *segments[number + 1 :]]
        swapped = [*segments[:number], segments[number + 1], segments[number], *segments[number + 2 :]]
        assert said(play(again, secrets=session.secrets())) == BOTH, number
        if segments[number].up == segments[number + 1].up:
            assert said(play(swapped, secrets=session.secrets())) == BOTH, number


@pytest.mark.parametrize("version", VERSIONS)
def test_a_part_of_the_certificate_may_be_lost(version: TLSVersion) -> None:
    session = talk(version).request(REQUEST).answer(REFUSAL).close()
    segments = session.ladder(piece=100).segments
    (_, flight), *_ = [(up, data) for up, data in session.flights if not up]
    certificate = flight.index(b"ucupdates-r2.contoso.com") if version is not TLSVersion.TLSv1_3 else 600
    first = next(number for number, segment in enumerate(segments) if not segment.up and segment.size == 100)
    lost = first + certificate // 100 + 1
    without = [*segments[:lost], *segments[lost + 1 :]]
    found = play(without, secrets=session.secrets())
    assert said(found) == BOTH[:1]
    tls = one(found, Tls)
    assert (tls.outcome, tls.decrypted) == (one(play(without), Tls).outcome, True)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("bodies", [True, False])
def test_a_snap_length_that_cuts_the_handshake_is_the_reason(version: TLSVersion, bodies: bool) -> None:
    session = talk(version).request(REQUEST).answer(REFUSAL).close()
    ladder = session.ladder()
    ladder.segments = [
        replace(segment, payload=segment.payload[:60], length=segment.size) for segment in ladder.segments
    ]
    flows = ConnectionTracker(lambda observation: None, DnsTracker(lambda observation: None), bodies=bodies)
    flows.use_secrets(session.secrets())
    for frame, segment in enumerate(ladder.segments, 1):
        feed(flows, segment, frame)
    flows.finish(ladder.at)
    assert flows.decryption is not None
    assert list(flows.decryption.unread) == [
        "the capture's snap length cut its packets (capture again with: tcpdump -s 0)"
    ]


@pytest.mark.parametrize(
    ("number", "lost_bytes"),
    [
        (22, 16384),  # inside the second record
        (23, 43658),  # the head of the third: no segment begins with a record before the next answer
        (24, 16384),
        (35, 27274),
        (36, 10890),  # inside the last
    ],
)
@pytest.mark.parametrize("version", [TLSVersion.TLSv1_2, TLSVersion.TLSv1_3])
def test_behind_a_lost_segment_of_a_file_the_count_goes_on(version: TLSVersion, number: int, lost_bytes: int) -> None:
    session = talk(version, "ECDHE-RSA-AES128-GCM-SHA256").request(FETCH).answer(FILE).request(REQUEST).answer(REFUSAL)
    segments = session.close().ladder().segments
    large = [number for number, segment in enumerate(segments) if not segment.up and segment.size == 1400]
    lost = large[number]
    found = play(segments[:lost] + segments[lost + 1 :], secrets=session.secrets())
    file, refused = only(found, Http)
    assert (file.method, file.answer_bytes, file.complete, file.lost_bytes) == ("GET", SIZE, True, lost_bytes)
    assert (refused.method, refused.status, refused.lost_bytes) == ("POST", 404, 0)


@pytest.mark.parametrize(("others", "found"), [(2, True), (3, False)])
def test_the_place_behind_lost_records_is_not_sought_for_ever(
    monkeypatch: pytest.MonkeyPatch, others: int, found: bool
) -> None:
    """Each record that is none costs a thousand tries: who sends many would hold up the whole capture."""
    monkeypatch.setattr(tls_session, "_TRIES_MOST", 2 * tls_session.LOST_MOST)
    session = talk(TLSVersion.TLSv1_2, "ECDHE-RSA-AES128-GCM-SHA256").request(FETCH)
    ladder, flights = Ladder(port=443).opens(), len(session.flights)
    for number, (up, data) in enumerate(session.answer(REFUSAL).flights):
        if number == flights:
            ladder.loses(1000).answers(*[b"\x17\3\3\0\x28" + bytes(40)] * others)
        (ladder.says if up else ladder.answers)(data)
    told = only(ladder.closes().facts(secrets=session.secrets()), Http)
    assert [http.status for http in told] == [None, 404][: 1 + found]
    assert not told[0].complete
    assert told[0].lost_bytes >= 1000


def test_of_one_record_two_segments_may_be_lost() -> None:
    session = talk(TLSVersion.TLSv1_3).request(FETCH).answer(FILE).request(REQUEST).answer(REFUSAL)
    segments = session.close().ladder().segments
    large = [number for number, segment in enumerate(segments) if not segment.up and segment.size == 1400]
    found = []
    for lost in ({-30}, {-30, -29}, {-30, -28}, {-30, -28, -27}):
        kept = [segment for number, segment in enumerate(segments) if number not in {large[at] for at in lost}]
        found.append(
            [
                replace(http, frame=0, answer_frame=0, last_frame=0)
                for http in only(play(kept, secrets=session.secrets()), Http)
            ]
        )
    assert [(http.status, http.answer_bytes, http.complete) for http in found[0]] == [(200, SIZE, True), (404, 3, True)]
    assert found == found[:1] * 4


@pytest.mark.parametrize("version", VERSIONS)
def test_pending_is_what_the_end_would_tell(version: TLSVersion) -> None:
    session = talk(version).request(REQUEST)
    ladder = session.ladder(closes=False)
    found: list[Observation] = []
    flows = ConnectionTracker(found.append, DnsTracker(found.append))
    flows.use_secrets(session.secrets())
    for frame, segment in enumerate(ladder.segments, 1):
        feed(flows, segment, frame)
    told, pending = len(found), flows.pending(ladder.at)
    flows.finish(ladder.at)
    assert pending == found[told:]
    assert one(pending, Http).scheme == "https"


@pytest.mark.parametrize("room", [0, 10, 24])
def test_where_there_is_no_room_nothing_is_read(room: int) -> None:
    session = talk(TLSVersion.TLSv1_3).request(REQUEST).answer(REFUSAL)
    segments = session.ladder(closes=False).segments
    found: list[Observation] = []
    flows = ConnectionTracker(found.append, DnsTracker(found.append))
    flows.use_secrets(session.secrets())
    for frame, segment in enumerate(segments[:-1], 1):
        feed(flows, segment, frame)
    left, flows.budget.left = flows.budget.left, room
    feed(flows, segments[-1], len(segments))
    flows.budget.left += left - room
    flows.finish(segments[-1].time + 60_000_000)
    http = one(found, Http)
    assert (http.method, http.status, http.failure) == ("POST", None, None)
    assert http.lost_bytes > 0


def test_what_is_lost_of_a_direction_that_cannot_be_read_any_more_changes_nothing() -> None:
    """A cipher of which each record needs the one before it."""
    session = talk(TLSVersion.TLSv1, "AES128-SHA").request(FETCH).answer(FILE).close()
    segments = session.ladder().segments
    large = [number for number, segment in enumerate(segments) if not segment.up and segment.size == 1400]
    first, second = large[-30], large[-20]
    lost = [*segments[:first], *segments[first + 1 :]]
    wanted = only(play(lost, secrets=session.secrets()), Http)
    assert [(http.complete, http.lost_bytes > 0, http.snapped) for http in wanted] == [(False, True, False)]
    twice = [segment for segment in lost if segment is not segments[second]]
    assert only(play(twice, secrets=session.secrets()), Http) == wanted
    part = replace(segments[second], payload=segments[second].payload[:60], length=1400)
    cut = [part if segment is segments[second] else segment for segment in lost]
    assert only(play(cut, secrets=session.secrets()), Http) == wanted


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, [(None, 404, True), (None, 404, False)]),
        (1, [("GET", 404, False), (None, 404, True)]),
    ],
)
def test_a_request_that_is_lost_where_no_later_one_can_be_read_has_its_answer(
    number: int, expected: list[tuple[str | None, int, bool]]
) -> None:
    """What the capture lacks of it is told with that answer."""
    session = talk(TLSVersion.TLSv1, "AES128-SHA").request(FETCH).answer(REFUSAL).request(REQUEST).answer(REFUSAL)
    segments = session.close().ladder().segments
    lost = [segment for segment in segments if segment.up and segment.payload[:1] == b"\x17"][number]
    found = only(play([segment for segment in segments if segment is not lost], secrets=session.secrets()), Http)
    assert [(http.method, http.status, http.lost_bytes == lost.size) for http in found] == expected
    assert all(http.complete and http.failure is None for http in found)


def test_why_a_session_is_read_no_more_behind_lost_packets() -> None:
    session = talk(TLSVersion.TLSv1, "AES128-SHA").request(FETCH).answer(FILE).close()
    segments = session.ladder().segments
    flows = ConnectionTracker(lambda fact: None, DnsTracker(lambda fact: None))
    flows.use_secrets(session.secrets())
    for frame, segment in enumerate([*segments[:20], *segments[21:]], 1):
        feed(flows, segment, frame)
    flows.finish(segments[-1].time)
    assert flows.decryption is not None
    assert (flows.decryption.opened, flows.decryption.unread) == (0, {"packets of it are not in the capture": 1})


def test_the_example_of_a_reason_is_the_connection_that_gave_it_first() -> None:
    """Not the one that ended first."""
    session = talk(TLSVersion.TLSv1_3).request(REQUEST).answer(REFUSAL)
    one_, two = (session.ladder(closes=False, client_port=port) for port in (40001, 40002))
    flows = ConnectionTracker(lambda observation: None, DnsTracker(lambda observation: None))
    flows.use_secrets(TlsSecrets())
    frames = enumerate([*one_.segments, *two.closes().segments, *one_.closes().segments[-3:]], 1)
    for frame, segment in frames:
        feed(flows, segment, frame)
    flows.finish(two.at + 1_000_000)
    assert flows.decryption is not None
    reason = "the keys at hand have no secret of this session"
    assert flows.decryption.unread == {reason: 2}
    assert flows.decryption.examples[reason][0].client_port == 40001


@pytest.mark.parametrize("version", VERSIONS)
def test_a_snap_length_that_cuts_is_said(version: TLSVersion) -> None:
    session = talk(version).request(REQUEST).answer(REFUSAL).close()
    ladder = session.ladder()
    last = max(number for number, segment in enumerate(ladder.segments) if not segment.up and segment.size > 60)
    cut = ladder.segments[last]
    ladder.segments[last] = replace(cut, payload=cut.payload[:30], length=cut.size)
    http = only(ladder.facts(secrets=session.secrets()), Http)[-1]
    assert not http.complete
    assert http.lost_bytes > 0
    assert http.snapped


def test_a_server_that_wants_another_hello_is_read() -> None:
    session = talk(TLSVersion.TLSv1_3, curve="secp384r1").request(REQUEST).answer(REFUSAL).close()
    assert len([data for up, data in session.flights if (up and data[0] == 22) or data[:1] == b"\x14"]) > 1
    found = session.ladder().facts(secrets=session.secrets())
    assert said(found) == BOTH[:1]
    assert one(found, Tls).decrypted is True


# Alerts.


def test_an_alert_that_is_encrypted_is_read() -> None:
    # OpenSSL's client sends this alert in clear, others do not.
    session = talk(TLSVersion.TLSv1_3, "ALL", verify=True)
    assert session.flights.pop() == (True, bytes.fromhex("15030300020230"))
    secret = next(line.split()[2] for line in session.key_log.splitlines() if line.startswith("CLIENT_HANDSHAKE"))
    secret, head = bytes.fromhex(secret), bytes.fromhex("1703030013")
    key, iv = (expand_label("sha384", secret, name, size) for name, size in ((b"key", 32), (b"iv", 12)))
    session.flights.append((True, head + AESGCM(key).encrypt(iv, bytes((2, 48, 21)), head)))
    segments = session.ladder().segments
    without = one(play(segments), Tls)
    assert (without.outcome, without.alert, without.chain) == ("alert", None, ())
    tls = one(play(segments, secrets=session.secrets()), Tls)
    assert (tls.outcome, tls.alert, tls.alert_from) == ("untrusted", 48, "client")
    assert len(tls.chain) == 1


@pytest.mark.parametrize("content", [bytes((2,)), bytes((2, 48, 0))])
def test_an_encrypted_alert_of_another_length_is_none(content: bytes) -> None:
    session = talk(TLSVersion.TLSv1_3, "ALL", verify=True)
    session.flights.pop()
    secret = next(line.split()[2] for line in session.key_log.splitlines() if line.startswith("CLIENT_HANDSHAKE"))
    key, iv = (expand_label("sha384", bytes.fromhex(secret), name, size) for name, size in ((b"key", 32), (b"iv", 12)))
    head = bytes((23, 3, 3, 0, len(content) + 17))
    session.flights.append((True, head + AESGCM(key).encrypt(iv, content + bytes((21,)), head)))
    tls = one(session.ladder().facts(secrets=session.secrets()), Tls)
    assert (tls.outcome, tls.alert, len(tls.chain)) == ("alert", None, 1)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_connection_that_says_nothing_has_no_exchange(version: TLSVersion) -> None:
    session = talk(version).close()
    found = session.ladder().facts(secrets=session.secrets())
    assert not only(found, Http)
    assert one(found, Tls).decrypted is True


@pytest.mark.parametrize("version", VERSIONS)
def test_a_server_that_hangs_up_on_the_request_is_seen(version: TLSVersion) -> None:
    session = talk(version).request(REQUEST)
    for how, failure in (("closes", "closed"), ("resets", "reset")):
        ladder = session.ladder(closes=False)
        http = one(getattr(ladder, how)().facts(secrets=session.secrets()), Http)
        assert (http.method, http.status, http.failure, http.closed_by) == ("POST", None, failure, "server")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_request_without_answer_is_seen(version: TLSVersion) -> None:
    session = talk(version).request(REQUEST)
    http = one(session.ladder(closes=False).facts(secrets=session.secrets()), Http)
    assert (http.method, http.status, http.failure) == ("POST", None, "no_answer")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("ends", ["server_fin", "waits"])
@pytest.mark.parametrize("refused", [True, False])
def test_an_answer_that_the_client_refuses_since_it_has_closed(version: TLSVersion, ends: str, refused: bool) -> None:
    session = talk(version).request(REQUEST)
    ladder = session.ladder(closes=False).acknowledges(server=True).waits(2).client_fin().waits(1)
    received = ladder.down
    ladder.answers(session.answer(OFFER).flights[-1][1])
    ladder = ladder.server_fin() if ends == "server_fin" else ladder.waits(0.1)
    if refused:
        ladder.down = received  # Nothing of the answer is acknowledged.
        ladder.resets(server=False)
    else:
        ladder.acknowledges()
    answered, *unheard = only(ladder.facts(secrets=session.secrets()), Http)
    assert (answered.status, answered.complete) == (200, True)
    assert [(http.scheme, http.status, http.failure, http.answer_acked, http.seconds) for http in unheard] == (
        [("https", None, "no_answer", False, answered.seconds)] if refused else []
    )


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("arrives", [True, False])
def test_whether_a_request_arrived_is_known_by_its_segments(version: TLSVersion, arrives: bool) -> None:
    session = talk(version)
    opened = session.ladder(closes=False)
    if session.flights[-1][0]:
        opened.acknowledges(server=True)
    (up, sent) = session.request(REQUEST).flights[-1]
    assert up
    for _ in range(3):
        opened.says(sent).waits(1)
        opened.up -= len(sent)
    opened.up += len(sent)
    if arrives:
        opened.acknowledges(server=True)
    http = one(opened.facts(secrets=session.secrets()), Http)
    assert (http.method, http.status, http.failure) == ("POST", None, "no_answer")
    assert http.request_acked is arrives


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("says_so", [True, False])
def test_a_body_without_a_length_ends_where_the_server_says(version: TLSVersion, says_so: bool) -> None:
    session = talk(version).request(FETCH).answer(b"HTTP/1.0 200 OK\r\n\r\n" + FILE[-5000:])
    if says_so:
        session.close()
    http = one(session.ladder(closes=False).facts(secrets=session.secrets()), Http)
    assert (http.status, http.answer_bytes, http.complete) == (200, 5000, says_so)


# Hostile input.


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=60)), max_size=8), st.integers(3, 40), st.data())
def test_arbitrary_bytes_raise_nothing(rest: list[tuple[bool, bytes]], cut: int, data: st.DataObject) -> None:
    session = _sessions()[data.draw(st.sampled_from(VERSIONS))]
    segments = session.ladder(piece=300).segments
    ladder = Ladder(port=443)
    ladder.segments = segments[:cut]
    sent = {up: sum(segment.size for segment in ladder.segments if segment.up == up) for up in (True, False)}
    ladder.up += sent[True] + 1
    ladder.down += sent[False] + 1
    for up, piece in rest:
        record = b"\x17\x03\x03" + len(piece).to_bytes(2, "big") + piece
        (ladder.says if up else ladder.answers)(record if data.draw(st.booleans()) else piece)
    for http in only(ladder.closes().facts(secrets=session.secrets()), Http):
        # Without a handshake, what is in clear is a request of its own.
        if http.scheme == "https":
            assert (http.method, http.status) in {("POST", 404), ("POST", None), (None, 404), (None, None)}


_made: dict[TLSVersion, TlsTalk] = {}


def _sessions() -> dict[TLSVersion, TlsTalk]:
    if not _made:
        _made.update({version: talk(version).request(REQUEST).answer(REFUSAL) for version in VERSIONS})
    return _made


def test_ssl_itself_agrees_on_the_suites() -> None:
    """Key size and kind of each suite that OpenSSL knows, by the names that it gives them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    checked = 0
    for known in context.get_ciphers():
        suite = SUITES.get(known["id"] & 0xFFFF)
        if suite is None:
            assert "ARIA" in known["name"], known
            continue
        checked += 1
        assert suite.key * 8 == known["strength_bits"], known
        assert (suite.mac == "") == known["aead"], known
    assert checked > 60
