"""Parts of the command line by themselves: values of options, counts, reports in a file, sentences without a phone."""

import dataclasses
import os
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.views.reports import broken_phone, whole_phone
from ucdiag.capture.census import CENSUS_MOST, WIRELESS_OVERHEAD, Census
from ucdiag.cli import without_root
from ucdiag.cli.asked_format import asks_for, standard_output_is_taken
from ucdiag.cli.capture_source import FileCapture
from ucdiag.cli.changed_phones import changed_phones
from ucdiag.cli.crash import describe_bug, print_error
from ucdiag.cli.no_phone import no_phone_verdict
from ucdiag.cli.options import CONNECT_TO, MAX_TIME, NAMESERVER, PORT, TIMEOUT, WORD
from ucdiag.cli.report_spool import ReportSpool
from ucdiag.cli.tally import Tally
from ucdiag.cli.targets import Target, format_by_suffix, targets_of
from ucdiag.cli.usage_errors import nearest_of
from ucdiag.model.report import Identity, Verdict
from ucdiag.model.steps import VerdictStatus
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.packet_tracker import PacketTracker

WHOLE = Verdict(status=VerdictStatus.WHOLE, summary="whole")
BROKEN = Verdict(status=VerdictStatus.BROKEN, code="dns-no-answer", summary="broken")
UNKNOWN = Verdict(status=VerdictStatus.UNKNOWN, summary="unknown")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (TIMEOUT, "0.1", 0.1),
        (TIMEOUT, "600", 600.0),
        (TIMEOUT, "1e1", 10.0),
        (MAX_TIME, "0.1", 0.1),
        (MAX_TIME, "86400", 86400.0),
        (PORT, "1", 1),
        (PORT, "65535", 65535),
        (PORT, "000000080", 80),
        (WORD, " CX700 ", "CX700"),
        (WORD, "x" * 64, "x" * 64),
        (NAMESERVER, "10.0.0.2", ("10.0.0.2", 53)),
        (CONNECT_TO, "Pool.Contoso.com:80:127.0.0.1:8080", (("pool.contoso.com", 80), ("127.0.0.1", 8080))),
        (CONNECT_TO, "[2001:db8::1]:443:[::1]:8443", (("2001:db8::1", 443), ("::1", 8443))),
        (CONNECT_TO, "192.0.2.10:80:localhost:1", (("192.0.2.10", 80), ("127.0.0.1", 1))),
        # What was converted before stays.
        (TIMEOUT, 5.0, 5.0),
    ],
)
def test_a_value_that_is_taken(kind: Any, text: Any, value: object) -> None:
    assert kind.convert(text, None, None) == value


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        (TIMEOUT, "0.09", "'0.09' seconds is out of range: give seconds from 0.1 to 600"),
        (TIMEOUT, "600.1", "'600.1' seconds is out of range: give seconds from 0.1 to 600"),
        (TIMEOUT, "soon", "'soon' is not a number: give seconds from 0.1 to 600"),
        (TIMEOUT, "nan", "'nan' is not a number"),
        (TIMEOUT, "inf", "'inf' is not a number"),
        (TIMEOUT, "1" + "0" * 100, "is not a number"),
        (MAX_TIME, "86400.1", "'86400.1' seconds is out of range: give seconds from 0.1 to 86400"),
        (MAX_TIME, "0", "'0' seconds is out of range"),
        (PORT, "0", "'0' is not a port: give a number from 1 to 65535"),
        (PORT, "65536", "'65536' is not a port"),
        (PORT, "-1", "'-1' is not a port"),
        (PORT, "８０", "is not a port"),
        (PORT, "0000000080", "is not a port"),
        (WORD, "x" * 65, "is not usable: give 1 to 64 printable characters"),
        (WORD, "  ", "is not usable"),
        (WORD, "a\x1bb", "is not usable"),
        (CONNECT_TO, "pool:80:127.0.0.1", "is not HOST:PORT:HOST:PORT"),
        (CONNECT_TO, "pool:80:other:80", "'other' is no address to connect to"),
        (CONNECT_TO, "po ol:80:127.0.0.1:80", "'po ol' is neither a name nor an address"),
        (CONNECT_TO, "[10.0.0.1]:80:127.0.0.1:80", "'[10.0.0.1]' is neither a name nor an address"),
        (CONNECT_TO, "pool:80:[x]:80", "'[x]' is no address to connect to"),
        (CONNECT_TO, "pool:0:127.0.0.1:80", "'0' is not a port"),
        (CONNECT_TO, "pool:80:127.0.0.1:x", "'x' is not a port"),
    ],
)
def test_a_value_that_is_not_taken(kind: Any, text: str, why: str) -> None:
    with pytest.raises(Exception, match=r".") as raised:
        kind.convert(text, None, None)
    assert why in str(getattr(raised.value, "message", raised.value))


