"""The part of ``check-dhcp`` between steps and findings: leases, offers, and which domain has the record."""

from collections.abc import Iterable, Iterator

from ucdiag.diagnosis.catalogue.entry import fill_command
from ucdiag.diagnosis.update_lookups import nameserver_options
from ucdiag.model.observations import Dhcp, Lease, Lookup, Observation
from ucdiag.model.times import format_time
from ucdiag.update_service.names import LEGACY_LABEL, R2_LABEL, domain_flaw, plain_name
from ucdiag.views.line_writer import LineWriter
from ucdiag.views.names import answer_text
from ucdiag.views.sanitize import shortened

_LONGEST = 500
_MOST_ITEMS = 32
_MOST_DOMAINS = 8
_ENDLESS = 0xFFFFFFFF
_COLUMN = 26
_SILENT_TO_INFORM = (
    ", which is no fault beside an offer: some servers (ISC dhcpd that is not set authoritative) answer no INFORM"
)


def show_dhcp(writer: LineWriter, observations: Iterable[Observation]) -> None:
    """Show leases, offers and the comparison of domains; nothing without facts."""
    facts = list(observations)
    leases = [fact for fact in facts if isinstance(fact, Lease)]
    messages = [fact for fact in facts if isinstance(fact, Dhcp)]
    if leases:
        writer.write_blank()
        writer.write_wrapped(("What this machine knows", "bold"))
        for lease in leases:
            _show_lease(writer, lease)
    if messages:
        writer.write_blank()
        writer.write_wrapped(("What DHCP answers", "bold"))
        _show_messages(writer, messages)
    records = _records_of(facts)
    _show_comparison(writer, facts, records)
    _show_next_command(writer, records)


def _show_next_command(writer: LineWriter, records: dict[str, dict[str, Lookup]]) -> None:
    """Where no domain has the record, which the verdict on DHCP leaves out: what says how to make it."""
    found = [(domain, lookups[R2_LABEL]) for domain, lookups in records.items() if R2_LABEL in lookups]
    if any(lookup.addresses for _, lookup in found):
        return
    for domain, lookup in found:
        values = {"domain": domain, "nameservers": nameserver_options([lookup])}
        command = fill_command("ucdiag check-dns {domain} -n {nameservers}", values)
        if lookup.rcode in ("NXDOMAIN", "NOERROR") and "<" not in command:
            writer.write_blank()
            writer.write_wrapped(f"The record is missing in {domain}. This says what to change:", first="  ")
            writer.write_line("      ", (writer.screen.typed_command(command), "cyan"))


def show_domains(writer: LineWriter, observations: Iterable[Observation]) -> None:
    """The comparison alone, for ``check``: where several domains were named, or DHCP servers were asked."""
    facts = list(observations)
    if any(isinstance(fact, Dhcp) for fact in facts) or len(_domain_sources(facts)) > 1:
        _show_comparison(writer, facts, _records_of(facts))


def _show_comparison(writer: LineWriter, facts: list[Observation], records: dict[str, dict[str, Lookup]]) -> None:
    """Each domain with all who named it, and whether the record is there."""
    namers = _domain_sources(facts)
    if not records:
        return
    writer.write_blank()
    writer.write_wrapped(("Whose domain, and is the record in it", "bold"))
    names = list(dict.fromkeys([*records, *namers]))
    for name in names[:_MOST_DOMAINS]:
        writer.write_wrapped(
            (_domain_text(name), "bold"), f", {_listed_values(namers.get(name, ()))}", first="  ", hang=4
        )
        for said in _lookup_lines(name, records.get(name)):
            writer.write_wrapped(said, first="    ", hang=6)
    if len(names) > _MOST_DOMAINS:
        writer.write_wrapped(
            f"and {len(names) - _MOST_DOMAINS} more domains, which were not looked up", first="  ", hang=4
        )


def _records_of(facts: list[Observation]) -> dict[str, dict[str, Lookup]]:
    """domain -> label -> the question; of several the one that found the most."""
    records: dict[str, dict[str, Lookup]] = {}
    for fact in facts:
        if isinstance(fact, Lookup) and _is_record_lookup(fact):
            label, _, domain = plain_name(fact.name).partition(".")
            of_domain = records.setdefault(domain, {})
            known = of_domain.get(label)
            if known is None or known.rcode is None or (not known.addresses and fact.addresses):
                of_domain[label] = fact
    return records


