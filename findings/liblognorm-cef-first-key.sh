#!/usr/bin/env bash
# liblognorm 2.0.6 (Debian 12) loses the first letter of the first field of a message in CEF.
#
# Expected: the header of ArcSight's Common Event Format ends with "|", and the extension follows at once, as in its own
# example: "|10|src=10.0.0.1 dst=2.1.2.2 spt=1232". The manual of liblognorm gives the type cef for that format.
# Seen: "src" becomes "rc", "msg" becomes "sg", and of a key of one letter nothing is left. All keys behind the first
# are right. Only a blank that no sender writes there keeps the letter. No error is given.
# Who meets it: whoever looks with rsyslog's mmnormalize for the address in events of a firewall or a proxy.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    liblognorm-utils=2.0.6-4 liblognorm5=2.0.6-4 libestr0=0.1.11-1 libfastjson4=1.2304.0-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { bash; }

expected=$(
    cat <<'TEXT'
src=10.0.0.1 dst=2.1.2.2 spt=1232 -> "Extensions": { "rc": "10.0.0.1", "dst": "2.1.2.2", "spt": "1232" } } }
msg=stopped src=10.0.0.1 -> "Extensions": { "sg": "stopped", "src": "10.0.0.1" } } }
 src=10.0.0.1 dst=2.1.2.2 -> "Extensions": { "src": "10.0.0.1", "dst": "2.1.2.2" } } }
TEXT
)
seen=$(
    run <<'END'
printf 'version=2\nrule=:%%event:cef%%\n' >rules
start='CEF:0|Security|threatmanager|1.0|100|worm successfully stopped|10|'
for rest in 'src=10.0.0.1 dst=2.1.2.2 spt=1232' 'msg=stopped src=10.0.0.1' ' src=10.0.0.1 dst=2.1.2.2'; do
    printf '%s -> ' "$rest"
    printf '%s\n' "$start$rest" | usr/bin/lognormalizer -r rules | grep -o '"Extensions.*}'
done
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
