"""The file of targets: what a line says, and which lines are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.in_parts import in_parts
from ucdiag.fleet.targets import CHECK_DNS, PROBE, decode_text, parse_targets, read_targets

MAC = "00:04:f2:aa:bb:cc"


def values(text: str, columns: tuple[str, ...] = PROBE) -> list[dict[str, object]]:
    found = parse_targets(text, columns)
    assert found.bad == []
    names = (*PROBE, "nameservers")
    return [{name: getattr(target, name) for name in names if getattr(target, name)} for target in found.targets]


@in_parts(
    "name, column",
    [
        (name, column)
        for column, names in {
            "serial": ("Serial Number", "SN", "serial"),
            "vendor": ("Manufacturer", "Vendor"),
            "model": ("Type", "Model"),
            "revision": ("Rev", "Revision"),
            "locale": ("Language", "Locale"),
            "firmware": ("Version", "Firmware version", "Firmware"),
            "domain": ("DHCP domain", "DNS-Domain", "Domain"),
            "url": ("Server", "URL"),
            "site": ("Branch", "Location", "Site"),
        }.items()
        for name in names
    ],
)
def test_a_column_is_known_by_what_people_call_it(name: str, column: str) -> None:
    value = {"domain": "a.example", "url": "http://10.0.0.1/", "firmware": "1.0.522.101"}.get(column, "A1")
    assert values(f"MAC address,{name}\n{MAC},{value}\n") == [{"mac": MAC, column: value}]


@in_parts("name", ["MAC", "MAC address", "Hardware-Address"])
def test_the_address_is_known_by_what_people_call_it(name: str) -> None:
    assert values(f"{name},serial\n{MAC},A1\n") == [{"mac": MAC, "serial": "A1"}]


@in_parts(
    "name", ["Resolver", "resolvers", "Nameserver", "Name servers", "DNS", "DNS server", "DNS-Servers", "nameservers"]
)
def test_nameservers_are_known_by_what_people_call_them(name: str) -> None:
    found = values(f"domain,{name}\na.example,10.0.0.2\n", CHECK_DNS)
    assert found == [{"domain": "a.example", "nameservers": (("10.0.0.2", 53),)}]


@pytest.mark.parametrize(
    "text",
    [
        "MAC,Serial,Site\n00-04-F2-AA-BB-CC,AB1,Köln\n",
        "\ufeffmac address;serial number;branch\r\n0004.f2aa.bbcc;AB1;Köln\r\n",
        "site\tserial\tmac\nKöln\tAB1\t0004f2aabbcc",
        '"MAC","Serial","Site"\n"00:04:f2:aa:bb:cc"," AB1 ","Köln"',
        "# the phones\n\nMac,SN,Location,\n00:04:f2:aa:bb:cc,AB1,Köln,\n,,,\n",
    ],
)
def test_a_table_with_a_head_is_read_whatever_wrote_it(text: str) -> None:
    text = text.removeprefix("\ufeff") if text.startswith("\ufeff") else text
    assert values(text) == [{"mac": MAC, "serial": "AB1", "site": "Köln"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encodings_of_spreadsheets(encoding: str) -> None:
    assert values(decode_text("mac,site\n0004f2aabbcc,Köln\n".encode(encoding))) == [{"mac": MAC, "site": "Köln"}]


def test_a_table_without_a_head_has_the_columns_of_the_manual() -> None:
    line = f"{MAC},AB1,Polycom,CX600,A,ENU,1.0.522.101,contoso.com,http://10.0.0.20/,Branch 1"
    (target,) = values(line)
    assert tuple(target) == PROBE
    assert (target["model"], target["domain"], target["site"]) == ("CX600", "contoso.com", "Branch 1")


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        (MAC, "mac", MAC),
        ("0004f2aabbcc", "mac", MAC),
        ("Contoso.com", "domain", "contoso.com"),
        ("http://10.0.0.20/RequestHandler/ucdevice.upx", "url", "http://10.0.0.20/RequestHandler/ucdevice.upx"),
    ],
)
def test_a_line_of_one_word_says_what_it_is(line: str, name: str, value: str) -> None:
    assert values(line) == [{name: value}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("contoso.com", {"domain": "contoso.com"}),
        ("contoso.com 10.0.0.10 10.0.0.11:5353", {"nameservers": (("10.0.0.10", 53), ("10.0.0.11", 5353))}),
        ("contoso.com,10.0.0.10 2001:db8::1,Branch 1", {"nameservers": (("10.0.0.10", 53), ("2001:db8::1", 53))}),
        ("domain;resolvers\ncontoso.com;10.0.0.10, 10.0.0.11", {"nameservers": (("10.0.0.10", 53), ("10.0.0.11", 53))}),
        ("contoso.com\t10.0.0.10, 10.0.0.11", {"nameservers": (("10.0.0.10", 53), ("10.0.0.11", 53))}),
        ("domain;resolvers\ncontoso.com;10.0.0.10|10.0.0.11", {"nameservers": (("10.0.0.10", 53), ("10.0.0.11", 53))}),
    ],
)
def test_domains_and_their_resolvers(text: str, expected: dict[str, object]) -> None:
    (target,) = values(text, CHECK_DNS)
    assert target["domain"] == "contoso.com"
    assert expected.items() <= target.items()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("00:04:f2:aa:bb,AB1", "not a MAC address"),
        ("ff:ff:ff:ff:ff:ff,AB1", "group"),
        (f"{MAC},=cmd|' /C calc'!A0", "not a serial number"),
        (f"{MAC},AB1,,,,,one", "not a firmware version"),
        (f"{MAC},AB1,,,,,,con toso", "contains a blank"),
        (f"{MAC},AB1,,,,,,,ftp://a/", "cannot be used"),
        (f"{MAC},AB1,\x1b[31m", "not usable"),
        (f"{MAC},AB1,{'x' * 65}", "not usable"),
        (f"{MAC},AB1,,,,,,,,,,more", "12 columns"),
        (f'{MAC},"AB1', "no line of a table"),
        (",AB1", "names no MAC address"),
        ("x" * 20_000 + ",", "longer than"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_read(line: str, why: str) -> None:
    found = parse_targets(f"0004f20000aa,A1\n{line}\n0004f20000bb,A2\n", PROBE)
    assert [target.line for target in found.targets] == [1, 3]
    ((number, text),) = [(bad.line, bad.why) for bad in found.bad]
    assert number == 2
    assert why in text


@pytest.mark.parametrize(("count", "bad"), [(8, []), (9, ["it names more than 8 nameservers"])])
def test_a_line_names_so_many_nameservers(count: int, bad: list[str]) -> None:
    """Each that is silent costs a wait."""
    servers = "+".join(f"10.0.0.{at}" for at in range(1, count + 1))
    found = parse_targets(f"domain,nameservers\ncontoso.com,{servers}\n", CHECK_DNS)
    assert [line.why for line in found.bad] == bad
    assert len(found.targets) == 1 - len(bad)


def test_the_same_twice_is_asked_once() -> None:
    found = parse_targets("0004f20000aa,A1\n00-04-F2-00-00-AA,A1\n0004f20000aa,A2\n", PROBE)
    assert [target.line for target in found.targets] == [1, 3]
    assert [(line.line, line.why) for line in found.repeated] == [(2, "it says the same as line 1")]
    assert found.bad == []


def test_columns_without_a_meaning_here_are_named() -> None:
    found = parse_targets("mac,room,frimware\n0004f20000aa,5,1.0.522.101\n", PROBE)
    assert (len(found.targets), found.unused, found.targets[0].firmware) == (1, ["room", "frimware"], None)


def test_a_file_that_is_no_text_is_refused(tmp_path: object) -> None:
    with pytest.raises(ValueError, match="no text"):
        decode_text(b"PK\3\4\0\0\0")
    with pytest.raises(OSError, match="No such file"):
        read_targets(f"{tmp_path}/none", PROBE)


@given(st.text(), st.sampled_from([PROBE, CHECK_DNS]))
def test_any_text_gives_targets_and_bad_lines(text: str, columns: tuple[str, ...]) -> None:
    found = parse_targets(text, columns)
    lines = [target.line for target in found.targets] + [bad.line for bad in found.bad + found.repeated]
    assert len(lines) == len(set(lines))
    assert len({target.key for target in found.targets}) == len(found.targets)
