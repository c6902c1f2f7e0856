"""``capture -i``: what it writes, when it stops, whose rights it keeps."""

import json
import os
import random
import re
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from ssl import TLSVersion

import pytest

from tests.bench.large_site import Flood, make_site
from tests.bench.live import frames as packets_of
from tests.bench.traffic import PhoneTraffic
from tests.capture.capture_files import facts, problems, read
from tests.capture.tls_phone import SERVER, TlsPhone, check, status
from tests.real import need
from tests.site.ground import Site, console_script
from tests.site.namespaces import Process
from tests.wire.tls_talk import TlsTalk
from ucdiag.model.observations import Dhcp
from ucdiag.wire.host_filter import HostFilter

MAC = "00:04:f2:00:00:01"


def frames(code: str | None = None, *, tagged: bool = False, number: int = 1, size: int = 20_000) -> list[bytes]:
    return [frame for _, frame in PhoneTraffic(number, code, tagged, size, 0.0, random.Random(number)).packets]


def send(site: Site, packets: Sequence[bytes], pause: float = 0.0) -> None:
    """Puts frames on the wire of the phone's port, as they are."""

    def work() -> None:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
            out.bind(("eth0", 0))
            for packet in packets:
                out.send(packet)
                if pause:
                    time.sleep(pause)

    site.call("phone", work)


@pytest.fixture
def quiet(site: Site) -> Site:
    """A site on which nothing speaks by itself."""
    for name in ("laptop", "phone"):
        site.run(name, "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6; ip link set eth0 arp off")
    return site


def watch(
    site: Site, *words: str | os.PathLike[str], interface: str = "eth0", env: dict[str, str] | None = None
) -> Process:
    """Starts a capture, and waits until it listens."""
    more = {"env": env or {}, "ready": lambda: site.listening("laptop") > 0}
    return site.ucdiag_start("laptop", "capture", "-i", interface, *words, **more)


