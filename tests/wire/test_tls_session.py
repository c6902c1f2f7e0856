"""The keys of one TLS session: what is known after each message, and why a session cannot be read."""

import hmac
import struct
import sys
import tracemalloc
from typing import Any

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from tests.wire.tls_sessions import EARLY, MAC_FIRST, RECORDED, UPDATED, secrets
from ucdiag.wire.tls.key_schedule import expand_label, prf
from ucdiag.wire.tls.records import HANDSHAKE_MOST
from ucdiag.wire.tls.secrets import TlsSecrets
from ucdiag.wire.tls.session import TlsSession

ALERT, HANDSHAKE, DATA, CHANGE = 21, 22, 23, 20
RANDOM = bytes(range(32))


def message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def client_hello(version: int = 0x0303, random: bytes = RANDOM, resumes: bytes = b"") -> bytes:
    return message(1, struct.pack(">H", version) + random + bytes([len(resumes)]) + resumes + b"\0\2\0\x2f\1\0")


def server_hello(suite: int = 0x002F, version: int = 0x0303, compression: int = 0, resumes: bytes = b"") -> bytes:
    said = struct.pack(">H", version) + bytes(32) + bytes([len(resumes)]) + resumes
    return message(2, said + struct.pack(">HB", suite, compression))


def hello_of_1_3() -> bytes:
    return message(2, b"\3\3" + bytes(32) + b"\0\x13\1\0\0\6\0\x2b\0\2\3\4")


def session(*messages: tuple[bool, bytes], keys: TlsSecrets | None = None) -> TlsSession:
    made = TlsSession(keys if keys is not None else TlsSecrets(), lambda up, kind, body: None)
    for up, content in messages:
        made.clear_content(up, HANDSHAKE, content)
    return made


def master_secret() -> TlsSecrets:
    keys = TlsSecrets()
    keys.add_line(f"CLIENT_RANDOM {RANDOM.hex()} {bytes(48).hex()}".encode())
    return keys


HELLO = (True, client_hello())


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (server_hello(), None),
        (server_hello(0x0008), "no library at hand knows its cipher suite (0x0008)"),
        (server_hello(compression=1), "it is compressed"),
        (server_hello(version=0x0300), "its version of the protocol is too old to be decrypted"),
        (server_hello(version=0x0301), None),
        (message(2, b"\3\3"), "its handshake cannot be read"),
        (hello_of_1_3(), "the keys at hand have no secret of this session"),
    ],
)
def test_why_a_session_cannot_be_read(answer: bytes, why: str | None) -> None:
    made = session(HELLO, (False, answer))
    assert made.why == why
    assert not made.readable
    made.clear_content(True, CHANGE, b"\1")
    assert made.why == (why or "the keys at hand have no secret of this session")


def test_a_hello_of_the_server_alone_says_nothing() -> None:
    made = session((False, server_hello(0x0008)))
    assert (made.why, made.is_1_3) == (None, False)
    assert session((True, server_hello(0x0008)), (False, client_hello())).why is None


def test_another_hello_begins_anew() -> None:
    made = session(HELLO, (False, hello_of_1_3()))
    assert made.is_1_3
    made.clear_content(True, HANDSHAKE, client_hello(random=bytes(32)))
    assert not made.is_1_3


def test_messages_in_pieces_and_together() -> None:
    whole = client_hello() + message(0, b"")
    made = session(*((True, whole[at : at + 3]) for at in range(0, len(whole), 3)), (False, server_hello(0x0008)))
    assert made.why == "no library at hand knows its cipher suite (0x0008)"


@pytest.mark.parametrize(("size", "read"), [(HANDSHAKE_MOST - 4, False), (HANDSHAKE_MOST - 3, True)])
def test_a_message_that_is_too_long_is_left_out(size: int, read: bool) -> None:
    """What follows it in other records is read."""
    made = session((True, bytes([9]) + size.to_bytes(3, "big")), HELLO, (False, server_hello(0x0008)))
    assert (made.why is not None) is read


