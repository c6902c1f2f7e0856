"""Step 2, the name: ucupdates-r2 in the DHCP domain."""

from ucdiag.diagnosis.catalogue import references as ref
from ucdiag.diagnosis.catalogue.dhcp import DOMAIN_IS_SERVER, NO_ROUTER
from ucdiag.diagnosis.catalogue.entry import Entry, Variant
from ucdiag.model.steps import Level, Step, Who
from ucdiag.model.vocabulary import FindingCode

_ASKS_R2 = ref.documented(
    "a phone that nobody has signed in to asks for the A record of ucupdates-r2 in its DHCP domain",
    ref.GUIDE_23,
    ref.PROCESS_R2,
    ref.PROCESS_LYNC,
)
_TARGET = ref.documented(
    "the record points to the pool's virtual IP, the Director or the Standard Edition server", ref.DNS_SKYPE
)
_LEGACY = ref.inferred(
    "ucupdates belongs to the first generation (OCS 2007), ucupdates-r2 to R2 and all later ones",
    ref.GUIDE_23,
    ref.PROCESS_R2,
    ref.DNS_LYNC_2013,
)
_SAME_DNS_CHECK = (
    "Resolve-DnsName -Name {name} -Type A -Server {nameserver} -DnsOnly",
    "dig -p {dns_port} @{nameserver} {name} A",
)
_ADD_RECORD = (
    "Add-DnsServerResourceRecordA -ComputerName {nameserver} -ZoneName {zone} -Name {record} -IPv4Address {address}",
    "dnscmd {nameserver} /recordadd {zone} {record} A {address}",
)
_DOMAINS_DIFFER = Variant(
    name="domains-differ",
    fix=(
        "Find out first whether the DHCP server {dhcp_server}, which hands out {domain}, should be there: another one "
        "hands out another domain. If it should not, take it off, and restart the phone: no record is needed in "
        "{domain}. If its domain is wrong, correct option 015 on it. Only if phones are to use {domain}, create the A "
        "record {label} there, with the address of the pool that runs the Device Update Service."
    ),
    commands=(
        "sudo ucdiag check-dhcp --ask --mac {mac}",
        "Get-DhcpServerInDC",
        *_SAME_DNS_CHECK,
        *_ADD_RECORD,
    ),
    who=Who.NETWORK,
)
_AFTER: tuple[FindingCode, ...] = ("connect-not-tried", "request-not-sent", "download-not-tried")

