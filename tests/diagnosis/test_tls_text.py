"""What a sentence says of a chain that is not trusted."""

import pytest

from tests.diagnosis.story import Certificate, Story, verdict

OWN = Certificate(subject="CN=pool", issuer="CN=issuing")
ISSUER = Certificate(subject="CN=issuing", issuer="CN=root")
SELF = Certificate(subject="CN=pool", issuer="CN=pool")


@pytest.mark.parametrize(("chain", "named"), [((OWN,), True), ((OWN, ISSUER), False), ((SELF,), False), ((), False)])
def test_an_issuer_that_the_server_did_not_send_is_named(chain: tuple[Certificate, ...], named: bool) -> None:
    report = Story().found().connects(port=443).shakes("untrusted", chain=chain).report()
    assert verdict(report) == ("broken", "tls", "tls-untrusted")
    assert ("it sent no certificate of the issuer, CN=issuing" in report.verdict.summary) is named