def test_messages_for_the_hash_of_a_session_are_kept_up_to_a_bound() -> None:
    """A server may send certificate messages without end before its last one."""
    made = session(HELLO, (False, server_hello()))
    tracemalloc.start()
    for _ in range(40):
        made.clear_content(False, HANDSHAKE, message(22, bytes(100_000)))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 2 * HANDSHAKE_MOST


def test_before_anything_is_known_nothing_is() -> None:
    made = session()
    for up in (True, False):
        assert made.find_place(up, DATA, 0x0303, bytes(40)) is None
        assert not made.can_find_place(up)
        assert made.expansion(up) is None
        assert not made.is_inside(up)
        assert not made.can_go_on(up, HANDSHAKE)
    assert (made.readable, made.is_early, made.early, made.why) == (False, False, None, None)


@pytest.mark.parametrize("kind", [CHANGE, ALERT, HANDSHAKE, DATA])
def test_which_records_are_encrypted(kind: int) -> None:
    assert session(HELLO, (False, server_hello())).is_encrypted(True, kind) is (kind == DATA)
    keyed = session(HELLO, (False, server_hello()), keys=master_secret())
    keyed.clear_content(True, CHANGE, b"\1")
    assert keyed.is_encrypted(True, kind)
    assert keyed.is_encrypted(False, kind) is (kind == DATA)
    newer = session(HELLO, (False, hello_of_1_3()))
    newer.clear_content(True, CHANGE, b"\1")
    assert newer.is_encrypted(True, kind) is (kind == DATA)


def test_a_change_before_the_answer_is_one_of_tls_1_3() -> None:
    made = session(HELLO)
    made.clear_content(True, CHANGE, b"\1")
    assert made.why is None
    middle = session()
    middle.clear_content(True, CHANGE, b"\1")
    assert middle.why == "its handshake is not in the capture"
    unknown = session(HELLO, (False, server_hello()))
    unknown.clear_content(True, CHANGE, b"\1")
    assert unknown.why == "the keys at hand have no secret of this session"


def test_why_a_record_cannot_be_opened() -> None:
    middle = session()
    assert middle.open_record(True, DATA, 0x0303, bytes(40)) is None
    assert middle.why == "its handshake is not in the capture"
    keyed = session(HELLO, (False, server_hello()), keys=master_secret())
    keyed.clear_content(True, CHANGE, b"\1")
    assert keyed.open_record(False, DATA, 0x0303, bytes(48)) is None
    assert keyed.why == "its handshake is not in the capture"
    wrong = session(HELLO, (False, server_hello()), keys=master_secret())
    wrong.clear_content(True, CHANGE, b"\1")
    assert wrong.open_record(True, DATA, 0x0303, bytes(48)) is None
    assert wrong.why == "the secret at hand does not fit"


def test_without_the_library_that_is_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("cryptography")]:
        monkeypatch.setitem(sys.modules, name, None)
    made = session(HELLO, (False, server_hello()), keys=master_secret())
    made.clear_content(True, CHANGE, b"\1")
    assert made.why == "the package 'cryptography' cannot be loaded ('pip install cryptography')"
    newer = TlsSecrets()
    for label in ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET"):
        newer.add_line(f"{label} {RANDOM.hex()} {bytes(32).hex()}".encode())
    assert session(HELLO, (False, hello_of_1_3()), keys=newer).why == made.why


def test_a_library_without_the_cipher_is_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacks(key: bytes, tag: int) -> None:
        raise UnsupportedAlgorithm("no CCM")

    monkeypatch.setattr("cryptography.hazmat.primitives.ciphers.aead.AESCCM", lacks)
    made = session(HELLO, (False, server_hello(0xC09C)), keys=master_secret())
    made.clear_content(True, CHANGE, b"\1")
    assert made.why == "the installed 'cryptography' lacks its cipher"


