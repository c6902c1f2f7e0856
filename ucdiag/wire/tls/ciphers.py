"""The ciphers of TLS records: one object for each direction and key, which opens records or says that they do not fit.

The ciphers themselves are those of ``cryptography``, imported when the first record is to be opened. Records are
authenticated too: with a secret that does not fit nothing is read at all.
"""

import hmac
from contextlib import suppress
from typing import Any, Protocol

from ucdiag.wire.tls.key_schedule import expand_label, prf
from ucdiag.wire.tls.suites import Suite

TLS_1_0, TLS_1_2 = 0x0301, 0x0303

_TAG = 16
_EXPLICIT = 8  # bytes of the nonce that each record of AES in TLS 1.2 carries
_HASH_SIZES = {"md5": 16, "sha1": 20, "sha256": 32, "sha384": 48}


class RecordCipher(Protocol):
    """Opens the records of one direction.

    ``expansion`` is how many bytes longer a record is than what is in it, ``None`` where that depends on the record;
    ``finds_place``: it opens a record of which the one before is not known.
    """

    expansion: int | None
    finds_place: bool

    def open_record(self, sequence: int, kind: int, version: int, body: bytes) -> tuple[int, bytes] | None:
        """Type and content of the record with that number; ``None`` if it does not fit the key."""


def _associated_data(sequence: int, kind: int, version: int, size: int) -> bytes:
    """What is authenticated beside the content, up to TLS 1.2."""
    return sequence.to_bytes(8, "big") + bytes((kind,)) + version.to_bytes(2, "big") + size.to_bytes(2, "big")


class _Authenticated:
    """A cipher that authenticates with an HMAC of its own key, behind the content."""

    def __init__(self, digest: str, key: bytes) -> None:
        self._digest = digest
        self._mac_key = key
        self._mac_size = _HASH_SIZES[digest]

    def _is_authentic(self, sequence: int, kind: int, version: int, content: bytes, mac: bytes) -> bool:
        head = _associated_data(sequence, kind, version, len(content))
        return hmac.compare_digest(hmac.digest(self._mac_key, head + content, self._digest), mac)

    def _without_mac(self, sequence: int, kind: int, version: int, plain: bytes) -> tuple[int, bytes] | None:
        if len(plain) < self._mac_size:
            return None
        content, mac = plain[: -self._mac_size], plain[-self._mac_size :]
        return (kind, content) if self._is_authentic(sequence, kind, version, content, mac) else None


class NullCipher(_Authenticated):
    """Content in clear."""

    finds_place = True

    def __init__(self, digest: str, key: bytes) -> None:
        super().__init__(digest, key)
        self.expansion: int | None = self._mac_size

    def open_record(self, sequence: int, kind: int, version: int, body: bytes) -> tuple[int, bytes] | None:
        return self._without_mac(sequence, kind, version, body)


class StreamCipher(_Authenticated):
    """RC4: a stream that goes on from record to record."""

    finds_place = False

    def __init__(self, digest: str, mac_key: bytes, decryptor: Any) -> None:
        super().__init__(digest, mac_key)
        self._decryptor = decryptor
        self.expansion: int | None = self._mac_size

    def open_record(self, sequence: int, kind: int, version: int, body: bytes) -> tuple[int, bytes] | None:
        return self._without_mac(sequence, kind, version, self._decryptor.update(body))


