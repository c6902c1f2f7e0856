#!/usr/bin/env bash
# @fidm/x509 1.2.1 (npm) gives a certificate's common name as a buffer of 16-bit units where it is a BMPString.
#
# Expected: a string, as its types say. A DirectoryString may be a BMPString (RFC 5280, section 4.1.2.4), as
# certificate authorities of Windows wrote names for years.
# Seen: a Buffer with the letters two octets each, beside strings for UTF8String. Comparing it with a name is false,
# and printing it shows a zero before each letter. No error is raised.
# Who meets it: whoever looks whom the certificate of an old pool is for.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    @fidm/x509@1.2.1 @fidm/asn1@1.0.4 tweetnacl@1.0.3 >&2 || {
    echo "could not install @fidm/x509@1.2.1" >&2
    exit 2
}
run() { node -; }

# string_mask: 0x2000 is UTF8String, 0x800 BMPString.
for kind in 2000 800; do
    printf '[req]\ndistinguished_name=names\nstring_mask=MASK:0x%s\nprompt=no\n[names]\nCN=pool01.contoso.com\n' \
        "$kind" >"$kind.cnf"
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out "$kind.pem" -config "$kind.cnf" 2>/dev/null
done

expected=$(
    cat <<'TEXT'
2000: string pool01.contoso.com true
800: object 0070006f006f006c00300031002e0063006f006e0074006f0073006f002e0063006f006d false
TEXT
)
seen=$(
    run <<'JS'
const fs = require("fs");
const { Certificate } = require("@fidm/x509");

for (const kind of ["2000", "800"]) {
    const { commonName } = Certificate.fromPEM(fs.readFileSync(`${kind}.pem`)).subject;
    const shown = Buffer.isBuffer(commonName) ? commonName.toString("hex") : commonName;
    console.log(`${kind}: ${typeof commonName} ${shown} ${commonName === "pool01.contoso.com"}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
