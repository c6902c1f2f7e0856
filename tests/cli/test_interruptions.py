"""Ctrl-C at any moment, and limits of the machine: an exit code of the contract and a sentence, never a traceback."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import ucdiag
from tests.bench.large_site import make_site
from ucdiag.cli.crash import is_interruption, shortage_text
from ucdiag.cli.main import _loses_exceptions

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signal to one process alone"),
]

# What Python itself does before is nobody's: the first dot is printed when the program begins.
_BEGIN = "import os, sys, ucdiag.program as program; os.write(1, b'.'); sys.argv[0] = 'ucdiag'; program.main()"
# Each command is interrupted at other fifths of its time: what is imported first is the same in all.
_MOMENTS = 5
_COMMANDS = ["explain", "capture", "check-dns"]


def begun(*words: str) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([sys.executable, "-c", _BEGIN, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert os.read(process.stdout.fileno(), 1) == b"."
    return process


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("interrupted") / "site.pcap"
    make_site(path, phones=20, broken=5)
    return str(path)


@pytest.mark.parametrize("command", _COMMANDS)
def test_ctrl_c_at_any_moment(command: str, capture: str) -> None:
    words = {
        "explain": ["explain", "dns-no-answer"],
        "capture": ["capture", "-r", capture, "--json"],
        "check-dns": ["check-dns", "contoso.test", "-n", "127.0.0.1:9", "-t", "0.2"],
    }[command]
    began = time.monotonic()
    whole = begun(*words)
    whole.communicate(timeout=120)
    takes = time.monotonic() - began
    shift = _COMMANDS.index(command) / len(_COMMANDS)
    for moment in range(_MOMENTS):
        process = begun(*words)
        time.sleep((moment + shift) * takes / _MOMENTS)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
        assert process.returncode in (130, whole.returncode), said.decode()
        for word in (b"Traceback", b"Exception ignored", b"a bug in ucdiag"):
            assert word not in said, said.decode()


# Interrupts itself at the Nth event that Python reports of imports and files, from the program's first one on.
_AT_EVENT = """
import os, signal, sys
left = int(sys.argv[1])
counting = False
def hook(event, details):
    global counting, left
    counting = counting or (event == "import" and details[0] == "ucdiag.cli.main")
    if counting and event in ("import", "open", "exec", "marshal.loads"):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGINT)