def until(holds: Callable[[], object], seconds: float = 60) -> None:
    """Waits until it holds; the assertion that follows says what it was."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)


def packets_in(path: Path) -> int:
    # tcpdump is the judge: it complains about a file that is not whole.
    done = subprocess.run([need("tcpdump"), "-n", "-r", str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "truncated" not in done.stderr
    return len(done.stdout.splitlines())


@pytest.mark.parametrize("form", ["pcap", "pcapng"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_the_file_is_whole_however_it_ends(quiet: Site, tmp_path: Path, form: str, number: int) -> None:
    sent = frames()
    path = tmp_path / f"out.{form}"
    capture = watch(quiet, "-Z", "root", "-w", path, "--json")
    send(quiet, sent)
    capture.wait_until_idle()
    code = capture.stop(number)
    assert packets_in(path) == len(sent)
    assert problems(read(path)) == []
    if number != signal.SIGKILL:
        assert code == 0, capture.output
        report = json.loads(capture.output)
        assert report["source"] == {"kind": "live", "name": "eth0", "packets": len(sent)}
        # Frame numbers are those of the file.
        seen = {
            observation["frame"]
            for observation in report["phones"][0]["observations"]
            if observation["kind"] != "extent"
        }
        assert seen == {fact.frame for fact in facts(read(path, HostFilter()))}


@pytest.mark.parametrize("end", ["signal", "interface"])
def test_what_came_just_before_the_end_counts(quiet: Site, tmp_path: Path, end: str) -> None:
    path = tmp_path / "out.pcapng"
    capture = watch(quiet, "-Z", "root", "-w", path, "--json")
    sent = frames()
    send(quiet, sent[:1])
    until(lambda: packets_in(path) == 1)
    send(quiet, sent[1:])
    if end == "signal":
        capture.stop(signal.SIGINT)
    else:
        quiet.run("laptop", "ip", "link", "set", "eth0", "down")
        capture.wait()
    assert packets_in(path) == len(sent)
    report = json.loads(capture.output)
    assert report["source"]["packets"] == len(sent)
    assert report["phones"][0]["verdict"]["status"] == "whole"


def test_a_full_ring_does_not_fill_the_memory(quiet: Site) -> None:
    # However long a busy machine takes for it, nothing is missing yet.
    capture = watch(quiet, "-Z", "root", "--json", "--patience", "600")
    sent = frames()

    def memory(what: str) -> int:
        found = re.search(rf"^{what}:\s*(\d+) kB", Path(f"/proc/{capture.pid}/status").read_text(), re.MULTILINE)
        assert found
        return int(found[1]) >> 10

    send(quiet, sent[:1])
    capture.wait_until_idle()
    before = memory("VmRSS")
    # As long as it may do nothing, the kernel keeps what comes, in a ring that is in memory anyway.
    os.kill(capture.pid, signal.SIGSTOP)
    already = quiet.received("laptop") - 1
    for _ in range(30):
        send(quiet, sent[:1] * 2000)
    came = quiet.received("laptop") - already
    assert came > 50_000
    os.kill(capture.pid, signal.SIGCONT)
    capture.wait_until_idle()
    assert memory("VmHWM") - before < 16
    assert capture.stop(signal.SIGINT) == 3
    report = json.loads(capture.output)
    # On a busy machine the kernel closes blocks of the ring half full, and then they are not enough: which is told.
    told = [re.search(r"dropped ([0-9,]+) packets?", problem["text"]) for problem in report["problems"]]
    lost = sum(int(found[1].replace(",", "")) for found in told if found)
    assert report["source"]["packets"] + lost == came


def test_the_file_tells_that_nothing_came_any_more(quiet: Site, tmp_path: Path) -> None:
    path = tmp_path / "out.pcapng"
    capture = watch(quiet, "-Z", "root", "-w", path, "--patience", "1", "--json")
    send(quiet, frames("connect-no-answer")[:7])
    time.sleep(2.5)
    assert capture.stop(signal.SIGINT) == 1, capture.output
    assert json.loads(capture.output)["verdict"]["code"] == "connect-no-answer"
    again = quiet.ucdiag("laptop", "capture", "-r", path, "--patience", "1", "--json")
    assert again.verdict == ("broken", "connect", "connect-no-answer")


def test_what_was_seen_is_reported_when_the_file_can_grow_no_more(quiet: Site, tmp_path: Path) -> None:
    path = tmp_path / "pipe.pcapng"
    os.mkfifo(path)
    # Whoever reads it leaves, which is to a writer what a full disk is.
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    capture = watch(quiet, "-Z", "root", "-w", path, "--json")
    # Not before it has opened the pipe: to open one that nobody reads waits for a reader.
    assert select.select([reader], [], [], 60)[0]
    os.close(reader)
    send(quiet, frames())
    # It ends by itself, and what was captured is judged; but it is not all well.
    assert capture.wait() == 3
    text, _, said = capture.output.partition("\nucdiag: ")
    assert said == f"The capture {path} cannot be written: Broken pipe.\n"
    report = json.loads(text)
    assert report["verdict"]["code"] == "capture-unwritable"
    assert [problem["code"] for problem in report["problems"]] == ["capture-unwritable"]
    assert report["phones"][0]["verdict"]["status"] == "whole"
    assert report["source"]["packets"] == len(frames())


def test_the_file_grows_as_packets_come(quiet: Site, tmp_path: Path) -> None:
    path = tmp_path / "out.pcapng"
    capture = watch(quiet, "-Z", "root", "-w", path)
    sent = frames()
    for number, packet in enumerate(sent[:6], 1):
        send(quiet, [packet])
        until(lambda number=number: packets_in(path) == number)  # type: ignore[misc]
        assert packets_in(path) == number
    capture.stop(signal.SIGINT)


def test_facts_come_as_they_happen_and_in_order(quiet: Site) -> None:
    capture = watch(quiet, "--facts")
    send(quiet, frames("connect-refused"))
    until(lambda: capture.output.count("\n") >= 6)
    found = [json.loads(line) for line in capture.output.splitlines()]
    capture.stop(signal.SIGINT)
    assert [fact["kind"] for fact in found] == ["dhcp"] * 4 + ["lookup", "connect"]
    assert found[-1]["outcome"] == "refused"


@pytest.mark.parametrize("version", [TLSVersion.TLSv1, TLSVersion.TLSv1_2, TLSVersion.TLSv1_3])
def test_a_key_log_is_read_while_it_grows(quiet: Site, tmp_path: Path, version: TLSVersion) -> None:
    session = TlsTalk(minimum=version, maximum=version).request(check()).answer(status("404 Not Found")).close()
    phone, before = TlsPhone(), TlsPhone()
    phone.talks(SERVER, session)
    keys = tmp_path / "keys.log"
    keys.write_text("")
    capture = watch(quiet, "--keylog", keys, "--json")
    send(quiet, [frame for _, frame in before.packets])
    keys.write_text(session.key_log)
    send(quiet, [frame for _, frame in phone.packets[len(before.packets) :]])
    capture.wait_until_idle()
    assert capture.stop(signal.SIGINT) == 1, capture.output
    report = json.loads(capture.output)
    assert report["verdict"]["code"] == "http-not-found"
    assert report["problems"] == []


def test_a_number_of_packets_is_enough(quiet: Site, tmp_path: Path) -> None:
    path = tmp_path / "out.pcap"
    capture = watch(quiet, "-Z", "root", "-c", "7", "-w", path, "--json")
    send(quiet, frames())
    assert capture.wait() in (0, 1, 3)
    assert packets_in(path) == 7
    assert json.loads(capture.output)["source"]["packets"] == 7


def test_a_duration_is_enough(quiet: Site) -> None:
    began = time.monotonic()
    capture = watch(quiet, "--duration", "1.5", "--json")
    assert capture.wait() == 3
    assert 1.5 <= time.monotonic() - began < 60
    assert json.loads(capture.output)["verdict"]["code"] == "no-phone-seen"


def test_a_verdict_of_each_named_phone_is_enough(quiet: Site) -> None:
    second = "00:04:f2:00:00:02"
    capture = watch(quiet, "--mac", MAC, "--mac", second, "--until-done", "--json")
    send(quiet, frames())
    time.sleep(2.5)
    assert capture.alive  # the second phone has not been seen
    send(quiet, frames("http-not-found", number=2))
    assert capture.wait() == 1
    report = json.loads(capture.output)
    verdicts = {phone["phone"]["mac"]: phone["verdict"]["code"] for phone in report["phones"]}
    assert verdicts == {MAC: None, second: "http-not-found"}


@pytest.mark.parametrize(("words", "problems"), [([], []), (["--until-done", "--mac", MAC], ["max-time"])])
def test_the_time_for_the_whole_run_ends_it(quiet: Site, words: list[str], problems: list[str]) -> None:
    capture = watch(quiet, "--max-time", "3", *words, "--json")
    assert capture.wait() == 3
    report = json.loads(capture.output)
    assert [problem["code"] for problem in report["problems"]] == problems
    assert report["verdict"]["code"] == "no-phone-seen"


@pytest.mark.parametrize("code", ["dhcp-no-answer", "dns-no-answer", "connect-no-answer", "http-no-answer"])
def test_a_silence_that_has_lasted_long_enough_is_a_verdict_too(quiet: Site, code: str) -> None:
    capture = watch(quiet, "--mac", MAC, "--until-done", "--json", "--patience", "2")
    began = time.monotonic()
    if code == "http-no-answer":
        sent = frames()
        posted = next(at for at, frame in enumerate(sent) if b"POST /RequestHandler" in frame)
        send(quiet, sent[: posted + 1])
    else:
        send(quiet, frames(code)[: 20 if code == "connect-no-answer" else None])
    assert capture.wait() == 1
    assert 1.0 < time.monotonic() - began < 60
    assert [phone["verdict"]["code"] for phone in json.loads(capture.output)["phones"]] == [code]


def test_what_came_while_the_program_stood_still_is_judged_by_its_own_times(quiet: Site) -> None:
    capture = watch(quiet, "--json", "--patience", "2")
    time.sleep(1.5)  # it has looked at the clock
    capture.send(signal.SIGSTOP)
    sent = frames()
    send(quiet, sent, pause=0.06)  # more than the kernel waits for further packets
    time.sleep(3)
    capture.send(signal.SIGCONT)
    capture.wait_until_idle()
    assert capture.stop(signal.SIGINT) == 0
    report = json.loads(capture.output)
    assert (report["verdict"]["status"], report["problems"]) == ("whole", [])
    assert report["phones"][0]["verdict"]["status"] == "whole"


@pytest.mark.parametrize("flood", [None, "dns"])
def test_of_many_phones_each_has_its_verdict(quiet: Site, tmp_path: Path, flood: Flood | None) -> None:
    # More than memory has room for, so that most come from the temporary file.
    path = tmp_path / "site.pcap"
    _, expected = make_site(path, phones=300, broken=100, flood=flood, made_up=600)
    capture = watch(quiet, "-Z", "root", "--json")
    send(quiet, packets_of(path), pause=0.0005)
    time.sleep(6)  # longer than the patience after which a silence counts
    assert capture.stop(signal.SIGINT, timeout=120) == 1
    found = {
        phone["phone"]["mac"]: (phone["verdict"]["status"], phone["verdict"]["code"])
        for phone in json.loads(capture.output)["phones"]
    }
    assert {phone.mac: found.get(phone.mac) for phone in expected} == {
        phone.mac: (phone.status, phone.code) for phone in expected
    }


def test_an_interruption_before_the_limit_is_reported(quiet: Site) -> None:
    capture = watch(quiet, "--duration", "60", "--json")
    send(quiet, frames())
    capture.wait_until_idle()
    assert capture.stop(signal.SIGINT) == 130
    report = json.loads(capture.output)
    assert [problem["code"] for problem in report["problems"]] == ["interrupted"]
    assert report["phones"][0]["verdict"]["status"] == "whole"


def test_an_interruption_before_anything_was_read_loses_nothing(quiet: Site) -> None:
    # Between the socket and the reading the program drops its rights and imports what it cannot import without them.
    capture = watch(quiet, "--json")
    send(quiet, frames())
    assert capture.stop(signal.SIGINT) == 0, capture.output
    assert json.loads(capture.output)["phones"][0]["verdict"]["status"] == "whole"


def test_a_tag_that_the_kernel_took_off_is_reported_and_written(quiet: Site, tmp_path: Path) -> None:
    path = tmp_path / "out.pcapng"
    capture = watch(quiet, "-Z", "root", "-w", path, "--json")
    sent = frames(tagged=True)
    send(quiet, sent)
    capture.wait_until_idle()
    assert capture.stop(signal.SIGINT) == 0, capture.output
    live = json.loads(capture.output)["phones"][0]["observations"]
    assert {observation["tag"] for observation in live if observation["kind"] == "dhcp"} == {100}
    found = facts(read(path, HostFilter()))
    assert {message.tag for message in found if isinstance(message, Dhcp)} == {100}
    assert [observation["frame"] for observation in live if observation["kind"] == "http"] == [
        observation.frame for observation in found if observation.kind == "http"
    ]


def owner(process: Process) -> tuple[set[int], set[int], set[int]]:
    """User, group and further groups of a running process."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    lines = (re.search(rf"^{name}:(.*)$", status, re.MULTILINE) for name in ("Uid", "Gid", "Groups"))
    user, group, groups = ({int(number) for number in line[1].split()} for line in lines if line)
    return user, group, groups


