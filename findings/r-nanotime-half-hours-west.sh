#!/usr/bin/env bash
# r-cran-nanotime 0.3.7 (Debian 12) subtracts the minutes of an offset west of UTC where it has to add them.
#
# Expected: RFC 3339, section 4.2: local time is UTC plus the offset, whose sign is that of its hours and minutes, so
# that 10:00 at "-03:30" is 13:30 in UTC. nanotime() of a text takes such offsets by its manual.
# Seen: "-03:30" is read as two and a half hours, and "-00:30" as half an hour east. It is right where the offset is
# written without the colon, and where the text names the zone America/St_Johns in its place.
# Who meets it: whoever reads times of captures or logs from such a place with it, to the nanosecond and an hour early.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    r-cran-nanotime=0.3.7-1 r-cran-rcppcctz=0.2.12-1 r-cran-rcpp=1.0.10-1 r-cran-bit64=4.0.5-1 \
    r-cran-bit=4.0.5-1 r-cran-zoo=1.8-11-1 r-cran-lattice=0.20-45-3 r-base-core=4.2.2.20221110-2 \
    libblas3=3.11.0-2 liblapack3=3.11.0-2 libgfortran5=12.2.0-14+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export R_HOME=$PWD/usr/lib/R R_SHARE_DIR=$PWD/usr/share/R/share R_LIBS=$PWD/usr/lib/R/site-library
export LANG=C.UTF-8 EDITOR=vi TZ=UTC
ln -sf Renviron.ucf "$R_HOME/etc/Renviron"
export LD_LIBRARY_PATH=$R_HOME/lib:$PWD/usr/lib/x86_64-linux-gnu/blas:$PWD/usr/lib/x86_64-linux-gnu/lapack
export LD_LIBRARY_PATH=$LD_LIBRARY_PATH:$PWD/usr/lib/x86_64-linux-gnu
run() { "$R_HOME/bin/exec/R" --vanilla --no-echo -f /dev/stdin; }

expected=$(
    cat <<'TEXT'
2026-11-30T10:00:00.000000001-03:30 -> 2026-11-30T12:30:00.000000001+00:00
2026-11-30T10:00:00.000000001-0330 -> 2026-11-30T13:30:00.000000001+00:00
2026-11-30T10:00:00.000000001 America/St_Johns -> 2026-11-30T13:30:00.000000001+00:00
2026-11-30T10:00:00.000000001-03:00 -> 2026-11-30T13:00:00.000000001+00:00
2026-11-30T10:00:00.000000001-00:30 -> 2026-11-30T09:30:00.000000001+00:00
2026-11-30T10:00:00.000000001+00:30 -> 2026-11-30T09:30:00.000000001+00:00
2026-11-30T10:00:00.000000001+05:45 -> 2026-11-30T04:15:00.000000001+00:00
2026-11-30T10:00:00.000000001-09:30 -> 2026-11-30T18:30:00.000000001+00:00
TEXT
)
seen=$(
    run <<'R'
library(nanotime)

zones <- c("-03:30", "-0330", " America/St_Johns", "-03:00", "-00:30", "+00:30", "+05:45", "-09:30")
for (text in paste0("2026-11-30T10:00:00.000000001", zones)) {
    cat(text, " -> ", format(nanotime(text), tz = "UTC"), "\n", sep = "")
}
R
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
