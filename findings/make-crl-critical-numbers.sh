#!/usr/bin/env bash
# make-crl 0.2.2 writes lists of revoked certificates with which openssl takes no certificate for valid.
#
# Expected: RFC 5280, section 5.2.3: the CRL number is not critical; section 4.2.1.1: nor is the authority key
# identifier, and it is the subject key identifier in the certificate of the issuer. Section 5.2: who does not process a
# critical extension of a list must not use the list. Section 5.1.2.4: dates from 2050 on are GeneralizedTime.
# Seen: both are critical, so that openssl refuses each certificate with error 36. The identifier is made from the key
# always; where the authority's certificate has another, openssl finds no list. A list of openssl, as the RFC wants it,
# is refused because its extensions are not critical. --next-update +9000 gives a day of 1951.
# Who meets it: who keeps with it the list of the authority that signed the certificates of a site's servers.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps \
    make-crl==0.2.2 pyasn1==0.6.1 pyasn1-modules==0.4.2 || {
    echo "could not install the packages" >&2
    exit 2
}
run() { bash; }

expected=$(
    cat <<'TEXT'
authority with the subject key identifier hash:
   list by openssl: 0 critical extensions; host.pem: OK
   list by made: 2 critical extensions; 36 at 0 depth lookup: unhandled critical CRL extension
   revoke in the list by openssl: AKID extension is not marked as critical in input CRL
authority with the subject key identifier 0102030405060708090a0b0c0d0e0f1011121314:
   list by openssl: 0 critical extensions; host.pem: OK
   list by made: 2 critical extensions; 3 at 0 depth lookup: unable to get certificate CRL
   revoke in the list by openssl: AKID extension is not marked as critical in input CRL
nextUpdate in 9000 days: 1951
TEXT
)
seen=$(
    run <<'SH'
config() { # SUBJECT KEY IDENTIFIER
    printf '[req]\ndistinguished_name=dn\nprompt=no\nx509_extensions=v3\n[dn]\nCN=Example CA\n'
    printf '[v3]\nbasicConstraints=critical,CA:true\nkeyUsage=keyCertSign,cRLSign\nsubjectKeyIdentifier=%s\n' "$1"
    printf '[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\n'
    printf 'default_crl_days=30\ncrl_extensions=crl\n[crl]\nauthorityKeyIdentifier=keyid\n'
}
for identifier in hash 0102030405060708090a0b0c0d0e0f1011121314; do
    config "$identifier" >ca.cnf
    {
        openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 3650 -config ca.cnf
        openssl req -newkey rsa:2048 -nodes -keyout host.key -out host.csr -subj /CN=host
        openssl x509 -req -in host.csr -CA ca.pem -CAkey ca.key -set_serial 7 -days 365 -out host.pem
        : >index.txt
        echo 01 >number
        openssl ca -gencrl -config ca.cnf -cert ca.pem -keyfile ca.key -out openssl.pem
        openssl crl -in openssl.pem -outform DER -out openssl.crl
    } 2>log
    venv/bin/make-crl make-empty ca.pem ca.key made.crl
    openssl crl -in made.crl -inform DER -out made.pem
    echo "authority with the subject key identifier $identifier:"
    for each in openssl made; do
        critical=$(openssl crl -in $each.pem -noout -text | grep -c '^ *X509v3 .*: critical')
        said=$(openssl verify -crl_check -CAfile ca.pem -CRLfile $each.pem host.pem 2>&1)
        said=$(sed -n 's/^error \([0-9].*\)/\1/p; /OK$/p' <<<"$said")
        echo "   list by $each: $critical critical extensions; $said"
    done
    said=$(venv/bin/make-crl revoke ca.pem ca.key openssl.crl host.pem 2>&1)
    echo "   revoke in the list by openssl: $said"
done
venv/bin/make-crl --next-update +9000 make-empty ca.pem ca.key made.crl
openssl crl -in made.crl -inform DER -noout -nextupdate | sed 's/=.* \(.*\) GMT/ in 9000 days: \1/'
SH
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
