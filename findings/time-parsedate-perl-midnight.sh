#!/usr/bin/env bash
# libtime-parsedate-perl 2015.103 (Debian 12) takes each time in UTC, or west of Greenwich, for midnight of its day.
#
# Expected: RFC 3339, section 5.6: behind the date and time stands "Z", or a plus or minus and an offset. The
# documentation says that the time in seconds is given, or undef where it cannot be read.
# Seen: with a plus, and without an offset, all is well. With "Z" or a minus the date alone is read, and midnight is
# given; the rest of the text comes as a second value, for which a call in scalar context has no place. No error is
# raised; WHOLE gives undef.
# Who meets it: whoever sorts or compares with it times of logs and reports, most of which are in UTC.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libtime-parsedate-perl=2015.103-4 >&2 || {
    echo "could not download the package" >&2
    exit 2
}
dpkg -x ./*.deb .
run() { TZ=UTC perl -Iusr/share/perl5 -; }

expected=$(
    cat <<'TEXT'
2026-01-31T09:30:00: 2026-01-31 09:30:00, WHOLE: read
2026-01-31T09:30:00+00:00: 2026-01-31 09:30:00, WHOLE: read
2026-01-31T09:30:00+05:30: 2026-01-31 04:00:00, WHOLE: read
2026-01-31T09:30:00.500000+00:00: 2026-01-31 09:30:00, WHOLE: read
2026-01-31T09:30:00Z: 2026-01-31 00:00:00, WHOLE: undef
2026-01-31T09:30:00.500000Z: 2026-01-31 00:00:00, WHOLE: undef
2026-01-31T09:30:00-05:00: 2026-01-31 00:00:00, WHOLE: undef
2026-01-31 09:30:00 -0500: 2026-01-31 14:30:00, WHOLE: read
TEXT
)
seen=$(
    run <<'PL'
use strict;
use warnings;
use POSIX 'strftime';
use Time::ParseDate;

for my $text (qw(
    2026-01-31T09:30:00 2026-01-31T09:30:00+00:00 2026-01-31T09:30:00+05:30 2026-01-31T09:30:00.500000+00:00
    2026-01-31T09:30:00Z 2026-01-31T09:30:00.500000Z 2026-01-31T09:30:00-05:00
  ), '2026-01-31 09:30:00 -0500') {
    my $time = parsedate($text);
    my $whole = defined parsedate($text, WHOLE => 1) ? 'read' : 'undef';
    print "$text: ", strftime('%Y-%m-%d %H:%M:%S', gmtime $time), ", WHOLE: $whole\n";
}
PL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
