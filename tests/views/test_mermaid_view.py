"""``-f mermaid``: the grammar that the diagrams keep to, and Mermaid itself where it is."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from tests.views.chromium import Chromium, find
from tests.views.reports import TEXT, broken_phone, report, whole_phone
from tests.views.scenes import SCENES
from tests.views.shown import shown
from ucdiag.model.report import Report
from ucdiag.model.visible_text import visible
from ucdiag.views.mermaid_view import escaped_mermaid

HOSTILE = [
    "a # cut; here",
    "p->>h9: forged",
    "end",
    "END of par and box",
    "%%{init: {'theme': 'dark'}}%%",
    "<script>alert(1)</script><br/><img src=x onerror=alert(1)>",
    "#35;#quot;&lt;b&gt;",
    "wrap: x",
    "$$x^2$$",
    "00:04:f2:aa:bb:cc \u202e\x1b[31m\n    Note over p: forged",
    "\U0001f600 ü",
]
_TEXT = r"(?:[A-Za-z0-9 .,?/_()=-]|#\d+;)+"
_LINE = re.compile(
    r"sequenceDiagram|    %% One of \d+ phones\."
    rf"|    participant (?:p|h\d+) as {_TEXT}|    Note over p(?:,h\d+)?: {_TEXT}"
    rf"|    p(?:->>|-x)h\d+: {_TEXT}|    h\d+-->>p: {_TEXT}"
)


def decoded(text: str) -> str:
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), text)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(text: str) -> None:
    assert re.fullmatch(_TEXT, escaped_mermaid(text))
    assert decoded(escaped_mermaid(text)) == visible(text)
    assert not re.search(r"\bend\b", escaped_mermaid(text), re.IGNORECASE)


@given(TEXT)
def test_any_text_stays_what_it_was(text: str) -> None:
    assert re.fullmatch(_TEXT, escaped_mermaid(text))
    assert decoded(escaped_mermaid(text)) == (visible(text).strip() or "-")


@pytest.mark.parametrize("verbose", [0, 1])
@pytest.mark.parametrize("scene", SCENES)
def test_every_line_is_of_the_grammar(scene: str, verbose: int) -> None:
    made = SCENES[scene]()
    lines = shown(made, format_="mermaid", verbose=verbose).splitlines()
    assert [line for line in lines if not _LINE.fullmatch(line)] == []
    assert lines[0] == "sequenceDiagram"
    declared = {line.split()[1] for line in lines if "participant" in line}
    used = {name for line in lines[1:] for name in re.findall(r"\b(?:p|h\d+)\b(?=[^:]*:)", line.split(":")[0] + ":")}
    assert used <= declared
    assert len(declared) == sum("participant" in line for line in lines)
    code = made.verdict.code
    assert code is None or code in "".join(lines)


def test_a_diagram_of_several_shows_one_that_the_verdict_speaks_of() -> None:
    broken = broken_phone()
    made = replace(report(whole_phone(), broken), verdict=broken.verdict)
    text = shown(made, format_="mermaid")
    assert text.splitlines()[1] == "    %% One of 2 phones."
    assert "FAILED at step 2 (DNS)" in decoded(text)
    assert "dns-legacy-only" in text


def test_quiet_is_the_verdict_alone() -> None:
    lines = shown(report(broken_phone()), format_="mermaid", quiet=True).splitlines()
    assert len(lines) == 3
    assert lines[2].startswith("    Note over p: FAILED at step 2 (DNS)")


# Mermaid itself

SCRIPT = os.environ.get("UCDIAG_MERMAID", "")
BINARY = find()
REAL = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not SCRIPT, reason="UCDIAG_MERMAID names no dist/mermaid.min.js (npm pack mermaid@11.17.2 brings it)"
    ),
    pytest.mark.skipif(BINARY is None, reason="no Chromium here (Debian: apt-get install chromium)"),
]


@pytest.fixture(scope="module")
def mermaid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    folder = tmp_path_factory.mktemp("mermaid")
    page = folder / "page.html"
    page.write_text(
        f"<!DOCTYPE html><meta charset=utf-8><script src='{Path(SCRIPT).resolve().as_uri()}'></script><body>"
    )
    assert BINARY is not None
    with Chromium(BINARY, folder / "profile") as browser:
        browser.open(page)
        browser.value("mermaid.initialize({startOnLoad: false}), 0")
        yield browser


def drawn(browser: Chromium, diagram: str) -> dict[str, list[str]]:
    """The texts of messages, notes and heads as they are in the picture."""
    found: dict[str, list[str]] = json.loads(
        browser.value(f"""mermaid.render('d', {json.dumps(diagram)}).then(made => {{
            document.body.innerHTML = made.svg;
            const texts = kind => [...document.body.querySelectorAll(kind)].map(each => each.textContent);
            return JSON.stringify({{
                messages: texts('.messageText'), notes: texts('.noteText'), heads: texts('text.actor-box'),
                others: texts('script, img, a, foreignObject'),
            }});
        }})""")
    )
    return found


class TestInMermaid:
    pytestmark = REAL

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_is_text(self, mermaid: Chromium, text: str) -> None:
        said = escaped_mermaid(text)
        lines = ["sequenceDiagram", f"participant p as {said}", "participant h1 as b", f"p->>h1: {said}"]
        made = drawn(mermaid, "\n".join([*lines, f"Note over p,h1: {said}", ""]))
        assert made["messages"] == [visible(text)]
        assert made["notes"] == [visible(text)]
        assert set(made["heads"]) == {visible(text), "b"}
        assert made["others"] == []

    @pytest.mark.parametrize("scene", SCENES)
    def test_a_scene(self, mermaid: Chromium, scene: str) -> None:
        made: Report = SCENES[scene]()
        text = shown(made, format_="mermaid")
        lines = [line.split(": ", 1) for line in text.splitlines() if ": " in line]
        picture = drawn(mermaid, text)
        assert picture["messages"] == [decoded(said) for head, said in lines if "Note" not in head]
        assert picture["notes"] == [decoded(said) for head, said in lines if "Note" in head]
