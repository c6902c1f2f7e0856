#!/usr/bin/env bash
# nsyslog-parser 0.10.1 (npm) takes words of a syslog message for structured data, and structured data for words.
#
# Expected: behind the header come "-" or elements in brackets, and behind them and a blank the message, whatever is in
# it (RFC 5424, sections 6.3 and 6.4). Names of elements without "@" are the registered ones: timeQuality, origin, meta
# (section 7). The host may be an IPv6 address (section 6.2.4).
# Seen: the name of a registered element is dropped and the rest of it is in the message. "An answer [status
# code="401"] came late" behind "-" becomes structured data and "An answer": the end is gone. The host of a message
# from 2001:db8::5 is empty, and the header is in the message. No error is raised.
# Who meets it: whoever searches what phones and servers logged for a host or for words.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    nsyslog-parser@0.10.1 >&2 || {
    echo "could not install nsyslog-parser@0.10.1" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
["sbs01",[],"An answer came late"]
["sbs01",["example@32473"],"An answer came late"]
["sbs01",[],"ip=\"192.0.2.1\"] An answer came late"]
["sbs01",["status"],"An answer"]
["",[],"2001:db8::5 app 5 ID47 - An answer came late"]
TEXT
)
seen=$(
    run <<'JS'
const parse = require("nsyslog-parser");

for (const line of [
  "<165>1 2026-11-28T10:58:44Z sbs01 app 5 ID47 - An answer came late",
  '<165>1 2026-11-28T10:58:44Z sbs01 app 5 ID47 [example@32473 ip="192.0.2.1"] An answer came late',
  '<165>1 2026-11-28T10:58:44Z sbs01 app 5 ID47 [origin ip="192.0.2.1"] An answer came late',
  '<165>1 2026-11-28T10:58:44Z sbs01 app 5 ID47 - An answer [status code="401"] came late',
  "<165>1 2026-11-28T10:58:44Z 2001:db8::5 app 5 ID47 - An answer came late",
]) {
  const { host, structuredData, message } = parse(line);
  console.log(JSON.stringify([host, structuredData.map((element) => element.$id), message]));
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
