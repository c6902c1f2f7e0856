#!/usr/bin/env bash
# erlang-p1-sip 1.0.49 (Debian 12) reads no IPv6 address: a message loses its way back, and its contact.
#
# Expected: RFC 3261, sections 20.42 and 25.1: the host of a Via and of a URI may be an IPv6 address in brackets, and a
# port may stand behind it.
# Seen: such a Via is left out, without an error, such a Contact is left as the octets of an unknown field, and a
# request to such a URI is refused. Written, the address stands without brackets before its port.
# Who meets it: whoever reads with it what phones and their registrar say in a network of IPv6.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    erlang-base=1:25.2.3+dfsg-1+deb12u4 erlang-p1-sip=1.0.49-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export ROOTDIR=$PWD/usr/lib/erlang BINDIR=$PWD/usr/lib/erlang/erts-13.1.5/bin EMU=beam PROGNAME=erl
folder=$ROOTDIR/lib/p1_sip-1.0.49/ebin
run() { "$BINDIR/erlexec" -boot start_clean -noinput -pa "$folder" -eval "$(cat)" -s init stop; }

expected=$(
    cat <<'TEXT'
192.0.2.51:5061:
  {via,[{via,<<"SIP">>,{2,0},<<"TLS">>,<<"192.0.2.51">>,5061,[{<<"branch">>,<<"z9hG4bK1">>}]}]}
  {contact,[{<<>>,{uri,<<"sip">>,<<"alice">>,<<>>,<<"192.0.2.51">>,5061,[],[]},[]}]}
  request: ok
[2001:db8::51]:5061:
  {via,[]}
  {<<"Contact">>,<<"<sip:alice@[2001:db8::51]:5061>">>}
  request: error
[2001:db8::51]:
  {via,[]}
  {<<"Contact">>,<<"<sip:alice@[2001:db8::51]>">>}
  request: error
written: sip:alice@2001:db8::51:5061
TEXT
)
seen=$(
    run <<'ERL'
lists:foreach(
    fun(Host) ->
        Field = fun(Name, Value) -> [Name, ": ", Value, "\r\n"] end,
        Message = fun(First, Contact) ->
            Via = Field("Via", ["SIP/2.0/TLS ", Host, ";branch=z9hG4bK1"]),
            Rest = [Field("Contact", Contact), Field("CSeq", "1 REGISTER"), Field("Content-Length", "0")],
            esip_codec:decode(iolist_to_binary([First, "\r\n", Via, Rest, "\r\n"]))
        end,
        {ok, Answer} = Message("SIP/2.0 200 OK", ["<sip:alice@", Host, ">"]),
        Request = element(1, Message(["REGISTER sip:", Host, " SIP/2.0"], "<sip:alice@contoso.com>")),
        [Via, Contact | _] = element(5, Answer),
        io:format("~s:~n  ~0p~n  ~0p~n  request: ~p~n", [Host, Via, Contact, Request])
    end,
    ["192.0.2.51:5061", "[2001:db8::51]:5061", "[2001:db8::51]"]
),
URI = {uri, <<"sip">>, <<"alice">>, <<>>, <<"2001:db8::51">>, 5061, [], []},
io:format("written: ~s~n", [esip_codec:encode_uri(URI)]).
ERL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