@pytest.mark.parametrize(
    ("formats", "outputs", "expected"),
    [
        ((), (), [Target("text", None)]),
        ((), ("-",), [Target("text", None)]),
        ((), ("a.json", "b.html", "c"), [Target("json", "a.json"), Target("html", "b.html"), Target("text", "c")]),
        (("json",), (), [Target("json", None)]),
        (("json",), ("x.html",), [Target("json", "x.html")]),
        (("json", "json"), (), [Target("json", None)]),
        (("json", "html"), ("a", "b"), [Target("json", "a"), Target("html", "b")]),
        (("json", "html"), ("site",), [Target("json", "site.json"), Target("html", "site.html")]),
        (("json", "html"), ("site.JSON",), [Target("json", "site.json"), Target("html", "site.html")]),
        (("json", "html"), ("10.0.0.7",), [Target("json", "10.0.0.7.json"), Target("html", "10.0.0.7.html")]),
    ],
)
def test_which_report_goes_where(formats: tuple[str, ...], outputs: tuple[str, ...], expected: list[Target]) -> None:
    assert list(targets_of(formats, outputs)) == expected


@pytest.mark.parametrize(
    ("formats", "outputs", "why"),
    [
        (("json",), ("a", "b"), "1 format for 2 files: give one -f for each -o"),
        (("json", "html"), ("a", "b", "c"), "2 formats for 3 files"),
        (("json", "html"), (), "-f json -f html need files: give -o NAME for NAME.json, NAME.html, or one -o for each"),
        (("json", "html"), ("/dev/null",), "-f json -f html need files, and '/dev/null' is none"),
    ],
)
def test_what_does_not_go_together(formats: tuple[str, ...], outputs: tuple[str, ...], why: str) -> None:
    with pytest.raises(ValueError, match=r"files") as raised:
        targets_of(formats, outputs)
    assert str(raised.value).startswith(why)


def test_a_suffix_names_a_format() -> None:
    assert (format_by_suffix("a.JSON"), format_by_suffix("a.b.html"), format_by_suffix("json")) == (
        "json",
        "html",
        None,
    )


JSON_BY_VARIABLE = {"UCDIAG_CHECK_JSON": "1"}


@pytest.mark.parametrize(
    ("words", "environment", "expected"),
    [
        ([], {}, False),
        (["--json"], {}, True),
        (["-f", "json"], {}, True),
        (["-fjson"], {}, True),
        (["-vqfjson"], {}, True),
        (["--format", "json"], {}, True),
        (["--format=json"], {}, True),
        (["-f", "text", "-f", "json"], {}, True),
        (["-f", "text"], JSON_BY_VARIABLE, False),
        (["-f"], {}, False),
        (["--", "--json"], {}, False),
        (["-o", "a.json"], {}, True),
        (["-o", "a.json", "-f", "text"], {}, False),
        (["-oa.json"], {}, True),
        (["--output=a.json"], {}, True),
        (["-o", "a.html"], {}, False),
        ([], JSON_BY_VARIABLE, True),
        ([], {"UCDIAG_JSON": "yes"}, True),
        ([], {"UCDIAG_JSON": "TRUE"}, True),
        ([], {"UCDIAG_JSON": "0"}, False),
        ([], {"UCDIAG_PROBE_JSON": "1"}, False),
        ([], {"UCDIAG_FORMAT": "text json"}, True),
        ([], {"UCDIAG_CHECK_FORMAT": "text", "UCDIAG_FORMAT": "json"}, False),
        ([], {"UCDIAG_OUTPUT": "a.json"}, True),
        (["-o", "a.txt"], {"UCDIAG_OUTPUT": "a.json"}, False),
        (["--max-time", "json"], {}, False),
    ],
)
def test_whether_json_was_asked_for(words: list[str], environment: dict[str, str], expected: bool) -> None:
    assert asks_for("json", words, "check", environment) == expected