def test_roots_rights_are_given_up(quiet: Site, tmp_path: Path) -> None:
    import pwd

    nobody, games = pwd.getpwnam("nobody"), pwd.getpwnam("games")
    path = tmp_path / "out.pcap"
    tmp_path.chmod(0o755)
    for words, env, account, whose in (
        ((), {}, nobody, 0),
        ((), {"SUDO_USER": "games"}, games, games.pw_uid),
        (("-Z", "games"), {"SUDO_USER": "nobody"}, games, games.pw_uid),
        (("-Z", "nobody"), {"SUDO_USER": "games"}, nobody, nobody.pw_uid),
    ):
        capture = watch(quiet, "-w", path, *words, env=env)
        until(lambda capture=capture: owner(capture)[0] != {0})  # type: ignore[misc]
        user, group, groups = owner(capture)
        assert (user, group) == ({account.pw_uid}, {account.pw_gid})
        assert 0 not in groups
        send(quiet, frames()[:3])
        until(lambda: path.stat().st_size > 500)
        capture.stop(signal.SIGINT)
        assert path.stat().st_uid == whose
        assert packets_in(path) == 3
        path.unlink()


def test_they_can_be_kept(quiet: Site) -> None:
    capture = watch(quiet, "-Z", "root")
    time.sleep(0.3)
    assert owner(capture)[0] == {0}
    capture.stop(signal.SIGINT)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(
            ["-i", "eth7"],
            "There is no interface 'eth7': 'ucdiag capture -D' lists them; did you mean eth0?",
            id="no interface",
        ),
        pytest.param(["-i", "eth0", "-Z", "nobody-at-all"], "There is no user 'nobody-at-all'", id="no user"),
        pytest.param(["-i", "eth0", "-w", "/nowhere/at/all.pcap"], "cannot be written", id="no folder"),
    ],
)
def test_what_cannot_be_done_is_reported(quiet: Site, words: list[str], said: str) -> None:
    result = quiet.ucdiag("laptop", "capture", *words)
    assert result.code in (2, 3)
    assert said in result.out + result.err
    assert "Traceback" not in result.err


