"""Which packages are judged together, and how many of their mutants the fast tests have to kill."""

from dataclasses import dataclass
from pathlib import Path

# Where the fast tests are: no root, no servers of others.
TESTS = ("tests",)
NOT_FAST = ("tests/site", "tests/bench", "tests/fuzz", "tests/mutate", "tests/compare")
# And which of them: those of "make fast", since the slow ones would take most of the time that measuring takes. What
# only they notice counts as missed, but for those that are slow by their number alone and say so (``short``): of a
# process that is forked for its work no other test sees the inside.
MARKS = "not site and not tools and (not slow or short)"
SOURCE = "ucdiag"


@dataclass(frozen=True)
class Group:
    """Python files under ``paths`` that no earlier group has; ``bound`` is in percent."""

    name: str
    paths: tuple[str, ...]
    bound: int


GROUPS = (
    Group("judge", ("ucdiag/diagnosis",), 90),
    Group("decoders", ("ucdiag/wire", "ucdiag/update_service"), 90),
    Group("leases", ("ucdiag/leases",), 90),
    Group("elsewhere", (SOURCE,), 85),
)


class MissingError(Exception):
    """A path of the table, or one given by the user, is not there."""


def check(root: Path, groups: tuple[Group, ...] = GROUPS) -> None:
    """Raises `MissingError` if a path of the table is not there or has no Python: correct the table."""
    for group in groups:
        for path in group.paths:
            if not any((root / path).rglob("*.py")):
                raise MissingError(f"{path}, of the group {group.name}, has no Python files: correct {__name__}")
    for path in (*TESTS, SOURCE):
        if not (root / path).is_dir():
            raise MissingError(f"{path} is no folder: correct {__name__}")
    # tests/compare may be one file.
    for path in NOT_FAST:
        if not (root / path).is_dir() and not (root / f"{path}.py").is_file():
            raise MissingError(f"{path} is no folder of tests: correct {__name__}")


def files(root: Path, only: tuple[str, ...] = (), groups: tuple[Group, ...] = GROUPS) -> dict[str, list[str]]:
    """The files of each group, sorted, as paths from ``root``; with ``only`` those at or under one of these paths."""
    check(root, groups)
    for path in only:
        if not (root / path).exists():
            raise MissingError(f"{path} does not exist")
    left = {str(path.relative_to(root)) for path in (root / SOURCE).rglob("*.py")}
    wanted = {name for name in left if not only or any(Path(name).is_relative_to(path) for path in only)}
    if not wanted:
        raise MissingError(f"no Python of {SOURCE} at {' '.join(only)}")
    result = {}
    for group in groups:
        mine = sorted(name for name in left if any(Path(name).is_relative_to(path) for path in group.paths))
        left.difference_update(mine)
        result[group.name] = [name for name in mine if name in wanted]
    return result


def fast_tests(root: Path) -> list[str]:
    """Every file of fast tests, the largest first."""
    found = [
        path
        for start in TESTS
        for path in (root / start).rglob("test_*.py")
        if not any(path.is_relative_to(root / folder) for folder in NOT_FAST)
    ]
    return [str(path.relative_to(root)) for path in sorted(found, key=lambda path: -path.stat().st_size)]
