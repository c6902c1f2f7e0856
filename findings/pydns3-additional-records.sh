#!/usr/bin/env bash
# pydns3 0.0.10 takes each record beside the answer for a whole message, and gives a text a length of four octets.
#
# Expected: RFC 1035, section 4.1.3: the additional section holds records like those of the answer; section 3.3: a text
# has one octet for its length. RFC 2136: an update has 5 in the four bits of the operation; the package has classes for
# updates.
# Seen: an address beside the answer, as servers send it for a name server or a service, is read by the class of
# messages: an error, or where its octets happen to fit, something else. Only EDNS is read. Of a text that was sent,
# the first three letters are missing; of one that it writes, dnspython gives three texts more, without a letter. The
# bits of the operation are not moved down, so an update is 10240 and an error, also one that it wrote itself.
# Who meets it: whoever asks for the SRV records of a site with it, or for its text.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    pydns3==0.0.10 pyderive3==0.0.8 pystructs3==0.0.8 typing-extensions==4.16.0 dnspython==2.9.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { venv/bin/python -; }

expected=$(
    cat <<'TEXT'
an SRV record: SRV(priority=0, weight=0, port=5061, target=b'pool.contoso.com'), and 0 beside it
with an address: ValueError: 26624 is not a valid OpCode
a text: TXT(text=b'pf1 -all'), and 0 beside it
an update: ValueError: 10240 is not a valid OpCode
its own update: ValueError: 10240 is not a valid OpCode
written: contoso.com. 60 IN TXT "" "" "" "v=spf1 -all"
TEXT
)
seen=$(
    run <<'PY'
import dns.message
import dns.update
import pydns
from pydns import TXT, Answer, Flags, Message, OpCode, QR

SRV = """id 1
opcode QUERY
rcode NOERROR
flags QR AA
;QUESTION
_sip._tcp.contoso.com. IN SRV
;ANSWER
_sip._tcp.contoso.com. 60 IN SRV 0 0 5061 pool.contoso.com.
;ADDITIONAL
"""
TEXT = SRV.split(";QUESTION")[0] + ";QUESTION\ncontoso.com. IN TXT\n;ANSWER\ncontoso.com. 60 IN TXT \"v=spf1 -all\"\n"


def show(name, octets):
    try:
        message = Message.unpack(octets)
        print(f"{name}: {message.answers[0].content}, and {len(message.additional)} beside it")
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {str(error)[:60]}")


show("an SRV record", dns.message.from_text(SRV).to_wire())
show("with an address", dns.message.from_text(SRV + "pool.contoso.com. 60 IN A 192.0.2.1\n").to_wire())
show("a text", dns.message.from_text(TEXT).to_wire())
show("an update", dns.update.UpdateMessage("contoso.com").to_wire())
show("its own update", Message(1, Flags(QR.Question, OpCode.Update)).pack())
written = Message(1, Flags(QR.Response, OpCode.Query), answers=[Answer(b"contoso.com", 60, TXT(b"v=spf1 -all"))]).pack()
try:
    print("written:", dns.message.from_wire(written).answer[0])
except Exception as error:
    print("written:", repr(error))
PY
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