sys.addaudithook(hook)
sys.argv[:] = ["ucdiag", *sys.argv[2:]]
from ucdiag.program import main
main()
"""


@pytest.mark.parametrize("number", [1, 2, 10, 50, 120, 250, 400, 550, 700])
def test_ctrl_c_at_an_import(number: int, capture: str) -> None:
    """Each time at the same place: nothing depends on how fast the machine is."""
    words = [sys.executable, "-c", _AT_EVENT, str(number), "capture", "-r", capture, "-q"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 130
    for word in ("Traceback", "Exception ignored", "a bug in ucdiag"):
        assert word not in done.stderr


def test_nothing_is_imported_before_the_signal_is_the_program_s() -> None:
    root = str(Path(ucdiag.__file__).parent.parent)
    code = f"import sys; sys.path.insert(0, {root!r}); import ucdiag.program; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {name for name in loaded if name.startswith("ucdiag")} == {"ucdiag", "ucdiag.program"}
    assert not loaded & {"click", "contextlib", "re", "signal", "typing"}


def test_who_had_it_ignored_is_not_interrupted(capture: str) -> None:
    def ignore() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    words = [sys.executable, "-c", _BEGIN, "capture", "-r", capture, "--json"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=ignore)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    assert process.returncode == 1


class _Finalized:
    def __init__(self, look: Callable[[], None]) -> None:
        self._look = look

    def __del__(self) -> None:
        self._look()


def test_no_interruption_is_raised_where_python_would_lose_it() -> None:
    found = []
    _Finalized(lambda: found.append(_loses_exceptions(sys._getframe())))
    assert found == [True]
    assert not _loses_exceptions(sys._getframe())


def test_an_interruption_that_python_wraps_is_one() -> None:
    class Interrupting:
        def __set_name__(self, owner: type, name: str) -> None:
            raise KeyboardInterrupt

    # From Python 3.12 on it is raised as it is.
    with pytest.raises((KeyboardInterrupt, RuntimeError)) as raised:
        type("Made", (), {"attribute": Interrupting()})
    assert is_interruption(raised.value)
    assert not is_interruption(ValueError())


_LIMITED = """
import resource, sys
kind, limit = sys.argv[1:3]
resource.setrlimit(getattr(resource, kind), (int(limit), int(limit)))
sys.argv[:] = ["ucdiag", *sys.argv[3:]]
from ucdiag.program import main
main()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems hold no limit of memory")
@pytest.mark.parametrize("mebibytes", range(18, 46, 6))
def test_too_little_memory_is_a_sentence(mebibytes: int, capture: str) -> None:
    command = [sys.executable, "-c", _LIMITED, "RLIMIT_AS", str(mebibytes << 20), "capture", "-r", capture, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in done.stderr
    assert "a bug in ucdiag" not in done.stderr
    assert done.returncode in (1, 3)
    assert done.returncode == 1 or "may not have more memory" in done.stderr


@pytest.mark.parametrize("command", ["capture", "check-dns"])
def test_too_few_files_are_a_sentence_or_enough(command: str, capture: str, tmp_path: Path) -> None:
    rest = ["-r", capture] if command == "capture" else ["contoso.test", "-n", "127.0.0.1:9", "-t", "0.2"]
    for files in (4, 5, 6):
        words = [sys.executable, "-c", _LIMITED, "RLIMIT_NOFILE", str(files), command, *rest]
        done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
        assert "Traceback" not in done.stderr, (files, done.stderr)
        assert done.returncode in (1, 3)
        said = done.stdout + done.stderr
        assert done.returncode == 1 or "cannot open another" in said or "Too many open files" in said


@pytest.mark.parametrize("files", [8, 12, 16, 20])
def test_a_lab_without_files_is_a_sentence_and_no_bug(files: int) -> None:
    words = [sys.executable, "-c", _LIMITED, "RLIMIT_NOFILE", str(files), "lab", "whole", "-q"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 3), done.stderr
    assert done.returncode == 0 or "cannot open another" in done.stderr


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (MemoryError(), "memory"),
        (OSError(12, "Cannot allocate memory"), "memory"),
        (ImportError("libz.so: failed to map segment from shared object"), "memory"),
        (SystemError("error return without exception set"), "memory"),
        (SystemError("bad argument to internal function"), None),
        (OSError(24, "Too many open files"), "Too many open files"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (RuntimeError("can't start new thread"), "thread"),
        (OSError(122, "Disk quota exceeded"), "Disk quota exceeded"),
        (OSError(23, "Too many open files in system"), "Too many open files in system"),
        # The words alone say nothing: they are of one kind of error each.
        (ValueError("failed to map segment"), None),
        (ImportError("No module named x"), None),
        (ValueError("without exception set"), None),
        (ValueError("can't start new thread"), None),
        (OSError(1, "Operation not permitted"), None),
        (RuntimeError("another"), None),
        (ValueError(), None),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="other numbers")
def test_what_a_shortage_says(error: Exception, word: str | None) -> None:
    texts = {
        "memory": "This process may not have more memory: close programs, or raise its limit (ulimit -v).",
        "thread": (
            "This process cannot start another thread: close programs, or raise its limit (ulimit -u, ulimit -v)."
        ),
    }
    if isinstance(error, OSError):
        files = (
            f"This process cannot open another file ({error.strerror}): close programs, or raise its limit (ulimit -n)."
        )
        disk = f"A disk takes no more ({error.strerror}): make room, or name a folder with room in TMPDIR."
        texts[str(error.strerror)] = files if error.errno in (23, 24) else disk
    assert shortage_text(error) == (texts[word] if word is not None else None)
