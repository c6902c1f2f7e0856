#!/usr/bin/env bash
# rdate 1.11 (Debian 12) takes the time that an NTP server gives after 7 February 2036 for one of 1900.
#
# Expected: RFC 4330, section 3: seconds whose highest bit is not set count from 6:28:16 UTC on 7 February 2036; RFC
# 5905, section 6, numbers the eras. The 32 bits of the old time protocol (RFC 868) end in the same second.
# Seen: with -n it says 1 January 1900, and without -p it would set the clock to it. For the old protocol it does count
# on behind that second, in the same program.
# Who meets it: devices without a clock of their own that ask for the time at each start, and who tests their future.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    rdate=1:1.11-3 libbsd0=0.11.7-2 libmd0=1.0.4-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { python3 -; }

expected=$(
    cat <<'TEXT'
2026-11-30 10:00:00
  NTP: Mon Nov 30 10:00:00 UTC 2026
  RFC 868: Mon Nov 30 10:00:00 UTC 2026
2036-02-07 6:28:15
  NTP: Thu Feb  7 06:28:15 UTC 2036
  RFC 868: Thu Feb  7 06:28:15 UTC 2036
2036-02-07 6:28:17
  NTP: Mon Jan  1 00:00:01 UTC 1900
  RFC 868: Thu Feb  7 06:28:17 UTC 2036
2040-01-01 0:00:00
  NTP: Wed Nov 25 17:31:44 UTC 1903
  RFC 868: Sun Jan  1 00:00:00 UTC 2040
TEXT
)
seen=$(
    run <<'PY'
import calendar
import os
import socket
import struct
import subprocess
import threading

SECONDS_BEFORE_1970 = 2208988800


def serve_ntp(server, time):
    request, client = server.recvfrom(512)
    now = struct.pack(">II", (time + SECONDS_BEFORE_1970) % 2**32, 0)
    head = bytes([0x24, 1, 6, 0xEC]) + bytes(8) + b"GPS\0"
    server.sendto(head + now + request[40:48] + now + now, client)


def serve_time(server, time):
    connection, _ = server.accept()
    with connection:
        connection.sendall(struct.pack(">I", (time + SECONDS_BEFORE_1970) % 2**32))


def ask(kind, serve, time, *options):
    with socket.socket(type=kind) as server:
        server.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            server.listen()
        thread = threading.Thread(target=serve, args=(server, time))
        thread.start()
        command = ["usr/sbin/rdate", "-p", *options, "-o", str(server.getsockname()[1]), "127.0.0.1"]
        result = subprocess.run(command, capture_output=True, text=True, timeout=30, env=os.environ | {"TZ": "UTC"})
        thread.join()
    return (result.stdout + result.stderr).strip()


for when in ((2026, 11, 30, 10, 0, 0), (2036, 2, 7, 6, 28, 15), (2036, 2, 7, 6, 28, 17), (2040, 1, 1, 0, 0, 0)):
    time = calendar.timegm(when)
    print("{}-{:02}-{:02} {}:{:02}:{:02}".format(*when))
    print("  NTP:", ask(socket.SOCK_DGRAM, serve_ntp, time, "-n"))
    print("  RFC 868:", ask(socket.SOCK_STREAM, serve_time, time))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
