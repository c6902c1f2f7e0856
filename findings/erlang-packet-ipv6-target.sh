#!/usr/bin/env bash
# erts 13.1.5 of Erlang (Debian 12) takes "[2001" for the host of a request to an IPv6 address.
#
# Expected: RFC 3986, section 3.2.2: an IPv6 address stands in brackets, and the port behind them; section 3.2: the
# host ends before "/", "?" or the end. RFC 9112, section 3.2.2: a server must accept a target that is a whole URI.
# Seen: decode_packet, by which many servers and clients of Erlang read, ends the host at the first colon, and gives no
# port. A query without a path becomes part of the host.
# Who meets it: whoever runs a server or proxy of Erlang between phones and the update service, in a network of IPv6.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    erlang-base=1:25.2.3+dfsg-1+deb12u4 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export ROOTDIR=$PWD/usr/lib/erlang BINDIR=$PWD/usr/lib/erlang/erts-13.1.5/bin EMU=beam PROGNAME=erl
run() { "$BINDIR/erlexec" -boot start_clean -noinput -eval "$(cat)" -s init stop; }

expected=$(
    cat <<'TEXT'
http://192.0.2.81:8080/update: {absoluteURI,http,"192.0.2.81",8080,"/update"}
http://[2001:db8::51]:8080/update: {absoluteURI,http,"[2001",undefined,"/update"}
http://[2001:db8::51]/update: {absoluteURI,http,"[2001",undefined,"/update"}
http://pool.contoso.com?phone=71: {absoluteURI,http,"pool.contoso.com?phone=71",undefined,"/"}
TEXT
)
seen=$(
    run <<'ERL'
lists:foreach(
    fun(Target) ->
        Line = list_to_binary(["POST ", Target, " HTTP/1.1\r\n"]),
        {ok, {http_request, 'POST', Seen, {1, 1}}, <<>>} = erlang:decode_packet(http, Line, []),
        io:format("~s: ~0p~n", [Target, Seen])
    end,
    [
        "http://192.0.2.81:8080/update",
        "http://[2001:db8::51]:8080/update",
        "http://[2001:db8::51]/update",
        "http://pool.contoso.com?phone=71"
    ]
).
ERL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
