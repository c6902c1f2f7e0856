#!/usr/bin/env bash
# libsoup 3.2.3 (Debian 12, libsoup-3.0-0) takes EST for GMT, and PST for fifteen hours behind it.
#
# Expected: RFC 5322, section 4.3: EST is -0500, CST -0600, MST -0700 and PST -0800; EDT and the others with D are an
# hour less behind. soup_date_time_new_from_http_string() is for the dates of HTTP and of mails.
# Seen: the place of the first letter in "ECMP" is multiplied by five hours, where it should be added to them: EST is 0,
# CST -0500, MST -1000 and PST -1500; EDT is ahead of GMT. The same offset in digits is right.
# Who meets it: whoever reads with it a date that a server of North America wrote with its zone, as some do in Expires
# and in cookies: up to seven hours off, sooner in the east, later in the west.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libsoup-3.0-0=3.2.3-0+deb12u2 libglib2.0-0=2.74.6-2+deb12u9 \
    libbrotli1=1.0.9-2+deb12u1 libnghttp2-14=1.52.0-1+deb12u3 libpsl5=0.21.2-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu python3 -; }

expected=$(
    cat <<'TEXT'
-0500 is 15:00 GMT on the 30th, EST is 10:00 GMT on the 30th
-0400 is 14:00 GMT on the 30th, EDT is 09:00 GMT on the 30th
-0600 is 16:00 GMT on the 30th, CST is 15:00 GMT on the 30th
-0500 is 15:00 GMT on the 30th, CDT is 14:00 GMT on the 30th
-0700 is 17:00 GMT on the 30th, MST is 20:00 GMT on the 30th
-0600 is 16:00 GMT on the 30th, MDT is 19:00 GMT on the 30th
-0800 is 18:00 GMT on the 30th, PST is 01:00 GMT on the 1st
-0700 is 17:00 GMT on the 30th, PDT is 00:00 GMT on the 1st
TEXT
)
seen=$(
    run <<'PY'
import ctypes
import time

glib = ctypes.CDLL("libglib-2.0.so.0")
soup = ctypes.CDLL("libsoup-3.0.so.0")
soup.soup_date_time_new_from_http_string.restype = ctypes.c_void_p
glib.g_date_time_to_unix.restype = ctypes.c_int64
glib.g_date_time_to_unix.argtypes = [ctypes.c_void_p]


def read(zone):
    date = soup.soup_date_time_new_from_http_string(f"Mon, 30 Nov 2026 10:00:00 {zone}".encode())
    moment = time.gmtime(glib.g_date_time_to_unix(date))
    return f"{zone} is {time.strftime('%H:%M', moment)} GMT on the {'30th' if moment.tm_mday == 30 else '1st'}"


for hours, letter in (5, "E"), (6, "C"), (7, "M"), (8, "P"):
    print(f"{read(f'-0{hours}00')}, {read(letter + 'ST')}")
    print(f"{read(f'-0{hours - 1}00')}, {read(letter + 'DT')}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
