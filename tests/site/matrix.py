"""What the active commands must say of sites built from real servers: one `Case` for each way to be whole or broken.

A case is data: the records, what nginx does (or a raw server, where nginx would never), and the exact verdict. The
findings are exactly the verdict's code and ``more``: any other one is a false alarm.
"""

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tests.site.certificates import Issued, issue
from tests.site.ground import GATEWAY, SERVER, SERVER2, Port, Site
from tests.site.raw import Step

DOMAIN = "contoso.com"
R2 = f"ucupdates-r2.{DOMAIN}"
LEGACY = f"ucupdates.{DOMAIN}"
POOL = f"pool.{DOMAIN}"
PATH = "/RequestHandler/ucdevice.upx"
STORE = "/DeviceUpdateFiles_Int/UCPhone/Polycom/CX700/A/ENU/1.0.522.101/CPE"
INSIDE = f"http://{POOL}{STORE}"
OUTSIDE = "https://ext.contoso.com/DeviceUpdateFiles_Ext/UCPhone/Polycom/CX700/A/ENU/1.0.522.101/CPE"
FIRMWARE = bytes(range(256)) * 800
FILE = f"{STORE}/CPE.nbt"

WHOLE, BROKEN, UNKNOWN = "whole", "broken", "unknown"
EXIT = {WHOLE: 0, BROKEN: 1, UNKNOWN: 3}

Records = Mapping[str, str | Sequence[str]]
# The host of the URL for phones outside is known inside too; nobody needs to answer there.
GOOD: Records = {R2: SERVER, POOL: SERVER, "ext.contoso.com": "203.0.113.5"}


@dataclass(frozen=True)
class Case:
    """One site and its verdict.

    ``files`` are what nginx serves, ``web`` its server's statements (None: no web server); ``build`` does what else is
    needed; ``options`` go to the commands. ``steps`` are statuses that must hold beside the verdict. ``tls`` makes the
    certificate that nginx shows on 443; ``trusted``: its authority is given to the commands.
    """

    name: str
    status: str
    step: str | None = None
    code: str | None = None
    more: frozenset[str] = frozenset()
    web: str | None = ""
    files: Mapping[str, bytes | str] = field(default_factory=dict)
    records: Records = field(default_factory=lambda: GOOD)
    build: Callable[[Site], None] | None = None
    options: tuple[str, ...] = ()
    saved_body: bool = False
    commands: tuple[str, ...] = ("check", "probe")
    steps: Mapping[str, str] = field(default_factory=dict)
    tls: Callable[[], Issued] | None = None
    trusted: bool = True

    @property
    def codes(self) -> set[str]:
        return {*self.more, *([self.code] if self.code else [])}


def router_without_a_route(site: Site) -> None:
    """The laptop's gateway says of everything beyond it that there is no way."""
    site.add("router", Port(address=f"{GATEWAY}/24"), Port("far", "10.78.0.1/24"), forwards=True)
    site.run("laptop", "ip", "route", "add", "default", "via", GATEWAY)


def more(*codes: str) -> frozenset[str]:
    return frozenset(codes)


def handler(body: str, kind: str = "text/xml", path: str = PATH) -> str:
    """nginx statements that answer the update request with ``body``."""
    assert "'" not in body
    return f"location = {path} {{ default_type '{kind}'; return 200 '{body}'; }}"


