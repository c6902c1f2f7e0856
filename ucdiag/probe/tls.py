"""TLS: one handshake on an open connection as an observation, and what a refusing server shows beside it."""

import ssl
from dataclasses import replace

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Certificate, Tls
from ucdiag.model.tls_words import ALERT_NAMES, ANSWERS_IN_HTTP, REJECTIONS
from ucdiag.model.urls import is_address
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import Peer, Purpose, TlsOutcome, TlsStage
from ucdiag.probe.certificates import read_certificates
from ucdiag.probe.tcp import Stream, open_stream, spell_seconds
from ucdiag.probe.tls_records import (
    CERTIFICATE_REQUEST,
    SERVER_HELLO,
    fatal_alert,
    looks_like_tls,
    message_types,
    stage_of,
)
from ucdiag.probe.tls_stream import TlsStream, client_context, describe_error, named_alert, offered_versions
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.runtime.silenced_warnings import silenced
from ucdiag.runtime.system_errors import broke_here

_TEXT = 500  # characters of a reason
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
_PROTOCOL_VERSION = 70
_NOT_TLS = "what answered does not speak TLS"


@record(frozen=True, slots=True)
class _End:
    """How a handshake ended."""

    outcome: TlsOutcome
    reason: str | None = None
    alert: int | None = None
    alert_from: Peer | None = None
    closed_by: Peer | None = None
    #: Whether this machine looked at the certificate and did not accept it.
    judged: bool = False
    #: As that of ``Tls``.
    client_certificate: bool | None = None


def handshake(
    ctx: Context, stream: Stream, host: str, address: str, port: int, *, purpose: Purpose | None = "update"
) -> tuple[Tls, TlsStream | None]:
    """The handshake with ``host`` (name or address) on a connection to ``address``, within ``ctx.timeout``.

    The returned stream is ``None`` unless the outcome is complete; the connection beneath is closed then.
    When the certificate was not accepted, a second connection, unverified, reads the chain as evidence.
    """
    context = client_context(ctx)
    began, started = ctx.now(), ctx.monotonic()
    tls: TlsStream | None = None
    try:
        tls = TlsStream(stream, context, _name_in_certificate(host), ctx.monotonic)
        tls.handshake(started + ctx.patience)
    except (EOFError, OSError, ValueError, TypeError) as error:
        end = _end_of(error, ctx, host, address, bytes(tls.first_flight) if tls else b"")
    else:
        end = _End("complete")
    seconds = ctx.monotonic() - started
    flight = bytes(tls.first_flight) if tls else b""
    if end.outcome == "closed":
        end = _why_closed(end, flight)
    elif end.judged and tls is not None:
        alert = fatal_alert(bytes(tls.own_flight))
        end = replace(end, alert=alert, alert_from="client" if alert is not None else None)
    complete = end.outcome == "complete"
    chain: tuple[Certificate, ...] = ()
    if complete and tls is not None:
        chain = read_certificates(tls.certificate_chain())
    else:
        stream.close()
        if end.judged:
            chain = _unverified_chain(ctx, address, port, host)
    observation = Tls(
        time=began,
        client=stream.client,
        client_port=stream.client_port,
        server=address,
        port=port,
        server_name=None if is_address(_name_in_certificate(host)) else _name_in_certificate(host),
        versions=offered_versions(),
        version=tls.version() if tls is not None and (complete or end.judged) else None,
        alert=end.alert,
        alert_from=end.alert_from,
        outcome=end.outcome,
        seconds=seconds,
        stage=_handshake_stage(end, flight),
        closed_by=end.closed_by,
        chain=chain,
        reason=end.reason,
        purpose=purpose,
        client_certificate=end.client_certificate,
    )
    return observation, tls if complete else None


def _handshake_stage(end: _End, flight: bytes) -> TlsStage:
    if end.outcome == "complete":
        return "finished"
    return "certificate" if end.judged else stage_of(flight)


