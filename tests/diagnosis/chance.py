"""What the judge says of stories that chance made: hundreds of orders in which things can happen.

Each has the number that it was drawn with. ``python -m tests.diagnosis.chance`` writes ``chance.txt`` anew: a line for
each, with a sum of all that was said; read the difference before you commit it.
"""

import random
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

from tests.diagnosis.report_stories import ALL_HANDSHAKES, ALL_STATUSES
from tests.diagnosis.reports import report_text
from tests.diagnosis.story import LEGACY, NAME, OUTER, PATH, PHONE, POOL, SERVER, START, URL, Story
from tests.diagnosis.tracker_tables import leased_ips, taken_bytes
from tests.recorded_texts import read_texts, write_texts
from ucdiag.diagnosis import phone_tracker
from ucdiag.diagnosis.engine import Engine
from ucdiag.diagnosis.known_servers import KnownServers
from ucdiag.diagnosis.options import CaptureGap, ClocksDiffer, DiagnosisOptions
from ucdiag.diagnosis.phone_tracker import PHONE_BYTES, Limits, PhoneTracker, size_of_fact
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Connect, Dhcp, Extent, Http, Lookup, Observation, Tls, UpdateAnswer, UpdateFile
from ucdiag.model.phone import Phone
from ucdiag.model.report import PhoneReport
from ucdiag.model.steps import Step

FILE = Path(__file__).with_name("chance.txt")
BATCH, BATCHES = 40, 10
OTHER, STORE, EDGE = "10.0.0.21", "10.0.0.30", "10.0.0.50"
HOSTS = (POOL, POOL, POOL, OTHER, STORE, EDGE)
RESOLVERS = ("10.0.0.2", "10.0.0.2", "10.0.0.3", None)
NAMES = (
    NAME,
    NAME,
    LEGACY,
    "ucupdates-r2",
    "ucupdates-r2.fabrikam.com",
    "UCUPDATES-R2.corp.contoso.com.",
    "pool01.contoso.com",
    "ocsrp.fabrikam.com",
    "sip.contoso.com",
    "sipinternal.contoso.com",
    "time.contoso.com",
    "lyncdiscover.contoso.com",
    "www.example.com",
)
PURPOSES = ("update", "file", "wildcard", "sip", "other", "host", "host", "host", "compare", "other-side", "log")
FIRMWARES = (None, None, "1.0.522.101", "1.0.199.123", "3.5.6907.35", "4.0.7576.0", "4.0.7577.4444", "9.9", "none")
TARGETS = (
    PATH,
    PATH,
    PATH,
    "/RequestHandlerExt/ucdevice.upx",
    "/DeviceUpdateFiles_Int/UCPhone/Polycom/CX700/A/ENU/3.5.6907.35/CPE/CPE.nbt",
    "/DeviceUpdateFiles_Int/UCPhone/Polycom/CX700/A/ENU/3.5.6907.35/CPE/CPE.cat",
    "/DeviceUpdateFiles_Ext/UCPhone/Polycom/CX700/A/ENU/3.5.6907.35/CPE/CPE.nbt",
    "/certsrv/certnew.p7b",
    "/",
    None,
)
URLS = (URL, URL, OUTER, None, "", "http://files.contoso.com/fw", f"https://{STORE}/fw", f"http://{POOL}/x", "no url")
SAID = (
    None,
    '<Request mac="00:04:f2:aa:bb:cc" serial="A1" version="1.0.522.101"/>',
    '<Request mac="0004f2aabbcc" vendor="Polycom" model="CX700" version="3.5.6907.35"/>',
    '<Request serial="B2" model="CX600" version="4.0.7577.4444"/>',
    "<Request/>",
    *(
        f"<Request><MACAddress>{mac}</MACAddress><Modules><Module><FileName>CPE.nbt</FileName><Version>{version}</Version>"
        f"</Module><Module><FileName>second.nbt</FileName><Version>1.0.1.1</Version></Module></Modules></Request>"
        for mac in ("00-04-F2-AA-BB-CC", "0004F2000002")
        for version in ("1.0.522.101", "3.5.6907.35", "4.0.7577.4444")
    ),
)
MACS = ("00:04:f2:aa:bb:cc", "00:04:f2:00:00:02", "02:00:00:00:00:99")
_T = TypeVar("_T")


