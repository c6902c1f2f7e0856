"""Step 2: ``ucupdates-r2.<DHCP domain>`` has an A record that a phone can use.

Active: of the nameservers, in their order, the first that gave a definite answer decides, as it does for a phone;
one that gave none is a warning. One that this machine could not ask counts for nothing where another answers; where
none does, it may be the one that would, so nothing can be told.
In a capture the phone's own questions are judged in their order.
No answer, REFUSED, SERVFAIL, NXDOMAIN and "no such record" stay distinct to the end.
"""

from collections.abc import Iterable
from dataclasses import replace

from ucdiag.diagnosis import firmware_generations as generations
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import address_flaw, listed, lookup_said
from ucdiag.diagnosis.step_event import Event, evidence_of, finding
from ucdiag.diagnosis.steps.dhcp import phone_domain
from ucdiag.diagnosis.unsent import unsent, unsent_event
from ucdiag.model.observations import Connect, Dhcp, Lookup
from ucdiag.model.report import Evidence, Finding
from ucdiag.model.steps import Step
from ucdiag.model.vocabulary import FindingCode, LookupFailure, Microseconds
from ucdiag.update_service.names import LEGACY_LABEL, R2_LABEL, domain_flaw, domain_part, same_name, update_label

_DEFINITE = ("NOERROR", "NXDOMAIN")
DNS_PORT = 53
# Not faults, but asking the client to ask once more with what the answer brings (RFC 7873, RFC 6891).
_ONCE_MORE = ("BADCOOKIE", "BADVERS")
_LONGEST_CHAIN = 16  # aliases; resolvers stop there or earlier


def update_lookups(history: ObservationLog) -> list[Lookup]:
    """The questions for the update server's address (type A), by time.

    Where the answer in a capture is an alias alone and the phone asked for that name itself, its addresses are the
    answer's too.
    """
    lookups = history.of(Lookup)
    found = [
        each
        for each in lookups
        if each.type == "A" and (each.purpose == "update" if each.purpose else update_label(each.name) is not None)
    ]
    if any(map(_is_alias_alone, found)):
        return [_followed(each, lookups) if _is_alias_alone(each) else each for each in found]
    return found


def _is_alias_alone(lookup: Lookup) -> bool:
    return lookup.purpose is None and lookup.rcode == "NOERROR" and bool(lookup.aliases) and not lookup.addresses


def _followed(alias: Lookup, lookups: list[Lookup]) -> Lookup:
    for each in lookups:
        if each.type == "A" and each.time >= alias.time and each.addresses and same_name(each.name, alias.aliases[-1]):
            return replace(alias, addresses=each.addresses, aliases=(*alias.aliases, *each.aliases))
    return alias


def update_addresses(history: ObservationLog) -> tuple[str, ...]:
    """All usable addresses that DNS gave for the update server."""
    return tuple(
        dict.fromkeys(
            address for each in update_lookups(history) for address in each.addresses if address_flaw(address) is None
        )
    )


