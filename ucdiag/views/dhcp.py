"""What ``check-dhcp`` shows between steps and findings: leases, offers, and whose domain has the record."""

from collections.abc import Iterable, Iterator

from ucdiag.model.codec import format_time
from ucdiag.model.observations import Dhcp, Lease, Lookup, Observation
from ucdiag.update_service.names import R2_LABEL, domain_flaw
from ucdiag.views.line_writer import LineWriter
from ucdiag.views.sanitize import shortened

_LONGEST = 500
_MOST_ITEMS = 32
_MOST_DOMAINS = 8
_ENDLESS = 0xFFFFFFFF
_COLUMN = 26


def show_dhcp(paper: LineWriter, observations: Iterable[Observation]) -> None:
    """What ``check-dhcp`` shows; nothing where nothing was seen."""
    found = list(observations)
    leases = [each for each in found if isinstance(each, Lease)]
    messages = [each for each in found if isinstance(each, Dhcp)]
    if leases:
        paper.blank()
        paper.words(("What this machine knows", "bold"))
        for lease in leases:
            _lease(paper, lease)
    if messages:
        paper.blank()
        paper.words(("What DHCP answers", "bold"))
        _messages(paper, messages)
    _compare(paper, found)


def show_domains(paper: LineWriter, observations: Iterable[Observation]) -> None:
    """The comparison alone, for ``check``: where several domains were told, or DHCP servers were asked."""
    found = list(observations)
    if any(isinstance(each, Dhcp) for each in found) or len(_tellers(found)) > 1:
        _compare(paper, found)


def _compare(paper: LineWriter, found: list[Observation]) -> None:
    """Each domain with all who told it, and whether the record is there."""
    records: dict[str, Lookup] = {}
    for each in found:
        if isinstance(each, Lookup) and _of_record(each):
            name = _plain(each.name.partition(".")[2])
            known = records.get(name)
            if known is None or known.rcode is None or (not known.addresses and each.addresses):
                records[name] = each
    tellers = _tellers(found)
    if not records:
        return
    paper.blank()
    paper.words(("Whose domain, and is the record in it", "bold"))
    names = list(dict.fromkeys([*records, *tellers]))
    for name in names[:_MOST_DOMAINS]:
        if name in records:
            lookup = records[name]
            said = f"{lookup.name}: {_record(lookup)}" + (f" (asked {lookup.server})" if lookup.server else "")
        else:
            said = "not looked up" if domain_flaw(name) is None else "not one DNS name: no record can be in it"
        paper.words((_domain(name), "bold"), f", {_listed(tellers.get(name, ()))}", first="  ", hang=4)
        paper.words(said, first="    ", hang=6)
    if len(names) > _MOST_DOMAINS:
        paper.words(f"and {len(names) - _MOST_DOMAINS} more domains, which were not looked up", first="  ", hang=4)


def _of_record(lookup: Lookup) -> bool:
    purpose = lookup.purpose in ("other", "update")
    return purpose and lookup.type == "A" and lookup.name.lower().startswith(f"{R2_LABEL}.")


def _tellers(found: list[Observation]) -> dict[str, dict[str, None]]:
    """domain -> who told it, the phone's first. A domain that was looked up and that nobody told is the user's."""
    messages = [each for each in found if isinstance(each, Dhcp)]
    classes = {each.transaction: each.vendor_class for each in messages if each.type == "discover"}
    tellers: dict[str, dict[str, None]] = {}
    offered: dict[tuple[str, str], dict[str, None]] = {}
    for message in messages:
        if message.type == "offer" and message.address and message.domain:
            class_ = classes.get(message.transaction) or "no vendor class"
            offered.setdefault((_plain(message.domain), message.server or "a server"), {})[class_] = None
    for (domain, server), asked in offered.items():
        # Where all classes were told the same there is nothing to tell apart.
        only = "" if len(asked) == len(classes) else f" (to {' and '.join(asked)})"
        tellers.setdefault(domain, {})[f"offered to the phone by {server}{only}"] = None
    for message in messages:
        if message.type == "ack" and message.domain:
            who = f"told this machine by {message.server or 'a server'}"
            tellers.setdefault(_plain(message.domain), {})[who] = None
    for each in found:
        if isinstance(each, Lease) and each.chosen and each.domain:
            whose = "this machine's lease" if each.authority == "dhcp" else "this machine's resolver"
            tellers.setdefault(_plain(each.domain), {})[whose] = None
        elif isinstance(each, Lookup) and _of_record(each):
            tellers.setdefault(_plain(each.name.partition(".")[2]), {"given with --domain": None})
    return tellers


def _plain(domain: str) -> str:
    return domain.rstrip(".").lower()


