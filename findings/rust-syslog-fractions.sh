#!/usr/bin/env bash
# syslog 6.0.1 (Debian 12, librust-syslog-dev) writes nanoseconds, which RFC 5424 forbids, and no local time.
#
# Expected: RFC 5424, section 6.2.3.1: a fraction of a second has one to six digits, and example 5 is of one with more
# that is not valid. Section 6.3.3: in a value '"', backslash and ']' have a backslash in front. RFC 3164, section
# 4.1.2: its time is local time, with a blank in front of a day of one digit.
# Seen: Formatter5424 writes what the clock gives, nine digits but for zeros at their end, so that all but one message
# of a thousand are not valid, and values as they are. Formatter3164 writes UTC without saying so: in Japan all
# messages are nine hours old when they come. The fifth is written as 05.
# Who meets it: whoever sends the messages of a program in Rust to a server that reads them by the RFC.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    rustc=1.63.0+dfsg1-2 libstd-rust-dev=1.63.0+dfsg1-2 libstd-rust-1.63=1.63.0+dfsg1-2 libllvm14=1:14.0.6-12 \
    librust-cfg-if-dev=1.0.0-1 librust-error-chain-dev=0.12.4-1 librust-hostname-dev=0.3.1-1 \
    librust-itoa-dev=1.0.1-2 librust-libc-dev=0.2.139-1 librust-log-dev=0.4.17-3 librust-match-cfg-dev=0.1.0-4 \
    librust-num-threads-dev=0.1.6-1+b1 librust-syslog-dev=6.0.1-2 librust-time-dev=0.3.9-1+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
rust() { usr/bin/rustc --cap-lints allow -L . "$@"; }
crate() { # NAME, EDITION, FEATURES, and options of rustc
    local file=(usr/share/cargo/registry/"$1"-[0-9]*/src/lib.rs) options=(--edition "$2" --crate-type lib) each
    for each in $3; do options+=(--cfg "feature=\"$each\""); done
    rust --crate-name "${1//-/_}" "${options[@]}" "${@:4}" "${file[0]}"
}
crate cfg-if 2018 ""
crate itoa 2018 ""
crate match_cfg 2015 use_core
crate error-chain 2015 ""
crate libc 2015 std
crate log 2015 std --extern cfg_if=libcfg_if.rlib --cfg has_atomics --cfg atomic_cas
crate hostname 2015 "" --extern match_cfg --extern libc=liblibc.rlib
crate num_threads 2015 "" --extern libc=liblibc.rlib
crate time 2018 "std alloc formatting local-offset" --extern itoa --extern num_threads --extern libc=liblibc.rlib
crate syslog 2015 "" --extern error_chain --extern hostname --extern time --extern log=liblog.rlib \
    --extern libc=liblibc.rlib
run() { rust --edition 2021 --extern syslog - -o main && TZ=JST-9 ./main; }

expected=$(
    cat <<'TEXT'
RFC 5424: 100 messages, some have more than 6 digits: true, more than 9: false
value a"b: [log@32473 text="a"b"]
RFC 3164: as local time it is 9 hours old
TEXT
)
seen=$(
    run <<'RS'
use std::collections::HashMap;
use std::process::Command;
use syslog::{Facility, Formatter3164, Formatter5424, LogFormat, Severity};

fn main() {
    let (hostname, process, pid) = (Some("phone".to_string()), "log".to_string(), 1);
    let facility = Facility::LOG_USER;
    let mut digits = Vec::new();
    let new = Formatter5424 { facility, hostname: hostname.clone(), process: process.clone(), pid };
    let values = HashMap::from([("text".to_string(), "a\"b".to_string())]);
    let data = HashMap::from([("log@32473".to_string(), values)]);
    let mut text = String::new();
    for _ in 0..100 {
        let mut room = Vec::new();
        new.format(&mut room, Severity::LOG_INFO, (1, data.clone(), "")).unwrap();
        text = String::from_utf8(room).unwrap();
        let fraction = text.split(' ').nth(1).unwrap().split('.').nth(1).unwrap_or("Z");
        digits.push(fraction.len() - 1);
    }
    print!("RFC 5424: {} messages, some have more than 6 digits: ", digits.len());
    println!("{}, more than 9: {}", digits.iter().any(|&count| count > 6), digits.iter().any(|&count| count > 9));
    println!("value a\"b: {}", &text[text.find('[').unwrap()..].trim());
    let mut room = Vec::new();
    let old = Formatter3164 { facility, hostname, process, pid };
    old.format(&mut room, Severity::LOG_INFO, "").unwrap();
    let text = String::from_utf8(room).unwrap();
    let age = "echo $((($(date +%s) - $(date -d \"$0\" +%s) + 1800) / 3600))";
    let age = Command::new("bash").args(["-c", age, &text[4..19]]).output().unwrap().stdout;
    println!("RFC 3164: as local time it is {} hours old", String::from_utf8(age).unwrap().trim());
}
RS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
