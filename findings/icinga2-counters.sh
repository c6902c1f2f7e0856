#!/usr/bin/env bash
# icinga2 2.13.6 (Debian 12) takes each counter in a plugin's output for an ordinary number.
#
# Expected: Icinga's developer guidelines, "Performance data metrics": if the unit is "c", the value is a continuous
# counter; the type PerfdataValue has a member that says so. The guidelines of the Monitoring Plugins: a value that
# could not be determined is "U".
# Seen: "c" is taken for a unit without a name before it is looked for, so counter is false for all of them (upstream's
# issue 9540, of 2022). "U" is an error, for which the value is left out.
# Who meets it: whoever lets it write what plugins count, such as the octets of a phone's switch port, to a database of
# series: what should be a rate is a number that only grows.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    icinga2-bin=2.13.6-2+deb12u2 libboost-context1.74.0=1.74.0+ds1-21 libboost-coroutine1.74.0=1.74.0+ds1-21 \
    libboost-filesystem1.74.0=1.74.0+ds1-21 libboost-iostreams1.74.0=1.74.0+ds1-21 \
    libboost-program-options1.74.0=1.74.0+ds1-21 libboost-regex1.74.0=1.74.0+ds1-21 \
    libboost-thread1.74.0=1.74.0+ds1-21 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() {
    while read -r line; do
        printf '%s: ' "$line"
        usr/lib/x86_64-linux-gnu/icinga2/sbin/icinga2 console --eval "
            var data = parse_performance_data({{{$line}}})
            [ data.value, data.unit, if (data.counter) { \"a counter\" } else { \"no counter\" } ]" 2>&1 |
            tail -n 1 || true
    done
}

expected=$(
    cat <<'TEXT'
time=5s: [5,"seconds","no counter"]
octets=5B: [5,"bytes","no counter"]
octets=5c: [5,"","no counter"]
octets=5c;10;20: [5,"","no counter"]
time=U: Error while evaluating expression: Can't convert 'U' to a floating point number.
TEXT
)
seen=$(
    run <<'LINES'
time=5s
octets=5B
octets=5c
octets=5c;10;20
time=U
LINES
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
