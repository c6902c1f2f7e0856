"""What a TLS handshake comes to: by its messages alone, in every order and at every limit."""

import struct
from collections.abc import Callable

import pytest

from tests.wire.ladder import START
from ucdiag.model.observations import Observation, Tls
from ucdiag.model.vocabulary import Ending, Peer
from ucdiag.wire.tcp.stream import Budget, Endpoints
from ucdiag.wire.tls.handshake import read_ssl2_hello
from ucdiag.wire.tls.tracker import GAVE_UP, TlsTracker

MILLISECOND, SECOND = 1000, 1_000_000
PATIENCE = 5 * SECOND
ENDS = Endpoints("10.0.0.7", "10.0.0.80", 443, 49152, "00:04:f2:aa:bb:cc")
SNAPPED = "the capture's snap length cut packets of the handshake (capture again with: tcpdump -s 0)"
MISSING = (
    "bytes of the handshake are not in the capture (capture again, nearer to the phone or with a larger "
    "buffer: tcpdump -B 65536)"
)


def record(kind: int, content: bytes) -> bytes:
    return struct.pack(">BHH", kind, 0x0303, len(content)) + content


def message(kind: int, body: bytes) -> bytes:
    return record(22, bytes([kind]) + len(body).to_bytes(3, "big") + body)


def hello(extensions: bytes = b"", *, server: bool = False, version: int = 0x0303, random: bytes = b"r" * 32) -> bytes:
    suites = b"\0\x2f" if server else b"\0\2\0\x2f\1"
    body = struct.pack(">H", version) + random + b"\0" + suites + b"\0"
    return message(2 if server else 1, body + struct.pack(">H", len(extensions)) + extensions)


CLIENT, SERVER = hello(), hello(server=True)
CLIENT_1_3, SERVER_1_3 = hello(b"\0\x2b\0\3\2\3\4"), hello(b"\0\x2b\0\2\3\4", server=True)
EARLY = hello(b"\0\x2b\0\3\2\3\4\0\x2a\0\0")
RETRY = hello(
    b"\0\x2b\0\2\3\4",
    server=True,
    random=bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"),
)
CERTIFICATE = message(11, b"\0\0\0")
CHANGE, FINISHED, DATA = record(20, b"\1"), record(22, bytes(40)), record(23, bytes(60))
ENCRYPTED_ALERT = record(21, bytes(26))
FATAL, WARNING, GOODBYE = record(21, b"\2\x28"), record(21, b"\1\x5a"), record(21, b"\1\0")
EXPIRED, UNTRUSTED, VERSION = record(21, b"\2\x2d"), record(21, b"\2\x30"), record(21, b"\2\x46")
WANTED, NONE, OWN = message(13, b"\1\1\0\0"), message(11, b"\0\0\0"), message(11, b"\0\0\4\0\0\1\0")


class Talk:
    """Hands pieces to both directions of a tracker, a millisecond and a frame each."""

    def __init__(self, *, in_step: bool = True) -> None:
        self.found: list[Observation] = []
        self.tracker = TlsTracker(ENDS, self.found.append, Budget(1 << 20), patience=PATIENCE, in_step=in_step)
        self.at, self.frame = START, 0

    def _move(self) -> tuple[int, int]:
        self.at += MILLISECOND
        self.frame += 1
        return self.at, self.frame

    def says(self, *pieces: bytes) -> "Talk":
        for piece in pieces:
            self.tracker.requests.receive_data(piece, *self._move())
        return self

    def answers(self, *pieces: bytes) -> "Talk":
        for piece in pieces:
            self.tracker.responses.receive_data(piece, *self._move())
        return self

    def waits(self, microseconds: int) -> "Talk":
        self.at += microseconds - MILLISECOND
        return self

    def loses(self, *, up: bool = False) -> "Talk":
        (self.tracker.requests if up else self.tracker.responses).miss_bytes(9, *self._move())
        return self

    def fin(self, by: Peer) -> "Talk":
        (self.tracker.requests if by == "client" else self.tracker.responses).end_stream(*self._move())
        return self

    def ends(self, how: Ending = "closed", by: Peer | None = "client") -> "Talk":
        self.tracker.close(how, by, *self._move())
        return self

    def finishes(self, after: int = 0) -> "Talk":
        self.tracker.finish(self.at + after)
        return self

    @property
    def tls(self) -> Tls:
        [found] = self.found
        assert isinstance(found, Tls)
        return found


