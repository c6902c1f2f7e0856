"""Sites with nothing wrong: no finding that is an error or a warning."""

from ucdiag.lab.scenario import (
    CURRENT,
    LEGACY_NAME,
    POOL,
    POOL_NAME,
    R2_NAME,
    SIP_DOMAIN,
    Answer,
    Check,
    Expect,
    Host,
    Reply,
    Rule,
    Scenario,
    TlsSetting,
    Update,
    Web,
)
from ucdiag.lab.scenarios.base import CURRENT_PHONE, OLD_PHONE, WHOLE, site
from ucdiag.update_service.names import R2_LABEL

CURRENT_ALREADY = Expect(status="whole", code="no-update-offered")


def _current_scenario(name: str, title: str, summary: str, update: Update) -> Scenario:
    return Scenario(
        name=name,
        title=title,
        summary=summary,
        site=site(update=update),
        check=CURRENT_PHONE,
        expect=CURRENT_ALREADY,
    )


def _updated_scenario(name: str, title: str, summary: str, update: Update) -> Scenario:
    return Scenario(name=name, title=title, summary=summary, site=site(update=update), check=OLD_PHONE, expect=WHOLE)


SCENARIOS = (
    _updated_scenario(
        "whole",
        "An old phone is offered an update and gets it",
        "DNS, the request, the answer and the file are in order; the firmware file arrives whole.",
        Update(),
    ),
    _current_scenario(
        "whole-current",
        "A current phone is offered nothing newer",
        "The answer says downloads=0 in an attribute; the path works.",
        Update(),
    ),
    _current_scenario(
        "whole-current-element",
        "Nothing newer, said in an element",
        "The answer is <downloads>0</downloads>.",
        Update(shape="element"),
    ),
    _current_scenario(
        "whole-current-text",
        "Nothing newer, said in bare text",
        "The answer has downloads=0 as the text of its root element.",
        Update(shape="text"),
    ),
    _current_scenario(
        "whole-current-namespace",
        "Nothing newer, in an XML namespace",
        "Every element of the answer is in a namespace.",
        Update(shape="element", namespace="urn:ucdiag:lab"),
    ),
    _current_scenario(
        "whole-current-counted",
        "Nothing newer, counted as later generations are said to",
        "The answer is <NumOfFiles>0</NumOfFiles>.",
        Update(shape="counted"),
    ),
    _updated_scenario(
        "whole-counted",
        "An update with whole file URLs, as later generations are said to give",
        "The answer counts with NumOfFiles and names the file in InternalUrl and ExternalUrl.",
        Update(shape="counted"),
    ),
    _updated_scenario(
        "whole-namespace",
        "An update in an XML namespace",
        "Every element of the answer is in a namespace.",
        Update(shape="element", namespace="urn:ucdiag:lab"),
    ),
    _updated_scenario(
        "whole-compressed",
        "The answer is chunked and compressed",
        "The web server sends the answer in chunks, packed with gzip.",
        Update(reply=Reply(chunked=True, gzip=True)),
    ),
    _updated_scenario(
        "whole-test-device",
        "A test device gets the pending version",
        "Nothing is approved; the phone's MAC is registered as a test device, in another spelling.",
        Update(rules=(Rule(approved=None, pending=CURRENT),), test_devices=("AB37_679e", "00-04-F2-00-00-01")),
    ),
    _current_scenario(
        "whole-pending-only",
        "A pending version is not offered to a normal phone",
        "The update is pending and this phone is no test device: nothing is offered to it, as is right.",
        Update(rules=(Rule(approved=None, pending="4.0.7577.4387"),), test_devices=("AB37_679e",)),
    ),
    Scenario(
        name="whole-alias",
        title="The name is an alias",
        summary="ucupdates-r2 is a CNAME of the pool, which has the address.",
        site=site({R2_NAME: Answer(alias=POOL_NAME)}),
        check=OLD_PHONE,
        expect=WHOLE,
    ),
    Scenario(
        name="whole-both-names",
        title="Both update names exist",
        summary="ucupdates and ucupdates-r2 resolve to the same pool; the same in the SIP domain.",
        site=site(
            {
                LEGACY_NAME: Answer(addresses=(POOL,)),
                f"{R2_LABEL}.{SIP_DOMAIN}": Answer(addresses=(POOL,)),
                f"ucupdates.{SIP_DOMAIN}": Answer(addresses=(POOL,)),
            }
        ),
        check=Check(sip_domain=SIP_DOMAIN, firmware="1.0.522.101"),
        expect=WHOLE,
    ),
    Scenario(
        name="whole-truncated-dns",
        title="The DNS answer needs TCP",
        summary="Over UDP the nameserver sets the truncation bit only.",
        site=site({R2_NAME: Answer(addresses=(POOL,), truncated=True)}),
        check=OLD_PHONE,
        expect=WHOLE,
    ),
    Scenario(
        name="whole-slow",
        title="Slow DNS",
        summary="The nameserver takes a while for the name, well within the time that there is.",
        site=site({R2_NAME: Answer(addresses=(POOL,), delay=0.3)}),
        check=OLD_PHONE,
        expect=WHOLE,
    ),
    Scenario(
        name="whole-two-addresses",
        title="Two pool members, both whole",
        summary="ucupdates-r2 has two addresses, and both answer.",
        site=site(
            {R2_NAME: Answer(addresses=(POOL, "192.0.2.11"))},
            hosts=(Host(ports={80: Web()}), Host(address="192.0.2.11", ports={80: Web()})),
        ),
        check=OLD_PHONE,
        expect=WHOLE,
    ),
    Scenario(
        name="whole-both-ports",
        title="Port 80 and port 443",
        summary="The service answers on http and on https.",
        site=site(ports={80: Web(), 443: Web(tls=TlsSetting())}),
        check=OLD_PHONE,
        expect=WHOLE,
    ),
    Scenario(
        name="whole-https",
        title="https alone",
        summary="The service answers on port 443; the file comes over http, as the internal URL says.",
        site=site(ports={80: Web(update=None), 443: Web(tls=TlsSetting())}),
        check=Check(https=True, firmware="1.0.522.101"),
        expect=WHOLE,
    ),
    Scenario(
        name="whole-built-in-body",
        title="The built-in request is understood",
        summary="The request is ucdiag's own guess, and this lab's service takes it.",
        site=site(),
        check=Check(verified=False, firmware="1.0.522.101"),
        expect=WHOLE,
    ),
    Scenario(
        name="firmware-needs-sign-in",
        title="The phone's firmware never asks DNS",
        summary="The path that DNS leads to is whole, and 1.0.199.123 knows its server from a sign-in alone.",
        site=site(),
        check=Check(firmware="1.0.199.123"),
        expect=Expect(status="unknown", step="dns", code="firmware-needs-sign-in"),
        also=("stage-skipped",),
    ),
    Scenario(
        name="external-sign-in-needed",
        title="The outside path asks for a sign-in",
        summary="Nobody has signed in: /RequestHandlerExt/ asks for NTLM, as it is designed to.",
        site=site(ports={443: Web(tls=TlsSetting())}),
        check=Check(external=True, firmware="1.0.522.101"),
        expect=Expect(status="unknown", step="request", code="external-sign-in-needed"),
    ),
)
