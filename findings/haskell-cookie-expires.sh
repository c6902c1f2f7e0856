#!/usr/bin/env bash
# libghc-cookie-dev 0.4.5 (Debian 12) drops the end of a cookie that is written as RFC 6265 writes it.
#
# Expected: RFC 6265, section 4.1.1: the date of Expires is that of HTTP, "Wed, 09 Jun 2027 10:18:14 GMT"; section 5.1.1
# reads it with hyphens, and with other order and case, too. Section 5.2.2: Max-Age of 0 or less, as -1, ends the
# cookie at once.
# Seen: parseSetCookie reads a date with hyphens alone, "09-Jun-2027", as Netscape had it, and gives no end for any
# other, without an error; nor for a negative Max-Age. So a cookie that is to be removed stays.
# Who meets it: a client or test of Haskell that signs in to a web server by it, and out again.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ghc=9.0.2-4 libghc-cookie-dev=0.4.5-2+b2 libghc-data-default-class-dev=0.1.2.0-6+b4 >&2 || {
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
Expires=Wed, 09-Jun-2027 10:18:14 GMT: ends Just 2027-06-09 10:18:14 UTC, after Nothing
Expires=Wed, 09 Jun 2027 10:18:14 GMT: ends Nothing, after Nothing
Expires=Thu, 01 Jan 1970 00:00:00 GMT: ends Nothing, after Nothing
Max-Age=3600: ends Nothing, after Just 3600s
Max-Age=0: ends Nothing, after Just 0s
Max-Age=-1: ends Nothing, after Nothing
TEXT
)
seen=$(
    run <<'HS'
import qualified Data.ByteString.Char8 as Octets
import Web.Cookie

main :: IO ()
main =
    mapM_
        ( \text -> do
            let cookie = parseSetCookie (Octets.pack ("session=1; Path=/; " ++ text))
            putStr (text ++ ": ends " ++ show (setCookieExpires cookie))
            putStrLn (", after " ++ show (setCookieMaxAge cookie))
        )
        [ "Expires=Wed, 09-Jun-2027 10:18:14 GMT"
        , "Expires=Wed, 09 Jun 2027 10:18:14 GMT"
        , "Expires=Thu, 01 Jan 1970 00:00:00 GMT"
        , "Max-Age=3600"
        , "Max-Age=0"
        , "Max-Age=-1"
        ]
HS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
