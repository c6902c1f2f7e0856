#!/usr/bin/env bash
# libhttp-parser-perl 0.06 (Debian 12) reads the status 200 as 1 where no reason follows it.
#
# Expected: RFC 9112, section 4: a server sends the blank behind the status code also where it gives no reason, and a
# client ignores the reason; section 7.1.2: fields may follow the last chunk; section 3.2.1: a target begins with "/".
# Seen: code and message of such an answer are 1; a field behind the last chunk is refused; the target
# /RequestHandlerExt/ucdevice.upx is given as ///RequestHandlerExt/ucdevice.upx.
# Who meets it: whoever reads with it what a proxy or a load balancer answered, of which many give no reason.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libhttp-parser-perl=0.06-4 libhttp-message-perl=6.44-1 \
    libclone-perl=0.46-1 libio-html-perl=1.004-3 \
    liburi-perl=5.17-1 liblwp-mediatypes-perl=6.04-2 \
    libhttp-date-perl=6.05-2 libtimedate-perl=2.3300-2 \
    libencode-locale-perl=1.05-3 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { perl -; }

expected=$(
    cat <<'TEXT'
'200 OK' left 0: code 200, message OK
'200 ' left 0: code 1, message 1
'404 Not Found' left 0: code 404, message Not Found
'404 ' left 0: code 1, message 1
///RequestHandlerExt/ucdevice.upx hello, left: 0
///RequestHandlerExt/ucdevice.upx hello, left: bad header name in ''
TEXT
)
seen=$(
    run <<'PL'
use strict;
use warnings;
use lib 'usr/share/perl5', glob 'usr/lib/x86_64-linux-gnu/perl5/5.*';
use HTTP::Parser;

for my $status ('200 OK', '200 ', '404 Not Found', '404 ') {
    my $parser = HTTP::Parser->new(response => 1);
    my $left = $parser->add("HTTP/1.1 $status\r\nContent-Length: 2\r\n\r\nhi");
    print "'$status' left $left: code ", $parser->object->code, ', message ', $parser->object->message, "\n";
}
my $head = "POST /RequestHandlerExt/ucdevice.upx HTTP/1.1\r\nHost: contoso.com\r\nTransfer-Encoding: chunked\r\n\r\n";
for my $trailer ('', "Date: Sat, 28 Nov 2026 10:00:00 GMT\r\n") {
    my $parser = HTTP::Parser->new(request => 1);
    my $left = eval { $parser->add("${head}5\r\nhello\r\n0\r\n$trailer\r\n") } // ($@ =~ s/ at .*//sr);
    print $parser->request->uri, ' ', $parser->request->content, ", left: $left\n";
}
PL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
