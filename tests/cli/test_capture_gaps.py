"""``ucdiag capture -r`` on captures that lack packets: what the acknowledgements prove is no failure."""

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.capture.capture_files import block, pcapng
from tests.wire.ladder import Ladder, Segment
from tests.wire.wired import (
    NOTHING_NEWER,
    POST,
    SECOND,
    captured,
    frames,
    judged,
    later,
    question,
    response,
    said,
    write,
)
from ucdiag.capture.file_reader import CaptureFileReader
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phone_tracker import PhoneTracker
from ucdiag.model.observations import Observation
from ucdiag.wire.host_filter import HostFilter

NOT_KNOWN = ("unknown", "request", "capture-gap")
WHOLE = ("whole", None, "no-update-offered")
NAMES = ("syn", "syn-ack", "ack", "post", "answer", "thanks", "server-fin", "phone-fin", "last-ack")


def healthy() -> list[Segment]:
    """An update request with its answer, in the order of ``NAMES``."""
    return Ladder().opens().says(POST).answers(NOTHING_NEWER).acknowledges().closes().segments


def without(*names: str) -> list[Segment]:
    return [packet for packet, name in zip(healthy(), NAMES, strict=True) if name not in names]


def client_only() -> list[Segment]:
    return [observation for observation in healthy() if observation.up]


def server_only() -> list[Segment]:
    return [observation for observation in healthy() if not observation.up]


def wrapped() -> list[Segment]:
    ladder = Ladder(up=2**32 - 30, down=2**32 - 30).opens().says(POST).answers(NOTHING_NEWER).acknowledges().closes()
    return ladder.segments[:4] + ladder.segments[6:]


def reset_behind() -> list[Segment]:
    """The server answers, unseen, and resets."""
    return Ladder().opens().says(POST).loses(len(NOTHING_NEWER)).resets().segments


def client_reset_behind() -> list[Segment]:
    ladder = Ladder().opens().says(POST).loses(len(NOTHING_NEWER)).resets(server=False)
    return ladder.segments


def all_but_opening_and_end() -> list[Segment]:
    return without("syn-ack", "ack", "post", "answer", "thanks", "server-fin", "last-ack")


def second_exchange_unseen() -> list[Segment]:
    """NTLM: of the first request and its 401 all is there, of the second and its 200 nothing."""
    refused = response(b"no", "401 Unauthorized")
    ladder = Ladder().opens().says(POST).answers(refused).acknowledges()
    return ladder.loses(len(POST), server=False).loses(len(NOTHING_NEWER)).closes().segments


def second_request_unseen() -> list[Segment]:
    refused = response(b"no", "401 Unauthorized")
    ladder = Ladder().opens().says(POST).answers(refused).acknowledges()
    return ladder.loses(len(POST), server=False).answers(NOTHING_NEWER).acknowledges().closes().segments


def second_answer_unseen() -> list[Segment]:
    refused = response(b"no", "401 Unauthorized")
    ladder = Ladder().opens().says(POST).answers(refused).acknowledges().says(POST)
    return ladder.loses(len(NOTHING_NEWER)).acknowledges().closes().segments


@pytest.mark.parametrize(
    ("story", "segments"),
    [
        ("the answer", without("answer")),
        ("the answer and its acknowledgement", without("answer", "thanks")),
        ("all of the server but the FIN", without("syn-ack", "answer", "last-ack")),
        ("the answer and all ends", without("answer", "server-fin", "phone-fin", "last-ack")),
        ("the answer and the server's FIN", without("answer", "thanks", "server-fin", "last-ack")),
        ("the opening too", without("syn", "syn-ack", "ack", "answer")),
        ("the request", without("post")),
        ("the request and the opening's end", without("syn-ack", "ack", "post")),
        ("request and answer", without("post", "answer")),
        ("across the end of the sequence numbers", wrapped()),
        ("the answer before a reset", reset_behind()),
        ("the answer before the phone's reset", client_reset_behind()),
        ("the second exchange", second_exchange_unseen()),
        ("the second request", second_request_unseen()),
        ("the second answer", second_answer_unseen()),
    ],
)
def test_what_the_capture_lacks_is_no_failure(story: str, segments: list[Segment], tmp_path: Path) -> None:
    phone = judged(tmp_path / "gap.pcap", segments)
    assert said(phone) == NOT_KNOWN, story
    assert [finding["code"] for finding in phone["findings"]] == ["capture-gap"]
    text = phone["verdict"]["summary"]
    assert "is not known" in text
    assert "capture again" in text
    assert phone["steps"][2]["status"] in ("ok", "not-seen")


