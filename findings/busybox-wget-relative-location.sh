#!/usr/bin/env bash
# wget of busybox 1.35.0 (Debian 12) takes the file of a relative redirection for the name of a server.
#
# Expected: RFC 9110, section 10.2.2: Location is a whole URL or a relative reference, which is resolved against the URL
# that was asked for (RFC 3986, section 5.2).
# Seen: a reference that begins with a slash is read well. Of one that does not, the first part is taken for a host: for
# "next.nbt" in the same folder it asks the resolver for a server next.nbt, and for "?v=2" for one without a name. Of
# "//" and a host, the host is taken for a folder, so another file than was meant can come, with exit code 0.
# Who meets it: whoever fetches firmware with it on a small device, from a server that redirects within a folder.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    busybox=1:1.35.0-4+deb12u1+b1 >&2 || {
    echo "could not download the package" >&2
    exit 2
}
dpkg -x ./*.deb .
run() { python3 - "$PWD/bin/busybox"; }

expected=$(
    cat <<'TEXT'
http://HOST/files/next.nbt: /files/next.nbt asked, exit 0
/files/next.nbt: /files/next.nbt asked, exit 0
next.nbt: nothing asked, exit 1 wget: bad address 'next.nbt'
../next.nbt: nothing asked, exit 1 wget: bad address '..'
?v=2: nothing asked, exit 1 wget: bad address ''
//HOST/files/next.nbt: /HOST/files/next.nbt asked, exit 0
TEXT
)
seen=$(
    run <<'PY'
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

FILE = "/files/next.nbt"
LOCATIONS = (f"http://HOST{FILE}", FILE, "next.nbt", "../next.nbt", "?v=2", f"//HOST{FILE}")
asked: list[str] = []
location = ""


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        asked.append(self.path)
        self.send_response(200 if len(asked) > 1 else 302)
        if len(asked) == 1:
            self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


server = HTTPServer(("127.0.0.1", 0), Server)
host = f"127.0.0.1:{server.server_port}"
threading.Thread(target=server.serve_forever, daemon=True).start()
for title in LOCATIONS:
    asked.clear()
    location = title.replace("HOST", host)
    command = (sys.argv[1], "wget", "-q", "-O", "file", f"http://{host}/files/first.nbt")
    run = subprocess.run(command, capture_output=True, text=True)
    then = " ".join(asked[1:]).replace(host, "HOST") or "nothing"
    print(f"{title}: {then} asked, exit {run.returncode} {run.stderr}".rstrip())
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
