"""Phones that make room in memory: a site of a few phones is judged as if all had stayed there.

``test_quiet_phones.py`` does the same with hundreds, and with the archive on disk.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.diagnosis.attempts import attempt_of
from tests.diagnosis.story import NAME, PATH, POOL, RESOLVER, SECOND, START, verdict
from tests.diagnosis.tracker_tables import leased_ips, taken_bytes, terms_of
from ucdiag.diagnosis import phone_tracker
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phone_tracker import PHONE_BYTES, Limits, PhoneTracker, size_of_fact
from ucdiag.model.observations import Connect, Dhcp, Http, Lookup, Observation
from ucdiag.model.steps import VerdictStatus

AT = START + 100_000 * SECOND
ROUTER = "00:11:22:33:44:55"
NAT = "10.9.0.1"


class Shelf:
    """An archive in memory; it takes ``most`` phones and no more."""

    def __init__(self, most: int = 1000) -> None:
        self.most = most
        self.kept: dict[int, tuple[int, Sequence[str], Any]] = {}
        self.count = 0

    def __len__(self) -> int:
        return len(self.kept)

    def put(self, first_seen: int, keys: Sequence[str], phone: Any) -> None:
        if len(self.kept) >= self.most:
            raise OSError("no space left on device")
        self.count += 1
        self.kept[self.count] = first_seen, list(keys), phone

    def take(self, key: str) -> Any | None:
        found = [number for number, (_, keys, _) in self.kept.items() if key in keys]
        return self.kept.pop(found[0])[2] if found else None

    def phones(self) -> Iterator[tuple[int, Any]]:
        for first_seen, _, phone in sorted(self.kept.values(), key=lambda one: one[0]):
            yield first_seen, phone


def mac_of(number: int) -> str:
    return f"02:00:00:00:00:{number:02x}"


def ip_of(number: int) -> str:
    return f"10.1.0.{number}"


def attempt(number: int, at: int, *, lease: bool = True, fails: bool = False, **own: Any) -> list[Observation]:
    """One attempt of a phone, ``at`` seconds after the start; ``own`` are its ``mac`` and ``ip`` where they are others,
    and the ``router`` whose MAC address is in its frames."""
    whose = {"mac": mac_of(number), "ip": ip_of(number), **own}
    return attempt_of(at=at, lease=lease, fails=fails, first_frame=100 * at, **whose)


def site(**more: Any) -> list[Observation]:
    """Seven phones that come one after the other, of which one gets 404."""
    return [fact for number in range(7) for fact in attempt(number, 20 + number, fails=number == 3, **more)]


def ack(number: int, at: int, **more: Any) -> Dhcp:
    known: dict[str, Any] = {"client": mac_of(number), "address": ip_of(number), "lease_seconds": 86400, **more}
    return Dhcp(time=START + at * SECOND, frame=at, type="ack", server="10.0.0.1", domain="contoso.com", **known)


def says(text: str, at: int, port: int, status: int = 404, ip: str = NAT) -> list[Observation]:
    """What a phone behind address translation asks."""
    who: dict[str, Any] = {"client": ip, "client_mac": ROUTER, "client_port": port}
    time = START + at * SECOND
    asked = Lookup(time=time, frame=at, server=RESOLVER, name=NAME, type="A", rcode="NOERROR", addresses=(POOL,), **who)
    post = Http(
        time=time + 1, frame=at + 1, server=POOL, port=80, method="POST", target=PATH, status=status, **who,
        complete=True, request_text=text,
    )  # fmt: skip
    return [asked, post]


def named(number: int, at: int, port: int, **more: Any) -> list[Observation]:
    return says(f"<MacAddress>{mac_of(number)}</MacAddress>", at, port, **more)


def numbered(number: int, at: int, port: int, **more: Any) -> list[Observation]:
    return says(f"<SerialNumber>AB{number:06}</SerialNumber>", at, port, **more)


def bridged(number: int, at: int) -> list[Observation]:
    """A host behind a wireless bridge, which puts its own MAC address into DHCP as well."""
    facts = attempt(number, at, mac=mac_of(200), ip=ip_of(number))
    return [
        replace(fact, client_id=f"01:{mac_of(number)}", transaction=number) if isinstance(fact, Dhcp) else fact
        for fact in facts
    ]


SITES: dict[str, tuple[list[Observation], dict[str, Any]]] = {
    "each has a lease": (site(), {}),
    "no lease was seen": (site(lease=False), {}),
    "two are heard again": ([*site(), *attempt(0, 1000, lease=False), *attempt(3, 1001)], {}),
    "one renews its lease": ([*site(), ack(2, 2000)], {}),
    "one renews it by its own address": ([*site(), ack(2, 2000, address=None, client_address=ip_of(2))], {}),
    "an address is another one's": ([*site(), *attempt(8, 5000, ip=ip_of(2))], {}),
    "an address is another one's without a lease": ([*site(), *attempt(8, 5000, ip=ip_of(2), lease=False)], {}),
    "an address goes to and fro": (
        [*site(), *attempt(8, 5000, ip=ip_of(2)), *site(), *attempt(2, 6000), *attempt(8, 7000, ip=ip_of(2))],
        {},
    ),
    "one moves by DHCP": ([*site(), *attempt(2, 3000, ip="10.1.0.99")], {}),
    "each is behind a router": (site(lease=False, router=ROUTER), {}),
    "leases come through a relay": (site(router=ROUTER), {"routed": lambda ip: True}),
    "one behind a router gets another address": (
        [
            *named(9, 0, 1000, ip="10.7.0.1"),
            *named(10, 1, 1000, ip="10.7.0.2"),
            *site(),
            *named(9, 900, 1001, ip="10.7.0.3", status=500),
            *attempt(2, 2000),
            *named(10, 3000, 1001, ip="10.7.0.1", status=500),
        ],
        {"routed": lambda ip: ip.startswith("10.7.")},
    ),
    "two behind one address": ([*named(9, 0, 1000), *named(10, 1, 1001), *site()], {}),
    "two behind one address that are heard again": (
        [*named(9, 0, 1000), *named(10, 1, 1001), *site(), *named(9, 900, 1003)],
        {},
    ),
    "two behind one address whose leases were seen": (
        [ack(9, 0), ack(10, 1), *named(9, 2, 1000), *named(10, 5, 1001), *site(), ack(10, 800)],
        {},
    ),
    "two with a number behind one address": ([*numbered(9, 0, 1000), *numbered(10, 1, 1001), *site()], {}),
    "two behind a bridge": ([*bridged(11, 0), *bridged(12, 1), *site(), *bridged(11, 900)], {}),
    "everybody counts": (
        [ack(90, 0), Connect(time=START, client=ip_of(90), server=POOL, port=80, outcome="open"), *site()],
        {"everyone": True},
    ),
    "a resolver asks for others": (
        [
            *site(),
            Lookup(time=START + 500 * SECOND, client=RESOLVER, server="192.0.2.53", name=NAME, type="A", rcode=None),
        ],
        {},
    ),
    "strangers come and go": (
        [
            *site(),
            *(
                Connect(time=START + at * SECOND, client=f"10.2.0.{at}", server=POOL, port=80, outcome="refused")
                for at in range(20)
            ),
        ],
        {},
    ),
}


@pytest.fixture(autouse=True)
def _few_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phone_tracker, "_IN_MEMORY", 1)


def judged(
    facts: Sequence[Observation], archive: Any = None, limits: Limits | None = None, **more: Any
) -> PhoneTracker:
    """A tracker that has taken these facts, with room for two phones or so; what it counts is right at any time."""
    tracker = PhoneTracker(
        DiagnosisOptions(from_capture=True), limits=limits or Limits(quiet=20_000), archive=archive, **more
    )
    for fact in facts:
        tracker.feed(fact)
        hosts = list(tracker.hosts())
        assert taken_bytes(tracker) == sum(
            PHONE_BYTES + sum(map(size_of_fact, kept)) for _, kept, phone in hosts if phone
        )
        assert tracker._strangers == sum(len(kept) for _, kept, phone in hosts if not phone)
    return tracker


@pytest.mark.parametrize("name", SITES)
def test_no_report_differs_from_those_of_a_memory_that_has_room(name: str) -> None:
    facts, more = SITES[name]
    tracker, ample = judged(facts, Shelf(), **more), judged(facts, **more)
    assert tracker.quiet_count > 3
    assert ample.quiet_count == 0
    assert tracker.finish(AT) == ample.finish(AT)
    assert tracker.problems() == ample.problems()
    assert tracker.dropped == ample.dropped == 0
    assert tracker.verdicts_alone() == {}


def hosts_of(tracker: PhoneTracker) -> list[tuple[str, list[Observation], bool]]:
    hosts = [(address, list(kept), phone) for address, kept, phone in tracker.hosts()]
    return sorted(hosts, key=lambda host: (host[0], len(host[1]), str(host[1])))


@pytest.mark.parametrize("name", SITES)
def test_all_that_is_kept_comes_back(name: str) -> None:
    facts, more = SITES[name]
    tracker, ample = judged(facts, Shelf(), **more), judged(facts, **more)
    before = hosts_of(ample)
    tracker.finish(AT)
    for key in [key for _, keys, _ in list(tracker._quiet._archive.kept.values()) for key in keys]:  # type: ignore[union-attr]
        tracker._bring_back(key)
    assert tracker.quiet_count == 0
    assert hosts_of(tracker) == before
    assert {ip: terms_of(tracker, ip) for ip in leased_ips(tracker)} == {
        ip: terms_of(ample, ip) for ip in leased_ips(ample)
    }
    assert dict(tracker._ips_of) == dict(ample._ips_of)
    assert taken_bytes(tracker) == taken_bytes(ample)
    assert tracker._strangers == ample._strangers
    assert tracker.finish(AT) == ample.finish(AT)


def test_while_it_goes_on_those_in_the_archive_are_counted_alone() -> None:
    tracker = judged(site(), Shelf())
    reports = tracker.finish(AT, final=False)
    assert 0 < len(reports) < 7
    assert len(reports) + tracker.quiet_count == 7


def test_the_quietest_go_and_the_latest_stay() -> None:
    tracker = judged(site(), Shelf())
    assert [report.phone.mac for report in tracker.finish(AT, final=False)] == [mac_of(5), mac_of(6)][
        -len(tracker.finish(AT, final=False)) :
    ]


def test_brief_reports_conclude_the_same_and_the_first_is_whole() -> None:
    tracker = judged(site(), Shelf())
    first, *others = tracker.finish(AT)
    assert [judge() for judge in tracker.judgements(AT, brief=True)] == [first, *(other.brief for other in others)]
    assert first.steps


def test_a_named_phone_is_judged_wherever_it_is() -> None:
    tracker = judged(site(), Shelf(), macs=[mac_of(3), mac_of(1), mac_of(77)])
    assert [(report.phone.mac, report.verdict.code) for report in tracker.finish(AT)] == [
        (mac_of(3), "http-not-found"),
        (mac_of(1), "no-update-offered"),
        (mac_of(77), "no-phone-seen"),
    ]


def count(tracker: PhoneTracker) -> Counter[VerdictStatus]:
    counts = Counter(report.verdict.status for report in tracker.finish(AT))
    for one, number in tracker.verdicts_alone().items():
        assert not one.summary
        counts[one.status] += number
    return counts


LITTLE = Limits(room=15_000, quiet=12_000)
ALL = {VerdictStatus.WHOLE: 6, VerdictStatus.BROKEN: 1}


@pytest.mark.parametrize("most", [None, 0, 2], ids=["no archive", "full", "full later"])
def test_where_nothing_more_is_kept_each_phone_still_counts(most: int | None) -> None:
    tracker = judged(site(), None if most is None else Shelf(most), LITTLE)
    assert count(tracker) == ALL
    alone = tracker.verdicts_alone().total()
    assert alone > 0
    assert tracker.dropped > 0
    why = "" if most is None else " (no space left on device)"
    (problem,) = tracker.problems()
    assert (problem.code, problem.text) == (
        "forgotten",
        f"Of {alone:,} phones only the verdict is known: their facts fit neither into memory nor into a temporary "
        f"file{why}. Name a folder with room in TMPDIR, or name the phones with --mac.",
    )


def test_facts_that_were_forgotten_are_counted() -> None:
    tracker = judged([fact for at in range(30) for fact in attempt(0, at)], None, Limits(room=30_000))
    assert tracker.dropped > 0
    (problem,) = tracker.problems()
    assert (problem.code, problem.text) == (
        "forgotten",
        f"{tracker.dropped:,} facts of hosts were forgotten to keep memory bounded: name the phones with --mac.",
    )


@pytest.mark.parametrize("number", [3, 4], ids=["broken", "whole"])
@pytest.mark.parametrize("alone", [True, False], ids=["DHCP alone", "a whole attempt"])
def test_a_phone_of_which_the_verdict_was_left_counts_once(number: int, alone: bool) -> None:
    again = [fact for fact in attempt(number, 1000) if isinstance(fact, Dhcp) or not alone]
    facts = [replace(fact, vendor_class="CPE-OCPhone") if isinstance(fact, Dhcp) else fact for fact in again]
    left = judged(site(), None, LITTLE)
    assert left.verdicts_alone().total() > 4  # the one in question among them
    tracker = judged([*site(), *facts], None, LITTLE)
    expected = ALL if alone else {VerdictStatus.WHOLE: 7}
    assert count(tracker) == (expected if number == 3 else ALL)


def test_a_phone_of_which_the_verdict_was_left_and_that_fails_since_is_broken() -> None:
    discover = Dhcp(time=START + 1000 * SECOND, type="discover", client=mac_of(4), vendor_class="CPE-OCPhone")
    later = Connect(time=START + 1100 * SECOND, client=ip_of(99), server=POOL, port=80, outcome="open")
    tracker = judged([*site(), discover, later], None, LITTLE)
    assert count(tracker) == {VerdictStatus.WHOLE: 5, VerdictStatus.BROKEN: 2}
    assert [report.verdict.code for report in tracker.finish(AT) if report.phone.mac == mac_of(4)] == ["dhcp-no-answer"]


def test_what_is_said_of_several_phones_is_said_of_those_in_the_archive_too() -> None:
    tracker = judged(site(lease=False, router=ROUTER), Shelf(), routed=lambda ip: True)
    assert len(tracker.finish(AT)) == 7
    (problem,) = tracker.problems()
    named_ips = ", ".join(ip_of(number) for number in range(5))
    assert problem.text == (
        f"The MAC address in the frames of {named_ips} is a router's or a bridge's, so the phone is known by its IP "
        "address and by what its requests say: capture in the phone's own VLAN to see its MAC address and its DHCP."
    )


@pytest.mark.parametrize(("count_", "shown"), [(2, ""), (5, ""), (6, ", ...")])
def test_phones_behind_one_address_are_named(count_: int, shown: str) -> None:
    facts = [fact for number in range(count_) for fact in named(number, number * 10, 1000 + number)]
    (problem,) = judged(facts).problems()
    names = [mac_of(number) for number in range(min(count_, 5))]
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    assert (problem.code, problem.text) == (
        "several-phones",
        f"{count_} phones sent from {NAT} ({listed}{shown}), as behind address translation, and are distinguished by "
        "the fields of their requests: a failed connection without such fields counts against each of them. "
        "Capture in the phones' own VLAN to be sure.",
    )


def test_of_many_such_addresses_some_are_named() -> None:
    facts = [
        fact
        for host in range(8)
        for number in (2 * host, 2 * host + 1)
        for fact in named(number, 100 * host + number, 1000 + number, ip=f"10.9.0.{host}")
    ]
    for archive in (None, Shelf()):
        tracker = judged(facts, archive, Limits(quiet=30_000))
        assert len(tracker.finish(AT)) == 16
        assert [problem.code for problem in tracker.problems()] == ["several-phones"] * 5


def test_the_broken_one_of_a_site_stays_the_broken_one() -> None:
    reports = judged(site(), Shelf()).finish(AT)
    assert [verdict(report)[0] for report in reports] == ["whole"] * 3 + ["broken"] + ["whole"] * 3
