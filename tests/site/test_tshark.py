"""``capture --facts`` tells of DHCP, DNS and HTTP what tshark tells, on captures of real servers (captures.py)."""

import json
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.site.captures import STORIES, Story, Told
from tests.site.ground import console_script

# Few of all, since tshark takes its time: one at least of each server, client, and turn that things take.
CHOSEN = {
    "dhcp-nak-and-nothing",
    "dhcp-no-domain-kea",
    "dhcp-two-names",
    "dhcp-no-resolver-isc",
    "dhcp-domains-differ",
    "dhcp-inform-unanswered",
    "dhcp-voice-vlan-silent",
    "r2-and-legacy-missing",
    "legacy-only-knot",
    "alias-to-nothing",
    "servfail-bind",
    "refused-unbound",
    "dns-dropped",
    "refused-then-good",
    "http-cut-body",
    "http-cut-chunk",
    "gateway-timeout",
    "redirect-https",
    "two-files",
    "keep-alive-file",
    "pipelined",
    "head-and-range",
    "gzip",
    "gzip-chunked",
    "continue",
    "chunked-request",
    "no-length",
    "loss",
    "lost-post-and-answer",
    "duplicates",
    "reordering",
    "several",
    "noise",
    "ipv6",
    "tagged",
    "relayed",
    "two-classes",
    "renewal",
    "dns-over-tcp",
    "ntlm",
    "certsrv",
    "upload",
    "behind-router",
}
DHCP_TYPES = ["discover", "offer", "request", "decline", "ack", "nak", "release", "inform"]
RCODES = {"0": "NOERROR", "1": "FORMERR", "2": "SERVFAIL", "3": "NXDOMAIN", "4": "NOTIMP", "5": "REFUSED"}
TYPES = {"1": "A", "28": "AAAA", "12": "PTR", "5": "CNAME", "33": "SRV"}
FIELDS = (
    "frame.number", "dhcp.option.dhcp", "dhcp.hw.mac_addr", "dhcp.option.domain_name",
    "dhcp.option.domain_name_server", "dhcp.ip.your", "dhcp.option.dhcp_server_id", "dhcp.option.vendor_class_id",
    "dhcp.option.hostname",
    "dns.qry.name", "dns.qry.type", "dns.flags.response", "dns.flags.rcode", "dns.a", "dns.aaaa", "dns.cname",
    "http.request.method", "http.host", "http.request.uri", "http.response.code",
    "ip.src", "ip.dst", "tcp.srcport",
)  # fmt: skip

Frame = Mapping[str, list[str]]


def tshark(path: Path) -> list[Frame]:
    """Each frame with DHCP, DNS or HTTP in it, unless an ICMP message quotes it: the values of FIELDS."""
    # Without the option it hides a response of which one packet was captured a place too late.
    words = ["tshark", "-n", "-o", "tcp.reassemble_out_of_order:TRUE", "-r", str(path)]
    words += ["-Y", "(dhcp || dns || http) && !icmp", "-T", "fields"]
    words += ["-E", "occurrence=a", "-E", "aggregator=|"]
    words += [word for field in FIELDS for word in ("-e", field)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=True)
    return [
        {name: value.split("|") if value else [] for name, value in zip(FIELDS, line.split("\t"), strict=True)}
        for line in done.stdout.splitlines()
    ]


