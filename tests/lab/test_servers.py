"""The lab's servers do what their scenario says, asked with other clients than ucdiag's own."""

import base64
import gzip
import re
import socket
import ssl
import tracemalloc
import warnings
from dataclasses import replace

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest
import requests

from ucdiag.lab.phone import request_body
from ucdiag.lab.scenario import (
    POOL,
    R2_NAME,
    Answer,
    Check,
    Nameserver,
    Reply,
    Rule,
    Scenario,
    Site,
    Store,
    TlsSetting,
    Update,
    Web,
)
from ucdiag.lab.scenarios.base import WHOLE, site
from ucdiag.lab.site import RunningSite, start_site
from ucdiag.lab.store import file_content
from ucdiag.lab.update_service import read_request
from ucdiag.model.phone import Phone

INTERNAL, EXTERNAL = "/RequestHandler/ucdevice.upx", "/RequestHandlerExt/ucdevice.upx"
OLD = Phone(firmware="1.0.522.101")
FILE = "/DeviceUpdateFiles_Int/UCPhone/Polycom/CX700/A/ENU/3.5.6907.35/CPE/CPE.nbt"


def running(data: Site) -> RunningSite:
    return start_site(Scenario(name="test", title="", summary="", site=data, check=Check(), expect=WHOLE))


def serving(update: Update | None = None, store: Store | None = None) -> RunningSite:
    return running(site(update=update, store=store))


def url(up: RunningSite, path: str = INTERNAL, port: int = 80) -> str:
    host, real = up.connect_to[POOL, port]
    return f"http://{host}:{real}{path}"


def post(up: RunningSite, phone: Phone = OLD, path: str = INTERNAL, **more) -> requests.Response:
    session = requests.Session()
    session.trust_env = False
    with session:
        return session.post(url(up, path), data=request_body(phone), timeout=10, allow_redirects=False, **more)


def get(up: RunningSite, path: str) -> requests.Response:
    session = requests.Session()
    session.trust_env = False
    with session:
        return session.get(url(up, path), timeout=10)


def raw(up: RunningSite, data: bytes, wait: float = 5) -> bytes:
    """All that comes until the server closes, or nothing more comes."""
    found = b""
    with socket.create_connection(up.connect_to[POOL, 80], 5) as sock:
        sock.settimeout(wait)
        sock.sendall(data)
        try:
            while some := sock.recv(65536):
                found += some
        except TimeoutError:
            found += b"<silence>"
        except ConnectionResetError:
            found += b"<reset>"
    return found


POST = b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (
    len(request_body(OLD)),
    request_body(OLD),
)


@pytest.mark.parametrize(("line", "waits"), [(65_000, True), (66_000, False)])
def test_a_chunk_s_line_that_does_not_end_is_given_up(line: int, waits: bool) -> None:
    head = b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    with serving() as up:
        assert (raw(up, head + b"1;" + b"x" * line, wait=0.1) == b"<silence>") is waits


def test_a_bomb_in_a_request_is_not_unpacked_whole() -> None:
    """Whoever is on this machine may ask a lab that serves."""
    size = 16 << 20
    packed = gzip.compress(bytes(size), mtime=0)
    head = b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nConnection: close\r\nContent-Encoding: gzip\r\n"
    head += b"Content-Length: %d\r\n\r\n"
    with serving() as up:
        tracemalloc.start()
        try:
            assert raw(up, head % len(packed) + packed, wait=60).startswith(b"HTTP/1.1 ")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        (request,) = up.requests
    assert len(request.body) == 1 << 20
    assert peak < size // 4


# -- DNS


def ask(data: Nameserver, name: str, type: str = "A", tcp: bool = False, timeout: float = 5) -> dns.message.Message:
    with running(site(nameservers=(data,))) as up:
        host, port = up.nameservers[0]
        send = dns.query.tcp if tcp else dns.query.udp
        return send(dns.message.make_query(name, type), host, port=port, timeout=timeout)


NAMES = {
    "a.test": Answer(addresses=("192.0.2.1", "2001:db8::1"), ttl=7),
    "alias.test": Answer(alias="a.test"),
    "lost.test": Answer(alias="gone.test"),
    "loop.test": Answer(alias="loop2.test"),
    "loop2.test": Answer(alias="loop.test"),
    "_ntp._udp.test": Answer(records=("SRV 0 0 123 a.test.",)),
    "fail.test": Answer(rcode="SERVFAIL"),
    "cut.test": Answer(addresses=("192.0.2.2",), truncated=True),
    "big.test": Answer(addresses=tuple(f"192.0.2.{at}" for at in range(1, 101))),
    "*.wild.test": Answer(addresses=("192.0.2.3",)),
    "own.wild.test": Answer(addresses=("192.0.2.4",)),
}


