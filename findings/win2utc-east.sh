#!/usr/bin/env bash
# win2utc 0.2.0 takes twelve hours east of Greenwich for two, in a zone of Windows that CLDR does not list.
#
# Expected: its data has the zones of .NET with their offsets, as "12:00:00" and "-02:00:00": it is for zones without an
# equivalent elsewhere, with a note that there is no summer time. The output "datetime" is a local time.
# Seen: the first sign of the offset is cut off, also where it is a digit, so "12:00:00" is 2:00:00. Converted to UTC, a
# time of Kamchatka is ten hours late, and from UTC the other way. The local time then says that it is in UTC. West of
# Greenwich the number is right, and the result of to_utc() has no zone at all. The note is the same as ever.
# Who meets it: whoever reads logs by the name of the zone that Windows gives, for a place that Windows alone names.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    win2utc==0.2.0 tzdata==2025.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
Kamchatka Standard Time, in its data: 12:00:00
   12:00 there is 30 10:00 None; 12:00 UTC is 30 14:00 UTC there
   offset: 2.0 h; No IANA mapping found, used fixed offset from timezones.json (no DST).
Mid-Atlantic Standard Time, in its data: -02:00:00
   12:00 there is 30 14:00 None; 12:00 UTC is 30 10:00 UTC there
   offset: -2.0 h; No IANA mapping found, used fixed offset from timezones.json (no DST).
Russia Time Zone 11, in its data: 12:00:00
   12:00 there is 30 00:00 UTC; 12:00 UTC is 01 00:00 +12 there
   offset: 12.0 h; Used IANA mapping 'Asia/Kamchatka', full DST support.
TEXT
)
seen=$(
    run <<'PY'
from win2utc import WinTimeZoneConverter

converter = WinTimeZoneConverter()
for name in ("Kamchatka Standard Time", "Mid-Atlantic Standard Time", "Russia Time Zone 11"):
    time, offset, _ = converter.to_utc("2026-11-30 12:00:00", name)
    local, _, note = converter.from_utc("2026-11-30 12:00:00", name)
    print(f"{name}, in its data: {converter.timezones[name]['BaseUtcOffset']}")
    print(f"   12:00 there is {time:%d %H:%M} {time.tzname()}; 12:00 UTC is {local:%d %H:%M} {local.tzname()} there")
    print("   offset:", offset.total_seconds() / 3600, "h;", note)
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
