import datetime
import ssl
import subprocess
import sys
import warnings
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.ladder import Ladder, one, only
from ucdiag.model.observations import Certificate, Http, Tls
from ucdiag.probe.certificates import read_certificates
from ucdiag.wire.errors import DecodeError
from ucdiag.wire.tls.handshake import read_chain, version_text
from ucdiag.wire.tls.x509 import read_certificate

HOST = "ucupdates-r2.contoso.com"
NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


@cache
def keys() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def made(**options: Any) -> x509.Certificate:
    key = options.get("key") or keys()
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, options.get("organisation", "Contoso, Ltd.")),
            x509.NameAttribute(NameOID.COMMON_NAME, HOST),
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Contoso Root")]))
        .public_key(key.public_key())
        .serial_number(12345)
        .not_valid_before(options.get("start", NOW))
        .not_valid_after(options.get("end", NOW + datetime.timedelta(days=365)))
    )
    if options.get("names", True):
        names = [x509.DNSName(HOST), x509.DNSName("*.contoso.com"), x509.IPAddress(ip_address("10.0.0.80"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=options.get("critical", False))
    if options.get("other", False):
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    return builder.sign(key, options.get("digest", hashes.SHA256()), rsa_padding=options.get("padding"))


@cache
def sample() -> bytes:
    return made().public_bytes(serialization.Encoding.DER)


@pytest.fixture(scope="module")
def chain_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("tls") / "server.pem"
    key = keys().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(key + made().public_bytes(serialization.Encoding.PEM))
    return path


class Pair:
    """Two real TLS ends; what they send each other is written on a ladder."""

    def __init__(self, chain_file: Path, newest: ssl.TLSVersion, server_oldest: ssl.TLSVersion, trusting: bool) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.set_ciphers("ALL:@SECLEVEL=0")
            server.minimum_version = server_oldest
            client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            client.set_ciphers("ALL:@SECLEVEL=0")
            client.minimum_version = min(newest, ssl.TLSVersion.TLSv1_2)
            client.maximum_version = newest
        server.load_cert_chain(chain_file)
        if not trusting:
            client.check_hostname = False
            client.verify_mode = ssl.CERT_NONE
        self.ends = []
        pipes = ssl.MemoryBIO(), ssl.MemoryBIO()
        outs = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.phone = client.wrap_bio(pipes[0], outs[0], server_hostname=HOST)
        self.pool = server.wrap_bio(pipes[1], outs[1], server_side=True)
        self.pipes, self.outs = pipes, outs


def talk(
    chain_file: Path,
    newest: ssl.TLSVersion,
    *,
    server_oldest: ssl.TLSVersion = ssl.TLSVersion.TLSv1,
    trusting: bool = False,
    piece: int = 1 << 20,
    data: bool = True,
) -> Ladder:
    """A handshake, and a request if it succeeds, in segments of at most ``piece`` bytes."""
    pair = Pair(chain_file, newest, server_oldest, trusting)
    ladder = Ladder(port=443).opens()

    def carry(side: int) -> bool:
        sent = pair.outs[side].read()
        pair.pipes[1 - side].write(sent)
        send = ladder.answers if side else ladder.says
        send(*(sent[at : at + piece] for at in range(0, len(sent), piece)))
        return bool(sent)

    moved = True
    while moved:
        moved = False
        for side, end in enumerate((pair.phone, pair.pool)):
            try:
                end.do_handshake()
            except ssl.SSLError:
                pass
            moved |= carry(side)
    if data:
        try:
            pair.phone.write(b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\n\r\n")
        except ssl.SSLError:
            return ladder
        carry(0)
    return ladder


OLD = [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2]


@pytest.mark.parametrize("newest", OLD)
@pytest.mark.parametrize("piece", [1, 100, 1 << 20])
def test_a_handshake_of_up_to_tls_1_2(chain_file: Path, newest: ssl.TLSVersion, piece: int) -> None:
    facts = talk(chain_file, newest, piece=piece).facts()
    found = one(facts, Tls)
    name = "TLS 1." + str(newest - ssl.TLSVersion.TLSv1)
    assert (found.outcome, found.stage, found.version, found.versions) == ("complete", "finished", name, (name,))
    assert (found.server_name, found.alert, found.closed_by) == (HOST, None, None)
    assert found.port == 443
    assert found.chain[0].names[0] == HOST
    assert found.chain[0].signature == "sha256WithRSAEncryption"
    assert found.seconds is not None
    assert not only(facts, Http)


def test_the_handshake_ends_with_the_finished_of_both(chain_file: Path) -> None:
    assert one(talk(chain_file, OLD[0], data=False).facts(), Tls).outcome == "complete"


def test_tls_1_3(chain_file: Path) -> None:
    found = one(talk(chain_file, ssl.TLSVersion.TLSv1_3).facts(), Tls)
    assert (found.outcome, found.version, found.versions) == ("complete", "TLS 1.3", ("TLS 1.3", "TLS 1.2"))
    assert (found.chain, found.server_name, found.frame) == ((), HOST, 4)


def test_no_version_in_common(chain_file: Path) -> None:
    facts = talk(chain_file, ssl.TLSVersion.TLSv1, server_oldest=ssl.TLSVersion.TLSv1_2).closes().facts()
    found = one(facts, Tls)
    assert (found.outcome, found.alert, found.alert_from, found.stage) == ("version", 70, "server", "client_hello")
    assert found.reason == "protocol_version"


def test_a_chain_that_the_client_does_not_trust(chain_file: Path) -> None:
    found = one(talk(chain_file, ssl.TLSVersion.TLSv1, trusting=True).closes().facts(), Tls)
    assert (found.outcome, found.alert, found.alert_from, found.stage) == ("untrusted", 48, "client", "certificate")
    assert found.chain


def test_a_client_of_tls_1_3_that_does_not_trust_the_chain(chain_file: Path) -> None:
    found = one(talk(chain_file, ssl.TLSVersion.TLSv1_3, trusting=True).closes().facts(), Tls)
    assert (found.outcome, found.alert, found.alert_from) == ("untrusted", 48, "client")
    assert found.stage == "server_hello"


def test_an_encrypted_alert(chain_file: Path) -> None:
    segments = talk(chain_file, ssl.TLSVersion.TLSv1_3).segments
    ladder = Ladder(port=443).opens().says(segments[3].payload).answers(segments[4].payload)
    found = one(ladder.says(b"\x17\x03\x03\x00\x13" + bytes(19)).closes().facts(), Tls)
    assert (found.outcome, found.alert, found.alert_from) == ("alert", None, "client")


@pytest.mark.parametrize(
    ("number", "outcome", "of_server"),
    [
        (45, "expired", "alert"),
        (48, "untrusted", "alert"),
        (70, "version", "version"),
        (42, "alert", "alert"),
        (40, "alert", "alert"),
    ],
)
def test_alerts_that_have_an_outcome_of_their_own(chain_file: Path, number: int, outcome: str, of_server: str) -> None:
    """A client's is about the server's certificate, a server's about the client's."""
    hello, alert = talk(chain_file, OLD[0]).segments[3].payload, bytes((21, 3, 1, 0, 2, 2, number))
    found = one(Ladder(port=443).opens().says(hello).answers(alert).closes().facts(), Tls)
    assert (found.outcome, found.alert, found.alert_from) == (of_server, number, "server")
    found = one(Ladder(port=443).opens().says(hello).says(alert).closes().facts(), Tls)
    assert (found.outcome, found.alert, found.alert_from) == (outcome, number, "client")


def test_an_alert_alone_is_a_fact_and_no_handshake_to_judge() -> None:
    ladder = Ladder(port=443).opens().answers(bytes((21, 3, 1, 0, 2, 2, 70))).closes()
    found = one(ladder.facts(bodies=False), Tls)
    assert (found.outcome, found.alert, found.alert_from, found.versions) == ("version", 70, "server", ())
    assert found.frame == 4
    assert not only(ladder.facts(), Tls)


@pytest.mark.parametrize("level", [1, 2])
def test_a_goodbye_is_no_alert_to_tell_of(chain_file: Path, level: int) -> None:
    hello = talk(chain_file, OLD[0]).segments[3].payload
    found = one(Ladder(port=443).opens().says(hello).answers(bytes((21, 3, 1, 0, 2, level, 0))).closes().facts(), Tls)
    assert (found.outcome, found.alert, found.alert_from) == ("closed", None, None)


def hello_of(chain_file: Path) -> bytes:
    return talk(chain_file, OLD[0]).segments[3].payload


def test_a_hello_that_is_not_answered(chain_file: Path) -> None:
    found = one(Ladder(port=443).opens().says(hello_of(chain_file)).facts(), Tls)
    assert (found.outcome, found.stage, found.version) == ("no_answer", "client_hello", None)
    assert one(Ladder(port=443).opens().says(hello_of(chain_file)).facts(after=1), Tls).outcome == "unfinished"
    waited = Ladder(port=443).opens().says(hello_of(chain_file)).waits(30).hangs_up().facts()
    assert (one(waited, Tls).outcome, one(waited, Tls).closed_by) == ("no_answer", "client")


def test_a_handshake_that_stops_is_not_one_that_the_capture_lacks(chain_file: Path) -> None:
    segments = talk(chain_file, OLD[0]).segments
    ladder = Ladder(port=443).opens().says(segments[3].payload).waits(8).answers(segments[4].payload)
    found = one(ladder.facts(), Tls)
    assert (found.outcome, found.stage, found.reason) == ("unfinished", "certificate", None)
    assert found.last_time is not None
    assert found.last_time - found.time >= 8_000_000


@pytest.mark.parametrize("how", ["closes", "resets"])
def test_a_server_that_hangs_up_on_the_hello(chain_file: Path, how: str) -> None:
    ladder = Ladder(port=443).opens().says(hello_of(chain_file))
    found = one(getattr(ladder, how)().facts(), Tls)
    assert (found.outcome, found.closed_by, found.stage) == ("closed", "server", "client_hello")


def test_a_client_that_hangs_up_on_the_certificate(chain_file: Path) -> None:
    segments = talk(chain_file, OLD[0]).segments
    ladder = Ladder(port=443).opens().says(segments[3].payload).answers(segments[4].payload)
    found = one(ladder.resets(server=False).facts(), Tls)
    assert (found.outcome, found.closed_by, found.stage, found.reason) == ("closed", "client", "certificate", "reset")
    assert found.chain


def test_what_the_server_had_sent_when_the_client_hung_up_is_reported_too(chain_file: Path) -> None:
    segments = talk(chain_file, OLD[0]).segments
    ladder = Ladder(port=443).opens().says(segments[3].payload).client_fin()
    found = one(ladder.facts(), Tls)
    assert (found.outcome, found.closed_by, found.stage, found.seconds) == ("closed", "client", "client_hello", 0.001)
    found = one(ladder.answers(segments[4].payload).facts(), Tls)
    assert (found.outcome, found.closed_by, found.stage, found.seconds) == ("closed", "client", "certificate", 0.001)
    assert (found.version, len(found.chain)) == ("TLS 1.0", 1)
    again = one(ladder.resets(server=False).facts(), Tls)
    assert (again.outcome, again.closed_by, again.version, again.reason) == ("closed", "client", "TLS 1.0", None)


def test_an_alert_of_the_client_counts_when_the_server_closed_first(chain_file: Path) -> None:
    segments = talk(chain_file, OLD[0]).segments
    ladder = Ladder(port=443).opens().says(segments[3].payload).answers(segments[4].payload).server_fin()
    found = one(ladder.says(bytes((21, 3, 1, 0, 2, 2, 48))).client_fin().facts(), Tls)
    assert (found.outcome, found.alert, found.alert_from) == ("untrusted", 48, "client")


def test_what_a_server_says_to_a_client_that_is_gone_is_not_why_it_went(chain_file: Path) -> None:
    segments = talk(chain_file, OLD[0]).segments
    gone = Ladder(port=443).opens().says(segments[3].payload).answers(segments[4].payload).client_fin()
    ladder = gone.answers(bytes((21, 3, 1, 0, 2, 2, 50))).server_fin()
    found = one(ladder.facts(), Tls)
    assert (found.outcome, found.closed_by, found.stage, found.alert) == ("closed", "client", "certificate", None)
    found = one(ladder.facts(bodies=False), Tls)
    assert (found.outcome, found.closed_by, found.alert, found.alert_from) == ("closed", "client", 50, "server")


def test_a_handshake_does_not_complete_for_who_has_hung_up(chain_file: Path) -> None:
    segments = talk(chain_file, OLD[0], data=False).segments
    ladder = Ladder(port=443).opens().says(segments[3].payload).answers(segments[4].payload).says(segments[5].payload)
    found = one(ladder.client_fin().answers(segments[6].payload).server_fin().facts(), Tls)
    assert (found.outcome, found.closed_by, found.stage) == ("closed", "client", "finished")


def test_a_client_that_hangs_up_after_its_finished_has_accepted_the_certificate(chain_file: Path) -> None:
    segments = talk(chain_file, OLD[0], data=False).segments
    ladder = Ladder(port=443).opens().says(segments[3].payload).answers(segments[4].payload).says(segments[5].payload)
    found = one(ladder.hangs_up().facts(), Tls)
    assert (found.outcome, found.closed_by, found.stage) == ("closed", "client", "finished")


def test_a_hello_repeated_at_the_servers_wish_is_one_handshake(chain_file: Path) -> None:
    segments = talk(chain_file, ssl.TLSVersion.TLSv1_3).segments
    hello = segments[3].payload
    retry = bytearray(segments[4].payload[:5])
    body = bytes.fromhex("0303cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c") + b"\0\x13\x01\0\0\0"
    message = b"\x02" + len(body).to_bytes(3, "big") + body
    retry[3:5] = len(message).to_bytes(2, "big")
    ladder = Ladder(port=443).opens().says(hello).answers(bytes(retry) + message).says(hello)
    found = one(
        ladder.answers(segments[4].payload).says(*(segment.payload for segment in segments[5:] if segment.up)).facts(),
        Tls,
    )
    assert (found.frame, found.outcome, found.version) == (4, "complete", "TLS 1.3")


def record(kind: int, body: bytes) -> bytes:
    message = bytes([kind]) + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + len(message).to_bytes(2, "big") + message


def test_who_wants_another_hello_has_chosen_a_version(chain_file: Path) -> None:
    hello = talk(chain_file, ssl.TLSVersion.TLSv1_3).segments[3].payload
    random = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
    retry = record(2, b"\x03\x03" + random + b"\0\x13\x01\0\0\6\0\x2b\0\2\3\4")
    early = b"\x17\x03\x03\x00\x40" + bytes(64)
    found = one(Ladder(port=443).opens().says(hello, early).answers(retry).says(early).closes().facts(), Tls)
    assert (found.outcome, found.stage, found.version, found.closed_by) == (
        "closed",
        "client_hello",
        "TLS 1.3",
        "server",
    )


def test_a_draft_of_tls_1_3_whose_answer_has_no_session(chain_file: Path) -> None:
    hello = talk(chain_file, ssl.TLSVersion.TLSv1_3).segments[3].payload
    for number, name in ((b"\x7f\x10", "TLS 1.3 draft 16"), (b"\3\4", "TLS 1.3")):
        answer = record(2, number + bytes(32) + b"\x13\x01\0\x06\0\x28\0\2\0\x1d")
        finished = b"\x17\x03\x01\x00\x40" + bytes(64)
        found = one(Ladder(port=443).opens().says(hello).answers(answer).says(finished).facts(), Tls)
        assert (found.outcome, found.version) == ("complete", name)


def test_of_hellos_that_a_snap_length_cut_what_is_there_is_reported(chain_file: Path) -> None:
    segments = talk(chain_file, ssl.TLSVersion.TLSv1_1).segments
    hello, answer = segments[3].payload, segments[4].payload
    ladder = Ladder(port=443).opens()
    found = one(ladder.says(hello, cut=hello.index(HOST.encode()) + len(HOST)).facts(), Tls)
    assert (found.frame, found.server_name, found.versions, found.version) == (4, HOST, ("TLS 1.1",), None)
    found = one(ladder.answers(answer, cut=30).facts(), Tls)
    assert (found.version, found.stage, found.outcome) == ("TLS 1.1", "server_hello", "unfinished")
    assert found.reason.startswith("the capture's snap length")
    for size in range(len(hello)):
        (told,) = only(Ladder(port=443).opens().says(hello, cut=size).facts(), Tls) or (None,)
        assert told is None or told.versions in ((), ("TLS 1.1",))
        assert (told is not None and told.versions != ()) is (size >= 11), size


def test_a_hello_that_makes_no_sense_further_on_has_said_this_much(chain_file: Path) -> None:
    body = b"\x03\x02" + bytes(32) + b"\0\0\2\0\x2f\1\0\0\x0f\0\0\0\7\0\5\0\0\2hi\0\x10\0\x20"
    found = one(Ladder(port=443).opens().says(record(1, body)).facts(), Tls)
    assert (found.server_name, found.versions) == ("hi", ("TLS 1.1",))


# read-tls-client-hello 2.0.0 of npm refuses the first (findings/read-tls-client-hello-without-extensions.sh).
@pytest.mark.parametrize("extensions", [b"", b"\0\0"], ids=["none", "an empty list"])
def test_a_hello_without_extensions(extensions: bytes) -> None:
    hello = record(1, b"\x03\x01" + bytes(32) + b"\0\0\4\0\x2f\0\x35\1\0" + extensions)
    answer = record(2, b"\x03\x01" + bytes(32) + b"\0\0\x2f\0")
    found = one(Ladder(port=443).opens().says(hello).answers(answer).facts(), Tls)
    assert (found.versions, found.server_name, found.version) == (("TLS 1.0",), None, "TLS 1.0")


def test_a_server_that_does_not_speak_tls(chain_file: Path) -> None:
    answer = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    facts = Ladder(port=443).opens().says(hello_of(chain_file)).answers(answer).closes().facts()
    assert (one(facts, Tls).outcome, one(facts, Tls).reason) == ("not_tls", "it answers in HTTP")
    assert not only(facts, Http)


def test_tls_on_port_80_and_http_on_443(chain_file: Path) -> None:
    assert one(Ladder(port=80).opens().says(hello_of(chain_file)).facts(), Tls).port == 80
    assert one(Ladder(port=443).opens().says(b"GET / HTTP/1.1\r\n\r\n").facts(), Http).port == 443


def test_tls_that_a_proxy_lets_through(chain_file: Path) -> None:
    inside = [segment for segment in talk(chain_file, OLD[2]).segments if segment.payload]
    ladder = Ladder(port=80).opens().says(b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n")
    ladder.answers(b"HTTP/1.1 200 Connection established\r\n\r\n")
    for handshake in inside:
        (ladder.says if handshake.up else ladder.answers)(handshake.payload)
    facts = ladder.closes().facts(bodies=False)
    found = one(facts, Tls)
    assert (found.frame, found.server_name, found.version, found.outcome) == (6, HOST, "TLS 1.2", "complete")
    (http,) = only(facts, Http)
    assert (http.method, http.status, http.complete) == ("CONNECT", 200, True)
    # It says nothing of the proxy, which is what would be judged.
    assert not only(ladder.facts(), Tls)


def test_http_that_a_proxy_lets_through() -> None:
    ladder = Ladder(port=80).opens().says(b"CONNECT a:80 HTTP/1.1\r\n\r\n").answers(b"HTTP/1.1 200 ok\r\n\r\n")
    ladder.says(b"GET /inside HTTP/1.1\r\n\r\n").answers(b"HTTP/1.1 204 x\r\n\r\n").closes()
    assert [
        (exchange.frame, exchange.method, exchange.status) for exchange in only(ladder.facts(bodies=False), Http)
    ] == [
        (4, "CONNECT", 200),
        (6, "GET", 204),
    ]


def test_a_hello_in_the_form_of_ssl_2() -> None:
    hello = bytes.fromhex("80 2e 01 03 01 00 15 00 00 00 10".replace(" ", "")) + bytes(0x2E - 9)
    found = one(Ladder(port=443).opens().says(hello).facts(), Tls)
    assert (found.versions, found.outcome, found.stage) == (("TLS 1.0",), "no_answer", "client_hello")


def test_a_capture_that_begins_behind_the_handshake_tells_nothing(chain_file: Path) -> None:
    data = b"\x17\x03\x01\x00\x20" + bytes(32)
    facts = Ladder(port=443).says(data).answers(data, data).closes().facts()
    assert not facts


def test_a_handshake_that_the_capture_lacks_a_part_of(chain_file: Path) -> None:
    segments = talk(chain_file, OLD[2], piece=200, data=False).segments
    data = b"\x17\x03\x03\x00\x20" + bytes(32)
    ladder = Ladder(port=443).opens()
    skipped = False
    for segment in segments[3:]:
        if not segment.up and not skipped and len(segment.payload) == 200 and segment.seq > 9300:
            ladder.loses(200)
            skipped = True
        elif segment.up:
            ladder.says(segment.payload)
        else:
            ladder.answers(segment.payload)
    ladder.acknowledges().acknowledges().says(data).answers(data)
    found = one(ladder.closes().facts(), Tls)
    assert skipped
    assert (found.outcome, found.server_name) == ("complete", HOST)


def test_what_follows_the_handshake_is_only_counted(chain_file: Path) -> None:
    ladder = talk(chain_file, OLD[2])
    record = b"\x17\x03\x03\x40\x00" + bytes(0x4000)
    for _ in range(50):
        ladder.answers(*(record[at : at + 1460] for at in range(0, len(record), 1460)))
    found = ladder.closes().facts()
    assert len(only(found, Tls)) == 1


@given(st.data())
def test_damaged_handshakes_are_survived(data: st.DataObject) -> None:
    pieces = [bytearray(recorded) for recorded in RECORDED]
    for _ in range(data.draw(st.integers(0, 6))):
        piece = pieces[data.draw(st.integers(0, len(pieces) - 1))]
        piece[data.draw(st.integers(0, len(piece) - 1))] = data.draw(st.integers(0, 255))
    ladder = Ladder(port=443).opens()
    for number, piece in enumerate(pieces):
        cut = data.draw(st.integers(0, len(piece)))
        (ladder.answers if number % 2 else ladder.says)(bytes(piece[:cut]), bytes(piece[cut:]))
        if data.draw(st.integers(0, 9)) == 0:
            ladder.loses(5, server=bool(number % 2)).acknowledges().acknowledges()
    assert len(only(ladder.closes().facts(), Tls)) <= 1


# A client hello, a server's hello with a certificate that is none, and garbage.
RECORDED = (
    bytes.fromhex(
        "16030100350100003103015f00000000000000000000000000000000000000000000000000000000000000000000040035002f0100000400230000"
    ),
    bytes.fromhex("160301002a020000260301600000000000000000000000000000000000000000000000000000000000000000003500")
    + bytes.fromhex("160301000d0b0000090000060000033003020e")
    + bytes.fromhex("16030100040e000000"),
    bytes.fromhex("1603010006100000020000140301000101160301002000") + bytes(31),
    bytes.fromhex("14030100010116030100200000") + bytes(30),
)


# Certificates.


def expected(certificate: x509.Certificate) -> Certificate:
    def moment(at: datetime.datetime) -> int:
        return int((at - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)) / datetime.timedelta(microseconds=1))

    found: list[str] = []
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found = [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]
    except x509.ExtensionNotFound:
        pass
    if not found:
        found = [str(attribute.value) for attribute in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return Certificate(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        names=tuple(found),
        not_before=moment(certificate.not_valid_before_utc),
        not_after=moment(certificate.not_valid_after_utc),
    )


@pytest.mark.parametrize(
    ("options", "signature"),
    [
        ({}, "sha256WithRSAEncryption"),
        ({"digest": hashes.SHA384()}, "sha384WithRSAEncryption"),
        ({"digest": hashes.SHA512(), "critical": True, "other": True}, "sha512WithRSAEncryption"),
        ({"names": False, "other": True}, "sha256WithRSAEncryption"),
        ({"names": False}, "sha256WithRSAEncryption"),
        ({"organisation": ' #+"Müller", <a>\\; '}, "sha256WithRSAEncryption"),
        ({"organisation": "日本"}, "sha256WithRSAEncryption"),
        # The first moment of the other form; for cert-info 1.5.1 it is in 2024 (findings/cert-info-after-2049.sh).
        ({"end": datetime.datetime(2050, 1, 1, tzinfo=datetime.UTC)}, "sha256WithRSAEncryption"),
        ({"end": datetime.datetime(2051, 1, 1, tzinfo=datetime.UTC)}, "sha256WithRSAEncryption"),
        ({"start": datetime.datetime(1999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC)}, "sha256WithRSAEncryption"),
        ({"padding": padding.PSS(padding.MGF1(hashes.SHA256()), 32)}, "rsassaPss-sha256"),
        ({"padding": padding.PSS(padding.MGF1(hashes.SHA512()), 32), "digest": hashes.SHA512()}, "rsassaPss-sha512"),
    ],
)
def test_a_certificate_reads_as_cryptography_reads_it(options: dict[str, Any], signature: str) -> None:
    certificate = made(**options)
    found = read_certificate(certificate.public_bytes(serialization.Encoding.DER))
    assert found.signature == signature
    wanted = expected(certificate)
    for name in ("subject", "issuer", "names", "not_before", "not_after"):
        assert getattr(found, name) == getattr(wanted, name)
    (other,) = read_certificates([certificate.public_bytes(serialization.Encoding.DER)])
    assert found.key == other.key
    assert found.key is not None


def test_reading_a_certificate_imports_nothing_more() -> None:
    """A sniffer that gave up root's rights may not be allowed to read its Python's library any more."""
    code = "import sys; from ucdiag.wire.tls.x509 import read_certificate; before = set(sys.modules); "
    code += "read_certificate(sys.stdin.buffer.read()); print(sorted(set(sys.modules) - before))"
    data = made().public_bytes(serialization.Encoding.DER)
    done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True)
    assert done.stdout.decode().strip() == "[]"


def test_a_certificate_of_elliptic_curves() -> None:
    found = read_certificate(made(key=ec.generate_private_key(ec.SECP256R1())).public_bytes(serialization.Encoding.DER))
    assert (found.signature, found.key) == ("ecdsa-with-SHA256", "EC 256")


def test_every_root_of_this_machine_reads_as_cryptography_reads_it() -> None:
    bundle = Path("/etc/ssl/certs/ca-certificates.crt")
    if not bundle.exists():
        pytest.skip("this machine has no bundle of roots")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        roots = x509.load_pem_x509_certificates(bundle.read_bytes())
        assert roots
        for root in roots:
            found = read_certificate(root.public_bytes(serialization.Encoding.DER))
            wanted = expected(root)
            assert (found.subject, found.issuer, found.names) == (wanted.subject, wanted.issuer, wanted.names)
            assert (found.not_before, found.not_after) == (wanted.not_before, wanted.not_after)
            assert found.key == read_certificates([root.public_bytes(serialization.Encoding.DER)])[0].key
            assert found.signature
            assert not found.signature[0].isdigit()


@given(st.binary(max_size=300))
def test_any_bytes_are_a_certificate_or_a_decode_error(data: bytes) -> None:
    try:
        read_certificate(data)
    except DecodeError:
        pass
    try:
        read_chain(data)
    except DecodeError:
        pass


@given(st.data())
def test_damaged_certificates_are_read_or_refused(data: st.DataObject) -> None:
    der = bytearray(sample())
    for _ in range(data.draw(st.integers(1, 8))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read_certificate(bytes(der))
    except DecodeError:
        return
    assert len(found.subject) <= 1024


def test_versions_have_names() -> None:
    assert [version_text(version) for version in (0x0300, 0x0304, 0x7F1C, 0x1234)] == [
        "SSL 3.0",
        "TLS 1.3",
        "TLS 1.3 draft 28",
        "0x1234",
    ]
