#!/usr/bin/env bash
# cl-quri 20150804 (Debian 12) makes http://ag, another host, of "../../../g" below http://a/b/c/d.
#
# Expected: RFC 3986, section 5.4: with the base http://a/b/c/d;p?q "../../../g" is http://a/g, "//c/d" is http://c/d,
# and "#s" has the base's query. merge-uris names RFC 2396, section 5.2, which says so of the last two; of the first it
# lets the ".." stay or go.
# Seen: where "../" goes above the root, the slash is lost with it, so that the path's first part is the end of the
# host. A host is read as a path, and "#s" loses the query.
# Who meets it: whoever follows with it where a server sends an updater on.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    sbcl=2:2.2.9-1 cl-quri=20150804-1.1 cl-utilities=1.2.4-3.2 cl-babel=20200719.gitf892d05-2 \
    cl-alexandria=20211025.gita67c3a6-1 cl-split-sequence=1:2.0.1-1 cl-trivial-features=20210228.gitf6e8dd7-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export SBCL_HOME=$PWD/usr/lib/sbcl
export CL_SOURCE_REGISTRY="$PWD/usr/share/common-lisp/source//" XDG_CACHE_HOME=$PWD/cache
run() {
    cat >main.lisp
    usr/bin/sbcl --noinform --no-sysinit --no-userinit --disable-debugger --load main.lisp --quit
}

expected=$(
    cat <<'TEXT'
"g" -> http://a/b/c/g: host "a", path "/b/c/g"
"../../g" -> http://a/g: host "a", path "/g"
"../../../g" -> http://ag: host "a", path "g"
"../../../../x/g" -> http://ax/g: host "a", path "x/g"
"//c/d" -> http://a//c/d: host "a", path "//c/d"
"?y" -> http://a/b/c/d;p?y: host "a", path "/b/c/d;p"
"#s" -> http://a/b/c/d;p#s: host "a", path "/b/c/d;p"
TEXT
)
seen=$(
    run <<'LISP'
(require :asdf)
(let ((*standard-output* (make-broadcast-stream)) (*error-output* (make-broadcast-stream)))
  (handler-bind ((warning #'muffle-warning)) (asdf:load-system :quri)))

(dolist (reference '("g" "../../g" "../../../g" "../../../../x/g" "//c/d" "?y" "#s"))
  (let ((whole (quri:merge-uris (quri:uri reference) (quri:uri "http://a/b/c/d;p?q"))))
    (format t "~s -> ~a: host ~s, path ~s~%"
            reference (quri:render-uri whole) (quri:uri-host whole) (quri:uri-path whole))))
LISP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
