#!/usr/bin/env bash
# libkf5calendarcore 5.103.0 (Debian 12) has what is hourly begin long before its start.
#
# Expected: RFC 5545, section 3.8.5.3: DTSTART is the first time of a rule, and counts as one of those of COUNT; none is
# before it. So it is in this library for rules by days, weeks, months and years.
# Seen: with FREQ=HOURLY, MINUTELY and SECONDLY, Recurrence::timesInInterval() has times from the beginning of the
# interval on, whether the rule has begun or not, and adds them to those of COUNT. The end of a rule is kept.
# Who meets it: whoever keeps hours of maintenance, or a check each six hours, in a calendar of KDE.
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
FREQ=DAILY from 30 Nov 09:00
  from 29 Nov: 30 Nov 09:00, 01 Dec 09:00, 02 Dec 09:00, 8 in 9 days
FREQ=DAILY;COUNT=3 from 30 Nov 09:00
  from 29 Nov: 30 Nov 09:00, 01 Dec 09:00, 02 Dec 09:00, 3 in 9 days
FREQ=HOURLY;INTERVAL=12 from 30 Nov 09:00
  from 29 Nov: 29 Nov 09:00, 29 Nov 21:00, 30 Nov 09:00, 18 in 9 days
FREQ=HOURLY;INTERVAL=12;COUNT=3 from 30 Nov 09:00
  from 29 Nov: 29 Nov 09:00, 29 Nov 21:00, 30 Nov 09:00, 5 in 9 days
FREQ=MINUTELY;INTERVAL=720 from 30 Nov 09:00
  from 29 Nov: 29 Nov 09:00, 29 Nov 21:00, 30 Nov 09:00, 18 in 9 days
TEXT
)
seen=$(
    run <<'CPP'
#include <KCalendarCore/ICalFormat>
#include <KCalendarCore/Recurrence>
#include <QTimeZone>
#include <cstdio>

using namespace KCalendarCore;

static QByteArray text_of(const QDateTime &moment) {
    return QLocale::c().toString(moment, "dd MMM hh:mm").toUtf8();
}

int main() {
    const QDateTime start(QDate(2026, 11, 30), QTime(9, 0), QTimeZone::utc());
    for (const char *text : {"FREQ=DAILY", "FREQ=DAILY;COUNT=3", "FREQ=HOURLY;INTERVAL=12",
                             "FREQ=HOURLY;INTERVAL=12;COUNT=3", "FREQ=MINUTELY;INTERVAL=720"}) {
        auto *rule = new RecurrenceRule;
        ICalFormat().fromString(rule, QString::fromLatin1(text));
        rule->setStartDt(start);
        Recurrence recurrence;
        recurrence.setStartDateTime(start, false);
        recurrence.addRRule(rule);
        printf("%s from %s\n  from 29 Nov", text, text_of(start).constData());
        const char *separator = ": ";
        const QDateTime from(QDate(2026, 11, 29), QTime(0, 0), QTimeZone::utc());
        const auto moments = recurrence.timesInInterval(from, from.addDays(9));
        for (const QDateTime &moment : moments.mid(0, 3)) {
            printf("%s%s", separator, text_of(moment).constData());
            separator = ", ";
        }
        printf(", %d in 9 days\n", int(moments.size()));
    }
}
CPP
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
