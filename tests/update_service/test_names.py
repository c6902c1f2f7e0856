"""The rules of a domain, as an administrator types it and as option 15 has it; names and paths of the service."""

import pytest

from ucdiag.update_service.names import (
    domain_flaw,
    domain_part,
    is_asked_as,
    is_external,
    parse_domain,
    parse_phones_domain,
    plain_name,
    same_name,
    target_path,
    update_label,
)

LABEL = "a" * 63
# Three labels of 63 characters and one of 48: with "ucupdates-r2." before it 253 characters, the most of RFC 1035.
LONGEST = ".".join([LABEL, LABEL, LABEL, "b" * 48])

FLAWS: dict[str, tuple[str, str | None]] = {
    "one name": ("contoso.com", None),
    "one name with a dot": ("contoso.com.", None),
    "one label": ("contoso", None),
    "an underscore": ("_ad_.contoso_corp.com", None),
    "capitals": ("Contoso.COM", None),
    "hyphens within": ("a-b--c.contoso.com", None),
    "digits": ("3com.1.a1", None),
    "a label of 63": (f"{LABEL}.com", None),
    "the longest": (LONGEST, None),
    "the longest with a dot": (LONGEST + ".", None),
    "nothing": ("", "it is empty"),
    "a dot": (".", "it is empty"),
    "two names": ("a.com b.com", "it holds several names, and option 15 is one name"),
    "names with commas": ("a.com,b.com", "it holds several names, and option 15 is one name"),
    "names with semicolons": ("a.com;b.com", "it holds several names, and option 15 is one name"),
    "a blank in front": (" a.com", "it has blanks in it"),
    "a tab behind": ("a.com\t", "it has blanks in it"),
    "a line behind": ("a.com\n", "it has blanks in it"),
    "a comma behind": ("a.com,", "it has blanks in it"),
    "a blank alone": (" ", "it has blanks in it"),
    "one too long": (
        LONGEST + "b",
        "it is 241 characters long, and 240 is the most that leaves room for ucupdates-r2",
    ),
    "an empty label": ("a..com", "it has an empty label (a dot too many)"),
    "a dot in front": (".a.com", "it has an empty label (a dot too many)"),
    "two dots behind": ("a.com..", "it has an empty label (a dot too many)"),
    "a label of 64": (f"b{LABEL}.com", f"its label b{'a' * 19}... has 64 characters, and 63 is the most"),
    "a hyphen in front": ("a.-b.com", "its label '-b' has characters that no DNS name has"),
    "a hyphen behind": ("b-.com", "its label 'b-' has characters that no DNS name has"),
    "a hyphen alone": ("-.com", "its label '-' has characters that no DNS name has"),
    "a colon": ("a.com:80", "its label 'com:80' has characters that no DNS name has"),
    "an umlaut": ("bücher.de", "its label 'bücher' has characters that no DNS name has"),
    "a zero": ("a.com\0", "its label 'com\\x00' has characters that no DNS name has"),
    "an address": ("10.0.0.1", "it is an address or a number, not a name"),
    "a number": ("15", "it is an address or a number, not a name"),
    "a number at the end": ("contoso.15", "it is an address or a number, not a name"),
}


@pytest.mark.parametrize(("domain", "flaw"), FLAWS.values(), ids=FLAWS)
def test_what_is_wrong_with_a_domain(domain: str, flaw: str | None) -> None:
    assert domain_flaw(domain) == flaw


