#!/usr/bin/env bash
# iniparser 1.0.5 (npm) ends a section at an empty line, and forgets the first of two parts of one.
#
# Expected: systemd.syntax(7): "empty lines ... are ignored"; a section goes on to the next one's heading. Windows' .INI
# files are the same (GetPrivateProfileString). A section may come in parts, and a setting more than once.
# Seen: what stands behind an empty line belongs to no section: it is at the top, where another section's setting of the
# same name replaces it. A line with a blank in it does not end the section. Of a section in two parts the second one is
# kept, of two DNS lines the last. No error is raised.
# Who meets it: whoever reads networkd's files or settings of Windows programs with it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    iniparser@1.0.5 >&2 || {
    echo "could not install iniparser@1.0.5" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
no empty line: {"Network":{"DHCP":"yes","DNS":"192.0.2.53"}}
an empty line: {"Network":{"DHCP":"yes"},"DNS":"192.0.2.53"}
a blank in it: {"Network":{"DHCP":"yes","DNS":"192.0.2.53"}}
two sections: {"DHCPv4":{},"RouteMetric":"200","IPv6AcceptRA":{}}
in two parts: {"Network":{"DNS":"192.0.2.53"}}
two of a name: {"Network":{"DNS":"192.0.2.54"}}
TEXT
)
seen=$(
    run <<'JS'
const { parseString } = require("iniparser");

const show = (title, ...lines) => console.log(title, JSON.stringify(parseString(lines.join("\n"))));
show("no empty line:", "[Network]", "DHCP=yes", "DNS=192.0.2.53");
show("an empty line:", "[Network]", "DHCP=yes", "", "DNS=192.0.2.53");
show("a blank in it:", "[Network]", "DHCP=yes", " ", "DNS=192.0.2.53");
show("two sections:", "[DHCPv4]", "", "RouteMetric=100", "[IPv6AcceptRA]", "", "RouteMetric=200");
show("in two parts:", "[Network]", "DHCP=yes", "[Network]", "DNS=192.0.2.53");
show("two of a name:", "[Network]", "DNS=192.0.2.53", "DNS=192.0.2.54");
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
