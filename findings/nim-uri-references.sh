#!/usr/bin/env bash
# nim 1.6.10 (Debian 12) keeps a last "." or ".." of a path, and writes "//host/x" as the path "host/x".
#
# Expected: RFC 3986, section 5.4.1: with the base http://a/b/c/d;p?q "." is http://a/b/c/, ".." is http://a/b/ and
# "../.." is http://a/. The module says that combine() follows section 5.2.2. Section 4.2: "//host/x" names a host.
# Seen: combine() of std/uri gives http://a/b/c/.. for "..", and so for each path that ends so. parseUri() knows the
# host of "//host/x", but "$" writes "host/x", which combined with a base is a file of another host.
# Who meets it: whoever follows with it where a server sends an updater on, or lists a folder of updates.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    nim=1.6.10-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
library=$PWD/usr/lib/nim/lib
options=(--skipCfg --cc:gcc --nimcache:c --hints:off --warnings:off --passC:-w "--lib:$library")
for folder in pure core std pure/collections posix; do options+=("--path:$library/$folder"); done
run() { cat >references.nim && usr/bin/nim c "${options[@]}" -r references.nim; }

expected=$(
    cat <<'TEXT'
g -> http://a/b/c/g
./ -> http://a/b/c/
. -> http://a/b/c/.
../ -> http://a/b/
.. -> http://a/b/c/..
../../ -> http://a/
../.. -> http://a/b/..
g/../h -> http://a/b/c/h
//contoso.com/x: host contoso.com, path /x, written contoso.com/x
  read again: host , path contoso.com/x
  combined: http://contoso.com/x, from what was written: http://a/b/c/contoso.com/x
TEXT
)
seen=$(
    run <<'NIM'
import std/uri

let base = parseUri("http://a/b/c/d;p?q")
for text in ["g", "./", ".", "../", "..", "../../", "../..", "g/../h"]:
  echo text, " -> ", combine(base, parseUri(text))
let text = "//contoso.com/x"
let reference = parseUri(text)
let again = parseUri($reference)
echo text, ": host ", reference.hostname, ", path ", reference.path, ", written ", reference
echo "  read again: host ", again.hostname, ", path ", again.path
echo "  combined: ", combine(base, reference), ", from what was written: ", combine(base, again)
NIM
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
