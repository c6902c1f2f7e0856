#!/usr/bin/env bash
# ntc-templates 9.3.0 reads no lease of a Cisco router's DHCP server that ever ends, and none of its newer columns.
#
# Expected: Cisco's command reference for "show ip dhcp binding" has "Mar 01 2004 12:00 AM" or "Infinite" in the column
# "Lease expiration", a client identifier of more than seven octets over several lines, and, from IOS 15 on, the columns
# State and Interface.
# Seen: the template takes one word without a blank for the end of a lease, which "Infinite" alone is. Each other line
# ends the reading of the whole output with an error, so nothing is given of the leases that it can read, either.
# Who meets it: whoever lists by it, with netmiko or Ansible, which addresses the router gave to phones: leases end.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    ntc-templates==9.3.0 textfsm==2.1.0 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
Infinite: 192.0.2.11 0100.04f2.aabb.cd Infinite Manual
a date: an error at 192.0.2.10 0100.04f2.aabb.cc Nov 30 2026 10:15 AM Automatic
both: an error at 192.0.2.10 0100.04f2.aabb.cc Nov 30 2026 10:15 AM Automatic
newer columns: an error at IP address Client-ID/ Lease expiration Type State Interface
TEXT
)
seen=$(
    run <<'PY'
from pathlib import Path

import ntc_templates
from textfsm import TextFSM, TextFSMError

TEMPLATE = Path(ntc_templates.__file__).parent / "templates" / "cisco_ios_show_ip_dhcp_binding.textfsm"
HEAD = """\
Bindings from all pools not associated with VRF:
IP address          Client-ID/              Lease expiration        Type
                    Hardware address/
                    User name
"""
ENDLESS = "192.0.2.11          0100.04f2.aabb.cd       Infinite                Manual\n"
DATED = "192.0.2.10          0100.04f2.aabb.cc       Nov 30 2026 10:15 AM    Automatic\n"
NEWER = HEAD.replace("Type\n", "Type       State      Interface\n") + ENDLESS[:-1] + "     Active     Vlan100\n"
for name, text in (
    ("Infinite", HEAD + ENDLESS),
    ("a date", HEAD + DATED),
    ("both", HEAD + ENDLESS + DATED),
    ("newer columns", NEWER),
):
    with TEMPLATE.open() as lines:
        table = TextFSM(lines)
    try:
        rows = table.ParseText(text)
    except TextFSMError as error:
        print(f"{name}: an error at {' '.join(str(error).split('Input Line: ')[1].split())}")
    else:
        print(f"{name}: {'; '.join(' '.join(row) for row in rows)}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
