"""Clauses and small predicates that several step judges share. No state."""

import re
from functools import lru_cache
from urllib.parse import unquote

from ucdiag.diagnosis.observation_log import ObservationLog, once_a_log
from ucdiag.model.observations import Http, Lookup, Tls, Transfer, UpdateAnswer
from ucdiag.model.patterns import pattern
from ucdiag.model.service_names import STORES, is_own_agent
from ucdiag.model.text import listed
from ucdiag.update_service.names import is_to_handler, plain_path, target_path

_MOST_RECORDS = 4
# Only who asks another server for the client gives these (RFC 9110, sections 15.6.3 and 15.6.5).
OF_GATEWAYS = frozenset({502, 504})
# haproxy's own page for 503 (2.6.12), which names no software.
_NO_SERVER = "No server is available to handle this request"
# ISA Server and Forefront TMG give 502 for what their rules do not allow: "Proxy Error ( The ISA Server denied the
# specified Uniform Resource Locator (URL). )" (Microsoft, "Error code 12202").
_DENIED = " denied the specified "
# Squid's pages name its error (5.7): "<body id=ERR_CONNECT_FAIL>".
_ERROR_PAGE = pattern(r"<body id=\"?(ERR_[A-Z0-9_]{1,40})[\">]")
_SUBSTATUS = pattern(r"\((\d{3}\.\d{1,3})[,)]", re.ASCII)

# What servers write on their page for 400 where not the request is at fault but the connection that it came on: the
# words, the variant of the advice, and a clause (nginx 1.22, Apache 2.4, Go 1.21).
_CONNECTION_REFUSALS = (
    ("No required SSL certificate was sent", "client-certificate", "wants a client certificate, and none was sent"),
    ("The SSL certificate error", "client-certificate", "does not accept the client's certificate"),
    ("plain HTTP request was sent to HTTPS port", "https-port", "expects TLS on this port, and was asked without"),
    ("plain HTTP to an SSL-enabled server port", "https-port", "expects TLS on this port, and was asked without"),
    ("sent an HTTP request to an HTTPS server", "https-port", "expects TLS on this port, and was asked without"),
)
#: Why a client cannot read an answer that has a status and is no HTTP all the same (RFC 9112, section 6.3).
TWO_LENGTHS = "it announces different lengths (Content-Length)"


def is_post_to_handler(http: Http) -> bool:
    """Whether this is a POST to ucdevice.upx: an update check, or the upload of a log."""
    return http.method == "POST" and is_to_handler(http.target)


def connection_refusal(http: Http) -> tuple[str, str] | None:
    """The variant of the advice, and a clause about the server, where its page for 400 says that the connection is not
    what it wants; None for any other answer."""
    text = http.answer_text if http.status == 400 else None
    if not text:
        return None
    return next(((variant, clause) for words, variant, clause in _CONNECTION_REFUSALS if words in text), None)


def has_no_body(http: Http) -> bool:
    """Whether this update request of a capture has no body, so that no phone sent it."""
    return not (http.verified or http.request_bytes or is_own_agent(http.user_agent))


def substatus(http: Http) -> str | None:
    """Why IIS refused a request, by its log: ``404.3``. None where it says no more than the status."""
    match = _SUBSTATUS.match(http.reason or "")
    return match[1] if match is not None else None


def is_of_gateway(http: Http) -> bool:
    """Whether a proxy or balancer gave this answer because the server behind it gave none."""
    if http.proxy and _DENIED in (http.reason or ""):
        return False
    unreached = http.status == 503 and (bool(http.proxy) or _NO_SERVER in (http.answer_text or ""))
    return http.status in OF_GATEWAYS or unreached


def proxy_clause(http: Http) -> str:
    """Which proxy made the answer, and what its page calls the error; empty where none did."""
    if not http.proxy:
        return ""
    page = _ERROR_PAGE.search(http.answer_text or "")
    return f": a proxy on the way ({http.proxy}) answered{f' with its error {page[1]}' if page else ''}"


def port_suffix(scheme: str, port: int) -> str:
    """``:4443`` behind a host in a URL; empty for the scheme's own port, and for one that is not known."""
    return f":{port}" if port not in (0, 443 if scheme == "https" else 80) else ""


def hung_up(tls: Tls) -> bool:
    """Whether the server ended the connection before the client sent a byte."""
    return tls.outcome == "closed" and tls.stage is None and tls.closed_by == "server"