def test_a_command_of_two_words_has_its_variables() -> None:
    assert asks_for("json", [], "check-dns", {"UCDIAG_CHECK_DNS_JSON": "1"})
    assert not asks_for("html", [], "check", JSON_BY_VARIABLE)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], False),
        (["-w", "-"], True),
        (["--write", "-"], True),
        (["--save-request", "-"], True),
        (["--write=-"], True),
        (["-w-"], True),
        (["--save-request=-"], True),
        (["-w", "x", "-"], False),
        (["-o", "-"], False),
        (["-w"], False),
    ],
)
def test_whether_packets_go_to_standard_output(words: list[str], expected: bool) -> None:
    assert standard_output_is_taken(words) == expected


def test_the_nearest_words() -> None:
    words = ["--timeout", "--max-time", "--mac", "--domain"]
    assert nearest_of("--timout", words) == ["--timeout"]
    assert nearest_of("--MAX_TIME", words) == ["--max-time"]
    assert nearest_of("--m", words, 2) == ["--mac", "--max-time"]
    assert nearest_of("xyz", words) == []
    assert nearest_of("-", words) == []


# Counts.


def test_a_tally_counts_and_keeps_the_first_of_each() -> None:
    tally = Tally()
    assert (tally.worst, tally.learnt) == (None, False)
    tally.add(WHOLE, False)
    assert (tally.worst, tally.learnt) == (WHOLE, False)
    later = dataclasses.replace(UNKNOWN, summary="later")
    tally.add(UNKNOWN, True)
    tally.add(later, False)
    assert (tally.worst, tally.learnt) == (UNKNOWN, True)
    tally.add_all({BROKEN: 3, later: 2})
    assert (tally.worst, dict(tally.counts)) == (
        BROKEN,
        {VerdictStatus.WHOLE: 1, VerdictStatus.UNKNOWN: 4, VerdictStatus.BROKEN: 3},
    )
    assert Tally.from_phones([whole_phone(), broken_phone()]).counts.total() == 2
    assert Tally.from_phones([whole_phone()]).learnt
    assert not Tally.from_phones([dataclasses.replace(whole_phone(), observations=(), findings=())]).learnt


@pytest.mark.parametrize(("count", "kind"), [(256, tuple), (257, object)])
def test_phones_are_changed(count: int, kind: type) -> None:
    phones = [whole_phone()] * count
    changed = changed_phones(phones, lambda phone: dataclasses.replace(phone, update_servers=("x",)))
    assert isinstance(changed, kind)
    assert isinstance(changed, tuple) == (count == 256)
    assert len(changed) == count
    assert {phone.update_servers for phone in changed} == {("x",)}
    assert changed[0].update_servers == changed[-1].update_servers == ("x",)
    assert [phone.update_servers for phone in changed[1:3]] == [("x",), ("x",)]


def test_reports_in_a_file_come_back_in_their_order() -> None:
    spool = ReportSpool(as_json=False)
    phones = [whole_phone(), broken_phone(), dataclasses.replace(whole_phone(), update_servers=("x",))]
    for phone in phones:
        spool.add(phone)
    assert (len(spool), list(spool), spool[1], spool[1:]) == (3, phones, phones[1], phones[1:])
    assert spool[-1] == phones[-1]
    assert (spool.failure, spool.tally.counts.total(), spool.tally.learnt) == (None, 3, True)
    spool.close()


