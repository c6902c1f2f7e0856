"""The probe: one update request to one address, and the fetching of one file, as observations in the order of events.

Each phase (lookup, connect, handshake, exchange) is measured and reported for itself, and the first that fails is
the last: a phone would not go on either. Nothing is followed and nothing is retried.
"""

import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import urlsplit

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Connect, Http, Lookup, Observation, Tls, Transfer, last_time_of
from ucdiag.model.urls import LOCALHOST, address_flaw, is_address, is_localhost, place_flaw
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import HttpFailure, Purpose, Scheme, Seconds, TransferOutcome, is_success_status
from ucdiag.probe.tcp import Stream, TcpStream, connect
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.runtime.system_errors import NOT_SENT, broke_here
from ucdiag.update_service.names import INTERNAL_PATH, is_external
from ucdiag.update_service.request import Request, file_request, with_target
from ucdiag.update_service.response import read_answer, to_observation, usable_url

if TYPE_CHECKING:
    from ucdiag.probe.http import Answered

DOWNLOAD_LIMIT = 512 << 20  # bytes
DOWNLOAD_SECONDS = 600.0
_ADDRESSES = 4
_READ = 80  # characters of a text that came instead of a file
# What became of the file, by how the exchange failed; of all other failures it is truncated.
_BROKEN_OFF: dict[HttpFailure | None, TransferOutcome] = {
    "too_large": "limited",
    "stalled": "stalled",
    "no_answer": "stalled",
    "incomplete": "stalled",
}

Resolve = Callable[[str, Purpose], Lookup]


