"""Step 3, the connection: TCP to the address that DNS gave."""

from ucdiag.diagnosis.catalogue import references as ref
from ucdiag.diagnosis.catalogue.dhcp import NO_ROUTER
from ucdiag.diagnosis.catalogue.entry import Entry, Variant
from ucdiag.model.steps import Level, Step, Who
from ucdiag.model.vocabulary import FindingCode

_PORTS = (
    ref.documented(
        "the phone's internal update request goes to port 80, according to Polycom", ref.GUIDE_23, ref.GUIDE_26
    ),
    ref.documented("it goes over port 443, according to Microsoft", ref.PROCESS_R2, ref.PROCESS_LYNC),
    ref.inferred("port 80 for R2, either port for Lync before the first sign-in", ref.GUIDE_26, ref.GET_SERVICE),
)
_CHECKS = (
    "Test-NetConnection {address} -Port {port}",
    "Test-NetConnection {address} -Port 443",
    "nc -vz -w 5 {address} {port}",
)
_AFTER: tuple[FindingCode, ...] = ("request-not-sent", "download-not-tried")

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="other-server-failed",
        step=Step.CONNECT,
        level=Level.INFORMATION,
        where="C",
        title="The phone failed to reach another host, perhaps the server of an earlier sign-in",
        meaning=(
            "The phone asked for no update server and tried to reach a host that it knows already. A phone that "
            "somebody signed in on keeps the URL of its pool, so that host may be its update server. The capture does "
            "not prove that, so nothing is called broken."
        ),
        causes=(
            "The phone keeps the URL of a pool that was moved, replaced or switched off.",
            "A firewall drops or refuses the port between the voice VLAN and that server.",
            "The phone does not trust the certificate there: see its own alert.",
            "The host is something else, such as an address book or a certificate server, and the update path is fine.",
        ),
        fix=(
            "Find out what {host} is, and judge the capture again with --server if it is the pool. Repair it, or let "
            "its name resolve to the pool that took over. If the pool is gone, sign in again on the phone, which gives "
            "it the new URL. Or reset it to factory settings: then it asks DNS."
        ),
        commands=(
            "ucdiag capture -r <capture file> --server {host}",
            "ucdiag probe --address {address} --port {port}",
            "Get-CsService -WebServer | Format-List Identity,PoolFqdn,DeviceUpdate*",
        ),
        who=Who.SERVER,
        sources=(
            ref.traced("after its sign-in the phone sends the request to the pool's own name", ref.GUIDE_26),
            ref.documented("sign-in gives the phone the update URLs", ref.PROCESS_R2, ref.PROCESS_LYNC),
            ref.inferred("a phone keeps the URL of a pool that no longer exists", ref.GUIDE_26, ref.PROCESS_LYNC),
        ),
        supersedes=_AFTER,
        variants=(
            Variant(
                name="signed-in",
                fix=(
                    "Find out what {host} is, and judge the capture again with --server if it is the pool. Repair "
                    "it, or let its name resolve to the pool that took over. The phone reached its registrar, which "
                    "gives it the update URL: compare that URL with {host}."
                ),
                commands=(
                    "ucdiag capture -r <capture file> --server {host}",
                    "ucdiag probe --address {address} --port {port}",
                    "Get-CsService -WebServer | Format-List Identity,PoolFqdn,DeviceUpdate*",
                ),
                who=Who.SERVER,
            ),
        ),
    ),
    Entry(
        code="connect-refused",
        step=Step.CONNECT,
        level=Level.ERROR,
        where="AC",
        title="The update server refused the connection",
        meaning=(
            "The phone reached a machine at that address, and nothing listens on that port there (the SYN was "
            "answered by a reset). The phone cannot ask for an update."
        ),
        causes=(
            "The record points to a machine that does not run the web service: a Mediation or Edge server, an old "
            "server, a PC.",
            "IIS, or the web site with the binding for that port, is stopped.",
            "The load balancer has no service for that port, or no healthy member behind it.",
            "The internal web site listens on another port (8080 and 4443 are those of the external web site of Lync).",
            "A firewall answers with a reset.",
        ),
        fix=(
            "Check that {address} is the pool's address for web services and that IIS listens on port {port} there. "
            "Lync and Skype for Business: the internal web site must be bound to 80 and 443; on a load balancer, "
            "publish both ports. If the address is wrong, correct {origin}."
        ),
        commands=(
            *_CHECKS,
            "Get-CsService -WebServer | Format-List Identity,PoolFqdn,Primary*Port,DeviceUpdate*",
            '& "$env:windir\\system32\\inetsrv\\appcmd.exe" list site',
            "netstat -ano -p TCP",
            '& "$env:windir\\system32\\inetsrv\\appcmd.exe" start site "<site name>"',
        ),
        who=Who.SERVER,
        sources=(*_PORTS, ref.inferred("a record that points to the wrong host is answered by a reset", ref.GUIDE_23)),
        supersedes=_AFTER,
    ),
    Entry(
        code="connect-no-answer",
        step=Step.CONNECT,
        level=Level.ERROR,
        where="AC",
        title="The update server did not answer the connection",
        meaning=(
            "The phone's SYNs to that address and port got no answer that reached it. Something drops them or the "
            "answer, or nothing is there. The phone waits, gives up, and tries again much later."
        ),
        causes=(
            "A firewall or access list between the voice VLAN and the servers drops that port; PCs are in another "
            "VLAN.",
            "The record points to an address that is no longer in use.",
            "There is no route back from the server (or its load balancer) to the voice VLAN.",
            "The Windows firewall on the server allows the port for some networks only.",
            "The server, or its network connection, is down.",
        ),
        fix=(
            "Open TCP ports 80 and 443 from the phones' subnet to {address}, in both directions of the way. If "
            "nothing has that address any more, correct {origin}. Test from the phones' VLAN: a test from "
            "the server VLAN does not pass the firewall."
        ),
        commands=(
            *_CHECKS,
            "tracert -d {address}",
            "New-NetFirewallRule -DisplayName 'Device Update Service' -Direction Inbound -Protocol TCP -LocalPort "
            "80,443 -RemoteAddress <subnet of the phones> -Action Allow",
        ),
        who=Who.NETWORK,
        sources=(*_PORTS, ref.inferred("a blocked port shows as repeated SYNs", ref.GUIDE_23)),
        supersedes=_AFTER,
        variants=(
            Variant(
                name="answer-lost",
                fix=(
                    "Check the way from {address} to the phones' subnet. The server answers, so its port is open, and "
                    "the answer does not come back to the phone. Usual causes are the default gateway or a route of "
                    "the server or load balancer, and a firewall that sees only one direction (asymmetric routing). "
                    "Ping a phone from the server, and capture at the phone too."
                ),
                commands=("route print -4",),
                who=Who.NETWORK,
            ),
        ),
    ),
    Entry(
        code="connect-unreachable",
        step=Step.CONNECT,
        level=Level.ERROR,
        where="AC",
        title="The update server's address cannot be reached",
        meaning=(
            "The network reports that it cannot reach that address. There is no route, a router sent ICMP "
            "'unreachable', or ARP for the address or the gateway got no answer. The SYN never reached the server."
        ),
        causes=(
            "The lease of the voice VLAN has no gateway (option 3), or a wrong one.",
            "The gateway is down, or not in the phone's VLAN.",
            "A router has no route to the server's subnet, or two routers send the packets to each other.",
            "A firewall or access list refuses the port and answers by ICMP ('prohibited', 'port unreachable').",
            "The address is in the phone's own subnet, and no machine has it.",
            "The subnet mask of the lease (option 1) is too wide, so the phone looks for the server on its own link.",
        ),
        fix=(
            "See options 001 and 003 of the phone's scope, the gateway's interface in that VLAN, and the route to "
            "{address} and back. If the address is wrong, correct {origin}."
        ),
        commands=(
            "tracert -d {address}",
            "arp -a",
            "Get-DhcpServerv4OptionValue -ComputerName {dhcp_server} -ScopeId <scope> -OptionId 3",
            "Set-DhcpServerv4OptionValue -ComputerName {dhcp_server} -ScopeId <scope> -Router <gateway>",
        ),
        who=Who.NETWORK,
        sources=(
            ref.background("what ICMP destination unreachable and its codes mean", "RFC 792"),
            ref.documented("option 3 is the gateway, option 1 the subnet mask", f"{ref.RFC_2132}, 3.3 and 3.5"),
        ),
        supersedes=_AFTER,
        variants=(
            Variant(
                name="filtered",
                fix=(
                    "Find the filter that refuses the port: the ICMP message names the machine that sent it. "
                    "There, let TCP ports 80 and 443 pass from the phones' subnet to {address}. Test from the phones' "
                    "VLAN: a test from the server VLAN does not pass the filter. If the address is wrong, correct "
                    "{origin}."
                ),
                commands=(*_CHECKS, "tracert -d {address}"),
                who=Who.NETWORK,
            ),
            Variant(
                name="nobody-there",
                fix=(
                    "Check that {address} (the server, or the load balancer's virtual address) is up and in the "
                    "phone's VLAN. The phone looks for it in its own subnet, and nobody answers. If it is in another "
                    "subnet, the subnet mask of the lease is too wide. If the address is wrong, correct {origin}."
                ),
                commands=("arp -a", "Get-DhcpServerv4Scope -ComputerName {dhcp_server}"),
                who=Who.NETWORK,
            ),
            Variant(
                name="no-host",
                fix=(
                    "Correct {origin}: {address} is a broadcast or multicast address, and no server can have it. It "
                    "has to be the pool's address for web services."
                ),
                commands=("Get-CsService -WebServer | Format-List Identity,PoolFqdn,Primary*Port,DeviceUpdate*",),
                who=Who.DNS,
            ),
            Variant(
                name="routing-loop",
                fix=(
                    "Compare the routes to {address} on the routers of the way, first on the one that sent the ICMP "
                    "message. They send the packets round in a circle: two of them name each other as the next hop, or "
                    "a default route leads back. If the address is wrong, correct {origin}."
                ),
                commands=("tracert -d {address}",),
                who=Who.NETWORK,
            ),
        ),
    ),
    Entry(
        code="connect-not-tried",
        step=Step.CONNECT,
        level=Level.INFORMATION,
        where="C",
        title="The phone got a good address, and no connection to it was seen",
        meaning=(
            "DNS answered well, and no connection attempt to that address followed in the capture. What stopped the "
            "phone cannot be seen from here."
        ),
        causes=(
            "The connection does not pass the capture point: the capture was taken at the DNS server, or the phone's "
            "packets go another way.",
            "A capture filter left out the port; the phone may use 443 where 80 was captured.",
            "The phone was signed in to or restarted just then.",
            "It is no phone: somebody looked the name up on a computer (nslookup), or a proxy did.",
            "The phone waits for the right time or for its sign-in first; the order of its steps is only partly "
            "published.",
        ),
        fix=(
            "Capture on the phone's own switch port, without a filter on ports, through a whole restart of the phone. "
            "Then test the server itself with a probe."
        ),
        commands=(
            "sudo ucdiag capture -i <interface> --mac {mac} --until-done",
            "ucdiag probe --address {address} --port {port}",
        ),
        who=Who.PHONE,
        sources=(*_PORTS, ref.field_report("the order 'VLAN, address, update service, ...'", ref.ROLLOUT)),
        supersedes=_AFTER,
        variants=(
            NO_ROUTER,
            Variant(
                name="slow-answer",
                fix=(
                    "Find out why {nameserver} takes longer to answer than the phone waits. A forwarder may not "
                    "answer, so that it asks the next; the server or the link may be overloaded. Ask it several "
                    "times from the phones' VLAN. A server that holds the zone itself answers at once."
                ),
                commands=(
                    "Resolve-DnsName -Name {name} -Type A -Server {nameserver} -DnsOnly",
                    "dig @{nameserver} {name} A",
                    "Get-DnsServerForwarder -ComputerName {nameserver}",
                ),
                who=Who.DNS,
            ),
            Variant(
                name="truncated",
                fix=(
                    "Make the answer for {name} short enough for UDP (512 bytes): fewer addresses, or no long alias. "
                    "{nameserver} truncated it, and a phone that does not get the rest over TCP may use none of it. "
                    "Or open TCP port 53 from the phones' subnet to {nameserver}. Capture again with the filter "
                    "'port 53', not 'udp port 53'."
                ),
                commands=(
                    "dig -p {dns_port} +ignore +noedns @{nameserver} {name} A",
                    "dig -p {dns_port} +tcp @{nameserver} {name} A",
                    "sudo ucdiag capture -i <interface> --mac {mac} --until-done",
                ),
                who=Who.DNS,
            ),
            Variant(
                name="no-connections",
                fix=(
                    "Capture on the phone's own switch port, or at {address}, through a whole restart of the phone. At "
                    "the DNS server its connections do not pass, and this capture has none of them. A SYN without an "
                    "answer, or a refusal, then shows what stops the phone. If this capture was taken at the phone "
                    "without a filter, it did not try: test the server itself with a probe."
                ),
                commands=(
                    "sudo ucdiag capture -i <interface> --mac {mac} --until-done",
                    "ucdiag probe --address {address} --port {port}",
                ),
                who=Who.NETWORK,
            ),
            Variant(
                name="perhaps-no-phone",
                fix=(
                    "Find out first what this host is, by its address. If it is a computer on which somebody looked "
                    "the name up (nslookup), a proxy or a monitor, nothing is wrong. Name the phones with --mac then. "
                    "If it is a phone, capture on its own switch port, or at {address}, through a whole restart. At "
                    "the DNS server its connections do not pass. If this capture was taken at the phone without a "
                    "filter, it did not try: test the server itself with a probe."
                ),
                commands=(
                    "sudo ucdiag capture -i <interface> --mac {mac} --until-done",
                    "ucdiag probe --address {address} --port {port}",
                ),
                who=Who.NETWORK,
            ),
            Variant(
                name="went-elsewhere",
                fix=(
                    "The phone went to {address} instead. Find out what it is: the server of an earlier sign-in, or "
                    "an address that somebody put into the DNS answer on its way. If it is an update server, judge "
                    "the capture again with --server."
                ),
                commands=(
                    "ucdiag capture -r <capture file> --server {address}",
                    "ucdiag probe --address {address} --port {port}",
                ),
                who=Who.PHONE,
            ),
        ),
    ),
)
