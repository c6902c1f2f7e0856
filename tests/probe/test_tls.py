"""Handshakes with real TLS servers that are right or wrong in one way, and with what is no TLS at all."""

import ssl
import subprocess
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.probe.certificates import authority_file, server_context
from tests.probe.raw_server import HOST, Peer, RawServer
from tests.real import free_port, need
from ucdiag.model.observations import Http, Lookup, Observation, Tls, Transfer
from ucdiag.model.phone import Phone
from ucdiag.probe.certificates import read_certificates
from ucdiag.probe.tls import refuses_old
from ucdiag.probe.tls_records import fatal_alert, looks_like_tls
from ucdiag.probe.tls_stream import TlsStream, client_context
from ucdiag.probe.update_request import Target, fetch_file, request_update
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.update_service.request import build_request

NAME = "ucupdates-r2.example.test"
NONE = b'<update downloads="0"/>'
QUICK = 0.6
PATIENT = 15.0


def ask(port: int, ca: str | None = None, host: str = NAME, timeout: float = PATIENT) -> list[Observation]:
    target = Target(address=HOST, port=port, host=host, scheme="https")
    return list(request_update(Context(timeout=timeout, ca=ca), target, build_request(Phone(), host)))


def tls_of(seen: list[Observation]) -> Tls:
    """The handshake that ended it."""
    assert [fact.kind for fact in seen] == ["connect", "tls"]
    assert isinstance(seen[1], Tls)
    return seen[1]


def answering(peer: Peer) -> None:
    peer.answer(NONE)


def test_a_trusted_server(tmp_path: Path) -> None:
    with RawServer(answering, server_context(tmp_path, NAME)) as server:
        seen = ask(server.port, authority_file(tmp_path))
    assert [fact.kind for fact in seen] == ["connect", "tls", "http", "answer"]
    tls, http = seen[1:3]
    assert isinstance(tls, Tls)
    assert isinstance(http, Http)
    assert (tls.outcome, tls.stage, tls.server_name, tls.version) == ("complete", "finished", NAME, "TLS 1.3")
    assert tls.versions[-1] == "TLS 1.3"
    assert (tls.alert, tls.reason) == (None, None)
    assert [certificate.subject for certificate in tls.chain] == [f"CN={NAME}", "CN=Test Authority"]
    own = tls.chain[0]
    assert own.names == (NAME,)
    assert own.issuer == "CN=Test Authority"
    assert own.signature == "ecdsa-with-SHA256"
    assert own.not_before is not None
    assert own.not_after is not None
    assert own.not_before < tls.time < own.not_after
    assert (http.scheme, http.status, http.complete) == ("https", 200, True)
    assert (http.client_port, tls.client_port) == (seen[0].client_port, seen[0].client_port)  # type: ignore[attr-defined]


def test_the_chain_is_read_from_where_the_name_was_sent(tmp_path: Path) -> None:
    with RawServer(answering, server_context(tmp_path, "other.test")) as server:
        ctx = Context(timeout=PATIENT, ca=authority_file(tmp_path), connect_to={(NAME, 443): (HOST, server.port)})
        target = Target(address="192.0.2.7", port=443, host=NAME, scheme="https")
        tls = tls_of(list(request_update(ctx, target, build_request(Phone(), NAME))))
    assert (tls.outcome, [certificate.names for certificate in tls.chain[:1]]) == ("name_mismatch", [("other.test",)])


def test_an_address_is_checked_against_the_addresses_in_the_certificate(tmp_path: Path) -> None:
    with RawServer(answering, server_context(tmp_path, NAME, HOST)) as server:
        seen = ask(server.port, authority_file(tmp_path), HOST)
    assert seen[-1].kind == "answer"
    assert isinstance(seen[1], Tls)
    assert seen[1].server_name is None
    with RawServer(answering, server_context(tmp_path, NAME)) as server:
        seen = ask(server.port, authority_file(tmp_path), HOST)
    assert tls_of(seen).outcome == "name_mismatch"


@pytest.mark.parametrize(
    ("outcome", "names", "more"),
    [
        ("name_mismatch", ["www.elsewhere.test"], {}),
        ("name_mismatch", ["example.test"], {}),
        ("expired", [NAME], {"first_day": -20, "last_day": -10}),
        ("not_yet_valid", [NAME], {"first_day": 10, "last_day": 20}),
        ("untrusted", [NAME], {"self_signed": True}),
    ],
)
def test_certificates_that_are_not_accepted(
    tmp_path: Path, outcome: str, names: list[str], more: dict[str, Any]
) -> None:
    with RawServer(answering, server_context(tmp_path, *names, **more)) as server:
        tls = tls_of(ask(server.port, authority_file(tmp_path)))
    assert tls.outcome == outcome
    assert tls.reason
    assert tls.stage == "certificate"
    assert tls.chain[0].names == tuple(names)  # read over a second connection
    assert len(server.received) == 2
    assert not any(server.received)


