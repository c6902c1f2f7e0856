"""Which phone is which behind one address: a table of what is given to whom."""

from dataclasses import replace
from typing import Any

import pytest

from tests.diagnosis.story import MAC, PATH, POOL, START
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phone_tracker import PhoneTracker
from ucdiag.diagnosis.shared_address import SharedAddress, claimed_identity, claimed_name, passed_on
from ucdiag.model.observations import Connect, Dhcp, Extent, Http, Lookup, Observation, Tls, Transfer, UpdateAnswer

OTHER = "02:00:00:00:00:99"
NAT = "10.9.0.1"


def at(seconds: int) -> int:
    return START + seconds * 1_000_000


def post(mac: str, seconds: int, port: int, **more: Any) -> Http:
    said = {
        "client": NAT,
        "target": PATH,
        "method": "POST",
        "status": 200,
        "complete": True,
        "request_text": f'<R mac="{mac}"/>',
    }
    return Http(time=at(seconds), port=80, client_port=port, **{"server": POOL, **said, **more})


def connect(seconds: int, port: int | None, outcome: Any = "open", server: str = POOL) -> Connect:
    return Connect(time=at(seconds), client=NAT, server=server, port=80, client_port=port, outcome=outcome)


def lookup(seconds: int, rcode: str = "NOERROR", name: str = "a.b") -> Lookup:
    addresses = (POOL,) if rcode == "NOERROR" else ()
    return Lookup(time=at(seconds), client=NAT, name=name, type="A", rcode=rcode, addresses=addresses)


def answer(seconds: int, port: int, form: Any = "offered") -> UpdateAnswer:
    return UpdateAnswer(time=at(seconds), client=NAT, server=POOL, port=80, client_port=port, form=form)


FIRST, SECOND = post(MAC, 10, 1), post(OTHER, 20, 2)
GET = Http(time=at(30), client=NAT, server=POOL, port=80, client_port=3, method="GET", status=404, complete=True)
BOTH, NOBODY = {MAC, OTHER}, set[str]()


@pytest.mark.parametrize(
    ("seen", "others", "owners"),
    [
        (connect(9, 1), [], {MAC}),
        (connect(19, 2), [], {OTHER}),
        (answer(11, 1), [], {MAC}),
        (connect(9, 3), [], NOBODY),
        (connect(9, 3, "refused"), [], BOTH),
        (connect(9, 3, "refused"), [connect(12, 4)], NOBODY),
        (connect(9, 3, "refused"), [connect(8, 4)], BOTH),
        (connect(9, 3, "refused"), [connect(12, 4, server="10.0.0.21")], BOTH),
        (Tls(time=at(9), client=NAT, server=POOL, port=443, outcome="complete"), [], NOBODY),
        (Tls(time=at(9), client=NAT, server=POOL, port=443, outcome="no_answer"), [], BOTH),
        (lookup(5), [], BOTH),
        (lookup(10), [], BOTH),
        (lookup(11), [], {OTHER}),
        (lookup(21), [], NOBODY),
        (lookup(21, "NXDOMAIN"), [], BOTH),
        (lookup(21, "NXDOMAIN"), [lookup(22)], NOBODY),
        (lookup(21, "NXDOMAIN"), [lookup(22, name="c.d")], BOTH),
        (lookup(21, "NXDOMAIN"), [lookup(22, name="A.B")], NOBODY),
        (GET, [], NOBODY),
        (GET, [answer(11, 1)], {MAC}),
        (GET, [answer(11, 1, "none_offered")], NOBODY),
        (GET, [answer(11, 1), answer(21, 2)], NOBODY),
        (GET, [answer(31, 1)], NOBODY),
        (GET, [answer(11, 1), answer(31, 2)], {MAC}),
        (Transfer(time=at(30), client=NAT, url="http://x/", outcome="whole"), [answer(21, 2)], {OTHER}),
        (post("no address", 30, 4, status=500), [], BOTH),
        (post("no address", 30, 4), [], NOBODY),
        (post("no address", 30, 4, status=199), [], BOTH),
        (post("no address", 30, 4, status=299), [], NOBODY),
        (post("no address", 30, 4, status=300), [], BOTH),
        (post("no address", 30, 4, status=None), [], BOTH),
        (post("no address", 30, 4, complete=False), [], BOTH),
        (lookup(21, "NXDOMAIN"), [lookup(20)], BOTH),
        (connect(9, 3, "refused"), [connect(9, 4)], NOBODY),
        (lookup(21, "NXDOMAIN"), [lookup(21)], NOBODY),
        (connect(9, None, "refused"), [], BOTH),
        (connect(9, None, "refused"), [replace(GET, client_port=None)], BOTH),
    ],
)
def test_whose_an_observation_is(seen: Observation, others: list[Observation], owners: set[str]) -> None:
    shares = SharedAddress([MAC, OTHER], [FIRST, SECOND, seen, *others]).shares
    assert {name for name, share in shares.items() if seen in share} == owners
    assert FIRST in shares[MAC]
    assert SECOND in shares[OTHER]


