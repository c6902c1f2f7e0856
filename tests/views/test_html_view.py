"""``-f html``, read back by the standard library's parser: it says what the JSON says, whatever came from outside."""

import base64
import dataclasses
import hashlib
import re

import pytest
from hypothesis import given

from tests.views.html_page import Page
from tests.views.reports import COMMANDS, broken_phone, report, reports, whole_phone
from tests.views.shown import Stream, shown
from ucdiag.model.checks import Checks
from ucdiag.model.report import Evidence, Finding, Fix, Identity, PhoneReport, Problem, Report, Verdict
from ucdiag.model.steps import Level, Step, VerdictStatus, Who
from ucdiag.views.html.lines import HtmlLines
from ucdiag.views.html_view import HtmlView
from ucdiag.views.output_target import screen_of

HOSTILE = (
    "</title></style></script><script>alert(1)</script><img src=x onerror=alert(1)>\" onload='x' \u202egnp\x00\x1b[2J"
)


def page(made: Report, **options: object) -> Page:
    return Page(shown(made, format_="html", **options))


def test_identity_verdict_and_advice_come_in_that_order() -> None:
    text = page(report()).text("body")
    places = [text.index(word) for word in ("00:04:f2:aa:bb:cc", "FAILED at step 2 (DNS)", "Only the old name exists.")]
    places += [text.index(word) for word in ("What to change", COMMANDS[0].text, "The path", "Findings")]
    assert places == sorted(places)


def test_the_title_is_the_verdict() -> None:
    assert page(report()).text("title") == "FAILED at step 2 (DNS): Only the old name exists."


def test_commands_stand_in_their_groups_with_place_and_shell() -> None:
    shown_page = page(report())
    assert shown_page.text("h3").startswith("Check (changes nothing)ChangeVerify")
    text = shown_page.text("main")
    assert "On the DNS server, in PowerShell:" in text
    assert "Or on the DNS server, in Command Prompt:" in text
    assert "Pick one of these:" in text
    boxes = "".join(text for place, text in shown_page.texts if place[-2:] == ("pre", "code"))
    assert all(command.text in boxes for command in COMMANDS)


def test_what_follows_a_choice_is_no_part_of_it() -> None:
    commands = (*COMMANDS[1:3], dataclasses.replace(COMMANDS[3], shell=COMMANDS[2].shell, where=COMMANDS[2].where))
    finding = dataclasses.replace(broken_phone().findings[0], fix=Fix(text="", commands=commands, who=Who.DNS))
    text = page(report(broken_phone(findings=(finding,)))).text("main")
    assert "Then on the DNS server, in Command Prompt:" in text[text.index(commands[1].text) :]


def test_alternatives_alone_say_so_in_their_heading() -> None:
    fix = Fix(text="Do it.", commands=COMMANDS[1:3], who=Who.DNS)
    finding = dataclasses.replace(broken_phone().findings[0], fix=fix)
    text = page(report(broken_phone(findings=(finding,)))).text("main")
    assert "Change (pick one)" in text
    assert "Pick one of these" not in text


def test_without_a_script_there_is_no_button() -> None:
    buttons = page(report()).each("button")
    assert buttons
    assert all("hidden" in button for button in buttons)


