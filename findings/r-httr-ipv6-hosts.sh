#!/usr/bin/env bash
# r-cran-httr 1.4.5 (Debian 12) cuts an IPv6 address at its second colon when it adds a query to a URL.
#
# Expected: RFC 3986, section 3.2.2: an IPv6 address stands in brackets, and the port behind them. A query is added to
# the URL of a request, whose host and port stay.
# Seen: parse_url() takes "[2001" for the host and "db8" for the port. modify_url(), and each request with "query",
# makes http://[2001:db8/ of it. r-cran-httr2 0.2.2 splits at the same place, but keeps all that follows as the port,
# and writes the same URL again.
# Who meets it: whoever asks an update service by its address in a network of IPv6.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    r-cran-httr=1.4.5+dfsg-1 r-cran-httr2=0.2.2-2 r-cran-jsonlite=1.8.4+dfsg-1 r-cran-mime=0.12-1+b1 \
    r-cran-r6=2.5.1-1 r-cran-openssl=2.0.5+dfsg-1 r-cran-askpass=1.1-2 r-cran-sys=3.4.1-1 r-cran-curl=5.0.0+dfsg-1 \
    r-cran-rlang=1.0.6-1 r-cran-cli=3.6.0-1 r-cran-glue=1.6.2-1 r-cran-magrittr=2.0.3-1 r-cran-rappdirs=0.3.3-1 \
    r-cran-withr=2.5.0-1 r-base-core=4.2.2.20221110-2 \
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
http://192.0.2.81:8080/update
  httr: host 192.0.2.81, port 8080, http://192.0.2.81:8080/update?phone=71
  httr2: host 192.0.2.81, port 8080, http://192.0.2.81:8080/update?phone=71
http://[2001:db8::51]:8080/update
  httr: host [2001, port db8, http://[2001:db8/update?phone=71
  httr2: host [2001, port db8::51]:8080, http://[2001:db8::51]:8080/update?phone=71
http://[2001:db8::51]/update
  httr: host [2001, port db8, http://[2001:db8/update?phone=71
  httr2: host [2001, port db8::51], http://[2001:db8::51]/update?phone=71
TEXT
)
seen=$(
    run <<'R'
for (url in c("http://192.0.2.81:8080/update", "http://[2001:db8::51]:8080/update", "http://[2001:db8::51]/update")) {
    first <- httr::parse_url(url)
    second <- httr2::url_parse(url)
    asked <- httr2::req_url_query(httr2::request(url), phone = 71)$url
    cat(url, "\n", sep = "")
    cat("  httr: host ", first$hostname, ", port ", first$port, ", ", sep = "")
    cat(httr::modify_url(url, query = list(phone = 71)), "\n", sep = "")
    cat("  httr2: host ", second$hostname, ", port ", second$port, ", ", asked, "\n", sep = "")
}
R
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
