#!/usr/bin/env bash
# gdnsd 3.8.1 (Debian 12) gives an alias without the address that it has for it.
#
# Expected: RFC 1034, section 4.3.2, step 3a: a server that finds a CNAME record puts it into the answer and goes on
# with the name that it points to.
# Seen: the answer has the alias alone, although the address is in the same zone. Its manual has this as the default of
# the option experimental_no_chain, and calls it "RFC-questionable": with false, the answer is whole.
# Who meets it: a phone or a check that asks it directly, and takes an alias without an address for a name without one.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    gdnsd=3.8.1-1 libev4=1:4.33-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { python3 -; }

expected=$(
    cat <<'TEXT'
server A: A 192.0.2.20
ucupdates-r2 A: CNAME
ucupdates A: CNAME
with experimental_no_chain => false:
ucupdates-r2 A: CNAME, A 192.0.2.20
ucupdates A: CNAME, CNAME, A 192.0.2.20
TEXT
)
mkdir -p etc/zones run state
cat >etc/zones/contoso.com <<'ZONE'
@ SOA ns hostmaster 1 1h 15m 1w 1h
@ NS ns
ns A 192.0.2.53
server A 192.0.2.20
ucupdates-r2 CNAME server
ucupdates CNAME ucupdates-r2
ZONE
seen=$(
    run <<'PY'
import socket
import struct
import subprocess
import time
from contextlib import suppress
from pathlib import Path

TYPES = {1: "A", 5: "CNAME"}


def skip(message: bytes, at: int) -> int:
    while message[at]:
        if message[at] >= 192:
            return at + 2
        at += 1 + message[at]
    return at + 1


def ask(port: int, name: str) -> str:
    labels = b"".join(bytes([len(label)]) + label.encode() for label in f"{name}.contoso.com".split("."))
    query = struct.pack(">6H", 7, 0, 1, 0, 0, 0) + labels + struct.pack(">xHH", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.connect(("127.0.0.1", port))
        for _ in range(100):
            with suppress(OSError):
                asker.settimeout(0.1)
                asker.send(query)
                message = asker.recv(512)
                break
            time.sleep(0.05)
    at, records = len(query), []
    for _ in range(*struct.unpack(">H", message[6:8])):
        at = skip(message, at)
        found, length = struct.unpack(">H6xH", message[at : at + 10])
        data = message[at + 10 : at + 10 + length]
        records.append(f"{TYPES[found]} {socket.inet_ntoa(data)}" if found == 1 else TYPES[found])
        at += 10 + length
    return ", ".join(records)


def serve(options: str, *names: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folders = f"run_dir => {Path.cwd()}/run, state_dir => {Path.cwd()}/state"
    Path("etc/config").write_text(f"options => {{ listen => 127.0.0.1:{port}, {folders}{options} }}\n")
    with subprocess.Popen(["usr/sbin/gdnsd", "-c", "etc", "start"], stderr=subprocess.DEVNULL) as server:
        for name in names:
            print(f"{name} A: {ask(port, name)}")
        server.terminate()


serve("", "server", "ucupdates-r2", "ucupdates")
print("with experimental_no_chain => false:", flush=True)
serve(", experimental_no_chain => false", "ucupdates-r2", "ucupdates")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
