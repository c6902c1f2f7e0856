#!/usr/bin/env bash
# rtp.js 0.15.5 (npm) refuses the reports of Lync's clients, which have an extension of their profile.
#
# Expected: RFC 3550, section 6.4.3: a profile may append data to a sender report or a receiver report, behind its
# blocks; the length of the packet tells where they end. MS-RTP, section 2.2.11: Lync's clients append extensions of
# their profile there.
# Seen: the extension is "parsed length does not match view length": neither the report nor the compound packet that
# begins with it can be read. Without it both are read.
# Who meets it: whoever shows the quality of calls of Lync Phone Edition or of Lync's clients.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts rtp.js@0.15.5 >&2 || {
    echo "could not install rtp.js@0.15.5" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
sender report, plain: loss of 64 in 256
receiver report, plain: loss of 64 in 256
compound packet, plain: loss of 64 in 256
sender report, with an extension: parsed length (52 bytes) does not match view length (64 bytes)
receiver report, with an extension: parsed length (32 bytes) does not match view length (44 bytes)
compound packet, with an extension: parsed length (32 bytes) does not match view length (44 bytes)
TEXT
)
seen=$(
    run <<'JS'
const { SenderReportPacket, ReceiverReportPacket, CompoundPacket } = require("rtp.js/packets");

const view = (...words) => new DataView(Uint8Array.from(Buffer.from(words.join(""), "hex")).buffer);
const block = ["22222222", "40000001", "00010002", "00000010", "b7052000", "00050400"];
const info = ["e8000000", "80000000", "00000100", "00000010", "00001000"];
const extension = ["0001000c", "00000000", "00030d40"];
const length = (words) => words.toString(16).padStart(4, "0");
const packet = (kind, words) => [`81${kind}${length(1 + words.length)}`, "11111111", ...words];
const names = packet("ca", ["0106", "6378373030", "40", "00000000"]);
names[0] = "81ca0004";

function show(what, read) {
  try {
    const report = read();
    console.log(`${what}: loss of ${(report.packets ? report.packets[0] : report).reports[0].fractionLost} in 256`);
  } catch (error) {
    console.log(`${what}: ${error.message}`);
  }
}
for (const [what, more] of [["plain", []], ["with an extension", extension]]) {
  const sender = packet("c8", [...info, ...block, ...more]);
  const receiver = packet("c9", [...block, ...more]);
  show(`sender report, ${what}`, () => new SenderReportPacket(view(...sender)).dump());
  show(`receiver report, ${what}`, () => new ReceiverReportPacket(view(...receiver)).dump());
  show(`compound packet, ${what}`, () => new CompoundPacket(view(...receiver, ...names)).dump());
}
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
