"""What a server that is asked can make grow, beyond its bound: each bound was seen to fail a test without it."""

import socket
import ssl
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.probe.certificates import DAY, NOW, key, server_context
from tests.probe.raw_server import HOST, Peer, RawServer
from tests.traced_memory import peak
from ucdiag.model.observations import Lookup, Tls, Transfer, UpdateAnswer, UpdateFile
from ucdiag.model.phone import Phone
from ucdiag.probe import dns, tcp, tls, update_request
from ucdiag.probe.beside_path import BesidePath
from ucdiag.probe.certificates import read_certificates
from ucdiag.probe.dns import Resolver
from ucdiag.probe.path import _TlsVersionCheck
from ucdiag.probe.plan import Plan, ServerOptions
from ucdiag.probe.tcp import TcpStream
from ucdiag.probe.tls_stream import TlsStream, client_context
from ucdiag.probe.update_request import Target, fetch_file, request_update
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.update_service.request import build_request

NAME = "ucupdates-r2.example.test"
QUICK = 0.3
PATIENT = 15.0


def nobody(name: str, purpose: str) -> Lookup:
    raise AssertionError


def certificate(names: int, length: int) -> bytes:
    """One whose subject and each of its names are that long."""
    long = x509.Name([x509.NameAttribute(NameOID.DOMAIN_COMPONENT, "x" * length)])
    made = (
        x509.CertificateBuilder().subject_name(long).issuer_name(long).serial_number(1).public_key(key().public_key())
    )
    made = made.not_valid_before(NOW).not_valid_after(NOW + DAY)
    alternative = x509.SubjectAlternativeName([x509.DNSName(f"{number}." + "x" * length) for number in range(names)])
    return made.add_extension(alternative, critical=False).sign(key(), hashes.SHA256()).public_bytes(Encoding.DER)


def test_of_a_certificate_that_names_everybody_the_beginning_is_kept() -> None:
    (found,) = read_certificates([certificate(70, 2000)])
    assert (len(found.subject), len(found.issuer)) == (500, 500)
    assert [len(name) for name in found.names] == [500] * 50


def test_of_a_chain_without_end_the_first_certificates_are_read() -> None:
    assert len(read_certificates([b""] * 5000)) == 10


@pytest.mark.parametrize(
    "head",
    [b"Content-Length: 300000000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n11E1A300\r\n"],
    ids=["length", "chunk"],
)
def test_an_announcement_takes_no_memory(head: bytes) -> None:
    """The system gives what is asked for, and a server may announce anything."""
    with RawServer(lambda peer: (peer.request(), peer.send(b"HTTP/1.1 200 OK\r\n" + head + b"x"))) as server:
        url = f"http://{HOST}:{server.port}/x"
        list(fetch_file(Context(timeout=PATIENT), url, nobody, named_by=HOST))
        with peak(16 << 20):
            *_, found = fetch_file(Context(timeout=PATIENT), url, nobody, named_by=HOST)
    assert isinstance(found, Transfer)
    assert (found.outcome, found.received_bytes) == ("truncated", 1)


def test_of_what_is_sent_over_tls_the_first_flight_is_kept(tmp_path: Path) -> None:
    def reads(peer: Peer) -> None:
        while peer.read():
            pass

    with RawServer(reads, server_context(tmp_path, NAME)) as server:
        stream = TcpStream(socket.create_connection((HOST, server.port)))
        secured = TlsStream(stream, client_context(Context(), verify=False), NAME)
        try:
            secured.handshake(time.monotonic() + PATIENT)
            secured.send(bytes(1 << 20), time.monotonic() + PATIENT)
        finally:
            secured.close()
    assert len(secured.own_flight) == 1 << 16


def test_only_the_first_servers_are_asked_again_with_old_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer may name any number of hosts for its files."""
    asked: list[str] = []
    monkeypatch.setattr(tls, "can_try_old", lambda: True)
    monkeypatch.setattr(tls, "refuses_old", lambda ctx, address, port, host: asked.append(address))
    check = _TlsVersionCheck()
    for number in range(100):
        check.note_observation(Tls(time=0, server=f"192.0.2.{number}", port=443, outcome="complete", version="TLS 1.2"))
    assert list(check.retry_with_old(Context())) == []
    assert asked == [f"192.0.2.{number}" for number in range(8)]


def test_only_the_first_hosts_of_the_other_side_are_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who answers must not have this machine ask for, or connect to, whatever he lists."""

    def resolve(self: Resolver, name: str, purpose: str) -> Lookup:
        return Lookup(time=0, name=name, type="A", rcode="NXDOMAIN")

    monkeypatch.setattr(dns.Resolver, "resolve", resolve)
    context = Context(nameservers=((HOST, 53),))
    beside = BesidePath(context, Plan(phone=Phone(), domain="contoso.test", server=ServerOptions(port=80)))
    files = [UpdateFile(name="x", external_url=f"https://h{number}.example.test/x") for number in range(100)]
    beside.note_observation(UpdateAnswer(time=0, server="192.0.2.1", port=80, form="offered", files=tuple(files)))
    assert [fact.name for fact in beside.other_urls() if isinstance(fact, Lookup)] == [
        f"h{number}.example.test" for number in range(4)
    ]


def test_a_nameserver_that_is_none_is_named_by_its_beginning() -> None:
    found = Resolver(Context()).ask_nameserver(NAME, "A", ("x" * 5000, 53))
    assert found.failure == "unreachable"
    assert len(found.reason or "") < 100