def facts(path: Path) -> list[dict[str, Any]]:
    words = [console_script(), "capture", "--facts", "-r", path]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def of(kind: str, found: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [fact for fact in found if fact["kind"] == kind]


def first(values: list[str]) -> str | None:
    return values[0] if values else None


def number(frame: Frame) -> int:
    return int(frame["frame.number"][0])


def compare_dhcp(found: list[Mapping[str, Any]], frames: list[Frame]) -> None:
    theirs = []
    for frame in frames:
        if not frame["dhcp.option.dhcp"]:
            continue
        kind = DHCP_TYPES[int(frame["dhcp.option.dhcp"][0]) - 1]
        your = first(frame["dhcp.ip.your"])
        given = your if kind in ("offer", "ack") and your != "0.0.0.0" else None
        theirs.append(
            (
                number(frame), kind, first(frame["dhcp.hw.mac_addr"]), first(frame["dhcp.option.domain_name"]),
                frame["dhcp.option.domain_name_server"], given, first(frame["dhcp.option.dhcp_server_id"]),
                first(frame["dhcp.option.vendor_class_id"]), first(frame["dhcp.option.hostname"]),
            )
        )  # fmt: skip
    ours = [
        (
            fact["frame"], fact["type"], fact["client"], fact["domain"], fact["resolvers"],
            fact["address"] if fact["type"] in ("offer", "ack") else None, fact["server"], fact["vendor_class"],
            fact["hostname"],
        )
        for fact in found
    ]  # fmt: skip
    assert ours == theirs


def compare_dns(found: list[Mapping[str, Any]], frames: list[Frame]) -> None:
    questions, answers = Counter[Any](), {}
    for frame in frames:
        if not frame["dns.qry.name"] or frame["dhcp.option.dhcp"]:
            continue
        asked = (frame["dns.qry.name"][0], TYPES[frame["dns.qry.type"][0]])
        if frame["dns.flags.response"][0] in ("1", "True"):
            addresses = frame["dns.aaaa"] if asked[1] == "AAAA" else frame["dns.a"]
            answers[number(frame)] = (*asked, RCODES[frame["dns.flags.rcode"][0]], addresses, frame["dns.cname"])
        else:
            questions[number(frame), *asked, frame["ip.src"][-1], frame["ip.dst"][-1]] += 1
    # An answer without a question before it, as where a busy machine captures the answer first, is a fact of its own.
    ours = Counter(
        (fact["frame"], fact["name"], fact["type"], fact["client"], fact["server"])
        for fact in found
        if fact["frame"] != fact["answer_frame"]
    )
    assert ours == questions
    said = {
        fact["answer_frame"]: (fact["name"], fact["type"], fact["rcode"], fact["addresses"], fact["aliases"])
        for fact in found
        if fact["answer_frame"] is not None
    }
    # What else tshark lists are copies of answers that were there already; not by name those without a question.
    assert {at: answer for at, answer in said.items() if at in answers} == {
        at: answers[at] for at in said if at in answers
    }
    assert all(answer in said.values() for answer in answers.values())
    assert {at: said[at][2:] for at in said.keys() - answers.keys()} == dict.fromkeys(
        said.keys() - answers.keys(), ("REFUSED", [], [])
    )


def compare_http(found: list[Mapping[str, Any]], frames: list[Frame]) -> None:
    requests, responses = Counter[Any](), Counter[Any]()
    for frame in frames:
        hosts = [*frame["http.host"], *[""] * len(frame["http.request.method"])]
        for method, host, target in zip(frame["http.request.method"], hosts, frame["http.request.uri"], strict=False):
            requests[number(frame), method, host, target, frame["ip.src"][-1]] += 1
        responses.update((number(frame), int(code)) for code in frame["http.response.code"] if code != "100")
    ours = Counter(
        (fact["frame"], fact["method"], fact["host"] or "", fact["target"], fact["client"])
        for fact in found
        if fact["method"] is not None
    )
    assert ours == requests
    # tshark does not show an answer whose body was cut.
    assert Counter((fact["answer_frame"], fact["status"]) for fact in found if fact["complete"]) == responses


@pytest.mark.parametrize("story", [story for story in STORIES if story.name in CHOSEN], ids=lambda story: story.name)
def test_the_same_facts(captures: Mapping[str, Told], story: Story) -> None:
    told = captures[story.name]
    assert told.error is None, told.logs
    compare(told.file)


def compare(path: Path) -> None:
    found, frames = facts(path), tshark(path)
    compare_dhcp(of("dhcp", found), frames)
    compare_dns(of("lookup", found), frames)
    compare_http(of("http", found), frames)


def test_the_chosen_stories_are_there() -> None:
    assert {story.name for story in STORIES} >= CHOSEN
