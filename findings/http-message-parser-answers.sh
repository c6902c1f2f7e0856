#!/usr/bin/env bash
# http-message-parser 0.0.34 (npm) loses a repeated field, and the status where there is no reason phrase.
#
# Expected: fields of one name are a list, in order (RFC 9110, section 5.3); IIS offers Negotiate and NTLM in two of
# WWW-Authenticate. The reason phrase may be empty, the blank before it stays (RFC 9112, section 4).
# Seen: only the last offer is there, so a server that offers both looks as if it had NTLM alone. Without a reason, the
# status is null and there is no version either. No error is raised.
# Who meets it: whoever checks with it what a web server answers to a phone.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    http-message-parser@0.0.34 buffer@4.9.2 concat-stream@1.6.2 >&2 || {
    echo "could not install http-message-parser@0.0.34 buffer@4.9.2 concat-stream@1.6.2" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
[1.1,401,{"WWW-Authenticate":"NTLM","Content-Length":0}]
[null,null,{"WWW-Authenticate":"NTLM","Content-Length":0}]
TEXT
)
seen=$(
    run <<'JS'
const parse = require("http-message-parser");

const fields = "WWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n";
for (const reason of ["Unauthorized", ""]) {
  const { httpVersion, statusCode, headers } = parse(`HTTP/1.1 401 ${reason}\r\n${fields}`);
  console.log(JSON.stringify([httpVersion, statusCode, headers]));
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
