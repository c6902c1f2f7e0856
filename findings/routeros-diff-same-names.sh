#!/usr/bin/env bash
# routeros-diff 0.5.3 (PyPI) finds no difference where one of two DNS records of a name has changed.
#
# Expected: its README: it can take anything that /export writes, and the patch makes of the old configuration the new
# one. A name with two addresses, or with an address and a text, is two lines of "/ip dns static".
# Seen: such a line is known by its name. Of two with the same name the first is compared with the first, the second
# with nothing: if it has changed, the patch is empty. Added or taken away it is not seen either, but the first one's
# change is. For the lines of "/ip dhcp-server lease", whose key no two have in common, all is right. No error is
# raised.
# Who meets it: whoever keeps a router's names as a file: the router goes on with the old address.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    routeros-diff==0.5.3 python-dateutil==2.9.0.post0 six==1.17.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
second address: (nothing)
text: (nothing)
second address added: (nothing)
second address gone: (nothing)
the only address: /ip dns static | set [ find name=www.example.com ] address=192.0.2.3
lease: /ip dhcp-server lease | set [ find mac-address=00:00:5E:00:53:02 ] address=192.0.2.12
TEXT
)
seen=$(
    run <<'PY'
from routeros_diff.parser import RouterOSConfig


def patch(section, old, new):
    before, after = ("\n".join([section, *(f"add {line}" for line in lines), ""]) for lines in (old, new))
    made = str(RouterOSConfig.parse(after).diff(RouterOSConfig.parse(before)))
    return made.strip().replace("\n", " | ") or "(nothing)"


DNS = "/ip dns static"
FIRST, SECOND, OTHER = (f"address=192.0.2.{number} name=www.example.com" for number in (1, 2, 3))
TEXT = "name=www.example.com type=TXT text="
print("second address:", patch(DNS, [FIRST, SECOND], [FIRST, OTHER]))
print("text:", patch(DNS, [FIRST, f"{TEXT}one"], [FIRST, f"{TEXT}two"]))
print("second address added:", patch(DNS, [FIRST], [FIRST, SECOND]))
print("second address gone:", patch(DNS, [FIRST, SECOND], [FIRST]))
print("the only address:", patch(DNS, [SECOND], [OTHER]))
LEASE = "address=192.0.2.{} mac-address=00:00:5E:00:53:0{} server=lan"
leases = [LEASE.format(10, 1), LEASE.format(11, 2)]
print("lease:", patch("/ip dhcp-server lease", leases, [leases[0], LEASE.format(12, 2)]))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
