"""Step 1. The lease is part of the data: what a DHCP server said is observed, not asked for, on loopback."""

from dataclasses import replace

from ucdiag.lab.scenario import DOMAIN, LEASE, Check, Scenario
from ucdiag.lab.scenarios.base import OLD_PHONE, WHOLE, broken, site
from ucdiag.model.observations import Dhcp
from ucdiag.model.phone_classes import CERTIFICATE_CLASS, VLAN_CLASS

_OFFER = Dhcp(
    time=0,
    type="offer",
    client="00:04:f2:00:00:01",
    server="192.0.2.1",
    address="192.0.2.77",
    domain=DOMAIN,
    resolvers=("192.0.2.53",),
    vendor_class=VLAN_CLASS,
)
_DISCOVER = Dhcp(time=0, type="discover", client="00:04:f2:00:00:01", vendor_class=VLAN_CLASS)

SCENARIOS = (
    Scenario(
        name="dhcp-no-answer",
        title="No DHCP server answers",
        summary="The phone's DISCOVER stays without an offer.",
        site=site(),
        check=Check(),
        observed=(
            Dhcp(time=0, type="discover", client="00:04:f2:00:00:01", vendor_class=VLAN_CLASS, outcome="no_answer"),
        ),
        expect=broken("dhcp", "dhcp-no-answer"),
    ),
    Scenario(
        name="dhcp-no-domain",
        title="The lease has no domain",
        summary="The lease carries no option 15, so the phone has no name to ask for.",
        site=site(),
        observed=(replace(LEASE, domain=None, provenance="the lab's lease of eth0 from 192.0.2.1"),),
        expect=broken("dhcp", "dhcp-no-domain"),
    ),
    Scenario(
        name="dhcp-domain-unusable",
        title="The lease's domain is two names",
        summary="Option 15 holds a search list with a blank, which belongs into option 119.",
        site=site(),
        observed=(replace(LEASE, domain=f"{DOMAIN} fabrikam.example"),),
        expect=broken("dhcp", "dhcp-domain-unusable"),
    ),
    Scenario(
        name="dhcp-no-resolver",
        title="The lease names no DNS server",
        summary="The lease carries no option 6, so the phone has nobody to ask.",
        site=site(),
        observed=(replace(LEASE, resolvers=()),),
        expect=broken("dhcp", "dhcp-no-resolver"),
    ),
    Scenario(
        name="dhcp-domains-differ",
        title="Two DHCP servers, two domains",
        summary="Both offers are usable; which domain the phone gets is left to chance.",
        site=site(),
        check=OLD_PHONE,
        observed=(LEASE, _OFFER, replace(_OFFER, server="192.0.2.2", domain="branch.contoso.example")),
        expect=WHOLE,
        also=("dhcp-domains-differ",),
    ),
    Scenario(
        name="dhcp-domain-unexpected",
        title="DHCP gives another domain than expected",
        summary="The records are in the domain that --domain names; DHCP still hands out the old one.",
        site=site(),
        check=Check(domain=DOMAIN, firmware="1.0.522.101"),
        observed=(replace(LEASE, domain="old.example"),),
        expect=WHOLE,
        also=("dhcp-domain-unexpected",),
    ),
    Scenario(
        name="dhcp-domain-by-class",
        title="The domain depends on the vendor class",
        summary="A policy of the DHCP server sets option 15 for MS-UC-Client, and not for CPE-OCPhone.",
        site=site(),
        check=OLD_PHONE,
        observed=(
            LEASE,
            replace(_DISCOVER, transaction=1),
            replace(_OFFER, transaction=1, domain=None),
            replace(_DISCOVER, transaction=2, vendor_class=CERTIFICATE_CLASS),
            replace(_OFFER, transaction=2),
        ),
        expect=WHOLE,
        also=("dhcp-domain-by-class",),
    ),
    Scenario(
        name="lease-rewritten",
        title="The DHCP client changed the domain",
        summary="dhclient.conf supersedes option 15, so this machine's lease does not show what the server sent.",
        site=site(),
        check=OLD_PHONE,
        observed=(
            replace(
                LEASE,
                rewritten=("domain",),
                rewritten_by=f"supersede domain-name {DOMAIN} in /etc/dhcp/dhclient.conf",
            ),
        ),
        expect=WHOLE,
        also=("lease-rewritten",),
    ),
)
