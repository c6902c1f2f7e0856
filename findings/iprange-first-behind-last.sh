#!/usr/bin/env bash
# iprange 1.0.4 (Debian 12) makes nearly all addresses of a list of those that no host has.
#
# Expected: its help: it merges networks and addresses, in any order. RFC 6890, section 2.2.2: 0.0.0.0/8, 127.0.0.0/8
# and 240.0.0.0/4 are no host's; they are a sixteenth of all addresses, and some more.
# Seen: where a line ends with 255.255.255.255 and the next begins with 0.0.0.0, it takes the second for what follows
# the first, as a counter that starts anew. Of 240.0.0.0/4 and 0.0.0.0/8 it makes all from 0.255.255.255 to 240.0.0.0,
# with a warning of a reversed range that nobody gave, and ends with 0. In the order of numbers the list is right.
# Who meets it: whoever makes a set for a filter with it from several lists of such addresses.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    iprange=1.0.4+ds-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { PATH=$PWD/usr/bin:$PATH bash; }

expected=$(
    cat <<'TEXT'
0.0.0.0/8 127.0.0.0/8 240.0.0.0/4:
  0.0.0.0/8
  127.0.0.0/8
  240.0.0.0/4
  exit code 0
127.0.0.0/8 240.0.0.0/4 0.0.0.0/8:
  iprange: WARNING: invalid range reversed start=240.0.0.0 end=0.255.255.255
  127.0.0.0/8
  0.255.255.255
  1.0.0.0/8
  2.0.0.0/7
  4.0.0.0/6
  8.0.0.0/5
  16.0.0.0/4
  32.0.0.0/3
  64.0.0.0/2
  128.0.0.0/2
  192.0.0.0/3
  224.0.0.0/4
  240.0.0.0
  exit code 0
255.255.255.255 0.0.0.0:
  iprange: WARNING: invalid range reversed start=255.255.255.255 end=0.0.0.0
  0.0.0.0/0
  exit code 0
TEXT
)
seen=$(
    run <<'SH'
merge() {
    echo "$*:"
    printf '%s\n' "$@" >list
    iprange list 2>&1 | sed 's/^/  /'
    echo "  exit code ${PIPESTATUS[0]}"
}
merge 0.0.0.0/8 127.0.0.0/8 240.0.0.0/4
merge 127.0.0.0/8 240.0.0.0/4 0.0.0.0/8
merge 255.255.255.255 0.0.0.0
SH
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
