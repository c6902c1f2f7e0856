#!/usr/bin/env bash
# syslog-ng 3.38.1 (Debian 12) passes on structured data with other names than it received, and leaves some of it out.
#
# Expected: RFC 5424, section 6.3.3: the name of a parameter is letters, digits and marks, of which only "=", "]", the
# blank and the quotation mark are excluded, so a dot may be in it; the same name may be there several times, as "ip" of
# section 7.2 for each address of a host. $SDATA is the structured data (its administration guide, "Macros").
# Seen: up to its last dot, the name becomes a part of the element's: of server.name in phone@32473, "name" in
# phone@32473.server, an element that nobody wrote. Of a name that is there twice, the last value remains. No warning.
# Who meets it: whoever collects with it what checks of the phones' path report, and passes it on to a search engine.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    syslog-ng-core=3.38.1-5+deb12u1 libivykis0=0.42.4-1 libpcre3=2:8.39-15 libnet1=1.1.6+dfsg-3.2 \
    libwrap0=7.6.q-32 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
libraries=$PWD/usr/lib/syslog-ng:$PWD/usr/lib/x86_64-linux-gnu:$PWD/lib/x86_64-linux-gnu
run() { LD_LIBRARY_PATH=$libraries python3 - "$PWD"; }

expected=$(
    cat <<'TEXT'
[phone@32473 server="pool"] -> [phone@32473 server="pool"]
[phone@32473 server.name="pool"] -> [phone@32473.server name="pool"]
[phone@32473 server.name="pool" status="404"] -> [phone@32473.server name="pool"][phone@32473 status="404"]
[phone@32473 a.b.c="pool"] -> [phone@32473.a.b c="pool"]
[origin ip="192.0.2.7" ip="192.0.2.8"] -> [origin ip="192.0.2.8"]
TEXT
)
seen=$(
    run <<'PY'
import socket
import subprocess
import sys
import time
from pathlib import Path

here, out = Path(sys.argv[1]), Path("messages")
DATA = (
    '[phone@32473 server="pool"]',
    '[phone@32473 server.name="pool"]',
    '[phone@32473 server.name="pool" status="404"]',
    '[phone@32473 a.b.c="pool"]',
    '[origin ip="192.0.2.7" ip="192.0.2.8"]',
)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
Path("conf").write_text(f"""
@version: 3.38
source received {{ network(transport(udp) ip("127.0.0.1") port({port}) flags(syslog-protocol)); }};
destination kept {{ file("{here}/messages" template("${{MSGID}} $SDATA\\n")); }};
log {{ source(received); destination(kept); }};
""".lstrip())
files = {"-f": "conf", "-R": "persist", "-p": "pid", "-c": "control"}
options = [word for option, name in files.items() for word in (option, f"{here}/{name}")]
command = (f"{here}/usr/sbin/syslog-ng", "-F", "--no-caps", *options, "--module-path", f"{here}/usr/lib/syslog-ng/3.38")
server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
try:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for number, data in enumerate(DATA, 1):
            end = time.monotonic() + 10
            while time.monotonic() < end and not (out.exists() and f"M{number} " in out.read_text()):
                message = f"<13>1 2026-11-29T10:00:00Z phone7 update - M{number} {data} no answer"
                client.sendto(message.encode(), ("127.0.0.1", port))
                time.sleep(1)
finally:
    server.terminate()
    server.wait(10)
for data, line in zip(DATA, dict.fromkeys(out.read_text().splitlines()), strict=True):
    print(f"{data} -> {line.partition(' ')[2]}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
