"""What a short run need not import, and how it ends."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.bench.startup import capture_file, http_server


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with http_server() as port:
        yield port


def imported(*words: str) -> set[str]:
    """The modules that a run imports, of those that end with 0."""
    command = [sys.executable, "-X", "importtime", "-m", "ucdiag", *words, "-q"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


def test_a_probe_of_an_address_imports_nothing_of_names(port: int) -> None:
    found = imported("probe", "--address", "127.0.0.1", "--port", str(port))
    assert "ucdiag.probe.http" in found
    assert not found & {"dns", "dns.message", "rich", "scapy", "cryptography"}


def test_a_small_capture_imports_only_what_reads_and_judges_it() -> None:
    with capture_file() as path:
        found = imported("capture", "-r", path)
    assert "ucdiag.capture.pcap" in found
    assert not found & {"dns", "http.client", "json", "rich", "scapy", "socket", "ssl", "subprocess", "tempfile"}


_SEARCHES = """
import os, sys
from ucdiag.program import main
import gc
searches = []
usual = gc.get_threshold()
import ucdiag.cli.main
gc.callbacks.append(lambda phase, about: gc.get_threshold() == usual or searches.append(phase))
def left(code, leave=os._exit):
    print(gc.get_threshold()[0], len(searches), file=sys.stderr)
    leave(code)
os._exit = left
main()
"""


def searches(*words: str) -> tuple[int, int]:
    """After how many new objects Python searches for cycles at the end of a run; and whether it did since the
    list of commands was imported, with another number than the usual one."""
    command = [sys.executable, "-c", _SEARCHES, *words, "-q"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    threshold, count = map(int, done.stderr.split())
    return threshold, count


def test_a_probe_does_not_search_the_modules_for_cycles(port: int) -> None:
    assert searches("probe", "--address", "127.0.0.1", "--port", str(port))[1] == 0


def test_a_capture_searches_its_facts_more_often() -> None:
    with capture_file() as path:
        assert searches("capture", "-r", path)[0] == 50_000


_ENDING = """
import atexit, os, sys
atexit.register(os.write, 2, b"ended")
sys.argv[:] = ["ucdiag", "explain", {code!r}, "-q"]
from ucdiag.program import main
{before}
try:
    main()
except SystemExit:
    os.write(2, b"raised, ")
    raise
"""


def ending(code: str, before: str = "") -> tuple[int, str]:
    """The exit code of an explanation, and what is said of its end."""
    words = [sys.executable, "-c", _ENDING.format(code=code, before=before)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stderr.splitlines()[-1]


_CTRL_C = """
import signal, threading
def interrupted():
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.raise_signal(signal.SIGINT)
threading.active_count = interrupted
"""


def test_ctrl_c_in_the_last_steps_is_no_traceback() -> None:
    words = [sys.executable, "-c", _ENDING.format(code="dns-no-answer", before=_CTRL_C)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (130, "")


@pytest.mark.parametrize(("code", "expected"), [("dns-timeout", 2), ("dns-no-answer", 0)])
def test_what_is_registered_for_the_end_is_done(code: str, expected: int) -> None:
    returned, said = ending(code)
    assert returned == expected
    assert said.endswith("ended")


@pytest.mark.parametrize(
    "watching",
    [
        "sys.setprofile(lambda *_: None)",
        "sys.settrace(lambda *_: None)",
        "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()",
    ],
)
def test_python_is_not_left_at_once_where_somebody_watches_or_goes_on(watching: str) -> None:
    assert ending("dns-no-answer", watching) == (0, "raised, ended")
