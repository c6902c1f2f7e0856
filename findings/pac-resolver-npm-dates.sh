#!/usr/bin/env bash
# pac-resolver 9.0.1 (npm) takes no day for one of a range of dates, and no time of the night for one of the night.
#
# Expected: the functions of proxy auto-config as Netscape described them, and the comments of its source do:
# dateRange(1) is true on the first day of each month, dateRange("JAN", "MAR") from January to March, and so on. In
# browsers (Chromium's library, which Firefox has as well) timeRange(22, 0, 6, 0) is true from 22:00 to 6:00.
# Seen: dateRange() is a place for what is to be written: always false, also for today, without an error. A range of
# times that goes over midnight holds none.
# Who meets it: programs of Node.js behind a proxy, which takes another way at night or on days of maintenance: they go
# the way of the day, as a browser beside them does not.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    pac-resolver@9.0.1 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
on Mon Nov 30 2026 23:30
dateRange(30): false
dateRange("NOV"): false
dateRange(2026): false
dateRange("OCT", "DEC"): false
dateRange(1, "NOV", 30, "NOV"): false
dateRange("JAN", 2026, "DEC", 2026): false
weekdayRange("MON"): true, weekdayRange("SAT", "MON"): true
timeRange(22, 24): true
timeRange(22, 0, 23, 59): true
timeRange(22, 0, 6, 0): false
timeRange(22, 0, 0, 6, 0, 0): false
at 03:00 timeRange(22, 0, 6, 0): false
TEXT
)
seen=$(
    run <<'JS'
const moment = { now: new Date("2026-11-30T23:30:00") };
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...parts) {
    super(...(parts.length ? parts : [moment.now]));
  }
};

import("pac-resolver").then(({ sandbox: { dateRange, timeRange, weekdayRange } }) => {
  console.log(`on ${new Date().toString().slice(0, 21)}`);
  for (const days of [[30], ["NOV"], [2026], ["OCT", "DEC"], [1, "NOV", 30, "NOV"], ["JAN", 2026, "DEC", 2026]]) {
    console.log(`dateRange(${days.map((day) => JSON.stringify(day)).join(", ")}): ${dateRange(...days)}`);
  }
  console.log(`weekdayRange("MON"): ${weekdayRange("MON")}, weekdayRange("SAT", "MON"): ${weekdayRange("SAT", "MON")}`);
  for (const times of [[22, 24], [22, 0, 23, 59], [22, 0, 6, 0], [22, 0, 0, 6, 0, 0]]) {
    console.log(`timeRange(${times.join(", ")}): ${timeRange(...times)}`);
  }
  moment.now = new RealDate("2026-12-01T03:00:00");
  console.log(`at 03:00 timeRange(22, 0, 6, 0): ${timeRange(22, 0, 6, 0)}`);
});
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
