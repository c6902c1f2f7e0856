#!/usr/bin/env bash
# libical 3.0.16 (Debian 12) has each of the hours of which a rule wants the last, and a 53rd week of 2031.
#
# Expected: RFC 5545, section 3.3.10: BYSETPOS picks out of the set of one interval: of FREQ=DAILY;BYHOUR=8,10,12 with
# BYSETPOS=-1, 12 o'clock each day is left. BYWEEKNO=53 is for years that have such a week, "corresponding to weeks
# according to week numbering as defined in ISO 8601": 2026, 2032 and 2037, but not 2031 and 2042.
# Seen: BYSETPOS works for months and years; in rules by days and weeks it is ignored. With BYDAY, the week behind the
# 52nd is taken for the 53rd in some years: 29 December 2031 is in week 1.
# Who meets it: whoever has a phone's alarm, or a time for updates, in a calendar of GNOME.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libical3=3.0.16-1+b1 libicu72=72.1-3+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu TZ=UTC python3 -; }

expected=$(
    cat <<'TEXT'
FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1
  2026-11-30 09:00, 2026-12-31 09:00, 2027-01-29 09:00, 2027-02-26 09:00
FREQ=DAILY;BYHOUR=8,10,12;BYSETPOS=-1
  2026-11-30 10:00, 2026-11-30 12:00, 2026-12-01 08:00, 2026-12-01 10:00
FREQ=WEEKLY;BYDAY=MO,TU;BYHOUR=8,10;BYSETPOS=2
  2026-11-30 10:00, 2026-12-01 08:00, 2026-12-01 10:00, 2026-12-07 08:00
FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO
  2026-12-28 09:00, 2031-12-29 09:00, 2032-12-27 09:00, 2037-12-28 09:00
  of ISO weeks 53, 1, 53, 53
TEXT
)
seen=$(
    run <<'PY'
import ctypes
from datetime import datetime, timezone

expand = ctypes.CDLL("libical.so.3").icalrecur_expand_recurrence
expand.argtypes = [ctypes.c_char_p, ctypes.c_int64, ctypes.c_int, ctypes.POINTER(ctypes.c_int64)]
START = datetime(2026, 11, 30, 9, tzinfo=timezone.utc)

for rule in (
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=DAILY;BYHOUR=8,10,12;BYSETPOS=-1",
    "FREQ=WEEKLY;BYDAY=MO,TU;BYHOUR=8,10;BYSETPOS=2",
    "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO",
):
    seconds = (ctypes.c_int64 * 4)()
    assert expand(rule.encode(), int(START.timestamp()), 4, seconds)
    times = [datetime.fromtimestamp(each, timezone.utc) for each in seconds]
    print(f"{rule}\n  {', '.join(f'{each:%Y-%m-%d %H:%M}' for each in times)}")
print(f"  of ISO weeks {', '.join(str(each.isocalendar().week) for each in times)}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
