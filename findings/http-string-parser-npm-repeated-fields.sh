#!/usr/bin/env bash
# http-string-parser 0.0.6 (npm) gives one of the ways in which IIS asks to sign in.
#
# Expected: RFC 9110, section 5.3: a field may come in several lines, Set-Cookie and WWW-Authenticate do. Section 5.1:
# its name knows no case. RFC 9112, section 4: the reason behind the status may be missing. Section 5.2: an answer may
# have folded lines, which go on.
# Seen: the last of several lines is left, so of Negotiate and NTLM one. Without a reason there is no status, and
# "HTTP/1.1 200" is no error. A folded line is a field with a blank in its name.
# Who meets it: whoever looks at recorded answers of IIS with it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts http-string-parser@0.0.6 >&2 || {
    echo "could not install http-string-parser@0.0.6" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
HTTP/1.1 401 Unauthorized | WWW-Authenticate: Negotiate | WWW-Authenticate: NTLM
    401 {"WWW-Authenticate":"NTLM"}
HTTP/1.1 200 OK | Set-Cookie: a=1 | set-cookie: b=2
    200 {"Set-Cookie":"a=1","set-cookie":"b=2"}
HTTP/1.1 200  | Server: x
    200 {"Server":"x"}
HTTP/1.1 200 OK | Server: Microsoft-IIS/7.5 |  (Lync)
    200 {"Server":"Microsoft-IIS/7.5"," (Lync)":""}
TEXT
)
seen=$(
    run <<'JS'
const { parseResponse } = require("http-string-parser");

for (const lines of [
  ["HTTP/1.1 401 Unauthorized", "WWW-Authenticate: Negotiate", "WWW-Authenticate: NTLM"],
  ["HTTP/1.1 200 OK", "Set-Cookie: a=1", "set-cookie: b=2"],
  ["HTTP/1.1 200 ", "Server: x"],
  ["HTTP/1.1 200 OK", "Server: Microsoft-IIS/7.5", " (Lync)"],
]) {
  const { statusCode, headers } = parseResponse([...lines, "", "body"].join("\r\n"));
  console.log(`${lines.join(" | ")}\n    ${statusCode} ${JSON.stringify(headers)}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
