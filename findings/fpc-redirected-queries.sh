#!/usr/bin/env bash
# fp-units-fcl 3.2.2 (Debian 12) asks for user=MACDONALD&CO where it is redirected to user=MACDONALD%26CO.
#
# Expected: RFC 9110, section 10.2.2: Location may be a relative reference, resolved as RFC 3986, section 5.2, says:
# its path and query are taken as they are. By section 2.2 of that, "URIs that differ in the replacement of a reserved
# character with its corresponding percent-encoded octet are not equivalent".
# Seen: TFPHTTPClient with AllowRedirect resolves it with ResolveRelativeURI, which unescapes all, and escapes again
# only what may stand nowhere. One field of the query becomes two, a plus sign a blank, a name with a slash a folder.
# A whole address in Location stays as it is. EncodeURI(ParseURI(address)) of the same library makes such changes to
# any address.
# Who meets it: whoever fetches with it a phone's file from a server that sends its clients on to a page for sign-in.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    fp-compiler-3.2.2=3.2.2+dfsg-20 fp-units-rtl-3.2.2=3.2.2+dfsg-20 fp-units-base-3.2.2=3.2.2+dfsg-20 \
    fp-units-fcl-3.2.2=3.2.2+dfsg-20 fp-units-net-3.2.2=3.2.2+dfsg-20 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
cat >fetch.pas <<'PAS'
{$mode objfpc}{$H+}
uses fphttpclient;
var
  Client: TFPHTTPClient;
begin
  Client := TFPHTTPClient.Create(nil);
  Client.AllowRedirect := True;
  Client.Get(ParamStr(1));
  Client.Free;
end.
PAS
usr/bin/ppcx64-3.2.2 -n -v0 "-Fu$PWD/usr/lib/x86_64-linux-gnu/fpc/3.2.2/units/x86_64-linux/*" fetch.pas >&2 || {
    echo "could not compile" >&2
    exit 2
}
run() { python3 -; }

expected=$(
    cat <<'TEXT'
/phones?user=MACDONALD%26CO: asks for /phones?user=MACDONALD&CO
?number=%2B49301234: asks for /from?number=+49301234
phones%2F1.log: asks for /phones/1.log
/a%20b?c=%23d: asks for /a%20b?c=%23d
http://localhost/phones?user=MACDONALD%26CO: asks for /phones?user=MACDONALD%26CO
TEXT
)
seen=$(
    run <<'PY'
import http.server
import subprocess
import threading

asked = []


class Handler(http.server.BaseHTTPRequestHandler):
    location = ""

    def do_GET(self):
        asked.append(self.path)
        self.send_response(302 if self.path == "/from" else 200)
        if self.path == "/from":
            self.send_header("Location", self.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{server.server_port}"
    for location in (
        "/phones?user=MACDONALD%26CO",
        "?number=%2B49301234",
        "phones%2F1.log",
        "/a%20b?c=%23d",
        "http://localhost/phones?user=MACDONALD%26CO",
    ):
        Handler.location = location.replace("http://localhost", here)
        subprocess.run(["./fetch", f"{here}/from"], check=True)
        print(f"{location}: asks for {asked[-1]}")
    server.shutdown()
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
