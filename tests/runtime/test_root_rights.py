"""Root's rights are given up for good: a real run tries, once it listens, to take them back."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

from tests.bench.traffic import make
from ucdiag.lab.scenarios import SCENARIOS
from ucdiag.lab.site import start_site
from ucdiag.runtime.confinement import offered_ways
from ucdiag.runtime.root_rights import successor_of_root

ROOT = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")

# All by which rights could come back, tried when a run has what it needed them for. Prints what worked.
TRIALS = """
import ctypes, json, os, socket, subprocess, sys

library = ctypes.CDLL(None, use_errno=True)

def fails_as(number):
    if number < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

def capability():
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    fails_as(library.capset(header, (ctypes.c_uint32 * 6)(1 << 13, 1 << 13, 0, 0, 0, 0)))

def copy_with_a_name_space():
    number = {"x86_64": 56, "aarch64": 220}.get(os.uname().machine)
    if number is None:
        return False
    process = library.syscall(number, 0x10000000 | 17, 0, 0, 0, 0)
    if process == 0:
        os._exit(0)
    fails_as(process)

def set_user_program():
    return subprocess.run([os.environ["ID"], "-u"], capture_output=True, text=True).stdout.strip() == "0"

TRIALS = {
    "setuid": lambda: os.setuid(0),
    "seteuid": lambda: os.seteuid(0),
    "setresuid": lambda: os.setresuid(-1, -1, 0),
    "setgid": lambda: os.setgid(0),
    "setgroups": lambda: os.setgroups([0]),
    "ambient": lambda: fails_as(library.prctl(47, 2, 13, 0, 0)),
    "shadow": lambda: open("/etc/shadow").close(),
    "raw": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).close(),
    "packet": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close(),
    "ptrace": lambda: fails_as(library.ptrace(0x4206, os.getppid(), 0, 0)),
    "chroot": lambda: os.chroot("/"),
    "low port": lambda: socket.socket().bind(("127.0.0.1", 67)),
    "set-user program": set_user_program,
    "program": lambda: subprocess.run(["true"]) and True,
    "process": lambda: os.fork() or os._exit(0),
    "file elsewhere": lambda: open(os.environ["ELSEWHERE"]).close(),
    "new file elsewhere": lambda: open(os.environ["ELSEWHERE"] + ".new", "w").close(),
    "socket": lambda: socket.socket().close(),
    "server": lambda: socket.socket().bind(("127.0.0.1", 0)),
    "vsock": lambda: socket.socket(socket.AF_VSOCK).close(),
    "name space": lambda: fails_as(library.unshare(0x10000000)),
    "copy with a name space": copy_with_a_name_space,
    "capset": capability,
}

def tried():
    worked = []
    for name, attempt in TRIALS.items():
        try:
            if attempt() is not False:
                worked.append(name)
        except OSError:
            pass
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    names = ("Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs")
    return {"worked": worked, **{name: status[name].split() for name in names}}
"""
CAPTURE = """
from ucdiag.capture.live import Live
from ucdiag.cli.main import main

def read(self, read=Live.read):
    os.write(2, json.dumps(tried()).encode() + b"\\n")
    return read(self)

Live.read = read
sys.argv[0] = "ucdiag"
main()
"""


ASK = """
from ucdiag.cli.main import main
from ucdiag.probe.doors import Doors


def opened(self, *words):
    os.write(2, json.dumps(tried()).encode() + b"\\n")
    os._exit(0)


Doors.kept_link = Doors.relay_socket = opened
sys.argv[0] = "ucdiag"
main()
"""

WALK = """
from ucdiag.cli.main import main
from ucdiag.fleet.loop import Loop
from ucdiag.runtime.context import Context


def begun(self, *words):
    os.write(2, json.dumps(tried()).encode() + b"\\n")
    os._exit(0)


Context.need_time = Loop.ask_targets = begun
sys.argv[0] = "ucdiag"
main()
"""

READ = """
from ucdiag.cli.main import main
from ucdiag.cli.runner import ViewSession
from ucdiag.lab import trial


def begun(*words):
    os.write(2, json.dumps(tried()).encode() + b"\\n")
    os._exit(0)


