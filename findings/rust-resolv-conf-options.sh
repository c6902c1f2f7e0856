#!/usr/bin/env bash
# resolv-conf 0.7.0 (Debian 12, librust-resolv-conf-dev) finds no name server where an option is newer than itself.
#
# Expected: resolv.conf(5) of Debian 12 has the option no-aaaa, as glibc has it since 2.36; what the C library does not
# know there it passes over. A network of sortlist without a mask has its natural one: that of its class, by the first
# octet.
# Seen: one option, keyword or word that it does not know is an error of the whole file, name servers and all. The
# natural mask is made of the octets that are 0: a class A network 10.1.2.0 gets 255.255.255.0, a class C network
# 192.168.0.0 gets 255.255.0.0. No error tells that this is a guess.
# Who meets it: whoever runs a program in Rust, with the resolver trust-dns, say, on a host with such an option.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    rustc=1.63.0+dfsg1-2 libstd-rust-dev=1.63.0+dfsg1-2 libstd-rust-1.63=1.63.0+dfsg1-2 libllvm14=1:14.0.6-12 \
    librust-quick-error-dev=2.0.1-1 librust-resolv-conf-dev=0.7.0-1+b1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
rust() { usr/bin/rustc --cap-lints allow -L . "$@"; }
crate() { # NAME, EDITION, and options of rustc
    local file=(usr/share/cargo/registry/"$1"-[0-9]*/src/lib.rs)
    rust --crate-type lib --crate-name "${1//-/_}" --edition "$2" "${@:3}" "${file[0]}"
}
crate quick-error 2018
crate resolv-conf 2015 --extern quick_error
run() { rust --edition 2021 --extern resolv_conf - -o main && ./main; }

expected=$(
    cat <<'TEXT'
options edns0: name servers [V4(192.0.2.53)], sortlist []
options edns0 no-aaaa: error option at line 1 is not recognized
sortlist 10.1.2.0: name servers [V4(192.0.2.53)], sortlist [V4(10.1.2.0, 255.255.255.0)]
sortlist 130.155.160.0: name servers [V4(192.0.2.53)], sortlist [V4(130.155.160.0, 255.255.255.0)]
sortlist 192.168.0.0: name servers [V4(192.0.2.53)], sortlist [V4(192.168.0.0, 255.255.0.0)]
TEXT
)
seen=$(
    run <<'RS'
fn main() {
    for line in [
        "options edns0",
        "options edns0 no-aaaa",
        "sortlist 10.1.2.0",
        "sortlist 130.155.160.0",
        "sortlist 192.168.0.0",
    ] {
        match resolv_conf::Config::parse(format!("nameserver 192.0.2.53\n{line}\n")) {
            Ok(found) => println!("{line}: name servers {:?}, sortlist {:?}", found.nameservers, found.sortlist),
            Err(error) => println!("{line}: error {error}"),
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
