#!/usr/bin/env bash
# dargslan-cron-parser 1.0.0 leaves out Sundays, days of the month and leap years.
#
# Expected: crontab(5): 7 is Sunday as 0 is. "If both fields are restricted (i.e., do not contain the * character), the
# command will be run when either field matches": on the 13th, and on Fridays.
# Seen: "5-7" are Friday and Saturday, "7" alone is Sunday. On the 13th it runs where that is a Friday. 29 February is
# searched for a year, and found in one of four. No error is raised; the command says "Valid".
# Who meets it: whoever asks it when a nightly restart or a backup runs next.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    dargslan-cron-parser==1.0.0 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
0 3 * * 0 (no objection): Sun 06 Dec 2026, Sun 13 Dec 2026, Sun 20 Dec 2026
0 3 * * 7 (no objection): Sun 06 Dec 2026, Sun 13 Dec 2026, Sun 20 Dec 2026
0 3 * * 5-7 (no objection): Fri 04 Dec 2026, Sat 05 Dec 2026, Fri 11 Dec 2026
0 3 * * 6,7 (no objection): Sat 05 Dec 2026, Sat 12 Dec 2026, Sat 19 Dec 2026
0 3 13 * 5 (no objection): Fri 13 Aug 2027
0 3 29 2 * (no objection): never
0 3 1 12 * (no objection): Tue 01 Dec 2026
TEXT
)
seen=$(
    run <<'PY'
from datetime import datetime

from dargslan_cron_parser import next_run, validate

MONDAY = datetime(2026, 11, 30)
for text in ("0 3 * * 0", "0 3 * * 7", "0 3 * * 5-7", "0 3 * * 6,7", "0 3 13 * 5", "0 3 29 2 *", "0 3 1 12 *"):
    found = [f"{datetime.fromisoformat(time):%a %d %b %Y}" for time in next_run(text, MONDAY, count=3)]
    print(f"{text} ({'; '.join(validate(text)) or 'no objection'}):", ", ".join(found) or "never")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
