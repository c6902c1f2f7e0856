"""When a phone was switched on, and when that is a loop."""

from collections.abc import Callable

import pytest

from tests.diagnosis.history import NEW, OLD, Life
from tests.diagnosis.story import PHONE, SERVER, codes, verdict
from ucdiag.model.report import PhoneReport

WHOLE = ("whole", None, "no-update-offered")
LOOP = {"no-update-offered", "restart-loop"}


def restarts(times: int, seconds: float, phone: Life | None = None) -> Life:
    phone = phone or Life()
    for number in range(times):
        phone.wait(seconds if number else 0).starts().checks()
    return phone


def count(phone: Life) -> int:
    checks = phone.report().checks
    assert checks is not None
    return checks.power_ons


@pytest.mark.parametrize(
    ("times", "seconds", "found"),
    [
        (6, 107, LOOP),
        (3, 60, LOOP),
        (3, 445, LOOP),
        (3, 460, LOOP - {"restart-loop"}),
        (2, 60, LOOP - {"restart-loop"}),
        (4, 16 * 60, LOOP - {"restart-loop"}),
    ],
)
def test_three_starts_within_fifteen_minutes_are_a_loop(times: int, seconds: float, found: set[str]) -> None:
    phone = restarts(times, seconds)
    assert count(phone) == times
    report = phone.wait(20).report()
    assert (verdict(report), codes(report)) == (WHOLE, found)


@pytest.mark.parametrize(
    ("every", "checked", "starts"),
    [(120, False, 1), (123, False, 1), (117, False, 1), (200, False, 5), (80, False, 5), (120, True, 5)],
)
def test_a_lease_that_ran_out_is_no_start(every: int, checked: bool, starts: int) -> None:
    """The renewals may have gone past the capture; only a start checks for updates."""
    phone = Life()
    for number in range(5):
        phone.wait(every if number else 0)
        for kind in ("discover", "ack"):
            phone.dhcp(kind, transaction=700 + number, address=PHONE if kind == "ack" else None, lease_seconds=120)
        if checked or not number:
            phone.checks()
        else:
            phone.asks("time.windows.com", "NOERROR", SERVER)
    assert count(phone) == starts


def test_a_loop_is_counted_and_dated() -> None:
    report = restarts(6, 107).wait(20).report()
    loop = next(finding for finding in report.findings if finding.code == "restart-loop")
    assert loop.summary.startswith("the phone was switched on 6 times within 9 minutes, from 2023-11-14 22:13 UTC to ")
    assert len(loop.evidence) == 6


def test_a_loop_of_a_broken_path_is_reported_beside_it() -> None:
    phone = Life()
    for _ in range(4):
        phone.starts().asks(rcode="NXDOMAIN").wait(100)
    report = phone.report()
    assert (verdict(report)[2], codes(report)) == ("dns-r2-missing", {"dns-r2-missing", "restart-loop"})


def test_a_loop_that_is_over_is_still_reported() -> None:
    report = restarts(3, 100).hours(24).checks().hours(24).checks().wait(20).report()
    assert codes(report) == LOOP


def voice_vlan(phone: Life) -> None:
    phone.dhcp("discover", transaction=1).dhcp("offer", transaction=1, vlan=100)
    phone.dhcp("request", transaction=1, server=SERVER).dhcp("ack", transaction=1, vlan=100).dhcp("release").wait(2)
    phone.starts(tag=100)


def second_class(phone: Life) -> None:
    phone.starts(vendor_class="CPE-OCPhone").checks().wait(200)
    for _ in range(3):
        phone.starts(vendor_class="MS-UC-Client").wait(200)


def second_class_of_a_known_address(phone: Life) -> None:
    """Its first class is in the request for the address that it had before."""
    phone.dhcp("request", address=PHONE, transaction=600, vendor_class="CPE-OCPhone").dhcp("ack", transaction=600)
    phone.checks().wait(200)
    for _ in range(3):
        phone.starts(vendor_class="MS-UC-Client").wait(200)


