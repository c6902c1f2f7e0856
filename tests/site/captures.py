"""What `capture` must say of phones on a site of real servers: one `Story` for each way to be whole, broken or unclear.

A story plays what happens on the wire, with real servers and clients; what is to be found is exactly the verdict, and
exactly ``more`` beside its code: any other finding is a false alarm. tcpdump and ucdiag itself watch at the same time.
"""

import base64
import contextlib
import gzip
import json
import re
import signal
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from tests.other_systems import FRONT
from tests.site.certificates import Issued, issue
from tests.site.edits import mirrored, snapped, two_clocks
from tests.site.ground import GATEWAY, HERE, PHONE_MAC, SERVER, SERVER2, Port, Result, Site
from tests.site.matrix import (
    BROKEN,
    DOMAIN,
    FILE,
    FIRMWARE,
    GOOD,
    INSIDE,
    LEGACY,
    OK,
    OUTSIDE,
    PATH,
    POOL,
    R2,
    STORE,
    UNKNOWN,
    WHOLE,
    Records,
    handler,
    more,
    offer,
    status,
)
from tests.site.raw import Step
from tests.site.warm_capture import WarmCapture
from ucdiag.cli.main import cli
from ucdiag.model.vocabulary import ProblemCode, words

EXTERNAL = "/RequestHandlerExt/ucdevice.upx"
NOTHING = handler('<Response downloads="0"/>')
NO_UPDATE = "no-update-offered"
PATIENCE = 1.5
# What a story waits before the last packet of its capture, so that what did not happen counts.
LONG_ENOUGH = 2.0
VENDOR = "CPE-OCPhone"
# Linux' packet ring, and scapy with all that only Linux has taken away. Both watch each story while it is played.
SNIFFERS: dict[str, dict[str, str]] = {
    "ring": {},
    "scapy": {"PYTHONPATH": str(FRONT), "UCDIAG_ELSEWHERE": "win32"},
}

Play = Callable[[Site], object]
Action = Mapping[str, Any]

ASK: Action = {"do": "ask", "names": ["ucupdates-r2.{domain}"]}
INSISTS: Action = {**ASK, "tries": 8, "timeout": 0.4}
POST: Action = {"do": "post"}
FETCH: Action = {"do": "fetch", "required": True}


@dataclass(frozen=True)
class Expected:
    """What must be said of one phone."""

    status: str
    step: str | None = None
    code: str | None = None
    more: frozenset[str] = frozenset()

    @property
    def codes(self) -> set[str]:
        """Of the findings. The reason of an unknown verdict may be the code of a problem, which is none."""
        return {*self.more, *([self.code] if self.code else [])}.difference(words(ProblemCode))


@dataclass(frozen=True)
class Story:
    """``play`` builds the site and lets the phone do what it does. ``quiet``: the capture ends right after it.

    ``phones`` are the other phones' verdicts, by MAC address (or IP address, for who is behind a router); ``problems``
    the codes of what the report must tell beside. ``steps`` are statuses that must hold beside the verdict. ``edit``
    makes of the captured file what is read; what was seen live is then another story.
    """

    name: str
    expected: Expected
    play: Play
    options: tuple[str, ...] = ()
    steps: Mapping[str, str] = field(default_factory=dict)
    quiet: bool = False
    phones: Mapping[str, Expected] = field(default_factory=dict)
    problems: frozenset[str] = frozenset()
    edit: Callable[[Path], None] | None = None


def whole(name: str, play: Play, *warnings: str, offered: bool = False, **values: Any) -> Story:
    """A phone that gets through: to a whole file when it is offered one, else to "nothing newer"."""
    return Story(name, Expected(WHOLE, None, None if offered else NO_UPDATE, more(*warnings)), play, **values)


def broken(name: str, step: str, code: str, play: Play, *warnings: str, **values: Any) -> Story:
    return Story(name, Expected(BROKEN, step, code, more(*warnings)), play, **values)


def unknown(name: str, step: str | None, code: str | None, play: Play, *warnings: str, **values: Any) -> Story:
    return Story(name, Expected(UNKNOWN, step, code, more(*warnings)), play, **values)


# What stories are made of.


def names(site: Site, records: Records = GOOD, **more_values: Any) -> None:
    """DHCP and DNS."""
    site.dnsmasq("server", dhcp=True, records=records, **more_values)


def phone(site: Site, *actions: Action, host: str = "phone", timeout: float = 8, **lease: Any) -> None:
    """A lease, and then the small phone. That it may fail is the point of most stories."""
    words = _phone(site, host, actions, timeout, lease)
    site.run(host, *words, check=False, timeout=40)


def phone_stays(site: Site, *actions: Action, host: str = "phone", ready: str = "", **lease: Any) -> None:
    """The same, and it is left there, still waiting for something."""
    words = _phone(site, host, actions, 60, lease)
    site.start(host, *words, ready=ready or None)


def _phone(site: Site, host: str, actions: Iterable[Action], timeout: float, lease: Mapping[str, Any]) -> list[str]:
    lease = dict(lease)
    firmware = lease.pop("firmware", None)
    interface = lease.get("interface", "eth0")
    if not site.host(host).path(f"/run/site/lease.{interface}").exists():
        site.udhcpc(host, **lease)
    given = site.lease(host, interface)
    mac = site.run(host, "cat", f"/sys/class/net/{interface}/address").stdout.strip()
    resolver = (given.get("dns", "").split() or [None])[0]
    setting = {
        "mac": mac,
        "firmware": firmware,
        "domain": given.get("domain", ""),
        "resolver": resolver,
        "timeout": timeout,
    }
    return [sys.executable, str(HERE / "phone.py"), json.dumps({"setting": setting, "actions": list(actions)})]


def usual(*actions: Action, web: str = NOTHING, files: Mapping[str, bytes | str] | None = None, **values: Any) -> Play:
    """The usual site with this web server, and a phone that does this (by default: all that phones do)."""
    lease = {key: values.pop(key) for key in ("vendor_class",) if key in values}

    def play(site: Site) -> None:
        names(site, **values)
        site.nginx("server", web, files=files)
        phone(site, *(actions or (ASK, POST)), **lease)

    return play


def says(
    *steps: Step, actions: Iterable[Action] = (ASK, POST), stays: bool = False, patience: float = 2, read: bool = True
) -> Play:
    """A web server of our own that says this. The phone gives up after ``patience`` seconds unless it ``stays``."""

    def play(site: Site) -> None:
        names(site)
        server = site.raw("server", 80, *steps, read=read)
        if stays:
            phone_stays(site, *actions)
            wait_until(lambda: bool(server.requests))
        else:
            phone(site, *actions, timeout=patience)

    return play


def resolves(records: Records, *actions: Action, **values: Any) -> Play:
    """dnsmasq with these records, and a phone that asks."""

    def play(site: Site) -> None:
        names(site, records, **values)
        phone(site, *(actions or (ASK,)))

    return play


def resolver(start: Callable[[Site], object], *actions: Action) -> Play:
    """DHCP from dnsmasq, DNS from another server on server2."""

    def play(site: Site) -> None:
        start(site)
        names(site, dns=False, resolvers=[SERVER2])
        phone(site, *(actions or ({**ASK, "timeout": 0.7},)))

    return play


def leased(start: Callable[[Site], object], vendor_class: str | None = VENDOR) -> Play:
    """Only a lease, from this server."""

    def play(site: Site) -> None:
        start(site)
        site.udhcpc("phone", vendor_class=vendor_class)

    return play


def discovers(site: Site, *, ready: str = "broadcasting discover|sending discover") -> None:
    already = site.received("laptop")
    site.udhcpc("phone", wait=False, vendor_class=VENDOR).wait_for(ready)
    # It says so before it sends.
    wait_until(lambda: site.received("laptop") > already)


def downloads(
    web: str = "", *, files: Mapping[str, bytes | str] | None = None, url: str = INSIDE, **fetch: Any
) -> Play:
    """An update is offered, and the phone fetches it."""
    return usual(ASK, POST, {**FETCH, **fetch}, web=handler(offer(url)) + web, files=files)


def file_says(*steps: Step, stays: bool = False) -> Play:
    """The file comes from a server of our own on server2."""

    def play(site: Site) -> None:
        names(site, {**GOOD, POOL: SERVER2})
        site.nginx("server", handler(offer()))
        server = site.raw("server2", 80, *steps)
        actions = (ASK, POST, FETCH)
        if stays:
            phone_stays(site, *actions)
            wait_until(lambda: bool(server.requests))
        else:
            phone(site, *actions, timeout=2)

    return play


def certificate(kind: str) -> Issued:
    """Made once, since keys take long. ``other`` is of an authority that nobody uses.

    Several stories are played at once: without the lock two of them would make two, and one phone trust the wrong one.
    """
    with _ONE_AT_A_TIME:
        return _certificate(kind)


_ONE_AT_A_TIME = threading.Lock()


@cache
def _certificate(kind: str) -> Issued:
    if kind == "expired":
        return issue(R2, start=timedelta(days=-400), end=timedelta(days=-5))
    return issue(R2, sha1=kind == "sha1")


