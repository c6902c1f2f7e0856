#!/usr/bin/env bash
# wget2 1.99.1 (Debian 12) says nothing of a download that broke off, and gives no file behind an interim answer.
#
# Expected: RFC 9112, section 8: an answer with fewer octets than Content-Length, or whose last chunk is missing, is
# incomplete. wget2(1): 0 is "no problems occurred", 4 a network failure. RFC 9110, section 15.2: a client passes over
# 1xx answers that it did not expect.
# Seen: the part that came is the file, and the exit code is 0; it is not asked for again either. With 100 or 103 in
# front, no file is written, and the exit code is 0, too.
# Who meets it: whoever fetches firmware with it and goes by the exit code.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    wget2=1.99.1-2.2 libwget0=1.99.1-2.2 libgpgme11=1.18.0-3+b1 libassuan0=2.5.5-5 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib:$PWD/usr/lib/x86_64-linux-gnu
run() { python3 - usr/bin/wget2; }

expected=$(
    cat <<'TEXT'
whole: exit 0, 10 octets, asked 1
cut: exit 0, 4 octets, asked 1
chunked: exit 0, 10 octets, asked 1
chunked-cut: exit 0, 4 octets, asked 1
chunked-no-end: exit 0, 4 octets, asked 1
100: exit 0, no file, asked 1
103: exit 0, no file, asked 1
TEXT
)
seen=$(
    run <<'PY'
import socket
import subprocess
import sys
import threading
from pathlib import Path

LENGTH = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
CHUNKS = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ANSWERS = {
    "whole": f"{LENGTH}0123456789",
    "cut": f"{LENGTH}0123",
    "chunked": f"{CHUNKS}a\r\n0123456789\r\n0\r\n\r\n",
    "chunked-cut": f"{CHUNKS}a\r\n0123",
    "chunked-no-end": f"{CHUNKS}4\r\n0123\r\n",
    "100": f"HTTP/1.1 100 Continue\r\n\r\n{LENGTH}0123456789",
    "103": f"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n{LENGTH}0123456789",
}
asked: list[str] = []
listener = socket.create_server(("127.0.0.1", 0))


def serve() -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            request = b""
            while b"\r\n\r\n" not in request and (data := connection.recv(4096)):
                request += data
            if request:
                asked.append(request.split()[1].decode()[1:])
                connection.sendall(ANSWERS[asked[-1]].encode())
                connection.shutdown(socket.SHUT_WR)
                connection.recv(1)


threading.Thread(target=serve, daemon=True).start()
address = f"http://127.0.0.1:{listener.getsockname()[1]}"
for name in ANSWERS:
    asked.clear()
    out = Path(f"file-{name}")
    command = (sys.argv[1], "--no-config", "-q", "--tries=3", "--timeout=10", "-O", str(out), f"{address}/{name}")
    code = subprocess.run(command, capture_output=True).returncode
    octets = f"{out.stat().st_size} octets" if out.exists() else "no file"
    print(f"{name}: exit {code}, {octets}, asked {len(asked)}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
