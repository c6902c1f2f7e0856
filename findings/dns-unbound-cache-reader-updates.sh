#!/usr/bin/env bash
# dns-unbound-cache-reader 0.6.0 empties its table of addresses where it updates one of them.
#
# Expected: the documentation of update_dns_table_with_dict: "Update the given DNS table with the provided dictionary";
# the dictionary has "the DNS entries to add". What is not named in it stays.
# Seen: a new address is added. One that is in the table already replaces the whole table: of three addresses one is
# left, even if its name is the same as before. No error is raised. (fabric, which it imports for a server elsewhere, is
# stood in for here.)
# Who meets it: whoever names the ends of connections with it, and tells it what other answers said.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    dns-unbound-cache-reader==0.6.0 || {
    echo "could not install the package" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
read: 192.0.2.1 a.contoso.com, 192.0.2.2 b.contoso.com, 192.0.2.3 c.contoso.com
one more: 192.0.2.1 a.contoso.com, 192.0.2.2 b.contoso.com, 192.0.2.3 c.contoso.com, 192.0.2.9 x.contoso.com
a new name for one: 192.0.2.2 x.contoso.com
the same name again: 192.0.2.2 b.contoso.com
a new name, then one more: 192.0.2.2 x.contoso.com, 192.0.2.9 y.contoso.com
TEXT
)
seen=$(
    run <<'PY'
import sys
from types import ModuleType

for missing in ("fabric", "fabric.config"):
    sys.modules[missing] = ModuleType(missing)
    sys.modules[missing].Config = sys.modules[missing].Connection = None

from dns_unbound_cache_reader import read_dns_cache, update_dns_table_with_dict

with open("cache", "w") as file:
    file.write("START_RRSET_CACHE\n")
    for number in (1, 2, 3):
        file.write(f"{'abc'[number - 1]}.contoso.com.\t3600\tIN\tA\t192.0.2.{number}\n")
    file.write("END_RRSET_CACHE\n")


def show(title, *updates):
    table = read_dns_cache(file="cache")
    for update in updates:
        table = update_dns_table_with_dict(table, update)
    print(f"{title}:", ", ".join(f"{address} {name}" for address, name in table["IP"].items()))


show("read", {})
show("one more", {"192.0.2.9": "x.contoso.com"})
show("a new name for one", {"192.0.2.2": "x.contoso.com"})
show("the same name again", {"192.0.2.2": "b.contoso.com"})
show("a new name, then one more", {"192.0.2.2": "x.contoso.com"}, {"192.0.2.9": "y.contoso.com"})
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
