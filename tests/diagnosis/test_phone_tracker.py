"""Who in a capture is a phone, and whose is which fact."""

from collections.abc import Iterator
from dataclasses import replace
from sys import getsizeof
from typing import Any

import pytest

from tests.diagnosis.story import MAC, NAME, PATH, PHONE, POOL, SECOND, START, Story, codes, command_texts, verdict
from tests.diagnosis.tracker_tables import leased_ips, taken_bytes, terms_of
from ucdiag.diagnosis import phone_tracker
from ucdiag.diagnosis.alike_stories import Within
from ucdiag.diagnosis.options import CaptureGap, ClocksDiffer, DiagnosisOptions
from ucdiag.diagnosis.phone_tracker import PHONE_BYTES, Limits, PhoneTracker, size_of_fact
from ucdiag.model.observations import (
    Connect,
    Dhcp,
    Extent,
    Http,
    Lookup,
    Observation,
    Pause,
    UpdateAnswer,
    UpdateFile,
)
from ucdiag.model.steps import STEPS

OTHER = "02:00:00:00:00:99"
ROOM = 10 * 1024 * 1024
AT = START + 600 * SECOND


def from_capture() -> DiagnosisOptions:
    return DiagnosisOptions(from_capture=True)


def fleet_of(*observations: Observation, **more: Any) -> PhoneTracker:
    fleet = PhoneTracker(from_capture(), **more)
    for observation in observations:
        fleet.feed(observation)
    return fleet


def healthy(mac: str | None = MAC, ip: str = PHONE, lease: bool = True) -> list[Observation]:
    story = Story(from_capture=True)
    if lease:
        story.leased(client=mac, address=ip)
    story.found().updated()
    moved = []
    for message in story.fed:
        changes: dict[str, Any] = {"client": mac if isinstance(message, Dhcp) else ip}
        if not isinstance(message, Dhcp) and hasattr(message, "client_mac"):
            changes["client_mac"] = mac
        moved.append(replace(message, **changes))
    return moved


def test_a_phone_is_known_by_what_it_does_and_joined_with_its_lease() -> None:
    (report,) = fleet_of(*healthy()).finish(AT)
    assert (report.phone.mac, report.phone.ip, report.phone.domain) == (MAC, PHONE, "contoso.com")
    assert verdict(report) == ("whole", None, "no-update-offered")


def test_what_is_still_open_counts_for_now_and_for_its_phone_alone() -> None:
    story = Story(from_capture=True).leased(client=MAC, address=PHONE)
    fleet = fleet_of(*story.fed, macs=[MAC])
    asked = Lookup(time=AT - 60 * SECOND, client=PHONE, server="10.0.0.53", name=NAME, type="A")
    other = replace(asked, client="10.0.0.50", client_mac=OTHER)
    assert verdict(*fleet.finish(AT, final=False))[0] == "unknown"
    assert verdict(*fleet.finish(AT, final=False, pending=[other]))[0] == "unknown"
    assert verdict(*fleet.finish(AT, final=False, pending=[other, asked])) == ("broken", "dns", "dns-no-answer")
    assert verdict(*fleet.finish(AT, final=False))[0] == "unknown"


def test_other_hosts_are_no_phones_and_everybody_with_a_lease_is_one_with_all() -> None:
    lookup = Lookup(time=START, client="10.0.0.50", client_mac=OTHER, name="www.example.com", type="A", rcode="NOERROR")
    connect = Connect(time=START, client="10.0.0.50", client_mac=OTHER, server=POOL, port=80, outcome="refused")
    ack = Dhcp(time=START, type="ack", client=OTHER, address="10.0.0.50", domain="contoso.com", lease_seconds=60)
    assert fleet_of(lookup, connect, ack).finish(AT) == ()
    reports = fleet_of(lookup, connect, ack, everyone=True).finish(AT)
    assert [report.phone.mac for report in reports] == [OTHER]


@pytest.mark.parametrize("kind", ["AAAA", "SOA", "TXT", "TYPE65"])
def test_who_asks_for_other_records_of_the_name_is_no_phone(kind: str) -> None:
    lookup = Lookup(time=START, client="10.0.0.50", client_mac=OTHER, name=NAME, type=kind, rcode="NOERROR")
    (report,) = fleet_of(*healthy(), lookup).finish(AT)
    assert report.phone.mac == MAC


def test_a_resolver_that_asks_another_is_no_phone() -> None:
    above = Lookup(
        time=START, client="10.0.0.53", client_mac=OTHER, server="192.0.2.53", name=NAME, type="A", rcode="NXDOMAIN"
    )
    asked = Lookup(time=START, client=PHONE, client_mac=MAC, server="10.0.0.53", name=NAME, type="A", rcode="NXDOMAIN")
    for both in ((above, asked), (asked, above)):
        (report,) = fleet_of(*both).finish(AT)
        assert report.phone.mac == MAC
    # It is one where it does more than that: the phone may be behind address translation.
    post = Http(
        time=START, client="10.0.0.53", server=POOL, port=80, method="POST", target=PATH, status=404, complete=True
    )
    assert len(fleet_of(above, asked, post).finish(AT)) == 2
    # An address that never answered is not known to be a resolver.
    unheard = replace(asked, rcode=None)
    assert len(fleet_of(above, unheard).finish(AT)) == 2
    # It is one where it went to ask another only then, and got no answer.
    for both in ((above, unheard), (unheard, above)):
        after = [replace(fact, time=START + 500) if fact is above else fact for fact in both]
        (report,) = fleet_of(*after).finish(AT)
        assert report.phone.mac == MAC
        # Another name it may have asked for before.
        (report,) = fleet_of(replace(above, time=START - 500, name="time.contoso.com"), *after).finish(AT)
        assert report.phone.mac == MAC


