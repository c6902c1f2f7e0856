"""Capturing through scapy on real interfaces: what it filters, counts and says, with libpcap and without it."""

import json
import os
import random
import re
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bench.traffic import PhoneTraffic
from tests.other_systems import FRONT
from tests.site.ground import Site
from tests.site.namespaces import Process

WITHOUT_LIBRARY = {"PYTHONPATH": str(FRONT), "UCDIAG_ELSEWHERE": "darwin", "UCDIAG_ELSEWHERE_PCAP": "none"}
WAYS = pytest.mark.parametrize("env", [{}, WITHOUT_LIBRARY], ids=["libpcap", "socket"])


def watch(site: Site, *words: str, interface: str = "eth0", env: dict[str, str] | None = None) -> Process:
    words = ("capture", "-i", interface, "--sniffer", "scapy", "-Z", "root", *words)
    capture = site.ucdiag_start("laptop", *words, ready=lambda: site.listening("laptop") > 0, env=env or {})
    capture.wait_until_idle()
    return capture


def send(site: Site, *packets: bytes, host: str = "phone", interface: str = "eth0") -> None:
    def work() -> None:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
            out.bind((interface, 0))
            for packet in packets:
                out.send(packet)

    site.call(host, work)


def frames(*, tagged: bool = False) -> list[bytes]:
    return [frame for _, frame in PhoneTraffic(1, None, tagged, 20_000, 0.0, random.Random(1)).packets]


def question(port: int) -> Callable[[], None]:
    def ask() -> None:
        with socket.socket(type=socket.SOCK_DGRAM) as end:
            end.sendto(bytes.fromhex("00070100000100000000000001780000010001"), ("127.0.0.1", port))

    return ask


@pytest.fixture
def quiet(site: Site) -> Site:
    for name in ("laptop", "phone"):
        site.run(name, "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6; ip link set eth0 arp off")
    return site


def end(capture: Process) -> dict[str, Any]:
    capture.wait_until_idle()
    capture.stop(signal.SIGINT)
    report = json.loads(capture.output)
    assert isinstance(report, dict)
    return report


@WAYS
def test_only_what_matters_comes_up_from_the_kernel(quiet: Site, env: dict[str, str]) -> None:
    capture = watch(quiet, "--json", env=env)
    sent = frames()
    other = sent[-1][:34] + (9999).to_bytes(2, "big") + (9998).to_bytes(2, "big") + sent[-1][38:]
    send(quiet, *[other] * 100, *sent)
    report = end(capture)
    assert report["source"]["packets"] == len(sent)
    assert report["phones"][0]["verdict"]["code"] == "no-update-offered" or report["verdict"]["status"] == "whole"
    assert report["problems"] == []


