#!/usr/bin/env bash
# mi-cron 1.0.1 (npm) has a job of the 31st run on the 1st or 3rd of the next month, where a month has fewer days.
#
# Expected: its README: nextDate() computes the next scheduled date of a standard cron expression. "0 0 31 * *" runs on
# the 31st only, so after 1 November next on 31 December.
# Seen: the day is set without looking at how many the month has, and Date makes the 31st of November the 1st of
# December. What it gives is no date of the expression: its own parseCron() has 31 as the only day. "0 0 29 2 *" runs
# on 1 March. No error is raised.
# Who meets it: whoever waits for the last day of a month: the job comes a day or more late, and at the wrong end.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    @cheap-glitch/mi-cron@1.0.1 >&2 || {
    echo "could not install @cheap-glitch/mi-cron@1.0.1" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
0 0 31 * * from 2026-12-01: 2026-12-31, a date of it: true
0 0 31 * * from 2026-11-01: 2026-12-01, a date of it: false
0 0 31 * * from 2027-02-01: 2027-03-03, a date of it: false
0 0 30 * * from 2027-02-01: 2027-03-02, a date of it: false
0 0 31 4,12 * from 2027-02-01: 2027-05-01, a date of it: false
0 0 29 2 * from 2027-01-01: 2027-03-01, a date of it: false
TEXT
)
seen=$(
    run <<'JS'
const { parseCron } = require("@cheap-glitch/mi-cron");

for (const [expression, from] of [
  ["0 0 31 * *", "2026-12-01"],
  ["0 0 31 * *", "2026-11-01"],
  ["0 0 31 * *", "2027-02-01"],
  ["0 0 30 * *", "2027-02-01"],
  ["0 0 31 4,12 *", "2027-02-01"],
  ["0 0 29 2 *", "2027-01-01"],
]) {
  const next = parseCron.nextDate(expression, new Date(`${from}T00:00:00Z`));
  const { days, months } = parseCron(expression);
  const right = days.includes(next.getUTCDate()) && months.includes(next.getUTCMonth() + 1);
  console.log(`${expression} from ${from}: ${next.toISOString().slice(0, 10)}, a date of it: ${right}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
