#!/usr/bin/env bash
# goaccess 1.7 (Debian 12) takes the server for the visitor in an IIS log whose fields stand in another order.
#
# Expected: #Fields says which fields follow and in which order, and "-" that there is no value (W3C, Extended Log File
# Format, sections on directives and entries). --log-format=W3C is the name of that format.
# Seen: #Fields is skipped, and one order is taken. Where c-ip and s-ip stand the other way round, 10.0.0.5 is the only
# visitor, and the two phones are nowhere. A page without a query is listed with the query "-". No line is counted as
# failed.
# Who meets it: whoever counts with it which phones ask an IIS server, after somebody chose other fields there.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    goaccess=1:1.7-1 libmaxminddb0=1.7.1-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { bash; }

expected=$(
    cat <<'TEXT'
s-ip c-ip: 10.0.0.71 10.0.0.72 asked for /update?- and 0 failed
c-ip s-ip: 10.0.0.5 asked for /update?- and 0 failed
TEXT
)
seen=$(
    run <<'END'
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
agent='Phone - 200 0 0 15'
for order in 's-ip c-ip' 'c-ip s-ip'; do
    read -r first second <<<"$order"
    {
        echo '#Version: 1.0'
        echo "#Fields: date time $first cs-method cs-uri-stem cs-uri-query s-port cs-username $second" \
            'cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken'
        for phone in 10.0.0.71 10.0.0.72; do
            if [ "$first" = c-ip ]; then addresses=("$phone" 10.0.0.5); else addresses=(10.0.0.5 "$phone"); fi
            echo "2026-11-28 10:00:01 ${addresses[0]} POST /update - 443 - ${addresses[1]} $agent"
        done
    } >iis.log
    usr/bin/goaccess iis.log --log-format=W3C --no-global-config -o report.json >/dev/null 2>&1
    python3 -c "
import json
report = json.load(open('report.json'))
hosts, pages = ([one['data'] for one in report[name]['data']] for name in ('hosts', 'requests'))
print('$order:', *sorted(hosts), 'asked for', *pages, 'and', report['general']['failed_requests'], 'failed')"
done
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