def events(history: ObservationLog, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    if setting.from_capture:
        return _watched(history, setting, at)
    return _asked(history, setting)


def _asked(history: ObservationLog, setting: DiagnosisOptions) -> list[Event]:
    lookups = update_lookups(history)
    main = [each for each in lookups if update_label(each.name) != LEGACY_LABEL]
    servers: dict[tuple[str | None, int | None], Lookup] = {}
    for each in main:
        servers[each.server, each.server_port] = each
    if not servers:
        return []
    legacy = [each for each in lookups if update_label(each.name) == LEGACY_LABEL]
    sip = [each for each in history.of(Lookup) if each.purpose == "sip" and each.type == "A"]
    unasked = [each for each in servers.values() if each.failure == "not_sent"]
    servers = {key: each for key, each in servers.items() if each.failure != "not_sent"}
    # Phones do not use IPv6.
    instead = next((each for each in unasked if ":" not in (each.server or "") or not servers), None)
    if instead is not None and not any(map(_definite, servers.values())):
        untold = unsent_event(Step.DNS, instead, unsent(instead) or "")
        return [*(_judge(each, [], [], setting) for each in servers.values()), untold]
    deciding = next((each for each in servers.values() if _definite(each)), None)
    if deciding is None:
        deciding = next(iter(servers.values()))
    missed = [_judge(each, [], [], setting) for each in servers.values() if not _definite(each)]
    alike = [each for each in servers.values() if each is not deciding and _same_answer(each, deciding)]
    if not _definite(deciding):
        missed = [event for event, each in zip(missed, servers.values(), strict=True) if each is not deciding]
    event = _judge(deciding, legacy, sip, setting)
    if alike and _definite(deciding):
        says = "says" if len(alike) == 1 else "say"
        event = replace(event, summary=f"{event.summary}; {listed(map(whom, alike))} {says} the same")
    others = [each for each in servers.values() if _definite(each) and not _same_answer(each, deciding)]
    if others and _definite(deciding):
        told = listed(f"{whom(each)} says {lookup_said(each)}" for each in others)
        event = replace(event, summary=f"{event.summary}; but {told}")
    return [*missed, event]


def _definite(lookup: Lookup) -> bool:
    return lookup.rcode in _DEFINITE and not lookup.referred


def _same_answer(one: Lookup, other: Lookup) -> bool:
    return one.rcode == other.rcode and set(one.addresses) == set(other.addresses)


def _meant(lookups: list[Lookup], domain: str | None, history: ObservationLog) -> list[Lookup]:
    """Without what a resolver's search list makes of a name, where that leads nowhere.

    That is the name with a suffix (``<name>.<suffix>``), the bare name without its domain, and the name in the domains
    above the lease's own and in those of its search list (option 119). The name itself was asked too, and is the one
    that somebody has to repair.
    """
    full = {each.name.lower() for each in lookups if domain_part(each.name)}
    labels = {each.split(".", 1)[0] for each in full}
    own = (domain or "").rstrip(".").lower()
    listed_there = {
        name.rstrip(".").lower() for each in history.of(Dhcp) if each.type in ("ack", "offer") for name in each.search
    }

    def left_over(each: Lookup) -> bool:
        name = each.name.lower()
        if not domain_part(name):
            return name.rstrip(".") in labels
        label, _, where = name.partition(".")
        if where in listed_there - {own} and f"{label}.{own}" in full:
            return True
        return _is_above(each, lookups, domain) or any(name.startswith(f"{other}.") for other in full)

    # A resolver that gives no answer, or refuses one, is asked for these too.
    return [each for each in lookups if each.addresses or not left_over(each)]


def _is_above(lookup: Lookup, lookups: list[Lookup], domain: str | None) -> bool:
    """Whether this asks for a name in a domain above the lease's own, in which it was asked for too."""
    if not domain:
        return False
    label, above = lookup.name.split(".", 1)[0].lower(), domain_part(lookup.name)
    own = domain.rstrip(".").lower()
    return bool(above) and own.endswith(f".{above}") and any(same_name(each.name, f"{label}.{own}") for each in lookups)


def _watched(history: ObservationLog, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    found: list[Event] = []
    every = update_lookups(history)
    own = phone_domain(history)
    if not history.of(Lookup):
        # Questions that never left the phone: all that the wire shows is that it looked for its DNS server.
        return [_no_way(each, own) for each in history.of(Connect) if is_way_to_resolver(each)]
    lookups = [_over_tcp(each, history) for each in _meant(every, own, history)]
    above = [each for each in every if each.rcode == "NXDOMAIN" and _is_above(each, every, own)]
    asked_r2 = any(update_label(each.name) == R2_LABEL for each in lookups)
    for each in lookups:
        if update_label(each.name) == LEGACY_LABEL and asked_r2:
            continue
        silent = each.rcode is None and each.failure not in ("malformed", "unreachable")
        if silent and at - each.time < setting.patience_microseconds:
            found.append(
                Event(
                    step=Step.DNS,
                    time=each.time,
                    ok=None,
                    code="capture-too-short",
                    summary=f"the capture ends while the answer for {each.name} was awaited",
                    evidence=(said(each),),
                    values={"nameserver": each.server or ""},
                    waiting=True,
                )
            )
            continue
        legacy = [
            other
            for other in lookups
            if update_label(other.name) == LEGACY_LABEL and domain_part(other.name) == domain_part(each.name)
        ]
        if same_name(domain_part(each.name), own):
            legacy += [other for other in above if update_label(other.name) == update_label(each.name)]
        found.append(_judge(each, legacy, [], setting, own))
    return found


def _over_tcp(lookup: Lookup, history: ObservationLog) -> Lookup:
    """An answer over UDP that is cut short, as the failure that it is where TCP to that server does not open."""
    if not lookup.truncated or lookup.addresses or lookup.rcode != "NOERROR":
        return lookup
    tries = [
        each
        for each in history.of(Connect)
        if each.server == lookup.server and each.port == DNS_PORT and each.time >= lookup.time
    ]
    if not tries or any(each.outcome in ("open", "unfinished") for each in tries):
        return lookup
    last = tries[-1]
    failure: LookupFailure | None = None if last.outcome == "no_answer" else "unreachable"
    return replace(lookup, rcode=None, failure=failure, reason=last.reason)


def is_way_to_resolver(connect: Connect) -> bool:
    """Whether this is no connection, and only tells that ARP for a DNS server, or the gateway to it, was in vain."""
    return connect.port == DNS_PORT and connect.client_port is None and connect.outcome == "unreachable"


def _no_way(connect: Connect, domain: str | None) -> Event:
    values = {"nameserver": connect.server, "dns_port": str(DNS_PORT), "label": R2_LABEL}
    if domain and domain_flaw(domain) is None:
        values["domain"] = domain.rstrip(".").lower()
        values["name"] = f"{R2_LABEL}.{values['domain']}"
    return Event(
        step=Step.DNS,
        time=connect.time,
        ok=False,
        code="dns-no-answer",
        summary=f"the phone could not ask its DNS server {connect.server}: {connect.reason}",
        evidence=(evidence_of(f"{connect.reason}, asked {connect.attempts} times", connect),),
        values=values,
    )


def _judge(
    lookup: Lookup, legacy: list[Lookup], sip: list[Lookup], setting: DiagnosisOptions, leased: str | None = None
) -> Event:
    name = lookup.name
    label = update_label(name)
    domain = domain_part(name) if label else (setting.domain or "")
    if not domain and leased and domain_flaw(leased) is None:
        domain = leased.rstrip(".").lower()
    values = {"name": name, "nameserver": lookup.server or "", "label": label or R2_LABEL}
    if domain:
        values["domain"] = domain
    if "." not in name.rstrip("."):
        name = f"the bare name {name}"
    values["dns_port"] = str(lookup.server_port or 53)
    if setting.sip_domain:
        values["sip_domain"] = setting.sip_domain
    server = whom(lookup)
    by = f" (asked {server})" if lookup.server else ""

    def failed(code: FindingCode, text: str, *more: Lookup) -> Event:
        return Event(
            step=Step.DNS,
            time=lookup.time,
            ok=False,
            code=code,
            summary=text,
            seconds=lookup.seconds,
            evidence=(said(lookup), *(said(each) for each in more)),
            values=values,
            expected=lookup.rcode in _ONCE_MORE,
        )

    if lookup.rcode is None:
        if lookup.truncated:
            port = f"its TCP port {lookup.server_port or 53}"
            closed = f"{port} cannot be reached: {lookup.reason}" if lookup.reason else f"{port} is closed"
            over_tcp = {"unreachable": closed, "malformed": f"what its {port[4:]} says is not DNS"}
            text = f"{server} answered over UDP, cut short (truncated), for {name}, and "
            return failed("dns-no-answer", text + over_tcp.get(lookup.failure or "", f"{port} gives no answer"))
        if lookup.failure == "malformed":
            return failed("dns-no-answer", f"{server} answered for {name} with something that is not DNS")
        silence = lookup_said(lookup)
        why = "" if silence == "no answer" else f": {silence}"
        return failed("dns-no-answer", f"{server} did not answer for {name}{why}")
    if lookup.rcode == "REFUSED":
        return failed("dns-refused", f"{server} refused to answer for {name}")
    if lookup.rcode == "NXDOMAIN" and lookup.aliases:
        text = f"{name} is an alias of {lookup.aliases[-1]}, which does not exist{by}"
        return failed("dns-no-address", text)
    if lookup.rcode == "NXDOMAIN" and label is None:
        return failed("dns-no-address", f"{name} does not exist{by}")
    if lookup.rcode == "NXDOMAIN":
        there = [each for each in legacy if each.addresses]
        if there and label == R2_LABEL:
            values["address"] = there[0].addresses[0]
            return failed("dns-legacy-only", f"{name} does not exist, the older {there[0].name} does{by}", there[0])
        other = [each for each in sip if update_label(each.name) == R2_LABEL and each.addresses]
        if other:
            values["address"] = other[0].addresses[0]
            text = f"{name} does not exist; {other[0].name} does, but a phone asks in its DHCP domain{by}"
            return failed("dns-sip-domain-only", text, other[0])
        gone = [each for each in legacy if each.rcode == "NXDOMAIN" and not same_name(each.name, lookup.name)]
        also = f", nor does {' or '.join(dict.fromkeys(each.name for each in gone))}" if gone else ""
        return failed("dns-r2-missing", f"{name} does not exist{also}{by}", *gone[:2])
    if lookup.rcode != "NOERROR":
        return failed("dns-server-failure", f"{server} answered {lookup.rcode} for {name}")
    if lookup.referred:
        text = f"{server} referred elsewhere for {name}: it does not recurse for this client"
        return failed("dns-refused", text)
    if not lookup.addresses and lookup.truncated:
        # Not a word about the address: that comes over TCP.
        cut = f"{server} cut its answer for {name} short"
        if setting.from_capture:
            cut = f"the answer of {server} for {name} is cut short (by the server, or by the capture's snap length)"
        return Event(
            step=Step.DNS,
            time=lookup.time,
            ok=None,
            summary=f"{cut}, and no answer to the question over TCP that has to follow was seen",
            seconds=lookup.seconds,
            evidence=(said(lookup),),
            values=values,
        )
    if lookup.rcode == "NOERROR" and not lookup.addresses and lookup.aliases:
        endless = _endless(lookup)
        if endless:
            return failed("dns-no-address", f"{name} {endless}{by}")
    if not lookup.addresses:
        through = f", an alias of {lookup.aliases[-1]}," if lookup.aliases else ""
        return failed("dns-no-address", f"{name}{through} exists without an A record{by}")
    for address in lookup.addresses:
        flaw = address_flaw(address)
        if flaw:
            values["address"] = address
            which = f", of which {address} is no host's: {flaw}" if len(lookup.addresses) > 1 else f", and {flaw}"
            return failed("dns-bad-address", f"{name} leads to {listed(lookup.addresses)}{which}{by}")
    chain = f" through {listed(lookup.aliases)}" if lookup.aliases else ""
    ttl = f", TTL {lookup.ttl} s" if lookup.ttl is not None else ""
    return Event(
        step=Step.DNS,
        time=lookup.time,
        ok=True,
        summary=f"{name} leads to {listed(lookup.addresses)}{chain}{by}{ttl}",
        seconds=lookup.seconds,
        evidence=(said(lookup),),
    )


def _endless(lookup: Lookup) -> str | None:
    """How a chain of aliases comes to no end, if it does not."""
    names = [each.lower() for each in (lookup.name, *lookup.aliases)]
    if len(names) == 2 and names[0] == names[1]:
        return "is an alias of itself (a loop)"
    if names[-1] in names[:-1]:
        return f"is an alias that leads in a loop ({', '.join(lookup.aliases)})"
    if len(lookup.aliases) >= _LONGEST_CHAIN:
        return f"begins too long a chain of aliases ({_LONGEST_CHAIN} and more), which no resolver follows to its end"
    return None


def additional_findings(history: ObservationLog, setting: DiagnosisOptions, at: Microseconds) -> list[Finding]:
    """Warnings: resolvers that disagree, a wildcard, a question under another domain than the lease's."""
    return [*_disagreement(history, setting), *_wildcard(history), *_wrong_domain(history, setting)]


def _disagreement(history: ObservationLog, setting: DiagnosisOptions) -> Iterable[Finding]:
    generation = generations.generation_of(setting.phone.firmware) if setting.phone is not None else None
    asks_legacy = generation is not None and LEGACY_LABEL in generation.labels
    by_name: dict[str, dict[tuple[str, int | None], Lookup]] = {}
    for each in update_lookups(history):
        if each.purpose == "update" and each.server and _definite(each):
            by_name.setdefault(each.name, {})[each.server, each.server_port] = each
    alike = {
        name for name, answers in by_name.items() if len({frozenset(each.addresses) for each in answers.values()}) < 2
    }
    # Who finds the newer name does not ask for the older one.
    settled = any(
        update_label(name) == R2_LABEL and any(each.addresses for each in by_name[name].values()) for name in alike
    )
    for name, answers in by_name.items():
        if update_label(name) == LEGACY_LABEL and settled and not asks_legacy:
            continue
        if len({(each.rcode, frozenset(each.addresses)) for each in answers.values()}) > 1:
            text = f"the resolvers give different answers for {name}"
            values = {"name": name, "domain": domain_part(name)}
            yield finding("dns-servers-disagree", text, (said(each) for each in answers.values()), values)
            return


def _wildcard(history: ObservationLog) -> Iterable[Finding]:
    caught = [each for each in history.of(Lookup) if each.purpose == "wildcard" and each.addresses]
    if caught:
        text = f"{caught[0].name}, which cannot exist, resolves too (to {listed(caught[0].addresses)})"
        yield finding("dns-wildcard", text, (said(each) for each in caught), {"domain": domain_part(caught[0].name)})


def _wrong_domain(history: ObservationLog, setting: DiagnosisOptions) -> Iterable[Finding]:
    domain = phone_domain(history) if setting.from_capture else None
    if not domain:
        return
    strays = [
        each
        for each in _meant(update_lookups(history), domain, history)
        if domain_part(each.name)
        and not same_name(domain_part(each.name), domain)
        and not same_name(domain_part(each.name), phone_domain(history, each.time))
    ]
    if strays:
        domain = phone_domain(history, strays[-1].time) or domain
        text = f"the phone asked for {strays[-1].name}, though its lease says {domain}"
        yield finding("dns-wrong-domain", text, (said(each) for each in strays), {"domain": domain})


def whom(lookup: Lookup) -> str:
    """The server that was asked, with its port where that is not DNS' own."""
    if not lookup.server:
        return "the DNS server"
    if lookup.server_port in (None, 53):
        return lookup.server
    return f"{lookup.server} port {lookup.server_port}"


def said(lookup: Lookup) -> Evidence:
    """One line: the question, whom, and what came back."""
    to = f" to {whom(lookup)}" if lookup.server else ""
    return evidence_of(f"question {lookup.name} {lookup.type}{to}: {lookup_said(lookup)}", lookup)
