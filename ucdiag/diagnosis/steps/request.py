"""Step 5: the POST gets a complete HTTP answer of success.

A first 401 that a success follows is how NTLM and Kerberos work and leaves nothing behind. 400 and 500 to our own
unverified body prove nothing, because what these phones really send is published nowhere.
"""

from collections.abc import Iterator, Sequence

from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.lost_answers import came_too_late, is_late
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import (
    TWO_LENGTHS,
    announced_clause,
    bytes_text,
    connection_refusal,
    has_no_body,
    is_of_gateway,
    lacking_clause,
    port_suffix,
    substatus,
)
from ucdiag.diagnosis.step_event import Event, StepEventBuilder, evidence_of
from ucdiag.diagnosis.steps.connect import describe_connect
from ucdiag.diagnosis.steps.tls import handshake_failure
from ucdiag.diagnosis.traffic import Traffic
from ucdiag.diagnosis.unsent import unsent_clause, unsent_event
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Connect, Http, Tls, last_time_of
from ucdiag.model.patterns import pattern
from ucdiag.model.report import Evidence
from ucdiag.model.steps import Level, Step
from ucdiag.model.text import listed
from ucdiag.model.urls import is_address, split_url
from ucdiag.model.vocabulary import FindingCode, Microseconds, SignInResult, is_success_status
from ucdiag.update_service.names import is_external, is_to_handler, plain_name, target_path

_STATUS: dict[int, tuple[FindingCode, str]] = {
    401: ("http-auth-required", "wants a user name and password"),
    403: ("http-forbidden", "forbids the request"),
    404: ("http-not-found", "does not know this path"),
    405: ("http-method-refused", "does not take POST on this path"),
    407: ("http-proxy-auth", "is a proxy that wants a user name and password"),
    500: ("http-server-error", "failed inside"),
    502: ("http-unavailable", "gets no answer from the server behind it"),
    503: ("http-unavailable", "is not available"),
    504: ("http-unavailable", "gets no answer in time from the server behind it"),
}
# Network Authentication Required: of a portal on the way, never of a server (RFC 6585, section 6).
_PORTAL_STATUS = 511
_OTHER_STATUS: tuple[FindingCode, str] = ("http-status", "gives a status that the phone cannot use")
# Statuses that refuse what a request carries, its form or its length (RFC 9110, section 15.5), or fail on it (500).
_CONTENT_REFUSED = frozenset({400, 406, 411, 413, 415, 422, 500})
_NO_BODY = "it has no body, as that of a person or a monitor that tests the server, and not of a phone"
_PORT = pattern(r":[0-9]{1,5}$")
# Labels under which the domains of many countries are.
_BELOW_COUNTRIES = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})
_OF_MICROSOFT = ("microsoft-", "iis")
_LONGEST_SOFTWARE = 40  # characters
_NOT_FOLLOWED = ", and a phone does not follow"


