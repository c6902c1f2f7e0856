#!/usr/bin/env bash
# kea-leases-to-json 0.1.3 lists the leases of Kea that ended, were given up or were given to another host.
#
# Expected: Kea's memfile is a journal: each change is one more line, and of the lines of an address the last one counts
# (Kea ARM, section "memfile - Basic Storage for Leases"). State 1 is a declined address, state 2 one that was taken
# back, and a valid lifetime of 0 a lease that was released; a comma in a name is written as &#x2c.
# Seen: each line with a name becomes a lease. The host that renewed is there twice; the one that released its address,
# and the one whose address is another's now, are there as if they had it; the name keeps the five characters.
# Who meets it: whoever publishes with it the names of a site's phones.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    kea-leases-to-json==0.1.3 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
10.0.0.71 renewed 1764356400
10.0.0.71 renewed 1764370800
10.0.0.72 released 1764356400
10.0.0.72 released 1764330000
10.0.0.73 before 1764356400
10.0.0.73 after 1764370800
10.0.0.74 room 1&#x2c left 1764356400
10.0.0.75 taken-back 1764356400
TEXT
)
seen=$(
    run <<'PY'
import json

from kea_leases_to_json.core import _convert_directory

head = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context"
rows = [
    "10.0.0.71,00:04:f2:aa:bb:01,,28800,1764356400,1,0,0,renewed,0,",
    "10.0.0.71,00:04:f2:aa:bb:01,,28800,1764370800,1,0,0,renewed,0,",
    "10.0.0.72,00:04:f2:aa:bb:02,,28800,1764356400,1,0,0,released,0,",
    "10.0.0.72,00:04:f2:aa:bb:02,,0,1764330000,1,0,0,released,0,",
    "10.0.0.73,00:04:f2:aa:bb:03,,28800,1764356400,1,0,0,before,0,",
    "10.0.0.73,00:04:f2:aa:bb:04,,28800,1764370800,1,0,0,after,0,",
    "10.0.0.74,00:04:f2:aa:bb:05,,28800,1764356400,1,0,0,room 1&#x2c left,0,",
    "10.0.0.75,00:04:f2:aa:bb:06,,28800,1764356400,1,0,0,taken-back,2,",
]
with open("kea-leases4.csv", "w") as file:
    file.write("\n".join([head, *rows, ""]))
for lease in json.loads(_convert_directory(".")):
    print(".".join(lease["Address"]), lease["Hostname"], lease["Expire"])
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
