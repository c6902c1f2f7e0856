"""The messages of a TLS handshake that are in clear: both hellos, and the certificates of up to TLS 1.2."""

from collections.abc import Iterator

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Certificate
from ucdiag.wire.errors import DecodeError
from ucdiag.wire.tls.x509 import read_certificate

# Handshake messages by type (RFC 5246, section 7.4).
CLIENT_HELLO, SERVER_HELLO, CERTIFICATE, CERTIFICATE_REQUEST = 1, 2, 11, 13
# Certificates of a chain, versions and extensions of a hello that are read.
CHAIN_MOST = 10
VERSIONS_MOST = 16
EXTENSIONS_MOST = 256

TLS_1_2, TLS_1_3 = 0x0303, 0x0304
_VERSIONS = {
    0x0002: "SSL 2.0",
    0x0300: "SSL 3.0",
    0x0301: "TLS 1.0",
    0x0302: "TLS 1.1",
    TLS_1_2: "TLS 1.2",
    TLS_1_3: "TLS 1.3",
}
_DRAFT = 0x7F  # the high byte of the versions that drafts of TLS 1.3 have
# Extensions (https://www.iana.org/assignments/tls-extensiontype-values).
_SERVER_NAME, _MAC_LAST, _EXTENDED_MASTER_SECRET, _SESSION_TICKET, _EARLY_DATA, _SUPPORTED_VERSIONS = (
    0,
    22,
    23,
    35,
    42,
    43,
)
_NAME_MOST = 255
# The random of a ServerHello that is a HelloRetryRequest (RFC 8446, section 4.1.3).
_RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


def version_text(number: int) -> str:
    """The name of a protocol version; a draft of TLS 1.3 is named as such."""
    if number >> 8 == _DRAFT:
        return f"TLS 1.3 draft {number & 0xFF}"
    return _VERSIONS.get(number) or f"0x{number:04x}"


def is_tls_1_3(version: int | None) -> bool:
    """Whether the number is that of TLS 1.3 or of one of its drafts."""
    return version is not None and (version == TLS_1_3 or version >> 8 == _DRAFT)


@record(slots=True)
class ClientHello:
    """What a client offers: the versions in its order, and the server's name (SNI). None: it does not say.

    ``early``: it sends early data (RFC 8446, section 4.2.10).
    """

    versions: tuple[str, ...] | None = None
    server_name: str | None = None
    early: bool = False


@record(slots=True)
class ServerHello:
    """What a server chose: its ``version`` as a number; ``retry`` where it asks for another ClientHello."""

    version: int | None = None
    retry: bool = False


def read_client_hello(body: bytes, hello: ClientHello) -> None:
    """Fills in ``hello`` from a ClientHello (RFC 5246, section 7.4.1.2).

    Raises DecodeError for one that breaks off or makes no sense; ``hello`` then has what stands before that.
    """
    reader = _Reader(body)
    hello.versions = (version_text(reader.read_number(2)),)
    reader.take(32)
    reader.take(reader.read_number(1))
    reader.take(reader.read_number(2))
    reader.take(reader.read_number(1))
    for kind, content in _read_extensions(reader):
        if kind == _SERVER_NAME:
            names = _Reader(content)
            names.take(3)
            hello.server_name = names.take(names.read_number(2))[:_NAME_MOST].decode("utf-8", "replace")
        elif kind == _EARLY_DATA:
            hello.early = True
        elif kind == _SUPPORTED_VERSIONS:
            offered = _Reader(content)
            # Without those that only test whether a server minds unknown ones (RFC 8701).
            versions = [number for number in offered.read_numbers(offered.read_number(1)) if number & 0x0F0F != 0x0A0A]
            hello.versions = tuple(version_text(number) for number in versions[:VERSIONS_MOST])


@record(slots=True)
class HelloKeys:
    """What a hello says of the keys.

    ``session`` identifies the session that a client wants to resume, or that a server began or resumes; ``ticket``
    does so too. A server's: ``suite``, whether it is ``compressed``, whether the HMAC comes last (``mac_last``,
    RFC 7366), whether the master secret is ``extended`` (RFC 7627), ``retry`` as of ``ServerHello``. ``early``: the
    client sends early data.
    """

    version: int
    random: bytes
    session: bytes = b""
    ticket: bytes = b""
    suite: int = 0
    compressed: bool = False
    mac_last: bool = False
    extended: bool = False
    retry: bool = False
    early: bool = False


