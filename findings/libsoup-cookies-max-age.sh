#!/usr/bin/env bash
# libsoup 3.2.3 (Debian 12) takes a cookie for a hundred years for one that ended in 1990, and keeps one that was ended.
#
# Expected: RFC 6265, sections 4.1.2.2 and 5.3: a cookie with both has the end that Max-Age gives, whichever stands
# first. Max-Age is a number of seconds of any size.
# Seen: of Max-Age and Expires the one that stands last counts, so a server that ends a cookie with Max-Age=0 in front
# of a date sees it come back until that date. The seconds are kept in 32 bits, and added as if they were signed: 68
# years are fine, 69 are in the past.
# Who meets it: whoever signs in and out with it, as GNOME's and WebKitGTK's programs do.
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
a=b; Max-Age=0: ended
a=b; Expires=Sat, 30 Nov 2069 10:00:00 GMT: not ended
a=b; Expires=Sat, 30 Nov 2069 10:00:00 GMT; Max-Age=0: ended
a=b; Max-Age=0; Expires=Sat, 30 Nov 2069 10:00:00 GMT: not ended
68 years: in 68 years
69 years: in -67 years
100 years: in -36 years
TEXT
)
seen=$(
    run <<'PY'
import ctypes
import time

glib = ctypes.CDLL("libglib-2.0.so.0")
soup = ctypes.CDLL("libsoup-3.0.so.0")
soup.soup_cookie_parse.restype = ctypes.c_void_p
soup.soup_cookie_parse.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
soup.soup_cookie_get_expires.restype = ctypes.c_void_p
soup.soup_cookie_get_expires.argtypes = [ctypes.c_void_p]
glib.g_date_time_to_unix.restype = ctypes.c_int64
glib.g_date_time_to_unix.argtypes = [ctypes.c_void_p]

YEAR = 31_556_952


def seconds_left(text):
    cookie = soup.soup_cookie_parse(text.encode(), None)
    return glib.g_date_time_to_unix(soup.soup_cookie_get_expires(cookie)) - time.time()


DATE = "Expires=Sat, 30 Nov 2069 10:00:00 GMT"
for text in "a=b; Max-Age=0", f"a=b; {DATE}", f"a=b; {DATE}; Max-Age=0", f"a=b; Max-Age=0; {DATE}":
    print(f"{text}: {'not ended' if seconds_left(text) > 0 else 'ended'}")
for years in 68, 69, 100:
    print(f"{years} years: in {seconds_left(f'a=b; Max-Age={years * YEAR}') / YEAR:.0f} years")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
