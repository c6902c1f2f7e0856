#!/usr/bin/env bash
# ipcalc 0.42 (Debian 12) gives networks for 30 hosts where 50 are asked for.
#
# Expected: its help: "-s a1 a2 a3" splits a network into networks of the sizes a1, a2 and a3. RFC 950: a network of /27
# has 30 addresses for hosts, one of /26 has 62.
# Seen: where 50 are requested, it prints a network of 30 and says so below the request. It leaves room for a /26 behind
# it all the same: the half of each network is given to nobody. Sizes that just fit, as 30 and 100, are right.
# Who meets it: whoever plans with it a voice VLAN for so many phones, and types its netmask into the DHCP server.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ipcalc=0.42-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { PATH=$PWD/usr/bin:$PATH bash; }

expected=$(
    cat <<'TEXT'
100 50 20:
  100 in 192.0.2.0/25, for 126
  50 in 192.0.2.128/27, for 30
  20 in 192.0.2.192/27, for 30
30 10:
  30 in 192.0.2.0/27, for 30
  10 in 192.0.2.32/29, for 6
62:
  62 in 192.0.2.0/27, for 30
1. Requested size: 50 hosts
Netmask:   255.255.255.224 = 27
Network:   192.0.2.0/27
HostMin:   192.0.2.1
HostMax:   192.0.2.30
Broadcast: 192.0.2.31
Hosts/Net: 30                    Class C

Needed size:  64 addresses.
Used network: 192.0.2.0/26
Unused:
TEXT
)
seen=$(
    run <<'SH'
split() {
    echo "$*:"
    ipcalc -b 192.0.2.0/24 -s "$@" >plan
    awk '/Requested/ { size = $4 }
        /^Network/ { net = $2 }
        /^Hosts/ && size { print " ", size, "in", net ", for", $2 }' plan
}
split 100 50 20
split 30 10
split 62
ipcalc -b 192.0.2.0/24 -s 50 | grep -A 10 Requested | sed 's/ *$//'
SH
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
