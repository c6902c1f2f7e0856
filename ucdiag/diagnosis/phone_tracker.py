"""Finds the phones of a capture and assigns each observation to its phone.

A phone is a host that does one of these: it asks for the A record of ``ucupdates*`` and is not a resolver that asks for
others, it posts to ``ucdevice.upx`` or fetches a firmware file, or its DHCP messages carry one of the vendor
classes of these phones (``CPE-OCPhone`` in two spellings, so without regard to case, and ``MS-UC-Client``; Microsoft,
"Configuring DHCP Options to Enable Sign-in for IP Phones" and "Obtaining Values of DHCP Options by Using
DHCPUtil.exe"). The manufacturer's part of the MAC address is a hint at most: the same device was sold under several
brands.

IP traffic is kept by IP address and its lessee at that time, DHCP by MAC address. Both are joined when a report is due:
by the lease, else by the MAC address of the frames. A MAC address with several IP addresses in turn is a router's,
unless each address replaces the one before. Phones behind address translation share an IP address and are
distinguished by the fields of their requests; so are those for which a proxy asks. All is bounded, oldest out first.
"""

from bisect import bisect_right
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field
from functools import partial
from heapq import merge
from itertools import islice, pairwise
from sys import getsizeof
from typing import TYPE_CHECKING, Any

from ucdiag.diagnosis.catalogue.entry import FIELDS
from ucdiag.diagnosis.kept_host import ROUTINE, KeptHost
from ucdiag.diagnosis.known_servers import ServersOfCapture
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import is_firmware_request, is_post_to_handler
from ucdiag.diagnosis.quiet_phones import Archive, QuietPhone, QuietPhones, ip_key, mac_key, name_key
from ucdiag.diagnosis.routine_facts import without_routine
from ucdiag.diagnosis.shared_address import (
    SharedAddress,
    asked_through,
    claimed_identity,
    claimed_name,
    has_connected,
    passed_on,
    requests_of,
)
from ucdiag.diagnosis.shared_mac import DhcpClients, are_several, plain_mac
from ucdiag.model.fast_dataclass import record, replace
from ucdiag.model.observations import Connect, Dhcp, Extent, Http, Lookup, Observation, Tls, Transfer, UpdateAnswer
from ucdiag.model.phone_classes import PREFIXES, is_phone_class
from ucdiag.model.report import Identity, PhoneReport, Problem, StepResult, Verdict
from ucdiag.model.steps import STEPS, StepStatus, VerdictStatus
from ucdiag.model.text import listed
from ucdiag.model.vocabulary import Microseconds
from ucdiag.update_service.names import update_label

# What judges a phone is imported with the first one.
if TYPE_CHECKING:
    from ucdiag.diagnosis.alike_stories import PhoneJudgement, Within


_HOSTS = 4096
_LOOKED_AT = 128  # hosts looked at to find one to forget: all of them, each time, would take minutes in a flood
_PER_PHONE = 2000
_PER_PHONE_LEAST = 16  # where there are so many phones that they cannot have more: about one attempt
PHONE_BYTES = 3000  # bytes of one phone's report, measured
_FACT = 600  # bytes of one fact without the texts in it, measured
_TERMS = 16  # leases kept of one address, each to another host than the one before
_EVER = -1
_IN_MEMORY = 32  # hosts of phones, the least quiet ones, that never go to the archive
_NAMED = 5  # addresses named in a note
_LINK_LOCAL = "169.254."
_AFTER_ALL = 1_000_000  # microseconds after the patience for what came last: then nothing is waited for
_MOVES = 4  # more IP addresses than these, one after the other, are no single phone's


@record(slots=True)
class _Group:
    """One phone: its MAC address, if known, its IP addresses, and the hosts kept for them."""

    mac: str | None
    ips: list[str] = field(default_factory=list)
    hosts: list[KeptHost] = field(default_factory=list)
    # Of hosts that several phones share, what is this one's.
    share: list[Observation] = field(default_factory=list)
    # Some requests for files from such a host are this one's or another's.
    unclear: bool = False
    # The DHCP of its address, where several phones share the hardware address.
    dhcp: list[Observation] = field(default_factory=list)

    def add_ip(self, ip: str) -> None:
        """One more IP address, if it is not known."""
        if ip not in self.ips:
            self.ips.append(ip)

    def claims(self, mac: str) -> bool:
        """Whether its update requests say that this is its MAC address."""
        return any(host.only_identity() == mac for host in self.hosts)

    def observations(self) -> Iterator[Observation]:
        for host in self.hosts:
            yield from host.kept
        yield from self.share
        yield from self.dhcp


_TRAFFIC = (Lookup, Connect, Tls, Http, UpdateAnswer, Transfer)
_Hosts = OrderedDict[Any, KeptHost]
# An IP address, and the MAC address of who had leased it, None before the first lease that was seen.
_Place = tuple[str, str | None]
# The MAC address behind an IP address, if known, the IP address, what is kept of it, and the phones that spoke from
# there: those that have the address, where there are several, and those for which a proxy there asks.
_Speaker = tuple[str | None, str, KeptHost, list[str], list[str]]


@record(frozen=True, slots=True)
class Limits:
    """The bounds of memory for all hosts together."""

    room: int = 10 * 1024 * 1024  # bytes that all phones may take, about, before each keeps less
    quiet: int = 1024 * 1024  # bytes beyond which the quiet phones leave, where there is an archive
    strangers: int = 6_000  # observations kept of hosts that have not yet done anything that a phone does


_LIMITS = Limits()