def outcome(found: Tls) -> tuple[object, ...]:
    return found.outcome, found.stage, found.alert, found.alert_from, found.closed_by, found.reason


# How handshakes go.

WHOLE: dict[str, Callable[[], Talk]] = {
    "up to 1.2": lambda: Talk().says(CLIENT).answers(SERVER).says(CHANGE, FINISHED).answers(CHANGE, FINISHED),
    "resumed": lambda: Talk().says(CLIENT).answers(SERVER, CHANGE, FINISHED).says(CHANGE, FINISHED),
    "the server's data behind a lost Finished": lambda: Talk().says(CLIENT).answers(SERVER, DATA),
    "the client's data behind a lost Finished": lambda: Talk().says(CLIENT).answers(SERVER).says(DATA),
    "1.3": lambda: Talk().says(CLIENT_1_3).answers(SERVER_1_3, DATA).says(DATA),
    "1.3 with the change of old": lambda: Talk().says(CLIENT_1_3).answers(SERVER_1_3, CHANGE, DATA).says(CHANGE, DATA),
    "1.3, the least Finished": lambda: Talk().says(CLIENT_1_3).answers(SERVER_1_3).says(record(23, bytes(40))),
    "1.3 with early data": lambda: Talk().says(EARLY, DATA).answers(SERVER_1_3).says(DATA),
    "1.3 with the end of early data": lambda: Talk().says(EARLY).answers(SERVER_1_3).says(record(23, bytes(21)), DATA),
}  # fmt: skip


@pytest.mark.parametrize("case", WHOLE)
def test_a_handshake_is_complete_with_its_last_message(case: str) -> None:
    talk = WHOLE[case]()
    assert outcome(talk.tls) == ("complete", "finished", None, None, None, None)
    assert (talk.tls.time, talk.tls.seconds) == (START + MILLISECOND, (talk.at - START - MILLISECOND) / 1e6)
    assert talk.tls.last_time is None
    talk.says(FATAL).ends("reset", "server").finishes()
    assert len(talk.found) == 1


UNDER_WAY: dict[str, tuple[Callable[[], Talk], str | None]] = {
    "a hello": (lambda: Talk().says(CLIENT), "client_hello"),
    "early data": (lambda: Talk().says(EARLY, DATA), "client_hello"),
    "data before any answer": (lambda: Talk().says(CLIENT, DATA), "client_hello"),
    "two hellos": (lambda: Talk().says(CLIENT).answers(SERVER), "server_hello"),
    "another hello is wanted": (lambda: Talk().says(CLIENT_1_3).answers(RETRY), "client_hello"),
    "a certificate": (lambda: Talk().says(CLIENT).answers(SERVER, CERTIFICATE), "certificate"),
    "a certificate of the client": (lambda: Talk().says(CLIENT).answers(SERVER).says(CERTIFICATE), "server_hello"),
    "one Finished": (lambda: Talk().says(CLIENT).answers(SERVER).says(CHANGE, FINISHED), "finished"),
    "the other Finished": (lambda: Talk().says(CLIENT).answers(SERVER, CHANGE, FINISHED), "finished"),
    "only the server's records in 1.3": (lambda: Talk().says(CLIENT_1_3).answers(SERVER_1_3, DATA), "server_hello"),
}


@pytest.mark.parametrize("case", UNDER_WAY)
def test_a_handshake_that_is_not_over(case: str) -> None:
    make, stage = UNDER_WAY[case]
    talk = make()
    assert talk.found == []
    talk.finishes()
    assert outcome(talk.tls) == ("unfinished", stage, None, None, None, None)
    assert (talk.tls.seconds, talk.tls.last_time) == (None, talk.at)


def test_hellos_in_the_wrong_direction_are_none() -> None:
    assert Talk().says(SERVER).answers(CLIENT).finishes().found == []


