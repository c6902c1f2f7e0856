#!/usr/bin/env bash
# r-cran-lubridate 1.9.2 (Debian 12) takes "-3:30" for minus two hours and a half, and "-PT15M" for 15 minutes.
#
# Expected: RFC 5545, section 3.3.6: a duration may begin with a sign, as an alarm 15 minutes before an event has it. By
# its manual period() and duration() take texts of ISO 8601, while hm() and hms() use "-" "for negative durations".
# Seen: the sign before "P" is dropped without a warning. hm() and hms() give it to the hours alone, so that the minutes
# are added, and "-0:30" is half an hour ahead.
# Who meets it: whoever reads with it alarms of calendars, or how far a phone's clock is from the server's.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    r-cran-lubridate=1.9.2+dfsg-1 r-cran-generics=0.1.3-1 r-cran-timechange=0.2.0-1 r-base-core=4.2.2.20221110-2 \
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
PT15M: 900 seconds by period, 900 by duration
-PT15M: 900 seconds by period, 900 by duration
PT-15M: 900 seconds by period, 900 by duration
-P1D: 86400 seconds by period, 86400 by duration
-PT1H30M: 5400 seconds by period, 5400 by duration
3:30: 210 minutes by hm
-3:30: -150 minutes by hm
-1:30: -30 minutes by hm
-0:30: 30 minutes by hm
TEXT
)
seen=$(
    run <<'R'
suppressPackageStartupMessages(library(lubridate))

for (text in c("PT15M", "-PT15M", "PT-15M", "-P1D", "-PT1H30M")) {
    cat(text, ": ", as.numeric(period(text)), " seconds by period, ", sep = "")
    cat(as.numeric(duration(text)), " by duration\n", sep = "")
}
for (text in c("3:30", "-3:30", "-1:30", "-0:30")) {
    cat(text, ": ", as.numeric(hm(text)) / 60, " minutes by hm\n", sep = "")
}
R
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
