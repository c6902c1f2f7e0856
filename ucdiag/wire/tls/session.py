"""Reads the records of one TLS connection with the secrets that are at hand.

What decides the keys is learnt from the handshake itself, in clear or decrypted: both randoms, version, cipher suite,
whether a session is resumed. ``readable`` says whether application data of both directions can be read from here on,
``why`` why not.
"""

import hashlib
from collections.abc import Callable

from ucdiag.wire.errors import DecodeError
from ucdiag.wire.tls.ciphers import RecordCipher, cipher_1_3, ciphers_1_2, next_secret
from ucdiag.wire.tls.first_bytes import APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE
from ucdiag.wire.tls.handshake import (
    CERTIFICATE,
    CLIENT_HELLO,
    SERVER_HELLO,
    HelloKeys,
    is_tls_1_3,
    read_hello_keys,
)
from ucdiag.wire.tls.key_schedule import prf
from ucdiag.wire.tls.records import HANDSHAKE_MOST
from ucdiag.wire.tls.secrets import EARLY, HANDSHAKE_LABELS, TRAFFIC_LABELS, TlsSecrets
from ucdiag.wire.tls.suites import SUITES, Suite

_NEW_TICKET, _ENCRYPTED_EXTENSIONS, _HELLO_DONE, _CLIENT_KEY, _FINISHED, _KEY_UPDATE = 4, 8, 14, 16, 20, 24
_EARLY_DATA = 42
_EARLY_PHASE, _HANDSHAKE_PHASE, _TRAFFIC_PHASE = range(3)
_TLS_1_0, _TLS_1_2 = 0x0301, 0x0303
# How many records may be missing where the number of the next one is looked for.
LOST_MOST = 1024
_TRIES_MOST = 64 * LOST_MOST

NO_SECRET = "the keys at hand have no secret of this session"
WRONG_SECRET = "the secret at hand does not fit"
MIDDLE = "its handshake is not in the capture"
LOST = "packets of it are not in the capture"
CUT = "the capture's snap length cut its packets (capture again with: tcpdump -s 0)"


class _Half:
    """One direction. ``ciphers`` of TLS 1.3 come one after the other: early data, handshake, application data."""

    __slots__ = ("cipher", "following", "handshake", "opened", "phase", "secret", "sequence")

    def __init__(self) -> None:
        self.cipher: RecordCipher | None = None
        # Of TLS 1.3: what may come next, a phase, its cipher, and the secret that this was made of.
        self.following: list[tuple[int, RecordCipher, bytes]] = []
        self.phase = 0
        self.secret = b""
        self.sequence = 0
        # Whether a record was opened.
        self.opened = False
        # The beginning of a handshake message.
        self.handshake = bytearray()


