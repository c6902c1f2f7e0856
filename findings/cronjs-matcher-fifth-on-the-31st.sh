#!/usr/bin/env bash
# @datasert/cronjs-matcher 1.4.0 (npm) never has the fifth Sunday of a month on the 31st.
#
# Expected: its parser takes "#" for the nth day of a month ("nthDays"), as Quartz does: SUN#5 is each fifth Sunday. 31
# January 2027 is one.
# Seen: the days of the month are gone through up to the 30th. A fifth one on the 31st is not among them, and for the
# weekday that has it there the month counts as one without a fifth. The last Sunday ("SUNL") is right. No error is
# raised.
# Who meets it: whoever keeps machines up to date on fifth Sundays.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    @datasert/cronjs-matcher@1.4.0 @datasert/cronjs-parser@1.4.0 luxon@3.7.2 >&2 || {
    echo "could not install @datasert/cronjs-matcher@1.4.0 @datasert/cronjs-parser@1.4.0 luxon@3.7.2" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
SUN#5, by the calendar: 2027-01-31 2027-05-30 2027-08-29 2027-10-31 2028-01-30 2028-04-30
SUN#5, by it: 2027-05-30 2027-08-29 2028-01-30 2028-04-30 2028-07-30 2028-10-29
MON#5, by the calendar: 2027-03-29 2027-05-31 2027-08-30 2027-11-29 2028-01-31 2028-05-29
MON#5, by it: 2027-03-29 2027-08-30 2027-11-29 2028-05-29 2028-10-30 2029-01-29
SUNL: 2027-01-31
TEXT
)
seen=$(
    run <<'JS'
const { getFutureMatches } = require("@datasert/cronjs-matcher");

for (const [name, number] of [["SUN", 0], ["MON", 1]]) {
  const right = [];
  for (let day = new Date("2027-01-01"); right.length < 6; day = new Date(day.getTime() + 86400000)) {
    if (day.getUTCDay() === number && day.getUTCDate() > 28) right.push(day.toISOString().slice(0, 10));
  }
  const found = getFutureMatches(`0 0 ? * ${name}#5`, { startAt: "2027-01-01T00:00:00Z", matchCount: 6 });
  console.log(`${name}#5, by the calendar:`, right.join(" "));
  console.log(`${name}#5, by it:`, found.map((time) => time.slice(0, 10)).join(" "));
}
const last = getFutureMatches("0 0 ? * SUNL", { startAt: "2027-01-01T00:00:00Z", matchCount: 1 });
console.log("SUNL:", last[0].slice(0, 10));
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