# What a client asks to resume, a server resumes, and the key log knows; whether the keys are known then.
@pytest.mark.parametrize(
    ("asked", "resumed", "known", "is_known"),
    [
        (b"one", b"one", b"one", True),
        (b"one", b"one", b"two", False),
        (b"one", b"two", b"two", False),
        (b"", b"two", b"two", False),
    ],
)
def test_the_keys_of_a_session_that_is_resumed(asked: bytes, resumed: bytes, known: bytes, is_known: bool) -> None:
    keys = TlsSecrets()
    keys.remember_session(known, bytes(48))
    made = session((True, client_hello(resumes=asked)), (False, server_hello(resumes=resumed)), keys=keys)
    made.clear_content(True, CHANGE, b"\1")
    assert made.why == (None if is_known else "the keys at hand have no secret of this session")


@pytest.mark.parametrize("up", [True, False])
def test_behind_a_lost_part_of_what_the_server_sends_no_session_is_resumed(up: bool) -> None:
    """A key log may have the secret by the identifier that the server gives the session."""
    keys = TlsSecrets()
    keys.remember_session(b"two", bytes(48))
    made = session(HELLO, (False, server_hello(resumes=b"two")), keys=keys)
    assert made.can_go_on(up, HANDSHAKE)
    made.clear_content(True, CHANGE, b"\1")
    assert made.why == ("the keys at hand have no secret of this session" if up else None)


@pytest.mark.parametrize(
    ("up", "body", "remembered"),
    [
        (False, b"\0\0\0\1\0\6ticket", True),
        (False, b"\0\0\0\1\0\6ticket and more", True),
        (False, b"\0\0\0\1\0\5ticket", False),
        (True, b"\0\0\0\1\0\6ticket", False),
        (False, b"\0\0\0\1\0", False),
    ],
)
def test_a_ticket_is_another_name_of_the_session(up: bool, body: bytes, remembered: bool) -> None:
    keys = master_secret()
    session(HELLO, (False, server_hello()), (up, message(4, body)), keys=keys)
    assert keys.resumed_secret(b"ticket") == (bytes(48) if remembered else None)


@pytest.mark.parametrize(("up", "known"), [(True, True), (False, False)])
def test_a_certificate_of_the_server_shows_that_no_session_is_resumed(up: bool, known: bool) -> None:
    keys = TlsSecrets()
    keys.remember_session(b"ticket", bytes(48))
    asked = message(1, client_hello()[4:] + b"\0\x0a\0\x23\0\6ticket")
    made = session((True, asked), (False, server_hello()), (up, message(11, b"")), keys=keys)
    made.clear_content(True, CHANGE, b"\1")
    assert (made.why is None) is known


@pytest.mark.parametrize(("cipher", "size"), [(AESGCM, 16), (ChaCha20Poly1305, 32)])
def test_the_cipher_suite_of_early_data_is_the_one_that_fits(cipher: Any, size: int) -> None:
    """It is that of the session before, which the capture need not have."""
    keys = TlsSecrets()
    keys.add_line(f"CLIENT_EARLY_TRAFFIC_SECRET {RANDOM.hex()} {RANDOM.hex()}".encode())
    made = session((True, message(1, client_hello()[4:] + b"\0\4\0\x2a\0\0")), keys=keys)
    key, iv = expand_label("sha256", RANDOM, b"key", size), expand_label("sha256", RANDOM, b"iv", 12)
    plain = b"early" + bytes([DATA])
    head = bytes([DATA, 3, 3, 0, len(plain) + 16])
    assert made.open_record(True, DATA, 0x0303, cipher(key).encrypt(iv, plain, head)) == (DATA, b"early")


def test_for_a_ticket_of_tls_1_3_no_secret_is_looked_for() -> None:
    asked: list[int] = []
    made = session(HELLO, (False, hello_of_1_3()))
    made._secrets.refresh = lambda: asked.append(1)
    made.clear_content(False, HANDSHAKE, message(4, b"\0\0\0\1\0\6ticket"))
    assert not asked


