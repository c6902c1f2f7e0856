#!/usr/bin/env bash
# ntlm-parser 1.0.9 (npm) reads the names in NTLM messages as UTF-16 also where the message says that they are not.
#
# Expected: with NTLMSSP_NEGOTIATE_OEM and without NTLMSSP_NEGOTIATE_UNICODE the names have one octet a character
# ([MS-NLMP], section 2.2.2.5). The order of the names behind the header is free (sections 2.2.1.1 to 2.2.1.3), and
# Version is there only with NTLMSSP_NEGOTIATE_VERSION. Message 3 is the AUTHENTICATE_MESSAGE.
# Seen: the domain "CONTOSO" is three characters of Chinese: the flag is looked for with "or", which is always true. A
# host's name in front of the domain's is read as a version of Windows, 80.72, that no flag announces. Message 3 is
# called NEGOTIATE_MESSAGE.
# Who meets it: whoever looks at why a phone's sign-in is refused, with messages from a capture.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    ntlm-parser@1.0.9 >&2 || {
    echo "could not install ntlm-parser@1.0.9" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
CONTOSO
佃呎协
CONTOSO PHONE-0012 {"majorVersion":80,"minorVersion":72,"buildNumber":20047,"unknown":1160589360}
NEGOTIATE_MESSAGE (type 3)
TEXT
)
seen=$(
    run <<'JS'
const { ntlmParse } = require("ntlm-parser");

const OEM = 0x2, UNICODE = 0x1, NTLM = 0x200;
function message(kind, size, flagsAt, flags, names) {
  const head = Buffer.alloc(size);
  head.write("NTLMSSP\0", "latin1");
  head.writeUInt32LE(kind, 8);
  head.writeUInt32LE(flags, flagsAt);
  let end = size;
  for (const [at, text] of names) {
    head.writeUInt16LE(text.length, at);
    head.writeUInt16LE(text.length, at + 2);
    head.writeUInt32LE(end, at + 4);
    end += text.length;
  }
  return ntlmParse(Buffer.concat([head, ...names.map(([, text]) => text)]).toString("base64"));
}
const oem = Buffer.from("CONTOSO"), unicode = Buffer.from("CONTOSO", "utf16le"), host = Buffer.from("PHONE-0012");

console.log(message(2, 48, 20, NTLM | UNICODE, [[12, unicode]]).targetNameData);
console.log(message(2, 48, 20, NTLM | OEM, [[12, oem]]).targetNameData);
const first = message(1, 32, 12, NTLM | OEM | 0x3000, [[24, host], [16, oem]]);
console.log(first.suppliedDomainData, first.suppliedWorkstationData, JSON.stringify(first.osVersionStructure));
console.log(message(3, 64, 60, NTLM | OEM, [[28, oem], [36, host], [44, host], [12, host], [20, host]]).messageType);
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
