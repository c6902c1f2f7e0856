#!/usr/bin/env bash
# acc-lang-parser 1.0.4 (npm) makes a country of the script that a language is written in.
#
# Expected: RFC 5646: zh-Hant-TW is Chinese in traditional script in Taiwan, sr-Latn-RS Serbian in Latin script in
# Serbia. Its README gives the language and the locale (DE of de-DE).
# Seen: the second part is the locale, and of it the first two letters: HA, and LA (Laos). What stands behind is not
# read. Languages of three letters are lost, without anything but "*" behind them too. No error is raised.
# Who meets it: whoever chooses the texts of a page by browsers' languages: Windows and macOS send the script for
# Chinese and Serbian.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    acc-lang-parser@1.0.4 >&2 || {
    echo "could not install acc-lang-parser@1.0.4" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
de-DE: {"language":"de","locale":"DE"}
zh-TW: {"language":"zh","locale":"TW"}
zh-Hant-TW: {"language":"zh","locale":"HA"}
zh-Hans-CN: {"language":"zh","locale":"HA"}
sr-Latn-RS: {"language":"sr","locale":"LA"}
es-419: {"language":"es"}
fil-PH: {"locale":"PH"}
gsw: undefined
[{"language":"zh","locale":"HA"},{"language":"en","locale":"GB"}]
TEXT
)
seen=$(
    run <<'JS'
const { extractAllLangs, extractFirstLang } = require("acc-lang-parser");

for (const language of ["de-DE", "zh-TW", "zh-Hant-TW", "zh-Hans-CN", "sr-Latn-RS", "es-419", "fil-PH", "gsw"]) {
  console.log(`${language}:`, JSON.stringify(extractFirstLang(language)));
}
console.log(JSON.stringify(extractAllLangs("zh-Hant-TW, gsw;q=0.9, en-GB;q=0.8")));
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
