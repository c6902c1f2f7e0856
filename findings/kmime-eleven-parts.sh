#!/usr/bin/env bash
# libkf5mime 22.12.3 (Debian 12) puts the eleventh part of a file's name behind the second, and mails to another host.
#
# Expected: RFC 2231, section 3: a long parameter comes in parts, name*0, name*1 and so on, which are joined in the
# order of their numbers; they "MUST NOT have leading zeroes", so name*10 follows name*9. RFC 5321, section 4.1.3: an
# address of a host stands in brackets, phone@[192.0.2.1]; without them it is a name, here one that cannot exist.
# Seen: the parts are joined in the order of their numbers as text: 0, 1, 10, 11, 2. Ten parts are right. Brackets
# around an address are dropped, and it is written so when the mail is sent on.
# Who meets it: whoever gets a log file with a long name in Cyrillic or Chinese letters by KMail, or mails to a device.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libkf5mime-dev=22.12.3-1 libkf5mime5abi1=22.12.3-1 libkf5codecs-dev=5.103.0-1 libkf5codecs5=5.103.0-1 \
    libkf5i18n5=5.103.0-1 qtbase5-dev=5.15.8+dfsg-11+deb12u3 libqt5core5a=5.15.8+dfsg-11+deb12u3 \
    libdouble-conversion3=3.2.1-1 libpcre2-16-0=10.42-1+deb12u2 libicu72=72.1-3+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu QT_LOGGING_RULES='*=false'
qt=usr/include/x86_64-linux-gnu/qt5 kf=usr/include/KF5
run() {
    g++ -x c++ -fPIC -w -I"$kf/KMime" -I"$kf/KMime/kmime" -I"$kf/KCodecs" -I"$kf" -I"$qt" -I"$qt/QtCore" - -o main \
        "-Wl,-rpath-link,$LD_LIBRARY_PATH" -x none "$LD_LIBRARY_PATH"/lib{KF5Mime.so.5abi1,KF5Codecs.so.5,Qt5Core.so.5}
    ./main
}

expected=$(
    cat <<'TEXT'
10 parts: abcdefghij.log
11 parts: abk.logcdefghij
12 parts: abkl.logcdefghij
phone@[192.0.2.1]: phone@192.0.2.1, written phone@192.0.2.1
phone@[IPv6:2001:db8::1]: phone@IPv6:2001:db8::1, written phone@IPv6:2001:db8::1
TEXT
)
seen=$(
    run <<'CPP'
#include <KMime/Headers>
#include <cstdio>

int main() {
    for (int count = 10; count <= 12; count++) {
        QByteArray text = "attachment";
        for (int part = 0; part < count; part++) {
            const char letter = 'a' + part;
            const char *end = part + 1 < count ? "" : ".log";
            text += "; filename*" + QByteArray::number(part) + "=\"" + letter + end + "\"";
        }
        KMime::Headers::ContentDisposition disposition;
        disposition.from7BitString(text);
        printf("%d parts: %s\n", count, qPrintable(disposition.filename()));
    }
    for (const char *address : {"phone@[192.0.2.1]", "phone@[IPv6:2001:db8::1]"}) {
        KMime::Headers::To to;
        to.from7BitString(QByteArray(address));
        const QByteArray written = to.as7BitString(false);
        printf("%s: %s, written %s\n", address, to.addresses().constFirst().constData(), written.constData());
    }
}
CPP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
