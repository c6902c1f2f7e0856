#!/usr/bin/env bash
# libkf5calendarcore 5.103.0 (Debian 12) never has the last day of a year, and four days of its last week too early.
#
# Expected: RFC 5545, section 3.3.10: BYYEARDAY and BYWEEKNO may be negative: "-1 represents the last day of the year",
# and -1 its last week. The 53rd week of 2026 begins on Monday, 28 December.
# Seen: a negative BYYEARDAY matches no day. With BYDAY, a negative BYWEEKNO matches none either; without, it gives days
# before the last week. The rules are read without an error. The numbers 365 and 53, where they fit, are right, and so
# is a negative day of a month.
# Who meets it: whoever has KDE's calendar announce when the exchange is switched to the next year.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libkf5calendarcore-dev=5:5.103.0-1 libkf5calendarcore5abi2=5:5.103.0-1 libical3=3.0.16-1+b1 \
    qtbase5-dev=5.15.8+dfsg-11+deb12u3 libqt5core5a=5.15.8+dfsg-11+deb12u3 libqt5gui5=5.15.8+dfsg-11+deb12u3 \
    libdouble-conversion3=3.2.1-1 libpcre2-16-0=10.42-1+deb12u2 libicu72=72.1-3+deb12u1 libmd4c0=0.4.8-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu QT_LOGGING_RULES='*=false' TZ=UTC
qt=usr/include/x86_64-linux-gnu/qt5 kf=usr/include/KF5
run() {
    g++ -x c++ -fPIC -w -I"$kf/KCalendarCore" -I"$kf/KCalendarCore/KCalendarCore" -I"$qt" -I"$qt/QtCore" \
        -I"$qt/QtGui" - -o main "-Wl,-rpath-link,$LD_LIBRARY_PATH" -Wl,--unresolved-symbols=ignore-in-shared-libs \
        -x none "$LD_LIBRARY_PATH"/lib{KF5CalendarCore.so.5abi2,Qt5Core.so.5}
    ./main
}

expected=$(
    cat <<'TEXT'
FREQ=MONTHLY;BYMONTHDAY=-1: 30 Nov 2026, 31 Dec 2026, 31 Jan 2027
FREQ=YEARLY;BYYEARDAY=365: 31 Dec 2026, 31 Dec 2027, 30 Dec 2028
FREQ=YEARLY;BYYEARDAY=-1: none
FREQ=YEARLY;BYYEARDAY=1,-1: 01 Jan 2027, 01 Jan 2028, 01 Jan 2029
FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO: 28 Dec 2026, 27 Dec 2032, 28 Dec 2037
FREQ=YEARLY;BYWEEKNO=-1;BYDAY=MO: none
FREQ=YEARLY;BYWEEKNO=-1: 22 Dec 2026, 23 Dec 2026, 24 Dec 2026
TEXT
)
seen=$(
    run <<'CPP'
#include <KCalendarCore/ICalFormat>
#include <KCalendarCore/Recurrence>
#include <QTimeZone>
#include <cstdio>

using namespace KCalendarCore;

int main() {
    const QDateTime start(QDate(2026, 11, 30), QTime(9, 0), QTimeZone::utc());
    for (const char *text : {"FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=YEARLY;BYYEARDAY=365", "FREQ=YEARLY;BYYEARDAY=-1",
                             "FREQ=YEARLY;BYYEARDAY=1,-1", "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO",
                             "FREQ=YEARLY;BYWEEKNO=-1;BYDAY=MO", "FREQ=YEARLY;BYWEEKNO=-1"}) {
        RecurrenceRule rule;
        if (!ICalFormat().fromString(&rule, QString::fromLatin1(text))) return 1;
        rule.setStartDt(start);
        printf("%s:", text);
        QDateTime moment = rule.getNextDate(start.addSecs(-60));
        if (!moment.isValid()) printf(" none");
        for (int count = 0; count < 3 && moment.isValid(); count++) {
            printf("%s %s", count ? "," : "", qPrintable(QLocale::c().toString(moment, "dd MMM yyyy")));
            moment = rule.getNextDate(moment);
        }
        printf("\n");
    }
}
CPP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