def test_nothing_is_loaded_and_only_what_the_page_holds_may_run() -> None:
    markup = shown(report(), format_="html")
    made = Page(markup)
    policy = next(meta["content"] for meta in made.each("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for name in ("style", "script"):
        content = re.findall(f"<{name}>(.*?)</{name}>", markup, re.DOTALL)
        assert len(content) == 1
        digest = base64.b64encode(hashlib.sha256(content[0].encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert not {"link", "img", "iframe", "object", "base", "a"} & {name for name, _ in made.elements}
    for _, attributes in made.elements:
        assert not [key for key in attributes if key.startswith("on") or key in ("src", "href", "style", "srcset")]


def hostile_report() -> Report:
    finding = Finding(
        code="dns-legacy-only",
        level=Level.ERROR,
        step=Step.DNS,
        summary=HOSTILE,
        fix=Fix(text=HOSTILE, commands=(dataclasses.replace(COMMANDS[0], text=HOSTILE, where=HOSTILE),), who=Who.DNS),
        evidence=(Evidence(text=HOSTILE, frame=3),),
    )
    verdict = Verdict(status=VerdictStatus.BROKEN, step=Step.DNS, code="dns-legacy-only", summary=HOSTILE)
    who = Identity(mac="00:04:f2:aa:bb:cc", serial=HOSTILE, model=HOSTILE, firmware=HOSTILE, domain=HOSTILE)
    phone = broken_phone(findings=(finding,), verdict=verdict, phone=who)
    return report(phone, problems=(Problem(code="bug", text=HOSTILE),))


def many(made: Report) -> Report:
    return dataclasses.replace(made, phones=made.phones * 3)


@pytest.mark.parametrize("made", [hostile_report(), many(hostile_report())], ids=["one", "many"])
@pytest.mark.parametrize("verbose", [0, 1])
def test_hostile_text_is_text(made: Report, verbose: int) -> None:
    markup = shown(made, format_="html", verbose=verbose)
    harmless = shown(report(), format_="html")
    shown_page = Page(markup)
    assert markup.isascii()
    assert "\x00" not in markup
    assert "\x1b" not in markup
    assert {name for name, _ in shown_page.elements} <= {name for name, _ in Page(harmless).elements} | {
        "table", "thead", "tbody", "tr", "th", "td", "b", "col", "h4", "ol", "ul", "rect", "summary", "details",
    }  # fmt: skip
    assert markup.count("<script") == 1
    assert "<script>alert(1)</script>" in shown_page.text("main")
    assert "\\u202e" in shown_page.text("main")


@pytest.mark.slow
@given(reports())
def test_any_report_is_a_page(made: Report) -> None:
    assert page(made, verbose=1).text("title")


def test_a_stream_of_any_encoding_gets_the_same_page() -> None:
    name = Identity(mac="00:04:f2:aa:bb:cc", domain="m\u00fcnchen.example")
    made = report(broken_phone(phone=name))
    stream = Stream(encoding="ascii")
    assert shown(made, format_="html", stream=stream) == shown(made, format_="html")
    assert "m\u00fcnchen.example" in Page(stream.getvalue()).text("header")


def test_no_phone_and_problems() -> None:
    verdict = Verdict(status=VerdictStatus.UNKNOWN, code="no-phone-seen", summary="Nothing looks like such a phone.")
    made = report(problems=(Problem(code="packets-lost", text="3 packets were lost."),), verdict=verdict)
    text = page(dataclasses.replace(made, phones=())).text("body")
    assert "INCONCLUSIVE" in text
    assert "Nothing looks like such a phone." in text
    assert "no-phone-seen" in text
    assert "3 packets were lost. packets-lost" in text
    assert "What to change" not in text


def test_quiet_is_the_verdict_only() -> None:
    text = page(report(), quiet=True).text("body")
    assert "Only the old name exists." in text
    assert "What to change" not in text


def numbered(number: int, phone: PhoneReport) -> PhoneReport:
    return dataclasses.replace(
        phone, phone=Identity(mac=f"00:04:f2:00:{number >> 8:02x}:{number & 255:02x}", ip="10.0.0.7")
    )


def test_many_phones_are_one_table_by_cause() -> None:
    phones = [numbered(number, broken_phone() if number % 2 else whole_phone()) for number in range(1, 8)]
    made = report(*phones)
    shown_page = page(made)
    text = shown_page.text("main")
    assert "Of 7 phones, 4 do not get through, 3 get through." in text
    assert text.count(COMMANDS[1].text) == 1
    heads = [index for index, row in enumerate(shown_page.rows) if len(row) == 1]
    assert [shown_page.rows[index][0] for index in heads] == [
        "FAILED at step 2 (DNS), 4 phones dns-legacy-only",
        "OK, 3 phones",
    ]
    listed = [row[0] for row in shown_page.rows[heads[0] + 1 : heads[1]]]
    assert listed == [phone.phone.mac for phone in phones if phone.verdict.status is VerdictStatus.BROKEN]
    assert [row[0] for row in shown_page.rows[heads[1] + 1 :]] == [
        phone.phone.mac for phone in phones if phone.verdict.status is VerdictStatus.WHOLE
    ]


@pytest.mark.parametrize(("count", "more"), [(200, None), (201, "1 more are"), (1300, "1,100 more are")])
def test_with_v_so_many_phones_are_shown_whole(count: int, more: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HtmlView, "_phone_parts", lambda self, report, phone: [])
    phones = [numbered(number, whole_phone()) for number in range(count)]
    text = shown(report(*phones), format_="html", verbose=1)
    assert text.count("<summary>OK: ") == min(count, 200)
    assert text.count(" not shown whole: name one with --mac.") == (more is not None)
    assert more is None or f"<p>{more} not shown whole: name one with --mac.</p>" in text


@pytest.mark.parametrize(
    ("count", "ladder", "folded"), [(3, None, False), (4, None, True), (1234, None, True), (1234, True, False)]
)
def test_a_ladder_of_many_checks_is_folded_away(count: int, ladder: bool | None, folded: bool) -> None:
    phone = dataclasses.replace(broken_phone(), checks=Checks(count=count))
    text = shown(report(phone), format_="html", ladder=ladder)
    assert (f"<details><summary>Of {count:,} checks</summary>" in text) is folded
    assert "<h2>The messages</h2>" in text
    assert "<h2>The messages</h2>" not in shown(report(phone), format_="html", ladder=False)


def test_a_code_longer_than_the_ladder_is_cut_where_its_picture_ends() -> None:
    """Of a report of any origin; a letter takes seven pixels."""
    verdict = dataclasses.replace(broken_phone().verdict, code="x" * 300)
    markup = shown(report(broken_phone(verdict=verdict)), format_="html", ladder=True)
    picture = Page(markup.partition('<figure class="ladder">')[2].partition("</figure>")[0])
    assert picture.each("svg")[0]["width"] == "1041"
    said = [(len(text), text.count("…")) for _, text in picture.texts if text.startswith("the path breaks here: xxx")]
    assert said[0] == ((1041 - 60) // 7, 1)


def test_a_thousand_phones_are_a_small_file() -> None:
    phones = [numbered(number, broken_phone()) for number in range(1000)]
    assert len(shown(report(*phones), format_="html")) < 1_000_000


@pytest.mark.parametrize(
    ("style", "class_"),
    [("yellow", "is-ask"), ("red", "is-bad"), ("green", "is-good"), ("dim", "quiet"), ("cyan", None), ("", None)],
)
def test_a_style_of_the_text_is_a_class_of_the_page(style: str, class_: str | None) -> None:
    lines = HtmlLines(screen_of(Stream(), {}))
    lines.write_line("first")
    lines.write_line("a ", ("word", style))
    lines.write_blank()
    lines.write_wrapped(("a word", "bold"), first="    ")
    lines.write_wrapped("prose", first="    ")
    lines.write_wrapped("prose", first="- ")
    marked = f'<span class="{class_}">word</span>' if class_ else "<span>word</span>"
    assert [list(map(str, block)) for block in lines.blocks] == [
        ['<p class="ln">first</p>', f'<p class="ln">a {marked}</p>'],
        ["<h3><strong>a word</strong></h3>", '<p class="i4">prose</p>', "<p>- prose</p>"],
    ]
