"""Step 4 against real TLS servers with certificates made for each test: each gives its own code and nothing else."""

import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.real import need
from tests.site.captures import NOTHING
from tests.site.certificates import Issued, issue
from tests.site.ground import SERVER, Result, Site
from tests.site.namespaces import Process
from tests.site.servers import old_tls

NAME = "ucupdates-r2.contoso.com"
# nginx and OpenSSL each have their own words for a version; None: what the server has by default.
Versions = tuple[str, ...] | None
Start = Callable[[Site, Issued, Versions, bool], Process]
ALL = ("1.0", "1.1", "1.2", "1.3")


def _files(site: Site, issued: Issued) -> tuple[str, str]:
    host = site.host("server")
    return host.write("/etc/site/chain.pem", issued.chain), host.write("/etc/site/key.pem", issued.key)


def nginx(site: Site, issued: Issued, versions: Versions, old: bool) -> Process:
    lines = f"ssl_protocols {' '.join('TLSv1' if v == '1.0' else f'TLSv{v}' for v in versions)};" if versions else ""
    lines += " ssl_ciphers DEFAULT:@SECLEVEL=0;" if old else ""
    return site.nginx("server", NOTHING, tls=issued, tls_lines=lines)


def s_server(site: Site, issued: Issued, versions: Versions, old: bool) -> Process:
    words = [f"-no_tls{v.replace('.', '_') if v != '1.0' else '1'}" for v in ALL if versions and v not in versions]
    # Debian's own configuration allows nothing older than TLS 1.2, which ``-tls1`` overrides.
    words = ["-tls1"] if versions == ("1.0",) else words
    words += ["-cipher", "DEFAULT:@SECLEVEL=0"] if old else []
    return site.openssl_s_server("server", issued, "-www", *words)


def haproxy(site: Site, issued: Issued, versions: Versions, old: bool) -> Process:
    program = need("haproxy")
    site.nginx("server", NOTHING)
    host = site.host("server")
    bundle = host.write("/etc/site/bundle.pem", issued.chain + issued.key)
    limits = f"ssl-min-ver TLSv{versions[0]} ssl-max-ver TLSv{versions[-1]}" if versions else ""
    conf = f"""
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend in
  bind :443 ssl crt {bundle} {limits} {"ciphers DEFAULT:@SECLEVEL=0" if old else ""}
  default_backend out
backend out
  server one 127.0.0.1:80
"""
    return host.start(
        program,
        "-db",
        "-f",
        host.write("/etc/site/haproxy.cfg", conf),
        ready="tcp/443",
        env=old_tls(host) if old else None,
    )


def stunnel(site: Site, issued: Issued, versions: Versions, old: bool) -> Process:
    program = need("stunnel4")
    site.nginx("server", NOTHING)
    host = site.host("server")
    chain, key = _files(site, issued)
    lines = ["foreground = yes", "pid =", "[https]", "accept = 443", "connect = 127.0.0.1:80", f"cert = {chain}"]
    lines += [f"key = {key}"]
    if versions:
        spelt = {"1.0": "TLSv1"}
        first, last = (spelt.get(v, f"TLSv{v}") for v in (versions[0], versions[-1]))
        lines += [f"sslVersionMin = {first}", f"sslVersionMax = {last}"]
    lines += ["ciphers = DEFAULT:@SECLEVEL=0", "securityLevel = 0"] if old else []
    return host.start(
        program,
        host.write("/etc/site/stunnel.conf", "\n".join([*lines, ""])),
        ready="tcp/443",
        env=old_tls(host) if old else None,
    )


def gnutls(site: Site, issued: Issued, versions: Versions, old: bool) -> Process:
    program = need("gnutls-serv")
    chain, key = _files(site, issued)
    listed = "".join(f":+VERS-TLS{v}" for v in versions) if versions else ":+VERS-TLS1.2:+VERS-TLS1.3"
    priority = f"NORMAL:-VERS-ALL{listed}:%COMPAT" + (":+SIGN-RSA-SHA1" if old else "")
    words = ["--http", "--port", "443", "--x509certfile", chain, "--x509keyfile", key, "--priority", priority]
    return site.host("server").start(program, *words, ready="tcp/443")


SERVERS: dict[str, Start] = {"s_server": s_server, "nginx": nginx, "haproxy": haproxy, "stunnel": stunnel,
                             "gnutls": gnutls}  # fmt: skip
