#!/usr/bin/env bash
# cron-to-quartz 1.4.15 (npm) makes each third day of each second, and the third Tuesday of the second.
#
# Expected: crontab(5): 0 and 7 are Sunday, "/2" is each second day. Quartz, CronExpression: 1 is Sunday, 7 Saturday,
# "6#3" the third Friday. So weekdays are one more, but neither a step nor which weekday of the month it is.
# Seen: each number of the field gets one more: "*/2" is "*/3", "0-6/2" is "1-7/3", "2#2" (where a cron has it) "3#3".
# Sunday as 7 is 8, which Quartz has not: it refuses "8", and "6-8" with it. No error is raised.
# Who meets it: whoever moves jobs from cron to Quartz with it, such as those that wait for the second Tuesday.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    cron-to-quartz@1.4.15 >&2 || {
    echo "could not install cron-to-quartz@1.4.15" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
0 3 * * 1-5 -> 0 0 3 ? * 2-6 *
0 3 * * 0 -> 0 0 3 ? * 1 *
0 3 * * 7 -> 0 0 3 ? * 8 *
0 3 * * 5-7 -> 0 0 3 ? * 6-8 *
0 3 * * */2 -> 0 0 3 ? * */3 *
0 3 * * 0-6/2 -> 0 0 3 ? * 1-7/3 *
0 3 * * 2#2 -> 0 0 3 ? * 3#3 *
0 3 */2 * * -> 0 0 3 */2 * ? *
TEXT
)
seen=$(
    run <<'JS'
const { getQuartz } = require("cron-to-quartz");

for (const days of ["* * 1-5", "* * 0", "* * 7", "* * 5-7", "* * */2", "* * 0-6/2", "* * 2#2", "*/2 * *"]) {
  const cron = `0 3 ${days}`;
  console.log(cron, "->", getQuartz(cron).map((each) => each.join(" ")).join(" and "));
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
