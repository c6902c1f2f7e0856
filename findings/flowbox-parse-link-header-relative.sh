#!/usr/bin/env bash
# @flowbox/parse-link-header 1.0.0 (npm) leaves out links whose address is relative.
#
# Expected: RFC 8288, 3: what is in the angle brackets is a URI reference, which may be relative, and is resolved by
# who reads it. It is a fork of parse-link-header, which gives such an address as it is.
# Seen: the address goes to URL(), which needs a whole one; what that raises is caught, and the link is left out with
# all of its parameters. Only in a browser, where there is "location", relative ones are read. No error is raised.
# Who meets it: whoever follows the pages of an answer in Node: "last" is there and "next" is not.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    @flowbox/parse-link-header@1.0.0 >&2 || {
    echo "could not install @flowbox/parse-link-header@1.0.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
https://api.example.com/items?page=2: next, last
/items?page=2: last
?page=2: last
//api.example.com/items: last
relative alone: {}
TEXT
)
seen=$(
    run <<'JS'
import("@flowbox/parse-link-header").then(({ default: parse }) => {
  const last = '<https://api.example.com/items?page=9>; rel="last"';
  for (const next of ["https://api.example.com/items?page=2", "/items?page=2", "?page=2", "//api.example.com/items"]) {
    const links = parse(`<${next}>; rel="next", ${last}`);
    console.log(`${next}:`, Object.keys(links).join(", "));
  }
  console.log("relative alone:", JSON.stringify(parse('</items?page=2>; rel="next"')));
});
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
