#!/usr/bin/env bash
# sofia-sip 1.12.11 (Debian 12) takes each date from 2036 on for 2 January 2035, also one that NTP still counts.
#
# Expected: RFC 3261, sections 20.17 and 20.19: a Date is read as it stands; where it cannot be kept, that is said.
# Seen: it keeps seconds since 1900 in 32 bits, which last until 7 February 2036. All dates from 1 January 2036 on are
# 2 January 2035, 0:00, without an error; that is earlier than dates of 2035, which it does read.
# Who meets it: whoever lets a phone or a registrar made with it run in a test of the years to come.
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
Mon, 31 Dec 2035 23:59:59 GMT: Mon, 31 Dec 2035 23:59:59 GMT (0)
Tue, 01 Jan 2036 00:00:00 GMT: Tue, 02 Jan 2035 00:00:00 GMT (0)
Thu, 07 Feb 2036 06:28:14 GMT: Tue, 02 Jan 2035 00:00:00 GMT (0)
Fri, 08 Feb 2036 10:00:00 GMT: Tue, 02 Jan 2035 00:00:00 GMT (0)
Sat, 01 Apr 2045 10:00:00 GMT: Tue, 02 Jan 2035 00:00:00 GMT (0)
TEXT
)
seen=$(
    run <<'PY'
import subprocess

DATES = ["Mon, 31 Dec 2035 23:59:59 GMT", "Tue, 01 Jan 2036 00:00:00 GMT", "Thu, 07 Feb 2036 06:28:14 GMT"]
DATES += ["Fri, 08 Feb 2036 10:00:00 GMT", "Sat, 01 Apr 2045 10:00:00 GMT"]

for date in DATES:
    result = subprocess.run(["usr/bin/sip-date", date], capture_output=True, text=True)
    print(f"{date}: {result.stdout.strip()} {result.stderr.strip()}({result.returncode})")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
