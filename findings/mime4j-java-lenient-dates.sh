#!/usr/bin/env bash
# libapache-mime4j-java 0.8.2 (Debian 12) gives no date in its lenient way where the strict one reads it.
#
# Expected: what a strict parser takes, a lenient one takes, too. RFC 5322, section 3.3: seconds may be left out;
# section 4.3: UT is +0000.
# Seen: DateTimeFieldLenientImpl gives null for a date without seconds, and for one in UT; DateTimeFieldImpl reads both.
# A message that DefaultMessageBuilder reads has no date then, unless its MimeConfig is the strict one.
# Who meets it: whoever sorts mails of devices and of monitoring with it: they have no date.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libapache-mime4j-java=0.8.2-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { cat >Dates.java && java -XX:TieredStopAtLevel=1 -cp 'usr/share/java/*' Dates.java; }

expected=$(
    cat <<'TEXT'
Mon, 30 Nov 2026 10:00:00 GMT
  lenient: 2026-11-30T10:00:00Z
  strict: 2026-11-30T10:00:00Z
  of a message: 2026-11-30T10:00:00Z
Mon, 30 Nov 2026 10:00:00 +0100
  lenient: 2026-11-30T09:00:00Z
  strict: 2026-11-30T09:00:00Z
  of a message: 2026-11-30T09:00:00Z
Mon, 30 Nov 2026 10:00 GMT
  lenient: none
  strict: 2026-11-30T10:00:00Z
  of a message: none
Mon, 30 Nov 2026 10:00 +0100
  lenient: none
  strict: 2026-11-30T09:00:00Z
  of a message: none
Mon, 30 Nov 2026 10:00:00 UT
  lenient: none
  strict: 2026-11-30T10:00:00Z
  of a message: none
TEXT
)
seen=$(
    run <<'JAVA'
import java.io.ByteArrayInputStream;
import java.util.Date;
import org.apache.james.mime4j.dom.field.DateTimeField;
import org.apache.james.mime4j.field.DateTimeFieldImpl;
import org.apache.james.mime4j.field.DateTimeFieldLenientImpl;
import org.apache.james.mime4j.message.DefaultMessageBuilder;
import org.apache.james.mime4j.stream.RawField;

public class Dates {
    static String date(DateTimeField field) {
        Date date = field.getDate();
        return date == null ? "none" : date.toInstant().toString();
    }

    public static void main(String[] arguments) throws Exception {
        for (String text : new String[] {
            "Mon, 30 Nov 2026 10:00:00 GMT",
            "Mon, 30 Nov 2026 10:00:00 +0100",
            "Mon, 30 Nov 2026 10:00 GMT",
            "Mon, 30 Nov 2026 10:00 +0100",
            "Mon, 30 Nov 2026 10:00:00 UT",
        }) {
            RawField field = new RawField("Date", text);
            System.out.println(text);
            System.out.println("  lenient: " + date(DateTimeFieldLenientImpl.PARSER.parse(field, null)));
            System.out.println("  strict: " + date(DateTimeFieldImpl.PARSER.parse(field, null)));
            byte[] message = ("Date: " + text + "\r\n\r\n").getBytes();
            Date date = new DefaultMessageBuilder().parseMessage(new ByteArrayInputStream(message)).getDate();
            System.out.println("  of a message: " + (date == null ? "none" : date.toInstant().toString()));
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
