"""Every option that names a file to write: the same care, the same codes, a sentence on standard error."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.bench.traffic import make
from tests.server_logs.log_samples import HEADER, audit
from ucdiag.cli.main import cli

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such folders and devices")
ROOT = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="makes files of other users")
OWNER, OTHER = 12345, 12346
OLD = b"what was there"

# {capture} has three phones whose paths are whole. What follows is the name of the file.
OPTIONS = {
    "-o": "capture {capture} -q -o",
    "-o json": "capture {capture} --json -o",
    "-o two": "capture {capture} -o {folder}/other.html -f html -f text -o",
    "-o facts": "capture {capture} --facts -o",
    "-o phones": "capture {capture} --phones -o",
    "-w": "capture {capture} -q -w",
    "-w facts": "capture {capture} --facts -o {folder}/facts -w",
    "-w mask": "capture {capture} -q --mask -w",
    "--save-request": "capture {capture} -q --save-request",
    "--bundle": "capture {capture} -q --bundle",
    "--bundle mask": "capture {capture} -q --mask --bundle",
    "--bundle check": "check-dns a.example -n 127.0.0.1:9 -t 0.1 -q --bundle",
    "explain": "explain -o",
    "doctor": "doctor -o",
    "lab": "lab -o",
    "report": "report {report} -o",
    "report diff": "report --diff {report} {report} -o",
    "check": "check-dns a.example -n 127.0.0.1:9 -t 0.1 -o",
    "logs": "logs {log} -o",
    "--journal": "check-dns --targets {targets} -n 127.0.0.1:9 -t 0.1 -q --journal",
}
EVERY = pytest.mark.parametrize("option", OPTIONS)
BUT_JOURNAL = pytest.mark.parametrize("option", [name for name in OPTIONS if name != "--journal"])


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("inputs")
    make(folder / "in.pcap", packets=0, phones=3, broken=0, size=2000)
    (folder / "targets").write_text("a.example\n")
    (folder / "RequestHandlerAuditLog_FE01_2026-11-27.log").write_text("\r\n".join([HEADER, audit(), ""]))
    CliRunner().invoke(cli, ["capture", str(folder / "in.pcap"), "--json", "-o", str(folder / "report.json")])
    return {
        "capture": str(folder / "in.pcap"),
        "targets": str(folder / "targets"),
        "report": str(folder / "report.json"),
        "log": str(folder / "RequestHandlerAuditLog_FE01_2026-11-27.log"),
    }


def run(option: str, inputs: dict[str, str], target: Path, *words: str, folder: Path | None = None) -> tuple[int, str]:
    """Exit code and standard error."""
    line = OPTIONS[option].format(**inputs, folder=folder or target.parent)
    done = CliRunner().invoke(cli, [*line.split(), str(target), *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stderr


def shared(tmp_path: Path) -> Path:
    folder = tmp_path / "shared"
    folder.mkdir()
    os.chown(folder, OWNER, OWNER)
    folder.chmod(0o1777)
    return folder


@EVERY
def test_a_new_file_is_written(option: str, inputs: dict[str, str], tmp_path: Path) -> None:
    target = tmp_path / "new" / "target"
    target.parent.mkdir()
    code, said = run(option, inputs, target, folder=tmp_path)
    assert code in (0, 1, 3), said
    assert target.stat().st_size > 0
    assert list(target.parent.iterdir()) == [target]
    private = option.startswith(("--save-request", "--bundle", "--journal"))
    assert stat.S_IMODE(target.stat().st_mode) == (0o600 if private else 0o644)


@ROOT
@EVERY
@pytest.mark.parametrize("aim", ["there", "nowhere"])
@pytest.mark.parametrize("words", [[], ["--force"]])
def test_another_user_s_link_is_not_followed(
    option: str, aim: str, words: list[str], inputs: dict[str, str], tmp_path: Path
) -> None:
    path, link = tmp_path / "aim", shared(tmp_path) / "link"
    if aim == "there":
        path.write_bytes(OLD)
    link.symlink_to(path)
    os.chown(link, OTHER, OTHER, follow_symlinks=False)
    code, said = run(option, inputs, link, *words, folder=tmp_path)
    assert (code, path.exists()) == (2, aim == "there")
    assert "it is another user's link in a folder that others may write to" in said
    assert aim == "nowhere" or path.read_bytes() == OLD


@ROOT
@EVERY
@pytest.mark.parametrize("kind", ["file", "empty", "pipe"])
def test_another_user_s_file_in_a_shared_folder_is_not_opened(
    option: str, kind: str, inputs: dict[str, str], tmp_path: Path
) -> None:
    path = shared(tmp_path) / "there"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.write_bytes(OLD if kind == "file" else b"")
    os.chown(path, OTHER, OTHER)
    path.chmod(0o666)
    code, said = run(option, inputs, path, "--force", folder=tmp_path)
    assert code == 2
    assert "it belongs to another user, in a folder that others may write to" in said
    assert path.stat().st_size == (len(OLD) if kind == "file" else 0)


@EVERY
def test_a_folder_that_is_not_there(option: str, inputs: dict[str, str], tmp_path: Path) -> None:
    code, said = run(option, inputs, tmp_path / "missing" / "target", folder=tmp_path)
    assert code == 2
    assert "no such file or directory" in said.lower()


@EVERY
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_device_that_takes_nothing(option: str, inputs: dict[str, str], tmp_path: Path) -> None:
    code, said = run(option, inputs, Path("/dev/full"), folder=tmp_path)
    assert code == 3
    assert "/dev/full" in said
    assert said.count("\n") <= 2
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


@EVERY
def test_a_device_that_takes_all(option: str, inputs: dict[str, str], tmp_path: Path) -> None:
    before = Path("/dev/null").stat()
    run(option, inputs, Path("/dev/null"), folder=tmp_path)
    after = Path("/dev/null").stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


@BUT_JOURNAL
def test_what_exists_is_kept_without_force(option: str, inputs: dict[str, str], tmp_path: Path) -> None:
    target = tmp_path / ("target.txt" if option == "-o two" else "target")
    target.write_bytes(OLD)
    code, said = run(option, inputs, target)
    assert code == 2
    assert "the file exists: name another, or overwrite it with --force\n" in said
    assert target.read_bytes() == OLD


@ROOT
@BUT_JOURNAL
def test_another_user_s_file_stays_another_user_s(option: str, inputs: dict[str, str], tmp_path: Path) -> None:
    target = tmp_path / ("target.txt" if option == "-o two" else "target")
    target.write_bytes(OLD)
    os.chown(target, OTHER, OTHER)
    target.chmod(0o664)
    assert run(option, inputs, target, "--force")[0] in (0, 1, 3)
    after = target.stat()
    assert target.read_bytes() != OLD
    if option.startswith(("--save-request", "--bundle")):  # a new file, in the place of one that others may read
        assert (after.st_uid, stat.S_IMODE(after.st_mode)) == (0, 0o600)
    else:
        assert (after.st_uid, after.st_gid, stat.S_IMODE(after.st_mode)) == (OTHER, OTHER, 0o664)


@EVERY
def test_a_pipe_is_written_as_it_is(option: str, inputs: dict[str, str], tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        code, said = run(option, inputs, pipe)
        got = b""
        try:
            got = os.read(reader, 1 << 20)
        except BlockingIOError:
            pass
    finally:
        os.close(reader)
    if option.startswith(("--bundle", "--journal")):  # these read again what they wrote
        assert code in (2, 3)
        assert said
    else:
        assert got
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.fixture
def small_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of one page, which an old file has, or of more."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={getattr(request, 'param', 4)}k", "none", folder], capture_output=True
    )
    if done.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@ROOT
@pytest.mark.site
@EVERY
@pytest.mark.parametrize("words", [[], ["--force"]])
def test_a_full_disk_is_exit_code_3_and_a_sentence(
    option: str, words: list[str], inputs: dict[str, str], small_disk: Path, tmp_path: Path
) -> None:
    old = small_disk / ("old.txt" if option == "-o two" else "old")
    old.write_bytes(OLD)
    target = old if words and option != "--journal" else small_disk / "new"
    code, said = run(option, inputs, target, *words, folder=tmp_path)
    assert code == 3, said
    assert "no space left on device" in said.lower()
    grows = option.startswith("-w")
    assert old.read_bytes() == OLD
    rest = {path.name for path in small_disk.iterdir()} - {old.name}
    assert rest <= ({"new"} if grows or option == "--journal" else set())


@ROOT
@pytest.mark.site
@pytest.mark.parametrize("small_disk", [8], indirect=True)
def test_that_nothing_could_be_written_is_not_written_in_its_place(inputs: dict[str, str], small_disk: Path) -> None:
    # There is room for the report of the failure, and for no other.
    old = small_disk / "old.json"
    old.write_bytes(OLD)
    code, said = run("-o json", inputs, old, "--force")
    assert (code, old.read_bytes()) == (3, OLD), said
    assert "no space left on device" in said


# Killed when all is written and nothing is in its place yet.
KILLED = """
import os, signal, sys
from ucdiag.cli.main import main
def end(*words, **more):
    os.kill(os.getpid(), signal.SIGKILL)
