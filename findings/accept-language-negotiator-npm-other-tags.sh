#!/usr/bin/env bash
# accept-language-negotiator 1.2.1 (npm) chooses languages that are not there, or that are not wanted.
#
# Expected: RFC 4647, section 3.4: a lookup cuts the range from its end until it is the tag of something that is there,
# or gives the default. Section 3.3.1: a range matches a tag that begins with it. RFC 9110, section 12.4.2: a weight of
# 0 means "not acceptable". The package names RFC 4647 and 9110's predecessor.
# Seen: of a range and a tag the common beginning is given: "de" where de-DE is wanted and de-AT is there. A range is
# found anywhere in a tag: "ch" (Chamorro) in de-CH-1996. What has the weight 0 is chosen. The caller's list is sorted
# anew.
# Who meets it: a phone's or gateway's web page that looks for the file of a language that it does not have.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    accept-language-negotiator@1.2.1 >&2 || {
    echo "could not install accept-language-negotiator@1.2.1" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
lookup of "de-DE, en;q=0.5" in de-DE,en: de-DE
lookup of "de-DE, en;q=0.5" in de,en: en
lookup of "de-DE, en;q=0.5" in de-AT,en: en
lookup of "zh-Hant-TW" in zh-Hans-CN,en: zh, which is not there
lookup of "fr;q=0, en;q=0.5" in fr,en: en
lookup of "fr;q=0" in fr,de: fr
filter of "de" in de-CH,fr-CH: de-CH
filter of "ch" in de-CH-1996,ch-GU: de-CH-1996,ch-GU
filter of "en;q=0, *" in en,de: en,de
the caller's list en,de-AT afterwards: de-AT,en
TEXT
)
seen=$(
    run <<'JS'
const { basicFilter, lookup } = require("accept-language-negotiator");

for (const [range, tags] of [
  ["de-DE, en;q=0.5", ["de-DE", "en"]],
  ["de-DE, en;q=0.5", ["de", "en"]],
  ["de-DE, en;q=0.5", ["de-AT", "en"]],
  ["zh-Hant-TW", ["zh-Hans-CN", "en"]],
  ["fr;q=0, en;q=0.5", ["fr", "en"]],
  ["fr;q=0", ["fr", "de"]],
]) {
  const kept = [...tags];
  const seen = lookup(range, kept, "en");
  console.log(`lookup of "${range}" in ${tags}: ${seen}${tags.includes(seen) ? "" : ", which is not there"}`);
}
for (const [range, tags] of [
  ["de", ["de-CH", "fr-CH"]],
  ["ch", ["de-CH-1996", "ch-GU"]],
  ["en;q=0, *", ["en", "de"]],
]) {
  console.log(`filter of "${range}" in ${tags}: ${basicFilter(range, tags) || "none"}`);
}
const own = ["en", "de-AT"];
lookup("de", own, "en");
console.log(`the caller's list en,de-AT afterwards: ${own}`);
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
