#!/usr/bin/env bash
# ruby-packetfu 1.1.11 (Debian 12) takes the padding of a frame for data, and options of IP for the header of TCP.
#
# Expected: RFC 894: padding up to Ethernet's least length is no part of the IP packet, whose header has the length of
# all of it (RFC 791, section 3.1), and its own, which is more than 20 octets where there are options. The length in a
# UDP header counts the octets of the datagram (RFC 768).
# Seen: an acknowledgement without data has 6 octets of it, and a UDP datagram those behind its end. With an option of
# IP, the ports are the first octets of the option, and the TCP header is data. No error is raised.
# Who meets it: whoever counts with it what phones and server sent each other, or looks for what was not answered.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    ruby-packetfu=1.1.11-2.1 ruby-pcaprub=0.12.4-1+b9 libpcap0.8=1.10.3-1 \
    ruby3.1=3.1.7+really3.1.2-0+deb12u1 libruby3.1=3.1.7+really3.1.2-0+deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
lib=$PWD/usr/lib
export RUBYLIB=$lib/ruby/3.1.0:$lib/x86_64-linux-gnu/ruby/3.1.0:$lib/ruby/vendor_ruby
export RUBYLIB=$RUBYLIB:$lib/x86_64-linux-gnu/ruby/vendor_ruby/3.1.0
run() { usr/bin/ruby3.1 --disable-gems -; }

expected=$(
    cat <<'TEXT'
TCP, no data: from port 4000 to 80, 6 octets of data
TCP, 3 octets: from port 4000 to 80, 6 octets of data
TCP, 40 octets: from port 4000 to 80, 40 octets of data
UDP, 3 octets: from port 4000 to 53, 18 octets of data
TCP, 40 octets behind an option of IP: from port 37892 to 0, 64 octets of data
TEXT
)
seen=$(
    run <<'RB'
require 'packetfu'

ETHERNET = ['0004f20000070004f20000010800'].pack('H*')
ADDRESSES = [192, 0, 2, 7, 192, 0, 2, 81].pack('C8')

def show(title, protocol, inner, options = '')
  octets = 20 + options.size
  head = [0x40 | octets / 4, 0, octets + inner.size, 1, 0x4000, 64, protocol, 0].pack('CCnnnCCn')
  packet = PacketFu::Packet.parse((ETHERNET + head + ADDRESSES + options + inner).ljust(60, "\0"))
  ports = packet.is_tcp? ? [packet.tcp_src, packet.tcp_dst] : [packet.udp_src, packet.udp_dst]
  puts "#{title}: from port #{ports[0]} to #{ports[1]}, #{packet.payload.size} octets of data"
end

tcp = [4000, 80, 1, 2, 0x5010, 1024, 0, 0].pack('nnNNn4')
show('TCP, no data', 6, tcp)
show('TCP, 3 octets', 6, "#{tcp}abc")
show('TCP, 40 octets', 6, tcp + 'a' * 40)
show('UDP, 3 octets', 17, "#{[4000, 53, 11, 0].pack('n4')}abc")
show('TCP, 40 octets behind an option of IP', 6, tcp + 'a' * 40, [0x94040000].pack('N'))
RB
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
