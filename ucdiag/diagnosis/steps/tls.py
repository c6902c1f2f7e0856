"""Step 4, on https only: the handshake completes."""

from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import hung_up
from ucdiag.diagnosis.step_event import Event, StepEventBuilder, evidence_of, finding
from ucdiag.diagnosis.traffic import Traffic
from ucdiag.diagnosis.unsent import unsent_clause, unsent_event
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Certificate, Tls, last_time_of
from ucdiag.model.report import Evidence, Finding
from ucdiag.model.steps import Level, Step
from ucdiag.model.text import listed
from ucdiag.model.times import format_time
from ucdiag.model.tls_words import ALERT_OUTCOMES, ANSWERS_IN_HTTP, CERTIFICATE_ALERTS, REJECTIONS
from ucdiag.model.vocabulary import FindingCode, Microseconds, TlsOutcome

_OUTCOMES: dict[TlsOutcome, tuple[FindingCode, str]] = {
    "no_answer": ("tls-no-answer", "did not answer the ClientHello"),
    "untrusted": ("tls-untrusted", "has a certificate chain that is not trusted"),
    "name_mismatch": ("tls-name-mismatch", "has a certificate that does not name the host"),
    "expired": ("tls-expired", "has a certificate that has expired"),
    "not_yet_valid": ("tls-not-yet-valid", "has a certificate that is not valid yet"),
    "version": ("tls-version", "has no protocol version in common with the client"),
    "not_tls": ("tls-handshake", "does not speak TLS on this port"),
}
# What a client that hangs up with these alerts says of the server.
_ALERTS: dict[int, FindingCode] = {number: _OUTCOMES[outcome][0] for number, outcome in ALERT_OUTCOMES.items()}
# Those that say that a signature could not be verified (unsupported_certificate, decrypt_error), whatever the dates.
_SIGNATURE = (43, 51)

# The client's alerts about a certificate whose reason they do not name (bad_certificate, unsupported_certificate,
# certificate_revoked, certificate_unknown: RFC 5246, section 7.2.2).
_OBJECTIONS = frozenset({42, 43, 44, 46})

_CERTIFICATE_REFUSED: frozenset[FindingCode | None] = frozenset({"tls-untrusted", "tls-expired", "tls-sha2-chain"})

_INTERNAL_ERROR = 80
_OLD = frozenset({"SSL 2.0", "SSL 3.0", "TLS 1.0"})
LISTED_AND_REFUSED = (
    "a server on OpenSSL 3 says so where its settings allow TLS 1.0 and its security level does not (@SECLEVEL=0 would)"
)

_CERTIFICATE_WANTED = "asks for a certificate of the phone's own, and the phone sent none"

_NAMES = 5  # of a certificate, that a sentence shows


