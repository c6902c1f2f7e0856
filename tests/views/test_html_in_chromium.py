"""The page in a real Chromium: what the parser of the standard library cannot tell. Skipped where there is none."""

import dataclasses
import importlib.util
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.views.chromium import Chromium, find
from tests.views.reports import COMMANDS, broken_phone, report, whole_phone
from tests.views.shown import shown
from ucdiag.model.checks import Checks
from ucdiag.model.report import Identity, Report

BINARY = find()
WIDTHS = (360, 800, 1280)
SCHEMES = ("light", "dark")
ROWS = 3000
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BINARY is None, reason="no Chromium here (Debian: apt-get install chromium)"),
]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    assert BINARY is not None
    with Chromium(BINARY, tmp_path_factory.mktemp("profile")) as browser:
        yield browser


def many(count: int) -> Report:
    phones = []
    for number in range(count):
        phone = whole_phone() if number % 3 else broken_phone()
        who = Identity(
            mac=f"00:04:f2:00:{number >> 8:02x}:{number & 255:02x}",
            ip=f"10.1.{number >> 8}.{number & 255}",
            vendor="Polycom",
            model="CX700",
            serial=f"AB{number * 7919 % 99999:05d}_679e",
            firmware="1.0.522.101",
            domain="contoso.com",
        )
        phones.append(dataclasses.replace(phone, phone=who, checks=Checks(count=1, last=1_769_850_000_000_000)))
    return report(*phones)


def written(path: Path, markup: str) -> Path:
    path.write_text(markup, encoding="utf-8")
    return path


@pytest.fixture(scope="module", params=["one", "one with -v", "many"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = many(30) if request.param == "many" else report()
    verbose = int(request.param == "one with -v")
    return written(tmp_path_factory.mktemp("page") / "page.html", shown(made, format_="html", verbose=verbose))


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_stands_out_of_the_window(chromium: Chromium, page: Path, width: int) -> None:
    chromium.terminal_size(width)
    chromium.open(page)
    assert chromium.value("document.documentElement.scrollWidth") <= width


def test_nothing_is_asked_for_and_nothing_is_complained_about(chromium: Chromium, page: Path) -> None:
    chromium.terminal_size(1280)
    chromium.open(page)
    asked = [event["params"]["request"]["url"] for event in chromium.events if "request" in event.get("params", {})]
    assert asked == [page.as_uri()]
    methods = {event["method"] for event in chromium.events}
    assert not {"Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"} & methods


def test_the_page_runs_no_script_but_its_own(chromium: Chromium, tmp_path: Path) -> None:
    markup = shown(report(), format_="html")
    strange = markup.replace("</main>", "<script>document.title = 'taken'</script></main>")
    chromium.open(written(tmp_path / "page.html", strange))
    assert chromium.value("document.title").startswith("FAILED at step 2 (DNS)")
    assert any(event["method"] == "Log.entryAdded" for event in chromium.events)


def test_a_button_copies_the_whole_command(chromium: Chromium, page: Path) -> None:
    chromium.terminal_size(1280)
    chromium.open(page)
    assert chromium.value("document.querySelectorAll('button.copy:not([hidden])').length") >= len(COMMANDS)
    chromium.value(
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText: async (text) => { window.taken = text; }}})"
    )
    chromium.value("document.querySelectorAll('button.copy')[1].click()")
    assert chromium.value("window.taken") == COMMANDS[1].text


def test_without_a_script_a_click_selects_the_whole_command(chromium: Chromium, page: Path) -> None:
    chromium.terminal_size(1280)
    chromium.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        chromium.open(page)
        assert chromium.value("document.querySelectorAll('button.copy')[0].checkVisibility()") is False
        place = "document.querySelectorAll('.cmd code')[1].getBoundingClientRect()"
        chromium.value("document.querySelectorAll('.cmd code')[1].scrollIntoView()")
        at = {"x": chromium.value(f"{place}.x") + 20, "y": chromium.value(f"{place}.y") + 6, "button": "left"}
        for kind in ("mousePressed", "mouseReleased"):
            chromium.call("Input.dispatchMouseEvent", type=kind, clickCount=1, **at)
        assert chromium.value("String(getSelection())") == COMMANDS[1].text
    finally:
        chromium.call("Emulation.setScriptExecutionDisabled", value=False)


