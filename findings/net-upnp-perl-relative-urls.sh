#!/usr/bin/env bash
# libnet-upnp-perl 1.4.6 (Debian 12) asks no device whose control URL is relative, or another path.
#
# Expected: UPnP Device Architecture 1.0, section 2.1: URLs in a description are relative to URLBase or to the place of
# the description, by the rules of RFC 3986, section 5.2: "ctl" beside /upnp/desc.xml is /upnp/ctl, "/ctl" is /ctl
# whatever the base. In XML "&" is written as "&amp;", and there are &apos; and numbers of characters (XML 1.0, sections
# 2.4, 4.1).
# Seen: "ctl" is put behind the port without a slash, and no request goes out: the status is 0. URLBase is put in front
# of what begins with a slash as well. Values are written as they are, an ü as one octet of what is declared as UTF-8;
# in answers &apos; and numbers stay.
# Who meets it: whoever asks a gateway with it for its address or port mappings, or a phone that is a UPnP device.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libnet-upnp-perl=1.4.6-2 >&2 || {
    echo "could not download the package" >&2
    exit 2
}
dpkg -x ./*.deb .
run() { perl -Iusr/share/perl5 -; }

expected=$(
    cat <<'TEXT'
description http://phone/desc.xml, control /ctl: 200
   POST /ctl HTTP/1.0, Name: 50 68 6f 6e 65
   answer: Anna&apos;s phone &#38; others & more
description http://phone/desc.xml, control ctl: 0
   no request
description http://phone/upnp/desc.xml, control ctl: 0
   no request
description http://phone/upnp/desc.xml, base http://phone/upnp/, control /ctl: 200
   POST /upnp/ctl HTTP/1.0, Name: 50 68 6f 6e 65
description http://phone/upnp/desc.xml, base http://phone/upnp/desc.xml, control /ctl: 200
   POST /upnp/desc.xml/ctl HTTP/1.0, Name: 50 68 6f 6e 65
description http://phone/desc.xml, control /ctl: 200
   POST /ctl HTTP/1.0, Name: 41 20 26 20 fc
TEXT
)
seen=$(
    run <<'PERL'
use strict;
use warnings;
use IO::Socket::INET;
use Net::UPnP::Device;

my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5) or die;
my $base = 'http://127.0.0.1:' . $server->sockport;
my $answer = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><u:GetResponse xmlns:u="x">'
    . '<Name>Anna&apos;s phone &#38; others &amp; more</Name></u:GetResponse></s:Body></s:Envelope>';
pipe(my $reader, my $writer);
my $child = fork // die;
if (!$child) {
    while (my $client = $server->accept) {
        local $/ = "\r\n\r\n";
        my ($line, $length) = <$client> =~ /^(.*?)\r\n.*Content-Length: (\d+)/s;
        read $client, my $body, $length;
        my ($name) = $body =~ m{<Name>(.*)</Name>};
        syswrite $writer, "$line, Name: " . join(' ', map { sprintf '%02x', ord } split //, $name) . "\n";
        print $client "HTTP/1.1 200 OK\r\nContent-Length: " . length($answer) . "\r\n\r\n$answer";
    }
    exit;
}

sub show {
    my ($location, $control, $name, $url_base) = @_;
    my $device = Net::UPnP::Device->new;
    $device->setssdp("HTTP/1.1 200 OK\r\nLOCATION: $location\r\n\r\n");
    $device->setdescription('<root>' . ($url_base ? "<URLBase>$url_base</URLBase>" : '')
        . "<device><serviceList><service><serviceType>x</serviceType><controlURL>$control</controlURL></service>"
        . '</serviceList></device></root>');
    my $result = ($device->getservicelist)[0]->postaction('Set', { Name => $name });
    s/\Q$base\E/http:\/\/phone/ for $location, $url_base // ();
    print "description $location", $url_base ? ", base $url_base" : '', ", control $control: ";
    print $result->getstatuscode, "\n   ", $result->getstatuscode ? scalar <$reader> : "no request\n";
    return $result;
}

my $result = show("$base/desc.xml", '/ctl', 'Phone');
print '   answer: ', $result->getargumentlist->{Name}, "\n";
show("$base/desc.xml", 'ctl', 'Phone');
show("$base/upnp/desc.xml", 'ctl', 'Phone');
show("$base/upnp/desc.xml", '/ctl', 'Phone', "$base/upnp/");
show("$base/upnp/desc.xml", '/ctl', 'Phone', "$base/upnp/desc.xml");
show("$base/desc.xml", '/ctl', "A & \xfc");
kill 'TERM', $child;
PERL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