ONE = "give one DNS domain, such as contoso.com"
TYPED: dict[str, tuple[str, str]] = {
    "nothing": ("", "the domain is empty: give the DNS domain that DHCP hands out, such as contoso.com"),
    "blanks": (" \t", "the domain is empty: give the DNS domain that DHCP hands out, such as contoso.com"),
    "1001 characters": ("a" * 1001, "a domain of 1001 characters is too long: 240 are possible"),
    "1000 characters": (
        "a" * 1000,
        f"{'a' * 1000!r} has a part of 1000 characters between dots: 63 are possible",
    ),
    "a blank": ("a b", f"'a b' contains a blank: {ONE}"),
    "a blank in front": (" a.com", f"' a.com' contains a blank: {ONE}"),
    "a blank behind": ("a.com ", f"'a.com ' contains a blank: {ONE}"),
    "a control character": ("a\x01.com", f"'a\\x01.com' contains a control character: {ONE}"),
    "an address": (
        "10.0.0.1",
        "'10.0.0.1' is an IP address, not a domain: give the DNS domain, such as contoso.com",
    ),
    "an address in brackets": (
        "[fe80::1]",
        "'[fe80::1]' is an IP address, not a domain: give the DNS domain, such as contoso.com",
    ),
    "an address in wide digits": (
        "\uff11\uff10.0.0.1",
        "'\uff11\uff10.0.0.1' is an IP address, not a domain: give the DNS domain, such as contoso.com",
    ),
    "one too long": (
        LONGEST + "b",
        f"{LONGEST + 'b'!r} is 241 characters long: with 'ucupdates-r2' before it, a DNS name leaves room for 240",
    ),
    "an empty part": ("a..com", f"'a..com' has an empty part between two dots: {ONE}"),
    "a dot in front": (".com", f"'.com' has an empty part between two dots: {ONE}"),
    "a colon": ("a.com:80", "'a.com:80' contains ':', which no DNS domain has: give one, such as contoso.com"),
    "a slash": ("a/b.com", "'a/b.com' contains '/', which no DNS domain has: give one, such as contoso.com"),
    "64 characters": (
        f"b{LABEL}.com",
        f"'b{LABEL}.com' has a part of 64 characters between dots: 63 are possible",
    ),
    "a hyphen in front": (
        "-a.com",
        "'-a.com' has a part that begins or ends with a hyphen, which no DNS domain has: '-a'",
    ),
    "a hyphen behind": (
        "a.com-",
        "'a.com-' has a part that begins or ends with a hyphen, which no DNS domain has: 'com-'",
    ),
    "quotes of a text program": (
        "\u201ca.com\u201d",
        "'\u201ca.com\u201d' contains '\u201c', which no DNS domain has: give one, such as contoso.com",
    ),
    "a dash of a text program": (
        "a\u2013b.com",
        "'a\u2013b.com' contains '\u2013', which no DNS domain has: give one, such as contoso.com",
    ),
    "no name of IDNA": ("a\u0378.com", "'a\\u0378.com' contains a control character: " + ONE),
    "an international label that is too long": (
        "ü" * 64 + ".com",
        f"{'ü' * 64 + '.com'!r} has a part that no DNS name can have: {'ü' * 64!r}",
    ),
}


