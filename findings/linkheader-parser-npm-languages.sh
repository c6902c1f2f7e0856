#!/usr/bin/env bash
# linkheader-parser 0.1.2 (npm) refuses the titles in other languages that its RFC has as examples.
#
# Expected: RFC 5988, section 5.5, and RFC 8288, section 3.5: rel="previous"; title*=UTF-8'de'letztes%20Kapitel is an
# example of each. Section 3.3: a link may have any of several relations, several links the same one.
# Seen: "*" is a syntax error, so no link of the field is given. Of two links with one relation the last is left.
# Who meets it: whoever asks for the parts of a list of devices, or for alternates of a page, by the field Link.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts linkheader-parser@0.1.2 >&2 || {
    echo "could not install linkheader-parser@0.1.2" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
</TheBook/chapter2>; rel="previous"; title="letztes Kapitel"
    {"previous":{"title":"letztes Kapitel","href":"/TheBook/chapter2"}}
</TheBook/chapter2>; rel="previous"; title*=UTF-8'de'letztes%20Kapitel
    but "*" found.
</a>; rel="next", </TheBook/chapter4>; rel="last"; title*=UTF-8'de'n%c3%a4chstes%20Kapitel
    but "*" found.
</a.cab>; rel="alternate", </b.cab>; rel="alternate"
    {"alternate":[{"href":"/a.cab"},{"href":"/b.cab"}]}
TEXT
)
seen=$(
    run <<'JS'
const { parse } = require("linkheader-parser");

for (const link of [
  '</TheBook/chapter2>; rel="previous"; title="letztes Kapitel"',
  "</TheBook/chapter2>; rel=\"previous\"; title*=UTF-8'de'letztes%20Kapitel",
  "</a>; rel=\"next\", </TheBook/chapter4>; rel=\"last\"; title*=UTF-8'de'n%c3%a4chstes%20Kapitel",
  '</a.cab>; rel="alternate", </b.cab>; rel="alternate"',
]) {
  let seen;
  try {
    seen = JSON.stringify(parse(link));
  } catch (error) {
    seen = error.message.replace(/.*(but .* found)/, "$1");
  }
  console.log(`${link}\n    ${seen}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