class TlsSession:
    """One connection. ``on_message`` gets handshake messages that were encrypted: direction, type, content."""

    def __init__(self, secrets: TlsSecrets, on_message: Callable[[bool, int, bytes], None]) -> None:
        self._secrets = secrets
        self._on_message = on_message
        self._up, self._down = _Half(), _Half()
        self._client: HelloKeys | None = None
        self._server: HelloKeys | None = None
        self._suite: Suite | None = None
        self._is_full = False  # whether the server sent what a resumed session has no need of
        self._transcript = bytearray()
        self._pending: tuple[RecordCipher, RecordCipher] | None = None
        self._premaster: bytes | None = None
        self.why: str | None = None
        # Whether early data was taken by the server; ``None`` before that is known.
        self.early: bool | None = None
        self._unread_early = False
        self._tries = 0

    @property
    def is_1_3(self) -> bool:
        return self._server is not None and is_tls_1_3(self._server.version)

    @property
    def readable(self) -> bool:
        """Whether what follows in both directions can be read."""
        if self.why is not None:
            return False
        if self.is_1_3:
            return self._up.opened and self._down.opened
        # Keys of both directions are made of one secret.
        return self._up.opened or self._down.opened

    def is_encrypted(self, up: bool, kind: int) -> bool:
        """Whether a record of that type that comes now is encrypted."""
        if self.is_1_3:
            return kind == APPLICATION_DATA
        half = self._half(up)
        return half.cipher is not None or kind == APPLICATION_DATA

    def _half(self, up: bool) -> _Half:
        return self._up if up else self._down

    # What is in clear.

    def clear_content(self, up: bool, kind: int, content: bytes) -> None:
        """The content of a record in clear."""
        if kind == HANDSHAKE:
            self._take_messages(up, content, encrypted=False)
        elif kind == CHANGE_CIPHER_SPEC and not (self.is_1_3 or self._awaits_server):
            self._change_cipher(up)

    @property
    def _awaits_server(self) -> bool:
        """Whether the client spoke and no version is chosen yet: then ChangeCipherSpec is one of TLS 1.3, without
        meaning (RFC 8446, appendix D.4)."""
        return self._client is not None and self._server is None

    def ssl2_hello(self, body: bytes) -> None:
        """A ClientHello in the form of SSL 2 (RFC 5246, section E.2)."""
        if len(body) < 9:
            return
        suites, session = body[3] << 8 | body[4], body[5] << 8 | body[6]
        challenge = body[9 + suites + session :][: body[7] << 8 | body[8]]
        self._take_hello(True, HelloKeys(version=body[1] << 8 | body[2], random=challenge[-32:].rjust(32, b"\0")))
        self._transcript += body

    def _take_messages(self, up: bool, content: bytes, *, encrypted: bool) -> None:
        half = self._half(up)
        handshake = half.handshake
        handshake += content
        while len(handshake) >= 4:
            size = 4 + int.from_bytes(handshake[1:4], "big")
            if size > HANDSHAKE_MOST:
                handshake.clear()
                return
            if len(handshake) < size:
                return
            message = bytes(handshake[:size])
            del handshake[:size]
            self._take_message(up, message[0], message[4:], encrypted=encrypted)
            if not self.is_1_3:
                self._note_message(message)

    def _note_message(self, message: bytes) -> None:
        """Keeps a message for the hash of the session, which an extended master secret is made of."""
        if message[0] == CLIENT_HELLO:
            self._transcript.clear()
        if len(self._transcript) + len(message) <= HANDSHAKE_MOST:
            self._transcript += message
        if message[0] == _CLIENT_KEY:
            self._take_client_key(message[4:])
            self._transcript.clear()

    def _take_message(self, up: bool, kind: int, body: bytes, *, encrypted: bool) -> None:
        if kind in (CLIENT_HELLO, SERVER_HELLO) and up == (kind == CLIENT_HELLO):
            try:
                self._take_hello(up, read_hello_keys(body, client=up))
            except DecodeError:
                self.why = "its handshake cannot be read"
        elif kind in (CERTIFICATE, _HELLO_DONE) and not up:
            self._is_full = True
        elif kind == _NEW_TICKET and not up and not self.is_1_3:
            self._remember_ticket(body[6 : 6 + int.from_bytes(body[4:6], "big")])
        elif kind == _ENCRYPTED_EXTENSIONS and not up and self.is_1_3:
            self.early = _has_extension(body, _EARLY_DATA)
            self._check_early()
        elif kind == _FINISHED and up and encrypted and self.is_1_3:
            if not all(self._expect_traffic(side) for side in (True, False)):
                self.why = NO_SECRET
        elif kind == _KEY_UPDATE and encrypted:
            self._update_key(self._half(up))
        if encrypted:
            self._on_message(up, kind, body)

    def _take_hello(self, up: bool, hello: HelloKeys) -> None:
        if up:
            again = self._client is not None and self._client.random == hello.random
            self._client, self._server = hello, None
            self._is_full, self._pending, self._premaster = False, None, None
            if hello.early and not again:
                # The suite of early data is that of the session before: each that fits is tried.
                self._expect_early(hello.random)
            return
        if hello.retry or self._client is None:
            return
        self._server = hello
        self._suite = SUITES.get(hello.suite)
        if self._suite is None:
            self.why = f"no library at hand knows its cipher suite (0x{hello.suite:04X})"
        elif hello.compressed:
            self.why = "it is compressed"
        elif not is_tls_1_3(hello.version) and not _TLS_1_0 <= hello.version <= _TLS_1_2:
            self.why = "its version of the protocol is too old to be decrypted"
        elif is_tls_1_3(hello.version):
            self._expect_1_3(self._client.random, self._suite)

    # The keys of TLS 1.3.

    def _expect_early(self, client_random: bytes) -> None:
        secret = self._secrets.traffic_secret(EARLY, client_random)
        if secret is None:
            return
        for number in (0x1301, 0x1302, 0x1303):
            suite = SUITES[number]
            if (len(secret) == 48) == (suite.prf == "sha384"):
                self._add_cipher(self._up, _EARLY_PHASE, suite, secret)

    def _expect_1_3(self, client_random: bytes, suite: Suite) -> None:
        for half, label in zip((self._up, self._down), HANDSHAKE_LABELS, strict=True):
            secret = self._secrets.traffic_secret(label, client_random)
            if secret is None:
                self.why = NO_SECRET
            self._add_cipher(half, _HANDSHAKE_PHASE, suite, secret)

    def _expect_traffic(self, up: bool) -> bool:
        """Application data may follow in this direction; whether its secret is known, which is logged only now."""
        half = self._half(up)
        if half.phase == _TRAFFIC_PHASE or any(phase == _TRAFFIC_PHASE for phase, _, _ in half.following):
            return True
        if self._suite is None:
            return False
        assert self._client is not None
        secret = self._secrets.traffic_secret(TRAFFIC_LABELS[0 if up else 1], self._client.random)
        self._add_cipher(half, _TRAFFIC_PHASE, self._suite, secret)
        return secret is not None

    def _add_cipher(self, half: _Half, phase: int, suite: Suite, secret: bytes | None) -> None:
        if secret is None:
            return
        try:
            half.following.append((phase, cipher_1_3(suite, secret), secret))
        except Exception as error:  # noqa: BLE001 - of a library that may lack the cipher, in several ways
            self.why = _missing_library(error)

    def _update_key(self, half: _Half) -> None:
        if self._suite is not None and half.secret:
            secret = next_secret(self._suite, half.secret)
            half.cipher, half.secret, half.sequence = cipher_1_3(self._suite, secret), secret, 0

    # The keys of up to TLS 1.2.

    def _take_client_key(self, body: bytes) -> None:
        """A ClientKeyExchange: with RSA, what the pre-master secret was encrypted as."""
        client, server, suite = self._client, self._server, self._suite
        if client is None or server is None or suite is None:
            return
        # Behind its length, which SSL 3.0 does not have.
        premaster = self._secrets.premaster_secret(client.random, body[2:])
        if premaster is None:
            return
        digest = suite.prf if server.version >= _TLS_1_2 else None
        if server.extended:
            seed, label = _hash_of(digest, bytes(self._transcript)), b"extended master secret"
        else:
            seed, label = client.random + server.random, b"master secret"
        self._premaster = prf(digest, premaster, label, seed, 48)

    def _master_secret(self) -> bytes | None:
        """The master secret of the handshake at hand."""
        client, server = self._client, self._server
        if client is None or server is None:
            return None
        known = self._secrets.master_secret(client.random) or self._premaster
        if known is None and not self._is_full:
            if server.session == client.session:
                known = self._secrets.resumed_secret(server.session)
            known = known or self._secrets.resumed_secret(client.ticket)
        elif known is None:
            known = self._secrets.resumed_secret(server.session)
        if known is not None:
            self._secrets.remember_session(server.session, known)
        return known

    def _remember_ticket(self, ticket: bytes) -> None:
        master = self._master_secret()
        if master is not None:
            self._secrets.remember_session(ticket, master)

    def _change_cipher(self, up: bool) -> None:
        """ChangeCipherSpec: what follows in this direction is encrypted with the keys that were agreed on."""
        half = self._half(up)
        half.cipher, half.sequence, half.opened = None, 0, False
        if self.why is not None:
            return
        if self._pending is None:
            self._pending = self._make_pending()
        if self._pending is not None:
            half.cipher = self._pending[0 if up else 1]

    def _make_pending(self) -> tuple[RecordCipher, RecordCipher] | None:
        client, server, suite = self._client, self._server, self._suite
        if client is None or server is None or suite is None:
            self.why = MIDDLE
            return None
        master = self._master_secret()
        if master is None:
            self.why = NO_SECRET
            return None
        randoms = client.random, server.random
        try:
            return ciphers_1_2(suite, server.version, master, *randoms, mac_last=server.mac_last)
        except Exception as error:  # noqa: BLE001 - as above
            self.why = _missing_library(error)
            return None

    # What is encrypted.

    def open_record(self, up: bool, kind: int, version: int, body: bytes) -> tuple[int, bytes] | None:
        """Type and content of an encrypted record; ``None`` where it cannot be read: ``why`` says if none can."""
        half = self._half(up)
        found = self._try_ciphers(half, kind, version, body)
        if found is None and half.phase == _HANDSHAKE_PHASE and self._expect_traffic(up):
            found = self._try_ciphers(half, kind, version, body)
        if found is None:
            self._note_unread(up)
            return None
        half.opened = True
        half.sequence += 1
        if found[0] == HANDSHAKE:
            self._take_messages(up, found[1], encrypted=True)
        elif found[0] == CHANGE_CIPHER_SPEC and not self.is_1_3:
            self._change_cipher(up)
        return found

    def _note_unread(self, up: bool) -> None:
        """Why a record could not be opened. The client's early data may have a secret that is not at hand."""
        if up and self.is_early:
            self._unread_early = True
            self._check_early()
        elif self.why is None:
            known = self.is_1_3 or self._half(up).cipher is not None
            self.why = WRONG_SECRET if known else MIDDLE

    def _check_early(self) -> None:
        if self._unread_early and self.early:
            self.why = NO_SECRET

    @property
    def is_early(self) -> bool:
        """Whether what the client sends now is early data, which the server may refuse."""
        return self._client is not None and self._client.early and self._up.phase < _HANDSHAKE_PHASE

    def _try_ciphers(self, half: _Half, kind: int, version: int, body: bytes) -> tuple[int, bytes] | None:
        if half.cipher is not None:
            found = half.cipher.open_record(half.sequence, kind, version, body)
            if found is not None:
                return found
        for number, (phase, cipher, secret) in enumerate(half.following):
            found = cipher.open_record(0, kind, version, body)
            if found is not None:
                half.phase, half.cipher, half.secret, half.sequence = phase, cipher, secret, 0
                # What is left of TLS 1.3 is what comes behind the handshake: one cipher.
                del half.following[: number + 1]
                return found
        return None

    def find_place(self, up: bool, kind: int, version: int, body: bytes) -> tuple[int, int, bytes] | None:
        """A record behind lost ones, where ``can_find_place``: how many they were, type and content. ``None`` where it
        is none that fits."""
        half = self._half(up)
        cipher = half.cipher
        if cipher is None or self._tries > _TRIES_MOST:
            return None
        for lost in range(LOST_MOST):
            self._tries += 1
            found = cipher.open_record(half.sequence + lost, kind, version, body)
            if found is not None:
                half.sequence += lost + 1
                half.handshake.clear()
                return lost, *found
        return None

    def expansion(self, up: bool) -> int | None:
        """How many bytes longer a record is than its content; ``None`` where that differs."""
        cipher = self._half(up).cipher
        return cipher.expansion if cipher is not None else None

    def can_find_place(self, up: bool) -> bool:
        """Whether ``find_place`` may find any."""
        half = self._half(up)
        return half.opened and half.cipher is not None and half.cipher.finds_place and self.why is None

    def is_inside(self, up: bool) -> bool:
        """Whether the latest record that was read is none of the handshake's."""
        half = self._half(up)
        return half.phase == _TRAFFIC_PHASE if self.is_1_3 else half.opened

    def can_go_on(self, up: bool, kind: int) -> bool:
        """Whether a record of the handshake in clear, of which a part is lost, is one that the keys do not depend on.
        If so, it is taken for lost: its messages are not known."""
        if kind != HANDSHAKE or self._server is None or self.is_encrypted(up, kind) or self.why is not None:
            return False
        self._half(up).handshake.clear()
        # Of a resumed session nothing is sent here that takes more than one segment.
        self._is_full |= not up
        return True


def _hash_of(digest: str | None, data: bytes) -> bytes:
    if digest is not None:
        return hashlib.new(digest, data).digest()
    return hashlib.new("md5", data).digest() + hashlib.new("sha1", data).digest()


def _has_extension(body: bytes, wanted: int) -> bool:
    at, end = 2, min(len(body), 2 + int.from_bytes(body[:2], "big"))
    while at + 4 <= end:
        if body[at] << 8 | body[at + 1] == wanted:
            return True
        at += 4 + (body[at + 2] << 8 | body[at + 3])
    return False


def _missing_library(error: Exception) -> str:
    if isinstance(error, ImportError):
        return "the package 'cryptography' cannot be loaded ('pip install cryptography')"
    return "the installed 'cryptography' lacks its cipher"
