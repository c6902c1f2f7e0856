"""``ucdiag capture -r`` on DNS over TCP of which the capture lacks packets."""

from pathlib import Path

import pytest

from tests.wire.dns_exchange import NAME, answer, question
from tests.wire.ladder import Ladder, Segment
from tests.wire.wired import RESOLVER, captured, frames, said, write

MAC = "00:04:f2:aa:bb:cc"


def framed(message: bytes) -> bytes:
    return len(message).to_bytes(2, "big") + message


def talk() -> list[Segment]:
    """Two questions over TCP: segments 3 to 6."""
    ladder = Ladder(port=53).opens()
    ladder.says(framed(question("sip.contoso.com", id=1))).answers(framed(answer(name="sip.contoso.com", id=1)))
    ladder.says(framed(question(id=2))).answers(framed(answer(id=2, rcode="NXDOMAIN")))
    return ladder.acknowledges().closes().segments


@pytest.mark.parametrize(
    ("lost", "expected", "findings"),
    [
        ((), ("broken", "dns", "dns-r2-missing"), ["dns-r2-missing"]),
        ((3, 4), ("broken", "dns", "dns-r2-missing"), ["dns-r2-missing"]),
        ((3,), ("broken", "dns", "dns-r2-missing"), ["dns-r2-missing"]),
        ((0, 1, 2, 3), ("broken", "dns", "dns-r2-missing"), ["dns-r2-missing"]),
        ((5,), ("broken", "dns", "dns-r2-missing"), ["dns-r2-missing"]),
        ((6,), ("unknown", "dns", "capture-gap"), ["capture-gap"]),
    ],
)
def test_what_is_left_is_judged(
    lost: tuple[int, ...], expected: tuple[str, str, str | None], findings: list[str], tmp_path: Path
) -> None:
    left = [packet for at, packet in enumerate(talk()) if at not in lost]
    [phone] = captured(write(tmp_path / "gap.pcap", frames(left, RESOLVER)), "--mac", MAC)["phones"]
    assert said(phone) == expected
    assert [finding["code"] for finding in phone["findings"]] == findings


def test_a_lost_answer_says_so(tmp_path: Path) -> None:
    left = [packet for at, packet in enumerate(talk()) if at != 6]
    [phone] = captured(write(tmp_path / "gap.pcap", frames(left, RESOLVER)), "--mac", MAC)["phones"]
    assert NAME in phone["verdict"]["summary"]
    assert "the capture lacks packets of 10.0.0.2" in phone["verdict"]["summary"]
