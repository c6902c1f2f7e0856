#!/usr/bin/env bash
# erlang-p1-xmpp 1.6.1 (Debian 12) subtracts the minutes of an offset west of UTC where it has to add them.
#
# Expected: XEP-0082, section 3.2: a time ends with its difference from UTC, with a sign that is that of hours and
# minutes, as RFC 3339, section 4.2, says. 10:00 at "-03:30" is 13:30 in UTC.
# Seen: decode_timestamp of xmpp_util takes "-03:30" for two and a half hours, and "-00:30" for half an hour east. The
# east and whole hours are right.
# Who meets it: whoever has messages from such a place that ejabberd kept for later: they are an hour early.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    erlang-base=1:25.2.3+dfsg-1+deb12u4 erlang-p1-xmpp=1.6.1-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export ROOTDIR=$PWD/usr/lib/erlang BINDIR=$PWD/usr/lib/erlang/erts-13.1.5/bin EMU=beam PROGNAME=erl
run() {
    "$BINDIR/erlexec" -boot start_clean -noinput -pa usr/lib/erlang/lib/p1_xmpp-1.6.1/ebin \
        -eval "$(cat)" -s init stop
}

expected=$(
    cat <<'TEXT'
2026-11-30T10:00:00Z: 10:00, by Erlang itself 10:00
2026-11-30T10:00:00-03:00: 13:00, by Erlang itself 13:00
2026-11-30T10:00:00-03:30: 12:30, by Erlang itself 13:30
2026-11-30T10:00:00-00:30: 09:30, by Erlang itself 10:30
2026-11-30T10:00:00+05:45: 04:15, by Erlang itself 04:15
TEXT
)
seen=$(
    run <<'ERL'
lists:foreach(
    fun(Text) ->
        {{_, _, _}, {Hour, Minute, _}} = calendar:now_to_universal_time(xmpp_util:decode_timestamp(Text)),
        Own = calendar:rfc3339_to_system_time(binary_to_list(Text)),
        {_, {OwnHour, OwnMinute, _}} = calendar:system_time_to_universal_time(Own, second),
        io:format("~s: ~2..0b:~2..0b, by Erlang itself ~2..0b:~2..0b~n", [Text, Hour, Minute, OwnHour, OwnMinute])
    end,
    [
        <<"2026-11-30T10:00:00Z">>,
        <<"2026-11-30T10:00:00-03:00">>,
        <<"2026-11-30T10:00:00-03:30">>,
        <<"2026-11-30T10:00:00-00:30">>,
        <<"2026-11-30T10:00:00+05:45">>
    ]
).
ERL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
