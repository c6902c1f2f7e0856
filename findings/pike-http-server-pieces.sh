#!/usr/bin/env bash
# pike8.0-core 8.0.1738 (Debian 12) sends a piece of a file, and says that it is as long as the file.
#
# Expected: RFC 9110, section 8.6: Content-Length is how many octets of content follow; section 14.1.2: an end behind
# that of the file is the last octet. RFC 9112, section 6.3: a client waits for as many octets as were announced.
# Seen: Protocols.HTTP.Server makes the header before it takes the length of the piece: it says 10 where 3 octets
# follow. With the connection kept open, the client waits for what never comes; at the end of the file it is closed, and
# the piece is cut off. For the first octet alone the whole file follows, and an end of 99 comes back as it was asked.
# Who meets it: whoever serves firmware with it to a client that goes on with half a file.
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
all: 200, Content-Length: 10, "0123456789", open
4-6: 206, Content-Range: bytes 4-6/10, Content-Length: 10, "456", open
7-: 206, Content-Range: bytes 7-9/10, Content-Length: 10, "789", closed
0-0: 206, Content-Range: bytes 0-0/10, Content-Length: 10, "0123456789", open
7-99: 206, Content-Range: bytes 7-99/10, Content-Length: 10, "789", closed
TEXT
)
seen=$(
    run <<'PIKE'
void answer(Protocols.HTTP.Server.Request request) {
    request->response_and_finish((["file": Stdio.File("firmware.cat"), "type": "application/octet-stream"]));
}

void ask(int port, string range) {
    Stdio.File client = Stdio.File();
    client->connect("127.0.0.1", port);
    client->write("GET / HTTP/1.1\r\nHost: localhost\r\n" + (range ? "Range: bytes=" + range + "\r\n" : "") + "\r\n");
    string seen = "";
    string state = "open";
    while (client->peek(2.0) && state == "open") {
        string more = client->read(4096, 1);
        if (!more || more == "") state = "closed";
        else seen += more;
    }
    sscanf(seen, "%s\r\n\r\n%s", string head, string body);
    array lines = glob(({"Content-L*", "Content-R*"}), head / "\r\n");
    write("%s: %s, %s, %O, %s\n", range || "all", (head / " ")[1], lines * ", ", body, state);
}

int main() {
    Stdio.write_file("firmware.cat", "0123456789");
    Protocols.HTTP.Server.Port server = Protocols.HTTP.Server.Port(answer, 0, "127.0.0.1");
    int port = (int) (server->port->query_address() / " ")[1];
    Thread.Thread(lambda() {
        foreach (({0, "4-6", "7-", "0-0", "7-99"}), string range) ask(port, range);
        exit(0);
    });
    return -1;
}
PIKE
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
