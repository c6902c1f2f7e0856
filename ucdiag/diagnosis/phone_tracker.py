"""Who in a capture is a phone, and which observations are whose.

A phone is known by what it does: it asks for the A record of ``ucupdates*`` and is not itself a resolver that others
ask for it, it posts to ``ucdevice.upx``, or its DHCP messages carry one of the vendor classes of these phones
(``CPE-OCPhone`` in two spellings, so without regard to case, and ``MS-UC-Client``; Microsoft, "Configuring DHCP Options
to Enable Sign-in for IP Phones" and "Obtaining Values of DHCP Options by Using DHCPUtil.exe"). The manufacturer's part
of the MAC address is a hint at most: the same device was sold under several brands.

IP traffic is kept by IP address and by who had leased it then, DHCP by MAC address, and joined when a report is due: by
the lease, else by the frame's MAC address, unless that one carries several IP addresses in turn, which makes it a
router's: a phone may get another address, and then leaves the one it had. Phones behind address translation share an IP
address, and are told apart by what their requests say. All is bounded, oldest out first.
"""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field, replace
from functools import partial
from itertools import islice, pairwise
from sys import getsizeof
from typing import Any, TypeVar

from ucdiag.diagnosis.catalogue.entry import FIELDS
from ucdiag.diagnosis.engine import Engine
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import is_post_to_handler
from ucdiag.diagnosis.shared_address import SharedAddress, claimed_identity, claimed_name
from ucdiag.diagnosis.step_event import finding
from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Connect, Dhcp, Extent, Http, Lookup, Observation, Tls, Transfer, UpdateAnswer
from ucdiag.model.report import Identity, PhoneReport, Problem, StepResult, Verdict
from ucdiag.model.steps import STEPS, StepStatus, VerdictStatus
from ucdiag.model.text import listed
from ucdiag.model.vocabulary import Microseconds
from ucdiag.update_service.names import update_label

VENDOR_CLASSES = frozenset({"cpe-ocphone", "ms-uc-client"})

# Manufacturers' prefixes of such phones in public tables: Polycom's, and Snom's for the HP models. A hint only.
PREFIXES = frozenset({"00:04:f2", "64:16:7f", "48:25:67", "00:e0:db", "00:04:13"})

_HOSTS = 4096
_LOOKED_AT = 128  # hosts looked at to find one to forget: all of them, each time, would take minutes in a flood
_PER_STRANGER = 48
_PER_PHONE = 2000
_PER_PHONE_LEAST = 16  # where there are so many phones that they cannot have more: about one attempt
_PHONE = 3000  # bytes of one phone's report, measured
_FACT = 600  # bytes of one fact without the texts in it, measured
_TERMS = 16  # leases kept of one address, each to another host than the one before
_EVER = -1
_SAID = 256  # phones told apart behind one address
_MOVES = 4  # more IP addresses than these, one after the other, are no single phone's


@record(slots=True)
class _Host:
    """What is kept of one IP address, or of the DHCP messages of one MAC address."""

    # The latest ones. Not a deque: that takes as much for one observation as for sixty-four, and most hosts have few.
    kept: list[Observation] = field(default_factory=list)
    most: int = _PER_STRANGER
    macs: set[str] = field(default_factory=set)
    is_phone: bool = False
    # Whether it did more than ask DNS, which a resolver does too.
    did_more: bool = False
    # The MAC addresses or serial numbers that its update requests name.
    claimed_identities: dict[str, None] = field(default_factory=dict)

    def identities_behind_nat(self) -> list[str]:
        """The phones that spoke from here, where there are several."""
        # Serial numbers only where no MAC address is said: a phone may leave out one of the two now and then.
        macs = [who for who in self.claimed_identities if ":" in who]
        several = macs or list(self.claimed_identities)
        return several if len(several) > 1 else []

    def recognise(self, most: int) -> None:
        self.is_phone = True
        self.limit(most)

    def limit(self, most: int) -> None:
        self.most = most
        del self.kept[:-most]


@record(slots=True)
class _Group:
    """What one phone did: its MAC address, if known, its IP addresses, and what is kept of both."""

    mac: str | None
    ips: list[str] = field(default_factory=list)
    hosts: list[_Host] = field(default_factory=list)
    # Of hosts that several phones share, what is this one's.
    share: list[Observation] = field(default_factory=list)

    def add_ip(self, ip: str) -> None:
        """One more IP address, if it is not known."""
        if ip not in self.ips:
            self.ips.append(ip)

    def observations(self) -> Iterator[Observation]:
        for host in self.hosts:
            yield from host.kept
        yield from self.share


