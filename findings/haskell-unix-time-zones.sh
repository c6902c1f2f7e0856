#!/usr/bin/env bash
# unix-time 0.4.8 (Debian 12, libghc-unix-time-dev) reads no offset of a date, and moves each time of summer.
#
# Expected: RFC 5322, section 3.3: the date of a mail ends with its offset from UTC. mailDateFormat is the package's own
# format for it, with %z, for formatUnixTime and parseUnixTime: what one writes the other reads. glibc's strptime(),
# which is behind it, knows %z.
# Seen: parseUnixTime hands the fields to mktime(), which takes them for local time whatever the offset says, and says
# that it is winter. Seven in the evening in Japan is read as seven in the evening here. What was written here in summer
# is read as an hour later.
# Who meets it: whoever reads the dates of mails, or of logs with an offset, in Haskell.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ghc=9.0.2-4 libghc-unix-time-dev=0.4.8-1 \
    libghc-old-time-dev=1.1.0.3-11+b3 libghc-old-locale-dev=1.0.0.7-10+b3 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
known=$PWD/usr/lib/ghc/package.conf.d
rm "$known"
mkdir "$known"
for each in var/lib/ghc/package.conf.d/*.conf; do sed "s#/usr/#$PWD/usr/#g" "$each" >"$known/${each##*/}"; done
usr/lib/ghc/bin/ghc-pkg --global-package-db "$known" recache
run() {
    cat >main.hs && usr/lib/ghc/bin/ghc -v0 -B"$PWD/usr/lib/ghc" main.hs
    for zone in UTC CET-1CEST,M3.5.0,M10.5.0/3; do TZ=$zone ./main; done
}

expected=$(
    cat <<'TEXT'
in UTC:
  Mon, 30 Nov 2026 10:00:00 +0000 is 1796032800
  Mon, 30 Nov 2026 19:00:00 +0900 is 1796065200
  1783000000 is written as Thu, 02 Jul 2026 13:46:40 +0000, read as 1783000000
in CET-1CEST,M3.5.0,M10.5.0/3:
  Mon, 30 Nov 2026 10:00:00 +0000 is 1796029200
  Mon, 30 Nov 2026 19:00:00 +0900 is 1796061600
  1783000000 is written as Thu, 02 Jul 2026 15:46:40 +0200, read as 1783003600
TEXT
)
seen=$(
    run <<'HS'
import qualified Data.ByteString.Char8 as Octets
import Data.UnixTime
import System.Environment (getEnv)

seconds :: Octets.ByteString -> String
seconds = show . fromEnum . utSeconds . parseUnixTime mailDateFormat

main :: IO ()
main = do
    getEnv "TZ" >>= \zone -> putStrLn ("in " ++ zone ++ ":")
    mapM_
        (\text -> putStrLn ("  " ++ text ++ " is " ++ seconds (Octets.pack text)))
        ["Mon, 30 Nov 2026 10:00:00 +0000", "Mon, 30 Nov 2026 19:00:00 +0900"]
    written <- formatUnixTime mailDateFormat (UnixTime 1783000000 0)
    putStrLn ("  1783000000 is written as " ++ Octets.unpack written ++ ", read as " ++ seconds written)
HS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
