"""What a probe asks: the options of its user as records, the targets that they lead to, and the request for each.

Nothing is sent here. A request that cannot be built is known before the first packet.
"""

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from ucdiag.model.fast_dataclass import record
from ucdiag.model.phone import Phone
from ucdiag.model.text import listed
from ucdiag.model.urls import LOCALHOST, is_address, is_localhost
from ucdiag.model.vocabulary import Scheme, Seconds
from ucdiag.update_service.names import EXTERNAL_PATH, HTTPS_PORTS, INTERNAL_PATH, R2_LABEL, is_external
from ucdiag.update_service.request import Request, build_request, from_saved, host_header

# Port 80 comes first: the manual's sequence has it (Polycom CX700 Deployment Guide R2 (July 2010), pages 23 and 26),
# Microsoft's process pages say 443, and both are documented; so both are tried and each is reported.
PORTS: tuple[tuple[Scheme, int], ...] = (("http", 80), ("https", 443))


@record(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """Which server to ask, how, and how often."""

    #: Ask this URL; without ``url`` and ``address`` the server is what DNS answers.
    url: str | None = None
    #: Ask this IP address.
    address: str | None = None
    #: This port only, in place of 80 and 443.
    port: int | None = None
    #: As a phone outside: https, and the path that is published to the outside.
    external: bool = False
    #: The Host header, in place of the name that was looked up.
    host: str | None = None
    #: A body (or a whole request) saved from a real phone, in place of the built-in guess.
    saved: bytes | None = None
    #: Another phone, (MAC address, serial number), to compare what the same server answers.
    compare: tuple[str, str | None] | None = None
    #: Whether an offered file is fetched.
    download: bool = True
    #: Bytes after which a download stops; ``None`` leaves it at the probe's own bound.
    limit: int | None = None
    #: Rounds of requests, ``interval`` seconds apart.
    repeat: int = 1
    interval: Seconds = 1.0

    @property
    def needs_dns(self) -> bool:
        """Whether DNS has to say where the server is."""
        return self.url is None and self.address is None


@record(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that a walk along the path has to know. ``domain`` is the DHCP domain, ``sip_domain`` the users' own.

    ``mac`` and ``serial`` are put into a saved request; ``None`` leaves what it holds. ``all_names`` asks every
    nameserver for all names of the update service, not only for the one that such a phone needs.
    """

    phone: Phone
    domain: str | None = None
    sip_domain: str | None = None
    server: ServerOptions = ServerOptions()
    mac: str | None = None
    serial: str | None = None
    all_names: bool = False
    #: Whether to ask, at the end, what else such a phone needs.
    side_checks: bool = False

    @property
    def path(self) -> str:
        """The path of the request, its query included."""
        if self.server.url is not None and urlsplit(self.server.url).path not in ("", "/"):
            parts = urlsplit(self.server.url)
            return parts.path + (f"?{parts.query}" if parts.query else "")
        return EXTERNAL_PATH if self.server.external else INTERNAL_PATH

    @property
    def external(self) -> bool:
        """Whether a phone outside would ask so."""
        return self.server.external or is_external(self.path)

    @property
    def has_start(self) -> bool:
        """Whether it is known where to begin: a server, or the domain of its name."""
        return self.domain is not None or not self.server.needs_dns


@record(frozen=True, slots=True, kw_only=True)
class UpdateTarget:
    """One port of the server to send the request to.

    ``name`` is what a client puts into Host and SNI. ``addresses`` are empty where DNS has still to be asked.
    """

    scheme: Scheme
    port: int
    name: str
    addresses: tuple[str, ...] = ()


def targets_of(plan: Plan) -> list[UpdateTarget]:
    """Where the plan leads, before DNS: one target for each port to try."""
    server = plan.server
    if server.url is not None:
        return [_target_of_url(server.url, server.address)]
    name = f"{R2_LABEL}.{plan.domain}" if plan.domain else server.address or ""
    if server.address and server.host:
        name = server.host.partition(":")[0] if server.host.count(":") == 1 else server.host
    addresses = (server.address,) if server.address else ()
    if server.port is not None:
        scheme: Scheme = "https" if server.port in HTTPS_PORTS else "http"
        return [UpdateTarget(scheme=scheme, port=server.port, name=name, addresses=addresses)]
    ports = PORTS[1:] if server.external else PORTS
    return [UpdateTarget(scheme=scheme, port=port, name=name, addresses=addresses) for scheme, port in ports]


# Those of a pool's web sites, inside and outside.
_PORTS_OF_POOLS = (80, 443, 8080, 4443)


def port_flaw(plan: Plan, url: str, connect_to: Iterable[tuple[str, int]] = ()) -> str | None:
    """Why the port of a usable URL that an answer names is left alone; None: a phone or the user would have it.

    A hostile answer must not have this machine knock at any door.
    """
    port = urlsplit(url).port
    known = {*_PORTS_OF_POOLS, *(target.port for target in targets_of(plan)), *(place[1] for place in connect_to)}
    if port is None or port in known:
        return None
    pools = listed(map(str, _PORTS_OF_POOLS))
    return f"port {port} is none of a pool ({pools}), nor of the server that was asked, nor named with --connect-to"


def _target_of_url(url: str, address: str | None) -> UpdateTarget:
    parts = urlsplit(url)
    host = (parts.hostname or "").removesuffix(".")
    scheme: Scheme = "https" if parts.scheme.lower() == "https" else "http"
    port = parts.port or (443 if scheme == "https" else 80)
    own = LOCALHOST if is_localhost(host) else host
    addresses = (address,) if address else ((own,) if is_address(own) else ())
    return UpdateTarget(scheme=scheme, port=port, name=host, addresses=addresses)


def request_for(plan: Plan, target: UpdateTarget) -> Request:
    """The exact request for one target. Raises ValueError, with one sentence, for what cannot be sent."""
    server = plan.server
    host = server.host or host_header(target.name, target.port, target.scheme)
    if server.saved is None:
        return build_request(plan.phone, host, plan.path)
    path = plan.path if server.url is not None or server.external else None
    return from_saved(server.saved, plan.phone, host, path, mac=plan.mac, serial=plan.serial)


def verify_requests(plan: Plan) -> None:
    """Raises ValueError, with one sentence, where a request of the plan cannot be sent."""
    # A DHCP server may still give the domain; what is wrong with the request is wrong in any.
    trial = plan if plan.has_start else replace(plan, domain="contoso.example")
    for target in targets_of(trial):
        request_for(trial, target)
