"""Step 1: a lease with a usable DNS domain (option 15) and a resolver (option 6).

The machine's own lease and what a DHCP server offered to our question speak for an active command; in a
capture the phone's own messages do. The server's last word counts. An answer without option 15 to a client
that did not ask for it proves nothing. A renewal that stays unanswered is a warning while the lease lives; a phone that
asks with DISCOVER has none any more.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address

from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import address_flaw, is_post_to_handler, listed
from ucdiag.diagnosis.step_event import Event, evidence_of, finding
from ucdiag.model.observations import Dhcp, Http, Lease, Lookup
from ucdiag.model.report import Evidence, Finding
from ucdiag.model.steps import Level, Step
from ucdiag.model.vocabulary import DhcpType, FindingCode, Microseconds
from ucdiag.update_service.names import domain_flaw, same_name, update_label

_DOMAIN, _RESOLVER = 15, 6
_JUDGED = frozenset({_DOMAIN, _RESOLVER})
_MOST_NAMED = 8
# The class of a Lync phone's second question, which is about certificates only (Microsoft, "Configuring DHCP Options to
# Enable Sign-in for IP Phones").
_SECOND_CLASS = "ms-uc-client"
# A mirror may show an answer this long (microseconds) before the question that it answers.
_OUT_OF_ORDER = 50_000
_ANSWERS: dict[DhcpType, tuple[DhcpType, ...]] = {"discover": ("offer",), "request": ("ack", "nak"), "inform": ("ack",)}
# A DISCOVER this soon after a NAK is the answer to it (microseconds).
_STARTS_AGAIN = 15_000_000


def lease_of(history: ObservationLog) -> Lease | None:
    """The lease that this machine uses, if any was read."""
    leases = history.of(Lease)
    return next((each for each in leases if each.chosen and each.authority == "dhcp"), None)


@lru_cache(maxsize=1024)
def resolver_flaw(address: str) -> str | None:
    """Why nobody can be asked at this address of option 6; None if somebody may be.

    Networks of clouds have resolvers at link-local addresses.
    """
    try:
        parsed = IPv4Address(address)
    except AddressValueError:
        return None
    return None if parsed.is_link_local else address_flaw(address)


def usable_resolvers(resolvers: Iterable[str]) -> tuple[str, ...]:
    """Those of option 6 that a phone can ask: no server is at 0.0.0.0, and at 127.0.0.1 each would ask itself."""
    return tuple(each for each in resolvers if resolver_flaw(each) is None)


def phone_domain(history: ObservationLog, at: Microseconds | None = None) -> str | None:
    """Option 15 of the last lease that the phone (or our question) was given; of the one that it had at a time, if any
    was given before."""
    answers = [each for each in history.of(Dhcp) if each.type in ("ack", "offer") and each.domain]
    told = [each for each in answers if each.type == "ack"] or answers
    then = [each for each in told if at is not None and each.time <= at]
    return (then or told)[-1].domain if told else None


def events(history: ObservationLog, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    if setting.from_capture:
        return _watched(history, setting, at)
    messages = history.of(Dhcp)
    lease = lease_of(history)
    questions = {each.transaction: each for each in messages if each.type == "discover"}
    answers = [each for each in messages if offers_address(each)]
    useless = [each for each in messages if _offers_nothing(each, questions)]
    silent = [each for each in messages if each.outcome == "no_answer"]
    if not answers and useless:
        text = f"no DHCP server offered the phone an address: {_some(_nothing(each) for each in useless)}"
        evidence = [*map(_answered, useless), *map(_asked, silent)]
        return [_failed("dhcp-no-answer", useless[-1].time, text, evidence, {"dhcp_server": useless[-1].server or ""})]
    if not answers:
        # An answered INFORM tells the options, and not that a phone would be offered an address.
        if not any(each.type == "discover" for each in silent):
            answers = [each for each in messages if each.type == "ack"]
            if lease is not None:
                silent = []
        if silent and not answers:
            text = f"no DHCP server answered {listed(_article(each) for each in silent)}"
            return [_failed("dhcp-no-answer", silent[-1].time, text, [_asked(each) for each in silent])]
    if answers:
        classes = {each: question.vendor_class or "" for each, question in questions.items()}
        told = _offered(answers, lease, classes)
        also = [_only_to_classes(answers, questions), _some(_nothing(each) for each in useless)]
        return [*told[:-1], replace(told[-1], summary="; ".join([told[-1].summary, *filter(None, also)]))]
    return [_leased(lease, setting)] if lease else []


def additional_findings(history: ObservationLog, setting: DiagnosisOptions, at: Microseconds) -> list[Finding]:
    """What does not break the path and is worth knowing: domains that differ, or are not the expected one."""
    found: list[Finding] = []
    answers = [each for each in history.of(Dhcp) if each.type in ("offer", "ack") and each.domain]
    if not setting.from_capture and any(each.type == "offer" for each in history.of(Dhcp)):
        # What this machine is told (the answer to INFORM) may well differ from what the phone is offered.
        answers = [each for each in answers if offers_address(each)]
    domains: dict[str, Dhcp] = {}
    for each in answers:
        domains.setdefault(_plain(each.domain), each)
    servers = _differing(answers, setting.from_capture)
    if servers:
        found.append(
            finding(
                "dhcp-domains-differ",
                "the DHCP servers hand out different domains: "
                + _some(f"{each.domain} (from {each.server})" for each in servers),
                (_answered(each) for each in servers),
                {"dhcp_server": servers[0].server or ""},
            )
        )
    expected = setting.expected_domain
    if expected:
        lease = lease_of(history)
        told: list[tuple[str, Evidence]] = [(each.domain or "", _answered(each)) for each in domains.values()]
        if not told and lease and lease.domain:
            told = [(lease.domain, Evidence(text=f"{lease.provenance}: {lease.domain}", time=lease.time))]
        # One that is no name at all is judged as that.
        told = [each for each in told if domain_flaw(each[0]) is None]
        other = [(domain, evidence) for domain, evidence in told if not same_name(domain, expected)]
        if other:
            found.append(
                finding(
                    "dhcp-domain-unexpected",
                    f"DHCP gives the domain {_some(domain for domain, _ in other)}, not {expected}",
                    (evidence for _, evidence in other),
                    {"domain": expected},
                )
            )
    return found


def _differing(answers: list[Dhcp], from_capture: bool) -> list[Dhcp]:
    """One answer of each server where servers tell different domains; empty where they agree.

    Our own questions are compared one by one: a server may well tell each vendor class something else.
    """
    questions: dict[int | None, dict[str, Dhcp]] = {}
    for each in answers:
        if each.server:
            questions.setdefault(None if from_capture else each.transaction, {})[each.server] = each
    for servers in questions.values():
        if len({_plain(each.domain) for each in servers.values()}) > 1:
            return list(servers.values())
    return []


def offers_address(message: Dhcp) -> bool:
    """Whether this is an offer of which a phone can make a lease."""
    return message.type == "offer" and message.address is not None


def _offers_nothing(message: Dhcp, questions: dict[int | None, Dhcp]) -> bool:
    """Whether this answers a DISCOVER, and with nothing that a phone could take."""
    if message.type == "offer":
        return message.address is None
    # DISCOVER is answered by OFFER alone (RFC 2131, section 3.1); an ACK only if it asked for that (RFC 4039).
    return message.type in ("ack", "nak") and message.transaction is not None and message.transaction in questions


def _nothing(answer: Dhcp) -> str:
    who = answer.server or answer.source_address or "a DHCP server"
    if answer.type == "offer":
        return f"{who} offers the address 0.0.0.0, which is none"
    return f"{who} answers DISCOVER with {answer.type.upper()}, which is no offer"


def _only_to_classes(answers: list[Dhcp], questions: dict[int | None, Dhcp]) -> str:
    """That nobody made an offer to the question without a vendor class, and somebody to one with a class.

    No finding: a site may well serve phones alone. A phone asks in more than one way, and in which of them it takes its
    lease is published nowhere.
    """
    plain = [each for each in questions.values() if not each.vendor_class and each.transaction is not None]
    served = {each.transaction for each in answers}
    if not plain or any(each.transaction in served for each in plain):
        return ""
    known = {each.transaction: each.vendor_class or "" for each in questions.values()}
    classes = _some(known[each.transaction] for each in answers if known.get(each.transaction))
    if not classes:
        return ""
    whose = _some(each.server or "a server" for each in answers)
    return f"no DHCP server made an offer to DISCOVER without a vendor class; {whose} made one only to {classes}"


def _leased(lease: Lease, setting: DiagnosisOptions) -> Event:
    """The machine's own lease. Where --domain was given it is only a hint at what the phone gets: a warning."""
    doubt = Level.WARNING if setting.expected_domain else None
    values = {"dhcp_server": lease.server or "", "domain": lease.domain or setting.expected_domain or ""}
    told = f"domain {lease.domain if lease.domain else 'none'}, resolvers {listed(lease.resolvers) or 'none'}"
    evidence = Evidence(text=f"{lease.provenance}: {told}", time=lease.time)
    if not lease.domain and "domain" not in lease.unknown:
        text = f"the lease of {lease.interface or 'this machine'} carries {_lack(lease.domain)}"
        return _failed("dhcp-no-domain", lease.time, text, [evidence], values, doubt)
    flaw = domain_flaw(lease.domain) if lease.domain else None
    if flaw:
        text = f"the DHCP domain {lease.domain!r} is not one DNS name: {flaw}"
        return _failed("dhcp-domain-unusable", lease.time, text, [evidence], values, doubt)
    if not usable_resolvers(lease.resolvers) and (lease.resolvers or "resolvers" not in lease.unknown):
        text = f"the lease of {lease.interface or 'this machine'} names {_no_resolver(lease.resolvers)}"
        return _failed("dhcp-no-resolver", lease.time, text, [evidence], values, doubt)
    given = f"{lease.domain} ({lease.provenance})" if lease.domain else lease.provenance
    return Event(
        step=Step.DHCP, time=lease.time, ok=True, summary=f"DHCP gives the domain {given}", evidence=(evidence,)
    )


