"""A file of targets is read up to its limit, and no further."""

from pathlib import Path

import pytest

from ucdiag.fleet import targets


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> int:
    limit = 1 << 20
    monkeypatch.setattr(targets, "LARGEST", limit)
    return limit


def test_a_file_as_large_as_can_be_is_read(small: int, tmp_path: Path) -> None:
    path = tmp_path / "targets.txt"
    path.write_text("#" * (small - 19) + "\n00:04:f2:aa:bb:cc\n")
    assert path.stat().st_size == small
    assert targets.read_targets(str(path), ("mac", "domain"))


def test_a_larger_one_is_refused(small: int, tmp_path: Path) -> None:
    path = tmp_path / "targets.txt"
    path.write_text("#" * (small - 18) + "\n00:04:f2:aa:bb:cc\n")
    with pytest.raises(ValueError, match="it is larger than 1 MiB"):
        targets.read_targets(str(path), ("mac", "domain"))


def test_it_is_64_mib(tmp_path: Path) -> None:
    path = tmp_path / "targets.txt"
    with path.open("wb") as file:
        file.truncate((64 << 20) + 1)  # without a block on the disk
    with pytest.raises(ValueError, match="it is larger than 64 MiB"):
        targets.read_targets(str(path), ("mac", "domain"))


def test_the_name_of_the_server_is_no_domain(tmp_path: Path) -> None:
    path = tmp_path / "targets.txt"
    path.write_text("contoso.com\nucupdates-r2.fabrikam.com\n")
    found = targets.read_targets(str(path), ("domain",))
    assert [target.domain for target in found.targets] == ["contoso.com"]
    (bad,) = found.bad
    assert "give the domain alone: fabrikam.com" in bad.why