@pytest.mark.parametrize(
    ("story", "segments"),
    [
        ("all but the request and the last acknowledgement", without(*(set(NAMES) - {"syn", "post", "last-ack"}))),
        ("all but the SYN and the phone's FIN", all_but_opening_and_end()),
        ("the server's direction", client_only()),
        ("the phone's direction", server_only()),
    ],
)
def test_one_direction_of_the_connection_alone_proves_nothing(
    story: str, segments: list[Segment], tmp_path: Path
) -> None:
    phone = judged(tmp_path / "gap.pcap", segments)
    assert said(phone) == ("unknown", "request", "capture-one-direction"), story
    assert [finding["code"] for finding in phone["findings"]] == ["capture-one-direction"]
    assert "mirror both directions" in phone["verdict"]["summary"]
    assert phone["steps"][2]["status"] in ("ok", "not-seen")


@pytest.mark.parametrize("segments", [without("answer"), without("answer", "thanks"), wrapped()])
def test_the_missing_bytes_are_counted(segments: list[Segment], tmp_path: Path) -> None:
    phone = judged(tmp_path / "gap.pcap", segments)
    exchange = next(observation for observation in phone["observations"] if observation["kind"] == "http")
    assert (exchange["lost_bytes"], exchange["snapped"]) == (len(NOTHING_NEWER), False)


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        (Ladder().opens().says(POST).acknowledges(server=True).closes().segments, ("broken", "request", "http-closed")),
        (Ladder().opens().says(POST).acknowledges(server=True).resets().segments, ("broken", "request", "http-closed")),
        (Ladder().opens().says(POST).closes().segments, ("broken", "request", "http-closed")),
        (
            Ladder().opens().says(POST).answers(NOTHING_NEWER[:40]).acknowledges().closes().segments,
            ("broken", "request", "http-closed"),
        ),
        (Ladder().opens().says(POST).acknowledges(server=True).segments, ("broken", "request", "http-no-answer")),
        # A firewall made the reset up: it does not stand where the server's bytes end.
        (
            Ladder().opens().says(POST).acknowledges(server=True).loses(3_000_000_00).resets().segments,
            ("broken", "request", "http-closed"),
        ),
        (Ladder().asks().segments, ("broken", "connect", "connect-no-answer")),
        (Ladder().asks().refuses().segments, ("broken", "connect", "connect-refused")),
        (healthy(), WHOLE),
        (without("last-ack"), WHOLE),
        (without("syn-ack"), WHOLE),
        (without("ack", "server-fin", "phone-fin", "last-ack"), WHOLE),
    ],
)
def test_what_is_there_is_judged_as_ever(
    segments: list[Segment], expected: tuple[str, str | None, str | None], tmp_path: Path
) -> None:
    assert said(judged(tmp_path / "gap.pcap", segments)) == expected


def test_an_answer_that_the_network_lost_was_no_answer(tmp_path: Path) -> None:
    """The FIN overtakes an answer that never comes; the phone says so, twice, and gives up."""
    ladder = Ladder().opens().says(POST).acknowledges(server=True)
    at = ladder.down
    ladder.loses(len(NOTHING_NEWER)).server_fin()
    ladder.down = at
    segments = ladder.acknowledges().waits(2).acknowledges().waits(6).client_fin().segments
    assert said(judged(tmp_path / "gap.pcap", segments)) == ("broken", "request", "http-no-answer")


def test_a_response_after_a_loss_answers_the_last_request(tmp_path: Path) -> None:
    """NTLM: the 401 is not in the capture; the success is the second request's, and nothing is held against it."""
    refused = len(response(b"no", "401 Unauthorized"))
    ladder = Ladder().opens().says(POST).loses(refused).says(POST).answers(NOTHING_NEWER).acknowledges()
    phone = judged(tmp_path / "gap.pcap", ladder.acknowledges().closes().segments)
    assert said(phone) == WHOLE
    assert [finding["code"] for finding in phone["findings"]] == ["no-update-offered"]
    exchanges = [observation for observation in phone["observations"] if observation["kind"] == "http"]
    assert [(exchange["status"], exchange["failure"]) for exchange in exchanges] == [(None, None), (200, None)]


def subsets() -> Iterator[tuple[set[str], list[Segment]]]:
    segments = healthy()
    for mask in range(1 << len(segments)):
        kept = [number for number in range(len(segments)) if mask >> number & 1]
        yield {NAMES[number] for number in kept}, [segments[number] for number in kept]


def quickly(path: Path) -> Callable[[list[Segment]], tuple[str, str | None]]:
    """As ``judged``, without the command around it."""

    def judge(segments: list[Segment]) -> tuple[str, str | None]:
        write(path, [*question(), *frames(segments)])
        reading = CaptureFileReader(HostFilter())
        fleet = PhoneTracker(DiagnosisOptions(from_capture=True))
        for observation in reading.read([str(path)]):
            if isinstance(observation, Observation):
                fleet.feed(observation)
        (report,) = fleet.finish(reading.last or 0)
        return report.verdict.status.value, report.verdict.code

    return judge


