"""Step 2, one lookup: the event for the answer to a query of the update server's name. The first rule that applies.

No answer, REFUSED, SERVFAIL, NXDOMAIN and "no such record" stay distinct to the end.
"""

from collections.abc import Callable
from typing import NamedTuple

from ucdiag.diagnosis.catalogue.entry import Values
from ucdiag.diagnosis.host_flaws import host_flaw
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import lookup_said
from ucdiag.diagnosis.step_event import Event, StepEventBuilder
from ucdiag.diagnosis.unseen_answers import is_proved, unseen_answer_text
from ucdiag.diagnosis.update_lookups import (
    DNS_PORT,
    answer_lost_text,
    answer_source,
    lookup_evidence,
    nameserver_options,
    nameserver_text,
)
from ucdiag.model.observations import Lookup
from ucdiag.model.steps import Step
from ucdiag.model.text import first_listed, listed
from ucdiag.model.urls import is_public
from ucdiag.model.vocabulary import FindingCode
from ucdiag.update_service.names import R2_LABEL, domain_flaw, domain_part, plain_name, same_name, update_label

# Not faults, but asking the client to ask once more with what the answer brings (RFC 7873, RFC 6891).
_ONCE_MORE = ("BADCOOKIE", "BADVERS")
_MOST_NAMED = 8  # addresses that a sentence names; more than most sites have
# Under country codes, what others register their zones in, has names as short as this (co.uk, com.au, ltd.uk).
_LONGEST_SECOND_LEVEL = 3
_LONGEST_CHAIN = 16  # aliases; resolvers stop there or earlier


class LookupCase:
    """One lookup with all that its judgement depends on.

    ``legacy`` are the lookups of the older name in the same domain, ``sip`` those in the SIP domain, ``leased`` the
    domain of the phone's lease, ``over_tcp`` whether the phone tried to ask that server over TCP later, ``rival`` the
    DHCP server that gave the domain which was asked in, where another server gave another domain, ``flaws`` why no
    host has an address of the subnet (``subnet_flaws``).
    """

    def __init__(
        self,
        lookup: Lookup,
        setting: DiagnosisOptions,
        legacy: list[Lookup] | None = None,
        sip: list[Lookup] | None = None,
        *,
        leased: str | None = None,
        over_tcp: bool = False,
        rival: str | None = None,
        flaws: dict[str, str] | None = None,
    ) -> None:
        self.lookup = lookup
        self.setting = setting
        self.leased = leased
        self.over_tcp = over_tcp
        self.rival = rival
        self.flaws = flaws or {}
        self.label = update_label(lookup.name)
        self.server = nameserver_text(lookup)
        #: The name as the sentences show it, and who was asked.
        self.name = lookup.name if "." in lookup.name.rstrip(".") else f"the bare name {lookup.name}"
        self.by = f" (asked {self.server})" if lookup.server else ""
        if lookup.assumed:
            self.by = " (assumed, nobody was asked)"
        self.rcode = lookup.rcode
        self.legacy_found = [other for other in legacy or () if other.addresses]
        self.legacy_missing = [
            other for other in legacy or () if other.rcode == "NXDOMAIN" and not same_name(other.name, lookup.name)
        ]
        self.sip_found = [other for other in sip or () if update_label(other.name) == R2_LABEL and other.addresses]

    def advice_values(self) -> Values:
        """The values of the placeholders of the catalogue's advice."""
        values: dict[str, str | None] = {
            "name": self.lookup.name,
            "nameserver": self.lookup.server,
            "nameservers": nameserver_options([self.lookup]),
            "label": self.label or (self.lookup.name.partition(".")[0] if self._named_server() else R2_LABEL),
            "dns_port": str(self.lookup.server_port or DNS_PORT),
        }
        domain = self._advised_domain()
        if domain:
            values["domain"] = domain
        if self.rival:
            values["dhcp_server"] = self.rival
        if self.is_below_server():
            values["domain"] = domain_part(domain)
        zone = self._zone()
        if zone is not None:
            values |= {"zone": zone, "record": plain_name(self.lookup.name).removesuffix(f".{zone}")}
        values["variant"] = self._variant()
        if self.setting.sip_domain:
            values["sip_domain"] = self.setting.sip_domain
        return values

    def _variant(self) -> str | None:
        """Of the advice; None is the usual one."""
        if self.rcode is None and self.lookup.failure == "unreachable" and not self.lookup.truncated:
            return way_advice(self.lookup.reason)
        if is_cut_short(self.lookup) and not self.over_tcp:
            return "truncated"
        if self.is_below_server():
            return "domain-is-server"
        if self.rival:
            return "domains-differ"
        if self.rcode == "NXDOMAIN" and self.lookup.server and is_public(self.lookup.server):
            return "public-resolver"
        zone = self._zone()
        return "zone-above" if zone is not None and zone != domain_part(self.lookup.name) else None

    def _zone(self) -> str | None:
        """The zone in which the record would have to be, by the answer; None where it does not say so."""
        zone = plain_name(self.lookup.zone or "")
        if self.lookup.aliases or self.is_below_server() or _is_registry(zone):
            return None
        return zone if f".{domain_part(self.lookup.name)}".endswith(f".{zone}") else None

    def is_below_server(self) -> bool:
        """Whether the domain that was asked in is itself the update server's name."""
        above = domain_part(self.lookup.name)
        return self.label is not None and update_label(above) is not None and "." in above

    def _named_server(self) -> bool:
        """Whether this is a server's own name, which the user gave."""
        return self.label is None and bool(domain_part(self.lookup.name))

    def _advised_domain(self) -> str:
        named = self.label is not None or self._named_server()
        domain = domain_part(self.lookup.name) if named else (self.setting.domain or "")
        if not domain and self.leased and domain_flaw(self.leased) is None:
            return plain_name(self.leased)
        return domain


