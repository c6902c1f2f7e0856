#!/usr/bin/env bash
# systemd-network-generator 252.39 (Debian 12) makes VLAN 64 of vlan0100, and drops how a bond works.
#
# Expected: its manual: it translates what the kernel's command line says of vlan=, bond= and ip=, as dracut.cmdline(7)
# has them. That names four styles of VLAN names: vlan0005, vlan5, eth0.0005, eth0.5, each with the number of the VLAN
# in decimal, and the options of a bond behind its devices. The kernel's nfsroot.txt: where ip= has no mask, it is that
# of the address's class.
# Seen: a number with zeros before it is taken as octal: vlan0005 is 5, vlan0010 is 8, vlan0100 is 64, and vlan0080 an
# error with which nothing is written. The mode of a bond is left out without a word, so it is the one that suits no
# switch with 802.3ad. An address without a mask gets 32 bits, with which there is no way to its router.
# Who meets it: servers that start over the network in the phones' VLAN. NetworkManager's generator takes vlan0100 for
# 100.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    systemd=252.39-1~deb12u2 libsystemd-shared=252.39-1~deb12u2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu/systemd:$PWD/lib/x86_64-linux-gnu/systemd:$PWD/lib/systemd
run() { bash -s; }

expected=$(
    cat <<'TEXT'
vlan=vlan5:eth0: Kind=vlan Id=5
vlan=vlan100:eth0: Kind=vlan Id=100
vlan=vlan0005:eth0: Kind=vlan Id=5
vlan=vlan0010:eth0: Kind=vlan Id=8
vlan=vlan0100:eth0: Kind=vlan Id=64
vlan=vlan0080:eth0: an error, 0 files
vlan=eth0.100:eth0: Kind=vlan Id=100
vlan=eth0.0100:eth0: Kind=vlan Id=64
bond=bond0:eth0,eth1:mode=802.3ad,miimon=100: Kind=bond
ip=192.0.2.71::192.0.2.1:255.255.255.0::eth0:none: Address=192.0.2.71/24 Gateway=192.0.2.1
ip=192.0.2.71::192.0.2.1:::eth0:none: Address=192.0.2.71/32 Gateway=192.0.2.1
TEXT
)
seen=$(
    run <<'SH'
generate() {
    rm -rf root
    mkdir root
    if ! SYSTEMD_LOG_LEVEL=crit lib/systemd/systemd-network-generator --root=root -- "$@"; then
        echo "$*: an error, $(find root -type f | wc -l) files"
        return
    fi
    echo "$*: $(find root -type f | sort | xargs grep -hE '^(Id|Mode|Kind|MII.*|Address|Gateway)=' | paste -sd ' ')"
}
for name in vlan5 vlan100 vlan0005 vlan0010 vlan0100 vlan0080 eth0.100 eth0.0100; do
    generate "vlan=$name:eth0"
done
generate bond=bond0:eth0,eth1:mode=802.3ad,miimon=100
generate ip=192.0.2.71::192.0.2.1:255.255.255.0::eth0:none
generate ip=192.0.2.71::192.0.2.1:::eth0:none
SH
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
