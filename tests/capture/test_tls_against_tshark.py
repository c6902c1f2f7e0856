"""What is decrypted is what tshark decrypts, and what is written is what Wireshark's programs read."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from ssl import TLSVersion
from typing import Any

import pytest
from click.testing import CliRunner

from tests.capture.capture_files import pcap
from tests.capture.tls_phone import FILES, SERVER, TlsPhone, check, fetch, file_of, nothing_newer, offer, status
from tests.real import need
from tests.wire.tls_talk import TlsTalk, server_pem
from ucdiag.cli.main import cli

pytestmark = pytest.mark.slow

CIPHERS = {
    TLSVersion.TLSv1: ("AES128-SHA", "ECDHE-RSA-AES256-SHA"),
    TLSVersion.TLSv1_1: ("AES256-SHA",),
    TLSVersion.TLSv1_2: (
        "ECDHE-RSA-AES128-SHA256",
        "AES256-GCM-SHA384",
        "ECDHE-RSA-CHACHA20-POLY1305",
        "AES128-CCM8",
        "CAMELLIA128-SHA",
    ),
    TLSVersion.TLSv1_3: ("ALL",),
}


def sessions() -> Iterator[tuple[TlsTalk, TlsTalk]]:
    """A full session and one that resumes it, of each version and cipher, by ticket and by identifier."""
    for version, ciphers in CIPHERS.items():
        for cipher in ciphers:
            for tickets in (True, False):
                settings: dict[str, Any] = {"minimum": version, "maximum": version, "ciphers": cipher}
                first = TlsTalk(**settings, tickets=tickets)
                first.request(check()).answer(status("404 Not Found", b"<html></html>")).close()
                second = TlsTalk(**settings, tickets=tickets, session=first.client.session)
                second.request(check()).answer(offer()).request(fetch()).answer(file_of(40_000)).close()
                yield first, second


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A capture and its key log."""
    folder = tmp_path_factory.mktemp("tls")
    phone = TlsPhone()
    key_log = ""
    for first, second in sessions():
        assert second.client.session_reused
        phone.talks(SERVER, first)
        phone.talks(FILES, second)
        key_log += first.key_log + second.key_log
    capture, keys = folder / "site.pcap", folder / "keys.log"
    capture.write_bytes(pcap(phone.frames()))
    keys.write_text(key_log)
    return capture, keys