@pytest.mark.parametrize(
    "said",
    [
        pytest.param((), id="nothing"),
        pytest.param((HELLO,), id="no answer"),
        pytest.param((HELLO, (False, server_hello(0x0008))), id="another cipher suite"),
    ],
)
def test_a_client_s_key_to_which_something_is_missing_makes_no_keys(said: tuple[tuple[bool, bytes], ...]) -> None:
    keys = TlsSecrets()
    keys.add_line(f"PMS_CLIENT_RANDOM {RANDOM.hex()} {bytes(48).hex()}".encode())
    made = session(*said, (True, message(16, bytes(34))), keys=keys)
    made.clear_content(True, CHANGE, b"\1")
    assert (made.readable, made.can_find_place(True)) == (False, False)


@pytest.mark.parametrize(
    ("suite", "version", "prf_digest", "digest", "size"),
    [
        (0x0002, 0x0301, None, "sha1", 20),
        (0x0002, 0x0303, "sha256", "sha1", 20),
        (0x003B, 0x0303, "sha256", "sha256", 32),
    ],
)
def test_a_pre_master_secret_without_an_extended_master_secret(
    suite: int, version: int, prf_digest: str | None, digest: str, size: int
) -> None:
    premaster, server_random = bytes(range(48)), bytes(32)
    keys = TlsSecrets()
    keys.add_line(f"PMS_CLIENT_RANDOM {RANDOM.hex()} {premaster.hex()}".encode())
    made = session(HELLO, (False, server_hello(suite, version)), (True, message(16, b"\0\2ab")), keys=keys)
    made.clear_content(True, CHANGE, b"\1")
    master = prf(prf_digest, premaster, b"master secret", RANDOM + server_random, 48)
    key = prf(prf_digest, master, b"key expansion", server_random + RANDOM, 2 * size)[:size]
    head = bytes(8) + struct.pack(">BHH", DATA, version, 5)
    assert made.open_record(True, DATA, version, b"hello" + hmac.digest(key, head + b"hello", digest)) == (
        DATA,
        b"hello",
    )
    # A KeyUpdate is one of TLS 1.3 alone.
    said = message(24, b"\0")
    for number in (1, 2):
        head = struct.pack(">QBHH", number, HANDSHAKE, version, len(said))
        assert made.open_record(True, HANDSHAKE, version, said + hmac.digest(key, head + said, digest)) == (
            HANDSHAKE,
            said,
        )


@pytest.mark.parametrize(
    ("up", "kind", "goes_on"), [(True, HANDSHAKE, True), (False, HANDSHAKE, True), (True, ALERT, False)]
)
def test_a_lost_part_of_the_handshake_in_clear_does_not_matter(up: bool, kind: int, goes_on: bool) -> None:
    made = session(HELLO, (False, server_hello()), keys=master_secret())
    assert made.can_go_on(up, kind) is goes_on
    made.clear_content(up, CHANGE, b"\1")
    assert not made.can_go_on(up, kind)


def test_of_a_session_that_cannot_be_read_nothing_goes_on() -> None:
    assert not session(HELLO, (False, server_hello(0x0008))).can_go_on(True, HANDSHAKE)


@pytest.mark.parametrize("short", [0, 1])
def test_a_hello_in_the_form_of_ssl_2_has_nine_bytes_at_least(short: int) -> None:
    made = TlsSession(master_secret(), lambda up, kind, body: None)
    made.ssl2_hello((b"\1\3\3\0\0\0\0\0\x20" + RANDOM)[: 41 if not short else 8])
    made.clear_content(False, HANDSHAKE, server_hello(0x0008))
    assert (made.why is None) is bool(short)


def records(what: str) -> list[tuple[bool, int, int, bytes]]:
    found = []
    for up, text in RECORDED[what]["flights"]:
        data = bytes.fromhex(text)
        while data:
            kind, version, size = struct.unpack(">BHH", data[:5])
            found.append((up, kind, version, data[5 : 5 + size]))
            data = data[5 + size :]
    return found


def opened(made: TlsSession, what: str) -> list[tuple[bool, int, bytes]]:
    found = []
    for up, kind, version, body in records(what):
        if made.is_encrypted(up, kind):
            content = made.open_record(up, kind, version, body)
            if content is not None:
                found.append((up, *content))
        else:
            made.clear_content(up, kind, body)
    return found


