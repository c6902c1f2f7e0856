#!/usr/bin/env bash
# cookie-manager 0.0.19 (npm) sends a cookie without a path to one page only, and one of /a to /ab.
#
# Expected: RFC 6265, section 5.1.4: without a path a cookie is for all that is beside the page that set it: /a/b gives
# the path /a. A path matches itself and what is below it: /a matches /a/c, not /ab.
# Seen: without a path a cookie goes to the page that set it and what is below that, not to its neighbours. A cookie of
# /a goes to /ab. Those of / and of a domain are right.
# Who meets it: whoever signs in to the web pages of Lync or Exchange through it: the page that signs in is one of
# several.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts cookie-manager@0.0.19 >&2 || {
    echo "could not install cookie-manager@0.0.19" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
x=1; path=/: sent to /, /a/signin, /a/signin/more, /a/next, /ab
x=1; path=/a: sent to /a/signin, /a/signin/more, /a/next, /ab
x=1; domain=.contoso.com; path=/: sent to /, /a/signin, /a/signin/more, /a/next, /ab
x=1: sent to /a/signin, /a/signin/more
TEXT
)
seen=$(
    run <<'JS'
const Manager = require("cookie-manager");

const root = "https://lync.contoso.com";
for (const stored of ["x=1; path=/", "x=1; path=/a", "x=1; domain=.contoso.com; path=/", "x=1"]) {
  const manager = new Manager();
  manager.store(`${root}/a/signin`, stored);
  const sent = ["/", "/a/signin", "/a/signin/more", "/a/next", "/ab"].filter((path) => manager.prepare(root + path));
  console.log(`${stored}: sent to ${sent.join(", ")}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
