"""What a capture loads: each module costs time and memory at every start, so what a run does not need is left out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.wire.ladder import Ladder
from tests.wire.wired import NOTHING_NEWER, POST, frames, later, question, write

_RUN = """
import os, sys
def left(code, leave=os._exit):
    print(*sys.modules, file=sys.stderr)
    leave(code)
os._exit = left
from ucdiag.program import main
main()
"""
# Module -> what it is for.
ALWAYS_LATE = {
    "difflib": "suggestions for a mistyped option",
    "pathlib": "nothing: it is slow to import",
    "pickle": "the reports of many phones, as text",
    "shlex": "hints on commands",
    "tempfile": "reports and phones that memory does not hold, where the usual folder takes none",
    "ucdiag.capture.other_formats": "what is no capture",
    "ucdiag.capture.pcapng": "the other format",
    "ucdiag.capture.read_ahead": "a large file",
    "ucdiag.cli.output_files": "-o",
    "ucdiag.cli.until_done": "--until-done",
    "ucdiag.cli.usage_errors": "a wrong use",
    "ucdiag.runtime.forked_worker": "a large file, and many phones",
    "ucdiag.runtime.named_files": "-o, -w",
    "ucdiag.views.phones": "what a terminal shows meanwhile",
    "ucdiag.runtime.root_keeper": "-o and -w of root's",
    "ucdiag.wire.dns.over_tcp": "DNS over TCP",
    "ucdiag.wire.tls.handshake": "TLS",
    "ucdiag.wire.tls.tracker": "TLS",
    "ucdiag.wire.tls.x509": "TLS",
    "xml.etree.ElementTree": "nothing: expat reads the answers",
}
WITH_A_PHONE = {
    "ucdiag.diagnosis.alike_stories",
    "ucdiag.diagnosis.engine",
    "ucdiag.wire.http.exchange",
    "ucdiag.wire.http.tracker",
}
LATE_WITH_A_PHONE = {"ucdiag.cli.no_phone"}


def loaded(capture: Path) -> set[str]:
    command = [sys.executable, "-c", _RUN, "capture", "--no-profile", "--json", "-r", str(capture)]
    # To look for a mistyped variable takes difflib.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("UCDIAG_")}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode in (0, 3), done.stderr
    return set(done.stderr.split())


@pytest.fixture(scope="module")
def of_a_phone(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    ladder = Ladder().opens().says(POST).answers(NOTHING_NEWER)
    path = tmp_path_factory.mktemp("phone") / "phone.pcap"
    return loaded(write(path, [*question(), *frames(ladder.closes().segments)]))


@pytest.fixture(scope="module")
def of_nobody(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    return loaded(write(tmp_path_factory.mktemp("nobody") / "nobody.pcap", [later(1_700_000_000_000_000)]))


# Some start of Python of their own, as an editable installation does, has loaded these already.
BEFORE = frozenset(
    subprocess.run(
        [sys.executable, "-c", "import sys, click, dataclasses; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout.split()
)


@pytest.mark.parametrize("name", ALWAYS_LATE)
def test_a_capture_of_a_phone_does_not_load_what_it_does_not_need(name: str, of_a_phone: set[str]) -> None:
    if name in BEFORE:
        return
    assert name not in of_a_phone, ALWAYS_LATE[name]


def test_a_capture_of_a_phone_loads_the_judge(of_a_phone: set[str]) -> None:
    assert of_a_phone >= WITH_A_PHONE
    assert not of_a_phone & LATE_WITH_A_PHONE


def test_of_the_catalogue_it_loads_the_step_of_its_finding(of_a_phone: set[str]) -> None:
    steps = {name.rpartition(".")[2] for name in of_a_phone if name.startswith("ucdiag.diagnosis.catalogue.")}
    assert steps & {"dhcp", "dns", "connect", "tls", "request", "response", "download"} == {"response"}


def test_a_capture_of_nobody_loads_no_judge(of_nobody: set[str]) -> None:
    late = {name for name in ALWAYS_LATE if name.startswith("ucdiag.")}
    assert not of_nobody & (late | WITH_A_PHONE)
    assert of_nobody >= LATE_WITH_A_PHONE
