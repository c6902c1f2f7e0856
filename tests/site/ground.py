"""The test site: a switch that floods like a mirror port, and hosts on it. See README.rst for what it offers."""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from tests.site.namespaces import Cell, Host, Process, SiteError
from tests.site.servers import Servers

T = TypeVar("T")

HERE = Path(__file__).parent
NETWORK = "10.77.0.0/24"


@dataclass(frozen=True)
class Port:
    """Where a host is plugged in. ``address`` has its prefix length, or is None for none (DHCP, or a mere listener)."""

    network: str = "lan"
    address: str | None = None
    mac: str | None = None


SERVER, SERVER2, GATEWAY, LAPTOP, PHONE = "10.77.0.2", "10.77.0.3", "10.77.0.1", "10.77.0.50", "10.77.0.60"
PHONE_MAC = "00:04:f2:77:00:01"

USUAL = {
    "server": Port(address=f"{SERVER}/24", mac="02:77:00:00:00:02"),
    "server2": Port(address=f"{SERVER2}/24", mac="02:77:00:00:00:03"),
    "gateway": Port(address=f"{GATEWAY}/24", mac="02:77:00:00:00:01"),
    "laptop": Port(address=f"{LAPTOP}/24", mac="02:77:00:00:00:50"),
    "phone": Port(mac=PHONE_MAC),
}


@dataclass(frozen=True)
class Result:
    """What ``ucdiag`` did: its exit code, what it printed, and the report it printed with ``--json``."""

    code: int
    out: str
    err: str
    report: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, words: Iterable[object], done: "subprocess.CompletedProcess[str]") -> Self:
        """The outcome of a run of the console script with these words."""
        report = json.loads(done.stdout) if "--json" in words and done.stdout.startswith("{") else {}
        return cls(done.returncode, done.stdout, done.stderr, report)

    @property
    def phone(self) -> dict[str, Any]:
        """The one phone of the report."""
        (phone,) = self.report["phones"]
        assert isinstance(phone, dict)
        return phone

    @property
    def verdict(self) -> tuple[str, str | None, str | None]:
        """Status, step and code."""
        verdict = self.report["verdict"]
        return verdict["status"], verdict["step"], verdict["code"]

    @property
    def codes(self) -> set[str]:
        """Of all findings of all phones."""
        return {finding["code"] for phone in self.report["phones"] for finding in phone["findings"]}

    def __str__(self) -> str:
        return f"exit code {self.code}\n{self.out}\n{self.err}"


