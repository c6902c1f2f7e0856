#!/usr/bin/env bash
# libnet-tftpd-perl 0.10 (Debian 12) leaves a block out of a long upload, and breaks one off where a block comes twice.
#
# Expected: RFC 1350, section 2: whoever misses an acknowledgement sends its block again, so a block may come twice, and
# is acknowledged again. A number of 16 bits goes from 65535 to 0 where there are more blocks; a comment in the
# module says that it supports them.
# Seen: block 0 behind 65535 is acknowledged and counted, and not written: of 65539 blocks there are 65538 in the file,
# and processRQ says that all went well. A block that comes twice ends the upload with an error.
# Who meets it: whoever takes logs or firmware of devices with it: a file of more than 32 MiB in blocks of 512 octets
# has 512 octets too few.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libnet-tftpd-perl=0.10-3 >&2 || {
    echo "could not download the package" >&2
    exit 2
}
dpkg -x ./*.deb .
run() { python3 -; }

expected=$(
    cat <<'TEXT'
3 blocks: sent 17 octets, written 17, processRQ said 1
3 blocks, the second twice: sent 17 octets, written 16, processRQ said nothing
65539 blocks: sent 524305 octets, written 524297, processRQ said 1
TEXT
)
seen=$(
    run <<'END'
import os
import socket
import struct
import subprocess

SERVER = """
use strict;
use warnings;
use lib 'usr/share/perl5';
use Net::TFTPd;

my $listener = Net::TFTPd->new(
    LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], RootDir => 'files', Writable => 1, ACKretries => 1, ACKtimeout => 5
) or die Net::TFTPd->error;
$| = 1;
print "ready\\n";
my $request = $listener->waitRQ(20) or die Net::TFTPd->error;
my $said = $request->processRQ;
print defined $said ? $said : 'nothing', "\\n";
"""


def said(case, count, twice=None):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    name = f"log-{count}-{twice}"
    data = bytes(range(8)) * (count - 1) + b"."
    server = subprocess.Popen(
        ["perl", "-e", SERVER, str(port)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    server.stdout.readline()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.sendto(b"\0\2%s\0octet\0blksize\x008\0" % name.encode(), ("127.0.0.1", port))
        _, peer = client.recvfrom(600)
        for number in range(1, count + 1):
            block = struct.pack(">HH", 3, number % 65536) + data[8 * number - 8 : 8 * number]
            for _ in range(2 if number == twice else 1):
                client.sendto(block, peer)
                answer = client.recv(600)
            if answer[1] == 5:
                break
        result = server.communicate(timeout=20)[0].strip()
    print(f"{case}: sent {len(data)} octets, written {os.path.getsize('files/' + name)}, processRQ said {result}")


os.mkdir("files")
said("3 blocks", 3)
said("3 blocks, the second twice", 3, twice=2)
said("65539 blocks", 65539)
END
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