def _offered(answers: list[Dhcp], lease: Lease | None, classes: dict[int | None, str]) -> list[Event]:
    """Each server's offers together: one that carries the domain is enough, whatever the class asked for.

    ``classes`` are the vendor classes of the questions, by their transactions.
    """
    good: list[Event] = []
    bad: list[Event] = []
    by_server: dict[str | None, list[Dhcp]] = {}
    for answer in answers:
        by_server.setdefault(answer.server, []).append(answer)
    for server, its in by_server.items():
        best = next((each for each in its if each.domain), its[0])
        named = [each.resolvers for each in (best, *its) if each.resolvers]
        resolvers = next((each for each in named if usable_resolvers(each)), named[0] if named else ())
        event = _answer(best, resolvers, server, its, classes)
        (bad if event.ok is False else good).append(event)
    told = "; ".join(event.summary for event in good[:_MOST_NAMED])
    if len(good) > _MOST_NAMED:
        told += f"; and {len(good) - _MOST_NAMED} more servers"
    if bad:
        # One bad server of several can be the one that the phone takes, so a failure comes last.
        return [*good, *bad[:-1], replace(bad[-1], summary=f"{bad[-1].summary}; {told}" if told else bad[-1].summary)]
    if lease is not None and lease.domain:
        others = [each.domain for each in answers if each.domain and not same_name(each.domain, lease.domain)]
        told += f"; this machine's own lease says {lease.domain}" if others else ""
    # All servers are told in one line: which of them a phone listens to cannot be known.
    evidence = tuple(each for event in good for each in event.evidence)
    return [replace(good[-1], summary=told, evidence=evidence)]


