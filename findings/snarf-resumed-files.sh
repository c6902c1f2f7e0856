#!/usr/bin/env bash
# snarf 7.0 (Debian 12) puts a whole file behind the half that was there, where a server does not send the rest alone.
#
# Expected: RFC 9110, section 14.2: a server may ignore Range, and then sends all of the file, with 200; what is sent is
# the rest only where the status is 206 (section 15.3.7), and begins where Content-Range says (section 14.4).
# Seen: what comes is put behind what is there, whatever the status, with exit code 0; snarf(1) says that it goes on
# with each file that is there already. A body shorter than its Content-Length gives exit code 0, too.
# Who meets it: whoever goes on with the download of a firmware file from a small server or through a proxy: the file
# is longer than it should be.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    snarf=7.0-9+b1 >&2 || {
    echo "could not download the package" >&2
    exit 2
}
dpkg -x ./*.deb .
run() { python3 - usr/bin/snarf; }

expected=$(
    cat <<'TEXT'
whole: exit 0, 0123456789
breaks: exit 0, 0123
continues: exit 0, 0123456789
ignores Range: exit 0, 012340123456789
TEXT
)
seen=$(
    run <<'PY'
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

FILE = b"0123456789"


class Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        asked, kind = self.headers["Range"], self.path[1:]
        rest = int(asked.removeprefix("bytes=").rstrip("-")) if asked and kind == "continues" else 0
        self.send_response(206 if rest else 200)
        self.send_header("Content-Length", str(len(FILE) - rest))
        if rest:
            self.send_header("Content-Range", f"bytes {rest}-{len(FILE) - 1}/{len(FILE)}")
        self.end_headers()
        self.wfile.write(FILE[:4] if kind == "breaks" else FILE[rest:])

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


server = HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
for kind, before in (("whole", b""), ("breaks", b""), ("continues", FILE[:5]), ("ignores Range", FILE[:5])):
    out = Path("file")
    out.unlink(missing_ok=True)
    if before:
        out.write_bytes(before)
    command = (sys.argv[1], "-q", f"http://127.0.0.1:{server.server_port}/{kind.split()[0]}", "file")
    code = subprocess.run(command, capture_output=True).returncode
    print(f"{kind}: exit {code}, {out.read_text()}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
