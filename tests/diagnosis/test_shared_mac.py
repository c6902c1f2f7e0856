"""Several phones behind one MAC address that is no router's: a wireless bridge, proxy ARP."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from tests.diagnosis.story import NAME, SECOND, Story
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phone_tracker import PhoneTracker
from ucdiag.diagnosis.shared_mac import DhcpClients, are_several
from ucdiag.model.observations import Dhcp, Http, Observation
from ucdiag.model.report import PhoneReport

BRIDGE = "02:00:00:00:00:0b"
ONE, TWO = "00:04:f2:00:00:01", "00:04:f2:00:00:02"
IP_ONE, IP_TWO = "10.0.0.31", "10.0.0.32"
LONG = 3600


def traffic(
    story: Story, ip: str, *, at: float, frames: str = BRIDGE, serial: str | None = None, said_mac: str | None = None
) -> list[Observation]:
    """What a phone behind the bridge does from ``at`` seconds on."""
    found: list[Observation] = []
    body = f'<R SerialNumber="{serial}"/>' if serial else f'<R MacAddress="{said_mac}"/>' if said_mac else None
    for number, fact in enumerate(story.fed):
        changes: dict[str, object] = {"time": fact.time + int(at * SECOND), "frame": int(at * 100) + number + 1}
        if isinstance(fact, Dhcp):
            if fact.type == "ack":
                changes["address"] = ip
        else:
            changes |= {"client": ip, "client_mac": frames}
            if isinstance(fact, Http) and body:
                changes["request_text"] = body
        found.append(replace(fact, **changes))  # type: ignore[arg-type]
    return found


def capture() -> Story:
    return Story(from_capture=True)


def whole() -> Story:
    return capture().found().updated()


def no_name() -> Story:
    return capture().asks(NAME, "NXDOMAIN")


def dhcp(client: str, *, identifier: str | None = None, transaction: int = 1) -> Story:
    story = capture().dhcp("discover", client=client, client_id=identifier, transaction=transaction)
    story.dhcp("request", client=client, client_id=identifier, transaction=transaction, vendor_class="CPE-OCPhone")
    return story.dhcp("ack", client=client, transaction=transaction)


def reports(*parts: Iterable[Observation], after: float = 2 * LONG, macs: tuple[str, ...] = ()) -> list[PhoneReport]:
    tracker = PhoneTracker(DiagnosisOptions(from_capture=True), macs)
    facts = sorted((fact for part in parts for fact in part), key=lambda fact: (fact.time, fact.frame))
    for fact in facts:
        tracker.feed(fact)
    return list(tracker.finish(facts[-1].time + int(after * SECOND)))


def told(found: list[PhoneReport]) -> list[tuple[str | None, str | None, str]]:
    return [(fact.phone.mac, fact.phone.ip, fact.verdict.status.value) for fact in found]


SEPARATE = [(None, IP_ONE, "broken"), (None, IP_TWO, "whole")]


def test_one_after_the_other_without_dhcp() -> None:
    first, second = traffic(no_name(), IP_ONE, at=0), traffic(whole(), IP_TWO, at=LONG)
    assert told(reports(first, second)) == SEPARATE


def test_at_the_same_time() -> None:
    first = [*traffic(no_name(), IP_ONE, at=0), *traffic(no_name(), IP_ONE, at=LONG)]
    assert told(reports(first, traffic(whole(), IP_TWO, at=60))) == SEPARATE


def test_that_say_who_they_are() -> None:
    first = traffic(capture().found().connects().posts(404), IP_ONE, at=0, said_mac=ONE)
    second = traffic(whole(), IP_TWO, at=LONG, said_mac=TWO)
    assert told(reports(first, second)) == [(ONE, IP_ONE, "broken"), (TWO, IP_TWO, "whole")]


def test_whose_dhcp_has_their_own_hardware_addresses() -> None:
    first = [*traffic(dhcp(ONE), IP_ONE, at=0), *traffic(no_name(), IP_ONE, at=2)]
    second = [*traffic(dhcp(TWO), IP_TWO, at=LONG), *traffic(whole(), IP_TWO, at=LONG + 2)]
    assert told(reports(first, second)) == [(ONE, IP_ONE, "broken"), (TWO, IP_TWO, "whole")]


@pytest.mark.parametrize("first_identifier", [None, f"01:{ONE}", f"01:{BRIDGE}"])
def test_whose_hardware_address_the_bridge_replaced_in_dhcp_too(first_identifier: str | None) -> None:
    one = dhcp(BRIDGE, identifier=first_identifier, transaction=1)
    two = dhcp(BRIDGE, identifier=f"01:{TWO}", transaction=2)
    first = [*traffic(one, IP_ONE, at=0), *traffic(no_name(), IP_ONE, at=2)]
    second = [*traffic(two, IP_TWO, at=LONG), *traffic(whole(), IP_TWO, at=LONG + 2)]
    assert told(reports(first, second)) == [(BRIDGE, IP_ONE, "broken"), (TWO, IP_TWO, "whole")]


def test_whose_client_identifiers_are_no_addresses() -> None:
    one = dhcp(BRIDGE, identifier="ff:00:00:00:01", transaction=1)
    two = dhcp(BRIDGE, identifier="ff:00:00:00:02", transaction=2)
    first = [*traffic(one, IP_ONE, at=0), *traffic(no_name(), IP_ONE, at=2)]
    second = [*traffic(two, IP_TWO, at=LONG), *traffic(whole(), IP_TWO, at=LONG + 2)]
    expected = [(BRIDGE, IP_ONE, "broken"), (BRIDGE, IP_TWO, "whole")]
    assert told(reports(first, second)) == expected
    assert told(reports(first, second, macs=(BRIDGE,))) == expected


def test_whose_dhcp_tells_nothing_apart_but_whose_requests_do() -> None:
    first = [
        *traffic(dhcp(BRIDGE, transaction=1), IP_ONE, at=0),
        *traffic(capture().found().connects().posts(404), IP_ONE, at=2, serial="A1"),
    ]
    second = [
        *traffic(dhcp(BRIDGE, transaction=2), IP_TWO, at=LONG),
        *traffic(whole(), IP_TWO, at=LONG + 2, serial="B2"),
    ]
    found = reports(first, second)
    assert told(found) == SEPARATE
    assert [fact.phone.serial for fact in found] == ["A1", "B2"]
    assert [fact.steps[0].status.value for fact in found] == ["ok", "ok"]


# What is one phone stays one.


@pytest.mark.parametrize("mac", [ONE, BRIDGE])
def test_a_phone_that_dhcp_gave_another_address(mac: str) -> None:
    first = [*traffic(dhcp(mac, transaction=1), IP_ONE, at=0), *traffic(no_name(), IP_ONE, at=2, frames=mac)]
    second = [
        *traffic(dhcp(mac, transaction=2), IP_TWO, at=LONG),
        *traffic(whole(), IP_TWO, at=LONG + 2, frames=mac),
    ]
    assert told(reports(first, second)) == [(mac, IP_TWO, "whole")]


@pytest.mark.parametrize("identifier", ["00:11:22:33:44", None])
def test_a_phone_whose_boot_loader_has_another_identifier(identifier: str | None) -> None:
    first = traffic(dhcp(BRIDGE, identifier=f"01:{BRIDGE}", transaction=1), IP_ONE, at=0)
    second = [
        *traffic(dhcp(BRIDGE, identifier=identifier, transaction=2), IP_ONE, at=60),
        *traffic(whole(), IP_ONE, at=62),
    ]
    assert told(reports(first, second)) == [(BRIDGE, IP_ONE, "whole")]


def test_a_phone_that_had_an_address_of_its_own_choice_first() -> None:
    first = traffic(no_name(), "169.254.7.7", at=0)
    second = [*traffic(dhcp(BRIDGE), IP_TWO, at=60), *traffic(whole(), IP_TWO, at=62)]
    assert told(reports(first, second)) == [(BRIDGE, IP_TWO, "whole")]


def test_a_phone_of_a_known_maker_without_dhcp_in_the_capture() -> None:
    first, second = traffic(no_name(), IP_ONE, at=0, frames=ONE), traffic(whole(), IP_TWO, at=LONG, frames=ONE)
    assert told(reports(first, second)) == [(ONE, IP_TWO, "whole")]


def test_a_phone_that_says_its_address_here_and_its_serial_number_there() -> None:
    first = [*traffic(dhcp(ONE, transaction=1), IP_ONE, at=0), *traffic(whole(), IP_ONE, at=2, frames=ONE, serial="A1")]
    second = [
        *traffic(dhcp(ONE, transaction=2), IP_TWO, at=LONG),
        *traffic(whole(), IP_TWO, at=LONG + 2, frames=ONE, said_mac=ONE),
    ]
    assert told(reports(first, second)) == [(ONE, IP_TWO, "whole")]


@pytest.mark.parametrize(
    ("names", "several"),
    [
        ([], False),
        (["serial A"], False),
        (["serial A", "serial B"], True),
        ([ONE, "serial A"], False),
        ([ONE, TWO], True),
        ([ONE, ONE], False),
    ],
)
def test_when_names_are_of_several(names: list[str], several: bool) -> None:
    assert are_several(iter(names)) is several


def test_answers_belong_to_their_transactions() -> None:
    clients = DhcpClients()

    def key(type: str, transaction: int, identifier: str | None = None) -> str | None:
        return clients.client_key(Dhcp(time=0, type=type, client=BRIDGE, transaction=transaction, client_id=identifier))  # type: ignore[arg-type]

    assert key("discover", 1) == BRIDGE
    assert key("discover", 2, f"01:{TWO}") == TWO
    assert (key("offer", 1), key("offer", 2), key("ack", 3)) == (BRIDGE, TWO, BRIDGE)
    assert clients.client_key(Dhcp(time=0, type="discover")) is None
