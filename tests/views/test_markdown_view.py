"""``-f markdown``: what readers of Markdown make of it."""

import shutil
import subprocess
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from tests.views.reports import COMMANDS, TEXT, broken_phone, report
from tests.views.scenes import SCENES
from tests.views.shown import shown
from ucdiag.model.visible_text import visible
from ucdiag.views.markdown_view import escaped_markdown

HOSTILE = [
    "<script>alert(1)</script>",
    "@everyone #1 !2 see https://evil.example/x www.evil.example",
    "[a](http://evil) ![b](c) **bold** _x_ ~~y~~",
    "a | b",
    "`` ` ``` tick `",
    "1. one",
    "00:ab:04:aa:bb:cc",
    "back\\slash\\`",
    "&lt;b&gt; &#64;all",
]


def parsed(text: str) -> list[Any]:
    markdown_it = pytest.importorskip("markdown_it", reason="pip install markdown-it-py")
    return markdown_it.MarkdownIt("commonmark").enable("table").parse(text)  # type: ignore[no-any-return]


def inline(text: str) -> list[Any]:
    return [child for token in parsed(text) for child in token.children or ()]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(text: str) -> None:
    tokens = inline(escaped_markdown(text))
    assert {token.type for token in tokens} <= {"text", "code_inline"}
    assert (
        next(token for token in parsed(escaped_markdown(text)) if token.type.endswith("_open")).type == "paragraph_open"
    )
    plain = "".join(token.content for token in tokens if token.type == "text")
    assert not set(plain) & set("@#<>|*_~`[]&\\!:") or ":" in plain.rstrip(": ")[-1:]


@given(TEXT)
def test_any_text_stays_what_it_was(text: str) -> None:
    said = "".join(token.content for token in inline(escaped_markdown(text)))
    assert said.split() == visible(text).split()
    assert {token.type for token in inline(escaped_markdown(text))} <= {"text", "code_inline"}


@pytest.mark.parametrize("scene", SCENES)
def test_the_page_has_its_parts(scene: str) -> None:
    made = SCENES[scene]()
    tokens = parsed(shown(made, format_="markdown"))
    heads = [tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"]
    if len(made.phones) == 1:
        codes = [finding.code for finding in made.phones[0].findings]
        assert [head.split("`")[1] for head in heads[1:]] == codes
        assert sum(token.type == "tr_open" for token in tokens) == 8
        blocks = [token.content for token in tokens if token.type == "fence"]
        commands = [command.text for finding in made.phones[0].findings for command in finding.fix.commands]
        assert sorted(blocks) == sorted(visible(text) + "\n" for text in commands)
    elif made.phones:
        assert sum(token.type == "tr_open" for token in tokens) == 1 + len(made.phones)


def test_a_broken_phone() -> None:
    lines = shown(report(broken_phone()), format_="markdown").split("\n")
    assert lines[0] == "## FAILED at step 2 (DNS)"
    assert lines[2] == "Only the old name exists. (`dns-legacy-only`)"
    assert "| 2 DNS | **FAILED** | what dns says |" in lines
    assert lines.index("```powershell") + 1 == lines.index("Resolve-DnsName ucupdates-r2.contoso.com")


@pytest.mark.skipif(shutil.which("cmark") is None, reason="cmark is not installed (apt-get install cmark)")
@pytest.mark.parametrize("text", HOSTILE)
def test_cmark_finds_no_markup_either(text: str) -> None:
    page = subprocess.run(
        ["cmark", "--unsafe"], input=escaped_markdown(text), capture_output=True, text=True, check=True, timeout=10
    ).stdout
    for tag in ("<script", "<a ", "<img", "<em>", "<strong>", "<ol", "<b>"):
        assert tag not in page


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("192.0.2.20 opened the connection.", "192.0.2.20 opened the connection."),
        ("Phone 00:04:f2:aa:bb:cc, 192.0.2.50", "Phone `00:04:f2:aa:bb:cc`, 192.0.2.50"),
        ("capture of /tmp/a.pcap: 19 packets", "capture of `/tmp/a.pcap`: 19 packets"),
        ("in the phones' VLAN", "in the phones' VLAN"),
        ("ask @admin, then #7.", "ask `@admin`, then `#7`."),
        ("1. no list", "`1`. no list"),
        ("a `b`.", "a `` `b`. ``"),
        (": alone", "`:` alone"),
    ],
)
def test_the_stop_of_a_sentence_stands_behind_the_code(text: str, made: str) -> None:
    assert escaped_markdown(text) == made


@pytest.mark.parametrize(
    ("text", "fence"),
    [("a", "```"), ("`a`", "```"), ("a `` b", "```"), ("a ``` b ` c", "````"), ("a ` b ```` c", "`````")],
)
def test_a_fence_is_longer_than_any_in_its_command(text: str, fence: str) -> None:
    phone = broken_phone()
    finding = phone.findings[0]
    command = replace(COMMANDS[0], text=text)
    phone = replace(phone, findings=(replace(finding, fix=replace(finding.fix, commands=(command,))),))
    lines = shown(report(phone), format_="markdown").splitlines()
    assert lines[lines.index(text) - 1 : lines.index(text) + 2] == [f"{fence}powershell", text, fence]