os.fsync = os.link = os.replace = end
sys.argv[0] = "ucdiag"
main()
"""


def killed_at_the_end(option: str, inputs: dict[str, str], tmp_path: Path, *words: str) -> dict[str, bytes]:
    """What is in the folder of the output and in that of temporary files after such a kill."""
    folder, temporary = tmp_path / "out", tmp_path / "tmp"
    folder.mkdir(exist_ok=True)
    temporary.mkdir()
    line = OPTIONS[option].format(**inputs, folder=folder)
    command = [sys.executable, "-c", KILLED, *line.split(), str(folder / "target"), *words]
    done = subprocess.run(command, capture_output=True, timeout=60, env={**os.environ, "TMPDIR": str(temporary)})
    assert done.returncode == -signal.SIGKILL, done.stderr
    return {path.name: path.read_bytes() for path in (*folder.iterdir(), *temporary.iterdir())}


NAMELESS = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere such files have names")


@NAMELESS
@pytest.mark.parametrize("option", ["-o", "-o two", "--bundle", "check", "report", "logs"])
def test_a_kill_leaves_no_temporary_file(option: str, inputs: dict[str, str], tmp_path: Path) -> None:
    assert killed_at_the_end(option, inputs, tmp_path) == {}


@NAMELESS
@pytest.mark.parametrize("option", ["-o", "--bundle", "-w mask", "logs"])
def test_a_kill_leaves_the_file_that_was_there(option: str, inputs: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "target").write_bytes(OLD)
    assert killed_at_the_end(option, inputs, tmp_path, "--force") == {"target": OLD}


def test_a_request_is_its_owner_s_alone_whatever_was_there(inputs: dict[str, str], tmp_path: Path) -> None:
    target = tmp_path / "phone.request"
    target.write_bytes(OLD)
    target.chmod(0o644)
    with target.open("rb") as held:
        assert run("--save-request", inputs, target, "--force")[0] == 0
        assert held.read() == OLD
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert target.read_bytes().startswith(b"POST ")


@pytest.mark.parametrize("content", [b"", b"no capture at all, but text\n", b"\xd4\xc3\xb2\xa1"])
def test_a_capture_that_cannot_be_read_empties_nothing(content: bytes, inputs: dict[str, str], tmp_path: Path) -> None:
    source, target = tmp_path / "in.pcap", tmp_path / "target"
    source.write_bytes(content)
    target.write_bytes(OLD)
    assert run("-w", {**inputs, "capture": str(source)}, target, "--force")[0] == 3
    assert target.read_bytes() == OLD


def test_redirected_output_keeps_what_was_before(inputs: dict[str, str], tmp_path: Path) -> None:
    target = tmp_path / "log"
    target.write_bytes(OLD)
    program = shutil.which("sh")
    line = f"exec {sys.executable} -m ucdiag capture {inputs['capture']} -q -o /dev/stdout >> {target}"
    assert subprocess.run([str(program), "-c", line], capture_output=True, timeout=60).returncode == 0
    assert target.read_bytes().startswith(OLD)
    assert target.stat().st_size > len(OLD)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_packets_that_are_not_written_are_exit_code_3_whatever_the_verdict(
    inputs: dict[str, str], tmp_path: Path
) -> None:
    make(tmp_path / "broken.pcap", packets=0, phones=6, broken=6, size=2000)
    broken = {**inputs, "capture": str(tmp_path / "broken.pcap")}
    assert run("-w", broken, Path("/dev/null"))[0] == 1
    assert run("-w", broken, Path("/dev/full"))[0] == 3