class Site(Servers):
    """One site. Hosts come into being when they are first named; all of it goes with `close`, or with this process."""

    def __init__(self) -> None:
        self.hosts: dict[str, Host] = {}
        self._ports = itertools.count(1)
        self._switch_ports: dict[tuple[str, str], str] = {}
        self._networks: set[str] = set()
        self._cell = Cell()
        try:
            self.switch = Host("switch", self._cell)
        except BaseException:
            self._cell.kill()
            self._cell.end()
            raise
        self.switch.run("ip", "link", "set", "lo", "up")

    def close(self) -> None:
        """Ends every process and takes everything away."""
        for raw in self._raws:
            raw.close()
        self._cell.kill()
        everyone = [*self.hosts.values(), self.switch]
        for host in everyone:
            host.reap()
        for host in everyone:
            host.end()
        self._cell.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Hosts and networks.

    def host(self, name: str) -> Host:
        """The host of this name; one of USUAL is made when first asked for."""
        if name not in self.hosts:
            if name not in USUAL:
                raise SiteError(f"no host {name!r} here: add() it")
            self.add(name, USUAL[name])
        return self.hosts[name]

    def add(self, name: str, *ports: Port, gateway: str | None = None, forwards: bool = False) -> Host:
        """A new host; its interfaces are eth0, eth1, ... in the order of ``ports``.

        ``gateway`` is its default route; ``forwards`` makes a router of it. A network is a bridge that floods.
        """
        if name in self.hosts:
            raise SiteError(f"there is a host {name!r} already")
        host = self.hosts[name] = Host(name, self._cell)
        commands = ["ip link set lo up"]
        for number, port in enumerate(ports):
            self._network(port.network)
            far = f"p{next(self._ports)}"
            near = f"eth{number}"
            self._switch_ports[name, near] = far
            mac = f"address {port.mac}" if port.mac else ""
            # Offloads off: frames look as they would on a wire, with sums and at most an MTU long.
            off = "rx off tx off tso off gso off gro off txvlan off rxvlan off"
            self.switch.run(
                "sh",
                "-ec",
                f"""ip link add {far} type veth peer name {near} {mac}
                ethtool -K {far} {off} >/dev/null 2>&1
                ethtool -K {near} {off} >/dev/null 2>&1
                ip link set {near} netns /proc/self/fd/{host.net}
                ip link set {far} master {port.network} up
                """,
                pass_fds=(host.net,),
            )
            commands.append(f"ip link set {near} up")
            if port.address:
                commands.append(f"ip address add {port.address} dev {near} broadcast +")
        if gateway:
            commands.append(f"ip route add default via {gateway}")
        commands.append(f"echo {int(forwards)} > /proc/sys/net/ipv4/ip_forward")
        host.run("sh", "-ec", "\n".join(["echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6 || :", *commands]))
        return host

    def _network(self, name: str) -> None:
        if name in self._networks:
            return
        # Ageing 0: it never learns where a MAC is, so every port sees every frame, as a mirror port does.
        self.switch.run(
            "sh",
            "-ec",
            f"""echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6 || :
            ip link add {name} type bridge ageing_time 0 mcast_snooping 0 stp_state 0 forward_delay 0
            ip link set {name} up""",
        )
        self._networks.add(name)

    def switch_port(self, host: str, interface: str = "eth0") -> str:
        """The other end of a host's interface, in the switch: a place to capture or to cut the link."""
        self.host(host)
        return self._switch_ports[host, interface]

    def unplug(self, host: str) -> None:
        """Pulls the plug: nothing reaches the host any more, ARP included."""
        self.switch.run("ip", "link", "set", self.switch_port(host), "nomaster")

    def nameservers(self, host: str, *addresses: str, domain: str | None = None, search: str | None = None) -> None:
        """Writes the host's resolv.conf."""
        lines = [f"nameserver {address}" for address in addresses]
        lines += [f"domain {domain}"] if domain else []
        lines += [f"search {search}"] if search else []
        self.host(host).write("/etc/resolv.conf", "\n".join([*lines, ""]))

    # What happens on the way.

    def netem(self, host: str, *, interface: str = "eth0", **values: Any) -> Process:
        """Makes the wire between a host and the switch a bad one: `wire.Impairment` has the values.

        ``loss=0.1, delay=0.05, jitter=0.01, reorder=0.2, gap=0.01, duplicate=0.1, drop=(2, 3), seed=7``, and
        ``direction``: ``out`` is from the host, ``in`` towards it. Frames that the host sends are seen by the others
        after it, those sent to the host before it. ``tag=20`` makes it an access port of that VLAN. Stop the process
        that it gives, and the wire is cut.
        """
        port = self.switch_port(host, interface)
        inner, outer = f"{port}a", f"{port}b"
        network = json.loads(self.switch.run("ip", "-j", "link", "show", port).stdout)[0]["master"]
        off = "rx off tx off tso off gso off gro off txvlan off rxvlan off"
        self.switch.run(
            "sh",
            "-ec",
            f"""ip link set {port} nomaster
            ip link add {inner} type veth peer name {outer}
            ethtool -K {inner} {off} >/dev/null 2>&1
            ethtool -K {outer} {off} >/dev/null 2>&1
            ip link set {inner} up
            ip link set {outer} master {network} up""",
        )
        return self._wire(self.switch, port, inner, values)

    def vlan(self, host: str, tag: int, *, address: str | None = None, interface: str = "eth0", **values: Any) -> str:
        """Gives a host a tagged interface, as `ip link add link eth0 type vlan` would. Its name: ``eth0.20``."""
        where = self.host(host)
        name = f"{interface}.{tag}"
        mac = json.loads(where.run("ip", "-j", "link", "show", interface).stdout)[0]["address"]
        off = "rx off tx off tso off gso off gro off"
        where.run(
            "sh",
            "-ec",
            f"""ip link add {name} address {mac} type veth peer name {name}t
            ethtool -K {name} {off} >/dev/null 2>&1
            ethtool -K {name}t {off} >/dev/null 2>&1
            ip link set {name} up
            ip link set {name}t up
            {f"ip address add {address} dev {name} broadcast +" if address else ""}""",
        )
        self._wire(where, f"{name}t", interface, {"tag": tag, **values})
        return name

    def _wire(self, where: Host, near: str, far: str, values: dict[str, Any]) -> Process:
        return where.start(sys.executable, HERE / "wire.py", near, far, json.dumps(values), ready="carrying")

    def firewall(
        self,
        host: str,
        *,
        drop: Iterable[int | str] = (),
        reset: Iterable[int] = (),
        unreachable: Iterable[int] = (),
        rules: str = "",
    ) -> None:
        """What a host does not let in: ports (TCP and UDP) dropped, TCP ports reset, ports answered by ICMP.

        ``drop`` may name one protocol, as in ``"udp/53"``. ``rules`` are further nftables rules of the input chain.
        """
        lines = []
        for port in drop:
            protocol, _, number = str(port).rpartition("/")
            kinds = (protocol,) if protocol else ("tcp", "udp")
            lines += [f"{kind} dport {number} drop" for kind in kinds]
        lines += [f"tcp dport {port} reject with tcp reset" for port in reset]
        for port in unreachable:
            lines += [f"{kind} dport {port} reject with icmp type admin-prohibited" for kind in ("tcp", "udp")]
        body = "\n".join([*lines, rules])
        script = f"table inet site {{ }}\ndelete table inet site\ntable inet site {{\nchain input {{\n\
type filter hook input priority 0; policy accept;\n{body}\n}}\n}}\n"
        self.host(host).run("nft", "-f", "-", input=script)

    # Programs on hosts.

    def run(self, host: str, *argv: str | os.PathLike[str], **more: Any) -> "subprocess.CompletedProcess[str]":
        """Runs a program on a host to its end (`Host.run`)."""
        return self.host(host).run(*argv, **more)

    def start(self, host: str, *argv: str | os.PathLike[str], **more: Any) -> Process:
        """Starts a program on a host and leaves it running (`Host.start`)."""
        return self.host(host).start(*argv, **more)

    def python(self, host: str, code: str, *argv: str, **more: Any) -> "subprocess.CompletedProcess[str]":
        """Runs Python code on a host, in a process of its own."""
        return self.host(host).run(sys.executable, "-c", code, *argv, **more)

    def call(self, host: str, function: Callable[[], T]) -> T:
        """Runs a function of this process on a host's network (`Host.call`)."""
        return self.host(host).call(function)

    def ucdiag(self, host: str, *argv: str | os.PathLike[str], timeout: float = 60, **more: Any) -> Result:
        """Runs the installed console script on a host. With ``--json`` among the words, `Result.report` is filled."""
        done = self.host(host).run(console_script(), *argv, check=False, timeout=timeout, **more)
        return Result.of(argv, done)

    def ucdiag_start(self, host: str, *argv: str | os.PathLike[str], **more: Any) -> Process:
        """Starts the console script on a host: a capture, which `Process.stop` with SIGINT ends."""
        return self.host(host).start(console_script(), *argv, **more)

    def listening(self, host: str) -> int:
        """How many packet sockets there take packets of every protocol: captures that have begun."""
        lines = self.host(host).proc_net("packet").splitlines()[1:]
        return sum(line.split()[3] == "0003" for line in lines)

    def received(self, host: str, interface: str = "eth0") -> int:
        """How many packets have come to its interface so far: the kernel drops some before it, on a busy machine."""
        found = re.search(rf"^ *{interface}: *\d+ +(\d+)", self.host(host).proc_net("dev"), re.MULTILINE)
        assert found
        return int(found[1])

    def logs(self) -> str:
        """What every process that was started said, to be shown when a test fails."""
        parts = []
        for host in [self.switch, *self.hosts.values()]:
            for process in host.processes:
                parts.append(f"--- {host.name}: {' '.join(process.argv)}\n{process.output[-4000:]}")
        return "\n".join(parts)


def console_script() -> Path:
    """The ``ucdiag`` that was installed with this Python."""
    script = Path(sysconfig.get_path("scripts"), "ucdiag")
    if script.exists():
        return script
    found = shutil.which("ucdiag")
    if found is None:
        raise SiteError("ucdiag is not installed: pip install -e '.[test]'")
    return Path(found)
