#!/usr/bin/env bash
# golang-github-jcmturner-gokrb5.v8 8.4.3 (Debian 12) refuses a krb5.conf with MIT's default, and drops half of others.
#
# Expected: krb5.conf(5) of MIT, whose format it reads: the default of preferred_preauth_types is "17, 16, 15, 14";
# encryption types are separated by commas or blanks, and a family of them may be named (aes, rc4); on and off are
# values as good as yes and no; a section may come more than once. A realm's server may be an IPv6 address in brackets.
# Seen: a blank behind a comma, or "off", ends the reading of the whole file. Of a list with commas, or of families, no
# type is left. Of two [realms] the last one counts. An IPv6 address gets no port 88, and one half of it the port 464.
# The realm of a host is not found where its domain is written with a capital letter.
# Who meets it: who lets a program sign in to IIS by Kerberos, with the krb5.conf by which kinit works.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    golang-1.19-go=1.19.8-2 golang-1.19-src=1.19.8-2 golang-github-jcmturner-gofork-dev=1.0.0-4 \
    golang-github-jcmturner-dnsutils.v2-dev=2.0.0-2 golang-github-jcmturner-gokrb5.v8-dev=8.4.3-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
export GOROOT=$PWD/usr/lib/go-1.19 GOPATH=$PWD/usr/share/gocode GO111MODULE=off GOCACHE=$PWD/cache CGO_ENABLED=0
run() { cat >main.go && "$GOROOT/bin/go" run -p 1 main.go; }

expected=$(
    cat <<'TEXT'
preferred_preauth_types = 17,16,15,14: [17 16 15 14]
preferred_preauth_types = 17, 16, 15, 14: not read, strconv.ParseInt: parsing " 16": invalid syntax
forwardable = yes: true
forwardable = on: not read, invalid boolean value
forwardable = off: not read, invalid boolean value
permitted_enctypes = aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96: types [18 17]
permitted_enctypes = aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96: types [17]
permitted_enctypes = aes rc4: types []
realm A: kdc [192.0.2.1:88 [2001:db8::1]] kpasswd_server [[2001:464]
realm A, and realm B in a section of its own: B.EXAMPLE
realm of iis.example.com: "A.EXAMPLE"
realm of iis.Example.com: ""
TEXT
)
seen=$(
    run <<'GO'
package main

import (
	"fmt"
	"strings"

	"github.com/jcmturner/gokrb5/v8/config"
)

func read(what string, lines ...string) *config.Config {
	read, err := config.NewFromString(strings.Join(lines, "\n") + "\n")
	if err != nil {
		fmt.Println(what+": not read,", err.Error()[strings.LastIndex(err.Error(), "): ")+3:])
		return config.New()
	}
	fmt.Printf("%s:", what)
	return read
}

func main() {
	for _, line := range []string{"preferred_preauth_types = 17,16,15,14", "preferred_preauth_types = 17, 16, 15, 14"} {
		if c := read(line, "[libdefaults]", "rdns = no", line); !c.LibDefaults.RDNS {
			fmt.Println("", c.LibDefaults.PreferredPreauthTypes)
		}
	}
	for _, line := range []string{"forwardable = yes", "forwardable = on", "forwardable = off"} {
		if c := read(line, "[libdefaults]", "rdns = no", line); !c.LibDefaults.RDNS {
			fmt.Println("", c.LibDefaults.Forwardable)
		}
	}
	aes := []string{"aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96"}
	for _, value := range []string{strings.Join(aes, " "), strings.Join(aes, ", "), "aes rc4"} {
		line := "permitted_enctypes = " + value
		fmt.Println(" types", read(line, "[libdefaults]", line).LibDefaults.PermittedEnctypeIDs)
	}
	one := []string{"[realms]", "A.EXAMPLE = {", "kdc = 192.0.2.1", "kdc = [2001:db8::1]"}
	one = append(one, "admin_server = [2001:db8::1]", "}")
	two := []string{"[realms]", "B.EXAMPLE = {", "kdc = 192.0.2.2", "}"}
	for _, realm := range read("realm A", one...).Realms {
		fmt.Println(" kdc", realm.KDC, "kpasswd_server", realm.KPasswdServer)
	}
	for _, realm := range read("realm A, and realm B in a section of its own", append(one, two...)...).Realms {
		fmt.Println("", realm.Realm)
	}
	for _, host := range []string{"iis.example.com", "iis.Example.com"} {
		fmt.Printf(" %q\n", read("realm of "+host, "[domain_realm]", ".example.com = A.EXAMPLE").ResolveRealm(host))
	}
}
GO
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
