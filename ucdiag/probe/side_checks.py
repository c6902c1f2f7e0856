"""What such a phone needs beside the update path, asked with ``-v``: the time, the CA's chain, the certificate service.

The time server is that of the DNS record ``_ntp._udp``, else ``time.windows.com`` (Microsoft, "NTP for Lync Phone
Edition"; the record's name is background knowledge). A wrong clock makes certificates expired or not valid yet.
"""

import os
import socket
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from ucdiag.model.observations import Http, Lookup, SideCheck, Tls, Transfer
from ucdiag.model.urls import is_address
from ucdiag.model.vocabulary import Seconds, SideCheckSubject, is_success_status
from ucdiag.probe.plan import Plan
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.update_service.names import R2_LABEL
from ucdiag.update_service.request import host_header

CHAIN = "/certsrv/certnew.p7b?ReqID=CACert&Renewal=-1&Enc=b64"
_LAST_RESORT = "time.windows.com"
_NTP = 123
_EPOCH = 2_208_988_800  # seconds from 1900 to 1970
_MOST_SERVICES = 2
_KEPT = 1 << 20  # bytes


def side_checks(ctx: Context, plan: Plan, services: Iterable[str] = ()) -> Iterator[SideCheck]:
    """One fact each; nothing of it is judged. ``services`` are the URLs of option 43."""
    try:
        if ctx.nameservers and plan.domain is not None:
            yield from _check_time(ctx, plan.domain)
        if plan.domain is not None or plan.server.address is not None:
            host = f"{R2_LABEL}.{plan.domain}" if plan.server.address is None else plan.server.address
            yield check_url(ctx, "certsrv", f"http://{host_header(host, 80, 'http')}{CHAIN}")
        for url in list(dict.fromkeys(services))[:_MOST_SERVICES]:
            yield check_url(ctx, "certificate-service", url)
    except CannotTest:
        return  # mere information


def _check_time(ctx: Context, domain: str) -> Iterator[SideCheck]:
    from ucdiag.probe.dns import Resolver

    resolver = Resolver(ctx)
    record = resolver.resolve(f"_ntp._udp.{domain}", "other", "SRV")
    name, port = _time_server(record) or (_LAST_RESORT, _NTP)
    lookup = resolver.resolve(name, "other")
    target = f"{name} port {port}"
    if not lookup.addresses:
        yield _side_check(ctx, "ntp", target, None, False, f"{name} has no address ({lookup.rcode or lookup.failure})")
        return
    address = lookup.addresses[0]
    offset = ask_time(ctx, address, port)
    if offset is None:
        text = f"no answer within {ctx.timeout:g} seconds"
        yield _side_check(ctx, "ntp", target, address, False, text)
        return
    ahead = "ahead of" if offset < 0 else "behind"
    text = f"this machine's clock is {abs(offset):.1f} seconds {ahead} it"
    yield _side_check(ctx, "ntp", target, address, True, text, offset)


def _time_server(record: Lookup) -> tuple[str, int] | None:
    for text in record.records:
        words = text.split()
        if len(words) == 4 and words[2].isdigit() and words[3] != ".":
            return words[3].rstrip("."), int(words[2])
    return None


def ask_time(ctx: Context, address: str, port: int = _NTP) -> Seconds | None:
    """By how much an SNTP server's clock is ahead of this machine's (RFC 4330); None without a usable answer."""
    host, number = ctx.route(address, port)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    mark = os.urandom(8)
    until = ctx.monotonic() + ctx.patience
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect((host, number))
            sent = ctx.now() / 1e6
            sock.send(b"\x1b" + bytes(39) + mark)
            while (left := until - ctx.monotonic()) > 0:
                sock.settimeout(left)
                answer = sock.recv(512)
                came = ctx.now() / 1e6
                # An answer of a server (mode 4) to our own question, that has the time (stratum 0 has not).
                if len(answer) >= 48 and answer[0] & 7 == 4 and answer[24:32] == mark and 0 < answer[1] < 16:
                    return ((_ntp_seconds(answer[32:40], sent) - sent) + (_ntp_seconds(answer[40:48], came) - came)) / 2
    except OSError:
        return None
    return None


def _ntp_seconds(stamp: bytes, near: float) -> float:
    """Seconds since 1970. A stamp begins again in February 2036: it is of the era that brings it next to ``near``."""
    seconds = int.from_bytes(stamp[:4], "big") - _EPOCH + int.from_bytes(stamp[4:], "big") / 2**32
    return seconds + round((near - seconds) / 2**32) * 2**32


def check_url(ctx: Context, what: SideCheckSubject, url: str) -> SideCheck:
    """What a GET of the URL gave."""
    from ucdiag.probe.dns import Resolver
    from ucdiag.probe.update_request import fetch_file

    http: Http | None = None
    tls: Tls | None = None
    end: Transfer | None = None
    host = urlsplit(url).hostname or ""
    named_by = host if is_address(host) else None
    for fact in fetch_file(ctx, url, Resolver(ctx).resolve, named_by=named_by, limit=_KEPT, seconds=ctx.timeout):
        http = fact if isinstance(fact, Http) else http
        tls = fact if isinstance(fact, Tls) else tls
        end = fact if isinstance(fact, Transfer) else end
    server = end.server if end is not None else None
    if http is not None and http.status is not None:
        text = f"{http.status}"
        if http.challenges:
            text += f", asks for a sign-in ({', '.join(http.challenges)}), as it does of a phone's first attempt"
        elif is_success_status(http.status):
            text += f", {http.answer_bytes} bytes{f' of {http.content_type}' if http.content_type else ''}"
        return _side_check(ctx, what, url, server, http.status < 400 or http.status == 401, text)
    reason = tls.reason if tls is not None and tls.outcome != "complete" else end.reason if end is not None else None
    return _side_check(ctx, what, url, server, False, reason or "no answer")


def _side_check(
    ctx: Context,
    what: SideCheckSubject,
    target: str,
    server: str | None,
    good: bool,
    text: str,
    offset: Seconds | None = None,
) -> SideCheck:
    return SideCheck(time=ctx.now(), what=what, target=target, server=server, good=good, text=text, offset=offset)