def _is_registry(zone: str) -> bool:
    """Whether a zone is the root, or one in which others register theirs: theirs does not exist."""
    first, _, rest = zone.rpartition(".")
    return not first or ("." not in first and len(first) <= _LONGEST_SECOND_LEVEL and len(rest) == 2)


def way_advice(reason: str | None) -> str | None:
    """The variant of the advice for a question that came back, or could not be sent for want of ARP."""
    if reason is None or "prohibited" in reason or "policy" in reason:
        return None  # the usual one: a filter
    return "not-listening" if "port unreachable" in reason else "no-way"


def judge_lookup(case: LookupCase) -> Event:
    """The event of one lookup."""
    lookup = case.lookup
    event = StepEventBuilder(
        step=Step.DNS,
        time=lookup.time,
        seconds=lookup.seconds,
        evidence=(lookup_evidence(lookup),),
        values=case.advice_values(),
    )
    if is_proved(lookup):
        return event.ok(unseen_answer_text(lookup))
    for rule in _RULES:
        if rule.applies(case):
            text, address = rule.sentence(case), rule.address(case)
            event = event.with_evidence(*map(lookup_evidence, rule.others(case)))
            event = event.with_values(address=address) if address else event
            if rule.code == "capture-gap":
                return event.unknown(text, rule.code)
            return event.failed(rule.code, text, expected=lookup.rcode in _ONCE_MORE)
    chain = f" through {listed(lookup.aliases)}" if lookup.aliases else ""
    ttl = f", TTL {lookup.ttl} s" if lookup.ttl is not None else ""
    return event.ok(f"{case.name} resolves to {first_listed(lookup.addresses, _MOST_NAMED)}{chain}{case.by}{ttl}")


