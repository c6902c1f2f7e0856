#!/usr/bin/env bash
# stun-protocol 0.0.8 refuses the connectivity checks of Lync's clients, and mixes up the algorithms of servers.
#
# Expected: RFC 8489, section 14: attributes from 0x8000 on that a reader does not know are ignored; Lync sends 0x8070,
# its version, in its checks ([MS-ICE2], section 3.1.4.8.2). Section 14.11: PASSWORD-ALGORITHMS is what this server
# offers.
# Seen: such a message is refused as a whole. Told to take them, it gives each unknown attribute the type 0, and so
# writes it again. Two messages share the list of algorithms and the chosen one, so the first has what the second
# brought.
# Who meets it: whoever relays or looks at the media of Lync's phones with it, or asks more than one server.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    stun-protocol==0.0.8 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
a user: ['0x6']
a user and Lync's version: Unknown STUN attribute type 32880
told to take it: ['0x6', '0x0']
written again as it was: False
the first server's: [1, 2] 2
behind a message of the second: [1] 1
TEXT
)
seen=$(
    run <<'PY'
import struct

from stun_protocol.message import Message


def message(*attributes):
    body = b"".join(
        struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4) for kind, value in attributes
    )
    return struct.pack("!HHI12s", 0x0001, len(body), 0x2112A442, b"transaction1") + body


user, version = (0x0006, b"anna"), (0x8070, struct.pack("!I", 5))
for name, attributes in {"a user": [user], "a user and Lync's version": [user, version]}.items():
    try:
        seen = [hex(each.type) for each in Message.create(message(*attributes)).attributes]
    except ValueError as error:
        seen = error
    print(f"{name}: {seen}")
read = Message.create(message(user, version), unpack_undefined_attributes=True)
print("told to take it:", [hex(each.type) for each in read.attributes])
print("written again as it was:", read.pack() == message(user, version))

md5, sha256 = struct.pack("!HH", 1, 0), struct.pack("!HH", 2, 0)
one = Message.create(message((0x8002, md5 + sha256), (0x001D, sha256)))


def algorithms(read):
    offered, chosen = read.attributes
    return [each.algorithm_number for each in offered.algorithms], chosen.algorithm.algorithm_number


print("the first server's:", *algorithms(one))
Message.create(message((0x8002, md5), (0x001D, md5)))
print("behind a message of the second:", *algorithms(one))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