def _end_of(error: Exception, ctx: Context, host: str, address: str, flight: bytes) -> _End:
    """What an error of the handshake says; ``flight`` is what the server had sent by then."""
    if isinstance(error, ssl.SSLCertVerificationError):
        outcome = _VERIFY.get(error.verify_code, "untrusted")
        return _End(outcome, str(error.verify_message)[:_TEXT], judged=True)
    if isinstance(error, EOFError):
        return _End("closed", "the server hung up during the handshake", closed_by="server")
    if isinstance(error, ssl.SSLError):
        return _end_by_library(error, flight)
    if isinstance(error, TimeoutError):
        waited = spell_seconds(ctx.timeout)
        if flight:
            return _End("failed", f"the handshake began and did not end within {waited}")
        return _End("no_answer", f"the ClientHello was not answered within {waited}")
    if isinstance(error, OSError):
        reason = broke_here(error, address)
        if reason is not None:
            return _End("not_sent", reason)
        was_reset = isinstance(error, (ConnectionResetError, ConnectionAbortedError, BrokenPipeError))
        reason = "the server reset the connection during the handshake" if was_reset else describe_error(error)
        return _End("closed", reason, closed_by="server")
    return _End("failed", f"{quoted(host[:100])} is no name to ask for: {describe_error(error)}")


def _end_by_library(error: ssl.SSLError, flight: bytes) -> _End:
    """The end that an error of the TLS library stands for."""
    if flight and not looks_like_tls(flight):
        return _End("not_tls", _why_not_tls(flight))
    alert = fatal_alert(flight)
    if alert is None:
        alert = named_alert(error)
    if alert == _PROTOCOL_VERSION:
        reason = "the server accepts none of the protocol versions offered"
        return _End("version", reason, alert, alert_from="server")
    if alert is not None:
        if alert in REJECTIONS and CERTIFICATE_REQUEST in message_types(flight):
            return _End("alert", _no_certificate(alert), alert, alert_from="server", client_certificate=False)
        reason = f"the server ended the handshake with alert {alert} ({_alert_name(alert)})"
        return _End("alert", reason, alert, alert_from="server")
    if (error.reason or "").upper() in _VERSION_REASONS:
        return _End("version", "the server chose a protocol version that this machine cannot speak")
    return _End("failed", describe_error(error))


def _why_not_tls(flight: bytes) -> str:
    return ANSWERS_IN_HTTP if flight.startswith(b"HTTP/") else _NOT_TLS


def _why_closed(end: _End, flight: bytes) -> _End:
    """What the server had said in clear before it closed."""
    alert = fatal_alert(flight)
    if alert is not None:
        reason = end.reason
        if alert in REJECTIONS and CERTIFICATE_REQUEST in message_types(flight):
            return _End("alert", _no_certificate(alert), alert, alert_from="server", client_certificate=False)
        return _End("version" if alert == _PROTOCOL_VERSION else "alert", reason, alert, alert_from="server")
    if flight and not looks_like_tls(flight):
        return _End("not_tls", _why_not_tls(flight))
    return end


def can_try_old() -> bool:
    """Whether this machine's TLS library can offer TLS 1.0 at all."""
    try:
        with silenced(DeprecationWarning):
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).maximum_version = ssl.TLSVersion.TLSv1
    except ValueError:
        return False
    return ssl.HAS_TLSv1