def test_the_machines_own_trust_store_is_used(tmp_path: Path) -> None:
    with RawServer(answering, server_context(tmp_path, NAME)) as server:
        assert tls_of(ask(server.port)).outcome == "untrusted"


def test_a_wildcard_names_one_label(tmp_path: Path) -> None:
    with RawServer(answering, server_context(tmp_path, "*.example.test")) as server:
        assert ask(server.port, authority_file(tmp_path))[-1].kind == "answer"
        assert tls_of(ask(server.port, authority_file(tmp_path), "a.b.example.test")).outcome == "name_mismatch"


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1", "TLSv1_2"])
def test_old_versions_are_still_spoken(tmp_path: Path, version: str) -> None:
    context = server_context(tmp_path, NAME)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = ssl.TLSVersion[version]
    context.set_ciphers("ALL:@SECLEVEL=0")
    with RawServer(answering, context) as server:
        seen = ask(server.port, authority_file(tmp_path))
    assert seen[-1].kind == "answer"
    assert isinstance(seen[1], Tls)
    assert seen[1].version == version.replace("TLSv", "TLS ").replace("_", ".").replace(
        "TLS 1", "TLS 1.0", version == "TLSv1"
    )


# Without TLS, or hardly with it: raw sockets.


def alert(number: int, level: int = 2) -> bytes:
    return bytes([21, 3, 1, 0, 2, level, number])


@pytest.mark.parametrize(
    ("data", "outcome", "number"),
    [
        (alert(70), "version", 70),
        (alert(40), "alert", 40),
        (alert(80), "alert", 80),
        (alert(112), "alert", 112),
        (alert(255), "alert", 255),
        (alert(112, level=1) + alert(40), "alert", 40),
    ],
)
def test_alerts(data: bytes, outcome: str, number: int) -> None:
    with RawServer(lambda peer: (peer.read(), peer.send(data), peer.silent())) as server:
        tls = tls_of(ask(server.port))
    assert (tls.outcome, tls.alert, tls.alert_from) == (outcome, number, "server")


def server_hello(version: bytes) -> bytes:
    hello = version + b"\x11" * 32 + b"\x00" + b"\x00\x2f" + b"\x00"
    return b"\x16" + version + (len(hello) + 4).to_bytes(2, "big") + b"\x02" + len(hello).to_bytes(3, "big") + hello


def test_a_server_that_speaks_only_ssl_3() -> None:
    with RawServer(lambda peer: (peer.read(), peer.send(server_hello(b"\x03\x00")), peer.silent())) as server:
        tls = tls_of(ask(server.port))
    assert (tls.outcome, tls.stage) == ("version", "server_hello")


def test_a_client_hello_without_an_answer() -> None:
    with RawServer(lambda peer: peer.silent()) as server:
        tls = tls_of(ask(server.port, timeout=QUICK))
    assert (tls.outcome, tls.stage, tls.chain) == ("no_answer", "client_hello", ())
    assert server.received[0][:1] == b"\x16"
    assert NAME.encode() in server.received[0]


@pytest.mark.parametrize(
    ("data", "outcome", "in_http"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not_tls", True),
        (b"220 mail ESMTP\r\n", "not_tls", False),
        (b"\x00" * 50, "not_tls", False),
        (b"\x16\x03\x01\x00\x04\xff\xff\xff\xff", "failed", False),
    ],
)
@pytest.mark.parametrize("stays", [True, False])
def test_nonsense(data: bytes, outcome: str, in_http: bool, stays: bool) -> None:
    script: Callable[[Peer], Any] = lambda peer: (peer.read(), peer.send(data), stays and peer.silent())  # noqa: E731
    with RawServer(script) as server:
        tls = tls_of(ask(server.port, timeout=3))
    assert tls.outcome == outcome
    assert tls.alert is None
    assert tls.reason
    assert (tls.reason == "it answers in HTTP") == in_http


@pytest.mark.parametrize("hello", [b"", server_hello(b"\x03\x03")])
def test_the_server_hangs_up(hello: bytes) -> None:
    with RawServer(lambda peer: (peer.read(), peer.send(hello))) as server:
        tls = tls_of(ask(server.port))
    assert (tls.outcome, tls.closed_by, tls.alert) == ("closed", "server", None)
    assert tls.stage == ("server_hello" if hello else "client_hello")
    with RawServer(lambda peer: (peer.read(), peer.reset())) as server:
        tls = tls_of(ask(server.port))
    assert (tls.outcome, tls.closed_by) == ("closed", "server")
    assert tls.reason is not None
    assert "reset" in tls.reason