def test_a_vendor_class_makes_a_phone_in_either_spelling() -> None:
    for spelling in ("CPE-OCPhone", "CPE-OCPHONE", "MS-UC-Client"):
        discover = Dhcp(time=START, type="discover", client=OTHER, vendor_class=spelling)
        (report,) = fleet_of(discover).finish(AT)
        assert codes(report) == {"dhcp-no-answer"}
    assert fleet_of(Dhcp(time=START, type="discover", client=OTHER, vendor_class="MSFT 5.0")).finish(AT) == ()


def test_a_named_phone_that_was_not_seen_is_reported() -> None:
    (report,) = fleet_of(*healthy(), macs=[OTHER]).finish(AT)
    assert verdict(report) == ("unknown", None, "no-phone-seen")
    assert report.phone.mac == OTHER
    (report,) = fleet_of(*healthy(), macs=[MAC]).finish(AT)
    assert verdict(report) == ("whole", None, "no-update-offered")


def test_behind_a_router_phones_are_known_by_their_address() -> None:
    router = "00:11:22:33:44:55"
    fleet = fleet_of(
        *healthy(router, "10.9.0.7", lease=False),
        Lookup(time=START, client="10.9.0.8", client_mac=router, name=NAME, type="A", rcode="NXDOMAIN"),
    )
    reports = fleet.finish(AT)
    assert {(report.phone.mac, report.phone.ip) for report in reports} == {(None, "10.9.0.7"), (None, "10.9.0.8")}
    assert [problem.code for problem in fleet.problems()] == ["behind-router"]


def test_one_phone_behind_a_router_is_known_by_its_address_too() -> None:
    router = "00:11:22:33:44:55"
    fleet = fleet_of(*healthy(router, "10.9.0.7", lease=False), routed=lambda ip: ip == "10.9.0.7")
    (report,) = fleet.finish(AT)
    assert (report.phone.mac, report.phone.ip) == (None, "10.9.0.7")
    assert [problem.code for problem in fleet.problems()] == ["behind-router"]
    fleet = fleet_of(*healthy(MAC, "10.9.0.7"), routed=lambda ip: True)
    (report,) = fleet.finish(AT)
    assert report.phone.mac == MAC  # a relayed lease names the phone itself
    assert fleet.problems() == ()


@pytest.mark.parametrize(("lease_after", "shown"), [(60, "10.0.0.77"), (-60, PHONE)])
def test_a_phone_has_the_address_that_it_got_or_used_last(lease_after: int, shown: str) -> None:
    story = healthy()
    last = max(seen.time for seen in story) + lease_after * 1_000_000
    ack = Dhcp(time=last, type="ack", client=MAC, address="10.0.0.77", domain="contoso.com", lease_seconds=60)
    (report,) = fleet_of(*sorted([*story, ack], key=lambda seen: seen.time)).finish(AT)
    assert report.phone.ip == shown


def test_what_the_phone_says_of_itself() -> None:
    body = (
        '<x:Request xmlns:x="urn:x"><x:Device MACAddress="00-04-F2-AA-BB-CC" SerialNumber="AB37_679e"/>'
        "<Vendor>Polycom</Vendor><Model>CX700</Model><Version>1.0.522.101</Version></x:Request>"
    )
    post = Http(
        time=START,
        client=PHONE,
        server=POOL,
        port=80,
        method="POST",
        target=PATH,
        status=500,
        complete=True,
        request_text=body,
    )
    (report,) = fleet_of(post).finish(AT)
    phone = report.phone
    assert (phone.mac, phone.serial, phone.vendor, phone.model, phone.firmware) == (
        MAC,
        "AB37_679e",
        "Polycom",
        "CX700",
        "1.0.522.101",
    )


def test_hosts_without_end_are_bounded_and_the_phone_is_kept() -> None:
    fleet = fleet_of(*healthy())
    for number in range(30_000):
        ip = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        fleet.feed(Connect(time=START, client=ip, server=POOL, port=80, outcome="no_answer", client_port=number))
        fleet.feed(
            Dhcp(
                time=START,
                type="discover",
                client=f"02:00:{number >> 16:02x}:{number >> 8 & 255:02x}:{number & 255:02x}:01",
            )
        )
    (report,) = fleet.finish(AT)
    assert verdict(report) == ("whole", None, "no-update-offered")
    assert fleet.dropped > 0
    assert "forgotten" in {problem.code for problem in fleet.problems()}


def test_losses_reach_each_verdict() -> None:
    extent = Extent(time=START, end=AT, packets=10, lost=3)
    discover = Dhcp(time=START, type="discover", client=OTHER, vendor_class="CPE-OCPhone")
    (report,) = fleet_of(discover, extent).finish(AT)
    assert "lost 3 packets" in report.verdict.summary


def test_who_turns_out_to_be_a_phone_is_no_stranger_any_more() -> None:
    """Each connects before it posts, so it begins as a stranger; the bound on strangers' facts is not the phones'."""
    fleet = PhoneTracker(from_capture(), limits=Limits(strangers=20))
    for number in range(100):
        ip = f"10.1.0.{number}"
        fleet.feed(Connect(time=START + number, frame=2 * number + 1, client=ip, server=POOL, port=80, outcome="open"))
        post = Http(time=START + number, frame=2 * number + 2, client=ip, server=POOL, port=80, method="POST")
        fleet.feed(replace(post, target=PATH, status=404, complete=True))
    assert len(fleet.finish(START + 60 * SECOND)) == 100
    assert fleet.dropped == 0


