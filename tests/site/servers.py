"""The real servers and clients that a host of the site can run, each as one call. Mixed into `ground.Site`."""

import ipaddress
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.site.certificates import Issued, issue
from tests.site.namespaces import Host, Process, SiteError
from tests.site.raw import Raw

HERE = Path(__file__).parent
Records = Mapping[str, str | Sequence[str]]

# What a zone has beside the records that a test gives.
ZONE_TTL = 300


@dataclass(frozen=True)
class Played:
    """What the small phone did (phone.py): its events in order, its exit code 0 when it did all that it was told."""

    code: int
    events: list[dict[str, Any]]
    err: str

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["did"] == kind]

    @property
    def statuses(self) -> list[int]:
        """Of all HTTP answers, in order."""
        return [event["status"] for event in self.events if "status" in event]


class Servers:
    """Real programs on hosts. Each server returns when it is ready; each goes with the site or with `Process.stop`."""

    def host(self, name: str) -> Host:
        raise NotImplementedError

    # DHCP and DNS by dnsmasq.

    def dnsmasq(
        self,
        host: str,
        *,
        domain: str | None = "contoso.com",
        records: Records | None = None,
        cnames: Mapping[str, str] | None = None,
        dns: bool = True,
        dhcp: bool = False,
        first: str = "10.77.0.100",
        last: str = "10.77.0.150",
        netmask: str = "255.255.255.0",
        lease: str = "1h",
        router: str | None = None,
        resolvers: Sequence[str] | None = None,
        options: Iterable[str] = (),
        extra: Iterable[str] = (),
        interface: str = "eth0",
    ) -> Process:
        """dnsmasq as DNS server, DHCP server or both.

        It answers for ``domain`` and all below it (NXDOMAIN for what it does not know) and REFUSED for the rest.
        ``domain`` is also DHCP option 15, None for a lease without. ``resolvers`` is option 6: itself by default, an
        empty list for a lease without. ``options`` are ``dhcp-option`` values, ``extra`` lines of its configuration.
        """
        lines = [
            "no-hosts",
            "no-resolv",
            "log-queries",
            "log-facility=-",
            f"interface={interface}",
            "bind-interfaces",
            "user=root",
            "group=root",
            "except-interface=lo",
            f"port={53 if dns else 0}",
        ]
        for name, addresses in (records or {}).items():
            for address in [addresses] if isinstance(addresses, str) else addresses:
                lines.append(f"host-record={name},{address}")
        lines += [f"cname={alias},{target}" for alias, target in (cnames or {}).items()]
        if domain is not None:
            lines += [f"local=/{domain}/"]
        if dhcp:
            lines += [
                f"dhcp-range={first},{last},{netmask},{lease}",
                "dhcp-authoritative",
                "log-dhcp",
                "no-ping",
                "dhcp-leasefile=/var/lib/misc/dnsmasq.leases",
                # Empty options are not sent.
                f"dhcp-option=option:router{',' + router if router else ''}",
                f"dhcp-option=option:domain-name{',' + domain if domain else ''}",
            ]
            if resolvers is not None:
                lines += [f"dhcp-option={','.join(['option:dns-server', *resolvers])}"]
            lines += [f"dhcp-option={option}" for option in options]
        where = self.host(host)
        conf = where.write(_name(where, "dnsmasq.conf"), "\n".join([*lines, *extra, ""]))
        where.path("/var/lib/misc").mkdir(exist_ok=True)
        ready = (["udp/53", "tcp/53"] if dns else []) + (["udp/67"] if dhcp else [])
        return where.start("dnsmasq", "--keep-in-foreground", f"--conf-file={conf}", ready=ready)

    # DHCP.

    def isc_dhcpd(
        self,
        host: str,
        *,
        domain: str | None = "contoso.com",
        resolvers: Sequence[str] = ("10.77.0.2",),
        router: str | None = None,
        first: str = "10.77.0.151",
        last: str = "10.77.0.180",
        subnet: str = "10.77.0.0/24",
        lease: int = 3600,
        options: str = "",
        top: str = "",
        extra_subnets: str = "",
        interface: str = "eth0",
    ) -> Process:
        """ISC dhcpd. ``options`` are further statements of its subnet, ``top`` of the whole file."""
        network = ipaddress.ip_network(subnet)
        statements = [f"range {first} {last};"]
        statements += [f'option domain-name "{domain}";'] if domain is not None else []
        statements += [f"option domain-name-servers {', '.join(resolvers)};"] if resolvers else []
        statements += [f"option routers {router};"] if router else []
        body = "\n".join([*statements, options])
        conf = f"""authoritative;
ddns-update-style none;
ping-check false;
default-lease-time {lease};
max-lease-time {lease};
{top}
subnet {network.network_address} netmask {network.netmask} {{
{body}
}}
{extra_subnets}
"""
        where = self.host(host)
        path = where.write(_name(where, "dhcpd.conf"), conf)
        leases = where.write("/var/lib/dhcp/dhcpd.leases", "")
        words = ["dhcpd", "-f", "-d", "-4", "-cf", path, "-lf", leases, "-pf", "/run/dhcpd.pid", interface]
        return where.start(*words, ready="Server starting service|Listening on LPF(?s:.*)Sending on +Socket/fallback")

    def kea(
        self,
        host: str,
        *,
        domain: str | None = "contoso.com",
        resolvers: Sequence[str] = ("10.77.0.2",),
        router: str | None = None,
        first: str = "10.77.0.181",
        last: str = "10.77.0.210",
        subnet: str = "10.77.0.0/24",
        lease: int = 3600,
        options: Sequence[Mapping[str, Any]] = (),
        more: Mapping[str, Any] | None = None,
        interface: str = "eth0",
    ) -> Process:
        """Kea. ``options`` are entries of its ``option-data``, ``more`` further members of its ``Dhcp4``."""
        data: list[Mapping[str, Any]] = []
        data += [{"name": "domain-name", "data": domain}] if domain is not None else []
        data += [{"name": "domain-name-servers", "data": ", ".join(resolvers)}] if resolvers else []
        data += [{"name": "routers", "data": router}] if router else []
        conf = {
            "Dhcp4": {
                "interfaces-config": {"interfaces": [interface], "dhcp-socket-type": "raw"},
                "lease-database": {"type": "memfile", "name": "/var/lib/kea/kea-leases4.csv", "persist": True},
                "valid-lifetime": lease,
                "authoritative": True,
                "subnet4": [
                    {
                        "id": 1,
                        "subnet": subnet,
                        "pools": [{"pool": f"{first} - {last}"}],
                        "option-data": [*data, *options],
                    }
                ],
                "loggers": [{"name": "kea-dhcp4", "output_options": [{"output": "stdout"}], "severity": "INFO"}],
                **(more or {}),
            }
        }
        where = self.host(host)
        for folder in ("/run/kea", "/var/lib/kea"):
            where.path(folder).mkdir(exist_ok=True)
        path = where.write(_name(where, "kea.json"), json.dumps(conf))
        env = {"KEA_PIDFILE_DIR": "/run/kea", "KEA_LOCKFILE_DIR": "/run/kea"}
        return where.start("kea-dhcp4", "-c", path, ready="DHCP4_STARTED", env=env)

    def dhcp_relay(self, host: str, server: str, *, down: str = "eth0", up: str = "eth1") -> Process:
        """ISC dhcrelay between the network of the clients (``down``) and that of the server (``up``)."""
        words = ["dhcrelay", "-d", "-4", "-id", down, "-iu", up, "-pf", "/run/dhcrelay.pid", server]
        return self.host(host).start(*words, ready="Sending on +Socket/fallback")

    # DNS.

    def unbound(
        self, host: str, zones: Mapping[str, Records], *, lines: Iterable[str] = (), after: str = ""
    ) -> Process:
        """unbound, with each zone as local data. ``lines`` go into its server clause, ``after`` after it."""
        server = [
            "interface: 0.0.0.0",
            "access-control: 0.0.0.0/0 allow",
            "do-ip6: no",
            'chroot: ""',
            'username: ""',
            'pidfile: ""',
            "use-syslog: no",
            'logfile: ""',
            "module-config: iterator",
            "num-threads: 1",
            "do-not-query-localhost: no",
        ]
        for zone, records in zones.items():
            server.append(f'local-zone: "{zone}." static')
            server.append(f'local-data: "{zone}. {ZONE_TTL} SOA ns.{zone}. root.{zone}. 1 3600 600 86400 {ZONE_TTL}"')
            server += [f'local-data: "{line}"' for line in _records(records)]
        clause = "\n    ".join([*server, *lines])
        where = self.host(host)
        path = where.write(
            _name(where, "unbound.conf"), f"server:\n    {clause}\nremote-control:\n    control-enable: no\n{after}\n"
        )
        return where.start("unbound", "-d", "-p", "-c", path, ready=["udp/53", "tcp/53", "start of service"])

    def knot(self, host: str, zones: Mapping[str, Records], *, lines: str = "") -> Process:
        """Knot DNS, authoritative for the zones; REFUSED for all else."""
        where = self.host(host)
        for folder in ("/run/knot", "/var/lib/knot"):
            where.path(folder).mkdir(exist_ok=True)
        conf = "server:\n    rundir: /run/knot\n    listen: 0.0.0.0@53\nlog:\n  - target: stdout\n    any: info\n"
        conf += "database:\n    storage: /var/lib/knot\nzone:\n"
        for zone, records in zones.items():
            file = where.write(f"/var/lib/knot/{zone}.zone", _zone_file(zone, records))
            conf += f"  - domain: {zone}\n    file: {file}\n"
        path = where.write(_name(where, "knot.conf"), conf + lines)
        return where.start("knotd", "-c", path, ready=["udp/53", "tcp/53", "server started"])

    def bind(self, host: str, zones: Mapping[str, Records | str], *, options: str = "", after: str = "") -> Process:
        """BIND 9, authoritative for the zones. A zone given as text is its whole zone file, however broken."""
        where = self.host(host)
        where.path("/run/named").mkdir(exist_ok=True)
        where.path("/var/cache/bind").mkdir(exist_ok=True)
        conf = f"""options {{
    directory "/var/cache/bind"; pid-file none; listen-on {{ any; }}; listen-on-v6 {{ none; }};
    session-keyfile none;
    recursion no; dnssec-validation no; allow-query {{ any; }}; {options} }};
controls {{ }};
"""
        for zone, records in zones.items():
            text = records if isinstance(records, str) else _zone_file(zone, records)
            file = where.write(f"/var/cache/bind/{zone}.zone", text)
            conf += f'zone "{zone}" {{ type primary; file "{file}"; }};\n'
        path = where.write("/var/cache/bind/named.conf", conf + after)
        return where.start("named", "-g", "-n", "1", "-c", path, ready=["udp/53", "tcp/53", "running"])

    # HTTP and TLS.

    def nginx(
        self,
        host: str,
        server: str = "",
        *,
        files: Mapping[str, bytes | str] | None = None,
        port: int = 80,
        tls: Issued | None = None,
        tls_lines: str = "",
        more: str = "",
    ) -> Process:
        """nginx with one server; ``server`` are the statements inside it, ``files`` are below its root.

        ``tls`` is the certificate that it shows on 443 beside plain HTTP on ``port``; ``more`` are further statements
        of the http block: a whole second server.
        """
        where = self.host(host)
        for path, content in (files or {}).items():
            where.write(f"/run/www/{path.lstrip('/')}", content)
        where.path("/run/www").mkdir(exist_ok=True)
        for folder in ("/var/log/nginx", "/var/lib/nginx"):
            where.path(folder).mkdir(exist_ok=True)
        secure = ""
        if tls is not None:
            pem, key = where.write("/etc/site/chain.pem", tls.chain), where.write("/etc/site/key.pem", tls.key)
            secure = f"listen 443 ssl; ssl_certificate {pem}; ssl_certificate_key {key}; {tls_lines}"
        conf = f"""user root;
daemon off;
worker_processes 1;
pid /run/nginx.pid;
error_log /dev/stderr warn;
events {{ worker_connections 512; }}
http {{
    access_log /dev/stdout;
    default_type application/octet-stream;
    types {{ text/html html; text/xml xml; }}
    root /run/www;
    server {{
        listen {port} default_server;
        server_name _;
        {secure}
        {server}
    }}
    {more}
}}
"""
        ready = [f"tcp/{port}"] + (["tcp/443"] if tls is not None else [])
        path = where.write(_name(where, "nginx.conf"), conf)
        return where.start("nginx", "-c", path, "-e", "/dev/stderr", ready=ready, env=old_tls(where))

    def openssl_s_server(self, host: str, tls: Issued, *options: str, port: int = 443) -> Process:
        """``openssl s_server``: ``options`` are its own, such as ``-no_tls1_3``, ``-www``, ``-cipher``."""
        where = self.host(host)
        pem, key = where.write("/etc/site/chain.pem", tls.chain), where.write("/etc/site/key.pem", tls.key)
        words = ["openssl", "s_server", "-accept", str(port), "-cert", pem, "-cert_chain", pem, "-key", key, *options]
        return where.start(*words, ready=f"tcp/{port}", env=old_tls(where))

    def certificate(self, *names: str, **more: Any) -> Issued:
        """A certificate for ``names`` from an authority of its own (`certificates.issue`)."""
        return issue(*names, **more)

    def raw(self, host: str, port: int, *steps: Any, **more: Any) -> Raw:
        """A TCP server of our own that says exactly ``steps`` (`raw.Raw`): for what no decent server does."""
        server = self.host(host).call(lambda: Raw(port, *steps, **more))
        self._raws.append(server)
        return server

    @property
    def _raws(self) -> list[Raw]:
        raws: list[Raw] = self.__dict__.setdefault("raws", [])
        return raws

    # Clients.

    def dhclient(
        self, host: str, *options: str, interface: str = "eth0", conf: str | None = None, wait: bool = True
    ) -> Process:
        """ISC dhclient, kept running. Its leases are in /var/lib/dhcp/dhclient.leases of the host."""
        where = self.host(host)
        words = ["dhclient", "-4", "-d", "-v", "-pf", "/run/dhclient.pid"]
        if conf is not None:
            words += ["-cf", where.write("/etc/site/dhclient.conf", conf)]
        where.path("/var/lib/dhcp").mkdir(exist_ok=True)
        return where.start(*words, *options, interface, ready="bound to" if wait else None, timeout=60)

    def udhcpc(
        self,
        host: str,
        *options: str,
        interface: str = "eth0",
        vendor_class: str | None = None,
        wait: bool = True,
    ) -> Process:
        """busybox udhcpc, kept running; SIGUSR1 renews, SIGUSR2 releases. `lease` tells what it was given."""
        where = self.host(host)
        script = where.write("/etc/site/udhcpc.sh", UDHCPC_SCRIPT)
        where.path(script).chmod(0o755)
        words = ["udhcpc", "-f", "-i", interface, "-s", script, "-t", "5", "-T", "1", "-A", "2"]
        for code in ("domain", "search", "42", "43", "120"):
            words += ["-O", code]
        words += ["-V", vendor_class] if vendor_class is not None else []
        ready = "lease of .* obtained(?s:.*)site: " if wait else None
        return where.start(*words, *options, ready=ready)

    def lease(self, host: str, interface: str = "eth0") -> dict[str, str]:
        """What udhcpc was given last: ip, mask, router, dns, domain, serverid, lease, opt43, ... as it names them."""
        lines = self.host(host).read(f"/run/site/lease.{interface}").splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def dhcpcd(self, host: str, *options: str, interface: str = "eth0", wait: bool = True) -> Process:
        """dhcpcd, kept running. Its raw lease is /var/lib/dhcpcd/eth0.lease of the host.

        It says "leased" before it writes the lease and sets the address, and calls its hooks after both.
        """
        where = self.host(host)
        for folder in ("/var/lib/dhcpcd", "/run/dhcpcd"):
            where.path(folder).mkdir(exist_ok=True)
        words = ["dhcpcd", "-B", "-4", "-d", *options, interface]
        return where.start(*words, ready="run-hooks (BOUND|REBOOT)" if wait else None, timeout=60)

    def dig(self, host: str, *words: str) -> str:
        """dig; what it printed. Fails only when dig itself does."""
        return self.host(host).run("dig", "+tries=1", "+time=2", *words, check=False).stdout

    def curl(self, host: str, *words: str) -> str:
        """curl; what it printed, headers included. Raises SiteError when it fails."""
        return self.host(host).run("curl", "-sS", "-i", "--max-time", "20", *words).stdout

    def tcpdump(self, host: str, file: Path, *words: str, interface: str = "eth0") -> Process:
        """tcpdump into a file (of the machine). Stop it, and the file is whole."""
        argv = ["tcpdump", "-i", interface, "-U", "-w", str(file), "--immediate-mode", "-s", "0", "-Z", "root", *words]
        started = self.host(host).start(*argv, ready="listening on")
        started.writes = file  # on SIGTERM tcpdump leaves what is still in the kernel's buffer
        return started

    def phone(
        self,
        host: str = "phone",
        *actions: Mapping[str, Any],
        dhcp: bool = True,
        domain: str | None = None,
        resolver: str | None = None,
        ask: Sequence[str] = ("ucupdates-r2.{domain}",),
        check: bool = True,
        timeout: float = 60,
        interface: str = "eth0",
        vendor_class: str | None = None,
        **post: Any,
    ) -> Played:
        """The small phone (phone.py): takes a lease, asks for ``ask`` until one resolves, POSTs, GETs what is offered.

        ``post`` are the values of its ``post`` action: body, path, port, chunked, split, keep, ntlm, tls...
        ``actions`` instead are all that it does after the lease. ``check=False`` for a phone that is to fail.
        """
        where = self.host(host)
        lease: dict[str, str] = {}
        if dhcp:
            if not where.path(f"/run/site/lease.{interface}").exists():
                self.udhcpc(host, interface=interface, vendor_class=vendor_class)
            lease = self.lease(host, interface)
        mac = where.run("cat", f"/sys/class/net/{interface}/address").stdout.strip()
        setting = {
            "mac": mac,
            "domain": domain if domain is not None else lease.get("domain", ""),
            "resolver": resolver or (lease.get("dns", "").split() or [None])[0],
        }
        todo = list(actions) or [{"do": "ask", "names": list(ask)}, {"do": "post", **post}, {"do": "fetch"}]
        words = [sys.executable, str(HERE / "phone.py"), json.dumps({"setting": setting, "actions": todo})]
        done = where.run(*words, check=False, timeout=timeout)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        if check and done.returncode != 0:
            raise SiteError(f"the phone did not get through:\n{done.stdout}{done.stderr}")
        return Played(done.returncode, events, done.stderr)


