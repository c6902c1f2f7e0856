#!/usr/bin/env bash
# dns-js 0.3.1 (npm) writes IPv6 addresses and mail servers as records without data, and no long message.
#
# Expected: RFC 3596, section 2.2: the data of AAAA are 16 octets; RFC 1035, section 3.3.9: those of MX a preference and
# a name. Section 4.1.4: a pointer has 14 bits. RFC 6891, section 6.1.1: an OPT record may stand anywhere in the
# additional section; section 6.1.2: its data are none, one or several options.
# Seen: AAAA and MX are written with length 0, and no error. A name that could point behind octet 255 is a RangeError.
# Of an OPT record one option is read, whatever its length says: behind none or two the rest of the message cannot be
# read ("Buffer overflow").
# Who meets it: whoever answers phones' questions for ucupdates-r2 with it, or reads answers of servers that send an
# NSID and a cookie.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    dns-js@0.3.1 debug@2.6.9 ms@2.0.0 qap@3.3.1 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
A: 0004c0000251
AAAA: 0000
MX: 0000
8 names: 273 octets
12 names: RangeError: The value of "value" is out of range. It must be >= 0 and <= 255. Received 352
EDNS with 0 option(s), then an address: Error: Buffer overflow
EDNS with 1 option(s), then an address: 2 records, the second A 192.0.2.81
EDNS with 2 option(s), then an address: Error: Buffer overflow
TEXT
)
seen=$(
    run <<'JS'
const { DNSPacket, DNSRecord } = require("dns-js");

function name(text) {
  const labels = text.split(".").map((each) => String.fromCharCode(each.length) + each);
  return Buffer.from(labels.join("") + "\0");
}

function attempt(what, action) {
  try {
    console.log(`${what}: ${action()}`);
  } catch (error) {
    console.log(`${what}: ${error.name}: ${error.message}`);
  }
}

function write(...records) {
  const packet = new DNSPacket(DNSPacket.Flag.RESPONSE);
  packet.answer.push(...records);
  return DNSPacket.toBuffer(packet);
}

const record = (type, values, owner = "pool.contoso.com") => Object.assign(new DNSRecord(owner, type, 1, 60), values);
const data = (octets) => octets.subarray(12 + name("pool.contoso.com").length + 8).toString("hex");
attempt("A", () => data(write(record(1, { address: "192.0.2.81" }))));
attempt("AAAA", () => data(write(record(28, { address: "2001:db8::81" }))));
attempt("MX", () => data(write(record(15, { priority: 10, exchange: "mail.contoso.com" }))));
for (const count of [8, 12]) {
  const owners = [...Array(count).keys()].map((each) => `phone${each}.site${each}.contoso.com`);
  owners.push(`x.site${count - 1}.contoso.com`);
  const names = owners.map((owner) => record(1, { address: "192.0.2.1" }, owner));
  attempt(`${count} names`, () => `${write(...names).length} octets`);
}
const option = (code, text) => Buffer.concat([Buffer.from([0, code, 0, text.length]), Buffer.from(text)]);
for (const options of [[], [option(3, "ns1")], [option(3, "ns1"), option(10, "cookie12")]]) {
  const rdata = Buffer.concat(options);
  const opt = Buffer.concat([Buffer.from([0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, rdata.length]), rdata]);
  const a = Buffer.concat([name("pool.contoso.com"), Buffer.from([0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 81])]);
  const head = Buffer.from([0, 1, 0x81, 0x80, 0, 0, 0, 0, 0, 0, 0, 2]);
  attempt(`EDNS with ${options.length} option(s), then an address`, () => {
    const { additional } = DNSPacket.parse(Buffer.concat([head, opt, a]));
    return `${additional.length} records, the second ${additional[1].typeName} ${additional[1].address}`;
  });
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
