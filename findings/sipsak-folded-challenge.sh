#!/usr/bin/env bash
# sipsak 0.9.8.1 (Debian 12) answers no challenge that is written as the example of RFC 3261 is, nor one behind
# another.
#
# Expected: RFC 3261, section 22.2: its example of a challenge goes over several lines, as section 7.3.1 allows;
# section 25.1: blanks may stand around the "=" of a parameter, a comma in quotes is data. RFC 2617, section 1.2: a
# server may offer several ways to sign in, the client takes the strongest that it understands.
# Seen: it signs in where all parameters are in one line, without blanks, and of the first challenge. Otherwise it ends
# with 3 after one request, and shows the 401. It cuts a realm at a comma, and sends one quotation mark for two. Order,
# capitals, qop and opaque do not disturb it.
# Who meets it: whoever tests with it whether a SIP server is up, as plugins for monitoring do: Office Communications
# Server offers NTLM, Kerberos and TLS-DSK beside what others add.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    sipsak=0.9.8.1-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { python3 -; }

expected=$(
    cat <<'TEXT'
one line: 2 request(s), ended with 0, realm="contoso.com"
qop, opaque: 2 request(s), ended with 0, realm="contoso.com"
two lines: 1 request(s), ended with 3, no answer
blanks: 1 request(s), ended with 3, no answer
a comma: 2 request(s), ended with 0, realm="Phones
second: 1 request(s), ended with 3, no answer
RFC 3261: 1 request(s), ended with 3, no answer
TEXT
)
seen=$(
    run <<'PY'
import re
import socket
import subprocess
import threading

TEXTS = {
    "one line": 'Digest realm="contoso.com", nonce="abc"',
    "qop, opaque": 'digest qop="auth,auth-int", nonce="abc", opaque="5ccc",realm="contoso.com"',
    "two lines": 'Digest realm="contoso.com",\r\n nonce="abc"',
    "blanks": 'Digest realm = "contoso.com", nonce = "abc"',
    "a comma": 'Digest realm="Phones, floor 1", nonce="abc"',
    "second": 'NTLM realm="SIP"\r\nWWW-Authenticate: Digest realm="contoso.com", nonce="abc"',
    "RFC 3261": 'Digest\r\n        realm="biloxi.com",\r\n        qop="auth,auth-int",\r\n'
    '        nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",\r\n        opaque="5ccc069c403ebaf9f0171e9517f40e41"',
}


def serve(server, challenge, requests):
    while True:
        octets, client = server.recvfrom(65535)
        request = octets.decode()
        requests.append(request)
        signed = re.search("(?im)^Authorization:", request)
        lines = ["SIP/2.0 200 OK"] if signed else ["SIP/2.0 401 Unauthorized", f"WWW-Authenticate: {challenge}"]
        lines += re.findall("(?m)^(?:Via|From|Call-ID|CSeq):.*?(?=\r$)", request)
        lines += [re.search("(?m)^To:.*?(?=\r$)", request)[0] + ";tag=1", "Content-Length: 0", "", ""]
        server.sendto("\r\n".join(lines).encode(), client)


for name, challenge in TEXTS.items():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    requests = []
    threading.Thread(target=serve, args=(server, challenge, requests), daemon=True).start()
    command = ["usr/bin/sipsak", "-U", "-u", "anna", "-a", "secret", "-s"]
    command.append(f"sip:phone@127.0.0.1:{server.getsockname()[1]}")
    ended = subprocess.run(command, capture_output=True, timeout=60).returncode
    answer = re.search("(?im)^Authorization:.*(realm=.*?), (?:opaque|nonce)", requests[-1])
    print(f"{name}: {len(requests)} request(s), ended with {ended}, {answer[1] if answer else 'no answer'}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
