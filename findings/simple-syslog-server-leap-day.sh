#!/usr/bin/env bash
# simple-syslog-server 1.0.0 (npm) moves all messages of 29 February to 1 March.
#
# Expected: "Feb 29" is the 29th of February in a leap year (RFC 3164, section 4.1.2).
# Seen: the header is read without a year, for which JavaScript takes 2001, where the day does not exist and becomes 1
# March; the year is set afterwards. The days around it are right. No error is raised.
# Who meets it: whoever sorts or counts messages by their own time in 2028, and lays them beside a capture.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    simple-syslog-server@1.0.0 >&2 || {
    echo "could not install simple-syslog-server@1.0.0" >&2
    exit 2
}
run() { TZ=UTC node -; }

expected=$(
    cat <<'TEXT'
Feb 28 22:14:15 is 2028-02-28T22:14:15.000Z
Feb 29 22:14:15 is 2028-03-01T22:14:15.000Z
Mar  1 22:14:15 is 2028-03-01T22:14:15.000Z
TEXT
)
seen=$(
    run <<'JS'
const parse = require("simple-syslog-server/src/parser.js");

const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length ? given : ["2028-02-29T23:00:00Z"]));
  }
};
for (const stamp of ["Feb 28 22:14:15", "Feb 29 22:14:15", "Mar  1 22:14:15"]) {
  console.log(stamp, "is", parse(`<34>${stamp} sbs01 app: text`, {}).timestamp.toISOString());
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