class Chance:
    """One story. Its parts are what may happen next; what is likely is what a phone does that has no trouble."""

    def __init__(self, number: int, from_capture: bool) -> None:
        self.draw = random.Random(number)
        self.from_capture = from_capture
        self.story = Story(from_capture=from_capture, **self.setting())

    def one(self, those: Sequence[_T]) -> _T:
        return self.draw.choice(those)

    def is_so(self, often: float) -> bool:
        return self.draw.random() < often

    def setting(self) -> dict[str, Any]:
        found: dict[str, Any] = {"phone": Phone(firmware=self.one(FIRMWARES)) if self.is_so(0.8) else None}
        if self.is_so(0.2):
            found["servers"] = KnownServers(
                *(frozenset({self.one(HOSTS)}) if self.is_so(0.6) else frozenset() for _ in "ab")
            )
        if self.is_so(0.2):
            found["expected_domain"] = self.one(("contoso.com", "fabrikam.com"))
        if self.is_so(0.2):
            found["sip_domain"] = self.one(("contoso.com", "fabrikam.com"))
        if self.from_capture:
            found.update(self._of_capture())
        else:
            found["external"] = self.is_so(0.2)
            found["whole_file"] = self.is_so(0.8)
            if self.is_so(0.2):
                found["domain"] = self.one((None, "fabrikam.com", "corp.contoso.com"))
            if self.is_so(0.2):
                found["tested"] = frozenset(Step) - {self.one(tuple(Step)), self.one(tuple(Step))}
            if self.is_so(0.1):
                found["stopped"] = "it was interrupted"
        return found

    def _of_capture(self) -> dict[str, Any]:
        found: dict[str, Any] = {"counts_loss": self.is_so(0.8), "lost": self.one((0, 0, 0, 7))}
        if self.is_so(0.1):
            found["ports"] = self.one((frozenset({80}), frozenset({80, 443}), frozenset({53, 80, 443, 5061})))
        if self.is_so(0.1):
            found["clocks"] = ClocksDiffer(self.one((2.5, -1.25)), START, 3)
        if self.is_so(0.2):
            begin = START + self.one((0, 500_000, 5_000_000))
            found["gaps"] = (CaptureGap(begin, begin + self.one((100_000, 2_000_000, 90_000_000)), "a pause"),)
        if self.is_so(0.1):
            found["from_logs"] = True
            found["logs_files"] = self.is_so(0.5)
        return found

    def drawn_story(self) -> Story:
        for part in (self.lease, self.lookup, self.connection, self.request, self.answer, self.file):
            for _ in range(self.draw.choice((0, 1, 1, 1, 2, 3))):
                part()
                if self.is_so(0.1):
                    self.story.wait(self.one((0.2, 1, 4.9, 5.1, 20, 70, 700)))
                if self.is_so(0.15):
                    self.one((self.lease, self.lookup, self.connection, self.request, self.answer, self.file))()
        if self.from_capture and self.is_so(0.1):
            self.story.lost(self.one((0, 12)))
        return self.story.wait(self.one((0, 1, 20, 20)))

    def purpose(self) -> dict[str, Any]:
        if self.from_capture:
            return {}
        return {"purpose": "update" if self.is_so(0.75) else self.one(PURPOSES)}

    def resolvers(self) -> tuple[str, ...]:
        return ("10.0.0.2",) if self.is_so(0.8) else self.one((("10.0.0.2", "10.0.0.3"), ("0.0.0.0",), ()))

    def lease(self) -> None:
        domain = "contoso.com" if self.is_so(0.8) else self.one(("corp.contoso.com", "", None, "a.com b.com"))
        if not self.from_capture and self.is_so(0.5):
            more = {"unknown": ("domain",)} if self.is_so(0.1) else {}
            self.story.lease(domain, resolvers=self.resolvers(), **more)
            return
        more = {"transaction": self.one((None, 7, 8))}
        if self.is_so(0.2):
            more["vendor_class"] = self.one(("CPE-OCPhone", "MS-UC-Client", "other"))
        if self.is_so(0.2):
            more["tag"] = 20
        given = {
            "domain": domain,
            "server": self.one((SERVER, SERVER, "10.0.0.9", None)),
            "vlan": self.one((None, None, None, 20)),
            "lease_seconds": self.one((86400, 86400, 10, None)),
            "resolvers": self.resolvers(),
        }
        if self.is_so(0.6):
            self.story.dhcp("discover", **more).dhcp("offer", **more, **given)
            self.story.dhcp("request", **more).dhcp("ack", **more, **given)
            return
        kind = self.one(("discover", "offer", "request", "ack", "nak", "release", "inform", "decline"))
        if kind == "discover" and not self.from_capture:
            more["outcome"] = self.one((None, "no_answer"))
        if kind == "request" and self.is_so(0.5):
            more["client_address"] = PHONE
        self.story.dhcp(kind, **more, **(given if kind in ("offer", "ack") else {}))

    def lookup(self) -> None:
        name = NAME if self.is_so(0.5) else self.one(NAMES)
        more: dict[str, Any] = {"server": self.one(RESOLVERS), **self.purpose()}
        if self.is_so(0.1):
            more["type"] = self.one(("AAAA", "SRV"))
            more["records"] = ("0 0 443 edge.contoso.com.", "0 0 5061 pool01.contoso.com.")
        if self.is_so(0.1):
            more["aliases"] = self.one((("pool01.contoso.com",), (name,), ("a.b", "b.b", "a.b")))
        if self.is_so(0.15):
            more["attempts"] = 3
        if self.is_so(0.65):
            self.story.asks(name, "NOERROR", *self.one(((POOL,), (POOL,), (POOL, OTHER), (STORE,), (EDGE,))), **more)
            return
        rcode = self.one(("NXDOMAIN", "NOERROR", "SERVFAIL", "REFUSED", None))
        if rcode is None:
            failures = (
                "no_answer",
                "unreachable",
                "malformed",
                "elsewhere",
                "lost" if self.from_capture else "not_sent",
            )
            more["failure"] = self.one(failures)
        more["truncated"] = self.is_so(0.2)
        more["referred"] = self.is_so(0.1)
        self.story.asks(name, rcode, *(("0.0.0.0",) if rcode == "NOERROR" and self.is_so(0.3) else ()), **more)

    def connection(self) -> None:
        server, port = self.one(HOSTS), self.one((80, 80, 80, 443, 443, 5061, 8080, 53))
        more: dict[str, Any] = self.purpose()
        if self.is_so(0.2):
            more["name"] = self.one(NAMES)
        if self.is_so(0.2):
            more["client_port"] = self.one((None, 40001))
        outcome = "open"
        if self.is_so(0.3):
            outcomes = ("refused", "no_answer", "unreachable", "unfinished" if self.from_capture else "not_sent")
            outcome = self.one(outcomes)
            more["attempts"] = self.one((1, 3))
            more["reason"] = self.one((None, "ICMP host unreachable, said 10.0.0.1"))
        self.story.connects(outcome, server, port, **more)
        if port in (443, 5061) and outcome == "open" and self.is_so(0.8):
            how = {"outcome": "complete"} if self.is_so(0.6) else ALL_HANDSHAKES[self.one(tuple(ALL_HANDSHAKES))]
            self.story.shakes(**{**self.purpose(), **how, "server": server, "port": port})

    def request(self) -> None:
        more: dict[str, Any] = {"server": self.one(HOSTS), "port": self.one((80, 80, 443)), **self.purpose()}
        more["method"] = self.one(("POST", "POST", "POST", "GET", "HEAD", None))
        more["target"] = self.one(TARGETS)
        more["host"] = self.one((None, NAME, "pool01.contoso.com:80", POOL))
        more["request_text"] = self.one(SAID)
        if self.is_so(0.1):
            more["scheme"] = "https"
        status = 200 if self.is_so(0.6) else self.one((*ALL_STATUSES, None))
        if status is None:
            more["failure"] = self.one(("no_answer", "closed", "reset", "not_http", "too_large", "incomplete"))
            more["closed_by"] = self.one((None, "client", "server"))
            more["request_acked"] = self.one((None, True, False))
        elif self.is_so(0.15):
            more |= {
                "complete": False,
                "failure": self.one((None, "stalled", "closed")),
                "lost_bytes": self.one((0, 9)),
            }
        if status == 401:
            more["challenges"] = self.one(((), ("NTLM",), ("Negotiate", "NTLM")))
            more["sign_in"] = self.one((None, None, "refused", "accepted"))
        more["answer_bytes"] = self.one((0, 500))
        self.story.requests(status, **more)

    def answer(self) -> None:
        where: dict[str, Any] = {"server": self.one((POOL, POOL, OTHER)), "port": self.one((80, 80, 443))}
        where |= self.purpose()
        if self.is_so(0.6):
            # The request that is answered.
            where["client_port"] = 41000 + self.story.frame
            asked = {"request_text": self.one(SAID), "host": self.one((NAME, POOL)), **where}
            if self.from_capture:
                asked["answer_frame"] = self.story.frame + 2
            self.story.posts(200, **asked)
        if self.is_so(0.5):
            files = tuple(
                UpdateFile(name=name, signature=self.one((None, "CPE.cat")), version=self.one(FIRMWARES))
                for name in ("CPE.nbt", "second.nbt")[: self.one((0, 1, 1, 2))]
            )
            urls = (URL, OUTER) if self.is_so(0.6) else (self.one(URLS), self.one(URLS))
            self.story.offers(*urls, files=files, version=self.one(FIRMWARES), **where)
        else:
            forms = ("none_offered", "none_offered", "none_offered", "html", "other", "not_xml", "empty")
            self.story.answers(self.one(forms), downloads=self.one((None, 0, 1)), **where)

    def file(self) -> None:
        if self.from_capture:
            more: dict[str, Any] = {"status": self.one((200, 200, 200, 206, 304, 404, 500, None))}
            more["target"] = self.one(TARGETS[4:7])
            if self.is_so(0.3):
                more |= {"complete": False, "failure": self.one((None, "closed", "stalled"))}
                more |= {"announced_bytes": 9000, "lost_bytes": self.one((0, 0, 10))}
            if more["status"] == 206:
                more["content_range"] = self.one(("bytes 0-4999/9000", "bytes 5000-8999/9000", None))
            self.story.gets(**more)
            return
        outcomes = ("whole", "whole", "truncated", "stalled", "empty", "html", "status", "connect_failed", "limited")
        outcome = self.one(outcomes)
        self.story.fetches(
            outcome,
            status=404 if outcome == "status" else 200,
            received_bytes=self.one((0, 900)),
            server=self.one(HOSTS),
        )