def test_of_brief_reports_the_conclusions_come_back() -> None:
    spool = ReportSpool(as_json=False, brief=True)
    phones = [broken_phone(), broken_phone(phone=Identity(ip="10.0.0.5", site="\udc80")), whole_phone()]
    for phone in phones:
        spool.add(phone)
    assert list(spool) == [phones[0], phones[1].brief, phones[2].brief]
    spool.close()


def test_where_there_is_no_file_reports_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    spool = ReportSpool(as_json=True)
    spool.add(broken_phone())
    assert (len(spool), spool.failure, spool.tally.counts.total()) == (0, "No space left on device", 1)
    spool.close()


# Nobody is there.

RESTART = "Power the phone off and on while the capture runs."
MIRROR = "Mirror the phone's switch port in both directions, and capture without a filter."
NOBODY = "Nothing in the capture looks like such a phone."


def census(packets: int = 10, hosts: int = 2, **more: Any) -> Census:
    made = Census(PacketTracker(lambda _: None, HostFilter()))
    made.packets = packets
    made.kinds.update(more.pop("kinds", {}))
    made.ports.update(more.pop("ports", {}))
    made.unread_tunnels.update(more.pop("unread", {}))
    made.tunnels = more.pop("tunnels", 0)
    made.hosts.update(bytes([number] * 4) for number in range(hosts))
    return made


def said(packets: int = 10, seen: Census | None = None, unread: Any = None, hints: Any = (), **more: Any) -> str:
    verdict = no_phone_verdict(hints, packets, seen, unread or {}, **more)
    assert verdict.status is VerdictStatus.UNKNOWN
    return f"{verdict.code}: {verdict.summary}"


def test_an_empty_capture() -> None:
    assert said(0).startswith("no-phone-seen: The capture is empty: no packet is in it.")
    assert said(0, live=True).startswith("no-phone-seen: No packet came that may be of a phone's update path.")


@pytest.mark.parametrize(("hidden", "code"), [(5, "no-phone-seen"), (6, "capture-encapsulated")])
def test_more_than_half_of_the_packets_hide_others(hidden: int, code: str) -> None:
    assert said(10, None, {"CAPWAP": hidden}).startswith(code)
    assert said(10, census(unread={"CAPWAP": hidden})).startswith(code)


def test_what_hides_them() -> None:
    text = said(10, None, {"IPsec (ESP)": 1000, "DTLS": 2})
    assert "1,002 of 10 packets carry others in a tunnel that is encrypted (IPsec (ESP): 1,000 and DTLS: 2)" in text
    assert "in a tunnel that is not read (Odd: 9)" in said(10, None, {"Odd": 9})
    assert said(10, None, {"DTLS": 3}) == f"no-phone-seen: {NOBODY} Into 3 packets nobody can look (DTLS: 3)."
    # What wireless networks send beside is not counted.
    overhead = census(20, kinds={WIRELESS_OVERHEAD: 12}, unread={"DTLS": 5})
    assert said(10, overhead).startswith("capture-encapsulated")


def test_what_is_seen_instead() -> None:
    text = said(10, census(1234, 3, kinds={"UDP": 20, "DHCP": 4, "LLDP": 5}, ports={443: 2, 80: 9}))
    assert text == (
        f"no-phone-seen: {NOBODY} Its 1,234 packets are of 3 hosts (DHCP: 4, UDP: 20, TCP port 80: 9, TCP port 443: 2, "
        f"LLDP: 5). There is no DNS in it. {RESTART} Name the phone with --mac, or judge every host that has a lease "
        "with --all."
    )


@pytest.mark.parametrize(
    ("more", "ending"),
    [
        ({}, MIRROR),
        ({"kinds": {"UDP": 9}}, MIRROR),
        ({"kinds": {"DHCP": 1}}, "with --all."),
        ({"kinds": {"DNS": 1}}, "with --all."),
        ({"ports": {80: 1}}, "with --all."),
        ({"tunnels": 1}, "with --all."),
    ],
)
def test_what_to_do(more: dict[str, Any], ending: str) -> None:
    assert said(10, census(**more)).endswith(ending)


