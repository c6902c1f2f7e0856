#!/usr/bin/env bash
# libhttp-parser-xs-perl 0.17 (Debian 12) takes a whole URI in a request for its path.
#
# Expected: RFC 9112, section 3.2.2: a server accepts a request whose target is a whole URI, as proxies send it; the
# path of that is what stands behind the host. RFC 9110, section 5.5: blanks around a value are no part of it. RFC
# 9112, section 5.2: a folded value has a blank in place of the line's end.
# Seen: PATH_INFO is all before the question mark. A value keeps the blanks behind it, and of an answer, the line's
# ends.
# Who meets it: web servers written in Perl that answer a phone's request through a proxy.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libhttp-parser-xs-perl=0.17-2+b2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { perl -; }

expected=$(
    cat <<'TEXT'
/update?phone=71: /update | phone=71 | 5   |
http://pool.contoso.com/update?phone=71: http://pool.contoso.com/update | phone=71 | 5   |
answer: text/xml;\n charset=utf-16 | 5   |
TEXT
)
seen=$(
    run <<'PL'
use strict;
use warnings;
use lib glob 'usr/lib/x86_64-linux-gnu/perl5/5.*';
use HTTP::Parser::XS qw(parse_http_request parse_http_response HEADERS_AS_HASHREF);

sub shown { return join ' | ', map { s/\n/\\n/gr } @_ }

for my $target ('/update?phone=71', 'http://pool.contoso.com/update?phone=71') {
    my %seen;
    parse_http_request("POST $target HTTP/1.1\r\nHost: pool.contoso.com\r\nX-Site: 5  \r\n\r\n", \%seen);
    print "$target: ", shown(@seen{qw(PATH_INFO QUERY_STRING HTTP_X_SITE)}), " |", "\n";
}
my $answer = "HTTP/1.1 200 OK\r\nContent-Type: text/xml;\r\n charset=utf-16\r\nX-Site: 5  \r\n\r\n";
my $fields = (parse_http_response($answer, HEADERS_AS_HASHREF))[4];
print 'answer: ', shown(@$fields{qw(content-type x-site)}), " |", "\n";
PL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