def _cut_short_text(case: LookupCase) -> str:
    """The clause that the answer over UDP was truncated, and TCP gave none."""
    lookup = case.lookup
    if lookup.failure == "malformed" and lookup.reason:
        return f"{case.server} answered for {case.name}, and {lookup.reason}"
    port = f"TCP port {lookup.server_port or DNS_PORT}"
    closed = f"its {port} cannot be reached: {lookup.reason}" if lookup.reason else f"its {port} is closed"
    over_tcp = {"unreachable": closed, "malformed": f"what its {port} says is not DNS"}
    outcome = over_tcp.get(lookup.failure or "", f"its {port} gives no answer")
    return f"{case.server} answered over UDP, cut short (truncated), for {case.name}, and {outcome}"


def _silence_text(case: LookupCase) -> str:
    silence = lookup_said(case.lookup)
    why = "" if silence == "no answer" else f": {silence}"
    return f"{case.server} did not answer for {case.name}{why}"


def _missing_text(case: LookupCase) -> str:
    also = f", nor does {' or '.join(dict.fromkeys(other.name for other in case.legacy_missing))}"
    return f"{case.name} does not exist{also if case.legacy_missing else ''}{case.by}"


def is_cut_short(lookup: Lookup) -> bool:
    """Whether the server's answer has no address because it is truncated: who asked has to ask again over TCP."""
    return lookup.rcode == "NOERROR" and lookup.truncated and not (lookup.snapped or lookup.addresses)


def _undecided_text(case: LookupCase) -> str:
    if not case.over_tcp:
        return (
            f"{case.server} answered for {case.name} over UDP with a truncated answer (TC) without an address, and no "
            "question over TCP, which has to follow, is in the capture"
        )
    return (
        f"the answer of {case.server} for {case.name} is cut short (by the server, or by the capture's snap length), "
        "and no answer to the question over TCP that has to follow was seen"
    )


def _no_record_text(case: LookupCase) -> str:
    aliases = case.lookup.aliases
    if aliases and case.lookup.zone is None:
        return f"{case.name} is an alias of {aliases[-1]}, and the answer has no address of that{case.by}"
    through = f", an alias of {aliases[-1]}," if aliases else ""
    return f"{case.name}{through} exists without an A record{case.by}"


def _bad_address(case: LookupCase) -> str:
    """The first address that no host has, or ``""``."""
    return next((address for address in case.lookup.addresses if host_flaw(address, case.flaws)), "")


def _bad_address_text(case: LookupCase) -> str:
    addresses, address = case.lookup.addresses, _bad_address(case)
    flaw = host_flaw(address, case.flaws)
    which = f", of which {address} is no host's: {flaw}" if len(addresses) > 1 else f", and {flaw}"
    return f"{case.name} resolves to {first_listed(addresses, _MOST_NAMED)}{which}{case.by}"


def _endless_aliases(lookup: Lookup) -> str | None:
    """The clause for a chain of aliases without an end; "" if it ends."""
    names = [name.lower() for name in (lookup.name, *lookup.aliases)]
    if len(names) == 2 and names[0] == names[1]:
        return "is an alias of itself (a loop)"
    if names[-1] in names[:-1]:
        return f"is an alias that leads in a loop ({', '.join(lookup.aliases)})"
    if len(lookup.aliases) >= _LONGEST_CHAIN:
        return f"begins too long a chain of aliases ({_LONGEST_CHAIN} and more), which no resolver follows to its end"
    return None


class _Rule(NamedTuple):
    applies: Callable[[LookupCase], object]
    #: capture-gap: the step cannot be judged.
    code: FindingCode
    sentence: Callable[[LookupCase], str]
    #: Other lookups that are evidence too.
    others: Callable[[LookupCase], list[Lookup]] = lambda case: []
    #: The address that the advice is about.
    address: Callable[[LookupCase], str] = lambda case: ""


