#!/usr/bin/env bash
# aggregate 1.6 (Debian 12) does not read the default route that it writes itself, and leaves a part of it.
#
# Expected: aggregate(1): a prefix is removed that another prefix of the list includes; adjacent prefixes become the
# shorter one around both. RFC 4632, section 5.1: the default route, 0.0.0.0/0, includes all addresses.
# Seen: 0.0.0.0/0 comes out of its two halves. Given to it, it is left out, with -q without a word, otherwise as a "mask
# length out of range": of it and 10.0.0.0/8, the latter is left, 16777216 addresses of 4294967296. In each case it ends
# with 0.
# Who meets it: whoever makes a short list for a filter between phones and servers of the networks that may pass.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    aggregate=1.6-7+b1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { bash -s; }

expected=$(
    cat <<'TEXT'
10.0.0.0/8 10.1.0.0/16: 10.0.0.0/8
0.0.0.0/1 10.0.0.0/8: 0.0.0.0/1
0.0.0.0/1 128.0.0.0/1: 0.0.0.0/0
0.0.0.0/0: 
0.0.0.0/0 10.0.0.0/8: 10.0.0.0/8
0.0.0.0/0 0.0.0.0/1: 0.0.0.0/1
0.0.0.0/0 10.0.0.0/8 192.0.2.0/24: 10.0.0.0/8 192.0.2.0/24
halves, twice: 
without -q: aggregate: [line 1] mask length 0 out of range; ignoring line
TEXT
)
seen=$(
    run <<'SH'
aggregate() {
    # shellcheck disable=SC2086 # one network a line
    printf '%s\n' $1 | usr/bin/aggregate -q | paste -sd ' '
}
for list in "10.0.0.0/8 10.1.0.0/16" "0.0.0.0/1 10.0.0.0/8" "0.0.0.0/1 128.0.0.0/1" \
    "0.0.0.0/0" "0.0.0.0/0 10.0.0.0/8" "0.0.0.0/0 0.0.0.0/1" "0.0.0.0/0 10.0.0.0/8 192.0.2.0/24"; do
    echo "$list: $(aggregate "$list")"
done
echo "halves, twice: $(aggregate "$(aggregate "0.0.0.0/1 128.0.0.0/1")")"
echo "without -q: $(echo 0.0.0.0/0 | usr/bin/aggregate 2>&1 | sed -n 2p)"
SH
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
