#!/usr/bin/env bash
# ntc-templates 9.3.0 leaves out neighbours without a name, and takes a part of a phone's name for its port.
#
# Expected: IEEE 802.1AB, section 8.5.6: the system name is a text of any characters, and a neighbour need not send it;
# "show lldp neighbors" then has an empty column, or the chassis. Each line of it is a neighbour.
# Seen: for IOS, a line without a name is dropped without an error, though the template has a rule for it: the rule is
# for the second line of a long name, and a name is required. For NX-OS, a line whose name has a blank is dropped. For
# EOS, its second word is given as the neighbour's port.
# Who meets it: whoever looks for phones at switches by it: "Polycom CX700" is such a name, and many phones send none.
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
cisco_ios:
  Gi1/0/1, named 'Polycom CX700', port '0004f2aabbcc'
  Gi1/0/3, named 'switch2', port 'Gi1/0/48'
cisco_nxos:
  Eth1/3, named 'switch2', port 'Gi1/0/48'
arista_eos:
  Et1, named 'Polycom', port 'CX700'
  Et3, named 'switch2', port 'Ethernet48'
TEXT
)
seen=$(
    run <<'PY'
from pathlib import Path

import ntc_templates
from textfsm import TextFSM

FOLDER = Path(ntc_templates.__file__).parent / "templates"
SYSTEMS = {
    "cisco_ios": """\
Device ID           Local Intf     Hold-time  Capability      Port ID
Polycom CX700       Gi1/0/1        180        T               0004f2aabbcc
                    Gi1/0/2        180        T               0004f2aabbcd
switch2             Gi1/0/3        120        B,R             Gi1/0/48

Total entries displayed: 3
""",
    "cisco_nxos": """\
Device ID            Local Intf      Hold-time  Capability  Port ID
Polycom CX700        Eth1/1          180        T           0004f2aabbcc
switch2              Eth1/3          120        BR          Gi1/0/48
Total entries displayed: 2
""",
    "arista_eos": """\
Port          Neighbor Device ID       Neighbor Port ID    TTL
---------- ------------------------ ---------------------- ---
Et1           Polycom CX700            0004f2aabbcc        180
Et3           switch2                  Ethernet48          120
""",
}
for system, text in SYSTEMS.items():
    print(f"{system}:")
    with (FOLDER / f"{system}_show_lldp_neighbors.textfsm").open() as lines:
        table = TextFSM(lines)
    for row in table.ParseText(text):
        fields = dict(zip(table.header, row))
        name, port = fields["NEIGHBOR_NAME"], fields["NEIGHBOR_INTERFACE"]
        print(f"  {fields['LOCAL_INTERFACE']}, named {name!r}, port {port!r}")
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
