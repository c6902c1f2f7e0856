#!/usr/bin/env bash
# libtomcat9-java 9.0.70 (Debian 12) reads no Content-Range of a part of a file whose length is not known.
#
# Expected: RFC 9110, section 14.4: the whole length is a number, or "*" where the sender does not know it; a range that
# cannot be given is "*" before the length, as in a 416.
# Seen: ContentRange.parse() gives null, as for a malformed field, of "bytes 0-499/*" and of "bytes */1234".
# "bytes 0-499", which lacks the length and so is malformed, it takes, and gives -1 for the length.
# Who meets it: whoever sends a file in parts to a servlet with PUT, or reads the parts of an update with the parser.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libtomcat9-java=9.0.70-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { cat >Parts.java && java -XX:TieredStopAtLevel=1 -cp 'usr/share/java/*' Parts.java; }

expected=$(
    cat <<'TEXT'
bytes 0-499/1234: 0 to 499 of 1234
bytes 500-1233/1234: 500 to 1233 of 1234
bytes 0-499/*: none
bytes */1234: none
bytes 0-499: 0 to 499 of -1
TEXT
)
seen=$(
    run <<'JAVA'
import java.io.StringReader;
import org.apache.tomcat.util.http.parser.ContentRange;

public class Parts {
    public static void main(String[] arguments) throws Exception {
        for (String text : new String[] {
            "bytes 0-499/1234", "bytes 500-1233/1234", "bytes 0-499/*", "bytes */1234", "bytes 0-499",
        }) {
            ContentRange range = ContentRange.parse(new StringReader(text));
            System.out.print(text + ": ");
            System.out.println(range == null ? "none"
                : range.getStart() + " to " + range.getEnd() + " of " + range.getLength());
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
