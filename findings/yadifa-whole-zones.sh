#!/usr/bin/env bash
# yadifa 2.6.4 (Debian 12) serves nothing of a zone that has a DNAME, LOC or HINFO record.
#
# Expected: RFC 1035, section 3.3.2, has HINFO, of two texts; RFC 6672 has DNAME, and RFC 1876 has LOC. RFC 3597,
# sections 3 and 5: a server carries records of types that it does not know; there is a generic form for them. Its own
# manual, yadifad(8), has HINFO among the types that it supports.
# Seen: each of them ends the reading of the zone, with an error in the log, and the server answers SERVFAIL to each
# question for the zone, for its phones' update server as well. The same DNAME record is served where it is written as
# TYPE39, as is TYPE65500.
# Who meets it: whoever moves a zone from BIND or Windows to it: one such line, and no phone finds its server.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    yadifa=2.6.4-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { python3 -; }

expected=$(
    cat <<'TEXT'
@ MX 10 mail: an address
other DNAME example.net.: SERVFAIL
other TYPE39 \# 13 076578616d706c65036e657400: an address
other TYPE65500 \# 3 010203: an address
other LOC 52 N 5 E 10m: SERVFAIL
other HINFO "PC" "CE": SERVFAIL
other HINFO PC CE: SERVFAIL
other TXT PC: an address
TEXT
)
mkdir data keys log xfr run
seen=$(
    run <<'PY'
import os
import socket
import struct
import subprocess
import time
from contextlib import suppress
from pathlib import Path

RECORDS = (
    "@ MX 10 mail",
    "other DNAME example.net.",
    "other TYPE39 \\# 13 076578616d706c65036e657400",
    "other TYPE65500 \\# 3 010203",
    "other LOC 52 N 5 E 10m",
    'other HINFO "PC" "CE"',
    "other HINFO PC CE",
    "other TXT PC",
)
here = Path.cwd()
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
lines = [
    "<main>",
    *(f'{name}path "{here}/{name}"' for name in ("data", "keys", "log", "xfr")),
    f'pidfile "{here}/run/pid"',
    f"uid {os.getuid()}",
    f"gid {os.getgid()}",
    f"listen 127.0.0.1 port {port}",
    f"port {port}",
    "daemon off",
    "</main>",
]
for number, record in enumerate(RECORDS):
    Path(f"data/{number}").write_text(
        f"$TTL 3600\n@ IN SOA ns hostmaster 1 3600 900 604800 3600\n@ NS ns\nns A 192.0.2.53\n"
        f"ucupdates-r2 A 192.0.2.20\n{record}\n"
    )
    lines += ["<zone>", "type primary", f"domain z{number}.test", f'file "{number}"', "</zone>"]
Path("yadifad.conf").write_text("\n".join(lines) + "\n")


def ask(zone: str) -> str:
    labels = b"".join(bytes([len(label)]) + label.encode() for label in f"ucupdates-r2.{zone}".split("."))
    query = struct.pack(">6H", 7, 0, 1, 0, 0, 0) + labels + struct.pack(">xHH", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.connect(("127.0.0.1", port))
        for _ in range(100):
            with suppress(OSError):
                asker.settimeout(0.2)
                asker.send(query)
                answer = asker.recv(512)
                break
            time.sleep(0.1)
    status = answer[3] & 15
    return {0: "an address", 2: "SERVFAIL"}.get(status, str(status))


with subprocess.Popen(
    ["usr/sbin/yadifad", "-c", "yadifad.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
) as server:
    time.sleep(2)
    for number, record in enumerate(RECORDS):
        print(f"{record}: {ask(f'z{number}.test')}")
    server.terminate()
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
