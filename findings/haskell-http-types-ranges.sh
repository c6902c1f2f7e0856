#!/usr/bin/env bash
# http-types 0.12.3 (Debian 12, libghc-http-types-dev) does not read an example of ranges from RFC 9110.
#
# Expected: RFC 9110, section 14.1.2: ranges are a list as others are, so that blanks may be around a comma (section
# 5.6.1); one of the section's examples has some. Section 14.1: the name of a unit may be in capital letters.
# Seen: parseByteRanges gives Nothing where there is a blank, or a capital letter in "bytes": what it gives for a unit
# that it does not know, or for ranges that are none.
# Who meets it: a client that asks a server of Haskell for the pieces of a file that it lacks.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ghc=9.0.2-4 libghc-http-types-dev=0.12.3-5+b1 libghc-case-insensitive-dev=1.2.1.0-3+b2 \
    libghc-hashable-dev=1.3.5.0-2+b3 >&2 || {
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
bytes=0-499: Just [ByteRangeFromTo 0 499]
bytes=-500: Just [ByteRangeSuffix 500]
bytes=500-600,601-999: Just [ByteRangeFromTo 500 600,ByteRangeFromTo 601 999]
bytes=500-600, 601-999: Nothing
bytes= 0-999, 4500-5499, -1000: Nothing
Bytes=0-499: Nothing
TEXT
)
seen=$(
    run <<'HS'
import qualified Data.ByteString.Char8 as Octets
import Network.HTTP.Types.Header (parseByteRanges)

main :: IO ()
main =
    mapM_
        (\text -> putStrLn (text ++ ": " ++ show (parseByteRanges (Octets.pack text))))
        [ "bytes=0-499"
        , "bytes=-500"
        , "bytes=500-600,601-999"
        , "bytes=500-600, 601-999"
        , "bytes= 0-999, 4500-5499, -1000"
        , "Bytes=0-499"
        ]
HS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
