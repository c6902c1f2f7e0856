"""``--max-time`` where no answer is waited for: captures that come slowly, logs that grow, the lab."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.bench.large_site import make_site
from tests.server_logs.log_samples import HEADER, MAC, audit
from ucdiag.cli.main import cli
from ucdiag.runtime.run_limit import RunLimit

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes"),
]


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words, prog_name="ucdiag")


def problems(report: dict[str, Any]) -> list[str]:
    return [problem["code"] for problem in report["problems"]]


@contextmanager
def stuck_pipe(path: Path, data: bytes) -> Iterator[str]:
    """A pipe that gives these bytes, and then neither more nor its end."""
    os.mkfifo(path)
    handle = os.open(path, os.O_RDWR)
    try:
        assert os.write(handle, data) == len(data)
        yield str(path)
    finally:
        os.close(handle)


@pytest.fixture(scope="module", params=[0, 2])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, bytes]:
    """How many phones are broken, and their capture."""
    path = tmp_path_factory.mktemp("site") / "site.pcap"
    make_site(path, phones=8, broken=request.param)
    return request.param, path.read_bytes()


def test_a_capture_that_stops_coming_is_judged_as_far_as_it_came(site: tuple[int, bytes], tmp_path: Path) -> None:
    broken, data = site
    with stuck_pipe(tmp_path / "pipe.pcap", data) as pipe:
        done = run("capture", "-r", pipe, "--json", "--max-time", "3")
    report = json.loads(done.stdout)
    assert problems(report) == ["max-time"]
    assert len(report["phones"]) == 8
    # What is broken is broken; what is whole as far as it was seen is not known to be.
    assert (done.exit_code, report["verdict"]["status"]) == ((1, "broken") if broken else (3, "unknown"))


@pytest.mark.parametrize(
    "data", [b"", b"\xd4\xc3\xb2\xa1\2\0\4\0" + bytes(8) + b"\0\0\4\0\1\0\0\0"], ids=["nothing", "a head"]
)
def test_of_a_capture_that_does_not_begin_nothing_is_said(data: bytes, tmp_path: Path) -> None:
    """Whether it is empty is not known."""
    with stuck_pipe(tmp_path / "pipe.pcap", data) as pipe:
        done = run("capture", "-r", pipe, "--json", "--max-time", "1")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["verdict"]["status"], report["verdict"]["code"]) == (3, "unknown", "max-time")
    assert problems(report) == ["max-time"]


def test_facts_of_such_a_capture_are_not_all(site: tuple[int, bytes], tmp_path: Path) -> None:
    with stuck_pipe(tmp_path / "pipe.pcap", site[1]) as pipe:
        done = run("capture", "-r", pipe, "--facts", "--max-time", "3")
    assert done.exit_code == 3
    assert json.loads(done.stdout.splitlines()[0])["kind"] == "dhcp"
    assert "the time of 3 seconds for the whole run was over" in done.stderr


def test_what_is_read_in_time_is_whole(tmp_path: Path) -> None:
    make_site(tmp_path / "site.pcap", phones=2, broken=0)
    done = run("capture", str(tmp_path / "site.pcap"), "--json", "--max-time", "600")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["verdict"]["status"], problems(report)) == (0, "whole", [])


def logged(path: Path) -> str:
    path.write_text("\r\n".join([HEADER, audit(), ""]))
    return str(path)


def test_logs_that_do_not_end_say_nothing_of_who_is_not_in_them(tmp_path: Path) -> None:
    log = logged(tmp_path / "RequestHandlerAuditLog_FE01_2026-11-27.log")
    with stuck_pipe(tmp_path / "u_ex261127.log", b"#Software: Microsoft Internet Information Services\r\n") as pipe:
        done = run("logs", log, pipe, "--mac", "00:04:f2:00:00:99", "--json", "--max-time", "2")
    assert (done.exit_code, problems(json.loads(done.stdout))) == (3, ["max-time"])


def test_following_ends_with_a_verdict(tmp_path: Path) -> None:
    log = logged(tmp_path / "RequestHandlerAuditLog_FE01_2026-11-27.log")
    done = run("logs", log, "--follow", "--json", "--max-time", "3")
    report = json.loads(done.stdout)
    assert (done.exit_code, problems(report)) == (0, [])
    assert report["phones"][0]["phone"]["mac"] == MAC


def test_a_scenario_that_takes_longer_is_not_compared() -> None:
    done = run("lab", "dns-no-answer", "-t", "60", "--max-time", "2", "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["verdict"]["status"], problems(report)) == (3, "unknown", ["max-time"])
    assert "a bug" not in done.stderr


def test_a_lab_that_is_served_ends() -> None:
    done = run("lab", "whole", "--serve", "--max-time", "1")
    assert done.exit_code == 0
    assert done.stdout.endswith("Stopped, because its time was over.\n")


def test_its_end_comes_as_a_signal_would_and_only_while_it_is_waited_for() -> None:
    seen: list[tuple[int, FrameType | None]] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: seen.append((number, frame)))
    try:
        with RunLimit(0.01) as limit:
            while not limit.is_over:
                time.sleep(0.01)
        with RunLimit(3600) as later:
            pass
    finally:
        signal.signal(signal.SIGTERM, before)
    assert [number for number, _ in seen] == [signal.SIGTERM]
    assert not later.is_over
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
