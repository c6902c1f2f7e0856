#!/usr/bin/env bash
# erlang-yaws 2.1.1 (Debian 12) takes a query for a part of the host, and lets one of two hosts of a link in.
#
# Expected: RFC 3986, section 3.2: a host ends at "/", "?" or "#"; section 3.1: HTTP is the same as http. RFC 3021: both
# addresses of a network of 31 bits are hosts. RFC 9110, section 11.1: the name of a way to sign in is read without
# regard to case; section 5.6.7: all three forms of a date are read.
# Seen: the host of http://host?x=1 is "host?x=1". Of each IPv4 network but a single address the first and the last
# address are left out, so that a rule for a /31 lets nobody in. "basic" gives no user. "HTTP://", and a date of the two
# older forms, end with an error.
# Who meets it: who lets two routers or phones on a link of their own in, and whose redirections lead to a query.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    erlang-base=1:25.2.3+dfsg-1+deb12u4 erlang-yaws=2.1.1+dfsg-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export ROOTDIR=$PWD/usr/lib/erlang BINDIR=$PWD/usr/lib/erlang/erts-13.1.5/bin EMU=beam PROGNAME=erl
folder=$PWD/usr/lib/yaws/ebin
run() { "$BINDIR/erlexec" -boot start_clean -noinput -pa "$folder" -eval "$(cat)" -s init stop; }

expected=$(
    cat <<'TEXT'
192.0.2.7 in 192.0.2.7/32: true
192.0.2.7 in 192.0.2.6/31: false
192.0.2.6 in 192.0.2.6/31: false
192.0.2.7 in 192.0.2.0/24: true
2001:db8::7 in 2001:db8::6/127: true
Basic dTpw: {"u","p","Basic dTpw"}
basic dTpw: {undefined,undefined,"basic dTpw"}
Sun, 06 Nov 1994 08:49:37 GMT: {{1994,11,6},{8,49,37}}
Sunday, 06-Nov-94 08:49:37 GMT: {error,function_clause}
Sun Nov  6 08:49:37 1994: {error,function_clause}
http://host/?x=1: {url,http,"host",undefined,"/","x=1"}
http://host?x=1: {url,http,"host?x=1",undefined,"/",[]}
HTTP://host/: {error,badarg}
TEXT
)
seen=$(
    run <<'ERL'
Show = fun(What, Get) ->
    Result = try Get() catch error:Reason -> {error, Reason} end,
    io:format("~s: ~p~n", [What, Result])
end,
Match = fun(Host, Mask) ->
    {ok, Address} = inet:parse_address(Host),
    yaws:match_ipmask(Address, yaws:parse_ipmask(Mask))
end,
[Show(Host ++ " in " ++ Mask, fun() -> Match(Host, Mask) end) || {Host, Mask} <- [
    {"192.0.2.7", "192.0.2.7/32"}, {"192.0.2.7", "192.0.2.6/31"}, {"192.0.2.6", "192.0.2.6/31"},
    {"192.0.2.7", "192.0.2.0/24"}, {"2001:db8::7", "2001:db8::6/127"}]],
[Show(Field, fun() -> yaws:parse_auth(Field) end) || Field <- ["Basic dTpw", "basic dTpw"]],
[Show(Date, fun() -> yaws:stringdate_to_datetime(Date) end) || Date <- [
    "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]],
[Show(Url, fun() -> yaws_api:parse_url(Url, sloppy) end) || Url <- [
    "http://host/?x=1", "http://host?x=1", "HTTP://host/"]].
ERL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
