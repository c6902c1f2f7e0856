"""Every parser of what comes from outside, as a function of bytes: whatever they are, nothing but a refusal is raised.

``TARGETS`` names them. ``tests.fuzz.with_atheris`` looks for bytes that break one; ``test_targets.py`` feeds each with
its seeds, and with what broke it once.
"""

import contextlib
import json
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from tests.fuzz import seeds
from tests.fuzz.packets import run
from tests.leases.machine import Machine
from tests.views.shown import shown
from tests.wire.ladder import Ladder
from ucdiag.capture.other_formats import other_format
from ucdiag.fleet.journal import Journal, JournalError
from ucdiag.fleet.targets import CHECK_DNS, PROBE, decode_text, parse_targets
from ucdiag.leases.macos import parse_packet, parse_scutil
from ucdiag.leases.rtnetlink import seconds_left
from ucdiag.masking.mask import Mask
from ucdiag.masking.packets import PacketMasker
from ucdiag.model.codec import from_json, to_json
from ucdiag.model.observations import Observation
from ucdiag.model.phone import Phone
from ucdiag.probe.dns import parse_nameserver
from ucdiag.runtime.context import CannotTest
from ucdiag.server_logs.log_reader import LogReader
from ucdiag.stored_reports.expectations import parse_expectations
from ucdiag.stored_reports.judge_again import judged_again
from ucdiag.stored_reports.report_files import StoredReport, stored_reports
from ucdiag.update_service.error_page import is_message
from ucdiag.update_service.modules import requested_modules
from ucdiag.update_service.names import parse_domain
from ucdiag.update_service.request import from_saved, mark_identity, to_bytes
from ucdiag.update_service.response import file_urls, read_answer, usable_url
from ucdiag.views import FORMATS
from ucdiag.wire.dhcp.message import read_dhcp, read_names
from ucdiag.wire.dns.message import follow_aliases, read_dns
from ucdiag.wire.errors import DecodeError
from ucdiag.wire.http.body import Inflater, excerpt
from ucdiag.wire.link.icmp import read_icmp_error
from ucdiag.wire.link.ip_fragments import Fragments
from ucdiag.wire.link.link_layer import KNOWN, read_link_layer
from ucdiag.wire.link.tunnels import in_gre, in_udp
from ucdiag.wire.tls.handshake import (
    ClientHello,
    ServerHello,
    read_chain,
    read_client_hello,
    read_hello_keys,
    read_server_hello,
    read_ssl2_hello,
)
from ucdiag.wire.tls.secrets import TlsSecrets
from ucdiag.wire.tls.x509 import read_certificate
from ucdiag.wire.watched import TUNNEL_PORTS

_LINKS = sorted(KNOWN)
_PORTS = sorted(TUNNEL_PORTS)
_MACHINE_FILES = {
    "dhclient": "/var/lib/dhcp/dhclient.leases",
    "dhclient-conf": "/etc/dhcp/dhclient.conf",
    "dhcpcd": "/var/lib/dhcpcd/eth0.lease",
    "dhcpcd-hook": "/run/dhcpcd/hook-state/resolv.conf/eth0.dhcp",
    "networkd": "/run/systemd/netif/leases/2",
    "networkmanager-lease": "/var/lib/NetworkManager/internal-1a2b3c4d-0001-0002-0003-1a2b3c4d5e6f-eth0.lease",
    "networkmanager": "/run/NetworkManager/devices/2",
    "resolvconf": "/run/resolvconf/interface/eth0.udhcpc",
    "resolv-conf": "/etc/resolv.conf",
    "route": "/proc/net/route",
    "fib-trie": "/proc/net/fib_trie",
}


@dataclass(frozen=True)
class Target:
    """A parser: ``feed`` raises for what is a fault, ``seeds`` gives input that it understands."""

    feed: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="ucdiag-fuzz-"))


def _file(name: str, data: bytes) -> Path:
    path = _folder() / name
    path.write_bytes(data)
    return path


def _dhcp(data: bytes) -> None:
    list(read_names(data))
    with contextlib.suppress(DecodeError):
        fact = read_dhcp(data, time=1)
        assert from_json(Observation, to_json(fact)) == fact