def _lease(paper: LineWriter, lease: Lease) -> None:
    domain = "domain not told here" if lease.domain is None and "domain" in lease.unknown else _domain(lease.domain)
    paper.words(
        (domain, "bold" if lease.chosen else "dim"),
        f", {lease.provenance}",
        first="* " if lease.chosen else "  ",
        hang=4,
    )
    said = []
    if lease.address:
        said.append(f"address {lease.address}")
    if lease.resolvers:
        said.append(f"resolvers {_listed(lease.resolvers)}")
    elif lease.authority == "dhcp" and "resolvers" not in lease.unknown:
        said.append("no resolver")
    if lease.search:
        said.append(f"search {_listed(lease.search)}")
    if lease.expires is not None:
        said.append(f"until {format_time(lease.expires)[:19]}Z")
    if said:
        paper.words(shortened("; ".join(said), 4 * _LONGEST), first="    ", hang=4)
    if lease.reason:
        paper.words(
            f"{'used' if lease.chosen else 'not used'}: {shortened(lease.reason, _LONGEST)}", first="    ", hang=4
        )


def _messages(paper: LineWriter, messages: list[Dhcp]) -> None:
    """Each question with its answers. An answer that says what an earlier one of that server said is not repeated."""
    questions = [each for each in messages if each.type in ("discover", "inform")]
    known: dict[tuple[tuple[str, str], ...], str] = {}
    for question in questions:
        name = question.type.upper() + (f" as {question.vendor_class}" if question.vendor_class else "")
        tagged = f" in VLAN {question.tag}" if question.tag else ""
        paper.words(f"{name}{tagged}, for {question.client}:", first="  ", hang=4)
        answers = [
            each
            for each in messages
            if each.type not in ("discover", "inform") and each.transaction == question.transaction
        ]
        if not answers:
            paper.words("no answer", first="    ", hang=6)
        for answer in answers:
            who = answer.server or answer.source_address or "a server that does not name itself"
            options = tuple(_options(answer))
            given = f", address {answer.address}" if answer.address else ""
            if answer.type == "offer" and not answer.address:
                given = ", address 0.0.0.0, which is none"
            via = f", by the relay {answer.relay}" if answer.relay else ""
            head = f"{answer.type.upper()} from {who}{given}{via}"
            if options and options in known and known[options] != name:
                paper.words(f"{head}: the same options as to {known[options]}", first="    ", hang=6)
                continue
            known.setdefault(options, name)
            paper.words(head, first="    ", hang=6)
            for label, value in options:
                paper.words(f"{label:{_COLUMN}}{shortened(value, _LONGEST)}", first="      ", hang=6 + _COLUMN)


def _options(answer: Dhcp) -> Iterator[tuple[str, str]]:
    yield "domain (15)", _domain(answer.domain)
    if answer.search or 119 in answer.options:
        yield "search list (119)", _listed(answer.search) or "unreadable"
    yield "resolvers (6)", _listed(answer.resolvers) or ("unreadable" if 6 in answer.options else "none")
    for label, code, values in (
        ("routers (3)", 3, answer.routers),
        ("NTP servers (42)", 42, answer.time_servers),
        ("time servers (4)", 4, answer.time_offset_servers),
        ("SIP servers (120)", 120, answer.registrars),
    ):
        if values or code in answer.options:
            yield label, _listed(values) or "unreadable"
    if answer.vendor_options:
        yield "vendor options (43)", _listed(answer.vendor_options)
    if answer.vlan is not None:
        yield "  voice VLAN", str(answer.vlan)
    if answer.certificate_service is not None:
        yield "  certificate service", answer.certificate_service
    if answer.lease_seconds is not None:
        yield "lease time (51)", "for ever" if answer.lease_seconds == _ENDLESS else _lasting(answer.lease_seconds)
    if answer.relay_information:
        yield "relay information (82)", _listed(answer.relay_information)
    if answer.message:
        yield "message (56)", answer.message
    if answer.truncated:
        yield "broken off", "the options end in the middle; what is missing may only be lost"


def _record(lookup: Lookup) -> str:
    if lookup.addresses:
        return _listed(lookup.addresses)
    if lookup.rcode == "NOERROR":
        return "exists, without an A record"
    if lookup.failure == "not_sent":
        return "not asked: this machine could not send the question"
    return {"NXDOMAIN": "does not exist (NXDOMAIN)"}.get(
        lookup.rcode or "", lookup.rcode or lookup.failure or "no answer"
    )


def _domain(domain: str | None) -> str:
    if domain is None:
        return "no domain"
    if not domain:
        return "an empty domain"
    short = shortened(domain, _LONGEST)
    return short if domain.isprintable() and " " not in domain else f'"{short}"'


def _listed(values: Iterable[str]) -> str:
    items = list(values)
    more = f", and {len(items) - _MOST_ITEMS} more" if len(items) > _MOST_ITEMS else ""
    return ", ".join(items[:_MOST_ITEMS]) + more


def _lasting(seconds: int) -> str:
    for size, word in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size and seconds % size == 0:
            return f"{seconds // size} {word}"
    return f"{seconds} seconds"
