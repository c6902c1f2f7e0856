"""Who in a capture is a phone, and which observations are whose.

A phone is known by what it does: it asks for ``ucupdates*``, it posts to ``ucdevice.upx``, or its DHCP messages carry
one of the vendor classes of these phones (``CPE-OCPhone`` in two spellings, so without regard to case, and
``MS-UC-Client``; Microsoft, "Configuring DHCP Options to Enable Sign-in for IP Phones" and "Obtaining Values of DHCP
Options by Using DHCPUtil.exe"). The manufacturer's part of the MAC address is a hint at most: the same device was
sold under several brands.

IP traffic is kept by IP address, DHCP by MAC address, and joined when a report is due: by the lease, else by the
frame's MAC address, unless that one carries several IP addresses, which makes it a router's. All is bounded, oldest
out first.
"""

import re
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from ucdiag.engine.engine import Engine
from ucdiag.engine.event import finding
from ucdiag.engine.setting import Setting
from ucdiag.engine.words import HANDLER, target_path, update_label
from ucdiag.model.observations import Connect, Dhcp, Extent, Http, Lookup, Observation, Tls, Transfer, UpdateAnswer
from ucdiag.model.phone import parse_mac
from ucdiag.model.report import Identity, PhoneReport, Problem, StepResult, Verdict
from ucdiag.model.steps import STEPS, StepStatus, VerdictStatus

VENDOR_CLASSES = frozenset({"cpe-ocphone", "ms-uc-client"})

# Manufacturers' prefixes of such phones in public tables: Polycom's, and Snom's for the HP models. A hint only.
PREFIXES = frozenset({"00:04:f2", "64:16:7f", "48:25:67", "00:e0:db", "00:04:13"})

_HOSTS = 4096
_LOOKED_AT = 128  # hosts looked at to find one to forget: all of them, each time, would take minutes in a flood
_PER_STRANGER = 48
_PER_PHONE = 2000
_STRANGERS = 12_000  # observations kept of hosts that have not yet done anything that a phone does

_FIELDS = {
    "serial": re.compile(r"serial\w*[\"']?\s*(?:=\s*[\"']|>)\s*([A-Za-z0-9_-]{1,64})", re.IGNORECASE),
    "mac": re.compile(r"mac\w*[\"']?\s*(?:=\s*[\"']|>)\s*([0-9A-Fa-f:.\- ]{12,17})", re.IGNORECASE),
    "vendor": re.compile(r"vendor\w*[\"']?\s*(?:=\s*[\"']|>)\s*([^\"'<>&]{1,64})", re.IGNORECASE),
    "model": re.compile(r"model\w*[\"']?\s*(?:=\s*[\"']|>)\s*([^\"'<>&]{1,64})", re.IGNORECASE),
    "firmware": re.compile(r"version\w*[\"']?\s*(?:=\s*[\"']|>)\s*(\d+(?:\.\d+){2,3})", re.IGNORECASE),
}


@dataclass(slots=True)
class _Host:
    """What is kept of one IP address, or of the DHCP messages of one MAC address."""

    kept: deque[Observation] = field(default_factory=lambda: deque(maxlen=_PER_STRANGER))
    macs: set[str] = field(default_factory=set)
    is_phone: bool = False

    def recognise(self) -> None:
        self.is_phone = True
        self.kept = deque(self.kept, maxlen=_PER_PHONE)