def _answer(
    best: Dhcp, resolvers: tuple[str, ...], server: str | None, answers: list[Dhcp], classes: dict[int | None, str]
) -> Event:
    who = server or "the DHCP server"
    whom = "the phone" if best.type == "offer" else "this machine"
    values = {"dhcp_server": server or "", "domain": best.domain or ""}
    evidence = [_answered(each) for each in answers]
    if all(each.truncated for each in answers) and not (best.domain and resolvers):
        text = f"{who} answered, and its answer was cut off before all options were read"
        return Event(step=Step.DHCP, time=best.time, ok=True, summary=text, evidence=tuple(evidence))
    if not best.domain:
        return _failed("dhcp-no-domain", best.time, f"{who} gives {_lack(best.domain)}", evidence, values)
    flaw = domain_flaw(best.domain)
    if flaw:
        text = f"{who} gives the domain {best.domain!r}, which is not one DNS name: {flaw}"
        return _failed("dhcp-domain-unusable", best.time, text, evidence, values)
    if not usable_resolvers(resolvers):
        return _failed("dhcp-no-resolver", best.time, f"{who} names {_no_resolver(resolvers)}", evidence, values)
    domain = best.domain
    others: dict[str, str] = {}
    for each in answers:
        if each.domain and not same_name(each.domain, best.domain):
            others.setdefault(
                each.domain if domain_flaw(each.domain) is None else repr(each.domain), _class(each, classes)
            )
    if others:
        domain += _class(best, classes) + " and " + _some(f"{name}{class_}" for name, class_ in others.items())
    return Event(
        step=Step.DHCP,
        time=best.time,
        ok=True,
        summary=f"{who} gives {whom} the domain {domain}, resolver {_some(map(_resolver, resolvers))}",
        evidence=tuple(evidence),
    )