def test_a_connection_that_two_phones_spoke_on_is_divided_by_time() -> None:
    """The translation gave its port to another phone."""
    first, second = post(MAC, 10, 1), post(OTHER, 20, 1)
    connects = [connect(9, 1), connect(15, 1), connect(25, 1)]
    answers = [answer(11, 1), answer(21, 1)]
    shares = SharedAddress([MAC, OTHER], [first, second, *connects, *answers]).shares
    assert shares[MAC] == [first, connects[0], answers[0]]
    assert shares[OTHER] == [second, connects[1], connects[2], answers[1]]


def test_the_mac_address_of_a_frame_tells_whose_it_is_too() -> None:
    seen = Connect(time=at(5), client=NAT, client_mac=MAC, server=POOL, port=80, outcome="open")
    stranger = Connect(time=at(5), client=NAT, client_mac="02:00:00:00:00:01", server=POOL, port=80, outcome="open")
    shares = SharedAddress([MAC, OTHER], [seen, stranger]).shares
    assert shares == {MAC: [seen], OTHER: []}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f'<R MacAddress="{MAC}"/>', MAC),
        ("<MAC>0004F2AABBCC</MAC>", MAC),
        (f'<R mac="{MAC}" serial="A1"/>', MAC),
        ('<R mac="ff:ff:ff:ff:ff:ff" SerialNumber="A1"/>', "serial A1"),
        ("{'serial'='A-1_b'}", "serial A-1_b"),
        ('<R SERIAL="A1" note="İİ"/>', "serial A1"),
        ('<R İİ ſerialNumber="A1"/>', "serial A1"),
        ("<R/>", None),
        (None, None),
    ],
)
def test_what_a_request_says_of_its_phone(text: str | None, name: str | None) -> None:
    assert claimed_name(post(MAC, 1, 1, request_text=text)) == name


def test_the_last_update_request_tells_who_a_phone_is() -> None:
    text = '<R mac="00-04-f2-aa-bb-cc" serial="A1" vendor="Polycom " model="CX700" version="1.0.522.101"/>'
    requests: list[Observation] = [
        post(MAC, 1, 1, request_text='<R serial="OLD"/>'),
        post(MAC, 2, 1, request_text=text),
        post(MAC, 3, 1, request_text='<R serial="ELSEWHERE"/>', target="/other"),
        post(MAC, 4, 1, request_text=None),
    ]
    assert claimed_identity(requests) == {
        "mac": MAC,
        "serial": "A1",
        "vendor": "Polycom",
        "model": "CX700",
        "firmware": "1.0.522.101",
    }
    assert claimed_identity(requests[2:]) == {}


FULL = f'<R mac="{MAC}" serial="A1" vendor="Polycom" model="CX700" version="1.0.522.101"/>'


@pytest.mark.parametrize(
    ("later", "purpose", "firmware", "serial"),
    [
        # A log says less, or of something else.
        ("log of today, version=9.9.9.9 serial='LOG'", "log", "1.0.522.101", "A1"),
        ("version=9.9.9.9", "update-or-log", "1.0.522.101", "A1"),
        # A later update request says less.
        ("<R/>", None, "1.0.522.101", "A1"),
        (None, None, "1.0.522.101", "A1"),
        # What it says counts.
        ('<R version="3.5.6907.35"/>', None, "3.5.6907.35", "A1"),
        # Another phone's.
        ('<R mac="00:04:f2:00:00:99" serial="B2"/>', None, None, "B2"),
    ],
)
def test_a_later_post_does_not_make_forget_what_an_earlier_one_said(
    later: str | None, purpose: Any, firmware: str | None, serial: str
) -> None:
    known = claimed_identity([post(MAC, 1, 1, request_text=FULL), post(MAC, 2, 1, request_text=later, purpose=purpose)])
    assert (known.get("firmware"), known.get("serial")) == (firmware, serial)


def test_a_log_alone_says_who_a_phone_is() -> None:
    assert claimed_identity([post(MAC, 1, 1, request_text="serial='A1'", purpose="log")]) == {"serial": "A1"}


