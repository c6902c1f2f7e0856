"""Step 6: what the answer says."""

from ucdiag.lab.scenario import (
    OUTSIDE_NAME,
    POOL_NAME,
    Check,
    Expect,
    Reply,
    Rule,
    Scenario,
    Site,
    TlsSetting,
    Update,
    Web,
)
from ucdiag.lab.scenarios.base import CURRENT_PHONE, HTML, OLD_PHONE, PAGE, WHOLE, XML, broken, site, site_answering
from ucdiag.model.vocabulary import FindingCode

_BEGUN = b'<?xml version="1.0" encoding="utf-8"?><UpdateResponse downloads="1"><BaseURL>http://pool'
_OTHER = b'<?xml version="1.0" encoding="utf-8"?><configuration><system.web><pages/></system.web></configuration>'
_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">'
    b'<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]><a downloads="0">&d;</a>'
)


def _body_scenario(
    code: FindingCode, title: str, summary: str, body: bytes, header: tuple[str, str], name: str | None = None
) -> Scenario:
    return Scenario(
        name=name or code,
        title=title,
        summary=summary,
        site=site_answering(Reply(headers=(header,), body=body)),
        expect=broken("response", code),
    )


def _urls_scenario(
    code: FindingCode, title: str, summary: str, update: Update, expect: Expect | None = None, name: str | None = None
) -> Scenario:
    return Scenario(
        name=name or code,
        title=title,
        summary=summary,
        site=site(update=update),
        check=OLD_PHONE,
        expect=expect or broken("response", code),
        also=(code,) if expect is WHOLE else (),
    )


def _whole_with_finding(code: FindingCode, title: str, summary: str, where: Site, check: Check = OLD_PHONE) -> Scenario:
    """A path that holds, with a finding beside it."""
    return Scenario(name=code, title=title, summary=summary, site=where, check=check, expect=WHOLE, also=(code,))


SCENARIOS = (
    _body_scenario(
        "response-not-xml",
        "A portal page answers",
        "A captive portal answers every request with its sign-in page and status 200.",
        PAGE,
        HTML,
    ),
    _body_scenario(
        "response-malformed", "The XML breaks off", "The answer ends in the middle of an element.", _BEGUN, XML
    ),
    _body_scenario("response-malformed", "The answer is empty", "Status 200 and no body.", b"", XML, "response-empty"),
    _body_scenario(
        "response-malformed",
        "The answer is an XML bomb",
        "Entities that grow without end are refused, not expanded.",
        _BOMB,
        XML,
        "response-hostile",
    ),
    _body_scenario(
        "response-unknown", "Some other XML", "Well-formed XML with nothing of an update service in it.", _OTHER, XML
    ),
    _urls_scenario(
        "response-urls-blank",
        "Both URLs are blank",
        "An update is offered, and the settings behind its URLs were never filled in.",
        Update(internal_store="", external_store=""),
    ),
    _urls_scenario(
        "response-internal-url-blank",
        "The internal URL is blank",
        "An update is offered, with a URL for the outside alone.",
        Update(internal_store=""),
    ),
    _urls_scenario(
        "response-external-url-blank",
        "The external URL is blank",
        "Inside everything works; a phone outside would find no file.",
        Update(external_store=""),
        WHOLE,
    ),
    _urls_scenario(
        "response-url-unusable",
        "The URL is a file share",
        "The internal URL is a path on a share, which no phone can fetch.",
        Update(internal_store=f"\\\\{POOL_NAME}\\DeviceUpdateFiles_Int"),
    ),
    _urls_scenario(
        "response-url-unusable",
        "The URL has no scheme",
        "The internal URL begins with the host's name.",
        Update(internal_store=f"{POOL_NAME}/DeviceUpdateFiles_Int"),
        name="response-url-without-scheme",
    ),
    Scenario(
        name="no-update-offered",
        title="No rule matches this phone",
        summary="The rules are for another model: nothing is offered, which looks the same as being current.",
        site=site(update=Update(rules=(Rule(model="CX600"),))),
        check=CURRENT_PHONE,
        expect=Expect(status="whole", code="no-update-offered"),
    ),
    Scenario(
        name="host-header-differs",
        title="The server answers by Host",
        summary="Only the name reaches the service; the address in Host reaches another web site.",
        site=site(update=Update(by_address=Reply(status=404, headers=(HTML,), body=PAGE))),
        check=OLD_PHONE,
        expect=WHOLE,
        also=("host-header-differs",),
    ),
    Scenario(
        name="external-host-missing",
        title="The external host is unknown inside",
        summary="The internal DNS lacks the host of the URL for phones outside.",
        site=site({OUTSIDE_NAME: None}),
        check=OLD_PHONE,
        expect=WHOLE,
        also=("external-host-missing",),
    ),
    Scenario(
        name="same-version-offered",
        title="The service offers the phone's own version",
        summary="The answer names the version that the request names: there is nothing to fetch.",
        site=site(update=Update(offers="any")),
        check=CURRENT_PHONE,
        expect=Expect(status="whole", code="same-version-offered"),
    ),
    _whole_with_finding(
        "downgrade-offered",
        "The service offers an older version",
        "The rule was set back: an older version than the phone's is approved, and a phone takes it.",
        site(update=Update(rules=(Rule(approved="3.5.6907.0"),), offers="different")),
        CURRENT_PHONE,
    ),
    _whole_with_finding(
        "stage-skipped",
        "Only the newest version is approved",
        "A phone of the first generation is offered 4.0, and needs 3.5.6907 before it.",
        site(update=Update(rules=(Rule(approved="4.0.7577.4387"),))),
    ),
    _whole_with_finding(
        "internal-url-https",
        "The internal URL is https",
        "As Lync Server 2013 does, the service names https inside too; the phone trusts the certificate.",
        site(
            ports={
                80: Web(update=Update(internal_store=f"https://{POOL_NAME}/DeviceUpdateFiles_Int")),
                443: Web(update=None, tls=TlsSetting()),
            }
        ),
    ),
    _whole_with_finding(
        "external-url-http",
        "The external URL is plain http",
        "Inside everything works; a phone outside would fetch its file in clear.",
        site(update=Update(external_store="http://ocsrp.contoso.example/DeviceUpdateFiles_Ext")),
    ),
)