def secure(
    kind: str, *options: str, tls: Mapping[str, Any], trusted: str | None = None, own: str | None = None
) -> Play:
    """``openssl s_server`` on 443, and a phone that comes by https. ``trusted``: whose authority it believes in;
    ``own``: the certificate that it has itself."""

    def play(site: Site) -> None:
        names(site)
        site.openssl_s_server("server", certificate(kind), "-www", *options)
        how = dict(tls)
        if trusted:
            how["ca"] = site.host("phone").write("/etc/site/ca.pem", certificate(trusted).authority)
        if own:
            files = {"own.pem": certificate(own).chain, "own.key": certificate(own).key}
            how["own"] = [site.host("phone").write(f"/etc/site/{name}", text) for name, text in files.items()]
        phone(site, ASK, {"do": "post", "tls": how}, timeout=3)

    return play


WANTS_CERTIFICATE = ("-no_tls1_3", "-Verify", "1", "-verify_return_error")


def hangs_up(alert: bytes) -> Play:
    """A phone that leaves when it has seen the certificate, with an alert or without a word."""

    def play(site: Site) -> None:
        names(site)
        site.openssl_s_server("server", certificate("sha2"), "-www", "-no_tls1_3")
        phone(site, ASK)

        def hello() -> None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
            with contextlib.suppress(ssl.SSLWantReadError):
                context.wrap_bio(into, out, server_hostname=R2).do_handshake()
            with socket.create_connection((SERVER, 443), 5) as stream:
                stream.sendall(out.read())
                came = b""
                while b"\x0e\0\0\0" not in came[-9:]:  # ServerHelloDone
                    came += stream.recv(65536)
                if alert:
                    stream.sendall(b"\x15\x03\x03" + struct.pack("!H", len(alert)) + alert)

        site.call("phone", hello)

    return play


# DHCP.


def drop_requests(site: Site) -> None:
    """The DISCOVER is answered, the REQUEST never: its option 53 is the first one that udhcpc sends."""
    names(site)
    site.firewall("server", rules="udp dport 67 @th,1984,24 0x350103 drop")
    discovers(site, ready="(?s:.*)(broadcasting|sending) select")


def inform_unanswered(site: Site) -> None:
    site.host("server")
    site.run("phone", "ip", "address", "add", "10.77.0.60/24", "dev", "eth0")
    site.start("phone", "dhcpcd", "-B", "-4", "-d", "--noarp", "-i", VENDOR, "--inform=10.77.0.60/24", "eth0",
               ready="sending INFORM")  # fmt: skip


STALE = """lease {
  interface "eth0";
  fixed-address 10.99.9.9;
  option subnet-mask 255.255.255.0;
  option dhcp-lease-time 864000;
  option dhcp-message-type 5;
  option dhcp-server-identifier 10.99.9.1;
  renew 5 2035/01/05 00:00:00;
  rebind 5 2036/01/04 00:00:00;
  expire 6 2037/01/03 00:00:00;
}
"""
DHCLIENT = f"""send vendor-class-identifier "{VENDOR}";
request subnet-mask, routers, domain-name, domain-name-servers;
initial-interval 1; backoff-cutoff 1; reboot 10;
"""


def refused_lease(site: Site) -> None:
    """A phone from another network asks for its old address; there is none for it here."""
    site.isc_dhcpd("server", top="deny unknown-clients;")
    site.host("phone").write("/var/lib/dhcp/dhclient.leases", STALE)
    client = site.dhclient("phone", conf=DHCLIENT, wait=False)
    client.wait_for("DHCPNAK")


def refused_lease_and_gone(site: Site) -> None:
    site.isc_dhcpd("server", top="deny unknown-clients;")
    site.host("phone").write("/var/lib/dhcp/dhclient.leases", STALE)
    site.firewall("server", rules="udp dport 67 @th,1984,24 0x350101 drop")
    client = site.dhclient("phone", conf=DHCLIENT, wait=False)
    client.wait_for("DHCPNAK")
    client.kill()


def nak_then_lease(site: Site) -> None:
    site.isc_dhcpd("server2")
    site.dnsmasq("server", records=GOOD)
    site.nginx("server", NOTHING)
    site.host("phone").write("/var/lib/dhcp/dhclient.leases", STALE)
    site.dhclient("phone", conf=DHCLIENT).wait_for("DHCPNAK")
    configure(site)
    site.run("phone", *script(site, ASK, POST))


def configure(site: Site) -> None:
    """dhclient's script does not run everywhere (it wants a whole machine): the address is set by hand if not."""
    lease = site.host("phone").read("/var/lib/dhcp/dhclient.leases")
    found = re.findall(r"fixed-address ([\d.]+)", lease)[-1]
    site.run("phone", "ip", "address", "replace", f"{found}/24", "dev", "eth0")


def script(site: Site, *actions: Action, resolver: str = SERVER, timeout: float = 8, mac: str = PHONE_MAC) -> list[str]:
    setting = {"mac": mac, "domain": DOMAIN, "resolver": resolver, "timeout": timeout}
    return [sys.executable, str(HERE / "phone.py"), json.dumps({"setting": setting, "actions": list(actions)})]


def voice_vlan_silent(site: Site) -> None:
    """Told VLAN 20, the phone releases its lease and asks there, where nobody is."""
    names(site, options=[f"vendor:{VENDOR},10,00:14"])
    client = site.udhcpc("phone", vendor_class=VENDOR)
    client.send(signal.SIGUSR2)
    client.wait_for("site: deconfig(?s:.*)site: deconfig")
    client.kill()
    interface = site.vlan("phone", 20)
    site.udhcpc("phone", interface=interface, vendor_class=VENDOR, wait=False).wait_for("discover")


def voice_vlan(site: Site) -> None:
    """The same, and in VLAN 20 all is well."""
    names(site, options=[f"vendor:{VENDOR},10,00:14"])
    client = site.udhcpc("phone", vendor_class=VENDOR)
    client.send(signal.SIGUSR2)
    client.wait_for("site: deconfig(?s:.*)site: deconfig")
    client.kill()
    tagged(site)


def tagged(site: Site) -> None:
    interface = site.vlan("server2", 20, address="10.79.0.2/24")
    site.dnsmasq("server2", dhcp=True, records={R2: "10.79.0.2"}, interface=interface,
                 first="10.79.0.100", last="10.79.0.150")  # fmt: skip
    site.nginx("server2", NOTHING)
    phone(site, ASK, POST, interface=site.vlan("phone", 20))


def domain_by_class(site: Site) -> None:
    """A policy takes the domain from those who ask about certificates."""
    rules = ["dhcp-vendorclass=set:second,MS-UC-Client", "dhcp-option=tag:second,option:domain-name,fabrikam.com"]
    names(site, extra=rules)
    site.nginx("server", NOTHING)
    site.udhcpc("phone", vendor_class="MS-UC-Client").kill()
    site.udhcpc("phone", vendor_class=VENDOR)
    phone(site, ASK, POST)


def two_domains(site: Site) -> None:
    # Whichever lease the phone takes, the update server is found in it.
    names(site, {**GOOD, "ucupdates-r2.fabrikam.com": SERVER}, extra=["local=/fabrikam.com/"])
    site.isc_dhcpd("server2", domain="fabrikam.com")
    site.nginx("server", NOTHING)
    phone(site, ASK, POST)


def bad_domain(domain: str) -> Play:
    return leased(lambda site: site.isc_dhcpd("server", domain=domain))


DHCP = [
    broken("dhcp-nobody", "dhcp", "dhcp-no-answer", discovers),
    broken("dhcp-request-unanswered", "dhcp", "dhcp-no-answer", drop_requests),
    broken("dhcp-inform-unanswered", "dhcp", "dhcp-no-answer", inform_unanswered),
    broken("dhcp-nak-and-nothing", "dhcp", "dhcp-nak", refused_lease),
    broken("dhcp-nak-last", "dhcp", "dhcp-nak", refused_lease_and_gone),
    broken("dhcp-no-domain-dnsmasq", "dhcp", "dhcp-no-domain", leased(lambda site: names(site, domain=None))),
    broken("dhcp-no-domain-isc", "dhcp", "dhcp-no-domain", leased(lambda site: site.isc_dhcpd("server", domain=None))),
    broken("dhcp-no-domain-kea", "dhcp", "dhcp-no-domain", leased(lambda site: site.kea("server", domain=None))),
    broken("dhcp-two-names", "dhcp", "dhcp-domain-unusable", bad_domain("contoso.com fabrikam.com")),
    broken("dhcp-comma", "dhcp", "dhcp-domain-unusable", bad_domain("contoso.com,fabrikam.com")),
    broken("dhcp-bad-characters", "dhcp", "dhcp-domain-unusable", bad_domain("con$oso!.com")),
    broken("dhcp-long-label", "dhcp", "dhcp-domain-unusable", bad_domain(f"{'a' * 64}.com")),
    broken("dhcp-no-resolver-dnsmasq", "dhcp", "dhcp-no-resolver", leased(lambda site: names(site, resolvers=[]))),
    broken("dhcp-no-resolver-isc", "dhcp", "dhcp-no-resolver",
           leased(lambda site: site.isc_dhcpd("server", resolvers=()))),
    broken("dhcp-no-resolver-kea", "dhcp", "dhcp-no-resolver", leased(lambda site: site.kea("server", resolvers=()))),
    whole("dhcp-domains-differ", two_domains, "dhcp-domains-differ"),
    whole("dhcp-domain-by-class", domain_by_class, "dhcp-domain-by-class"),
    whole("dhcp-domain-unexpected", usual(), "dhcp-domain-unexpected", options=("--domain", "fabrikam.com")),
    broken("dhcp-voice-vlan-silent", "dhcp", "dhcp-voice-vlan-silent", voice_vlan_silent),
]  # fmt: skip

# DNS.


