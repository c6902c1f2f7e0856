"""Walks the phone's path from this machine: the DNS questions, each address and port, then the file.

It makes observations and never judges. Of what it sees it uses only what it needs to go on, as a phone would: the
addresses that DNS gave, the URL that the answer named.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import partial
from itertools import zip_longest

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Http, Lookup, Observation, Tls, Transfer, UpdateAnswer
from ucdiag.model.report import Problem
from ucdiag.model.text import listed
from ucdiag.model.urls import address_flaw, ipv4_flaw
from ucdiag.probe.beside_path import BesidePath
from ucdiag.probe.local_network import no_nameserver
from ucdiag.probe.plan import Plan, port_flaw, request_for, targets_of
from ucdiag.runtime.context import Context
from ucdiag.update_service.modules import compare_versions, phone_modules
from ucdiag.update_service.names import LEGACY_LABEL, R2_LABEL
from ucdiag.update_service.request import REST_NOT_SENT
from ucdiag.update_service.response import file_urls, usable_url

# A name with more addresses than this is no Device Update Service; the rest is left out, and reported as such.
MOST_ADDRESSES = 8

# Of all answers together. A phone is offered one file, perhaps a few.
MOST_FILES = 6

_NO_OLD = (
    "Whether {address} port {port} accepts TLS 1.0, which such phones have, was not tried: the TLS library of this "
    "machine has no TLS 1.0. Try it from another machine: openssl s_client -tls1."
)
_NEWER = ("TLS 1.2", "TLS 1.3")
_ANSWERED = ("offered", "none_offered")

# How the notes of ``update_service.request`` end that say that a chosen value is not in what was sent.
_LEFT_OUT = "could not be put in."


def walk_path(ctx: Context, plan: Plan) -> Iterator[Observation | Problem]:
    """Everything that the plan asks for, as it happens. Raises CannotTest where no nameserver is known."""
    yield from PathWalk(ctx, plan).run()


class PathWalk:
    """One walk along the path."""

    def __init__(self, ctx: Context, plan: Plan) -> None:
        self._ctx = ctx
        self._plan = plan
        self._targets = targets_of(plan)
        self._addresses = self._targets[0].addresses
        # The file URLs of each address: its first answer with an offer, as the verdict takes it; one port is enough.
        self._urls: dict[str, tuple[str, ...]] = {}
        self._request: Http | None = None  # the latest one
        self._tls_versions = _TlsVersionCheck()
        self._beside = BesidePath(ctx, plan)

    def run(self) -> Iterator[Observation | Problem]:
        """Lookups, exchanges, downloads; then what stands beside them as a note."""
        if not self._addresses:
            yield from self._look_up()
        yield from self._limit_addresses()
        yield from self._request_notes()
        yield from self._ask_update_servers()
        yield from self._beside.ask_answering_servers(self._targets)
        if self._plan.server.download:
            yield from self._download_files()
            yield from self._beside.other_urls()
        yield from self._tls_versions.retry_with_old(self._ctx)

    def _look_up(self) -> Iterator[Observation]:
        """Asks DNS. A phone may ask any of the nameservers, so what each of them gives is tried."""
        name = self._targets[0].name
        answers: list[tuple[str, ...]] = []
        for lookup in _look_up_server(self._ctx, self._plan, name):
            yield lookup
            if lookup.purpose == "update" and lookup.type == "A" and lookup.name == name:
                answers.append(tuple(address for address in lookup.addresses if address not in lookup.broadcast))
        # No phone reaches a server at 127.0.0.1 or 0.0.0.0, and what answers there for this machine proves nothing.
        self._addresses = _in_turn(
            [[address for address in addresses if ipv4_flaw(address) is None] for addresses in answers]
        )

    def _limit_addresses(self) -> Iterator[Problem]:
        count = len(self._addresses)
        if count > MOST_ADDRESSES:
            text = f"DNS gave {count} addresses, and only {MOST_ADDRESSES} were tried: use --address for others."
            yield Problem(code="too-many-addresses", text=text)
            self._addresses = self._addresses[:MOST_ADDRESSES]

    def _request_notes(self) -> Iterator[Problem]:
        """What of the user's choices is not in the saved request that is sent."""
        if not self._addresses or self._plan.server.saved is None:
            return
        notes = [note for target in self._targets for note in request_for(self._plan, target).notes]
        for note in dict.fromkeys(notes):
            if note.endswith(_LEFT_OUT):
                yield Problem(code="not-put-in", text=note)
            elif note.endswith(REST_NOT_SENT):
                yield Problem(code="body-cut", text=note)

    def _ask_update_servers(self) -> Iterator[Observation]:
        """Each round, address and port in turn."""
        from ucdiag.probe.update_request import Target, request_update

        for round_ in range(self._plan.server.repeat):
            if round_:
                self._ctx.sleep(self._ctx.within(self._plan.server.interval))
            for address in self._addresses:
                for goal in self._targets:
                    target = Target(
                        address=address, port=goal.port, scheme=goal.scheme, host=goal.name, path=self._plan.path
                    )
                    for observation in request_update(self._ctx, target, request_for(self._plan, goal)):
                        yield observation
                        self._note_observation(observation)

    def _note_observation(self, observation: Observation) -> None:
        self._tls_versions.note_observation(observation)
        self._beside.note_observation(observation)
        if isinstance(observation, Http):
            self._request = observation
        if not isinstance(observation, UpdateAnswer) or observation.form != "offered":
            return
        modules = phone_modules(self._request, self._plan.phone.firmware) if self._request is not None else ()
        if compare_versions(observation, modules).is_held:
            # A phone has no reason to fetch what it has.
            return
        if not self._urls.get(observation.server):
            self._urls[observation.server] = file_urls(observation, self._plan.external)

    def _download_files(self) -> Iterator[Observation]:
        """Each URL once, however many servers name it."""
        named_by: dict[str, str] = {}
        for server, urls in self._urls.items():
            for url in urls:
                named_by.setdefault(url, server)
        fetched: dict[str, str] = {}
        for url, server in named_by.items():
            reason = self._why_not_fetched(url, len(fetched))
            if reason is None:
                fetched[url] = server
            else:
                yield Transfer(time=self._ctx.now(), url=url, outcome="not_tried", reason=reason)
        for observation in _fetch_files(self._ctx, fetched, self._plan.server.limit):
            yield observation
            self._tls_versions.note_observation(observation)

    def _why_not_fetched(self, url: str, before: int) -> str | None:
        """Why a file of an answer is left alone."""
        if before >= MOST_FILES:
            return f"only the first {MOST_FILES} files of an answer are fetched"
        return port_flaw(self._plan, url, self._ctx.connect_to) if usable_url(url) else None