_TRAFFIC = (Lookup, Connect, Tls, Http, UpdateAnswer, Transfer)
_Key = TypeVar("_Key")
_Hosts = OrderedDict[Any, _Host]
# An IP address, and the MAC address of who had leased it, None before the first lease that was seen.
_Place = tuple[str, str | None]


@record(frozen=True, slots=True)
class Limits:
    """How much is kept of all hosts together."""

    room: int = 10 * 1024 * 1024  # bytes that all phones may take, about
    strangers: int = 12_000  # observations kept of hosts that have not yet done anything that a phone does


_LIMITS = Limits()


class PhoneTracker:
    """All hosts of a capture. ``macs`` names the phones to judge (empty: whoever behaves like one), ``everyone``
    judges every host that has a lease. ``routed`` tells whether packets of an IP address came through a router."""

    def __init__(
        self,
        setting: DiagnosisOptions,
        macs: Iterable[str] = (),
        everyone: bool = False,
        routed: Callable[[str], bool] = lambda ip: False,
        limits: Limits = _LIMITS,
    ) -> None:
        self._room, self._most_strangers = limits.room, limits.strangers
        self.setting = setting
        self._came_routed = routed
        self.macs = tuple(dict.fromkeys(macs))
        self.everyone = everyone
        self.dropped = 0
        self._by_ip: OrderedDict[_Place, _Host] = OrderedDict()
        self._by_mac: OrderedDict[str, _Host] = OrderedDict()
        # Of each IP address, to whom it was leased and from when on (microseconds), in the order of time.
        self._leases: OrderedDict[str, list[tuple[int, str]]] = OrderedDict()
        # Of each MAC address in a frame, when each IP address was first and last seen with it (microseconds).
        self._ips_of: OrderedDict[str, dict[str, list[int]]] = OrderedDict()
        # Who was asked for an update server and answered, and since when others were asked (microseconds).
        self._resolvers: OrderedDict[str, None] = OrderedDict()
        self._unheard: OrderedDict[str, int] = OrderedDict()
        self._strangers = 0
        self._per_phone = _PER_PHONE
        self._taken = 0  # of the room for phones' facts
        self._extent: Extent | None = None
        self._latest = 0

    def feed(self, observation: Observation) -> None:
        """One more fact of any host."""
        if observation.time > self._latest:
            self._latest = observation.time
        if isinstance(observation, Extent):
            self._extent = observation
        elif isinstance(observation, Dhcp):
            self._dhcp(observation)
        elif isinstance(observation, _TRAFFIC) and observation.client:
            self._traffic(observation, observation.client)

    def finish(
        self, at: Microseconds, final: bool = True, pending: Iterable[Observation] = ()
    ) -> tuple[PhoneReport, ...]:
        """A report for each phone, the first seen first. ``at`` is the time of the last packet.

        ``pending`` is what would be reported as well if the capture ended now. It makes nobody a phone.
        """
        return tuple(judge() for judge in self.judgements(at, final, pending))

    def judgements(
        self, at: Microseconds, final: bool = True, pending: Iterable[Observation] = ()
    ) -> Iterator[Callable[[], PhoneReport]]:
        """As ``finish``, but for each phone a function that makes its report, so that not all are made at once."""
        # A clock that was set back must not make it end before it was over.
        at = max(at, self._latest)
        unfinished = [seen for seen in pending if isinstance(seen, _TRAFFIC)]
        for group in self._phones():
            of_phone = [
                seen
                for seen in unfinished
                if not group.share and (seen.client in group.ips or (group.mac and seen.client_mac == group.mac))
            ]
            yield partial(self._judge, group, at, final, of_phone)

    def problems(self) -> tuple[Problem, ...]:
        """What the reader of the reports has to know."""
        problems = []
        nameless = [group for group in self._phones() if group.mac is None and group.ips and not group.share]
        routed = [group.ips[0] for group in nameless if self._routed(group)]
        if routed:
            text = (
                f"The MAC address in the frames of {', '.join(routed[:5])} is a router's, so the phone is known by its "
                "IP address only: capture in the phone's own VLAN to see its MAC address and its DHCP."
            )
            problems.append(Problem(code="behind-router", text=text))
        for ip, names in list(self._shared())[:5]:
            text = (
                f"{len(names)} phones spoke from {ip} ({listed(names[:5])}{', ...' if len(names) > 5 else ''}), as "
                "behind address translation, and are told apart by what their requests say: a connection that failed "
                "and does not say whose it was counts against each of them. Capture in the phones' own VLAN to be sure."
            )
            problems.append(Problem(code="several-phones", text=text))
        if self._extent is not None and self._extent.cut:
            count = self._extent.cut
            text = (
                f"The capture's snap length cut {count:,} packet{'s' * (count > 1)} that would have told more of the "
                "phones: capture again with whole packets (tcpdump -s 0)."
            )
            problems.append(Problem(code="packets-cut", text=text))
        if self.dropped:
            text = f"{self.dropped:,} facts of hosts were forgotten to keep memory bounded: name the phones with --mac."
            problems.append(Problem(code="forgotten", text=text))
        return tuple(problems)

    def hints(self) -> tuple[str, ...]:
        """MAC addresses that look like such phones' by their prefix and did nothing that a phone does."""
        known = {group.mac for group in self._phones()}
        seen = [*self._by_mac, *self._ips_of]
        return tuple(dict.fromkeys(mac for mac in seen if mac[:8] in PREFIXES and mac not in known))

    def _dhcp(self, message: Dhcp) -> None:
        if message.client is None:
            return
        host = self._host(self._by_mac, message.client)
        if (message.vendor_class or "").lower() in VENDOR_CLASSES or message.client in self.macs:
            self._recognise(host)
        self._keep(host, message)
        if message.type == "ack":
            ip = message.address or message.client_address
            if ip:
                self._leased(ip, message.client, message.time)

    def _leased(self, ip: str, mac: str, time: Microseconds) -> None:
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
                    self._by_ip[ip, mac] = before
                return
        at = bisect_right(terms, time, key=lambda term: term[0])
        if at and terms[at - 1][1] == mac:
            return
        terms.insert(at, (time, mac))
        if len(terms) > _TERMS:
            del terms[0]

    def _may_be(self, host: _Host, ip: str, mac: str) -> bool:
        """Whether nothing in its frames says that this host is another one than ``mac``."""
        return not host.macs or mac in host.macs or self._came_routed(ip) or any(map(self._is_router, host.macs))

    def _tenant(self, ip: str, seen: Lookup | Connect | Tls | Http | UpdateAnswer | Transfer) -> str | None:
        """Who had leased the address when that happened."""
        terms = self._leases.get(ip)
        if not terms:
            return None
        if len(terms) == 1 and terms[0][0] == _EVER:
            return terms[0][1]
        if seen.client_mac is not None and any(seen.client_mac == mac for _, mac in terms):
            return seen.client_mac
        at = bisect_right(terms, seen.time, key=lambda term: term[0])
        return terms[at - 1][1] if at else None

    def _traffic(self, seen: Lookup | Connect | Tls | Http | UpdateAnswer | Transfer, ip: str) -> None:
        host = self._host(self._by_ip, (ip, self._tenant(ip, seen)))
        if seen.client_mac is not None and (seen.client_mac in host.macs or len(host.macs) < 4):
            host.macs.add(seen.client_mac)
            self._carried(seen.client_mac, ip, seen.time)
        if isinstance(seen, Lookup):
            if seen.type == "A" and update_label(seen.name) is not None:
                self._recognise(host)
                if seen.rcode is not None and seen.server and seen.server not in self._resolvers:
                    self._resolvers[seen.server] = None
                    if len(self._resolvers) > _HOSTS:
                        self._resolvers.popitem(last=False)
                elif seen.rcode is None and seen.server:
                    self._unheard[seen.server] = min(seen.time, self._unheard.get(seen.server, seen.time))
                    if len(self._unheard) > _HOSTS:
                        self._unheard.popitem(last=False)
        elif isinstance(seen, Http):
            if is_post_to_handler(seen):
                self._recognise(host)
                host.did_more = True
                who = claimed_name(seen)
                if who is not None and len(host.claimed_identities) < _SAID:
                    host.claimed_identities[who] = None
        elif isinstance(seen, UpdateAnswer):
            self._recognise(host)
            host.did_more = True
        self._keep(host, seen)

    def _carried(self, mac: str, ip: str, time: Microseconds) -> None:
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

    def _recognise(self, host: _Host) -> None:
        if not host.is_phone:
            self._strangers -= len(host.kept)
            self.dropped += max(0, len(host.kept) - self._per_phone)
            host.recognise(self._per_phone)
            self._taken += _PHONE + sum(map(_size, host.kept))

    def _host(self, hosts: OrderedDict[_Key, _Host], key: _Key) -> _Host:
        host = hosts.get(key)
        if host is None:
            host = hosts[key] = _Host()
            if len(hosts) > _HOSTS:
                self._forget(hosts)
        else:
            hosts.move_to_end(key)
        return host

    def _forget(self, hosts: _Hosts) -> None:
        """The host that was quiet longest goes; phones only when there is nobody else among the quietest."""
        quietest = islice(hosts.items(), _LOOKED_AT)
        oldest = next((key for key, host in quietest if not host.is_phone), next(iter(hosts)))
        host = hosts.pop(oldest)
        self.dropped += len(host.kept)
        if host.is_phone:
            self._taken -= _PHONE + sum(map(_size, host.kept))
        else:
            self._strangers -= len(host.kept)

    def _keep(self, host: _Host, observation: Observation) -> None:
        full = len(host.kept) >= host.most
        if full:
            if host.is_phone:
                self.dropped += 1
                self._taken -= _size(host.kept[0])
            del host.kept[0]
        if host.is_phone:
            host.kept.append(observation)
            self._taken += _size(observation)
            if self._taken > self._room:
                self._make_room()
            return
        host.kept.append(observation)
        if not full:
            self._strangers += 1
            while self._strangers > self._most_strangers:
                # Where the quietest host is a stranger, so that no phone goes for strangers that the other table keeps.
                tables: tuple[_Hosts, ...] = (self._by_ip, self._by_mac)
                quiet = [hosts for hosts in tables if hosts and not next(iter(hosts.values())).is_phone]
                self._forget(max(quiet or tables, key=len))

    def _make_room(self) -> None:
        """Keeps less of each phone, the oldest goes first; where that is not enough, the quietest phones go."""
        tables: tuple[_Hosts, ...] = (self._by_ip, self._by_mac)
        while self._taken > self._room * 3 // 4 and self._per_phone > _PER_PHONE_LEAST:
            self._per_phone = max(self._per_phone // 2, _PER_PHONE_LEAST)
            for host in (host for hosts in tables for host in hosts.values() if host.is_phone):
                gone = len(host.kept) - self._per_phone
                if gone > 0:
                    self.dropped += gone
                    self._taken -= sum(map(_size, islice(host.kept, gone)))
                host.limit(self._per_phone)
        while self._taken > self._room * 3 // 4 and any(tables):
            self._forget(max(tables, key=len))

    def _owner(self, place: _Place, host: _Host) -> str | None:
        """The MAC address behind an IP address, None where the frames only show a router's."""
        ip, tenant = place
        if tenant is not None:
            return tenant
        if self._came_routed(ip):
            return None
        macs = [mac for mac in host.macs if not self._is_router(mac)]
        return macs[0] if len(macs) == 1 else None

    def _is_router(self, mac: str) -> bool:
        """Whether a MAC address is a router's, by the IP addresses that its frames carry."""
        spans = sorted(self._ips_of.get(mac, {}).values())
        if len(spans) > _MOVES or any(after[0] <= before[1] for before, after in pairwise(spans)):
            return True
        hosts = (self._by_ip.get((ip, None)) for ip in self._ips_of.get(mac, ()))
        identities = {name for host in hosts if host is not None for name in host.claimed_identities}
        return len(spans) > 1 and len(identities) > 1

    def _shared(self) -> Iterator[tuple[str, list[str]]]:
        """The IP addresses from which several phones spoke, and which."""
        for (ip, _), host in self._by_ip.items():
            if identities_behind_nat := host.identities_behind_nat():
                yield ip, identities_behind_nat

    def _routed(self, group: _Group) -> bool:
        return any(map(self._came_routed, group.ips)) or any(
            self._is_router(mac) for host in group.hosts for mac in host.macs
        )

    def _only_resolves(self, ip: str, host: _Host) -> bool:
        """Whether this host, which did no more than ask DNS, asked for others: it answered them, or it asked for
        nothing before it was asked, as a resolver that waits for another one in vain."""
        if ip in self._resolvers:
            return True
        asked = self._unheard.get(ip)
        return asked is not None and all(
            seen.time > asked for seen in host.kept if isinstance(seen, Lookup) and update_label(seen.name) is not None
        )

    def _phones(self) -> Iterator[_Group]:
        """Each phone with what is kept of it."""
        groups = self._groups()
        self._add_leased_addresses(groups)
        phones = sorted(groups.values(), key=_first_seen)
        if not self.macs:
            yield from phones
            return
        for mac in self.macs:
            yield next((group for group in phones if group.mac == mac), _Group(mac))

    def _groups(self) -> dict[str, _Group]:
        """The phones, by MAC address, or by what else is known of them."""
        owned = [
            (self._owner(place, host), place[0], host, self._acts_as_phone(place[0], host))
            for place, host in self._by_ip.items()
        ]
        wanted = self._wanted_macs()
        wanted.update(mac for mac, _, _, is_phone in owned if mac is not None and is_phone)
        groups = {mac: _Group(mac, hosts=[host]) for mac, host in self._by_mac.items() if mac in wanted}
        for owner, ip, host, is_phone in owned:
            identities = host.identities_behind_nat()
            if identities:
                for name, share in SharedAddress(identities, host.kept).shares.items():
                    group = groups.setdefault(name, _Group(name if ":" in name else None))
                    group.share += share
                    group.add_ip(ip)
            elif is_phone or owner in wanted:
                group = groups.setdefault(owner or ip, _Group(owner))
                group.hosts.append(host)
                group.add_ip(ip)
        return groups

    def _acts_as_phone(self, ip: str, host: _Host) -> bool:
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

    def _judge(self, group: _Group, at: Microseconds, final: bool, pending: Iterable[Observation] = ()) -> PhoneReport:
        mac, ips = group.mac, group.ips
        observations = [*group.observations(), *pending]
        if not observations:
            return _unseen(mac)
        claimed = claimed_identity(observations)
        last = max((seen for seen in observations if getattr(seen, "client", None) in ips), key=_time, default=None)
        leases = [seen for seen in observations if isinstance(seen, Dhcp) and seen.type == "ack" and seen.address]
        ip = getattr(last, "client", None) or (leases[-1].address if leases else (ips[-1] if ips else None))
        identity = Identity(
            mac=mac or claimed.get("mac"),
            ip=ip,
            serial=claimed.get("serial"),
            vendor=claimed.get("vendor"),
            model=claimed.get("model"),
            firmware=claimed.get("firmware"),
        )
        engine = Engine(self.setting, identity)
        for seen in observations:
            engine.feed(seen)
        if self._extent is not None:
            engine.feed(self._extent)
        return _named(engine.finish(at, final))


def _size(observation: Observation) -> int:
    """About how many bytes a fact takes."""
    if isinstance(observation, Http):
        return _FACT + getsizeof(observation.request_text) + getsizeof(observation.answer_text)
    if isinstance(observation, UpdateAnswer):
        return _FACT * (1 + len(observation.files)) + getsizeof(observation.excerpt)
    if isinstance(observation, Lookup):
        return _FACT + 80 * (len(observation.addresses) + len(observation.aliases) + len(observation.records))
    return _FACT


def _first_seen(group: _Group) -> tuple[int, str]:
    return min((seen.time for seen in group.observations()), default=0), group.mac or ""


def _time(observation: Observation) -> Microseconds:
    return observation.time


def _named(report: PhoneReport) -> PhoneReport:
    """With the phone's MAC address in each command, also of findings whose makers do not know it."""
    mac, unknown = report.phone.mac, FIELDS["mac"]
    if mac is None or not any(unknown in line for each in report.findings for line in each.fix.commands):
        return report
    findings = [
        replace(each, fix=replace(each.fix, commands=tuple(line.replace(unknown, mac) for line in each.fix.commands)))
        for each in report.findings
    ]
    return replace(report, findings=tuple(findings))


def _unseen(mac: str | None) -> PhoneReport:
    """A phone that was named and never seen."""
    text = f"Nothing of {mac} is in the capture." if mac else "Nothing in the capture looks like such a phone."
    return PhoneReport(
        phone=Identity(mac=mac),
        verdict=Verdict(status=VerdictStatus.UNKNOWN, code="no-phone-seen", summary=text),
        steps=tuple(StepResult(step=step, status=StepStatus.NOT_SEEN, summary="Not seen.") for step in STEPS),
        findings=(finding("no-phone-seen", text, values={"mac": mac} if mac else None),),
    )
