#!/usr/bin/env bash
# libjetty9-java 9.4.57 (Debian 12) refuses a URI with a query and no path, and takes its query for a path behind [::1].
#
# Expected: RFC 3986, section 3.3: the path of a URI with a host may be empty, and section 3.2: a host ends at "/", "?",
# "#" or the end. RFC 9112, section 3.2.2: a server takes such a URI as the target of a request.
# Seen: HttpURI says "Bad authority" of http://contoso.com?x=1, and gives a NumberFormatException behind a port. Behind
# an IPv6 address it gives the path "?x=1" and no query; the address alone is an error. With a "/" it reads them all.
# Who meets it: whoever has it behind a proxy or follows with it where another server leads.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libjetty9-java=9.4.57-1.1~deb12u1 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() {
    cat >Paths.java
    java -XX:TieredStopAtLevel=1 -cp usr/share/java/jetty9-http.jar:usr/share/java/jetty9-util.jar Paths.java
}

expected=$(
    cat <<'TEXT'
http://contoso.com: host contoso.com, path null, query null
http://contoso.com/?x=1: host contoso.com, path /, query x=1
http://contoso.com?x=1: java.lang.IllegalArgumentException: Bad authority
http://contoso.com:8080: host contoso.com, path null, query null
http://contoso.com:8080/?x=1: host contoso.com, path /, query x=1
http://contoso.com:8080?x=1: java.lang.NumberFormatException: 8080?x=1
http://[2001:db8::1]: java.lang.StringIndexOutOfBoundsException: String index out of range: 20
http://[2001:db8::1]/?x=1: host [2001:db8::1], path /, query x=1
http://[2001:db8::1]?x=1: host [2001:db8::1], path ?x=1, query null
TEXT
)
seen=$(
    run <<'JAVA'
import org.eclipse.jetty.http.HttpURI;

public class Paths {
    public static void main(String[] arguments) {
        for (String host : new String[] {"contoso.com", "contoso.com:8080", "[2001:db8::1]"}) {
            for (String rest : new String[] {"", "/?x=1", "?x=1"}) {
                String text = "http://" + host + rest;
                String found;
                try {
                    HttpURI uri = new HttpURI(text);
                    found = "host " + uri.getHost() + ", path " + uri.getPath() + ", query " + uri.getQuery();
                } catch (RuntimeException error) {
                    found = error.toString();
                }
                System.out.println(text + ": " + found);
            }
        }
    }
}
JAVA
) || seen="$seen (ended with an error)"
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    printf 'This has changed. It was:\n%s\n' "$expected" >&2
    exit 1
fi
