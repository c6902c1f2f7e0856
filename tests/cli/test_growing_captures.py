"""A capture that comes once, written over another one: nothing of either is lost, wherever it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bench.traffic import make
from ucdiag.runtime.named_files import NEW

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no way to end a program from outside")
OLD = b"what was there"
PIECE = 4096  # bytes of the capture that come before it ends


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("capture") / "in.pcap"
    make(path, packets=0, phones=3, broken=0, size=2000)
    return path.read_bytes()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    target = tmp_path / "out" / "kept.pcap"
    target.parent.mkdir()
    target.write_bytes(OLD)
    target.chmod(0o640)
    return target


@contextmanager
def piped(target: Path, *around: str) -> Iterator[subprocess.Popen[bytes]]:
    """A run that writes what comes on standard input over ``target``. Nothing is left of it at the end."""
    words = [*around, sys.executable, "-m", "ucdiag", "capture", "-r", "-", "-q", "-w", str(target), "--force"]
    run = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        yield run
    finally:
        run.kill()
        run.communicate()


def begun(run: subprocess.Popen[bytes], target: Path, capture: bytes) -> Path:
    """Where the first packets are, once they are there."""
    assert run.stdin is not None
    run.stdin.write(capture[:PIECE])
    run.stdin.flush()
    beside = target.with_name(target.name + NEW)
    for _ in range(1200):
        if beside.exists() and beside.stat().st_size > 1000:
            return beside
        assert run.poll() is None
        time.sleep(0.05)
    raise AssertionError("nothing was written")


def packets_in(path: Path) -> int:
    words = [sys.executable, "-m", "ucdiag", "capture", str(path), "--json"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    packets: int = json.loads(done.stdout)["source"]["packets"]
    return packets


def test_the_old_one_stays_until_the_new_one_is_whole(capture: bytes, target: Path) -> None:
    with piped(target) as run:
        begun(run, target, capture)
        assert target.read_bytes() == OLD
        run.communicate(capture[PIECE:], timeout=60)
        assert run.returncode == 0
    assert packets_in(target) > 30
    assert (list(target.parent.iterdir()), target.stat().st_mode & 0o777) == ([target], 0o640)


def test_a_kill_loses_neither(capture: bytes, target: Path) -> None:
    with piped(target) as run:
        beside = begun(run, target, capture)
        run.kill()
        run.wait(60)
    assert target.read_bytes() == OLD
    assert packets_in(beside) > 5


def test_the_next_run_puts_in_its_place_what_a_kill_left(capture: bytes, target: Path) -> None:
    with piped(target) as run:
        beside = begun(run, target, capture)
        run.kill()
        run.wait(60)
    left = beside.read_bytes()
    with piped(target) as run:
        # Nothing comes: what is there stays, and that is the newer one.
        run.communicate(b"", timeout=60)
    assert target.read_bytes() == left
    assert list(target.parent.iterdir()) == [target]


def test_ctrl_c_keeps_what_came(capture: bytes, target: Path) -> None:
    with piped(target) as run:
        begun(run, target, capture)
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=60)
        assert run.returncode == 130
    assert packets_in(target) > 5
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("content", [b"", b"no capture at all, but text\n"])
def test_what_is_no_capture_replaces_nothing(content: bytes, target: Path) -> None:
    with piped(target) as run:
        run.communicate(content, timeout=60)
        assert run.returncode == 3
    assert target.read_bytes() == OLD
    assert list(target.parent.iterdir()) == [target]


def test_a_full_disk_loses_neither(capture: bytes, target: Path) -> None:
    with piped(target, "sh", "-c", 'ulimit -f 8; exec "$@"', "sh") as run:
        begun(run, target, capture)
        said = run.communicate(capture[PIECE:], timeout=60)[1].decode()
        assert run.returncode == 3
    beside = target.with_name(target.name + NEW)
    assert target.read_bytes() == OLD
    assert packets_in(beside) > 5
    assert f"What came before is in {beside}, and {target} is as it was." in said


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
@pytest.mark.site
@pytest.mark.parametrize("user", ["games", ""])
def test_live_the_old_one_stays_until_the_end(user: str, target: Path) -> None:
    line = """
    ip link set lo up
    "$@" & run=$!
    until grep -q 'stays until the end' "$SAID"; do kill -0 $run || exit 9; sleep 0.1; done
    cp -p "$OUT" "$OUT.then"
    kill -INT $run; wait $run
    """
    said = target.with_name("said")
    with said.open("w") as stderr:
        words = [sys.executable, "-m", "ucdiag", "capture", "-i", "lo", "-w", str(target), "--force"]
        env = {**os.environ, "SUDO_USER": user, "SAID": str(said), "OUT": str(target)}
        done = subprocess.run(
            ["unshare", "-n", "bash", "-mc", line, "bash", *words],
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            timeout=60,
            env=env,
        )
    assert done.returncode == 3, said.read_text()
    assert target.with_name("kept.pcap.then").read_bytes() == OLD
    assert target.read_bytes().startswith(b"\x4d\x3c\xb2\xa1")
    assert {path.name for path in target.parent.iterdir()} == {"kept.pcap", "kept.pcap.then", "said"}
    assert (target.stat().st_uid, target.stat().st_mode & 0o777) == (0, 0o640)