def _class(answer: Dhcp, classes: dict[int | None, str]) -> str:
    class_ = classes.get(answer.transaction)
    if class_ is None:
        return ""
    return f" (to {class_})" if class_ else " (to no vendor class)"


def _some(items: Iterable[str]) -> str:
    """As ``listed``, and no more than a few: a hostile server names hundreds."""
    each = list(dict.fromkeys(items))
    more = [f"{len(each) - _MOST_NAMED} more"] if len(each) > _MOST_NAMED else []
    return listed([*each[:_MOST_NAMED], *more])


def _resolver(address: str) -> str:
    return address if resolver_flaw(address) is None else f"{address} (which cannot be one)"


def _no_resolver(resolvers: tuple[str, ...]) -> str:
    """What option 6 says where it names nobody who can be asked."""
    if not resolvers:
        return "no DNS server (option 6)"
    flaws = _some(f"{each}, and {resolver_flaw(each)}" for each in resolvers)
    return f"no usable DNS server (option 6), only {flaws}"


def _plain(domain: str | None) -> str:
    return (domain or "").rstrip(".").lower()


def in_order(messages: list[Dhcp]) -> list[Dhcp]:
    """A capture's messages, by time, with each question before its answer, where a mirror turned the two round."""
    ordered: list[Dhcp] = []
    answered: set[tuple[int, str]] = set()
    for each in messages:
        place = len(ordered)
        kinds = _ANSWERS.get(each.type)
        if kinds is not None and each.transaction is not None:
            # Who asked before it was answered asks again.
            if (each.transaction, each.type) not in answered:
                for number in range(len(ordered) - 1, -1, -1):
                    known = ordered[number]
                    if each.time - known.time > _OUT_OF_ORDER:
                        break
                    if known.transaction == each.transaction and known.type in kinds:
                        place = number
            if place == len(ordered):
                answered.add((each.transaction, each.type))
        ordered.insert(place, each)
    return ordered


