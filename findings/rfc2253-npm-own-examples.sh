#!/usr/bin/env bash
# rfc2253 0.2.0 (npm) reads examples of its RFC wrong: it loses the second attribute of a level, and makes Ä of part of
# č.
#
# Expected: RFC 2253, sections 2.2 and 2.4, and its examples in section 5: "+" joins attributes of one level; a
# backslash stands before a character that is part of the value, a blank in front among them; a backslash and two
# hexadecimal digits are one octet of UTF-8; "#" and digits are the value in BER, so 04024869 is the text "Hi".
# Seen: the second attribute's name begins with the "+". An escaped blank and a letter up to f are taken for one octet,
# so a line end or another control character. Each octet becomes a letter, and of BER the header is part of the value.
# Who meets it: whoever looks with it in a certificate's subject for the name of a server or a user.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    rfc2253@0.2.0 >&2 || {
    echo "could not install rfc2253@0.2.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
OU=Sales+CN=J. Smith,O=Widget Inc.,C=US: CN is "undefined"
SN=Lu\C4\8Di\C4\87: SN is "Lu\xc4\x8di\xc4\x87"
1.3.6.1.4.1.1466.0=#04024869,O=Test,C=GB: 1.3.6.1.4.1.1466.0 is "\u0004\u0002Hi"
CN=\ anna: CN is "\nnna"
CN=\ otto: CN is " otto"
written again: \+CN=J. Smith+OU=Sales,O=Widget Inc.,C=US
TEXT
)
seen=$(
    run <<'JS'
const { parse } = require("rfc2253");

const show = (value) => JSON.stringify(String(value)).replace(/[^ -~]/g, (each) => {
  return "\\x" + each.charCodeAt(0).toString(16);
});
for (const [text, key] of [
  ["OU=Sales+CN=J. Smith,O=Widget Inc.,C=US", "CN"],
  ["SN=Lu\\C4\\8Di\\C4\\87", "SN"],
  ["1.3.6.1.4.1.1466.0=#04024869,O=Test,C=GB", "1.3.6.1.4.1.1466.0"],
  ["CN=\\ anna", "CN"],
  ["CN=\\ otto", "CN"],
]) {
  const name = parse(text);
  console.log(`${text}: ${key} is ${show(name.get(key))}`);
}
console.log("written again:", parse("OU=Sales+CN=J. Smith,O=Widget Inc.,C=US").format());
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