def test_a_handshake_that_trickles_ends_with_the_timeout() -> None:
    with RawServer(lambda peer: (peer.read(), peer.drip(server_hello(b"\x03\x03") * 9, 0.05))) as server:
        tls = tls_of(ask(server.port, timeout=QUICK))
    assert tls.outcome == "failed"
    assert tls.seconds is not None
    assert tls.seconds < 10 * QUICK


def test_an_endless_handshake_stops() -> None:
    def script(peer: Peer) -> None:
        peer.read()
        while True:
            peer.send(b"\x16\x03\x03\x40\x00" + b"\x0b\xff\xff\xff" + b"x" * 0x3FFC)

    with RawServer(script) as server:
        assert tls_of(ask(server.port, timeout=5)).outcome == "failed"


@pytest.mark.parametrize("host", ["a" * 70 + ".test", "..", "ab\x00c", "ünï.test"])
def test_a_name_that_cannot_be_asked_for(host: str) -> None:
    with RawServer(lambda peer: peer.silent()) as server:
        target = Target(address=HOST, port=server.port, host=host, scheme="https")
        seen = list(request_update(Context(timeout=QUICK), target, build_request(Phone(), NAME)))
    assert tls_of(seen).outcome in ("failed", "no_answer")


def test_a_file_of_roots_that_is_none(tmp_path: Path) -> None:
    nonsense = tmp_path / "roots.pem"
    nonsense.write_text("nonsense")
    with RawServer(answering, server_context(tmp_path, NAME)) as server:
        for path in (str(nonsense), str(tmp_path / "missing.pem"), str(tmp_path)):
            with pytest.raises(CannotTest, match="cannot be used") as caught:
                ask(server.port, path)
            assert caught.value.code == "ca-unusable"


# Over TLS, what HTTP does.


def test_cut_answers_over_tls(tmp_path: Path) -> None:
    def cut(peer: Peer) -> None:
        peer.answer(b"<half", length=99)

    with RawServer(cut, server_context(tmp_path, NAME)) as server:
        seen = ask(server.port, authority_file(tmp_path))
    assert isinstance(seen[-1], Http)
    assert (seen[-1].failure, seen[-1].status, seen[-1].answer_bytes) == ("closed", 200, 5)


def test_an_answer_that_ends_with_the_connection_over_tls(tmp_path: Path) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\n" + NONE)

    with RawServer(script, server_context(tmp_path, NAME)) as server:
        assert ask(server.port, authority_file(tmp_path))[-1].kind == "answer"


def test_silence_after_the_handshake(tmp_path: Path) -> None:
    with RawServer(lambda peer: peer.silent(), server_context(tmp_path, NAME)) as server:
        seen = ask(server.port, authority_file(tmp_path), timeout=1)
    assert isinstance(seen[-1], Http)
    assert seen[-1].failure == "no_answer"


def test_a_server_that_wants_a_certificate_of_ours(tmp_path: Path) -> None:
    context = server_context(tmp_path, NAME)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority_file(tmp_path))
    with RawServer(answering, context) as server:
        seen = ask(server.port, authority_file(tmp_path))
        # A reset may overtake the alert.
        if isinstance(seen[-1], Http):
            assert seen[-1].failure == "reset"
        else:
            refused = tls_of(seen)
            assert (refused.outcome, refused.alert, refused.alert_from) == ("alert", 116, "server")
            assert "asks for a client certificate" in (refused.reason or "")
            assert refused.client_certificate is False
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        refused = tls_of(ask(server.port, authority_file(tmp_path)))
        assert refused.outcome == "alert"
        assert "asks for a client certificate" in (refused.reason or "")
        assert refused.client_certificate is False


def test_a_server_that_may_do_without_a_certificate_of_ours(tmp_path: Path) -> None:
    context = server_context(tmp_path, NAME)
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_verify_locations(authority_file(tmp_path))
    for newest in (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2):
        context.maximum_version = newest
        with RawServer(answering, context) as server:
            seen = ask(server.port, authority_file(tmp_path))
        assert [handshake.outcome for handshake in seen if isinstance(handshake, Tls)] == ["complete"]
        assert seen[-1].kind == "answer"


def test_a_file_over_tls(tmp_path: Path) -> None:
    def nobody(name: str, purpose: str) -> Any:
        raise AssertionError

    with RawServer(lambda peer: peer.answer(b"\0" * 100_000), server_context(tmp_path, HOST)) as server:
        url = f"https://{HOST}:{server.port}/CPE/CPE.nbt"
        seen = list(fetch_file(Context(ca=authority_file(tmp_path)), url, nobody, named_by=HOST))
        refused = list(fetch_file(Context(), url, nobody, named_by=HOST))
    assert [fact.kind for fact in seen] == ["connect", "tls", "http", "transfer"]
    assert isinstance(seen[-1], Transfer)
    assert (seen[-1].outcome, seen[-1].received_bytes) == ("whole", 100_000)
    assert [fact.kind for fact in refused] == ["connect", "tls", "transfer"]
    assert isinstance(refused[-1], Transfer)
    assert refused[-1].outcome == "connect_failed"