def test_a_host_that_is_no_name_is_named_by_its_beginning() -> None:
    with RawServer(lambda peer: peer.silent()) as server:
        target = Target(address=HOST, port=server.port, host="." + "x" * 5000, scheme="https")
        *_, found = request_update(Context(timeout=QUICK), target, build_request(Phone(), NAME))
    assert isinstance(found, Tls)
    assert found.outcome == "failed"
    assert len(found.reason or "") < 300


# What is waited for.


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::7"])
@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 Yes\r\n" + b"x" * 300], ids=["nothing", "drops"])
def test_a_proxy_that_opens_no_tunnel_is_not_waited_for(address: str, answer: bytes) -> None:
    def drips(peer: Peer) -> None:
        peer.read()
        peer.drip(answer, 0.1)
        peer.silent()

    with RawServer(drips) as proxy:
        context = Context(timeout=QUICK, proxy=f"http://{HOST}:{proxy.port}")
        target = Target(address=address, port=443, host=NAME, scheme="https")
        began = time.monotonic()
        with pytest.raises(CannotTest, match="gives no way") as caught:
            list(request_update(context, target, build_request(Phone(), NAME)))
        took = time.monotonic() - began
    assert (caught.value.code, took < 10) == ("proxy-unusable", True)
    shown = f"[{address}]" if ":" in address else address
    assert proxy.received[0].startswith(f"CONNECT {shown}:443 HTTP/1.1\r\nHost: {shown}:443\r\n\r\n".encode())


def test_behind_a_tunnel_a_server_that_speaks_no_tls_is_not_waited_for() -> None:
    def opens(peer: Peer) -> None:
        peer.read()
        peer.send(b"HTTP/1.1 200 Yes\r\n\r\n")
        peer.silent()

    with RawServer(opens) as proxy:
        context = Context(timeout=QUICK, proxy=f"http://{HOST}:{proxy.port}")
        target = Target(address="192.0.2.7", port=443, host=NAME, scheme="https")
        began = time.monotonic()
        *_, found = request_update(context, target, build_request(Phone(), NAME))
        took = time.monotonic() - began
    assert isinstance(found, Tls)
    assert (found.outcome, found.stage, took < 10) == ("no_answer", "client_hello", True)


def test_what_is_looked_at_beside_a_handshake_is_not_waited_for(tmp_path: Path) -> None:
    """The server whose certificate is not trusted is asked for its chain over another connection."""
    context = server_context(tmp_path, NAME)
    shaken: list[bool] = []

    def once(peer: Peer) -> None:
        if shaken:
            peer.silent()
        shaken.append(True)
        peer.sock = context.wrap_socket(peer.sock, server_side=True)

    with RawServer(once) as server:
        target = Target(address=HOST, port=server.port, host=NAME, scheme="https")
        began = time.monotonic()
        *_, found = request_update(Context(timeout=1.0), target, build_request(Phone(), NAME))
        took = time.monotonic() - began
    assert isinstance(found, Tls)
    assert (found.outcome, found.chain, len(server.received), took < 10) == ("untrusted", (), 2, True)


@pytest.mark.skipif(not ssl.HAS_TLSv1, reason="the library has no TLS 1.0")
def test_who_says_nothing_to_an_old_hello_is_not_waited_for() -> None:
    with RawServer(lambda peer: peer.silent()) as server:
        began = time.monotonic()
        assert tls.refuses_old(Context(timeout=QUICK), HOST, server.port, NAME) is None
        assert time.monotonic() - began < 10


def test_only_the_first_addresses_of_a_proxy_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    found = [(2, 1, 6, "", (f"192.0.2.{number}", 3128)) for number in range(100)]

    def refused(address: str, port: int, *_: object) -> socket.socket:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(tcp, "connect_tcp", refused)
    with pytest.raises(CannotTest, match="refuses the connection"):
        tcp.open_stream(Context(proxy="http://proxy.test:3128"), "192.0.2.200", 80)
    assert tried == [f"192.0.2.{number}" for number in range(4)]


def test_only_the_first_addresses_of_a_file_s_host_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def refused(address: str, port: int, *_: object) -> socket.socket:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(tcp, "connect_tcp", refused)
    many = tuple(f"192.0.2.{number}" for number in range(1, 100))
    lookup = Lookup(time=0, name="files.test", type="A", rcode="NOERROR", addresses=many)
    list(fetch_file(Context(), "http://files.test/x", lambda name, purpose: lookup, named_by="192.0.2.200"))
    assert tried == [f"192.0.2.{number}" for number in range(1, 5)]


def test_of_a_file_without_end_so_much_is_read_and_nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(update_request, "DOWNLOAD_LIMIT", 16 << 20)

    def endless(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:  # until the client hangs up
            peer.send(bytes(1 << 16))

    with RawServer(endless) as server, peak(8 << 20):
        url = f"http://{HOST}:{server.port}/x"
        *_, found = fetch_file(Context(timeout=PATIENT), url, nobody, named_by=HOST, limit=None)
    assert isinstance(found, Transfer)
    assert found.received_bytes == 16 << 20


def test_a_nameserver_that_is_silent_again_and_again_is_asked_no_more() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind((HOST, 0))
        server = (HOST, silent.getsockname()[1])
        resolver = Resolver(Context(timeout=0.05, nameservers=(server,)))
        gave_up = []
        for number in range(dns._PATIENCE):
            gave_up.append(resolver.gave_up(server))
            assert resolver.ask_nameserver(f"{number}.test", "A", server).failure == "no_answer"
        assert (gave_up, resolver.gave_up(server)) == ([False] * dns._PATIENCE, True)


def test_a_name_of_no_message_is_named_by_its_beginning() -> None:
    with pytest.raises(ValueError, match="is no name that can be asked for") as caught:
        dns.reply_to("x" * 5000, "A", b"")
    assert len(str(caught.value)) < 400