def _dns(data: bytes) -> None:
    with contextlib.suppress(DecodeError):
        follow_aliases(read_dns(data))


def _link(data: bytes) -> None:
    if data:
        read_link_layer(_LINKS[data[0] % len(_LINKS)], data[1:])


def _tunnel(data: bytes) -> None:
    if not data:
        return
    found = in_udp(_PORTS[data[0] % len(_PORTS)], data[1:])
    if found is not None:
        read_link_layer(found[0], data[1:], found[1])
    found = in_gre(data[1:])
    if found is not None:
        read_link_layer(found[0], data[1:], found[1])


def _icmp(data: bytes) -> None:
    for version in (4, 6):
        read_icmp_error(data, version=version)


def _fragments(data: bytes) -> None:
    fragments = Fragments(datagrams=2, size=500)
    while len(data) > 3:
        size, place, word = data[0] % 64, data[1] * 8, data[2]
        key = (b"\x0a\0\0\1", b"\x0a\0\0\2", 17, word >> 1 & 3)
        fragments.add(key, 0, place, bool(word & 1), data[3 : 3 + size])
        data = data[3 + size :]


def _stream(port: int) -> Callable[[bytes], None]:
    """A conversation on this port; ``seeds.flights`` has its form."""

    def feed(data: bytes) -> None:
        ladder = Ladder(port=port).opens()
        while len(data) > 2:
            word, size = data[0], int.from_bytes(data[1:3], "big") % 1500
            payload, data = data[3 : 3 + size], data[3 + size :]
            server = bool(word & 1)
            if word & 0x0E == 0x0E:
                ladder.loses(len(payload) + 1, server=server)
            else:
                cut = len(payload) // 2 if word & 0xF0 == 0xF0 else None
                (ladder.answers if server else ladder.says)(payload, cut=cut)
        for fact in ladder.closes().facts(secrets=_secrets()):
            to_json(fact)

    return feed


@cache
def _secrets() -> TlsSecrets:
    known = TlsSecrets()
    known.add_text(b"".join(seeds.key_logs()))
    return known


def _hello(data: bytes) -> None:
    for read in (
        lambda: read_client_hello(data, ClientHello()),
        lambda: read_server_hello(data, ServerHello()),
        lambda: read_hello_keys(data, client=True),
        lambda: read_hello_keys(data, client=False),
        lambda: read_ssl2_hello(data),
        lambda: read_chain(data),
        lambda: read_chain(data, tls_1_3=True),
    ):
        with contextlib.suppress(DecodeError):
            read()


def _certificate(data: bytes) -> None:
    with contextlib.suppress(DecodeError):
        assert len(read_certificate(data).subject) <= 1024


def _key_log(data: bytes) -> None:
    TlsSecrets().add_text(data)


def _body(data: bytes) -> None:
    for encoding in ("gzip", "deflate", None):
        inflater = Inflater(encoding, 1 << 16)
        assert len(b"".join(inflater.feed(data[at : at + 7]) for at in range(0, len(data), 7))) <= 1 << 16
        inflater.end()
    for kind in (None, "text/html", 'text/xml; charset="utf-16"'):
        is_message(excerpt(data, kind), "/RequestHandler/ucdevice.upx", whole=True)


def _answer(data: bytes) -> None:
    answer = read_answer(data)
    for external in (False, True):
        for url in file_urls(answer, external):
            usable_url(url)


def _request(data: bytes) -> None:
    requested_modules(data.decode("utf-8", "replace"))
    phone = Phone(mac="00:04:f2:aa:bb:cc")
    with contextlib.suppress(ValueError):
        to_bytes(from_saved(data, phone, "ucupdates-r2.contoso.com", mac=phone.mac))
    with contextlib.suppress(ValueError):
        mark_identity(data)


def _capture(data: bytes) -> None:
    path = _file("capture", data)
    other_format(data[:64], "capture")
    with contextlib.suppress(CannotTest):
        run(path, Random(len(data)))