def _watched(history: ObservationLog, setting: DiagnosisOptions, at: Microseconds) -> list[Event]:
    messages = in_order(history.of(Dhcp))
    found: list[Event] = []
    asked: tuple[int, ...] = ()
    questions: dict[int | None, Dhcp] = {}
    bound: Dhcp | None = None
    vlan: Dhcp | None = None
    released: Dhcp | None = None
    refused: Dhcp | None = None
    stray: Dhcp | None = None
    last: Dhcp | None = None
    waiting: list[Dhcp] = []
    second: list[Dhcp] = []
    started = False
    offered = False
    blind = False
    for message in messages:
        if message.type in ("discover", "request", "inform"):
            if message.requested:
                asked = message.requested
            if message.transaction is not None and message.type != "inform":
                questions[message.transaction] = message
            if message.type == "request" and message.server and not offered and not message.client_address:
                # It takes an offer that the capture did not show: answers do not pass here.
                blind = True
            if message.type == "discover":
                offered = False
                if stray is not None and message.time - stray.time <= _STARTS_AGAIN:
                    refused, bound = stray, None
                    found.append(_refused(stray, []))
                stray = None
                if bound is not None and not started and _is_second(message, messages):
                    second.append(message)
                else:
                    started = True
            waiting.append(message)
        elif message.type == "offer":
            offered, refused = True, None
            waiting = [each for each in waiting if not _same(each, message) or each.type != "discover"]
            vlan = message if _sends_away(message) else vlan
        elif message.type == "ack":
            waiting = [each for each in waiting if not _same(each, message)]
            there = [each for each in waiting if vlan is not None and each.tag == vlan.vlan != message.tag]
            if vlan is not None and there and message.time - there[0].time >= setting.patience_microseconds:
                # It came back.
                found.append(_vlan_silent(there, vlan, released, setting, message.time))
            if _sends_away(message):
                vlan = message
            elif vlan is not None and (message.tag == vlan.vlan or (released and released.time >= vlan.time)):
                # It has got its lease there: who leaves after that was not sent away.
                vlan = None
            if message.lease_seconds is None and message.address is None:
                continue
            if last is not None and not started and _is_copy(message, last):
                continue
            silent = [each for each in waiting if each.type == "discover" and each not in second]
            if silent and not there and message.time - silent[0].time >= setting.patience_microseconds:
                # Nobody answered at first: what went on too long for one question asked again is worth a warning.
                found.append(_silent(silent))
            last = message
            before = None if started else bound
            wants = _wanted(message, questions.get(message.transaction), asked, before)
            found.extend(_acknowledged(message, wants))
            if before is not None and message.domain is None and _DOMAIN not in wants:
                message = replace(message, domain=before.domain)
            bound, released, refused = message, None, None
            waiting, second, started = [], [], False
        elif message.type == "nak":
            if _meant_for_another(message, waiting, bound):
                # Clients let it pass, unless they start again.
                stray = message
                continue
            waiting = [each for each in waiting if not _same(each, message)]
            bound = last = None
            refused = message
            found.append(_refused(message, []))
        elif message.type == "release":
            if vlan is not None and _looked_for_updates(history, vlan.time, message.time):
                # It stayed, whatever it was told, and leaves as any other phone.
                vlan = None
            released, bound, last = message, None, None
            waiting = []
    if blind and not any(each.type in ("offer", "ack", "nak") for each in messages):
        return []
    if bound is not None and not started:
        waiting = [each for each in waiting if each not in second]
    if waiting:
        unanswered = _unanswered(waiting, None if started else bound, vlan, released, setting, at)
        if refused is not None and unanswered.code == "dhcp-no-answer":
            # It only starts again because it was refused: the NAK was the server's last word.
            return [*found[:-1], _refused(refused, waiting)]
        found.append(unanswered)
    elif released is not None and vlan is not None and vlan.time <= released.time:
        found.append(_vlan_silent([], vlan, released, setting, at))
    return found


def _sends_away(answer: Dhcp) -> bool:
    """Whether this tells the phone another VLAN than the one that it asks in."""
    return answer.vlan is not None and answer.vlan != answer.tag


def _looked_for_updates(history: ObservationLog, since: int, until: int) -> bool:
    asked = [each.time for each in history.of(Lookup) if update_label(each.name) is not None]
    posted = [each.time for each in history.of(Http) if is_post_to_handler(each)]
    return any(since < time < until for time in (*asked, *posted))


