#!/usr/bin/env bash
# sip-message-client 0.1.2 takes a message that was delivered for one that failed, and counts letters for octets.
#
# Expected: RFC 3428, section 7: an answer with 200 says that the message was delivered; with 202 that it was taken, to
# be delivered later. RFC 3261, section 20.14: Content-Length counts octets. Section 25.1: a nonce in quotation marks
# may have any sign, as the "=" at the end of base64.
# Seen: of 200 the log says "Failed to send message", and ok is False; only 202 is good. The length leaves out the
# line's end that it puts behind each text, and counts letters of two octets once. A nonce that ends in "=" ends with
# an error.
# Who meets it: whoever sends messages to telephones with it, through a server other than the one that it was made for.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    sip-message-client==0.1.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
SIP/2.0 202 Accepted, ok: True; Content-Length: 5, octets: 7
SIP/2.0 200 OK, ok: False; Content-Length: 5, octets: 7
SIP/2.0 200 OK, ok: False; Content-Length: 5, octets: 9
ValueError('too many values to unpack (expected 2)'); Content-Length: 5, octets: 7
TEXT
)
seen=$(
    run <<'PY'
import logging
import socket
import threading

from sip_message_client import SipClient

logging.disable()


def answer(server, nonce, last, requests):
    for first_line in ("401 Unauthorized", last):
        data, address = server.recvfrom(4096)
        requests.append(data)
        lines = data.decode().split("\r\n\r\n")[0].split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines[1:])
        fields["Via"] = fields["Via"].replace(";rport", f";received=127.0.0.1;rport={address[1]}")
        kept = [f"{name}: {fields[name]}" for name in ("Via", "From", "To", "Call-ID", "CSeq")]
        challenge = f'WWW-Authenticate: Digest realm="contoso.com", nonce="{nonce}", algorithm=MD5'
        server.sendto("\r\n".join(["SIP/2.0 " + first_line, *kept, challenge, "", ""]).encode(), address)


def send(text, nonce, last):
    requests = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(20)
        threading.Thread(target=answer, args=(server, nonce, last, requests), daemon=True).start()
        try:
            outcome = SipClient("127.0.0.1", server.getsockname()[1], "2001", "word").message.send("2002", text)
            outcome = f"{outcome.code}, ok: {outcome.ok}"
        except Exception as error:
            outcome = repr(error)
    head, body = requests[-1].split(b"\r\n\r\n", 1)
    length = next(line for line in head.decode().split("\r\n") if line.startswith("Content-Length"))
    print(f"{outcome}; {length}, octets: {len(body)}")


send("hello", "84a4cc6f", "202 Accepted")
send("hello", "84a4cc6f", "200 OK")
send("Grüße", "84a4cc6f", "200 OK")
send("hello", "ODRhNGNjNmY=", "200 OK")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
