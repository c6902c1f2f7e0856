#!/usr/bin/env bash
# xml-c14n 0.0.6 (npm) writes another canonical form of an element with attributes in capital letters, or with xml:lang.
#
# Expected: canonical XML 1.0, sections 2.2 and 2.3, which exclusive canonical XML keeps: attributes are ordered by the
# URI of their namespace, then by local name, both by code point, so B is before a; the prefix xml is not declared; a
# comment's text is written as it is.
# Seen: names are compared as in a dictionary, and by their prefix instead of its URI; xml is declared; "<" and "&" in a
# comment are escaped. The first three lines below should have B, y:i and no declaration in front.
# Who meets it: whoever checks signed XML with it: a right signature of another program does not fit.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    xml-c14n@0.0.6 @xmldom/xmldom@0.9.8 >&2 || {
    echo "could not install xml-c14n@0.0.6 @xmldom/xmldom@0.9.8" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
<phone a="1" B="2"/>
  -> <phone a="1" B="2"></phone>
<phone xmlns:x="urn:b" xmlns:y="urn:a" x:i="1" y:i="2"/>
  -> <phone xmlns:x="urn:b" xmlns:y="urn:a" x:i="1" y:i="2"></phone>
<phone xml:lang="en"/>
  -> <phone xmlns:xml="http://www.w3.org/XML/1998/namespace" xml:lang="en"></phone>
<phone><!-- 1 < 2 & 3 --></phone>
  -> <phone><!-- 1 &lt; 2 &amp; 3 --></phone>
TEXT
)
seen=$(
    run <<'JS'
const { DOMParser } = require("@xmldom/xmldom");
const canonical = require("xml-c14n")().createCanonicaliser("http://www.w3.org/2001/10/xml-exc-c14n#WithComments");

(async () => {
  for (const text of [
    '<phone a="1" B="2"/>',
    '<phone xmlns:x="urn:b" xmlns:y="urn:a" x:i="1" y:i="2"/>',
    '<phone xml:lang="en"/>',
    "<phone><!-- 1 < 2 & 3 --></phone>",
  ]) {
    const element = new DOMParser().parseFromString(text, "text/xml").documentElement;
    await new Promise((done) => {
      canonical.canonicalise(element, (error, written) => done(console.log(`${text}\n  -> ${error || written}`)));
    });
  }
})();
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
