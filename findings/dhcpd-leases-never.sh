#!/usr/bin/env bash
# dhcpd-leases 0.1.2 (npm) refuses a whole lease file because one lease in it never ends.
#
# Expected: dhcpd.leases(5) of ISC DHCP: "If a lease will never expire, date is never", and with "db-time-format local"
# a date is "epoch" and seconds, with the local time as a comment behind it.
# Seen: of both, AssertionError, "lease.ends (date) is required"; the other leases are not to be had either.
# Who meets it: whoever lists the phones of a server that gives BOOTP or reserved clients infinite leases.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    dhcpd-leases@0.1.2 assert-plus@1.0.0 >&2 || {
    echo "could not install dhcpd-leases@0.1.2 assert-plus@1.0.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
192.0.2.7 192.0.2.8
lease.ends (date) is required
lease.ends (date) is required
TEXT
)
seen=$(
    run <<'JS'
const parse = require("dhcpd-leases");

function lease(address, ends) {
  return `lease ${address} {
  starts 5 2025/11/28 08:00:00;
  ends ${ends};
  cltt 5 2025/11/28 08:00:00;
  binding state active;
  next binding state free;
  hardware ethernet 00:04:f2:aa:bb:cc;
}
`;
}

const dated = lease("192.0.2.7", "5 2025/11/28 16:00:00");
for (const ends of ["5 2025/11/28 16:00:00", "never", "epoch 1764345600; # Fri Nov 28 16:00:00 2025"]) {
  try {
    console.log(parse(dated + lease("192.0.2.8", ends)).map((each) => each.ip).join(" "));
  } catch (error) {
    console.log(error.message);
  }
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
