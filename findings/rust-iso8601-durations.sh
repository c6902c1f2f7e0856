#!/usr/bin/env bash
# iso8601 0.4.1 (Debian 12, librust-iso8601-dev) reads 36 hours and 90 minutes as no time at all.
#
# Expected: ISO 8601, whose grammar RFC 3339 gives in appendix A: a duration is numbers of years, months, days, hours,
# minutes and seconds, of any size. These are no fields of a clock: PT36H is one and a half days, PT90M one and a half
# hours.
# Seen: hours above 24, and minutes and seconds above 60, do not match. Behind the T nothing needs to be there, so
# duration() says "Ok" with what came before, often with zero, and ignores the rest: of P1DT36H one day is left. Before
# the T there is an error: days above 31 and months above 12 are refused.
# Who meets it: whoever reads with it the time-outs and intervals that .NET, Java or JavaScript wrote.
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
PT24H: 0 days, 24 hours, 0 minutes, 0 seconds
PT36H: 0 days, 0 hours, 0 minutes, 0 seconds
PT60M: 0 days, 0 hours, 60 minutes, 0 seconds
PT90M: 0 days, 0 hours, 0 minutes, 0 seconds
PT8H90M: 0 days, 8 hours, 0 minutes, 0 seconds
PT300S: 0 days, 0 hours, 0 minutes, 0 seconds
P1DT36H: 1 days, 0 hours, 0 minutes, 0 seconds
P31D: 31 days, 0 hours, 0 minutes, 0 seconds
P45D: an error
TEXT
)
seen=$(
    run <<'RS'
fn main() {
    for text in ["PT24H", "PT36H", "PT60M", "PT90M", "PT8H90M", "PT300S", "P1DT36H", "P31D", "P45D"] {
        match iso8601::duration(text) {
            Ok(iso8601::Duration::YMDHMS { day, hour, minute, second, .. }) => {
                println!("{text}: {day} days, {hour} hours, {minute} minutes, {second} seconds")
            }
            _ => println!("{text}: an error"),
        }
    }
}
RS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