def later(observations: list[Observation], seconds: int) -> list[Observation]:
    return [replace(observation, time=observation.time + seconds * SECOND) for observation in observations]


def refused(mac: str | None, ip: str = PHONE, lease: bool = True, seconds: int = 0) -> list[Observation]:
    """A phone whose request is not found."""
    story = Story(from_capture=True)
    if lease:
        story.leased(client=mac, address=ip)
    story.found().connects().posts(404)
    seen: dict[str, Any] = {"client": ip, "client_mac": mac}
    own: dict[str, Any] = {"client": mac}
    return later([replace(message, **(own if isinstance(message, Dhcp) else seen)) for message in story.fed], seconds)


@pytest.mark.parametrize("router", [None, "00:11:22:33:44:55"])
def test_an_address_leased_again_leaves_what_was_before_with_who_had_it(router: str | None) -> None:
    """Whether the frames show the phones' own MAC addresses or a router's."""

    def seen(observations: list[Observation]) -> list[Observation]:
        changes: dict[str, Any] = {"client_mac": router} if router else {}
        return [message if isinstance(message, Dhcp) else replace(message, **changes) for message in observations]

    routed: dict[str, Any] = {"routed": lambda ip: router is not None}
    first, second = fleet_of(*seen(refused(MAC)), *later(seen(healthy(OTHER)), 60), **routed).finish(AT)
    assert (first.phone.mac, *verdict(first)) == (MAC, "broken", "request", "http-not-found")
    assert (second.phone.mac, *verdict(second)) == (OTHER, "whole", None, "no-update-offered")
    first, second = fleet_of(*seen(healthy()), *seen(refused(OTHER, seconds=60)), **routed).finish(AT)
    assert (first.phone.mac, *verdict(first)) == (MAC, "whole", None, "no-update-offered")
    assert (second.phone.mac, *verdict(second)) == (OTHER, "broken", "request", "http-not-found")


def test_what_is_reported_late_belongs_to_who_had_the_address_when_it_began() -> None:
    first = refused(MAC)
    story = later(healthy(OTHER), 60)
    lease, rest = story[:4], story[4:]
    reports = fleet_of(*first[:4], *lease, *first[4:], *rest).finish(AT)
    assert [(report.phone.mac, report.verdict.code) for report in reports] == [
        (MAC, "http-not-found"),
        (OTHER, "no-update-offered"),
    ]


def test_who_gets_a_phones_address_is_no_phone() -> None:
    pc = [
        Dhcp(time=START + 60 * SECOND, type="ack", client=OTHER, address=PHONE, vendor_class="MSFT 5.0"),
        Lookup(time=START + 61 * SECOND, client=PHONE, client_mac=OTHER, name="www.example.com", type="A"),
    ]
    (report,) = fleet_of(*refused(MAC), *pc).finish(AT)
    assert (report.phone.mac, report.verdict.code) == (MAC, "http-not-found")
    (report,) = fleet_of(*refused(MAC, lease=False), *pc).finish(AT)
    assert (report.phone.mac, report.verdict.code) == (MAC, "http-not-found")


def test_a_lease_that_goes_on_is_whose_the_traffic_before_it_is() -> None:
    renewal = replace(Story(from_capture=True).leased().fed[-1], time=START + 60 * SECOND)
    (report,) = fleet_of(*healthy(lease=False), renewal).finish(AT)
    assert (report.phone.mac, report.phone.domain, report.verdict.status) == (MAC, "contoso.com", "whole")


def test_an_address_that_goes_round_is_bounded() -> None:
    fleet = fleet_of(limits=Limits(room=ROOM))
    for number in range(2000):
        mac = f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}"
        fleet.feed(Dhcp(time=START + number, type="ack", client=mac, address=PHONE))
        fleet.feed(Lookup(time=START + number, client=PHONE, client_mac=mac, name=NAME, type="A", rcode="NXDOMAIN"))
    assert terms_of(fleet, PHONE) == 16
    assert len(fleet.finish(AT)) == 2000


def test_a_phone_that_gets_another_address_is_one_phone() -> None:
    """Without its DHCP in the capture: what it did last counts."""
    moved = later(healthy(MAC, "10.0.0.8", lease=False), 60)
    fleet = fleet_of(*refused(MAC, lease=False), *moved)
    (report,) = fleet.finish(AT)
    assert (report.phone.mac, report.phone.ip, report.verdict.status) == (MAC, "10.0.0.8", "whole")
    assert fleet.problems() == ()
    (report,) = fleet_of(*healthy(lease=False), *refused(MAC, "10.0.0.8", lease=False, seconds=60)).finish(AT)
    assert (report.phone.ip, *verdict(report)) == ("10.0.0.8", "broken", "request", "http-not-found")
    assert len(fleet_of(*refused(MAC, lease=False), *moved, routed=lambda ip: True).finish(AT)) == 2


def says(observations: list[Observation], mac: str = MAC, port: int = 1025) -> list[Observation]:
    """The same with the phone's MAC address in its update requests, on one connection."""
    said: list[Observation] = []
    for seen in observations:
        if isinstance(seen, Http):
            seen = replace(seen, request_text=f"<MACAddress>{mac}</MACAddress>")
        said.append(replace(seen, client_port=port) if isinstance(seen, Connect | Http | UpdateAnswer) else seen)
    return said


