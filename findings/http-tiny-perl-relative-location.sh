#!/usr/bin/env bash
# HTTP::Tiny 0.082 (libhttp-tiny-perl, Debian 12) asks the wrong host where a redirect has a reference without a scheme.
#
# Expected: RFC 9110, section 10.2.2: Location is a URI reference, and is resolved against the URI that was asked (RFC
# 3986, section 5.2). //host/path is another host; a name without a slash is beside the last segment; "?" keeps the
# path.
# Seen: all that begins with a slash is asked of the first host, so //host/path is a path there. The other forms are
# refused as no URL. Only a path and a whole URI lead where they should.
# Who meets it: whoever follows with it a redirect of a reverse proxy or an update server to another host.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libhttp-tiny-perl=0.082-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { python3 -; }

expected=$(
    cat <<'TEXT'
http://127.0.0.2:OTHER/files/new: 200 other /files/new
/files/new: 200 first /files/new
//127.0.0.2:OTHER/files/new: 200 first //127.0.0.2:OTHER/files/new
new: 599 Cannot parse URL: 'new'
../new: 599 Cannot parse URL: '../new'
?version=2: 599 Cannot parse URL: '?version=2'
TEXT
)
seen=$(
    run <<'PY'
import os
import socket
import subprocess
import threading

FETCH = "my $got = HTTP::Tiny->new(timeout => 5)->get($ARGV[0]); print qq($got->{status} $got->{content})"
first, other = (socket.create_server((host, 0)) for host in ("127.0.0.1", "127.0.0.2"))
ports = {"FIRST": first.getsockname()[1], "OTHER": other.getsockname()[1]}
redirect = ""


def serve(listener, name):
    while True:
        with listener.accept()[0] as connection:
            data = b""
            while b"\r\n\r\n" not in data:
                data += connection.recv(4096)
            target = data.split()[1].decode()
            if target == "/files/old":
                answer = f"HTTP/1.1 302 Found\r\nLocation: {redirect}\r\nContent-Length: 0\r\n\r\n"
            else:
                said = f"{name} {target}"
                answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(said)}\r\n\r\n{said}"
            connection.sendall(answer.encode())


def named(text):
    return text.replace(str(ports["FIRST"]), "FIRST").replace(str(ports["OTHER"]), "OTHER")


for listener, name in ((first, "first"), (other, "other")):
    threading.Thread(target=serve, args=(listener, name), daemon=True).start()
for redirect in (
    f"http://127.0.0.2:{ports['OTHER']}/files/new",
    "/files/new",
    f"//127.0.0.2:{ports['OTHER']}/files/new",
    "new",
    "../new",
    "?version=2",
):
    asked = f"http://127.0.0.1:{ports['FIRST']}/files/old"
    environment = dict(os.environ, PERL5LIB="usr/share/perl5")
    fetched = subprocess.run(
        ["perl", "-MHTTP::Tiny", "-e", FETCH, asked], env=environment, capture_output=True, text=True, timeout=30
    )
    print(named(f"{redirect}: {fetched.stdout.strip()}{fetched.stderr.strip()}"))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
