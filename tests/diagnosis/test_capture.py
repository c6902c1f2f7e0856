"""What a capture shows that is easily taken for something else: leases that are gone, packets in the wrong order, names
of search lists, and requests that never arrived."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.diagnosis.story import MAC, NAME, PHONE, POOL, SECOND, SERVER, Story, codes, command_texts, statuses, verdict
from ucdiag.model.observations import Http
from ucdiag.model.report import Finding, PhoneReport
from ucdiag.model.steps import Who
from ucdiag.views.ladder_messages import message_exchanges

NO_UPDATE = {"no-update-offered"}


def watched() -> Story:
    return Story(from_capture=True)


def leased(**more: Any) -> Story:
    return watched().leased(**more)


def restarted(story: Story, **more: Any) -> Story:
    """The phone asks for a lease four times, and nobody answers."""
    story.wait(3600)
    for number in range(4):
        story.dhcp("discover", transaction=100 + number, **more).wait(15)
    return story


def test_a_phone_that_asks_for_a_new_lease_has_none_any_more() -> None:
    for story in (leased(), leased().found().updated()):
        report = restarted(story, vendor_class="CPE-OCPhone").report()
        assert verdict(report) == ("broken", "dhcp", "dhcp-no-answer")
        assert "still runs" not in report.verdict.summary
    # Who goes on has got one.
    report = restarted(leased()).found().updated().wait(10).report()
    assert verdict(report) == ("whole", None, "no-update-offered")


def test_a_dhcp_server_that_answers_late_is_a_warning() -> None:
    def served(pause: float) -> PhoneReport:
        story = watched().dhcp("discover", transaction=1).wait(3).dhcp("discover", transaction=1).wait(pause)
        story.dhcp("discover", transaction=2).dhcp("offer", transaction=2)
        story.dhcp("request", server=SERVER, transaction=2).dhcp("ack", transaction=2)
        return story.found().updated().report()

    report = served(30)
    assert verdict(report) == ("whole", None, "no-update-offered")
    assert codes(report) == {"dhcp-no-answer"} | NO_UPDATE
    assert statuses(report)[0] == "warning"
    # It was only asked again.
    assert codes(served(5)) == NO_UPDATE


def test_a_renewal_that_nobody_answers_leans_on_the_lease() -> None:
    report = leased().found().updated().wait(60).dhcp("request", client_address="10.0.0.7").wait(60).report()
    assert verdict(report) == ("whole", None, "no-update-offered")
    assert codes(report) == {"dhcp-no-answer", "no-update-offered"}
    # What it asks for after an offer is a new one.
    story = leased().found().updated().wait(60).dhcp("discover", transaction=7).dhcp("offer", transaction=7)
    report = story.dhcp("request", server=SERVER, transaction=7).wait(60).report()
    assert verdict(report) == ("broken", "dhcp", "dhcp-no-answer")


def test_an_ack_that_extends_a_lease_need_not_say_again_what_was_not_asked_for() -> None:
    bare: dict[str, Any] = {"domain": None, "resolvers": (), "address": None, "client_address": PHONE, "transaction": 5}

    def renewed(story: Story, *wanted: int, **more: Any) -> PhoneReport:
        story.wait(43_000).dhcp("request", client_address=PHONE, requested=wanted, transaction=5)
        return story.dhcp("ack", **{**bare, **more}).wait(20).report()

    for wanted in ((), (1, 3, 51), (43, 120)):
        report = renewed(leased(transaction=1).found().updated(), *wanted)
        assert verdict(report) == ("whole", None, "no-update-offered")
        assert codes(report) == NO_UPDATE
        assert codes(renewed(watched(), *wanted)) == {"dns-not-asked"}
    # The list of a question for something else is not the list of this one, nor the other way round.
    story = leased(transaction=1).found().updated().dhcp("inform", requested=(43, 120), transaction=4)
    assert codes(renewed(story, 1, 6, 15)) == {"dhcp-no-domain"}
    # Its question was not captured.
    story = leased(transaction=1).found().updated().wait(43_000).dhcp("ack", **bare)
    assert codes(story.wait(43_000).dhcp("ack", **bare).wait(20).report()) == NO_UPDATE
    # What was asked for, or is there and empty, says something.
    assert codes(renewed(leased(transaction=1).found().updated(), 1, 6, 15)) == {"dhcp-no-domain"}
    assert codes(renewed(leased(transaction=1).found().updated(), 1, domain="")) == {"dhcp-no-domain"}
    assert codes(renewed(leased(transaction=1), 6, domain="contoso.com")) == {"dhcp-no-resolver"}
    # A new lease is not extended: nothing in it is the phone's from before.
    story = leased(transaction=1).found().updated().wait(60).dhcp("discover", transaction=5, requested=())
    story.dhcp("request", transaction=5, requested=(), server=SERVER)
    report = story.dhcp("ack", domain=None, resolvers=(), transaction=5).wait(20).report()
    assert codes(report) == {"dhcp-no-domain"}


def test_the_second_question_of_a_lync_phone_is_about_certificates_only() -> None:
    for spelling in ("MS-UC-Client", "ms-uc-client"):
        story = watched().dhcp("discover", vendor_class="CPE-OCPhone").dhcp("offer")
        story.dhcp("request", server=SERVER, vendor_class="CPE-OCPhone").dhcp("ack")
        report = story.dhcp("discover", vendor_class=spelling, transaction=8).wait(20).found().updated().report()
        assert codes(report) == NO_UPDATE
        report = story.dhcp("discover", vendor_class=spelling, transaction=9).wait(20).report()
        assert codes(report) == NO_UPDATE
        assert verdict(report) == ("whole", None, "no-update-offered")
    # Without a lease it is a question like any other.
    report = watched().dhcp("discover", vendor_class="MS-UC-Client", client=MAC).wait(20).report()
    assert codes(report) == {"dhcp-no-answer"}
    assert verdict(report)[0] == "broken"


def test_dhcp_answers_captured_before_their_questions() -> None:
    def played(*kinds: str, apart: float = 0) -> Story:
        story = watched()
        for kind in kinds:
            server = {"server": SERVER} if kind == "request" else {}
            story.dhcp(kind, transaction=5, **server)
            story.time += int(apart * SECOND) - SECOND // 10 + 2000
        return story.found().updated().wait(20)

    for kinds in (
        ("discover", "offer", "ack", "request"),
        ("offer", "discover", "ack", "request"),
        ("offer", "discover", "request", "ack"),
        ("offer", "offer", "discover", "discover", "ack", "request", "request"),
        ("discover", "offer", "discover", "request", "ack", "request"),
    ):
        report = played(*kinds).report()
        assert codes(report) == NO_UPDATE, kinds
        lines = [message.text for told in message_exchanges(report.observations) for message in told.messages]
        assert not any("no answer" in line for line in lines), kinds
    assert codes(played("discover", "offer", "ack", "request", apart=1).report()) == {"dhcp-no-answer"} | NO_UPDATE
    # One that is sent again after its answer is a second question; a copy comes at once.
    assert codes(played("request", "ack", "request", apart=1).report()) == {"dhcp-no-answer"} | NO_UPDATE


def test_a_request_that_nobody_acknowledged_did_not_arrive() -> None:
    def told(**more: Any) -> Finding:
        report = leased().found().connects().posts(None, **more).wait(60).report()
        assert verdict(report)[:2] == ("broken", "request")
        return report.findings[0]

    took = told()
    assert (took.code, took.fix.who) == ("http-no-answer", Who.SERVER)
    assert "took the request" in took.summary
    assert told(request_acked=True).fix == took.fix
    for failure, code in (("no_answer", "http-no-answer"), ("closed", "http-closed"), ("reset", "http-closed")):
        lost = told(failure=failure, request_acked=False)
        assert (lost.code, lost.fix.who) == (code, Who.NETWORK)
        assert "no byte of the request was acknowledged" in lost.summary
        assert "took the request" not in lost.summary
        assert "MTU" in lost.fix.text
        assert "pool of RequestHandler" not in " ".join(command_texts(lost))
        assert "recycle" not in lost.fix.text


def test_an_answer_that_the_phone_never_acknowledged_did_not_arrive() -> None:
    more: dict[str, Any] = {"complete": False, "failure": "stalled", "answer_bytes": 1368, "announced_bytes": 3268}
    story = leased().found().connects().posts(200, answer_acked=False, **more).wait(60)
    (found,) = story.report().findings
    assert (found.code, found.fix.who) == ("http-no-answer", Who.NETWORK)
    assert "the phone acknowledged no byte of the answer" in found.summary
    assert "MTU" in found.fix.text
    (found,) = leased().found().connects().posts(200, answer_acked=True, **more).wait(60).report().findings
    assert (found.code, found.fix.who) == ("http-no-answer", Who.SERVER)


@pytest.mark.parametrize("reports", [1, 2])
def test_an_answer_that_came_too_late_leaves_the_one_before_it_alone(reports: int) -> None:
    """Of the beginning of such an answer there is one report, of a whole one there are two. An earlier check on the
    same connection had been answered."""
    kept: dict[str, Any] = {"client_port": 40000, "seconds": 0.1}
    late = {**kept, "seconds": 31.2, "failure": "no_answer", "answer_acked": False, "closed_by": "client"}
    story = leased().found().connects(client_port=40000)
    story.posts(last_time=story.time + 5, **kept).answers(client_port=40000).wait(60)
    if reports == 2:
        story.posts(last_time=story.time + SECOND // 10, **{**kept, "seconds": 31.2})
    report = story.posts(None, **late).wait(20).report()
    assert verdict(report) == ("broken", "request", "http-no-answer")
    assert "1 of 2 requests" in report.verdict.summary


def test_a_proxy_that_the_phone_asks_by_connect_is_reported() -> None:
    def through(status: int, **more: Any) -> Story:
        story = leased().found().connects(server="10.0.0.8")
        more = {"server": "10.0.0.8", "method": "CONNECT", "purpose": "update", "status": status, **more}
        seen = Http(time=0, client=PHONE, port=80, target=f"{NAME}:443", complete=True, **more)
        return story.add(seen).wait(20)

    refused = through(407, challenges=("NTLM",)).report()
    assert verdict(refused) == ("broken", "request", "http-proxy-auth")
    assert codes(refused) == {"http-proxy-auth"}
    assert "CONNECT" in refused.verdict.summary
    assert "POST" not in refused.verdict.summary
    drawn = [message.text for told in message_exchanges(refused.observations) for message in told.messages]
    assert f"CONNECT {NAME}:443" in drawn
    assert verdict(through(502).report()) == ("broken", "request", "http-unavailable")
    assert verdict(through(404).report()) == ("broken", "request", "http-status")
    inside = through(200).report()
    assert verdict(inside) == ("unknown", "request", "tls-not-decrypted")
    assert "through the proxy 10.0.0.8 port 80" in inside.verdict.summary
    assert codes(inside) == set()


BARE = "ucupdates-r2"


def test_the_question_under_the_leases_domain_decides_and_not_what_a_search_list_left() -> None:
    for asked in ((NAME, BARE), (BARE, NAME)):
        story = leased()
        for name in asked:
            story.asks(name, "NXDOMAIN")
        report = story.wait(20).report()
        assert codes(report) == {"dns-r2-missing"}
        assert f"{NAME} does not exist" in report.verdict.summary
        assert report.findings[0].evidence[0].frame == 5 + asked.index(NAME)
        assert "zone contoso.com" in report.findings[0].fix.text
    # No fault at all where the whole name is found.
    assert codes(leased().asks(BARE, "NXDOMAIN").found().updated().report()) == NO_UPDATE
    # Without a lease too.
    report = watched().asks(NAME, "NXDOMAIN").asks(BARE, "NXDOMAIN").wait(20).report()
    assert f"{NAME} does not exist" in report.verdict.summary


def test_a_bare_name_alone_is_reported_as_one() -> None:
    report = leased().asks(BARE, "NXDOMAIN").wait(20).report()
    assert codes(report) == {"dns-r2-missing"}
    assert "zone contoso.com" in report.findings[0].fix.text
    assert "the bare name ucupdates-r2 does not exist" in report.verdict.summary
    assert all("Ucupdates" not in step.summary for step in report.steps)


def test_a_parent_domain_asked_after_the_leases_own_is_only_mentioned() -> None:
    own, parent, other = (f"ucupdates-r2.{domain}" for domain in ("emea.contoso.com", "contoso.com", "fabrikam.com"))

    def asked(*names: str) -> PhoneReport:
        story = leased(domain="emea.contoso.com")
        for name in names:
            story.asks(name, "NXDOMAIN")
        return story.wait(20).report()

    report = asked(own, parent)
    assert codes(report) == {"dns-r2-missing"}
    assert f"{own} does not exist, nor does {parent}" in report.verdict.summary
    assert "zone emea.contoso.com" in report.findings[0].fix.text
    # Alone, or where it is no parent, it is another domain.
    assert codes(asked(parent)) == {"dns-r2-missing", "dns-wrong-domain"}
    assert codes(asked(own, other)) == {"dns-r2-missing", "dns-wrong-domain"}


def test_what_a_search_list_makes_of_a_name_is_not_meant_whoever_refuses_it() -> None:
    # As the resolver of a common C library does it, when nobody answers for the name itself.
    for rcode, code in ((None, "dns-no-answer"), ("SERVFAIL", "dns-server-failure"), ("REFUSED", "dns-refused")):
        report = leased().asks(NAME, rcode).asks(f"{NAME}.contoso.com", rcode).wait(20).report()
        assert codes(report) == {code}
        assert f"{NAME}.contoso.com" not in report.verdict.summary
    assert codes(leased().found().asks(f"{NAME}.contoso.com", "REFUSED").updated().report()) == NO_UPDATE


def test_the_domains_of_the_leases_search_list_are_its_own() -> None:
    def asked(*search: str) -> Story:
        story = leased(search=search).asks("ucupdates-r2.emea.contoso.com", "NXDOMAIN")
        return story.asks("ucupdates-r2.fabrikam.com", "NXDOMAIN")

    domains = ("emea.contoso.com", "fabrikam.com", "contoso.com")
    assert codes(asked(*domains).found().updated().report()) == NO_UPDATE
    report = asked(*domains).asks(NAME, "NXDOMAIN").wait(20).report()
    assert codes(report) == {"dns-r2-missing"}
    assert f"{NAME} does not exist" in report.verdict.summary
    # Not so where the lease says nothing of them, or the name in the lease's own domain was never asked for.
    assert codes(asked().found().updated().report()) >= {"dns-wrong-domain"}
    assert codes(asked(*domains).wait(20).report()) == {"dns-r2-missing", "dns-wrong-domain"}
    # What is found there is where the phone goes.
    story = leased(search=domains).asks("ucupdates-r2.fabrikam.com", "NOERROR", "10.0.0.20").asks(NAME, "NXDOMAIN")
    assert "dns-wrong-domain" in codes(story.updated().report())


def test_a_question_is_in_the_domain_of_the_lease_that_the_phone_had_then() -> None:
    old = "ucupdates-r2.fabrikam.com"
    story = leased(domain="fabrikam.com").asks(old, "NOERROR", "10.0.0.20").updated().wait(600)
    report = story.leased().found().updated().report()
    assert codes(report) == NO_UPDATE
    # It still asks there when its lease says something else.
    report = story.asks(old, "NOERROR", "10.0.0.20").updated().report()
    assert codes(report) == {"dns-wrong-domain", *NO_UPDATE}
    assert "its lease says contoso.com" in next(
        finding.summary for finding in report.findings if finding.step.number == 2
    )
    # Before the first lease that was seen, that one is all that is known.
    assert "dns-wrong-domain" in codes(watched().asks(old, "NOERROR", "10.0.0.20").leased().updated().report())


SILENCE: dict[str, Callable[[Story], Story]] = {
    "dns-no-answer": lambda story: story.asks(NAME, None),
    "connect-no-answer": lambda story: story.found().connects("no_answer"),
    "tls-no-answer": lambda story: story.found().connects(port=443).shakes("no_answer", stage="client_hello"),
    "http-no-answer": lambda story: story.found().connects().posts(None, failure="no_answer"),
}
AGAIN: dict[str, Callable[[Story], Story]] = {
    "dns-no-answer": lambda story: story.asks(NAME, None, failure=None),
    "connect-no-answer": lambda story: story.connects("unfinished"),
    "tls-no-answer": lambda story: story.connects(port=443).shakes("unfinished", stage="client_hello"),
    "http-no-answer": lambda story: story.connects().posts(None, failure=None),
}


@pytest.mark.parametrize("code", SILENCE)
def test_a_silence_that_lasted_long_enough_is_reported_though_it_was_asked_once_more_at_the_end(code: str) -> None:
    story = AGAIN[code](SILENCE[code](leased()).wait(6)).wait(1)
    report = story.report()
    assert (report.verdict.status, report.verdict.code) == ("broken", code)
    assert codes(report) == {code}
    # Two tries at the end too.
    assert codes(AGAIN[code](story).wait(1).report()) == {code}
    # Not where it had been answered since, nor where another server is asked.
    if code == "connect-no-answer":
        story = SILENCE[code](leased()).wait(6).connects("refused").connects("unfinished").wait(1)
        assert verdict(story.report()) == ("unknown", "connect", "capture-too-short")
        story = SILENCE[code](leased()).wait(6).connects("unfinished", port=443).wait(1)
        assert verdict(story.report()) == ("unknown", "connect", "capture-too-short")
    if code == "dns-no-answer":
        story = leased().asks(NAME, None).wait(6).asks(NAME, None, failure=None, server="10.0.0.3").wait(1)
        assert verdict(story.report()) == ("unknown", "dns", "capture-too-short")


def test_a_file_whose_host_is_at_no_address_of_a_host_cannot_be_fetched() -> None:
    def told(*addresses: str) -> Story:
        return leased().found().connects().posts().offers().asks("pool01.contoso.com", "NOERROR", *addresses)

    for address in ("0.0.0.0", "127.0.0.1", "169.254.7.7"):
        report = told(address).wait(20).report()
        assert verdict(report) == ("broken", "download", "download-host-missing")
        assert address in report.verdict.summary
    # One good address is enough, and who connected could.
    for story in (told("0.0.0.0", POOL), told("127.0.0.1").connects(server="127.0.0.1")):
        assert verdict(story.wait(20).report()) == ("unknown", "download", "download-not-tried")


def test_so_is_that_of_the_host_of_the_file() -> None:
    def offered() -> Story:
        return leased().found().connects().posts().offers()

    host = "pool01.contoso.com"
    story = offered().asks(host, None).wait(6).asks(host, None, failure=None).wait(1)
    assert verdict(story.report()) == ("broken", "download", "download-host-missing")
    story = offered().asks(host, "NOERROR", "10.0.0.30").connects("no_answer", server="10.0.0.30").wait(6)
    story.connects("unfinished", server="10.0.0.30").wait(1)
    assert verdict(story.report()) == ("broken", "download", "download-connect-failed")
    got: dict[str, Any] = {"failure": "no_answer", "answer_bytes": 0, "complete": False}
    story = offered().gets(None, **got).wait(6).gets(None, **{**got, "failure": None}).wait(1)
    assert verdict(story.report()) == ("broken", "download", "download-stalled")
    # Not where somebody answered, nor where somebody else is asked.
    story = offered().gets(None, **got).wait(6).gets(200, failure=None, answer_bytes=9, complete=False).wait(1)
    assert verdict(story.report()) == ("unknown", "download", "capture-too-short")
    story = offered().asks(host, "NXDOMAIN").wait(6).asks(host, None, failure=None).wait(1)
    assert verdict(story.report()) == ("unknown", "download", "capture-too-short")
    story = offered().asks(host, None).wait(6).asks(host, None, failure=None, server="10.0.0.3").wait(1)
    assert verdict(story.report()) == ("unknown", "download", "capture-too-short")
    story = offered().asks(host, "NOERROR", "10.0.0.30").connects("refused", server="10.0.0.30").wait(6)
    story.connects("unfinished", server="10.0.0.30").wait(1)
    assert verdict(story.report()) == ("unknown", "download", "capture-too-short")


def test_a_phone_whose_questions_never_left_it_has_no_answer() -> None:
    why = "ARP for 10.0.0.2 was not answered"
    gone = {"server": "10.0.0.2", "port": 53, "client_port": None, "reason": why, "attempts": 3}
    report = leased().connects("unreachable", **gone).wait(20).report()
    assert verdict(report) == ("broken", "dns", "dns-no-answer")
    assert codes(report) == {"dns-no-answer"}
    assert why in report.verdict.summary
    assert "tracert -d 10.0.0.2" in command_texts(report.findings[0])
    lines = [message.text for told in message_exchanges(report.observations) for message in told.messages]
    assert f"{why} (3 tries)" in lines
    # Who asked a server is judged by that, and the way to a DNS server is no connection of the update path.
    story = leased().connects("unreachable", **gone).asks(NAME, "NXDOMAIN", server="10.0.0.3").wait(20)
    assert codes(story.report()) == {"dns-r2-missing"}
    story = leased().found("10.0.0.2").updated("10.0.0.2").connects("unreachable", **gone).wait(20)
    assert codes(story.report()) == NO_UPDATE


def test_an_answer_cut_short_and_no_way_to_ask_over_tcp() -> None:
    cut = {"truncated": True, "server": "10.0.0.2"}
    for outcome, clause in (("refused", "its TCP port 53 is closed"), ("no_answer", "its TCP port 53 gives no answer")):
        story = leased().asks(**cut).connects(outcome, server="10.0.0.2", port=53).wait(20)
        assert verdict(story.report()) == ("broken", "dns", "dns-no-answer")
        assert codes(story.report()) == {"dns-no-answer"}
        assert clause in story.report().verdict.summary
        # The next server gives the whole answer.
        assert verdict(story.found().updated().report()) == ("whole", None, "no-update-offered")
    # Another server's port says nothing of it, nor does one that opened.
    assert codes(leased().asks(**cut).connects("refused", server="10.0.0.3", port=53).wait(20).report()) == {
        "capture-gap"
    }
    assert codes(leased().asks(**cut).connects(server="10.0.0.2", port=53).wait(20).report()) == {"capture-gap"}


def test_dns_over_tcp_at_the_update_server_is_no_connection_to_it() -> None:
    for outcome in ("open", "refused"):
        story = leased().found().connects(outcome, port=53)
        assert codes(story.wait(20).report()) == {"connect-not-tried"}
        assert codes(story.updated().report()) == NO_UPDATE


def test_a_cookie_that_has_to_be_sent_again_is_no_fault() -> None:
    for rcode in ("BADCOOKIE", "BADVERS"):
        assert codes(leased().asks(NAME, rcode).found().updated().report()) == NO_UPDATE
        assert codes(leased().asks(NAME, rcode).wait(20).report()) == {"dns-server-failure"}
    assert "dns-server-failure" in codes(leased().asks(NAME, "SERVFAIL").found().updated().report())


def one_way() -> Story:
    story = watched().dhcp("discover").dhcp("request").asks(NAME, None)
    story.connects(lacking="syn_ack").posts(None, lost_bytes=400, failure=None)
    return story.wait(60)


def test_a_capture_of_the_phones_direction_alone_blames_no_server_for_its_silence() -> None:
    report = one_way().report()
    assert verdict(report) == ("unknown", "request", "capture-one-direction")
    assert codes(report) == {"capture-one-direction"}
    for step in (*report.steps[:2], report.steps[4]):
        assert "his capture holds only what the phone sent (mirror both directions)" in (step.summary or "")
    # Where a server is heard, the others were silent.
    assert "dhcp-no-answer" in codes(one_way().found().report())
    heard = watched().dhcp("discover").asks(NAME, None).wait(5).connects().posts(None, lost_bytes=400).wait(60)
    assert codes(heard.report()) >= {"dns-no-answer"}
    # It has an address, and so an answer.
    assert "dhcp-no-answer" not in codes(heard.report())
    assert codes(watched().dhcp("discover").asks(NAME, None).wait(60).report()) == {"capture-one-direction"}
    # Nothing shows that a server spoke.
    assert codes(watched().dhcp("discover").wait(60).report()) == {"dhcp-no-answer"}
    second = watched().dhcp("discover", vendor_class="MS-UC-Client").asks(NAME, None).wait(60)
    assert "capture-one-direction" not in codes(second.report())


def test_an_offer_at_a_port_that_is_not_watched() -> None:
    def offered(**setting: Any) -> PhoneReport:
        story = Story(from_capture=True, **setting).leased().found().connects().posts()
        return story.offers("http://pool01.contoso.com:8080/files").wait(60).report()

    report = offered(ports=frozenset({80, 443}))
    assert verdict(report) == ("unknown", "download", "port-not-watched")
    assert "capture with --port 8080" in report.verdict.summary
    for ports in (frozenset({80, 443, 8080}), None):
        assert verdict(offered(ports=ports)) == ("unknown", "download", "download-not-tried")


def test_unchanged_is_no_answer_to_a_request_without_a_condition() -> None:
    def answered(conditional: bool | None) -> PhoneReport:
        story = leased().found().connects().posts().offers().connects()
        return story.gets(304, conditional=conditional, answer_bytes=0).wait(60).report()

    assert verdict(answered(False)) == ("broken", "download", "download-status")
    for seen in (True, None):
        assert verdict(answered(seen)) == ("whole", None, None)


def test_the_older_name_alone_is_not_reported_twice() -> None:
    summary = leased().asks("ucupdates.contoso.com", "NXDOMAIN").wait(60).report().verdict.summary
    assert summary.count("ucupdates.contoso.com") == 1


def test_a_path_may_be_spelt_with_percent_signs() -> None:
    story = leased().found().connects().posts().offers("http://pool01.contoso.com/UC%20Phone/a_b").connects()
    report = story.gets(target="/UC%20phone/a%5Fb/CPE.nbt").wait(60).report()
    assert verdict(report) == ("whole", None, None)
    story = leased().found().connects().posts().offers("http://pool01.contoso.com/UC%20Phone/a_b")
    report = story.gets(target="/UC%20phone/b%5Fb/CPE.nbt").wait(60).report()
    assert verdict(report) == ("unknown", "download", "download-not-tried")


def test_what_a_mirror_port_shows_twice_is_one_lease() -> None:
    def twice(**more: Any) -> PhoneReport:
        story = watched()
        for kind in ("discover", "offer", "request", "ack"):
            given = more if kind in ("offer", "ack") else {}
            story.dhcp(kind, transaction=9, **given).dhcp(kind, transaction=9, tag=100, **given)
        return story.wait(60).report()

    assert verdict(twice(resolvers=())) == ("broken", "dhcp", "dhcp-no-resolver")
    assert verdict(twice(domain=None)) == ("broken", "dhcp", "dhcp-no-domain")
    assert verdict(twice()) == ("unknown", "dns", "dns-not-asked")


def test_an_alias_that_the_phone_followed_itself_leads_to_the_address() -> None:
    def alias() -> Story:
        return leased().asks(NAME, "NOERROR", aliases=("pool01.contoso.com",))

    story = alias().asks("pool01.contoso.com", "NOERROR", "10.0.0.20").updated()
    assert codes(story.wait(60).report()) == {"no-update-offered"}
    story = alias().asks("pool01.contoso.com", "NOERROR", "10.0.0.20").connects("refused")
    assert verdict(story.wait(60).report()) == ("broken", "connect", "connect-refused")
    for name, rcode in (("pool02.contoso.com", "NOERROR"), ("pool01.contoso.com", "NXDOMAIN")):
        addresses = ("10.0.0.20",) if rcode == "NOERROR" else ()
        assert verdict(alias().asks(name, rcode, *addresses).wait(60).report()) == ("broken", "dns", "dns-no-address")


def test_a_capture_that_ends_with_the_first_half_of_a_sign_in_cannot_tell_how_it_ends() -> None:
    for scheme in ("NTLM", "Negotiate"):
        for answers in (1, 2):
            story = watched().leased().found().connects()
            for _ in range(answers):
                story = story.posts(401, challenges=(scheme,))
            assert codes(story.report()) == {"capture-too-short"}
            assert codes(story.wait(20).report()) == {"http-auth-required"}


def test_who_hangs_up_on_a_challenge_does_not_sign_in() -> None:
    story = leased().found().connects().posts(401, challenges=("Negotiate", "NTLM"), closed_by="client")
    assert verdict(story.report()) == ("broken", "request", "http-auth-required")
    assert codes(story.report()) == {"http-auth-required"}
    # It may well come back, and then that was how it began.
    assert codes(story.wait(1).connects().posts(401, challenges=("NTLM",)).posts().answers().report()) == NO_UPDATE


def test_a_refused_sign_in_needs_no_patience() -> None:
    story = watched().leased().found().connects()
    assert codes(story.posts(401, challenges=("Basic",)).report()) == {"http-auth-required"}
    story = watched().leased().found().connects()
    for _ in range(3):
        story = story.posts(401, challenges=("NTLM",))
    assert codes(story.report()) == {"http-auth-required"}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, "tls-version"),
        ({"versions": ("SSL 3.0", "TLS 1.0")}, "tls-version"),
        ({"versions": ("TLS 1.0", "TLS 1.1")}, "tls-handshake"),
        ({"versions": ()}, "tls-handshake"),
        ({"stage": "server_hello"}, "tls-handshake"),
        ({"alert_from": "client"}, "tls-handshake"),
        ({"alert": 40}, "tls-handshake"),
    ],
)
def test_alert_80_to_a_hello_of_tls_1_0_is_about_the_version(more: dict[str, Any], code: str) -> None:
    said = {"versions": ("TLS 1.0",), "alert": 80, "alert_from": "server", "stage": "client_hello", **more}
    report = leased().found().connects(port=443).shakes("alert", **said).wait(20).report()
    assert verdict(report) == ("broken", "tls", code)
    assert ("OpenSSL 3" in report.verdict.summary) is (code == "tls-version")


@pytest.mark.parametrize(
    ("more", "named"),
    [({"truncated": True}, True), ({}, False), ({"truncated": True, "snapped": True}, False)],
)
def test_a_truncated_answer_that_the_phone_makes_nothing_of_is_named(more: dict[str, Any], named: bool) -> None:
    many = tuple(f"10.0.0.{number}" for number in range(50, 80))
    report = leased().asks(NAME, "NOERROR", *many, **more).wait(20).report()
    assert verdict(report) == ("unknown", "connect", "connect-not-tried")
    assert ("the answer was truncated (TC)" in report.verdict.summary) == named
    assert ("short enough for UDP" in report.findings[0].fix.text) == named


def test_a_truncated_answer_beside_a_whole_one_is_not_what_stops_the_phone() -> None:
    report = leased().asks(NAME, "NOERROR", POOL, truncated=True).found().wait(20).report()
    assert verdict(report) == ("unknown", "connect", "connect-not-tried")
    assert "truncated" not in report.verdict.summary


def test_a_lease_without_a_router_reaches_some_of_many_addresses_only_inside() -> None:
    many = tuple(f"10.9.0.{number}" for number in range(50, 80))
    report = leased(options=(1, 6, 15), address="10.0.0.7").asks(NAME, "NOERROR", *many).wait(20).report()
    assert "10.9.0.52 and 10.9.0.53 and 26 more only inside its own subnet" in report.verdict.summary


def test_who_asked_the_update_server_for_something_else_alone_sent_no_request() -> None:
    story = (
        leased().found().connects(client_port=1).requests(method="GET", target="/certsrv/certnew.p7b", client_port=1)
    )
    report = story.wait(20).report()
    assert verdict(report) == ("unknown", "request", "request-not-sent")
    assert codes(report) == {"request-not-sent"}
    assert "something else" in report.verdict.summary
    # A refusal beside it is the cause as before.
    assert verdict(story.connects("refused", port=443).wait(20).report()) == ("broken", "connect", "connect-refused")