@pytest.mark.parametrize("router", [None, "00:11:22:33:44:55"])
def test_a_phone_behind_a_router_that_gets_another_address_is_one_phone(router: str | None) -> None:
    """Its requests say who it is, whether frames show a router's MAC address or there are none."""

    def judged(*facts: Observation) -> list[tuple[Any, ...]]:
        reports = fleet_of(*facts, routed=lambda ip: True).finish(AT)
        return [(report.phone.mac, report.phone.ip, report.verdict.status) for report in reports]

    first = says(refused(router, "10.9.0.7", lease=False))
    assert judged(*first, *later(says(healthy(router, "10.9.0.8", lease=False)), 60)) == [(MAC, "10.9.0.8", "whole")]
    again = later(says(refused(router, "10.9.0.8", lease=False)), 60)
    assert judged(*says(healthy(router, "10.9.0.7", lease=False)), *again) == [(MAC, "10.9.0.8", "broken")]
    # Its old address is another phone's now.
    other = later(says(healthy(router, "10.9.0.7", lease=False), OTHER, 1026), 90)
    assert judged(*first, *again, *other) == [(MAC, "10.9.0.8", "broken"), (OTHER, "10.9.0.7", "whole")]
    # Two addresses at the same time are not one phone's.
    both = later(says(healthy(router, "10.9.0.8", lease=False)), 0)
    assert [found[1:] for found in judged(*first, *both)] == [("10.9.0.7", "broken"), ("10.9.0.8", "whole")]


def test_who_asks_in_the_name_of_a_phone_of_this_network_is_another_one() -> None:
    """Such as a probe from behind a router."""
    phone, probe = says(healthy(lease=False)), says(refused("00:11:22:33:44:55", "10.9.0.8", lease=False, seconds=300))
    reports = fleet_of(*phone, *probe, routed=lambda ip: ip == "10.9.0.8").finish(AT)
    assert [(report.phone.ip, report.verdict.status) for report in reports] == [
        (PHONE, "whole"),
        ("10.9.0.8", "broken"),
    ]


@pytest.mark.parametrize("routed", [True, False])
def test_a_phone_is_named_by_what_its_requests_say_where_frames_do_not_show_it(routed: bool) -> None:
    """Behind a router, and behind a wireless bridge that puts its own MAC address into the frames."""
    facts = says(healthy("00:11:22:33:44:55", "10.9.0.7", lease=False))
    (report,) = fleet_of(*facts, macs=[MAC], routed=lambda ip: routed).finish(AT)
    assert (report.phone.ip, verdict(report)) == ("10.9.0.7", ("whole", None, "no-update-offered"))
    # The phone itself counts where it is there, and another one never.
    (report,) = fleet_of(*facts, *refused(MAC), macs=[MAC], routed=lambda ip: routed and ip != PHONE).finish(AT)
    assert (report.phone.ip, report.verdict.code) == (PHONE, "http-not-found")
    (report,) = fleet_of(*facts, macs=[OTHER], routed=lambda ip: routed).finish(AT)
    assert report.verdict.code == "no-phone-seen"


def test_a_phone_whose_old_address_another_one_has_keeps_what_it_did_there() -> None:
    """Where of its DHCP only the later part is in the capture, and of the other one's nothing."""
    first = says(healthy(MAC, lease=False))
    moved = says(refused(MAC, "10.0.0.9", seconds=60))
    other = later(says(healthy(OTHER, lease=False), OTHER, 1026), 120)
    reports = fleet_of(*first, *moved, *other).finish(AT)
    checks = [report.checks.count if report.checks is not None else 0 for report in reports]
    assert [(report.phone.mac, report.phone.ip, report.verdict.status) for report in reports] == [
        (MAC, "10.0.0.9", "broken"),
        (OTHER, PHONE, "whole"),
    ]
    assert checks == [2, 1]


def test_one_mac_address_with_several_ip_addresses_in_turn_is_a_routers() -> None:
    first, second = refused(MAC, lease=False), healthy(MAC, "10.0.0.8", lease=False)
    turns = [observation for pair in zip(first, second, strict=False) for observation in pair]
    assert {report.phone.mac for report in fleet_of(*turns).finish(AT)} == {None}
    many = [
        observation for number in range(6) for observation in refused(MAC, f"10.0.0.{number + 7}", False, 60 * number)
    ]
    assert [report.phone.mac for report in fleet_of(*many).finish(AT)] == [None] * 6


NAT = "10.9.0.1"
ROUTER = "00:11:22:33:44:55"


def behind_translation(story: Story, mac: str, port: int, serial: str | None = None) -> list[Observation]:
    said = f'<R MacAddress="{mac}"/>' if serial is None else f'<R SerialNumber="{serial}"/>'
    found = []
    for exchange in story.fed:
        changes: dict[str, Any] = {"client": NAT, "client_mac": ROUTER}
        if hasattr(exchange, "client_port"):
            changes["client_port"] = port
        if isinstance(exchange, Http):
            changes["request_text"] = said if exchange.method == "POST" else None
        found.append(replace(exchange, **changes))
    return found


def a_story() -> Story:
    return Story(from_capture=True).found()


