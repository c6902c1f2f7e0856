#!/usr/bin/env bash
# r-cran-urltools 1.7.3 (Debian 12) removes the next parameters of a URL as well, and writes into the caller's keys.
#
# Expected: param_remove() removes the pairs with given keys, "while leaving the rest of the URL intact" by its manual.
# In R a function does not change the values that it is given.
# Seen: it removes as many characters as there are from the "?" to the pair's end: to take "model" out of
# "?vendor=Polycom&model=CX700&locale=ENU&serial=1" takes the two behind it, too. It finds "model=" in "submodel=A" and
# cuts the name. The caller's key is "model=" afterwards, a constant of the program as well, so that the same call
# once more removes nothing.
# Who meets it: whoever takes serial numbers or addresses out of URLs of requests, before a log is handed on.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    r-cran-urltools=1.7.3+dfsg-2 r-cran-triebeard=0.3.0-4 r-cran-rcpp=1.0.10-1 r-base-core=4.2.2.20221110-2 \
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
model vendor=Polycom&model=CX700&locale=ENU
  once: http://pool.contoso.com/x?vendor=Polycom
  again: http://pool.contoso.com/x?vendor=Polycom&model=CX700&locale=ENU
  the key is: model==
locale vendor=Polycom&model=CX700&locale=ENU&serial=1
  once: http://pool.contoso.com/x?vendor=Polycom&model=CX700
  again: http://pool.contoso.com/x?vendor=Polycom&model=CX700&locale=ENU&serial=1
  the key is: locale==
revision vendor=Polycom&revision=A&locale=ENU&serial=1&timestamp=0&user=phone
  once: http://pool.contoso.com/x?vendor=Polycom&al=1&timestamp=0&user=phone
  again: http://pool.contoso.com/x?vendor=Polycom&revision=A&locale=ENU&serial=1&timestamp=0&user=phone
  the key is: revision==
serial vendor=Polycom&subserial=A&serial=1&locale=ENU
  once: http://pool.contoso.com/x?vendor=Polycom&subU
  again: http://pool.contoso.com/x?vendor=Polycom&subserial=A&serial=1&locale=ENU
  the key is: serial==
TEXT
)
seen=$(
    run <<'R'
library(urltools)

base <- "http://pool.contoso.com/x?"
for (text in c(
    "model vendor=Polycom&model=CX700&locale=ENU",
    "locale vendor=Polycom&model=CX700&locale=ENU&serial=1",
    "revision vendor=Polycom&revision=A&locale=ENU&serial=1&timestamp=0&user=phone",
    "serial vendor=Polycom&subserial=A&serial=1&locale=ENU"
)) {
    parts <- strsplit(text, " ", fixed = TRUE)[[1]]
    key <- parts[1]
    once <- param_remove(paste0(base, parts[2]), key)
    again <- param_remove(paste0(base, parts[2]), key)
    cat(text, "\n  once: ", once, "\n  again: ", again, "\n  the key is: ", key, "\n", sep = "")
}
R
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
