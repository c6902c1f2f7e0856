"""An encrypted stream over another, and what this machine offers and trusts.

Every protocol version and cipher that the machine's library still has is offered, because the servers that this tool
looks for are old; what is weak about them is for others to judge. Trust, name and dates are verified by the library
itself. The handshake runs over memory buffers, so that what the server sent in clear (its first bytes, an alert) can be
looked at and the deadline holds for the whole of it.
"""

import ssl
import time
from collections.abc import Callable
from typing import Any

from ucdiag.model.tls_words import ALERT_NAMES
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import Seconds
from ucdiag.probe.tcp import Stream, TlsBrokenError
from ucdiag.runtime.context import CannotTest, Context

_LEGACY_SERVER_CONNECT = 0x4  # ssl.OP_LEGACY_SERVER_CONNECT, which Python names from 3.12 on
_FLIGHT_MOST = 1 << 16  # bytes of each side's first flight that are kept
_TEXT = 500  # characters of an error
# An end without TLS's own goodbye is the second with older Pythons (3.11.2), which ask OpenSSL to overlook it.
_HUNG_UP = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
_VERSION_NAMES = {"TLSv1": "TLS 1.0", "TLSv1.1": "TLS 1.1", "TLSv1.2": "TLS 1.2", "TLSv1.3": "TLS 1.3"}
# Alert numbers by the words in OpenSSL's reasons, for alerts that came encrypted; one word it spells its own way.
_NUMBERS = {name.upper(): number for number, name in ALERT_NAMES.items()} | {"USER_CANCELLED": 90}


def offered_versions() -> tuple[str, ...]:
    """The versions that this machine's library can offer, oldest first."""
    having = (
        (ssl.HAS_TLSv1, "TLS 1.0"),
        (ssl.HAS_TLSv1_1, "TLS 1.1"),
        (ssl.HAS_TLSv1_2, "TLS 1.2"),
        (ssl.HAS_TLSv1_3, "TLS 1.3"),
    )
    return tuple(name for has, name in having if has)


class TlsStream:
    """An encrypted ``Stream`` over another. ``handshake`` comes first."""

    def __init__(
        self,
        stream: Stream,
        context: ssl.SSLContext,
        host: str,
        monotonic: Callable[[], Seconds] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._monotonic = monotonic
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self.client = stream.client
        self.client_port = stream.client_port
        self.first_flight = bytearray()
        self.own_flight = bytearray()
        # The alert that ended the connection after what is this side's end of the handshake.
        self.late_alert: int | None = None

    def handshake(self, until: float) -> None:
        """Raises OSError, ssl.SSLError among them; EOFError when the server hung up."""
        while True:
            try:
                self._tls.do_handshake()
                self._send_outgoing(until)
                return
            except ssl.SSLWantReadError:
                self._send_outgoing(until)
                if self._incoming.eof:
                    raise EOFError from None
                self._receive_incoming(until, look=True)
            except ssl.SSLError as error:
                # The alert that says what we object to belongs on the wire; the server may be gone already.
                try:
                    self._send_outgoing(until)
                except OSError:
                    pass
                if isinstance(error, _HUNG_UP):
                    raise EOFError from None
                raise

    def recv(self, size: int, until: float) -> bytes:
        while True:
            try:
                return self._tls.read(size)
            except ssl.SSLWantReadError:
                self._send_outgoing(until)
                if self._incoming.eof:
                    return b""
                self._receive_incoming(until)
            except _HUNG_UP:
                return b""  # many servers hang up without TLS's own goodbye
            except ssl.SSLError as error:
                self.late_alert = named_alert(error)
                raise TlsBrokenError(describe_error(error)) from error

    def send(self, data: bytes, until: float) -> None:
        at = 0
        while at < len(data):
            try:
                at += self._tls.write(data[at:])
                self._send_outgoing(until)
            except ssl.SSLWantReadError:
                self._send_outgoing(until)
                if self._incoming.eof:
                    raise ConnectionResetError("the server hung up") from None
                self._receive_incoming(until)
            except ssl.SSLError as error:
                raise TlsBrokenError(describe_error(error)) from error

    def close(self) -> None:
        self._stream.close()

    def version(self) -> str | None:
        return _VERSION_NAMES.get(self._tls.version() or "", self._tls.version())

    def certificate_chain(self) -> list[bytes]:
        """The server's certificates as DER, its own first, as it sent them."""
        # Public from Python 3.13 on; before, only the object beneath has it.
        ask = getattr(self._tls, "get_unverified_chain", None)
        if ask is None:
            ask = getattr(getattr(self._tls, "_sslobj", None), "get_unverified_chain", None)
        try:
            chain = [_certificate_as_der(certificate) for certificate in (ask() if ask else None) or ()]
        except (ssl.SSLError, ValueError, AttributeError):
            chain = []
        if not chain:
            own = self._tls.getpeercert(binary_form=True)
            chain = [own] if own else []
        return chain

    def _send_outgoing(self, until: float) -> None:
        data = self._outgoing.read()
        if data:
            self.own_flight += data[: max(0, _FLIGHT_MOST - len(self.own_flight))]
            self._stream.send(data, until)

    def _receive_incoming(self, until: float, *, look: bool = False) -> None:
        data = self._stream.recv(16384, until)
        if not data:
            self._incoming.write_eof()
            return
        if look:
            self.first_flight += data[: max(0, _FLIGHT_MOST - len(self.first_flight))]
        self._incoming.write(data)


def _certificate_as_der(certificate: Any) -> bytes:
    if isinstance(certificate, bytes):
        return certificate
    text = certificate.public_bytes()
    return ssl.PEM_cert_to_DER_cert(text) if isinstance(text, str) else bytes(text)


def client_context(ctx: Context, *, verify: bool = True) -> ssl.SSLContext:
    """What is offered and trusted. Raises CannotTest when the file of roots cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif ctx.ca is not None:
        try:
            context.load_verify_locations(cafile=ctx.ca)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) else None
            raise CannotTest(
                "ca-unusable",
                f"The file of trusted roots {quoted(ctx.ca)} cannot be used: "
                f"{why or 'it holds no certificate in PEM form'}.",
            ) from error
    else:
        context.load_default_certs()
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.options |= _LEGACY_SERVER_CONNECT
    for ciphers in ("ALL:!aNULL:!eNULL:@SECLEVEL=0", "ALL:!aNULL:!eNULL"):
        try:
            context.set_ciphers(ciphers)
            break
        except ssl.SSLError:
            continue  # a library other than OpenSSL knows no security levels
    return context


def named_alert(error: ssl.SSLError) -> int | None:
    """The number of the alert that a library's error stands for, if it is one."""
    reason = (error.reason or "").upper()
    if "_ALERT_" not in reason and not reason.startswith(("TLSV1_", "TLSV13_", "SSLV3_")):
        return None
    return _NUMBERS.get(reason.partition("_ALERT_")[2] or reason.partition("_")[2])


def describe_error(error: BaseException) -> str:
    """An error in a few words, without the library's decorations."""
    reason = getattr(error, "reason", None)
    if isinstance(reason, str) and reason:
        return reason.replace("_", " ").lower()[:_TEXT]
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__)[:_TEXT]
