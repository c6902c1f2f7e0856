"""Whose domain counts where DHCP is asked: that of an offer to the phone, of the class that counts most."""

import pytest

from tests.diagnosis.story import START
from ucdiag.diagnosis.engine import Engine
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.model.observations import Dhcp
from ucdiag.model.phone import Phone


def domain_after(*messages: tuple[str, int, str | None, str | None], **setting: object) -> str | None:
    """The domain that is judged after these messages: type, transaction, class, domain."""
    options = {"phone": Phone(), "domain": "own.example", **setting}
    engine = Engine(DiagnosisOptions(from_capture=False, **options))  # type: ignore[arg-type]
    for at, (kind, transaction, class_, domain) in enumerate(messages):
        engine.feed(
            Dhcp(time=START + at, type=kind, transaction=transaction, vendor_class=class_, domain=domain)  # type: ignore[arg-type]
        )
    return engine.setting.domain


PLAIN, PHONE_CLASS = ("discover", 1, None, None), ("discover", 2, "CPE-OCPhone", None)


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([PLAIN, ("offer", 1, None, "a.example")], "a.example"),
        ([PLAIN, ("offer", 1, None, "A.Example.")], "a.example"),
        ([PLAIN, ("ack", 1, None, "a.example")], "own.example"),
        ([PLAIN, ("offer", 1, None, "a b")], "own.example"),
        ([PLAIN, ("offer", 1, None, None)], "own.example"),
        ([PLAIN, ("offer", 1, None, "a.example"), ("offer", 1, None, "b.example")], "a.example"),
        ([PLAIN, PHONE_CLASS, ("offer", 1, None, "a.example"), ("offer", 2, None, "b.example")], "b.example"),
        ([PLAIN, PHONE_CLASS, ("offer", 2, None, "b.example"), ("offer", 1, None, "a.example")], "b.example"),
        ([("offer", 7, None, "a.example"), PLAIN, ("offer", 1, None, "b.example")], "b.example"),
    ],
)
def test_the_domain_that_is_judged(messages: list[tuple[str, int, str | None, str | None]], expected: str) -> None:
    assert domain_after(*messages) == expected


def test_an_expected_domain_stays() -> None:
    messages = PLAIN, ("offer", 1, None, "a.example")
    assert domain_after(*messages, expected_domain="own.example") == "own.example"
