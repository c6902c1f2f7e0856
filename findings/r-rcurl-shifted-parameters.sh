#!/usr/bin/env bash
# r-cran-rcurl 1.98-1.10 (Debian 12) takes names of parameters for values, and values for names.
#
# Expected: by its manual getFormParams() gives the values of the parameters of a query, by their names. A pair ends at
# "&"; a value may have "=" in it (RFC 3986, section 3.4), as the padding of Base64, and a name may have no value.
# Seen: it divides the query at each "&" and "=" and takes the parts by twos. Behind "trace" without a value, or "=" in
# a value, each name is a value, and each value a name. Two such places make it right again. No warning is given.
# Who meets it: whoever reads with it parameters from the URLs of logs.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    r-cran-rcurl=1.98-1.10+dfsg-1 r-cran-bitops=1.0-7-1 r-base-core=4.2.2.20221110-2 \
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
vendor=Polycom&model=CX700&serial=71
  [vendor] is [Polycom] [model] is [CX700] [serial] is [71]
vendor=Polycom&trace&model=CX700&serial=71
  [vendor] is [Polycom] [trace] is [model] [CX700] is [serial] [71] is []
vendor=Polycom&hash=MDAwNA==&model=CX700&serial=71
  [vendor] is [Polycom] [hash] is [MDAwNA] [] is [] [model] is [CX700] [serial] is [71]
vendor=Polycom&hash=MDAwNEY=&model=CX700&serial=71
  [vendor] is [Polycom] [hash] is [MDAwNEY] [] is [model] [CX700] is [serial] [71] is []
vendor=Polycom&id=a=b&model=CX700&serial=71
  [vendor] is [Polycom] [id] is [a] [b] is [model] [CX700] is [serial] [71] is []
TEXT
)
seen=$(
    run <<'R'
for (query in c(
    "vendor=Polycom&model=CX700&serial=71",
    "vendor=Polycom&trace&model=CX700&serial=71",
    "vendor=Polycom&hash=MDAwNA==&model=CX700&serial=71",
    "vendor=Polycom&hash=MDAwNEY=&model=CX700&serial=71",
    "vendor=Polycom&id=a=b&model=CX700&serial=71"
)) {
    read <- RCurl::getFormParams(query)
    cat(query, "\n ", paste0(" [", names(read), "] is [", read, "]"), "\n", sep = "")
}
R
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