def tracker_of(*observations: Observation, **more: Any) -> PhoneTracker:
    tracker = PhoneTracker(DiagnosisOptions(from_capture=True), **more)
    for seen in observations:
        tracker.feed(seen)
    return tracker


@pytest.mark.parametrize(
    ("count", "named"),
    [
        (2, "serial A0 and serial A1"),
        (5, "serial A0, serial A1, serial A2, serial A3 and serial A4"),
        (6, "serial A0, serial A1, serial A2, serial A3 and serial A4, ..."),
    ],
)
def test_phones_behind_one_address_are_a_problem_of_the_report(count: int, named: str) -> None:
    posts = [post(MAC, number, number, request_text=f'<R serial="A{number}"/>') for number in range(count)]
    (problem,) = tracker_of(*posts, routed=lambda ip: True).problems()
    assert problem.code == "several-phones"
    assert problem.text == (
        f"{count} phones sent from {NAT} ({named}), as behind address translation, and are distinguished by the fields "
        "of their requests: a failed connection without such fields counts against each of them. "
        "Capture in the phones' own VLAN to be sure."
    )


@pytest.mark.parametrize(("count", "packets"), [(1, "1 packet"), (2, "2 packets"), (1234, "1,234 packets")])
def test_packets_that_the_snap_length_cut_are_a_problem(count: int, packets: str) -> None:
    (problem,) = tracker_of(Extent(time=at(0), end=at(1), packets=9999, cut=count)).problems()
    assert problem.code == "packets-cut"
    assert problem.text == (
        f"The capture's snap length cut {packets} of the phones' update path: "
        "capture again with whole packets (tcpdump -s 0)."
    )
    assert tracker_of(Extent(time=at(0), end=at(1))).problems() == ()


def test_a_routers_mac_address_is_a_problem() -> None:
    posts = [post(MAC, 1, 1, client=f"10.1.0.{number}", request_text=None) for number in range(7)]
    (problem,) = tracker_of(*posts, routed=lambda ip: True).problems()
    assert problem.text == (
        "The MAC address in the frames of 10.1.0.0, 10.1.0.1, 10.1.0.2, 10.1.0.3, 10.1.0.4 is a router's or a "
        "bridge's, so the phone is known by its IP address and by what its requests say: capture in the phone's own "
        "VLAN to see its MAC address and its DHCP."
    )


PROXY, PHONES = "02:00:00:00:00:77", {MAC: "10.0.0.7", OTHER: "10.0.0.8"}
FRONT = "10.0.0.99"


def own_facts(mac: str, status: int | None) -> list[Observation]:
    """What a phone does at its own address: it finds the server, and asks it for an update."""
    own = {"client": PHONES[mac], "client_mac": mac}
    asked = [replace(lookup(1, name="ucupdates-r2.b"), **own), replace(connect(2, 5, server=FRONT), **own)]
    if status is None:
        return [replace(lookup(1, "NXDOMAIN", name="ucupdates-r2.b"), **own)]
    return [*asked, replace(post(mac, 10, 5, **own, status=status, server=FRONT), seconds=4.0)]


def in_their_name(macs: list[str], seconds: int) -> list[Observation]:
    """What one other device asks in the name of phones, and what it gets."""
    found: list[Observation] = []
    for number, mac in enumerate(macs):
        found += [
            replace(post(mac, seconds, number, client_mac=PROXY), seconds=1.0),
            replace(answer(seconds + 1, number, "none_offered"), client_mac=PROXY),
        ]
    return found


def verdicts_of(*observations: Observation) -> dict[str | None, tuple[str, str | None, int]]:
    """Of each phone status and code, and how many checks it made."""
    reports = tracker_of(*sorted(observations, key=lambda seen: seen.time)).finish(at(900))
    return {
        report.phone.mac: (report.verdict.status, report.verdict.code, report.checks.count if report.checks else 0)
        for report in reports
    }


@pytest.mark.parametrize("macs", [[MAC], [MAC, OTHER]])
def test_what_a_proxy_passes_on_is_no_phones_and_proves_nothing_for_them(macs: list[str]) -> None:
    """The server behind it has answered, and the proxy gave the phone an error."""
    own = [seen for mac in macs for seen in own_facts(mac, 502)]
    assert verdicts_of(*own, *in_their_name(macs, 11)) == dict.fromkeys(macs, ("broken", "http-unavailable", 1))
    assert tracker_of(*own, *in_their_name(macs, 11)).problems() == ()


