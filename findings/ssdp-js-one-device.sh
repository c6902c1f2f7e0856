#!/usr/bin/env bash
# ssdp-js 1.0.1 (npm) finds one device at an address, and never again.
#
# Expected: UPnP Device Architecture 1.1, section 1.3.3: each device and service of a host answers with a USN of its
# own, which says who it is; section 1.2.2: one that comes again with another LOCATION has moved.
# Seen: of each address the first answer counts; all that follow, whatever their USN, are dropped for as long as the
# program runs. Two servers on one host, or a gateway with several devices, are one.
# Who meets it: whoever looks with it for gateways and provisioning servers, of which several share a machine.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    ssdp-js@1.0.1 >&2 || {
    echo "could not install ssdp-js@1.0.1" >&2
    exit 2
}
run() { unshare -rn bash -c "ip link set lo up multicast on && ip route add 224.0.0.0/4 dev lo && exec node -"; }

expected=$(
    cat <<'TEXT'
found gateway at 127.0.0.1
found printer at 127.0.0.2
TEXT
)
seen=$(
    run <<'JS'
const dgram = require("dgram");
const SSDP = require("ssdp-js/ssdp");

const answer = (usn) =>
  ["HTTP/1.1 200 OK", `LOCATION: http://h/${usn}.xml`, `USN: ${usn}`, "ST: upnp:rootdevice", "", ""].join("\r\n");
const finder = new SSDP(3335);
finder.onResponse((headers, { address }) => console.log(`found ${headers.USN} at ${address}`));
const sockets = ["127.0.0.1", "127.0.0.2"].map((address) => {
  const socket = dgram.createSocket("udp4");
  socket.bind(0, address);
  return socket;
});
const later = (time, action) => setTimeout(action, time);
later(300, () => {
  sockets[0].send(answer("gateway"), 3335, "127.0.0.1");
  later(100, () => sockets[0].send(answer("phone-server"), 3335, "127.0.0.1"));
  later(200, () => sockets[1].send(answer("printer"), 3335, "127.0.0.1"));
  later(300, () => sockets[0].send(answer("gateway-with-a-new-place"), 3335, "127.0.0.1"));
  later(600, () => process.exit());
});
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
