#!/usr/bin/env bash
# rsyslog 8.2302.0 (Debian 12) takes the IPv6 address of a device for the name of its program.
#
# Expected: RFC 3164, section 4.1.2: the word behind the time is the device's name, or its IPv4 or IPv6 address.
# Section 4.1.3: the tag is the letters and digits behind it.
# Seen: the address is cut at its first colon: "2001" is the program, the rest is text, and the host is the sender,
# which may be a relay. An IPv4 address and a name are read well. No warning is given.
# Who meets it: whoever sorts the messages of phones and switches of a network with IPv6 into a file for each host.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    rsyslog=8.2302.0-1+deb12u2 libestr0=0.1.11-1 libfastjson4=1.2304.0-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu:$PWD/lib/x86_64-linux-gnu
run() { python3 - "$PWD/usr/sbin/rsyslogd" "$LD_LIBRARY_PATH"; }

expected=$(
    cat <<'TEXT'
phone7: host phone7, program update, text no answer
192.0.2.7: host 192.0.2.7, program update, text no answer
2001:db8::7: host localhost, program 2001, textdb8::7 update: no answer
fe80::204:f2ff:fe00:7: host localhost, program fe80, text:204:f2ff:fe00:7 update: no answer
TEXT
)
seen=$(
    run <<'PY'
import socket
import subprocess
import sys
import time
from pathlib import Path

HOSTS = ("phone7", "192.0.2.7", "2001:db8::7", "fe80::204:f2ff:fe00:7")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
here, out = Path.cwd(), Path("messages")
Path("conf").write_text(f"""
module(load="imudp")
template(name="fields" type="string" string="host %hostname%, program %app-name%, text%msg%\\n")
input(type="imudp" address="127.0.0.1" port="{port}")
action(type="omfile" file="{here}/messages" template="fields")
""")
modules = sys.argv[2].split(":")[0] + "/rsyslog"
server = subprocess.Popen((sys.argv[1], "-n", "-f", f"{here}/conf", "-i", f"{here}/pid", "-M", modules))
try:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for number, host in enumerate(HOSTS, 1):
            end = time.monotonic() + 10
            while time.monotonic() < end and (not out.exists() or out.read_text().count("\n") < number):
                client.sendto(f"<13>Nov 29 10:00:00 {host} update: no answer".encode(), ("127.0.0.1", port))
                time.sleep(1)
finally:
    server.terminate()
    server.wait(10)
for host, line in zip(HOSTS, dict.fromkeys(out.read_text().splitlines()), strict=True):
    print(f"{host}: {line}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