@pytest.mark.parametrize(
    ("talk", "number", "by", "word"),
    [
        (lambda: Talk().says(CLIENT).answers(FATAL), 40, "server", "alert"),
        (lambda: Talk().says(CLIENT).answers(SERVER, CERTIFICATE).says(UNTRUSTED), 48, "client", "untrusted"),
        # A server says this of the client's certificate.
        (lambda: Talk().says(CLIENT).answers(SERVER, CERTIFICATE, UNTRUSTED), 48, "server", "alert"),
        (lambda: Talk().says(CLIENT).answers(SERVER, CERTIFICATE, EXPIRED), 45, "server", "alert"),
        (lambda: Talk().says(CLIENT).answers(SERVER, CERTIFICATE).says(EXPIRED), 45, "client", "expired"),
        (lambda: Talk().says(CLIENT).answers(VERSION), 70, "server", "version"),
        (lambda: Talk().says(CLIENT).answers(SERVER).says(VERSION), 70, "client", "version"),
        (lambda: Talk().says(CLIENT).answers(SERVER, CHANGE).says(ENCRYPTED_ALERT), None, None, None),
        (lambda: Talk().says(CLIENT).answers(SERVER, CHANGE, ENCRYPTED_ALERT), None, "server", "alert"),
        (lambda: Talk().says(CLIENT).answers(SERVER).says(CHANGE, ENCRYPTED_ALERT), None, "client", "alert"),
        (lambda: Talk().says(CLIENT_1_3).answers(SERVER_1_3).says(record(23, bytes(39))), None, "client", "alert"),
        (lambda: Talk().says(EARLY).answers(SERVER_1_3).says(record(23, bytes(39))), None, None, None),
        (lambda: Talk().says(CLIENT_1_3).answers(SERVER_1_3, record(23, bytes(24))), None, None, None),
        (lambda: Talk().says(CLIENT).answers(WARNING), None, None, None),
        (lambda: Talk().says(CLIENT).answers(GOODBYE), None, None, None),
    ],
)
def test_alerts(talk: Callable[[], Talk], number: int | None, by: str | None, word: str | None) -> None:
    made = talk()
    if word is None:
        assert made.found == []
        return
    assert (made.tls.outcome, made.tls.alert, made.tls.alert_from, made.tls.closed_by) == (word, number, by, None)
    assert made.tls.seconds == (made.at - START - MILLISECOND) / 1e6
    if number is None:
        assert made.tls.reason == "an encrypted alert"


@pytest.mark.parametrize(
    ("talk", "sent"),
    [
        (lambda: Talk().says(CLIENT).answers(SERVER, CERTIFICATE, WANTED).says(NONE), False),
        (lambda: Talk().says(CLIENT).answers(SERVER, CERTIFICATE, WANTED).says(OWN), True),
        (lambda: Talk().says(CLIENT).answers(SERVER, CERTIFICATE, WANTED), None),  # nor did the client answer
        (lambda: Talk().says(CLIENT).answers(SERVER, CERTIFICATE).says(OWN), None),
        (lambda: Talk().says(CLIENT).answers(SERVER, CERTIFICATE).says(WANTED, OWN), None),
        (lambda: Talk().says(CLIENT_1_3).answers(SERVER_1_3, WANTED), None),
    ],
)
def test_whether_the_client_sent_the_certificate_that_the_server_wants(talk: Callable[[], Talk], sent: object) -> None:
    assert talk().answers(FATAL).tls.client_certificate is sent


def test_a_warning_is_the_reason_of_who_hangs_up() -> None:
    found = Talk().says(CLIENT).answers(WARNING).ends("reset", "server").tls
    assert outcome(found) == ("closed", "client_hello", None, None, "server", "user_canceled")


# How connections end.


@pytest.mark.parametrize("judged", [True, False])
@pytest.mark.parametrize(("up", "told"), [(True, "untrusted"), (False, "closed")])
def test_an_alert_behind_the_end_of_the_other_side(up: bool, told: str, judged: bool) -> None:
    talk = Talk().says(CLIENT).answers(SERVER, CERTIFICATE).fin("server" if up else "client")
    talk.tracker.judged = judged
    (talk.says if up else talk.answers)(UNTRUSTED)
    talk.ends()
    assert (talk.tls.outcome, talk.tls.alert) == (told, 48 if up or not judged else None)
    assert talk.tls.alert_from == ("client" if up else None if judged else "server")