def dns_gone(site: Site) -> None:
    """The server is there for DHCP, and nothing listens on port 53: ICMP says so."""
    names(site, dns=False, resolvers=[SERVER2])
    site.host("server2")
    phone(site, {**ASK, "timeout": 0.5})


# The zone above the phones' one, on a server that does not recurse.
DELEGATION = f"""com. 300 IN SOA ns.com. root.com. 1 3600 600 86400 300
com. 300 IN NS ns.com.
ns.com. 300 IN A {SERVER2}
{DOMAIN}. 300 IN NS ns.{DOMAIN}.
ns.{DOMAIN}. 300 IN A {SERVER}
"""


def dns_dropped(site: Site) -> None:
    names(site)
    site.firewall("server", drop=["udp/53"])
    phone(site, {**ASK, "timeout": 0.5})


SECOND = "10.77.0.66"


def answers_from_first_address(site: Site, *actions: Action, resolvers: Iterable[str] = (SECOND,)) -> None:
    """unbound listens on all addresses at once, and answers from the first one what the second one was asked."""
    site.run("server2", "ip", "address", "add", f"{SECOND}/24", "dev", "eth0")
    site.unbound("server2", {DOMAIN: GOOD}, lines=["interface-automatic: no"])
    names(site, resolvers=list(resolvers))
    site.nginx("server", NOTHING)
    phone(site, *(actions or ({**ASK, "tries": 3, "timeout": 0.5},)))


_FROM_ANOTHER_PORT = f"""
import socket
asked, answering = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
asked.bind(("{SERVER2}", 53))
answering.bind(("{SERVER2}", 1053))
print("bound", flush=True)
while True:
    question, who = asked.recvfrom(512)
    record = bytes.fromhex("c00c00010001000000050004") + socket.inet_aton("{SERVER}")
    head = question[:2] + bytes.fromhex("8180000100010000") + bytes(2)
    answering.sendto(head + question[12:].split(bytes(1), 1)[0] + bytes.fromhex("0000010001") + record, who)
"""


def answers_from_another_port(site: Site) -> None:
    """As a device in between does that translates the port of the answer alone."""
    site.start("server2", sys.executable, "-c", _FROM_ANOTHER_PORT, ready="bound")
    names(site, resolvers=[SERVER2])
    site.nginx("server", NOTHING)
    phone(site, {**ASK, "tries": 3, "timeout": 0.5})


def elsewhere(*actions: Action, extra: Iterable[str] = ()) -> Play:
    """The phone asks in another domain than its lease's."""
    names_there: Action = {"do": "ask", "names": ["ucupdates-r2.fabrikam.com"]}
    records = {**GOOD, "ucupdates-r2.fabrikam.com": SERVER}
    return usual(names_there, *actions, records=records, extra=["local=/fabrikam.com/"])


BOTH: Action = {"do": "ask", "names": ["ucupdates-r2.{domain}", "ucupdates.{domain}"]}

DNS = [
    broken("r2-missing", "dns", "dns-r2-missing", resolves({POOL: SERVER})),
    broken("r2-and-legacy-missing", "dns", "dns-r2-missing", resolves({POOL: SERVER}, BOTH)),
    broken("r2-missing-bind", "dns", "dns-r2-missing",
           resolver(lambda site: site.bind("server2", {DOMAIN: {POOL: SERVER}}))),
    broken("legacy-only", "dns", "dns-legacy-only", resolves({LEGACY: SERVER}, BOTH)),
    broken("legacy-only-knot", "dns", "dns-legacy-only",
           resolver(lambda site: site.knot("server2", {DOMAIN: {LEGACY: SERVER}}), BOTH)),
    broken("ipv6-only", "dns", "dns-no-address", resolves({R2: "fd00::2"})),
    broken("alias-to-nothing", "dns", "dns-no-address",
           resolver(lambda site: site.bind("server2", {DOMAIN: {R2: f"CNAME gone.{DOMAIN}."}}))),
    broken("servfail-unbound", "dns", "dns-server-failure",
           resolver(lambda site: site.unbound("server2", {}, after='forward-zone:\n    name: "."\n    forward-addr: '
                                              "192.0.2.1\n"), {**ASK, "tries": 1, "timeout": 8})),
    broken("servfail-bind", "dns", "dns-server-failure",
           resolver(lambda site: site.bind("server2", {DOMAIN: "this is no zone file"}))),
    broken("refused-unbound", "dns", "dns-refused",
           resolver(lambda site: site.unbound("server2", {}, lines=["access-control: 10.77.0.0/16 refuse"]))),
    broken("refused-bind", "dns", "dns-refused", resolver(lambda site: site.bind("server2", {"fabrikam.com": {}}))),
    broken("referred-bind", "dns", "dns-refused", resolver(lambda site: site.bind("server2", {"com": DELEGATION}))),
    broken("dns-dropped", "dns", "dns-no-answer", dns_dropped),
    broken("dns-from-elsewhere", "dns", "dns-answer-from-elsewhere", answers_from_first_address),
    broken("dns-from-another-port", "dns", "dns-answer-from-elsewhere", answers_from_another_port),
    broken("dns-port-closed", "dns", "dns-no-answer", dns_gone),
    broken("dns-server-gone", "dns", "dns-no-answer",
           lambda site: (names(site, dns=False, resolvers=["10.77.0.99"]),
                         phone(site, {**ASK, "timeout": 1.5}, vendor_class=VENDOR))),
    broken("dns-gateway-gone", "dns", "dns-no-answer",
           lambda site: (names(site, dns=False, resolvers=["192.0.2.53"], router=GATEWAY),
                         phone(site, {**ASK, "timeout": 1.5}, vendor_class=VENDOR))),
    broken("dns-loopback", "dns", "dns-bad-address", resolves({R2: "127.0.0.1"})),
    broken("dns-zero", "dns", "dns-bad-address", resolves({R2: "0.0.0.0"})),
    broken("dns-link-local", "dns", "dns-bad-address", resolves({R2: "169.254.7.7"})),
    broken("dns-subnet-broadcast", "dns", "dns-bad-address", resolves({R2: "10.77.0.255"})),
    broken("dns-subnet-itself", "dns", "dns-bad-address", resolves({R2: "10.77.0.0"})),
    whole("wrong-domain", elsewhere(POST), "dns-wrong-domain"),
    whole("missing-and-provisioned",
          usual({**ASK, "anyway": True}, {"do": "server", "address": SERVER, "name": POOL}, POST,
                records={POOL: SERVER}),
          "dns-r2-missing"),
    whole("legacy-only-and-used", usual(BOTH, POST, records={LEGACY: SERVER}), "dns-legacy-only"),
    unknown("not-asked", "dns", "dns-not-asked", leased(names)),
    unknown("not-asked-named", "dns", "dns-not-asked", leased(names, None), options=("--mac", PHONE_MAC)),
    unknown("not-asked-all", "dns", "dns-not-asked", leased(names, None), options=("--all",)),
    whole("servfail-then-good", lambda site: servfail_then_good(site), "dns-server-failure"),
]  # fmt: skip


def servfail_then_good(site: Site) -> None:
    bad = site.bind("server2", {DOMAIN: "this is no zone file"})
    names(site, dns=False, resolvers=[SERVER2])
    site.nginx("server", NOTHING)
    phone(site, {**ASK, "tries": 1})
    bad.stop()
    site.bind("server2", {DOMAIN: GOOD})
    phone(site, ASK, POST)


# Connect.


def connects(prepare: Play, records: Records = GOOD, timeout: float = 1.0, **values: Any) -> Play:
    def play(site: Site) -> None:
        names(site, records, **values)
        prepare(site)
        phone(site, ASK, POST, timeout=timeout)

    return play


def refused_then_good(site: Site) -> None:
    names(site)
    phone(site, ASK, POST)
    site.nginx("server", NOTHING)
    phone(site, ASK, POST)


def good_then_refused(site: Site) -> None:
    names(site)
    web = site.nginx("server", NOTHING)
    phone(site, ASK, POST)
    web.stop()
    phone(site, ASK, POST)


def answer_lost(site: Site) -> None:
    """The server's SYN ACK gets as far as the phone's switch."""
    site.nginx("server", NOTHING)
    site.firewall("phone", rules="tcp sport 80 drop")


CONNECT = [
    broken("connect-refused", "connect", "connect-refused", connects(lambda site: None)),
    broken("connect-dropped", "connect", "connect-no-answer",
           connects(lambda site: site.firewall("server", drop=["tcp/80"]))),
    broken("connect-answer-lost", "connect", "connect-no-answer", connects(answer_lost, timeout=4)),
    broken("connect-prohibited", "connect", "connect-unreachable",
           connects(lambda site: site.firewall("server", unreachable=[80]))),
    broken("connect-nobody", "connect", "connect-unreachable",
           connects(lambda site: None, {R2: "10.77.0.99"}, timeout=4)),
    broken("connect-no-gateway", "connect", "connect-unreachable",
           connects(lambda site: None, {R2: "192.0.2.10"}, timeout=4, router=GATEWAY)),
    unknown("connect-not-tried", "connect", "connect-not-tried", usual(ASK)),
    whole("refused-then-good", refused_then_good, "connect-refused"),
    whole("https-refused-then-http", usual(ASK, {"do": "post", "port": 443, "anyway": True}, POST), "connect-refused"),
    whole("other-address", lambda site: other_address(site), "connect-refused"),
    broken("good-then-refused", "connect", "connect-refused", good_then_refused),
]  # fmt: skip

