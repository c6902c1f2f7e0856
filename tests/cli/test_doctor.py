"""``ucdiag doctor``: what it finds of a machine, in each system's terms, and how it shows it."""

import errno
import json
import socket
import ssl
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from ucdiag.cli.main import cli
from ucdiag.model.machine import Check, CheckName, Machine, Remedy
from ucdiag.model.vocabulary import words
from ucdiag.probe import machine_checks
from ucdiag.runtime import privileges
from ucdiag.runtime.context import CannotTest
from ucdiag.views import general_formats
from ucdiag.views.schema import schema_files

VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_files()["doctor.schema.json"]))


def doctor(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(cli, ["doctor", *arguments], prog_name="ucdiag", env=environment)


def machine(*checks: Check) -> Machine:
    return Machine(ucdiag="0", system="Linux 6", python="3.13.1", checks=checks)


GOOD = Check(check="scapy", status="ok", summary="scapy 2.8.0 is there.")
WARNED = Check(check="domain", status="warning", summary="No domain is known.", fix="Name it.")
BAD = Check(
    check="rights",
    status="failed",
    summary="This process may not listen.",
    fix="Run it with more rights.",
    commands=(
        Remedy(purpose="change", shell="sh", text="sudo '/my venv/ucdiag' capture", note="as root"),
        Remedy(purpose="instead", shell="sh", text="ucdiag capture x.pcapng"),
    ),
)


@pytest.mark.parametrize(
    ("checks", "code", "says"),
    [
        ((GOOD,), 0, "Everything that ucdiag does can be done on this machine."),
        ((GOOD, WARNED), 0, "Everything that ucdiag does can be done on this machine."),
        ((GOOD, BAD, WARNED), 3, "Not everything can be tested from this machine: rights."),
    ],
)
@pytest.mark.parametrize("form", general_formats())
def test_exit_code_and_conclusion(
    monkeypatch: pytest.MonkeyPatch, checks: tuple[Check, ...], code: int, says: str, form: str
) -> None:
    monkeypatch.setattr(machine_checks, "examine_machine", lambda: machine(*checks))
    result = doctor("-f", form)
    assert result.exit_code == code
    if form == "json":
        data = json.loads(result.stdout)
        VALIDATOR.validate(data)
        assert [check["check"] for check in data["checks"]] == [check.check for check in checks]
    else:
        assert says in result.stdout
    if form in ("text", "short"):
        assert doctor("-f", form, "-q").stdout == f"{says}\n"


def test_what_fixes_it_stands_below_and_can_be_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_checks, "examine_machine", lambda: machine(GOOD, BAD))
    lines = doctor().stdout.splitlines()
    assert [line.strip() for line in lines[lines.index("    Change (as root):") - 1 :][:5]] == [
        "Run it with more rights.",
        "Change (as root):",
        "sudo '/my venv/ucdiag' capture",
        "Instead:",
        "ucdiag capture x.pcapng",
    ]


def test_the_environment_names_the_format(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_checks, "examine_machine", lambda: machine(GOOD))
    assert doctor(UCDIAG_DOCTOR_FORMAT="short").stdout.startswith("scapy ok: ")


def test_this_machine_is_examined_whole() -> None:
    result = doctor("--json")
    assert result.exit_code in (0, 3)
    data = json.loads(result.stdout)
    VALIDATOR.validate(data)
    assert tuple(check["check"] for check in data["checks"]) == words(CheckName)
    for check in data["checks"]:
        assert check["summary"].endswith(".")
        assert check["status"] in ("ok", "unknown") or check["fix"]


def check_of(monkeypatch: pytest.MonkeyPatch, system: str, check: Callable[[], Check]) -> Check:
    monkeypatch.setattr(machine_checks.sys, "platform", system)
    return check()


class Port68:
    """A socket whose bind fails."""

    def __init__(self, number: int, text: str) -> None:
        self.error = OSError(number, text)

    def __call__(self, *words: object) -> "Port68":
        return self

    def __enter__(self) -> "Port68":
        return self

    def __exit__(self, *raised: object) -> None:
        pass

    def bind(self, where: object) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("system", "number", "says", "command"),
    [
        # The DHCP client service holds it exclusively: WSAEACCES, not WSAEADDRINUSE.
        ("win32", 10013, "DHCP client, holds it", "Get-NetUDPEndpoint -LocalPort 68"),
        ("win32", 10048, "DHCP client, holds it", "Get-NetUDPEndpoint -LocalPort 68"),
        ("linux", errno.EADDRINUSE, "DHCP client, holds it", "sudo ss -lunp"),
        ("linux", errno.EACCES, "this user may not use it", None),
        ("darwin", errno.EPERM, "this user may not use it", None),
    ],
)
def test_port_68(monkeypatch: pytest.MonkeyPatch, system: str, number: int, says: str, command: str | None) -> None:
    monkeypatch.setattr(socket, "socket", Port68(number, "An attempt was made to access a socket in a way forbidden"))
    found = check_of(monkeypatch, system, machine_checks.port_68_check)
    assert (found.check, found.status) == ("port-68", "warning")
    assert says in found.summary
    assert [text.text.startswith(command or "") for text in found.commands] == [True] * (command is not None)