def told(message: dns.message.Message) -> tuple[str, list[str]]:
    return dns.rcode.to_text(message.rcode()), [rdata.to_text() for rrset in message.answer for rdata in rrset]


@pytest.mark.parametrize(
    ("name", "type", "rcode", "answers"),
    [
        ("a.test", "A", "NOERROR", ["192.0.2.1"]),
        ("A.TEST", "A", "NOERROR", ["192.0.2.1"]),
        ("a.test", "AAAA", "NOERROR", ["2001:db8::1"]),
        ("a.test", "SRV", "NOERROR", []),
        ("alias.test", "A", "NOERROR", ["a.test.", "192.0.2.1"]),
        ("alias.test", "CNAME", "NOERROR", ["a.test."]),
        ("lost.test", "A", "NXDOMAIN", ["gone.test."]),
        ("_ntp._udp.test", "SRV", "NOERROR", ["0 0 123 a.test."]),
        ("fail.test", "A", "SERVFAIL", []),
        ("none.test", "A", "NXDOMAIN", []),
        ("x.wild.test", "A", "NOERROR", ["192.0.2.3"]),
        ("x.y.wild.test", "A", "NOERROR", ["192.0.2.3"]),
        ("own.wild.test", "A", "NOERROR", ["192.0.2.4"]),
        ("wild.test", "A", "NXDOMAIN", []),
    ],
)
def test_dns_answers(name: str, type: str, rcode: str, answers: list[str]) -> None:
    assert told(ask(Nameserver(names=NAMES), name, type)) == (rcode, answers)
    assert told(ask(Nameserver(names=NAMES), name, type, tcp=True)) == (rcode, answers)


def test_dns_loops_end() -> None:
    rcode, answers = told(ask(Nameserver(names=NAMES), "loop.test"))
    assert rcode == "NOERROR"
    assert 2 <= len(answers) <= 40


def test_dns_truncation_by_wish_and_by_size() -> None:
    for name, count in (("cut.test", 1), ("big.test", 100)):
        short = ask(Nameserver(names=NAMES), name)
        assert short.flags & dns.flags.TC
        assert short.answer == []
        assert len(told(ask(Nameserver(names=NAMES), name, tcp=True))[1]) == count


def test_dns_silence_over_both_transports() -> None:
    silent = Nameserver(otherwise=Answer(silent=True))
    for tcp in (False, True):
        with pytest.raises((dns.exception.Timeout, OSError)):
            ask(silent, "a.test", tcp=tcp, timeout=0.2)


def test_dns_survives_garbage() -> None:
    with running(site()) as up, socket.socket(type=socket.SOCK_DGRAM) as sock:
        for garbage in (b"", b"\x00", b"\xff" * 600, b"\x00" * 12):
            sock.sendto(garbage, up.nameservers[0])
        host, port = up.nameservers[0]
        found = dns.query.udp(dns.message.make_query(R2_NAME, "A"), host, port=port, timeout=5)
    assert told(found) == ("NOERROR", [POOL])


# -- the update service


def test_an_offer_names_the_documented_folder() -> None:
    with serving() as up:
        answer = post(up)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/xml")
        found = re.search(r"<BaseURL>([^<]*)</BaseURL>", answer.text)
    assert found is not None
    assert found.group(1) == (
        "http://pool01.contoso.example/DeviceUpdateFiles_Int/UCPhone/Polycom/CX700/A/ENU/3.5.6907.35/CPE"
    )
    assert "<ExternalBaseURL>https://ocsrp.contoso.example/DeviceUpdateFiles_Ext/" in answer.text


PENDING = Update(
    rules=(Rule(approved="3.5.6907.0", pending="3.5.6907.35"),), test_devices=("00-04-F2-00-00-01", "AB37_679e")
)


