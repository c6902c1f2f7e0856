#!/usr/bin/env bash
# async-dns 2.0.1 puts an octet too many behind each name that ends in a dot, and behind the root.
#
# Expected: RFC 1035, section 3.1: a name on the wire ends with one octet of zero, the root's label; section 5.1: a name
# with a dot at its end is absolute, and "." is the root. Section 3.3.14: a TXT record is one or more strings.
# Seen: the question for pool.contoso.com. has two zeros behind the name, so type and class are shifted: a question of
# type 0 in class 256. So has each EDNS record of a message that it read and writes again, whose name is the root;
# dnspython refuses it. Of a TXT record's strings only the first is read. No error is raised.
# Who meets it: whoever asks or forwards with it for the names of an update server.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    async-dns==2.0.1 dnspython==2.9.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
pool.contoso.com: type 1, class 1, 04706f6f6c07636f6e746f736f03636f6d0000010001
pool.contoso.com.: type 0, class 256, 04706f6f6c07636f6e746f736f03636f6d000000010001
text: floor 2
written again: The DNS packet passed to from_wire() has extra junk at the end of it.
TEXT
)
seen=$(
    run <<'PY'
import dns.exception
import dns.message
import dns.rrset
from async_dns.core import REQUEST, DNSMessage, Record, types

for name in ("pool.contoso.com", "pool.contoso.com."):
    message = DNSMessage(qr=REQUEST, qid=1)
    message.qd = [Record(REQUEST, name, types.A)]
    octets = message.pack()[12:]
    print(f"{name}: type {int.from_bytes(octets[18:20])}, class {int.from_bytes(octets[20:22])}, {octets.hex()}")

question = dns.message.make_query("pool.contoso.com.", "TXT", use_edns=0)
answer = dns.message.make_response(question)
answer.answer.append(dns.rrset.from_text("pool.contoso.com.", 60, "IN", "TXT", '"floor 2" "lobby"'))
read = DNSMessage.parse(answer.to_wire())
print("text:", read.an[0].data.data)
try:
    print("written again:", dns.message.from_wire(read.pack()))
except dns.exception.DNSException as error:
    print("written again:", error)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
