#!/usr/bin/env bash
# @hugoalh/http-header-link 1.0.3 (npm) loses the value of a parameter without quotes that is not the last.
#
# Expected: RFC 8288, 3: a parameter's value is a token or a quoted string, so rel=next and rel="next" are the same.
# Its README: according to RFC 8288.
# Seen: where a token ends is found counted from its own begin, but used as counted from the begin of the header: the
# value is empty, unless the header ends with it. The links are there, and no "next" among them. With quotes, or one
# link with one parameter, all is right. No error is raised.
# Who meets it: whoever follows the pages of an answer by "next": only the first page is read.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    @hugoalh/http-header-link@1.0.3 @hugoalh/is-string-singleline@1.0.6 >&2 || {
    echo "could not install @hugoalh/http-header-link@1.0.3 @hugoalh/is-string-singleline@1.0.6" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
<https://api.example.com/?page=2>; rel=next
  parameters: [{"rel":"next"}]
  next: ["https://api.example.com/?page=2"]
<https://api.example.com/?page=2>; rel="next", <https://api.example.com/?page=9>; rel="last"
  parameters: [{"rel":"next"},{"rel":"last"}]
  next: ["https://api.example.com/?page=2"]
<https://api.example.com/?page=2>; rel=next, <https://api.example.com/?page=9>; rel=last
  parameters: [{"rel":""},{"rel":"last"}]
  next: []
<https://api.example.com/?page=2>; rel=next; title=more
  parameters: [{"rel":"","title":"more"}]
  next: []
TEXT
)
seen=$(
    run <<'JS'
import("@hugoalh/http-header-link").then(({ HTTPHeaderLink }) => {
  for (const header of [
    "<https://api.example.com/?page=2>; rel=next",
    '<https://api.example.com/?page=2>; rel="next", <https://api.example.com/?page=9>; rel="last"',
    "<https://api.example.com/?page=2>; rel=next, <https://api.example.com/?page=9>; rel=last",
    "<https://api.example.com/?page=2>; rel=next; title=more",
  ]) {
    const links = new HTTPHeaderLink(header);
    console.log(header);
    console.log("  parameters:", JSON.stringify(links.entries().map(([, parameters]) => parameters)));
    console.log("  next:", JSON.stringify(links.getByRel("next").map(([uri]) => uri)));
  }
});
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
