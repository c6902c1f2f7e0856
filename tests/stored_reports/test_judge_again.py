"""What the judge is told of a stored report: all that its command knew, as far as the report shows it."""

from dataclasses import fields, replace
from typing import Any

import pytest

from tests.in_parts import in_parts
from tests.views.reports import START, report, whole_phone
from ucdiag.diagnosis.known_servers import KnownServers
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.model.observations import Extent, Http, Lookup, Observation, Transfer
from ucdiag.model.phone import DEFAULT_MAC, Phone
from ucdiag.model.report import Identity, Source
from ucdiag.model.steps import STEPS, Step
from ucdiag.stored_reports import judge_again
from ucdiag.update_service.names import EXTERNAL_PATH, INTERNAL_PATH

ASKED = Lookup(time=1, name="ucupdates-r2.contoso.com", type="A", purpose="update")
OF_FILE = Lookup(time=1, name="pool01.contoso.com", type="A", purpose="file")
ALL, NOT_DHCP = frozenset(STEPS), frozenset(STEPS) - {Step.DHCP}


def http(target: str = INTERNAL_PATH, port: int = 80, **more: Any) -> Http:
    return Http(time=2, client="10.0.0.7", server="10.0.0.20", port=port, method="POST", target=target, **more)


TRANSFER = Transfer(time=3, server="10.0.0.20", port=80, url="http://10.0.0.20/x", outcome="whole")


def told(
    *facts: Observation, kind: str = "active", name: str | None = None, command: str = "check", **known: Any
) -> dict[str, Any]:
    """What differs from the usual in what the judge is told."""
    servers = known.pop("servers", ())
    phone = replace(whole_phone(), phone=Identity(**known), observations=facts, update_servers=servers)
    source: Any = Source(kind=kind, name=name)  # type: ignore[arg-type]
    setting = judge_again._diagnosis_options(report(phone, command=command, source=source), phone)
    usual = DiagnosisOptions(phone=Phone(mac=DEFAULT_MAC)) if kind == "active" else DiagnosisOptions()
    names = [part.name for part in fields(setting)]
    return {name: getattr(setting, name) for name in names if getattr(setting, name) != getattr(usual, name)}


CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("check", told(ASKED), {"whole_file": False}),
    ("check, a file", told(ASKED, TRANSFER), {}),
    (
        "check-dhcp",
        told(command="check-dhcp"),
        {"whole_file": False, "tested": frozenset({Step.DHCP}), "command": "check-dhcp"},
    ),
    (
        "check-dns",
        told(ASKED, command="check-dns"),
        {"whole_file": False, "tested": frozenset({Step.DHCP, Step.DNS}), "command": "check-dns"},
    ),
    ("probe", told(ASKED, TRANSFER, command="probe"), {"tested": NOT_DHCP}),
    ("probe of an address", told(OF_FILE, TRANSFER, command="probe"), {"tested": NOT_DHCP - {Step.DNS}}),
    ("probe that saw no more", told(http(), TRANSFER, command="probe"), {"tested": NOT_DHCP - {Step.DNS}}),
    ("a domain", told(TRANSFER, domain="contoso.com"), {"domain": "contoso.com", "domain_from": "the stored report"}),
    ("a URL", told(TRANSFER, name="http://10.0.0.9/x"), {"url": "http://10.0.0.9/x"}),
    ("a name that is no URL", told(TRANSFER, name="contoso.com"), {}),
    (
        "the phone",
        told(TRANSFER, mac="00:04:f2:aa:bb:cc", serial="S1", vendor="V", model="M", firmware="1.0.522.101"),
        {"phone": Phone(mac="00:04:f2:aa:bb:cc", serial="S1", vendor="V", model="M", firmware="1.0.522.101")},
    ),
    ("from outside", told(TRANSFER, http(EXTERNAL_PATH)), {"external": True}),
    ("from outside, for the update", told(TRANSFER, http(EXTERNAL_PATH, purpose="update")), {"external": True}),
    ("from outside, for a file", told(TRANSFER, http(EXTERNAL_PATH, purpose="file")), {}),
    ("from inside", told(TRANSFER, http()), {}),
    ("a capture", told(ASKED, kind="file"), {"from_capture": True}),
    (
        "a capture of servers",
        told(kind="live", servers=("10.0.0.5", "u.example")),
        {
            "from_capture": True,
            "servers": KnownServers(given=frozenset({"u.example"}), posted=frozenset({"10.0.0.5"})),
        },
    ),
    ("logs", told(http(port=0), kind="logs"), {"from_capture": True, "from_logs": True}),
    (
        "logs that show files",
        told(http(port=0), http(port=80), kind="logs"),
        {"from_capture": True, "from_logs": True, "logs_files": True},
    ),
    ("logs without requests", told(ASKED, kind="logs"), {"from_capture": True, "from_logs": True}),
]


@in_parts("name, found, expected", CASES, ids=lambda case: case[0])
def test_the_judge_gets_what_the_report_shows(name: str, found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert found == expected


EXTENTS = (Extent(time=1, end=50, packets=1), Extent(time=1, end=40, packets=1))


@pytest.mark.parametrize(
    ("kind", "facts", "end"),
    [
        ("file", (ASKED, *EXTENTS), 50),
        ("live", (ASKED, *EXTENTS), 50),
        ("active", (ASKED, *EXTENTS), 50),
        ("file", (http(), ASKED), 2),
        ("logs", (http(), ASKED), 2),
        ("live", (http(), ASKED), START + 12_000_000),
        ("active", (http(), ASKED), START + 12_000_000),
    ],
)
def test_the_judge_concludes_at_the_end_of_what_was_seen(kind: Any, facts: tuple[Observation, ...], end: int) -> None:
    assert judge_again._conclusion_time(facts, report(source=Source(kind=kind))) == end


def test_what_has_no_facts_stays_and_a_site_keeps_its_name() -> None:
    phone = replace(whole_phone(), observations=(), phone=Identity(site="berlin"))
    assert judge_again.judged_again(report(phone), phone) is phone
    again = judge_again.judged_again(report(phone), replace(phone, observations=(ASKED,)))
    assert again.phone.site == "berlin"
    assert again.verdict != phone.verdict