@pytest.mark.parametrize("judged", [True, False])
def test_an_alert_alone_is_a_fact(judged: bool) -> None:
    talk = Talk(in_step=False)
    talk.tracker.judged = judged
    talk.answers(FATAL).ends("closed", "server")
    assert [outcome(found) for found in talk.found if isinstance(found, Tls)] == (
        [] if judged else [("alert", None, 40, "server", None, talk.tls.reason)]
    )


@pytest.mark.parametrize(("waited", "told"), [(GAVE_UP - 1, "closed"), (GAVE_UP, "no_answer")])
def test_how_long_a_client_waits_that_gave_up_on_its_hello(waited: int, told: str) -> None:
    found = Talk().says(CLIENT).waits(waited).ends("closed", "client").tls
    assert (found.outcome, found.closed_by, found.reason) == (told, "client", None)
    assert found.seconds == waited / 1e6
    answered = Talk().says(CLIENT).answers(SERVER).waits(waited).ends("closed", "client").tls
    assert answered.outcome == "closed"
    server = Talk().says(CLIENT).waits(waited).ends("closed", "server").tls
    assert (server.outcome, server.closed_by) == ("closed", "server")


@pytest.mark.parametrize(("how", "reason"), [("closed", None), ("reset", "reset")])
@pytest.mark.parametrize("by", ["client", "server"])
def test_who_ended_it_and_how(how: Ending, by: Peer, reason: str | None) -> None:
    found = Talk().says(CLIENT).answers(SERVER).ends(how, by).tls
    assert outcome(found) == ("closed", "server_hello", None, None, by, reason)


def test_an_end_of_nobody_says_nothing_yet() -> None:
    assert Talk().says(CLIENT).ends("closed", None).found == []


@pytest.mark.parametrize("ends", [lambda talk: talk.ends("reset", "server"), lambda talk: talk.finishes(9 * SECOND)])
def test_who_closed_first_ended_it_then(ends: Callable[[Talk], Talk]) -> None:
    talk = Talk().says(CLIENT).answers(SERVER).fin("client").fin("server")
    closed = talk.at - MILLISECOND
    found = ends(talk.waits(SECOND)).tls
    assert outcome(found) == ("closed", "server_hello", None, None, "client", None)
    assert found.seconds == (closed - START - MILLISECOND) / 1e6


def test_what_comes_encrypted_behind_the_end_completes_nothing() -> None:
    talk = Talk().says(CLIENT).answers(SERVER, CHANGE, FINISHED).fin("client").says(CHANGE, FINISHED).ends()
    assert outcome(talk.tls) == ("closed", "finished", None, None, "client", None)


# What the capture lacks.


@pytest.mark.parametrize(("after", "reason"), [(PATIENCE - 1, None), (PATIENCE, MISSING)])
def test_a_handshake_of_which_bytes_are_missing(after: int, reason: str | None) -> None:
    found = Talk().says(CLIENT).loses().answers(SERVER).finishes(after).tls
    assert outcome(found) == ("unfinished", "server_hello", None, None, None, reason)


@pytest.mark.parametrize(("snapped", "reason"), [(False, MISSING), (True, SNAPPED)])
def test_why_bytes_are_missing(snapped: bool, reason: str) -> None:
    talk = Talk().says(CLIENT).loses()
    talk.tracker.snapped = snapped
    found = talk.ends("closed", "server").tls
    assert outcome(found) == ("unfinished", "client_hello", None, None, "server", reason)
    assert found.last_time == START + MILLISECOND


@pytest.mark.parametrize(("after", "told"), [(PATIENCE - 1, "unfinished"), (PATIENCE, "no_answer")])
def test_a_hello_without_an_answer(after: int, told: str) -> None:
    assert Talk().says(CLIENT).finishes(after).tls.outcome == told
    assert Talk().says(CLIENT).answers(WARNING).finishes(after).tls.outcome == "unfinished"


@pytest.mark.parametrize(
    ("gone", "answered", "told"),
    [
        ("reset", False, ("closed", "server", "reset")),
        ("closed", False, ("closed", "server", None)),
        ("reset", True, ("unfinished", None, None)),
    ],
)
def test_a_server_that_was_gone_before_the_hello(gone: Ending, answered: bool, told: object) -> None:
    talk = Talk().says(CLIENT)
    talk.tracker.gone = gone
    if answered:
        talk.answers(SERVER)
    found = talk.finishes().tls
    assert (found.outcome, found.closed_by, found.reason) == told


