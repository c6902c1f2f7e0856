#!/usr/bin/env bash
# libhttp-lite-perl 2.44 (Debian 12) sends any body as that of a form, and any other method without a type.
#
# Expected: RFC 9110, section 8.3: Content-Type says what a body is. HTTP::Lite(3pm): add_req_header allows "to override
# any header", Content-Type among those that are "pre-defined", and only Host, Connection and Accept not.
# Seen: a Content-Type that was added is taken out again before it is sent. With POST the line says that the body is
# application/x-www-form-urlencoded, with PUT there is none. Another line that was added is sent.
# Who meets it: whoever posts with it to a service what a phone posts, which is XML: the service reads it as a form, or
# refuses it with 415.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libhttp-lite-perl=2.44-3 >&2 || {
    echo "could not download the package" >&2
    exit 2
}
dpkg -x ./*.deb .
run() { python3 -; }

expected=$(
    cat <<'TEXT'
POST: Content-Type application/x-www-form-urlencoded, X-Phone CX700, body <request/>
PUT: Content-Type None, X-Phone CX700, body <request/>
TEXT
)
seen=$(
    run <<'END'
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

PROGRAM = """
use strict;
use warnings;
use lib 'usr/share/perl5';
use HTTP::Lite;

my $http = HTTP::Lite->new;
$http->method($ARGV[1]);
$http->add_req_header('Content-Type', 'text/xml');
$http->add_req_header('X-Phone', 'CX700');
$http->{content} = '<request/>';
$http->request($ARGV[0]) or die "no answer\\n";
"""


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        kind, phone = self.headers["Content-Type"], self.headers["X-Phone"]
        print(f"{self.command}: Content-Type {kind}, X-Phone {phone}, body {body}")
        self.send_response(204)
        self.end_headers()

    do_PUT = do_POST

    def log_message(self, *_):
        pass


with HTTPServer(("127.0.0.1", 0), Handler) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for method in ("POST", "PUT"):
        url = f"http://127.0.0.1:{server.server_port}/RequestHandler/ucdevice.upx"
        subprocess.run(["perl", "-e", PROGRAM, url, method], check=True, timeout=60)
    server.shutdown()
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