def test_a_phone_that_waits_for_its_answer_in_vain_has_its_request_passed_on() -> None:
    own = own_facts(MAC, 200)
    silent = [
        replace(seen, status=None, complete=False, seconds=None) if isinstance(seen, Http) else seen for seen in own
    ]
    assert verdicts_of(*silent, *in_their_name([MAC], 12)) == {MAC: ("broken", "http-no-answer", 1)}


LATER = replace(post(MAC, 13, 1), seconds=1.0)


@pytest.mark.parametrize(
    ("posts", "own", "is_one"),
    [
        ([FIRST], [FIRST], True),
        ([LATER], [FIRST], True),
        ([LATER], [replace(FIRST, seconds=2.9)], False),
        ([LATER], [replace(FIRST, seconds=3.0)], True),
        ([FIRST], [LATER], False),
        ([LATER], [replace(FIRST, request_text="<other/>")], False),
        ([LATER, replace(LATER, time=at(80))], [FIRST], False),
        ([replace(LATER, time=at(70))], [FIRST], True),
        ([LATER], [], False),
        ([], [FIRST], False),
    ],
)
def test_a_request_is_passed_on_while_its_phone_waits(posts: list[Http], own: list[Http], is_one: bool) -> None:
    assert passed_on(posts, own) is is_one


def test_of_phones_that_a_proxy_alone_shows_nothing_is_left_out() -> None:
    found = verdicts_of(*own_facts(MAC, 502), *in_their_name([MAC, OTHER], 11))
    assert found == {MAC: ("broken", "http-unavailable", 1), OTHER: ("whole", "no-update-offered", 1)}


@pytest.mark.parametrize("macs", [[MAC], [MAC, OTHER]])
def test_another_device_that_plays_phones_mends_none_of_them(macs: list[str]) -> None:
    own = [seen for mac in macs for seen in own_facts(mac, None)]
    found = verdicts_of(*own, *in_their_name(macs, 60))
    assert found.pop(PROXY)[:2] == ("whole", "no-update-offered")
    assert found == dict.fromkeys(macs, ("broken", "dns-r2-missing", 1))


def test_a_proxy_that_ends_tls_shows_what_its_phones_asked() -> None:
    own: list[Observation] = []
    for mac in (MAC, OTHER):
        of_phone = {"client": PHONES[mac], "client_mac": mac, "server": FRONT, "port": 443}
        own.append(replace(own_facts(mac, None)[0], rcode="NOERROR", addresses=(FRONT,)))
        own.append(Tls(time=at(9), client_port=5, outcome="complete", **of_phone))
    assert verdicts_of(*own, *in_their_name([MAC, OTHER], 11)) == {
        MAC: ("whole", "no-update-offered", 1),
        OTHER: ("whole", "no-update-offered", 1),
    }


def resolved(mac: str, seconds: int = 1) -> list[Observation]:
    """All that is seen of a phone whose proxy is on another port: it finds the server, and signs in."""
    own = {"client": PHONES[mac], "client_mac": mac}
    found = replace(lookup(seconds, name="ucupdates-r2.b"), **own)
    return [found, replace(connect(seconds + 40, 9, server="10.0.0.30"), **own, port=5061)]


@pytest.mark.parametrize("macs", [[MAC], [MAC, OTHER]])
def test_a_request_that_is_seen_behind_a_proxy_alone_is_its_phone_s(macs: list[str]) -> None:
    own = [seen for mac in macs for seen in resolved(mac)]
    tracker = tracker_of(*sorted([*own, *in_their_name(macs, 5)], key=lambda seen: seen.time))
    reports = tracker.finish(at(900))
    found = [(report.phone.mac, report.phone.ip, report.verdict.code) for report in reports]
    assert found == [(mac, PHONES[mac], "no-update-offered") for mac in macs]
    assert tracker.problems() == ()


def test_what_a_proxy_does_for_others_is_not_its_phone_s() -> None:
    """It asks DNS itself, and fails to reach other servers. Its lease makes no phone of it."""
    lease = Dhcp(time=at(0), type="ack", client=PROXY, address=NAT, domain="b", resolvers=(POOL,), transaction=1)
    its_own = [lookup(0, name="ucupdates-r2.b"), lookup(60, "NXDOMAIN"), connect(61, 7, "refused", "192.0.2.1")]
    others = [lease, *(replace(seen, client_mac=PROXY) for seen in its_own)]
    found = verdicts_of(*resolved(MAC), *in_their_name([MAC], 5), *others)
    assert found == {MAC: ("whole", "no-update-offered", 1)}