def test_an_interface_that_is_down_is_reported_at_once(quiet: Site, tmp_path: Path) -> None:
    quiet.run("laptop", "ip", "link", "set", "eth0", "down")
    for form in ("--facts", "-q"):
        result = quiet.ucdiag("laptop", "capture", "-i", "eth0", form, "-w", tmp_path / "out.pcap")
        assert (result.code, result.out) == (3, "")
        assert "Nothing can be captured on eth0, which is down: 'sudo ip link set eth0 up' first." in result.err


# Root without the right to open packet sockets: a plain user cannot always read this Python.
POWERLESS = ("setpriv", "--bounding-set=-net_raw,-net_admin", "--inh-caps=-net_raw,-net_admin")


def test_without_privilege_it_says_what_to_do(quiet: Site) -> None:
    own = ("env", "-u", "UCDIAG_REQUIRE_REAL", *POWERLESS)  # which sudo would be given like an option's variable
    done = quiet.run("laptop", *own, console_script(), "capture", "-i", "eth0", "--json", check=False)
    assert done.returncode == 3
    (problem,) = json.loads(done.stdout)["problems"]
    assert problem["code"] == "no-privilege"
    assert f"run it as root: sudo {console_script()} capture -i eth0 --json." in problem["text"]
    assert "dumpcap -i eth0 -w" in problem["text"]
    listed = quiet.run("laptop", *POWERLESS, console_script(), "capture", "-D", check=False)
    assert listed.returncode == 3
    assert re.search(r"^eth0 .*: no privilege: run it as root", listed.stdout, re.MULTILINE)


def test_interfaces_are_listed(quiet: Site) -> None:
    listed = quiet.ucdiag("laptop", "capture", "-D")
    assert listed.code == 0
    assert re.search(r"^eth0 \(up\)$", listed.out, re.MULTILINE), listed.out
    assert "lo (" in listed.out


def test_packets_of_loopback_are_seen_once(quiet: Site) -> None:
    capture = watch(quiet, "--facts", interface="lo")

    def ask() -> None:
        with socket.socket(type=socket.SOCK_DGRAM) as end:
            end.sendto(bytes.fromhex("00070100000100000000000001780000010001"), ("127.0.0.1", 53))

    quiet.call("laptop", ask)
    capture.wait_until_idle()
    capture.stop(signal.SIGINT)
    found = [json.loads(line) for line in capture.output.splitlines()]
    assert [(fact["kind"], fact["name"], fact["frame"]) for fact in found] == [("lookup", "x", 1)]