def is_hang_up(http: Http) -> bool:
    """Whether this is no request: the server accepted the connection and closed it before either side sent a byte."""
    nothing = http.method is None and http.status is None and not http.lost_bytes
    return nothing and http.closed_by == "server" and http.failure in ("closed", "reset")


@once_a_log
def update_requests(history: ObservationLog) -> list[Http]:
    """A phone's update checks: its POSTs to ucdevice.upx that bring no log.

    How the two differ on the wire is published nowhere. A body that may be either is a log's when the same phone's
    update checks are seen beside it; whatever is answered about updates was an update check.
    """
    found = []
    unclear = []
    answered = {
        (answer.server, answer.port, answer.frame)
        for answer in history.of_kind(UpdateAnswer)
        if answer.form in ("offered", "none_offered") and answer.frame is not None
    }
    for exchange in history.of_kind(Http):
        if exchange.purpose == "update" or (exchange.purpose is None and is_post_to_handler(exchange)):
            found.append(exchange)
        elif exchange.purpose in ("log", "update-or-log"):
            if (exchange.server, exchange.port, exchange.answer_frame) in answered:
                found.append(exchange)
            elif exchange.purpose == "update-or-log":
                unclear.append(exchange)
    return found or unclear


def is_in_store(path: str) -> bool:
    """Whether a path is one below which the services publish firmware files."""
    plain = plain_path(path)
    return any(store in plain for store in STORES)


def is_firmware_request(http: Http) -> bool:
    """Whether this is a GET of a firmware file, by its path alone. A folder is looked at by a person."""
    path = target_path(http.target)
    return http.method == "GET" and is_in_store(path) and not path.endswith("/")


def host_name(http: Http) -> str:
    """The host that a request names, without its port."""
    return (http.host or "").rpartition("]")[2].partition(":")[0] or (http.host or "")


@lru_cache(maxsize=32)
def file_name(path: str | None) -> str:
    """The last part of a path or URL, as Windows servers compare it: no regard to case or to how it is escaped."""
    return unquote(target_path(path)).replace("\\", "/").rpartition("/")[2].lower()


def lacking_clause(http: Http) -> str:
    """The clause that the capture lacks a part of this exchange, why, and what helps."""
    much = f"some {bytes_text(http.lost_bytes)} of it" if http.lost_bytes else "a part of it"
    if http.snapped:
        return f"the capture's snap length cut off {much}; capture again with whole packets (tcpdump -s 0)"
    advice = "capture again, nearer to the phone or with a larger buffer (tcpdump -B 65536)"
    return f"the capture lacks {much}; {advice}"


def announced_clause(came: Http | Transfer) -> str:
    """`` of 12,345``, the length that was announced; "" where none was."""
    return f" of {came.announced_bytes:,}" if came.announced_bytes is not None else ""


def bytes_text(count: int) -> str:
    """``1 byte``, ``12,345 bytes``."""
    return f"{count:,} byte{'' if count == 1 else 's'}"


def is_definite(lookup: Lookup) -> bool:
    """Whether the answer decides: the name exists, or it does not."""
    return lookup.rcode in ("NOERROR", "NXDOMAIN") and not lookup.referred


def lookup_said(lookup: Lookup) -> str:
    """The result of a DNS query in a few words: addresses, response code, or failure."""
    if lookup.rcode is None:
        if lookup.truncated:
            return "a truncated answer over UDP, and none over TCP"
        if lookup.failure == "unreachable" and lookup.reason and "port unreachable" not in lookup.reason:
            return lookup.reason
        return {
            "unreachable": f"nothing listens there ({lookup.reason or 'ICMP unreachable'})",
            "not_sent": "not sent",
            "malformed": "an answer that cannot be read as DNS",
            "lost": "the answer is not in the capture",
            "elsewhere": f"an answer from {lookup.answer_from}, which was not asked",
        }.get(lookup.failure or "", "no answer")
    if lookup.rcode != "NOERROR":
        return lookup.rcode
    if lookup.addresses:
        return listed(lookup.addresses)
    if lookup.records and lookup.type not in ("A", "AAAA"):
        return listed(lookup.records[:_MOST_RECORDS])
    if lookup.referred:
        return "referred elsewhere (the server does not recurse)"
    if not lookup.aliases:
        return "no such record (NOERROR)"
    return f"alias {lookup.aliases[-1]}" + (
        ", which has no such record" if lookup.zone is not None else ", and no record of that"
    )
