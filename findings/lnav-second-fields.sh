#!/usr/bin/env bash
# lnav 0.11.1 (Debian 12) reads what IIS wrote after a change of its fields in the order from before.
#
# Expected: #Fields says which fields follow in the entries behind it; where IIS starts anew in the same file it writes
# the directives again (W3C, Extended Log File Format, section on directives).
# Seen: the first #Fields counts to the end of the file. Of the second part, the server is taken for the client; with a
# field more, the status is in the next field's column, and in its own is 10, the beginning of the client's address.
# Who meets it: whoever looks with it at which phones were refused, on the day when somebody chose other fields.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    lnav=0.11.1-3 libarchive13=3.6.2-1+deb12u5 libcurl3-gnutls=7.88.1-10+deb12u15 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { bash; }

expected=$(
    cat <<'TEXT'
c-ip cs-method cs-uri-stem s-ip
log_time,c_ip,s_ip,sc_status,sc_substatus,time_taken
2026-11-28 10:00:01.000,10.0.0.71,10.0.0.5,401,2,15
2026-11-28 12:00:01.000,10.0.0.5,10.0.0.72,403,7,15
s-ip cs-method cs-uri-stem cs(Referer) c-ip
log_time,c_ip,s_ip,sc_status,sc_substatus,time_taken
2026-11-28 10:00:01.000,10.0.0.71,10.0.0.5,401,2,15
2026-11-28 12:00:01.000,<NULL>,10.0.0.5,10,403,7
TEXT
)
seen=$(
    run <<'END'
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu HOME=$PWD TERM=dumb
start() {
    printf '#Software: Microsoft Internet Information Services 8.5\n#Version: 1.0\n#Date: 2026-11-28 %s\n' "$1"
    echo "#Fields: date time $2"
}
for second in 'c-ip cs-method cs-uri-stem s-ip' 's-ip cs-method cs-uri-stem cs(Referer) c-ip'; do
    {
        start 10:00:00 's-ip cs-method cs-uri-stem c-ip sc-status sc-substatus time-taken'
        echo '2026-11-28 10:00:01 10.0.0.5 POST /update 10.0.0.71 401 2 15'
        start 12:00:00 "$second sc-status sc-substatus time-taken"
        case $second in
        c-ip*) echo '2026-11-28 12:00:01 10.0.0.72 POST /update 10.0.0.5 403 7 15' ;;
        *) echo '2026-11-28 12:00:01 10.0.0.5 POST /update - 10.0.0.72 403 7 15' ;;
        esac
    } >iis.log
    echo "$second"
    usr/bin/lnav -n -c ';select log_time, c_ip, s_ip, sc_status, sc_substatus, time_taken from w3c_log' \
        -c ':write-csv-to -' iis.log 2>/dev/null
done
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