@record(slots=True)
class _TlsVersionCheck:
    """Where the path goes on only over TLS that such a phone may not have."""

    #: This machine's handshakes with a newer version, by address and port.
    newer: dict[tuple[str, int], Tls] = field(default_factory=dict)
    #: Servers that answered on another port too, in clear or over older TLS.
    without: set[str] = field(default_factory=set)

    def note_observation(self, observation: Observation) -> None:
        """One more fact."""
        if not isinstance(observation, Tls | UpdateAnswer):
            return
        endpoint = observation.server, observation.port
        if isinstance(observation, Tls):
            if observation.outcome == "complete" and observation.version in _NEWER:
                self.newer.setdefault(endpoint, observation)
        elif observation.form in _ANSWERED and endpoint not in self.newer:
            self.without.add(observation.server)

    def retry_with_old(self, ctx: Context) -> Iterator[Problem]:
        """Asks those servers again with TLS 1.0 alone; what they say proves nothing of a phone, so it is a note."""
        if not self.newer:
            return
        from ucdiag.probe.tls import can_try_old, refuses_old

        refused: dict[str, list[str]] = {}
        able = can_try_old()
        for (address, port), tls in list(self.newer.items())[:MOST_ADDRESSES]:
            if tls.purpose == "update" and address in self.without:
                continue
            if not able:
                yield Problem(code="tls-old-untested", text=_NO_OLD.format(address=address, port=port))
                return
            why = refuses_old(ctx, address, port, tls.server_name or address)
            if why == "alert 80":
                why += ", as OpenSSL 3 says it where TLS 1.0 is in the settings and the security level forbids it"
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


def _in_turn(answers: list[list[str]]) -> tuple[str, ...]:
    """All addresses once; where they are too many for all to be tried, each answer gets its share."""
    unique = dict.fromkeys(address for addresses in answers for address in addresses)
    if len(unique) > MOST_ADDRESSES:
        unique = dict.fromkeys(address for turn in zip_longest(*answers) for address in turn if address is not None)
    return tuple(unique)


def _look_up_server(ctx: Context, plan: Plan, name: str) -> Iterator[Lookup]:
    from ucdiag.probe.dns import Resolver, check_names

    if not ctx.nameservers:
        raise no_nameserver()
    if plan.all_names and plan.domain and name == f"{R2_LABEL}.{plan.domain}":
        yield from check_names(ctx, plan.domain, plan.sip_domain)
        return
    resolver = Resolver(ctx)
    last, asked = None, set()
    for last in resolver.try_nameservers(name, "update"):
        asked.add((last.server, last.server_port))
        yield last
    for server in ctx.nameservers:
        if server not in asked:
            yield from resolver.ask_patiently(name, "A", server, "update")
    label, _, domain = name.partition(".")
    if last is not None and last.rcode == "NXDOMAIN" and label == R2_LABEL:
        yield resolver.resolve(f"{LEGACY_LABEL}.{domain}", "update")
        if plan.sip_domain and plan.sip_domain != domain:
            yield resolver.resolve(f"{R2_LABEL}.{plan.sip_domain}", "sip")


def _fetch_files(ctx: Context, named_by: Mapping[str, str], limit: int | None) -> Iterator[Observation]:
    """``named_by`` is the address of the server that named each URL."""
    if not named_by:
        return
    from ucdiag.probe.dns import Resolver
    from ucdiag.probe.update_request import fetch_file

    resolver = Resolver(ctx)
    tried: set[tuple[str, int]] = set()
    for url, server in named_by.items():
        fetch = partial(fetch_file, ctx, url, resolver.resolve, named_by=server, limit=limit, tried=tried)
        if ctx.files is None:
            yield from fetch()
        else:
            # What is asked of whom; an address that no phone reaches may name a file that no other may.
            yield from ctx.files.once((url, limit, ctx.nameservers, address_flaw(server)), fetch)
