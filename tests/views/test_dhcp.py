"""What a person reads of DHCP: leases, offers, and whose domain has the record."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.views.reports import START
from ucdiag.model.observations import Dhcp, Lease, Lookup, Observation
from ucdiag.views.choose_writer import line_writer_for
from ucdiag.views.dhcp import show_dhcp, show_domains
from ucdiag.views.output_target import screen_of

MAC, OWN = "00:04:f2:aa:bb:cc", "02:00:00:00:00:50"
HOSTILE = "\x1b[31m\x07\x9b\u202e[/red]\r\nx"


def shown(*observations: Observation, show: Any = show_dhcp, width: str = "100") -> str:
    stream = io.StringIO()
    show(line_writer_for(screen_of(stream, {"TERM": "dumb", "COLUMNS": width})), observations)
    return stream.getvalue()


def lease(**values: Any) -> Lease:
    usual: dict[str, Any] = {
        "time": START,
        "interface": "eth0",
        "source": "dhcpcd",
        "provenance": "option 15 of the lease of eth0 from 10.0.0.1, by dhcpcd",
        "authority": "dhcp",
        "domain": "data.example",
        "resolvers": ("10.0.0.1",),
        "chosen": True,
    }
    return Lease(**{**usual, **values})


def question(number: int, class_: str | None = None, **values: Any) -> Dhcp:
    return Dhcp(
        **{"time": START, "type": "discover", "client": MAC, "transaction": number, "vendor_class": class_, **values}
    )


def offer(number: int, domain: str | None, server: str = "10.0.0.1", **values: Any) -> Dhcp:
    usual: dict[str, Any] = {"type": "offer", "resolvers": ("10.0.0.1",), "address": "10.0.0.7"}
    return Dhcp(time=START, client=MAC, transaction=number, domain=domain, server=server, **{**usual, **values})


def record(domain: str, *addresses: str, **values: Any) -> Lookup:
    usual: dict[str, Any] = {"rcode": "NOERROR" if addresses else "NXDOMAIN", "purpose": "other", "server": "10.0.0.1"}
    name = f"ucupdates-r2.{domain}"
    return Lookup(**{"time": START, "name": name, "type": "A", "addresses": addresses, **usual, **values})


ASKED = (
    question(1),
    offer(1, "data.example"),
    question(2, "CPE-OCPhone"),
    offer(2, "contoso.com", vlan=20, vendor_options=("10: 0x0014",), lease_seconds=7200),
    question(3, "MS-UC-Client", outcome="no_answer"),
)


def test_nothing_was_seen() -> None:
    assert shown() == ""
    assert shown(show=show_domains) == ""


def test_whose_domain_has_the_record() -> None:
    text = shown(
        lease(),
        *ASKED,
        record("data.example"),
        record("contoso.com", "10.0.0.20", ttl=300),
        record("contoso.com", "10.0.0.21", ttl=60, name="ucupdates.contoso.com"),
        record("fabrikam.com", rcode=None, failure="no_answer"),
    )
    compared = text[text.index("Whose domain") :].splitlines()
    assert compared[1:] == [
        "  data.example, offered to the phone by 10.0.0.1 (to no vendor class), this machine's lease",
        "    ucupdates-r2.data.example: does not exist (NXDOMAIN) (asked 10.0.0.1)",
        "  contoso.com, offered to the phone by 10.0.0.1 (to CPE-OCPhone)",
        "    ucupdates-r2.contoso.com: 10.0.0.20, TTL 300 s (asked 10.0.0.1)",
        "    ucupdates.contoso.com: 10.0.0.21, TTL 60 s (asked 10.0.0.1)",
        "  fabrikam.com, given with --domain",
        "    ucupdates-r2.fabrikam.com: no answer (asked 10.0.0.1)",
        "    ucupdates.fabrikam.com: not looked up, as the question for the other name was not answered",
    ]


def test_check_shows_the_comparison_where_there_is_something_to_compare() -> None:
    walked = record("contoso.com", "10.0.0.20", purpose="update")
    assert shown(lease(domain="contoso.com"), walked, show=show_domains) == ""
    for seen in ((lease(), walked), (question(1), offer(1, "contoso.com"), walked)):
        text = shown(*seen, show=show_domains)
        assert "contoso.com" in text
        assert "What DHCP answers" not in text
    assert "this machine's lease\n    not looked up" in shown(lease(), walked, show=show_domains)


def test_of_several_nameservers_the_one_that_has_the_record_counts() -> None:
    silent = record("contoso.com", rcode=None, failure="no_answer", purpose="update", server="10.0.0.9")
    text = shown(lease(), silent, record("contoso.com", "10.0.0.20", purpose="update"), silent, show=show_domains)
    assert "ucupdates-r2.contoso.com: 10.0.0.20 (asked 10.0.0.1)" in text
    # Other names and types are no answer to this question.
    others = (record("contoso.com", type="AAAA"), record("contoso.com", purpose="wildcard"))
    assert "ucupdates-r2" not in shown(lease(), *others)


@pytest.mark.parametrize(
    ("facts", "command"),
    [
        ((record("a.example"),), "ucdiag check-dns a.example -n 10.0.0.1"),
        ((record("a.example", server_port=5353),), "ucdiag check-dns a.example -n 10.0.0.1:5353"),
        ((record("a.example", rcode="NOERROR"),), "ucdiag check-dns a.example -n 10.0.0.1"),
        ((record("a.example", rcode="SERVFAIL"),), None),
        ((record("a.example", "10.0.0.20"),), None),
        ((record("a.example"), record("a.example", "10.0.0.20", server="10.0.0.2")), None),
        # Which of both the phone is given, the lines above say.
        ((record("a.example"), record("b.example", "10.0.0.20")), None),
        ((record("a;reboot.example"),), None),
    ],
)
def test_a_record_that_is_missing_names_what_says_how_to_make_it(
    facts: tuple[Lookup, ...], command: str | None
) -> None:
    told = [line.strip() for line in shown(lease(), *facts).splitlines() if "ucdiag check-dns" in line]
    assert told == ([command] if command else [])
    assert "ucdiag" not in shown(lease(), *facts, show=show_domains)


def test_the_offers_with_what_they_say() -> None:
    text = shown(*ASKED)
    assert "  DISCOVER as CPE-OCPhone, for 00:04:f2:aa:bb:cc:\n    OFFER from 10.0.0.1, address 10.0.0.7\n" in text
    assert "      voice VLAN              20" not in text.splitlines()[0]
    assert "  voice VLAN              20\n" in text
    assert "lease time (51)           2 hours\n" in text
    assert text.endswith("DISCOVER as MS-UC-Client, for 00:04:f2:aa:bb:cc:\n    no answer\n")
    assert "search list" not in text  # nobody told one


def test_what_was_said_before_is_not_repeated() -> None:
    text = shown(question(1), offer(1, "contoso.com"), question(2, "CPE-OCPhone"), offer(2, "contoso.com"))
    assert text.count("domain (15)") == 1
    assert text.count("the same options as to DISCOVER") == 1
    other = shown(question(1), offer(1, "contoso.com"), question(2, "CPE-OCPhone"), offer(2, "other.example"))
    assert other.count("domain (15)") == 2


@pytest.mark.parametrize(
    ("domain", "options", "said"),
    [
        (None, (), "no domain"),
        ("", (15,), "an empty domain"),
        ("a.example b.example", (15,), '"a.example b.example"'),
        ("contoso.com.", (15,), "contoso.com."),
    ],
)
def test_domains_as_they_came(domain: str | None, options: tuple[int, ...], said: str) -> None:
    assert f"domain (15)               {said}\n" in shown(question(1), offer(1, domain, options=options))


def test_absent_and_unreadable_are_two_things() -> None:
    assert "resolvers (6)             none\n" in shown(question(1), offer(1, "a.example", resolvers=()))
    assert "resolvers (6)             unreadable\n" in shown(
        question(1), offer(1, "a.example", resolvers=(), options=(6, 15))
    )
    assert "search list (119)         unreadable\n" in shown(question(1), offer(1, "a.example", options=(119,)))


def test_a_domain_that_is_no_name_is_said_to_be_none() -> None:
    text = shown(question(1), offer(1, "a b"), record("contoso.com"))
    assert '"a b", offered to the phone by 10.0.0.1\n    not one DNS name: no record can be in it\n' in text


def test_leases_chosen_and_not() -> None:
    other = lease(interface="tun0", domain=None, chosen=False, reason="tun0 is a VPN's interface", unknown=("domain",))
    text = shown(lease(reason="the default route goes through eth0"), other)
    assert "* data.example, option 15 of the lease of eth0" in text
    assert "used: the default route goes through eth0" in text
    assert "  domain not recorded here, option 15" in text
    assert "not used: tun0 is a VPN's interface" in text


def test_many_domains_and_addresses_are_cut() -> None:
    many = [message for n in range(60) for message in (question(n), offer(n, f"d{n}.example"))]
    text = shown(*many, record("d0.example"))
    assert "and 52 more domains, which were not looked up" in text
    addresses = tuple(f"10.1.0.{n}" for n in range(250))
    assert "and 218 more" in shown(question(1), offer(1, "a.example", resolvers=addresses))


text = st.text(max_size=40) | st.just(HOSTILE)


@given(text, text, text)
def test_nothing_hostile_gets_onto_the_screen(domain: str, word: str, address: str) -> None:
    seen = (
        lease(domain=domain, provenance=word, reason=address, search=(domain,)),
        question(1, word),
        offer(1, domain, server=address, search=(word,), message=word, certificate_service=word, registrars=(domain,)),
        record(domain, address, server=word),
    )
    for show in (show_dhcp, show_domains):
        said = shown(*seen, show=show)
        assert all(character.isprintable() or character == "\n" for character in said), said


@pytest.mark.parametrize(
    ("values", "line"),
    [
        pytest.param({"vendor_options": ("10: 0x0014",)}, "vendor options (43)       10: 0x0014", id="option 43"),
        pytest.param({"lease_seconds": 59}, "lease time (51)           59 seconds", id="no whole minutes"),
        pytest.param({"lease_seconds": 60}, "lease time (51)           60 seconds", id="one minute"),
        pytest.param({"lease_seconds": 120}, "lease time (51)           2 minutes", id="two minutes"),
        pytest.param({"lease_seconds": 7260}, "lease time (51)           121 minutes", id="no whole hours"),
        pytest.param({"lease_seconds": 172800}, "lease time (51)           2 days", id="two days"),
        pytest.param({"lease_seconds": 0xFFFFFFFF}, "lease time (51)           for ever", id="for ever"),
    ],
)
def test_an_option_of_an_offer_is_shown_only_where_it_came(values: dict[str, Any], line: str) -> None:
    with_it = shown(question(1), offer(1, "a.example", **values)).splitlines()
    without = shown(question(1), offer(1, "a.example")).splitlines()
    assert [text.strip() for text in with_it if text not in without] == [line]
    assert not any(text.strip().startswith(line.split(" (")[0]) for text in without)


@pytest.mark.parametrize(("count", "more"), [(32, ""), (33, ", and 1 more")])
def test_a_long_list_is_cut_after_32(count: int, more: str) -> None:
    servers = tuple(f"10.0.1.{number}" for number in range(count))
    text = " ".join(shown(question(1), offer(1, "a.example", routers=servers), width="1000").split())
    assert f"10.0.1.31{more} " in f"{text} "


def test_silence_to_inform_has_its_reason_beside_offers() -> None:
    inform = Dhcp(time=START, type="inform", client=OWN, transaction=7, outcome="no_answer")
    assert "no answer, which is no fault beside an offer" in shown(question(1), offer(1, "a.example"), inform)
    assert shown(question(1, outcome="no_answer"), inform).endswith(f"INFORM, for {OWN}:\n    no answer\n")


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


DAY = 86_400_000_000
LEASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "all of it": (
        {"address": "10.0.0.7", "search": ("a.example", "b.example"), "expires": START + DAY, "reason": "it is newer"},
        [
            "address 10.0.0.7; resolvers 10.0.0.1; search a.example, b.example; until 2026-02-01T09:00:00Z",
            "used: it is newer",
        ],
    ),
    "an address alone": ({"address": "10.0.0.7", "resolvers": ()}, ["address 10.0.0.7; no resolver"]),
    "nothing": ({"resolvers": ()}, ["no resolver"]),
    "resolvers that are not known": ({"resolvers": (), "unknown": ("resolvers",)}, []),
    "a resolver's configuration": ({"resolvers": (), "authority": "resolver"}, []),
    "not chosen": ({"chosen": False, "reason": "it is over"}, ["resolvers 10.0.0.1", "not used: it is over"]),
}


@pytest.mark.parametrize(("values", "said"), LEASES.values(), ids=LEASES)
def test_what_a_lease_says(values: dict[str, Any], said: list[str]) -> None:
    shown_lines = lines(shown(lease(**values)))
    begins = next(number for number, line in enumerate(shown_lines) if "by dhcpcd" in line)
    assert shown_lines[begins + 1 : begins + 1 + len(said)] == said
    assert len(shown_lines) == begins + 1 + len(said)


def test_a_domain_that_the_place_does_not_keep() -> None:
    text = shown(lease(domain=None, unknown=("domain",)))
    assert "domain not recorded here, option 15 of the lease of eth0 from 10.0.0.1, by dhcpcd" in text
    assert "domain not recorded here" not in shown(lease(domain=None))


@pytest.mark.parametrize(("server", "who"), [("10.0.0.1", "10.0.0.1"), (None, "a server")])
def test_who_gave_this_machine_its_domain(server: str | None, who: str) -> None:
    ack = Dhcp(time=START, type="ack", client=OWN, transaction=9, domain="own.example", server=server)
    text = shown(ack, record("own.example", "10.0.0.20"), show=show_domains)
    assert f"sent to this machine by {who}" in " ".join(lines(text))


def test_who_named_a_domain() -> None:
    own = lease(domain="own.example")
    resolver = lease(domain="res.example", authority="resolver")
    text = shown(own, resolver, record("given.example"), record("own.example"), show=show_domains)
    joined = " ".join(lines(text))
    assert "this machine's lease" in joined
    assert "this machine's resolver" in joined
    assert "given with --domain" in joined


@pytest.mark.parametrize(
    ("answer", "head"),
    [
        ({"address": None}, "OFFER from 10.0.0.1, address 0.0.0.0, which is none"),
        ({"address": None, "type": "nak"}, "NAK from 10.0.0.1"),
        ({"address": "10.0.0.9", "type": "ack"}, "ACK from 10.0.0.1, address 10.0.0.9"),
        ({"relay": "10.0.7.1"}, "OFFER from 10.0.0.1, address 10.0.0.7, by the relay 10.0.7.1"),
        ({"server": None, "source_address": "10.0.0.8"}, "OFFER from 10.0.0.8, address 10.0.0.7"),
        ({"server": None}, "OFFER from a server that does not name itself, address 10.0.0.7"),
    ],
)
def test_who_answered_and_with_which_address(answer: dict[str, Any], head: str) -> None:
    said = lines(shown(question(1), offer(1, "a.example", **answer)))
    assert said[said.index(f"DISCOVER, for {MAC}:") + 1] == head


@pytest.mark.parametrize(
    ("lookup", "said"),
    [
        ({"failure": "not_sent", "rcode": None}, "not asked: this machine could not send the question"),
        (
            {"failure": "elsewhere", "rcode": None, "answer_from": "10.0.0.9"},
            "answered from 10.0.0.9, which was not asked",
        ),
    ],
)
def test_what_came_of_a_question_that_has_no_answer(lookup: dict[str, Any], said: str) -> None:
    text = lines(shown(question(1), offer(1, "contoso.com"), record("contoso.com", **lookup), show=show_domains))
    assert text[-2:] == [
        f"ucupdates-r2.contoso.com: {said} (asked 10.0.0.1)",
        "ucupdates.contoso.com: not looked up, as the question for the other name was not answered",
    ]