UDHCPC_SCRIPT = """#!/bin/sh
case "$1" in
bound|renew)
    # An address that stays must not be touched: that would forget who its neighbours are.
    if ! ip -4 -o address show dev "$interface" | grep -q " $ip/$mask "; then
        ip -4 address flush dev "$interface"
        ip address add "$ip/$mask" broadcast + dev "$interface"
    fi
    [ -n "$router" ] && ip route replace default via "${router%% *}"
    : > /etc/resolv.conf
    [ -n "$domain" ] && echo "search $domain" >> /etc/resolv.conf
    for server in $dns; do echo "nameserver $server" >> /etc/resolv.conf; done
    set | sed -n "s/^\\([a-z0-9_]*\\)='\\(.*\\)'$/\\1=\\2/p" > "/run/site/lease.$interface"
    ;;
deconfig)
    # The release may still be waiting for ARP.
    [ -e "/run/site/lease.$interface" ] && sleep 0.2
    ip -4 address flush dev "$interface"
    rm -f "/run/site/lease.$interface"
    ;;
esac
echo "site: $1"
"""


def _name(host: Host, name: str) -> str:
    """A file name that a second such server on the same host does not share."""
    number = len(host.processes)
    return f"/etc/site/{number}-{name}"


def old_tls(host: Host) -> dict[str, str]:
    """Lets OpenSSL do what the servers of these phones do: SHA-1 signatures, TLS 1.0."""
    conf = """openssl_conf = top
[top]
ssl_conf = ssl
[ssl]
system_default = old
[old]
MinProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
"""
    return {"OPENSSL_CONF": host.write("/etc/site/openssl.cnf", conf)}


def _records(records: Records) -> list[str]:
    """Zone lines: a value is an address, or a whole record such as ``CNAME pool.contoso.com.``."""
    lines = []
    for name, values in records.items():
        for value in [values] if isinstance(values, str) else values:
            text = value if " " in value else f"{'AAAA' if ':' in value else 'A'} {value}"
            lines.append(f"{name.rstrip('.')}. {ZONE_TTL} IN {text}")
    return lines


def _zone_file(zone: str, records: Records) -> str:
    head = [
        f"{zone}. {ZONE_TTL} IN SOA ns.{zone}. root.{zone}. 1 3600 600 86400 {ZONE_TTL}",
        f"{zone}. {ZONE_TTL} IN NS ns.{zone}.",
        f"ns.{zone}. {ZONE_TTL} IN A 10.77.0.2",
    ]
    return "\n".join([*head, *_records(records), ""])
