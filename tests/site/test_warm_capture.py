"""Captures forked from a warm process are as those that start: on their host, with nothing loaded before its time."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.site.captures import SNIFFERS
from tests.site.ground import Site
from tests.site.namespaces import Process
from tests.site.warm_capture import WarmCapture

ROOT = Path(__file__).parents[2]
LOADED = 'print(*(name for name in sys.modules if name.partition(".")[0] in ("ucdiag", "scapy")), file=sys.stderr)'
STARTED = f"import atexit, sys; atexit.register(lambda: {LOADED}); from ucdiag.program import main; main()"
WARM = f"import sys; from tests.site.warm_capture import load_modules; load_modules(sys.argv[1]); {LOADED}"


@pytest.mark.parametrize("sniffer", SNIFFERS)
def test_a_warm_one_has_loaded_nothing_that_a_start_does_not_load(site: Site, sniffer: str) -> None:
    words = ["capture", "-i", "eth0", "--duration", "0.1", "--json", "--sniffer", sniffer]
    started = site.python("laptop", STARTED, *words, env=SNIFFERS[sniffer], check=False)
    warm = subprocess.run(
        [sys.executable, "-c", WARM, sniffer],
        cwd=ROOT,
        env={**os.environ, **SNIFFERS[sniffer]},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert started.stdout.startswith("{"), started.stderr
    assert len(warm.stderr.split()) > 100
    assert set(warm.stderr.split()) - set(started.stderr.split()) == set()


@pytest.fixture(scope="module")
def warm() -> WarmCapture:
    return WarmCapture("ring", {})


def listening(site: Site, warm: WarmCapture, folder: Path) -> Process:
    words = ["capture", "-i", "eth0", "--json", "--sniffer", "ring"]
    process = warm.start(site.host("laptop"), words, folder / "out", folder / "err")
    deadline = time.monotonic() + 60
    while site.listening("laptop") < 1:
        assert process.alive, process.output
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.wait_until_idle(3)
    return process


def test_it_is_on_its_host_and_has_nothing_open_of_others(site: Site, warm: WarmCapture, tmp_path: Path) -> None:
    process = listening(site, warm, tmp_path)
    host, own = (Path(f"/proc/{pid}") for pid in (site.host("laptop").tid, process.pid))
    for kind in ("net", "mnt", "uts"):
        assert (own / "ns" / kind).readlink() == (host / "ns" / kind).readlink()
    assert (own / "ns/pid").readlink() == (host / "ns/pid_for_children").readlink()
    assert (own / "cwd").readlink() == (own / "root").readlink()
    files = {int(handle.name): str(handle.readlink()) for handle in (own / "fd").iterdir()}
    assert [Path(files[number]).name for number in range(3)] == ["null", "out", "err"]
    assert not [name for name in files.values() if name.startswith(("net:", "mnt:", "uts:", "pid:"))], files
    assert process.stop(signal.SIGINT) == 3
    assert (tmp_path / "out").read_text().startswith("{")


def test_a_signal_that_ends_it_is_its_exit_code(site: Site, warm: WarmCapture, tmp_path: Path) -> None:
    process = listening(site, warm, tmp_path)
    process.send(signal.SIGKILL)
    assert (process.wait(), process.alive) == (-signal.SIGKILL, False)


def test_it_ends_with_its_site(warm: WarmCapture, tmp_path: Path) -> None:
    with Site() as site:
        process = listening(site, warm, tmp_path)
    assert process.popen.returncode == -signal.SIGKILL
