#!/usr/bin/env bash
# @node-ntlm/core 0.3.2 (npm) takes a realm in which "NTLM" stands for the challenge, and finds none in small letters.
#
# Expected: RFC 9110, section 11.6.1: a field may have several challenges, whose parameters may be quoted; what is in
# quotes is text, a comma too (section 5.6.4). Section 11.1: the name of a scheme is compared without case.
# Seen: the field is cut at each comma, and the first piece with "NTLM" anywhere is given. So the piece of Basic is
# given, and the server's message that follows is not found in it. "ntlm" gives nothing, and no sign-in is tried.
# Who meets it: whoever signs in with it where a proxy or IIS offers Basic beside NTLM.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    @node-ntlm/core@0.3.2 >&2 || {
    echo "could not install @node-ntlm/core@0.3.2" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
Negotiate, NTLM TlRM, Basic realm="pool" -> NTLM TlRM
Basic realm="pool", NTLM TlRM -> NTLM TlRM
Basic realm="NTLM users", NTLM TlRM -> Basic realm="NTLM users"
Basic realm="phones, NTLM or not", NTLM TlRM -> NTLM or not"
ntlm TlRM -> undefined
TEXT
)
seen=$(
    run <<'JS'
const { extractNtlmMessageFromAuthenticateHeader: extract } = require("@node-ntlm/core");

for (const field of [
  'Negotiate, NTLM TlRM, Basic realm="pool"',
  'Basic realm="pool", NTLM TlRM',
  'Basic realm="NTLM users", NTLM TlRM',
  'Basic realm="phones, NTLM or not", NTLM TlRM',
  "ntlm TlRM",
]) {
  console.log(field, "->", extract(field));
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
