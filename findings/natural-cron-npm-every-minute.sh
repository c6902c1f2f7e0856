#!/usr/bin/env bash
# natural-cron.js 1.1.0 (npm) has "every 2 hours" run 720 times a day, and "the 1st of every month" on all of January.
#
# Expected: its README: it converts English phrases to cron expressions. "every 2 hours" is 0 0/2 * * ? *, "on the 1st
# of every month at 6 am" 0 6 1 * ? *, and "every weekday" MON-FRI.
# Seen: without a time of day the minute is left at "*", each minute of each second hour. The number before "of every
# month" is put into the month: every day of January at 6. "weekday" is not known and left out, so the job runs on
# Sundays too, where "weekend" is known. No error is raised.
# Who meets it: whoever lets people write when their job is to run.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    @darkeyedevelopers/natural-cron.js@1.1.0 >&2 || {
    echo "could not install @darkeyedevelopers/natural-cron.js@1.1.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
every day at 2:55 pm: 55 14 * * ? *
every 15 minutes: 0/15 * * * ? *
every 2 hours: * 0/2 * * ? *
on the 1st of every month at 6 am: 0 6 * 1 ? *
every weekday at 9 am: 0 9 * * ? *
every weekend at 9 am: 0 9 ? * SAT,SUN *
every monday at 9 am: 0 9 ? * MON *
every monday: * * ? * MON *
TEXT
)
seen=$(
    run <<'JS'
const getCronString = require("@darkeyedevelopers/natural-cron.js");

for (const phrase of [
  "every day at 2:55 pm",
  "every 15 minutes",
  "every 2 hours",
  "on the 1st of every month at 6 am",
  "every weekday at 9 am",
  "every weekend at 9 am",
  "every monday at 9 am",
  "every monday",
]) {
  console.log(`${phrase}: ${getCronString(phrase)}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
