#!/usr/bin/env bash
# ipnet 2.5.0 (Debian 12, librust-ipnet-dev) makes 32 networks of two, and leaves out the last address.
#
# Expected: its documentation: aggregate() makes one of networks that lie side by side or in each other; the addresses
# stay the same. 0.0.0.0/1 and 128.0.0.0/1 are 0.0.0.0/0, then; 240.0.0.0/4 alone is itself, up to 255.255.255.255.
# Seen: whatever ends with the last address of all, by IPv4 or IPv6, is split until only that address is left, and that
# one is dropped: 224.0.0.0/3, with multicast and broadcast, comes out as 29 networks, and ::/1 and 8000::/1 as 128.
# Networks that end elsewhere come out right.
# Who meets it: whoever makes a list of it of what is no phone's network, or of the two halves that a VPN has for all.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    rustc=1.63.0+dfsg1-2 libstd-rust-dev=1.63.0+dfsg1-2 libstd-rust-1.63=1.63.0+dfsg1-2 libllvm14=1:14.0.6-12 \
    librust-ipnet-dev=2.5.0-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
rust() { usr/bin/rustc --cap-lints allow -L . "$@"; }
rust --crate-type lib --crate-name ipnet --edition 2018 usr/share/cargo/registry/ipnet-2.5.0/src/lib.rs
run() { rust --edition 2021 --extern ipnet - -o main && ./main; }

expected=$(
    cat <<'TEXT'
192.0.2.0/25 192.0.2.128/25: 1 of them, first 192.0.2.0/24, last 192.0.2.0/24
  192.0.2.255 is in it: true
0.0.0.0/1 128.0.0.0/1: 32 of them, first 0.0.0.0/1, last 255.255.255.254/32
  255.255.255.255 is in it: false
240.0.0.0/4: 28 of them, first 240.0.0.0/5, last 255.255.255.254/32
  255.255.255.255 is in it: false
255.255.255.255/32: 0 of them
  255.255.255.255 is in it: false
::/1 8000::/1: 128 of them, first ::/1, last ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/128
  ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff is in it: false
TEXT
)
seen=$(
    run <<'RS'
use ipnet::IpNet;
use std::net::IpAddr;

fn main() {
    let ends = ["192.0.2.255", "255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"];
    for (text, end) in [
        ("192.0.2.0/25 192.0.2.128/25", ends[0]),
        ("0.0.0.0/1 128.0.0.0/1", ends[1]),
        ("240.0.0.0/4", ends[1]),
        ("255.255.255.255/32", ends[1]),
        ("::/1 8000::/1", ends[2]),
    ] {
        let networks: Vec<IpNet> = text.split(' ').map(|each| each.parse().unwrap()).collect();
        let whole = IpNet::aggregate(&networks);
        print!("{text}: {} of them", whole.len());
        if let (Some(first), Some(last)) = (whole.first(), whole.last()) {
            print!(", first {first}, last {last}");
        }
        let address: IpAddr = end.parse().unwrap();
        println!("\n  {address} is in it: {}", whole.iter().any(|network| network.contains(&address)));
    }
}
RS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
