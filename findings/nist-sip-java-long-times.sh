#!/usr/bin/env bash
# libnist-sip-aosp-java 9.0.0 (Debian 12) takes a registration of 2147483648 seconds or more for one without a time.
#
# Expected: RFC 3261, section 20.19: Expires is a number of seconds from 0 to 2**32 - 1; the parameter of a Contact says
# such a number for one address, and one that cannot be read counts as 3600 (section 10.2.1.1).
# Seen: getExpires() of such a Contact is -1, as without the parameter. Of a message, the whole field Expires is gone
# without an error, also from what encode() writes. Up to 2147483647 all is right.
# Who meets it: whoever shows registrations of phones with it, or passes messages on: the longest time becomes none.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libnist-sip-aosp-java=9.0.0+r35-1.1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { cat >Times.java && java -XX:TieredStopAtLevel=1 -cp 'usr/share/java/*' Times.java; }

expected=$(
    cat <<'TEXT'
3600: contact 3600, expires 3600, written Expires: 3600
2147483647: contact 2147483647, expires 2147483647, written Expires: 2147483647
2147483648: contact -1, expires none, written no field
4294967295: contact -1, expires none, written no field
no time: contact -1
TEXT
)
seen=$(
    run <<'JAVA'
import gov.nist.javax.sip.header.Contact;
import gov.nist.javax.sip.message.SIPMessage;
import gov.nist.javax.sip.parser.StringMsgParser;
import java.util.Arrays;

public class Times {
    static SIPMessage message(String parameter, String field) throws Exception {
        String text = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\n"
            + "From: <sip:a@contoso.com>;tag=1\r\nTo: <sip:a@contoso.com>;tag=2\r\nCall-ID: b\r\nCSeq: 1 REGISTER\r\n"
            + "Contact: <sip:a@192.0.2.1>" + parameter + "\r\n" + field + "Content-Length: 0\r\n\r\n";
        return new StringMsgParser().parseSIPMessage(text.getBytes());
    }

    public static void main(String[] arguments) throws Exception {
        for (String time : new String[] {"3600", "2147483647", "2147483648", "4294967295"}) {
            SIPMessage message = message(";expires=" + time, "Expires: " + time + "\r\n");
            System.out.print(time + ": contact " + ((Contact) message.getContactHeaders().getFirst()).getExpires());
            var expires = message.getExpires();
            System.out.print(", expires " + (expires == null ? "none" : expires.getExpires()));
            System.out.println(", written " + Arrays.stream(message.encode().split("\r\n"))
                .filter(line -> line.startsWith("Expires")).findFirst().orElse("no field"));
        }
        System.out.print("no time: contact ");
        System.out.println(((Contact) message("", "").getContactHeaders().getFirst()).getExpires());
    }
}
JAVA
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