def _masked(data: bytes) -> None:
    frames = []
    while len(data) > 3:
        size = int.from_bytes(data[1:3], "big") % 1600
        frames.append((_LINKS[data[0] % len(_LINKS)] if data[0] else 1, data[3 : 3 + size]))
        data = data[3 + size :]
    masker = PacketMasker(Mask(b"a secret of the tests"), frames, frozenset({80, 443}))
    masker.learn_secrets()
    masker.rewrite_frames()


def _log(name: str) -> Callable[[bytes], None]:
    def feed(data: bytes) -> None:
        reader = LogReader()
        reader.read_logs([str(_file(name, data))])
        reader.finish()

    return feed


def _on_machine(place: str) -> Callable[[bytes], None]:
    def feed(data: bytes) -> None:
        machine = _machine()
        file = machine.put(place, data)
        try:
            leases, problems = machine.read()
        finally:
            file.unlink()
            machine.put("/proc/net/route", seeds.leases("route"))
            machine.put("/proc/net/fib_trie", seeds.leases("fib_trie"))
        assert sum(lease.chosen for lease in leases) <= 1
        assert all("\n" not in problem.text for problem in problems)

    return feed


@cache
def _machine() -> Machine:
    machine = Machine(_folder() / "root")
    machine.interface("eth0", 2, address="10.0.0.7", metric=100)
    return machine


def _netlink(data: bytes) -> None:
    seconds_left(data)


def _macos(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    parse_packet(text, "en0", 0)
    parse_scutil(text, 0)


def _targets(data: bytes) -> None:
    for columns in (PROBE, CHECK_DNS):
        with contextlib.suppress(CannotTest, ValueError):
            parse_targets(decode_text(data), columns)


def _journal(data: bytes) -> None:
    with contextlib.suppress(JournalError), Journal(str(_file("journal", data))) as journal:
        list(journal.kept_reports())


def _expectations(data: bytes) -> None:
    with contextlib.suppress(ValueError, tomllib.TOMLDecodeError):
        parse_expectations(data.decode())


def _report(data: bytes) -> None:
    for found in stored_reports([str(_file("report.json", data))]):
        if isinstance(found, StoredReport):
            for phone in found.report.phones:
                to_json(judged_again(found.report, phone))
            for name in FORMATS:
                shown(found.report, format_=name)


def _facts(data: bytes) -> None:
    try:
        fact = from_json(Observation, json.loads(data))
    except (ValueError, RecursionError):
        return
    assert from_json(Observation, to_json(fact)) == fact


def _words(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for parse in (parse_domain, parse_nameserver, usable_url):
        with contextlib.suppress(ValueError):
            parse(text)


TARGETS = {
    "dhcp": Target(_dhcp, seeds.dhcp),
    "dns": Target(_dns, seeds.dns),
    "link": Target(_link, seeds.links),
    "tunnel": Target(_tunnel, seeds.tunnels),
    "icmp": Target(_icmp, seeds.icmp),
    "fragments": Target(_fragments, seeds.fragments),
    "stream-http": Target(_stream(80), seeds.http_talks),
    "stream-tls": Target(_stream(443), seeds.tls_talks),
    "stream-dns": Target(_stream(53), seeds.dns_talks),
    "tls-hello": Target(_hello, seeds.hellos),
    "certificate": Target(_certificate, seeds.certificates),
    "key-log": Target(_key_log, seeds.key_logs),
    "body": Target(_body, seeds.answers),
    "answer": Target(_answer, seeds.answers),
    "request": Target(_request, seeds.requests),
    "capture": Target(_capture, seeds.captures),
    "masking": Target(_masked, seeds.frames),
    "iis-log": Target(_log("u_ex261127.log"), seeds.iis_logs),
    "audit-log": Target(_log("RequestHandlerAuditLog_POOL01_2026-11-27.log"), seeds.audit_logs),
    "netlink": Target(_netlink, seeds.netlink),
    "macos": Target(_macos, seeds.macos),
    "targets": Target(_targets, seeds.targets),
    "journal": Target(_journal, seeds.reports),
    "expectations": Target(_expectations, seeds.expectations),
    "report": Target(_report, seeds.reports),
    "facts": Target(_facts, seeds.facts),
    "words": Target(_words, seeds.words),
    **{f"lease-{name}": Target(_on_machine(place), seeds.lease_files) for name, place in _MACHINE_FILES.items()},
}