def events(traffic: Traffic, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    made: list[Event] = []
    refusals = 0  # 401 without anything else between them
    answered: set[tuple[str, int | None, int | None]] = set()  # the connections with a complete answer
    own_request = setting.from_capture and any(http.verified and http.method for http in traffic.requests)
    for http in traffic.requests:
        if own_request and not http.verified and http.status in _CONTENT_REFUSED:
            continue  # the phone's own requests say more than a test that proves nothing
        refusals = refusals + 1 if http.status == 401 else 0
        too_early = setting.from_capture and at - last_time_of(http) < setting.patience_microseconds
        event = _request_event(http, setting, at, signing_in=too_early and _may_sign_in(http, refusals))
        then = traffic.followed.get(id(http))
        if then is not None:
            event = _followed_event(event, http, then)
        connection = http.server, http.port, http.client_port
        if connection in answered and _was_not_read(http):
            event = _idle_end_event(event, http)
        if http.complete and http.client_port is not None:
            answered.add(connection)
        made.append(event)
    made = _with_other_port(made, traffic)
    crossed = {(http.server, http.client_port) for http in traffic.requests}
    hang_ups = [http for http in traffic.hang_ups if (http.server, http.client_port) not in crossed]
    last = {http.server: http for http in hang_ups}
    beside: dict[str, list[Connect]] = {}
    for connect in traffic.beside:
        beside.setdefault(connect.server, []).append(connect)
    made += [
        _hung_up(_Exchange(http, setting, at), beside.get(http.server, ()), is_last=last[http.server] is http)
        for http in hang_ups
    ]
    return made


def _with_other_port(made: list[Event], traffic: Traffic) -> list[Event]:
    """The events of requests, where one failed with what the phone met last on the server's other port."""
    for seen in {(seen.server, seen.port): seen for seen in traffic.after_requests}.values():
        before = [
            at
            for at, event in enumerate(made)
            if event.time <= seen.time and event.channel is not None and event.channel[0] == seen.server
        ]
        event = made[before[-1]] if before else None
        if event is not None and event.ok is False:
            failure = handshake_failure(seen, from_capture=True) if isinstance(seen, Tls) else None
            text = failure[1] if failure is not None else describe_connect(seen) if isinstance(seen, Connect) else ""
            made[before[-1]] = replace(event, evidence=(*event.evidence, evidence_of(f"then {text}", seen)))
    return made


def _followed_event(event: Event, http: Http, then: Http | Tls) -> Event:
    """The event of a redirect that the phone followed: unknown, where it went to the service over TLS."""
    said, where = event.summary.removesuffix(_NOT_FOLLOWED), f"{then.server} port {then.port}"
    if isinstance(then, Http):
        line = evidence_of(f"then {then.method} {target_path(then.target) or '/'} to {where}", then)
        return replace(event, summary=f"{said}, and the phone followed", evidence=(*event.evidence, line))
    text = f"{said}, and the phone went there over TLS"
    event = replace(event, summary=text, evidence=(*event.evidence, evidence_of(f"then TLS with {where}", then)))
    if not is_to_handler(http.location):
        return event
    text += ", in which its request cannot be read: test the server itself with ucdiag probe"
    return replace(event, ok=None, code=None, problem="tls-not-decrypted", summary=text)


def _was_not_read(http: Http) -> bool:
    """Whether the server ended the connection instead of acknowledging this request."""
    ended = http.failure in ("closed", "reset") and http.closed_by == "server"
    return ended and http.status is None and not http.answer_bytes and http.request_acked is not True


def _idle_end_event(event: Event, http: Http) -> Event:
    """The event of a request on a kept connection that the server had just ended: clients repeat it (RFC 9112, section
    9.3.1), so it leaves no warning then."""
    text = f"{http.server} port {http.port} ended the connection, kept from the request before, and read no more on it"
    return replace(event, summary=text, expected=True)


def _hung_up(case: "_Exchange", others: Sequence[Connect], *, is_last: bool) -> Event:
    """The event of a connection that the server closed before either side sent a byte, with the other port's result.

    ``others`` are the attempts on another port behind the last such connection, whose evidence they are.
    """
    text, time = hung_up_text(case.http), case.http.time
    evidence = [evidence_of(text, case.http)]
    if is_last:
        evidence += [evidence_of(describe_connect(other), other) for other in others if other.time >= time]
    if others and others[-1].time >= time:
        text += f"; {describe_connect(others[-1])}"
    event = case.event.with_values(variant="hung-up")
    return replace(event, evidence=tuple(evidence)).failed("http-closed", text)


def hung_up_text(http: Http) -> str:
    """The clause that the server closed the connection; it begins with the server's address."""
    how = "reset" if http.failure == "reset" else "closed"
    held = f" {http.seconds:.0f} s later" if http.seconds is not None and http.seconds >= 1 else ""
    return f"{http.server} opened the connection on port {http.port} and {how} it{held}, before any request"


def _may_sign_in(http: Http, refusals: int) -> bool:
    """Whether the phone can be expected to send its request again with credentials.

    NTLM takes two answers of 401 before the final one, Kerberos one (RFC 4559). A phone that closed does not sign in.
    """
    if http.closed_by == "client":
        return False
    return 0 < refusals < 3 and bool({"ntlm", "negotiate"} & {scheme.lower() for scheme in http.challenges})


def answer_said(http: Http, from_capture: bool, from_logs: bool = False) -> str:
    """The answer in a few words: ``404 Not Found``, ``no answer``.

    ``reason`` is the status line's phrase in a capture; an active command says there why the exchange failed. Of
    a server's logs the bytes are not known.
    """
    if came_too_late(http):
        return "an answer that came when the phone had closed the connection"
    if http.status is None:
        said = {
            "no_answer": "no answer",
            "closed": "connection closed",
            "reset": "connection reset",
            "not_http": "an answer that is not HTTP",
            "too_large": "an answer too large to read",
        }.get(http.failure or "", "no complete answer")
        return said if from_capture or not http.reason else f"{said} ({http.reason})"
    phrase = f" {http.reason}" if from_capture and http.reason and len(http.reason) < 60 else ""
    cut = ""
    if not http.complete and http.failure is None and http.lost_bytes:
        cut = " (the rest of it the capture's snap length cut off)" if http.snapped else " (the capture lacks the rest)"
    elif not http.complete and from_logs:
        cut = ", cut short"
    elif not http.complete:
        cut = f", cut after {bytes_text(http.answer_bytes)}{announced_clause(http)}"
    return f"{http.status}{phrase}{cut}"


def _request_event(http: Http, setting: DiagnosisOptions, at: Microseconds, signing_in: bool) -> Event:
    case = _Exchange(http, setting, at)
    if http.method is None and setting.from_capture:
        return _request_missing(case)
    if signing_in and not is_external(http.target):
        asked = f"{case.where} asked for a sign-in ({listed(http.challenges)})"
        return case.cut_off(f"the capture ends after {asked}, before the phone's next request")
    if http.status is not None and not is_success_status(http.status):
        return _status_event(case, http.status)
    not_sent = unsent_clause(http)
    if not_sent is not None:
        return unsent_event(Step.REQUEST, http, not_sent)
    return _success_event(case) or _undecided_event(case) or _failure_event(case)


class _Exchange:
    """One request with what all sentences about it need: ``where`` it went, its ``path`` and what was ``answered``."""

    def __init__(self, http: Http, setting: DiagnosisOptions, at: Microseconds) -> None:
        self.http = http
        self.from_capture = setting.from_capture
        self.from_logs = setting.from_logs
        self.where = f"{http.server} port {http.port}" if http.port else http.server
        self.has_no_body = setting.from_capture and has_no_body(http)
        self.by_proxy = http.method == "CONNECT"
        self.path = (http.target or "") if self.by_proxy else target_path(http.target) or "/"
        self.answered = answer_said(http, setting.from_capture, setting.from_logs)
        #: Whether the capture ended too early to say that nothing came.
        ends_soon = at - last_time_of(http) < setting.patience_microseconds
        self.too_early = setting.from_capture and ends_soon and not came_too_late(http)
        self.event = StepEventBuilder(
            step=Step.REQUEST,
            time=http.time,
            seconds=http.seconds,
            evidence=tuple(self._exchange_evidence()),
            values=self._advice_values(),
            channel=(http.server, http.port),
        )

    def cut_off(self, summary: str) -> Event:
        """The capture ended before the exchange was over."""
        return self.event.cut_off(summary, waiting=self.http.status is None)

    def _exchange_evidence(self) -> Iterator[Evidence]:
        http = self.http
        line = f"{self.where}: {self.answered}"
        yield evidence_of(f"{http.method} {self.path} to {line}" if http.method else line, http)
        if http.server_header:
            yield evidence_of(f"the answer came from {http.server_header}", http)
        if http.challenges:
            yield evidence_of(f"it offers to authenticate by {listed(http.challenges)}", http)
        if http.retry_after:
            yield evidence_of(f"it says when to ask again (Retry-After: {http.retry_after})", http)

    def _advice_values(self) -> dict[str, str]:
        http = self.http
        values = {
            "address": http.server,
            "port": str(http.port or ""),  # which a log may lack
            "path": self.path,
            "status": str(http.status or ""),
            "host": http.server,
        }
        if http.host:
            values["host"] = _PORT.sub("", http.host)
        name = _name_asked(http)
        if name is not None:
            values["name"] = name
        if http.scheme:
            values["scheme"] = http.scheme
        software = _software(http)
        if software is not None:
            values["software"] = software
        if self.from_capture:
            values.update(self._asked_url())
        return values

    def _asked_url(self) -> Iterator[tuple[str, str]]:
        """Where the address alone would lead a test elsewhere: the value for what was asked."""
        http, host = self.http, self.http.host
        suffix = port_suffix(http.scheme, http.port)
        if not suffix and not is_external(self.path):
            return
        if host is None:
            host = http.server + suffix if is_address(http.server) else None
        elif not self.from_logs and not _PORT.search(host):  # in front of a logging server there may be a proxy
            host += suffix
        if host:
            yield "asked_url", f"{http.scheme}://{host}{self.path}"


def _software(http: Http) -> str | None:
    """The server's own name for itself where that is not of Microsoft's, whose IIS the update service runs in."""
    word = ((http.server_header or "").split() or [""])[0]
    # Some put a mere "-" there, which names nothing.
    named = word[:1].isalnum() and not word.lower().startswith(_OF_MICROSOFT)
    return word[:_LONGEST_SOFTWARE] if named else None


def _request_missing(case: _Exchange) -> Event:
    """An exchange whose request was not captured."""
    if case.http.status is None:
        text = f"what the phone and {case.where} sent is not known: {lacking_clause(case.http)}"
        return case.event.unknown(text, "capture-gap")
    text = f"what {case.where} answered with {case.answered} is not known, since the request is not in the capture"
    return case.event.unknown(f"{text}: {lacking_clause(case.http)}" if case.http.lost_bytes else text, "capture-gap")


def _success_event(case: _Exchange) -> Event | None:
    """The event of an exchange that ended with an answer of success; None for any other."""
    http, where, path = case.http, case.where, case.path
    if http.status is None:
        return None
    if http.complete and http.status == 206 and not case.from_capture:
        part = f" (Content-Range: {http.content_range})" if http.content_range else ""
        text = f"{where} answered 206 to the POST to {path}: only a part of its answer{part}, and all was asked for"
        return case.event.failed("http-status", text)
    if case.by_proxy:
        text = f"the phone goes through the proxy {where} to {path}, and what it says and hears in there cannot be read"
        return replace(case.event.unknown(text), problem="tls-not-decrypted")
    if http.complete:
        doubt = _NO_BODY if case.has_no_body else "the body is ucdiag's own guess"
        guess = "" if http.verified else f" ({doubt})"
        left = _CLIENT_LEFT if case.from_logs and http.closed_by == "client" else ""
        return case.event.ok(f"{where} answered the POST to {path} with {case.answered}{guess}{left}")
    if http.failure == "too_large":
        return case.event.ok(f"{where} answered the POST to {path} with {http.status}")
    return None


def _undecided_event(case: _Exchange) -> Event | None:
    """The event of an exchange whose end is not in the capture; None for any other."""
    http = case.http
    if case.too_early and http.failure in (None, "no_answer", "incomplete", "stalled"):
        return case.cut_off(f"the capture ends while the answer of {case.where} was awaited")
    if case.from_capture and http.failure is None and http.lost_bytes:
        return case.event.unknown(f"what {case.where} answered is not known: {lacking_clause(http)}", "capture-gap")
    return None


def _failure_event(case: _Exchange) -> Event:
    """The event of a request that got no complete answer."""
    http, where = case.http, case.where
    logged = f" {http.reason}" if case.from_logs and http.status is None and http.reason else ""
    why = logged or _reason_clause(http, case.from_capture)
    if http.failure in ("closed", "reset", "tls"):
        return _closed_event(case, why)
    if http.failure == "not_http" and http.status is not None:
        text = f"what {where} answers cannot be read{why or f': {TWO_LENGTHS}'}"
        return case.event.with_values(variant="two-lengths").failed("http-not-http", text)
    if http.failure == "too_large" and why:
        return case.event.failed("http-not-http", f"what {where} answers cannot be read{why}")
    if http.failure in ("not_http", "too_large"):
        return case.event.failed("http-not-http", f"what answers at {where} does not speak HTTP{why}")
    if came_too_late(http):
        text = f"{where} answered after {http.seconds:.1f} s, when the phone had given up and closed the connection"
        return case.event.failed("http-no-answer", text)
    variant, lost = _not_acknowledged(case)
    event = case.event.with_values(variant=variant) if variant else case.event
    if http.status is None and http.failure != "incomplete":
        began = f" (only {bytes_text(http.answer_bytes)} came)" if http.answer_bytes else ""
        if lost:
            return event.failed("http-no-answer", f"{lost}: it is lost between the phone and the server")
        return event.failed("http-no-answer", f"{where} took the request and sent no answer{began}")
    came = case.answered if http.status is not None else "not even its headers were whole"
    if lost:
        return event.failed("http-no-answer", f"{where} began to answer ({came}); {lost}")
    return event.failed("http-no-answer", f"{where} began to answer and did not finish: {came}")


def _closed_event(case: _Exchange, why: str) -> Event:
    """The event of a request whose connection ended before a complete answer."""
    http, where = case.http, case.where
    how = "reset" if http.failure == "reset" else "closed"
    came = "" if http.status is None else f" ({case.answered})"
    variant, lost = _not_acknowledged(case)
    if lost:
        who = "the phone" if http.closed_by == "client" else where
        event = case.event.with_values(variant=variant)
        return event.failed("http-closed", f"{lost}, and {who} {how} the connection{came}")
    if http.sign_in == "closed":
        event = case.event.with_values(variant="sign-in")
        return event.failed("http-closed", f"{where} {how} the connection in the middle of the sign-in{came}{why}")
    who = "the phone" if case.from_capture and http.closed_by == "client" else where
    to = f" to {where}" if who != where else ""
    logged = _LOGGED.get((http.reason or "").strip("()")) if case.from_logs else None
    event = case.event.with_values(variant=logged) if logged else case.event
    if case.from_logs and http.status is not None and http.closed_by == "server":
        return event.failed("http-closed", f"{where} could not send its whole answer{came}")
    return event.failed("http-closed", f"{who} {how} the connection{to} before a complete answer{came}{why}")


def _not_acknowledged(case: _Exchange) -> tuple[str, str]:
    """The variant of the advice, and a clause, where no byte of the request or answer arrived; empty otherwise."""
    if case.http.request_acked is False:
        clause = f"no byte of the request was acknowledged by {case.where}, so it did not arrive"
        return "request-not-acknowledged", clause
    if case.http.answer_acked is False:
        return "answer-not-acknowledged", "the phone acknowledged no byte of the answer, so it did not arrive"
    if is_late(case.http):
        return "answer-not-acknowledged", "the phone acknowledged only the beginning of the answer, so the rest is lost"
    return "", ""


# What became of a sign-in that ended with 401 again, and its code.
_SIGN_INS: dict[SignInResult | None, tuple[FindingCode, str]] = {
    "refused": (
        "external-sign-in-refused",
        "refused the sign-in: the user name or the password is wrong, or the account may not be used here",
    ),
    "binding-wanted": (
        "external-sign-in-binding",
        "takes a sign-in only with a channel binding, and no phone of that time is known to send one",
    ),
    "not-continued": (
        "external-sign-in-needed",
        "asked for a sign-in and did not go on with it: a proxy on the way may spoil NTLM",
    ),
}

# The variant of the advice for why HTTP.SYS ended a connection, by its log (Microsoft, "Error logging in HTTP APIs"),
# or for the error that IIS logged (ERROR_SEM_TIMEOUT, WSAETIMEDOUT).
_LOGGED = {
    "Win32 error 121": "answer-not-acknowledged",
    "Win32 error 10060": "answer-not-acknowledged",
    "Timer_MinBytesPerSecond": "answer-not-acknowledged",
    "Connection_Abandoned_By_AppPool": "worker-ended",
    "Connection_Abandoned_By_ReqQueue": "worker-ended",
    "Timer_AppPool": "worker-ended",
    "Timer_EntityBody": "rest-not-arrived",
    "Timer_HeaderWait": "rest-not-arrived",
}

# Of an answer of success in a server's log, whose connection the client ended.
_CLIENT_LEFT = "; the client's side ended the connection, and whether it had the whole answer by then is not logged"

# What an active command says of a failure where it says no more than the sentence that it would follow.
_SAME = ("the server closed", "the server reset", "what answered does not speak HTTP: ")


def _reason_clause(http: Http, from_capture: bool) -> str:
    """An active command's reason for the failure, as the end of a sentence."""
    if from_capture or not http.reason:
        return ""
    for words in _SAME:
        if http.reason.startswith(words):
            return f": {http.reason.removeprefix(words)}" if words.endswith(": ") else ""
    return f": {http.reason}"


def _name_asked(http: Http) -> str | None:
    """The host name that was asked for, without a port; None for an address."""
    host = _PORT.sub("", http.host or "")
    return None if not host or is_address(host.strip("[]")) else host


def _leads_outside(http: Http) -> bool:
    """Whether a redirect goes to a host of another organisation than the one asked for, as a portal's or web filter's
    does. That is not known of an address, nor of a name of one label."""
    parts = split_url(http.location or "")
    asked, there = plain_name(_name_asked(http) or ""), plain_name(parts.hostname or "") if parts else ""
    if "." not in asked or not there:
        return False
    if is_address(there):
        return there != http.server
    same_host = asked.split(".")[0] == there.split(".")[0]
    return "." in there and not same_host and _organisation(asked) != _organisation(there)


def _leads_to_https(http: Http) -> bool:
    """Whether a redirect only goes to https at the same host, as load balancers make it themselves, or for the same
    path at another."""
    parts = split_url(http.location or "")
    there = plain_name(parts.hostname or "") if parts is not None and parts.scheme == "https" else ""
    same_host = there in (plain_name(_name_asked(http) or http.server), http.server)
    return bool(there) and (same_host or is_to_handler(http.location))


def _organisation(name: str) -> str:
    """The label of a host's name that its organisation chose: ``contoso`` of pool01.contoso.com, .local and .co.uk."""
    labels = name.split(".")
    below_country = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _BELOW_COUNTRIES
    return labels[-3 if below_country else -2]


# Whose advice begins with a doubt of what was sent, unless a real phone sent it.
_DOUBTS_THE_BODY: frozenset[FindingCode] = frozenset({"http-status", "http-server-error"})


def _status_event(case: _Exchange, status: int) -> Event:
    """The event of an answer whose status is not one of success."""
    http, where, path, answered = case.http, case.where, case.path, case.answered
    schemes = {scheme.lower() for scheme in http.challenges}
    if status == 401 and is_external(http.target) and (case.from_logs or schemes & {"ntlm", "negotiate"}):
        how = listed(http.challenges) or "the log does not say which"
        text = f"{where} asks for a sign-in ({how}) on {path}, as it is designed to outside"
        if http.sign_in is not None and http.sign_in in _SIGN_INS:
            code, said = _SIGN_INS[http.sign_in]
            variant = "phone" if case.from_capture and http.sign_in == "refused" else http.sign_in
            event = case.event.with_values(variant=variant) if variant in ("phone", "not-continued") else case.event
            return event.unknown(f"{where} {said}", code, expected=True)
        return case.event.unknown(text, "external-sign-in-needed", expected=True)
    refusal = connection_refusal(http)
    if refusal is not None:
        text = f"{where} answered {answered} to the POST to {path}: it {refusal[1]}"
        return case.event.with_values(variant=refusal[0]).failed(_OTHER_STATUS[0], text)
    if status in _CONTENT_REFUSED and not http.verified:
        code, _ = _STATUS.get(status, _OTHER_STATUS)
        text = (
            f"{where} answered {answered} to a test body that is only a guess, which proves nothing: "
            "repeat it with a body saved from a real phone (--body FILE)"
        )
        if case.has_no_body:
            text = f"{where} answered {answered} to a request that proves nothing: {_NO_BODY}"
        if http.proxy:
            text = f"a proxy on the way ({http.proxy}) answered {answered} in place of {where}"
        return _advised(case, status, code).unknown(text, code, level=Level.WARNING)
    if 300 <= status < 400:
        return _redirect_event(case, status)
    code, clause = _STATUS.get(status, _OTHER_STATUS)
    if case.by_proxy:
        # The clauses of these statuses are about a URL's path, and a proxy's answer to CONNECT is about a host.
        code, clause = _OTHER_STATUS if status in (401, 404, 405, 500) else (code, clause)
        return case.event.failed(code, f"{where} answered {answered} to the CONNECT to {path}: it {clause}")
    who = f"a proxy on the way ({http.proxy})" if http.proxy and status != 407 else "it"
    text = f"{where} answered {answered} to the POST to {path}: {who} {clause}"
    return _advised(case, status, code).failed(code, text, expected=status == 401)


def _redirect_event(case: _Exchange, status: int) -> Event:
    """The event of an answer that sends the client elsewhere, or to its own cache."""
    http, where, answered = case.http, case.where, case.answered
    if status == 304:
        text = f"{where} answered {answered} to the POST to {case.path}: not modified, which is no answer to a POST"
        event = case.event.with_values(variant="not-modified")
        return event.failed("http-redirected", f"{text} (a cache or proxy on the way makes such)")
    to = f" to {http.location}" if http.location else ""
    text = f"{where} answered {answered}: it redirects{to}{_NOT_FOLLOWED}"
    event = case.event
    if _leads_outside(http) or (http.proxy and not _leads_to_https(http)):
        event = event.with_values(variant="portal")
    elif http.location and not _leads_to_https(http):
        event = event.with_values(variant="another-page")
    return event.failed("http-redirected", text)


def _advised(case: _Exchange, status: int, code: FindingCode) -> StepEventBuilder:
    variant = _advice(case, status, code)
    return case.event.with_values(variant=variant) if variant else case.event


def _advice(case: _Exchange, status: int, code: FindingCode) -> str | None:
    """The variant of the advice for an answer without success. An entry that has none of that name gives its usual."""
    http = case.http
    if status == _PORTAL_STATUS:
        return "portal"
    if is_of_gateway(http):
        return "gateway"
    if http.proxy:
        return "proxy"
    found = substatus(http) if case.from_logs else None
    if found is not None and CATALOGUE[code].has_variant(found):
        return found
    other = CATALOGUE[code].has_variant("other-server") and _software(http)
    if other and (http.verified or status not in _CONTENT_REFUSED):
        return "other-server"
    return "real-request" if http.verified and code in _DOUBTS_THE_BODY else None
