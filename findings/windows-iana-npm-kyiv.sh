#!/usr/bin/env bash
# windows-iana 5.1.0 (npm) finds no Windows zone for Europe/Kyiv, and a wrong one for America/Ojinaga.
#
# Expected: its documentation: findWindows gives the Windows zones of an IANA zone and of all its aliases. The time zone
# database has called Kiev's zone Europe/Kyiv since 2022b; since 2022g it has America/Ciudad_Juarez, with the hours of
# El Paso, and gives America/Ojinaga the hours of Chicago. CLDR, from which the package takes its tables, followed.
# Seen: the list is empty for Europe/Kyiv and America/Ciudad_Juarez, as for a zone that does not exist; Europe/Kiev is
# known. America/Ojinaga is an hour off, as "Mountain Standard Time".
# Who meets it: whoever turns the zone of a site that a current Linux names into the one that IIS and Lync need.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts windows-iana@5.1.0 >&2 || {
    echo "could not install windows-iana@5.1.0" >&2
    exit 2
}
run() { node --input-type=module -; }

expected=$(
    cat <<'TEXT'
Europe/Kiev: ["FLE Standard Time"]
Europe/Kyiv: []
America/Ojinaga: ["Mountain Standard Time"]
America/Ciudad_Juarez: []
America/Nuuk: ["Greenland Standard Time"]
Europe/No: []
names of Kyiv: Europe/Kiev
TEXT
)
seen=$(
    run <<'JS'
import { findIanaAliases, findWindows } from "windows-iana";

const zones = ["Europe/Kiev", "Europe/Kyiv", "America/Ojinaga", "America/Ciudad_Juarez", "America/Nuuk", "Europe/No"];
for (const zone of zones) console.log(`${zone}: ${JSON.stringify(findWindows(zone))}`);
console.log(`names of Kyiv: ${findIanaAliases("Europe/Kiev").join(", ")}`);
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
