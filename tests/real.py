"""Real servers for tests: started as subprocesses on loopback with ports above 10000, and surely ended.

    with dnsmasq(tmp_path, "address=/ucupdates-r2.example.test/192.0.2.10") as server:
        ask("127.0.0.1", server.port)

A test that needs a program begins with ``need("dnsmasq")``: without the program it is skipped with the reason, or fails
where ``UCDIAG_REQUIRE_REAL=1`` says that everything must be there.
"""

import contextlib
import ctypes.util
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

READY_WITHIN = 60.0  # seconds; a bound against hanging, not a measurement
HOST = "127.0.0.1"

_PORTS = range(10_000, 32_000)
_NEXT = 16  # that a test may use as well
_PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin:/usr/local/sbin"


def need(program: str) -> str:
    """The path of the program; skips the test (or fails it, see above) when it is not installed."""
    found = shutil.which(program, path=_PLACES)
    if found is None:
        reason = f"{program} is not installed"
        if os.environ.get("UCDIAG_REQUIRE_REAL") == "1":
            pytest.fail(f"{reason}, and UCDIAG_REQUIRE_REAL=1 says that it must be")
        pytest.skip(reason)
    return found


def need_library(name: str) -> None:
    """Skips the test (or fails it, see above) when the system has no such shared library."""
    if ctypes.util.find_library(name) is None:
        reason = f"the library {name} is not installed"
        if os.environ.get("UCDIAG_REQUIRE_REAL") == "1":
            pytest.fail(f"{reason}, and UCDIAG_REQUIRE_REAL=1 says that it must be")
        pytest.skip(reason)


def own_ports() -> range:
    """The ports of this process alone, where several run tests side by side (pytest-xdist)."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    share = len(_PORTS) // max(int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")), number + 1)
    return _PORTS[number * share : (number + 1) * share]


def free_port() -> int:
    """A port that is free on loopback for UDP and TCP, below the range from which the kernel picks for others.

    So are the next few, as far as other tests are concerned, and it stays free until this process uses it.
    """
    for _ in range(200):
        port = random.choice(own_ports()[:-_NEXT])
        with contextlib.suppress(OSError), socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind((HOST, port))
            udp.bind((HOST, port))
            return port
    raise RuntimeError("no free port found")


class Server:
    """A subprocess that serves on ``(host, port)``, as a context manager.

    ``ready`` is called until it returns true (default: the TCP port opens); then the server must still print
    ``prints``. The process gets its own session and dies
    with the test run even when that is killed. A process that ends before it is ready gives its output as the error.
    """

    def __init__(
        self,
        command: Sequence[str],
        port: int,
        *,
        folder: Path,
        ready: Callable[[int], bool] | None = None,
        prints: str = "",
        host: str = HOST,
    ) -> None:
        setpriv = shutil.which("setpriv", path=_PLACES)
        self.command = [setpriv, "--pdeathsig", "KILL", *command] if setpriv else list(command)
        self.host, self.port, self.folder = host, port, folder
        self._ready, self._prints = ready or tcp_opens, prints
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What the program printed so far."""
        return (self.folder / "output.log").read_text(errors="replace")

    def __enter__(self) -> "Server":
        with (self.folder / "output.log").open("wb") as output:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                start_new_session=True,
            )
        try:
            until = time.monotonic() + READY_WITHIN
            while not self._ready(self.port) or self._prints not in self.log:
                if self._process.poll() is not None:
                    raise RuntimeError(f"{self.command} ended with {self._process.returncode}:\n{self.log}")
                if time.monotonic() > until:
                    raise RuntimeError(f"{self.command} was not ready in {READY_WITHIN} s:\n{self.log}")
                time.sleep(0.02)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the process and everything that it started."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None


def tcp_opens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def dns_answers(port: int) -> bool:
    """Whether anything answers a DNS question (for the root's NS) on the UDP port."""
    with contextlib.suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.2)
        sock.connect((HOST, port))
        sock.send(b"\x2a\x2a\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01")
        return sock.recv(512)[:2] == b"\x2a\x2a"
    return False


@contextlib.contextmanager
def _started(
    folder: Path,
    name: str,
    build: Callable[[Path, int], Sequence[str]],
    ready: Callable[[int], bool],
    prints: str = "",
) -> Iterator[Server]:
    """Starts what ``build(folder, port)`` gives; once more on another port when the first was taken meanwhile."""
    for attempt in range(3):
        own = folder / f"{name}-{random.randrange(1 << 32):08x}"
        own.mkdir(mode=0o755)
        port = free_port()
        server = Server(build(own, port), port, folder=own, ready=ready, prints=prints)
        try:
            server.__enter__()
        except RuntimeError:
            if attempt == 2 or "in use" not in server.log:
                raise
            continue
        try:
            assert "not loaded due to errors" not in server.log, server.log
            yield server
        finally:
            server.close()
        return


def dnsmasq(folder: Path, *lines: str) -> contextlib.AbstractContextManager[Server]:
    """dnsmasq as a DNS server with these configuration lines and nothing from the machine."""
    program = need("dnsmasq")

    def build(own: Path, port: int) -> list[str]:
        conf = own / "dnsmasq.conf"
        common = ["no-resolv", "no-hosts", "bind-interfaces", f"listen-address={HOST}", f"port={port}", "user=root"]
        conf.write_text("\n".join([*common, f"pid-file={own}/pid", *lines]) + "\n")
        return [program, "--keep-in-foreground", f"--conf-file={conf}", "--log-facility=-"]

    return _started(folder, "dnsmasq", build, dns_answers)


