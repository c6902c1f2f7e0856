"""The filter that libpcap and Npcap get, and the order in which facts are written."""

import tempfile

import pytest

from ucdiag.capture import frame_order
from ucdiag.capture.bpf import pcap_expressions
from ucdiag.capture.frame_order import FactSorter
from ucdiag.runtime.context import CannotTest
from ucdiag.wire.link.link_layer import WRAPPERS
from ucdiag.wire.watched import OWN_TCP_PORTS, TUNNEL_PROTOCOLS, UDP_PORTS

# A response with one question, whose first label is as long as ucupdates-r2 or ucupdates and begins with "uc".
DNS_ANSWER = (
    "(udp[10:2] & 0x8000 != 0 and udp[12:2] = 1 and (udp[20] = 12 or udp[20] = 9) and udp[21:2] & 0xdfdf = 0x5543)"
)


def test_the_filter_for_libpcap_passes_what_matters() -> None:
    tagged, plain = pcap_expressions([8080, 80])
    assert tagged == f"({plain}) or (vlan and ({plain}))"
    parts = plain.split(" or ")
    assert parts[:3] == ["arp", "ip[6:2] & 0x3fff != 0", "icmp"]
    assert [part for part in parts if part.startswith("udp port")] == [f"udp port {port}" for port in sorted(UDP_PORTS)]
    own = sorted({*OWN_TCP_PORTS, 80, 8080})
    assert [part for part in parts if part.startswith("tcp port")] == [f"tcp port {port}" for port in own]
    assert {f"ether proto {kind:#06x}" for kind in WRAPPERS} <= set(parts)
    assert {f"ip proto {protocol}" for protocol in TUNNEL_PROTOCOLS} <= set(parts)
    assert {53, 67, 68} <= UDP_PORTS
    assert DNS_ANSWER in plain


def written(limit: int, *lines: tuple[int, int]) -> list[str]:
    out: list[str] = []
    sorter = FactSorter(out.append, limit)
    for frame, time in lines:
        sorter.add_line(frame, time, f"{frame} {time}")
    sorter.finish()
    return out


LINES = [(number * 37 % 101, number) for number in range(150)]


@pytest.mark.parametrize("limit", [1, 2, 7, 149, 150, 1000])
def test_lines_come_in_the_order_of_frames_and_of_arrival(limit: int) -> None:
    expected = [f"{frame} {time}\n" for frame, time in sorted(LINES, key=lambda line: line[0])]
    assert written(limit, *LINES) == expected


def test_in_a_capture_that_goes_on_what_is_old_is_written_at_once() -> None:
    out: list[str] = []
    sorter = FactSorter(out.append, 10)
    for frame, time in [(3, 30), (1, 10), (2, 20)]:
        sorter.add_line(frame, time, str(frame))
    sorter.write_before(10)
    assert out == []
    sorter.write_before(21)
    assert out == ["1\n", "2\n"]
    sorter.write_before(21)
    sorter.finish()
    assert out == ["1\n", "2\n", "3\n"]


def test_once_files_are_needed_nothing_is_written_before_the_end() -> None:
    out: list[str] = []
    sorter = FactSorter(out.append, 1)
    sorter.add_line(2, 20, "b")
    sorter.add_line(1, 10, "a")
    sorter.write_before(100)
    assert out == []
    sorter.finish()
    assert out == ["a\n", "b\n"]
    # What was written is forgotten.
    sorter.finish()
    assert out == ["a\n", "b\n"]


def test_closed_it_writes_nothing_more() -> None:
    out: list[str] = []
    sorter = FactSorter(out.append, 1)
    sorter.add_line(1, 1, "a")
    sorter.add_line(2, 2, "b")
    sorter.close()
    sorter.finish()
    assert out == []


def test_where_no_file_can_be_written_the_lines_up_to_there_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    out: list[str] = []
    sorter = FactSorter(out.append, 2)
    sorter.add_line(2, 2, "b")
    sorter.add_line(1, 1, "a")
    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(CannotTest) as raised:
        sorter.add_line(3, 3, "c")
    assert "No space left on device" in str(raised.value)
    assert "TMPDIR" in str(raised.value)
    sorter.finish()
    assert out == ["a\n", "b\n"]
    assert frame_order.MAX_HELD == 4096
