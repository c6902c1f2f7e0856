#!/usr/bin/env bash
# r-cran-data.table 1.14.8 (Debian 12) takes half an hour west of UTC for half an hour east.
#
# Expected: RFC 3339, section 4.2: local time is UTC plus the offset, whose sign is that of its hours and minutes. By
# its manual fread() knows times with "Z" or an offset, and gives them as POSIXct in UTC.
# Seen: of "-03:30", the time of Newfoundland in winter, it goes three hours one way and half an hour the other: each
# such time is an hour early, and "-00:30" is read as "+00:30". Without the colon it is right. No warning is given.
# Who meets it: whoever reads a CSV file of leases or requests of such a place with it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    r-cran-data.table=1.14.8+dfsg-1 r-base-core=4.2.2.20221110-2 \
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
2026-11-30T10:00:00-03:30: 12:30, by R itself 13:30
2026-11-30T10:00:00-0330: 13:30, by R itself 13:30
2026-11-30T10:00:00-03:00: 13:00, by R itself 13:00
2026-11-30T10:00:00-00:30: 09:30, by R itself 10:30
2026-11-30T10:00:00+00:30: 09:30, by R itself 09:30
2026-11-30T10:00:00+05:45: 04:15, by R itself 04:15
2026-11-30T10:00:00-09:30: 18:30, by R itself 19:30
2026-11-30T10:00:00-02:30: 11:30, by R itself 12:30
TEXT
)
seen=$(
    run <<'R'
times <- c("-03:30", "-0330", "-03:00", "-00:30", "+00:30", "+05:45", "-09:30", "-02:30")
texts <- paste0("2026-11-30T10:00:00", times)
read <- data.table::fread(text = c("time,n", paste0(texts, ",1")))
own <- as.POSIXct(sub(":(..)$", "\\1", texts), format = "%Y-%m-%dT%H:%M:%S%z", tz = "UTC")
cat(sprintf("%s: %s, by R itself %s\n", texts, format(read$time, "%H:%M"), format(own, "%H:%M")), sep = "")
R
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
