#!/usr/bin/env bash
# simple-ssdp 1.0.2 (npm) answers for the target ":urn:schemas-upnp-org:device:Basic:1", with a date that is none.
#
# Expected: UPnP Device Architecture 2.0, section 1.3.3: ST is what was searched for, USN is "uuid:...::" and that; DATE
# is a date as in RFC 1123. Section 1.2.2: NT and USN of announcements go together in the same way; section 1.2.3: so
# they do in ssdp:byebye.
# Seen: of the two colons in the USN it cuts off one. The date is what JavaScript prints of one. The root device has no
# identifier in its USN. Whatever ends, ssdp:byebye is about a "DiscoveryService".
# Who meets it: whoever announces a provisioning server with it: a control point compares ST with what it looked for,
# and never hears that a device went.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    simple-ssdp@1.0.2 uuid@8.3.2 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { TZ=UTC node -; }

expected=$(
    cat <<'TEXT'
answer:
   DATE: Mon Nov 30 2026 10:00:00 GMT+0000 (Coordinated Universal Time)
   ST: :urn:schemas-upnp-org:device:Basic:1
   USN: uuid:00005e00-5300-1000-8000-00005e005301::urn:schemas-upnp-org:device:Basic:1
announcement:
   NT: :urn:schemas-upnp-org:device:Basic:1
   USN: uuid:00005e00-5300-1000-8000-00005e005301::urn:schemas-upnp-org:device:Basic:1
announcement of the root device:
   NT: upnp:rootdevice
   USN: upnp:rootdevice
end:
   NT: urn:schemas-upnp-org:service:DiscoveryService:1
   USN: uuid:00005e00-5300-1000-8000-00005e005301::urn:schemas-upnp-org:device:Basic:1
TEXT
)
seen=$(
    run <<'JS'
const { response, notify_alive, notify_bye } = require("simple-ssdp/lib/messages");

const TYPE = "urn:schemas-upnp-org:device:Basic:1";
const UUID = "00005e00-5300-1000-8000-00005e005301";
Date.prototype.toString = ((old) => function () { return old.call(new Date(1796032800000)); })(Date.prototype.toString);
for (const [name, message] of [
  ["answer", response("192.0.2.1:8080/device.xml", `uuid:${UUID}::${TYPE}`, "Gateway", "1.0")],
  ["announcement", notify_alive("192.0.2.1:8080/device.xml", `uuid:${UUID}::${TYPE}`, "Gateway", "1.0")],
  ["announcement of the root device", notify_alive("192.0.2.1:8080/device.xml", "upnp:rootdevice", "Gateway", "1.0")],
  ["end", notify_bye(`uuid:${UUID}::${TYPE}`)],
]) {
  console.log(`${name}:`);
  for (const line of message.split("\r\n").filter((each) => /^(DATE|ST|NT|USN):/.test(each))) console.log(`   ${line}`);
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
