#!/usr/bin/env bash
# libanyevent-http-perl 2.25 (Debian 12) takes the first field of an answer for its reason where there is none.
#
# Expected: RFC 9112, section 4: a server must send the blank behind the status even where the reason is left out, and
# a client should ignore the reason. Tomcat 8.5 and later leave it out, as do gateways from HTTP/2, which has none.
# Seen: behind "HTTP/1.1 200 " its pattern goes over the end of the line: $headers->{Reason} is "Location: /new", and
# the field is missing. A redirection is not followed. Where the field was to say how the body ends (Content-Length,
# chunked), a kept connection is read until a time-out, and there is no body. With another field in front, all is right.
# Who meets it: scripts in Perl that fetch from such a server: what they lose hangs on the order of its fields.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libanyevent-http-perl=2.25-2 libanyevent-perl=7.170-2+b3 libcommon-sense-perl=3.75-3 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { python3 -; }

expected=$(
    cat <<'TEXT'
location, Fine: 200, reason 'OK', body 'new'
location, none: 302, reason 'Location: /new', body ''
chunks, Fine: 200, reason 'Fine', body 'abc'
chunks, none: 597, reason 'Connection timed out', body 'none'
length, Fine: 200, reason 'Fine', body 'abc'
length, none: 597, reason 'Connection timed out', body 'none'
second, Fine: 200, reason 'Fine', body 'abc'
second, none: 200, reason 'Server: x', body 'abc'
TEXT
)
seen=$(
    run <<'PY'
import http.server
import subprocess
import threading

PERL = r"""
use AnyEvent;
use AnyEvent::HTTP;
my $done = AE::cv;
http_get $ARGV[0], timeout => 3, sub { $done->send(@_) };
my ($body, $headers) = $done->recv;
$body =~ s/\r\n/|/g;
print "$headers->{Status}, reason '$headers->{Reason}', body '", $body // "none", "'\n";
"""
FIELDS = {
    "location": ("302", ["Location: /new", "Content-Length: 0"], b""),
    "chunks": ("200", ["Transfer-Encoding: chunked", "Server: x"], b"3\r\nabc\r\n0\r\n\r\n"),
    "length": ("200", ["Content-Length: 3", "Server: x"], b"abc"),
    "second": ("200", ["Server: x", "Content-Length: 3"], b"abc"),
    "new": ("200", ["Content-Length: 3"], b"new"),
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        name, _, reason = self.path[1:].partition("/")
        status, fields, body = FIELDS[name]
        lines = [f"HTTP/1.1 {status} {reason or 'OK'}".replace("none", ""), *fields, "", ""]
        self.wfile.write("\r\n".join(lines).encode() + body)

    def log_message(self, *words):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
library = "usr/lib/x86_64-linux-gnu/perl5/5.36"
for name in ("location", "chunks", "length", "second"):
    for reason in ("Fine", "none"):
        url = f"http://127.0.0.1:{server.server_port}/{name}/{reason}"
        command = ["perl", f"-I{library}", "-Iusr/share/perl5", "-e", PERL, url]
        result = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
        print(f"{name}, {reason}: {result.stdout}", end="")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
