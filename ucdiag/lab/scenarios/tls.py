"""Step 4: https, on port 443 alone."""

from ucdiag.lab.scenario import Check, Expect, Scenario, TlsSetting, Web
from ucdiag.lab.scenarios.base import WHOLE, broken, site
from ucdiag.model.vocabulary import FindingCode

_HTTPS = Check(https=True, firmware="1.0.522.101")


def _tls_scenario(
    code: FindingCode,
    title: str,
    summary: str,
    tls: TlsSetting,
    *,
    name: str | None = None,
    also: tuple[FindingCode, ...] = (),
    expect: Expect | None = None,
) -> Scenario:
    check = Check(https=True, firmware="1.0.522.101", timeout=1.0) if tls.fault == "silent" else _HTTPS
    return Scenario(
        name=name or code,
        title=title,
        summary=summary,
        site=site(ports={80: Web(update=None), 443: Web(tls=tls)}),
        check=check,
        expect=expect or broken("tls", code),
        also=also,
    )


SCENARIOS = (
    _tls_scenario(
        "tls-no-answer",
        "The server does not answer the TLS greeting",
        "The connection opens, and the ClientHello stays unanswered.",
        TlsSetting(fault="silent"),
    ),
    _tls_scenario(
        "tls-version",
        "No TLS version in common",
        "The server answers the ClientHello with alert 70 (protocol_version).",
        TlsSetting(fault=70),
    ),
    _tls_scenario(
        "tls-untrusted",
        "The certificate is not trusted",
        "The server has a self-signed certificate that nobody trusts.",
        TlsSetting(certificate="untrusted"),
    ),
    _tls_scenario(
        "tls-name-mismatch",
        "The certificate names another host",
        "The certificate is valid and trusted, and does not name ucupdates-r2.",
        TlsSetting(certificate="wrong_name"),
    ),
    _tls_scenario(
        "tls-expired",
        "The certificate has expired",
        "It was valid until two days ago.",
        TlsSetting(certificate="expired"),
    ),
    _tls_scenario(
        "tls-not-yet-valid",
        "The certificate is not valid yet",
        "It begins in two days: the certificate, or this machine's clock.",
        TlsSetting(certificate="not_yet_valid"),
    ),
    _tls_scenario(
        "tls-sha2-chain",
        "The certificate is signed with SHA-2",
        "Everything works from here; old firmware cannot verify such a signature.",
        TlsSetting(certificate="sha2"),
        expect=WHOLE,
        also=("tls-sha2-chain",),
    ),
    _tls_scenario(
        "tls-handshake",
        "The handshake fails",
        "The server answers the ClientHello with alert 40 (handshake_failure).",
        TlsSetting(fault=40),
    ),
    _tls_scenario(
        "tls-handshake",
        "What answers on port 443 speaks no TLS",
        "The server answers the ClientHello with bytes of no protocol.",
        TlsSetting(fault="garbage"),
        name="tls-not-spoken",
    ),
)
