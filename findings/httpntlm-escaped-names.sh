#!/usr/bin/env bash
# httpntlm 1.8.13 (npm) signs in with another domain where its name has a letter with an accent or a mark like "&".
#
# Expected: the names in message 3 are the user's, domain's and computer's as they are, in UTF-16 where the server
# chose so ([MS-NLMP], section 2.2.1.3). NetBIOS names of domains may have such letters and marks.
# Seen: the names of domain and computer are percent-encoded as in an address: MÜLLER is M%DCLLER, and A&B is A%26B.
# The hash is made with that name, too. The user's name is right. The server knows no such domain and refuses the
# sign-in; its log has the name with the percent sign.
# Who meets it: whoever tests with it why a phone's sign-in is refused, in a domain with such a name.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    httpntlm@1.8.13 >&2 || {
    echo "could not install httpntlm@1.8.13" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
CONTOSO is CONTOSO user zoë computer PC_1
MÜLLER is M%DCLLER user zoë computer PC_1
A&B is A%26B user zoë computer PC_1
TEXT
)
seen=$(
    run <<'JS'
const { ntlm } = require("httpntlm");

const info = Buffer.from("0200020041000000000000", "hex");
const challenge = Buffer.alloc(48);
challenge.write("NTLMSSP\0\x02", "latin1");
challenge.writeUInt32LE(48, 16);
challenge.writeUInt32LE(0x888201, 20);
challenge.writeUInt16LE(info.length, 40);
challenge.writeUInt32LE(48, 44);
const second = "NTLM " + Buffer.concat([challenge, info]).toString("base64");

for (const domain of ["CONTOSO", "MÜLLER", "A&B"]) {
  const message = ntlm.parseType2Message(second, console.log);
  const options = { url: "", username: "zoë", password: "x", domain, workstation: "PC_1" };
  const third = Buffer.from(ntlm.createType3Message(message, options).slice(5), "base64");
  const name = (at) => third.toString("utf16le", third.readUInt32LE(at + 4)).slice(0, third.readUInt16LE(at) / 2);
  console.log(domain, "is", name(28), "user", name(36), "computer", name(44));
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
