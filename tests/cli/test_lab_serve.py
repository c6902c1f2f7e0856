"""``lab SCENARIO --serve``: what it prints can be pasted into a shell, and shows the scenario's own fault."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ucdiag.lab.dhcp_link import answer_frames, offers_of, why_not
from ucdiag.lab.scenarios import SCENARIOS
from ucdiag.wire.dhcp.message import read_dhcp

ROOT = Path(__file__).parents[2]
ROOTS_RIGHTS = pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0 or shutil.which("ip") is None,
    reason="a pair of virtual interfaces needs Linux, root and the command ip",
)
posix = pytest.mark.skipif(os.name == "nt", reason="the shell is POSIX")


@contextmanager
def served(name: str, *words: str) -> Iterator[list[str]]:
    """What the lab prints, until it is stopped with Ctrl-C."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("UCDIAG_")}
    environment |= {"COLUMNS": "40", "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    site = subprocess.Popen(
        [sys.executable, "-m", "ucdiag", "lab", name, "--serve", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        assert site.stdout is not None
        lines = []
        for line in site.stdout:
            lines.append(line.rstrip("\n"))
            if "stays up until" in line:
                break
        assert site.poll() is None, site.communicate()[1]
        yield lines
    finally:
        site.send_signal(signal.SIGINT)
        site.communicate(timeout=60)
    assert site.returncode == 0


def pasted(lines: list[str]) -> dict[str, str]:
    """The commands, by the program's command."""
    commands = [line[2:] for line in lines if line.startswith("  ") and not line.startswith("   ")]
    found = {}
    for command in commands:
        words = shlex.split(command)
        name = (
            "dig"
            if words[0] == "dig"
            else next(word for word in words if word in ("lab", "check", "check-dns", "check-dhcp", "probe"))
        )
        found[name] = command
    return found


def shell(command: str) -> dict[str, Any]:
    done = subprocess.run(
        ["sh", "-c", f"{command} --json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout, done.stderr
    data: dict[str, Any] = json.loads(done.stdout)
    return data


def verdict(data: dict[str, Any]) -> tuple[str, str | None, str | None]:
    said = data["verdict"]
    return said["status"], said["step"], said["code"]


def codes(data: dict[str, Any]) -> set[str]:
    return {finding["code"] for phone in data["phones"] for finding in phone["findings"]}


def expected(name: str) -> tuple[str, str | None, str | None]:
    expect = SCENARIOS[name].expect
    return expect.status, expect.step, expect.code


@posix
@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["whole", "dns-no-address", "tls-expired", "http-server-error", "external-sign-in-needed", "download-truncated"],
)
def test_the_commands_show_the_fault_when_they_are_pasted(name: str) -> None:
    with served(name) as lines:
        commands = pasted(lines)
        assert {"check", "check-dns", "probe"} <= set(commands)
        assert verdict(shell(commands["check"])) == expected(name)
        assert verdict(shell(commands["probe"])) == expected(name)
        assert shell(commands["check-dns"])["verdict"]["code"] != "usage"
        if shutil.which("dig"):
            answer = subprocess.run(
                ["sh", "-c", commands["dig"]], capture_output=True, text=True, timeout=60, check=True
            )
            assert "status: NOERROR" in answer.stdout


@posix
def test_the_lab_s_phone_is_in_the_commands() -> None:
    with served("whole") as lines:
        words = shlex.split(pasted(lines)["check"])
    assert words[words.index("--firmware") + 1] == SCENARIOS["whole"].check.firmware
    assert words[words.index("--body") + 1].endswith("phone.request")
    assert "--no-profile" in words


@posix
def test_where_dhcp_cannot_be_served_it_is_said_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ucdiag.lab.dhcp_link.is_root", lambda: False)
    monkeypatch.setattr("ucdiag.lab.dhcp_link.shutil.which", lambda name: f"/usr/sbin/{name}")
    assert "root's rights" in (why_not(SCENARIOS["dhcp-no-domain"]) or "") or not sys.platform.startswith("linux")
    assert "no server makes it" in (why_not(SCENARIOS["lease-rewritten"]) or "")
    monkeypatch.setattr("ucdiag.lab.dhcp_link.shutil.which", lambda name: None)
    assert "Linux has" in (why_not(SCENARIOS["dhcp-no-domain"]) or "")
    with served("lease-rewritten") as lines:
        text = "\n".join(lines)
        assert "DHCP is not served: the fault is in what this machine's own DHCP client keeps" in text
        assert shlex.split(pasted(lines)["lab"])[-2:] == ["lab", "lease-rewritten"]
        assert codes(shell(pasted(lines)["lab"])) == {"lease-rewritten"}


@posix
def test_a_scenario_of_dns_says_nothing_of_dhcp() -> None:
    with served("dns-legacy-only") as lines:
        assert "DHCP" not in "\n".join(lines)
        assert "check-dhcp" not in pasted(lines)


@ROOTS_RIGHTS
@pytest.mark.slow
def test_dhcp_is_served_on_a_pair_of_virtual_interfaces() -> None:
    for name in (
        "dhcp-no-domain",
        "dhcp-domains-differ",
        "dhcp-domain-unexpected",
        "dhcp-domain-by-class",
        "dhcp-no-answer",
    ):
        with served(name) as lines:
            data = shell(pasted(lines)["check-dhcp"])
            code = SCENARIOS[name].expect.code or SCENARIOS[name].also[0]
            assert code in codes(data), (name, codes(data))
            assert codes(data) == {code}, name
            # Nothing is asked of an address that is not this machine's.
            asked = {fact["server"] for fact in data["phones"][0]["observations"] if fact["kind"] == "lookup"}
            assert asked <= {"127.0.0.1"}
    assert "ucdiag-lab" not in subprocess.run(["ip", "link"], capture_output=True, text=True, check=True).stdout


def test_only_the_lab_s_phone_is_offered_anything() -> None:
    from ucdiag.probe.dhcp_message import Question, build_frame, read_frame

    scenario = SCENARIOS["dhcp-domains-differ"]
    frame = build_frame(Question("discover", "00:04:f2:00:00:01", 7), "00:04:f2:00:00:01", None)
    offers = []
    for answer in answer_frames(scenario, frame):
        datagram = read_frame(answer)
        assert datagram is not None
        offers.append(read_dhcp(datagram.payload, time=0, source_address=datagram.source))
    assert [(offer.type, offer.server, offer.domain) for offer in offers] == [
        ("offer", "192.0.2.1", "contoso.example"),
        ("offer", "192.0.2.2", "branch.contoso.example"),
    ]
    assert {offer.transaction for offer in offers} == {7}
    other = build_frame(Question("discover", "00:04:f2:00:00:02", 7), "00:04:f2:00:00:02", None)
    assert answer_frames(scenario, other) == []
    assert answer_frames(scenario, frame[:200]) == []
    assert answer_frames(scenario, b"") == []
    assert answer_frames(SCENARIOS["dhcp-no-answer"], frame) == []


def test_a_class_may_be_offered_something_else() -> None:
    scenario = SCENARIOS["dhcp-domain-by-class"]
    assert [offer.domain for offer in offers_of(scenario, "CPE-OCPhone")] == [None]
    assert [offer.domain for offer in offers_of(scenario, "MS-UC-Client")] == ["contoso.example"]