def line_of(name: object, report: PhoneReport) -> str:
    """The judgement of one story in short, and the sum of all that the judge says."""
    codes = ", ".join(f"{finding.level.value[0]} {finding.code}" for finding in report.findings) or "-"
    verdict = report.verdict
    total = zlib.crc32(f"{report_text(report, True)}\n{replace(report, findings=())!r}".encode())
    return f"{name}: {verdict.status.value} {verdict.step.value if verdict.step else '-'} [{codes}] {total:08x}"


def report_of(story: Story) -> PhoneReport:
    engine = Engine(story.setting)
    for fact in story.fed:
        engine.feed(fact)
    return engine.finish(story.time)


def alone(from_capture: bool, batch: int) -> str:
    """The judgements of one batch of stories, each of one phone."""
    numbers = range(batch * BATCH, (batch + 1) * BATCH)
    return "\n".join(line_of(number, report_of(Chance(number, from_capture).drawn_story())) for number in numbers)


def moved(draw: random.Random, fact: Observation, mac: str, ip: str) -> Observation:
    """The same, of another phone."""
    changes: dict[str, Any] = {"time": fact.time + draw.randrange(3) * 50_000}
    if isinstance(fact, Dhcp):
        changes["client"] = mac
        if fact.address is not None:
            changes["address"] = ip
        if draw.random() < 0.1:
            changes["client_id"] = draw.choice((f"01:{mac}", "00:61:62", "ff:01"))
    else:
        changes["client"] = ip
        if isinstance(fact, Lookup | Connect | Tls | Http | UpdateAnswer):
            changes["client_mac"] = draw.choice((mac, mac, mac, mac, None, "02:00:00:00:00:01"))
        if isinstance(fact, Connect | Tls | Http | UpdateAnswer):
            changes["client_port"] = draw.choice((40001, 40002, 40003))
    return replace(fact, **changes)