@pytest.mark.parametrize(
    ("has", "status", "lacks"),
    [
        ({"landlock", "seccomp"}, "ok", ()),
        ({"seccomp"}, "warning", ("Landlock",)),
        (set(), "warning", ("Landlock", "seccomp")),
    ],
)
def test_what_confines_a_run_of_root(
    monkeypatch: pytest.MonkeyPatch, has: set[str], status: str, lacks: tuple[str, ...]
) -> None:
    monkeypatch.setattr(machine_checks, "offered_ways", lambda: has)
    found = check_of(monkeypatch, "linux", machine_checks.confinement_check)
    assert (found.check, found.status) == ("confined", status)
    assert all(word in found.summary for word in lacks)
    assert [word in found.summary for word in ("Landlock", "seccomp")].count(True) == len(lacks)
    assert check_of(monkeypatch, "darwin", machine_checks.confinement_check).status == "ok"


@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
def test_without_the_right_there_is_a_way_with_and_one_without_root(
    monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    monkeypatch.setattr(machine_checks, "may_listen", lambda: False)
    found = check_of(monkeypatch, system, machine_checks.rights_check)
    assert found.status == "failed"
    texts = {purpose: [c.text for c in found.commands if c.purpose == purpose] for purpose in ("change", "instead")}
    assert texts["change"]
    assert any(tool in texts["instead"][0] for tool in ("tcpdump", "dumpcap", "pktmon"))
    assert texts["instead"][-1].endswith("capture capture.pcapng")
    for command in found.commands:
        if command.text.startswith("sudo ") and "setcap" not in command.text and "ucdiag" in command.text:
            assert privileges.program_call() in command.text
    if system == "linux":
        (granted,) = [command.note for command in found.commands if "setcap" in command.text]
        assert granted is not None
        assert "every user" in granted


@pytest.mark.parametrize(("system", "status"), [("linux", "warning"), ("darwin", "warning"), ("win32", "failed")])
def test_a_missing_library(monkeypatch: pytest.MonkeyPatch, system: str, status: str) -> None:
    monkeypatch.setattr(machine_checks, "library_version", lambda: None)
    found = check_of(monkeypatch, system, machine_checks.library_check)
    assert found.status == status
    assert ("npcap.com" in str(found.fix)) == (system == "win32")


def test_a_missing_scapy(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> str:
        raise ImportError("No module named 'scapy'")

    monkeypatch.setattr(machine_checks, "scapy_version", missing)
    found = machine_checks.scapy_check()
    assert (found.status, found.summary) == ("failed", "scapy cannot be used: No module named 'scapy'.")


def test_no_interface(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> tuple[str, bool]:
        raise CannotTest("no-interface", "No network interface is connected.")

    monkeypatch.setattr(machine_checks, "choose_interface", none)
    assert machine_checks.interfaces_check().status == "failed"
    monkeypatch.setattr(machine_checks, "choose_interface", lambda: ("eth1", False))
    found = machine_checks.interfaces_check()
    assert (found.status, "eth1 is connected" in found.summary) == ("warning", True)


def test_no_resolver() -> None:
    found = machine_checks.resolvers_check(None)
    assert (found.status, found.summary) == ("failed", "This machine knows no DNS server.")


def test_a_library_that_cannot_offer_tls_1_0(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(context: object, version: object) -> None:
        raise ValueError("Unsupported protocol version 0x301")

    class Context(ssl.SSLContext):
        minimum_version = property(lambda context: None, refuse)  # type: ignore[assignment]

    monkeypatch.setattr(ssl, "SSLContext", Context)
    found = machine_checks.tls_1_0_check()
    assert found.status == "warning"
    assert "Unsupported protocol version 0x301" in found.summary


def test_a_clock_in_the_past(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_checks.time, "time", lambda: 1_000_000_000.0)
    assert machine_checks.time_check().status == "failed"


@pytest.mark.parametrize(
    ("said", "status"),
    [("yes\n", "ok"), ("no\n", "warning"), ("", "unknown"), (None, "unknown"), ("garbage", "unknown")],
)
def test_whether_the_clock_is_synchronised(monkeypatch: pytest.MonkeyPatch, said: Any, status: str) -> None:
    monkeypatch.setattr(machine_checks, "run_program", lambda argv: said)
    assert check_of(monkeypatch, "linux", machine_checks.time_check).status == status


def test_what_is_good_has_its_advice_only_where_more_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    good = Check(check="scapy", status="ok", summary="scapy 2.8.0 is there.", fix="A newer one is faster.")
    monkeypatch.setattr(machine_checks, "examine_machine", lambda: machine(good, BAD))
    plain, more, less = doctor().stdout, doctor("-v").stdout, doctor("-q").stdout
    assert "A newer one" not in plain
    assert "A newer one is faster." in more
    for text in (plain, more):
        assert "scapy 2.8.0 is there." in text
        assert "Run it with more rights." in text
    assert less == "Not everything can be tested from this machine: rights.\n"