def test_records_with_their_contents() -> None:
    made = TlsSession(secrets(MAC_FIRST), lambda up, kind, body: None)
    found = opened(made, MAC_FIRST)
    said = [(up, content) for up, kind, content in found if kind == DATA and content]
    assert said == [
        (True, b"GET /file HTTP/1.0\r\n\r\n"),
        (False, b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello\n"),
    ]
    assert (made.readable, made.is_inside(True), made.is_inside(False)) == (True, True, True)


def test_a_record_that_comes_again_is_not_read_again() -> None:
    made = TlsSession(secrets(UPDATED), lambda up, kind, body: None)
    opened(made, UPDATED)
    again = [record for record in records(UPDATED) if record[1] == DATA]
    assert len(again) > 8
    assert [made.open_record(*record) for record in again] == [None] * len(again)


def test_encrypted_messages_are_handed_over() -> None:
    taken: list[tuple[bool, int]] = []
    made = TlsSession(secrets(UPDATED), lambda up, kind, body: taken.append((up, kind)))
    opened(made, UPDATED)
    # Extensions, certificate, its proof, both Finished, two tickets, and the updates of keys.
    assert taken[:5] == [(False, 8), (False, 11), (False, 15), (False, 20), (True, 20)]
    assert taken.count((False, 4)) == 2
    assert taken.count((True, 24)) == taken.count((False, 24)) == 2


def test_an_update_of_keys_in_clear_is_none() -> None:
    made = TlsSession(secrets(UPDATED), lambda up, kind, body: None)
    for up, kind, version, body in records(UPDATED):
        if made.is_encrypted(up, kind):
            assert made.open_record(up, kind, version, body) is not None
            made.clear_content(up, HANDSHAKE, message(24, b"\0"))
        else:
            made.clear_content(up, kind, body)
    assert (made.readable, made.why) == (True, None)


def test_another_answer_whose_cipher_suite_is_not_known_makes_no_other_keys() -> None:
    made = TlsSession(secrets(UPDATED), lambda up, kind, body: None)
    said = records(UPDATED)
    for up, kind, version, body in said:
        if made.is_encrypted(up, kind):
            assert made.open_record(up, kind, version, body) is not None
            break
        made.clear_content(up, kind, body)
    made.clear_content(False, HANDSHAKE, server_hello(0x0008))
    assert made.why == (why := "no library at hand knows its cipher suite (0x0008)")
    assert made.open_record(False, DATA, 0x0303, bytes(40)) is None
    assert made.why == why


@pytest.mark.parametrize(
    ("extensions", "taken"),
    [
        (b"", False),
        (b"\0", False),
        (b"\0\0", False),
        (b"\0\4\0\x2a\0\0", True),
        (b"\0\2\0\x2a", False),
        (b"\0\4\0\x2b\0\0", False),
        (b"\0\4\1\x2a\0\0", False),
        (b"\0\x0a\0\x10\0\2ab\0\x2a\0\0", True),
        (b"\0\6\0\x10\0\2ab\0\x2a\0\0", False),
        (b"\0\x0c\0\x10\0\x08\0\x2a\0\0\0\x2a\0\0", False),
        (b"\1\x0a\0\x10\1\2" + bytes(258) + b"\0\x2a\0\0", True),
        (b"\1\0\0\x2a\0\0", True),
    ],
)
def test_how_a_server_says_that_it_takes_early_data(extensions: bytes, taken: bool) -> None:
    said = (False, message(8, extensions))
    assert session(HELLO, (False, hello_of_1_3()), said).early is taken
    assert session(HELLO, (False, server_hello()), said).early is None
    assert session(HELLO, (False, hello_of_1_3()), (True, said[1])).early is None


def test_whether_early_data_was_taken() -> None:
    made = TlsSession(secrets(EARLY), lambda up, kind, body: None)
    states = []
    for up, kind, version, body in records(EARLY):
        if made.is_encrypted(up, kind):
            made.open_record(up, kind, version, body)
        else:
            made.clear_content(up, kind, body)
        states.append((made.is_early, made.early))
    assert states[0] == (True, None)
    assert states[-1] == (False, True)
    assert (made.readable, made.why) == (True, None)
