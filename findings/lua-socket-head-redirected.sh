#!/usr/bin/env bash
# lua-socket 3.1.0 (Debian 12) fetches the whole file where a HEAD request is redirected.
#
# Expected: RFC 9110, sections 15.4.2 and 15.4.3: a redirected request is sent again as it was; a client may make GET
# of POST, and of nothing else. Section 9.3.2: the answer to HEAD has no content.
# Seen: the first request is HEAD, and the one that follows the redirection is GET. All of the file is sent, and goes
# to the caller as the body of an answer to HEAD.
# Who meets it: whoever asks with it whether an update file is there, on a server or a device that moved its files.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    lua-socket=3.1.0-1+b1 lua5.1=5.1.5-9 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu LUA_PATH=$PWD/usr/share/lua/5.1/?.lua
export LUA_CPATH=$PWD/usr/lib/x86_64-linux-gnu/lua/5.1/?.so
run() { python3 -; }

expected=$(
    cat <<'TEXT'
GET /new.cab: 200, 100000 octets
GET /old.cab, GET /new.cab: 200, 100000 octets
HEAD /new.cab: 200, 0 octets
HEAD /old.cab, GET /new.cab: 200, 100000 octets
TEXT
)
seen=$(
    run <<'PY'
import http.server
import os
import subprocess
import threading

ASK = """
local http = require "socket.http"
local parts = {}
local sink = function(part) table.insert(parts, part or "") return 1 end
local _, status = http.request {method = os.getenv("METHOD"), url = os.getenv("URL"), sink = sink}
print(status .. ", " .. #table.concat(parts) .. " octets")
"""
asked = []


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(f"{self.command} {self.path}")
        moved = self.path == "/old.cab"
        self.send_response(301 if moved else 200)
        if moved:
            self.send_header("Location", "/new.cab")
        self.send_header("Content-Length", 0 if moved else 100_000)
        self.end_headers()
        if not moved and self.command == "GET":
            self.wfile.write(bytes(100_000))

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
for method in ("GET", "HEAD"):
    for path in ("/new.cab", "/old.cab"):
        asked.clear()
        url = f"http://127.0.0.1:{server.server_port}{path}"
        environment = dict(os.environ, METHOD=method, URL=url)
        lua = subprocess.run(
            ["usr/bin/lua5.1", "-e", ASK], env=environment, capture_output=True, text=True, timeout=30
        )
        print(f"{', '.join(asked)}: {lua.stdout.strip()}{lua.stderr.strip()}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
