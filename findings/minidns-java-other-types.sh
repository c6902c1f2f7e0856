#!/usr/bin/env bash
# libminidns-java 1.0.0 (Debian 12) asks for type 65535 where a question of type 65 came, and passes refusals on as "no
# error".
#
# Expected: RFC 3597, section 3: a program that passes records on leaves those of types that it does not know as they
# are; RFC 6895, section 2.3, and RFC 6891, section 6.1.3: codes of refusals that are newer have their numbers, some of
# them in the EDNS record.
# Seen: a message that is read and written again has another type than it had, in the question and in the answer, unless
# the type is one of its list: HTTPS (65) becomes 65535, HINFO stays. A status of 12 becomes 0, and BADVERS (16) is
# given as NO_ERROR. It makes a query of a message of DNS Stateful Operations (6). No error is raised.
# Who meets it: whoever passes on with it what phones and browsers ask, or looks in its answers for the reason of a
# failure.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libminidns-java=1.0.0-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { cat >Messages.java && java -XX:TieredStopAtLevel=1 -cp usr/share/java/minidns-core.jar Messages.java; }

expected=$(
    cat <<'TEXT'
A: QUERY NO_ERROR
  given   12348180000100010000000001610262630000010001016102626300000100010000003c0004c0000205
  written 12348180000100010000000001610262630000010001016102626300000100010000003c0004c0000205
HTTPS: QUERY NO_ERROR
  given   12348180000100010000000001610262630000410001016102626300004100010000003c0003000100
  written 123481800001000100000000016102626300ffff0001016102626300ffff00010000003c0003000100
HINFO: QUERY NO_ERROR
  given   123481800001000100000000016102626300000d0001016102626300000d00010000003c000401610162
  written 123481800001000100000000016102626300000d0001016102626300000d00010000003c000401610162
status 12: QUERY null
  given   1234818c000100000000000001610262630000010001
  written 12348180000100000000000001610262630000010001
BADVERS: QUERY NO_ERROR
  given   1234818000010000000000010161026263000001000100002904d0010000000000
  written 1234818000010000000000010161026263000001000100002904d0010000000000
DSO: null NO_ERROR
  given   123430000000000000000000
  written 123400000000000000000000
TEXT
)
seen=$(
    run <<'JAVA'
import org.minidns.dnsmessage.DnsMessage;

public class Messages {
    static void again(String name, String given) throws Exception {
        byte[] octets = new byte[given.length() / 2];
        for (int i = 0; i < octets.length; i++) {
            octets[i] = (byte) Integer.parseInt(given.substring(2 * i, 2 * i + 2), 16);
        }
        DnsMessage message = new DnsMessage(octets);
        StringBuilder written = new StringBuilder();
        for (byte octet : message.asDatagram(null, 53).getData()) {
            written.append(String.format("%02x", octet));
        }
        System.out.println(name + ": " + message.opcode + " " + message.responseCode);
        System.out.println("  given   " + given);
        System.out.println("  written " + written);
    }

    public static void main(String[] args) throws Exception {
        String question = "0161026263" + "00";
        again("A", "123481800001000100000000" + question + "00010001" + question + "000100010000003c0004c0000205");
        again("HTTPS", "123481800001000100000000" + question + "00410001" + question + "004100010000003c0003000100");
        again("HINFO", "123481800001000100000000" + question + "000d0001" + question + "000d00010000003c000401610162");
        again("status 12", "1234818c0001000000000000" + question + "00010001");
        again("BADVERS", "123481800001000000000001" + question + "00010001" + "00002904d0010000000000");
        again("DSO", "123430000000000000000000");
    }
}
JAVA
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
