"""Step 2: the nameservers."""

from dataclasses import replace

from ucdiag.lab.scenario import (
    DOMAIN,
    LEGACY_NAME,
    POOL,
    POOL_NAME,
    R2_NAME,
    SIP_DOMAIN,
    Answer,
    Check,
    Host,
    Nameserver,
    Scenario,
    Web,
)
from ucdiag.lab.scenarios.base import OLD_PHONE, WHOLE, broken, changed_names, site
from ucdiag.update_service.names import R2_LABEL

_ALWAYS = {
    "refused": Answer(rcode="REFUSED"),
    "servfail": Answer(rcode="SERVFAIL"),
    "silent": Answer(silent=True),
}


def _only_nameserver(answer: Answer) -> tuple[Nameserver, ...]:
    return (Nameserver(otherwise=answer),)


SCENARIOS = (
    Scenario(
        name="dns-r2-missing",
        title="The record does not exist",
        summary="Neither ucupdates-r2 nor ucupdates exists in the DHCP domain.",
        site=site({R2_NAME: None}),
        expect=broken("dns", "dns-r2-missing"),
    ),
    Scenario(
        name="dns-legacy-only",
        title="Only the older name exists",
        summary="ucupdates is there from an earlier deployment; a phone of R2 asks for ucupdates-r2.",
        site=site({R2_NAME: None, LEGACY_NAME: Answer(addresses=(POOL,))}),
        expect=broken("dns", "dns-legacy-only"),
    ),
    Scenario(
        name="dns-sip-domain-only",
        title="The record is in the SIP domain only",
        summary="Somebody followed the planning pages; the phone asks in its DHCP domain.",
        site=site({R2_NAME: None, f"{R2_LABEL}.{SIP_DOMAIN}": Answer(addresses=(POOL,))}),
        check=Check(sip_domain=SIP_DOMAIN),
        expect=broken("dns", "dns-sip-domain-only"),
    ),
    Scenario(
        name="dns-no-address",
        title="The name has no A record",
        summary="ucupdates-r2 exists with an AAAA record only.",
        site=site({R2_NAME: Answer(addresses=("2001:db8::10",))}),
        expect=broken("dns", "dns-no-address"),
    ),
    Scenario(
        name="dns-alias-to-nowhere",
        title="The name is an alias of nothing",
        summary="ucupdates-r2 is a CNAME of a pool that is gone.",
        site=site({R2_NAME: Answer(alias=f"oldpool.{DOMAIN}")}),
        expect=broken("dns", "dns-no-address"),
    ),
    Scenario(
        name="dns-alias-loop",
        title="The alias leads back to itself",
        summary="ucupdates-r2 and ucupdates are each other's CNAME.",
        site=site({R2_NAME: Answer(alias=LEGACY_NAME), LEGACY_NAME: Answer(alias=R2_NAME)}),
        expect=broken("dns", "dns-no-address"),
    ),
    Scenario(
        name="dns-server-failure",
        title="The nameserver fails",
        summary="The nameserver answers SERVFAIL, as one does that cannot reach the zone's own server.",
        site=site(nameservers=_only_nameserver(_ALWAYS["servfail"])),
        expect=broken("dns", "dns-server-failure"),
    ),
    Scenario(
        name="dns-refused",
        title="The nameserver refuses",
        summary="The nameserver answers REFUSED, as one does that does not serve this network.",
        site=site(nameservers=_only_nameserver(_ALWAYS["refused"])),
        expect=broken("dns", "dns-refused"),
    ),
    Scenario(
        name="dns-no-answer",
        title="The nameserver does not answer",
        summary="Questions go out and nothing comes back.",
        site=site(nameservers=_only_nameserver(_ALWAYS["silent"])),
        check=Check(timeout=0.4),
        expect=broken("dns", "dns-no-answer"),
    ),
    Scenario(
        name="dns-no-server",
        title="Nobody listens at the nameserver's address",
        summary="The port is closed: the host answers that there is nothing.",
        site=site(nameservers=(Nameserver(closed=True),)),
        expect=broken("dns", "dns-no-answer"),
    ),
    Scenario(
        name="dns-answer-from-elsewhere",
        title="The answer comes from where nobody asked",
        summary="The nameserver answers from another port than was asked, and a resolver drops that.",
        site=site(nameservers=(Nameserver(names=changed_names({}), elsewhere=True),)),
        check=Check(timeout=0.4),
        expect=broken("dns", "dns-answer-from-elsewhere"),
    ),
    Scenario(
        name="dns-answer-from-elsewhere-second-server",
        title="The second nameserver answers as it should",
        summary="The first answers from another port than was asked. The phone gets there, later than it should.",
        site=site(
            nameservers=(Nameserver(names=changed_names({}), elsewhere=True), Nameserver(names=changed_names({})))
        ),
        check=replace(OLD_PHONE, timeout=0.4),
        expect=WHOLE,
        also=("dns-answer-from-elsewhere",),
    ),
    Scenario(
        name="dns-bad-address",
        title="The record points to no host",
        summary="The A record is 127.0.0.1: every phone would ask itself.",
        site=site({R2_NAME: Answer(addresses=("127.0.0.1",))}),
        expect=broken("dns", "dns-bad-address"),
    ),
    Scenario(
        name="dns-bad-address-zero",
        title="The record is a placeholder",
        summary="The A record is 0.0.0.0, as filters give to blocked names.",
        site=site({R2_NAME: Answer(addresses=("0.0.0.0",))}),
        expect=broken("dns", "dns-bad-address"),
    ),
    Scenario(
        name="dns-servers-disagree",
        title="Two nameservers, two answers",
        summary="The first has the record, the second does not: it depends on which one the phone asks.",
        site=site(nameservers=(Nameserver(names=changed_names({})), Nameserver(names=changed_names({R2_NAME: None})))),
        check=OLD_PHONE,
        expect=WHOLE,
        also=("dns-servers-disagree",),
    ),
    Scenario(
        name="dns-second-server",
        title="The first nameserver is dead, the second answers",
        summary="The phone gets there, later than it should.",
        site=site(nameservers=(Nameserver(closed=True), Nameserver(names=changed_names({})))),
        check=OLD_PHONE,
        expect=WHOLE,
        also=("dns-no-answer",),
    ),
    Scenario(
        name="dns-wildcard",
        title="Every name resolves",
        summary="A wildcard record answers for names that nobody made; ucupdates-r2 has its own.",
        site=site({f"*.{DOMAIN}": Answer(addresses=("192.0.2.80",))}),
        check=OLD_PHONE,
        expect=WHOLE,
        also=("dns-wildcard",),
    ),
    Scenario(
        name="dns-wildcard-to-a-web-server",
        title="A wildcard hides the missing record",
        summary="ucupdates-r2 was never made; a wildcard points to a web server that knows nothing of it.",
        site=replace(
            site({R2_NAME: None, POOL_NAME: None, f"*.{DOMAIN}": Answer(addresses=("192.0.2.80",))}),
            hosts=(Host(address="192.0.2.80", ports={80: Web(update=None, store=None)}),),
        ),
        expect=broken("request", "http-not-found"),
        also=("dns-wildcard",),
    ),
)
