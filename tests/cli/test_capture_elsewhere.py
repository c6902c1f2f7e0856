"""``ucdiag capture -r`` on DNS answers from another address or port than was asked."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.bench.traffic import dns_answer, dns_question, ethernet, ipv4, udp
from tests.wire.ladder import PHONE_MAC, POOL_MAC, START, Ladder
from tests.wire.wired import NOTHING_NEWER, PHONE, POOL, POST, RESOLVER, Packet, captured, frames, said, write
from ucdiag.cli.main import cli

NAME = "ucupdates-r2.contoso.com"
OTHER = "10.0.0.3"
SECOND = 1_000_000
BROKEN = ("broken", "dns", "dns-answer-from-elsewhere")
WHOLE = ("whole", None, "no-update-offered")


def asks(at: int, number: int = 7, to: str = RESOLVER) -> Packet:
    packet = ipv4(PHONE, to, 17, udp(50000, 53, dns_question(number, NAME)))
    return at, ethernet(PHONE_MAC, POOL_MAC, 0x0800, packet)


def told(at: int, source: str, port: int = 53, number: int = 7, address: str | None = POOL, rcode: int = 0) -> Packet:
    packet = ipv4(source, PHONE, 17, udp(port, 50000, dns_answer(number, NAME, address, rcode)))
    return at, ethernet(POOL_MAC, PHONE_MAC, 0x0800, packet)


def again(source: str, port: int = 53, **how: int) -> list[Packet]:
    """Three questions, each with that answer, before the ladder begins."""
    times = [START - (4 - number) * SECOND for number in range(3)]
    return [packet for at in times for packet in (asks(at), told(at + 2000, source, port, **how))]


UPDATE = frames(Ladder().opens().says(POST).answers(NOTHING_NEWER).closes().segments)


@pytest.mark.parametrize(
    ("packets", "expected", "found"),
    [
        (again(OTHER), BROKEN, ["dns-answer-from-elsewhere"]),
        (again(RESOLVER, 5300), BROKEN, ["dns-answer-from-elsewhere"]),
        (again(OTHER, 5300), BROKEN, ["dns-answer-from-elsewhere"]),
        (again(OTHER, rcode=3), BROKEN, ["dns-answer-from-elsewhere"]),
        ([asks(START - SECOND), told(START - 900_000, OTHER), *UPDATE], WHOLE, ["no-update-offered"]),
        ([asks(START - SECOND), told(START - 900_000, RESOLVER, 5300), *UPDATE], WHOLE, ["no-update-offered"]),
        ([told(START - SECOND, OTHER), asks(START - 990_000), *UPDATE], WHOLE, ["no-update-offered"]),
        ([*again(OTHER), told(START - 10, RESOLVER), *UPDATE], WHOLE, ["no-update-offered"]),
        # Made up by somebody: another identifier.
        ([*again(OTHER, number=99), told(START - 10, RESOLVER), *UPDATE], WHOLE, ["no-update-offered"]),
        (again(OTHER, number=99), ("broken", "dns", "dns-no-answer"), ["dns-no-answer"]),
        (again(OTHER, 5300, number=99), ("broken", "dns", "dns-no-answer"), ["dns-no-answer"]),
    ],
)
def test_an_answer_from_elsewhere(
    packets: list[Packet], expected: tuple[str, str | None, str], found: list[str], tmp_path: Path
) -> None:
    path = write(tmp_path / "elsewhere.pcap", sorted(packets))
    report = captured(path)
    [phone] = report["phones"]
    assert said(phone) == expected
    assert [finding["code"] for finding in phone["findings"]] == found
    assert {observation["server"] for observation in phone["observations"] if observation["kind"] == "lookup"} == {
        RESOLVER
    }
    # What a copy keeps says the same.
    copy = tmp_path / "copy.pcapng"
    assert said(captured(path, "-w", str(copy))["phones"][0]) == expected
    assert said(captured(copy)["phones"][0]) == expected


@pytest.mark.parametrize("port", [53, 5300])
def test_no_line_says_that_the_other_address_was_asked(port: int, tmp_path: Path) -> None:
    path = write(tmp_path / "elsewhere.pcap", again(OTHER, port))
    text = CliRunner().invoke(cli, ["capture", "-v", "-r", str(path)]).stdout
    assert f"asked {OTHER}" not in text
    assert f"to {OTHER}" not in text
    assert "DNS 2" not in text
    assert "dns-answer-from-elsewhere" in text


def test_the_facts_name_both_addresses(tmp_path: Path) -> None:
    path = write(tmp_path / "elsewhere.pcap", again(OTHER, 5300))
    lines = CliRunner().invoke(cli, ["capture", "--facts", "-r", str(path)]).stdout.splitlines()
    facts = [json.loads(line) for line in lines]
    assert [(fact["frame"], fact["answer_frame"], fact["server"], fact["answer_from"]) for fact in facts] == [
        (1, 2, RESOLVER, OTHER),
        (3, 4, RESOLVER, OTHER),
        (5, 6, RESOLVER, OTHER),
    ]
    assert {fact["answer_from_port"] for fact in facts} == {5300}