# TLS.

TLS12 = {"version": "TLSv1_2"}


def hears(connection: socket.socket, _: bytes) -> None:
    connection.recv(65536)


def tls_to(*steps: Step) -> Play:
    def play(site: Site) -> None:
        names(site)
        site.raw("server", 443, *steps, read=False)
        phone(site, ASK, {"do": "post", "tls": TLS12}, timeout=2)

    return play


TLS = [
    broken("tls-silent", "tls", "tls-no-answer", tls_to("hold")),
    broken("tls-version", "tls", "tls-version", secure("sha2", "-tls1_3", tls={"old": True})),
    broken("tls-untrusted", "tls", "tls-untrusted", secure("sha1", "-no_tls1_3", tls=TLS12, trusted="other")),
    broken("tls-expired", "tls", "tls-expired", secure("expired", "-no_tls1_3", tls=TLS12, trusted="expired")),
    unknown("tls-sha2-all-the-same", None, "tls-not-decrypted", secure("sha2", "-no_tls1_3", tls=TLS12),
            "tls-sha2-chain"),
    broken("tls-sha2-hung-up", "tls", "tls-sha2-chain", hangs_up(b"")),
    broken("tls-sha2-alert", "tls", "tls-sha2-chain", hangs_up(b"\x02\x2b")),
    broken("tls-no-cipher", "tls", "tls-handshake", secure("sha2", "-no_tls1_3", "-cipher", "ECDHE-ECDSA-AES128-SHA",
                                                           tls=TLS12)),
    broken("tls-certificate-wanted", "tls", "tls-handshake", secure("sha1", *WANTS_CERTIFICATE, tls=TLS12)),
    broken("tls-certificate-refused", "tls", "tls-handshake",
           secure("sha1", *WANTS_CERTIFICATE, tls=TLS12, own="sha2")),
    unknown("tls-expired-all-the-same", None, "tls-not-decrypted", secure("expired", "-no_tls1_3", tls=TLS12),
            "tls-expired", "tls-sha2-chain"),
    broken("tls-plain-http", "tls", "tls-handshake", tls_to(hears, b"HTTP/1.0 400 Bad Request\r\n\r\n", "close")),
    unknown("tls-sha1", None, "tls-not-decrypted", secure("sha1", "-no_tls1_3", tls={"old": True})),
]  # fmt: skip

# The sign-in, and the server that DNS does not name.

OLD_POOL = f"oldpool.{DOMAIN}"
GONE = f"gonepool.{DOMAIN}"
REGISTRAR: Records = {
    **GOOD,
    POOL: SERVER2,
    f"sip.{DOMAIN}": SERVER2,
    OLD_POOL: SERVER2,
    GONE: "10.77.0.98",
    f"sipinternal.{DOMAIN}": "10.77.0.99",
}
SRV = f"srv-host=_sipinternaltls._tcp.{DOMAIN},{POOL},5061"
LOOKS: tuple[Action, ...] = (
    {"do": "look", "name": "_sipinternaltls._tcp.{domain}", "type": "SRV"},
    {"do": "look", "name": POOL},
)


def signs_in(
    start: Callable[[Site], object],
    *after: Action,
    web: str = NOTHING,
    name: str = POOL,
    trusted: str | None = None,
    **how: Any,
) -> Play:
    """A registrar on server2 (``start``), and a phone that looks for it, goes there, and asks for updates."""

    def play(site: Site) -> None:
        names(site, REGISTRAR, extra=[SRV])
        site.nginx("server", web)
        site.host("server2")
        start(site)
        tls: dict[str, Any] = dict(how.get("tls", TLS12))
        if trusted:
            tls["ca"] = site.host("phone").write("/etc/site/ca.pem", certificate(trusted).authority)
        sign_in = {"do": "sign_in", "address": SERVER2, "name": name, "anyway": True, **how, "tls": tls}
        looks = LOOKS if name == POOL else ({"do": "look", "name": name},)
        phone(site, *looks, sign_in, *(after or (ASK, POST)), timeout=2, vendor_class=VENDOR)

    return play


def sip(kind: str, *options: str, port: int = 5061) -> Callable[[Site], object]:
    return lambda site: site.openssl_s_server("server2", certificate(kind), "-quiet", *options, port=port)


def sip_says(*steps: Step) -> Callable[[Site], object]:
    return lambda site: site.raw("server2", 5061, *steps, read=False)


def old_pool(start: Callable[[Site], object], *actions: Action) -> Play:
    """A phone that calls the pool of an earlier sign-in, on server2, and asks DNS for that name alone."""

    def play(site: Site) -> None:
        names(site, REGISTRAR)
        site.host("server2")
        start(site)
        known = {"do": "server", "address": SERVER2, "name": OLD_POOL}
        phone(site, {"do": "look", "name": OLD_POOL}, known, *(actions or (POST,)), timeout=1, vendor_class=VENDOR)

    return play


def other_phone_posts(site: Site) -> None:
    """Another phone is served by the pool that this one cannot reach any more."""
    site.add("phone2", Port(mac="00:04:f2:77:00:02"))
    web = site.nginx("server2", NOTHING)
    names(site, REGISTRAR)
    known = {"do": "server", "address": SERVER2, "name": OLD_POOL}
    phone(site, known, POST, host="phone2", vendor_class=VENDOR)
    web.stop()
    phone(site, known, POST, vendor_class=VENDOR)


def only_by_sign_in(site: Site) -> None:
    """Firmware that asks no DNS: its old pool does not know it any more, and its registrar is gone."""
    names(site, REGISTRAR, extra=[SRV])
    site.nginx("server", status(404))
    site.host("server2")
    known = {"do": "server", "address": SERVER, "name": OLD_POOL}
    sign_in = {"do": "sign_in", "address": SERVER2, "name": POOL}
    phone(site, known, {"do": "post", "accept": [404]}, *LOOKS, sign_in, firmware="1.0.199.123", vendor_class=VENDOR)


def without_record(**trusts: str) -> Play:
    """DNS has no record for a phone that signs in, and then goes to another host over TLS."""
    host = f"web.{DOMAIN}"

    def play(site: Site) -> None:
        names(site, {POOL: SERVER2, host: SERVER}, extra=[SRV])
        for server, port in (("server2", 5061), ("server", 443)):
            site.openssl_s_server(server, certificate("sha1"), "-quiet", "-no_tls1_3", port=port)
        trusted = {
            key: site.host("phone").write("/etc/site/ca.pem", certificate(kind).authority)
            for key, kind in trusts.items()
        }
        there = {**SIGN_IN_AT, "address": SERVER, "port": 443, "name": host, "tls": {**TLS12, **trusted}}
        phone(
            site,
            {**ASK, "anyway": True},
            *(*LOOKS, {**SIGN_IN_AT, "address": SERVER2}),
            *({"do": "look", "name": host}, there),
            vendor_class=VENDOR,
        )

    return play


FAILED = "sign-in-failed"
SIGN_IN_AT: Action = {"do": "sign_in", "name": POOL, "tls": TLS12, "anyway": True}
HTTPS = {"do": "post", "tls": TLS12}

SIGN_IN = [
    whole("signed-in", signs_in(sip("sha1", "-no_tls1_3"))),
    whole("signed-in-1.3", signs_in(sip("sha2", "-tls1_3"), tls={})),
    whole("sign-in-refused", signs_in(lambda site: None), FAILED),
    whole("sign-in-dropped", signs_in(lambda site: site.firewall("server2", drop=["tcp/5061"])), FAILED),
    whole("sign-in-prohibited", signs_in(lambda site: site.firewall("server2", unreachable=[5061])), FAILED),
    whole("sign-in-untrusted", signs_in(sip("sha1", "-no_tls1_3"), trusted="other"), FAILED),
    whole("sign-in-expired", signs_in(sip("expired", "-no_tls1_3"), name=R2, trusted="expired"), FAILED),
    whole("sign-in-version", signs_in(sip("sha2", "-tls1_3"), tls={"old": True}), FAILED),
    whole("sign-in-no-cipher", signs_in(sip("sha2", "-no_tls1_3", "-cipher", "ECDHE-ECDSA-AES128-SHA")), FAILED),
    whole("sign-in-closed", signs_in(sip_says(hears, "close")), FAILED),
    whole("sign-in-reset", signs_in(sip_says(hears, "reset")), FAILED),
    whole("sign-in-no-word", signs_in(sip_says("reset")), FAILED),
    whole("sign-in-silent", signs_in(sip_says("hold")), FAILED),
    whole("sign-in-no-tls", signs_in(sip_says(hears, b"SIP/2.0 400 Bad Request\r\n\r\n", "close")), FAILED),
    whole("sign-in-edge", signs_in(lambda site: None, name=f"sip.{DOMAIN}", port=443), FAILED),
    whole("signed-in-edge", signs_in(sip("sha1", "-no_tls1_3", port=443), name=f"sip.{DOMAIN}", port=443)),
    whole("sign-in-twice", signs_in(sip("sha1", "-no_tls1_3"), {**SIGN_IN_AT, "address": SERVER},
                                    {**SIGN_IN_AT, "address": SERVER2}, ASK, POST)),
    whole("sign-in-nobody", signs_in(lambda site: None, address="10.77.0.99", name=f"sipinternal.{DOMAIN}"), FAILED),
    unknown("sign-in-alone", "dns", "dns-not-asked", signs_in(lambda site: None, *LOOKS), FAILED),
    unknown("signed-in-alone", "dns", "dns-not-asked", signs_in(sip("sha1", "-no_tls1_3"), *LOOKS)),
    broken("sign-in-the-only-way", "dns", FAILED, only_by_sign_in),
    unknown("signed-in-without-record", "request", "tls-not-decrypted", without_record(), "dns-r2-missing"),
    broken("signed-in-untrusted-there", "dns", "dns-r2-missing", without_record(ca="other")),
    unknown("old-pool-nobody", "connect", "other-server-failed",
            old_pool(lambda site: None, {"do": "server", "address": "10.77.0.98", "name": GONE},
                     {"do": "look", "name": GONE}, {**POST, "anyway": True}, {"do": "wait", "seconds": 1})),
    unknown("old-pool-refused", "connect", "other-server-failed", old_pool(lambda site: None)),
    unknown("old-pool-dropped", "connect", "other-server-failed",
            old_pool(lambda site: site.firewall("server2", drop=["tcp/80"]))),
    unknown("old-pool-untrusted", "connect", "other-server-failed", old_pool(
        lambda site: site.openssl_s_server("server2", certificate("sha1"), "-www", "-no_tls1_3"),
        {**HTTPS, "tls": {**TLS12, "ca": "/etc/ssl/certs/ca-certificates.crt"}})),
    broken("old-pool-named", "connect", "connect-refused", old_pool(lambda site: None),
           options=("--server", OLD_POOL)),
    broken("old-pool-named-by-address", "connect", "connect-no-answer",
           old_pool(lambda site: site.firewall("server2", drop=["tcp/80"])), options=("--server", SERVER2)),
    broken("old-pool-named-404", "request", "http-not-found", old_pool(lambda site: site.nginx("server2", status(404))),
           options=("--server", OLD_POOL)),
    Story(
        "old-pool-of-another-phone",
        Expected(BROKEN, "connect", "connect-refused"),
        other_phone_posts,
        phones={
            PHONE_MAC: Expected(BROKEN, "connect", "connect-refused"),
            "00:04:f2:77:00:02": Expected(WHOLE, None, NO_UPDATE),
        },
    ),
]  # fmt: skip

