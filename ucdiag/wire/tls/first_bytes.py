"""Recognises TLS by the first bytes of a connection, without loading the rest of the TLS package."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ucdiag.wire.tls.secrets import TlsSecrets

# Record types (RFC 5246, section 6.2.1).
CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA = 20, 21, 22, 23


def is_tls_hello(data: bytes) -> bool:
    """Whether a client's first bytes are TLS: a record, or a hello in the form of SSL 2."""
    if data[0] in (HANDSHAKE, ALERT) and (len(data) < 2 or data[1] == 3):
        return True
    return is_ssl2_hello(data)


def is_tls_answer(data: bytes) -> bool:
    """Whether bytes that a server sent before any byte of the client was seen are TLS."""
    return len(data) >= 3 and CHANGE_CIPHER_SPEC <= data[0] <= APPLICATION_DATA and data[1] == 3 and data[2] <= 4


def is_ssl2_hello(data: bytes) -> bool:
    """Whether five bytes begin a hello in the form of SSL 2."""
    return len(data) >= 5 and data[0] & 0x80 != 0 and data[2] == 1 and (data[3] == 3 or data[3:5] == b"\x00\x02")


def opens_known_session(payload: bytes, secrets: "TlsSecrets") -> bool:
    """Whether a segment begins with a ClientHello of a connection whose secret is known."""
    return payload[:2] == b"\x16\x03" and payload[5:6] == b"\x01" and secrets.knows_connection(payload[11:43])
