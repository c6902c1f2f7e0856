"""Phones that leave memory: kept whole, found by each of their keys, gone with the program."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.recorded_calls import Noted
from ucdiag.runtime.phone_archive import PhoneArchive


@pytest.fixture
def archive() -> Iterator[PhoneArchive]:
    with closing(PhoneArchive()) as made:
        yield made


def test_a_phone_is_found_by_each_of_its_keys_once(archive: PhoneArchive) -> None:
    archive.put(5, ["mac a", "ip 1"], {"facts": [1, 2]})
    archive.put(6, ["mac b"], "other")
    assert len(archive) == 2
    assert archive.take("ip 1") == {"facts": [1, 2]}
    assert archive.take("mac a") is None
    assert archive.take("mac b") == "other"
    assert len(archive) == 0


def test_a_phone_that_comes_again_is_found_as_it_is_now(archive: PhoneArchive) -> None:
    archive.put(5, ["mac a", "ip 1"], "first")
    archive.take("mac a")
    archive.put(5, ["mac a", "ip 2"], "second")
    assert archive.take("ip 1") is None
    assert archive.take("ip 2") == "second"


def test_nothing_is_found_in_an_empty_one(archive: PhoneArchive) -> None:
    assert archive.take("mac a") is None
    assert list(archive.phones()) == []


def test_they_come_in_the_order_in_which_they_were_first_seen(archive: PhoneArchive) -> None:
    for first_seen, name in ((30, "c"), (10, "a"), (20, "b"), (10, "d")):
        archive.put(first_seen, [name], name)
    assert list(archive.phones()) == [(10, "a"), (10, "d"), (20, "b"), (30, "c")]


def test_no_file_of_it_can_be_seen(archive: PhoneArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for number in range(200):
        archive.put(number, [f"mac {number}"], os.urandom(20_000))
    assert sum(data is not None for _, data in archive.phones()) == 200
    assert list(tmp_path.iterdir()) == []


def test_without_a_folder_for_it_there_is_a_reason(archive: PhoneArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    with pytest.raises(OSError, match="the temporary file of phones: No such file or directory"):
        archive.put(1, ["mac a"], "phone")
    assert archive.take("mac a") is None


_FULL = """
import os, resource, sys
from tests.recorded_calls import Noted
from ucdiag.runtime.phone_archive import PhoneArchive
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
archive = PhoneArchive()
kept = 0
try:
    for number in range(1000):
        archive.put(number, [f"mac {number}"], os.urandom(20_000))
        kept += 1
except OSError as error:
    print(error)
print(kept == 4, len(archive) == kept, [first for first, _ in archive.phones()] == list(range(kept)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of the size of a file")
def test_a_full_disk_is_an_error_with_its_reason_and_loses_nothing() -> None:
    done = subprocess.run([sys.executable, "-c", _FULL], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines()[0].startswith("the temporary file of phones: File too large")
    assert done.stdout.splitlines()[1] == "True True True", done


def test_thousands_come_and_go_and_each_is_found_by_its_own_keys(archive: PhoneArchive) -> None:
    kept: dict[int, int] = {}
    for turn in range(3):
        for number in range(3000):
            if number in kept:
                assert archive.take(f"{'mac' if number % 2 else 'ip'} {number}") == kept.pop(number)
            if number % 7 != turn:
                archive.put(number, [f"mac {number}", f"ip {number}"], number + turn)
                kept[number] = number + turn
    assert len(archive) == len(kept)
    assert list(archive.phones()) == sorted(kept.items())
    assert archive.take("mac 3000") is None


def test_a_phone_is_found_by_each_of_very_many_keys(archive: PhoneArchive) -> None:
    keys = [f"ip {number}" for number in range(20_000)]
    archive.put(1, keys, "many")
    archive.put(2, ["mac b"], "other")
    assert archive.take(keys[-1]) == "many"
    assert [archive.take(keys[0]), archive.take("mac b")] == [None, "other"]


@pytest.mark.parametrize("size", [8 << 10, (8 << 10) + 1, 100_000])
def test_a_phone_with_many_facts_comes_back_whole(size: int, archive: PhoneArchive) -> None:
    archive.put(5, ["before"], "b")
    archive.put(6, ["many"], "x" * size)
    archive.put(7, ["after"], "a")
    assert [archive.take(name) for name in ("many", "before", "after")] == ["x" * size, "b", "a"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(5, "Input/output error"), "the temporary file of phones: Input/output error"),
        (OSError("no words"), "the temporary file of phones: no words"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    error: OSError, said: str, archive: PhoneArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.put(5, ["one"], "x")
    file = Noted(archive._file, read=error)
    monkeypatch.setattr(archive, "_file", file)
    with pytest.raises(OSError, match=f"^{said}$"):
        archive.take("one")


@pytest.mark.parametrize("left", [0, 3, 20])
def test_a_file_that_is_shorter_than_it_was_is_an_error(left: int, archive: PhoneArchive) -> None:
    archive.put(5, ["one"], "x" * 50)
    list(archive.phones())
    assert archive._file is not None
    archive._file.flush()
    archive._file.truncate(left)
    with pytest.raises(OSError, match=r"^the temporary file of phones: it is shorter than it was$"):
        archive.take("one")
