"""Walks the phone's path from this machine: the DNS questions, each address and port, then the file.

It makes observations and never judges; what it looks at of them is only what it needs to go on, as a phone would: the
addresses that DNS gave, the URL that the answer named.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from itertools import zip_longest
from urllib.parse import urlsplit

from ucdiag.diagnosis.phrases import address_flaw, is_external, listed
from ucdiag.model.observations import Lookup, Observation, Tls, UpdateAnswer
from ucdiag.model.phone import Phone
from ucdiag.model.report import Problem
from ucdiag.model.urls import LOCALHOST, is_localhost
from ucdiag.model.vocabulary import Scheme, Seconds
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.update_service.names import EXTERNAL_PATH, INTERNAL_PATH
from ucdiag.update_service.request import REST_NOT_SENT, Request, build, from_saved, host_header
from ucdiag.update_service.response import file_urls

# Port 80 comes first: the manual's sequence has it (Polycom CX700 Deployment Guide R2 (July 2010), pages 23 and 26),
# Microsoft's process pages say 443, and both are documented; so both are tried and each is reported.
PORTS: tuple[tuple[Scheme, int], ...] = (("http", 80), ("https", 443))

# A name with more addresses than this is no Device Update Service; the rest is left out, and said to be.
MOST_ADDRESSES = 8

_NEWER = ("TLS 1.2", "TLS 1.3")
_SAID = ("offered", "none_offered")

# How the notes of ``wire.request`` end that say that a chosen value is not in what was sent.
_LEFT_OUT = "could not be put in."


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to ask. Without ``url`` and ``address`` the server is what DNS answers in ``domain``.

    ``saved`` is a body (or a whole request) saved from a real phone, in place of the built-in guess; ``mac`` and
    ``serial`` are then put into it where the user chose them. ``limit`` bounds the download in bytes, ``None``
    leaves it at the source's own bound. ``repeat`` rounds are ``interval`` seconds apart.
    """

    phone: Phone
    domain: str | None = None
    sip_domain: str | None = None
    url: str | None = None
    address: str | None = None
    port: int | None = None
    external: bool = False
    host: str | None = None
    saved: bytes | None = None
    mac: str | None = None
    serial: str | None = None
    download: bool = True
    limit: int | None = None
    repeat: int = 1
    interval: Seconds = 1.0
    all_names: bool = False

    @property
    def path(self) -> str:
        if self.url is not None and urlsplit(self.url).path not in ("", "/"):
            parts = urlsplit(self.url)
            return parts.path + (f"?{parts.query}" if parts.query else "")
        return EXTERNAL_PATH if self.external else INTERNAL_PATH


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateTarget:
    """One place to send the request to: ``name`` is what a client puts into Host and SNI."""

    scheme: Scheme
    port: int
    name: str
    addresses: tuple[str, ...] = field(default=())