def _visits(draw: random.Random, number: int, macs: Sequence[str], parts: Sequence[int]) -> list[Observation]:
    """What some phones did, by time."""
    facts: list[Observation] = []
    for which, mac in enumerate(macs):
        for part in range(draw.choice(parts)):
            ip = draw.choice((f"10.0.0.{7 + which}", f"10.0.0.{7 + which}", "10.0.0.7", f"169.254.0.{part}"))
            story = Chance(number * 10 + which * 2 + part, from_capture=True).drawn_story()
            later = draw.randrange(3) * 60_000_000 if len(macs) > len(MACS) else 0
            facts += [
                replace(other, time=other.time + later)
                for fact in story.fed
                if not isinstance(fact, Extent)
                for other in [moved(draw, fact, mac, ip)]
            ]
    return sorted(facts, key=lambda fact: fact.time)


def _lines_of(number: int, tracker: PhoneTracker, reports: Sequence[PhoneReport]) -> Iterator[str]:
    for place, report in enumerate(reports):
        yield line_of(f"{number}.{place} {report.phone.mac} {report.phone.ip}", report)
    for problem in tracker.problems():
        yield f"{number}: {problem.code}: {problem.text}"
    if tracker.hinted_macs():
        yield f"{number}: perhaps {', '.join(tracker.hinted_macs())}"


