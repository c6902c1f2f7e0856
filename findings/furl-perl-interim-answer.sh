#!/usr/bin/env bash
# libfurl-perl 3.14 (Debian 12) waits for an answer that it has, where an interim one came in the same segment.
#
# Expected: RFC 9110, section 15.2: a client can have interim answers, as 100 and 103, before the final one, also where
# it asked for none. TCP keeps no borders between the two. RFC 9112, section 7: the names of codings have no case.
# Seen: with both in one segment Furl reads from the connection again before it looks at what it has: after the time
# limit, or once the server closes, it says 500. In two segments all is well. The body of an answer whose coding is
# "Chunked" has the sizes of the chunks in it.
# Who meets it: whoever posts with it to a server that sends 100 Continue with the answer, as IIS may: ten seconds later
# the server is said to be at fault.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libfurl-perl=3.14-2 libclass-accessor-lite-perl=0.08-3 libhttp-parser-xs-perl=0.17-2+b2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { python3 -; }

expected=$(
    cat <<'TEXT'
final answer alone: 200 OK: whole
100, then 200 in another segment: 200 OK: whole
100 and 200 in one segment: 500 Internal Response: Cannot read response header: timeout
100 and 200 in one segment, then the end: 500 Internal Response: Unexpected EOF while reading response header
coding chunked: 200 OK: whole
coding Chunked: 200 OK: 5 whole 0
TEXT
)
seen=$(
    run <<'END'
import glob
import os
import socket
import subprocess
import threading
import time

PROGRAM = """
use strict;
use warnings;
use Furl::HTTP;

my (undef, $status, $message, undef, $body) = Furl::HTTP->new(timeout => 2)->request(
    method => 'POST', url => $ARGV[0], content => '<request/>'
);
$message =~ s/ at -e line.*//s;
$body =~ s/\\r\\n/ /g;
print "$status $message", $status == 200 ? ": $body" : '', "\\n";
"""
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"
FINAL = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n5\r\nwhole\r\n0\r\n\r\n"
CASES = {
    "final answer alone": ([FINAL], False),
    "100, then 200 in another segment": ([INTERIM, FINAL], False),
    "100 and 200 in one segment": ([INTERIM + FINAL], False),
    "100 and 200 in one segment, then the end": ([INTERIM + FINAL], True),
    "coding chunked": ([CHUNKED % b"chunked"], True),
    "coding Chunked": ([CHUNKED % b"Chunked"], True),
}
os.environ["PERL5LIB"] = ":".join(["usr/share/perl5", *glob.glob("usr/lib/x86_64-linux-gnu/perl5/*")])


def serve(listener, segments, ends):
    connection, _ = listener.accept()
    with connection:
        question = b""
        while not question.endswith(b"<request/>"):
            question += connection.recv(4096)
        for segment in segments:
            connection.sendall(segment)
            time.sleep(0.3)
        if not ends:
            connection.recv(1)


for case, (segments, ends) in CASES.items():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener, segments, ends), daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        done = subprocess.run(["perl", "-e", PROGRAM, url], check=True, capture_output=True, text=True, timeout=60)
    print(f"{case}: {done.stdout.strip()}")
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