class PhoneTracker:
    """All hosts of a capture. ``macs`` are the phones to judge (empty: every host that acts like one), ``everyone``
    judges every host that has a lease. ``routed`` returns whether packets of an IP address came through a router.
    ``archive`` takes the phones for which there is no room."""

    def __init__(
        self,
        setting: DiagnosisOptions,
        macs: Iterable[str] = (),
        everyone: bool = False,
        routed: Callable[[str], bool] = lambda ip: False,
        limits: Limits = _LIMITS,
        archive: Archive | None = None,
    ) -> None:
        self._room, self._most_strangers = limits.room, limits.strangers
        self._quiet_room = min(limits.quiet, limits.room) if archive is not None else limits.room
        self._trigger = self._quiet_room  # when room is made: the few that stay may take more than that
        self.setting = setting
        self._came_routed = routed
        self.macs = tuple(dict.fromkeys(macs))
        self.everyone = everyone
        self.dropped = 0
        self._by_ip: OrderedDict[_Place, KeptHost] = OrderedDict()
        self._by_mac: OrderedDict[str, KeptHost] = OrderedDict()
        self._clients = DhcpClients()
        # Of each IP address, to whom it was leased and from when on (microseconds), in the order of time.
        self._leases: OrderedDict[str, list[tuple[int, str]]] = OrderedDict()
        # Of each MAC address in a frame, when each IP address was first and last seen with it (microseconds).
        self._ips_of: OrderedDict[str, dict[str, list[int]]] = OrderedDict()
        # Who was asked for an update server and answered, and since when others were asked (microseconds).
        self._resolvers: OrderedDict[str, None] = OrderedDict()
        self._unheard: OrderedDict[str, int] = OrderedDict()
        # Of each MAC address or serial number in update requests that came through a router, from where they came.
        self._places_of: dict[str, dict[_Place, None]] = {}
        self._strangers = 0
        self._per_phone = _PER_PHONE
        self._taken = 0  # of the room for phones' facts
        self._extent: Extent | None = None
        self._latest = 0
        self._quiet = QuietPhones(archive)
        # What was learnt of the phones when they were last judged: routed and shared addresses, and the keys of those
        # that have a verdict of their own.
        self._routed_ips: list[str] = []
        self._shared_ips: list[tuple[str, list[str]]] = []
        self._decided: list[str] = []
        self._servers = ServersOfCapture()

    def feed(self, observation: Observation) -> None:
        """One more fact of any host."""
        if observation.time > self._latest:
            self._latest = observation.time
        if isinstance(observation, Extent):
            self._extent = observation
        elif isinstance(observation, Dhcp):
            self._take_dhcp(observation)
        elif isinstance(observation, _TRAFFIC) and observation.client:
            self._take_traffic(observation, observation.client)

    def finish(
        self, at: Microseconds, final: bool = True, pending: Iterable[Observation] = ()
    ) -> tuple[PhoneReport, ...]:
        """A report for each phone, the first seen first. ``at`` is the time of the last packet.

        ``pending`` are facts that would be reported as well if the capture ended now. They make no host a phone.
        """
        return tuple(judge() for judge in self.judgements(at, final, pending))

    def judgements(
        self, at: Microseconds, final: bool = True, pending: Iterable[Observation] = (), *, brief: bool = False
    ) -> "Iterator[PhoneJudgement]":
        """As ``finish``, but yields a ``PhoneJudgement`` for each phone, so that the reports are made one by one.

        ``brief`` makes of all but the first ``PhoneReport.brief`` alone, in less time.
        With ``final`` False the phones that went to the archive are left out: ``quiet_count`` is their number.
        """
        # A clock that was set back must not make it end before it was over.
        at = max(at, self._latest)
        unfinished = [seen for seen in pending if isinstance(seen, _TRAFFIC)]
        setting = self._current_options()
        within = None
        for number, group in enumerate(self._all_phones() if final else self._phones_in_memory()):
            from ucdiag.diagnosis.alike_stories import PhoneJudgement

            if final and not number:
                within = self._capture_times(setting, at)
            of_phone = [
                seen
                for seen in unfinished
                if not group.share and (seen.client in group.ips or (group.mac and seen.client_mac == group.mac))
            ]
            own = replace(setting, files_unclear=True) if group.unclear else setting
            judge = partial(self._judge_phone, setting=own, at=at, final=final, brief=brief and number > 0)
            facts = [*group.observations(), *of_phone]
            is_alone = not (of_phone or group.share or group.dhcp)
            yield PhoneJudgement(judge, group.mac, group.ips, facts, within if is_alone else None)

    def _capture_times(self, setting: DiagnosisOptions, at: Microseconds) -> "Within | None":
        """The capture's times for ``alike_stories``; None if its course (gaps, clocks) may show in a report."""
        if self._extent is None or self._extent.pauses or setting.gaps or setting.clocks is not None:
            return None
        from ucdiag.diagnosis.alike_stories import Within

        return Within(self._extent.time, at - setting.patience_microseconds - _AFTER_ALL, at)

    @property
    def quiet_count(self) -> int:
        """How many phones are in the archive."""
        return len(self._quiet)

    def verdicts_alone(self) -> Counter[Verdict]:
        """How many phones have each verdict, of the phones whose facts could not be kept; without sentences.

        Valid after the reports were made.
        """
        return self._quiet.left_verdicts(self._decided)

    def problems(self) -> tuple[Problem, ...]:
        """The problems that a reader of the reports must know."""
        problems = []
        groups = self._phones_in_memory()
        routed = [*filter(None, map(self._behind_router, groups)), *self._routed_ips][:_NAMED]
        if routed:
            text = (
                f"The MAC address in the frames of {', '.join(routed)} is a router's or a bridge's, so the phone is "
                "known by its IP address and by what its requests say: capture in the phone's own VLAN to see its MAC "
                "address and its DHCP."
            )
            problems.append(Problem(code="behind-router", text=text))
        for ip, names in [*self._shared_addresses(), *self._shared_ips][:_NAMED]:
            text = (
                f"{len(names)} phones sent from {ip} ({listed(names[:5])}{', ...' if len(names) > 5 else ''}), as "
                "behind address translation, and are distinguished by the fields of their requests: a failed "
                "connection without such fields counts against each of them. Capture in the phones' own VLAN to be "
                "sure."
            )
            problems.append(Problem(code="several-phones", text=text))
        if self._extent is not None and self._extent.cut:
            count = self._extent.cut
            text = (
                f"The capture's snap length cut {count:,} packet{'s' * (count > 1)} of the phones' "
                "update path: capture again with whole packets (tcpdump -s 0)."
            )
            problems.append(Problem(code="packets-cut", text=text))
        alone = self.verdicts_alone().total()
        if alone:
            why = f" ({self._quiet.failure})" if self._quiet.failure is not None else ""
            text = (
                f"Of {alone:,} phones only the verdict is known: their facts fit neither into memory nor into a "
                f"temporary file{why}. Name a folder with room in TMPDIR, or name the phones with --mac."
            )
            problems.append(Problem(code="forgotten", text=text))
        elif self.dropped:
            text = f"{self.dropped:,} facts of hosts were forgotten to keep memory bounded: name the phones with --mac."
            problems.append(Problem(code="forgotten", text=text))
        return tuple(problems)

    def hosts(self) -> Iterator[tuple[str, Sequence[Observation], bool]]:
        """Each host's address, the facts that are kept of it, and whether it is a phone; the quietest first."""
        for (ip, _), host in self._by_ip.items():
            yield ip, host.kept, host.is_phone
        for mac, host in self._by_mac.items():
            yield mac, host.kept, host.is_phone

    def hinted_macs(self) -> tuple[str, ...]:
        """MAC addresses with a prefix of these phones' makers, of hosts that did nothing that a phone does."""
        known = {group.mac for group in self._phones_in_memory()}
        seen = [*self._by_mac, *self._ips_of]
        return tuple(dict.fromkeys(mac for mac in seen if mac[:8] in PREFIXES and mac not in known))

    def _take_dhcp(self, message: Dhcp) -> None:
        client = self._clients.client_key(message)
        if client is None:
            return
        if client not in self._by_mac and self._quiet:
            self._bring_back(mac_key(client))
        host = self._kept_host(self._by_mac, client)
        if is_phone_class(message.vendor_class) or message.client in self.macs:
            self._mark_as_phone(host)
        self._keep_fact(host, message)
        if message.type == "ack":
            ip = message.address or message.client_address
            if ip:
                self._note_lease(ip, client, message.time)

    def _note_lease(self, ip: str, mac: str, time: Microseconds) -> None:
        if ip not in self._leases and self._quiet:
            self._bring_back(ip_key(ip))
        terms = self._leases.setdefault(ip, [])
        self._leases.move_to_end(ip)
        if len(self._leases) > _HOSTS:
            self._leases.popitem(last=False)
        if not terms:
            before = self._by_ip.get((ip, None))
            if before is None or self._may_be(before, ip, mac):
                # Nobody else is known to have had it, so it is a lease that goes on.
                terms.append((_EVER, mac))
                if before is not None:
                    del self._by_ip[ip, None]
                    self._by_ip[ip, mac] = self._join_hosts(self._by_ip.get((ip, mac)), before)
                return
        at = bisect_right(terms, time, key=lambda term: term[0])
        if at and terms[at - 1][1] == mac:
            return
        terms.insert(at, (time, mac))
        if len(terms) > _TERMS:
            del terms[0]

    def _join_hosts(self, known: KeptHost | None, later: KeptHost) -> KeptHost:
        """Join the kept facts of a host with those kept under a lease that was forgotten since."""
        if known is None:
            return later
        for host in (known, later):
            self._count_host(host, -1)
        known.join_later(later)
        self._count_host(known, 1)
        return known

    def _may_be(self, host: KeptHost, ip: str, mac: str) -> bool:
        """Whether nothing in its frames says that this host is another one than ``mac``."""
        return not host.macs or mac in host.macs or self._came_routed(ip) or any(map(self._is_router, host.macs))

    def _tenant_at(self, ip: str, seen: Lookup | Connect | Tls | Http | UpdateAnswer | Transfer) -> str | None:
        """The lessee of the address at the time of the observation."""
        terms = self._leases.get(ip, ())
        if any(seen.client_mac == mac for _, mac in terms):
            return seen.client_mac
        at = bisect_right(terms, seen.time, key=lambda term: term[0])
        return terms[at - 1][1] if at else None

    def _take_traffic(self, seen: Lookup | Connect | Tls | Http | UpdateAnswer | Transfer, ip: str) -> None:
        place = ip, self._tenant_at(ip, seen)
        if place not in self._by_ip and self._quiet:
            self._bring_back(ip_key(ip))
            if seen.client_mac is not None:
                self._bring_back(mac_key(seen.client_mac))
            place = ip, self._tenant_at(ip, seen)
        host = self._kept_host(self._by_ip, place)
        if seen.client_mac is not None and host.carried_by(seen.client_mac):
            self._note_mac_of_ip(seen.client_mac, ip, seen.time)
        if isinstance(seen, Lookup):
            self._servers.feed(seen)
            if seen.type == "A" and update_label(seen.name) is not None:
                self._mark_as_phone(host)
                self._note_resolver(seen)
        elif isinstance(seen, Http):
            if is_post_to_handler(seen):
                self._mark_as_phone(host)
                self._servers.feed(seen)
                host.did_more = True
                who = claimed_name(seen)
                if who is not None and who not in host.claimed_identities:
                    if self._quiet:
                        self._bring_back(name_key(who))
                        host = self._by_ip[place]
                    host.note_identity(who)
                    self._note_place(who, place)
            elif is_firmware_request(seen):
                # The request for it was encrypted.
                self._mark_as_phone(host)
                host.did_more = True
        elif isinstance(seen, UpdateAnswer):
            self._mark_as_phone(host)
            self._servers.feed(seen)
            host.did_more = True
        self._keep_fact(host, seen)

    def _note_place(self, name: str, place: _Place) -> None:
        """Note from where a phone spoke that says who it is, where its frames show a router's MAC address."""
        if self._came_routed(place[0]):
            self._places_of.setdefault(name, {})[place] = None

    def _note_resolver(self, lookup: Lookup) -> None:
        """Note the resolver that was asked for an update server, and whether it answered."""
        if lookup.rcode is not None and lookup.server and lookup.server not in self._resolvers:
            self._resolvers[lookup.server] = None
            if len(self._resolvers) > _HOSTS:
                self._resolvers.popitem(last=False)
        elif lookup.rcode is None and lookup.server:
            self._unheard[lookup.server] = min(lookup.time, self._unheard.get(lookup.server, lookup.time))
            if len(self._unheard) > _HOSTS:
                self._unheard.popitem(last=False)

    def _note_mac_of_ip(self, mac: str, ip: str, time: Microseconds) -> None:
        ips = self._ips_of.get(mac)
        if ips is None:
            ips = self._ips_of[mac] = {}
            if len(self._ips_of) > _HOSTS:
                self._ips_of.popitem(last=False)
        span = ips.get(ip)
        if span is not None:
            span[0] = min(span[0], time)
            span[1] = max(span[1], time)
        elif len(ips) <= _MOVES:
            ips[ip] = [time, time]

    def _mark_as_phone(self, host: KeptHost) -> None:
        if not host.is_phone:
            self._strangers -= len(host.kept)
            self.dropped += max(0, len(host.kept) - self._per_phone)
            host.mark_as_phone(self._per_phone)
            self._taken += PHONE_BYTES + sum(map(size_of_fact, host.kept))

    def _kept_host(self, hosts: _Hosts, key: "_Place | str") -> KeptHost:
        host = hosts.get(key)
        if host is None:
            host = hosts[key] = KeptHost()
            if len(hosts) > _HOSTS:
                self._forget_quietest(hosts)
                if key not in hosts:
                    # The phone that was quiet longest is the one that is heard now, at another address.
                    self._bring_back(mac_key(key) if isinstance(key, str) else ip_key(key[0]))
                    host = hosts.setdefault(key, KeptHost())
        else:
            hosts.move_to_end(key)
        return host

    def _forget_quietest(self, hosts: _Hosts) -> None:
        """Drop the host without a packet for the longest time; a phone only if the quietest hosts are all phones."""
        quietest = islice(hosts.items(), _LOOKED_AT)
        oldest = next((key for key, host in quietest if not host.is_phone), next(iter(hosts)))
        if hosts[oldest].is_phone:
            self._put_away(oldest)
            return
        host = hosts.pop(oldest)
        self.dropped += len(host.kept)
        self._strangers -= len(host.kept)

    def _archive_phone(self, key: "_Place | str") -> bool:
        """Move a phone to the archive. False: the archive does not take it, and it stays in memory."""
        phone = self._take_out(key)
        if self._quiet.archive_phone(phone):
            return True
        self._put_into_tables(phone)
        for host in phone.hosts():
            self._count_host(host, 1)
        return False

    def _put_away(self, key: "_Place | str") -> None:
        """Move a whole phone, given by one of its hosts, to the archive; if that is full, keep its verdict alone."""
        phone = self._take_out(key)
        facts = sum(len(host.kept) for host in phone.hosts())
        if not self._quiet.put_away(phone, self._verdicts_of):
            self.dropped += facts

    def _take_out(self, key: "_Place | str") -> QuietPhone:
        """Remove a phone from all tables; returns all that was kept of it.

        So too each phone that spoke from its places behind a router, or from elsewhere in its name.
        """
        phone = QuietPhone(by_ip={}, by_mac={}, leases={}, ips_of={})
        self._take_out_host(key, phone)
        names = [name for host in phone.by_ip.values() for name in host.claimed_identities]
        while names:
            for place in self._places_of.pop(names.pop(), ()):
                if place in self._by_ip:
                    names += self._by_ip[place].claimed_identities
                    self._take_out_host(place, phone)
        for host in phone.hosts():
            self._count_host(host, -1)
        phone.first_seen = min((seen.time for host in phone.hosts() for seen in host.kept), default=0)
        return phone

    def _take_out_host(self, key: "_Place | str", phone: QuietPhone) -> None:
        """Move one host, with what is kept of its MAC address, from the tables to ``phone``."""
        mac = key if isinstance(key, str) else self._owner_mac(key, self._by_ip[key])
        macs = [mac] if mac is not None else []
        ips = dict.fromkeys(self._ips_of.get(mac, ())) if mac is not None else {}
        if not isinstance(key, str):
            ips[key[0]] = None
            phone.by_ip[key] = self._by_ip.pop(key)
            macs += [name for name in phone.by_ip[key].identities_behind_nat() if ":" in name and name != mac]
        for name in macs:
            host = self._by_mac.pop(name, None)
            if host is not None:
                phone.by_mac[name] = host
                ips.update((seen.address, None) for seen in host.kept if isinstance(seen, Dhcp) and seen.address)
        if mac is not None:
            for place in [(ip, tenant) for ip in ips for tenant in (mac, None)]:
                if place in self._by_ip and self._owner_mac(place, self._by_ip[place]) == mac:
                    phone.by_ip[place] = self._by_ip.pop(place)
        self._take_out_addresses(phone, mac, ips)

    def _take_out_addresses(self, phone: QuietPhone, mac: str | None, ips: Iterable[str]) -> None:
        """Move the leases of these addresses, and the addresses seen in the frames of the phone's hosts, to it."""
        for ip in ips:
            terms = self._leases.get(ip)
            if terms is not None:
                phone.leases[ip] = list(terms)
                if all(owner == mac for _, owner in terms):
                    del self._leases[ip]
        for name in dict.fromkeys([*phone.by_mac, *(name for host in phone.by_ip.values() for name in host.macs)]):
            spans = self._ips_of.get(name)
            if spans is not None:
                phone.ips_of[name] = {ip: list(span) for ip, span in spans.items()}
                if name == mac:
                    del self._ips_of[name]

    def _bring_back(self, key: str) -> None:
        """Put the phone with this key, which has sent again, from the archive back into the tables, if it is there."""
        phone = self._quiet.take_back(key)
        if phone is None:
            return
        self._put_into_tables(phone)
        for host in phone.hosts():
            self._count_host(host, 1)

    def _put_into_tables(self, phone: QuietPhone) -> None:
        tables: tuple[tuple[_Hosts, dict[Any, KeptHost]], ...] = (
            (self._by_ip, phone.by_ip),
            (self._by_mac, phone.by_mac),
        )
        for hosts, part in tables:
            for key, host in part.items():
                if key in hosts:
                    self._count_host(hosts[key], -1)
                    host.join_later(hosts[key])
                hosts[key] = host
        for place, host in phone.by_ip.items():
            for name in host.claimed_identities:
                self._note_place(name, place)
        for ip, terms in phone.leases.items():
            later = self._leases.get(ip, [])
            self._leases[ip] = [*(term for term in terms if term not in later), *later][-_TERMS:]
        for mac, spans in phone.ips_of.items():
            known = self._ips_of.setdefault(mac, {})
            for ip, (first, last) in spans.items():
                span = known.setdefault(ip, [first, last])
                span[:] = min(span[0], first), max(span[1], last)

    def _count_host(self, host: KeptHost, sign: int) -> None:
        """Add the bytes that a host takes to the count, or with ``sign`` -1 subtract them."""
        if host.is_phone:
            self._taken += sign * (PHONE_BYTES + sum(map(size_of_fact, host.kept)))
        else:
            self._strangers += sign * len(host.kept)

    def _keep_fact(self, host: KeptHost, observation: Observation) -> None:
        full = len(host.kept) >= host.most
        if full and not host.is_phone and isinstance(observation, Dhcp):
            # Of a phone that DHCP does not show to be one, the power-ons stay.
            before = len(host.kept)
            host.kept[:] = without_routine(host.kept)
            self._strangers -= before - len(host.kept)
            full = len(host.kept) == before
        if full:
            if host.is_phone:
                self.dropped += 1
                self._taken -= size_of_fact(host.kept[0])
            del host.kept[0]
        if host.is_phone:
            host.kept.append(observation)
            self._taken += size_of_fact(observation)
            if len(host.kept) > host.routine_at:
                self._drop_routine(host)
            if self._taken > self._trigger:
                self._make_room()
                self._trigger = max(self._quiet_room, self._taken + self._quiet_room // 4)
            return
        host.kept.append(observation)
        if not full:
            self._strangers += 1
            while self._strangers > self._most_strangers:
                # Where the quietest host is a stranger, so that no phone goes for strangers that the other table keeps.
                tables: tuple[_Hosts, ...] = (self._by_ip, self._by_mac)
                quiet = [hosts for hosts in tables if hosts and not next(iter(hosts.values())).is_phone]
                self._forget_quietest(max(quiet or tables, key=len))

    def _drop_routine(self, host: KeptHost) -> None:
        """Drop facts that later ones repeat (``routine_facts``); again once there are twice as many."""
        before = sum(map(size_of_fact, host.kept))
        host.kept[:] = without_routine(host.kept)
        self._taken += sum(map(size_of_fact, host.kept)) - before
        host.routine_at = max(ROUTINE, 2 * len(host.kept))

    def _make_room(self) -> None:
        """Move the quietest phones to the archive. If there are few phones, shorten each one's facts, oldest first."""
        tables: tuple[_Hosts, ...] = (self._by_ip, self._by_mac)
        if self._quiet.is_working:
            enough = self._quiet_room * 3 // 4
            phones = [(host.kept[-1].time, key) for hosts in tables for key, host in hosts.items() if host.is_phone]
            for _, key in sorted(phones, key=lambda phone: phone[0])[:-_IN_MEMORY]:
                if self._taken <= enough:
                    return
                if key in (self._by_mac if isinstance(key, str) else self._by_ip) and not self._archive_phone(key):
                    break  # memory has room for more than those that seldom are heard
        if self._taken <= self._room:
            return
        enough = self._room * 3 // 4
        while self._taken > enough and self._per_phone > _PER_PHONE_LEAST:
            self._per_phone = max(self._per_phone // 2, _PER_PHONE_LEAST)
            for host in (host for hosts in tables for host in hosts.values() if host.is_phone):
                gone = len(host.kept) - self._per_phone
                if gone > 0:
                    self.dropped += gone
                    self._taken -= sum(map(size_of_fact, islice(host.kept, gone)))
                host.limit_facts(self._per_phone)
        while self._taken > enough and any(tables):
            self._forget_quietest(max(tables, key=len))

    def _owner_mac(self, place: _Place, host: KeptHost) -> str | None:
        """The MAC address behind an IP address, None where the frames only show a router's."""
        ip, tenant = place
        if tenant is not None:
            return None if self._is_shared(tenant) else tenant
        if self._came_routed(ip):
            return None
        macs = [mac for mac in host.macs if not self._is_router(mac)]
        return macs[0] if len(macs) == 1 else None

    def _is_router(self, mac: str) -> bool:
        """Whether a MAC address is a router's, by the IP addresses that its frames carry."""
        spans = sorted(self._ips_of.get(mac, {}).values())
        if len(spans) > _MOVES or any(after[0] <= before[1] for before, after in pairwise(spans)):
            return True
        if len(spans) < 2:
            return False
        # A phone gets another address by DHCP. Its own MAC address proves more than the absence of DHCP.
        return self._is_shared(mac) or (
            mac[:8] not in PREFIXES and not all(map(self._own_address_test(mac), self._ips_of[mac]))
        )

    def _is_shared(self, mac: str) -> bool:
        """Whether update requests from the IP addresses of a MAC address are of several phones.

        Where one of them has it, another one only got an IP address that was this one's before.
        """
        ips = self._ips_of.get(mac, ())
        if len(ips) < 2:
            return False
        hosts = (self._by_ip.get((ip, tenant)) for ip in ips for tenant in (mac, None))
        names = {name for host in hosts if host is not None for name in host.claimed_identities}
        return mac not in names and are_several(names)

    def _own_address_test(self, mac: str) -> Callable[[str], bool]:
        """A test of IP addresses: whether this MAC address leased it, or it is link-local, so that no lease came."""
        return lambda ip: ip.startswith(_LINK_LOCAL) or any(owner == mac for _, owner in self._leases.get(ip, ()))

    def _shared_addresses(self) -> Iterator[tuple[str, list[str]]]:
        """The IP addresses from which several phones sent, and these phones."""
        for _, ip, _, identities, _ in self._speaking_addresses():
            if len(identities) > 1:
                yield ip, identities

    def _is_routed(self, group: _Group) -> bool:
        return any(map(self._came_routed, group.ips)) or any(
            self._is_router(mac) for host in group.hosts for mac in host.macs
        )

    def _only_resolves(self, ip: str, host: KeptHost) -> bool:
        """Whether this host, which sent DNS queries alone, is a resolver: it answered others, or it asked nothing
        before it was asked, as a resolver whose upstream does not answer."""
        if ip in self._resolvers:
            return True
        asked = self._unheard.get(ip)
        return asked is not None and all(
            seen.time > asked for seen in host.kept if isinstance(seen, Lookup) and update_label(seen.name) is not None
        )

    def _all_phones(self) -> Iterator[_Group]:
        """Each phone with its hosts, those of the archive included."""
        if self._quiet and self._quiet.is_working and not self.macs:
            # The room of those in memory is that in which they are judged, one after the other.
            for hosts in (self._by_ip, self._by_mac):
                for key in [key for key, host in hosts.items() if host.is_phone]:
                    if key in hosts and not self._archive_phone(key):
                        break
        phones = self._phones_in_memory()
        if self.macs:
            yield from phones
            return
        self._decided.clear()
        yield from merge(self._note_decided(phones), self._phones_of_archive(), key=_first_seen)

    def _phones_in_memory(self) -> list[_Group]:
        """Each phone that is not in the archive; of the phones that were named, all."""
        for mac in self.macs:
            self._bring_back(mac_key(mac))
            self._bring_back(name_key(mac))
        groups = self._group_phones()
        self._add_leased_addresses(groups)
        phones = sorted(groups.values(), key=_first_seen)
        if not self.macs:
            return phones
        named: list[_Group] = []
        for mac in self.macs:
            known = [phone for phone in phones if phone.mac == mac]
            # The frames of packets that a router or a bridge forwarded do not have the phone's MAC address.
            named += known or [phone for phone in phones if phone.claims(mac)] or [_Group(mac)]
        return named

    def _phones_of_archive(self) -> Iterator[_Group]:
        """The archived phones, one after the other. Notes the addresses that several of them share."""
        self._routed_ips.clear()
        self._shared_ips.clear()
        for _, phone in self._quiet.phones():
            site = self._site_of(phone)
            self._shared_ips += list(site._shared_addresses())[: _NAMED - len(self._shared_ips)]
            for group in site._phones_in_memory():
                ip = site._behind_router(group)
                if ip is not None and len(self._routed_ips) < _NAMED:
                    self._routed_ips.append(ip)
                yield group

    def _site_of(self, phone: QuietPhone) -> "PhoneTracker":
        """A tracker that holds this phone alone."""
        site = PhoneTracker(self.setting, everyone=self.everyone, routed=self._came_routed)
        site._resolvers, site._unheard = self._resolvers, self._unheard
        site._put_into_tables(phone)
        for mac in phone.ips_of:
            # A router's frames carry addresses of others too.
            for ip, span in self._ips_of.get(mac, {}).items():
                site._ips_of[mac].setdefault(ip, span)
        return site

    def _verdicts_of(self, phone: QuietPhone) -> Iterator[Verdict]:
        site = self._site_of(phone)
        for group in site._phones_in_memory():
            yield site._verdict_of(group, self._current_options(), self._latest)

    def _current_options(self) -> DiagnosisOptions:
        """The options with the update servers that the capture proves so far."""
        return replace(self.setting, servers=self._servers.known_servers(self.setting.servers.given))

    def _note_decided(self, phones: Iterable[_Group]) -> Iterator[_Group]:
        """The phones to report. Notes the keys of those that count by their facts here, not by a verdict from before.

        A phone whose verdict alone was kept is left out, unless it tried again or fails now.
        """
        for group in phones:
            keys = [*map(ip_key, group.ips), *([mac_key(group.mac)] if group.mac else [])]
            if any(isinstance(seen, Lookup | Http) for seen in group.observations()):
                self._decided += keys
            elif self._quiet.has_left(keys):
                since = self._verdict_of(group, self._current_options(), self._latest)
                if since.status is not VerdictStatus.BROKEN:
                    continue
                self._decided += keys
            yield group

    def _behind_router(self, group: _Group) -> str | None:
        """The IP address by which alone a phone is known, because its frames show a router's MAC address."""
        nameless = group.mac is None and group.ips and not group.share
        return group.ips[0] if nameless and self._is_routed(group) else None

    def _group_phones(self) -> dict[str, _Group]:
        """The phones, by MAC address, else by the other identifiers known of them."""
        speakers = list(self._speaking_addresses())
        phones = [self._acts_as_phone(ip, host) for _, ip, host, *_ in speakers]
        wanted = self._wanted_macs()
        wanted.update(
            mac
            for (mac, _, _, _, proxied), is_phone in zip(speakers, phones, strict=True)
            if mac is not None and is_phone and not proxied
        )
        groups = {mac: _Group(plain_mac(mac), hosts=[host]) for mac, host in self._by_mac.items() if mac in wanted}
        moved = _moved_phones(speakers)
        for (owner, ip, host, identities, proxied), is_phone in zip(speakers, phones, strict=True):
            if identities or proxied:
                shared = SharedAddress(identities, host.kept, proxied)
                for name, share in shared.shares.items():
                    group = groups.setdefault(name, _Group(name if ":" in name else None))
                    group.share += share
                    group.unclear |= name in shared.unclear or name in proxied
                    if name not in proxied:
                        group.add_ip(ip)
            elif is_phone or owner in wanted:
                key = owner or moved.get(ip) or ip
                group = groups.setdefault(key, _Group(owner and plain_mac(owner)))
                group.hosts.append(host)
                group.add_ip(ip)
        for mac in [mac for mac in groups if self._is_shared(mac)]:
            self._share_out_dhcp(mac, groups)
        return groups

    def _speaking_addresses(self) -> Iterator[_Speaker]:
        """The IP addresses that send for themselves: without proxies that forward requests of the capture's phones.

        A device that asks in the name of several phones, as ``ucdiag probe --targets`` does, is none of them if
        they send their own requests in clear.
        """
        owned = [(self._owner_mac(place, host), place[0], host) for place, host in self._by_ip.items()]
        own: dict[str, list[KeptHost]] = {}
        for owner, _, host in owned:
            if owner is not None and host.is_phone:
                own.setdefault(owner, []).append(host)
        for owner, ip, host in owned:
            identities = host.identities_behind_nat()
            proxied: list[str] = []
            others = [name for name in host.claimed_identities if name in own]
            if others and not self._speaks_for_itself(owner, host):
                relayed = {
                    name
                    for name in others
                    if passed_on(requests_of(host.kept, name), requests_of(_facts_of_hosts(own[name])))
                }
                if relayed.issuperset(host.claimed_identities):
                    continue
                identities = [name for name in identities if name not in relayed]
                proxied = self._proxied_phones(host, {name: own[name] for name in others if name not in relayed})
                if proxied:
                    identities = [name for name in host.claimed_identities if name not in own]
                elif owner is not None and all(name in own and _in_clear(own[name]) for name in identities):
                    identities = []
            yield owner, ip, host, identities, proxied

    def _proxied_phones(self, host: KeptHost, phones: dict[str, list[KeptHost]]) -> list[str]:
        """The ``phones`` for which this host asks as a proxy on a port that is not watched: they do not connect.

        Empty where it may be another device that plays phones: none of them looked for the server just before.
        """
        facts = {name: [*_facts_of_hosts(hosts)] for name, hosts in phones.items()}
        waiting = [name for name in phones if not has_connected(facts[name])]
        asked = any(asked_through(requests_of(host.kept, name), facts[name]) for name in waiting)
        return waiting if asked else []

    def _speaks_for_itself(self, owner: str | None, host: KeptHost) -> bool:
        """Whether a host is a phone by more than requests in the name of others."""
        by_dhcp = self._by_mac.get(owner) if owner is not None else None
        return owner in host.claimed_identities or owner in self.macs or (by_dhcp is not None and by_dhcp.is_phone)

    def _share_out_dhcp(self, mac: str, groups: dict[str, _Group]) -> None:
        """Assign the DHCP messages of a MAC address that several phones share, by the leased addresses."""
        shared = self._by_mac.get(mac)
        if shared is None:
            return
        carried = self._ips_of.get(mac, {})
        for group in groups.values():
            ips = set(group.ips).intersection(carried)
            if group.mac is None and not group.share and ips:
                group.dhcp = [
                    seen
                    for seen in shared.kept
                    if isinstance(seen, Dhcp) and not ips.isdisjoint((seen.address, seen.client_address))
                ]
        del groups[mac]

    def _acts_as_phone(self, ip: str, host: KeptHost) -> bool:
        return host.is_phone and (host.did_more or not self._only_resolves(ip, host))

    def _wanted_macs(self) -> set[str]:
        """The MAC addresses that are judged whatever their IP traffic is."""
        wanted = set(self.macs)
        if self.everyone:
            wanted.update(mac for terms in self._leases.values() for _, mac in terms)
        wanted.update(mac for mac, host in self._by_mac.items() if host.is_phone)
        return wanted

    def _add_leased_addresses(self, groups: dict[str, _Group]) -> None:
        for ip, terms in self._leases.items():
            for _, owner in terms:
                if owner in groups:
                    groups[owner].add_ip(ip)

    def _verdict_of(self, group: _Group, setting: DiagnosisOptions, at: Microseconds) -> Verdict:
        return self._judge_phone(group.mac, group.ips, [*group.observations()], setting=setting, at=at).verdict

    def _judge_phone(
        self,
        mac: str | None,
        ips: Sequence[str],
        observations: Sequence[Observation],
        *,
        setting: DiagnosisOptions,
        at: Microseconds,
        final: bool = True,
        brief: bool = False,
    ) -> PhoneReport:
        if not observations:
            return _unseen_report(mac)
        claimed = claimed_identity(observations)
        last = max((seen for seen in observations if getattr(seen, "client", None) in ips), key=_time_of, default=None)
        leases = (seen for seen in observations if isinstance(seen, Dhcp) and seen.type == "ack" and seen.address)
        lease = max(leases, key=_time_of, default=None)
        ip = getattr(last, "client", None) or (ips[-1] if ips else None)
        if lease is not None and (last is None or lease.time > last.time):
            ip = lease.address
        identity = Identity(
            mac=mac or claimed.get("mac"),
            ip=ip,
            serial=claimed.get("serial"),
            vendor=claimed.get("vendor"),
            model=claimed.get("model"),
            firmware=claimed.get("firmware"),
        )
        from ucdiag.diagnosis.engine import Engine

        engine = Engine(setting, identity)
        for seen in observations:
            engine.feed(seen)
        if self._extent is not None:
            engine.feed(self._extent)
        return _with_mac_in_commands(engine.finish(at, final, brief))


def size_of_fact(observation: Observation) -> int:
    """The approximate size of a fact in memory, in bytes."""
    if isinstance(observation, Http):
        return _FACT + getsizeof(observation.request_text) + getsizeof(observation.answer_text)
    if isinstance(observation, UpdateAnswer):
        return _FACT * (1 + len(observation.files)) + getsizeof(observation.excerpt)
    if isinstance(observation, Lookup):
        return _FACT + 80 * (len(observation.addresses) + len(observation.aliases) + len(observation.records))
    return _FACT


def _moved_phones(speakers: Iterable[_Speaker]) -> dict[str, str]:
    """By IP address, the phone behind it where its requests alone name it, and it spoke from no two at a time."""
    hosts: dict[str, dict[str, KeptHost]] = {}
    owners = set()
    for owner, ip, host, *_ in speakers:
        owners.add(owner)
        name = host.only_identity()
        if owner is None and name is not None:
            hosts.setdefault(name, {})[ip] = host
    return {
        ip: name for name, places in hosts.items() if name not in owners and _in_turn(places.values()) for ip in places
    }


def _in_turn(hosts: Iterable[KeptHost]) -> bool:
    """Whether each of these hosts was silent before the next one was heard."""
    spans = sorted((min(map(_time_of, host.kept)), max(map(_time_of, host.kept))) for host in hosts)
    return all(after[0] > before[1] for before, after in pairwise(spans))


def _facts_of_hosts(hosts: Iterable[KeptHost]) -> Iterator[Observation]:
    return (seen for host in hosts for seen in host.kept)


def _in_clear(hosts: Iterable[KeptHost]) -> bool:
    """Whether none of these hosts' connections was encrypted."""
    return not any(isinstance(seen, Tls) for seen in _facts_of_hosts(hosts))


def _first_seen(group: _Group) -> tuple[int, str]:
    return min((seen.time for seen in group.observations()), default=0), group.mac or ""


def _time_of(observation: Observation) -> Microseconds:
    return observation.time


def _with_mac_in_commands(report: PhoneReport) -> PhoneReport:
    """The report with the phone's MAC address in each command, also where the step's judge did not know it."""
    mac, unknown = report.phone.mac, FIELDS["mac"]
    if mac is None or not any(unknown in command.text for known in report.findings for command in known.fix.commands):
        return report
    findings = []
    for known in report.findings:
        commands = tuple(replace(command, text=command.text.replace(unknown, mac)) for command in known.fix.commands)
        findings.append(replace(known, fix=replace(known.fix, commands=commands)))
    return replace(report, findings=tuple(findings))


def _unseen_report(mac: str | None) -> PhoneReport:
    """A phone that was named and never seen."""
    from ucdiag.diagnosis.step_event import finding

    text = f"Nothing of {mac} is in the capture." if mac else "Nothing in the capture looks like such a phone."
    return PhoneReport(
        phone=Identity(mac=mac),
        verdict=Verdict(status=VerdictStatus.UNKNOWN, code="no-phone-seen", summary=text),
        steps=tuple(StepResult(step=step, status=StepStatus.NOT_SEEN, summary="Not seen.") for step in STEPS),
        findings=(finding("no-phone-seen", text, values={"mac": mac} if mac else None),),
    )