def is_literal(host: str) -> bool:
    """Whether the host is an address, not a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def goals_of(plan: Plan) -> list[UpdateTarget]:
    """Where the plan leads, before DNS: one goal for each port to try."""
    if plan.url is not None:
        parts = urlsplit(plan.url)
        host = (parts.hostname or "").removesuffix(".")
        scheme: Scheme = "https" if parts.scheme.lower() == "https" else "http"
        port = parts.port or (443 if scheme == "https" else 80)
        own = LOCALHOST if is_localhost(host) else host
        addresses = (plan.address,) if plan.address else ((own,) if is_literal(own) else ())
        return [UpdateTarget(scheme=scheme, port=port, name=host, addresses=addresses)]
    name = f"ucupdates-r2.{plan.domain}" if plan.domain else plan.address or ""
    if plan.address and plan.host:
        name = plan.host.partition(":")[0] if plan.host.count(":") == 1 else plan.host
    addresses = (plan.address,) if plan.address else ()
    if plan.port is not None:
        scheme = "https" if plan.port == 443 else "http"
        return [UpdateTarget(scheme=scheme, port=plan.port, name=name, addresses=addresses)]
    ports = PORTS[1:] if plan.external else PORTS
    return [UpdateTarget(scheme=scheme, port=port, name=name, addresses=addresses) for scheme, port in ports]


def request_for(plan: Plan, goal: UpdateTarget) -> Request:
    """The exact request for one goal. Raises ValueError, with one sentence, for what cannot be sent."""
    host = plan.host or host_header(goal.name, goal.port, goal.scheme)
    if plan.saved is None:
        return build(plan.phone, host, plan.path)
    path = plan.path if plan.url is not None or plan.external else None
    return from_saved(plan.saved, plan.phone, host, path, mac=plan.mac, serial=plan.serial)


def walk(ctx: Context, plan: Plan) -> Iterator[Observation | Problem]:
    """Everything that the plan asks for, as it happens."""
    goals = goals_of(plan)
    addresses = goals[0].addresses
    if not addresses:
        # A phone may ask any of the nameservers, so what each of them gives is tried.
        found: list[tuple[str, ...]] = []
        for lookup in _lookups(ctx, plan, goals[0]):
            yield lookup
            if lookup.purpose == "update" and lookup.type == "A" and lookup.name == goals[0].name:
                found.append(lookup.addresses)
        # No phone reaches a server at 127.0.0.1 or 0.0.0.0, and what answers there for this machine proves nothing.
        addresses = _in_turn([[each for each in given if address_flaw(each) is None] for given in found])
    if len(addresses) > MOST_ADDRESSES:
        text = f"DNS gave {len(addresses)} addresses, and only {MOST_ADDRESSES} were tried: use --address for others."
        yield Problem(code="too-many-addresses", text=text)
        addresses = addresses[:MOST_ADDRESSES]
    if addresses and plan.saved is not None:
        for note in dict.fromkeys(note for goal in goals for note in request_for(plan, goal).notes):
            if note.endswith(_LEFT_OUT):
                yield Problem(code="not-put-in", text=note)
            elif note.endswith(REST_NOT_SENT):
                yield Problem(code="body-cut", text=note)
    secured = _TlsVersionCheck()
    # Of each address one answer, the first port's before the other's, as it is for the verdict: one port is enough.
    urls: dict[str, tuple[str, ...]] = {}
    external = plan.external or is_external(plan.path)
    for seen in _exchanges(ctx, plan, goals, addresses):
        yield seen
        secured.note(seen)
        if isinstance(seen, UpdateAnswer) and seen.form == "offered" and not urls.get(seen.server):
            urls[seen.server] = file_urls(seen, external)
    if plan.download:
        named: dict[str, str] = {}
        for server, each in urls.items():
            for url in each:
                named.setdefault(url, server)
        for fetched in _downloads(ctx, plan, named):
            yield fetched
            secured.note(fetched)
    yield from secured.asked_as_old(ctx)


@dataclass(slots=True)
class _TlsVersionCheck:
    """Where the path goes on only over TLS that such a phone may not have.

    ``newer`` are this machine's handshakes by address and port; the servers ``without`` need for one gave the answer on
    another port too, in clear or over older TLS.
    """

    newer: dict[tuple[str, int], Tls] = field(default_factory=dict)
    without: set[str] = field(default_factory=set)

    def note(self, seen: Observation) -> None:
        """One more fact."""
        if isinstance(seen, Tls) and seen.outcome == "complete" and seen.version in _NEWER:
            self.newer.setdefault((seen.server, seen.port), seen)
        elif isinstance(seen, UpdateAnswer) and seen.form in _SAID and (seen.server, seen.port) not in self.newer:
            self.without.add(seen.server)

    def asked_as_old(self, ctx: Context) -> Iterator[Problem]:
        """Asks those servers again with TLS 1.0 alone; what they say proves nothing of a phone, so it is a note."""
        if not self.newer:
            return
        from ucdiag.probe.tls import refuses_old

        refused: dict[str, list[str]] = {}
        for (address, port), tls in list(self.newer.items())[:MOST_ADDRESSES]:
            if tls.purpose == "update" and address in self.without:
                continue
            why = refuses_old(ctx, address, port, tls.server_name or address)
            if why is not None:
                refused.setdefault(f"{tls.version} and not with TLS 1.0 alone ({why})", []).append(
                    f"{address} port {port}"
                )
        for how, where in refused.items():
            text = (
                f"{listed(where)} completed the handshake with {how}. Whether a phone can do that is not known: which "
                "versions its firmware has is published nowhere, and by field reports Lync Phone Edition has no TLS "
                "1.2. If a phone fails there: ucdiag explain tls-version."
            )
            yield Problem(code="tls-newer-only", text=text)


def _in_turn(given: list[list[str]]) -> tuple[str, ...]:
    """All of them once; where they are too many for all to be tried, in an order that gives each list its share."""
    every = dict.fromkeys(address for each in given for address in each)
    if len(every) > MOST_ADDRESSES:
        every = dict.fromkeys(address for turn in zip_longest(*given) for address in turn if address is not None)
    return tuple(every)


def _lookups(ctx: Context, plan: Plan, goal: UpdateTarget) -> Iterator[Lookup]:
    from ucdiag.probe.dns import Resolver, check_names
    from ucdiag.update_service.names import LEGACY_LABEL, R2_LABEL

    if not ctx.nameservers:
        raise CannotTest("no-nameserver", "No nameserver is known: name one with --nameserver ADDRESS.")
    if plan.all_names and plan.domain and goal.name == f"{R2_LABEL}.{plan.domain}":
        yield from check_names(ctx, plan.domain, plan.sip_domain)
        return
    resolver = Resolver(ctx)
    last, asked = None, 0
    for last in resolver.tries(goal.name, "update"):
        asked += 1
        yield last
    for server in ctx.nameservers[asked:]:
        yield resolver.lookup(goal.name, "A", server, "update")
    label, _, domain = goal.name.partition(".")
    if last is not None and last.rcode == "NXDOMAIN" and label == R2_LABEL:
        yield resolver.resolve(f"{LEGACY_LABEL}.{domain}", "update")
        if plan.sip_domain and plan.sip_domain != domain:
            yield resolver.resolve(f"{R2_LABEL}.{plan.sip_domain}", "sip")


def _exchanges(
    ctx: Context, plan: Plan, goals: list[UpdateTarget], addresses: tuple[str, ...]
) -> Iterator[Observation]:
    from ucdiag.probe.update_request import Target, exchange

    for round_ in range(plan.repeat):
        if round_:
            ctx.sleep(plan.interval)
        for address in addresses:
            for goal in goals:
                target = Target(address=address, port=goal.port, scheme=goal.scheme, host=goal.name, path=plan.path)
                yield from exchange(ctx, target, request_for(plan, goal))


def _downloads(ctx: Context, plan: Plan, named: Mapping[str, str]) -> Iterator[Observation]:
    from ucdiag.probe.dns import Resolver
    from ucdiag.probe.update_request import fetch

    resolver = Resolver(ctx)
    for url, server in named.items():
        yield from fetch(ctx, url, resolver.resolve, named_by=server, limit=plan.limit)
