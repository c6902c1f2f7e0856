#!/usr/bin/env bash
# pike8.0-core 8.0.1738 (Debian 12) joins fields of one name by semicolons, so that two ways to sign in become one.
#
# Expected: RFC 9110, section 5.3: fields of one name are joined in order, by a comma. A semicolon stands before a
# parameter (section 5.6.6). IIS asks with "Negotiate" and "NTLM" in two fields (RFC 4559, section 4.1). RFC 9112,
# section 2.2: a reader may take a line feed alone for a line's end; Pike's looks for two of them behind the header.
# Seen: "Negotiate; NTLM", "3; 3" for a length that came twice, and "1.1 a; 1.1 b" for two proxies in Via. Where lines
# end in line feeds alone, the body is found, but no field: all of the header counts as its first line.
# Who meets it: whoever asks a server with it how to sign in, or which proxies stand in between.
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
export PIKE_MODULE_PATH=$PWD/usr/lib/pike8.0/modules PIKE_INCLUDE_PATH=$PWD/usr/lib/pike8.0/include
export LD_LIBRARY_PATH=$PWD/usr/lib/x86_64-linux-gnu
run() { cat >main.pike && usr/bin/pike8.0 "-m$PWD/usr/lib/pike8.0/master.pike" main.pike; }

expected=$(
    cat <<'TEXT'
fields: 401 "xyz"
  content-length: 3
  via: 1.1 a; 1.1 b
  www-authenticate: Negotiate; NTLM
length: 200 "xyz"
  content-length: 3; 3
line feeds: 200 "xyz"
TEXT
)
seen=$(
    run <<'PIKE'
void serve(Stdio.Port port, array(string) answers) {
    foreach (answers, string answer) {
        Stdio.File client = port->accept();
        client->read(4096, 1);
        client->write(answer);
        client->close();
    }
}

int main() {
    string fields = "WWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\nVia: 1.1 a\r\nVia: 1.1 b\r\n";
    string twice = "Content-Length: 3\r\nContent-Length: 3\r\n";
    mapping(string:string) answers = ([
        "fields": "HTTP/1.1 401 Unauthorized\r\n" + fields + "Content-Length: 3\r\n\r\nxyz",
        "length": "HTTP/1.1 200 OK\r\n" + twice + "\r\nxyz",
        "line feeds": "HTTP/1.1 200 OK\nContent-Type: text/xml\nContent-Length: 3\n\nxyz",
    ]);
    array(string) names = sort(indices(answers));
    Stdio.Port port = Stdio.Port(0, 0, "127.0.0.1");
    Thread.Thread(serve, port, map(names, answers));
    foreach (names, string name) {
        object answer = Protocols.HTTP.get_url("http://127.0.0.1:" + (port->query_address() / " ")[1] + "/");
        write("%s: %d %O\n", name, answer->status, answer->data());
        foreach (sort(indices(answer->headers)), string field) write("  %s: %s\n", field, answer->headers[field]);
    }
}
PIKE
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