_RULES: tuple[_Rule, ...] = (
    _Rule(lambda case: case.lookup.failure == "lost", "capture-gap", lambda case: answer_lost_text(case.lookup)),
    _Rule(
        lambda case: case.lookup.failure == "elsewhere",
        "dns-answer-from-elsewhere",
        lambda case: (
            f"{case.server} was asked for {case.name}, and the answer came from {answer_source(case.lookup)}, "
            "which a resolver drops"
        ),
    ),
    _Rule(lambda case: case.rcode is None and case.lookup.truncated, "dns-no-answer", _cut_short_text),
    _Rule(
        lambda case: case.rcode is None and case.lookup.failure == "malformed",
        "dns-no-answer",
        lambda case: f"{case.server} answered for {case.name} with a message that cannot be read as DNS",
    ),
    _Rule(lambda case: case.rcode is None, "dns-no-answer", _silence_text),
    _Rule(
        lambda case: case.rcode == "REFUSED",
        "dns-refused",
        lambda case: f"{case.server} refused to answer for {case.name}",
    ),
    _Rule(
        lambda case: case.rcode == "NXDOMAIN" and case.lookup.aliases,
        "dns-no-address",
        lambda case: f"{case.name} is an alias of {case.lookup.aliases[-1]}, which does not exist{case.by}",
    ),
    _Rule(
        lambda case: case.rcode == "NXDOMAIN" and case.label is None,
        "dns-no-address",
        lambda case: f"{case.name} does not exist{case.by}",
    ),
    _Rule(
        lambda case: case.rcode == "NXDOMAIN" and case.is_below_server(),
        "dns-r2-missing",
        lambda case: (
            f"{case.name} does not exist{case.by}: the DHCP domain, {domain_part(case.lookup.name)}, is itself the "
            "name of an update server"
        ),
    ),
    _Rule(
        lambda case: case.rcode == "NXDOMAIN" and case.label == R2_LABEL and case.legacy_found,
        "dns-legacy-only",
        lambda case: f"{case.name} does not exist, the older {case.legacy_found[0].name} does{case.by}",
        others=lambda case: case.legacy_found[:1],
        address=lambda case: case.legacy_found[0].addresses[0],
    ),
    _Rule(
        lambda case: case.rcode == "NXDOMAIN" and case.sip_found,
        "dns-sip-domain-only",
        lambda case: (
            f"{case.name} does not exist; {case.sip_found[0].name} does, but a phone asks in its DHCP domain{case.by}"
        ),
        others=lambda case: case.sip_found[:1],
        address=lambda case: case.sip_found[0].addresses[0],
    ),
    _Rule(
        lambda case: case.rcode == "NXDOMAIN",
        "dns-r2-missing",
        _missing_text,
        others=lambda case: case.legacy_missing[:2],
    ),
    _Rule(
        lambda case: case.rcode != "NOERROR",
        "dns-server-failure",
        lambda case: f"{case.server} answered {case.rcode} for {case.name}",
    ),
    _Rule(
        lambda case: case.lookup.referred,
        "dns-refused",
        lambda case: f"{case.server} referred elsewhere for {case.name}: it does not recurse for this client",
    ),
    # Not a word about the address: that comes over TCP.
    _Rule(
        lambda case: not case.lookup.addresses and case.lookup.snapped,
        "capture-gap",
        lambda case: (
            f"the answer of {case.server} for {case.name} is cut short in the capture; "
            "capture again with whole packets (tcpdump -s 0)"
        ),
    ),
    _Rule(
        lambda case: not case.lookup.addresses and case.lookup.truncated and case.setting.from_capture,
        "capture-gap",
        _undecided_text,
    ),
    _Rule(lambda case: not case.lookup.addresses and case.lookup.truncated, "dns-no-answer", _cut_short_text),
    _Rule(
        lambda case: not case.lookup.addresses and case.lookup.aliases and _endless_aliases(case.lookup),
        "dns-no-address",
        lambda case: f"{case.name} {_endless_aliases(case.lookup)}{case.by}",
    ),
    _Rule(lambda case: not case.lookup.addresses, "dns-no-address", _no_record_text),
    _Rule(_bad_address, "dns-bad-address", _bad_address_text, address=_bad_address),
)
