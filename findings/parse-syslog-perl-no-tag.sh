#!/usr/bin/env bash
# libparse-syslog-perl 1.10 (Debian 12) drops a message without a tag, and takes text for the program's name.
#
# Expected: RFC 3164, section 4.1.3: the text may have a tag, of at most 32 letters and digits; any other character
# ends it and begins the content. Section 5.4 has valid messages in which there is none.
# Seen: a text without a colon is "not in syslog format", with a warning, and no message is given. Of others, all up to
# the first colon with a blank behind it is the program. A tag whose colon has none behind it is dropped, too.
# Who meets it: whoever counts with it in a syslog file what devices sent that give no tag.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libparse-syslog-perl=1.10-4 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { perl - 2>warnings; }

expected=$(
    cat <<'TEXT'
phone-1 | update | image loaded
phone-1 | 3 images in 192.0.2.7 | all loaded
phone-1 | image | loaded
WARNING: line not in syslog format: Nov 27 08:00:02 phone-1 Image loaded
WARNING: line not in syslog format: Nov 27 08:00:05 phone-1 update:image loaded
TEXT
)
seen=$(
    run <<'PL'
use strict;
use warnings;
use lib 'usr/share/perl5';
use Parse::Syslog;

open my $file, '>', 'messages' or die;
print {$file} map { "Nov 27 08:00:0$_\n" } (
    '1 phone-1 update: image loaded',
    '2 phone-1 Image loaded',
    '3 phone-1 3 images in 192.0.2.7: all loaded',
    '4 phone-1 image[7]: loaded',
    '5 phone-1 update:image loaded',
);
close $file;
my $log = Parse::Syslog->new('messages', year => 2025, GMT => 1);
while (my $message = $log->next) {
    print join(' | ', @$message{qw(host program text)}), "\n";
}
PL
    cat warnings
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
