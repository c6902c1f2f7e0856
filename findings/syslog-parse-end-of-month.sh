#!/usr/bin/env bash
# syslog-parse 2.0.0 (npm) puts messages into another month when it reads them on the last days of a month.
#
# Expected: the header's month and day are the message's date, on whatever day it is read (RFC 3164, section 4.1.2).
# Seen: month and day are set one after the other into today's date. On 31 October, the month of a message of September
# or November is set first, gives a 31st that does not exist, and becomes October or December. On 30 October both are
# right.
# Who meets it: whoever lays logs beside a capture on the 29th to 31st. It happens on those days only, and no error is
# raised.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    syslog-parse@2.0.0 >&2 || {
    echo "could not install syslog-parse@2.0.0" >&2
    exit 2
}
run() { TZ=UTC node --input-type=module -; }

expected=$(
    cat <<'TEXT'
2026-10-30 reads Sep 30 22:14:15 as 2026-09-30T22:14:15.000Z
2026-10-30 reads Oct  1 22:14:15 as 2026-10-01T22:14:15.000Z
2026-10-30 reads Nov 30 22:14:15 as 2026-11-30T22:14:15.000Z
2026-10-31 reads Sep 30 22:14:15 as 2026-10-30T22:14:15.000Z
2026-10-31 reads Oct  1 22:14:15 as 2026-10-01T22:14:15.000Z
2026-10-31 reads Nov 30 22:14:15 as 2026-12-30T22:14:15.000Z
TEXT
)
seen=$(
    run <<'JS'
const RealDate = Date;
let now;
globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length ? given : [now]));
  }
};
const { default: parse } = await import("syslog-parse");

for (const today of ["2026-10-30T12:00:00Z", "2026-10-31T12:00:00Z"]) {
  now = RealDate.parse(today);
  for (const stamp of ["Sep 30 22:14:15", "Oct  1 22:14:15", "Nov 30 22:14:15"]) {
    console.log(today.slice(0, 10), "reads", stamp, "as", parse(`<34>${stamp} sbs01 app: text`).time.toISOString());
  }
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
