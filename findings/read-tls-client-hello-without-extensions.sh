#!/usr/bin/env bash
# read-tls-client-hello 2.0.0 (npm) cannot read the hello of a TLS client that has no extensions.
#
# Expected: extensions are there if there are octets behind the compression methods, and a client need not have any
# (RFC 5246, section 7.4.1.2; RFC 2246, section 7.4.1.2, has none at all).
# Seen: two more octets are waited for, and the error says that the stream was closed, although the record and the
# message are whole. With an empty list of extensions the same hello is read.
# Who meets it: whoever wants to know which versions and suites old phones offer, which is where there are such hellos.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    read-tls-client-hello@2.0.0 >&2 || {
    echo "could not install read-tls-client-hello@2.0.0" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
an empty list: version 769, suites 47,53
none: Stream closed before expected data could be read
TEXT
)
seen=$(
    run <<'JS'
const { PassThrough } = require("node:stream");
const { readTlsClientHello } = require("read-tls-client-hello");

function hello(extensions) {
  const suites = Buffer.from([0, 4, 0, 0x2f, 0, 0x35]);
  const head = Buffer.concat([Buffer.from([3, 1]), Buffer.alloc(32, 7), Buffer.from([0])]);
  const body = Buffer.concat([head, suites, Buffer.from([1, 0]), extensions]);
  const message = Buffer.concat([Buffer.from([1, 0, 0, body.length]), body]);
  return Buffer.concat([Buffer.from([0x16, 3, 1, 0, message.length]), message]);
}
(async () => {
  for (const [kind, extensions] of [["an empty list", Buffer.from([0, 0])], ["none", Buffer.alloc(0)]]) {
    const stream = new PassThrough();
    stream.write(hello(extensions));
    try {
      const { version, cipherSuites } = await readTlsClientHello(stream);
      console.log(`${kind}: version ${version}, suites ${cipherSuites}`);
    } catch (error) {
      console.log(`${kind}: ${error.message}`);
    }
  }
})();
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