@pytest.mark.parametrize(
    ("phone", "version"),
    [
        (Phone(mac="00:04:f2:00:00:01", serial="x"), "3.5.6907.35"),
        (Phone(mac="00:04:f2:00:00:02", serial="ab37_679E"), "3.5.6907.35"),
        (Phone(mac="00:04:f2:00:00:02", serial="AB37"), "3.5.6907.0"),
        (Phone(mac="00:04:f2:00:00:02", serial="x", model="cx700"), "3.5.6907.0"),
        (Phone(mac="00:04:f2:00:00:01", serial="x", model="CX600"), None),
        (Phone(mac="00:04:f2:00:00:01", serial="x", locale="DEU"), None),
        (Phone(mac="00:04:f2:00:00:01", serial="x", firmware="3.5.6907.35"), None),
        (Phone(mac="00:04:f2:00:00:01", serial="x", firmware="4.0.7577.0"), None),
        (Phone(mac="00:04:f2:00:00:02", serial="x", firmware="3.5.6907.0"), None),
    ],
)
def test_who_is_served_what(phone: Phone, version: str | None) -> None:
    with serving(PENDING) as up:
        text = post(up, phone).text
    if version is None:
        assert 'downloads="0"' in text
        assert "BaseURL" not in text
    else:
        assert 'downloads="1"' in text
        assert f"/{version}/CPE" in text


def test_an_empty_approved_version_is_not_approved() -> None:
    with serving(Update(rules=(Rule(approved=""),))) as up:
        assert 'downloads="0"' in post(up).text


@pytest.mark.parametrize(
    ("update", "there", "absent"),
    [
        (Update(shape="element"), "<downloads>1</downloads>", 'downloads="'),
        (Update(shape="counted"), "<NumOfFiles>1</NumOfFiles>", "BaseURL"),
        (Update(namespace="urn:x"), "<u:BaseURL>", "<BaseURL>"),
        (Update(internal_store=""), "<BaseURL></BaseURL>", "_Int"),
        (Update(external_store=None), "<BaseURL>http", "ExternalBaseURL"),
    ],
)
def test_shapes_of_an_offer(update: Update, there: str, absent: str) -> None:
    with serving(update) as up:
        text = post(up).text
    assert there in text
    assert absent not in text


def test_the_audit_log_has_the_documented_columns() -> None:
    with serving() as up:
        assert up.audit_log is not None
        assert re.fullmatch(r"RequestHandlerAuditLog_\w+_\d{8}\.log", up.audit_log.name)
        assert up.audit_log.parts[-5:-1] == ("Logs", "Server", "Audit", "imageUpdates")
        post(up)
        post(up, replace(OLD, firmware="4.0.7577.4387", serial="S-2"))
        post(up, replace(OLD, serial="a,b;c#d"))
        header, *rows = [line.split(",") for line in up.audit_log.read_text().splitlines()]
    assert (header[:4], len(header)) == (["Logging DateTime", "User Host Address", "Device Type", "Mac Address"], 12)
    assert [len(row) for row in rows] == [12, 12, 12]
    first, current, _ = rows
    assert first[1:9] == ["127.0.0.1", "UCPhone", "0004F2000001", "UCDIAG-0001", "Polycom", "CX700", "A", "ENU"]
    assert first[9].split(";")[:2] == ["CPE.nbt", "1.0.522.101"]
    assert first[10].split(";")[:3] == ["CPE.nbt", "CPE.cat", "3.5.6907.35"]
    assert current[4] == "S-2"
    assert current[10] == ""


@pytest.mark.parametrize(
    "body",
    [
        b'<r><Device MACAddress="00-04-F2-00-00-01" SerialNumber="s" Model="CX700"/></r>',
        b"<R xmlns='urn:x'><MacAddress>00-04-F2-00-00-01</MacAddress><serial>s</serial><model>CX700</model></R>",
        b"<d:r xmlns:d='u'><d:mac-address>00-04-F2-00-00-01</d:mac-address>"
        b"<d:Serial.No>s</d:Serial.No><d:Model>CX700</d:Model></d:r>",
    ],
)
def test_requests_are_read_in_many_spellings(body: bytes) -> None:
    found = read_request(body)
    assert found is not None
    assert (found["mac"], found["serial"], found["model"]) == ("00-04-F2-00-00-01", "s", "CX700")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"<r/>",
        b"<r><mac>1</mac>",
        b'<!DOCTYPE a [<!ENTITY b "b">]><a><mac>&b;</mac></a>',
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a><mac>&b;</mac></a>',
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="nonsense"?><a><mac>1</mac></a>',
    ],
)
def test_requests_that_are_none(body: bytes) -> None:
    assert read_request(body) is None
    with serving() as up:
        session = requests.Session()
        session.trust_env = False
        with session:
            assert session.post(url(up), data=body, timeout=10).status_code == 400
        assert up.audit_log is not None
        assert not up.audit_log.exists()


