"""Domains and nameservers as people type them, and the machine's resolver configuration."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ucdiag.probe.dns import parse_nameserver
from ucdiag.update_service.names import parse_domain


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("contoso.com", "contoso.com"),
        ("Contoso.COM.", "contoso.com"),
        ("lan", "lan"),
        ("old_ad.local", "old_ad.local"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
        ("a" * 63 + ".test", "a" * 63 + ".test"),
        (".".join(["abcdefg"] * 30), ".".join(["abcdefg"] * 30)),
        ("1a.2b", "1a.2b"),
    ],
)
def test_a_domain(text: str, domain: str) -> None:
    assert parse_domain(text) == domain


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("   ", "empty"),
        (".", "empty part"),
        ("a..b", "empty part"),
        (".contoso.com", "empty part"),
        ("contoso.com fabrikam.com", "blank"),
        (" contoso.com", "blank"),
        ("contoso.com\n", "blank"),
        ("contoso\x1b[31m.com", "control"),
        ("contoso\x00.com", "control"),
        ("contoso.com,fabrikam.com", "','"),
        ("contoso.com/x", "'/'"),
        ("http://contoso.com", "':'"),
        ("a" * 64 + ".com", "64 characters"),
        (".".join(["abcdefg"] * 31), "leaves room for 240"),
        ("x" * 5000, "too long"),
        ("192.0.2.1", "IP address"),
        ("2001:db8::1", "IP address"),
        ("[2001:db8::1]", "IP address"),
        ("-contoso.com", "hyphen"),
        ("contoso-.com", "hyphen"),
        ("ü" * 63 + ".com", "no DNS name"),
    ],
)
def test_no_domain(text: str, says: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_domain(text)
    sentence = str(caught.value)
    assert says in sentence
    assert sentence.isprintable()
    assert len(sentence) < 1200


@given(st.text(max_size=300))
def test_any_text_is_a_domain_or_a_sentence(text: str) -> None:
    sentence = ""
    try:
        domain = parse_domain(text)
    except ValueError as error:
        sentence = str(error)
    else:
        assert parse_domain(domain) == domain
        assert domain.isascii()
        assert 0 < len(domain) <= 240
    assert sentence.isprintable()


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("192.0.2.53", ("192.0.2.53", 53)),
        (" 127.0.0.1:5353 ", ("127.0.0.1", 5353)),
        ("2001:DB8::53", ("2001:db8::53", 53)),
        ("[2001:db8::53]", ("2001:db8::53", 53)),
        ("[2001:db8::53]:5353", ("2001:db8::53", 5353)),
        ("fe80::1%eth0", ("fe80::1%eth0", 53)),
    ],
)
def test_a_nameserver(text: str, server: tuple[str, int]) -> None:
    assert parse_nameserver(text) == server


@pytest.mark.parametrize(
    "text",
    [
        "", "dns.contoso.com", "dns.contoso.com:53", "192.0.2.53:", "192.0.2.53:0", "192.0.2.53:65536", "192.0.2.53:x",
        "192.0.2.53:-1", "192.0.2.300", "192.0.2.1:53:53", "[192.0.2.1", "[2001:db8::1]53", "[::1]:99999", "0.0.0.0",
        "::", "224.0.0.1", "192.0.2.53:٥٣", "192.0.2.53 192.0.2.54", "\x1b[31m",
    ],
)  # fmt: skip
def test_no_nameserver(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_nameserver(text)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("text", ["192.0.2.53,192.0.2.54", "192.0.2.53, 192.0.2.54", "192.0.2.53 192.0.2.54"])
def test_several_nameservers_are_given_one_by_one(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_nameserver(text)
    advice = "give each by itself, such as -n 192.0.2.53 -n 192.0.2.54"
    assert str(caught.value) == f"{text!r} names several nameservers: {advice}"


@given(st.text(max_size=80))
def test_any_text_is_a_nameserver_or_a_sentence(text: str) -> None:
    sentence = ""
    try:
        parse_nameserver(text)
    except ValueError as error:
        sentence = str(error)
    assert sentence.isprintable()
