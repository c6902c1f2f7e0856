#!/usr/bin/env bash
# libproxy-vole-java 1.0.3 (Debian 12) ends a night at midnight, a winter at New Year, and a summer before 31 August.
#
# Expected: the functions of proxy auto-config as Netscape described them: shExpMatch() takes shell expressions (in
# browsers "?" stands for one character), timeRange() and dateRange() are true from the first to the last. In browsers
# (Chromium's library, which Firefox has as well) timeRange(22, 6) and dateRange("DEC", "FEB") go on over midnight and
# New Year, as weekdayRange("FRI", "MON") does over Sunday.
# Seen: timeRange(22, 6) is true at 23:00 and false at 5:00, dateRange("DEC", "FEB") true in December and false in
# January; dateRange("JUN", "AUG") is false on 31 August. weekdayRange() goes on. A "?" in an expression stands for
# itself. In a list of exceptions <local>, names without a dot, takes in each host that is an IPv6 address.
# Who meets it: programs of Java behind a proxy, which take another way at night or on days of maintenance: they take
# it for half of the time, as a browser beside them does not.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
    libproxy-vole-java=1.0.3-3 >&2 || {
    echo "could not download the packages" >&2
    exit 2
}
for package in ./*.deb; do dpkg -x "$package" .; done
run() { cat >Pac.java && TZ=UTC java -XX:TieredStopAtLevel=1 -cp 'usr/share/java/*' Pac.java; }

expected=$(
    cat <<'TEXT'
Friday 12:00: 9 to 17 true, 22 to 6 false, Friday to Monday true
Friday 23:00: 9 to 17 false, 22 to 6 true, Friday to Monday true
Friday 05:00: 9 to 17 false, 22 to 6 false, Friday to Monday true
2026-06-01: June to August true, December to February false, 20 December to 6 January false
2026-08-30: June to August true, December to February false, 20 December to 6 January false
2026-08-31: June to August false, December to February false, 20 December to 6 January false
2026-12-31: June to August false, December to February true, 20 December to 6 January true
2027-01-01: June to August false, December to February false, 20 December to 6 January false
pool1 by *.contoso.com: true
pool1 by pool*: true
pool1 by pool1.*: true
pool1 by pool?.contoso.com: false
<local> http://pool1/: true
<local> http://pool1.contoso.com/: false
<local> http://192.0.2.33/: false
<local> http://[2001:db8::33]/: true
TEXT
)
seen=$(
    run <<'JAVA'
import com.github.markusbernhardt.proxy.selector.pac.PacScriptMethods;
import com.github.markusbernhardt.proxy.selector.whitelist.DefaultWhiteListParser;
import com.github.markusbernhardt.proxy.util.UriFilter;
import java.net.URI;
import java.util.Arrays;
import java.util.GregorianCalendar;

class Pac {
    static final PacScriptMethods PAC = new PacScriptMethods();

    static Object[] seven(Object... given) {
        Object[] all = Arrays.copyOf(given, 7);
        Arrays.fill(all, given.length, 7, "undefined");
        return all;
    }

    static boolean time(Object... r) {
        r = seven(r);
        return PAC.timeRange(r[0], r[1], r[2], r[3], r[4], r[5], r[6]);
    }

    static boolean date(Object... r) {
        r = seven(r);
        return PAC.dateRange(r[0], r[1], r[2], r[3], r[4], r[5], r[6]);
    }

    public static void main(String[] arguments) throws Exception {
        for (int hour : new int[] {12, 23, 5}) {
            PAC.setCurrentTime(new GregorianCalendar(2026, 10, 27, hour, 0));
            System.out.printf("Friday %02d:00: 9 to 17 %s, 22 to 6 %s, Friday to Monday %s%n",
                hour, time(9, 17), time(22, 6), PAC.weekdayRange("FRI", "MON", "undefined"));
        }
        for (int[] day : new int[][] {{2026, 5, 1}, {2026, 7, 30}, {2026, 7, 31}, {2026, 11, 31}, {2027, 0, 1}}) {
            PAC.setCurrentTime(new GregorianCalendar(day[0], day[1], day[2], 12, 0));
            System.out.printf("%d-%02d-%02d: June to August %s, December to February %s, 20 December to 6 January %s%n",
                day[0], day[1] + 1, day[2], date("JUN", "AUG"), date("DEC", "FEB"), date(20, "DEC", 6, "JAN"));
        }
        for (String expression : new String[] {"*.contoso.com", "pool*", "pool1.*", "pool?.contoso.com"}) {
            System.out.println("pool1 by " + expression + ": " + PAC.shExpMatch("pool1.contoso.com", expression));
        }
        UriFilter local = new DefaultWhiteListParser().parseWhiteList("<local>").get(0);
        for (String uri : new String[] {"http://pool1/", "http://pool1.contoso.com/",
            "http://192.0.2.33/", "http://[2001:db8::33]/"}) {
            System.out.println("<local> " + uri + ": " + local.accept(new URI(uri)));
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
