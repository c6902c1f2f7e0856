"""A phone's checks as people see them: a sentence and a line each, a column of the table, the inventory."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from tests.views.reports import START, broken_phone, instances, report, steps, whole_phone
from tests.views.shown import Stream, shown, texts
from ucdiag.model.checks import Check, Checks
from ucdiag.model.codec import from_json
from ucdiag.model.report import Evidence, Finding, Fix, Identity, PhoneReport, Report, Verdict
from ucdiag.model.steps import Level, Step, StepStatus, VerdictStatus, Who
from ucdiag.views.check_lines import check_text, checks_short, checks_text, span_text
from ucdiag.views.inventory import Inventory
from ucdiag.views.inventory_view import load_inventory_view
from ucdiag.views.output_target import screen_of
from ucdiag.views.phones import table_lines
from ucdiag.views.schema import schema_files

HOUR = 3600 * 1_000_000
DAY = 24 * HOUR
VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_files()["phones.schema.json"]))


def check(days: float = 0, **more: Any) -> Check:
    more.setdefault("result", "nothing-newer")
    more.setdefault("firmware", "1.0.522.101")
    return Check(time=START + int(days * DAY), **more)


def checks(*days: float, **more: Any) -> Checks:
    history = tuple(check(day, power_on=number == 0) for number, day in enumerate(days))
    more.setdefault("count", len(days))
    return Checks(
        interval=86400.0 if len(days) > 1 else None,
        last=history[-1].time,
        next_due=history[-1].time + DAY,
        power_ons=1,
        history=history,
        **more,
    )


def phone(known: Checks | None, **more: Any) -> PhoneReport:
    identity = Identity(
        mac="00:04:f2:aa:bb:cc", ip="10.0.0.7", serial="A1", vendor="Polycom", model="CX700", firmware="1.0.522.101"
    )
    more.setdefault("phone", identity)
    made = whole_phone()
    return PhoneReport(**{**{name: getattr(made, name) for name in ("verdict", "steps")}, "checks": known, **more})


def test_a_week_is_a_line_for_each_check_and_no_ladder() -> None:
    watched = report(phone(checks(0, 1, 2, 4, 5)), command="capture")
    assert shown(watched, environment={"COLUMNS": "200"}).split("\n")[13:20] == [
        "Checks: 5, usually 24 h apart, 1 power-on; the last 2026-02-05 09:00, the next due by 2026-02-06 09:00 (UTC).",
        "    2026-01-31 09:00  1.0.522.101        nothing newer (power-on)",
        "    2026-02-01 09:00  1.0.522.101        nothing newer",
        "    2026-02-02 09:00  1.0.522.101        nothing newer",
        "    2026-02-04 09:00  1.0.522.101        nothing newer (48 h after the one before)",
        "    2026-02-05 09:00  1.0.522.101        nothing newer",
        "",
    ]


def test_the_ladder_is_drawn_for_few_checks_and_when_it_is_asked_for() -> None:
    facts = broken_phone().observations
    many, few = phone(checks(0, 1, 2, 3), observations=facts), phone(checks(0, 1), observations=facts)
    assert "ucupdates-r2.contoso.com?" not in shown(report(many, command="capture"), verbose=1)
    assert "ucupdates-r2.contoso.com?" in shown(report(few, command="capture"), verbose=1)
    assert "ucupdates-r2.contoso.com?" in shown(report(many, command="capture"), ladder=True)


def test_one_check_is_one_sentence() -> None:
    text = shown(report(phone(checks(0)), command="capture"), environment={"COLUMNS": "200"})
    assert "Checks: 1, 1 power-on; the last 2026-01-31 09:00, the next due by 2026-02-01 09:00 (UTC).\n" in text
    assert "nothing newer (" not in text


@pytest.mark.parametrize("known", [None, Checks(count=0, power_ons=3)])
def test_without_a_check_nothing_is_said(known: Checks | None) -> None:
    assert "Checks:" not in shown(report(phone(known), command="capture"))


def test_of_many_checks_the_first_and_the_last_are_shown() -> None:
    many = report(phone(checks(*range(100), count=130)), command="capture")
    lines = [line for line in shown(many).split("\n") if "nothing newer" in line or "more (-v" in line]
    assert len(lines) == 25
    assert lines[2] == "    … 106 more (-v shows them)"
    assert len([line for line in shown(many, verbose=1).split("\n") if "nothing newer" in line]) == 100
    assert "    … 30 more (-v shows them)" in shown(many, verbose=1)


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (check(result="downloaded", offered="3.5.6907.35"), "1.0.522.101        offered 3.5.6907.35, fetched whole"),
        (
            check(result="downloaded", url="external"),
            "1.0.522.101        offered an update, fetched whole, from the external URL",
        ),
        (check(result="offered", offered="4.0.0.0"), "1.0.522.101        offered 4.0.0.0, no file asked for"),
        (check(result="same-version", offered="1.0.522.101"), "1.0.522.101        offered 1.0.522.101, which it has"),
        (check(result="failed", code="http-not-found", firmware=None), "version not named  failed: http-not-found"),
        (check(result="unknown", power_on=True), "1.0.522.101        not known (power-on)"),
    ],
)
def test_what_became_of_a_check(made: Check, text: str) -> None:
    assert check_text(made, None) == f"2026-01-31 09:00  {text}"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0 s"),
        (89.9, "90 s"),
        (90, "2 min"),
        (5340, "89 min"),
        (5399, "90 min"),
        (5400, "2 h"),
        (86400, "24 h"),
        (71 * 3600, "71 h"),
        (259199, "72 h"),
        (259200, "3 days"),
    ],
)
def test_spans(seconds: float, text: str) -> None:
    assert span_text(seconds) == text


def test_the_live_table_has_number_interval_last_and_next() -> None:
    lines = texts(table_lines([phone(checks(0, 1, 2))], 9, 0, 140, 24))
    assert lines[-1].endswith("✓ ✓ ✓ ✓ ✓ ✓ ✓  3 every 24 h, last 02 09:00, next 03 09:00 what download says")
    assert "3, next 03 09:00" in texts(table_lines([phone(checks(0, 1, 2))], 9, 0, 80, 24))[-1]
    assert "next" not in texts(table_lines([phone(checks(0, 1, 2))], 9, 0, 50, 24))[-1]
    assert checks_short(None, 80) == checks_short(Checks(count=0), 80) == ""


# The inventory.

OVERDUE = Finding(
    code="check-overdue",
    level=Level.WARNING,
    step=Step.REQUEST,
    summary="it is overdue",
    fix=Fix(text="Restart it.", who=Who.PHONE),
    evidence=(Evidence(text="alive", time=START),),
)


def inventory(made: Report, format_: str = "text") -> str:
    stream = Stream()
    view = load_inventory_view(format_, screen_of(stream, {"TERM": "xterm"}))
    view.begin("capture")
    view.end(made)
    view.close()
    return stream.getvalue()


def test_the_inventory_has_a_line_for_each_phone() -> None:
    failed = Checks(count=1, last=START, next_due=START + DAY, history=(check(result="failed", code="dns-r2-missing"),))
    two = report(
        phone(checks(0, 1), findings=(OVERDUE,)),
        phone(failed, phone=Identity(ip="10.0.0.123")),
        phone(None, phone=Identity(mac="00:04:f2:00:00:01")),
    )
    assert inventory(two).split("\n") == [
        "MAC                IP          serial  model          firmware     last check        result                  "
        "next due",
        "00:04:f2:aa:bb:cc  10.0.0.7    A1      Polycom CX700  1.0.522.101  2026-02-01 09:00  nothing newer           "
        "2026-02-02 09:00 overdue",
        "-                  10.0.0.123  -       -              -            2026-01-31 09:00  failed: dns-r2-missing  "
        "2026-02-01 09:00",
        "00:04:f2:00:00:01  -           -       -              -            -                 -                       "
        "-",
        "",
    ]
    assert inventory(two, "short") == inventory(two)


def test_the_inventory_of_no_phone_says_so() -> None:
    verdict = Verdict(status=VerdictStatus.UNKNOWN, code="no-phone-seen", summary="No phone was seen.")
    empty = Report(**{**{name: getattr(report(), name) for name in report().__dataclass_fields__}, "phones": ()})
    empty = Report(**{**{name: getattr(empty, name) for name in empty.__dataclass_fields__}, "verdict": verdict})
    assert inventory(empty) == "No phone was seen.\n"
    assert json.loads(inventory(empty, "json")) == {"schema": "ucdiag.phones/1", "phones": []}


def test_the_inventory_as_json() -> None:
    data = json.loads(inventory(report(phone(checks(0, 1), findings=(OVERDUE,))), "json"))
    VALIDATOR.validate(data)
    assert data["phones"] == [
        {
            "mac": "00:04:f2:aa:bb:cc",
            "ip": "10.0.0.7",
            "serial": "A1",
            "vendor": "Polycom",
            "model": "CX700",
            "firmware": "1.0.522.101",
            "checks": 2,
            "interval": 86400.0,
            "last_check": "2026-02-01T09:00:00.000000Z",
            "result": "nothing-newer",
            "code": None,
            "next_due": "2026-02-02T09:00:00.000000Z",
            "overdue": True,
        }
    ]


@settings(max_examples=60, deadline=None)
@given(instances(PhoneReport))
def test_any_phone_is_one_safe_line_and_valid_json(made: PhoneReport) -> None:
    text = inventory(report(made))
    assert text.count("\n") == 2
    assert text.replace("\n", "").isprintable()
    data = json.loads(inventory(report(made), "json"))
    VALIDATOR.validate(data)
    assert len(from_json(Inventory, data).phones) == 1


@settings(max_examples=60, deadline=None)
@given(instances(Checks))
def test_any_checks_can_be_shown(made: Checks) -> None:
    assert checks_text(made)
    text = shown(report(phone(made, steps=steps(*[StepStatus.OK] * 7)), command="capture"))
    assert text.replace("\n", "").isprintable()
