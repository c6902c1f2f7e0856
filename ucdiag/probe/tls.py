"""TLS: one handshake on an open connection, and the encrypted stream after it.

Every protocol version and cipher that the machine's library still has is offered, because the servers that this tool
looks for are old; what is weak about them is for others to judge. Trust, name and dates are verified by the library
itself. The handshake runs over memory buffers, so that what the server sent in clear (its first bytes, an alert) can be
looked at and the deadline holds for the whole of it.
"""

import ssl
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ucdiag.model.observations import Certificate, Tls
from ucdiag.model.urls import is_address
from ucdiag.model.vocabulary import Microseconds, Peer, Purpose, Seconds, TlsOutcome, TlsStage
from ucdiag.probe.tcp import Stream, TlsBrokenError, open_stream, spell_seconds
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.runtime.system_errors import broke_here

_LEGACY_SERVER_CONNECT = 0x4  # ssl.OP_LEGACY_SERVER_CONNECT, which Python names from 3.12 on
_SEEN = 1 << 16  # bytes of the server's first flight that are looked at
_CHAIN = 10
_NAMES = 50
_TEXT = 500

# X509_V_ERR_... of OpenSSL.
_VERIFY: dict[int, TlsOutcome] = {9: "not_yet_valid", 10: "expired", 62: "name_mismatch", 64: "name_mismatch"}
_VERSION_REASONS = (
    "UNSUPPORTED_PROTOCOL",
    "WRONG_VERSION_NUMBER",
    "WRONG_SSL_VERSION",
    "VERSION_TOO_LOW",
    "VERSION_TOO_HIGH",
    "NO_PROTOCOLS_AVAILABLE",
    "NO_SHARED_PROTOCOL",
    "UNKNOWN_PROTOCOL",
)
# TLS alert numbers (RFC 8446, section 6) by the words in OpenSSL's reasons, for alerts that came encrypted.
_ALERTS = {
    "UNEXPECTED_MESSAGE": 10,
    "BAD_RECORD_MAC": 20,
    "RECORD_OVERFLOW": 22,
    "HANDSHAKE_FAILURE": 40,
    "NO_CERTIFICATE": 41,
    "BAD_CERTIFICATE": 42,
    "UNSUPPORTED_CERTIFICATE": 43,
    "CERTIFICATE_REVOKED": 44,
    "CERTIFICATE_EXPIRED": 45,
    "CERTIFICATE_UNKNOWN": 46,
    "ILLEGAL_PARAMETER": 47,
    "UNKNOWN_CA": 48,
    "ACCESS_DENIED": 49,
    "DECODE_ERROR": 50,
    "DECRYPT_ERROR": 51,
    "PROTOCOL_VERSION": 70,
    "INSUFFICIENT_SECURITY": 71,
    "INTERNAL_ERROR": 80,
    "INAPPROPRIATE_FALLBACK": 86,
    "USER_CANCELLED": 90,
    "MISSING_EXTENSION": 109,
    "UNSUPPORTED_EXTENSION": 110,
    "UNRECOGNIZED_NAME": 112,
    "CERTIFICATE_REQUIRED": 116,
    "NO_APPLICATION_PROTOCOL": 120,
}
# With these a server refuses who has no certificate, or one that it does not like (RFC 8446, section 6.2).
_REJECTIONS = frozenset({40, 41, 42, 43, 44, 45, 46, 48, 49, 116})
_CERTIFICATE_REQUEST = 13  # RFC 5246, section 7.4
_SERVER_HELLO = 2
_PROTOCOL_VERSION = 70
# The stage that a message of the server shows, by its type (RFC 5246, section 7.4).
_STAGES: dict[int, TlsStage] = {2: "server_hello", 11: "certificate", 14: "certificate"}
_VERSION_NAMES = {"TLSv1": "TLS 1.0", "TLSv1.1": "TLS 1.1", "TLSv1.2": "TLS 1.2", "TLSv1.3": "TLS 1.3"}
_SIGNATURES = {
    "1.2.840.113549.1.1.4": "md5WithRSAEncryption",
    "1.2.840.113549.1.1.5": "sha1WithRSAEncryption",
    "1.2.840.113549.1.1.11": "sha256WithRSAEncryption",
    "1.2.840.113549.1.1.12": "sha384WithRSAEncryption",
    "1.2.840.113549.1.1.13": "sha512WithRSAEncryption",
    "1.2.840.113549.1.1.14": "sha224WithRSAEncryption",
    "1.2.840.10040.4.3": "dsa-with-SHA1",
    "2.16.840.1.101.3.4.3.2": "dsa-with-SHA256",
    "1.2.840.10045.4.1": "ecdsa-with-SHA1",
    "1.2.840.10045.4.3.2": "ecdsa-with-SHA256",
    "1.2.840.10045.4.3.3": "ecdsa-with-SHA384",
    "1.2.840.10045.4.3.4": "ecdsa-with-SHA512",
    "1.3.101.112": "ED25519",
    "1.3.101.113": "ED448",
}


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
                self._flush(until)
                return
            except ssl.SSLWantReadError:
                self._flush(until)
                if self._incoming.eof:
                    raise EOFError from None
                self._fill(until, look=True)
            except ssl.SSLError:
                # The alert that says what we object to belongs on the wire; the server may be gone already.
                try:
                    self._flush(until)
                except OSError:
                    pass
                raise

    def recv(self, size: int, until: float) -> bytes:
        while True:
            try:
                return self._tls.read(size)
            except ssl.SSLWantReadError:
                self._flush(until)
                if self._incoming.eof:
                    return b""
                self._fill(until)
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""  # many servers hang up without TLS's own goodbye
            except ssl.SSLError as error:
                self.late_alert = _named_alert(error)
                raise TlsBrokenError(describe(error)) from error

    def send(self, data: bytes, until: float) -> None:
        at = 0
        while at < len(data):
            try:
                at += self._tls.write(data[at:])
                self._flush(until)
            except ssl.SSLWantReadError:
                self._flush(until)
                if self._incoming.eof:
                    raise ConnectionResetError("the server hung up") from None
                self._fill(until)
            except ssl.SSLError as error:
                raise TlsBrokenError(describe(error)) from error

    def close(self) -> None:
        self._stream.close()

    def version(self) -> str | None:
        return _VERSION_NAMES.get(self._tls.version() or "", self._tls.version())

    def chain(self) -> list[bytes]:
        """The server's certificates as DER, its own first, as it sent them."""
        # Public from Python 3.13 on; before, only the object beneath has it.
        ask = getattr(self._tls, "get_unverified_chain", None)
        if ask is None:
            ask = getattr(getattr(self._tls, "_sslobj", None), "get_unverified_chain", None)
        try:
            found = [each if isinstance(each, bytes) else _der(each) for each in (ask() if ask else None) or ()]
        except (ssl.SSLError, ValueError, AttributeError):
            found = []
        if not found:
            own = self._tls.getpeercert(binary_form=True)
            found = [own] if own else []
        return found[:_CHAIN]

    def _flush(self, until: float) -> None:
        data = self._outgoing.read()
        if data:
            if len(self.own_flight) < _SEEN:
                self.own_flight += data
            self._stream.send(data, until)

    def _fill(self, until: float, *, look: bool = False) -> None:
        data = self._stream.recv(16384, until)
        if not data:
            self._incoming.write_eof()
            return
        if look and len(self.first_flight) < _SEEN:
            self.first_flight += data
        self._incoming.write(data)