class BlockCipher(_Authenticated):
    """CBC mode. ``iv`` is that of the first record in TLS 1.0, where a record's is the end of the one before; empty
    where each record carries its own. ``mac_last``: the HMAC is of what was encrypted (RFC 7366)."""

    expansion: int | None = None

    def __init__(self, suite: Suite, mac_key: bytes, algorithm: Any, iv: bytes, *, mac_last: bool) -> None:
        super().__init__(suite.mac, mac_key)
        self._algorithm = algorithm
        self._block = suite.block
        self._iv = iv
        self._mac_last = mac_last
        self.finds_place = not iv

    def open_record(self, sequence: int, kind: int, version: int, body: bytes) -> tuple[int, bytes] | None:
        if self._mac_last:
            body, mac = body[: -self._mac_size], body[-self._mac_size :]
            if not self._is_authentic(sequence, kind, version, body, mac):
                return None
        if self._iv:
            iv, self._iv = self._iv, body[-self._block :]
        else:
            iv, body = body[: self._block], body[self._block :]
        if not body or len(body) % self._block or len(iv) != self._block:
            return None
        plain = self._decrypt_body(iv, body)
        padding = plain[-1] + 1
        if padding > len(plain):
            return None
        plain = plain[:-padding]
        return (kind, plain) if self._mac_last else self._without_mac(sequence, kind, version, plain)

    def _decrypt_body(self, iv: bytes, body: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers import Cipher, modes

        decryptor = Cipher(self._algorithm, modes.CBC(iv)).decryptor()
        return decryptor.update(body) + decryptor.finalize()


class AeadCipher:
    """A cipher that authenticates. ``explicit`` is how many bytes of its nonce a record carries, ``inner`` whether its
    type is encrypted too, as in TLS 1.3."""

    finds_place = True

    def __init__(self, aead: Any, iv: bytes, tag: int, *, explicit: int, inner: bool) -> None:
        self._aead = aead
        self._iv = iv
        self._tag = tag
        self._explicit = explicit
        self._inner = inner
        self.expansion: int | None = tag + explicit + inner

    def open_record(self, sequence: int, kind: int, version: int, body: bytes) -> tuple[int, bytes] | None:
        from cryptography.exceptions import InvalidTag

        size = len(body) - self._explicit - self._tag
        if size < self._inner:
            return None
        if self._explicit:
            nonce = self._iv + body[: self._explicit]
            body = body[self._explicit :]
        else:
            nonce = (int.from_bytes(self._iv, "big") ^ sequence).to_bytes(len(self._iv), "big")
        if self._inner:
            beside = bytes((kind,)) + version.to_bytes(2, "big") + len(body).to_bytes(2, "big")
        else:
            beside = _associated_data(sequence, kind, version, size)
        try:
            plain: bytes = self._aead.decrypt(nonce, body, beside)
        except (InvalidTag, ValueError):
            return None
        if not self._inner:
            return kind, plain
        plain = plain.rstrip(b"\0")
        return (plain[-1], plain[:-1]) if plain else None


def _aead_cipher(suite: Suite, key: bytes) -> tuple[Any, int]:
    """The cipher, and how many bytes it adds."""
    from cryptography.hazmat.primitives.ciphers import aead

    if suite.cipher == "gcm":
        return aead.AESGCM(key), _TAG
    if suite.cipher == "chacha":
        return aead.ChaCha20Poly1305(key), _TAG
    tag = 8 if suite.cipher == "ccm8" else _TAG
    return aead.AESCCM(key, tag), tag


def _old_algorithm(name: str, key: bytes) -> Any:
    """An algorithm that ``cryptography`` has moved out of the others' place from version 43 on."""
    from cryptography.hazmat.primitives.ciphers import algorithms

    place: Any = algorithms
    with suppress(ImportError):
        from cryptography.hazmat.decrepit.ciphers import algorithms as moved

        place = moved if hasattr(moved, name) else algorithms
    return getattr(place, name)(key)


def _block_algorithm(suite: Suite, key: bytes) -> Any:
    if suite.cipher == "aes":
        from cryptography.hazmat.primitives.ciphers import algorithms

        return algorithms.AES(key)
    if suite.cipher == "camellia":
        return _old_algorithm("Camellia", key)
    # DES once is DES three times with one key.
    return _old_algorithm("TripleDES", key * 3 if suite.cipher == "des" else key)


def ciphers_1_2(
    suite: Suite, version: int, master: bytes, client_random: bytes, server_random: bytes, *, mac_last: bool
) -> tuple[RecordCipher, RecordCipher]:
    """The client's and the server's, of up to TLS 1.2 (RFC 5246, section 6.3). Raises ImportError and
    cryptography's errors where it lacks the cipher."""
    macs = _HASH_SIZES[suite.mac] if suite.mac else 0
    if suite.block:
        iv = suite.block if version <= TLS_1_0 else 0
    else:
        iv = {"gcm": 4, "ccm": 4, "ccm8": 4, "chacha": 12}.get(suite.cipher, 0)
    digest = suite.prf if version >= TLS_1_2 else None
    size = 2 * (macs + suite.key + iv)
    block = prf(digest, master, b"key expansion", server_random + client_random, size)
    made: list[RecordCipher] = []
    for side in range(2):
        mac_at, key_at, iv_at = side * macs, 2 * macs + side * suite.key, 2 * (macs + suite.key) + side * iv
        mac_key = block[mac_at : mac_at + macs]
        key = block[key_at : key_at + suite.key]
        own_iv = block[iv_at : iv_at + iv]
        made.append(_cipher_1_2(suite, key, mac_key, own_iv, mac_last=mac_last))
    return made[0], made[1]


def _cipher_1_2(suite: Suite, key: bytes, mac_key: bytes, iv: bytes, *, mac_last: bool) -> RecordCipher:
    if suite.cipher == "null":
        return NullCipher(suite.mac, mac_key)
    if suite.cipher == "rc4":
        from cryptography.hazmat.primitives.ciphers import Cipher

        return StreamCipher(suite.mac, mac_key, Cipher(_old_algorithm("ARC4", key), mode=None).decryptor())
    if suite.block:
        return BlockCipher(suite, mac_key, _block_algorithm(suite, key), iv, mac_last=mac_last)
    aead, tag = _aead_cipher(suite, key)
    return AeadCipher(aead, iv, tag, explicit=0 if suite.cipher == "chacha" else _EXPLICIT, inner=False)


def cipher_1_3(suite: Suite, secret: bytes) -> RecordCipher:
    """The cipher of one direction, by its traffic secret (RFC 8446, section 7.3). Raises as ``ciphers_1_2``."""
    aead, tag = _aead_cipher(suite, expand_label(suite.prf, secret, b"key", suite.key))
    return AeadCipher(aead, expand_label(suite.prf, secret, b"iv", 12), tag, explicit=0, inner=True)


def next_secret(suite: Suite, secret: bytes) -> bytes:
    """The traffic secret behind a KeyUpdate (RFC 8446, section 7.2)."""
    return expand_label(suite.prf, secret, b"traffic upd", len(secret))