@pytest.mark.parametrize("last", [MAC, OTHER])
@pytest.mark.parametrize("serials", [(None, None), ("A1", "A2")])
def test_phones_behind_one_address_are_distinguished_by_their_requests(last: str, serials: tuple[str, str]) -> None:
    broken = behind_translation(a_story().connects().posts(500), MAC, 1001, serials[0])
    whole = behind_translation(a_story().updated(), OTHER, 1002, serials[1])
    fed = (*whole, *later(broken, 60)) if last == MAC else (*broken, *later(whole, 60))
    fleet = fleet_of(*fed, routed=lambda ip: True)
    found = {report.phone.serial or report.phone.mac: verdict(report) for report in fleet.finish(AT)}
    assert found == {
        serials[0] or MAC: ("broken", "request", "http-server-error"),
        serials[1] or OTHER: ("whole", None, "no-update-offered"),
    }
    assert {report.phone.ip for report in fleet.finish(AT)} == {NAT}
    assert [problem.code for problem in fleet.problems()] == ["several-phones"]
    assert fleet_of(*whole, *later(whole, 60)).problems() == ()


def test_behind_one_address_a_file_is_of_the_only_phone_that_was_offered_one() -> None:
    offered = a_story().connects().posts(200).offers()
    file = Story(from_capture=True).connects().gets(200, complete=False, failure="closed")
    for observation in (offered, file):
        observation.fed[:] = later(observation.fed, 10)
    first = behind_translation(offered, MAC, 1001)
    second = behind_translation(a_story().updated(), OTHER, 1002)
    fetch = later(behind_translation(file, MAC, 1003), 60)
    verdicts = {report.phone.mac: verdict(report) for report in fleet_of(*first, *second, *fetch).finish(AT)}
    assert verdicts[MAC] == ("broken", "download", "download-truncated")
    assert verdicts[OTHER] == ("whole", None, "no-update-offered")
    # Whose is it, where both were offered one?
    too = behind_translation(offered, OTHER, 1002)
    verdicts = {report.phone.mac: verdict(report) for report in fleet_of(*first, *too, *fetch).finish(AT)}
    assert verdicts == dict.fromkeys((MAC, OTHER), ("unknown", "download", "download-not-tried"))


def test_behind_one_address_what_failed_without_saying_whose_it_was_counts_against_each() -> None:
    first = behind_translation(a_story().updated(), MAC, 1001)
    second = behind_translation(a_story().updated(), OTHER, 1002)
    silent = behind_translation(Story(from_capture=True).connects("no_answer"), MAC, 1003)
    reports = fleet_of(*first, *second, *later(silent, 60)).finish(AT)
    assert [report.verdict.code for report in reports] == ["connect-no-answer"] * 2


def test_nothing_ends_before_it_happened() -> None:
    """Where the clock of a live capture was set back."""
    (report,) = fleet_of(*a_story().fed).finish(START - 3600 * SECOND)
    assert (report.verdict.code, " -" in report.verdict.summary) == ("capture-too-short", False)


def test_commands_name_the_phone() -> None:
    (report,) = fleet_of(macs=[OTHER]).finish(AT)
    assert f"--mac {OTHER}" in command_texts(report.findings[0])[0]
    strayed = Story(from_capture=True).leased().asks("ucupdates-r2.fabrikam.com", "NOERROR", POOL).updated().fed
    (report,) = fleet_of(*strayed).finish(AT)
    (finding,) = (finding for finding in report.findings if finding.code == "dns-wrong-domain")
    assert f"sudo ucdiag check-dhcp --ask --mac {MAC}" in command_texts(finding)
    assert "<MAC" not in "".join(command_texts(finding))


def test_phones_without_end_take_no_more_room_than_there_is() -> None:
    fleet = PhoneTracker(from_capture(), limits=Limits(room=400_000))

    def taken() -> int:
        return sum(PHONE_BYTES + sum(map(size_of_fact, kept)) for _, kept, is_phone in fleet.hosts() if is_phone)

    # One phone that asks again and again keeps its latest facts, as many as there is room for.
    for second in range(2000):
        for observation in later(healthy(), second):
            fleet.feed(observation)
    assert taken_bytes(fleet) == taken() <= 400_000
    (report,) = fleet.finish(AT + 3000 * SECOND)
    assert len(report.observations) > 100
    assert verdict(report) == ("whole", None, "no-update-offered")
    # Many leave each the facts of its latest attempt, down to where only some of them are kept.
    for number in range(300):
        mac, ip = f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}", f"10.1.{number >> 8}.{number & 255}"
        for observation in later(healthy(mac, ip), number):
            fleet.feed(observation)
        assert taken_bytes(fleet) == taken() <= 400_000
    reports = fleet.finish(AT + 3000 * SECOND)
    assert 20 < len(reports) < 300
    assert verdict(reports[-1]) == ("whole", None, "no-update-offered")
    assert fleet.dropped > 2000
    assert [problem.code for problem in fleet.problems()] == ["forgotten"]


def test_what_later_facts_repeat_takes_no_room() -> None:
    story = Story(from_capture=True).dhcp("discover", vendor_class="CPE-OCPhone").leased()
    for number in range(200):
        story.wait(1800).dhcp("request", client_address=PHONE, transaction=number).dhcp("ack", transaction=number)
    fleet = fleet_of(*story.fed)
    ((_, kept, is_phone),) = fleet.hosts()
    assert (is_phone, 4 < len(kept) < 200) == (True, True)
    assert taken_bytes(fleet) == PHONE_BYTES + sum(map(size_of_fact, kept))


def test_hosts_that_say_little_take_little() -> None:
    # A flood makes thousands of them.
    shut = Connect(time=START, client=PHONE, server=POOL, port=80, outcome="no_answer")
    fleet = fleet_of(*(replace(shut, client=f"10.1.0.{host}") for host in range(10)))
    sizes = [getsizeof(kept) for _, kept, _ in fleet.hosts()]
    assert len(sizes) == 10
    assert max(sizes) < 200


