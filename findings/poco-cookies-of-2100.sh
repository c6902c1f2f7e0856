#!/usr/bin/env bash
# poco 1.11.0 (Debian 12) takes a cookie that is kept until 2100 for one that ended long ago, and writes it so.
#
# Expected: RFC 6265, section 5.2.1: Expires gives a date, of any year from 1601 on; a cookie is kept until then. That
# of a session that shall not end is often as far off as can be. Poco's HTTPCookie turns it into seconds from now
# (getMaxAge).
# Seen: the seconds are cut to 32 bits. A date more than 68 years off gives a negative number, and toString writes a
# year in the past. No exception is raised. A date in 60 years is right.
# Who meets it: whoever passes on the cookies of a server, or keeps them, where one of these ends in 2100.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libpoco-dev=1.11.0-3+deb12u1 libpocofoundation80=1.11.0-3+deb12u1 libpoconet80=1.11.0-3+deb12u1 \
    libpcre3=2:8.39-15 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu:$PWD/lib/x86_64-linux-gnu
options=(-w -Iusr/include -Lusr/lib/x86_64-linux-gnu -lPocoNet -lPocoFoundation -Wl,-rpath-link,lib/x86_64-linux-gnu)
run() { cat >main.cpp && g++ main.cpp -o main "${options[@]}" && ./main; }

expected=$(
    cat <<'TEXT'
in 1 years: max age positive, written in the future
in 60 years: max age positive, written in the future
in 70 years: max age negative, written in the past
in 74 years: max age negative, written in the past
TEXT
)
seen=$(
    run <<'CPP'
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Net/HTTPCookie.h>
#include <Poco/Net/NameValueCollection.h>
#include <Poco/Timespan.h>

#include <iostream>

using namespace Poco;

int main() {
    for (int years : {1, 60, 70, 74}) {
        Timestamp end = Timestamp() + Timespan(years * 365, 0, 0, 0, 0);
        Net::NameValueCollection fields;
        fields.set("session", "1");
        fields.set("Expires", DateTimeFormatter::format(end, DateTimeFormat::HTTP_FORMAT));
        Net::HTTPCookie cookie(fields);
        std::string text = cookie.toString();
        int year = std::stoi(text.substr(text.find("expires=") + 20, 4));
        int age = cookie.getMaxAge();
        std::cout << "in " << years << " years: max age " << (age < 0 ? "negative" : "positive");
        std::cout << ", written " << (year < DateTime().year() ? "in the past" : "in the future") << "\n";
    }
}
CPP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
