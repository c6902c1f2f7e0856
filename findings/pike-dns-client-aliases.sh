#!/usr/bin/env bash
# pike8.0-core 8.0.1738 (Debian 12): its DNS client makes a service of an alias, and an address of a network's name.
#
# Expected: RFC 1034, section 3.6.2: an answer to a question for an alias holds the CNAME record and what it leads to.
# RFC 2317, section 4: so does each answer for an address of a network smaller than a /24. The owner of an SRV record
# that an alias leads to may have any name.
# Seen: getsrvbyname() gives a service for each record of the answer, the alias too: its priority and port are 0, and
# it has no host; sorted, it comes first. gethostbyaddr() gives "192.0.2.0-15.6" as an address of the host.
# A record's name loses its first two labels where it is an SRV record; "srv.pool.contoso.com" becomes the service
# srv by the protocol pool of contoso.com.
# Who meets it: programs in Pike in a domain whose SRV record is an alias to the host's that provides the service.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    pike8.0-core=8.0.1738-1+b2 libnettle8=3.8.1-2 libhogweed6=3.8.1-2 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps dnspython==2.9.0 || {
    echo "could not install the packages" >&2
    exit 2
}
export PIKE_MODULE_PATH=$PWD/usr/lib/pike8.0/modules PIKE_INCLUDE_PATH=$PWD/usr/lib/pike8.0/include
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() {
    cat >main.pike
    LD_LIBRARY_PATH='' venv/bin/python answers.py >answers
    usr/bin/pike8.0 "-m$PWD/usr/lib/pike8.0/master.pike" main.pike
}
cat >answers.py <<'PY'
import dns.message
import dns.rrset

SRV, ALIAS = "_sipinternaltls._tcp.contoso.com.", "_sipinternaltls._tcp.eng.contoso.com."
ANSWERS = (
    (SRV, "SRV", [(SRV, "SRV", "10 0 5061 pool.contoso.com.")]),
    (ALIAS, "SRV", [(ALIAS, "CNAME", SRV), (SRV, "SRV", "10 0 5061 pool.contoso.com.")]),
    (ALIAS, "SRV", [(ALIAS, "CNAME", "srv.pool.contoso.com."), ("srv.pool.contoso.com.", "SRV", "10 0 5061 pool.hq.")]),
    ("6.2.0.192.in-addr.arpa.", "PTR", [("6.2.0.192.in-addr.arpa.", "PTR", "pool.contoso.com.")]),
    (
        "6.2.0.192.in-addr.arpa.", "PTR",
        [
            ("6.2.0.192.in-addr.arpa.", "CNAME", "6.0-15.2.0.192.in-addr.arpa."),
            ("6.0-15.2.0.192.in-addr.arpa.", "PTR", "pool.contoso.com."),
        ],
    ),
)
for name, kind, records in ANSWERS:
    message = dns.message.make_response(dns.message.make_query(name, kind))
    message.answer = [dns.rrset.from_text(owner, 300, "IN", its_kind, data) for owner, its_kind, data in records]
    print(message.to_wire().hex())
PY

expected=$(
    cat <<'TEXT'
the record itself:
  10 5061 pool.contoso.com
an alias of it:
  0 0 (no host)
  10 5061 pool.contoso.com
an alias of another name:
  0 0 (no host)
  10 5061 pool.hq
  its name: contoso.com, service srv by pool
an address:
  pool.contoso.com has 192.0.2.6
one of a smaller network:
  pool.contoso.com has 192.0.2.6, 192.0.2.0-15.6
TEXT
)
seen=$(
    run <<'PIKE'
class Client {
    inherit Protocols.DNS.client;
    mapping answer;
    mapping do_sync_query(string question) { return answer; }
}

int main() {
    array(string) answers = Stdio.read_file("answers") / "\n";
    Client client = Client("127.0.0.1");
    foreach (({ "the record itself", "an alias of it", "an alias of another name" }); int place; string what) {
        write("%s:\n", what);
        client->answer = client->decode_res(String.hex2string(answers[place]));
        foreach (client->getsrvbyname("sipinternaltls", "tcp", "eng.contoso.com"), array service)
            write("  %d %d %s\n", service[0], service[2], service[3] || "(no host)");
    }
    mapping last = client->answer->an[-1];
    write("  its name: %s, service %s by %s\n", last->name, last->service, last->proto);
    foreach (({ "an address", "one of a smaller network" }); int place; string what) {
        client->answer = client->decode_res(String.hex2string(answers[3 + place]));
        array host = client->gethostbyaddr("192.0.2.6");
        write("%s:\n  %s has %s\n", what, host[0], host[1] * ", ");
    }
}
PIKE
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
