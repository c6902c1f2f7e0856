#!/usr/bin/env bash
# libnetty-java 4.1.48 (Debian 12) reads a text as ISO-8859-1 where the name of its charset stands in quotes.
#
# Expected: RFC 9110, section 5.6.6: a parameter's value may be a token or a quoted string, which mean the same; section
# 8.3.1 shows charset=utf-8 and charset="utf-8" as equal.
# Seen: HttpUtil.getCharset() takes the quotes for part of the name, knows no such charset, and gives the default,
# without an error. HttpUtil.getCharsetAsSequence() gives the name with its quotes.
# Who meets it: whoever takes part in SOAP with it: the examples of SOAP 1.1 have the charset in quotes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libnetty-java=1:4.1.48-7+deb12u2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { cat >Charsets.java && java -XX:TieredStopAtLevel=1 -cp 'usr/share/java/*' Charsets.java; }

expected=$(
    cat <<'TEXT'
text/xml; charset=utf-8: UTF-8, named utf-8, 5 characters
text/xml; charset="utf-8": ISO-8859-1, named "utf-8", 6 characters
text/xml; charset=UTF-8; action="a": UTF-8, named UTF-8, 5 characters
text/xml; charset="UTF-8"; action="a": ISO-8859-1, named "UTF-8", 6 characters
TEXT
)
seen=$(
    run <<'JAVA'
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;

public class Charsets {
    public static void main(String[] arguments) {
        byte[] body = {'K', (byte) 0xc3, (byte) 0xb6, 'l', 'l', 'n'};
        for (String type : new String[] {
            "text/xml; charset=utf-8",
            "text/xml; charset=\"utf-8\"",
            "text/xml; charset=UTF-8; action=\"a\"",
            "text/xml; charset=\"UTF-8\"; action=\"a\"",
        }) {
            DefaultHttpResponse answer = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
            answer.headers().set("Content-Type", type);
            System.out.print(type + ": " + HttpUtil.getCharset(answer));
            System.out.print(", named " + HttpUtil.getCharsetAsSequence(answer) + ", ");
            System.out.println(new String(body, HttpUtil.getCharset(answer)).length() + " characters");
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