def test_a_proxy_s_requests_of_later_checks_are_its_phone_s_too() -> None:
    """The phone has its server's address from before."""
    later = [replace(seen, client_port=7) for seen in in_their_name([MAC], 800)]
    assert verdicts_of(*resolved(MAC), *in_their_name([MAC], 5), *later) == {MAC: ("whole", "no-update-offered", 2)}


def test_of_phones_behind_a_proxy_those_that_were_not_captured_are_phones_at_its_address() -> None:
    found = verdicts_of(*resolved(MAC), *in_their_name([MAC, OTHER], 5))
    assert found == dict.fromkeys([MAC, OTHER], ("whole", "no-update-offered", 1))


@pytest.mark.parametrize("seconds", [0, 12, 300])
def test_a_request_in_a_phone_s_name_at_another_time_is_not_the_phone_s(seconds: int) -> None:
    found = verdicts_of(*resolved(MAC), *in_their_name([MAC], seconds))
    assert found[MAC][0] == "unknown"
    assert found[PROXY][:2] == ("whole", "no-update-offered")


def test_our_own_request_in_a_phone_s_name_is_not_the_phone_s() -> None:
    ours = [
        replace(seen, user_agent="ucdiag/1.0") if isinstance(seen, Http) else seen for seen in in_their_name([MAC], 5)
    ]
    assert verdicts_of(*resolved(MAC), *ours)[MAC][0] == "unknown"


def test_a_phone_that_tried_to_connect_itself_is_not_mended_by_a_request_in_its_name() -> None:
    refused = replace(connect(2, 5, "refused"), client=PHONES[MAC], client_mac=MAC)
    found = verdicts_of(*resolved(MAC), refused, *in_their_name([MAC], 5))
    assert found[MAC][:2] == ("broken", "connect-refused")


def test_a_file_that_is_not_asked_for_behind_a_proxy_may_be_the_proxy_s_already() -> None:
    url = "http://pool01.contoso.com/DeviceUpdateFiles_Int/CPE"
    offered = [
        replace(seen, form="offered", internal_url=url, external_url=url) if isinstance(seen, UpdateAnswer) else seen
        for seen in in_their_name([MAC], 5)
    ]
    (report,) = tracker_of(*sorted([*resolved(MAC), *offered], key=lambda seen: seen.time)).finish(at(900))
    assert report.verdict.code == "download-not-tried"
    assert "a proxy that keeps files" in report.verdict.summary


@pytest.mark.parametrize(("offers", "owners"), [([answer(21, 2)], {OTHER}), ([answer(11, 1), answer(21, 2)], NOBODY)])
def test_a_file_on_a_proxy_s_connection_is_not_that_phone_s_who_first_asked_there(
    offers: list[Observation], owners: set[str]
) -> None:
    """A proxy sends the requests of several clients on one connection."""
    asked = replace(GET, client_port=1)
    shares = SharedAddress([], [FIRST, SECOND, *offers, asked], [MAC, OTHER]).shares
    assert {name for name, share in shares.items() if asked in share} == owners


def offer_to(mac: str, seconds: int, port: int) -> list[Observation]:
    """What a phone behind the address asks, and the update that it is offered."""
    url = "http://pool01.contoso.com/DeviceUpdateFiles_Int/CPE"
    return [post(mac, seconds, port), replace(answer(seconds, port, "offered"), internal_url=url, external_url=url)]


def fetch(seconds: int, port: int) -> Http:
    target = "/DeviceUpdateFiles_Int/CPE/CPE.nbt"
    asked = {"method": "GET", "target": target, "host": "pool01.contoso.com", "request_text": None}
    return replace(post(MAC, seconds, port), **asked, answer_bytes=5000)


def said_of_files(*observations: Observation) -> set[str]:
    """What is said where a phone's file is missing."""
    reports = tracker_of(*observations, routed=lambda ip: True).finish(at(900))
    return {report.verdict.summary for report in reports if report.verdict.code == "download-not-tried"}


def test_whose_a_file_is_is_not_known_where_two_phones_were_offered_one() -> None:
    offers = [*offer_to(MAC, 1, 1), *offer_to(OTHER, 2, 2)]
    (unclear,) = said_of_files(*offers, fetch(5, 3), fetch(6, 4))
    assert "which of the requests for files from its address are this phone's is not known" in unclear
    assert "asked for no file" not in unclear
    # Where nobody asked for one, both asked for none; and one phone's file is its own.
    (missing,) = said_of_files(*offers)
    assert "the phone asked for no file of it" in missing
    (later,) = said_of_files(*offer_to(MAC, 1, 1), fetch(5, 3), *offer_to(OTHER, 8, 2))
    assert "the phone asked for no file of it" in later