def test_long_texts_count_for_what_they_are() -> None:
    fleet = PhoneTracker(from_capture(), limits=Limits(room=ROOM))
    post = Http(time=START, client=PHONE, server=POOL, port=80, method="POST", target=PATH, request_text="x" * 4096)
    for second in range(2500):
        fleet.feed(replace(post, time=START + second * SECOND))
    (report,) = fleet.finish(AT)
    assert len(report.observations) == 2000
    # Characters beyond Latin-1 take more.
    for second in range(2500):
        fleet.feed(replace(post, time=START + second * SECOND, answer_text="\u3042" * 4096))
    (report,) = fleet.finish(AT)
    assert len(report.observations) == 500


def kept(tracker: PhoneTracker) -> int:
    return sum(len(kept) for _, kept, _ in tracker.hosts())


@pytest.mark.parametrize("room", [60_000, 100_000, 10_000_000])
@pytest.mark.parametrize("phones", [1, 40])
def test_what_is_not_kept_of_phones_is_counted(room: int, phones: int) -> None:
    tracker = PhoneTracker(from_capture(), limits=Limits(room=room))
    fed = 0
    for attempt in range(360 // phones):
        for number in range(phones):
            for seen in later(healthy(f"02:00:00:00:00:{number:02x}", f"10.1.0.{number}", lease=False), 60 * attempt):
                tracker.feed(seen)
                fed += 1
    assert fed == kept(tracker) + tracker.dropped
    assert (tracker.dropped > 0) is (room < 10_000_000)


def test_the_quietest_phones_go_until_a_quarter_of_the_room_is_free() -> None:
    tracker = PhoneTracker(from_capture(), limits=Limits(room=100_000))
    for number in range(200):
        before = tracker.dropped, taken_bytes(tracker)
        for seen in later(healthy(f"02:00:00:00:00:{number:02x}", f"10.1.0.{number}"), number):
            tracker.feed(seen)
            if tracker.dropped > before[0] and taken_bytes(tracker) < before[1]:
                assert taken_bytes(tracker) <= 75_000
            before = tracker.dropped, taken_bytes(tracker)
    assert taken_bytes(tracker) > 60_000


def test_strangers_are_forgotten_before_phones_and_counted() -> None:
    tracker = PhoneTracker(from_capture(), limits=Limits(strangers=10))
    for seen in healthy(lease=False):
        tracker.feed(seen)
    phone = kept(tracker)
    for number in range(100):
        tracker.feed(Connect(time=AT, client=f"10.2.0.{number}", server=POOL, port=80, outcome="refused"))
    assert kept(tracker) == phone + 10
    assert tracker.dropped == 90


def test_where_there_is_little_room_each_phone_keeps_less_before_one_is_forgotten() -> None:
    tracker = PhoneTracker(from_capture(), limits=Limits(room=200_000))
    for attempt in range(100):
        for number in range(4):
            for seen in later(healthy(f"02:00:00:00:00:{number:02x}", f"10.1.0.{number}", lease=False), 60 * attempt):
                tracker.feed(seen)
    assert len(tracker.finish(AT + 10_000 * SECOND)) == 4


def test_a_fact_without_a_client_is_nobodys() -> None:
    seen = Lookup(time=START, name=NAME, type="A", rcode="NOERROR", server="10.0.0.2")
    assert fleet_of(seen).finish(AT) == ()
    assert fleet_of(replace(seen, client=""), macs=[MAC]).finish(AT)[0].verdict.code == "no-phone-seen"


def test_the_host_that_was_quiet_longest_is_forgotten_first() -> None:
    tracker = PhoneTracker(from_capture(), limits=Limits(strangers=3))
    shut = Connect(time=START, client="10.2.0.0", server=POOL, port=80, outcome="refused")
    for number in (1, 2, 3, 1, 4):
        tracker.feed(replace(shut, client=f"10.2.0.{number}"))
    assert [address for address, _, _ in tracker.hosts()] == ["10.2.0.1", "10.2.0.4"]


def test_leases_of_many_addresses_are_bounded() -> None:
    tracker = fleet_of()
    for number in range(4097):
        ack = Dhcp(time=START, type="ack", client=MAC, address=f"10.{number >> 8}.0.{number & 255}")
        tracker.feed(ack)
        if number == 4095:
            assert len(leased_ips(tracker)) == 4096
    assert len(leased_ips(tracker)) == 4096
    assert "10.0.0.0" not in leased_ips(tracker)


def test_a_lease_that_is_renewed_is_not_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phone_tracker, "_HOSTS", 2)
    fleet = fleet_of()
    for number, ip in enumerate(("10.0.0.1", "10.0.0.2", "10.0.0.1", "10.0.0.3")):
        fleet.feed(Dhcp(time=START + number, type="ack", client=f"02:00:00:00:00:{ip[-1]:0>2}", address=ip))
    assert [terms_of(fleet, f"10.0.0.{number}") for number in (1, 2, 3)] == [1, 0, 1]


