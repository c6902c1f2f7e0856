"""What the first bytes of a server say in clear: records, alerts, handshake messages (RFC 5246, 6.2 and 7.4)."""

from ucdiag.model.vocabulary import TlsStage

_CHANGE_CIPHER_SPEC, _ALERT, _HANDSHAKE, _APPLICATION_DATA = 20, 21, 22, 23
_FATAL = 2
SERVER_HELLO, CERTIFICATE_REQUEST = 2, 13
# The stage that a message of the server shows, by its type.
_STAGES: dict[int, TlsStage] = {SERVER_HELLO: "server_hello", 11: "certificate", 14: "certificate"}


def looks_like_tls(data: bytes) -> bool:
    """Whether bytes begin as a TLS record does."""
    return not data or (_CHANGE_CIPHER_SPEC <= data[0] <= _APPLICATION_DATA and data[1:2] in (b"", b"\x03"))


def _split_records(data: bytes) -> list[tuple[int, bytes]]:
    records = []
    at = 0
    while at + 5 <= len(data) and _CHANGE_CIPHER_SPEC <= data[at] <= _APPLICATION_DATA:
        length = int.from_bytes(data[at + 3 : at + 5], "big")
        records.append((data[at], data[at + 5 : at + 5 + length]))
        at += 5 + length
    return records


def fatal_alert(data: bytes) -> int | None:
    """The number of the last fatal alert among records in clear."""
    number = None
    for kind, payload in _split_records(data):
        if kind in (_CHANGE_CIPHER_SPEC, _APPLICATION_DATA):
            break  # from here on all is encrypted
        if kind == _ALERT and len(payload) == 2 and payload[0] == _FATAL:
            number = payload[1]
    return number


def message_types(data: bytes) -> list[int]:
    """The types of the handshake messages in the server's records in clear, in order."""
    messages = bytearray()
    for kind, payload in _split_records(data):
        if kind in (_CHANGE_CIPHER_SPEC, _APPLICATION_DATA):
            break
        if kind == _HANDSHAKE:
            messages += payload
    types = []
    at = 0
    while at + 4 <= len(messages):
        types.append(messages[at])
        at += 4 + int.from_bytes(messages[at + 1 : at + 4], "big")
    return types


def stage_of(data: bytes) -> TlsStage:
    """The last part of the handshake that the server's records in clear show."""
    stage: TlsStage = "client_hello"
    for kind in message_types(data):
        stage = _STAGES.get(kind, stage)
    return stage
