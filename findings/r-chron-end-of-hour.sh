#!/usr/bin/env bash
# r-cran-chron 2.3-59 (Debian 12) counts 09:59:59.7 to hour 10, and writes 23:59:59.7 as 24:00:00 of the same day.
#
# Expected: hours(), minutes() and seconds() give the fields of a time, as as.POSIXlt() of R does, which keeps the
# fraction apart. RFC 3339, section 5.6: an hour is 00 to 23.
# Seen: the last half second of a minute belongs to the next minute, by the fields and when it is written. At the end of
# a day the hour is 24, and the date stays.
# Who meets it: whoever counts requests by the hour, from logs or captures with fractions of seconds.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    r-cran-chron=2.3-59-1 r-base-core=4.2.2.20221110-2 \
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
09:59:59.4 is (26-11-30 09:59:59), hour 9, minute 59; by R itself hour 9, minute 59
09:59:59.7 is (26-11-30 10:00:00), hour 10, minute 0; by R itself hour 9, minute 59
23:59:59.4 is (26-11-30 23:59:59), hour 23, minute 59; by R itself hour 23, minute 59
23:59:59.7 is (26-11-30 24:00:00), hour 24, minute 0; by R itself hour 23, minute 59
requests in hour 10: 3
TEXT
)
seen=$(
    run <<'R'
suppressPackageStartupMessages(library(chron))

for (time in c("09:59:59.4", "09:59:59.7", "23:59:59.4", "23:59:59.7")) {
    at <- chron("2026-11-30", time, format = c("y-m-d", "h:m:s"))
    own <- as.POSIXlt(paste("2026-11-30", time), tz = "UTC")
    cat(time, " is ", format(at), ", hour ", hours(at), ", minute ", minutes(at), "; ", sep = "")
    cat("by R itself hour ", own$hour, ", minute ", own$min, "\n", sep = "")
}
counts <- table(hours(times(c("09:59:59.7", "09:59:59.8", "10:00:00.1"))))
cat("requests in hour", paste0(names(counts), ": ", counts, "\n"), sep = " ")
R
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
