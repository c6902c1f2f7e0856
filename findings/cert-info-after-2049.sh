#!/usr/bin/env bash
# cert-info 1.5.1 (npm) takes a certificate that expires after 2049 for one that has expired.
#
# Expected: a validity date through 2049 is a UTCTime, with two digits of the year; one in 2050 or later is a
# GeneralizedTime, with four (RFC 5280, section 4.1.2.5). The two certificates below end one second apart, and Node.js'
# own X509Certificate gives both.
# Seen: of the second, 20 is taken for the year and 50 for the month, so it ends in February 2024. No error is raised.
# Who meets it: whoever checks the certificates of a site with an authority of its own, which often last for decades.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    cert-info@1.5.1 >&2 || {
    echo "could not install cert-info@1.5.1" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
Dec 31 23:59:59 2049 GMT -> 2049-12-31T23:59:59.000Z
Jan  1 00:00:00 2050 GMT -> 2024-02-01T01:00:00.000Z
TEXT
)
seen=$(
    run <<'JS'
const { X509Certificate } = require("node:crypto");
const { info } = require("cert-info");

const CERTIFICATES = [[
  "MIIBSTCB8KADAgECAgEBMAoGCCqGSM49BAMCMB0xGzAZBgNVBAMMEnBvb2wwMS5jb250b3NvLmNvbTAeFw0yNTAxMDEwMDAwMDBa",
  "Fw00OTEyMzEyMzU5NTlaMB0xGzAZBgNVBAMMEnBvb2wwMS5jb250b3NvLmNvbTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGTS",
  "t+s3KsqqlNfrY9+0/uyh0jqsl2PekZ7txp+KlclEYpGeSBSnklXWLKtHkyLnlXIbMuIqA6KEYfvKQzkFUEyjITAfMB0GA1UdEQQW",
  "MBSCEnBvb2wwMS5jb250b3NvLmNvbTAKBggqhkjOPQQDAgNIADBFAiA19cYKKVOvzwe4LS7t1bRV/uPw0nZLdLV9rTlWMH91zgIh",
  "AK78Cke7ieBzNszsKgAoNuOKkNEgVZkf5MhRlN9xj3nE",
], [
  "MIIBSjCB8qADAgECAgEBMAoGCCqGSM49BAMCMB0xGzAZBgNVBAMMEnBvb2wwMS5jb250b3NvLmNvbTAgFw0yNTAxMDEwMDAwMDBa",
  "GA8yMDUwMDEwMTAwMDAwMFowHTEbMBkGA1UEAwwScG9vbDAxLmNvbnRvc28uY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE",
  "ZNK36zcqyqqU1+tj37T+7KHSOqyXY96Rnu3Gn4qVyURikZ5IFKeSVdYsq0eTIueVchsy4ioDooRh+8pDOQVQTKMhMB8wHQYDVR0R",
  "BBYwFIIScG9vbDAxLmNvbnRvc28uY29tMAoGCCqGSM49BAMCA0cAMEQCIBBwBFfHe+F6cLhjxnZKh7lBCYexOg2Z9mtstMjyMN8L",
  "AiAN0LQEt7868HblpfbEio8U4BnBAivasClu4XlqRW8SZA==",
]];
for (const lines of CERTIFICATES) {
  const text = lines.join("").match(/.{1,64}/g).join("\n");
  const pem = `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
  console.log(new X509Certificate(pem).validTo, "->", new Date(info(pem).expiresAt).toISOString());
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
