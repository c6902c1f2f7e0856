#!/usr/bin/env bash
# snmp 5.13.3 of Erlang (Debian 12) sends a counter of 4294967295 as -1, and reads no large counter of 64 bits.
#
# Expected: RFC 2578, section 7.1: a Counter32 goes to 4294967295, a Counter64 to 18446744073709551615. X.690, section
# 8.3, and RFC 3417, section 8: an integer is sent with its sign, so a number from the upper half has an octet of zero
# before it.
# Seen: from 2147483648 on, a Counter32 is sent as the negative number of the same bits, and shortened as such: one
# octet, ff, for 4294967295. So is a Counter64 from 9223372036854775808 on. Unsigned32 and TimeTicks have the zero. A
# message with a Counter64 of the upper half, sent as it should be, is an error, bad_counter64.
# Who meets it: whoever reads the octets of an interface from a device whose agent is of Erlang, or asks others by it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    erlang-base=1:25.2.3+dfsg-1+deb12u4 erlang-snmp=1:25.2.3+dfsg-1+deb12u4 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export ROOTDIR=$PWD/usr/lib/erlang BINDIR=$PWD/usr/lib/erlang/erts-13.1.5/bin EMU=beam PROGNAME=erl
export ERL_LIBS=$PWD/usr/lib/erlang/lib
run() { "$BINDIR/erlexec" -boot start_clean -noinput -eval "$(cat)" -s init stop; }

expected=$(
    cat <<'TEXT'
Unsigned32 4294967295 is sent as 42 05 00 ff ff ff ff
TimeTicks 4294967295 is sent as 43 05 00 ff ff ff ff
Counter32 255 is sent as 41 02 00 ff
Counter32 2147483647 is sent as 41 04 7f ff ff ff
Counter32 2147483648 is sent as 41 04 80 00 00 00
Counter32 4294967167 is sent as 41 02 ff 7f
Counter32 4294967295 is sent as 41 01 ff
Counter64 4294967295 is sent as 46 05 00 ff ff ff ff
Counter64 9223372036854775807 is sent as 46 08 7f ff ff ff ff ff ff ff
Counter64 18446744073709551615 is sent as 46 01 ff
a Counter64 of [0,255,255,255,255] is read as 4294967295
a Counter64 of [127,255,255,255,255,255,255,255] is read as 9223372036854775807
a Counter64 of [0,128,0,0,0,0,0,0,0] is read as {'EXIT',{error,{bad_counter64,9223372036854775808}}}
a Counter64 of [0,255,255,255,255,255,255,255,255] is read as {'EXIT',{error,{bad_counter64,18446744073709551615}}}
TEXT
)
seen=$(
    run <<'ERL'
Object = [1, 3, 6, 1, 2, 1, 31, 1],
Sent = fun(Type, Value) ->
    Binding = lists:flatten(snmp_pdus:enc_varbind({varbind, Object, Type, Value, 1})),
    lists:flatten([io_lib:format(" ~2.16.0b", [Octet]) || Octet <- lists:nthtail(11, Binding)])
end,
lists:foreach(
    fun({Type, Value}) -> io:format("~s ~b is sent as~s~n", [Type, Value, Sent(Type, Value)]) end,
    [{'Unsigned32', 4294967295}, {'TimeTicks', 4294967295}] ++
    [{'Counter32', Value} || Value <- [255, 2147483647, 2147483648, 4294967167, 4294967295]] ++
    [{'Counter64', Value} || Value <- [4294967295, 9223372036854775807, 18446744073709551615]]
),
Answer = fun(Value) ->
    Name = [6, 8, 43, 6, 1, 2, 1, 31, 1, 1],
    Binding = Name ++ [70, length(Value) | Value],
    Bindings = [48, length(Binding) + 2, 48, length(Binding) | Binding],
    Pdu = [2, 1, 5, 2, 1, 0, 2, 1, 0 | Bindings],
    Body = [2, 1, 1, 4, 6] ++ "public" ++ [162, length(Pdu) | Pdu],
    [48, length(Body) | Body]
end,
lists:foreach(
    fun(Value) ->
        Seen =
            case catch snmp_pdus:dec_message(Answer(Value)) of
                {message, _, _, Pdu} -> element(4, hd(element(6, Pdu)));
                Other -> Other
            end,
        io:format("a Counter64 of ~0p is read as ~0p~n", [Value, Seen])
    end,
    [[0, 255, 255, 255, 255], [127 | lists:duplicate(7, 255)]] ++
    [[0, 128 | lists:duplicate(7, 0)], [0 | lists:duplicate(8, 255)]]
).
ERL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