def together(batch: int) -> str:
    """The judgements of a batch of captures, each of some phones that may share or change their addresses."""
    lines: list[str] = []
    for number in range(10_000 + batch * BATCH // 2, 10_000 + (batch + 1) * BATCH // 2):
        draw = random.Random(number)
        facts = _visits(draw, number, MACS[: draw.choice((1, 2, 3, 3))], (1, 2))
        tracker = PhoneTracker(
            DiagnosisOptions(from_capture=True),
            macs=draw.choice(((), (), MACS[:1])),
            everyone=draw.random() < 0.2,
            routed=lambda ip: ip == "10.0.0.8",
        )
        for fact in facts:
            tracker.feed(fact)
        at = max(fact.time for fact in facts) + draw.choice((0, 20)) * 1_000_000
        lines += _lines_of(number, tracker, tracker.finish(at))
    return "\n".join(lines)


class Cellar:
    """An archive in memory that takes so many phones."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.kept: list[tuple[int, Sequence[str], Any]] = []

    def __len__(self) -> int:
        return len(self.kept)

    def put(self, first_seen: int, keys: Sequence[str], phone: Any) -> None:
        if len(self.kept) >= self.most:
            raise OSError("no space left")
        self.kept.append((first_seen, keys, phone))

    def take(self, key: str) -> Any | None:
        found = next((one for one in self.kept if key in one[1]), None)
        if found is None:
            return None
        self.kept.remove(found)
        return found[2]

    def phones(self) -> Iterator[tuple[int, Any]]:
        for first_seen, _, phone in sorted(self.kept, key=lambda one: one[0]):
            yield first_seen, phone


def crowded(batch: int) -> str:
    """The judgements of a batch of captures of more phones than there is room for."""
    lines: list[str] = []
    for number in range(20_000 + batch * 8, 20_000 + batch * 8 + 8):
        draw = random.Random(number)
        macs = [*MACS, *(f"00:04:f2:01:00:{which:02x}" for which in range(draw.choice((1, 3, 6))))]
        facts = _visits(draw, number, macs, (1, 2, 3))
        limits = Limits(
            room=draw.choice((15_000, 40_000, 10**7)),
            quiet=draw.choice((1, 12_000, 30_000)),
            strangers=draw.choice((5, 20, 6000)),
        )
        sizes: dict[str, Any] = {
            "_IN_MEMORY": draw.choice((1, 2, 4)),
            "_HOSTS": draw.choice((4, 6, 4096)),
            "_LOOKED_AT": 2,
        }
        # Pythons differ in what a text takes.
        sizes["getsizeof"] = lambda text: 49 + len(text or "")
        cellar = draw.choice((None, Cellar(0), Cellar(2), Cellar(99), Cellar(99)))
        pending = facts[-2:] if draw.random() < 0.3 else []
        with patch.multiple(phone_tracker, **sizes):
            tracker = PhoneTracker(DiagnosisOptions(from_capture=True), limits=limits, archive=cellar)
            for fact in facts[: len(facts) - len(pending)]:
                tracker.feed(fact)
            kept = sum(PHONE_BYTES + sum(map(size_of_fact, host)) for _, host, is_phone in tracker.hosts() if is_phone)
            assert taken_bytes(tracker) == kept, number
            at = max(fact.time for fact in facts) + 20_000_000
            if draw.random() < 0.3:
                lines += _lines_of(number, tracker, tracker.finish(at, False, pending))
            judged = [judge() for judge in tracker.judgements(at, True, pending, brief=draw.random() < 0.3)]
            lines += _lines_of(number, tracker, judged)
            alone = sorted(
                f"{verdict.status.value} {verdict.code} {count}" for verdict, count in tracker.verdicts_alone().items()
            )
            leased = leased_ips(tracker)
            lines.append(f"{number}: {tracker.dropped} {taken_bytes(tracker)} {tracker.quiet_count} {leased} {alone}")
    return "\n".join(lines)


CASES: dict[str, Callable[[], str]] = {
    **{f"active, {batch}": lambda batch=batch: alone(False, batch) for batch in range(BATCHES)},  # type: ignore[misc]
    **{f"capture, {batch}": lambda batch=batch: alone(True, batch) for batch in range(BATCHES)},  # type: ignore[misc]
    **{f"several, {batch}": lambda batch=batch: together(batch) for batch in range(BATCHES)},  # type: ignore[misc]
    **{f"crowded, {batch}": lambda batch=batch: crowded(batch) for batch in range(5)},  # type: ignore[misc]
}


def recorded() -> dict[str, str]:
    """The texts by their heads."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, {name: case() for name, case in CASES.items()})
