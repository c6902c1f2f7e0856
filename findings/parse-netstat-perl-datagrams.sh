#!/usr/bin/env bash
# libparse-netstat-perl 0.150 (Debian 12) takes the program of a UDP socket for its state.
#
# Expected: netstat(8) of net-tools: State is empty for UDP, which usually has no states; the columns with process and
# program follow. Its documentation: pid and program are given where netstat shows them (-p).
# Seen: a UDP socket of Linux gets "77/dhcpd" as its state, no pid and no program; without -p the state is missing, as
# it should. TCP sockets and those of Windows are right.
# Who meets it: whoever looks for the program that holds port 67, 69 or 514.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq libparse-netstat-perl=0.150-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export PERL5LIB=$PWD/usr/share/perl5
run() { perl -; }

expected=$(
    cat <<'TEXT'
linux
    tcp 443: state LISTEN, process 12
    udp 67: state 77/dhcpd, process none
    udp 69: state 78/in.tftpd, process none
    udp 50123: state ESTABLISHED, process 79
    udp6 514: state 80/rsyslogd, process none
linux
    tcp 443: state LISTEN, process none
    udp 67: state none, process none
    udp 69: state none, process none
    udp 50123: state ESTABLISHED, process none
    udp6 514: state none, process none
win32
    tcp 443: state LISTENING, process 4
    udp 67: state none, process 1204
TEXT
)
seen=$(
    run <<'PL'
use strict;
use warnings;
use Parse::Netstat qw(parse_netstat);

my $linux = <<'TEXT';
Active Internet connections (servers and established)
Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name
tcp        0      0 0.0.0.0:443             0.0.0.0:*               LISTEN      12/nginx
udp        0      0 0.0.0.0:67              0.0.0.0:*                           77/dhcpd
udp        0      0 0.0.0.0:69              0.0.0.0:*                           78/in.tftpd
udp        0      0 192.0.2.1:50123         192.0.2.2:53            ESTABLISHED 79/named
udp6       0      0 :::514                  :::*                                80/rsyslogd
TEXT
my $windows = <<'TEXT';

Active Connections

  Proto  Local Address          Foreign Address        State           PID
  TCP    0.0.0.0:443            0.0.0.0:0              LISTENING       4
  UDP    0.0.0.0:67             *:*                                    1204
TEXT
for (["linux", $linux], ["linux", $linux =~ s/ *(PID.*|\d+\/\S+)$//mgr], ["win32", $windows]) {
    my ($flavor, $text) = @$_;
    my $connections = parse_netstat(output => $text, flavor => $flavor)->[2]{active_conns};
    print "$flavor\n";
    for my $one (@$connections) {
        print "    $one->{proto} $one->{local_port}: state ", $one->{state} // "none", ", process ",
            $one->{pid} // "none", "\n";
    }
}
PL
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
