"""What is asked beside the path, of a server that answered: another Host, another phone, and the URL of the other side.

A phone may put the name or the address into Host: the manual's example has an address (Polycom CX700 Deployment Guide
R2, July 2010, page 23). So both are tried. Nothing of this decides whether the path holds.
"""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from ucdiag.model.observations import Http, Observation, UpdateAnswer
from ucdiag.model.urls import address_flaw, is_address, is_localhost
from ucdiag.model.vocabulary import Purpose
from ucdiag.probe.plan import Plan, UpdateTarget, port_flaw, request_for
from ucdiag.runtime.context import Context, Endpoint
from ucdiag.update_service.request import Request, host_header
from ucdiag.update_service.response import file_urls, usable_url

_MOST_URLS = 4  # of the other side


class BesidePath:
    """``note_observation`` takes what the walk observed; then ``ask_answering_servers`` and ``other_urls`` ask on."""

    def __init__(self, ctx: Context, plan: Plan) -> None:
        self._ctx = ctx
        self._plan = plan
        self._answered: dict[Endpoint, Http] = {}
        self._offers: dict[str, UpdateAnswer] = {}

    def note_observation(self, observation: Observation) -> None:
        """One more fact of the walk itself."""
        if isinstance(observation, Http) and observation.purpose == "update" and observation.status is not None:
            self._answered[observation.server, observation.port] = observation
        elif isinstance(observation, UpdateAnswer) and observation.form == "offered":
            self._offers.setdefault(observation.server, observation)

    def ask_answering_servers(self, targets: list[UpdateTarget]) -> Iterator[Observation]:
        """The request with the address in Host, to each port that answered; as another phone, to each address once."""
        goals = {target.port: target for target in targets}
        compared: set[str] = set()
        for address, port in list(self._answered):
            goal = goals.get(port)
            if goal is None:
                continue
            if self._plan.server.host is None and not is_address(goal.name):
                host = host_header(address, port, goal.scheme)
                yield from self._ask_by_address(address, goal, host)
            http = self._answered[address, port]
            if self._plan.server.compare is not None and address not in compared and http.status == 200:
                compared.add(address)
                yield from self._ask_server(address, goal, self._as_other_phone(), "compare")

    def _ask_by_address(self, address: str, goal: UpdateTarget, host: str) -> Iterator[Observation]:
        """Twice where the status is another one or the answer broke off: a server that fails now and then does so with
        any Host."""
        status = self._answered[address, goal.port].status
        alike = False
        for _ in range(2):
            for observation in self._ask_server(address, goal, self._plan_with_host(host=host), "host"):
                yield observation
                if isinstance(observation, Http) and observation.complete:
                    alike = alike or observation.status == status
            if alike:
                return

    def _plan_with_host(self, host: str) -> Plan:
        return replace(self._plan, server=replace(self._plan.server, host=host))

    def _as_other_phone(self) -> Plan:
        assert self._plan.server.compare is not None
        mac, serial = self._plan.server.compare
        phone = replace(self._plan.phone, mac=mac, serial=serial or self._plan.phone.serial)
        return replace(self._plan, phone=phone, mac=mac, serial=serial or self._plan.serial)

    def _ask_server(self, address: str, goal: UpdateTarget, plan: Plan, purpose: Purpose) -> Iterator[Observation]:
        from ucdiag.probe.update_request import Target, request_update

        request: Request = request_for(plan, goal)
        target = Target(address=address, port=goal.port, scheme=goal.scheme, host=goal.name, path=plan.path)
        for observation in request_update(self._ctx, target, request, purpose):
            if isinstance(observation, UpdateAnswer):
                observation = replace(observation, asked_as=plan.phone.mac)
            yield observation

    def other_urls(self) -> Iterator[Observation]:
        """The lookup of the other side's host, and one connection to it. What fails here is no part of this path."""
        # Mere information is worth no complaint that there is nobody to ask.
        hosts = self._other_hosts() if self._ctx.nameservers else ()
        if not hosts:
            return
        from ucdiag.probe.dns import Resolver
        from ucdiag.probe.tcp import connect

        resolver = Resolver(self._ctx)
        for host, port in hosts:
            addresses: tuple[str, ...] = (host,) if is_address(host) else ()
            if not addresses:
                lookup = resolver.resolve(host, "other-side")
                yield lookup
                addresses = tuple(address for address in lookup.addresses if not address_flaw(address))
            for address in addresses[:1]:
                connected, stream = connect(self._ctx, address, port, name=host, purpose="other-side")
                if stream is not None:
                    stream.close()
                if connected.outcome != "not_sent":
                    yield connected

    def _other_hosts(self) -> list[Endpoint]:
        """The hosts of the URLs that a phone on the other side uses, where this side has others."""
        hosts: dict[Endpoint, None] = {}
        for answer in self._offers.values():
            own = {urlsplit(url).hostname for url in file_urls(answer, self._plan.external) if usable_url(url)}
            for url in file_urls(answer, not self._plan.external):
                if not usable_url(url):
                    continue
                parts = urlsplit(url)
                host = (parts.hostname or "").removesuffix(".")
                if port_flaw(self._plan, url, self._ctx.connect_to) is not None:
                    continue
                if host and parts.hostname not in own and not is_localhost(host):
                    hosts[host, parts.port or (443 if parts.scheme == "https" else 80)] = None
        return list(hosts)[:_MOST_URLS]