@pytest.mark.parametrize(("lost", "judged", "told"), [(True, True, 1), (True, False, 0), (False, True, 0)])
@pytest.mark.parametrize("how", ["an encrypted record", "the end of the capture", "the end of the connection"])
def test_a_handshake_of_which_nothing_was_read(how: str, lost: bool, judged: bool, told: int) -> None:
    talk = Talk(in_step=False)
    talk.tracker.lost, talk.tracker.judged = lost, judged
    if how == "an encrypted record":
        talk.says(DATA)
        assert len(talk.found) == told
        talk.says(CLIENT)
    if how == "the end of the connection":
        talk.ends()
    else:
        talk.finishes()
    assert len(talk.found) == told
    if told:
        assert outcome(talk.tls) == ("unfinished", None, None, None, None, MISSING)


@pytest.mark.parametrize(
    ("answer", "reason"), [(b"HTTP/1.1 400 Bad Request", "it answers in HTTP"), (b"SSH-2.0", None)]
)
def test_an_answer_that_is_no_tls(answer: bytes, reason: str | None) -> None:
    assert outcome(Talk().says(CLIENT).answers(answer).tls) == ("not_tls", "client_hello", None, None, None, reason)
    for unsure in (Talk(in_step=False).says(CLIENT), Talk()):
        unsure.answers(answer)
        assert unsure.found == []
        assert unsure.tracker.lost


# What is told of it.


def test_what_both_said_is_reported() -> None:
    found = Talk().says(hello(b"\0\0\0\6\0\4\0\0\1a\0\x2b\0\5\4\3\4\3\3")).answers(SERVER_1_3).finishes().tls
    assert (found.server_name, found.versions, found.version) == ("a", ("TLS 1.3", "TLS 1.2"), "TLS 1.3")
    assert (found.client, found.server, found.port, found.client_port) == ("10.0.0.7", "10.0.0.80", 443, 49152)
    assert (found.client_mac, found.frame, found.time) == ("00:04:f2:aa:bb:cc", 1, START + MILLISECOND)
    assert (found.decrypted, found.not_decrypted, found.chain) == (None, None, ())


def test_the_frame_is_that_of_the_first_hello() -> None:
    found = (
        Talk().says(CLIENT_1_3[:20], CLIENT_1_3[20:]).answers(RETRY).says(CLIENT_1_3).answers(SERVER_1_3).finishes().tls
    )
    assert (found.frame, found.time, found.stage) == (2, START + MILLISECOND, "server_hello")


@pytest.mark.parametrize(("version", "name"), [(0x7F10, "TLS 1.3 draft 16"), (0x0304, "TLS 1.3")])
@pytest.mark.parametrize("cut", [0, 1, 2])
def test_a_draft_s_answer_is_whole_with_its_cipher_suite(version: int, name: str, cut: int) -> None:
    body = struct.pack(">H", version) + b"r" * 32 + b"\x13\1"
    talk = Talk().says(CLIENT_1_3).answers(message(2, body[: len(body) - cut])).finishes()
    assert (talk.tls.version, talk.tls.stage) == ((None, "client_hello") if cut else (name, "server_hello"))
    assert talk.tracker.lost is bool(cut)


@pytest.mark.parametrize(("body", "versions"), [(b"\1\3", ()), (b"\1\3\1", ("TLS 1.0",)), (b"\1\0\2", ("SSL 2.0",))])
def test_a_hello_in_the_form_of_ssl_2_names_one_version(body: bytes, versions: tuple[str, ...]) -> None:
    assert read_ssl2_hello(body) == versions


class Inside:
    def __init__(self, why: str | None) -> None:
        self.why = why
        self.readable = why is None


@pytest.mark.parametrize("why", [None, "no keys"])
def test_whether_what_follows_can_be_read_is_reported_of_a_whole_handshake(why: str | None) -> None:
    for server, told in ((SERVER, (why is None, why)), (SERVER_1_3, (None, None))):
        talk = Talk()
        talk.tracker.inside = Inside(why)
        talk.says(CLIENT).answers(server, DATA).finishes()
        assert (talk.tls.decrypted, talk.tls.not_decrypted) == told
