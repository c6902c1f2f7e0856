#!/usr/bin/env bash
# libhttp-multipartparser-perl 0.02 (Debian 12) refuses multipart bodies that end with their closing delimiter.
#
# Expected: RFC 2046, section 5.1.1: what follows the closing delimiter may be left out, also its line's end; a part
# needs no header fields, only the empty line behind them; and blanks may stand behind a boundary.
# Seen: each of the three is an error. Where the closing delimiter ends the body, all parts were given before; of a
# part without fields, the first line of its content is taken for a field.
# Who meets it: web servers written in Perl, of which Plack reads forms with it, to which a phone or a script uploads
# logs.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libhttp-multipartparser-perl=0.02-3 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { perl -; }

expected=$(
    cat <<'TEXT'
1 line at the end | fields 1 | body hello
2 no line at the end | fields 1 | body hello | error: End of stream encountered while parsing closing boundary
3 no fields | error: Malformed header line
4 blank | error: Boundary does not terminate with CRLF or hyphens
TEXT
)
seen=$(
    run <<'PL'
use strict;
use warnings;
use lib 'usr/share/perl5';
use HTTP::MultiPartParser;

my $field = 'Content-Disposition: form-data; name="log"';
my %bodies = (
    '1 line at the end'    => "--b1\r\n$field\r\n\r\nhello\r\n--b1--\r\n",
    '2 no line at the end' => "--b1\r\n$field\r\n\r\nhello\r\n--b1--",
    '3 no fields'          => "--b1\r\n\r\nhello\r\n--b1\r\n$field\r\n\r\nsecond\r\n--b1--\r\n",
    '4 blank'              => "--b1 \r\n$field\r\n\r\nhello\r\n--b1--\r\n",
);
for my $name (sort keys %bodies) {
    my @seen;
    my $parser = HTTP::MultiPartParser->new(
        boundary  => 'b1',
        on_header => sub { push @seen, 'fields ' . @{ $_[0] } },
        on_body   => sub { push @seen, "body $_[0]" },
        on_error  => sub { push @seen, "error: $_[0]" },
    );
    $parser->parse($bodies{$name});
    $parser->finish;
    print join(' | ', $name, @seen), "\n";
}
PL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
