#!/usr/bin/env bash
# @hazae41/asn1 1.3.35 (npm) writes three digits for the year 2000 in a UTCTime.
#
# Expected: X.680, 47.3, and RFC 5280, 4.1.2.5.1: a UTCTime has the two last digits of the year, and 13 characters in
# DER. For 2000 they are 00, and 50 stands for 1950.
# Seen: 1900 is taken off all years up to and with 2000, so that this one is 100, and what it writes has 14 characters.
# Its own reader refuses it, other readers have another month. Reading takes 50 for 2050. What was read keeps its
# bytes, so only what is made from a date is wrong. No error is raised when it is written.
# Who meets it: whoever makes certificates whose begin is in 2000, as some authorities' are.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts \
    @hazae41/asn1@1.3.35 @hazae41/base16@2.0.2 @hazae41/binary@1.3.11 @hazae41/cursor@2.1.3 \
    @hazae41/lengthed@1.0.1 >&2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { node -; }

expected=$(
    cat <<'TEXT'
1999-05-12T18:46:00Z: 990512184600Z, read again: 1999-05-12T18:46:00.000Z
2000-05-12T18:46:00Z: 1000512184600Z, read again: InvalidValueError
2001-05-12T18:46:00Z: 010512184600Z, read again: 2001-05-12T18:46:00.000Z
1950-05-12T18:46:00Z: 500512184600Z, read again: 2050-05-12T18:46:00.000Z
TEXT
)
seen=$(
    run <<'JS'
Promise.all([import("@hazae41/asn1"), import("@hazae41/cursor")]).then(([{ UTCTime }, { Cursor }]) => {
  const written = (text) => {
    const time = UTCTime.create(undefined, new Date(text)).toDER();
    const bytes = new Uint8Array(time.sizeOrThrow());
    time.writeOrThrow(new Cursor(bytes));
    return bytes;
  };
  const read = (bytes) => {
    try {
      return UTCTime.DER.readOrThrow(new Cursor(bytes)).value.toISOString();
    } catch (error) {
      return error.name;
    }
  };
  for (const text of ["1999-05-12T18:46:00Z", "2000-05-12T18:46:00Z", "2001-05-12T18:46:00Z", "1950-05-12T18:46:00Z"]) {
    const bytes = written(text);
    console.log(`${text}: ${Buffer.from(bytes.subarray(2)).toString()}, read again: ${read(bytes)}`);
  }
});
JS
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
