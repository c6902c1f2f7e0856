"""The same matrix without root and without namespaces: what fits on loopback, sent there by ``--connect-to``."""

import subprocess
from pathlib import Path

import pytest

from tests.real import dnsmasq, free_port, nginx
from tests.site.ground import Result, console_script
from tests.site.matrix import CASES, DOMAIN, Case
from tests.site.raw import Raw
from tests.site.reports import BODY, check_report

HERE = "127.0.0.1"
# Loopback itself is no address for an update server, so the names lead to these, and the connections to loopback.
PLACES = {"10.77.0.2": "192.0.2.2", "10.77.0.99": "192.0.2.99", "203.0.113.5": "203.0.113.5"}


def fits(case: Case) -> bool:
    addresses = {
        address for value in case.records.values() for address in ([value] if isinstance(value, str) else value)
    }
    return (
        case.build is None
        and case.web is not None
        and case.tls is None
        and addresses <= set(PLACES)
        and "--url" not in case.options
    )


def ucdiag(*words: str) -> Result:
    done = subprocess.run(
        [console_script(), *words], capture_output=True, text=True, timeout=90, stdin=subprocess.DEVNULL
    )
    return Result.of(words, done)


@pytest.mark.parametrize("case", [case for case in CASES if fits(case)], ids=lambda case: case.name)
def test_the_path_on_loopback(tmp_path: Path, case: Case) -> None:
    records = [f"host-record={name},{PLACES[str(address)]}" for name, address in case.records.items()]
    with dnsmasq(tmp_path, f"local=/{DOMAIN}/", *records) as names, nginx(tmp_path, str(case.web)) as web:
        for path, content in case.files.items():
            file = web.folder / "html" / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        options = ["--domain", DOMAIN, "-n", f"{HERE}:{names.port}", *case.options]
        closed = free_port()
        for port, real in ((80, web.port), (443, closed), (8080, closed)):
            options += ["--connect-to", f"192.0.2.2:{port}:{HERE}:{real}"]
        if case.saved_body:
            (tmp_path / "saved.xml").write_text(BODY)
            options += ["--body", str(tmp_path / "saved.xml")]
        result = ucdiag("check", "--json", *options)
    # Not every case comes to every port.
    notes = frozenset({"connect-to-unused"})
    check_report(result, case.status, case.step, case.code, case.codes, dict(case.steps), notes)


def test_probe_by_address_and_port(tmp_path: Path) -> None:
    with Raw(0, b'HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n<Response downloads="0"/> ', address=HERE) as server:
        result = ucdiag("probe", "--json", "--address", HERE, "--port", str(server.port), "--mac", "00-04-F2-AA-BB-CC")
        check_report(result, "whole", None, "no-update-offered", {"no-update-offered"}, {"dns": "not-tested"})
        assert result.phone["phone"]["mac"] == "00:04:f2:aa:bb:cc"
        assert server.requests[0].startswith(b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\n")
        assert b"0004f2aabbcc" in server.requests[0].lower().replace(b":", b"").replace(b"-", b"")
    refused = ucdiag("probe", "--json", "--address", HERE, "--port", str(free_port()))
    check_report(refused, "broken", "connect", "connect-refused", {"connect-refused"}, {})