def _is_copy(ack: Dhcp, last: Dhcp) -> bool:
    """Whether an ACK says again what the last one said to the same question, as a mirror port shows both twice."""
    return ack.transaction is not None and replace(ack, time=last.time, frame=last.frame, tag=last.tag) == last


def _is_second(discover: Dhcp, messages: list[Dhcp]) -> bool:
    """Whether a DISCOVER is the second question of a phone that asks for its lease as another class."""
    if (discover.vendor_class or "").lower() != _SECOND_CLASS:
        return False
    return any(
        each.type in ("discover", "request")
        and each.time < discover.time
        and (each.vendor_class or "").lower() != _SECOND_CLASS
        for each in messages
    )


def _meant_for_another(nak: Dhcp, waiting: list[Dhcp], bound: Dhcp | None) -> bool:
    """Whether a NAK is of a server that the phone did not choose: where there are two, such come beside the lease."""
    asked = [each for each in waiting if each.type == "request" and _same(each, nak)]
    if not asked:
        return bound is not None and nak.transaction is not None and nak.transaction == bound.transaction
    chosen = asked[-1].server
    return bool(chosen and nak.server and chosen != nak.server)


def _refused(nak: Dhcp, waiting: list[Dhcp]) -> Event:
    who = nak.server or "the DHCP server"
    text = f"{who} refused the address that the phone asked for (NAK)"
    if waiting:
        text += f", and did not answer its {listed(each.type.upper() for each in waiting)} after that"
    evidence = [evidence_of(f"NAK from {nak.server or 'a server'}", nak), *(_asked(each) for each in waiting)]
    return _failed("dhcp-nak", (waiting or [nak])[-1].time, text, evidence, {"dhcp_server": nak.server or ""})


def _wanted(ack: Dhcp, question: Dhcp | None, asked: tuple[int, ...], bound: Dhcp | None) -> frozenset[int]:
    """The options of which it says something that an ACK lacks them, of those that are judged here.

    A server that extends a lease may well send only what it was asked for (RFC 2131, section 4.3.1). ``asked`` is the
    latest list of any question, ``bound`` the ACK of the lease that still runs, ``question`` what this one answers,
    where it was seen.
    """
    if question is not None and question.requested:
        return _JUDGED & frozenset(question.requested)
    if bound is not None and bound.domain and _given(ack) == _given(bound):
        return frozenset()
    if question is not None and question.client_address and not question.truncated:
        return frozenset()
    return _JUDGED & frozenset(asked) if asked else _JUDGED


def _given(ack: Dhcp) -> str | None:
    return ack.address or ack.client_address


def _acknowledged(message: Dhcp, wants: frozenset[int]) -> list[Event]:
    who = message.server or "the DHCP server"
    values = {"dhcp_server": message.server or "", "domain": message.domain or ""}
    lease = f"{who} leased {message.address or message.client_address or 'an address'}"
    evidence = [_answered(message)]
    if message.truncated and not (message.domain and message.resolvers):
        cut = f"{lease}; the message was cut off in the capture before all options were seen"
        return [Event(step=Step.DHCP, time=message.time, ok=True, summary=cut, evidence=tuple(evidence))]
    if not message.domain:
        if _DOMAIN in wants or message.domain == "":
            return [_failed("dhcp-no-domain", message.time, f"{lease} with {_lack(message.domain)}", evidence, values)]
        said = f"{lease}; the domain was not asked for in this message"
        return [Event(step=Step.DHCP, time=message.time, ok=True, summary=said, evidence=tuple(evidence))]
    flaw = domain_flaw(message.domain)
    if flaw:
        text = f"{lease} with the domain {message.domain!r}, which is not one DNS name: {flaw}"
        return [_failed("dhcp-domain-unusable", message.time, text, evidence, values)]
    if not usable_resolvers(message.resolvers) and (message.resolvers or _RESOLVER in wants):
        text = f"{lease} with {_no_resolver(message.resolvers)}"
        return [_failed("dhcp-no-resolver", message.time, text, evidence, values)]
    text = f"{lease}, domain {message.domain}" + (
        f", resolver {listed(map(_resolver, message.resolvers))}" if message.resolvers else ""
    )
    return [Event(step=Step.DHCP, time=message.time, ok=True, summary=text, evidence=tuple(evidence))]


