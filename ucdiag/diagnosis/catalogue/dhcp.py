"""Step 1, the lease; and what a capture says about itself: that it is too short, or that it shows no phone."""

from ucdiag.diagnosis.catalogue import capture_holes
from ucdiag.diagnosis.catalogue import references as ref
from ucdiag.diagnosis.catalogue.entry import Entry, Variant
from ucdiag.model.steps import Level, Step, Who

_BUILDS_THE_NAME = ref.documented(
    "the phone asks for ucupdates-r2 in its DHCP domain", ref.GUIDE_23, ref.PROCESS_R2, ref.PROCESS_LYNC
)
_OPTION_15 = ref.documented(
    "the phone takes its domain from option 15 and can be given no address or domain by hand", ref.RESOURCE_KIT
)
_OPTION_15_FORM = ref.documented("option 15 is one domain name, at least one octet long", f"{ref.RFC_2132}, 3.17")

#: Of a phone that sends nothing to a host that is probably in another subnet.
NO_ROUTER = Variant(
    name="no-router",
    fix=(
        "Set option 003 of the phone's scope to the gateway of that subnet, then restart the phone. If the host is in "
        "the phone's own subnet all the same, capture through a whole restart of the phone."
    ),
    commands=(
        "Get-DhcpServerv4OptionValue -ComputerName {dhcp_server} -ScopeId <scope> -OptionId 3",
        "Set-DhcpServerv4OptionValue -ComputerName {dhcp_server} -ScopeId <scope> -Router <gateway>",
        "sudo ucdiag capture -i <interface> --mac {mac} --until-done",
    ),
    who=Who.NETWORK,
)

#: Of a phone whose option 15 is the name of the server and not the domain.
DOMAIN_IS_SERVER = Variant(
    name="domain-is-server",
    fix=(
        "Set option 015 of the phones' scope to the domain alone, {domain}, and restart the phone. A phone "
        "puts ucupdates-r2 in front of what option 015 says. No DNS record is needed for this."
    ),
    commands=(
        "Get-DhcpServerv4OptionValue -ComputerName {dhcp_server} -ScopeId <scope> -OptionId 15",
        "Set-DhcpServerv4OptionValue -ComputerName {dhcp_server} -ScopeId <scope> -DnsDomain {domain}",
        "netsh dhcp server {dhcp_server} scope <scope> set optionvalue 015 STRING {domain}",
    ),
    who=Who.NETWORK,
)