ViewSession.__enter__ = trial.run = begun
sys.argv[0] = "ucdiag"
main()
"""

NETWORK = """
ip link set lo up && ip link add eth9 type veth peer name eth8 && ip link set eth8 up &&
ip address add 10.9.9.9/24 dev eth9 && ip link set eth9 up && exec "$@"
"""

LAB = """
import ucdiag.cli.lab as lab
from ucdiag.cli.main import main

def sleep(seconds, sleep=lab.time.sleep):
    if seconds < 3600:
        return sleep(seconds)
    os.write(2, json.dumps(tried()).encode() + b"\\n")
    raise KeyboardInterrupt

lab.time.sleep = sleep
sys.argv[0] = "ucdiag"
main()
"""


def tried(
    tmp_path: Path, child: str, *words: str, around: tuple[str, ...] = (), **environment: str
) -> dict[str, list[str]]:
    """What a run of ``ucdiag`` as root, started by ``around``, could still do."""
    program = tmp_path / "id"
    shutil.copy(shutil.which("id") or "/usr/bin/id", program)
    program.chmod(0o4755)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/") and folder.stat().st_mode & 0o055 != 0o055:
            folder.chmod(folder.stat().st_mode | 0o055)
    elsewhere = Path(tempfile.mkdtemp(dir="/var/tmp"))
    elsewhere.chmod(0o777)
    (elsewhere / "file").touch()
    env = {name: value for name, value in os.environ.items() if not name.startswith("SUDO_")}
    done = subprocess.run(
        ["unshare", "-n", "sh", "-c", NETWORK, "sh", *around, sys.executable, "-c", TRIALS + child, *words],
        capture_output=True,
        text=True,
        timeout=60,
        extra_groups=[0, 4],
        env={**env, "ID": str(program), "ELSEWHERE": str(elsewhere / "file"), **environment},
    )
    shutil.rmtree(elsewhere)
    # Of several threads more than one can come so far.
    found = {line for line in done.stderr.splitlines() if line.startswith("{")}
    assert len(found) == 1, done.stderr
    result: dict[str, list[str]] = json.loads(found.pop())
    return result


OF_LANDLOCK = {"file elsewhere", "new file elsewhere", "server"}
OF_SECCOMP = {"program", "process", "socket", "vsock", "name space", "copy with a name space"}


def is_of(found: dict[str, list[str]], user: str, may: tuple[str, ...] = ()) -> None:
    account = pwd.getpwnam(user)
    left = set() if "landlock" in offered_ways() else OF_LANDLOCK
    left |= set() if "seccomp" in offered_ways() else OF_SECCOMP
    assert set(found["worked"]) - left == set(may)
    assert set(found["Uid"]) == {str(account.pw_uid)}
    assert set(found["Gid"]) == {str(account.pw_gid)}
    assert not {"0", "4"} & set(found["Groups"])
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(found[name][0], 16) == 0, name
    assert found["NoNewPrivs"] == ["1"]


@ROOT
@pytest.mark.site
@pytest.mark.parametrize(
    ("environment", "user"),
    [
        ({}, "nobody"),
        ({"SUDO_USER": "games"}, "games"),
        ({"SUDO_USER": "root"}, "nobody"),
        ({"SUDO_USER": "no-such-user"}, "nobody"),
    ],
)
def test_a_capture_cannot_take_them_back(environment: dict[str, str], user: str, tmp_path: Path) -> None:
    is_of(tried(tmp_path, CAPTURE, "capture", "-i", "lo", "--duration", "0.2", **environment), user)


@ROOT
@pytest.mark.site
@pytest.mark.parametrize(
    "words",
    [
        ("--securebits", "+no_setuid_fixup"),
        ("--inh-caps", "+net_raw,+setuid", "--ambient-caps", "+net_raw,+setuid"),
    ],
)
def test_capabilities_that_outlive_the_change_of_the_user_are_given_up(words: tuple[str, ...], tmp_path: Path) -> None:
    around = ("setpriv", *words)
    if shutil.which("setpriv") is None or subprocess.run([*around, "true"], capture_output=True).returncode:
        pytest.skip("root cannot have such capabilities here")
    is_of(tried(tmp_path, CAPTURE, "capture", "-i", "lo", "--duration", "0.2", around=around), "nobody")


@ROOT
@pytest.mark.site
@pytest.mark.parametrize(
    "line",
    [
        "check-dhcp --ask -i eth9 -t 0.1",
        "check --ask -i eth9 -t 0.1 --domain a.example -n 127.0.0.1:9",
        "check --ask -i eth9 -t 0.1 --domain a.example -n 127.0.0.1:9 --until-whole=1",
        "check-dhcp --ask --relay 10.9.9.9/10.9.9.1 -t 0.1",
    ],
)
@pytest.mark.parametrize("user", ["games", "nobody"])
def test_asking_cannot_take_them_back(line: str, user: str, tmp_path: Path) -> None:
    caller = "root" if user == "nobody" else user
    is_of(tried(tmp_path, ASK, *line.split(), SUDO_USER=caller), user, ("socket",))


@ROOT
@pytest.mark.site
@pytest.mark.parametrize(
    "line",
    [
        "check --domain a.example -n 127.0.0.1:9",
        "check-dns a.example -n 127.0.0.1:9",
        "probe --url http://127.0.0.1:9/RequestHandler/ucdevice.upx",
        "check-dns --targets {targets} --journal {folder}/journal -n 127.0.0.1:9",
        "probe --targets {targets} -n 127.0.0.1:9",
    ],
)
def test_who_need_not_be_root_cannot_take_them_back(line: str, tmp_path: Path) -> None:
    folder = tmp_path / "of-root"
    folder.mkdir(0o700)
    targets = folder / "targets.csv"
    targets.write_text("domain\na.example\n")
    words = line.format(targets=targets, folder=folder).split()
    is_of(tried(tmp_path, WALK, *words, SUDO_USER="games"), "games", ("socket",))


def of_root(tmp_path: Path) -> dict[str, Path]:
    """A capture, a report and a log that root alone can read, in a folder into which root alone can look."""
    folder = tmp_path / "of-root"
    folder.mkdir(0o700)
    files = {name: folder / name for name in ("in.pcap", "report.json", "u_ex261127.log")}
    make(files["in.pcap"], packets=0, phones=1, broken=0, size=2000)
    subprocess.run(
        [sys.executable, "-m", "ucdiag", "capture", files["in.pcap"], "--json", "-o", files["report.json"]], check=True
    )
    files["u_ex261127.log"].write_text("#Fields: date time c-ip cs-method cs-uri-stem sc-status\n")
    for file in files.values():
        file.chmod(0o600)
    return {"folder": folder, "capture": files["in.pcap"], "report": files["report.json"]}


@ROOT
@pytest.mark.site
@pytest.mark.parametrize(
    ("line", "may"),
    [
        ("capture -r {capture}", ("process",)),
        ("capture -r {capture} -w {folder}/copy.pcapng --mask --bundle {folder}/b.zip", ("process",)),
        ("report /dev/null", ("process",)),
        ("logs /dev/null", ("process",)),
        ("lab whole", ("socket",)),
        ("lab --all", ("socket", "server")),
    ],
)
@pytest.mark.parametrize("user", ["games", "nobody"])
def test_who_reads_files_cannot_take_them_back(line: str, may: tuple[str, ...], user: str, tmp_path: Path) -> None:
    words = line.format(**of_root(tmp_path)).split()
    is_of(tried(tmp_path, READ, *words, SUDO_USER="root" if user == "nobody" else user), user, may)


@ROOT
@pytest.mark.site
@pytest.mark.parametrize("command", ["report", "logs"])
def test_of_a_folder_that_root_alone_can_read_nothing_but_the_reading_is_kept(command: str, tmp_path: Path) -> None:
    found = tried(tmp_path, READ, command, str(of_root(tmp_path)["folder"]), SUDO_USER="games")
    left = {"process", *(() if "landlock" in offered_ways() else ("shadow", *OF_LANDLOCK))}
    assert set(found["worked"]) <= left
    assert set(found["Uid"]) == {str(pwd.getpwnam("games").pw_uid)}
    assert {int(found[name][0], 16) for name in ("CapPrm", "CapEff", "CapBnd")} == {1 << 2}


@ROOT
@pytest.mark.site
@pytest.mark.parametrize(
    "line",
    [
        "capture -r {capture}",
        "capture -r {capture} --facts",
        "capture -r {capture} --bundle {folder}/bundle.zip",
        "capture -r {capture} -w {folder}/copy.pcapng",
        "capture -r {capture} -r {capture} --mask",
        "capture -r /dev/stdin -w {folder}/copy.pcapng",
        "report {report}",
        "report {folder} --rejudge",
        "logs {folder}",
    ],
)
@pytest.mark.parametrize("user", ["games", ""])
def test_what_only_root_can_read_is_read(line: str, user: str, tmp_path: Path) -> None:
    places = of_root(tmp_path)
    words = [sys.executable, "-m", "ucdiag", *line.format(**places).split(), "-o", str(tmp_path / "shown")]
    with places["capture"].open("rb") as source:
        done = subprocess.run(
            words, stdin=source, capture_output=True, text=True, timeout=60, env={**os.environ, "SUDO_USER": user}
        )
    # Of the log without a request nothing can be said.
    assert done.returncode == (3 if line.startswith("logs") else 0), done.stderr
    assert "denied" not in (done.stderr + (tmp_path / "shown").read_text()).lower()
    assert (tmp_path / "shown").stat().st_uid == (pwd.getpwnam(user).pw_uid if user else 0)


@ROOT
@pytest.mark.site
@pytest.mark.parametrize("way", ["--ca", "SSL_CERT_FILE"])
def test_trusted_roots_that_only_root_can_read_are_read(way: str, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with start_site(SCENARIOS["whole-https"]) as site:
        roots = tmp_path / "roots.pem"
        shutil.copy(str(site.ca_file), roots)
        roots.chmod(0o600)
        (host, port), real = next(place for place in site.connect_to.items() if place[0][1] == 443)
        route = f"{host}:{port}:{real[0]}:{real[1]}"
        words = ["probe", "--url", f"https://{host}/RequestHandler/ucdevice.upx", "--connect-to", route, "--json"]
        done = subprocess.run(
            [sys.executable, "-m", "ucdiag", *words, *(["--ca", str(roots)] if way == "--ca" else [])],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "SUDO_USER": "games", **({way: str(roots)} if way != "--ca" else {})},
        )
    # Nothing but its name is wrong with the certificate, which would not be trusted without them.
    assert json.loads(done.stdout)["verdict"]["code"] == "tls-name-mismatch", done.stdout


@ROOT
@pytest.mark.site
@pytest.mark.parametrize("scenario", ["whole", "dhcp-no-domain"])
@pytest.mark.parametrize("user", ["games", "nobody"])
def test_the_lab_cannot_take_them_back(scenario: str, user: str, tmp_path: Path) -> None:
    caller = "root" if user == "nobody" else user
    is_of(tried(tmp_path, LAB, "lab", scenario, "--serve", SUDO_USER=caller), user)


@ROOT
@pytest.mark.site
@pytest.mark.parametrize("mode", [0o1777, 0o755])
def test_the_lab_leaves_no_folder(mode: int, tmp_path: Path) -> None:
    """Also where root alone may remove one."""
    tmp_path.chmod(mode)
    for folder in tmp_path.parents[:2]:
        folder.chmod(folder.stat().st_mode | 0o055)
    words = [sys.executable, "-m", "ucdiag", "lab", "whole", "--serve", "--max-time", "1"]
    env = {**os.environ, "SUDO_USER": "games", "TMPDIR": str(tmp_path)}
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, env=env)
    assert (done.returncode, list(tmp_path.iterdir())) == (0, []), done.stderr


@ROOT
@pytest.mark.site
def test_the_lab_s_interfaces_do_not_outlive_a_kill(tmp_path: Path) -> None:
    words = f"{sys.executable} -m ucdiag lab dhcp-no-domain --serve"
    line = f"""
    ip link set lo up
    {words} >{tmp_path}/out 2>&1 & lab=$!
    until grep -q 'stays up' {tmp_path}/out; do kill -0 $lab || exit 9; sleep 0.1; done
    ip -brief link show ucdiag-lab0 || exit 8
    remover=$(cat /proc/$lab/task/$lab/children)
    status=/proc/${{remover% }}/status
    # It is another process, and gives root up while the lab goes on; this is its last step.
    for attempt in $(seq 300); do grep -q '^NoNewPrivs:.1' $status && break; sleep 0.1; done
    grep -E '^(Uid|CapEff|CapBnd|CapPrm|NoNewPrivs)' $status
    kill -9 $lab
    for attempt in $(seq 300); do ip link show ucdiag-lab0 2>/dev/null || exit 0; sleep 0.1; done
    exit 7
    """
    done = subprocess.run(["unshare", "-n", "bash", "-c", line], capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, (done.stdout, done.stderr, (tmp_path / "out").read_text())
    status = dict(line.split(":", 1) for line in done.stdout.splitlines() if ":\t" in line)
    assert "0" not in status["Uid"].split()
    assert {int(status[name], 16) for name in ("CapPrm", "CapEff", "CapBnd")} == {1 << 12}


@ROOT
@pytest.mark.site
def test_what_is_tried_works_where_they_are_kept(tmp_path: Path) -> None:
    found = tried(tmp_path, CAPTURE, "capture", "-i", "lo", "--duration", "0.2", "-Z", "root")
    assert set(found["worked"]) >= {"setuid", "setgroups", "capset", "shadow", "raw", "packet", "chroot", "low port"}
    assert set(found["worked"]) >= {"set-user program", "program", "process", "file elsewhere", "socket", "server"}


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has no users to change to")
@pytest.mark.parametrize("name", ["root", "0", "", "no-such-user", "99999999999999999999"])
def test_root_is_never_who_called(name: str) -> None:
    assert successor_of_root(environment={"SUDO_USER": name}).uid not in (0, None)


@ROOT
@pytest.mark.site
@pytest.mark.parametrize("option", ["-w", "--save-request"])
def test_what_was_there_keeps_its_owner(option: str, tmp_path: Path) -> None:
    device, file = tmp_path / "null", tmp_path / "file"
    os.mknod(device, 0o020666, os.makedev(1, 3))
    device.chmod(0o666)
    file.touch(0o644)
    for path in (device, file):
        before = path.stat()
        words = ["capture", "-i", "lo", "--duration", "0.1", option, str(path)]
        subprocess.run([sys.executable, "-m", "ucdiag", *words], capture_output=True, timeout=60)
        after = path.stat()
        assert (after.st_uid, after.st_gid, after.st_mode) == (before.st_uid, before.st_gid, before.st_mode)


@ROOT
@pytest.mark.site
@pytest.mark.parametrize(
    ("line", "option", "there"),
    [
        ("capture -i lo --duration 0.1 -q", "-o", False),
        ("capture -i lo --duration 0.1 -q", "--bundle", True),
        ("capture -i lo --duration 0.1 -q --mask", "-w", False),
        ("capture -i lo --duration 0.1 -q --mask", "-w", True),
        ("check-dhcp --ask -i eth9 -t 0.1 -q", "-o", True),
        ("check-dhcp --ask -i eth9 -t 0.1 -q", "--bundle", False),
    ],
)
def test_files_that_only_root_can_write_are_written(line: str, option: str, there: bool, tmp_path: Path) -> None:
    target = tmp_path / "of-root" / "target"
    target.parent.mkdir(0o700)
    if there:
        target.write_bytes(b"what was there")
        target.chmod(0o640)
    words = [sys.executable, "-m", "ucdiag", *line.split(), option, str(target), *(["--force"] if there else [])]
    env = {**os.environ, "SUDO_USER": "games"}
    done = subprocess.run(
        ["unshare", "-n", "sh", "-c", NETWORK, "sh", *words], capture_output=True, text=True, timeout=60, env=env
    )
    assert done.returncode in (1, 3), done.stderr
    found = target.stat()
    assert found.st_size > 20
    assert target.read_bytes() != b"what was there"
    mode = 0o600 if option == "--bundle" else 0o640 if there else 0o644
    stays = there and option != "--bundle"  # whose file is a new one in any case
    assert (found.st_uid, found.st_mode & 0o777) == (0 if stays else pwd.getpwnam("games").pw_uid, mode)


@ROOT
@pytest.mark.site
@pytest.mark.parametrize("line", ["", "--mask", "--force"])
@pytest.mark.parametrize("name", ["copy.pcap", "copy.pcapng"])
def test_packets_written_where_only_root_may_look_come_into_the_bundle(line: str, name: str, tmp_path: Path) -> None:
    capture = of_root(tmp_path)["capture"]
    folder = tmp_path / "of-root-too"
    folder.mkdir(0o700)
    if line == "--force":
        (folder / name).write_bytes(b"what was there")
    bundle = tmp_path / "bundle.zip"
    words = ["capture", "-r", str(capture), "-w", str(folder / name), "--bundle", str(bundle), *line.split(), "-q"]
    done = subprocess.run(
        [sys.executable, "-m", "ucdiag", *words],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "SUDO_USER": "games"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    with zipfile.ZipFile(bundle) as parts:
        assert len(parts.read("phones.pcapng")) > 1000


@ROOT
@pytest.mark.site
@pytest.mark.parametrize(
    ("line", "mode"),
    [
        ("capture -i lo --duration 0.1 -o", 0o640),
        ("capture -i lo --duration 0.1 -w", 0o640),
        ("capture -i lo --duration 0.1 --mask -w", 0o640),
        ("capture -i lo --duration 0.1 --bundle", 0o600),
        ("capture -r {capture} -o", 0o640),
        ("capture -r {capture} -w", 0o640),
        ("capture -r /dev/stdin -w", 0o640),
        ("capture -r {capture} --save-request", 0o600),
        ("check-dns a.example -n 127.0.0.1:9 -t 0.1 -o", 0o640),
        ("report {report} -o", 0o640),
        ("lab dns-legacy-only -o", 0o640),
        ("lab -o", 0o640),
        ("explain -o", 0o640),
    ],
)
@pytest.mark.parametrize("there", [False, True])
def test_of_root_without_sudo_files_are_root_s(line: str, mode: int, there: bool, tmp_path: Path) -> None:
    places = of_root(tmp_path)
    shared = Path(tempfile.mkdtemp(dir="/var/tmp"))
    try:
        shared.chmod(0o1777)
        target = shared / "target"
        if there:
            target.write_bytes(b"what was there")
            target.chmod(mode)
        words = [sys.executable, "-m", "ucdiag", *line.format(**places).split(), str(target), "--force", "-q"]
        with places["capture"].open("rb") as source:
            done = subprocess.run(
                ["unshare", "-n", "sh", "-c", 'umask 027; ip link set lo up; exec "$@"', "sh", *words],
                stdin=source,
                capture_output=True,
                text=True,
                timeout=60,
                env={**os.environ, "SUDO_USER": ""},
            )
        assert done.returncode in (0, 1, 3), done.stderr
        found = target.stat()
        assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (0, 0, mode), done.stderr
        assert target.read_bytes() not in (b"", b"what was there")
        assert list(shared.iterdir()) == [target]
    finally:
        shutil.rmtree(shared)


@ROOT
@pytest.mark.site
@pytest.mark.parametrize(
    ("line", "user"),
    [
        ("check --no-profile -t 0.1 -o", ""),
        ("check --no-profile -t 0.1 -o", "games"),
        ("capture -i lo --duration 0.1 -o", ""),
        ("check-dhcp --ask -i eth9 -t 0.1 --bundle", "games"),
    ],
)
def test_the_file_of_the_last_run_is_replaced_in_a_folder_of_root(line: str, user: str) -> None:
    # All may look into the folder, and the file is of who went on in place of root. It is not among temporary files,
    # where Landlock lets that one read.
    folder = Path(tempfile.mkdtemp(prefix="ucdiag-of-root-", dir="/var/tmp"))
    try:
        folder.chmod(0o755)
        target = folder / "target"
        words = [sys.executable, "-m", "ucdiag", *line.split(), str(target), "-q", "--force"]
        env = {**os.environ, "SUDO_USER": user, "TMPDIR": "/tmp"}
        for _ in range(2):
            done = subprocess.run(
                ["unshare", "-n", "sh", "-c", NETWORK, "sh", *words],
                capture_output=True,
                text=True,
                timeout=60,
                env=env,
            )
            assert done.returncode in (1, 3), done.stderr
            assert "cannot" not in done.stderr
            assert target.stat().st_size > 20
            os.truncate(target, 5)
    finally:
        shutil.rmtree(folder)