def _lookup_lines(domain: str, lookups: dict[str, Lookup] | None) -> Iterator[str]:
    """The DNS answers for both names in one domain, a line each."""
    if lookups is None:
        yield "not looked up" if domain_flaw(domain) is None else "not one DNS name: no record can be in it"
        return
    found = [lookups[label] for label in (R2_LABEL, LEGACY_LABEL) if label in lookups]
    for lookup in found:
        yield f"{lookup.name}: {_record_text(lookup)}" + (f" (asked {lookup.server})" if lookup.server else "")
    if len(found) == 1 and found[0].rcode is None:
        other = LEGACY_LABEL if R2_LABEL in lookups else R2_LABEL
        yield f"{other}.{_domain_text(domain)}: not looked up, as the question for the other name was not answered"


def _is_record_lookup(lookup: Lookup) -> bool:
    purpose = lookup.purpose in ("other", "update")
    return purpose and lookup.type == "A" and lookup.name.lower().partition(".")[0] in (R2_LABEL, LEGACY_LABEL)


def _domain_sources(facts: list[Observation]) -> dict[str, dict[str, None]]:
    """domain -> who named it, the phone's first. A domain that was looked up and that nobody named is the user's."""
    messages = [fact for fact in facts if isinstance(fact, Dhcp)]
    namers = _offering_servers(messages)
    for message in messages:
        if message.type == "ack" and message.domain:
            who = f"sent to this machine by {message.server or 'a server'}"
            namers.setdefault(plain_name(message.domain), {})[who] = None
    for fact in facts:
        if isinstance(fact, Lease) and fact.chosen and fact.domain:
            whose = "this machine's lease" if fact.authority == "dhcp" else "this machine's resolver"
            namers.setdefault(plain_name(fact.domain), {})[whose] = None
        elif isinstance(fact, Lookup) and _is_record_lookup(fact):
            namers.setdefault(plain_name(fact.name.partition(".")[2]), {"given with --domain": None})
    return namers


def _offering_servers(messages: list[Dhcp]) -> dict[str, dict[str, None]]:
    """domain -> the servers that offer it to the phone, and to which vendor class where not all get the same."""
    classes = {message.transaction: message.vendor_class for message in messages if message.type == "discover"}
    offered: dict[tuple[str, str], dict[str, None]] = {}
    for message in messages:
        if message.type == "offer" and message.address and message.domain:
            vendor_class = classes.get(message.transaction) or "no vendor class"
            offered.setdefault((plain_name(message.domain), message.server or "a server"), {})[vendor_class] = None
    servers: dict[str, dict[str, None]] = {}
    for (domain, server), asked in offered.items():
        only = "" if len(asked) == len(classes) else f" (to {' and '.join(asked)})"
        servers.setdefault(domain, {})[f"offered to the phone by {server}{only}"] = None
    return servers


def _show_lease(writer: LineWriter, lease: Lease) -> None:
    domain = (
        "domain not recorded here" if lease.domain is None and "domain" in lease.unknown else _domain_text(lease.domain)
    )
    writer.write_wrapped(
        (domain, "bold" if lease.chosen else "dim"),
        f", {lease.provenance}",
        first="* " if lease.chosen else "  ",
        hang=4,
    )
    said = []
    if lease.address:
        said.append(f"address {lease.address}")
    if lease.resolvers:
        said.append(f"resolvers {_listed_values(lease.resolvers)}")
    elif lease.authority == "dhcp" and "resolvers" not in lease.unknown:
        said.append("no resolver")
    if lease.search:
        said.append(f"search {_listed_values(lease.search)}")
    if lease.expires is not None:
        said.append(f"until {format_time(lease.expires)[:19]}Z")
    if said:
        writer.write_wrapped(shortened("; ".join(said), 4 * _LONGEST), first="    ", hang=4)
    if lease.reason:
        writer.write_wrapped(
            f"{'used' if lease.chosen else 'not used'}: {shortened(lease.reason, _LONGEST)}", first="    ", hang=4
        )