class Fleet:
    """All hosts of a capture. ``macs`` names the phones to judge (empty: whoever behaves like one), ``everyone``
    judges every host that has a lease. ``routed`` tells whether packets of an IP address came through a router."""

    def __init__(
        self,
        setting: Setting,
        macs: Iterable[str] = (),
        everyone: bool = False,
        routed: Callable[[str], bool] = lambda ip: False,
    ) -> None:
        self.setting = setting
        self._came_routed = routed
        self.macs = tuple(dict.fromkeys(macs))
        self.everyone = everyone
        self.dropped = 0
        self._by_ip: OrderedDict[str, _Host] = OrderedDict()
        self._by_mac: OrderedDict[str, _Host] = OrderedDict()
        self._leases: OrderedDict[str, str] = OrderedDict()
        self._ips_of: OrderedDict[str, set[str]] = OrderedDict()
        self._strangers = 0
        self._extent: Extent | None = None

    def feed(self, observation: Observation) -> None:
        """One more fact of any host."""
        if isinstance(observation, Extent):
            self._extent = observation
        elif isinstance(observation, Dhcp):
            self._dhcp(observation)
        elif isinstance(observation, Lookup | Connect | Tls | Http | UpdateAnswer | Transfer) and observation.client:
            self._traffic(observation, observation.client)

    def finish(self, at: int, final: bool = True) -> tuple[PhoneReport, ...]:
        """A report for each phone, the first seen first. ``at`` is the time of the last packet."""
        reports = []
        for mac, ips in self._phones():
            reports.append(self._judge(mac, ips, at, final))
        return tuple(reports)

    def problems(self) -> tuple[Problem, ...]:
        """What the reader of the reports has to know."""
        found = []
        routed = [ips[0] for mac, ips in self._phones() if mac is None and ips and self._routed(ips[0])]
        if routed:
            text = (
                f"The MAC address in the frames of {', '.join(routed[:5])} is a router's, so the phone is known by its "
                "IP address only: capture in the phone's own VLAN to see its MAC address and its DHCP."
            )
            found.append(Problem(code="behind-router", text=text))
        if self._extent is not None and self._extent.cut:
            count = self._extent.cut
            text = (
                f"The capture's snap length cut {count:,} packet{'s' * (count > 1)} that would have told more of the "
                "phones: capture again with whole packets (tcpdump -s 0)."
            )
            found.append(Problem(code="packets-cut", text=text))
        if self.dropped:
            text = f"{self.dropped:,} facts of hosts were forgotten to keep memory bounded: name the phones with --mac."
            found.append(Problem(code="forgotten", text=text))
        return tuple(found)

    def hints(self) -> tuple[str, ...]:
        """MAC addresses that look like such phones' by their prefix and did nothing that a phone does."""
        known = {mac for mac, _ in self._phones()}
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
                self._leases[ip] = message.client
                self._leases.move_to_end(ip)
                if len(self._leases) > _HOSTS:
                    self._leases.popitem(last=False)

    def _traffic(self, seen: Lookup | Connect | Tls | Http | UpdateAnswer | Transfer, ip: str) -> None:
        host = self._host(self._by_ip, ip)
        if seen.client_mac is not None and seen.client_mac not in host.macs and len(host.macs) < 4:
            host.macs.add(seen.client_mac)
            ips = self._ips_of.setdefault(seen.client_mac, set())
            if len(ips) < 8:
                ips.add(ip)
            if len(self._ips_of) > _HOSTS:
                self._ips_of.popitem(last=False)
        if isinstance(seen, Lookup):
            if update_label(seen.name) is not None:
                self._recognise(host)
        elif isinstance(seen, Http):
            if seen.method == "POST" and target_path(seen.target).lower().endswith(HANDLER):
                self._recognise(host)
        elif isinstance(seen, UpdateAnswer):
            self._recognise(host)
        self._keep(host, seen)

    def _recognise(self, host: _Host) -> None:
        if not host.is_phone:
            self._strangers -= len(host.kept)
            host.recognise()

    def _host(self, hosts: OrderedDict[str, _Host], key: str) -> _Host:
        host = hosts.get(key)
        if host is None:
            host = hosts[key] = _Host()
            if len(hosts) > _HOSTS:
                self._forget(hosts)
        else:
            hosts.move_to_end(key)
        return host

    def _forget(self, hosts: OrderedDict[str, _Host]) -> None:
        """The host that was quiet longest goes; phones only when there is nobody else among the quietest."""
        quietest = islice(hosts.items(), _LOOKED_AT)
        oldest = next((key for key, host in quietest if not host.is_phone), next(iter(hosts)))
        host = hosts.pop(oldest)
        self.dropped += len(host.kept)
        if not host.is_phone:
            self._strangers -= len(host.kept)

    def _keep(self, host: _Host, observation: Observation) -> None:
        full = len(host.kept) == host.kept.maxlen
        host.kept.append(observation)
        if full:
            self.dropped += host.is_phone
        elif not host.is_phone:
            self._strangers += 1
            while self._strangers > _STRANGERS:
                # Where the quietest host is a stranger, so that no phone goes for strangers that the other table keeps.
                tables = (self._by_ip, self._by_mac)
                quiet = [hosts for hosts in tables if hosts and not next(iter(hosts.values())).is_phone]
                self._forget(max(quiet or tables, key=len))

    def _owner(self, ip: str) -> str | None:
        """The MAC address behind an IP address, None where the frames only show a router's."""
        leased = self._leases.get(ip)
        if leased is not None:
            return leased
        host = self._by_ip.get(ip)
        if self._came_routed(ip):
            return None
        macs = [mac for mac in (host.macs if host else ()) if len(self._ips_of.get(mac, ())) == 1]
        return macs[0] if len(macs) == 1 else None

    def _routed(self, ip: str) -> bool:
        host = self._by_ip.get(ip)
        return self._came_routed(ip) or (
            host is not None and any(len(self._ips_of.get(mac, ())) > 1 for mac in host.macs)
        )

    def _phones(self) -> Iterator[tuple[str | None, list[str]]]:
        """Each phone as its MAC address, if known, and its IP addresses."""
        groups: dict[str, tuple[str | None, list[str]]] = {}
        for ip, host in self._by_ip.items():
            mac = self._owner(ip)
            if host.is_phone or (mac is not None and self._wanted(mac)):
                groups.setdefault(mac or ip, (mac, []))[1].append(ip)
        for mac, host in self._by_mac.items():
            if host.is_phone or self._wanted(mac):
                groups.setdefault(mac, (mac, []))
        for ip, owner in self._leases.items():
            group = groups.get(owner)
            if group is not None and ip not in group[1]:
                group[1].append(ip)
        found = sorted(groups.values(), key=self._first_seen)
        if not self.macs:
            yield from found
            return
        for mac in self.macs:
            yield next((group for group in found if group[0] == mac), (mac, []))

    def _wanted(self, mac: str) -> bool:
        if mac in self.macs:
            return True
        return self.everyone and (mac in self._leases.values())

    def _first_seen(self, group: tuple[str | None, list[str]]) -> tuple[int, str]:
        times = [each.time for each in self._of(*group)]
        return min(times, default=0), group[0] or ""

    def _of(self, mac: str | None, ips: list[str]) -> Iterator[Observation]:
        host = self._by_mac.get(mac) if mac is not None else None
        if host is not None:
            yield from host.kept
        for ip in ips:
            other = self._by_ip.get(ip)
            if other is not None:
                yield from other.kept

    def _judge(self, mac: str | None, ips: list[str], at: int, final: bool) -> PhoneReport:
        observations = list(self._of(mac, ips))
        if not observations:
            return _unseen(mac)
        said = _identity_said(observations)
        last = max((each for each in observations if getattr(each, "client", None) in ips), key=_time, default=None)
        leases = [each for each in observations if isinstance(each, Dhcp) and each.type == "ack" and each.address]
        ip = getattr(last, "client", None) or (leases[-1].address if leases else (ips[-1] if ips else None))
        identity = Identity(
            mac=mac or said.get("mac"),
            ip=ip,
            serial=said.get("serial"),
            vendor=said.get("vendor"),
            model=said.get("model"),
            firmware=said.get("firmware"),
        )
        engine = Engine(self.setting, identity)
        for each in observations:
            engine.feed(each)
        if self._extent is not None:
            engine.feed(self._extent)
        return engine.finish(at, final)


def _time(observation: Observation) -> int:
    return observation.time


def _identity_said(observations: list[Observation]) -> dict[str, str]:
    """What the phone says of itself in its last update request; how it spells the fields is published nowhere."""
    for each in reversed(observations):
        if isinstance(each, Http) and each.request_text and target_path(each.target).lower().endswith(HANDLER):
            found = {
                name: match[1].strip() for name, field in _FIELDS.items() if (match := field.search(each.request_text))
            }
            try:
                if "mac" in found:
                    found["mac"] = parse_mac(found["mac"])
            except ValueError:
                del found["mac"]
            return found
    return {}


def _unseen(mac: str | None) -> PhoneReport:
    """A phone that was named and never seen."""
    text = f"Nothing of {mac} is in the capture." if mac else "Nothing in the capture looks like such a phone."
    return PhoneReport(
        phone=Identity(mac=mac),
        verdict=Verdict(status=VerdictStatus.UNKNOWN, code="no-phone-seen", summary=text),
        steps=tuple(StepResult(step=step, status=StepStatus.NOT_SEEN, summary="Not seen.") for step in STEPS),
        findings=(finding("no-phone-seen", text),),
    )