def events(traffic: Traffic, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    return [_handshake_event(tls, setting, at) for tls in traffic.handshakes]


def spare_events(traffic: Traffic, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    """Warnings that the phone refused the update server's certificate, though it has another good port: a later check,
    or its sign-in, may need this one. Of other failures there it is not known that they matter to the phone."""
    made = [_handshake_event(tls, setting, at) for tls in traffic.spare_handshakes]
    text = "; its update request succeeded before, on another port"
    return [
        replace(event, level=Level.WARNING, summary=event.summary + text)
        for event in made
        if event.ok is False and event.code in _CERTIFICATE_REFUSED
    ]


def alert_clause(tls: Tls) -> str:
    """``, alert 40 from the server``; "" without an alert."""
    return f", alert {tls.alert} from the {tls.alert_from}" if tls.alert is not None else ""


def handshake_failure(tls: Tls, from_capture: bool) -> tuple[FindingCode, str] | None:
    """The code and the clause for a handshake that failed; None when it completed or only had not ended yet."""
    where = f"{tls.server} port {tls.port}"
    why = f" ({tls.reason})" if tls.reason else ""
    if tls.outcome in ("complete", "unfinished"):
        return None
    if tls.outcome in _OUTCOMES and not _is_of_client(tls):
        return _OUTCOMES[tls.outcome][0], f"{where} {_outcome_text(tls)}"
    said = alert_clause(tls)
    if from_capture and tls.alert in _ALERTS and not _is_of_client(tls):
        return _ALERTS[tls.alert], f"the handshake with {where} ended{said}{why}"
    if from_capture and refuses_listed_version(tls):
        return "tls-version", f"{where} {_OUTCOMES['version'][1]}{said}: {LISTED_AND_REFUSED}"
    sha2 = sha2_signed(tls.chain)
    # A client that sent its Finished has accepted the certificate.
    refused = tls.stage != "finished" and (tls.closed_by == "client" or tls.alert_from == "client")
    expired = _dates_text(tls.chain, "expired", tls.time)
    if from_capture and refused and expired and tls.alert not in _SIGNATURE:
        return "tls-expired", f"the phone hung up on {where} after its certificate, which expired{expired}{said}"
    if from_capture and sha2 and refused:
        return (
            "tls-sha2-chain",
            f"the phone hung up on {where} after its certificate, which is signed with {sha2}{said}",
        )
    if from_capture and hung_up(tls):
        how = "reset" if tls.reason == "reset" else "closed"
        return "tls-handshake", f"{where} opened the connection and {how} it before the phone sent a byte"
    if not from_capture and tls.reason:
        return "tls-handshake", f"the handshake with {where} failed: {tls.reason}"
    if _refuses_client(tls):
        wanted = "refuses the phone's own certificate" if tls.client_certificate else _CERTIFICATE_WANTED
        return "tls-handshake", f"{where} {wanted}: it ended the handshake{said}{why}"
    closed = f", the {tls.closed_by} hung up" if tls.closed_by else ""
    stage = f" after {tls.stage.replace('_', ' ')}" if tls.stage else ""
    return "tls-handshake", f"the handshake with {where} failed{stage}{said}{closed}{why}"


def _outcome_text(tls: Tls) -> str:
    """What an outcome says of the server. Of most the library's reason only says the same again."""
    why = f" ({tls.reason})" if tls.reason else ""
    _, text = _OUTCOMES[tls.outcome]
    if tls.outcome in ("expired", "not_yet_valid") and tls.chain:
        return text + _dates_text(tls.chain, tls.outcome, tls.time)
    if tls.outcome == "name_mismatch" and tls.chain and tls.server_name:
        names = listed(tls.chain[0].names[:_NAMES]) or "none"
        more = f" and {len(tls.chain[0].names) - _NAMES} more" if len(tls.chain[0].names) > _NAMES else ""
        return f"has a certificate that does not name {tls.server_name} (its names: {names}{more})"
    if is_for_no_server(tls):
        return f"has a certificate that is not made for a server{why}"
    if tls.outcome == "not_tls" and tls.reason == ANSWERS_IN_HTTP:
        return f"{text}: {tls.reason}"
    return text + why + _not_sent(tls.chain) if tls.outcome == "untrusted" else text


def is_for_no_server(tls: Tls) -> bool:
    """Whether this machine refused the certificate because its extended key usage names no server authentication.

    OpenSSL 1.1.1 calls the purpose unsupported, OpenSSL 3 unsuitable.
    """
    return tls.outcome == "untrusted" and "certificate purpose" in (tls.reason or "")


def _refuses_client(tls: Tls) -> bool:
    """Whether the server ended the handshake over the client's answer to its question for a certificate."""
    if tls.client_certificate is None or "server" not in (tls.alert_from, tls.closed_by):
        return False
    return tls.alert is None or tls.alert in REJECTIONS


def _is_of_client(tls: Tls) -> bool:
    """Whether a server's alert says that a certificate is bad, which is the client's (RFC 5246, section 7.2.2)."""
    return tls.alert_from == "server" and tls.alert in CERTIFICATE_ALERTS


def _not_sent(chain: tuple[Certificate, ...]) -> str:
    """The clause that the server sent its own certificate without that of its issuer."""
    if len(chain) != 1 or not chain[0].issuer or chain[0].issuer == chain[0].subject:
        return ""
    return f"; it sent no certificate of the issuer, {chain[0].issuer}"


def refuses_listed_version(tls: Tls) -> bool:
    """Whether the answer to a ClientHello of at most TLS 1.0 was alert 80 (internal error), as OpenSSL 3 sends it.

    Seen with nginx 1.22.1, haproxy 2.6.12, stunnel 5.68 and openssl s_server 3.0 where TLS 1.0 is in their settings.
    """
    old = bool(tls.versions) and set(tls.versions) <= _OLD
    return tls.alert == _INTERNAL_ERROR and tls.alert_from == "server" and old and tls.stage in (None, "client_hello")


def going_on(tls: Tls, setting: DiagnosisOptions, at: Microseconds) -> bool:
    """Whether a handshake that has not ended may still go on when the capture ends."""
    return at - last_time_of(tls) < setting.patience_microseconds


def sha2_signed(chain: tuple[Certificate, ...]) -> str | None:
    """The SHA-2 algorithm whose signature a phone would have to verify, if any; a root's own one does not count."""
    for certificate in chain:
        signature = (certificate.signature or "").lower()
        if certificate.subject != certificate.issuer or len(chain) == 1:
            for name in ("sha224", "sha256", "sha384", "sha512"):
                if name in signature.replace("-", ""):
                    return name.upper().replace("SHA", "SHA-")
    return None


def additional_findings(traffic: Traffic, setting: DiagnosisOptions, at: Microseconds) -> list[Finding]:
    """What another phone may object to in a chain, where the handshake went well: SHA-2, in a capture its dates too."""
    complete = [handshake for handshake in traffic.handshakes if handshake.outcome == "complete"]
    found = []
    signed = [handshake for handshake in complete if sha2_signed(handshake.chain)]
    if signed:
        sha2, server = sha2_signed(signed[-1].chain), signed[-1].server
        text = f"the certificate of {server} is signed with {sha2}, which old firmware cannot verify"
        found.append(_chain_finding("tls-sha2-chain", text, signed))
    expired = [handshake for handshake in complete if _dates_text(handshake.chain, "expired", handshake.time)]
    if expired and setting.from_capture and expired[-1] is _last_with_chain(complete):
        last = expired[-1]
        when = _dates_text(last.chain, "expired", last.time)
        text = f"the certificate of {last.server} expired{when}, and the phone went on all the same"
        found.append(_chain_finding("tls-expired", text, expired))
    return found


def _last_with_chain(handshakes: list[Tls]) -> Tls | None:
    return next((handshake for handshake in reversed(handshakes) if handshake.chain), None)


def _chain_finding(code: FindingCode, text: str, handshakes: list[Tls]) -> Finding:
    evidence = (_handshake_evidence(handshake) for handshake in handshakes)
    return finding(code, text, evidence, _advice_values(handshakes[-1]), Level.WARNING)


def _handshake_event(tls: Tls, setting: DiagnosisOptions, at: Microseconds) -> Event:
    not_sent = unsent_clause(tls)
    if not_sent is not None:
        return unsent_event(Step.TLS, tls, not_sent)
    chain = [
        Evidence(text=_certificate_text(certificate), time=tls.time, frame=tls.frame) for certificate in tls.chain[:4]
    ]
    event = StepEventBuilder(
        step=Step.TLS,
        time=tls.time,
        evidence=(_handshake_evidence(tls), *chain),
        values=_advice_values(tls),
        channel=(tls.server, tls.port),
    )
    where = f"{tls.server} port {tls.port}"
    waiting = setting.from_capture and going_on(tls, setting, at)
    no_hello = tls.stage in (None, "client_hello")
    if waiting and tls.outcome in ("unfinished", "no_answer"):
        return event.cut_off(f"the capture ends during the TLS handshake with {where}", waiting=no_hello)
    if tls.outcome == "unfinished" and tls.reason:
        # Bytes are missing from the capture: what the phone saw of the handshake is not known.
        return event.unknown(f"how the handshake with {where} went is not known: {tls.reason}", "capture-gap")
    if tls.outcome == "unfinished":
        code: FindingCode = "tls-no-answer" if no_hello else "tls-handshake"
        return event.failed(code, f"the handshake with {where} stopped half-way")
    event = replace(event, seconds=tls.seconds)
    failed = handshake_failure(tls, setting.from_capture)
    if failed is not None:
        return event.failed(*failed, level=Level.ERROR)
    version = f" ({tls.version})" if tls.version else ""
    return event.ok(f"the TLS handshake with {where} completed{version}")


def _advice(tls: Tls) -> str | None:
    """The variant of the advice; None for the usual one. An entry that has none of that name gives its usual."""
    if hung_up(tls):
        return "hung-up"
    if is_for_no_server(tls):
        return "purpose"
    if tls.outcome == "not_tls":
        return "not-tls"
    if _refuses_client(tls):
        return "client-certificate"
    if tls.outcome == "closed" and tls.closed_by == "server" and tls.alert is None and tls.stage == "client_hello":
        return "hello-refused"
    if tls.alert_from == "client" and tls.alert in _OBJECTIONS:
        return "certificate-refused"
    return None


def _advice_values(tls: Tls) -> dict[str, str]:
    values = {"address": tls.server, "port": str(tls.port)}
    variant = _advice(tls)
    if variant is not None:
        values["variant"] = variant
    if tls.server_name:
        values["host"] = tls.server_name
        values["name"] = tls.server_name
    return values


def _handshake_evidence(tls: Tls) -> Evidence:
    name = f" for {tls.server_name}" if tls.server_name else ""
    outcome = f"{tls.outcome.replace('_', ' ')}{alert_clause(tls)}"
    return evidence_of(f"TLS with {tls.server} port {tls.port}{name}: {outcome}", tls)


def _certificate_text(certificate: Certificate) -> str:
    until = f", valid until {format_time(certificate.not_after)[:10]}" if certificate.not_after is not None else ""
    signed = f", signed with {certificate.signature}" if certificate.signature else ""
    return f"certificate of {certificate.subject}, issued by {certificate.issuer}{until}{signed}"


def _dates_text(chain: tuple[Certificate, ...], outcome: TlsOutcome, now: Microseconds) -> str:
    for at, certificate in enumerate(chain):
        whose = f"that of {certificate.subject}, " if at else ""  # not the server's own
        if outcome == "expired" and certificate.not_after is not None and certificate.not_after < now:
            day = format_time(certificate.not_after)[:10]
            return f" ({whose}on {day})" if whose else f" on {day}"
        if outcome == "not_yet_valid" and certificate.not_before is not None and certificate.not_before > now:
            since = format_time(certificate.not_before)[:16]
            return f" ({whose}not before {since}Z; this machine's clock may be wrong)"
    return ""
