#!/usr/bin/env bash
# sip-doctor 0.8.0 leaves out requests of Lync and its phones, and calls some of them by another name.
#
# Expected: a method is any token (RFC 3261, sections 7.1 and 25.1), so extensions have names of their own. Lync and its
# phones send BENOTIFY ([MS-SIP], section 3.5) and SERVICE ([MS-PRES]).
# Seen: requests are known by a list of 14 methods. By UDP, the others are left out. By TCP, nothing is given of a
# connection that begins with one; behind another message, SERVICE is left out and BENOTIFY is a NOTIFY. No error is
# raised.
# Who meets it: whoever asks it why a phone was not given its update server, which Lync names in such messages.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    sip-doctor==0.8.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
UDP SERVICE BENOTIFY ->
UDP INVITE SERVICE BYE -> INVITE BYE
UDP INVITE BENOTIFY -> INVITE
UDP SERVICE INVITE -> INVITE
TCP SERVICE BENOTIFY ->
TCP INVITE SERVICE BYE -> INVITE BYE
TCP INVITE BENOTIFY -> INVITE NOTIFY
TCP SERVICE INVITE ->
TEXT
)
seen=$(
    run <<'PY'
import struct

from sipdoctor.engine import Engine

HOSTS = bytes([192, 0, 2, 71]), bytes([192, 0, 2, 10])


def request(method):
    lines = [f"{method} sip:pool.contoso.com SIP/2.0", "Via: SIP/2.0/TCP 192.0.2.71;branch=z9hG4bK1"]
    lines += ["From: <sip:a@b>;tag=1", "To: <sip:c@d>", "Call-ID: 1", f"CSeq: 1 {method}", "Content-Length: 0"]
    return "\r\n".join([*lines, "", ""]).encode()


def frames(protocol, messages):
    sequence = 1
    for message in messages:
        ports = struct.pack("!HH", 5060, 5060)
        if protocol == 17:
            head = ports + struct.pack("!HH", 8 + len(message), 0)
        else:
            head = ports + struct.pack("!IIBBHHH", sequence, 1, 0x50, 0x18, 8192, 0, 0)
            sequence += len(message)
        packet = head + message
        yield struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(packet), 0, 0, 64, protocol, 0) + b"".join(HOSTS) + packet


for name, protocol in ("UDP", 17), ("TCP", 6):
    for methods in ["SERVICE", "BENOTIFY"], ["INVITE", "SERVICE", "BYE"], ["INVITE", "BENOTIFY"], ["SERVICE", "INVITE"]:
        given = []
        engine = Engine(on_message=lambda message, dialog: given.append(message.method))
        for number, frame in enumerate(frames(protocol, map(request, methods))):
            engine.frame(1764356400 + number, 101, frame)
        print(name, *methods, "->", *given)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
