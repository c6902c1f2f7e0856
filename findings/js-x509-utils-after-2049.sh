#!/usr/bin/env bash
# js-x509-utils 1.0.7 (npm) makes a certificate for 25 years that ended 75 years ago.
#
# Expected: an end from 2050 on is written as GeneralizedTime, since UTCTime has two digits for the year and 50 to 99
# are of the last century (RFC 5280, sections 4.1.2.5 and 4.1.2.5.1).
# Seen: both ends are UTCTime, whatever the year. OpenSSL, in Node.js, reads 2051 as 1951. Neither side raises an
# error; whoever judges the certificate says that it has expired.
# Who meets it: whoever makes a site's own certificate authority, which is meant to last, with this package.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    js-x509-utils@1.0.7 >&2 || {
    echo "could not install js-x509-utils@1.0.7" >&2
    exit 2
}
run() { node --input-type=module -; }

expected=$(
    cat <<'TEXT'
for 2048 read 2048
for 2051 read 1951
TEXT
)
seen=$(
    run <<'JS'
import crypto from "node:crypto";
import x509 from "js-x509-utils";

const { publicKey, privateKey } = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
const year = new Date().getUTCFullYear();
for (const last of [2048, 2051]) {
  const days = Math.round((last - year) * 365.25);
  const keys = [publicKey, privateKey].map((key) => key.export({ format: "jwk" }));
  const made = new crypto.X509Certificate(await x509.fromJwk(...keys, "pem", { days }));
  console.log("for", last, "read", new Date(made.validTo).getUTCFullYear());
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
