"""A scenario's site, running on loopback.

``start_site(scenario)`` gives a context manager. While it runs, ``nameservers`` and ``connect_to`` are what a
``Context`` needs to reach it: the site's addresses are not loopback's (that would be a fault of its own), so every
connection that is meant for one of them is led to a port on 127.0.0.1, and one for any other address nowhere.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ucdiag.lab.dns_server import DnsServer
from ucdiag.lab.http_server import HttpServer, LabRequest, ReplyCounter
from ucdiag.lab.own_folder import OwnFolder
from ucdiag.lab.scenario import (
    DOMAIN,
    NO_ANSWER,
    POOL_NAME,
    REFUSED,
    SIP_DOMAIN,
    UNREACHABLE,
    Host,
    Reply,
    Scenario,
    Update,
    Web,
)
from ucdiag.lab.serving import HOST, NOWHERE, Address, Servers
from ucdiag.lab.store import FileStore
from ucdiag.lab.update_service import UpdateService, error_page
from ucdiag.model.visible_text import quoted
from ucdiag.update_service.names import EXTERNAL_PATH, INTERNAL_PATH, R2_LABEL

if TYPE_CHECKING:
    import ssl

    from ucdiag.lab.certificates import Certificates

_PORTS = (80, 443)


class Routes(Mapping[Address, Address]):
    """Where a connection really goes. What the site does not have is led nowhere, never out of this machine.

    Iterating gives the known pairs; a lookup knows every pair but loopback's, which is not led anywhere else.
    """

    def __init__(self) -> None:
        self._known: dict[Address, Address] = {}

    def add_route(self, meant: Address, real: Address) -> None:
        """Leads connections meant for one address to another."""
        self._known[meant] = real

    def __getitem__(self, meant: Address) -> Address:
        if meant in self._known:
            return self._known[meant]
        if meant[0] == HOST:
            raise KeyError(meant)
        return NOWHERE, meant[1]

    def __iter__(self) -> Iterator[Address]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


class RunningSite:
    """All servers of one scenario.

    ``requests`` are the HTTP requests that came, in order per port.
    ``base_port`` gives fixed ports, counted up from there, for a site that is kept up for other programs. ``opened`` is
    called with the folder when all is open, before anything is served.
    """

    def __init__(
        self, scenario: Scenario, base_port: int | None = None, opened: "Callable[[Path], None] | None" = None
    ) -> None:
        self.scenario = scenario
        self._own_folder = OwnFolder()
        self.folder = self._own_folder.path
        self._servers = Servers(base_port)
        self._certificates: Certificates | None = None
        self.ca_file: Path | None = None
        self.audit_logs: tuple[Path, ...] = ()
        self.connect_to = Routes()
        self.web: dict[Address, HttpServer] = {}
        try:
            self.dns = tuple(DnsServer(self._servers, data) for data in scenario.site.nameservers)
            for number, host in enumerate(scenario.site.hosts, 1):
                self._open_host(host, f"pool{number:02}")
            self._close_the_rest()
            if opened is not None:
                opened(self.folder)
            self._servers.start()
        except BaseException:
            self.close()
            raise

    @property
    def nameservers(self) -> tuple[Address, ...]:
        """The nameservers' real addresses, in order."""
        return tuple(server.address for server in self.dns)

    @property
    def failed(self) -> BaseException | None:
        """The shortage on this machine that kept a server from answering; None without one."""
        return self._servers.failed

    @property
    def audit_log(self) -> Path | None:
        """The audit log of the first web server that has an update service."""
        return self.audit_logs[0] if self.audit_logs else None

    @property
    def requests(self) -> list[LabRequest]:
        """All HTTP requests so far."""
        return [request for server in self.web.values() for request in server.requests]

    def close(self) -> None:
        """Ends all servers and removes all files; may be called twice."""
        self._servers.close()
        self._own_folder.remove_folder()

    def __enter__(self) -> "RunningSite":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open_host(self, host: Host, name: str) -> None:
        service = None
        webs = [what for what in host.ports.values() if isinstance(what, Web)]
        # The files are those that the host's update service offers, on whichever port that is.
        files = next((web.update for web in webs if web.update is not None), Update())
        for port, what in host.ports.items():
            meant = (host.address, port)
            if isinstance(what, Web):
                if what.update is not None and service is None:
                    service = UpdateService(what.update, self.folder / name, name)
                    self.audit_logs += (service.audit_log,)
                handler = _Handler(what, service if what.update is not None else None, files)
                server = HttpServer(
                    self._servers, handler, self._tls_context(what), what.tls.fault if what.tls is not None else None
                )
                self.web[meant] = server
                self.connect_to.add_route(meant, self._servers.listen(server.serve_connection))
            elif what == REFUSED:
                self.connect_to.add_route(meant, self._servers.refuse_connections())
            elif what == NO_ANSWER:
                self.connect_to.add_route(meant, self._servers.never_answer())
            elif what == UNREACHABLE:
                self.connect_to.add_route(meant, (NOWHERE, port))
            else:
                raise ValueError(f"a port cannot be {quoted(what)}")

    def _close_the_rest(self) -> None:
        """Ports 80 and 443 of a host that has nothing there refuse; addresses without a host are unreachable."""
        hosts = {host.address for host in self.scenario.site.hosts}
        named = {
            address
            for server in self.scenario.site.nameservers
            for answer in (*server.names.values(), server.otherwise)
            for address in answer.addresses
        }
        closed = None
        for address in sorted(hosts | named):
            for port in _PORTS:
                if (address, port) in self.connect_to._known:
                    continue
                if address in hosts or address == HOST:
                    closed = closed or self._servers.refuse_connections()
                    self.connect_to.add_route((address, port), closed)
                else:
                    self.connect_to.add_route((address, port), (NOWHERE, port))

    def _tls_context(self, what: Web) -> "ssl.SSLContext | None":
        if what.tls is None or what.tls.fault is not None:
            return None
        # Imported here because most sites have no https, and this takes a while.
        from ucdiag.lab.certificates import Certificates

        if self._certificates is None:
            names = {name for server in self.scenario.site.nameservers for name in server.names if "*" not in name}
            first = f"{R2_LABEL}.{DOMAIN}"
            others = sorted(names - {first} | {POOL_NAME, f"{R2_LABEL}.{SIP_DOMAIN}"})
            self._certificates = Certificates(self.folder, (first, *others))
            self.ca_file = self._certificates.ca_file
        return self._certificates.server_context(what.tls)


class _Handler:
    """One web server: the update service, the file store, and an error page for everything else."""

    def __init__(self, data: Web, service: UpdateService | None, files: Update) -> None:
        self._data, self._service = data, service
        self._store = FileStore(data.store, files) if data.store is not None else None
        self._counter = ReplyCounter()

    def __call__(self, request: LabRequest) -> Reply:
        if self._data.everything is not None and self._counter.still_applies(self._data.everything):
            return self._data.everything
        if self._service is not None and request.path.lower() in (INTERNAL_PATH.lower(), EXTERNAL_PATH.lower()):
            return self._service.answer_request(request)
        reply = self._store.answer_request(request) if self._store is not None else None
        return reply if reply is not None else error_page(404)


def start_site(
    scenario: Scenario, base_port: int | None = None, opened: "Callable[[Path], None] | None" = None
) -> RunningSite:
    """Starts the scenario's site; use as a context manager, or ``close`` it. Raises OSError when a port is taken."""
    return RunningSite(scenario, base_port, opened)
