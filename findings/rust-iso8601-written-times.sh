#!/usr/bin/env bash
# iso8601 0.4.1 (Debian 12, librust-iso8601-dev) writes +05:30 as +05:05, and .007 as .7.
#
# Expected: RFC 3339, section 5.6: an offset is a sign, hours and minutes; a fraction is the digits behind its point.
# Appendix A has the other dates of ISO 8601: the number of a week begins with W. What was read and is written again is
# the same time.
# Seen: Display writes the offset's hours in the place of its minutes as well, and a minus behind a plus. It leaves out
# the zeros in front of milliseconds, and writes a week as a month. Much of it is valid, but another time: it reads
# 2026-W11-5, which is 13 March, and writes 5 November.
# Who meets it: whoever reads the times of a device's log with it and passes them on.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    rustc=1.63.0+dfsg1-2 libstd-rust-dev=1.63.0+dfsg1-2 libstd-rust-1.63=1.63.0+dfsg1-2 libllvm14=1:14.0.6-12 \
    librust-memchr-dev=2.5.0-1 librust-minimal-lexical-dev=0.2.1-2 librust-nom-dev=7.1.1-1 \
    librust-iso8601-dev=0.4.1-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
rust() { usr/bin/rustc --cap-lints allow -L . "$@"; }
crate() { # NAME, and options of rustc
    local file=(usr/share/cargo/registry/"$1"-[0-9]*/src/lib.rs)
    rust --crate-type lib --crate-name "${1//-/_}" --edition 2018 "${@:2}" "${file[0]}"
}
crate memchr
crate minimal-lexical
crate nom --extern memchr=libmemchr.rlib --extern minimal_lexical --cfg 'feature="std"' --cfg 'feature="alloc"'
crate iso8601 --extern nom --cfg 'feature="std"'
run() { rust --edition 2021 --extern iso8601 - -o main && ./main; }

expected=$(
    cat <<'TEXT'
2026-11-30T16:05:09Z: 2026-11-30T16:05:09.0+00:00
2026-11-30T16:05:09.5+01:00: 2026-11-30T16:05:09.500+01:01
2026-11-30T16:05:09.007Z: 2026-11-30T16:05:09.7+00:00
2026-11-30T16:05:09.007+05:30: 2026-11-30T16:05:09.7+05:05
2026-11-30T16:05:09-08:00: 2026-11-30T16:05:09.0+-8:-8
2026-W11-5T08:00:00Z: 2026-11-05T08:00:00.0+00:00
TEXT
)
seen=$(
    run <<'RS'
fn main() {
    for text in [
        "2026-11-30T16:05:09Z",
        "2026-11-30T16:05:09.5+01:00",
        "2026-11-30T16:05:09.007Z",
        "2026-11-30T16:05:09.007+05:30",
        "2026-11-30T16:05:09-08:00",
        "2026-W11-5T08:00:00Z",
    ] {
        println!("{text}: {}", iso8601::datetime(text).unwrap());
    }
}
RS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