# A real server of another make.


@contextmanager
def s_server(tmp_path: Path, *options: str) -> Iterator[int]:
    server_context(tmp_path, NAME)
    port = free_port()
    with subprocess.Popen(
        [
            need("openssl"),
            "s_server",
            "-accept",
            f"{HOST}:{port}",
            "-cert",
            str(tmp_path / "server.pem"),
            "-www",
            *options,
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        try:
            assert process.stdout is not None
            assert any(b"ACCEPT" in line for line in iter(process.stdout.readline, b""))
            yield port
        finally:
            process.terminate()


@pytest.mark.parametrize(
    ("option", "version"),
    [("-tls1", "TLS 1.0"), ("-tls1_1", "TLS 1.1"), ("-tls1_2", "TLS 1.2"), ("-tls1_3", "TLS 1.3")],
)
def test_openssl_with_one_version(tmp_path: Path, option: str, version: str) -> None:
    def resolve(name: str, purpose: str) -> Lookup:
        return Lookup(time=0, name=name, type="A", rcode="NOERROR", addresses=(HOST,), purpose=purpose)

    with s_server(tmp_path, option, "-cipher", "ALL:@SECLEVEL=0") as port:
        ctx = Context(timeout=PATIENT, ca=authority_file(tmp_path))
        seen = list(fetch_file(ctx, f"https://{NAME}:{port}/", resolve, named_by=HOST))
    assert [fact.kind for fact in seen] == ["lookup", "connect", "tls", "http", "transfer"]
    assert isinstance(seen[2], Tls)
    assert (seen[2].outcome, seen[2].version) == ("complete", version)
    assert isinstance(seen[3], Http)
    assert (seen[3].status, seen[3].complete, seen[3].html) == (200, True, True)
    assert isinstance(seen[4], Transfer)
    assert seen[4].outcome == "html"


# The pure parts, with arbitrary bytes.


def test_bytes_that_are_no_certificate() -> None:
    empty = read_certificates([b"", b"\x30\x00", b"nonsense"])
    assert [(certificate.subject, certificate.names) for certificate in empty] == [("", ())] * 3


@pytest.mark.parametrize("data", [b"", b"\x15", b"\x15\x03\x01\x00\x02", b"\x16\x03\x03\xff\xff" + b"x" * 10])
def test_records_that_break_off(data: bytes) -> None:
    assert fatal_alert(data) is None
    assert looks_like_tls(data)


# What has nothing newer than TLS 1.0, as by all reports such a phone.


def refused(
    script: Callable[[Peer], Any], context: ssl.SSLContext | None = None, timeout: float = PATIENT
) -> str | None:
    with RawServer(script, context) as server:
        return refuses_old(Context(timeout=timeout), HOST, server.port, NAME)


@pytest.mark.skipif(not ssl.HAS_TLSv1, reason="the library has no TLS 1.0")
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"\x15\x03\x01\x00\x02\x02\x46", "alert 70"),
        (b"\x15\x03\x01\x00\x02\x02\x28", "alert 40"),
        (b"", "it hung up"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", None),
    ],
)
def test_how_a_server_refuses_what_is_old(said: bytes, expected: str | None) -> None:
    def answer(peer: Peer) -> None:
        peer.read()
        peer.send(said)

    assert refused(answer) == expected


def test_what_tells_nothing_of_old_versions(tmp_path: Path) -> None:
    old = server_context(tmp_path, NAME)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    old.set_ciphers("ALL:@SECLEVEL=0")
    assert refused(answering, old) is None
    assert refused(lambda peer: peer.silent(), timeout=QUICK) is None
    assert refuses_old(Context(timeout=QUICK), HOST, free_port(), NAME) is None
    # It speaks TLS 1.0, and misses a certificate.
    old.verify_mode = ssl.CERT_REQUIRED
    old.load_verify_locations(authority_file(tmp_path))
    assert refused(answering, old) is None


class Pieces:
    """A stream on which these come, and then its end."""

    client, client_port = HOST, 50000

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)
        self.sent: list[bytes] = []

    def recv(self, size: int, until: float) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    def send(self, data: bytes, until: float) -> None:
        self.sent.append(data)

    def close(self) -> None:
        """Nothing is open."""


def test_while_a_record_is_not_whole_nothing_is_sent() -> None:
    stream = Pieces(b"\x16", b"\x03\x03")
    with pytest.raises(EOFError):
        TlsStream(stream, client_context(Context(), verify=False), NAME).handshake(0)
    assert stream.sent[0][:1] == b"\x16"
    assert b"" not in stream.sent