def refuses_old(ctx: Context, address: str, port: int, host: str) -> str | None:
    """How a server refuses a client that has nothing newer than TLS 1.0, within ``ctx.timeout`` after connecting.

    ``None``: it accepts one, or that is not known (no connection, no answer, a library without TLS 1.0). For a server
    that has just completed a handshake with something newer. Lync Phone Edition has no TLS 1.2 (field reports:
    ucvnext.org, "Lync Phone Edition TLS Limitations"; blog.bumpinthe.net, "TLS 1.2 and Skype for Business"), and that
    TLS 1.0 is the highest that such phones have is background knowledge.
    """
    try:
        context = client_context(ctx, verify=False)
        with silenced(DeprecationWarning):  # old is what it is about
            context.maximum_version = ssl.TLSVersion.TLSv1
    except ValueError:
        return None
    tls, error = _handshake_again(ctx, context, address, port, host)
    if tls is None or not tls.own_flight:
        return None  # no connection, a proxy's refusal, or this machine's own
    flight = bytes(tls.first_flight)
    if isinstance(error, (EOFError, ConnectionError)):
        said = "it hung up"
    elif isinstance(error, ssl.SSLError):
        end = _end_by_library(error, flight)
        if end.outcome not in ("version", "alert"):
            return None
        said = f"alert {end.alert}" if end.alert is not None else end.reason or ""
    else:
        return None
    alert = fatal_alert(flight)
    if SERVER_HELLO in message_types(flight) and alert != _PROTOCOL_VERSION:
        return None  # the version did, and something else did not
    return f"alert {alert}" if alert is not None else said


def _unverified_chain(ctx: Context, address: str, port: int, host: str) -> tuple[Certificate, ...]:
    """The chain of a server whose certificate was not accepted, over a connection of its own."""
    tls, error = _handshake_again(ctx, client_context(ctx, verify=False), address, port, host)
    return read_certificates(tls.certificate_chain()) if tls is not None and error is None else ()


def _handshake_again(
    ctx: Context, context: ssl.SSLContext, address: str, port: int, host: str
) -> tuple[TlsStream | None, Exception | None]:
    """A handshake over a connection of its own, which is closed then: (``None`` if none began, what ended it)."""
    try:
        stream, _ = open_stream(ctx, address, port, host)
    except (CannotTest, ValueError):
        return None, None
    if stream is None:
        return None, None
    tls: TlsStream | None = None
    try:
        until = ctx.monotonic() + ctx.patience
        if ctx.proxy is not None:
            open_tunnel(stream, address, port, until)
        tls = TlsStream(stream, context, _name_in_certificate(host), ctx.monotonic)
        tls.handshake(until)
    except (EOFError, OSError, ValueError, TypeError) as error:
        return tls, error
    finally:
        stream.close()
    return tls, None


def open_tunnel(stream: Stream, address: str, port: int, until: float) -> None:
    """Asks the proxy at the other end of ``stream`` for a way to ``address``. Raises OSError when it gives none."""
    shown = f"[{address}]" if ":" in address else address
    stream.send(f"CONNECT {shown}:{port} HTTP/1.1\r\nHost: {shown}:{port}\r\n\r\n".encode("ascii"), until)
    head = bytearray()
    while not head.endswith(b"\r\n\r\n"):
        piece = stream.recv(1, until)  # the first byte after the blank line is TLS's
        if not piece or len(head) > 65536:
            raise ConnectionResetError("the proxy hung up")
        head += piece
    words = bytes(head).split(b" ", 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].startswith(b"2"):
        raise ConnectionRefusedError(
            f"the proxy answers {words[1][:3].decode('latin-1') if len(words) > 1 else 'nothing'}"
        )


def _alert_name(alert: int) -> str:
    return ALERT_NAMES.get(alert, "unknown")


def _no_certificate(alert: int) -> str:
    return (
        "the server asks for a client certificate, and none was sent: "
        f"it ended with alert {alert} ({_alert_name(alert)})"
    )


def client_rejection(shaken: Tls, stream: Stream) -> Tls | None:
    """The handshake as a failed one, when the server's first words after it were an alert against the client.

    In TLS 1.3 a client has ended its handshake before the server has judged the client's certificate, or that it has
    none (RFC 8446, section 4.4.2.4): the refusal comes in the place of the first byte of the answer.
    """
    alert = stream.late_alert if isinstance(stream, TlsStream) else None
    if alert not in REJECTIONS or shaken.version != "TLS 1.3":
        return None
    return replace(
        shaken,
        outcome="alert",
        alert=alert,
        alert_from="server",
        stage="certificate",
        reason=_no_certificate(alert),
        client_certificate=False,
    )


def _name_in_certificate(host: str) -> str:
    """A host as certificates name it."""
    return host.strip("[]").removesuffix(".")
