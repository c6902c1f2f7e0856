#!/usr/bin/env bash
# inets 8.2.2 of Erlang (Debian 12) takes a date of 1994 for one of 2094.
#
# Expected: RFC 9110, section 5.6.7: a recipient reads all three forms of a date. One with a year of two digits that
# seems to be more than 50 years ahead is of the last year in the past with those digits.
# Seen: 20 is put before the digits, whatever they are. The example of the RFC itself is 100 years late; the other two
# forms of the same date are right.
# Who meets it: whoever reads dates of clients or servers with it, which may send that form.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    erlang-base=1:25.2.3+dfsg-1+deb12u4 erlang-inets=1:25.2.3+dfsg-1+deb12u4 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export ROOTDIR=$PWD/usr/lib/erlang BINDIR=$PWD/usr/lib/erlang/erts-13.1.5/bin EMU=beam PROGNAME=erl
run() { "$BINDIR/erlexec" -boot start_clean -noinput -eval "$(cat)" -s init stop; }

expected=$(
    cat <<'TEXT'
Sun, 06 Nov 1994 08:49:37 GMT: 1994-11-6 8:49:37
Sunday, 06-Nov-94 08:49:37 GMT: 2094-11-6 8:49:37
Sun Nov  6 08:49:37 1994: 1994-11-6 8:49:37
Saturday, 28-Nov-26 10:00:00 GMT: 2026-11-28 10:0:0
TEXT
)
seen=$(
    run <<'ERL'
lists:foreach(
    fun(Date) ->
        {{Year, Month, Day}, {Hour, Minute, Second}} = httpd_util:convert_request_date(Date),
        io:format("~s: ~b-~b-~b ~b:~b:~b~n", [Date, Year, Month, Day, Hour, Minute, Second])
    end,
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Saturday, 28-Nov-26 10:00:00 GMT"
    ]
).
ERL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
