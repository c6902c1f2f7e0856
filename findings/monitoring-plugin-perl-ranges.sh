#!/usr/bin/env bash
# libmonitoring-plugin-perl 0.40 (Debian 12) drops both limits of performance data where one is a range with @.
#
# Expected: the Monitoring Plugins Development Guidelines, performance data and thresholds: both limits are ranges, and
# "@" before one says that values inside are meant; a label may hold a quotation mark, written twice.
# Seen: where one of two limits begins with "@", both are gone, and so is the maximum; "~:4" beside "2" stays. A
# metric whose label has a quotation mark is gone. No error is raised.
# Who meets it: whoever reads with it what several checks print, to draw or to judge it again.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libmonitoring-plugin-perl=0.40-1 libmath-calc-units-perl=1.07-2.1 \
    libparams-validate-perl=1.31-1 libclass-accessor-perl=0.51-2 \
    libconfig-tiny-perl=2.28-2 libmodule-implementation-perl=0.09-2 \
    libmodule-runtime-perl=0.016-2 libtry-tiny-perl=0.31-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { perl -; }

expected=$(
    cat <<'TEXT'
dns=3s;2;4;0;9 dhcp=1s -> [dns 3 warn 2 crit 4 max 9] [dhcp 1 warn none crit none max none]
dns=3s;2;~:4;0;9 dhcp=1s -> [dns 3 warn 2 crit ~:4 max 9] [dhcp 1 warn none crit none max none]
dns=3s;2;@4:6;0;9 dhcp=1s -> [dns 3 warn 2 crit none max none] [dhcp 1 warn none crit none max none]
dns=3s;@2:3;4;0;9 dhcp=1s -> [dns 3 warn none crit none max none] [dhcp 1 warn none crit none max none]
'it''s'=3s;2 dhcp=1s -> [dhcp 1 warn none crit none max none]
TEXT
)
seen=$(
    run <<'PL'
use strict;
use warnings;
use lib 'usr/share/perl5', glob 'usr/lib/x86_64-linux-gnu/perl5/5.*';
use Monitoring::Plugin::Performance;

for my $first ('dns=3s;2;4;0;9', 'dns=3s;2;~:4;0;9', 'dns=3s;2;@4:6;0;9', 'dns=3s;@2:3;4;0;9', "'it''s'=3s;2") {
    my $text = "$first dhcp=1s";
    my @read = Monitoring::Plugin::Performance->parse_perfstring($text);
    print "$text ->", map({ sprintf ' [%s %s warn %s crit %s max %s]', $_->label, $_->value,
        map { $_ // 'none' } $_->warning, $_->critical, $_->max } @read), "\n";
}
PL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
