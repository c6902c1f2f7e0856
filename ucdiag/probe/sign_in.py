"""The sign-in of a phone outside: NTLM on one connection, by ``pyspnego`` (the extra ``ntlm``).

NTLM signs a connection in, so both messages and the request go over the same one. A server may want the sign-in bound
to the TLS channel (Extended Protection for Authentication). That phones of that time send no binding is background
knowledge; so the first try has none. A second one has it, only to distinguish a required binding from a wrong
password.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from typing import SupportsIndex

from ucdiag.model.observations import Http
from ucdiag.model.vocabulary import SignInResult
from ucdiag.probe.http import Answered
from ucdiag.probe.tcp import Stream
from ucdiag.runtime.context import Account
from ucdiag.update_service.request import Request

Send = Callable[[Request], Answered]


class AccountName(str):
    """A name whose capitals are those of Windows: each character has one or stays (MS-UCODEREF, section 3.1.5.3).

    The key of NTLM is made of them (MS-NLMP, section 3.3.2), by pyspnego with ``upper``, which makes WEISS of weiß.
    """

    __slots__ = ()

    def upper(self) -> str:
        return "".join(capital if len(capital := letter.upper()) == 1 else letter for letter in self)

    def split(self, sep: str | None = None, maxsplit: SupportsIndex = -1) -> list[str]:
        """pyspnego takes the domain off with it."""
        return [AccountName(part) for part in super().split(sep, maxsplit)]


def wants_sign_in(http: Http) -> bool:
    """Whether the answer asks for a sign-in that can be given."""
    return http.status == 401 and http.complete and _sign_in_scheme(http) is not None


def _sign_in_scheme(http: Http) -> str | None:
    offered = {challenge.lower(): challenge for challenge in http.challenges}
    return offered.get("ntlm") or offered.get("negotiate")


def sign_in(
    account: Account, http: Http, request: Request, first: Send, then: Send, binding: bytes | None = None
) -> Answered:
    """The request with the sign-in that the answer ``http`` asked for; ``first`` and ``then`` send on one connection.

    ``binding`` is the server's certificate in DER to bind to, None for no binding. The answer's ``sign_in`` says how it
    went: ``refused`` where the last answer is 401 again, ``not-continued`` where the server's part did not come,
    ``closed`` where the server hung up instead.
    """
    import spnego
    from spnego.channel_bindings import GssChannelBindings

    scheme = _sign_in_scheme(http) or "NTLM"
    bound = GssChannelBindings(application_data=_end_point(binding)) if binding is not None else None
    client = spnego.client(
        AccountName(account.user),
        account.password,
        hostname=(request.header("Host") or "").partition(":")[0] or "server",
        service="HTTP",
        protocol="ntlm" if scheme.lower() == "ntlm" else "negotiate",
        channel_bindings=bound,
    )
    begun = first(_with_token(request, scheme, client.step() or b"", last=False))
    token = _challenge_token(begun.challenge, scheme)
    if begun.http.status != 401 or token is None:
        return _with_result(begun, "not-continued" if begun.http.status == 401 else _hang_up_result(begun))
    try:
        reply = client.step(token) or b""
    except Exception:  # noqa: BLE001 - what the server sent is no challenge; pyspnego meets some of it with ValueError
        return _with_result(begun, "not-continued")
    answered = then(_with_token(request, scheme, reply, last=True))
    return _with_result(answered, "refused" if answered.http.status == 401 else _hang_up_result(answered) or "done")


def _hang_up_result(answered: Answered) -> SignInResult | None:
    """Whether the server hung up in place of an answer."""
    return "closed" if answered.http.status is None and answered.http.failure in ("closed", "reset") else None


def _with_result(answered: Answered, word: SignInResult | None) -> Answered:
    http = replace(answered.http, sign_in=word)
    return replace(answered, http=http)


def _with_token(request: Request, scheme: str, token: bytes, *, last: bool) -> Request:
    """The request with one message of the sign-in; the first goes without the body, and keeps the connection."""
    kept = [(name, value) for name, value in request.headers if name.lower() not in ("connection", "authorization")]
    headers = [*kept, ("Authorization", f"{scheme} {base64.b64encode(token).decode()}")]
    if last:
        return replace(request, headers=(*headers, ("Connection", "close")))
    headers = [(name, "0" if name.lower() == "content-length" else value) for name, value in headers]
    return replace(request, headers=(*headers, ("Connection", "keep-alive")), body=b"")


def _challenge_token(challenge: str | None, scheme: str) -> bytes | None:
    found = re.search(rf"(?:^|,)\s*{scheme}\s+([A-Za-z0-9+/=]{{8,65536}})", challenge or "", re.IGNORECASE)
    if found is None:
        return None
    try:
        return base64.b64decode(found[1], validate=True)
    except ValueError:
        return None


def _end_point(certificate: bytes) -> bytes:
    """The binding ``tls-server-end-point`` (RFC 5929, section 4.1): MD5 and SHA-1 count as SHA-256."""
    from cryptography import x509

    try:
        used = x509.load_der_x509_certificate(certificate).signature_hash_algorithm
        name = used.name if used is not None else "sha256"
    except ValueError:
        name = "sha256"
    digest = hashlib.new("sha256" if name in ("md5", "sha1") else name, certificate).digest()
    return b"tls-server-end-point:" + digest


def certificate_of(stream: Stream) -> bytes | None:
    """The server's certificate of an encrypted stream."""
    from ucdiag.probe.tls_stream import TlsStream

    chain = stream.certificate_chain() if isinstance(stream, TlsStream) else []
    return chain[0] if chain else None
