#!/usr/bin/env bash
# radius 1.1.4 (npm) reads each hexadecimal value of a dictionary as 0, and no attribute with such a number.
#
# Expected: its README: it reads dictionary files in the style of FreeRADIUS. In those, numbers may be hexadecimal: the
# files of Debian's freeradius-common 3.2.1 have 635 such lines, among them those of U.S. Robotics, Bintec and Patton.
# Seen: of "0x10" the 0 is read, so of several values the last one counts, and stands for 0, in place of the one whose
# number that is; 16 and 32 have no name. An attribute with such a number is left out, without a word.
# Who meets it: whoever adds with add_dictionary() the file of a maker whose switches or gateways sign in phones: a port
# that was closed is reported as a guest's.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    radius@1.1.4 >&2 || {
    echo "could not install radius@1.1.4" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
number of Contoso-Name: 3
number of Contoso-Voice-VLAN: undefined
state 0: Guest
state 16: 16
state 32: 32
TEXT
)
seen=$(
    run <<'JS'
const fs = require("fs");
const radius = require("radius");

fs.writeFileSync(
  "dictionary.contoso",
  `VENDOR Contoso 32473
BEGIN-VENDOR Contoso
ATTRIBUTE Contoso-Port-State 1 integer
VALUE Contoso-Port-State Closed 0
VALUE Contoso-Port-State Phone 0x10
VALUE Contoso-Port-State Guest 0x20
ATTRIBUTE Contoso-Voice-VLAN 0x02 integer
ATTRIBUTE Contoso-Name 3 string
END-VENDOR Contoso
`,
);
radius.add_dictionary("dictionary.contoso");
radius.load_dictionaries();
console.log("number of Contoso-Name:", radius.attr_name_to_id("Contoso-Name", 32473));
console.log("number of Contoso-Voice-VLAN:", radius.attr_name_to_id("Contoso-Voice-VLAN", 32473));
const secret = "secret";
for (const state of [0, 16, 32]) {
  const attributes = [["Vendor-Specific", 32473, [[1, Buffer.from([0, 0, 0, state])]]]];
  const packet = radius.encode({ code: "Access-Request", secret, identifier: 1, attributes });
  const { attributes: seen } = radius.decode_without_secret({ packet });
  console.log(`state ${state}:`, seen["Vendor-Specific"]["Contoso-Port-State"]);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
