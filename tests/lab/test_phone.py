"""The lab's phone: what it does on each site, which need not be what the check says of it."""

import pytest

from tests.lab.lab_phone import LabPhone, phone_on
from ucdiag.lab.phone import request_body, saved_request
from ucdiag.lab.scenario import DOMAIN
from ucdiag.lab.scenarios import SCENARIOS
from ucdiag.lab.site import RunningSite, start_site
from ucdiag.lab.store import file_content
from ucdiag.model.phone import Phone
from ucdiag.update_service.request import from_saved

OUTCOMES = {
    "whole": "updated",
    "whole-current": "current",
    "whole-current-text": "current",
    "whole-current-counted": "current",
    "whole-counted": "updated",
    "whole-namespace": "updated",
    "whole-compressed": "updated",
    "whole-test-device": "updated",
    "whole-pending-only": "current",
    "whole-alias": "updated",
    "whole-truncated-dns": "updated",
    "whole-https": "updated",
    "external-sign-in-needed": "refused",
    "dhcp-no-answer": "no_domain",
    "dhcp-no-domain": "no_domain",
    "dhcp-domain-unusable": "no_domain",
    "dhcp-no-resolver": "no_domain",
    "dns-r2-missing": "no_address",
    "dns-legacy-only": "no_address",
    "dns-no-server": "no_address",
    "dns-second-server": "updated",
    "dns-bad-address": "no_connection",
    "connect-refused": "no_connection",
    "connect-no-answer": "no_connection",
    "connect-unreachable": "no_connection",
    "tls-untrusted": "no_tls",
    "tls-version": "no_tls",
    "http-no-answer": "no_answer",
    "http-trickle": "no_answer",
    "http-closed": "no_answer",
    "http-cut": "no_answer",
    "http-not-http": "no_answer",
    "http-forbidden": "refused",
    "response-not-xml": "not_understood",
    "response-urls-blank": "no_url",
    "response-url-unusable": "no_url",
    "download-host-missing": "no_file",
    "download-truncated": "no_file",
    "download-empty": "no_file",
    "download-not-firmware": "no_file",
}


@pytest.mark.parametrize("name", OUTCOMES)
def test_what_the_phone_gets(name: str) -> None:
    with start_site(SCENARIOS[name]) as site:
        journey = phone_on(site).run()
    assert journey.outcome == OUTCOMES[name], journey.steps
    assert (journey.file is not None) == (journey.outcome == "updated")


def questions_to(site: RunningSite) -> list[tuple[str, str, str]]:
    """The name, type and transport of each DNS question so far."""
    return [question for server in site.dns for question in server.asked]


def test_it_asks_as_its_firmware_does() -> None:
    with start_site(SCENARIOS["whole-both-names"]) as site:
        journey = phone_on(site).run()
        assert [name for name, _, _ in questions_to(site)] == [f"ucupdates-r2.{DOMAIN}", "pool01.contoso.example"]
        assert journey.file == file_content("/UCPhone/Polycom/CX700/A/ENU/3.5.6907.35/CPE/CPE.nbt", 200_000)
        before = len(questions_to(site))
        silent = LabPhone(domain=DOMAIN, nameservers=site.nameservers, connect_to=site.connect_to, labels=())
        assert silent.run().outcome == "asks_no_dns"
        assert len(questions_to(site)) == before
        old = LabPhone(
            domain=DOMAIN, nameservers=site.nameservers, connect_to=site.connect_to, labels=("ucupdates",), ports=(80,)
        )
        assert old.run().outcome == "updated"
        assert (f"ucupdates.{DOMAIN}", "A", "udp") in questions_to(site)[before:]


def test_a_signed_in_phone_passes_outside() -> None:
    with start_site(SCENARIOS["external-sign-in-needed"]) as site:
        phone = phone_on(site)
        phone.signed_in = True
        journey = phone.run()
    assert journey.status == 200
    assert [line.rpartition(" ")[2] for line in journey.steps if line.startswith("POST")] == ["401", "401", "200"]


def test_its_request_can_be_sent_as_a_saved_one_with_another_mac() -> None:
    saved = saved_request(Phone(), "pool.example")
    request = from_saved(saved, Phone(mac="00:04:f2:11:22:33"), "ucupdates-r2.contoso.example", mac="00:04:f2:11:22:33")
    assert b"0004F2112233" in request.body
    assert b"0004F2000001" not in request.body
    assert request.verified


def test_a_value_cannot_break_out_of_its_request() -> None:
    from ucdiag.lab.update_service import read_request

    found = read_request(request_body(Phone(model='"/><x a="', vendor="<&>'")))
    assert found is not None
    assert (found["model"], found["vendor"]) == ('"/><x a="', "<&>'")
