#!/usr/bin/env bash
# http-date 0.0.11 (Debian 12, libghc-http-date-dev) reads one of three forms of a date, and moves a leap second.
#
# Expected: RFC 9110, section 5.6.7: who receives a date in a field has to accept all three forms, of which two are
# obsolete: that of RFC 850 and that of the function asctime() of C. A second may be the 60th, a leap second.
# Seen: parseHTTPDate gives Nothing for both. 23:59:60 becomes the time 23:59:00, a minute before what follows it.
# Who meets it: a client that asks a server of Haskell (warp has the package) for what is newer than such a date gets
# the whole file each time.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ghc=9.0.2-4 libghc-http-date-dev=0.0.11-1+b1 libghc-attoparsec-dev=0.14.4-2+b1 \
    libghc-scientific-dev=0.3.7.0-1+b2 libghc-primitive-dev=0.7.3.0-1+b3 \
    libghc-integer-logarithms-dev=1.0.3.1-2+b1 libghc-hashable-dev=1.3.5.0-2+b3 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
known=$PWD/usr/lib/ghc/package.conf.d
rm "$known"
mkdir "$known"
for each in var/lib/ghc/package.conf.d/*.conf; do sed "s#/usr/#$PWD/usr/#g" "$each" >"$known/${each##*/}"; done
usr/lib/ghc/bin/ghc-pkg --global-package-db "$known" recache
run() { cat >main.hs && usr/lib/ghc/bin/ghc -v0 -B"$PWD/usr/lib/ghc" main.hs && ./main; }

expected=$(
    cat <<'TEXT'
Sun, 06 Nov 1994 08:49:37 GMT: 1994-11-06 08:49:37 UTC
Sunday, 06-Nov-94 08:49:37 GMT: nothing
Sun Nov  6 08:49:37 1994: nothing
Thu, 30 Jun 2016 23:59:60 GMT: 2016-06-30 23:59:00 UTC
Fri, 01 Jul 2016 00:00:00 GMT: 2016-07-01 00:00:00 UTC
TEXT
)
seen=$(
    run <<'HS'
import qualified Data.ByteString.Char8 as Octets
import Network.HTTP.Date

main :: IO ()
main =
    mapM_
        (\text -> putStrLn (text ++ ": " ++ maybe "nothing" (show . httpDateToUTC) (parseHTTPDate (Octets.pack text))))
        [ "Sun, 06 Nov 1994 08:49:37 GMT"
        , "Sunday, 06-Nov-94 08:49:37 GMT"
        , "Sun Nov  6 08:49:37 1994"
        , "Thu, 30 Jun 2016 23:59:60 GMT"
        , "Fri, 01 Jul 2016 00:00:00 GMT"
        ]
HS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