@pytest.mark.parametrize(("text", "sentence"), TYPED.values(), ids=TYPED)
def test_what_is_refused_and_in_which_words(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_domain(text)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("Contoso.COM.", "contoso.com"),
        ("bücher.de", "xn--bcher-kva.de"),
        ("contoso\u3002com", "contoso.com"),
        ("contoso\uff0ecom", "contoso.com"),
        ("हिन्दी.example", "xn--j2bd4cyah0f.example"),
        ("_ad.contoso.com", "_ad.contoso.com"),
        (f"{LABEL}.com", f"{LABEL}.com"),
        (LONGEST, LONGEST),
    ],
)
def test_what_is_understood(text: str, domain: str) -> None:
    assert parse_domain(text) == domain


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("ucupdates-r2.contoso.com", "give the domain alone: contoso.com"),
        ("UCUpdates.contoso.com.", "give the domain alone: contoso.com"),
        ("ucupdates-r2", "give the domain behind it, such as contoso.com"),
    ],
)
def test_the_servers_own_name_is_no_domain_of_phones(text: str, advice: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_phones_domain(text)
    assert str(caught.value) == f"{text!r} is the name that a phone looks up, and not its domain: {advice}"


@pytest.mark.parametrize("text", ["contoso.com", "ucupdates-r3.contoso.com", "lab.ucupdates-r2.contoso.com"])
def test_a_domain_of_phones(text: str) -> None:
    assert parse_phones_domain(text) == text


@pytest.mark.parametrize(
    ("name", "label", "domain"),
    [
        ("ucupdates-r2.contoso.com", "ucupdates-r2", "contoso.com"),
        ("UCUpdates-R2.Contoso.com.", "ucupdates-r2", "contoso.com"),
        ("ucupdates.contoso.com", "ucupdates", "contoso.com"),
        ("ucupdates", "ucupdates", ""),
        ("ucupdates-r3.contoso.com", None, "contoso.com"),
        ("xucupdates.contoso.com", None, "contoso.com"),
        ("", None, ""),
    ],
)
def test_the_parts_of_a_name(name: str, label: str | None, domain: str) -> None:
    assert (update_label(name), domain_part(name)) == (label, domain)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a.com", "A.COM.", True),
        ("a.com", "b.com", False),
        (None, "a.com", False),
        ("a.com", None, False),
        (None, None, False),
        ("", ".", True),
    ],
)
def test_when_names_are_the_same(one: str | None, other: str | None, same: bool) -> None:
    assert same_name(one, other) is same
    assert plain_name("A.com.") == "a.com"


@pytest.mark.parametrize(
    ("target", "path", "external"),
    [
        ("/RequestHandler/ucdevice.upx", "/RequestHandler/ucdevice.upx", False),
        ("/RequestHandlerExt/ucdevice.upx", "/RequestHandlerExt/ucdevice.upx", True),
        ("/requesthandlerext/x", "/requesthandlerext/x", True),
        ("/RequestHandlerExt", "/RequestHandlerExt", False),
        ("//RequestHandlerExt/ucdevice.upx?a=b", "//RequestHandlerExt/ucdevice.upx", True),
        ("//RequestHandler/ucdevice.upx", "//RequestHandler/ucdevice.upx", False),
        ("x/RequestHandlerExt/ucdevice.upx", "x/RequestHandlerExt/ucdevice.upx", False),
        # libhttp-parser-xs-perl 0.17 takes it whole for the path (findings/http-parser-xs-perl-whole-uri.sh).
        ("http://pool/RequestHandlerExt/ucdevice.upx?a=/b", "/RequestHandlerExt/ucdevice.upx", True),
        ("http://[", "http://[", False),
        # erts 13.1.5 takes "[2001" for the host (findings/erlang-packet-ipv6-target.sh).
        ("http://[2001:db8::51]:80/RequestHandlerExt/ucdevice.upx", "/RequestHandlerExt/ucdevice.upx", True),
        ("http://[2001:db8::51]/RequestHandler/ucdevice.upx", "/RequestHandler/ucdevice.upx", False),
        ("http://pool.contoso.com?x=/RequestHandlerExt/", "", False),
        ("", "", False),
        (None, "", False),
    ],
)
def test_the_path_of_a_target(target: str | None, path: str, external: bool) -> None:
    assert (target_path(target), is_external(target)) == (path, external)


@pytest.mark.parametrize(
    ("host", "asked", "is_asked"),
    [
        ("pool01", "pool01", True),
        ("pool01", "Pool01.Contoso.com.", True),
        ("pool01.", "pool01.contoso.com", True),
        ("pool01.contoso.com", "POOL01.contoso.com", True),
        ("pool01.contoso.com", "pool01.contoso.com.contoso.com", False),
        ("pool01", "pool012.contoso.com", False),
        ("pool01.contoso.com", "pool01", False),
        ("", "contoso.com", False),
        ("", ".contoso.com", False),
        ("pool01", None, False),
    ],
)
def test_a_host_without_a_domain_may_be_asked_for_below_any(host: str, asked: str | None, is_asked: bool) -> None:
    assert is_asked_as(host, asked) is is_asked
