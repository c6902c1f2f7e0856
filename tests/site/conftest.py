"""The fixtures ``site`` (a new one for each test) and ``shared_site`` (one for a test file)."""

import os
import zlib
from collections.abc import Generator, Iterator, Mapping
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
PARTS = 24  # of the stories, for pytest-xdist: each is played and looked at by one worker


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Whatever is in this folder has real servers, and mostly needs root: no file of it can forget to say so.
    for item in items:
        if _is_here(item.path):
            item.add_marker("site")
            story = _story_of(item)
            if story is not None:
                item.add_marker("stories")
                # With --dist loadgroup. A story is played once for all who look at it.
                item.add_marker(pytest.mark.xdist_group(f"stories-{_part(story)}"))
        if "shared_site" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(item.path.name))


class _Groups:
    """Says so where pytest-xdist cannot hand a group to one worker: 3.8.0 cannot with pytest 9.2.0, and says nothing.

    Each story was played by each worker then.
    """

    @staticmethod
    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
        if hasattr(config, "workerinput") and config.getoption("loadgroup", False):
            for item in items:
                if _story_of(item) is not None and "@" not in item.nodeid:
                    raise pytest.UsageError("this pytest-xdist loses the groups of tests with this pytest")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Groups())


@cache
def _is_here(path: Path) -> bool:
    return path.is_relative_to(_HERE)


def _story_of(item: pytest.Item) -> Story | None:
    if "captures" not in getattr(item, "fixturenames", ()):
        return None
    story = item.callspec.params["story"]  # type: ignore[attr-defined] # who looks at captures names the story
    assert isinstance(story, Story)
    return story


def _part(story: Story) -> int:
    """The same in each process."""
    return zlib.crc32(story.name.encode()) % PARTS


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


class Captures(Mapping[str, Told]):
    """The stories that the selected tests ask for (captures.py), played several at a time: they mostly wait.

    Without pytest-xdist all are played when the first is asked for; with it, the part to which that one belongs.
    """

    def __init__(self, stories: list[Story], folder: Path, in_parts: bool, at_once: int) -> None:
        self._stories = {story.name: story for story in stories}
        self._folder = folder
        self._in_parts = in_parts
        self._at_once = at_once
        self._played: dict[str, Told] = {}

    def __getitem__(self, name: str) -> Told:
        if name not in self._played:
            part = _part(self._stories[name])
            stories = [story for story in self._stories.values() if not self._in_parts or _part(story) == part]
            with ThreadPoolExecutor(self._at_once) as pool:
                played = pool.map(lambda story: tell(story, self._folder), stories)
                self._played.update((told.story.name, told) for told in played)
        return self._played[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._stories)

    def __len__(self) -> int:
        return len(self._stories)


@pytest.fixture(scope="session")
def captures(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Captures:
    _require_site()
    stories = [story for item in request.session.items if (story := _story_of(item)) is not None]
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    return Captures(stories, tmp_path_factory.mktemp("captures"), workers > 1, max(AT_ONCE // workers, 2))