def test_the_outside_path_wants_ntlm_in_three_steps() -> None:
    def token(kind: int) -> dict[str, str]:
        return {"Authorization": "NTLM " + base64.b64encode(b"NTLMSSP\x00" + bytes([kind]) + bytes(40)).decode()}

    with serving() as up:
        first = post(up, path=EXTERNAL)
        assert first.status_code == 401
        assert "NTLM" in first.headers["WWW-Authenticate"]
        second = post(up, path=EXTERNAL, headers=token(1))
        assert second.status_code == 401
        challenge = base64.b64decode(second.headers["WWW-Authenticate"].removeprefix("NTLM "))
        assert challenge[:12] == b"NTLMSSP\x00\x02\x00\x00\x00"
        assert post(up, path=EXTERNAL, headers=token(3)).status_code == 200
        assert post(up, path=EXTERNAL, headers={"Authorization": "NTLM !!"}).status_code == 401


def test_other_paths_and_methods() -> None:
    with serving() as up:
        assert get(up, INTERNAL).status_code == 405
        assert get(up, "/").status_code == 404
        assert get(up, "/requesthandler/UCDEVICE.upx").status_code == 405


# -- faults


@pytest.mark.parametrize(
    ("reply", "begins", "ends"),
    [
        (Reply(how="silent"), b"<silence>", b"<silence>"),
        (Reply(how="close"), b"", b""),
        (Reply(how="reset"), b"<reset>", b"<reset>"),
        (Reply(how="stall"), b"HTTP/1.1 200", b"<silence>"),
        (Reply(how="garbage"), b"\x00\x05", b"\x80"),
        (Reply(status=503), b"HTTP/1.1 503 Service Unavailable", b"\r\n\r\n"),
        (Reply(status=302, headers=(("Location", "/x"),)), b"HTTP/1.1 302 Found\r\nLocation: /x", b"\r\n\r\n"),
        (Reply(status=799), b"HTTP/1.1 799 ", b"\r\n\r\n"),
    ],
    ids=["silent", "close", "reset", "stall", "garbage", "503", "302", "799"],
)
def test_faults(reply: Reply, begins: bytes, ends: bytes) -> None:
    with serving(Update(reply=reply)) as up:
        found = raw(up, POST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1), wait=0.4)
    assert found.startswith(begins)
    assert found.endswith(ends)
    if not begins:
        assert found == b""


def test_a_cut_answer_is_shorter_than_announced() -> None:
    with serving(Update(reply=Reply(how="cut"))) as up:
        head, _, body = raw(up, POST).partition(b"\r\n\r\n")
    announced = re.search(rb"Content-Length: (\d+)", head)
    assert announced is not None
    assert 0 < len(body) < int(announced.group(1))


def test_a_trickle_is_slow_and_right() -> None:
    with serving(Update(reply=Reply(how="trickle"))) as up:
        found = b""
        with socket.create_connection(up.connect_to[POOL, 80], 5) as sock:
            sock.sendall(POST)
            while len(found) < 5:
                some = sock.recv(65536)
                assert 0 < len(some) <= 5
                found += some
    assert found.startswith(b"HTTP/")


def test_an_endless_answer_goes_on() -> None:
    with (
        serving(Update(reply=Reply(how="endless"))) as up,
        socket.create_connection(up.connect_to[POOL, 80], 5) as sock,
    ):
        sock.sendall(POST)
        count = 0
        while count < 5_000_000:
            some = sock.recv(1 << 20)
            assert some
            count += len(some)


def test_chunked_and_compressed() -> None:
    with serving(Update(reply=Reply(chunked=True, gzip=True))) as up:
        answer = post(up)
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "<BaseURL>" in answer.text


def test_a_fault_that_passes() -> None:
    with serving(Update(reply=Reply(status=503, times=2))) as up:
        assert [post(up).status_code for _ in range(4)] == [503, 503, 200, 200]