@WAYS
def test_tags_are_seen_and_written(quiet: Site, env: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "out.pcapng"
    capture = watch(quiet, "--json", "-w", str(path), env=env)
    sent = frames(tagged=True)
    send(quiet, *sent)
    report = end(capture)
    assert {
        observation["tag"] for observation in report["phones"][0]["observations"] if observation["kind"] == "dhcp"
    } == {100}
    data = path.read_bytes()
    assert all(frame in data for frame in sent)


@WAYS
def test_packets_of_loopback_are_seen_once(quiet: Site, env: dict[str, str]) -> None:
    capture = watch(quiet, "--facts", interface="lo", env=env)
    quiet.call("laptop", question(53))
    capture.wait_until_idle()
    capture.stop(signal.SIGINT)
    found = [json.loads(line) for line in capture.output.splitlines() if line.startswith("{")]
    assert [(fact["kind"], fact["name"]) for fact in found] == [("lookup", "x")]


@pytest.mark.parametrize("way", ["down", "delete"])
def test_an_interface_that_goes_away_ends_the_capture(quiet: Site, way: str) -> None:
    """scapy itself takes that for silence."""
    capture = watch(quiet, "--json")
    send(quiet, *frames())
    capture.wait_until_idle()
    quiet.run("laptop", "ip", "link", *(["set", "eth0", "down"] if way == "down" else ["delete", "eth0"]))
    assert capture.wait() in (0, 1, 3)
    report = json.loads(capture.output)
    assert [problem["code"] for problem in report["problems"]] == ["capture-ended"]
    assert "The interface eth0 went away" in report["problems"][0]["text"]
    assert report["phones"][0]["verdict"]["status"] == "whole"


@WAYS
def test_what_was_lost_is_said(quiet: Site, env: dict[str, str]) -> None:
    capture = watch(quiet, "--json", env=env)
    sent = frames()
    os.kill(capture.pid, signal.SIGSTOP)
    already = quiet.received("laptop")
    for _ in range(60):
        send(quiet, *sent[:1] * 2000)
    came = quiet.received("laptop") - already
    assert came > 100_000
    os.kill(capture.pid, signal.SIGCONT)
    capture.wait_until_idle()
    report = end(capture)
    told = [re.search(r"dropped ([0-9,]+) packets?", problem["text"]) for problem in report["problems"]]
    lost = sum(int(found[1].replace(",", "")) for found in told if found)
    assert lost > 0
    assert report["source"]["packets"] + lost == came


def test_packets_without_a_link_layer_are_read(quiet: Site) -> None:
    made = quiet.run("laptop", "ip", "tuntap", "add", "tun7", "mode", "tun", check=False)
    if made.returncode:
        pytest.skip(f"no tun devices here: {made.stderr}")
    quiet.run("laptop", "ip", "address", "add", "10.9.0.1/24", "dev", "tun7")
    quiet.run("laptop", "ip", "link", "set", "tun7", "up")
    # It has a carrier only while somebody holds it.
    holder = quiet.start("laptop", "python3", "-c", HOLD_TUN, ready="held")
    capture = watch(quiet, "--facts", interface="tun7")

    def ask() -> None:
        with socket.socket(type=socket.SOCK_DGRAM) as out:
            out.sendto(bytes.fromhex("00070100000100000000000001780000010001"), ("10.9.0.2", 53))

    quiet.call("laptop", ask)
    capture.wait_until_idle()
    capture.stop(signal.SIGINT)
    holder.stop()
    found = [json.loads(line) for line in capture.output.splitlines() if line.startswith("{")]
    assert [(fact["kind"], fact["server"]) for fact in found] == [("lookup", "10.9.0.2")]


HOLD_TUN = """
import fcntl, os, struct, time
held = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(held, 0x400454CA, struct.pack("16sH22x", b"tun7", 0x1001))
print("held", flush=True)
time.sleep(60)
"""


def test_interfaces_are_listed_with_their_state_and_addresses(quiet: Site) -> None:
    quiet.run("laptop", "ip", "link", "add", "mirror0", "type", "dummy", check=False)
    listed = quiet.ucdiag("laptop", "capture", "-D", "--sniffer", "scapy")
    assert listed.code == 0
    assert re.search(r"^eth0 \(up\) 10\.77\.0\.50$", listed.out, re.MULTILINE), listed.out
    assert re.search(r"^lo \(up\) 127\.0\.0\.1", listed.out, re.MULTILINE)
    # Mirror ports have no address.
    if "mirror0" in quiet.run("laptop", "ip", "link").stdout:
        assert re.search(r"^mirror0 \(down\)$", listed.out, re.MULTILINE)
    assert "bluetooth" not in listed.out


POWERLESS = ("setpriv", "--bounding-set=-net_raw,-net_admin", "--inh-caps=-net_raw,-net_admin")


@WAYS
def test_without_the_right_it_says_what_to_do(quiet: Site, env: dict[str, str]) -> None:
    from tests.site.ground import console_script

    words = (console_script(), "capture", "-i", "eth0", "--sniffer", "scapy", "--json")
    done = quiet.run("laptop", *POWERLESS, *words, check=False, env=env)
    assert done.returncode == 3
    (problem,) = json.loads(done.stdout)["problems"]
    assert problem["code"] == "no-privilege"


def test_an_interface_that_is_not_there_is_named(quiet: Site) -> None:
    result = quiet.ucdiag("laptop", "capture", "-i", "eth7", "--sniffer", "scapy")
    assert result.code == 3
    assert "There is no interface 'eth7': 'ucdiag capture -D' lists them" in result.err


def test_an_interface_that_is_down_is_named(quiet: Site) -> None:
    quiet.run("laptop", "ip", "link", "set", "eth0", "down")
    result = quiet.ucdiag("laptop", "capture", "-i", "eth0", "--sniffer", "scapy")
    assert result.code == 3
    assert "Nothing can be captured on eth0" in result.err