def test_a_table_is_sorted_within_its_causes(chromium: Chromium, tmp_path: Path) -> None:
    chromium.terminal_size(1280)
    chromium.open(written(tmp_path / "page.html", shown(many(30), format_="html")))
    chromium.value("document.querySelectorAll('table.sort thead th button')[1].click()")
    chromium.value("document.querySelectorAll('table.sort thead th button')[1].click()")
    bodies = "[...document.querySelector('table.sort').tBodies]"
    rows = "[...body.rows].slice(1).map(row => row.cells[1].textContent)"
    broken, whole = chromium.value(f"{bodies}.map(body => {rows})")
    assert broken == [f"10.1.0.{number}" for number in range(27, -1, -3)]
    assert whole == [f"10.1.0.{number}" for number in range(29, -1, -1) if number % 3]
    assert chromium.value("document.querySelector('[aria-sort]').getAttribute('aria-sort')") == "descending"
    assert chromium.value(f"{bodies}.every(body => body.rows[0].cells.length === 1)")


def test_what_is_folded_away_is_printed(chromium: Chromium, page: Path) -> None:
    chromium.terminal_size(800)
    chromium.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        chromium.open(page)
        seen = "document.querySelector('details .facts li').checkVisibility()"
        assert chromium.value(seen) is False
        chromium.terminal_size(800, medium="print")
        assert chromium.value(seen) is True
    finally:
        chromium.call("Emulation.setScriptExecutionDisabled", value=False)
        chromium.terminal_size(1280)


def axe() -> Path | None:
    """axe-core, from npm (AXE_CORE names the file) or from a package of PyPI that holds it."""
    named = os.environ.get("AXE_CORE")
    if named:
        return Path(named)
    for name in ("axe_playwright_python", "axe_core_python", "axe_selenium_python"):
        found = importlib.util.find_spec(name)
        places = found.submodule_search_locations or [] if found is not None else []
        for place in places:
            script = next(Path(place).rglob("axe*.js"), None)
            if script is not None:
                return script
    return None


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing(chromium: Chromium, page: Path, width: int, scheme: str) -> None:
    script = axe()
    if script is None:
        pytest.skip("no axe-core here (npm install axe-core, and AXE_CORE=.../axe.min.js)")
    chromium.terminal_size(width, scheme)
    chromium.open(page)
    chromium.value("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    chromium.value(f"{script.read_text(encoding='utf-8')};null")
    rules = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"
    found = chromium.value(
        f"axe.run(document, {{runOnly: {rules}}}).then(result => ({{passed: result.passes.length, "
        "broken: result.violations.map(each => [each.id, each.nodes[0].html])}))"
    )
    assert found["broken"] == []
    assert found["passed"] > 15


def test_it_is_painted_in_three_times_what_a_plain_table_takes(chromium: Chromium, tmp_path: Path) -> None:
    markup = shown(many(ROWS), format_="html")
    rows = re.findall("<tr>.*?</tr>", markup[markup.index('<table class="phones') :], re.DOTALL)
    assert len(rows) >= ROWS
    plain = f"<!DOCTYPE html><title>plain</title><table>{''.join(rows)}</table>"
    pages = {"page": written(tmp_path / "page.html", markup), "plain": written(tmp_path / "plain.html", plain)}
    chromium.terminal_size(1280)
    painted = "new Promise(go => requestAnimationFrame(() => requestAnimationFrame(() => go(performance.now()))))"
    took: dict[str, list[float]] = {name: [] for name in pages}
    for _ in range(3):
        for name, path in pages.items():
            chromium.open(path)
            took[name].append(chromium.value(painted))
    assert min(took["page"]) <= 3 * min(took["plain"]), took
