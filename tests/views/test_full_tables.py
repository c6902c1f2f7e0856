"""What reports of others can make long: each bound was seen to fail a test without it."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.views.reports import START, broken_phone, report
from tests.views.shown import shown
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.model.observations import Certificate, Dhcp, Http, Lease, Lookup, Observation, Tls
from ucdiag.model.report import Evidence, PhoneReport
from ucdiag.model.steps import Level
from ucdiag.views import many_phones, prometheus_view, text_width
from ucdiag.views.chain import show_chains
from ucdiag.views.check_lines import moment_text
from ucdiag.views.choose_writer import line_writer_for
from ucdiag.views.dhcp import show_dhcp, show_domains
from ucdiag.views.html import many, markup
from ucdiag.views.inventory_view import load_inventory_view
from ucdiag.views.ladder import clock_text
from ucdiag.views.many_phones import group_phones
from ucdiag.views.output_target import screen_of
from ucdiag.views.sanitize import visible_lines
from ucdiag.views.wireshark import display_filter


def test_a_display_filter_names_the_first_and_the_last_of_many_frames() -> None:
    evidence = tuple(Evidence(text="x", time=START + frame, frame=frame) for frame in range(1, 101))
    finding = replace(broken_phone().findings[0], evidence=evidence)
    frames = [*range(1, 11), *range(91, 101)]
    assert display_filter(finding) == f"frame.number in {{{', '.join(map(str, frames))}}}"


def test_of_ever_other_advice_the_rest_is_one_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many_phones, "_GROUPS", 3)
    phone = broken_phone()
    finding = phone.findings[0]
    phones = [
        replace(phone, findings=(replace(finding, fix=replace(finding.fix, text=f"Ask {number}.")),))
        for number in range(9)
    ]
    groups = group_phones(phones, lambda phone: "x").groups
    assert sorted(len(group.lines) for group in groups) == [1, 1, 1, 6]


def with_findings(level: Level, *codes: str, site: str | None = None) -> PhoneReport:
    """A broken phone of which these were found, too."""
    phone = broken_phone()
    more = [replace(phone.findings[0], code=code, level=level) for code in codes]  # type: ignore[arg-type]
    return replace(phone, phone=replace(phone.phone, site=site), findings=(*phone.findings, *more))


OTHERS = [code for code in CATALOGUE if code != broken_phone().verdict.code]


@pytest.mark.parametrize("causes", [2, 3, 9])
def test_of_many_causes_the_first_are_drawn(causes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    drawings = []
    cause = many._cause_section

    def noted(group: many_phones.Group, *, draw: bool) -> object:
        drawings.append(draw)
        return cause(group, draw=draw)

    monkeypatch.setattr(many, "_DRAWN", 2)
    monkeypatch.setattr(many, "_cause_section", noted)
    finding = broken_phone().findings[0]
    phones = [
        replace(broken_phone(), findings=(replace(finding, fix=replace(finding.fix, text=f"Ask {number}.")),))
        for number in range(causes)
    ]
    assert "Ask 1." in shown(report(*phones), format_="html")
    assert drawings == [True] * 2 + [False] * (causes - 2)


def test_of_ever_other_warnings_the_first_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many_phones, "_WARNINGS", 3)
    phones = [with_findings(Level.WARNING, *OTHERS[:6]), with_findings(Level.WARNING, *OTHERS[2:9])]
    found = group_phones(phones, lambda phone: "x").warnings
    assert {code: count for code, (_, count) in found.items()} == {OTHERS[0]: 1, OTHERS[1]: 1, OTHERS[2]: 2}


def test_of_ever_other_sites_the_first_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many_phones, "_MOST_NAMES", 3)
    phones = [with_findings(Level.ERROR, site=f"site {number}") for number in (0, 1, 2, 3, 4, 5, 1)]
    assert group_phones(phones, lambda phone: "x").sites == {"site 0": (0, 1), "site 1": (0, 2), "site 2": (0, 1)}


LONG = "x" * 100_000


def lines_of(show: Any, *facts: Observation) -> str:
    stream = io.StringIO()
    show(line_writer_for(screen_of(stream, {"TERM": "dumb", "COLUMNS": "100"})), facts)
    return stream.getvalue()


def chain() -> str:
    certificate = Certificate(subject="CN=pool", issuer=LONG)
    tls = Tls(time=START, server="10.0.0.20", port=443, outcome="complete", chain=(certificate,))
    return lines_of(show_chains, tls)


def lease() -> str:
    provenance = "option 15 of the lease of eth0"
    lease = Lease(
        time=START,
        interface="eth0",
        source="dhcpcd",
        provenance=provenance,
        authority="dhcp",
        domain="contoso.com",
        search=(LONG,),
        chosen=True,
    )
    return lines_of(show_dhcp, lease)


def lookups(domains: int, *aliases: str) -> str:
    facts: list[Observation] = []
    for number in range(domains):
        name = f"d{number}.example"
        facts += [
            Dhcp(time=START, type="discover", client="00:04:f2:aa:bb:cc", transaction=number),
            Dhcp(
                time=START, type="offer", client="00:04:f2:aa:bb:cc", transaction=number, domain=name, server="10.0.0.1"
            ),
            Lookup(
                time=START,
                name=f"ucupdates-r2.{name}",
                type="A",
                purpose="other",
                aliases=aliases,
                addresses=("10.0.0.20",),
                rcode="NOERROR",
                server="10.0.0.1",
            ),
        ]
    return lines_of(show_domains, *facts)


def page(**identity: str) -> str:
    phone = broken_phone()
    other = replace(phone, phone=replace(phone.phone, site="other", mac="00:04:f2:00:00:01"))
    phones = (replace(phone, phone=replace(phone.phone, **{"site": "here", **identity})), other)
    return shown(report(*phones), format_="html")


def inventory() -> str:
    """The line of the phone whose firmware is a short word."""
    phone = broken_phone()
    phones = (phone, replace(phone, phone=replace(phone.phone, firmware=LONG)))
    stream = io.StringIO()
    load_inventory_view("text", screen_of(stream, {"TERM": "dumb"})).end(report(*phones))
    return stream.getvalue().splitlines()[1]


def claimed() -> str:
    phone = broken_phone()
    steps = (phone.steps[0], replace(phone.steps[1], summary=LONG), *phone.steps[2:])
    return shown(report(replace(phone, steps=steps)))


def bodies(format_: str) -> str:
    """A body of many lines, and a fact with a long text."""
    fact = Http(time=START, server="10.0.0.20", port=80, method="POST", target=LONG, answer_text="x\n" * 50_000)
    return shown(report(replace(broken_phone(), observations=(fact,))), format_=format_, verbose=1)


@pytest.mark.parametrize(
    ("say", "most"),
    [
        pytest.param(chain, 2_000, id="an issuer"),
        pytest.param(lease, 4_000, id="a search list"),
        pytest.param(lambda: lookups(1, LONG), 3_000, id="an alias"),
        pytest.param(lambda: lookups(200), 3_000, id="domains"),
        pytest.param(lambda: page(site=LONG), 100_000, id="a site"),
        pytest.param(lambda: page(model=LONG), 100_000, id="a model"),
        pytest.param(lambda: markup.text_markup(LONG), 10_000, id="a text of a page"),
        pytest.param(inventory, 1_000, id="the widest cell"),
        pytest.param(claimed, 20_000, id="a step"),
        pytest.param(lambda: bodies("text"), 20_000, id="a body"),
        pytest.param(lambda: bodies("html"), 100_000, id="a body on a page"),
        pytest.param(lambda: "".join(visible_lines(LONG)), 1_000, id="a line of a body"),
    ],
)
def test_what_is_long_is_cut(say: Callable[[], str], most: int) -> None:
    assert 0 < len(say()) < most


def test_of_ever_other_sites_the_worst_are_on_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "_MOST_PARTS", 12)
    parts = {f"site {number}": (0, 1) for number in range(20)}
    made = many._parts_section("Sites", "Site", parts)
    assert "12 of 20 sites" in made
    assert made.count('<th scope="row">') == 10 + 12


def test_of_a_long_text_its_ends_are_made_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    monkeypatch.setattr(text_width, "visible", lambda text: made.append(len(text)) or text)
    assert text_width.fit_text(f"a{LONG}b", 5, True) == "ax…xb"
    assert made == [1000]


def test_a_time_of_no_calendar_is_shown() -> None:
    for time in (-(1 << 63), 1 << 63):
        assert (moment_text(time)[4], clock_text(time)[2]) == ("-", ":")


def test_many_metrics_are_not_in_memory() -> None:
    with prometheus_view._metric_file() as part:
        part.write("x" * (prometheus_view._MEMORY + 1))
        assert part._rolled  # type: ignore[attr-defined]