def test_what_came_while_a_lease_was_forgotten_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The phone's lease is forgotten for those of others, it asks again, and it renews its lease."""

    def facts() -> Iterator[Observation]:
        for number, (mac, ip) in enumerate(
            ((MAC, PHONE), (OTHER, "10.0.0.8"), ("02:00:00:00:00:98", "10.0.0.9"), (MAC, PHONE))
        ):
            yield Dhcp(time=START + 10 * number, type="ack", client=mac, address=ip)
            if ip == PHONE:
                yield Lookup(time=START + 10 * number + 1, client=PHONE, name=NAME, type="A", rcode="NXDOMAIN")
            if number == 2:
                yield Lookup(time=START + 25, client=PHONE, name=NAME, type="A", rcode="NXDOMAIN")

    ample = fleet_of(*facts())
    monkeypatch.setattr(phone_tracker, "_HOSTS", 2)
    small = fleet_of(*facts())
    assert taken_bytes(small) == taken_bytes(ample)
    (report,) = small.finish(AT)
    times = [seen.time - START for seen in report.observations if isinstance(seen, Lookup)]
    assert times == [1, 25, 31]


@pytest.mark.parametrize(
    ("fact", "size"),
    [
        (Dhcp(time=0, type="ack"), 600),
        (Http(time=0, server=POOL, port=80, request_text="x" * 100), 600 + getsizeof("x" * 100) + getsizeof(None)),
        (Http(time=0, server=POOL, port=80, answer_text="x" * 9), 600 + getsizeof("x" * 9) + getsizeof(None)),
        (UpdateAnswer(time=0, server=POOL, port=80, form="not_xml", excerpt="x" * 50), 600 + getsizeof("x" * 50)),
        (
            UpdateAnswer(time=0, server=POOL, port=80, form="offered", files=(UpdateFile(name="a"),) * 2),
            1800 + getsizeof(None),
        ),
        (Lookup(time=0, name=NAME, type="A"), 600),
        (Lookup(time=0, name=NAME, type="A", addresses=("1", "2"), aliases=("a",), records=("r",)), 920),
    ],
)
def test_the_size_of_a_fact_counts_its_texts(fact: Observation, size: int) -> None:
    assert size_of_fact(fact) == size


@pytest.mark.parametrize(("cut", "packets"), [(1, "1 packet"), (2, "2 packets"), (12_345, "12,345 packets")])
def test_packets_that_were_cut_are_reported(cut: int, packets: str) -> None:
    (problem,) = fleet_of(Extent(time=START, end=AT, packets=20_000, cut=cut)).problems()
    assert (problem.code, problem.text) == (
        "packets-cut",
        f"The capture's snap length cut {packets} of the phones' update path: capture again with whole packets "
        "(tcpdump -s 0).",
    )


def test_of_a_whole_capture_nothing_has_to_be_reported() -> None:
    assert fleet_of(*healthy(), Extent(time=START, end=AT, packets=20)).problems() == ()


def test_of_many_addresses_behind_a_router_some_are_named() -> None:
    facts = [fact for number in range(7) for fact in healthy(ROUTER, f"10.9.0.{number}", lease=False)]
    (problem,) = fleet_of(*facts).problems()
    assert problem.text == (
        "The MAC address in the frames of 10.9.0.0, 10.9.0.1, 10.9.0.2, 10.9.0.3, 10.9.0.4 is a router's or a "
        "bridge's, so the phone is known by its IP address and by what its requests say: capture in the phone's own "
        "VLAN to see its MAC address and its DHCP."
    )


def seen_from(mac: str, ip: str = "10.0.0.60", **more: Any) -> Connect:
    return Connect(time=START, client=ip, client_mac=mac, server=POOL, port=80, outcome="open", **more)


def test_who_looks_like_a_phone_by_its_address_alone_is_hinted_at() -> None:
    by_dhcp = Dhcp(time=START, type="discover", client="64:16:7f:00:00:01")
    by_frame = seen_from("48:25:67:00:00:02")
    stranger = seen_from(OTHER, "10.0.0.61")
    fleet = fleet_of(*healthy(), by_frame, by_dhcp, stranger, seen_from("64:16:7f:00:00:01", "10.0.0.62"))
    assert fleet.hinted_macs() == ("64:16:7f:00:00:01", "48:25:67:00:00:02")


EXTENT = Extent(time=START - SECOND, end=AT, packets=20)


@pytest.mark.parametrize(
    ("extent", "setting", "final", "within"),
    [
        (EXTENT, {}, True, Within(START - SECOND, AT - 6 * SECOND, AT)),
        (EXTENT, {"patience": 60.0}, True, Within(START - SECOND, AT - 61 * SECOND, AT)),
        (EXTENT, {}, False, None),
        (None, {}, True, None),
        (replace(EXTENT, pauses=(Pause(time=START, end=START + 1),)), {}, True, None),
        (EXTENT, {"gaps": (CaptureGap(START, START, "x"),)}, True, None),
        (EXTENT, {"clocks": ClocksDiffer(1.0, START, 1)}, True, None),
    ],
)
def test_between_which_times_no_moment_counts_for_more(
    extent: Extent | None, setting: dict[str, Any], final: bool, within: Within | None
) -> None:
    fleet = PhoneTracker(DiagnosisOptions(from_capture=True, **setting))
    for fact in [*healthy(), *([extent] if extent else [])]:
        fleet.feed(fact)
    (judgement,) = fleet.judgements(AT, final)
    assert judgement.within == within


def test_what_others_did_or_what_is_open_makes_each_moment_count() -> None:
    pending = Lookup(time=AT - SECOND, client=PHONE, name=NAME, type="A")
    (judgement,) = fleet_of(*healthy(), EXTENT).judgements(AT, pending=[pending])
    assert judgement.within is None
    (judgement,) = fleet_of(*healthy(), EXTENT).judgements(AT, pending=[replace(pending, client="10.0.0.9")])
    assert judgement.within is not None
    shared = behind_translation(a_story().connects().posts(500), MAC, 1001)
    both = [*shared, *behind_translation(a_story().updated(), OTHER, 1002)]
    assert [judge.within for judge in fleet_of(*both, EXTENT).judgements(AT)] == [None, None]