# The request.


def ext(web: str, *, ntlm: bool = False, accept: Iterable[int] = (200,)) -> Play:
    post = {"do": "post", "external": True, "ntlm": ntlm, "accept": list(accept)}
    return usual(ASK, post, web=web)


CHALLENGE = f"location = {EXTERNAL} {{ add_header WWW-Authenticate NTLM always; return 401; }}"


def ntlm(path: str = EXTERNAL, *, taken: bool = True) -> str:
    """A path that asks for NTLM; ``taken``: it accepts whoever comes to the end of it."""
    second = base64.b64encode(b"NTLMSSP\0" + struct.pack("<I", 2) + bytes(40)).decode()
    third = base64.b64encode(b"NTLMSSP\0" + struct.pack("<I", 3)).decode().rstrip("=")[:15]
    end = (
        "return 200 '<Response downloads=\"0\"/>';" if taken else "add_header WWW-Authenticate NTLM always; return 401;"
    )
    return f"""location = {path} {{
        default_type text/xml;
        if ($http_authorization ~ "^NTLM {re.escape(third)}") {{ {end} }}
        if ($http_authorization ~ "^NTLM") {{ add_header WWW-Authenticate "NTLM {second}" always; return 401; }}
        add_header WWW-Authenticate NTLM always;
        return 401;
    }}"""


def two_tries(site: Site) -> None:
    """The first answer is 404, and after the server was mended all is well."""
    names(site)
    web = site.nginx("server")
    phone(site, ASK, POST)
    web.stop()
    site.nginx("server", NOTHING)
    phone(site, ASK, POST)


def request(name: str, code: str, web: str) -> Story:
    return broken(name, "request", code, usual(web=web))


BASIC = 'auth_basic "IIS"; auth_basic_user_file /dev/null;'
LATE = OK + b'Content-Length: 25\r\n\r\n<Response downloads="0"/>'
TWO_LENGTHS = OK + b'Content-Length: 20\r\nContent-Length: 25\r\n\r\n<Response downloads="0"/>'
CUT_LENGTH = OK + b"Content-Length: 500\r\n\r\n<Response>"

REQUEST = [
    unknown("request-not-sent", "request", "request-not-sent", usual(ASK, {"do": "connect"})),
    broken("http-silent", "request", "http-no-answer", says("hold")),
    broken("http-silent-and-waiting", "request", "http-no-answer", says("hold", stays=True)),
    broken("http-too-late", "request", "http-no-answer", says(1.8, LATE, patience=1)),
    broken("http-half-an-answer", "request", "http-no-answer", says(CUT_LENGTH, "hold", stays=True)),
    broken("http-closed", "request", "http-closed", says("close")),
    broken("http-reset", "request", "http-closed", says("reset")),
    broken("http-reset-at-once", "request", "http-closed", says("reset", read=False)),
    broken("http-cut-head", "request", "http-closed", says(b"HTTP/1.1 200 OK\r\nContent-Type: tex", "close")),
    broken("http-cut-body", "request", "http-closed", says(CUT_LENGTH, "close")),
    broken("http-cut-chunk", "request", "http-closed",
           says(OK + b"Transfer-Encoding: chunked\r\n\r\n20\r\n<Response>", "close")),
    broken("http-ssh", "request", "http-not-http", says(b"SSH-2.0-OpenSSH_5.1\r\n", "hold", read=False)),
    broken("http-two-lengths", "request", "http-not-http", says(TWO_LENGTHS, "close")),
    broken("http-garbage", "request", "http-not-http", says(b"\x15\x03\x01\x00\x02\x02\x16 and more", "close")),
    request("redirect-https", "http-redirected", f"return 301 https://{R2}$request_uri;"),
    request("redirect-portal", "http-redirected", "return 302 http://portal.contoso.com/login;"),
    request("auth-basic", "http-auth-required", BASIC),
    request("auth-proxy", "http-proxy-auth", status(407, "add_header Proxy-Authenticate Basic always;")),
    request("forbidden", "http-forbidden", "deny all;"),
    request("not-found", "http-not-found", ""),
    request("method-refused", "http-method-refused", status(405)),
    request("server-error", "http-server-error", status(500)),
    broken("server-error-then-https-refused", "request", "http-server-error",
           usual(ASK, {**POST, "anyway": True}, {**POST, "port": 443}, web=status(500))),
    request("bad-gateway", "http-unavailable", "location / { proxy_pass http://127.0.0.1:9; }"),
    request("unavailable", "http-unavailable", status(503)),
    request("gateway-timeout", "http-unavailable", status(504)),
    request("teapot", "http-status", status(418)),
    request("bad-request", "http-status", status(400)),
    unknown("external-sign-in", "request", "external-sign-in-needed", ext(CHALLENGE)),
    unknown("external-password", "request", "external-sign-in-refused", ext(ntlm(taken=False), ntlm=True)),
    request("internal-ntlm", "http-auth-required",
            f"location = {PATH} {{ add_header WWW-Authenticate NTLM always; return 401; }}"),
    whole("not-found-then-good", two_tries, "http-not-found"),
]  # fmt: skip

# The answer.


def response(name: str, code: str, body: str, *warnings: str, kind: str = "text/xml", status: str = BROKEN) -> Story:
    return Story(name, Expected(status, "response", code, more(*warnings)), usual(web=handler(body, kind)))


def offers_to(firmware: str, answer: str = "") -> Play:
    """A phone with this firmware is offered this, and fetches it."""
    web = handler(answer or offer())
    return usual(ASK, {**POST, "firmware": firmware}, FETCH, web=web, files={FILE: FIRMWARE})


RESPONSE = [
    response("portal-page", "response-not-xml", "<!DOCTYPE html><html><body>Sign in</body></html>", kind="text/html"),
    response("plain-text", "response-not-xml", "It works!", kind="text/plain"),
    response("xml-breaks-off", "response-malformed", "<Response><BaseURL>http://po"),
    broken("empty-body", "response", "response-malformed", usual(web=status(200))),
    response("other-xml", "response-unknown", '<rss version="2.0"><channel/></rss>'),
    response("urls-blank", "response-urls-blank", offer("", "")),
    response("internal-blank", "response-internal-url-blank", offer("", OUTSIDE)),
    whole("external-blank", usual(ASK, POST, FETCH, web=handler(offer(INSIDE, "")), files={FILE: FIRMWARE}),
          "response-external-url-blank", offered=True),
    response("file-url", "response-url-unusable", offer("file://pool/DeviceUpdateFiles", ""),
             "response-external-url-blank"),
    response("relative-url", "response-url-unusable", offer("/DeviceUpdateFiles_Int/CPE", OUTSIDE)),
    Story("external-url-blank-outside", Expected(BROKEN, "response", "response-external-url-blank"),
          usual(ASK, {"do": "post", "external": True}, web=handler(offer(INSIDE, ""), path=EXTERNAL))),
    whole("external-internal-blank",
          usual(ASK, {"do": "post", "external": True}, {**FETCH, "external": True, "url": f"http://{POOL}/Ext/CPE.nbt"},
                web=handler(offer("", f"http://{POOL}/Ext"), path=EXTERNAL), files={"/Ext/CPE.nbt": FIRMWARE}),
          "response-internal-url-blank", "external-url-http", offered=True),
    Story("same-version", Expected(WHOLE, None, "same-version-offered"),
          usual(ASK, {**POST, "firmware": "1.0.522.101"}, web=handler(offer()))),
    whole("same-version-fetched", offers_to("1.0.522.101"), "same-version-offered", offered=True),
    whole("downgrade", offers_to("3.5.6907.35"), "downgrade-offered", offered=True),
    whole("stage-skipped", offers_to("1.0.522.34", offer().replace("1.0.522.101</V", "4.0.7577.4387</V")),
          "stage-skipped", offered=True),
    whole("external-http", offers_to("1.0.522.34", offer(outside=f"http://ext.contoso.com{STORE}")),
          "external-url-http", offered=True),
]  # fmt: skip

