#!/usr/bin/env bash
# libsimple-http-java 4.1.21 (Debian 12) prefers a type with the weight 0.25 to one with 0.9.
#
# Expected: RFC 9110, section 12.4.2: a weight is a number from 0 to 1 with up to three digits behind the point;
# section 8.3.1: charset="utf-8" and charset=utf-8 are the same. RFC 3986, section 3.2.1: what stands before the "@" is
# the user, the host comes behind it; section 2.2: %2F is data, not a delimiter of the path.
# Seen: it compares the digits behind the point as whole numbers: 0.25 is more than 0.9, 0.09 more than 0.5, and 0.999
# more than 1. The name of a charset keeps its quotes. Of http://phone:1234@ucupdates:8080/ the host is "phone", the
# port 1234. "logs%2Ftoday" becomes two segments of the path.
# Who meets it: whoever takes the update requests or logs of phones with the web server "Simple" of Java.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libsimple-http-java=4.1.21-1.1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done

run() { cat >Parsers.java && java -XX:TieredStopAtLevel=1 -cp 'usr/share/java/*' Parsers.java; }

expected=$(
    cat <<'TEXT'
Accept: text/plain;q=0.1, text/xml;q=0.9: [text/xml, text/plain]
Accept: text/plain;q=0.25, text/xml;q=0.9: [text/plain, text/xml]
Accept: text/plain;q=0.25, text/xml;q=0.90: [text/xml, text/plain]
Accept: text/plain;q=0.125, text/xml;q=0.99: [text/plain, text/xml]
Accept: text/plain;q=0.09, text/xml;q=0.5: [text/plain, text/xml]
Accept: text/plain;q=0.01, text/xml;q=0.1: [text/plain, text/xml]
Accept: text/plain;q=0.999, text/xml: [text/xml, text/plain]
Accept: text/plain;q=0.999, text/xml;q=1: [text/plain, text/xml]
Accept: text/plain;q=0.5, text/xml;q=1.0: [text/xml, text/plain]
text/xml; charset=utf-8: utf-8
text/xml; charset="utf-8": "utf-8"
http://ucupdates:8080/logs/today: ucupdates, 8080, /logs/today
http://phone:1234@ucupdates:8080/logs/today: phone, 1234, /
http://ucupdates/logs%2Ftoday: ucupdates, -1, /logs/today
TEXT
)
seen=$(
    run <<'JAVA'
import org.simpleframework.http.parse.AddressParser;
import org.simpleframework.http.parse.ContentParser;
import org.simpleframework.http.parse.ValueParser;

class Parsers {
    public static void main(String[] arguments) {
        for (String accept : new String[] {
            "text/plain;q=0.1, text/xml;q=0.9", "text/plain;q=0.25, text/xml;q=0.9",
            "text/plain;q=0.25, text/xml;q=0.90",
            "text/plain;q=0.125, text/xml;q=0.99", "text/plain;q=0.09, text/xml;q=0.5",
            "text/plain;q=0.01, text/xml;q=0.1",
            "text/plain;q=0.999, text/xml", "text/plain;q=0.999, text/xml;q=1", "text/plain;q=0.5, text/xml;q=1.0"
        }) {
            System.out.println("Accept: " + accept + ": " + new ValueParser(accept).list());
        }
        for (String type : new String[] {"text/xml; charset=utf-8", "text/xml; charset=\"utf-8\""}) {
            System.out.println(type + ": " + new ContentParser(type).getCharset());
        }
        for (String uri : new String[] {
            "http://ucupdates:8080/logs/today", "http://phone:1234@ucupdates:8080/logs/today",
            "http://ucupdates/logs%2Ftoday"
        }) {
            AddressParser address = new AddressParser(uri);
            System.out.println(uri + ": " + address.getDomain() + ", " + address.getPort() + ", " + address.getPath());
        }
    }
}
JAVA
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
