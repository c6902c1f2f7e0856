#!/usr/bin/env bash
# cl-local-time 20180228 (Debian 12) writes the offset -03:30 as -04:30, and reads its own text as an hour later.
#
# Expected: RFC 3339, section 4.2: local time is UTC plus the offset. A time that is written with its offset is the same
# one when it is read again, as the names format-rfc3339-timestring and parse-rfc3339-timestring say.
# Seen: the hours of an offset are rounded down, so that west of UTC there is one too many where minutes are left over.
# The local time is right, and so are offsets of whole hours and those of the east; "-03:30" is read as it should. The
# dates of mails have "-0430" as well.
# Who meets it: whoever writes logs with it in Newfoundland, the whole year, or on the Marquesas.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    sbcl=2:2.2.9-1 cl-local-time=20180228-1.1 cl-fad=20220110.git3f4d32d-1 \
    cl-alexandria=20211025.gita67c3a6-1 cl-bordeaux-threads=0.8.8-5 >&2 || {
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
1796032800 in America/St_Johns: 2026-11-30T06:30:00.000000-04:30
  Mon, 30 Nov 2026 06:30:00 -0430
  read again: 1796036400
1783000000 in America/St_Johns: 2026-07-02T11:16:40.000000-03:30
  Thu, 02 Jul 2026 11:16:40 -0330
  read again: 1783003600
1796032800 in Pacific/Marquesas: 2026-11-30T00:30:00.000000-10:30
  Mon, 30 Nov 2026 00:30:00 -1030
  read again: 1796036400
1796032800 in America/Halifax: 2026-11-30T06:00:00.000000-04:00
  Mon, 30 Nov 2026 06:00:00 -0400
  read again: 1796032800
1796032800 in Asia/Kolkata: 2026-11-30T15:30:00.000000+05:30
  Mon, 30 Nov 2026 15:30:00 +0530
  read again: 1796032800
-03:30 is read as 1796032800
TEXT
)
seen=$(
    run <<'LISP'
(require :asdf)
(let ((*standard-output* (make-broadcast-stream)) (*error-output* (make-broadcast-stream)))
  (asdf:load-system :local-time))
(local-time:reread-timezone-repository :timezone-repository #p"/usr/share/zoneinfo/")

(defun show (place seconds)
  (let* ((zone (local-time:find-timezone-by-location-name place))
         (time (local-time:unix-to-timestamp seconds))
         (written (local-time:format-rfc3339-timestring nil time :timezone zone))
         (mail (local-time:format-rfc1123-timestring nil time :timezone zone))
         (again (local-time:timestamp-to-unix (local-time:parse-rfc3339-timestring written))))
    (format t "~a in ~a: ~a~%  ~a~%  read again: ~a~%" seconds place written mail again)))

(show "America/St_Johns" 1796032800)
(show "America/St_Johns" 1783000000)
(show "Pacific/Marquesas" 1796032800)
(show "America/Halifax" 1796032800)
(show "Asia/Kolkata" 1796032800)
(format t "-03:30 is read as ~a~%"
        (local-time:timestamp-to-unix (local-time:parse-timestring "2026-11-30T06:30:00-03:30")))
LISP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