_NOT_LISTENING = Variant(
    name="not-listening",
    fix=(
        "Start the DNS service on {nameserver}, or let it listen on the address that the phones ask: nothing takes UDP "
        "port {dns_port} there. A firewall that rejects the question says the same. If {nameserver} is no DNS server, "
        "correct option 006 of the phones' scope."
    ),
    commands=(
        *_SAME_DNS_CHECK,
        "Get-Service -ComputerName {nameserver} -Name DNS",
        "Get-DnsServerSetting -ComputerName {nameserver} -All",
    ),
    who=Who.DNS,
)
_NO_WAY = Variant(
    name="no-way",
    fix=(
        "See options 001 and 003 of the phone's scope, the gateway's interface in that VLAN, and the route to "
        "{nameserver} and back. The question does not get that far. If {nameserver} is in the phone's own subnet, "
        "check that it is up. If the address is wrong, correct option 006."
    ),
    commands=(
        "tracert -d {nameserver}",
        "arp -a",
        "Get-DhcpServerv4OptionValue -ComputerName {dhcp_server} -ScopeId <scope>",
    ),
    who=Who.NETWORK,
)

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="dns-r2-missing",
        step=Step.DNS,
        level=Level.ERROR,
        where="AC",
        title="The name ucupdates-r2 does not exist in the DHCP domain",
        meaning=(
            "A phone that nobody has signed in to finds the update service by this name alone. The DNS server "
            "reports that it does not exist, so the phone never contacts the service. Sign-in is the only other way "
            "to the update URL."
        ),
        causes=(
            "The record was never created; the server's setup does not create it, and the planning guides call it "
            "optional.",
            "The record is in another zone: the SIP domain, a parent domain, the external zone of a split DNS.",
            "The DHCP domain of the phones is not the one that the record was made for.",
            "Option 015 holds the name of the update server itself, and not its domain alone.",
            "The phone's DNS servers do not see the internal zone (a public or a branch resolver).",
            "The record is new, and the resolver still has the earlier NXDOMAIN in its cache (negative caching).",
        ),
        fix=(
            "Create the A record {label} in the zone {domain}, with the address of the pool that runs the Device "
            "Update Service. That is the load balancer's virtual IP, or the Standard Edition (or Director) server. "
            "If {domain} is not a zone of its own, create the record in the zone above it. Then clear the resolver's "
            "cache and restart the phone."
        ),
        commands=(
            *_SAME_DNS_CHECK,
            *_ADD_RECORD,
            "Clear-DnsServerCache -ComputerName {nameserver} -Force",
        ),
        who=Who.DNS,
        sources=(
            _ASKS_R2,
            _TARGET,
            ref.documented("the record is called optional, because sign-in also gives the URL", ref.DNS_SKYPE),
            ref.background("a resolver may remember for a while that a name does not exist", ref.RFC_2308),
        ),
        supersedes=_AFTER,
        variants=(
            _DOMAINS_DIFFER,
            Variant(
                name="public-resolver",
                fix=(
                    "Find out whether {nameserver}, which has a public address, is a DNS server of your own. A public "
                    "resolver does not know the internal zone {domain}. If option 006 of the phones' scope names it, "
                    "set that to the internal DNS servers, and restart the phone. If not, ask those that it names. "
                    "If {nameserver} is your own, or these lack the name too, create the A record {label} in {domain}, "
                    "with the address of the pool."
                ),
                commands=(
                    *_SAME_DNS_CHECK,
                    "Get-DhcpServerv4OptionValue -ComputerName {dhcp_server} -ScopeId <scope> -OptionId 6",
                    "Set-DhcpServerv4OptionValue -ComputerName {dhcp_server} -ScopeId <scope> -DnsServer "
                    "<internal DNS server>",
                ),
                who=Who.NETWORK,
            ),
            DOMAIN_IS_SERVER,
            Variant(
                name="zone-above",
                fix=(
                    "Create the A record {record} in the zone {zone}, with the address of the pool that runs the "
                    "Device Update Service. That is the load balancer's virtual IP, or the Standard Edition (or "
                    "Director) server. {domain} is no zone of its own: the answer comes from {zone}. Then clear the "
                    "resolver's cache and restart the phone."
                ),
                commands=(
                    *_SAME_DNS_CHECK,
                    *_ADD_RECORD,
                    "Clear-DnsServerCache -ComputerName {nameserver} -Force",
                ),
                who=Who.DNS,
            ),
        ),
    ),
    Entry(
        code="dns-legacy-only",
        step=Step.DNS,
        level=Level.ERROR,
        where="AC",
        title="Only the older name ucupdates exists, ucupdates-r2 does not",
        meaning=(
            "The site has the record of the first server generation. Firmware from 1.0.522.101 on asks for "
            "ucupdates-r2, gets NXDOMAIN, and stops there. This is the typical omission of a migration."
        ),
        causes=(
            "The site moved from OCS 2007 to R2, Lync or Skype for Business, and the second record was not added.",
            "The record was made from an old guide.",
        ),
        fix=(
            "Create the A record ucupdates-r2 in {domain}, with the address of the pool that runs the Device Update "
            "Service. The older record resolves to {address}: use that address only if the service of R2 or later "
            "runs there. Keep the older record while very old phones are in use."
        ),
        commands=(
            *_SAME_DNS_CHECK,
            "Add-DnsServerResourceRecordA -ComputerName {nameserver} -ZoneName {zone} -Name {record} "
            "-IPv4Address {address}",
            "dnscmd {nameserver} /recordadd {zone} {record} A {address}",
            "Clear-DnsServerCache -ComputerName {nameserver} -Force",
        ),
        who=Who.DNS,
        sources=(_ASKS_R2, _LEGACY, _TARGET),
        supersedes=("dns-r2-missing", *_AFTER),
    ),
    Entry(
        code="dns-sip-domain-only",
        step=Step.DNS,
        level=Level.ERROR,
        where="A",
        title="ucupdates-r2 exists in the SIP domain and not in the DHCP domain",
        meaning=(
            "The record was made in the domain of the users' SIP addresses. The phone does not know that domain "
            "before a user signs in. It asks in the domain of its lease, where the record is missing."
        ),
        causes=(
            "The DNS planning pages name the SIP domain, the phone uses the DHCP domain. At most sites both are the "
            "same, here they are not.",
            "The voice VLAN's scope gives another domain (a child or an old one) than the one the record was made for.",
        ),
        fix=(
            "Create the A record ucupdates-r2 in the DHCP domain {domain} too, with the address that it has in "
            "{sip_domain} ({address}). The other way, setting option 015 of the phones' scope to {sip_domain}, also "
            "changes which names the phones ask for everything else."
        ),
        commands=(
            "ucdiag check-dns --domain {domain} --sip-domain {sip_domain}",
            "Add-DnsServerResourceRecordA -ComputerName {nameserver} -ZoneName {zone} -Name {record} "
            "-IPv4Address {address}",
            "dnscmd {nameserver} /recordadd {zone} {record} A {address}",
        ),
        who=Who.DNS,
        sources=(
            _ASKS_R2,
            ref.documented("the DNS planning pages name the SIP domain", ref.DNS_LYNC_2013, ref.DNS_SKYPE),
            ref.field_report("an administrator's page names the SIP domain too", ref.MSXFAQ),
            ref.inferred("the sites that fail are those where the two differ", ref.GUIDE_23, ref.DNS_LYNC_2013),
        ),
        supersedes=("dns-r2-missing", "dns-legacy-only", *_AFTER),
        variants=(_DOMAINS_DIFFER,),
    ),
    Entry(
        code="dns-no-address",
        step=Step.DNS,
        level=Level.ERROR,
        where="AC",
        title="The name exists, but has no A record",
        meaning=(
            "The DNS server knows the name and gave no IPv4 address for it. The phone asks for an A record and can do "
            "nothing with any other kind."
        ),
        causes=(
            "The record is an alias (CNAME) of a name that does not exist or has no A record itself.",
            "The server gave the alias alone: it holds the zone, and does not look up names of other zones.",
            "Only an AAAA (IPv6), SRV or TXT record was created.",
            "The name is a node above other names, without a record of its own.",
            "The A record was removed, for example by scavenging, and another record of that name stayed.",
            "The record is there, and the resolver takes private addresses out of its answers (protection against DNS "
            "rebinding).",
        ),
        fix=(
            "Give {name} an A record with the address of the pool. If it is an alias, replace it by an A record, or "
            "repair the name that it points to. Or let the phones ask a resolver that looks that name up. A record "
            "made by hand with a fixed address is not scavenged. If the zone's own server has the record, let the "
            "resolver {nameserver} pass private addresses for this domain. That is 'rebind-domain-ok' of dnsmasq, "
            "'private-domain' of unbound, and an exception on a router."
        ),
        commands=(
            *_SAME_DNS_CHECK,
            "Resolve-DnsName -Name {name} -Type ANY -Server {nameserver} -DnsOnly",
            "Get-DnsServerResourceRecord -ComputerName {nameserver} -ZoneName {zone} -Name {record}",
            "Add-DnsServerResourceRecordA -ComputerName {nameserver} -ZoneName {zone} -Name {record} -IPv4Address "
            "{address}",
            "dnscmd {nameserver} /recordadd {zone} {record} A {address}",
        ),
        who=Who.DNS,
        sources=(
            ref.documented("the record is of type A", ref.GUIDE_23, ref.DNS_LYNC_2013),
            ref.background(
                "an answer without an error and without a record of the asked type means no data", ref.RFC_2308
            ),
            ref.background("dnsmasq (stop-dns-rebind) and unbound (private-address) answer so where they drop one"),
        ),
        supersedes=_AFTER,
    ),
    Entry(
        code="dns-server-failure",
        step=Step.DNS,
        level=Level.ERROR,
        where="AC",
        title="The DNS server could not answer (SERVFAIL, FORMERR or NOTIMP)",
        meaning=(
            "The server answered, and said that it failed. That says nothing about whether the record exists: the "
            "phone cannot know its address either way, and tries again later."
        ),
        causes=(
            "The resolver forwards to a server that does not answer or does not serve this zone.",
            "The zone is expired or not loaded on a secondary server.",
            "DNSSEC validation fails for an internal domain that does not exist, or is another one, in public DNS.",
            "A delegation points to a server that does not know the zone (lame delegation).",
            "A firewall or proxy that inspects DNS does not understand the question (FORMERR, NOTIMP).",
        ),
        fix=(
            "On {nameserver}: see its log for this name, then the forwarder, conditional forwarder or zone that "
            "should hold {domain}. Ask the server of the zone directly: if that answers, the way between the two is "
            "at fault. With DNSSEC validation, exempt the internal domain (a negative trust anchor)."
        ),
        commands=(
            "dig -p {dns_port} @{nameserver} {name} A +cdflag",
            "dig -p {dns_port} @{nameserver} {domain} SOA",
            "Resolve-DnsName -Name {domain} -Type SOA -Server {nameserver} -DnsOnly",
            "Get-DnsServerForwarder -ComputerName {nameserver}",
            "Get-DnsServerZone -ComputerName {nameserver}",
        ),
        who=Who.DNS,
        sources=(ref.background("the meaning of the response codes", "RFC 1035, section 4.1.1"),),
        supersedes=_AFTER,
    ),
    Entry(
        code="dns-refused",
        step=Step.DNS,
        level=Level.ERROR,
        where="AC",
        title="The DNS server refused to answer",
        meaning=(
            "The server is there and will not serve this client. The phone gets no address, though others may get one "
            "from the same server."
        ),
        causes=(
            "The server's access list (recursion, allow-query) does not contain the subnet of the voice VLAN.",
            "The server is authoritative for other zones only and does not recurse.",
            "A DNS policy or response policy blocks this name or this client.",
        ),
        fix=(
            "Let {nameserver} answer the phones' subnet: allow-query and allow-recursion (BIND), access-control "
            "(Unbound), the recursion scope or query resolution policies (Windows). Or give the phones, in DHCP "
            "option 006, a server that is meant for them."
        ),
        commands=(
            *_SAME_DNS_CHECK,
            "Get-DnsServerRecursion -ComputerName {nameserver}",
            "Get-DnsServerQueryResolutionPolicy -ComputerName {nameserver}",
        ),
        who=Who.DNS,
        sources=(ref.background("REFUSED is a refusal for reasons of policy", "RFC 1035, section 4.1.1"),),
        supersedes=_AFTER,
    ),
    Entry(
        code="dns-no-answer",
        step=Step.DNS,
        level=Level.ERROR,
        where="AC",
        title="The DNS server did not answer",
        meaning=(
            "The question went out, and no usable answer came back in time. The phone has no address to go on with. "
            "Whether the record exists is not known."
        ),
        causes=(
            "A firewall or access list between the voice VLAN and the DNS server drops UDP port 53.",
            "DHCP option 006 names a server that is gone or was never a DNS server.",
            "There is no route back from the DNS server to the voice VLAN.",
            "The DNS service is stopped or overloaded.",
            "Its answer cannot be read: no DNS server is on that port, or a forwarder breaks names that it passes on.",
            "The capture was taken where the answers do not pass.",
        ),
        fix=(
            "Open UDP and TCP port 53 from the phones' subnet to {nameserver} and check that the answer finds its way "
            "back. If the server is gone, correct option 006 of the phones' scope. Repeat the question from a machine "
            "in the phones' VLAN: an answer elsewhere in the network proves nothing."
        ),
        commands=(
            *_SAME_DNS_CHECK,
            "dig -p {dns_port} +tcp @{nameserver} {name} A",
            "Test-NetConnection {nameserver} -Port {dns_port}",
            "Get-Service -ComputerName {nameserver} -Name DNS",
        ),
        who=Who.NETWORK,
        sources=(_ASKS_R2, ref.background("DNS uses UDP and TCP port 53", "RFC 1035, section 4.2")),
        supersedes=_AFTER,
        variants=(_NOT_LISTENING, _NO_WAY),
    ),
    Entry(
        code="dns-bad-address",
        step=Step.DNS,
        level=Level.ERROR,
        where="AC",
        title="The A record is no host's address",
        meaning=(
            "The name resolves to an address that no server can have (0.0.0.0, loopback, link-local, multicast, "
            "broadcast or reserved), so the phone cannot connect to it."
        ),
        causes=(
            "A DNS filter or ad blocker answers unwanted names with 0.0.0.0 or 127.0.0.1.",
            "The record was made as a placeholder, or with a typing error.",
            "A server registered the address of an adapter without a lease (169.254.x.x) by itself.",
        ),
        fix=(
            "Replace the address {address} in the record of {name} by the address of the pool that runs the Device "
            "Update Service. If the record in the zone is right, a filter between the phone and that zone changes the "
            "answer: exempt the internal domain there."
        ),
        commands=(
            *_SAME_DNS_CHECK,
            "Get-DnsServerResourceRecord -ComputerName {nameserver} -ZoneName {domain} -Name {label} -RRType A",
            "Remove-DnsServerResourceRecord -ComputerName {nameserver} -ZoneName {domain} -Name {label} -RRType A "
            "-RecordData {address}",
            "Add-DnsServerResourceRecordA -ComputerName {nameserver} -ZoneName {domain} -Name {label} "
            "-IPv4Address <address of the pool>",
            "dnscmd {nameserver} /recorddelete {domain} {label} A {address} /f",
            "dnscmd {nameserver} /recordadd {domain} {label} A <address of the pool>",
        ),
        who=Who.DNS,
        sources=(_TARGET, ref.background("the addresses that are no host's", "RFC 6890, section 2.2.2; RFC 5771")),
        supersedes=("connect-refused", "connect-no-answer", "connect-unreachable", *_AFTER),
    ),
    Entry(
        code="dns-wrong-domain",
        step=Step.DNS,
        level=Level.WARNING,
        where="C",
        title="The phone asked in another domain than that of its lease",
        meaning=(
            "The lease seen in the capture gives one domain, and the phone asked for ucupdates under another. Either "
            "it holds an older lease, or it has the domain from somewhere else. The record must exist where the phone "
            "really asks."
        ),
        causes=(
            "The phone still used the domain of an earlier lease (it was moved, or option 015 was changed).",
            "The phone tried a domain of its search list (option 119) or a parent domain.",
            "Another DHCP server, not seen in the capture, gave it the other domain.",
            "The phone knows the SIP domain from an earlier sign-in.",
        ),
        fix=(
            "Restart the phone, so that it takes a new lease, and capture again. If it still asks in the other "
            "domain, create the record ucupdates-r2 there as well, or set option 015 so that both agree on {domain}."
        ),
        commands=(
            "sudo ucdiag check-dhcp --ask --mac {mac}",
            "sudo ucdiag capture -i <interface> --mac {mac} --until-done",
            "Get-DhcpServerv4OptionValue -ComputerName {dhcp_server} -ScopeId <scope>",
        ),
        who=Who.NETWORK,
        sources=(
            _ASKS_R2,
            ref.documented("option 119 is described for these phones", ref.RESOURCE_KIT),
            ref.inferred(
                "whether the phone looks for ucupdates-r2 in the domains of option 119 is published nowhere",
                ref.RESOURCE_KIT,
            ),
        ),
    ),
    Entry(
        code="dns-servers-disagree",
        step=Step.DNS,
        level=Level.WARNING,
        where="A",
        title="The DNS servers give different answers for the same name",
        meaning=(
            "What the phone gets depends on the server that it happens to ask, so the update works sometimes, or for "
            "some phones."
        ),
        causes=(
            "The record is new, and a secondary server or another domain controller has not replicated it yet.",
            "One of the servers is public or external (split DNS) and does not know the internal zone.",
            "One server has an old answer in its cache.",
            "The servers hold separate zones of the same name, maintained by hand.",
        ),
        fix=(
            "Make all DNS servers of option 006 give the same answer for {name}. Replicate the zone, clear caches, "
            "and do not mix internal and public servers."
        ),
        commands=(
            "ucdiag check-dns --domain {domain} -n {nameservers}",
            "dnscmd <DNS server> /zonerefresh {domain}",
            "repadmin /syncall /AdeP",
            "Clear-DnsServerCache -ComputerName <DNS server> -Force",
        ),
        who=Who.DNS,
        sources=(_ASKS_R2,),
    ),
    Entry(
        code="dns-wildcard",
        step=Step.DNS,
        level=Level.WARNING,
        where="A",
        title="A name that cannot exist resolves too",
        meaning=(
            "The domain answers for every name: a wildcard record, or a resolver that replaces NXDOMAIN by the "
            "address of a search page. So an answer for ucupdates-r2 proves nothing: the web server there may not "
            "serve phones at all."
        ),
        causes=(
            "A wildcard record (*) in the zone, usually for web sites.",
            "The resolver, or the provider behind it, rewrites NXDOMAIN.",
            "DNS of a captive portal or a guest network.",
        ),
        fix=(
            "Check that {label} has its own A record in {domain}, with the address of the pool. It takes precedence "
            "over the wildcard. Use resolvers that do not rewrite answers."
        ),
        commands=(
            'dig -p {dns_port} @{nameserver} "*.{domain}" A',
            "Get-DnsServerResourceRecord -ComputerName {nameserver} -ZoneName {domain} -Name '*'",
            "Add-DnsServerResourceRecordA -ComputerName {nameserver} -ZoneName {domain} -Name {label} -IPv4Address "
            "{address}",
        ),
        who=Who.DNS,
        sources=(ref.background("a record of the name itself takes precedence over a wildcard", "RFC 4592"),),
    ),
    Entry(
        code="dns-not-asked",
        step=Step.DNS,
        level=Level.INFORMATION,
        where="C",
        title="The phone has a lease and never asked for the update service",
        meaning=(
            "No question for ucupdates was seen from this phone. Firmware 1.0.199.123 never asks. Whether a phone asks "
            "that knows its update URL from a sign-in is not sure: the manual says both. So it is not called a fault."
        ),
        causes=(
            "Somebody has signed in on this phone before; it uses the URL that it learnt then.",
            "The firmware is 1.0.199.123, in which the check by DNS was disabled.",
            "The answer was still in the phone's cache, or the question went to a server outside the captured link.",
            "The capture began after the phone had started, or ended before it asked.",
        ),
        fix=(
            "Power the phone off and on with the capture running. If it then contacts an old pool, sign in again, "
            "which gives it the new URL. Or reset it to factory settings: then it asks DNS. With firmware "
            "1.0.199.123 only a sign-in helps; no DNS record will."
        ),
        commands=("sudo ucdiag capture -i <interface> --mac {mac} --until-done",),
        who=Who.PHONE,
        sources=(
            ref.documented("firmware 1.0.199.123 does not ask", ref.GUIDE_23),
            ref.documented("a signed-in phone too asks at power-on and every 24 hours", ref.GUIDE_23),
            ref.traced("after its sign-in the phone sends the request to the pool's own name (step 24)", ref.GUIDE_26),
            ref.documented("sign-in gives the phone the update URLs", ref.PROCESS_R2, ref.PROCESS_LYNC),
            ref.inferred("a phone keeps the URL of a pool that no longer exists", ref.GUIDE_26, ref.PROCESS_LYNC),
        ),
        supersedes=_AFTER,
        variants=(
            NO_ROUTER,
            Variant(
                name="signed-in",
                fix=(
                    "The phone reached its registrar, and a sign-in gives it the URL of its update server: no DNS "
                    "record is needed. It checks at power-on and every 24 hours, so capture through a restart of the "
                    "phone. If the server is known, name it with --server; over https, test it with a probe."
                ),
                commands=(
                    "sudo ucdiag capture -i <interface> --mac {mac} --server <name of the pool>",
                    "ucdiag probe --url https://<name of the pool>/RequestHandler/ucdevice.upx",
                ),
                who=Who.PHONE,
            ),
        ),
    ),
    Entry(
        code="dns-answer-from-elsewhere",
        step=Step.DNS,
        level=Level.ERROR,
        where="AC",
        title="The DNS answer came from another address than was asked",
        meaning=(
            "An answer came, with the right identifier, from an address or port that was not asked. A resolver drops "
            "it, since anybody could have made it up. So the phone waits, asks again, and has no address to go on "
            "with."
        ),
        causes=(
            "The DNS server has several addresses, and answers from another one than was asked.",
            "A load balancer, or address translation, changes the question's destination and not the answer's source.",
            "Question and answer take two ways, of which one has a firewall that translates.",
            "A cluster, or a pair with a virtual address, answers from a member's own address.",
        ),
        fix=(
            "Make the server answer from the address that was asked: let it listen on each address by itself, not on "
            "all at once. Send both directions through the same translation. Otherwise, name in option 006 the "
            "address from which it answers."
        ),
        commands=(
            "dig -p {dns_port} @{nameserver} {name} A",
            "sudo tcpdump -n -i <interface> port {dns_port}",
            "Get-DnsServerSetting -ComputerName {nameserver} -All | Select-Object ListeningIPAddress",
        ),
        who=Who.DNS,
        sources=(
            ref.background(
                "an answer counts only where it comes from the address and port that were asked",
                "RFC 5452, section 9.1",
                "RFC 2181, section 4.1",
            ),
        ),
        supersedes=_AFTER,
    ),
    Entry(
        code="firmware-needs-sign-in",
        step=Step.DNS,
        level=Level.INFORMATION,
        where="A",
        title="This firmware learns its update server by a sign-in alone",
        meaning=(
            "Firmware 1.0.199.123 does not ask DNS for the update service: the check was disabled in it. So the "
            "record, and the server behind it, do not show whether this phone gets there. A sign-in gives it the URL "
            "of its server."
        ),
        causes=(
            "The phone still has its first firmware, and nobody has signed in on it.",
            "Somebody has signed in: the phone uses the URL that it got then, which may be another server's.",
        ),
        fix=(
            "Sign in on the phone once; the server then gives it the URLs of the updates. No DNS record helps it. To "
            "test its path, name the server that a sign-in hands out with --url."
        ),
        commands=(
            "Get-CsService -WebServer | Format-List Identity,PoolFqdn,DeviceUpdate*",
            "ucdiag probe --url http://<name of the pool>/RequestHandler/ucdevice.upx --firmware 1.0.199.123",
        ),
        who=Who.PHONE,
        sources=(
            ref.documented("firmware 1.0.199.123 does not ask", ref.GUIDE_23),
            ref.documented("sign-in gives the phone the update URLs", ref.PROCESS_R2, ref.PROCESS_LYNC),
        ),
        supersedes=("dns-r2-missing", "dns-legacy-only", "dns-sip-domain-only"),
    ),
    Entry(
        code="sign-in-failed",
        step=Step.DNS,
        level=Level.WARNING,
        where="C",
        title="The phone could not reach its registrar to sign in",
        meaning=(
            "The phone tried to sign in, and the connection or its handshake failed. It uses SIP over TLS, on port "
            "5061 or on port 443 of an Access Edge. A sign-in gives a phone the URL of its update server. Firmware "
            "1.0.199.123 and phones of other makers have no other way to it."
        ),
        causes=(
            "The SRV record or the name sip points to a server that is gone or has no Front End service.",
            "A firewall between the voice VLAN and the pool drops or refuses port 5061.",
            "The phone does not trust the server's certificate: unknown root, expired, or signed with SHA-2, which "
            "old firmware cannot verify.",
            "The server has switched off TLS 1.0, and the phone speaks nothing newer.",
            "The Front End or Access Edge service is stopped.",
        ),
        fix=(
            "Check that {host} is the pool or the Access Edge, and that its service runs. Open port 5061 of the "
            "pool, or port 443 of the Access Edge, from the phones' subnet. If the phone itself refused the "
            "handshake, its alert gives the reason. Publish the root certificate, renew the certificate, or use a "
            "chain that the phone can verify."
        ),
        commands=(
            "Resolve-DnsName -Name _sipinternaltls._tcp.{domain} -Type SRV -DnsOnly",
            "Test-NetConnection {address} -Port 5061",
            "Test-NetConnection {address} -Port 443",
            "openssl s_client -connect {address}:5061 -tls1 -cipher DEFAULT@SECLEVEL=0",
            "Get-CsWindowsService",
            "Get-CsCertificate | Format-List Use,Subject,NotAfter",
        ),
        who=Who.SERVER,
        sources=(
            ref.documented("sign-in gives the phone the update URLs", ref.PROCESS_R2, ref.PROCESS_LYNC),
            ref.documented("the SRV record _sipinternaltls._tcp names the pool at port 5061", ref.DNS_LYNC_2013),
            ref.documented("no SHA-2 in the handshake with the pool", ref.GUIDE_26),
            ref.background("the names sipinternal, sip and sipexternal are tried where there is no SRV record"),
        ),
    ),
)