def offer(inside: str = INSIDE, outside: str = OUTSIDE) -> str:
    """An answer that offers an update, as the manual describes it."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><Response><DeviceType>UCPhone</DeviceType><Version>1.0.522.101</Version>'
        "<Module><FileName>CPE.nbt</FileName><SignatureFileName>CPE.cat</SignatureFileName>"
        "<Version>1.0.522.101</Version><Timestamp>2009-01-31T00:00:00Z</Timestamp></Module>"
        f"<BaseURL>{inside}</BaseURL><ExternalBaseURL>{outside}</ExternalBaseURL></Response>"
    )


def raw(*steps: Step, port: int = 80, read: bool = True) -> Callable[[Site], None]:
    return lambda site: site.raw("server", port, *steps, read=read) and None


def status(code: int, more_lines: str = "") -> str:
    return f"location = {PATH} {{ {more_lines} return {code}; }}"


NO_UPDATE = {"code": "no-update-offered"}
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n"

HEALTHY = [
    Case("attribute", WHOLE, **NO_UPDATE, web=handler('<Response downloads="0"/>')),
    Case("element", WHOLE, **NO_UPDATE, web=handler("<Response><downloads>0</downloads></Response>")),
    Case("text", WHOLE, **NO_UPDATE, web=handler("<Response>downloads=0</Response>")),
    Case("attribute-namespace", WHOLE, **NO_UPDATE, web=handler('<u:Response xmlns:u="urn:x" u:Downloads="0"/>')),
    Case(
        "element-namespace",
        WHOLE,
        **NO_UPDATE,
        web=handler('<Response xmlns="urn:schemas-example:update"><Downloads>0</Downloads></Response>'),
    ),
    Case("number-of-files", WHOLE, **NO_UPDATE, web=handler("<Response><NumOfFiles>0</NumOfFiles></Response>")),
    Case(
        "gzip",
        WHOLE,
        **NO_UPDATE,
        web="gzip on; gzip_types text/xml; gzip_min_length 1; " + handler('<Response downloads="0"/>' + " " * 900),
    ),
    Case("offered", WHOLE, web=handler(offer()), files={FILE: FIRMWARE}, steps={"download": "ok", "tls": "not-needed"}),
    Case(
        "offered-whole-url",
        WHOLE,
        web=handler(
            "<Response><NumOfFiles>1</NumOfFiles><File0><FileName>CPE.nbt</FileName>"
            f"<InternalUrl>{INSIDE}/CPE.nbt</InternalUrl><ExternalUrl>{OUTSIDE}/CPE.nbt</ExternalUrl></File0></Response>"
        ),
        files={FILE: FIRMWARE},
        steps={"download": "ok"},
    ),
    Case(
        "slow-answer",
        WHOLE,
        **NO_UPDATE,
        web=None,
        build=raw(1.5, OK + b"\r\n<Response ", 0.5, b'downloads="0"/>'),
    ),
    Case(
        "alias",
        WHOLE,
        **NO_UPDATE,
        records={POOL: SERVER},
        web=handler('<Response downloads="0"/>'),
        build=lambda site: site.dnsmasq("server2", cnames={R2: POOL}, records={POOL: SERVER}) and None,
        options=("-n", SERVER2),
    ),
    Case(
        "two-good-addresses",
        WHOLE,
        **NO_UPDATE,
        records={R2: [SERVER, SERVER2]},
        web=handler('<Response downloads="0"/>'),
        build=lambda site: site.nginx("server2", handler('<Response downloads="0"/>')) and None,
    ),
    Case(
        "external-url-blank",
        WHOLE,
        more=more("response-external-url-blank"),
        web=handler(offer(outside="")),
        files={FILE: FIRMWARE},
        steps={"download": "ok"},
    ),
    Case(
        "wildcard",
        WHOLE,
        code="no-update-offered",
        more=more("dns-wildcard"),
        web=handler('<Response downloads="0"/>'),
        build=lambda site: site.dnsmasq("server2", extra=[f"address=/{DOMAIN}/{SERVER}"]) and None,
        options=("-n", SERVER2),
        commands=("check",),
    ),
]

CONNECT = [
    Case("refused", BROKEN, "connect", "connect-refused", web=None),
    Case(
        "dropped",
        BROKEN,
        "connect",
        "connect-no-answer",
        build=lambda site: site.firewall("server", drop=["tcp/80", "tcp/443"]),
        options=("-t", "1"),
    ),
    Case(
        "rejected-by-firewall",
        BROKEN,
        "connect",
        "connect-unreachable",
        build=lambda site: site.firewall("server", unreachable=[80, 443]),
    ),
    Case(
        "no-such-host",
        BROKEN,
        "connect",
        "connect-unreachable",
        web=None,
        records={R2: "10.77.0.99"},
        options=("-t", "8"),
    ),
    # Where the laptop itself has no route: test_cannot_send.py.
    Case(
        "no-route",
        BROKEN,
        "connect",
        "connect-unreachable",
        web=None,
        records={R2: "192.0.2.10"},
        build=router_without_a_route,
        options=("--port", "80"),  # routers limit how often they say so
        commands=("check",),
    ),
    Case(
        "one-of-two-refuses",
        BROKEN,
        "connect",
        "connect-refused",
        records={R2: [SERVER, SERVER2]},
        web=handler('<Response downloads="0"/>'),
        build=lambda site: site.host("server2") and None,
    ),
]

REQUEST = [
    Case("another-web-server-404", BROKEN, "request", "http-not-found", files={"index.html": "<html>IIS7</html>"}),
    Case("another-web-server-405", BROKEN, "request", "http-method-refused", files={PATH: "a static file"}),
    Case(
        "basic-authentication",
        BROKEN,
        "request",
        "http-auth-required",
        web='auth_basic "IIS"; auth_basic_user_file /dev/null;',
    ),
    Case("proxy-authentication", BROKEN, "request", "http-proxy-auth", web=status(407)),
    Case("forbidden", BROKEN, "request", "http-forbidden", web="deny all;"),
    Case("no-virtual-directory", BROKEN, "request", "http-not-found"),
    Case("method-refused", BROKEN, "request", "http-method-refused", web=status(405)),
    Case("guess-400", UNKNOWN, "request", "http-status", web=status(400)),
    Case("guess-500", UNKNOWN, "request", "http-server-error", web=status(500)),
    Case("saved-400", BROKEN, "request", "http-status", web=status(400), saved_body=True),
    Case("saved-500", BROKEN, "request", "http-server-error", web=status(500), saved_body=True),
    Case("bad-gateway", BROKEN, "request", "http-unavailable", web="location / { proxy_pass http://127.0.0.1:9; }"),
    Case("unavailable", BROKEN, "request", "http-unavailable", web=status(503)),
    Case(
        "gateway-timeout",
        BROKEN,
        "request",
        "http-unavailable",
        web="location / { proxy_read_timeout 1s; proxy_pass http://127.0.0.1:9080; }",
        build=raw("hold", port=9080),
    ),
    Case("teapot", BROKEN, "request", "http-status", web=status(418)),
    Case("redirect-https", BROKEN, "request", "http-redirected", web=f"return 301 https://{R2}$request_uri;"),
    Case("redirect-307", BROKEN, "request", "http-redirected", web="return 307 http://portal.contoso.com/login;"),
    Case("silent", BROKEN, "request", "http-no-answer", web=None, build=raw("hold"), options=("-t", "2")),
    Case(
        "cut-headers",
        BROKEN,
        "request",
        "http-closed",
        web=None,
        build=raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/x", "close"),
    ),
    Case(
        "cut-body",
        BROKEN,
        "request",
        "http-closed",
        web=None,
        build=raw(OK + b"Content-Length: 500\r\n\r\n<Response>", "close"),
    ),
    Case(
        "cut-chunk",
        BROKEN,
        "request",
        "http-closed",
        web=None,
        build=raw(OK + b"Transfer-Encoding: chunked\r\n\r\n20\r\n<Response>", "close"),
    ),
    Case("closed-at-once", BROKEN, "request", "http-closed", web=None, build=raw("close")),
    Case("reset", BROKEN, "request", "http-closed", web=None, build=raw("reset")),
    Case(
        "stops-in-the-middle",
        BROKEN,
        "request",
        "http-no-answer",
        web=None,
        build=raw(OK + b"Content-Length: 500\r\n\r\n<Response>", "hold"),
        options=("-t", "2"),
    ),
    Case(
        "ssh",
        BROKEN,
        "request",
        "http-not-http",
        web=None,
        build=raw(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "hold", read=False),
        options=("-t", "2"),
    ),
    Case(
        "sign-in-outside",
        UNKNOWN,
        "request",
        "external-sign-in-needed",
        web="location /RequestHandlerExt { add_header WWW-Authenticate NTLM always;"
        " add_header WWW-Authenticate Negotiate always; return 401; }",
        options=("--url", f"http://{R2}/RequestHandlerExt/ucdevice.upx"),
    ),
]

RESPONSE = [
    Case(
        "portal",
        BROKEN,
        "response",
        "response-not-xml",
        web=handler("<!DOCTYPE html><html><body>Welcome to the guest network</body></html>", "text/html"),
    ),
    Case("plain-text", BROKEN, "response", "response-not-xml", web=handler("It works!", "text/plain")),
    Case("empty", BROKEN, "response", "response-malformed", web=f"location = {PATH} {{ return 204; }}"),
    Case("breaks-off", BROKEN, "response", "response-malformed", web=handler("<Response><BaseURL>http://po")),
    Case(
        "other-xml",
        BROKEN,
        "response",
        "response-unknown",
        web=handler("<rss><channel><title>x</title></channel></rss>"),
    ),
    Case("both-urls-blank", BROKEN, "response", "response-urls-blank", web=handler(offer("", ""))),
    Case("internal-url-blank", BROKEN, "response", "response-internal-url-blank", web=handler(offer(inside=""))),
    Case(
        "unc-path", BROKEN, "response", "response-url-unusable", web=handler(offer("file://server/DeviceUpdateFiles"))
    ),
    Case("relative-url", BROKEN, "response", "response-url-unusable", web=handler(offer("/DeviceUpdateFiles_Int/CPE"))),
]


def file_raw(*steps: Step) -> dict[str, object]:
    """The file comes from a raw server on port 8080."""
    return {"web": handler(offer(f"http://{POOL}:8080{STORE}")), "build": raw(*steps, port=8080)}


def file_location(statement: str) -> str:
    return handler(offer()) + f" location /DeviceUpdateFiles_Int/ {{ {statement} }}"


ANNOUNCED = b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\nConnection: close\r\n\r\n"

DOWNLOAD = [
    Case(
        "host-missing",
        BROKEN,
        "download",
        "download-host-missing",
        records={name: address for name, address in GOOD.items() if name != POOL},
        web=handler(offer()),
    ),
    Case(
        "host-refuses",
        BROKEN,
        "download",
        "download-connect-failed",
        web=handler(offer(f"http://{POOL}:8080{STORE}")),
    ),
    Case("missing", BROKEN, "download", "download-not-found", web=handler(offer())),
    Case("forbidden-file", BROKEN, "download", "download-refused", web=file_location("deny all;")),
    Case(
        "file-wants-password",
        BROKEN,
        "download",
        "download-refused",
        web=file_location('auth_basic "IIS"; auth_basic_user_file /dev/null;'),
    ),
    Case("file-500", BROKEN, "download", "download-server-error", web=file_location("return 500;")),
    Case("file-503", BROKEN, "download", "download-server-error", web=file_location("return 503;")),
    Case(
        "file-redirect", BROKEN, "download", "download-status", web=file_location("return 302 http://x.contoso.com/;")
    ),
    Case("file-empty", BROKEN, "download", "download-empty", web=handler(offer()), files={FILE: b""}),
    Case(
        "file-html",
        BROKEN,
        "download",
        "download-not-firmware",
        web=handler(offer()) + " types { } default_type text/html;",
        files={FILE: b"<!DOCTYPE html><html><head><title>Sign in</title></head></html>"},
    ),
    Case(
        "file-cut",
        BROKEN,
        "download",
        "download-truncated",
        **file_raw(ANNOUNCED + bytes(1000), "close"),  # type: ignore[arg-type]
    ),
    Case(
        "file-reset",
        BROKEN,
        "download",
        "download-truncated",
        **file_raw(ANNOUNCED + bytes(1000), 0.3, "reset"),  # type: ignore[arg-type]
    ),
    Case(
        "file-stalled",
        BROKEN,
        "download",
        "download-stalled",
        options=("-t", "2"),
        **file_raw(ANNOUNCED + bytes(1000), "hold"),  # type: ignore[arg-type]
    ),
]

URL = ("--url", f"https://{R2}{PATH}")
NOTHING_NEWER = handler('<Response downloads="0"/>')
DAY = timedelta(days=1)


def tls_raw(*steps: Step) -> dict[str, object]:
    """What is on 443 reads a ClientHello and goes on with ``steps``; nothing is on 80."""

    def hello(connection: socket.socket, _: bytes) -> None:
        connection.recv(65536)

    return {"web": None, "build": raw(hello, *steps, port=443, read=False), "options": (*URL, "-t", "2")}


TLS = [
    Case(
        "sha1",
        WHOLE,
        **NO_UPDATE,
        web=NOTHING_NEWER,
        tls=lambda: issue(R2, sha1=True),
        options=URL,
        steps={"tls": "ok"},
    ),
    Case(
        "sha2", WHOLE, **NO_UPDATE, more=more("tls-sha2-chain"), web=NOTHING_NEWER, tls=lambda: issue(R2), options=URL
    ),
    Case(
        "only-https",
        WHOLE,
        **NO_UPDATE,
        more=more("connect-refused"),
        web=NOTHING_NEWER,
        tls=lambda: issue(R2, sha1=True),
        build=lambda site: site.firewall("server", reset=[80]),
        steps={"connect": "warning", "tls": "ok"},
    ),
    Case("untrusted", BROKEN, "tls", "tls-untrusted", tls=lambda: issue(R2), trusted=False, options=URL),
    Case("other-name", BROKEN, "tls", "tls-name-mismatch", tls=lambda: issue(POOL), options=URL),
    Case("expired", BROKEN, "tls", "tls-expired", tls=lambda: issue(R2, start=-9 * DAY, end=-2 * DAY), options=URL),
    Case("not-yet-valid", BROKEN, "tls", "tls-not-yet-valid", tls=lambda: issue(R2, start=2 * DAY), options=URL),
    Case("alert-version", BROKEN, "tls", "tls-version", **tls_raw(b"\x15\3\1\0\2\2\x46", "close")),  # type: ignore[arg-type]
    Case("alert-handshake", BROKEN, "tls", "tls-handshake", **tls_raw(b"\x15\3\1\0\2\2\x28", "close")),  # type: ignore[arg-type]
    Case("hangs-up", BROKEN, "tls", "tls-handshake", **tls_raw("close")),  # type: ignore[arg-type]
    Case("no-hello", BROKEN, "tls", "tls-no-answer", **tls_raw("hold")),  # type: ignore[arg-type]
    Case("plain-http", BROKEN, "tls", "tls-handshake", **tls_raw(b"HTTP/1.1 400 Bad Request\r\n\r\n", "close")),  # type: ignore[arg-type]
    Case(
        "https-wants-certificate",
        BROKEN,
        "request",
        "http-status",
        web="ssl_verify_client on; ssl_client_certificate /etc/site/chain.pem;",
        tls=lambda: issue(R2, sha1=True),
        options=URL,
    ),
    Case(
        "http-to-a-port-of-https",
        BROKEN,
        "request",
        "http-status",
        tls=lambda: issue(R2, sha1=True),
        options=("--url", f"http://{R2}:443{PATH}"),
    ),
    Case("https-404", BROKEN, "request", "http-not-found", tls=lambda: issue(R2, sha1=True), options=URL),
]

CASES = [*HEALTHY, *CONNECT, *REQUEST, *RESPONSE, *DOWNLOAD, *TLS]


@dataclass(frozen=True)
class Names:
    """One state of DNS on every kind of server that can be in it, and what ``check-dns`` must say.

    ``servers`` maps the kind to how it is started on the host ``server``. ``check`` must say the same unless the web
    behind the name matters, and so it is run only for what breaks at DNS.
    """

    name: str
    status: str
    code: str | None
    servers: Mapping[str, Callable[[Site], object]]
    more: frozenset[str] = frozenset()
    options: tuple[str, ...] = ()

    @property
    def codes(self) -> set[str]:
        return {*self.more, *([self.code] if self.code else [])}


def everywhere(records: Records, extra: Sequence[str] = ()) -> dict[str, Callable[[Site], object]]:
    """The same records on all four servers."""
    return {
        "dnsmasq": lambda site: site.dnsmasq("server", records=records, extra=extra),
        **authoritative({DOMAIN: records}),
    }


def authoritative(zones: Mapping[str, Records]) -> dict[str, Callable[[Site], object]]:
    return {
        "unbound": lambda site: site.unbound("server", zones),
        "knot": lambda site: site.knot("server", zones),
        "bind": lambda site: site.bind("server", zones),
    }


def silent(site: Site) -> None:
    site.dnsmasq("server")
    site.firewall("server", drop=[53])


MANY = [f"10.77.{1 + number // 250}.{1 + number % 250}" for number in range(90)]

NAMES = [
    Names("good", WHOLE, None, everywhere(GOOD)),
    Names(
        "alias",
        WHOLE,
        None,
        {
            "dnsmasq": lambda site: site.dnsmasq("server", cnames={R2: POOL}, records={POOL: SERVER}),
            "knot": lambda site: site.knot("server", {DOMAIN: {R2: f"CNAME {POOL}.", POOL: SERVER}}),
            "bind": lambda site: site.bind("server", {DOMAIN: {R2: f"CNAME {POOL}.", POOL: SERVER}}),
        },
    ),
    Names("both-names", WHOLE, None, everywhere({R2: SERVER, LEGACY: SERVER})),
    Names("many-addresses-over-tcp", WHOLE, None, authoritative({DOMAIN: {R2: MANY}})),
    Names("missing", BROKEN, "dns-r2-missing", everywhere({POOL: SERVER})),
    Names("legacy-only", BROKEN, "dns-legacy-only", everywhere({LEGACY: SERVER})),
    Names(
        "sip-domain-only",
        BROKEN,
        "dns-sip-domain-only",
        {
            "dnsmasq": lambda site: site.dnsmasq(
                "server", records={"ucupdates-r2.fabrikam.com": SERVER}, extra=["local=/fabrikam.com/"]
            ),
            **authoritative({DOMAIN: {POOL: SERVER}, "fabrikam.com": {"ucupdates-r2.fabrikam.com": SERVER}}),
        },
        options=("--sip-domain", "fabrikam.com"),
    ),
    Names("no-data", BROKEN, "dns-no-address", everywhere({R2: "fd00::2"})),
    Names("alias-to-nothing", BROKEN, "dns-no-address", authoritative({DOMAIN: {R2: f"CNAME gone.{DOMAIN}."}})),
    Names("zero-address", BROKEN, "dns-bad-address", everywhere({R2: "0.0.0.0"})),
    Names("loopback-address", BROKEN, "dns-bad-address", everywhere({R2: "127.0.0.1"})),
    Names("link-local-address", BROKEN, "dns-bad-address", everywhere({R2: "169.254.7.7"})),
    Names("multicast-address", BROKEN, "dns-bad-address", everywhere({R2: "224.0.0.251"})),
    Names("broadcast-address", BROKEN, "dns-bad-address", everywhere({R2: "10.77.0.255"})),
    Names(
        "refused",
        BROKEN,
        "dns-refused",
        {
            "dnsmasq": lambda site: site.dnsmasq("server", domain=None),
            "unbound": lambda site: site.unbound("server", {}, lines=["access-control: 10.77.0.0/16 refuse"]),
            "knot": lambda site: site.knot("server", {"fabrikam.com": {}}),
            "bind": lambda site: site.bind("server", {"fabrikam.com": {}}),
        },
    ),
    Names(
        "server-failure",
        BROKEN,
        "dns-server-failure",
        {
            # The resolver's own upstream is dead; the zone's file is broken; the zone has no file.
            "unbound": lambda site: site.unbound(
                "server", {}, after='forward-zone:\n    name: "."\n    forward-addr: 192.0.2.1\n'
            ),
            "bind": lambda site: site.bind("server", {DOMAIN: "this is no zone file"}),
            "knot": lambda site: site.knot(
                "server", {"fabrikam.com": {}}, lines=f"  - domain: {DOMAIN}\n    file: /var/lib/knot/missing.zone\n"
            ),
        },
        options=("-t", "3"),
    ),
    Names("no-answer", BROKEN, "dns-no-answer", {"dropped": silent}, options=("-t", "1")),
    Names("port-closed", BROKEN, "dns-no-answer", {"closed": lambda site: site.host("server")}, options=("-t", "1")),
    Names(
        "no-such-server",
        BROKEN,
        "dns-no-answer",
        {"unplugged": lambda site: site.unplug("server")},
        options=("-t", "1"),
    ),
    Names(
        "wildcard",
        WHOLE,
        None,
        {
            "dnsmasq": lambda site: site.dnsmasq("server", extra=[f"address=/{DOMAIN}/{SERVER}"]),
            "bind": lambda site: site.bind("server", {DOMAIN: {f"*.{DOMAIN}": SERVER}}),
            "knot": lambda site: site.knot("server", {DOMAIN: {f"*.{DOMAIN}": SERVER}}),
        },
        more=more("dns-wildcard"),
    ),
    Names(
        "servers-disagree",
        WHOLE,
        None,
        {
            "two": lambda site: (
                site.dnsmasq("server", records={R2: SERVER}),
                site.unbound("server2", {DOMAIN: {R2: SERVER2}}),
            )
        },
        more=more("dns-servers-disagree"),
        options=("-n", SERVER, "-n", SERVER2),
    ),
    Names(
        "second-server-does-not-know",
        WHOLE,
        None,
        {"two": lambda site: (site.knot("server", {DOMAIN: GOOD}), site.unbound("server2", {DOMAIN: {}}))},
        more=more("dns-servers-disagree"),
        options=("-n", SERVER, "-n", SERVER2),
    ),
    Names(
        "first-server-is-dead",
        WHOLE,
        None,
        {"two": lambda site: (site.host("server"), site.bind("server2", {DOMAIN: GOOD}))},
        more=more("dns-no-answer"),
        options=("-t", "1", "-n", SERVER, "-n", SERVER2),
    ),
]
