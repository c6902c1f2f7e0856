#!/usr/bin/env bash
# check_http of Monitoring Plugins 2.3.3 (Debian 12) says OK of a server that refuses, where 100 or 103 came before.
#
# Expected: RFC 9110, section 15.2: any number of 1xx answers may come before the final one, which counts. RFC 3986,
# section 3.5: what follows "#" is for the client and is not sent; RFC 9110, section 10.2.2: Location may have it.
# Seen: the first status line is taken, 1xx is OK, and 503 or 404 behind it is not seen. Without it both are told. With
# --onredirect=follow, the fragment of a redirect is part of what is asked, which the server does not know.
# Who meets it: whoever watches an update server with it, behind a proxy that sends hints or a sign of life.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    monitoring-plugins-basic=2.3.3-5+deb12u2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { python3 -; }

expected=$(
    cat <<'TEXT'
/200: exit 0, HTTP OK: HTTP/1.1 200 Any
/503: exit 2, HTTP CRITICAL: HTTP/1.1 503 Any
/100-503: exit 0, HTTP OK: HTTP/1.1 100 Continue
/103-503: exit 0, HTTP OK: HTTP/1.1 103 Early Hints
/404: exit 1, HTTP WARNING: HTTP/1.1 404 Any
/103-404: exit 0, HTTP OK: HTTP/1.1 103 Early Hints
/moved: exit 1, HTTP WARNING: HTTP/1.1 404 Any
TEXT
)
seen=$(
    run <<'PY'
import socket
import subprocess
import threading

INTERIM = {"100": "HTTP/1.1 100 Continue\r\n\r\n", "103": "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"}
listener = socket.create_server(("127.0.0.1", 0))


def serve():
    while True:
        with listener.accept()[0] as connection:
            data = b""
            while b"\r\n\r\n" not in data:
                data += connection.recv(4096)
            target = data.split()[1].decode()
            words = target.strip("/").split("-")
            answer = "".join(INTERIM[word] for word in words if word in INTERIM)
            if target == "/moved":
                answer += "HTTP/1.1 302 Found\r\nLocation: /200#section\r\n"
            else:
                answer += f"HTTP/1.1 {words[-1] if words[-1].isdigit() else 404} Any\r\n"
            connection.sendall(f"{answer}Content-Length: 0\r\n\r\n".encode())


threading.Thread(target=serve, daemon=True).start()
for target in ("/200", "/503", "/100-503", "/103-503", "/404", "/103-404", "/moved"):
    check = ["usr/lib/nagios/plugins/check_http", "-I", "127.0.0.1", "-p", str(listener.getsockname()[1])]
    done = subprocess.run([*check, "-u", target, "-f", "follow"], capture_output=True, text=True, timeout=60)
    print(f"{target}: exit {done.returncode}, {done.stdout.split(' - ')[0]}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
