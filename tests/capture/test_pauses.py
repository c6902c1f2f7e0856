"""Captures that are far apart are not one: nothing is concluded from what did not come between them."""

from pathlib import Path

import pytest

from tests.capture.capture_files import pcap, phones, read
from ucdiag.model.observations import Extent

SECOND = 1_000_000
HOUR = 3600 * SECOND


def pauses(folder: Path, names: list[str], gaps: list[int]) -> list[int]:
    """The lengths of the pauses that are found between captures of these names, so far apart."""
    packets = phones(1, 1, size=2000)
    length = packets[-1][0] - packets[0][0]
    paths, shift = [], 0
    for name, gap in zip(names, [0, *gaps], strict=True):
        shift += gap + (length if paths else 0)
        path = folder / name
        path.write_bytes(pcap([(time + shift, frame) for time, frame in packets]))
        paths.append(path)
    extents = [fact for fact in read(paths) if isinstance(fact, Extent)]
    return [pause.end - pause.time for pause in extents[-1].pauses]


@pytest.mark.parametrize(
    ("names", "gap", "expected"),
    [
        (["a_00001.pcap", "a_00002.pcap"], 13 * HOUR, []),
        (["a_00001.pcap", "a_00002.pcap"], 13 * HOUR + 1, [13 * HOUR + 1]),
        (["monday.pcap", "friday.pcap"], HOUR, []),
        (["monday.pcap", "friday.pcap"], HOUR + 1, [HOUR + 1]),
    ],
)
def test_a_pause_is_noticed_from_its_limit_on(names: list[str], gap: int, expected: list[int], tmp_path: Path) -> None:
    assert pauses(tmp_path, names, [gap]) == expected


def test_each_pause_is_noticed(tmp_path: Path) -> None:
    names = ["monday.pcap", "wednesday.pcap", "friday.pcap"]
    assert pauses(tmp_path, names, [2 * HOUR, 3 * HOUR]) == [2 * HOUR, 3 * HOUR]


def test_one_capture_has_no_pause(tmp_path: Path) -> None:
    assert pauses(tmp_path, ["monday.pcap"], []) == []
