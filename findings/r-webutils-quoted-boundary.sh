#!/usr/bin/env bash
# r-cran-webutils 1.1 (Debian 12) finds nothing in a form whose boundary stands in quotes.
#
# Expected: RFC 2046, section 5.1.1: a boundary with ":" or "=" has to be in quotes, any other may be; RFC 2045, section
# 5.1: the quotes are no part of it. parse_http() takes the body and the Content-Type of a request by its manual.
# Seen: it looks for the boundary with its quotes, and gives an empty list, without an error or a warning.
# Who meets it: whoever takes in with R what clients post, as phones do their logs; HttpClient of .NET has the quotes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    r-cran-webutils=1.1-1+b1 r-cran-curl=5.0.0+dfsg-1 r-cran-jsonlite=1.8.4+dfsg-1 r-base-core=4.2.2.20221110-2 \
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
boundary=edge: 1 of 1 fields
boundary="edge": 0 of 1 fields
boundary="=_edge:1": 0 of 1 fields
boundary=edge; charset=utf-8: 1 of 1 fields
TEXT
)
seen=$(
    run <<'R'
for (boundary in c("edge", "\"edge\"", "\"=_edge:1\"", "edge; charset=utf-8")) {
    bare <- sub(";.*", "", gsub("\"", "", boundary))
    part <- paste0("--", bare, "\r\nContent-Disposition: form-data; name=\"serial\"\r\n\r\n71\r\n")
    body <- charToRaw(paste0(part, "--", bare, "--\r\n"))
    read <- webutils::parse_http(body, paste0("multipart/form-data; boundary=", boundary))
    cat("boundary=", boundary, ": ", length(read), " of 1 fields\n", sep = "")
}
R
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
