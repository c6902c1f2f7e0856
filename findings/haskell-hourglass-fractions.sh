#!/usr/bin/env bash
# hourglass 0.2.12 (Debian 12, libghc-hourglass-dev) reads 345 milliseconds as 345 nanoseconds.
#
# Expected: in a format, p1 to p9 stand for a fraction of the second with so many digits. What timePrint writes with a
# format, timeParse reads with it. RFC 3339, section 5.6: the digits behind the point are tenths, hundredths and so on
# of the second.
# Seen: timePrint divides by the right power of ten. timeParse takes the digits for a number of nanoseconds, so that
# with all but p9 the fraction is nearly gone: half a second of p1 is 5 nanoseconds. "ms" in the place of p3 is right.
# Who meets it: whoever reads the times of logs or of syslog with it, to tell in which order things happened.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ghc=9.0.2-4 libghc-hourglass-dev=0.2.12-4+b1 >&2 || {
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
p1: 10:11:12.3 is read as 10:11:12 and 3ns
p3: 10:11:12.345 is read as 10:11:12 and 345ns
p6: 10:11:12.345678 is read as 10:11:12 and 345678ns
p9: 10:11:12.345678900 is read as 10:11:12 and 345678900ns
ms: 10:11:12.345 is read as 10:11:12 and 345000000ns
TEXT
)
seen=$(
    run <<'HS'
import Data.Hourglass

main :: IO ()
main = mapM_ line ["p1", "p3", "p6", "p9", "ms"]
  where
    time = DateTime (Date 2026 November 30) (TimeOfDay 10 11 12 345678900)
    line :: String -> IO ()
    line digits = do
        let format = "H:MI:S." ++ digits
            written = timePrint format time
            Just again = timeParse format written
        putStr (digits ++ ": " ++ written ++ " is read as ")
        putStrLn (timePrint "H:MI:S" again ++ " and " ++ show (todNSec (dtTime again)))
HS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
