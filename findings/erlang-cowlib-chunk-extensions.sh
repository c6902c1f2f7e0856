#!/usr/bin/env bash
# erlang-cowlib 1.3.0 (Debian 12) ends with an error at a chunk that says more than its size.
#
# Expected: RFC 9112, section 7.1.1: behind the size of a chunk there may be extensions, and a recipient must ignore
# those that it does not know. RFC 7230 and RFC 2616 say the same.
# Seen: stream_chunked, which gives Cowboy and Gun the body of a message, raises function_clause at the semicolon. The
# octets of chunks before that one are lost with it.
# Who meets it: whoever runs a server or proxy of Erlang between phones and servers that sign or count their chunks.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    erlang-base=1:25.2.3+dfsg-1+deb12u4 erlang-cowlib=1.3.0-3+b1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export ROOTDIR=$PWD/usr/lib/erlang BINDIR=$PWD/usr/lib/erlang/erts-13.1.5/bin EMU=beam PROGNAME=erl
folder=$ROOTDIR/lib/cowlib-1.3.0/ebin
run() { "$BINDIR/erlexec" -boot start_clean -noinput -pa "$folder" -eval "$(cat)" -s init stop; }

expected=$(
    cat <<'TEXT'
6: {done,<<"firstsecond">>,11,<<>>}
006: {done,<<"firstsecond">>,11,<<>>}
6;count=2: function_clause
6;signature="c2lnbmVk": function_clause
6;last: function_clause
TEXT
)
seen=$(
    run <<'ERL'
lists:foreach(
    fun(Size) ->
        Body = ["5\r\nfirst\r\n", Size, "\r\nsecond\r\n0\r\n\r\n"],
        Seen =
            try
                cow_http_te:stream_chunked(iolist_to_binary(Body), {0, 0})
            catch
                error:Reason -> Reason
            end,
        io:format("~s: ~0p~n", [Size, Seen])
    end,
    ["6", "006", "6;count=2", "6;signature=\"c2lnbmVk\"", "6;last"]
).
ERL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
