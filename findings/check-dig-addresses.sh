#!/usr/bin/env bash
# check_dig 2.3.3 (Debian 12) says OK where the server's address is 192.0.2.81 and 192.0.2.8 was expected.
#
# Expected: its help says that -a is an address expected in the answer section, and that of -l the name is looked up. A
# monitor that is told another address than the one that is answered fails.
# Seen: it looks for the text of -a anywhere in each line: 192.0.2.8 is found in 192.0.2.81, and 6 in the TTL. Without
# -a it looks for the name, so an alias alone is OK, of a host that has no address.
# Who meets it: whoever watches with it that the name of the phones' update server leads to the right pool.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
[ -x /usr/bin/dig ] || {
    echo "there is no /usr/bin/dig (bind9-dnsutils), which check_dig runs" >&2
    exit 2
}
apt-get download -qq \
    monitoring-plugins-standard=2.3.3-5+deb12u2 >&2 || {
    echo "could not download the package" >&2
    exit 2
}
dpkg -x ./*.deb .
run() { python3 - usr/lib/nagios/plugins/check_dig; }

expected=$(
    cat <<'TEXT'
pool -a 192.0.2.81: 0 DNS OK
pool -a 192.0.2.8: 0 DNS OK
pool -a 2.0.2.8: 0 DNS OK
pool -a 6: 0 DNS OK
pool -a 192.0.2.9: 1 DNS WARNING
alias: 0 DNS OK
alias -a 192.0.2.81: 1 DNS WARNING
none: 2 DNS CRITICAL
TEXT
)
seen=$(
    run <<'PY'
import socket
import struct
import subprocess
import sys
import threading

RECORDS = {b"pool": (1, bytes((192, 0, 2, 81))), b"alias": (5, b"\x04gone\xc0\x12")}


def answer(question: bytes) -> bytes:
    """Give the record of the question's first label; the name is pool.test or the like, and its end is at 0xc012."""
    length = question[12]
    first, end = question[13 : 13 + length].ljust(5), question.index(b"\0", 12) + 5
    kind, data = RECORDS.get(first.strip(), (0, b""))
    data = data.replace(b"\xc0\x12", bytes((0xC0, 13 + length)))
    head = question[:2] + struct.pack(">5H", 0x8580, 1, 1 if kind else 0, 0, 0)
    record = struct.pack(">HHHIH", 0xC00C, kind, 1, 60, len(data)) + data
    return head + question[12:end] + (record if kind else b"")


server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))


def serve() -> None:
    while True:
        question, client = server.recvfrom(4096)
        server.sendto(answer(question), client)


threading.Thread(target=serve, daemon=True).start()
port = str(server.getsockname()[1])
for name, *more in (
    ("pool", "-a", "192.0.2.81"),
    ("pool", "-a", "192.0.2.8"),
    ("pool", "-a", "2.0.2.8"),
    ("pool", "-a", "6"),
    ("pool", "-a", "192.0.2.9"),
    ("alias",),
    ("alias", "-a", "192.0.2.81"),
    ("none",),
):
    command = (sys.argv[1], "-H", "127.0.0.1", "-p", port, "-l", f"{name}.test", *more)
    run = subprocess.run(command, capture_output=True, text=True)
    print(f"{' '.join((name, *more))}: {run.returncode} {run.stdout.split(' - ')[0]}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