def _unanswered(
    waiting: list[Dhcp],
    bound: Dhcp | None,
    vlan: Dhcp | None,
    released: Dhcp | None,
    setting: DiagnosisOptions,
    at: Microseconds,
) -> Event:
    first, last = waiting[0], waiting[-1]
    kinds = listed(each.type.upper() for each in waiting)
    if at - first.time < setting.patience_microseconds:
        return Event(
            step=Step.DHCP,
            time=last.time,
            ok=None,
            code="capture-too-short",
            summary=f"the capture ends while a DHCP answer to {kinds} was awaited",
            evidence=tuple(_asked(each) for each in waiting),
            waiting=True,
        )
    left = vlan is not None and (released is not None or any(each.tag == vlan.vlan for each in waiting))
    if vlan is not None and left and bound is None:
        return _vlan_silent(waiting, vlan, released, setting, at)
    lives = bound is not None and (
        bound.lease_seconds is None or last.time < bound.time + bound.lease_seconds * 1_000_000
    )
    return _silent(waiting, lives)


def _silent(waiting: list[Dhcp], lives: bool = False) -> Event:
    kinds = listed(each.type.upper() for each in waiting)
    return _failed(
        "dhcp-no-answer",
        waiting[-1].time,
        f"no DHCP server answered the phone's {kinds}" + (" (its lease still runs)" if lives else ""),
        [_asked(each) for each in waiting],
        level=Level.WARNING if lives else None,
    )


def _vlan_silent(
    waiting: list[Dhcp], vlan: Dhcp, released: Dhcp | None, setting: DiagnosisOptions, at: Microseconds
) -> Event:
    cause = released or waiting[0]
    evidence = [evidence_of(f"option 43 names voice VLAN {vlan.vlan}", vlan)]
    if released is not None:
        evidence.append(evidence_of("the phone released its lease", released))
    evidence.extend(_asked(each) for each in waiting)
    if at - cause.time < setting.patience_microseconds:
        return Event(
            step=Step.DHCP,
            time=cause.time,
            ok=None,
            code="capture-too-short",
            summary=f"the capture ends while the phone was moving to voice VLAN {vlan.vlan}",
            evidence=tuple(evidence),
            waiting=True,
        )
    return _failed(
        "dhcp-voice-vlan-silent",
        (waiting[-1] if waiting else cause).time,
        f"told to use voice VLAN {vlan.vlan}, the phone left its VLAN and got no lease in that one",
        evidence,
        {"vlan": str(vlan.vlan), "dhcp_server": vlan.server or ""},
    )


def _failed(
    code: FindingCode,
    time: Microseconds,
    text: str,
    evidence: list[Evidence],
    values: dict[str, str] | None = None,
    level: Level | None = None,
) -> Event:
    return Event(
        step=Step.DHCP,
        time=time,
        ok=False,
        code=code,
        summary=text,
        evidence=tuple(evidence),
        values=values or {},
        level=level,
    )


def _same(question: Dhcp, answer: Dhcp) -> bool:
    return question.transaction is None or answer.transaction is None or question.transaction == answer.transaction


def _lack(domain: str | None) -> str:
    return "an empty domain (option 15)" if domain == "" else "no domain (option 15)"


def _article(question: Dhcp) -> str:
    return f"{question.type.upper()}{f' as {question.vendor_class}' if question.vendor_class else ''}"


def _asked(question: Dhcp) -> Evidence:
    tagged = f", tagged VLAN {question.tag}" if question.tag else ""
    return evidence_of(f"{_article(question)}{tagged}: no answer", question)


def _answered(answer: Dhcp) -> Evidence:
    said = f"domain {answer.domain!r}" if answer.domain else _lack(answer.domain)
    resolvers = _some(answer.resolvers) or "none"
    return evidence_of(
        f"{answer.type.upper()} from {answer.server or 'a server'}: {said}, resolvers {resolvers}", answer
    )