def asked_again(phone: Life) -> None:
    for number in range(12):
        phone.dhcp("discover", transaction=50 + number // 3).wait(60)
    phone.starts().checks()


def renewals(phone: Life) -> None:
    phone.starts().checks()
    for _ in range(8):
        phone.wait(60).renews()


def informs(phone: Life) -> None:
    phone.starts().checks()
    for number in range(6):
        phone.wait(60).dhcp("inform", client_address=PHONE, transaction=700 + number)
        phone.dhcp("ack", transaction=700 + number, address=None, lease_seconds=None)


def refused_renewals(phone: Life) -> None:
    phone.starts().checks()
    for number in range(4):
        phone.wait(100).dhcp("request", client_address=PHONE, transaction=800 + number)
        phone.dhcp("nak", transaction=800 + number).wait(2).starts()


def silent_renewals(phone: Life) -> None:
    """A lease of minutes, renewed in vain."""
    phone.starts().checks()
    for number in range(4):
        phone.wait(60).dhcp("request", client_address=PHONE, transaction=800 + number).wait(60).starts()


def conflicts(phone: Life) -> None:
    phone.starts()
    for _ in range(4):
        phone.wait(30).dhcp("decline").wait(70).starts()
    phone.checks()


def boot_loader(phone: Life) -> None:
    """The boot loader's lease, and the system's half a minute later."""
    phone.starts().wait(35).starts().checks()


def cable(phone: Life) -> None:
    """The cable is put in again and again: the address is asked for, and nothing is checked."""
    phone.starts().checks()
    for number in range(4):
        phone.wait(120).dhcp("request", address=PHONE, transaction=600 + number).dhcp("ack", transaction=600 + number)


ONE: dict[str, Callable[[Life], None]] = {
    "voice VLAN": voice_vlan,
    "second class": second_class,
    "second class of a known address": second_class_of_a_known_address,
    "asked again": asked_again,
    "renewals": renewals,
    "INFORM": informs,
    "refused renewals": refused_renewals,
    "silent renewals": silent_renewals,
    "conflicts": conflicts,
    "boot loader": boot_loader,
    "cable": cable,
}


@pytest.mark.parametrize("name", ONE)
def test_what_is_one_start(name: str) -> None:
    phone = Life()
    ONE[name](phone)
    assert count(phone) == 1
    assert "restart-loop" not in codes(phone.wait(20).report())


def test_a_phone_that_moves_to_its_vlan_at_each_start_is_in_a_loop_too() -> None:
    phone = Life()
    for _ in range(4):
        voice_vlan(phone)
        phone.checks().wait(100)
    assert count(phone) == 4
    assert "restart-loop" in codes(phone.report())


def test_a_start_with_a_remembered_address_is_one() -> None:
    phone = Life().starts().checks()
    for number in range(3):
        phone.wait(120).dhcp("request", address=PHONE, transaction=600 + number)
        phone.dhcp("ack", transaction=600 + number).checks()
    assert count(phone) == 4
    assert "restart-loop" in codes(phone.wait(20).report())


def test_starts_whose_answers_were_not_captured_count() -> None:
    phone = Life()
    for number in range(3):
        phone.dhcp("discover", transaction=number).dhcp("request", server=SERVER, transaction=number).checks().wait(100)
    assert count(phone) == 3


def test_the_restarts_of_an_update_are_no_loop() -> None:
    """By stages: each start is with other firmware."""
    phone = Life().has("1.0.199.1").starts().checks(offered="1.0.522.101").gets().wait(400)
    phone.has("1.0.522.101").starts().checks(offered=NEW).gets().wait(400)
    report = phone.has(NEW).starts().checks().wait(20).report()
    assert "restart-loop" not in codes(report)
    assert "update-applied" in codes(report)


def test_an_update_that_fails_again_and_again_is_a_loop() -> None:
    phone = Life()
    for _ in range(3):
        phone.starts().checks(offered=NEW).gets().wait(300)
    phone.starts().checks(offered=NEW)
    assert {"restart-loop", "update-not-applied"} <= codes(phone.wait(20).report())


def test_back_and_forth_between_two_versions_is_a_loop() -> None:
    """Two update servers, each with the other one's version. Back once, as by a rollback, is none."""

    def phone(starts: int) -> PhoneReport:
        versions = [NEW, OLD] * starts
        life = Life()
        for number in range(starts):
            life.has(versions[number]).starts().checks(offered=versions[number + 1]).gets().wait(300)
        return life.has(versions[starts]).starts().checks().wait(20).report()

    assert "restart-loop" in codes(phone(5))
    assert "restart-loop" not in codes(phone(2))