def test_keep_alive_pipelining_and_chunked_requests() -> None:
    body = request_body(OLD)
    chunked = (
        b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n"
        % (
            len(body),
            body,
        )
    )
    packed = gzip.compress(body)
    zipped = b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (
        len(packed),
        packed,
    )
    waiting = POST.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n", 1)
    with serving() as up:
        found = raw(up, POST + chunked + zipped + waiting)
        assert len(up.requests) == 4
    assert found.count(b"HTTP/1.1 200") == 4
    assert found.count(b"HTTP/1.1 100") == 1
    assert found.count(b"<BaseURL>") == 4


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x00\xff" * 100 + b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n",
        b"A" * 70_000,
    ],
)
def test_what_is_no_request_is_hung_up_on(data: bytes) -> None:
    with serving() as up:
        assert raw(up, data) in (b"", b"<reset>")
        assert post(up).status_code == 200


# -- files


def test_the_file_has_known_bytes() -> None:
    with serving(store=Store(size=12_345)) as up:
        found = get(up, FILE)
    assert found.status_code == 200
    assert len(found.content) == 12_345
    assert found.content == file_content("/UCPhone/Polycom/CX700/A/ENU/3.5.6907.35/CPE/CPE.nbt", 12_345)
    assert file_content("/a", 50) != file_content("/b", 50)


@pytest.mark.parametrize("path", [FILE.replace("CX700", "CX600"), FILE.replace(".35", ".36"), FILE + "x", "/CPE.nbt"])
def test_other_files_are_not_there(path: str) -> None:
    with serving() as up:
        assert get(up, path).status_code == 404


def test_files_and_faults() -> None:
    with serving(store=Store(reply=Reply(status=403))) as up:
        assert get(up, FILE).status_code == 403
        assert post(up).status_code == 200
    with serving(store=Store(size=0)) as up:
        assert get(up, FILE).content == b""
    with serving(store=Store(size=1000, reply=Reply(how="cut"))) as up:
        head, _, body = raw(up, b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % FILE.encode()).partition(b"\r\n\r\n")
    assert b"Content-Length: 1000" in head
    assert 0 < len(body) < 1000


# -- TLS


def handshake(tls: TlsSetting, name: str = R2_NAME, timeout: float = 5) -> None:
    with running(site(ports={443: Web(tls=tls)})) as up:
        context = ssl.create_default_context(cafile=up.ca_file)
        context.verify_flags |= ssl.VERIFY_X509_STRICT  # the default from Python 3.13 on
        with (
            socket.create_connection(up.connect_to[POOL, 443], timeout) as sock,
            context.wrap_socket(sock, server_hostname=name) as secured,
        ):
            secured.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
            assert secured.recv(100).startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize("certificate", ["trusted", "sha2"])
def test_good_certificates(certificate: str) -> None:
    handshake(TlsSetting(certificate=certificate))
    handshake(TlsSetting(certificate=certificate), "pool01.contoso.example")


@pytest.mark.parametrize(
    ("certificate", "says"),
    [
        ("untrusted", "self.signed"),
        ("wrong_name", "mismatch"),
        ("expired", "expired"),
        ("not_yet_valid", "not yet valid"),
    ],
)
def test_bad_certificates(certificate: str, says: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=says):
        handshake(TlsSetting(certificate=certificate))


@pytest.mark.parametrize(
    ("fault", "says"), [(70, "PROTOCOL_VERSION"), (40, "HANDSHAKE_FAILURE"), ("garbage", "WRONG_VERSION")]
)
def test_handshakes_that_fail(fault: str | int, says: str) -> None:
    with pytest.raises(ssl.SSLError, match=f"(?i){says}"):
        handshake(TlsSetting(fault=fault))


def test_handshakes_that_hang_or_end() -> None:
    with pytest.raises(TimeoutError):
        handshake(TlsSetting(fault="silent"), timeout=0.3)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        handshake(TlsSetting(fault="close"))


def test_signatures_are_what_they_say() -> None:
    from cryptography import x509

    for certificate, algorithm in (("trusted", "sha1"), ("sha2", "sha256")):
        with running(site(ports={443: Web(tls=TlsSetting(certificate=certificate))})) as up:
            pem = ssl.get_server_certificate(up.connect_to[POOL, 443])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = x509.load_pem_x509_certificate(pem.encode()).signature_hash_algorithm
        assert found is not None
        assert found.name == algorithm


def test_a_reset_client_leaves_the_server_up() -> None:
    with serving() as up:
        for _ in range(5):
            sock = socket.create_connection(up.connect_to[POOL, 80], 5)
            sock.sendall(POST)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            sock.close()
        assert post(up).status_code == 200
