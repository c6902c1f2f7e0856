"""The fixtures ``site`` (a new one for each test) and ``shared_site`` (one for a test file)."""

import os
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pluggy
import pytest

from tests.site.captures import Story, Told, tell
from tests.site.ground import Site
from tests.site.namespaces import unavailable

_HERE = Path(__file__).parent
AT_ONCE = 12  # sites at the same time


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Whatever is in this folder has real servers, and mostly needs root: no file of it can forget to say so.
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker("site")


@cache
def _missing() -> str | None:
    return unavailable()


def _require_site() -> None:
    reason = _missing()
    if reason is not None:
        if os.environ.get("UCDIAG_REQUIRE_REAL") == "1":
            pytest.fail(f"{reason}, and UCDIAG_REQUIRE_REAL=1 says that there must be a test site")
        pytest.skip(reason)


@pytest.fixture
def site() -> Iterator[Site]:
    """A new site, for this test alone."""
    _require_site()
    with Site() as made:
        yield made


@pytest.fixture(scope="module")
def shared_site() -> Iterator[Site]:
    """One site for all tests of a file that asks for it: servers started once."""
    _require_site()
    with Site() as made:
        yield made


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, "pluggy.Result[pytest.TestReport]", None]:
    """Shows what the servers said when a test fails."""
    outcome = yield
    report = outcome.get_result()
    if report.when == "call" and report.failed:
        for made in getattr(item, "funcargs", {}).values():
            if isinstance(made, Site):
                report.sections.append(("Site", made.logs()))


@pytest.fixture(scope="session")
def captures(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Told]:
    """All stories that the selected tests ask for (captures.py), played several at a time: they mostly wait."""
    _require_site()
    stories: dict[str, Story] = {}
    for item in request.session.items:
        story = getattr(item, "callspec", None) and item.callspec.params.get("story")
        if isinstance(story, Story):
            stories[story.name] = story
    folder = tmp_path_factory.mktemp("captures")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return {told.story.name: told for told in pool.map(lambda story: tell(story, folder), stories.values())}
