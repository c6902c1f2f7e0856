"""When a capture is looked at again for two clocks, and how much of it memory holds then."""

from pathlib import Path

import pytest

from tests.wire.two_sides import asked, leased, shifted
from tests.wire.wired import write
from ucdiag.capture.aligned_reader import AlignedFileReader
from ucdiag.capture.clock_pairs import ClockSuspicion
from ucdiag.model.observations import Dhcp
from ucdiag.wire.host_filter import HostFilter

SECOND = 1_000_000


def message(kind: str, client: str, seconds: float) -> Dhcp:
    return Dhcp(time=int(seconds * SECOND), type=kind, client=client, transaction="0000002a")  # type: ignore[arg-type]


@pytest.mark.parametrize(("client", "found"), [("02:00:00:00:00:01", True), ("02:00:00:00:00:02", False)])
def test_an_answer_before_its_question_is_one_of_the_same_client(client: str, found: bool) -> None:
    suspicion = ClockSuspicion()
    suspicion.feed(message("offer", "02:00:00:00:00:01", 1))
    suspicion.feed(message("discover", client, 2))
    assert suspicion.is_raised is found


@pytest.mark.parametrize(("most_bytes", "ordered"), [(1_000_000, True), (2000, False)])
def test_what_memory_does_not_hold_is_not_put_in_order(most_bytes: int, ordered: bool, tmp_path: Path) -> None:
    file = tmp_path / "two.pcap"
    write(file, [(packet.time, packet.frame) for packet in shifted([*leased(), *asked()], -3)])
    interest = HostFilter()
    reader = AlignedFileReader(interest, most_bytes=most_bytes)
    assert reader.gather_packets([str(file)]) is ordered
    assert reader.too_large is not ordered