every_server = pytest.mark.parametrize("server", SERVERS)


def probe(site: Site, issued: Issued, **more: Any) -> Result:
    host = site.host("laptop")
    root = host.write("/etc/site/root.pem", more.get("root", issued.authority))
    words = ["--url", f"https://{NAME}/RequestHandler/ucdevice.upx", "--address", SERVER, "--ca", root, "--json"]
    return site.ucdiag("laptop", "probe", *words, "--domain", "contoso.com", "-t", "3", "--no-download")


def tls_codes(result: Result) -> set[str]:
    """Those of step 4, and the note on versions; what follows is no update service behind each of these."""
    notes = {problem["code"] for problem in result.report["problems"] if problem["code"].startswith("tls-")}
    return {code for code in result.codes if code.startswith("tls-")} | notes


CERTIFICATES: dict[str, tuple[dict[str, Any], str]] = {
    "expired": ({"start": timedelta(days=-30), "end": timedelta(days=-2)}, "tls-expired"),
    "not yet valid": ({"start": timedelta(days=2)}, "tls-not-yet-valid"),
    "wrong name": ({"names": ("pool.contoso.com",)}, "tls-name-mismatch"),
    "unknown root": ({"root": "other"}, "tls-untrusted"),
    "missing intermediate": ({"intermediate": "left out"}, "tls-untrusted"),
}


@every_server
@pytest.mark.parametrize("case", CERTIFICATES)
def test_a_certificate_that_is_not_accepted(site: Site, server: str, case: str) -> None:
    values, code = CERTIFICATES[case]
    values = {"names": (NAME,), **values}
    root = values.pop("root", None)
    issued = issue(*values.pop("names"), **values)
    SERVERS[server](site, issued, None, False)
    result = probe(site, issued, **({"root": issue(root).authority} if root else {}))
    assert (result.verdict, result.codes, tls_codes(result)) == (("broken", "tls", code), {code}, {code})


# versions, whether TLS 1.0 is really let through, SHA-1, the length of the key: all codes of this step
ACCEPTED: dict[str, tuple[Versions, bool, bool, int, set[str]]] = {
    "as such a phone accepts it": (ALL, True, True, 2048, set()),
    "short key": (ALL, True, True, 1024, set()),
    "TLS 1.0 alone": (("1.0",), True, True, 2048, set()),
    "SHA-2": (ALL, True, False, 2048, {"tls-sha2-chain"}),
    "TLS 1.2 alone": (("1.2",), False, False, 2048, {"tls-sha2-chain", "tls-newer-only"}),
    "TLS 1.3 alone": (("1.3",), False, False, 2048, {"tls-sha2-chain", "tls-newer-only"}),
}


@every_server
@pytest.mark.parametrize("case", ACCEPTED)
def test_what_this_machine_accepts(site: Site, server: str, case: str) -> None:
    versions, old, sha1, bits, codes = ACCEPTED[case]
    issued = issue(NAME, sha1=sha1, bits=bits)
    SERVERS[server](site, issued, versions, old)
    result = probe(site, issued)
    assert tls_codes(result) == codes
    assert result.phone["steps"][3]["status"] == ("warning" if "tls-sha2-chain" in codes else "ok")


# The site runs nginx and s_server with security level 0.
@pytest.mark.parametrize("server", ["haproxy", "stunnel"])
def test_tls_1_0_listed_and_refused(site: Site, server: str) -> None:
    issued = issue(NAME, sha1=False)
    SERVERS[server](site, issued, ALL, False)
    result = probe(site, issued)
    assert tls_codes(result) == {"tls-sha2-chain", "tls-newer-only"}
    (note,) = [problem["text"] for problem in result.report["problems"] if problem["code"] == "tls-newer-only"]
    assert "alert 80, as OpenSSL 3 says it where TLS 1.0 is in the settings" in note


@pytest.mark.parametrize("server", ["s_server", "haproxy", "stunnel", "gnutls"])
def test_a_server_that_says_nothing(site: Site, server: str) -> None:
    issued = issue(NAME)
    process = SERVERS[server](site, issued, None, False)
    process.send(signal.SIGSTOP)
    result = probe(site, issued)
    process.send(signal.SIGCONT)
    assert (result.verdict, result.codes) == (("broken", "tls", "tls-no-answer"), {"tls-no-answer"})