def read_hello_keys(body: bytes, *, client: bool) -> HelloKeys:
    """The values of a ClientHello or ServerHello that keys follow from. Raises DecodeError for one that breaks off."""
    reader = _Reader(body)
    hello = HelloKeys(version=reader.read_number(2), random=reader.take(32))
    if not client and hello.version >= TLS_1_3:
        # Drafts up to 21 have neither a session nor a compression here.
        hello.suite = reader.read_number(2)
    else:
        hello.session = reader.take(reader.read_number(1))
        if client:
            reader.take(reader.read_number(2))
            reader.take(reader.read_number(1))
        else:
            hello.suite = reader.read_number(2)
            hello.compressed = reader.read_number(1) != 0
    hello.retry = hello.random == _RETRY_RANDOM
    for kind, content in _read_extensions(reader):
        if kind == _SESSION_TICKET:
            hello.ticket = content
        elif kind == _MAC_LAST:
            hello.mac_last = True
        elif kind == _EXTENDED_MASTER_SECRET:
            hello.extended = True
        elif kind == _EARLY_DATA:
            hello.early = True
        elif kind == _SUPPORTED_VERSIONS and not client and len(content) == 2:
            hello.version = content[0] << 8 | content[1]
    return hello


def read_ssl2_hello(body: bytes) -> tuple[str, ...]:
    """The version that a ClientHello in the form of SSL 2 offers, which early TLS clients still send (RFC 5246, section
    E.2); none in one that breaks off."""
    return (version_text(body[1] << 8 | body[2]),) if len(body) >= 3 else ()


def read_server_hello(body: bytes, hello: ServerHello) -> None:
    """Fills in ``hello`` from a ServerHello (RFC 8446, section 4.1.3).

    Raises DecodeError for one that breaks off. ``hello`` then has its version only where it is older than TLS 1.2,
    because nothing that follows could say otherwise.
    """
    reader = _Reader(body)
    version = legacy_version = reader.read_number(2)
    if legacy_version < TLS_1_2:
        hello.version = legacy_version
    random = reader.take(32)
    if legacy_version >= TLS_1_3:
        # Drafts up to 21 have neither a session nor a compression here.
        reader.take(2)
    else:
        reader.take(reader.read_number(1))
        reader.take(3)
        for kind, content in _read_extensions(reader):
            if kind == _SUPPORTED_VERSIONS and len(content) == 2:
                version = content[0] << 8 | content[1]
    hello.version = version
    hello.retry = random == _RETRY_RANDOM


class _Reader:
    """Takes a message apart from its beginning on. Raises DecodeError where it is too short."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, amount: int) -> bytes:
        end = self.at + amount
        if end > len(self.data):
            raise DecodeError("a TLS message is shorter than it says")
        taken = self.data[self.at : end]
        self.at = end
        return taken

    def read_number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def read_numbers(self, amount: int) -> list[int]:
        """The numbers of two bytes each in the next ``amount`` bytes."""
        data = self.take(amount)
        return [data[at] << 8 | data[at + 1] for at in range(0, len(data) - 1, 2)]

    def bytes_left(self) -> int:
        return len(self.data) - self.at


def _read_extensions(reader: _Reader) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each extension; at the end, DecodeError if there should be more."""
    if not reader.bytes_left():
        return
    size = reader.read_number(2)
    inner = _Reader(reader.take(min(size, reader.bytes_left())))
    for _ in range(EXTENSIONS_MOST):
        if not inner.bytes_left():
            break
        kind = inner.read_number(2)
        yield kind, inner.take(inner.read_number(2))
    if len(inner.data) < size:
        raise DecodeError("a TLS message is shorter than it says")


def read_chain(body: bytes, *, tls_1_3: bool = False) -> tuple[Certificate, ...]:
    """The chain in a Certificate message, the server's own certificate first. That of TLS 1.3 has a context before it
    and extensions with each certificate.

    One that cannot be read stays as an empty certificate, so that the order is kept. Raises DecodeError for a message
    that breaks off.
    """
    reader = _Reader(body)
    if tls_1_3:
        reader.take(reader.read_number(1))
    certificates = _Reader(reader.take(reader.read_number(3)))
    chain: list[Certificate] = []
    while certificates.bytes_left() and len(chain) < CHAIN_MOST:
        der = certificates.take(certificates.read_number(3))
        if tls_1_3:
            certificates.take(certificates.read_number(2))
        try:
            chain.append(read_certificate(der))
        except DecodeError:
            chain.append(Certificate(subject="", issuer=""))
    return tuple(chain)