# The file.


def offered_elsewhere(prepare: Play, timeout: float = 1.0, address: str = SERVER2) -> Play:
    def play(site: Site) -> None:
        names(site, {**GOOD, POOL: address})
        site.nginx("server", handler(offer()))
        prepare(site)
        phone(site, ASK, POST, FETCH, timeout=timeout)

    return play


def https_file_fails(site: Site) -> None:
    names(site)
    site.nginx("server", handler(offer(f"https://{POOL}{STORE}")))
    site.openssl_s_server("server", certificate("sha2"), "-www", "-tls1_3")
    phone(site, ASK, POST, {**FETCH, "tls": {"old": True}})


def truncated_then_whole(site: Site) -> None:
    names(site, {**GOOD, POOL: SERVER2})
    site.nginx("server", handler(offer()))
    cut = site.raw("server2", 80, CUT_FILE, "close")
    phone(site, ASK, POST, FETCH, timeout=3)
    cut.close()
    time.sleep(0.1)
    site.nginx("server2", files={FILE: FIRMWARE})
    phone(site, ASK, POST, FETCH)


BINARY = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
CUT_FILE = BINARY + b"Content-Length: 200000\r\n\r\n" + FIRMWARE[:50000]

DOWNLOAD = [
    broken("host-missing", "download", "download-host-missing",
           usual(ASK, POST, FETCH, web=handler(offer()), records={R2: SERVER})),
    broken("file-broadcast", "download", "download-host-missing",
           offered_elsewhere(lambda site: None, address="10.77.0.255")),
    broken("file-refused", "download", "download-connect-failed", offered_elsewhere(lambda site: site.host("server2"))),
    broken("file-dropped", "download", "download-connect-failed",
           offered_elsewhere(lambda site: site.firewall("server2", drop=["tcp/80"]))),
    broken("file-nobody", "download", "download-connect-failed",
           offered_elsewhere(lambda site: None, timeout=4, address="10.77.0.99")),
    broken("file-https-fails", "download", "download-connect-failed", https_file_fails, "internal-url-https"),
    broken("file-not-found", "download", "download-not-found", downloads()),
    broken("file-forbidden", "download", "download-refused", downloads(f"location = {FILE} {{ deny all; }}")),
    broken("file-auth", "download", "download-refused", downloads(f"location /DeviceUpdateFiles_Int {{ {BASIC} }}")),
    broken("file-error", "download", "download-server-error",
           downloads("location /DeviceUpdateFiles_Int { return 500; }")),
    broken("file-redirected", "download", "download-status",
           downloads("location /DeviceUpdateFiles_Int { return 302 http://portal.contoso.com/; }")),
    broken("file-truncated", "download", "download-truncated", file_says(CUT_FILE, "close")),
    broken("file-two-lengths", "download", "download-truncated",
           file_says(CUT_FILE.replace(b"\r\n\r\n", b"\r\nContent-Length: 50000\r\n\r\n", 1), "close")),
    broken("file-reset", "download", "download-truncated", file_says(CUT_FILE, 0.1, "reset")),
    broken("file-stalled", "download", "download-stalled", file_says(CUT_FILE, "hold", stays=True)),
    broken("file-stalled-given-up", "download", "download-stalled", file_says(CUT_FILE, "hold")),
    broken("file-empty", "download", "download-empty", downloads(files={FILE: b""})),
    broken("file-html", "download", "download-not-firmware",
           downloads(f"location = {FILE} {{ default_type text/html; return 200 '<html>Not here</html>'; }}")),
    unknown("file-not-tried", "download", "download-not-tried", usual(ASK, POST, web=handler(offer()))),
    whole("truncated-then-whole", truncated_then_whole, "download-truncated", offered=True),
]  # fmt: skip

# Captures that end too soon, or have nothing.


def too_short(name: str, step: str, play: Play) -> Story:
    # Longer than a busy machine takes from the last packet to the end.
    options = ("--patience", "60")
    return unknown(f"too-short-{name}", step, "capture-too-short", play, quiet=True, options=options)


def dns_asked_only(site: Site) -> None:
    names(site)
    site.firewall("server", drop=["udp/53"])
    phone(site, {**ASK, "tries": 1, "timeout": 0.3})


def post_waits(site: Site) -> None:
    names(site)
    server = site.raw("server", 80, "hold")
    phone_stays(site, ASK, POST)
    wait_until(lambda: bool(server.requests))


