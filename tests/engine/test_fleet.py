"""Who in a capture is a phone, and whose is which fact."""

from dataclasses import replace
from typing import Any

import pytest

from tests.engine.story import MAC, NAME, PATH, PHONE, POOL, SECOND, START, Story, codes, verdict
from ucdiag.engine import Setting
from ucdiag.engine.fleet import Fleet
from ucdiag.model.observations import Connect, Dhcp, Extent, Http, Lookup, Observation

OTHER = "02:00:00:00:00:99"
AT = START + 600 * SECOND


def watching() -> Setting:
    return Setting(watching=True)


def fleet_of(*observations: Observation, **more: Any) -> Fleet:
    fleet = Fleet(watching(), **more)
    for each in observations:
        fleet.feed(each)
    return fleet


def healthy(mac: str | None = MAC, ip: str = PHONE, lease: bool = True) -> list[Observation]:
    story = Story(watching=True)
    if lease:
        story.leased(client=mac, address=ip)
    story.found().updated()
    moved = []
    for each in story.fed:
        changes: dict[str, Any] = {} if isinstance(each, Dhcp) else {"client": ip}
        if not isinstance(each, Dhcp) and hasattr(each, "client_mac"):
            changes["client_mac"] = mac
        moved.append(replace(each, **changes))
    return moved


def test_a_phone_is_known_by_what_it_does_and_joined_with_its_lease() -> None:
    (report,) = fleet_of(*healthy()).finish(AT)
    assert (report.phone.mac, report.phone.ip, report.phone.domain) == (MAC, PHONE, "contoso.com")
    assert verdict(report) == ("whole", None, "no-update-offered")


def test_other_hosts_are_no_phones_and_everybody_with_a_lease_is_one_with_all() -> None:
    lookup = Lookup(time=START, client="10.0.0.50", client_mac=OTHER, name="www.example.com", type="A", rcode="NOERROR")
    connect = Connect(time=START, client="10.0.0.50", client_mac=OTHER, server=POOL, port=80, outcome="refused")
    ack = Dhcp(time=START, type="ack", client=OTHER, address="10.0.0.50", domain="contoso.com", lease_seconds=60)
    assert fleet_of(lookup, connect, ack).finish(AT) == ()
    reports = fleet_of(lookup, connect, ack, everyone=True).finish(AT)
    assert [each.phone.mac for each in reports] == [OTHER]


def test_a_vendor_class_makes_a_phone_in_either_spelling() -> None:
    for spelling in ("CPE-OCPhone", "CPE-OCPHONE", "MS-UC-Client"):
        discover = Dhcp(time=START, type="discover", client=OTHER, vendor_class=spelling)
        (report,) = fleet_of(discover).finish(AT)
        assert codes(report) == {"dhcp-no-answer"}
    assert fleet_of(Dhcp(time=START, type="discover", client=OTHER, vendor_class="MSFT 5.0")).finish(AT) == ()


def test_a_named_phone_that_was_not_seen_is_told() -> None:
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
    assert {(each.phone.mac, each.phone.ip) for each in reports} == {(None, "10.9.0.7"), (None, "10.9.0.8")}
    assert [each.code for each in fleet.problems()] == ["behind-router"]


def test_one_phone_behind_a_router_is_known_by_its_address_too() -> None:
    router = "00:11:22:33:44:55"
    fleet = fleet_of(*healthy(router, "10.9.0.7", lease=False), routed=lambda ip: ip == "10.9.0.7")
    (report,) = fleet.finish(AT)
    assert (report.phone.mac, report.phone.ip) == (None, "10.9.0.7")
    assert [each.code for each in fleet.problems()] == ["behind-router"]
    fleet = fleet_of(*healthy(MAC, "10.9.0.7"), routed=lambda ip: True)
    (report,) = fleet.finish(AT)
    assert report.phone.mac == MAC  # a relayed lease names the phone itself
    assert fleet.problems() == ()


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
    assert "forgotten" in {each.code for each in fleet.problems()}


def test_losses_reach_each_verdict() -> None:
    extent = Extent(time=START, end=AT, packets=10, lost=3)
    discover = Dhcp(time=START, type="discover", client=OTHER, vendor_class="CPE-OCPhone")
    (report,) = fleet_of(discover, extent).finish(AT)
    assert "lost 3 packets" in report.verdict.summary


def test_who_turns_out_to_be_a_phone_is_no_stranger_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each connects before it posts, so it begins as a stranger; the bound on strangers' facts is not the phones'."""
    monkeypatch.setattr("ucdiag.engine.fleet._STRANGERS", 20)
    fleet = Fleet(watching())
    for number in range(100):
        ip = f"10.1.0.{number}"
        fleet.feed(Connect(time=START + number, frame=2 * number + 1, client=ip, server=POOL, port=80, outcome="open"))
        post = Http(time=START + number, frame=2 * number + 2, client=ip, server=POOL, port=80, method="POST")
        fleet.feed(replace(post, target=PATH, status=404, complete=True))
    assert len(fleet.finish(START + 60 * SECOND)) == 100
    assert fleet.dropped == 0
