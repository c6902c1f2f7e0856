"""The prototypes that stand beside ucdiag's times do the work that they are compared for."""

from collections import Counter
from pathlib import Path

import pytest

from tests.bench.floor import read_segments
from tests.bench.floor_judge import Judge
from tests.bench.floor_loops import Held, Mirror, Sifted
from tests.bench.storms import make_boot, make_dhcp_storm, make_dns_mirror
from tests.bench.traffic import make


def test_the_least_judge_names_where_each_path_ends(tmp_path: Path) -> None:
    make_boot(tmp_path / "boot.pcap", 12, broken=10, size=4000)
    judge = Judge()
    read_segments(tmp_path / "boot.pcap", judge)
    assert Counter(line.partition(" ")[2] for line in judge.lines()) == {
        "broken at dhcp: no offer": 1,
        "broken at dhcp: no domain": 1,
        "broken at dns: no address": 2,
        "broken at request: 404": 1,
        "broken at request: no answer": 3,
        # With two phones whose answer has blank addresses, or whose download breaks off: that it does not see.
        "whole": 4,
    }


@pytest.mark.parametrize("name", ["mixed.pcap", "mixed.pcapng"])
def test_the_loop_of_mixed_captures_reads_both_formats(tmp_path: Path, name: str) -> None:
    make(tmp_path / name, packets=3000, phones=4, broken=0, size=2000, pcapng=name.endswith("ng"))
    found = Sifted(tmp_path / name)
    assert (found.seen, len(found.hosts)) == (3000, 4)


def test_the_loop_of_mirrors_learns_who_asks_for_the_update_server(tmp_path: Path) -> None:
    make_dns_mirror(tmp_path / "mirror.pcap", 3000, phones=6, broken=0)
    # One of the six has a tag, and so is among the others.
    assert len(Mirror(tmp_path / "mirror.pcap").hosts) == 5


def test_the_loop_of_storms_keeps_the_last_messages(tmp_path: Path) -> None:
    make_dhcp_storm(tmp_path / "storm.pcap", 8000, phones=6, broken=0)
    found = Held(tmp_path / "storm.pcap")
    assert (found.held, sum(map(len, found.clients.values()))) == (6000, 6000)
    assert (len(found.leases), len(found.phones)) == (2005, 5)