def test_what_is_open_is_its_phones_by_either_address() -> None:
    open_ = Lookup(time=AT - SECOND, client="10.0.0.9", client_mac=MAC, name=NAME, type="A")
    (judgement,) = fleet_of(*healthy()).judgements(AT, pending=[open_, replace(open_, client_mac=OTHER)])
    assert list(judgement.facts)[-1] == open_
    assert len(judgement.facts) == len(healthy()) + 1
    (judgement,) = fleet_of(*healthy()).judgements(AT, pending=[replace(open_, client=PHONE, client_mac=None)])
    assert len(judgement.facts) == len(healthy()) + 1
    # What is no traffic of a phone waits for nothing.
    (judgement,) = fleet_of(*healthy()).judgements(AT, pending=[Dhcp(time=AT, type="discover", client=MAC)])
    assert len(judgement.facts) == len(healthy())


@pytest.mark.parametrize(
    ("frames", "at", "whose"),
    [
        # Two had the address, one after the other: the frame says whose it is, else the time.
        (MAC, 100, MAC),
        (OTHER, 100, OTHER),
        (MAC, 0, MAC),
        (OTHER, 0, OTHER),
        (ROUTER, 100, OTHER),
        (ROUTER, 60, OTHER),
        (ROUTER, 59, MAC),
        (None, 100, OTHER),
        (None, 0, MAC),
    ],
)
def test_whose_an_address_was(frames: str | None, at: int, whose: str) -> None:
    first = Dhcp(time=START, type="ack", client=MAC, address=PHONE)
    second = Dhcp(time=START + 60 * SECOND, type="ack", client=OTHER, address=PHONE)
    seen = Lookup(
        time=START + at * SECOND,
        client=PHONE,
        client_mac=frames,
        name=NAME,
        type="A",
        rcode="NXDOMAIN",
        server="10.0.0.2",
    )
    reports = fleet_of(first, second, seen, everyone=True).finish(AT)
    assert [report.phone.mac for report in reports if seen in report.observations] == [whose]


def test_before_the_first_lease_nobody_had_the_address_that_another_ones_frames_carry() -> None:
    """Frames of another MAC address were seen before, so the lease does not go on."""
    early = Lookup(time=START, client=PHONE, client_mac=OTHER, name=NAME, type="A", rcode="NXDOMAIN")
    lease = Dhcp(time=START + 60 * SECOND, type="ack", client=MAC, address=PHONE, vendor_class="CPE-OCPhone")
    late = replace(early, time=START + 90 * SECOND, client_mac=None)
    facts = {report.phone.mac: report.observations for report in fleet_of(early, lease, late).finish(AT)}
    assert facts == {OTHER: (early,), MAC: (lease, late)}


def test_an_acknowledgement_without_an_address_is_no_lease() -> None:
    nothing = Dhcp(time=START, type="ack", client=MAC)
    assert leased_ips(fleet_of(nothing)) == ()
    assert leased_ips(fleet_of(replace(nothing, client_address=PHONE))) == (PHONE,)
    assert leased_ips(fleet_of(replace(nothing, address=PHONE, type="offer"))) == ()
    assert leased_ips(fleet_of(replace(nothing, address=PHONE, client=None))) == ()


def test_the_same_lease_again_is_no_other_term() -> None:
    lease = Dhcp(time=START, type="ack", client=MAC, address=PHONE)
    assert terms_of(fleet_of(lease, replace(lease, time=START + 5)), PHONE) == 1
    taken = replace(lease, time=START + 9, client=OTHER)
    assert terms_of(fleet_of(lease, taken, replace(taken, time=START + 20)), PHONE) == 2
    assert terms_of(fleet_of(lease, taken, replace(lease, time=START + 20)), PHONE) == 3
    assert terms_of(fleet_of(lease, taken), "10.0.0.99") == 0


def test_a_phone_that_was_named_and_not_seen_says_so() -> None:
    (report,) = fleet_of(macs=[OTHER]).finish(AT)
    assert report.verdict.summary == f"Nothing of {OTHER} is in the capture."
    assert [(step.step, step.status.value, step.summary) for step in report.steps] == [
        (step, "not-seen", "Not seen.") for step in STEPS
    ]
    (finding,) = report.findings
    assert (finding.code, finding.summary) == ("no-phone-seen", report.verdict.summary)


@pytest.mark.parametrize(
    ("frames", "routed", "phones"),
    [
        (MAC, False, [MAC]),
        (None, False, [MAC]),
        (ROUTER, True, [MAC]),
        (OTHER, False, [OTHER, MAC]),
    ],
)
def test_what_was_before_the_first_lease_is_of_who_may_have_had_it(
    frames: str | None, routed: bool, phones: list[str]
) -> None:
    early = Lookup(time=START, client=PHONE, client_mac=frames, name=NAME, type="A", rcode="NXDOMAIN")
    lease = Dhcp(time=START + 60 * SECOND, type="ack", client=MAC, address=PHONE, vendor_class="CPE-OCPhone")
    reports = fleet_of(early, lease, routed=lambda ip: routed).finish(AT)
    assert [report.phone.mac for report in reports] == phones
    assert early in reports[0].observations
    assert [len(report.observations) for report in reports] == ([2] if len(phones) == 1 else [1, 1])