NGINX = """
daemon off;
user root;
pid nginx.pid;
error_log nginx.log;
worker_processes 1;
events {}
http {
    access_log off;
    ssl_certificate cert.pem;
    ssl_certificate_key cert.pem;
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
    ssl_ciphers ALL:@SECLEVEL=0;
    ssl_session_cache shared:sessions:1m;
    gzip on;
    gzip_types text/xml;
    server {
        listen 127.0.0.1:443 ssl;
        root .;
        location /RequestHandler/ { error_page 405 =200 $uri; }
        location /closes { return 444; }
    }
}
"""
# Plays on a loopback of its own: nginx, curl, which logs its secrets, and tcpdump.
SCRIPT = r"""
set -eu
cd "$1"
ip link set lo up mtu 1500
ip link set lo gso_max_size 1500 2> /dev/null || true
nginx -p "$PWD" -c nginx.conf & nginx=$!
dump=
trap 'kill $nginx $dump 2>/dev/null; wait' EXIT
for try in $(seq 100); do if curl -sk -o /dev/null -m 1 https://127.0.0.1/; then break; fi; sleep 0.1; done
tcpdump -i lo --immediate-mode -B 32768 -U -w capture.pcap tcp port 443 2> tcpdump.log & dump=$!
until grep -q listening tcpdump.log; do sleep 0.1; done
export SSLKEYLOGFILE="$PWD/keys.log"
get="curl -sk -o /dev/null -m 20 --ciphers ALL:@SECLEVEL=0"
for version in 1.0 1.1 1.2 1.3; do
    with="$get --tlsv$version --tls-max $version"
    $with https://127.0.0.1/page.xml https://127.0.0.1/missing
    $with --compressed https://127.0.0.1/page.xml
    $with -d @page.xml -H Expect: https://127.0.0.1/RequestHandler/ucdevice.upx
    $with https://127.0.0.1/CPE.nbt https://127.0.0.1/page.xml
    $with https://127.0.0.1/closes || true
done
sleep 1
kill -INT $dump
wait $dump || true
"""


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A capture of nginx and curl, and curl's key log."""
    for program in ("nginx", "curl", "tcpdump", "tshark", "unshare", "ip"):
        need(program)
    if os.geteuid() != 0:
        pytest.skip("a network namespace needs root")
    folder = tmp_path_factory.mktemp("real")
    (folder / "nginx.conf").write_text(NGINX)
    (folder / "cert.pem").write_bytes(Path(server_pem()).read_bytes())
    (folder / "page.xml").write_text("<page>" + "text " * 2000 + "</page>")
    (folder / "RequestHandler").mkdir()
    (folder / "RequestHandler" / "ucdevice.upx").write_text("<Response><Downloads>0</Downloads></Response>")
    (folder / "CPE.nbt").write_bytes(os.urandom(300_000))
    command = ["taskset", "--cpu-list", str(min(os.sched_getaffinity(0))), "unshare", "--net", "--pid", "--fork"]
    command += ["--kill-child", "bash", "-c", SCRIPT, "play", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return folder / "capture.pcap", folder / "keys.log"


@pytest.mark.site
def test_nginx_and_curl_are_read_as_tshark_reads_them(real: tuple[Path, Path]) -> None:
    capture, keys = real
    found = facts(capture, "--keylog", keys)
    exchanges = [fact for fact in found if fact["kind"] == "http"]
    assert [fact["decrypted"] for fact in found if fact["kind"] == "tls"] == [True] * 20
    assert len(exchanges) == 4 * 7
    whole = [exchange for exchange in exchanges if exchange["complete"]]
    assert {exchange["target"] for exchange in exchanges if exchange not in whole} == {"/closes"}
    assert {exchange["answer_bytes"] for exchange in whole if exchange["target"] == "/CPE.nbt"} == {300_000}
    messages = sorted(
        [(exchange["frame"], exchange["method"]) for exchange in exchanges]
        + [(exchange["answer_frame"], str(exchange["status"])) for exchange in whole]
    )
    ordered = ("-o", "tcp.reassemble_out_of_order:TRUE")
    assert messages == tsharks(capture, *ordered, "-o", f"tls.keylog_file:{keys}")


def facts(capture: Path, *more: object) -> list[dict[str, Any]]:
    done = CliRunner().invoke(cli, ["capture", "-r", str(capture), "--facts", *map(str, more)])
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def ours(found: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """Frame and method or status of each message."""
    messages = []
    for http in found:
        if http["kind"] == "http":
            assert http["complete"]
            messages += [(http["frame"], http["method"]), (http["answer_frame"], str(http["status"]))]
    return sorted(messages)


def tsharks(capture: Path, *more: str) -> list[tuple[int, str]]:
    fields = [word for name in ("frame.number", "http.request.method", "http.response.code") for word in ("-e", name)]
    command = [need("tshark"), "-r", str(capture), *more, "-Y", "http", "-T", "fields", *fields]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    messages = []
    for line in done.stdout.splitlines():
        frame, method, code = line.split("\t")
        messages += [(int(frame), word) for word in (method or code).split(",")]
    return sorted(messages)


def test_tshark_reads_the_same_messages_in_the_same_frames(site: tuple[Path, Path]) -> None:
    capture, keys = site
    found = ours(facts(capture, "--keylog", keys))
    assert len(found) == 6 * 2 * 9
    assert found == tsharks(capture, "-o", f"tls.keylog_file:{keys}")


def test_secrets_that_editcap_puts_in_are_used(site: tuple[Path, Path], tmp_path: Path) -> None:
    capture, keys = site
    injected = tmp_path / "injected.pcapng"
    command = [need("editcap"), "-F", "pcapng", "--inject-secrets", f"tls,{keys}", str(capture), str(injected)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert facts(injected) == facts(capture, "--keylog", keys)


def test_a_copy_with_secrets_is_read_by_wireshark_s_programs(site: tuple[Path, Path], tmp_path: Path) -> None:
    capture, keys = site
    injected, copy, again = (tmp_path / name for name in ("injected.pcapng", "copy.pcapng", "again.pcapng"))
    command = [need("editcap"), "-F", "pcapng", "--inject-secrets", f"tls,{keys}", str(capture), str(injected)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    found = ours(facts(injected, "-w", copy))
    assert found == tsharks(copy)
    for program in (["editcap", str(copy), str(again)], ["mergecap", "-w", str(again), str(copy)]):
        subprocess.run([need(program[0]), *program[1:]], check=True, capture_output=True, timeout=60)
        assert ours(facts(again)) == found


def test_resumed_sessions_are_read_by_the_lines_of_the_first(tmp_path: Path) -> None:
    """Of up to TLS 1.2; those of TLS 1.3 have their own secrets."""
    phone = TlsPhone()
    lines = ""
    for first, second in sessions():
        phone.talks(SERVER, first)
        phone.talks(FILES, second)
        lines += first.key_log
    capture, keys = tmp_path / "site.pcap", tmp_path / "keys.log"
    capture.write_bytes(pcap(phone.frames()))
    keys.write_text(lines)
    found = ours(facts(capture, "--keylog", keys))
    assert len(found) == 6 * 2 * 8 + 2 * 2
    assert found == tsharks(capture, "-o", f"tls.keylog_file:{keys}")


def test_nothing_newer_is_whole_in_both(tmp_path: Path) -> None:
    session = TlsTalk().request(check()).answer(nothing_newer()).close()
    phone = TlsPhone()
    phone.talks(SERVER, session)
    capture, keys = tmp_path / "site.pcap", tmp_path / "keys.log"
    capture.write_bytes(pcap(phone.frames()))
    keys.write_text(session.key_log)
    assert ours(facts(capture, "--keylog", keys)) == tsharks(capture, "-o", f"tls.keylog_file:{keys}")