_SCOPE = (
    "Get-DhcpServerv4Scope -ComputerName {dhcp_server}",
    "Get-DhcpServerv4ScopeStatistics -ComputerName {dhcp_server}",
)
_NO_ADDRESS = Variant(
    name="no-address",
    fix=(
        "See on {dhcp_server}, which answers in this VLAN, why it has no address for the phone: its log says so. The "
        "scope may have no free address, or give addresses to reservations alone; a filter or policy may leave the "
        "phone's MAC address out. A switch (DHCP snooping, port security) may drop what this machine asks for "
        "another MAC address than its own. Ask then from a port without it."
    ),
    commands=(*_SCOPE, "Get-DhcpServerv4FilterList -ComputerName {dhcp_server}", "Get-DhcpServerInDC"),
    who=Who.NETWORK,
)
_ANSWERED_BEFORE = Variant(
    name="answered-before",
    fix=(
        "Check that the DHCP service on {dhcp_server}, which answered the phone before, still runs and has free "
        "addresses. The phone's port must still be in that VLAN. Where a relay is between them, check that it and "
        "the way to the server are up. Then restart the phone."
    ),
    commands=("sudo ucdiag check-dhcp --ask --mac {mac}", *_SCOPE, "Get-DhcpServerInDC"),
    who=Who.NETWORK,
)

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="dhcp-no-answer",
        step=Step.DHCP,
        level=Level.ERROR,
        where="AC",
        title="No DHCP server answered the phone",
        meaning=(
            "The phone asked for an address, and nothing came back. It has no static settings to fall back on, so "
            "it stops here: no address, no domain, no update and no sign-in."
        ),
        causes=(
            "The switch port, or the voice VLAN that the phone is in, has no DHCP server and no relay (ip helper) to "
            "one.",
            "The scope of this subnet is exhausted, deactivated, or has no range for it.",
            "DHCP snooping or a port security rule on the switch drops the server's answers.",
            "The DHCP server is down, or not authorised in Active Directory.",
            "The capture was taken where the answers do not pass (a one-way mirror port).",
        ),
        fix=(
            "Give the phone's VLAN a DHCP server or a relay, and the scope free addresses. On the router: an ip "
            "helper-address (DHCP relay) on the interface of that VLAN that points to the DHCP server. On a switch "
            "with DHCP snooping: trust the uplink to the server. If the server is a Windows one, check that the scope "
            "is active and the server authorised."
        ),
        commands=(
            "sudo ucdiag check-dhcp --ask --mac {mac}",
            *_SCOPE,
            "Get-DhcpServerInDC",
        ),
        who=Who.NETWORK,
        sources=(
            ref.documented("the phone gets its settings by DHCP only, it has no static IP setting", ref.RESOURCE_KIT),
            ref.background("a client that gets no offer repeats DISCOVER with growing pauses", f"{ref.RFC_2131}, 4.1"),
        ),
        supersedes=("dns-not-asked", "connect-not-tried", "request-not-sent", "download-not-tried"),
        variants=(_NO_ADDRESS, _ANSWERED_BEFORE),
    ),
    Entry(
        code="dhcp-nak",
        step=Step.DHCP,
        level=Level.ERROR,
        where="C",
        title="The DHCP server's last word was a refusal (NAK)",
        meaning=(
            "The phone asked to keep or to take an address, the server said no, and no lease followed. A NAK that is "
            "followed by a lease is normal (a phone moved to another subnet); here none followed."
        ),
        causes=(
            "The phone moved to another VLAN, asked for its old address, and then got no offer in the new one.",
            "Two DHCP servers serve the same subnet with different ranges, and one refuses what the other gave.",
            "A reservation for this MAC contradicts the address that the phone holds.",
            "The scope was changed or moved while leases were out.",
        ),
        fix=(
            "Find the server that sent the NAK ({dhcp_server}) and check whether it should serve this subnet at all. "
            "Let one server serve each subnet, or two with the same scope and separate ranges. Remove a stale lease "
            "or reservation of this phone. Then restart the phone."
        ),
        commands=(
            "sudo ucdiag check-dhcp --ask --mac {mac}",
            "Get-DhcpServerv4Lease -ComputerName {dhcp_server} -ScopeId <scope>",
            "Get-DhcpServerv4Reservation -ComputerName {dhcp_server} -ScopeId <scope>",
        ),
        who=Who.NETWORK,
        sources=(ref.documented("a client restarts from DISCOVER after a DHCPNAK", f"{ref.RFC_2131}, 3.1 and 4.3.2"),),
        supersedes=("dhcp-no-answer", "dns-not-asked", "connect-not-tried", "request-not-sent", "download-not-tried"),
    ),
    Entry(
        code="dhcp-no-domain",
        step=Step.DHCP,
        level=Level.ERROR,
        where="AC",
        title="The lease carries no DNS domain (option 15)",
        meaning=(
            "The phone builds the name that it asks for, ucupdates-r2.<DHCP domain>, from option 15 of its lease. "
            "Without one it cannot ask for the right name, however good the DNS record is. A PC on the same subnet "
            "may work all the same, because it has its domain from Active Directory."
        ),
        causes=(
            "Option 015 (DNS Domain Name) was never set on the scope of the voice VLAN; the PCs' scope has it.",
            "It is set for a policy, vendor class or user class that the phone does not belong to.",
            "The router or switch is the DHCP server of the voice VLAN and sets no domain-name.",
            "The option is there and empty.",
        ),
        fix=(
            "Set option 015 (DNS Domain Name) on the phone's scope to the domain that holds, or shall hold, the "
            "record ucupdates-r2. On a Cisco router: 'domain-name' in the 'ip dhcp pool'; ISC dhcpd: 'option "
            "domain-name'; dnsmasq: 'dhcp-option=option:domain-name,'; Kea: option-data 'domain-name'. Then restart "
            "the phone, or it keeps its old lease."
        ),
        commands=(
            "Get-DhcpServerv4OptionValue -ComputerName {dhcp_server} -ScopeId <scope>",
            "netsh dhcp server {dhcp_server} scope <scope> show optionvalue",
            "Set-DhcpServerv4OptionValue -ComputerName {dhcp_server} -ScopeId <scope> -DnsDomain {domain}",
            "netsh dhcp server {dhcp_server} scope <scope> set optionvalue 015 STRING {domain}",
            "sudo ucdiag check-dhcp --ask --mac {mac}",
        ),
        who=Who.NETWORK,
        sources=(
            _BUILDS_THE_NAME,
            _OPTION_15,
            ref.inferred(
                "what the phone asks without option 15 (nothing, or an unqualified name) is published nowhere",
                ref.GUIDE_23,
            ),
        ),
        supersedes=("dns-not-asked", "dns-wrong-domain", "connect-not-tried", "request-not-sent", "download-not-tried"),
    ),
    Entry(
        code="dhcp-domain-unusable",
        step=Step.DHCP,
        level=Level.ERROR,
        where="AC",
        title="The DHCP domain (option 15) is not one DNS name",
        meaning=(
            "The phone puts ucupdates-r2. in front of what option 15 says and asks for the result. What option 15 says "
            "here cannot end a DNS name, so no record can ever match."
        ),
        causes=(
            "Several domains were written into option 15, separated by blanks, commas or semicolons, as a search list.",
            "A typing error: a blank, a character that no DNS name has, two dots in a row.",
            "An address or a URL was entered in place of a name.",
            "A label is longer than 63 characters, or the whole is too long.",
            "The name of the update server itself was entered: a warning, and where DNS was asked, its answer decides.",
        ),
        fix=(
            "Write exactly one domain name into option 015 of the phone's scope. A list of search domains belongs in "
            "option 119. It is not known whether these phones search those domains for ucupdates-r2, so do not rely "
            "on it. Then restart the phone."
        ),
        commands=(
            "Get-DhcpServerv4OptionValue -ComputerName {dhcp_server} -ScopeId <scope> -OptionId 15",
            "Set-DhcpServerv4OptionValue -ComputerName {dhcp_server} -ScopeId <scope> -DnsDomain <DHCP domain>",
            "netsh dhcp server {dhcp_server} scope <scope> set optionvalue 015 STRING <DHCP domain>",
        ),
        who=Who.NETWORK,
        sources=(
            _OPTION_15_FORM,
            ref.documented("a label has at most 63 octets, a name at most 255", ref.RFC_1035),
            ref.documented("option 119 is described for these phones too", ref.RESOURCE_KIT),
            _BUILDS_THE_NAME,
        ),
        supersedes=("dns-not-asked", "dns-wrong-domain", "connect-not-tried", "request-not-sent", "download-not-tried"),
        variants=(DOMAIN_IS_SERVER,),
    ),
    Entry(
        code="dhcp-no-resolver",
        step=Step.DHCP,
        level=Level.ERROR,
        where="AC",
        title="The lease names no DNS server (option 6)",
        meaning=(
            "The phone knows in which domain to ask and has nobody to ask. It finds neither the update service nor the "
            "SIP server."
        ),
        causes=(
            "Option 006 (DNS Servers) is not set on the scope of the voice VLAN.",
            "It is set for a policy or class that the phone does not belong to.",
            "The router that serves DHCP for this VLAN has no dns-server line in its pool.",
        ),
        fix=(
            "Set option 006 (DNS Servers) on the phone's scope to the servers that hold or can resolve the site's "
            "internal zone, not to public ones. Then restart the phone."
        ),
        commands=(
            "Get-DhcpServerv4OptionValue -ComputerName {dhcp_server} -ScopeId <scope>",
            "Set-DhcpServerv4OptionValue -ComputerName {dhcp_server} -ScopeId <scope> -DnsServer <DNS server>",
            "netsh dhcp server {dhcp_server} scope <scope> set optionvalue 006 IPADDRESS <DNS server>",
        ),
        who=Who.NETWORK,
        sources=(
            ref.documented("option 6 lists the client's DNS servers", f"{ref.RFC_2132}, 3.8"),
            ref.inferred("without it the phone cannot look up ucupdates-r2", ref.GUIDE_23, ref.RESOURCE_KIT),
        ),
        supersedes=("dns-not-asked", "connect-not-tried", "request-not-sent", "download-not-tried"),
    ),
    Entry(
        code="dhcp-domains-differ",
        step=Step.DHCP,
        level=Level.WARNING,
        where="AC",
        title="Two DHCP servers hand out different domains",
        meaning=(
            "The name that the phone asks for depends on which offer it takes. So the update may work today and not "
            "tomorrow, or for one phone only."
        ),
        causes=(
            "A second, forgotten or rogue DHCP server is on the link.",
            "Two servers share the subnet (split scope), and option 015 was changed on one only.",
            "A failover pair whose scope options were not replicated.",
        ),
        fix=(
            "Give option 015 the same value on all servers of this subnet, or take the server off that should not be "
            "there. If both domains are wanted, create the record ucupdates-r2 in both."
        ),
        commands=(
            "sudo ucdiag check-dhcp --ask --mac {mac}",
            "Get-DhcpServerv4OptionValue -ComputerName {dhcp_server} -ScopeId <scope> -OptionId 15",
            "Invoke-DhcpServerv4FailoverReplication -ComputerName {dhcp_server}",
        ),
        who=Who.NETWORK,
        sources=(
            _BUILDS_THE_NAME,
            ref.documented("a client may take any of the offers that it receives", f"{ref.RFC_2131}, 3.1"),
        ),
    ),
    Entry(
        code="dhcp-domain-unexpected",
        step=Step.DHCP,
        level=Level.WARNING,
        where="AC",
        title="The DHCP domain is not the one that was expected",
        meaning=(
            "The domain given with --domain is not the one that DHCP hands out here. The phone asks in the domain "
            "that its own lease gives, so a record in the expected domain helps only phones that get that domain."
        ),
        causes=(
            "The machine that ran the check is in another VLAN or scope than the phone.",
            "The scope of the voice VLAN has a child, parent or old domain in option 015.",
            "The SIP domain was given, and the DHCP domain is another one.",
            "The machine's domain comes from a VPN or from its own settings and not from DHCP.",
        ),
        fix=(
            "Find out which domain the phone gets: run the check in the phone's VLAN, or ask as the phone. If DHCP "
            "is wrong, set option 015 to {domain}. If the expectation was wrong, run the check again with the right "
            "domain. Or create the record in both domains."
        ),
        commands=(
            "sudo ucdiag check-dhcp --ask --mac {mac}",
            "ucdiag check-dns --domain {domain}",
            "Set-DhcpServerv4OptionValue -ComputerName {dhcp_server} -ScopeId <scope> -DnsDomain {domain}",
        ),
        who=Who.NETWORK,
        sources=(
            _BUILDS_THE_NAME,
            ref.documented(
                "pages on DNS planning speak of the SIP domain instead; the two differ in some sites",
                ref.DNS_LYNC_2013,
                ref.DNS_SKYPE,
            ),
        ),
    ),
    Entry(
        code="dhcp-voice-vlan-silent",
        step=Step.DHCP,
        level=Level.ERROR,
        where="C",
        title="The phone was sent to a voice VLAN and got no lease there",
        meaning=(
            "DHCP gave the phone a voice VLAN (option 43, sub-option 10). The phone released its lease in the data "
            "VLAN and asked again in the voice VLAN, where nothing answered. It stays without an address."
        ),
        causes=(
            "The voice VLAN is not allowed, tagged, on the phone's switch port or on the trunk to the router.",
            "The voice VLAN has no DHCP server and no relay (ip helper).",
            "Sub-option 10 names the wrong VLAN, or is encoded otherwise than the phone reads it.",
            "The capture was taken where the tagged frames of the voice VLAN do not show.",
        ),
        fix=(
            "Allow VLAN {vlan} tagged on the phone's switch port and on the trunk to the router. Give that VLAN a "
            "DHCP scope or a relay. Check that option 43 for the vendor class CPE-OCPhone carries the right VLAN in "
            "sub-option 10. A phone keeps the VLAN that it learnt: after the change, restart it, or reset it if it "
            "still uses the old one."
        ),
        commands=(
            "sudo ucdiag check-dhcp --ask --vlan {vlan} --mac {mac}",
            "Get-DhcpServerv4Class -ComputerName {dhcp_server} -Type Vendor",
            "Get-DhcpServerv4OptionValue -ComputerName {dhcp_server} -ScopeId <scope> -VendorClass <vendor class>",
        ),
        who=Who.NETWORK,
        sources=(
            ref.documented(
                "the phone asks with vendor class CPE-OCPhone, reads the VLAN id from option 43, stores it, releases "
                "its lease and asks again with the tag",
                ref.RELEASE_NOTES,
            ),
            ref.documented("sub-option 10 of option 43 is the VLAN id, 1 to 4094", ref.AUDIOCODES),
            ref.documented(
                "the vendor class is spelt CPE-OCPhone in one text and CPE-OCPHONE in another",
                ref.RELEASE_NOTES,
                ref.DHCP_OPTIONS,
            ),
            ref.inferred("that a wrong VLAN leaves the phone silent", ref.RELEASE_NOTES),
        ),
        supersedes=("dhcp-no-answer", "dns-not-asked", "connect-not-tried", "request-not-sent", "download-not-tried"),
    ),
    Entry(
        code="dhcp-domain-by-class",
        step=Step.DHCP,
        level=Level.WARNING,
        where="AC",
        title="The domain that DHCP offers depends on the vendor class",
        meaning=(
            "Such a phone uses two vendor classes with DHCP, CPE-OCPhone and MS-UC-Client. They are offered "
            "different domains (option 15), or one of them none. It is not published which class the phone uses for "
            "its lease. So it may ask for another name than this machine shows."
        ),
        causes=(
            "A DHCP policy, class or tag sets option 015 for one vendor class and leaves the other out.",
            "The policy was made for one spelling of the class: MS-UC-Client has to be written exactly, and "
            "CPE-OCPhone is spelt CPE-OCPHONE in some texts.",
            "Option 015 is set in the policy, and not in the scope.",
            "A policy for guests or unknown devices takes in the phones' class.",
            "The server answers clients without a vendor class only.",
        ),
        fix=(
            "Set option 015 (DNS Domain Name) on the scope itself, so that it does not depend on the class. Keep in "
            "the policy only what that class needs. If the difference is wanted, create the record ucupdates-r2 in "
            "each of the domains. Then restart the phone."
        ),
        commands=(
            "sudo ucdiag check-dhcp --ask --mac {mac}",
            "Get-DhcpServerv4Policy -ComputerName {dhcp_server} -ScopeId <scope>",
            "Get-DhcpServerv4OptionValue -ComputerName {dhcp_server} -ScopeId <scope> -PolicyName <policy>",
            "Get-DhcpServerv4Class -ComputerName {dhcp_server} -Type Vendor",
            "Set-DhcpServerv4OptionValue -ComputerName {dhcp_server} -ScopeId <scope> -DnsDomain {domain}",
        ),
        who=Who.NETWORK,
        sources=(
            ref.documented("the phone asks for its VLAN with the vendor class CPE-OCPhone", ref.RELEASE_NOTES),
            ref.documented("and for the certificate service with MS-UC-Client", ref.DHCPUTIL),
            _BUILDS_THE_NAME,
            ref.inferred("that the class of the lease decides which name it asks for", ref.GUIDE_23, ref.DHCPUTIL),
        ),
        supersedes=("dhcp-no-domain",),
    ),
    Entry(
        code="lease-rewritten",
        step=Step.DHCP,
        level=Level.WARNING,
        where="A",
        title="This machine's DHCP client kept a changed value",
        meaning=(
            "The lease on this machine does not hold what the DHCP server sent: the client's own settings changed it "
            "first. So the value is not judged as option 15, or as option 6. It says nothing about what a phone gets."
        ),
        causes=(
            "In dhclient.conf stands supersede, append, prepend or default for this option: dhclient writes into its "
            "lease file what is left after that.",
            "In dhcpcd.conf stands the value itself (static domain_name=), or the option is dropped (nooption), and "
            "the lease can be read by root alone.",
            "The client is udhcpc: it writes the word bad in the place of a domain that is no host name, such as two "
            "names.",
        ),
        fix=(
            "Ask the DHCP servers themselves: check-dhcp --ask shows what they send to a phone. Or take the statement "
            "out of the client's settings, renew the lease and check again. With dhcpcd, run the check as root."
        ),
        commands=(
            "sudo ucdiag check-dhcp --ask --mac {mac}",
            "grep -nE 'supersede|append|prepend|default' /etc/dhcp/dhclient.conf",
            "grep -nE 'static|nooption' /etc/dhcpcd.conf",
        ),
        who=Who.NETWORK,
        sources=(
            ref.documented("supersede, append, prepend and default change what the server sent", ref.DHCLIENT_CONF),
            ref.traced("dhclient 4.4.3-P1 writes the changed value into its lease file", ref.OWN_TRIAL),
            ref.traced("udhcpc 1.35 writes bad for a domain that is no host name", ref.OWN_TRIAL),
            ref.traced("dhcpcd 9.4.1's hook keeps the changed value, its lease file what came", ref.OWN_TRIAL),
        ),
    ),
    Entry(
        code="restart-loop",
        step=Step.DHCP,
        level=Level.WARNING,
        where="C",
        title="The phone restarts again and again",
        meaning=(
            "The phone asked for a new lease as it does at power-on, three times or more within 15 minutes. Whatever "
            "it begins, it does not run long enough to end it."
        ),
        causes=(
            "Firmware 1.0.522.73 on OCS 2007 R2: it signs in, crashes and restarts.",
            "The switch port gives too little power, or switches it off and on.",
            "The phone installs an update, fails, and begins again.",
            "Two update servers each offer the other one's version: it goes back and forth.",
            "Someone takes the phone's power away.",
        ),
        fix=(
            "Look at the switch port's log for power and link. If both are steady, sign the phone out and restart "
            "it, so that it updates before it can crash. The path by DNS needs no sign-in."
        ),
        commands=("sudo ucdiag capture -i <interface> --mac {mac}", "ucdiag check-dns {domain}"),
        who=Who.PHONE,
        sources=(
            ref.field_report("1.0.522.73 signs in to R2, then restarts in a loop", ref.LOKNA),
            ref.documented("a phone checks for updates without a sign-in", ref.GUIDE_23),
            ref.documented("more than one authority for updates makes loops", ref.IP_PHONES_ONLINE),
            ref.background("that a DISCOVER of a phone that had a lease is a restart"),
        ),
    ),
    Entry(
        code="capture-too-short",
        step=Step.DHCP,
        level=Level.INFORMATION,
        where="C",
        title="The capture ends while a step was still waiting",
        meaning=(
            "The capture ends with a question whose answer could still have come. Silence counts as a failure only "
            "after --patience (5 seconds). So nothing is known about that step."
        ),
        causes=(
            "The capture was stopped too early.",
            "A limit of the capture (packets, size, duration) ended it.",
            "The file was cut off while it was copied.",
        ),
        fix=(
            "Capture again, from before power-on until the phone shows its sign-in screen or an update has run. "
            "Phones check at power-on, at sign-in and every 24 hours, so a restart shows the whole path. Or lower "
            "--patience, if this network is known to answer quickly."
        ),
        commands=("sudo ucdiag capture -i <interface> --mac {mac} --until-done -w phone.pcapng",),
        who=Who.NETWORK,
        sources=(
            ref.documented(
                "a phone checks at power-on, at sign-in and every 24 hours",
                ref.PROCESS_LYNC,
                ref.MANAGING,
                ref.UPDATE_CONFIGURATION,
            ),
        ),
    ),
    *capture_holes.ENTRIES,
    Entry(
        code="capture-encapsulated",
        step=Step.DHCP,
        level=Level.INFORMATION,
        where="C",
        title="Most packets are in a tunnel that is not read, or encrypted",
        meaning=(
            "The capture was made where the phones' packets travel inside others. Only the outer packets can be "
            "read, so nothing is known about any phone. That is not a sign of a fault."
        ),
        causes=(
            "The capture was made between two sites that IPsec, WireGuard or OpenVPN connects.",
            "Access points carry the traffic to their controller encrypted (CAPWAP with DTLS), or it was captured on "
            "the air (WPA).",
            "The switches encrypt between each other (MACsec).",
            "The mirror port, or the provider, uses a tunnel that this program does not know.",
        ),
        fix=(
            "Capture outside the tunnel: at the phone's switch port, at the wired side of the wireless controller, "
            "or at the DNS or update server. For a tunnel that is only not read, Wireshark's editcap can cut its "
            "header off (editcap -C)."
        ),
        commands=(
            "tshark -r <capture file> -q -z io,phs",
            "sudo ucdiag capture -i <interface> --mac {mac} --until-done",
        ),
        who=Who.NETWORK,
        sources=(ref.background("what these tunnels look like from outside", "RFC 4303", "RFC 3948", "IEEE 802.1AE"),),
    ),
    Entry(
        code="no-phone-seen",
        step=Step.DHCP,
        level=Level.INFORMATION,
        where="C",
        title="Nothing in the capture looks like such a phone",
        meaning=(
            "Phones are known by what they do: a DNS question for ucupdates, a request to ucdevice.upx, the vendor "
            "classes CPE-OCPhone and MS-UC-Client. The capture shows none of it, so there is no path to judge. That "
            "is not a sign of a fault."
        ),
        causes=(
            "The capture point does not see the phone's traffic: a switch shows a port only its own traffic.",
            "The phone did nothing while the capture ran; between checks it is silent for up to 24 hours.",
            "The phone is in another VLAN than the one that was captured.",
            "A capture filter left out DHCP, DNS or the ports 80 and 443.",
            "The phone's firmware does not ask DNS, or the phone already knows its server from an earlier sign-in.",
        ),
        fix=(
            "Mirror the phone's switch port (SPAN) to the capturing machine, or capture on the DNS or update server. "
            "Start the capture, then power the phone off and on. Name the phone with --mac, or judge every host with "
            "a lease with --all."
        ),
        commands=(
            "sudo ucdiag capture -i <interface> --mac {mac} --until-done",
            "ucdiag capture -r <capture file> --all",
        ),
        who=Who.NETWORK,
        sources=(
            ref.documented(
                "the vendor classes of the phone's DHCP requests", ref.RELEASE_NOTES, ref.DHCP_OPTIONS, ref.DHCPUTIL
            ),
            ref.documented("firmware 1.0.199.123 does not ask DNS for the update service", ref.GUIDE_23),
            ref.documented("a sign-in gives the phone the update URLs", ref.PROCESS_R2, ref.PROCESS_LYNC),
        ),
    ),
)
