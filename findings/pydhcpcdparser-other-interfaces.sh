#!/usr/bin/env bash
# pydhcpcdparser 0.1.0 gives the address that is set for eth0 to all Ethernet interfaces.
#
# Expected: dhcpcd.conf(5): a block "interface eth*" is for each interface whose name matches, and eth0 may have one of
# its own. The package's README: doc.interface("eth0") is a view of what is set for eth0, and set_static() changes or
# adds a line there.
# Seen: the view has the blocks that match as well, and writes into them: a new line goes to the end of the last block,
# a changed one is the first that is found. Where "interface eth*" stands behind, all get the address of eth0; where it
# stands in front, all get the server of eth0, which keeps its old one. view.static() then gives the old value.
# Who meets it: whoever gives a Raspberry Pi beside the phones a fixed address with it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pydhcpcdparser==0.1.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
interface eth0 / hostname probe / interface eth* / ipv4only
  an address for eth0: interface eth0 / hostname probe / interface eth* / ipv4only / static ip_address=192.0.2.7/24
  and so eth1 has 192.0.2.7/24
interface eth* / static routers=192.0.2.1 / interface eth0 / static routers=192.0.2.2
  a router for eth0: interface eth* / static routers=192.0.2.3 / interface eth0 / static routers=192.0.2.2
  and so eth1 has 192.0.2.3, eth0 192.0.2.2
TEXT
)
seen=$(
    run <<'PY'
from pydhcpcdparser import parse


def show(lines, what, key, value):
    document = parse("".join(f"{line}\n" for line in lines))
    print(" / ".join(lines))
    document.interface("eth0").set_static(key, value)
    print(f"  {what} for eth0: {' / '.join(document.render().splitlines())}")
    return parse(document.render())


document = show(
    ["interface eth0", "hostname probe", "interface eth*", "ipv4only"],
    "an address",
    "ip_address",
    "192.0.2.7/24",
)
print(f"  and so eth1 has {document.effective_config(interface='eth1').static('ip_address')}")
document = show(
    ["interface eth*", "static routers=192.0.2.1", "interface eth0", "static routers=192.0.2.2"],
    "a router",
    "routers",
    "192.0.2.3",
)
first, other = (document.effective_config(interface=name).static("routers") for name in ("eth0", "eth1"))
print(f"  and so eth1 has {other}, eth0 {first}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
