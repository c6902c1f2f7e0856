"""Single expectations against single observations."""

import pytest

from ucdiag.model.observations import Certificate, Lookup, Tls
from ucdiag.model.report import Identity, PhoneReport, Verdict
from ucdiag.model.steps import VerdictStatus
from ucdiag.stored_reports.expectations import parse_expectations, unmet_expectations

DAY = 86_400_000_000
TIME = 1795737600000000  # 2026-11-27


def found(text: str, phone: PhoneReport) -> list[str]:
    return list(unmet_expectations(phone, parse_expectations(text).for_site(None)))


def phone(*observations: Lookup | Tls, domain: str | None = "contoso.com") -> PhoneReport:
    verdict = Verdict(status=VerdictStatus.WHOLE, summary="")
    return PhoneReport(phone=Identity(domain=domain), verdict=verdict, steps=(), observations=observations)


def lookup(name: str = "ucupdates-r2.contoso.com", address: str = "10.0.0.20") -> Lookup:
    return Lookup(time=TIME, name=name, type="A", rcode="NOERROR", addresses=(address,))


def tls(end: int) -> Tls:
    chain = (Certificate(subject="CN=a", issuer="CN=b", not_after=end),)
    return Tls(time=TIME, server="10.0.0.20", port=443, outcome="complete", server_name="pool.contoso.com", chain=chain)


@pytest.mark.parametrize(
    ("text", "seen", "said"),
    [
        ('domain = "contoso.com"', phone(), []),
        ('domain = "Contoso.COM."', phone(), []),
        ('domain = "fabrikam.com"', phone(), ["the domain is contoso.com, expected fabrikam.com"]),
        ('domain = "fabrikam.com"', phone(domain=None), []),
        ('address = "10.0.0.20"', phone(lookup()), []),
        ('address = ["10.0.0.20", "10.0.0.21"]', phone(lookup()), []),
        ('address = "10.0.0.21"', phone(lookup()), ["ucupdates-r2 resolves to 10.0.0.20, expected 10.0.0.21"]),
        ('address = "10.0.0.21"', phone(lookup("ucupdates.contoso.com")), []),
        ('address = "10.0.0.21"', phone(), []),
        ("certificate_until = 2026-11-27", phone(tls(TIME)), []),
        ("certificate_until = 2026-11-28", phone(tls(TIME + DAY)), []),
        (
            "certificate_until = 2026-11-29",
            phone(tls(TIME + DAY)),
            ["the certificate of pool.contoso.com ends on 2026-11-28, expected 2026-11-29"],
        ),
        ('certificate_until = "2026-11-29"', phone(tls(TIME + 2 * DAY)), []),
    ],
)
def test_what_differs(text: str, seen: PhoneReport, said: list[str]) -> None:
    assert found(text, seen) == said
