#!/usr/bin/env bash
# dhcp4r 0.2.3 (Debian 12, librust-dhcp4r-dev) sees no client that asks for broadcast, and clears its flag.
#
# Expected: RFC 2131, section 2, figure 2: the broadcast bit is the first of the 16 bits of the flags, 0x8000. Section
# 4.1: a client sets it that can take nothing but broadcasts yet. Section 4.3.1, table 3: the answer has the flags of
# the request; by them a relay decides how to pass it on.
# Seen: Packet::from() compares the whole number with 128, which is 0x0080; encode() writes 128 into the first octet,
# where it is right. So no request has the bit, and no answer that Server::reply() makes of one: a relay sends it by
# unicast to a client that cannot take it. The package does not read the bit in its own messages either.
# Who meets it: whoever serves phones or boot loaders that set the bit with it, behind a relay.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    rustc=1.63.0+dfsg1-2 libstd-rust-dev=1.63.0+dfsg1-2 libstd-rust-1.63=1.63.0+dfsg1-2 libllvm14=1:14.0.6-12 \
    librust-memchr-dev=2.5.0-1 librust-minimal-lexical-dev=0.2.1-2 librust-nom-dev=7.1.1-1 \
    librust-unicode-ident-dev=1.0.0-1+b1 librust-proc-macro2-dev=1.0.47-1 librust-quote-dev=1.0.21-1 \
    librust-syn-dev=1.0.107-1 librust-num-traits-dev=0.2.15-1 librust-enum-primitive-derive-dev=0.2.2-2 \
    librust-dhcp4r-dev=0.2.3-3 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
rust() { usr/bin/rustc --cap-lints allow -L . "$@"; }
crate() { # NAME, EDITION, TYPE, FEATURES, and options of rustc
    local file=(usr/share/cargo/registry/"$1"-[0-9]*/src/lib.rs) options=(--edition "$2" --crate-type "$3") each
    for each in $4; do options+=(--cfg "feature=\"$each\""); done
    rust --crate-name "${1//-/_}" "${options[@]}" "${@:5}" "${file[0]}"
}
crate memchr 2018 lib ""
crate minimal-lexical 2018 lib ""
crate nom 2018 lib "std alloc" --extern memchr=libmemchr.rlib --extern minimal_lexical
crate num-traits 2015 lib std
crate unicode-ident 2018 lib ""
crate proc-macro2 2018 lib proc-macro --cfg use_proc_macro --cfg wrap_proc_macro --extern unicode_ident
crate quote 2018 lib proc-macro --extern proc_macro2
crate syn 2018 lib "derive parsing printing clone-impls proc-macro quote" --extern proc_macro2 --extern quote \
    --extern unicode_ident
crate enum-primitive-derive 2018 proc-macro "" --extern syn --extern quote --extern proc_macro
crate dhcp4r 2018 lib "" --extern nom --extern num_traits --extern enum_primitive_derive
run() { rust --edition 2021 --extern dhcp4r - -o main && ./main; }

expected=$(
    cat <<'TEXT'
flags 8000: broadcast false, written as 0000
flags 0000: broadcast false, written as 0000
flags 0080: broadcast true, written as 8000
a message with broadcast true: written as 8000, broadcast false
TEXT
)
seen=$(
    run <<'RS'
use dhcp4r::packet::Packet;

fn main() {
    let mut request = vec![1, 1, 6, 0, 0, 0, 0, 7];
    request.resize(28, 0);
    request.extend([0x00, 0x00, 0x5e, 0x00, 0x53, 0x01]);
    request.resize(236, 0);
    request.extend([99, 130, 83, 99, 53, 1, 1, 255]);
    let mut room = [0; 1500];
    for flags in [0x8000_u16, 0, 0x0080] {
        request[10..12].copy_from_slice(&flags.to_be_bytes());
        let packet = Packet::from(&request).ok().unwrap();
        let written = packet.encode(&mut room);
        print!("flags {flags:04x}: broadcast {}, ", packet.broadcast);
        println!("written as {:02x}{:02x}", written[10], written[11]);
    }
    let mut packet = Packet::from(&request).ok().unwrap();
    packet.broadcast = true;
    let written = packet.encode(&mut room);
    let again = Packet::from(written).ok().unwrap().broadcast;
    println!("a message with broadcast true: written as {:02x}{:02x}, broadcast {again}", written[10], written[11]);
}
RS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
