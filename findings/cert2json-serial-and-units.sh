#!/usr/bin/env bash
# cert2json 1.0.13 (npm) leaves out the first octet of a certificate's serial number, and all units but the last.
#
# Expected: a serial number is an integer of up to 20 octets (RFC 5280, section 4.1.2.2); only where its highest bit is
# set, an octet 00 stands in front. A name may have several attributes of a type, as units and domain components have
# (section 4.1.2.4).
# Seen: the first octet is always cut off. Of 1a2b3c the text is "2b:3c", and of 09 it is empty, beside the right
# number in decimal. Of the units "phones" and "lobby" the member OU has "lobby" only. A date from 2050 on is an error,
# as the package says.
# Who meets it: whoever looks for a certificate in a list of revoked ones, or in an authority's log, by this text.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    cert2json@1.0.13 node-forge@1.4.3 >&2 || {
    echo "could not install cert2json@1.0.13 node-forge@1.4.3" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
00ab12cd is "ab:12:cd" 11211469 units "lobby"
1a2b3c is "2b:3c" 1715004 units "lobby"
09 is "" 9 units "lobby"
TEXT
)
seen=$(
    run <<'JS'
const forge = require("node-forge");
const { parse } = require("cert2json");

const keys = forge.pki.rsa.generateKeyPair(512);
const attributes = [
  { shortName: "O", value: "Contoso" },
  { shortName: "OU", value: "phones" },
  { shortName: "OU", value: "lobby" },
];
for (const serial of ["00ab12cd", "1a2b3c", "09"]) {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = keys.publicKey;
  certificate.serialNumber = serial;
  certificate.validity.notBefore = new Date("2026-01-01T00:00:00Z");
  certificate.validity.notAfter = new Date("2036-01-01T00:00:00Z");
  certificate.setSubject(attributes);
  certificate.setIssuer(attributes);
  certificate.sign(keys.privateKey, forge.md.sha256.create());
  const { serialNumber, subject } = parse(forge.pki.certificateToPem(certificate)).tbs;
  console.log(serial, "is", JSON.stringify(serialNumber.hex), serialNumber.int, "units", JSON.stringify(subject.OU));
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