def test_what_is_missing() -> None:
    assert "There is no DHCP, no DNS and no TCP on a watched port in it." in said(10, census())
    assert "There is no DHCP and no TCP on a watched port in it." in said(10, census(kinds={"DNS": 1}))
    assert "There is" not in said(10, census(tunnels=2))
    assert "tunnels that were looked into: 2" in said(10, census(tunnels=2))
    assert "Its first" in said(10, census(CENSUS_MOST))
    assert "Its first" not in said(10, census(CENSUS_MOST - 1))


def test_of_ever_other_kinds_the_most_frequent_are_named() -> None:
    kinds = {f"kind {number:03}": 1000 + number for number in range(100)}
    for text in (said(10, None, kinds), said(10, census(kinds=kinds))):
        assert ("kind 099" in text, "kind 050" in text) == (True, False)


def test_of_many_files_the_first_twenty_are_reported_by_their_frames() -> None:
    capture = object.__new__(FileCapture)
    starts = [(number * 10 + 1, f"{number}.pcap") for number in range(100)]
    reading = SimpleNamespace(starts=starts, reordered=False)
    capture.__dict__.update(_reading=reading, _copy=None)
    assert str(capture.counting).endswith(" 19.pcap begins with frame 191, 20.pcap begins with frame 201.")


def test_a_long_text_of_an_exception_is_cut() -> None:
    assert len(describe_bug(ValueError("x" * 100_000), "check")) < 1000


def test_a_line_on_standard_error_is_escaped_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    escaped: list[str] = []

    def escape(text: str) -> str:
        escaped.append(text)
        return text.replace("\x1b", "ESC")

    monkeypatch.setattr("ucdiag.model.visible_text.visible", escape)
    print_error("one\x1btwo")
    assert (escaped, capsys.readouterr().err) == (["one\x1btwo"], "oneESCtwo\n")


def test_a_command_on_standard_error_is_not_broken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.get_terminal_size", lambda fd: os.terminal_size((60, 24)))
    monkeypatch.setattr("sys.stderr.fileno", lambda: 2)
    print_error(f"ucdiag: {'x' * 40}: 'ucdiag lab' lists them all")
    assert capsys.readouterr().err.splitlines() == [f"ucdiag: {'x' * 40}:", "'ucdiag lab' lists them all"]


def test_hints_and_cuts() -> None:
    text = said(10, census(), hints=("1", "2", "3", "4", "5", "6"))
    assert text.endswith("By their MAC addresses, these may be some: 1, 2, 3, 4, 5 (name one with --mac).")
    assert MIRROR not in said(10, census(), cut=1)
    cut = "packets (tcpdump -s 0)."
    assert f"Its snap length cut 1 packet that may be a phone's: capture again with whole {cut}" in said(10, cut=1)
    assert "Its snap length cut 2,000 packets that may be a phone's" in said(10, cut=2000)
    assert said(10, nobody="None of them.") == "no-phone-seen: None of them."


@pytest.mark.skipif(sys.platform != "linux", reason="an open file has no name elsewhere")
@pytest.mark.parametrize(("size", "copied"), [(10, True), (11, False), (5000, False)])
def test_trusted_roots_that_are_copied_are_so_large(
    size: int, copied: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root reads them for an account that may not: what is larger keeps its name, and is refused where it is read."""

    def refused(account: object) -> Any:
        raise PermissionError

    roots = tmp_path / "roots.pem"
    roots.write_bytes(b"x" * size)
    monkeypatch.setattr(without_root, "_LARGEST", 10)
    monkeypatch.setattr("ucdiag.runtime.root_rights.as_account", refused)
    account: Any = SimpleNamespace(uid=os.getuid(), gid=os.getgid())
    name = without_root._readable_name(str(roots), account)
    assert (name != str(roots)) is copied
    assert Path(name).read_bytes() == b"x" * size
