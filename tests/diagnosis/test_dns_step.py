"""What step 2 says: of one answer, of several DNS servers, and of a phone's own questions."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from tests.diagnosis.story import LEGACY, MAC, NAME, PATH, PHONE, POOL, RESOLVER, SECOND, SERVER, START
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.known_servers import KnownServers
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import Event
from ucdiag.diagnosis.steps import dns
from ucdiag.model.observations import Connect, Dhcp, Http, Lookup, Observation, Tls, UpdateAnswer
from ucdiag.model.phone import Phone
from ucdiag.model.report import Finding
from ucdiag.model.steps import Who

WATCHED, ASKED = DiagnosisOptions(from_capture=True), DiagnosisOptions(domain="contoso.com")
SECOND_SERVER, OTHER = "10.0.0.3", "10.0.0.77"
BY = f" (asked {RESOLVER})"


def lookup(rcode: str | None = "NOERROR", *addresses: str, name: str = NAME, **more: Any) -> Lookup:
    more = {"type": "A", "server": RESOLVER, "client": PHONE, "time": START, "frame": 4, **more}
    return Lookup(name=name, rcode=rcode, addresses=addresses, **more)


def own(rcode: str | None = "NOERROR", *addresses: str, name: str = NAME, **more: Any) -> Lookup:
    """A question of an active command."""
    return lookup(rcode, *addresses, name=name, **{"purpose": "update", "frame": None, **more})


def log(*facts: Observation) -> ObservationLog:
    history = ObservationLog()
    for fact in facts:
        history.add(fact)
    return history


def judged(*facts: Observation, setting: DiagnosisOptions = ASKED, after: float = 60) -> list[Event]:
    return dns.events(log(*facts), setting, START + round(after * SECOND))


def said(*facts: Observation, setting: DiagnosisOptions = ASKED, after: float = 60) -> list[tuple[str, str]]:
    """The code, or how it went, and the sentence of each event."""
    words = {True: "good", False: "bad", None: "?"}
    return [(event.code or words[event.ok], event.summary) for event in judged(*facts, setting=setting, after=after)]


CHAIN = tuple(f"c{number}.contoso.com" for number in range(16))
CUT = f"{RESOLVER} answered over UDP, cut short (truncated), for {NAME}, and its TCP port"


@pytest.mark.parametrize(
    ("fact", "code", "summary"),
    [
        (own("NOERROR", POOL), "good", f"{NAME} resolves to {POOL}{BY}"),
        (
            own("NOERROR", POOL, OTHER, ttl=60, aliases=("a.contoso.com",)),
            "good",
            f"{NAME} resolves to {POOL} and {OTHER} through a.contoso.com{BY}, TTL 60 s",
        ),
        (own("NOERROR", POOL, ttl=0), "good", f"{NAME} resolves to {POOL}{BY}, TTL 0 s"),
        (own("NOERROR", POOL, server=None), "good", f"{NAME} resolves to {POOL}"),
        (own("NOERROR", POOL, assumed=True), "good", f"{NAME} resolves to {POOL} (assumed, nobody was asked)"),
        (own("NOERROR", POOL, server_port=99), "good", f"{NAME} resolves to {POOL} (asked {RESOLVER} port 99)"),
        (
            own("NOERROR", POOL, name="ucupdates-r2."),
            "good",
            f"the bare name ucupdates-r2. resolves to {POOL}{BY}",
        ),
        (own("NOERROR", POOL, truncated=True), "good", f"{NAME} resolves to {POOL}{BY}"),
        (own("NOERROR", POOL, snapped=True), "good", f"{NAME} resolves to {POOL}{BY}"),
        (own("NOERROR", POOL, aliases=(NAME,)), "good", f"{NAME} resolves to {POOL} through {NAME}{BY}"),
        (
            own(None, failure="lost"),
            "capture-gap",
            f"the capture lacks packets of {RESOLVER}, and with them perhaps the answer for {NAME}; capture again, "
            "nearer to the phone or with a larger buffer (tcpdump -B 65536)",
        ),
        (
            own(None, failure="elsewhere", answer_from="10.9.9.9"),
            "dns-answer-from-elsewhere",
            f"{RESOLVER} was asked for {NAME}, and the answer came from 10.9.9.9, which a resolver drops",
        ),
        (own(None, truncated=True), "dns-no-answer", f"{CUT} 53 gives no answer"),
        (own(None, truncated=True, failure="unreachable"), "dns-no-answer", f"{CUT} 53 is closed"),
        (
            own(None, truncated=True, failure="unreachable", reason="why"),
            "dns-no-answer",
            f"{CUT} 53 cannot be reached: why",
        ),
        (
            own(None, truncated=True, failure="malformed"),
            "dns-no-answer",
            f"{CUT.replace('its TCP', 'what its TCP')} 53 says is not DNS",
        ),
        (
            own(None, truncated=True, failure="malformed", reason="its length is 3"),
            "dns-no-answer",
            f"{RESOLVER} answered for {NAME}, and its length is 3",
        ),
        (
            own(None, truncated=True, server_port=99),
            "dns-no-answer",
            f"{CUT.replace(RESOLVER, f'{RESOLVER} port 99')} 99 gives no answer",
        ),
        (
            own(None, failure="malformed", reason="why"),
            "dns-no-answer",
            f"{RESOLVER} answered for {NAME} with a message that cannot be read as DNS",
        ),
        (own(None), "dns-no-answer", f"{RESOLVER} did not answer for {NAME}"),
        (own(None, server=None), "dns-no-answer", f"the DNS server did not answer for {NAME}"),
        (
            own(None, failure="unreachable"),
            "dns-no-answer",
            f"{RESOLVER} did not answer for {NAME}: nothing listens there (ICMP unreachable)",
        ),
        (own("REFUSED"), "dns-refused", f"{RESOLVER} refused to answer for {NAME}"),
        (
            own("NXDOMAIN", aliases=("a.contoso.com", "b.contoso.com")),
            "dns-no-address",
            f"{NAME} is an alias of b.contoso.com, which does not exist{BY}",
        ),
        (
            own("NXDOMAIN", name="pool.contoso.com"),
            "dns-no-address",
            f"pool.contoso.com does not exist{BY}",
        ),
        (own("NXDOMAIN"), "dns-r2-missing", f"{NAME} does not exist{BY}"),
        *(
            (
                own("NXDOMAIN", name=f"ucupdates-r2.{server}"),
                "dns-r2-missing",
                f"ucupdates-r2.{server} does not exist{BY}: the DHCP domain, {server}, is itself the name of an "
                "update server",
            )
            for server in ("ucupdates-r2.contoso.com", "ucupdates.contoso.com")
        ),
        (
            own("NXDOMAIN", name="ucupdates-r2.updates.contoso.com"),
            "dns-r2-missing",
            f"ucupdates-r2.updates.contoso.com does not exist{BY}",
        ),
        (own("SERVFAIL"), "dns-server-failure", f"{RESOLVER} answered SERVFAIL for {NAME}"),
        (own("BADCOOKIE"), "dns-server-failure", f"{RESOLVER} answered BADCOOKIE for {NAME}"),
        (own("BADVERS"), "dns-server-failure", f"{RESOLVER} answered BADVERS for {NAME}"),
        (
            own("NOERROR", referred=True),
            "dns-refused",
            f"{RESOLVER} referred elsewhere for {NAME}: it does not recurse for this client",
        ),
        (
            own("NOERROR", snapped=True, truncated=True),
            "capture-gap",
            f"the answer of {RESOLVER} for {NAME} is cut short in the capture; capture again with whole packets "
            "(tcpdump -s 0)",
        ),
        (
            own("NOERROR", truncated=True),
            "dns-no-answer",
            f"{CUT} 53 gives no answer",
        ),
        (own("NOERROR"), "dns-no-address", f"{NAME} exists without an A record{BY}"),
        (
            own("NOERROR", aliases=("a.contoso.com", "b.contoso.com")),
            "dns-no-address",
            f"{NAME} is an alias of b.contoso.com, and the answer has no address of that{BY}",
        ),
        (
            own("NOERROR", aliases=("b.contoso.com",), zone="contoso.com"),
            "dns-no-address",
            f"{NAME}, an alias of b.contoso.com, exists without an A record{BY}",
        ),
        (own("NOERROR", aliases=(NAME.upper(),)), "dns-no-address", f"{NAME} is an alias of itself (a loop){BY}"),
        (
            own("NOERROR", aliases=("a.contoso.com", NAME)),
            "dns-no-address",
            f"{NAME} is an alias that leads in a loop (a.contoso.com, {NAME}){BY}",
        ),
        (
            own("NOERROR", aliases=CHAIN),
            "dns-no-address",
            f"{NAME} begins too long a chain of aliases (16 and more), which no resolver follows to its end{BY}",
        ),
        (
            own("NOERROR", aliases=CHAIN[:15]),
            "dns-no-address",
            f"{NAME} is an alias of c14.contoso.com, and the answer has no address of that{BY}",
        ),
        (
            own("NOERROR", "0.0.0.0"),
            "dns-bad-address",
            f"{NAME} resolves to 0.0.0.0, and it is in 0.0.0.0/8, which means no address{BY}",
        ),
        (
            own("NOERROR", POOL, "0.0.0.0", "127.0.0.1"),
            "dns-bad-address",
            f"{NAME} resolves to {POOL}, 0.0.0.0 and 127.0.0.1, of which 0.0.0.0 is no host's: it is in 0.0.0.0/8, "
            f"which means no address{BY}",
        ),
    ],
)
def test_what_one_answer_says(fact: Lookup, code: str, summary: str) -> None:
    (event,) = judged(fact)
    assert said(fact) == [(code, summary)]
    assert event.expected == (fact.rcode in ("BADCOOKIE", "BADVERS"))
    assert event.values.get("address") == ("0.0.0.0" if code == "dns-bad-address" else None)
    assert len(event.evidence) == 1


@pytest.mark.parametrize(
    "address", ["0.1.2.3", "127.0.0.53", "169.254.7.7", "239.1.2.3", "240.0.0.1", "254.1.1.1", "255.255.255.255"]
)
@pytest.mark.parametrize("question", [own, lookup])
def test_no_server_is_at_a_special_address(question: Callable[..., Lookup], address: str) -> None:
    assert [code for code, _ in said(question("NOERROR", address))] == ["dns-bad-address"]


def test_an_answer_that_is_cut_short_in_a_capture() -> None:
    text = f"the answer of {RESOLVER} for {NAME} is cut short (by the server, or by the capture's snap length), and no "
    text += "answer to the question over TCP that has to follow was seen"
    assert said(lookup(truncated=True), to_resolver("open"), setting=WATCHED) == [("capture-gap", text)]
    text = f"{RESOLVER} answered for {NAME} over UDP with a truncated answer (TC) without an address, and no question "
    text += "over TCP, which has to follow, is in the capture"
    assert said(lookup(truncated=True), setting=WATCHED) == [("capture-gap", text)]


def opened(port: int = 7, **more: Any) -> Connect:
    more = {"time": START + 1, "client": PHONE, "server": RESOLVER, "port": 53, "client_port": port, **more}
    return Connect(outcome="open", **more)


def over_tcp(**more: Any) -> Lookup:
    return lookup("NOERROR", **{"transport": "tcp", "time": START + 2, "client_port": 7, **more})


@pytest.mark.parametrize(
    ("facts", "own_advice"),
    [
        ([lookup(truncated=True)], True),
        ([lookup(truncated=True), lookup("NXDOMAIN", transport="tcp", time=START - 1)], True),
        ([lookup(truncated=True), lookup(transport="tcp", time=START + 1)], False),
        ([lookup(truncated=True), lookup(transport="tcp")], False),
        ([lookup(truncated=True), lookup(transport="tcp", server=OTHER, time=START + 1)], True),
        ([lookup(truncated=True), lookup(time=START + 1)], True),
        ([lookup(truncated=True), over_tcp(name="pool.contoso.com"), opened()], True),
        ([lookup(truncated=True), over_tcp(name=NAME.upper()), opened()], False),
        ([lookup(truncated=True), over_tcp(name="pool.contoso.com"), opened(8)], False),
        ([lookup(truncated=True), over_tcp(type="AAAA"), opened()], True),
        ([lookup(truncated=True), over_tcp(type="AAAA"), opened(8)], False),
        ([lookup(truncated=True), opened()], False),
        ([lookup(truncated=True), opened(time=START - 1)], True),
        ([lookup(truncated=True), opened(time=START + 301 * SECOND)], True),
        ([lookup(truncated=True), over_tcp(time=START + 301 * SECOND)], True),
        ([lookup(snapped=True, truncated=True)], False),
        ([lookup("NXDOMAIN", truncated=True)], False),
        ([lookup("NOERROR", POOL, truncated=True)], False),
    ],
)
def test_a_truncated_answer_without_tcp_has_advice_of_its_own(facts: list[Observation], own_advice: bool) -> None:
    """Unless the phone asked that server the same over TCP, or what it asked there is not known."""
    event = next(event for event in judged(*facts, setting=WATCHED) if event.time == START)
    assert (event.values.get("variant") == "truncated") == own_advice


def test_a_truncated_answer_at_the_end_of_a_capture_leaves_it_open() -> None:
    text = f"the capture ends before the question for {NAME} over TCP, which the truncated answer asks for"
    assert said(lookup(truncated=True), setting=WATCHED, after=1) == [("capture-too-short", text)]
    assert said(lookup(truncated=True), setting=WATCHED, after=5)[0][0] == "capture-gap"
    assert said(lookup(truncated=True), to_resolver("open"), setting=WATCHED, after=1)[0][0] == "capture-gap"
    assert said(lookup("NOERROR", POOL, truncated=True), setting=WATCHED, after=1)[0][0] == "good"


@pytest.mark.parametrize(
    ("fact", "setting", "values"),
    [
        (own("NXDOMAIN"), {}, {"name": NAME, "nameserver": RESOLVER, "domain": "contoso.com"}),
        (own("NXDOMAIN", server_port=99), {}, {"dns_port": "99"}),
        (own("NXDOMAIN", name="pool.contoso.com"), {}, {"label": "pool", "domain": "contoso.com"}),
        (own("NXDOMAIN", name="pool"), {}, {"label": "ucupdates-r2", "domain": None}),
        (own("NXDOMAIN", name="pool"), {"domain": "b.example"}, {"label": "ucupdates-r2", "domain": "b.example"}),
        (own("NXDOMAIN", name="ucupdates-r2"), {"domain": "b.example"}, {"domain": None}),
        (own("NXDOMAIN"), {"sip_domain": "sip.example"}, {"sip_domain": "sip.example"}),
        (own("NXDOMAIN"), {}, {"sip_domain": None, "variant": None}),
        (
            own("NXDOMAIN", name=f"ucupdates-r2.{NAME}"),
            {},
            {"domain": "contoso.com", "variant": "domain-is-server"},
        ),
        (own("NXDOMAIN", name="ucupdates-r2.ucupdates-r2"), {}, {"domain": "ucupdates-r2", "variant": None}),
        (own("NXDOMAIN", server=None), {}, {"nameserver": None}),
    ],
)
def test_the_values_of_a_lookup(fact: Lookup, setting: dict[str, Any], values: dict[str, str | None]) -> None:
    (event,) = judged(fact, setting=DiagnosisOptions(**setting))
    expected = {"label": "ucupdates-r2", "dns_port": "53", **values}
    assert {name: event.values.get(name) for name in expected} == expected
    assert event.seconds is None
    (event,) = judged(own("NXDOMAIN", seconds=0.5))
    assert event.seconds == 0.5


BELOW = "ucupdates-r2.site.contoso.com"


@pytest.mark.parametrize(
    ("fact", "zone", "record"),
    [
        (own("NXDOMAIN", name=BELOW, zone="Contoso.com."), "contoso.com", "ucupdates-r2.site"),
        (own("NOERROR", name=BELOW, zone="contoso.com"), "contoso.com", "ucupdates-r2.site"),
        (own("NXDOMAIN", name=BELOW, zone="site.contoso.com"), "site.contoso.com", "ucupdates-r2"),
        (own("NXDOMAIN", name="pool.site.contoso.com", zone="contoso.com"), "contoso.com", "pool.site"),
        # The site's zone is not there: the answer comes from where others have theirs.
        (own("NXDOMAIN", name=BELOW, zone="."), None, None),
        (own("NXDOMAIN", name=BELOW, zone="com"), None, None),
        (own("NXDOMAIN", name="ucupdates-r2.contoso.co.uk", zone="co.uk"), None, None),
        (own("NXDOMAIN", name="ucupdates-r2.contoso.ltd.uk", zone="ltd.uk"), None, None),
        (own("NXDOMAIN", name="ucupdates-r2.site.contoso.de", zone="contoso.de"), "contoso.de", "ucupdates-r2.site"),
        (own("NXDOMAIN", name="ucupdates-r2.contoso.com.corp", zone="com.corp"), "com.corp", "ucupdates-r2.contoso"),
        # Another name's, or that of the alias.
        (own("NXDOMAIN", name=BELOW, zone="toso.com"), None, None),
        (own("NXDOMAIN", name=BELOW, zone=BELOW), None, None),
        (own("NOERROR", name=BELOW, aliases=("pool.contoso.com",), zone="contoso.com"), None, None),
        (own("NXDOMAIN", name=BELOW), None, None),
    ],
)
def test_the_zone_for_the_record_is_that_of_the_answer(fact: Lookup, zone: str | None, record: str | None) -> None:
    (event,) = judged(fact)
    assert (event.values.get("zone"), event.values.get("record")) == (zone, record)
    above = zone is not None and fact.name != f"ucupdates-r2.{zone}"
    assert event.values["variant"] == ("zone-above" if above else None)


def older(rcode: str = "NOERROR", *addresses: str, **more: Any) -> Lookup:
    return own(rcode, *addresses, name=LEGACY, **more)


def of_sip(*addresses: str, **more: Any) -> Lookup:
    return own("NOERROR", *addresses, **{"name": "ucupdates-r2.sip.example", "purpose": "sip", **more})


MISSING = f"{NAME} does not exist{BY}"
OLDER_ONLY = f"{NAME} does not exist, the older {LEGACY} does{BY}"
SIP_ONLY = f"{NAME} does not exist; ucupdates-r2.sip.example does, but a phone asks in its DHCP domain{BY}"


@pytest.mark.parametrize(
    ("beside", "code", "summary", "others"),
    [
        ([older("NOERROR", POOL)], "dns-legacy-only", OLDER_ONLY, [LEGACY]),
        ([older("NOERROR", OTHER), older("NOERROR", POOL)], "dns-legacy-only", OLDER_ONLY, [LEGACY]),
        ([older("NXDOMAIN")], "dns-r2-missing", f"{NAME} does not exist, nor does {LEGACY}{BY}", [LEGACY]),
        (
            [older("NXDOMAIN")] * 3,
            "dns-r2-missing",
            f"{NAME} does not exist, nor does {LEGACY}{BY}",
            [LEGACY, LEGACY],
        ),
        ([older("NOERROR")], "dns-r2-missing", MISSING, []),
        ([older("NOERROR", POOL), of_sip(OTHER)], "dns-legacy-only", OLDER_ONLY, [LEGACY]),
        ([of_sip(OTHER)], "dns-sip-domain-only", SIP_ONLY, ["ucupdates-r2.sip.example"]),
        ([of_sip(OTHER), of_sip(POOL)], "dns-sip-domain-only", SIP_ONLY, ["ucupdates-r2.sip.example"]),
        ([of_sip()], "dns-r2-missing", MISSING, []),
        ([of_sip(OTHER, type="AAAA")], "dns-r2-missing", MISSING, []),
        ([of_sip(OTHER, purpose="other")], "dns-r2-missing", MISSING, []),
        ([of_sip(OTHER, name="ucupdates.sip.example")], "dns-r2-missing", MISSING, []),
    ],
)
def test_another_name_that_exists_or_does_not(beside: list[Lookup], code: str, summary: str, others: list[str]) -> None:
    (event,) = judged(own("NXDOMAIN"), *beside)
    assert (event.ok, event.code, event.summary) == (False, code, summary)
    assert [line.text.split()[1] for line in event.evidence] == [NAME, *others]
    found = {"dns-legacy-only": beside[0].addresses, "dns-sip-domain-only": beside[0].addresses}.get(code, ())
    assert event.values.get("address") == (found[0] if found else None)


RESOLVES = f"{NAME} resolves to {POOL} (asked"
SILENT = ("dns-no-answer", f"{RESOLVER} did not answer for {NAME}")
REFERRED = f"{RESOLVER} referred elsewhere for {NAME}: it does not recurse for this client"
UNSENT = own(None, failure="not_sent", reason="why")
UNSENT_6 = own(None, failure="not_sent", reason="why", server="fe80::1")
UNSENT_HERE = own(None, failure="not_sent", reason="why", server="127.0.0.53")
NOT_ASKED = ("?", f"this machine could not ask the nameserver {RESOLVER}: why")


def second(rcode: str | None, *addresses: str, **more: Any) -> Lookup:
    return own(rcode, *addresses, **{"server": SECOND_SERVER, **more})


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([older("NOERROR", POOL)], []),
        # The first that answers decides, whatever the others say.
        (
            [own("NOERROR", POOL), second("NOERROR", POOL)],
            [("good", f"{RESOLVES} {RESOLVER}); {SECOND_SERVER} says the same")],
        ),
        (
            [own("NOERROR", POOL), second("NOERROR", POOL), second("NOERROR", POOL, server_port=99)],
            [("good", f"{RESOLVES} {RESOLVER}); {SECOND_SERVER} and {SECOND_SERVER} port 99 say the same")],
        ),
        (
            [own("NOERROR", POOL), second("NOERROR", OTHER), second("NXDOMAIN", server="10.0.0.4")],
            [
                (
                    "good",
                    f"{RESOLVES} {RESOLVER}); but {SECOND_SERVER} says {OTHER} and 10.0.0.4 says NXDOMAIN",
                )
            ],
        ),
        (
            [own("NOERROR", POOL), second("NOERROR", POOL), second("NXDOMAIN", server="10.0.0.4")],
            [("good", f"{RESOLVES} {RESOLVER}); {SECOND_SERVER} says the same; but 10.0.0.4 says NXDOMAIN")],
        ),
        (
            [own("NOERROR", POOL, OTHER), second("NOERROR", OTHER, POOL)],
            [("good", f"{NAME} resolves to {POOL} and {OTHER}{BY}; {SECOND_SERVER} says the same")],
        ),
        (
            [own("NXDOMAIN"), second("NOERROR", POOL)],
            [("dns-r2-missing", f"{MISSING}; but {SECOND_SERVER} says {POOL}")],
        ),
        (
            [own("NXDOMAIN"), second("NOERROR")],
            [("dns-r2-missing", f"{MISSING}; but {SECOND_SERVER} says no such record (NOERROR)")],
        ),
        # One that gave no answer says nothing.
        ([own(None), second("NOERROR", POOL)], [SILENT, ("good", f"{RESOLVES} {SECOND_SERVER})")]),
        (
            [own("NOERROR", referred=True), second("NOERROR")],
            [("dns-refused", REFERRED), ("dns-no-address", f"{NAME} exists without an A record (asked 10.0.0.3)")],
        ),
        (
            [own(None), second("REFUSED"), second("REFUSED", server="10.0.0.4")],
            [
                ("dns-refused", f"{SECOND_SERVER} refused to answer for {NAME}"),
                ("dns-refused", f"10.0.0.4 refused to answer for {NAME}"),
                SILENT,
            ],
        ),
        # Of one server the last answer counts; another port is another server.
        ([own(None), own("NOERROR", POOL)], [("good", f"{RESOLVES} {RESOLVER})")]),
        (
            [own("NOERROR", POOL), own("NXDOMAIN", server_port=54)],
            [("good", f"{RESOLVES} {RESOLVER}); but {RESOLVER} port 54 says NXDOMAIN")],
        ),
        # Who could not be asked may be the one that would answer, unless another one does.
        ([UNSENT], [NOT_ASKED]),
        ([UNSENT, second("NOERROR", POOL)], [("good", f"{RESOLVES} {SECOND_SERVER})")]),
        (
            [UNSENT, second("REFUSED")],
            [("dns-refused", f"{SECOND_SERVER} refused to answer for {NAME}"), NOT_ASKED],
        ),
        # The first failure of who then answers is left as a warning.
        (
            [own("SERVFAIL"), own("NOERROR", POOL, time=START + SECOND)],
            [
                ("dns-server-failure", f"{RESOLVER} answered SERVFAIL for {NAME}"),
                ("good", f"{NAME} resolves to {POOL}{BY}"),
            ],
        ),
        # Before what the others say.
        (
            [own("SERVFAIL"), own("NOERROR", POOL, time=START + SECOND), second("REFUSED")],
            [
                ("dns-server-failure", f"{RESOLVER} answered SERVFAIL for {NAME}"),
                ("dns-refused", f"{SECOND_SERVER} refused to answer for {NAME}"),
                ("good", f"{NAME} resolves to {POOL}{BY}"),
            ],
        ),
        (
            [own("SERVFAIL"), own("SERVFAIL", time=START + SECOND)],
            [("dns-server-failure", f"{RESOLVER} answered SERVFAIL for {NAME}")],
        ),
        (
            [own("SERVFAIL"), own("NXDOMAIN", time=START + SECOND)],
            [
                ("dns-server-failure", f"{RESOLVER} answered SERVFAIL for {NAME}"),
                ("dns-r2-missing", f"{NAME} does not exist{BY}"),
            ],
        ),
        # Phones do not use IPv6.
        ([UNSENT_6, own(None)], [SILENT]),
        # Nor do they use this machine's own resolver.
        ([UNSENT_HERE, own(None)], [SILENT]),
        ([UNSENT_HERE], [("?", "this machine could not ask the nameserver 127.0.0.53: why")]),
        ([UNSENT_6], [("?", "this machine could not ask the nameserver fe80::1: why")]),
        (
            [UNSENT_6, UNSENT, second("REFUSED")],
            [("dns-refused", f"{SECOND_SERVER} refused to answer for {NAME}"), NOT_ASKED],
        ),
    ],
)
def test_what_several_dns_servers_say(facts: list[Lookup], expected: list[tuple[str, str]]) -> None:
    assert said(*facts) == expected


def test_of_several_failures_of_who_then_answers_the_first_is_left() -> None:
    failed = [own("SERVFAIL", time=START + number * SECOND) for number in range(3)]
    missed, good = judged(*failed, own("NOERROR", POOL, time=START + 3 * SECOND))
    assert (missed.code, missed.time, good.ok) == ("dns-server-failure", START, True)


# In a capture.


def ack(domain: str | None = "contoso.com", **more: Any) -> Dhcp:
    more = {"time": START - SECOND, "type": "ack", "client": MAC, "server": SERVER, **more}
    return Dhcp(domain=domain, **more)


def to_resolver(outcome: Any = "unreachable", **more: Any) -> Connect:
    more = {"time": START + 1, "client": PHONE, "server": RESOLVER, "port": 53, "attempts": 3, "reason": "why", **more}
    return Connect(outcome=outcome, **more)


@pytest.mark.parametrize(
    ("facts", "values"),
    [
        ([to_resolver()], {}),
        ([ack(), to_resolver()], {"domain": "contoso.com", "name": NAME}),
        ([ack("Contoso.COM."), to_resolver()], {"domain": "contoso.com", "name": NAME}),
        ([ack("a b"), to_resolver()], {}),
        ([to_resolver(port=54)], None),
        ([to_resolver(client_port=4)], None),
        ([to_resolver("refused")], None),
    ],
)
def test_who_finds_no_way_to_its_dns_server(facts: list[Observation], values: dict[str, str] | None) -> None:
    events = judged(*facts, setting=WATCHED)
    assert len(events) == (values is not None)
    for event in events:
        assert (event.code, event.time) == ("dns-no-answer", START + 1)
        assert event.summary == f"the phone could not ask its DNS server {RESOLVER}: why"
        assert [line.text for line in event.evidence] == ["why, asked 3 times"]
        known = {"nameserver": RESOLVER, "dns_port": "53", "label": "ucupdates-r2", "variant": "no-way"}
        assert event.values == {**known, **(values or {})}
    # Where it asked, that says more.
    answered = judged(*facts, lookup("NOERROR", POOL), setting=WATCHED)
    assert [event.ok for event in answered] == [True]


@pytest.mark.parametrize("failure", [None, "no_answer", "malformed", "unreachable", "lost", "elsewhere"])
def test_an_answer_that_may_still_come(failure: Any) -> None:
    asked = lookup(None, failure=failure, answer_from="10.9.9.9")
    awaited = failure in (None, "no_answer")
    (event,) = judged(asked, setting=WATCHED, after=4.999999)
    assert (event.code == "capture-too-short") == awaited
    if awaited:
        assert event.summary == f"the capture ends while the answer for {NAME} was awaited"
        assert (event.waiting, event.values, event.time) == (True, {"nameserver": RESOLVER}, START)
        assert [line.text for line in event.evidence] == [f"question {NAME} A to {RESOLVER}: no answer"]
    assert judged(asked, setting=WATCHED, after=5)[0].code != "capture-too-short"


CORP = "ucupdates-r2.corp.contoso.com"
IN_CORP = f"{CORP} does not exist"
ABROAD = "ucupdates-r2.fabrikam.com"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        # The older name is judged by itself only where the newer one was not asked for.
        ([lookup("NXDOMAIN"), lookup("NOERROR", POOL, name=LEGACY)], [OLDER_ONLY]),
        ([lookup("NOERROR", POOL, name=LEGACY)], [f"{LEGACY} resolves to {POOL}{BY}"]),
        ([lookup("NXDOMAIN"), lookup("NOERROR", POOL, name="ucupdates.fabrikam.com")], [MISSING]),
        ([lookup("NXDOMAIN"), lookup("NXDOMAIN", name=LEGACY)], [f"{NAME} does not exist, nor does {LEGACY}{BY}"]),
        # What a resolver's search list makes of a name.
        (
            [ack("corp.contoso.com"), lookup("NXDOMAIN", name=CORP), lookup("NXDOMAIN")],
            [f"{IN_CORP}, nor does {NAME}{BY}"],
        ),
        ([ack("corp.contoso.com"), lookup("NXDOMAIN", name=CORP), lookup(None)], [f"{IN_CORP}{BY}"]),
        (
            [ack("Corp.contoso.com."), lookup("NXDOMAIN", name=CORP.upper()), lookup("NXDOMAIN")],
            [f"{CORP.upper()} does not exist, nor does {NAME}{BY}"],
        ),
        (
            [ack("corp.contoso.com"), lookup("NXDOMAIN", name=CORP), lookup("NOERROR", POOL)],
            [f"{IN_CORP}{BY}", f"{NAME} resolves to {POOL}{BY}"],
        ),
        (
            [ack("corp.contoso.com"), lookup("NXDOMAIN", name=CORP), lookup("NXDOMAIN", name="ucupdates.contoso.com")],
            [f"{IN_CORP}{BY}"],
        ),
        ([ack("corp.contoso.com"), lookup("NXDOMAIN")], [MISSING]),
        (
            [ack("xcontoso.com"), lookup("NXDOMAIN", name="ucupdates-r2.xcontoso.com"), lookup("NXDOMAIN")],
            [f"ucupdates-r2.xcontoso.com does not exist{BY}", MISSING],
        ),
        ([lookup("NXDOMAIN"), lookup("NXDOMAIN", name=f"{NAME}.corp.com")], [MISSING]),
        ([lookup("NXDOMAIN"), lookup(None, name="ucupdates-r2")], [MISSING]),
        (
            [lookup("NXDOMAIN"), lookup("NOERROR", POOL, name="ucupdates-r2")],
            [MISSING, f"the bare name ucupdates-r2 resolves to {POOL}{BY}"],
        ),
        ([lookup("NXDOMAIN", name="ucupdates-r2")], [f"the bare name ucupdates-r2 does not exist{BY}"]),
        (
            [ack(search=("fabrikam.com.", "contoso.com")), lookup("NXDOMAIN"), lookup("NXDOMAIN", name=ABROAD.upper())],
            [MISSING],
        ),
        ([ack(search=("fabrikam.com",), type="offer"), lookup("NXDOMAIN"), lookup(None, name=ABROAD)], [MISSING]),
        (
            [ack(search=("fabrikam.com",), type="inform"), ack(), lookup("NXDOMAIN"), lookup("NXDOMAIN", name=ABROAD)],
            [MISSING, f"{ABROAD} does not exist{BY}"],
        ),
        (
            [ack(search=("fabrikam.com",)), lookup("NXDOMAIN", name=ABROAD)],
            [f"{ABROAD} does not exist{BY}"],
        ),
    ],
)
def test_the_questions_of_a_phone(facts: list[Observation], expected: list[str]) -> None:
    assert [event.summary for event in judged(*facts, setting=WATCHED)] == expected


OWN_OFFER = {"type": "offer", "address": PHONE, "transaction": 1}
ROGUE = {"server": "10.0.0.66", "domain": "rogue.example", "type": "offer", "address": PHONE, "transaction": 1}
ROGUE_NAME = "ucupdates-r2.rogue.example"


@pytest.mark.parametrize(
    ("facts", "rival"),
    [
        ([ack(**OWN_OFFER), ack(**ROGUE)], {"dhcp_server": "10.0.0.66", "variant": "domains-differ"}),
        ([ack(**ROGUE), ack(**OWN_OFFER)], {"dhcp_server": "10.0.0.66", "variant": "domains-differ"}),
        ([ack(**ROGUE)], {}),
        ([ack(**OWN_OFFER)], {}),
        # The phone asks in a domain that neither of them hands out.
        ([ack(**OWN_OFFER), ack(**{**ROGUE, "domain": "lab.example"})], {}),
        # It moved to another network.
        ([ack(**OWN_OFFER), ack(**{**ROGUE, "address": "10.9.0.7", "transaction": 2})], {}),
        # Two servers share the domain, and a third one is the odd one out.
        ([ack(**OWN_OFFER), ack(**ROGUE), ack(**{**ROGUE, "server": "10.0.0.67"})], {}),
        # Who made the offer is not known.
        ([ack(**OWN_OFFER), ack(**{**ROGUE, "server": None})], {}),
        # The other one hands out no domain.
        ([ack(**{**OWN_OFFER, "domain": None, "options": (1, 3, 6)}), ack(**ROGUE)], {}),
    ],
)
@pytest.mark.parametrize("setting", [WATCHED, ASKED])
def test_a_domain_that_one_of_two_servers_hands_out_is_doubted_before_a_record_is_made(
    setting: DiagnosisOptions, facts: list[Observation], rival: dict[str, str]
) -> None:
    question = lookup if setting.from_capture else own
    (event,) = judged(*facts, question("NXDOMAIN", name=ROGUE_NAME), setting=setting)
    assert event.code == "dns-r2-missing"
    assert {name: event.values.get(name) for name in ("dhcp_server", "variant") if event.values.get(name)} == rival
    assert event.values["domain"] == "rogue.example"


@pytest.mark.parametrize(("setting", "question"), [(WATCHED, lookup), (ASKED, own)])
def test_a_doubted_domain_is_the_same_in_capitals(setting: DiagnosisOptions, question: Callable[..., Lookup]) -> None:
    offers = [ack(**OWN_OFFER), ack(**{**ROGUE, "domain": "Rogue.example."})]
    (event,) = judged(*offers, question("NXDOMAIN", name="ucupdates-r2.rogue.EXAMPLE"), setting=setting)
    assert (event.values.get("dhcp_server"), event.values.get("variant")) == ("10.0.0.66", "domains-differ")


def test_a_domain_with_the_older_record_is_in_use_and_its_address_is_not_taken_unseen() -> None:
    both = [ack(**OWN_OFFER), ack(**ROGUE)]
    older = lookup("NOERROR", "10.0.0.30", name="ucupdates.rogue.example")
    (event,) = judged(*both, lookup("NXDOMAIN", name=ROGUE_NAME), older, setting=WATCHED)
    assert event.code == "dns-legacy-only"
    advice = CATALOGUE[event.code].advice_for(event.values["variant"])[0]
    assert "use that address only if the service of R2 or later runs there" in advice
    assert "take it off" not in advice


@pytest.mark.parametrize("code", ["dns-r2-missing", "dns-sip-domain-only"])
def test_the_advice_on_a_doubted_domain_asks_for_its_server_before_the_record(code: str) -> None:
    advice, commands, _ = CATALOGUE[code].advice_for("domains-differ")
    assert advice.index("take it off") < advice.index("create the A record")
    assert [command.split()[0] for command in commands][-1] == "dnscmd"


TO_TCP = f"the answer of {RESOLVER} for {NAME} is cut short (by the server"
NO_TCP = f"{RESOLVER} answered for {NAME} over UDP with a truncated answer (TC)"


@pytest.mark.parametrize(
    ("tries", "said_of_tcp"),
    [
        ([], NO_TCP),
        ([to_resolver("open")], TO_TCP),
        ([to_resolver("open", time=START)], TO_TCP),
        ([to_resolver("unfinished")], TO_TCP),
        ([to_resolver("no_answer")], f"{CUT} 53 gives no answer"),
        ([to_resolver("refused", reason=None)], f"{CUT} 53 is closed"),
        ([to_resolver()], f"{CUT} 53 cannot be reached: why"),
        ([to_resolver(time=START)], f"{CUT} 53 cannot be reached: why"),
        ([to_resolver(time=START - 1)], NO_TCP),
        ([to_resolver(port=80)], NO_TCP),
        ([to_resolver(server=OTHER)], NO_TCP),
        ([to_resolver("refused"), to_resolver("no_answer", time=START + 2)], f"{CUT} 53 gives no answer"),
        ([to_resolver("refused"), to_resolver("open", time=START + 2)], TO_TCP),
    ],
)
def test_a_truncated_answer_where_tcp_does_not_open(tries: list[Connect], said_of_tcp: str) -> None:
    ((_, summary),) = said(lookup(truncated=True), *tries, setting=WATCHED)
    assert summary.startswith(said_of_tcp)
    # So too where some addresses came, unless the phone goes to one of them.
    some = lookup("NOERROR", POOL, truncated=True)
    ((code, summary),) = said(some, *tries, setting=WATCHED)
    failed = said_of_tcp not in (TO_TCP, NO_TCP)
    assert code == ("dns-no-answer" if failed else "good")
    assert summary.startswith(said_of_tcp if failed else f"{NAME} resolves to {POOL}")
    went = Connect(time=START + 3, client=PHONE, server=POOL, port=80, outcome="open")
    assert said(some, *tries, went, setting=WATCHED)[0][0] == "good"
    assert said(lookup("SERVFAIL", truncated=True), *tries, setting=WATCHED)[0][0] == "dns-server-failure"
    assert said(lookup(), *tries, setting=WATCHED)[0][0] == "dns-no-address"


OFFER = UpdateAnswer(time=START, server=POOL, port=80, form="offered")
POST = Http(time=START, client=PHONE, server=POOL, port=80, method="POST", target=PATH)


@pytest.mark.parametrize(
    ("facts", "names"),
    [
        ([], ["pool.contoso.com", "old.contoso.com"]),
        # What the user named counts in any case.
        ([lookup("NOERROR", POOL)], [NAME, "pool.contoso.com"]),
        ([POST], ["pool.contoso.com"]),
        # After an offer it may be for the file.
        ([OFFER], []),
        ([UpdateAnswer(time=START + 1, server=POOL, port=80, form="offered"), OFFER], []),
        (
            [UpdateAnswer(time=START + 1, server=POOL, port=80, form="offered")],
            ["pool.contoso.com", "old.contoso.com"],
        ),
        (
            [UpdateAnswer(time=START, server=POOL, port=80, form="none_offered")],
            ["pool.contoso.com", "old.contoso.com"],
        ),
    ],
)
def test_questions_for_known_servers(facts: list[Observation], names: list[str]) -> None:
    servers = KnownServers(given=frozenset({"pool.contoso.com"}), posted=frozenset({"old.contoso.com"}))
    asked = [lookup("NXDOMAIN", name=f"{label}.contoso.com") for label in ("pool", "old")]
    setting = DiagnosisOptions(from_capture=True, servers=servers)
    assert [event.summary.split()[0] for event in judged(*asked, *facts, setting=setting)] == names


# Beside the path.


def beside(*facts: Observation, setting: DiagnosisOptions = ASKED) -> list[Finding]:
    return dns.additional_findings(log(*facts), setting, START)


DIFFER = [own("NXDOMAIN", name=LEGACY), second("NOERROR", POOL, name=LEGACY)]
SAME = [own("NOERROR", POOL, OTHER), second("NOERROR", OTHER, POOL)]


@pytest.mark.parametrize(
    ("facts", "firmware", "name"),
    [
        ([own("NOERROR", POOL), second("NOERROR", OTHER)], None, NAME),
        ([own("NOERROR", POOL), second("NXDOMAIN")], None, NAME),
        ([own("NOERROR"), second("NXDOMAIN")], None, NAME),
        (SAME, None, None),
        ([own("NOERROR", POOL), second(None)], None, None),
        ([own("NOERROR", POOL), second("NOERROR", referred=True)], None, None),
        ([own("NOERROR", POOL, server=None), second("NXDOMAIN")], None, None),
        ([own("NOERROR", POOL, server_port=1), own("NOERROR", OTHER, server_port=2)], None, NAME),
        ([own("NOERROR", POOL), own("NOERROR", OTHER)], None, None),
        # Who finds the newer name does not ask for the older one.
        ([*SAME, *DIFFER], None, None),
        ([*SAME, *DIFFER], "4.0.7577.4444", None),
        ([*SAME, *DIFFER], "1.0.522.34", LEGACY),
        ([own("NXDOMAIN"), second("NXDOMAIN"), *DIFFER], None, LEGACY),
        ([*DIFFER, own("NOERROR", POOL), second("NOERROR", OTHER)], None, LEGACY),
        (DIFFER, None, LEGACY),
    ],
)
def test_dns_servers_that_disagree(facts: list[Lookup], firmware: str | None, name: str | None) -> None:
    setting = DiagnosisOptions(phone=Phone(firmware=firmware) if firmware else None)
    found = beside(*facts, setting=setting)
    assert [finding.code for finding in found] == ["dns-servers-disagree"] * (name is not None)
    for finding in found:
        assert finding.summary == f"the resolvers give different answers for {name}"
        assert [line.text.split()[1] for line in finding.evidence] == [name, name]
        assert "ucdiag check-dns --domain contoso.com" in finding.fix.commands[0].text
    watched = [lookup(fact.rcode, *fact.addresses, name=fact.name, server=fact.server) for fact in facts]
    assert beside(*watched, setting=WATCHED) == []


def test_a_name_that_cannot_exist() -> None:
    strange = {"purpose": "wildcard", "name": "x.contoso.com"}
    (finding,) = beside(own("NOERROR", POOL, OTHER, **strange), second("NOERROR", POOL, **{**strange, "name": "y.b"}))
    assert finding.summary == f"x.contoso.com, which cannot exist, resolves too (to {POOL} and {OTHER})"
    assert [line.text.split()[1] for line in finding.evidence] == ["x.contoso.com", "y.b"]
    one, other = own("NOERROR").server, second("NOERROR").server
    assert finding.fix.commands[0].text == f'dig @{one} "*.contoso.com" A'
    assert finding.fix.commands[-1].text == f"ucdiag check-dns contoso.com -n {one} -n {other}"
    assert beside(own("NXDOMAIN", **strange)) == beside(own("NOERROR", POOL)) == []


def far(**more: Any) -> Lookup:
    return lookup("NXDOMAIN", name=ABROAD, **more)


LATER = START + SECOND


@pytest.mark.parametrize(
    ("facts", "domain"),
    [
        ([ack(), far()], "contoso.com"),
        ([far()], None),
        ([ack(None), far()], None),
        ([ack(), lookup("NXDOMAIN")], None),
        ([ack("Contoso.com."), lookup("NXDOMAIN")], None),
        ([ack(), lookup("NXDOMAIN", name="ucupdates-r2")], None),
        # The lease of that time counts, and the last one: a phone may know it from before.
        ([ack("fabrikam.com"), far(), ack(time=LATER)], None),
        ([ack(), far(), ack("fabrikam.com", time=LATER)], None),
        ([ack("b.example"), far(), ack(time=LATER)], "b.example"),
        ([ack("b.example"), far(), far(time=LATER), ack(time=LATER)], "contoso.com"),
    ],
)
def test_a_question_under_another_domain(facts: list[Observation], domain: str | None) -> None:
    found = beside(*facts, setting=WATCHED)
    assert [finding.summary for finding in found] == [
        f"the phone asked for {ABROAD}, though its lease says {domain}"
    ] * (domain is not None)
    for finding in found:
        assert finding.code == "dns-wrong-domain"
        assert len(finding.evidence) == sum(isinstance(fact, Lookup) for fact in facts)
    assert beside(*facts) == []


NET = "10.0.0.0/24"


def leased_in(subnet: str | None, **more: Any) -> Dhcp:
    return Dhcp(time=START - SECOND, frame=1, type="ack", client=MAC, address=PHONE, subnet=subnet, **more)


@pytest.mark.parametrize(
    ("subnet", "address", "flaw"),
    [
        (NET, "10.0.0.255", f"it is the broadcast address of the phone's subnet, {NET}"),
        (NET, "10.0.0.0", f"it is the address of the phone's subnet itself, {NET}"),
        ("10.0.0.0/30", "10.0.0.3", "it is the broadcast address of the phone's subnet, 10.0.0.0/30"),
        ("10.0.0.0/16", "10.0.0.255", None),
        ("10.0.0.6/31", "10.0.0.7", None),
        ("10.0.0.7/32", "10.0.0.7", None),
        ("10.0.1.0/24", "10.0.0.255", None),
        ("b.example", "10.0.0.255", None),
        (None, "10.0.0.255", None),
    ],
)
def test_no_host_has_the_addresses_of_the_phone_s_subnet(subnet: str | None, address: str, flaw: str | None) -> None:
    text = f"{NAME} resolves to {address}"
    wanted = ("dns-bad-address", f"{text}, and {flaw}{BY}") if flaw else ("good", f"{text}{BY}")
    assert said(leased_in(subnet), lookup("NOERROR", address), setting=WATCHED) == [wanted]


def test_an_address_that_opened_is_a_host_s() -> None:
    opened = Connect(time=START + 1, frame=5, client=PHONE, server="10.0.0.0", port=80, outcome="open")
    (event,) = judged(leased_in(NET), lookup("NOERROR", "10.0.0.0"), opened, setting=WATCHED)
    assert event.ok
    refused = Connect(time=START + 1, frame=5, client=PHONE, server="10.0.0.0", port=80, outcome="no_answer")
    (event,) = judged(leased_in(NET), lookup("NOERROR", "10.0.0.0"), refused, setting=WATCHED)
    assert event.code == "dns-bad-address"


ANSWERING = {"time": START + 1, "frame": 5, "client": PHONE, "server": "10.0.0.255", "port": 80}


@pytest.mark.parametrize(
    ("fact", "is_host"),
    [
        (Connect(**ANSWERING, outcome="refused"), True),
        (Connect(**ANSWERING, outcome="unfinished"), False),
        (Connect(**ANSWERING, outcome="unreachable"), False),
        (Http(**ANSWERING, method="POST", status=404), True),
        (Http(**ANSWERING, method="POST", status=404, proxy="squid"), False),
        (Http(**ANSWERING, method="POST", failure="no_answer"), False),
        (Tls(**ANSWERING, outcome="alert", version="TLS 1.0"), True),
        (Tls(**ANSWERING, outcome="complete"), True),
        (Tls(**ANSWERING, outcome="no_answer"), False),
    ],
)
def test_an_address_that_answered_is_a_host_s_though_its_connection_was_not_captured(
    fact: Observation, is_host: bool
) -> None:
    events = judged(leased_in(NET), lookup("NOERROR", "10.0.0.255"), fact, setting=WATCHED)
    assert [event.code == "dns-bad-address" for event in events] == [not is_host]


@pytest.mark.parametrize(("subnets", "is_host"), [((NET, "10.0.0.0/23"), True), (("10.0.0.0/23", NET), False)])
def test_the_last_lease_has_the_subnet(subnets: tuple[str, ...], is_host: bool) -> None:
    """An earlier mask may be one that was corrected since."""
    leases = [leased_in(subnet) for subnet in subnets]
    (event,) = judged(*leases, lookup("NOERROR", "10.0.0.255"), setting=WATCHED)
    assert event.code == (None if is_host else "dns-bad-address")


def test_an_active_command_knows_the_broadcast_addresses_of_this_machine() -> None:
    (found,) = said(own("NOERROR", POOL, OTHER, broadcast=(OTHER,)))
    flaw = "it is the broadcast address of a subnet of this machine"
    assert found == (
        "dns-bad-address",
        f"{NAME} resolves to {POOL} and {OTHER}, of which {OTHER} is no host's: {flaw}{BY}",
    )


@pytest.mark.parametrize(
    ("server", "rcode", "variant"),
    [
        ("8.8.8.8", "NXDOMAIN", "public-resolver"),
        ("2001:4860:4860::8888", "NXDOMAIN", "public-resolver"),
        (RESOLVER, "NXDOMAIN", None),
        ("100.64.0.1", "NXDOMAIN", None),  # a provider's own
        ("fd00::53", "NXDOMAIN", None),
        ("dns.contoso.com", "NXDOMAIN", None),
        ("8.8.8.8", "SERVFAIL", None),
    ],
)
def test_a_public_resolver_that_does_not_know_the_name_is_doubted(server: str, rcode: str, variant: str | None) -> None:
    [event] = judged(own(rcode, server=server))
    assert event.values.get("variant") == variant


def test_the_advice_on_a_public_resolver_changes_option_6() -> None:
    fix, commands, who = CATALOGUE["dns-r2-missing"].advice_for("public-resolver")
    assert "If option 006" in fix  # this machine alone may ask that server
    assert who is Who.NETWORK
    assert any("-DnsServer" in command for command in commands)
    assert not any(command.startswith(("Add-DnsServerResourceRecord", "dnscmd")) for command in commands)


def test_a_sentence_names_some_of_many_addresses() -> None:
    many = tuple(f"10.0.1.{number}" for number in range(1, 30))
    [(_, summary)] = said(own("NOERROR", *many))
    assert summary == f"{NAME} resolves to {', '.join(many[:7])} and {many[7]} and 21 more{BY}"
    [(code, summary)] = said(own("NOERROR", *many, "127.0.0.1"))
    assert code == "dns-bad-address"
    assert "and 22 more, of which 127.0.0.1 is no host's" in summary
    [(_, summary)] = said(own("NOERROR", *many[:8]))
    assert "more" not in summary


def test_which_resolvers_answer_is_found_out_once_for_all_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A phone may have asked thousands of times."""
    read: list[Lookup | Connect] = []

    def counted(asked: Iterable[Lookup | Connect]) -> Iterator[int]:
        for fact in asked:
            read.append(fact)
            yield fact.time

    monkeypatch.setattr(dns, "times_of", counted)
    asked = [lookup("NOERROR", POOL, time=START + number * SECOND) for number in range(50)]
    assert len(judged(*asked, setting=WATCHED)) == 50
    assert len(read) <= 50