def unbound(folder: Path, *lines: str, outside: str = "") -> contextlib.AbstractContextManager[Server]:
    """unbound with these lines in its ``server:`` clause and ``outside`` after it; it asks nobody on its own."""
    program = need("unbound")

    def build(own: Path, port: int) -> list[str]:
        conf = own / "unbound.conf"
        common = [
            f'interface: {HOST}@{port}', "do-daemonize: no", 'chroot: ""', 'username: ""', f'pidfile: "{own}/pid"',
            "use-syslog: no", 'logfile: ""', "num-threads: 1", "do-ip6: no", "module-config: iterator",
            "do-not-query-localhost: no", "so-reuseport: no", 'local-zone: "." refuse',
        ]  # fmt: skip
        conf.write_text("server:\n" + "".join(f"  {line}\n" for line in [*common, *lines]) + outside + "\n")
        return [program, "-d", "-c", str(conf)]

    return _started(folder, "unbound", build, dns_answers)


def knot(folder: Path, zones: dict[str, str], extra: str = "") -> contextlib.AbstractContextManager[Server]:
    """knotd with these zones: name to zone file text (see ``zone_text``); it refuses all other names."""
    program = need("knotd")

    def build(own: Path, port: int) -> list[str]:
        conf = own / "knot.conf"
        conf.write_text(
            f"server:\n  listen: {HOST}@{port}\n  rundir: {own}\n  udp-workers: 1\n  tcp-workers: 1\n"
            "  background-workers: 1\n"
            f"database:\n  storage: {own}\nlog:\n  - target: stderr\n    any: info\n"
            f"template:\n  - id: default\n    storage: {own}\n    zonefile-load: whole\n    zonefile-sync: -1\n"
            "    journal-content: none\nzone:\n"
            + "".join(f"  - domain: {name}\n    file: {_zone_file(own, name, text)}\n" for name, text in zones.items())
            + extra
        )
        return [program, "-c", str(conf)]

    return _started(folder, "knot", build, dns_answers)


def bind(folder: Path, zones: dict[str, str], options: str = "") -> contextlib.AbstractContextManager[Server]:
    """named with these zones: name to zone file text; not recursive unless ``options`` say so."""
    program = need("named")

    def build(own: Path, port: int) -> list[str]:
        conf = own / "named.conf"
        conf.write_text(
            f'options {{ directory "{own}"; pid-file none; session-keyfile none; listen-on port {port} {{ {HOST}; }};'
            " listen-on-v6 { none; }; "
            + ("" if "recursion" in options else "recursion no; ")
            + f"dnssec-validation no; notify no; {options} }};\ncontrols {{ }};\n"
            + "".join(
                f'zone "{name}" {{ type primary; file "{_zone_file(own, name, text)}"; }};\n'
                for name, text in zones.items()
            )
        )
        return [program, "-g", "-c", str(conf), "-n", "1"]

    # It listens before it has read its zones, and answers SERVFAIL or REFUSED meanwhile.
    return _started(folder, "named", build, dns_answers, prints="all zones loaded")


def nginx(
    folder: Path, server: str = "", *, http: str = "", tls: bool = False
) -> contextlib.AbstractContextManager[Server]:
    """nginx with this text inside its ``server { }`` block; ``http`` goes beside that block.

    ``tls`` makes the port https: then ``server`` names ``ssl_certificate`` and ``ssl_certificate_key``. The document
    root is ``html`` in the server's folder (``server.folder / "html"``).
    """
    program = need("nginx")

    def build(own: Path, port: int) -> list[str]:
        (own / "html").mkdir()
        conf = own / "nginx.conf"
        temporary = "".join(
            f"  {kind}_temp_path {own}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        conf.write_text(
            f"daemon off; master_process off; user root; pid {own}/pid; error_log {own}/error.log info;\n"
            "events { worker_connections 64; }\nhttp {\n"
            f"  access_log {own}/access.log;\n{temporary}{http}\n"
            f"  server {{ listen {HOST}:{port}{' ssl' if tls else ''}; root {own}/html;\n{server}\n  }}\n}}\n"
        )
        return [program, "-p", str(own), "-e", str(own / "error.log"), "-c", str(conf)]

    return _started(folder, "nginx", build, tcp_opens)


def zone_text(*records: str, ttl: int = 300) -> str:
    """A zone file with an SOA and an NS record at its top, and these records below."""
    head = f"$TTL {ttl}\n@ SOA ns.invalid. admin.invalid. 1 3600 600 86400 60\n@ NS ns.invalid.\n"
    return head + "\n".join(records) + "\n"


def _zone_file(own: Path, name: str, text: str) -> Path:
    path = own / f"{name.rstrip('.') or 'root'}.zone"
    path.write_text(text)
    return path


def wait_until(condition: Callable[[], Any], within: float = READY_WITHIN) -> None:
    """Waits until the condition holds; fails the test when it does not in that many seconds."""
    until = time.monotonic() + within
    while not condition():
        if time.monotonic() > until:
            pytest.fail(f"not so within {within} s")
        time.sleep(0.01)
