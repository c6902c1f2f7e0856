#!/usr/bin/env bash
# htpdate 1.3.7 (Debian 12) takes the first field whose name ends in "date" for the time of the server.
#
# Expected: RFC 9110, section 6.6.1: Date is when the answer was made. Section 5.1: the name of a field is all that is
# before the colon. Section 5.5 and RFC 9112, section 5: the blank behind the colon may be left out. RFC 9112, section
# 9.6: a server may close the connection after each answer.
# Seen: behind Release-Date the clock is said to be 30 days ahead, of which the sanity check lets pass up to a year.
# Without the blank there is no timestamp, and a server that closes is an error though its first answer has the time.
# Who meets it: whoever sets by it the clock of a machine that judges certificates, or asks how late a server is.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    htpdate=1.3.7-1 >&2 || {
    echo "could not download the package" >&2
    exit 2
}
dpkg -x ./*.deb .
run() { python3 -; }

expected=$(
    cat <<'TEXT'
Date alone: No time correction needed
Date, then Release-Date: No time correction needed
Release-Date, then Date: 30 days
Date without a blank: SERVER no timestamp
Date, then the connection closes: error from SERVER
TEXT
)
seen=$(
    run <<'END'
import email.utils
import re
import socket
import subprocess
import threading
import time


def date(name, days=0):
    return lambda: name + email.utils.formatdate(time.time() - days * 86400, usegmt=True) + "\r\n"


NOW, RELEASE = date("Date: "), date("Release-Date: ", 30)
CASES = {
    "Date alone": ([NOW], True),
    "Date, then Release-Date": ([NOW, RELEASE], True),
    "Release-Date, then Date": ([RELEASE, NOW], True),
    "Date without a blank": ([date("Date:")], True),
    "Date, then the connection closes": ([NOW], False),
}


def serve(listener, fields, keep):
    connection, _ = listener.accept()
    with connection:
        while connection.recv(4096):
            head = "HTTP/1.1 200 OK\r\n" + "".join(field() for field in fields) + "Content-Length: 0\r\n"
            connection.sendall((head + ("" if keep else "Connection: close\r\n") + "\r\n").encode())
            if not keep:
                break


for case, (fields, keep) in CASES.items():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener, fields, keep), daemon=True).start()
        server = f"127.0.0.1:{listener.getsockname()[1]}"
        command = ["usr/sbin/htpdate", "-n", "-q", server]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    said = re.sub(r"127\.0\.0\.1(:\d+)?", "SERVER", done.stdout.splitlines()[0])
    offset = re.fullmatch(r"Offset (-?[\d.]+) seconds", said)
    print(f"{case}: {f'{abs(float(offset[1])) / 86400:.0f} days' if offset else said}")
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
