#!/usr/bin/env bash
# sofia-sip 1.12.11 (Debian 12) reads each day of March in a leap year as the day before, and writes the day behind.
#
# Expected: RFC 3261, section 20.17: a Date is a day, a time and GMT; what was read of a date is written as it was.
# Seen: sip-date, a program of the library, reads 1 March 2028 as 29 February, and writes 29 February as 1 March and
# 31 March as "Fri, 32 Mar 2028". April is right again, and so are years without a 29 February.
# Who meets it: phones that take their time from the Date of a registrar made with it, as FreeSWITCH is: whether a
# certificate is valid yet depends on it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    sofia-sip-bin=1.12.11+20110422.1+1e14eea~dfsg-6 libsofia-sip-ua0=1.12.11+20110422.1+1e14eea~dfsg-6 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { python3 -; }

expected=$(
    cat <<'TEXT'
Mon, 28 Feb 2028 10:00:00 GMT: read as 28 Feb, written Mon, 28 Feb 2028 10:00:00 GMT
Tue, 29 Feb 2028 10:00:00 GMT: read as 29 Feb, written Tue, 01 Mar 2028 10:00:00 GMT
Wed, 01 Mar 2028 10:00:00 GMT: read as 29 Feb, written Wed, 02 Mar 2028 10:00:00 GMT
Thu, 02 Mar 2028 10:00:00 GMT: read as 01 Mar, written Thu, 03 Mar 2028 10:00:00 GMT
Fri, 31 Mar 2028 10:00:00 GMT: read as 30 Mar, written Fri, 32 Mar 2028 10:00:00 GMT
Sat, 01 Apr 2028 10:00:00 GMT: read as 01 Apr, written Sat, 01 Apr 2028 10:00:00 GMT
2024: wrong in Mar
2026: wrong in no month
2027: wrong in no month
2028: wrong in Mar
TEXT
)
seen=$(
    run <<'PY'
import subprocess
from datetime import UTC, datetime, timedelta

SECONDS_BEFORE_1970 = 2208988800
FORM = "%a, %d %b %Y %H:%M:%S GMT"


def sip_date(*words):
    return subprocess.run(["usr/bin/sip-date", *words], capture_output=True, text=True, check=True).stdout.strip()


def read(day):
    return datetime.fromtimestamp(int(sip_date("-n", day.strftime(FORM))) - SECONDS_BEFORE_1970, UTC)


def written(day):
    return sip_date(str(int(day.timestamp()) + SECONDS_BEFORE_1970))


for month, day in ((2, 28), (2, 29), (3, 1), (3, 2), (3, 31), (4, 1)):
    given = datetime(2028, month, day, 10, tzinfo=UTC)
    print(f"{given.strftime(FORM)}: read as {read(given):%d %b}, written {written(given)}")
for year in (2024, 2026, 2027, 2028):
    first = datetime(year, 1, 1, 10, tzinfo=UTC)
    days = [first + timedelta(days=number) for number in range(0, 365, 6)]
    wrong = {f"{day:%b}" for day in days if read(day) != day or written(day) != day.strftime(FORM)}
    print(f"{year}: wrong in {' '.join(wrong) or 'no month'}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
