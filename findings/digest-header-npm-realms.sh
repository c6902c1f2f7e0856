#!/usr/bin/env bash
# digest-header 1.1.0 (npm) cuts the name of a realm at a comma, and answers algorithms that it does not know.
#
# Expected: RFC 7616, section 3.3: realm is a quoted string; RFC 9110, section 5.6.4: "," in it separates nothing, and a
# backslash and the octet behind it stand for that octet. RFC 7616, section 3.3: a challenge with an algorithm that is
# not understood is left aside; the default is MD5.
# Seen: of the realm "Contoso, Ltd." the part before the comma is left, of one with a quotation mark what is before
# that, and the answer is computed with it: 401 again. SHA-256 and MD5-sess are answered with MD5 and no algorithm.
# Who meets it: whoever signs in through it (urllib of npm does) to a server of a company with a comma in its name.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts digest-header@1.1.0 >&2 || {
    echo "could not install digest-header@1.1.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
Contoso: realm Contoso, the answer of MD5
Contoso, Ltd.: realm Contoso, another answer
The \"lab\": realm The \, another answer
Contoso, algorithm=SHA-256: realm Contoso, the answer of MD5
Contoso, algorithm=MD5-sess: realm Contoso, the answer of MD5
TEXT
)
seen=$(
    run <<'JS'
const { createHash } = require("crypto");
const answer = require("digest-header");

const hash = (text) => createHash("md5").update(text).digest("hex");
function show(realm, written, more = "") {
  const header = answer("GET", "/a", `Digest realm="${written}", nonce="c"${more}`, "cx700:secret");
  const right = hash([hash(`cx700:${realm}:secret`), "c", hash("GET:/a")].join(":"));
  const given = /realm="(.*?)", /.exec(header)[1];
  console.log(`${written}${more}: realm ${given}, ${header.includes(right) ? "the answer of MD5" : "another answer"}`);
}
show("Contoso", "Contoso");
show("Contoso, Ltd.", "Contoso, Ltd.");
show('The "lab"', 'The \\"lab\\"');
show("Contoso", "Contoso", ", algorithm=SHA-256");
show("Contoso", "Contoso", ", algorithm=MD5-sess");
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