def _show_messages(writer: LineWriter, messages: list[Dhcp]) -> None:
    """Each question with its answers. An answer that says what an earlier one of that server said is not repeated."""
    questions = [message for message in messages if message.type in ("discover", "inform")]
    known: dict[tuple[tuple[str, str], ...], str] = {}
    for question in questions:
        name = question.type.upper() + (f" as {question.vendor_class}" if question.vendor_class else "")
        tagged = f" in VLAN {question.tag}" if question.tag else ""
        writer.write_wrapped(f"{name}{tagged}, for {question.client}:", first="  ", hang=4)
        answers = [
            message
            for message in messages
            if message.type not in ("discover", "inform") and message.transaction == question.transaction
        ]
        if not answers:
            beside_offers = question.type == "inform" and any(message.type == "offer" for message in messages)
            writer.write_wrapped(f"no answer{_SILENT_TO_INFORM if beside_offers else ''}", first="    ", hang=6)
        for answer in answers:
            who = answer.server or answer.source_address or "a server that does not name itself"
            options = tuple(_option_rows(answer))
            given = f", address {answer.address}" if answer.address else ""
            if answer.type == "offer" and not answer.address:
                given = ", address 0.0.0.0, which is none"
            via = f", by the relay {answer.relay}" if answer.relay else ""
            head = f"{answer.type.upper()} from {who}{given}{via}"
            if options and options in known and known[options] != name:
                writer.write_wrapped(f"{head}: the same options as to {known[options]}", first="    ", hang=6)
                continue
            known.setdefault(options, name)
            writer.write_wrapped(head, first="    ", hang=6)
            for label, value in options:
                writer.write_wrapped(f"{label:{_COLUMN}}{shortened(value, _LONGEST)}", first="      ", hang=6 + _COLUMN)


def _option_rows(answer: Dhcp) -> Iterator[tuple[str, str]]:
    yield "domain (15)", _domain_text(answer.domain)
    if answer.search or 119 in answer.options:
        yield "search list (119)", _listed_values(answer.search) or "unreadable"
    yield "resolvers (6)", _listed_values(answer.resolvers) or ("unreadable" if 6 in answer.options else "none")
    for label, code, values in (
        ("routers (3)", 3, answer.routers),
        ("NTP servers (42)", 42, answer.time_servers),
        ("time servers (4)", 4, answer.time_offset_servers),
        ("SIP servers (120)", 120, answer.registrars),
    ):
        if values or code in answer.options:
            yield label, _listed_values(values) or "unreadable"
    if answer.vendor_options:
        yield "vendor options (43)", _listed_values(answer.vendor_options)
    if answer.vlan is not None:
        yield "  voice VLAN", str(answer.vlan)
    if answer.certificate_service is not None:
        yield "  certificate service", answer.certificate_service
    if answer.lease_seconds is not None:
        yield (
            "lease time (51)",
            "for ever" if answer.lease_seconds == _ENDLESS else _lease_time_text(answer.lease_seconds),
        )
    if answer.relay_information:
        yield "relay information (82)", _listed_values(answer.relay_information)
    if answer.message:
        yield "message (56)", answer.message
    if answer.truncated:
        yield "broken off", "the options end in the middle; what is missing may only be lost"


def _record_text(lookup: Lookup) -> str:
    if lookup.failure == "not_sent":
        return "not asked: this machine could not send the question"
    if lookup.failure == "elsewhere":
        return f"answered from {lookup.answer_from}, which was not asked"
    return shortened(answer_text(lookup), _LONGEST)


def _domain_text(domain: str | None) -> str:
    if domain is None:
        return "no domain"
    if not domain:
        return "an empty domain"
    short = shortened(domain, _LONGEST)
    return short if domain.isprintable() and " " not in domain else f'"{short}"'


def _listed_values(values: Iterable[str]) -> str:
    items = list(values)
    more = f", and {len(items) - _MOST_ITEMS} more" if len(items) > _MOST_ITEMS else ""
    return ", ".join(items[:_MOST_ITEMS]) + more


def _lease_time_text(seconds: int) -> str:
    for size, word in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size and seconds % size == 0:
            return f"{seconds // size} {word}"
    return f"{seconds} seconds"