@record(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a request goes: to ``address`` (an IP address) and ``port``, while ``host`` is whom it names.

    ``host`` goes into SNI and is what a certificate must name. The Host header is the request's own.
    """

    address: str
    port: int
    host: str
    scheme: Scheme = "http"
    path: str = INTERNAL_PATH


def request_update(
    ctx: Context, target: Target, request: Request, purpose: Purpose = "update"
) -> Iterator[Observation]:
    """The update request: Connect, on https Tls, Http, and the UpdateAnswer if a complete answer of success came."""
    from ucdiag.probe.http import send_update_request

    opening = _Opening(ctx, target, purpose)
    try:
        shaken: Tls | None = None
        for step in opening.open_connection():
            # In TLS 1.3 it shows only with the answer whether the server takes the handshake for complete.
            if isinstance(step, Tls) and opening.stream is not None and step.version == "TLS 1.3":
                shaken = step
            else:
                yield step
        if opening.stream is None:
            return
        ctx.wait_for(f"the answer of {target.address} port {target.port} to the request", ctx.patience)
        answered = send_update_request(
            ctx,
            opening.stream,
            _as_sent(ctx, target, request),
            server=target.address,
            port=target.port,
            scheme=target.scheme,
            purpose=purpose,
        )
        http = answered.http
        if shaken is not None:
            refused = _rejected_handshake(shaken, opening.stream, http)
            yield refused or shaken
            if refused is not None:
                return
        http = _refused_before(ctx, request, http)
        yield http
        signed = _signed_in_update(ctx, target, request, http, purpose)
        if signed is not None:
            answered, http = signed, signed.http
            yield http
        if http.complete and is_success_status(http.status) and http.status != 206:
            answer = to_observation(
                read_answer(answered.body, http.content_type, answered.problem),
                time=last_time_of(http),
                client=http.client,
                client_port=http.client_port,
                server=target.address,
                port=target.port,
            )
            yield answer if purpose == "update" else replace(answer, purpose=purpose)
    finally:
        opening.close()


def _signed_in_update(
    ctx: Context, target: Target, request: Request, http: Http, purpose: Purpose
) -> "Answered | None":
    """The request with a sign-in, where one is asked for outside and an account was given."""
    from ucdiag.probe.http import send_update_request

    if ctx.account is None or not is_external(request.target) or purpose == "host":
        return None
    place: _Place = {"server": target.address, "port": target.port, "scheme": target.scheme}
    return _signed_in(
        ctx,
        target,
        request,
        http,
        lambda stream, last: send_update_request(ctx, stream, last, purpose=purpose, **place),
    )


def _refused_before(ctx: Context, request: Request, http: Http) -> Http:
    """The answer, marked where the sign-in that it asks for was refused in this run, and is not repeated."""
    if ctx.account is None or not ctx.account.refused or not is_external(request.target):
        return http
    from ucdiag.probe.sign_in import wants_sign_in

    return replace(http, sign_in="refused") if wants_sign_in(http) else http


class _Place(TypedDict):
    server: str
    port: int
    scheme: Scheme


def _signed_in(
    ctx: Context, target: Target, request: Request, http: Http, last: "Callable[[Stream, Request], Answered]"
) -> "Answered | None":
    """The answer to the request with a sign-in; None where ``http`` asks for none, or nobody can be asked again."""
    from ucdiag.probe.http import send_update_request
    from ucdiag.probe.sign_in import certificate_of, sign_in, wants_sign_in

    account = ctx.account
    if account is None or account.refused or not wants_sign_in(http):
        return None
    place: _Place = {"server": target.address, "port": target.port, "scheme": target.scheme}

    def attempt(bound: bool) -> "Answered | None":
        opening = _Opening(ctx, target, http.purpose or "update")
        try:
            for _ in opening.open_connection():
                pass
            stream = opening.stream
            if stream is None:
                return None
            return sign_in(
                account,
                http,
                _as_sent(ctx, target, request),
                lambda first: send_update_request(ctx, stream, first, purpose=http.purpose, keep_open=True, **place),
                lambda end: last(stream, end),
                certificate_of(stream) if bound else None,
            )
        finally:
            opening.close()

    answered = attempt(bound=False)
    if answered is None or answered.http.sign_in != "refused":
        return answered
    other = attempt(bound=True) if target.scheme == "https" else None
    if other is None or other.http.sign_in != "done" or other.http.status is None:
        account.refused.append((target.address, target.port))
        return answered
    return replace(answered, http=replace(answered.http, sign_in="binding-wanted"))


def fetch_file(
    ctx: Context,
    url: str,
    resolve: Resolve,
    *,
    named_by: str | None = None,
    limit: int | None = DOWNLOAD_LIMIT,
    seconds: Seconds = DOWNLOAD_SECONDS,
    tried: set[tuple[str, int]] | None = None,
) -> Iterator[Observation]:
    """The file at ``url``: Lookup, Connect, on https Tls, Http, Transfer. No Lookup for an address or ``localhost``.

    ``resolve(name, purpose)`` asks DNS. Of several addresses the next is tried when one does not open, as phones and
    libraries do. An address that no phone reaches (loopback, 0.0.0.0) is not tried, because what answers there for this
    machine proves nothing; unless ``named_by``, the address of the server that named the URL, is such a one itself.
    Not more than ``limit`` bytes are read (``None``: ``DOWNLOAD_LIMIT``) and nothing of them is kept;
    ``seconds`` bounds the whole, and a server that falls silent for ``ctx.timeout`` has stalled.
    A Transfer always comes; for an unusable URL it is the only observation.

    ``tried`` has the (address, port) of earlier files' connections, and gets those of this one. Where it is given and
    the file came whole, the host's other addresses are opened, too, behind Transfer: a phone may take any of them.
    """
    yield from _Fetch(ctx, url, named_by, limit, seconds, tried).run(resolve)


class _Fetch:
    """One file on its way: the URL, then the addresses of its host, then the transfer from one of them."""

    def __init__(
        self,
        ctx: Context,
        url: str,
        named_by: str | None,
        limit: int | None,
        seconds: Seconds,
        tried: set[tuple[str, int]] | None,
    ) -> None:
        self._ctx = ctx
        self._url = url
        self._named_by = named_by
        self._limit = DOWNLOAD_LIMIT if limit is None else limit
        self._seconds = seconds
        self._tried = tried
        self._began, self._started = ctx.now(), ctx.monotonic()
        self._port: int | None = None

    def run(self, resolve: Resolve) -> Iterator[Observation]:
        if not usable_url(self._url):
            yield self._failed_transfer(
                "host_missing", f"{quoted(self._url[:200])} is not an absolute http or https URL"
            )
            return
        flaw = place_flaw(self._url, self._named_by)
        if flaw:
            yield self._failed_transfer("host_missing", flaw)
            return
        parts = urlsplit(self._url)
        host = (parts.hostname or "").removesuffix(".")
        scheme: Scheme = "https" if parts.scheme == "https" else "http"
        port = self._port = parts.port or (443 if scheme == "https" else 80)
        request = file_request(self._url)
        came: Transfer | None = None
        last: Transfer | None = None
        addresses = yield from self._addresses_of_host(host, resolve)
        for address in addresses[:_ADDRESSES]:
            target = Target(address=address, port=port, host=host, scheme=scheme, path=request.target)
            if came is not None:
                yield from self._open_beside(came, target)
                continue
            opening = self._opening_of(target)
            try:
                yield from opening.open_connection()
                if opening.stream is not None:
                    came = yield from self._transfer_file(opening.stream, target, request)
                    yield came
                    continue
            finally:
                opening.close()
            # An address that could not be tried may be the one at which it is.
            if last is None or last.outcome != "not_sent":
                last = self._failed_transfer(
                    "not_sent" if opening.unsent else "connect_failed", opening.problem, address
                )
        if came is None and last is not None:
            yield last

    def _opening_of(self, target: Target) -> "_Opening":
        if self._tried is not None:
            self._tried.add((target.address, target.port))
        return _Opening(self._ctx, target, "file")

    def _open_beside(self, came: Transfer, target: Target) -> Iterator[Observation]:
        """Whether another address of the host opens, once for all files. A proxy's connection shows nothing of it."""
        if self._tried is None or came.outcome != "whole" or self._ctx.proxy is not None:
            return
        if (target.address, target.port) not in self._tried:
            opening = self._opening_of(target)
            try:
                yield from opening.open_connection()
            finally:
                opening.close()

    def _addresses_of_host(self, host: str, resolve: Resolve) -> Generator[Observation, None, tuple[str, ...]]:
        """The addresses to try; where there is none, the Transfer that says why comes before."""
        if is_localhost(host):
            return (LOCALHOST,)
        if is_address(host):
            return (host,)
        lookup = resolve(host, "file")
        yield lookup
        if lookup.failure == "not_sent":
            yield self._failed_transfer("not_sent", f"its host could not be looked up: {lookup.reason}")
            return ()
        if not lookup.addresses:
            answer = lookup.rcode or lookup.failure or "not answered"
            yield self._failed_transfer("host_missing", f"{host} has no address ({answer})")
            return ()
        if self._named_by is not None and address_flaw(self._named_by):
            return lookup.addresses
        flaws = {address: address_flaw(address) for address in lookup.addresses}
        flaws |= dict.fromkeys(lookup.broadcast, "it is the broadcast address of a subnet of this machine")
        usable = tuple(address for address, flaw in flaws.items() if not flaw)
        if not usable:
            bad = lookup.addresses[0]
            reason = f"{host} has no usable address: DNS says {bad}, and {flaws[bad]}"
            yield self._failed_transfer("host_missing", reason)
        return usable

    def _transfer_file(
        self, stream: Stream, target: Target, request: Request
    ) -> Generator[Observation, None, Transfer]:
        answered = self._get_file(stream, target, _as_sent(self._ctx, target, request))
        http = answered.http
        yield http
        if target.scheme == "https":  # in clear, a sign-in would go to whoever the answer names
            signed = _signed_in(
                self._ctx, target, request, http, lambda opened, last: self._get_file(opened, target, last)
            )
            if signed is not None:
                answered, http = signed, signed.http
                yield http
        outcome, reason = _transfer_outcome(http)
        if outcome == "whole" and not answered.body and answered.problem is None:
            outcome, reason = (
                "empty",
                f"its {http.answer_bytes} bytes are nothing, compressed ({http.content_encoding})",
            )
        return Transfer(
            time=http.time,
            client=http.client,
            client_port=http.client_port,
            server=target.address,
            port=target.port,
            url=self._url,
            status=http.status,
            received_bytes=http.answer_bytes,
            announced_bytes=http.announced_bytes,
            outcome=outcome,
            seconds=http.seconds,
            first_byte_seconds=answered.first_byte,
            content_type=http.content_type,
            reason=reason,
        )

    def _get_file(self, stream: Stream, target: Target, request: Request) -> "Answered":
        from ucdiag.probe.http import get_file

        waiting = self._ctx.waiting
        self._ctx.wait_for(f"downloading {request.target.rpartition('/')[2][:60]} from {target.host}")
        return get_file(
            self._ctx,
            stream,
            request,
            server=target.address,
            port=target.port,
            scheme=target.scheme,
            limit=self._limit,
            bound=self._seconds,
            progress=waiting.count_bytes if waiting is not None else None,
        )

    def _failed_transfer(self, outcome: TransferOutcome, reason: str | None, server: str | None = None) -> Transfer:
        """The Transfer of which not one byte came."""
        return Transfer(
            time=self._began,
            url=self._url,
            server=server,
            port=self._port,
            outcome=outcome,
            reason=reason,
            seconds=self._ctx.monotonic() - self._started,
        )


class _Opening:
    """The phases before the request. ``stream`` stays ``None`` when one of them failed; ``problem`` says which."""

    def __init__(self, ctx: Context, target: Target, purpose: Purpose) -> None:
        self._ctx = ctx
        self._target = target
        self._purpose = purpose
        self._beneath: TcpStream | None = None
        self.stream: Stream | None = None
        self.problem: str | None = None
        self.unsent = False

    def open_connection(self) -> Iterator[Observation]:
        ctx, target = self._ctx, self._target
        name = target.host if target.host != target.address else None
        connected, self._beneath = connect(ctx, target.address, target.port, name=name, purpose=self._purpose)
        if self._beneath is None or target.scheme != "https":
            self.stream = self._beneath
            self.problem = _why_not_open(connected)
            self.unsent = connected.outcome == "not_sent"
            yield connected
            return
        yield connected
        from ucdiag.probe.tls import handshake

        refusal = self._open_tunnel(self._beneath)
        if refusal is not None:
            yield refusal
            return
        ctx.wait_for(f"TLS handshake with {target.address} port {target.port}", ctx.patience)
        shaken, tls = handshake(ctx, self._beneath, target.host, target.address, target.port, purpose=self._purpose)
        self.stream = tls
        self.unsent = shaken.outcome == "not_sent"
        self.problem = (
            f"the TLS handshake with {target.address}:{target.port} failed: {shaken.reason or shaken.outcome}"
        )
        yield shaken

    def _open_tunnel(self, stream: Stream) -> Http | None:
        """Asks the proxy, if one is to be used, for a way; its refusal as an observation where a user has to act.

        Raises CannotTest for every other reason for which the proxy gives none.
        """
        ctx, target = self._ctx, self._target
        if ctx.proxy is None:
            return None
        from ucdiag.probe.tls import open_tunnel

        try:
            open_tunnel(stream, target.address, target.port, ctx.monotonic() + ctx.patience)
        except OSError as error:
            if str(error).endswith(" 407"):
                self.problem = "the proxy wants a user name and password (407)"
                return _proxy_refusal(ctx, target, self._purpose)
            here = broke_here(error)
            if here is not None:
                text = f"Nothing more could be sent to the proxy: {here}; nothing behind it was tested."
                raise CannotTest(NOT_SENT, text) from error
            raise CannotTest(
                "proxy-unusable",
                f"The proxy gives no way to {target.address}:{target.port} ({error}); it was not tested.",
            ) from error
        return None

    def close(self) -> None:
        if self._beneath is not None:
            self._beneath.close()


def _rejected_handshake(shaken: Tls, stream: Stream, http: Http) -> Tls | None:
    """The failed handshake, when that is why no byte of an answer came."""
    if http.failure != "tls" or http.status is not None or http.answer_bytes:
        return None
    from ucdiag.probe.tls import client_rejection

    return client_rejection(shaken, stream)


def _proxy_refusal(ctx: Context, target: Target, purpose: Purpose) -> Http:
    """A proxy's 407 to CONNECT, as the answer to the request that could not be sent."""
    return Http(
        time=ctx.now(),
        server=target.address,
        port=target.port,
        method="CONNECT",
        target=target.path,
        scheme=target.scheme,
        status=407,
        complete=True,
        purpose=purpose,
    )


def _why_not_open(connected: Connect) -> str:
    """Why no connection came about, with the place."""
    sentences = {
        "refused": "refused the connection",
        "no_answer": "did not answer",
        "unreachable": f"cannot be reached: {connected.reason}",
        "not_sent": f"could not be sent to: {connected.reason}",
    }
    return f"{connected.server}:{connected.port} {sentences.get(connected.outcome, connected.outcome)}"


def _transfer_outcome(http: Http) -> tuple[TransferOutcome, str | None]:
    """The word for how a file's exchange ended."""
    if http.status is not None and not is_success_status(http.status):
        return "status", None
    if http.failure == "not_sent":
        return "not_sent", http.reason
    if http.html and http.answer_bytes:
        return "html", "an HTML page came instead of a file"
    if http.answer_text is not None and http.answer_bytes:
        return "text", f"it reads {quoted(' '.join(http.answer_text.split())[:_READ])}"
    if http.complete:
        if not http.answer_bytes:
            return "empty", None
        if http.status == 206 and not _is_whole_file(http):
            part = f"Content-Range: {http.content_range}" if http.content_range else "without a Content-Range"
            return "partial", f"status 206 ({part}) came, and the whole file was asked for"
        return "whole", None if http.announced_bytes is not None else "the server announced no length"
    if http.status is None and http.failure == "too_large":
        return "truncated", http.reason
    return _BROKEN_OFF.get(http.failure, "truncated"), http.reason


def _is_whole_file(http: Http) -> bool:
    """Whether the part that a 206 carries is all of the file (RFC 9110, section 14.4)."""
    part = re.fullmatch(r"bytes 0-([0-9]{1,18})/([0-9]{1,18})", (http.content_range or "").strip(), re.IGNORECASE)
    return part is not None and int(part[1]) + 1 == int(part[2]) == http.answer_bytes


def _as_sent(ctx: Context, target: Target, request: Request) -> Request:
    """A proxy for plain http wants the whole URL in the request line."""
    if ctx.proxy is None or target.scheme != "http" or not request.target.startswith("/"):
        return request
    return with_target(request, f"http://{request.header('Host') or target.host}{request.target}")