def _der(certificate: Any) -> bytes:
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
                f"The file of trusted roots {ctx.ca!r} cannot be used: {why or 'it holds no certificate in PEM form'}.",
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


def handshake(
    ctx: Context, stream: Stream, host: str, address: str, port: int, *, purpose: Purpose | None = "update"
) -> tuple[Tls, TlsStream | None]:
    """The handshake with ``host`` (name or address) on a connection to ``address``, within ``ctx.timeout``.

    The returned stream is ``None`` unless the outcome is complete; the connection beneath is closed then.
    When the certificate was not accepted, a second connection, unverified, reads the chain as evidence.
    """
    context = client_context(ctx)
    server_name = None if is_address(_bare(host)) else _bare(host)
    began, started = ctx.now(), ctx.monotonic()
    outcome: TlsOutcome = "complete"
    reason: str | None = None
    alert: int | None = None
    alert_from: Peer | None = None
    closed_by: Peer | None = None
    chain: tuple[Certificate, ...] = ()
    tls = None
    judged = False
    try:
        tls = TlsStream(stream, context, _bare(host), ctx.monotonic)
        tls.handshake(started + ctx.timeout)
    except ssl.SSLCertVerificationError as error:
        judged = True
        outcome = _VERIFY.get(error.verify_code, "untrusted")
        reason = str(error.verify_message)[:_TEXT]
    except (EOFError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
        outcome, closed_by, reason = "closed", "server", "the server hung up during the handshake"
    except ssl.SSLError as error:
        outcome, alert, reason = _classified(error, bytes(tls.first_flight) if tls else b"")
        alert_from = "server" if alert is not None else None
    except TimeoutError:
        if tls is not None and tls.first_flight:
            outcome, reason = "failed", f"the handshake began and did not end within {spell_seconds(ctx.timeout)}"
        else:
            outcome, reason = "no_answer", f"the ClientHello was not answered within {spell_seconds(ctx.timeout)}"
    except OSError as error:
        reason = broke_here(error, address)
        if reason is not None:
            outcome = "not_sent"
        else:
            outcome, closed_by = "closed", "server"
            reason = "the server reset the connection during the handshake" if _reset(error) else describe(error)
    except (ValueError, TypeError) as error:
        outcome, reason = "failed", f"{host[:100]!r} is no name to ask for: {describe(error)}"
    seconds = ctx.monotonic() - started
    flight = bytes(tls.first_flight) if tls else b""
    if outcome == "closed" and alert is None:
        alert = clear_alert(flight, fatal=True)
        if alert is not None:
            outcome, alert_from, closed_by = ("version" if alert == 70 else "alert"), "server", None
            if alert in _REJECTIONS and _CERTIFICATE_REQUEST in _messages(flight):
                reason = _no_certificate(alert)
        elif flight and not looks_like_tls(flight):
            outcome, closed_by, reason = "not_tls", None, "what answered does not speak TLS"
    if judged and tls is not None:
        alert = clear_alert(bytes(tls.own_flight), fatal=True)
        alert_from = "client" if alert is not None else None
    if outcome == "complete" and tls is not None:
        chain = read_certificates(tls.chain())
    else:
        stream.close()
        if judged:
            chain = _evidence(ctx, address, port, host)
    observation = Tls(
        time=began,
        client=stream.client,
        client_port=stream.client_port,
        server=address,
        port=port,
        server_name=server_name,
        versions=offered_versions(),
        version=tls.version() if tls is not None and (outcome == "complete" or judged) else None,
        alert=alert,
        alert_from=alert_from,
        outcome=outcome,
        seconds=seconds,
        stage="finished" if outcome == "complete" else "certificate" if judged else _stage(flight),
        closed_by=closed_by,
        chain=chain,
        reason=reason,
        purpose=purpose,
    )
    return observation, tls if outcome == "complete" else None


def refuses_old(ctx: Context, address: str, port: int, host: str) -> str | None:
    """How a server refuses a client that has nothing newer than TLS 1.0, within ``ctx.timeout`` after connecting.

    ``None``: it takes one, or that cannot be told (no connection, no answer, a library without TLS 1.0). For a server
    that was just spoken to with something newer. Lync Phone Edition has no TLS 1.2 (field reports: ucvnext.org, "Lync
    Phone Edition TLS Limitations"; blog.bumpinthe.net, "TLS 1.2 and Skype for Business"), and that TLS 1.0 is the
    highest that such phones have is background knowledge.
    """
    context = client_context(ctx, verify=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # old is what it is about
            context.maximum_version = ssl.TLSVersion.TLSv1
        stream, _ = open_stream(ctx, address, port, host)
    except (CannotTest, ValueError):
        return None
    if stream is None:
        return None
    tls = None
    try:
        until = ctx.monotonic() + ctx.timeout
        over: Stream = tunnel(ctx, stream, address, port, until) if ctx.proxy is not None else stream
        tls = TlsStream(over, context, _bare(host), ctx.monotonic)
        tls.handshake(until)
    except (EOFError, ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
        said = "it hung up"
    except ssl.SSLError as error:
        outcome, alert, said = _classified(error, bytes(tls.first_flight) if tls else b"")
        if outcome not in ("version", "alert"):
            return None
        said = f"alert {alert}" if alert is not None else said
    except (OSError, ValueError, TypeError):
        return None
    else:
        return None
    finally:
        stream.close()
    if tls is None or not tls.own_flight:
        return None  # a proxy's refusal, or this machine's own
    alert = clear_alert(bytes(tls.first_flight), fatal=True)
    if _SERVER_HELLO in _messages(bytes(tls.first_flight)) and alert != _PROTOCOL_VERSION:
        return None  # the version did, and something else did not
    return f"alert {alert}" if alert is not None else said


def _evidence(ctx: Context, address: str, port: int, host: str) -> tuple[Certificate, ...]:
    """The chain of a server whose certificate was not accepted, over a connection of its own."""
    try:
        stream, _ = open_stream(ctx, address, port, host)
    except CannotTest:
        return ()
    if stream is None:
        return ()
    try:
        until = ctx.monotonic() + ctx.timeout
        over: Stream = tunnel(ctx, stream, address, port, until) if ctx.proxy is not None else stream
        tls = TlsStream(over, client_context(ctx, verify=False), _bare(host), ctx.monotonic)
        tls.handshake(until)
        return read_certificates(tls.chain())
    except (OSError, EOFError, ValueError, TypeError):
        return ()
    finally:
        stream.close()


def tunnel(ctx: Context, stream: Stream, address: str, port: int, until: float) -> Stream:
    """Asks the proxy at the other end of ``stream`` for a way to ``address``. Raises OSError when it gives none."""
    shown = f"[{address}]" if ":" in address else address
    stream.send(f"CONNECT {shown}:{port} HTTP/1.1\r\nHost: {shown}:{port}\r\n\r\n".encode("ascii"), until)
    head = bytearray()
    while not head.endswith(b"\r\n\r\n"):
        piece = stream.recv(1, until)  # the first byte after the blank line is TLS's
        if not piece or len(head) > 65536:
            raise ConnectionResetError("the proxy hung up")
        head += piece
    words = bytes(head[:100]).split(b" ", 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].startswith(b"2"):
        raise ConnectionRefusedError(
            f"the proxy answers {words[1][:3].decode('latin-1') if len(words) > 1 else 'nothing'}"
        )
    return stream


def _classified(error: ssl.SSLError, flight: bytes) -> tuple[TlsOutcome, int | None, str]:
    reason = (error.reason or "").upper()
    said = describe(error)
    if flight and not looks_like_tls(flight):
        return "not_tls", None, "what answered does not speak TLS"
    alert = clear_alert(flight, fatal=True)
    if alert is None:
        alert = _named_alert(error)
    if alert == 70:
        return "version", alert, "the server accepts none of the protocol versions offered"
    if alert in _REJECTIONS and _CERTIFICATE_REQUEST in _messages(flight):
        return "alert", alert, _no_certificate(alert)
    if alert is not None:
        name = next((word for word, number in _ALERTS.items() if number == alert), "unknown")
        return "alert", alert, f"the server ended the handshake with alert {alert} ({name.lower()})"
    if reason in _VERSION_REASONS:
        return "version", None, "the server chose a protocol version that this machine cannot speak"
    return "failed", None, said


def _named_alert(error: ssl.SSLError) -> int | None:
    """The number of the alert that a library's error stands for, if it is one."""
    reason = (error.reason or "").upper()
    if "_ALERT_" not in reason and not reason.startswith(("TLSV1_", "TLSV13_", "SSLV3_")):
        return None
    return _ALERTS.get(reason.partition("_ALERT_")[2] or reason.partition("_")[2])


def _no_certificate(alert: int) -> str:
    name = next((word.lower() for word, number in _ALERTS.items() if number == alert), "unknown")
    return f"the server asks for a client certificate, and none was sent: it ended with alert {alert} ({name})"


def rejected(shaken: Tls, stream: Stream) -> Tls | None:
    """The handshake as a failed one, when the server's first words after it were an alert against the client.

    In TLS 1.3 a client has ended its handshake before the server has judged the client's certificate, or that it has
    none (RFC 8446, section 4.4.2.4): the refusal comes in the place of the first byte of the answer.
    """
    alert = stream.late_alert if isinstance(stream, TlsStream) else None
    if alert not in _REJECTIONS or shaken.version != "TLS 1.3":
        return None
    return replace(
        shaken,
        outcome="alert",
        alert=alert,
        alert_from="server",
        stage="certificate",
        reason=_no_certificate(alert),
    )


def describe(error: BaseException) -> str:
    """An error in a few words, without the library's decorations."""
    reason = getattr(error, "reason", None)
    if isinstance(reason, str) and reason:
        return reason.replace("_", " ").lower()[:_TEXT]
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__)[:_TEXT]


def _reset(error: OSError) -> bool:
    return isinstance(error, (ConnectionResetError, ConnectionAbortedError, BrokenPipeError))


def _bare(host: str) -> str:
    """A host as certificates name it."""
    return host.strip("[]").removesuffix(".")


# What a server says in clear.


def looks_like_tls(data: bytes) -> bool:
    """Whether bytes begin as a TLS record does."""
    return not data or (20 <= data[0] <= 23 and data[1:2] in (b"", b"\x03"))


def _records(data: bytes) -> list[tuple[int, bytes]]:
    found = []
    at = 0
    while at + 5 <= len(data) and 20 <= data[at] <= 23:
        length = int.from_bytes(data[at + 3 : at + 5], "big")
        found.append((data[at], data[at + 5 : at + 5 + length]))
        at += 5 + length
    return found


def clear_alert(data: bytes, *, fatal: bool) -> int | None:
    """The number of the last alert among records in clear, only a fatal one if so asked."""
    number = None
    for kind, payload in _records(data):
        if kind in (20, 23):
            break  # from here on all is encrypted
        if kind == 21 and len(payload) == 2 and (payload[0] == 2 or not fatal):
            number = payload[1]
    return number


def _messages(data: bytes) -> list[int]:
    """The types of the handshake messages in the server's records in clear, in order."""
    messages = bytearray()
    for kind, payload in _records(data):
        if kind in (20, 23):
            break
        if kind == 22:
            messages += payload
    types = []
    at = 0
    while at + 4 <= len(messages):
        types.append(messages[at])
        at += 4 + int.from_bytes(messages[at + 1 : at + 4], "big")
    return types


def _stage(data: bytes) -> TlsStage:
    """The last part of the handshake that the server's records in clear show."""
    stage: TlsStage = "client_hello"
    for kind in _messages(data):
        stage = _STAGES.get(kind, stage)
    return stage


# Certificates.


def read_certificates(chain: list[bytes]) -> tuple[Certificate, ...]:
    """Certificates in DER as facts; one that cannot be read stays as an empty fact, so that the order is kept."""
    return tuple(_certificate(der) for der in chain[:_CHAIN])


def _certificate(der: bytes) -> Certificate:
    # Here and not above: it takes longer to load than most servers take to answer.
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509.oid import NameOID

    unreadable = Certificate(subject="", issuer="")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of what is wrong with old certificates
        try:
            certificate = x509.load_der_x509_certificate(der)
            subject = certificate.subject.rfc4514_string()[:_TEXT]
            issuer = certificate.issuer.rfc4514_string()[:_TEXT]
        except (ValueError, TypeError, UnsupportedAlgorithm):
            return unreadable
        names: list[str] = []
        try:
            alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            names += alternative.get_values_for_type(x509.DNSName)
            names += [str(each) for each in alternative.get_values_for_type(x509.IPAddress)]
        except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError, TypeError):
            pass
        if not names:
            names += [str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        return Certificate(
            subject=subject,
            issuer=issuer,
            names=tuple(name[:_TEXT] for name in names[:_NAMES]),
            not_before=_microseconds(certificate, "not_valid_before"),
            not_after=_microseconds(certificate, "not_valid_after"),
            signature=_signature(certificate),
        )


def _microseconds(certificate: Any, name: str) -> Microseconds | None:
    from datetime import UTC, datetime, timedelta

    try:
        moment = getattr(certificate, f"{name}_utc", None)  # from cryptography 42 on
        moment = moment or getattr(certificate, name).replace(tzinfo=UTC)
        return int((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1))
    except (ValueError, TypeError, OverflowError):
        return None


def _signature(certificate: Any) -> str | None:
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        oid = certificate.signature_algorithm_oid.dotted_string
        if oid == "1.2.840.113549.1.1.10":
            return f"rsassaPss-{certificate.signature_hash_algorithm.name}"
        return str(_SIGNATURES.get(oid, oid))
    except (ValueError, UnsupportedAlgorithm):
        return None
