#!/usr/bin/env bash
# racket 8.7 (Debian 12) takes the second line of a list of addresses for a field, also of a list that it wrote.
#
# Expected: RFC 5322, section 2.2.3, RFC 3261, section 7.3.1, and RFC 9112, section 5.2: a line that begins with a blank
# or a tab goes on with the field before it. net/head has data-lines->data, which writes such lines, with a tab.
# Seen: its extract-field and extract-all-fields end a field before a line that begins with a tab and has a colon before
# any blank, as "<tab>sip:bob@contoso.com". A field "<tab>sip" is made of it, and To has one address of two.
# Who meets it: whoever reads with it the header of a message of SIP or HTTP that a program has folded by tabs.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    racket=8.7+dfsg1-1 racket-common=8.7+dfsg1-1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
roots=$PWD/usr/lib/racket/compiled
mkdir -p "$roots$(dirname "$PWD")"
ln -s "$roots" "$roots$PWD"
run() {
    cat >main.rkt
    usr/bin/racket -X "$PWD/usr/share/racket/collects" -G "$PWD/etc/racket" -R "$roots" main.rkt
}

expected=$(
    cat <<'TEXT'
in one line:
  To: "sip:alice@contoso.com, sip:bob@contoso.com"
  all: ("To" . "sip:alice@contoso.com, sip:bob@contoso.com")
  all: ("CSeq" . "1 MESSAGE")
folded by a blank:
  To: "sip:alice@contoso.com,\r\n sip:bob@contoso.com"
  all: ("To" . "sip:alice@contoso.com,\r\n sip:bob@contoso.com")
  all: ("CSeq" . "1 MESSAGE")
written by data-lines->data:
  To: "sip:alice@contoso.com,"
  all: ("To" . "sip:alice@contoso.com,")
  all: ("\tsip" . "bob@contoso.com")
  all: ("CSeq" . "1 MESSAGE")
TEXT
)
seen=$(
    run <<'RKT'
#lang racket/base
(require net/head)

(define (show what folded)
  (define header (insert-field "To" folded (insert-field "CSeq" "1 MESSAGE" empty-header)))
  (printf "~a:\n  To: ~s\n" what (extract-field "To" header))
  (for ([field (extract-all-fields header)])
    (printf "  all: ~s\n" field)))

(define addresses '("sip:alice@contoso.com," "sip:bob@contoso.com"))
(show "in one line" (string-append (car addresses) " " (cadr addresses)))
(show "folded by a blank" (string-append (car addresses) "\r\n " (cadr addresses)))
(show "written by data-lines->data" (data-lines->data addresses))
RKT
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