@pytest.mark.slow
def test_whatever_is_missing_of_a_healthy_exchange_it_is_never_broken(tmp_path: Path) -> None:
    """All 512 captures that one can have of it. Only what stands alone proves nothing: nobody can tell it from a SYN
    or a request that was not answered."""
    judge = quickly(tmp_path / "gap.pcap")
    opening = {"syn", "syn-ack", "ack"}
    for kept, segments in subsets():
        status, code = judge(segments)
        if kept == {"syn"}:
            assert (status, code) == ("broken", "connect-no-answer")
        elif kept - opening == {"post"} and kept & {"syn", "syn-ack"} != {"syn"}:
            assert (status, code) == ("broken", "http-no-answer")
        else:
            assert status != "broken", (kept, code)
        if {"post", "answer"} <= kept:
            assert status == "whole", kept


HELLO = b"\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x01" + bytes(32) + b"\x00\x00\x04\x00\x2f\x00\x0a\x01\x00"
SERVER_HELLO = b"\x16\x03\x01\x00\x2a\x02\x00\x00\x26\x03\x01" + bytes(32) + b"\x00\x00\x2f\x00"


def shaking() -> Ladder:
    return Ladder(port=443).opens()


@pytest.mark.parametrize(
    ("story", "segments"),
    [
        ("the phone goes on", shaking().says(HELLO).loses(3000).acknowledges().acknowledges().segments),
        ("the phone hangs up", shaking().says(HELLO).loses(3000).acknowledges().waits(3).hangs_up().segments),
        ("the phone resets", shaking().says(HELLO).loses(3000).resets(server=False).segments),
        ("the server hangs up", shaking().says(HELLO).loses(3000).closes().segments),
        ("the hello", shaking().loses(60, server=False).answers(SERVER_HELLO[:20]).acknowledges().closes().segments),
    ],
)
def test_a_handshake_that_the_capture_lacks_is_no_failure(story: str, segments: list[Segment], tmp_path: Path) -> None:
    phone = judged(tmp_path / "gap.pcap", segments)
    assert said(phone) == ("unknown", "tls", "capture-gap"), story
    assert "capture again" in phone["verdict"]["summary"]
    assert [finding["code"] for finding in phone["findings"]] == ["capture-gap"]


@pytest.mark.parametrize(
    ("segments", "code"),
    [
        (shaking().says(HELLO).acknowledges(server=True).segments, "tls-no-answer"),
        (shaking().says(HELLO).acknowledges(server=True).waits(3).hangs_up().segments, "tls-no-answer"),
        (shaking().says(HELLO).acknowledges(server=True).closes().segments, "tls-handshake"),
    ],
)
def test_a_handshake_that_fails_is_reported_as_ever(segments: list[Segment], code: str, tmp_path: Path) -> None:
    assert said(judged(tmp_path / "gap.pcap", segments)) == ("broken", "tls", code)


def test_a_handshake_that_the_snap_length_cut_says_so(tmp_path: Path) -> None:
    segments = shaking().says(HELLO).answers(SERVER_HELLO).closes().segments
    phone = judged(tmp_path / "gap.pcap", segments, snap=100)
    assert said(phone) == ("unknown", "tls", "capture-gap")
    assert "tcpdump -s 0" in phone["verdict"]["summary"]
    assert [problem["code"] for problem in phone["problems"]] == ["packets-cut"]


@pytest.mark.parametrize(
    ("lost", "expected"), [(0, ("broken", "request", "http-no-answer")), (9, ("unknown", "request", "capture-gap"))]
)
def test_a_silence_in_a_capture_that_counts_its_losses(
    tmp_path: Path, lost: int, expected: tuple[str, str, str]
) -> None:
    """The statistics of dumpcap: what the interface dropped (pcapng, option isb_ifdrop)."""
    ladder = Ladder().opens().says(POST)
    asked = ladder.segments[-1]
    ladder.acknowledges(server=True)
    packets = [*question(), *frames(ladder.segments)]
    told = block("<", 5, struct.pack("<IIIHHQ", 0, 0, 0, 5, 8, lost))
    file = tmp_path / "phone.pcapng"
    file.write_bytes(pcapng([*packets, later(asked.time + 60 * SECOND)]) + told)
    report = captured(file)
    (phone,) = report["phones"]
    assert said(phone) == expected
    assert [problem["code"] for problem in report["problems"]] == (["packets-lost"] if lost else [])
