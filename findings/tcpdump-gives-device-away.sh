#!/usr/bin/env bash
# tcpdump 4.99.3-1 (Debian 12), as root: a device that -w names changes its owner.
#
# Before it gives up root's rights, tcpdump has the file of -w belong to the user tcpdump, so that it can be
# opened again when it rotates. It does so with what was there before, too:
# after 'tcpdump -r F -w /dev/null' the null device of
# the machine belongs to tcpdump. -Z root leaves it alone. Here with a device of our own. Needs root.
#
# Seen:
#   before: 0:0
#   after:  another user
#   -Z root: 0:0
set -euo pipefail
[ "$(id -u)" = 0 ] || { echo "needs root"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"
apt-get download -qq tcpdump=4.99.3-1 || { echo "the package cannot be downloaded"; exit 77; }
dpkg -x tcpdump_*.deb .
getent passwd tcpdump >/dev/null || { echo "needs the user tcpdump"; exit 77; }
printf '\324\303\262\241\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0\0' > empty.pcap
mknod device c 1 3
echo "before: $(stat -c %u:%g device)"
usr/bin/tcpdump -r empty.pcap -w device 2>/dev/null
after=$(stat -c %u:%g device)
[ "$after" != 0:0 ] && echo "after:  another user"
chown 0:0 device
usr/bin/tcpdump -Z root -r empty.pcap -w device 2>/dev/null
kept=$(stat -c %u:%g device)
echo "-Z root: $kept"
[ "$after" = "$(id -u tcpdump):$(id -g tcpdump)" ] && [ "$kept" = 0:0 ]