def wait_until(holds: Callable[[], bool], *, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def file_waits(site: Site) -> None:
    names(site, {**GOOD, POOL: SERVER2})
    site.nginx("server", handler(offer()))
    server = site.raw("server2", 80, CUT_FILE, "hold")
    phone_stays(site, ASK, POST, FETCH)
    wait_until(lambda: bool(server.requests))
    time.sleep(0.2)


def strangers(site: Site) -> None:
    """Other hosts only, one of them with a lease."""
    names(site, {"www.contoso.com": SERVER})
    site.nginx("server", files={"index.html": "<html/>"})
    site.udhcpc("server2")
    site.dig("server2", f"@{SERVER}", "www.contoso.com")
    site.curl("server2", f"http://{SERVER}/index.html")


def access_point(site: Site) -> None:
    """Who speaks DTLS with a controller on the port of CAPWAP: what it carries nobody sees."""
    server, issued = site.host("server"), site.certificate(POOL)
    pem, key = server.write("/etc/site/chain.pem", issued.chain), server.write("/etc/site/key.pem", issued.key)
    server.start(
        "openssl", "s_server", "-dtls", "-quiet", "-accept", "5247", "-cert", pem, "-key", key, ready="udp/5247"
    )
    client = ("openssl", "s_client", "-dtls", "-quiet", "-connect", f"{SERVER}:5247")
    site.run("server2", *client, input="what nobody sees\n" * 20, check=False, timeout=20)


SHORT = [
    too_short("discover", "dhcp", discovers),
    too_short("lease", "dns", leased(names)),
    too_short("question", "dns", dns_asked_only),
    too_short("address", "connect", usual(ASK)),
    too_short("syn", "connect",
              connects(lambda site: site.firewall("server", drop=["tcp/80"]), timeout=0.3)),
    too_short("post", "request", post_waits),
    too_short("offer", "download", usual(ASK, POST, web=handler(offer()))),
    too_short("file", "download", file_waits),
    unknown("cut-by-a-snap-length", "dns", "capture-gap", usual(), edit=snapped(96),
            problems=frozenset({"packets-cut"})),
    whole("two-clocks", usual(), "capture-clocks-differ", edit=two_clocks(-3)),
    unknown("mirror-of-the-phone", "request", "capture-one-direction", usual(), edit=mirrored(True)),
    unknown("mirror-of-the-servers", "request", "capture-one-direction", usual(), edit=mirrored(False)),
    unknown("nobody", None, "no-phone-seen", strangers),
    unknown("all-encrypted", None, "capture-encapsulated", access_point),
    unknown("nobody-of-that-name", None, "no-phone-seen", strangers, options=("--mac", PHONE_MAC)),
]  # fmt: skip

# What is well and must leave no finding.


def bad_wire(
    *actions: Action, web: str = NOTHING, files: Mapping[str, bytes | str] | None = None, **values: Any
) -> Play:
    def play(site: Site) -> None:
        names(site)
        site.nginx("server", web, files=files)
        site.udhcpc("phone")
        site.netem("phone", **values)
        # The first question tells the neighbours where the phone is again, so that no ARP is lost later.
        phone(site, *(actions or (INSISTS, POST)))

    return play


def renewal(site: Site) -> None:
    names(site)
    site.nginx("server", NOTHING)
    client = site.udhcpc("phone")
    phone(site, ASK, POST)
    site.netem("phone", delay=0.02)
    client.send(signal.SIGUSR1)
    client.wait_for("site: renew")


def released_and_again(site: Site) -> None:
    names(site)
    site.nginx("server", NOTHING)
    client = site.udhcpc("phone")
    phone(site, ASK, POST)
    client.send(signal.SIGUSR2)
    client.wait_for("site: deconfig(?s:.*)site: deconfig")
    client.send(signal.SIGUSR1)
    client.wait_for("site: bound(?s:.*)site: bound")
    phone(site, ASK, POST)


def other_address(site: Site) -> None:
    """The name has two addresses, and nothing listens at the one that the phone tries first."""
    names(site, {**GOOD, R2: [SERVER, SERVER2]})
    site.nginx("server", NOTHING)
    site.host("server2")
    there = [{"do": "server", "address": address, "name": R2} for address in (SERVER2, SERVER)]
    phone(site, ASK, there[0], {**POST, "anyway": True}, there[1], POST)


def router(phones: int) -> Play:
    """Phones on a network behind a router: of them, the laptop's network shows IP addresses and the router's MAC."""

    def play(site: Site) -> None:
        site.add(
            "gateway", Port("lan", f"{GATEWAY}/24", "02:77:00:00:00:01"), Port("far", "10.78.0.1/24"), forwards=True
        )
        site.run("server", "ip", "route", "add", "10.78.0.0/24", "via", GATEWAY)
        site.dnsmasq("server", records=GOOD)
        site.nginx("server", NOTHING)
        for number in range(phones):
            host, mac = f"far{number}", f"00:04:f2:78:00:0{number}"
            site.add(host, Port("far", f"10.78.0.{10 + number}/24", mac), gateway="10.78.0.1")
            site.run(host, *script(site, ASK, POST, mac=mac))

    return play


def relayed(site: Site) -> None:
    """The phone's lease comes through a relay; the laptop is on the phone's network."""
    site.add("gateway", Port("lan", f"{GATEWAY}/24", "02:77:00:00:00:01"), Port("far", "10.78.0.1/24"), forwards=True)
    site.add("distant", Port("far", "10.78.0.2/24"), gateway="10.78.0.1")
    site.isc_dhcpd(
        "distant", router=GATEWAY, resolvers=["10.78.0.2"], extra_subnets="subnet 10.78.0.0 netmask 255.255.255.0 {}"
    )
    site.dhcp_relay("gateway", "10.78.0.2")
    site.dnsmasq("distant", records={R2: "10.78.0.2"})
    site.nginx("distant", NOTHING)
    phone(site, ASK, POST)


def administrator_tests(site: Site) -> None:
    """All is well, and the administrator's PC tests the handler as the catalogue advises, which has no use for that."""
    names(site)
    site.nginx("server", NOTHING.replace("return", "if ($content_length = 0) { return 500; } return", 1))
    phone(site, ASK, POST)
    site.run("laptop", "curl", "-sS", "-X", "POST", "--data", "", f"http://{SERVER}{PATH}")


def several(site: Site) -> None:
    """Three phones at once: one gets through, one is refused its file, one asks for a name that is not there."""
    names(site)
    web = f"location = {PATH} {{ default_type text/xml; if ($http_x_phone) {{ return 200 '{offer()}'; }} " \
          "return 200 '<Response downloads=\"0\"/>'; }"  # fmt: skip
    site.nginx("server", web)
    for number in (2, 3):
        site.add(f"phone{number}", Port(mac=f"00:04:f2:77:00:0{number}"))
    for host in ("phone", "phone2", "phone3"):
        site.udhcpc(host, vendor_class=VENDOR)
    running = []
    for host, actions in {
        "phone": (ASK, POST),
        "phone2": (ASK, {"do": "post", "headers": {"X-Phone": "2"}}, FETCH),
        "phone3": ({"do": "ask", "names": ["ucupdates-r2.{domain}.invalid."]},),
    }.items():
        running.append(site.start(host, *_phone(site, host, actions, 8, {})))
    for process in running:
        process.wait()


def proxied(site: Site) -> None:
    """Two phones ask through a proxy on a port that is not watched; a third one looks for its server and no more."""
    names(site)
    site.nginx("server", NOTHING)
    site.add("proxy", Port(address="10.77.0.70/24", mac="02:77:00:00:00:70"))
    resolving = f"location / {{ resolver {SERVER}; proxy_pass http://$http_host$request_uri; }}"
    site.nginx("proxy", resolving, port=8080)
    for number in (2, 3):
        site.add(f"phone{number}", Port(mac=f"00:04:f2:77:00:0{number}"))
    server = {"do": "server", "address": "10.77.0.70", "name": R2}
    for host in ("phone", "phone2"):
        phone(site, ASK, server, {"do": "post", "port": 8080, "path": f"http://{R2}{PATH}"}, host=host)
    phone(site, ASK, host="phone3")


def noise(site: Site) -> None:
    """Other hosts' trouble on the same ports, and IPv6, around a phone that is well."""
    names(site)
    site.nginx("server", NOTHING, files={"index.html": "<html/>"})
    site.raw("server2", 80, b"HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\n<html>", "reset")
    site.raw("server2", 443, b"rubbish", "close")
    others = ["laptop", "server"]
    site.udhcpc("phone")
    for host in others:
        site.run(host, "curl", "-s", "--max-time", "2", f"http://{SERVER2}/x", check=False)
        site.run(host, "curl", "-sk", "--max-time", "2", f"https://{SERVER2}/x", check=False)
        site.run(host, "curl", "-s", "--max-time", "2", "http://10.77.0.3:81/", check=False)
        site.dig(host, f"@{SERVER}", "www.contoso.com")
    phone(site, ASK, POST)
    site.run("server2", "curl", "-s", "--max-time", "2", f"http://{SERVER}/nothing", check=False)


def ipv6(site: Site) -> None:
    names(site)
    site.nginx("server", NOTHING)
    for host, address in (("server", "fd77::2"), ("phone", "fd77::60"), ("laptop", "fd77::50")):
        on = "for each in all eth0; do echo 0 > /proc/sys/net/ipv6/conf/$each/disable_ipv6; done"
        site.run(host, "sh", "-c", f"{on}; ip -6 address add {address}/64 dev eth0 nodad")
    for host in ("phone", "laptop"):
        site.run(host, "curl", "-s", "--max-time", "2", "-6", "http://[fd77::2]:81/", check=False)
    phone(site, {**ASK, "type": "AAAA", "tries": 1, "anyway": True}, ASK, POST)


def gateway_gone(site: Site) -> None:
    """The lease names a gateway that is not there, and only what is beyond it cannot be reached."""
    names(site, router=GATEWAY)
    site.nginx("server", NOTHING)
    phone(site, ASK, POST)
    site.run("phone", "curl", "-s", "--max-time", "4", "http://192.0.2.9/", check=False)


def certsrv(site: Site) -> None:
    """The certificate chain by Kerberos, whose first try is always refused."""
    names(site)
    web = NOTHING + """location /certsrv { if ($http_authorization = "") { add_header WWW-Authenticate Negotiate always;
        return 401; } return 200 'chain'; }"""  # fmt: skip
    site.nginx("server", web)
    get = {"do": "get", "url": f"http://{SERVER}/certsrv/certnew.p7b"}
    phone(site, {**get, "accept": [401]}, {**get, "headers": {"Authorization": "Negotiate YII="}}, ASK, POST)


def two_files(site: Site) -> None:
    names(site)
    body = "<Response><NumOfFiles>2</NumOfFiles>" + "".join(
        f"<File{number}><FileName>{name}</FileName><InternalUrl>{INSIDE}/{name}</InternalUrl>"
        f"<ExternalUrl>{OUTSIDE}/{name}</ExternalUrl></File{number}>"
        for number, name in enumerate(("CPE.nbt", "CPE.cat"))
    )
    site.nginx(
        "server", handler(body + "</Response>"), files={f"{STORE}/CPE.nbt": FIRMWARE, f"{STORE}/CPE.cat": b"s" * 900}
    )
    phone(site, ASK, POST, *({"do": "get", "url": f"{INSIDE}/{name}"} for name in ("CPE.nbt", "CPE.cat")))


def two_classes(site: Site) -> None:
    """A Lync phone's lease, and its second question as MS-UC-Client, which the server answers with less."""
    names(site)
    site.nginx("server", NOTHING)
    phone(site, ASK, POST, vendor_class=VENDOR)
    words = ["-f", "-n", "-q", "-i", "eth0", "-s", "/bin/true", "-V", "MS-UC-Client", "-o", "-O", "43"]
    site.run("phone", "udhcpc", *words, check=False)


def renewed_by_inform(site: Site) -> None:
    names(site)
    site.nginx("server", NOTHING)
    phone(site, ASK, POST)
    address = site.lease("phone")["ip"]
    site.start("phone", "dhcpcd", "-B", "-4", "-d", "--noarp", f"--inform={address}/24", "eth0",
               ready="acknowledged|received approval")  # fmt: skip


def other_client(start: Callable[[Site], object], client: str) -> Play:
    def play(site: Site) -> None:
        start(site)
        site.dnsmasq("server", records=GOOD)
        site.nginx("server", NOTHING)
        if client == "dhclient":
            site.dhclient("phone", conf=DHCLIENT)
            configure(site)
        else:
            site.dhcpcd("phone", "-i", VENDOR)
        site.run("phone", *script(site, ASK, POST))

    return play


def curl_and_dig(site: Site) -> None:
    names(site)
    site.nginx("server", NOTHING)
    site.udhcpc("phone")
    site.dig("phone", f"@{SERVER}", R2, "A")
    site.curl(
        "phone",
        "--data-binary",
        "<Request/>",
        "-H",
        "Content-Type: text/xml",
        "-H",
        f"Host: {R2}",
        f"http://{SERVER}{PATH}",
    )


def tcp_dns(site: Site) -> None:
    many = [f"10.77.{1 + number // 250}.{1 + number % 250}" for number in range(90)]
    names(site, dns=False, resolvers=[SERVER2])
    site.bind("server2", {DOMAIN: {R2: [*many], POOL: SERVER}})
    site.nginx("server", NOTHING)
    site.udhcpc("phone")
    site.dig("phone", f"@{SERVER2}", R2, "+noedns")
    phone(site, {"do": "server", "address": SERVER, "name": R2}, POST)


GZIP = "gzip on; gzip_types text/xml; gzip_min_length 1; " + handler('<Response downloads="0"/>' + " " * 900)
PACKED = gzip.compress(b'<Response downloads="0"/>')
CHUNKS = OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\n<Response\r\n"
OFFERED = {"web": handler(offer()), "files": {FILE: FIRMWARE}}
GOT = (ASK, POST, FETCH)

HEALTHY = [
    whole("plain", usual()),
    whole("offered", usual(*GOT, **OFFERED), offered=True, steps={"download": "ok", "dhcp": "ok", "dns": "ok"}),
    whole("curl-and-dig", curl_and_dig),
    whole("loss", bad_wire(INSISTS, POST, FETCH, loss=0.04, seed=3, **OFFERED), offered=True),
    whole("lost-post-and-answer", bad_wire(drop=(1, 3))),
    whole("lost-question", bad_wire(loss=0.3, seed=2)),
    whole("duplicates", bad_wire(INSISTS, POST, FETCH, duplicate=0.3, **OFFERED), offered=True),
    whole("reordering", bad_wire(INSISTS, POST, FETCH, reorder=0.2, gap=0.005, **OFFERED), offered=True),
    whole("slow", says(2.5, OK + b"\r\n<Response ", 1.0, b'downloads="0"/>', patience=8)),
    whole("chunked", says(CHUNKS, 0.1, b'f\r\n downloads="0"/\r\n1\r\n>\r\n0\r\n\r\n')),
    whole("gzip", usual(web=GZIP)),
    whole("gzip-chunked", says(OK + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(PACKED)
                               + PACKED, 0.05, b"\r\n0\r\n\r\n")),
    whole("no-length", says(OK + b"\r\n", 0.05, b'<Response downloads="0"/>', "close")),
    whole("http10", usual(ASK, {"do": "post", "version": "1.0"})),
    whole("chunked-request", usual(ASK, {"do": "post", "chunked": True})),
    whole("keep-alive", usual(ASK, {"do": "post", "keep": True, "times": 3})),
    whole("keep-alive-file", usual(ASK, {"do": "post", "keep": True}, FETCH, **OFFERED), offered=True),
    whole("pipelined", usual(ASK, {"do": "post", "pipeline": True, "times": 2})),
    whole("head-and-range", usual(ASK, POST, {**FETCH, "head": True, "range": "0-204799"}, **OFFERED), offered=True),
    whole("two-files", two_files, offered=True),
    whole("file-by-address", usual(*GOT, web=handler(offer(f"http://{SERVER}{STORE}")), files={FILE: FIRMWARE}),
          offered=True),
    whole("alias", usual(records={POOL: SERVER}, cnames={R2: POOL})),
    whole("both-names", usual(BOTH, POST, records={**GOOD, LEGACY: SERVER})),
    whole("both-names-asked", usual({**BOTH, "all": True}, POST)),
    whole("provisioned", usual({"do": "server", "address": SERVER, "name": POOL}, POST)),
    whole("renewal", renewal),
    whole("released-and-again", released_and_again),
    whole("nak-then-lease", nak_then_lease),
    whole("tagged", tagged),
    whole("voice-vlan", voice_vlan),
    whole("noise", noise),
    whole("gateway-gone", gateway_gone),
    whole("ipv6", ipv6),
    whole("ntlm", ext(ntlm(), ntlm=True)),
    whole("ntlm-inside", usual(ASK, {"do": "post", "ntlm": True}, web=ntlm(PATH))),
    whole("certsrv", certsrv),
    whole("upload", usual(ASK, POST, {"do": "upload"})),
    whole("upload-refused", usual(ASK, POST, {"do": "upload"}, web=f"location = {PATH} {{ default_type text/xml; "
          "if ($content_type ~ multipart) { return 500; } return 200 '<Response downloads=\"0\"/>'; }")),
    whole("upload-first", usual(ASK, {"do": "upload"}, POST)),
    whole("split", usual(ASK, {"do": "post", "split": True})),
    whole("slow-body", usual(ASK, {"do": "post", "slow": 0.5})),
    whole("continue", usual(ASK, {"do": "post", "expect": True})),
    whole("relayed", relayed),
    whole("two-classes", two_classes),
    whole("inform", renewed_by_inform),
    whole("dhclient-kea", other_client(lambda site: site.kea("server2"), "dhclient")),
    whole("dhcpcd-isc", other_client(lambda site: site.isc_dhcpd("server2"), "dhcpcd")),
    whole("dns-over-tcp", tcp_dns),
    Story(
        "behind-router",
        Expected(WHOLE, None, NO_UPDATE),
        router(2),
        phones={"10.78.0.10": Expected(WHOLE, None, NO_UPDATE), "10.78.0.11": Expected(WHOLE, None, NO_UPDATE)},
        problems=frozenset({"behind-router"}),
    ),
    Story(
        "administrator-tests-without-a-body",
        Expected(UNKNOWN, "request", "http-server-error"),
        administrator_tests,
        phones={
            PHONE_MAC: Expected(WHOLE, None, NO_UPDATE),
            "02:77:00:00:00:50": Expected(UNKNOWN, "request", "http-server-error"),
        },
    ),
    Story(
        "several",
        Expected(BROKEN, "dns", "dns-refused"),
        several,
        phones={
            PHONE_MAC: Expected(WHOLE, None, NO_UPDATE),
            "00:04:f2:77:00:02": Expected(BROKEN, "download", "download-not-found"),
            "00:04:f2:77:00:03": Expected(BROKEN, "dns", "dns-refused", more("dns-wrong-domain")),
        },
    ),
    Story(
        "proxied",
        Expected(UNKNOWN, "connect", "connect-not-tried"),
        proxied,
        phones={
            PHONE_MAC: Expected(WHOLE, None, NO_UPDATE),
            "00:04:f2:77:00:02": Expected(WHOLE, None, NO_UPDATE),
            "00:04:f2:77:00:03": Expected(UNKNOWN, "connect", "connect-not-tried"),
        },
    ),
]  # fmt: skip

STORIES = [*DHCP, *DNS, *CONNECT, *TLS, *SIGN_IN, *REQUEST, *RESPONSE, *DOWNLOAD, *SHORT, *HEALTHY]


@dataclass
class Told:
    """What came of a story: the capture, and what was said of it."""

    story: Story
    file: Path
    #: By sniffer.
    live: dict[str, Result] = field(default_factory=dict)
    error: BaseException | None = None
    seconds: float = 0.0
    logs: str = ""

    @cached_property
    def read(self) -> Result:
        """What ``capture -r`` says of the file, in this process; in its main thread alone."""
        words = ["capture", "--json", *self.options, "-r", str(self.file)]
        done = CliRunner().invoke(cli, words)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Result(done.exit_code, done.stdout, done.stderr, json.loads(done.stdout))

    @property
    def options(self) -> tuple[str, ...]:
        """Those of each run on it."""
        return ("--patience", str(PATIENCE), *self.story.options)


def tell(story: Story, folder: Path) -> Told:
    """Plays a story on a site of its own. What goes wrong in it is kept, not raised."""
    began = time.monotonic()
    told = Told(story, folder / f"{story.name}.pcap")
    try:
        with Site() as site:
            try:
                _tell(site, told)
            finally:
                told.logs = site.logs()
    except Exception as error:  # noqa: BLE001 - it belongs to the test of this story, not to whoever plays them all
        told.error = error
    told.seconds = time.monotonic() - began
    return told


def _tell(site: Site, told: Told) -> None:
    story = told.story
    site.host("laptop")
    capture = site.tcpdump("laptop", told.file)
    # What was seen live is another story than the edited file, which alone is looked at.
    sniffers = SNIFFERS if story.edit is None else {}
    words = ["capture", "--json", *told.options, "-i", "eth0"]
    sniffing = [_Sniffing(site, told, sniffer, words) for sniffer in sniffers]
    for process in sniffing:
        process.wait_until_it_listens(1 + len(sniffing))
    story.play(site)
    if not story.quiet:
        time.sleep(LONG_ENOUGH)
        # One more packet, of nobody: a capture lasts until its last one.
        site.call("laptop", beat)
    time.sleep(0.1)
    for process in sniffing:
        process.ask_to_end()
    capture.stop()
    for process in sniffing:
        told.live[process.sniffer] = process.result()
    if story.edit is not None:
        story.edit(told.file)


class _Sniffing:
    """One capture beside tcpdump's."""

    def __init__(self, site: Site, told: Told, sniffer: str, words: list[str]) -> None:
        self.sniffer = sniffer
        self._site = site
        self._out, self._err = (told.file.with_suffix(f".{sniffer}.{kind}") for kind in ("out", "err"))
        words = [*words, "--sniffer", sniffer]
        self._process = _warm(sniffer).start(site.host("laptop"), words, self._out, self._err)

    def wait_until_it_listens(self, sockets: int) -> None:
        wait_until(lambda: not self._process.alive or self._site.listening("laptop") >= sockets)
        # Between opening and reading it imports what it needs later; a story that is over by then would seem longer.
        self._process.wait_until_idle(3)

    def ask_to_end(self) -> None:
        self._process.send(signal.SIGINT)

    def result(self) -> Result:
        self._process.wait()
        text = self._out.read_text()
        report = json.loads(text) if text.startswith("{") else {}
        return Result(self._process.popen.returncode, text, self._err.read_text(), report)


_WARM: dict[str, WarmCapture] = {}
_WARMING = threading.Lock()


def _warm(sniffer: str) -> WarmCapture:
    """The one of this process, for the stories that are played at the same time."""
    with _WARMING:
        if sniffer not in _WARM:
            _WARM[sniffer] = WarmCapture(sniffer, SNIFFERS[sniffer])
        return _WARM[sniffer]


def beat() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as end:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        end.sendto(b"", ("10.77.0.255", 9))
