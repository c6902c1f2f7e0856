#!/usr/bin/env bash
# multipart 0.2.1 (Debian 12, libghc-multipart-dev) loses the text of a part without headers up to an empty line.
#
# Expected: RFC 2046, section 5.1: a part begins with its headers, of which there may be none, and an empty line; the
# example of section 5.1.1 has such a part. Blanks may follow a boundary in its line. RFC 2183, section 2: parameters
# have no order.
# Seen: parseMultipartBody takes all before the first two line ends in a row for headers. Without any, this is a first
# paragraph, or the whole text, and it is gone. Of a part with a blank behind its boundary nothing is left, not even
# the part. Where filename stands before name, it swallows it, and the field has no name.
# Who meets it: a server that takes the logs of devices with it, from a client that writes as RFC 2046 has it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ghc=9.0.2-4 libghc-multipart-dev=0.2.1-1+b2 libghc-stringsearch-dev=0.3.6.6-11+b2 >&2 || {
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
a header, empty line, two paragraphs: "first\r\n\r\nsecond" []
no header, empty line, two paragraphs: "second" []
no header, empty line, one paragraph: "" []
a blank behind the boundary: none
name, filename: "first" [("name","log"),("filename","a.txt")]
filename, name: "first" [("filename","a.txt\"; name=\"log")]
TEXT
)
seen=$(
    run <<'HS'
import qualified Data.ByteString.Lazy.Char8 as Octets
import Network.Multipart

line :: (String, String) -> IO ()
line (what, text) = putStrLn (what ++ ": " ++ if null parts then "none" else concatMap shown parts)
  where
    MultiPart parts = parseMultipartBody "b1" (Octets.pack ("--b1" ++ text ++ "\r\n--b1--\r\n"))
    shown (BodyPart headers body) = show body ++ " " ++ show (parameters headers)
    parameters headers = case getContentDisposition headers of
        Just (ContentDisposition _ found) -> found
        Nothing -> []

main :: IO ()
main =
    mapM_
        line
        [ ("a header, empty line, two paragraphs", "\r\nContent-Type: text/plain\r\n\r\nfirst\r\n\r\nsecond")
        , ("no header, empty line, two paragraphs", "\r\n\r\nfirst\r\n\r\nsecond")
        , ("no header, empty line, one paragraph", "\r\n\r\nfirst")
        , ("a blank behind the boundary", " \r\nContent-Type: text/plain\r\n\r\nfirst")
        , ("name, filename", field ++ "; name=\"log\"; filename=\"a.txt\"\r\n\r\nfirst")
        , ("filename, name", field ++ "; filename=\"a.txt\"; name=\"log\"\r\n\r\nfirst")
        ]
  where
    field = "\r\nContent-Disposition: form-data"
HS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
