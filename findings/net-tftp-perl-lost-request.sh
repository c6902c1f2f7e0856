#!/usr/bin/env bash
# libnet-tftp-perl 0.1901 (Debian 12) asks once only, and says that a file of 20 octets is whole after the first 8.
#
# Expected: RFC 1350, section 2: who misses an answer repeats what it sent last. The module has Timeout and Retries for
# it. RFC 2347: names of options may be in any case. Block numbers have 16 bits, and servers go on with 0 behind 65535.
# Seen: a request is repeated to where an answer came from, and so never, as none came: after all retries the server has
# seen one. An acknowledged BLKSIZE is another option than blksize: the client goes on with 512, so that the first block
# of 8 is the last one for it; no error is raised. Behind block 65535 it waits for block 65536.
# Who meets it: whoever fetches a phone's configuration or firmware from a TFTP server by it, over a link that loses the
# first datagram, as one that waits for ARP may.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libnet-tftp-perl=0.1901-3 >&2 || {
    echo "could not download the package" >&2
    exit 2
}
dpkg -x ./*.deb .
run() { perl -Iusr/share/perl5 -; }

expected=$(
    cat <<'TEXT'
nothing lost: done, 20 of 20 octets, 1 request(s)
first request lost: Transfer Timeout, 0 of 20 octets, 1 request(s)
option in capital letters: done, 8 of 20 octets, 1 request(s)
65535 blocks: done, 524276 of 524276 octets, 1 request(s)
65536 blocks: Transfer Timeout, 522240 of 524284 octets, 1 request(s)
TEXT
)
seen=$(
    run <<'PERL'
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Net::TFTP;

# A server that loses the first datagrams, then serves blocks: it counts requests and writes down what it saw.
sub serve {
    my ($lost, $size, $option, $again) = @_;
    my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Proto => 'udp') or die;
    pipe(my $reader, my $writer);
    my $child = fork // die;
    if (!$child) {
        my ($requests, $block) = (0, 0);
        while (IO::Select->new($server)->can_read($again)) {
            my $peer = $server->recv(my $packet, 2048);
            my ($code, $number) = unpack 'nn', $packet;
            if ($code == 1) {
                next if ++$requests <= $lost;
                $server->send(pack('na*', 6, "$option\x008\0"), 0, $peer);
            }
            elsif ($code == 4 && $number == ($block & 0xffff) && $block * 8 <= $size) {
                my $left = $size - $block++ * 8;
                $server->send(pack('nn', 3, $block & 0xffff) . 'x' x ($left < 8 ? $left : 8), 0, $peer);
            }
        }
        syswrite $writer, $requests;
        exit;
    }
    return ($server->sockport, $child, $reader);
}

for my $case (
    ['nothing lost', 0, 20, 'blksize'],
    ['first request lost', 1, 20, 'blksize'],
    ['option in capital letters', 0, 20, 'BLKSIZE'],
    ['65535 blocks', 0, 65534 * 8 + 4, 'blksize'],
    ['65536 blocks', 0, 65535 * 8 + 4, 'blksize'],
) {
    my ($name, $lost, $size, $option) = @$case;
    my ($port, $child, $reader) = serve($lost, $size, $option, 4);
    my %options = (Port => $port, BlockSize => 8, Timeout => 1, Retries => 2, Mode => 'octet');
    my $client = Net::TFTP->new('127.0.0.1', %options);
    my $done = $client->get('a.cab', 'a.cab');
    waitpid $child, 0;
    sysread $reader, my $requests, 10;
    my $seen = $done ? 'done' : $client->error;
    printf "%s: %s, %d of %d octets, %d request(s)\n", $name, $seen, -s 'a.cab', $size, $requests;
}
PERL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
