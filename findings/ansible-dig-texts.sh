#!/usr/bin/env bash
# The lookup community.general.dig 11.4.2 (ansible 12.3.0) puts quotes and a blank into a text that is longer than 255.
#
# Expected: RFC 1035, section 3.3.14: a TXT record is one or more strings of at most 255 octets; who keeps a longer text
# in it, as a key, joins them without a blank (RFC 7208, section 3.3). The lookup says that it gives composed strings,
# and takes the quotes off a TXT record.
# Seen: the first and the last quote are taken off, and those between two strings stay: "a" "b" is a" "b. A quote in
# a text has a backslash in front, and a letter that is not ASCII is \195\188. No error is raised. The lookup
# community.general.dnstxt takes the quotes off in the same way.
# Who meets it: whoever compares in a playbook what a zone says with what it should say.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile --no-deps \
    ansible==12.3.0 ansible-core==2.19.14 dnspython==2.9.2 Jinja2==3.1.6 MarkupSafe==3.0.4 PyYAML==6.0.4 \
    packaging==26.4 cryptography==50.0.2 resolvelib==1.2.1 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { HOME=$work venv/bin/python - 2>&1; }

expected=$(
    cat <<'TEXT'
one: v=phones1
two: v=phones1 " "server=pool
long: k..." "end
quote: a \"b\" c
letter: M\195\188ller
TEXT
)
seen=$(
    run <<'PY'
import socket
import struct
import threading

from ansible.plugins.loader import init_plugin_loader, lookup_loader

TEXTS = {
    b"one": [b"v=phones1"],
    b"two": [b"v=phones1 ", b"server=pool"],
    b"long": [b"k" * 255, b"end"],
    b"quote": [b'a "b" c'],
    b"letter": ["Müller".encode()],
}
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))


def serve() -> None:
    while True:
        message, client = server.recvfrom(4096)
        question = message[12 : message.index(b"\0", 12) + 5]
        data = b"".join(bytes((len(text),)) + text for text in TEXTS[question[1 : question[0] + 1]])
        head = message[:2] + struct.pack(">5H", 0x8580, 1, 1, 0, 0)
        record = struct.pack(">HHHIH", 0xC00C, 16, 1, 60, len(data)) + data
        server.sendto(head + question + record, client)


threading.Thread(target=serve, daemon=True).start()
init_plugin_loader([])
dig = lookup_loader.get("community.general.dig")
for name in TEXTS:
    (text,) = dig.run([f"{name.decode()}.test/TXT", "@127.0.0.1"], {}, port=server.getsockname()[1])
    print(f"{name.decode()}: {text.replace('k' * 255, 'k...')}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
