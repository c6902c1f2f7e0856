"""A phone's story as a script: each line one observation, the time going on by itself.

Tests of the judge read like what happened; nothing here touches a network.
"""

from typing import Any

from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.engine import Engine
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import (
    Certificate,
    Connect,
    Dhcp,
    Extent,
    Http,
    Lease,
    Lookup,
    Observation,
    Tls,
    Transfer,
    UpdateAnswer,
    UpdateFile,
)
from ucdiag.model.phone import Phone
from ucdiag.model.report import Finding, PhoneReport

SECOND = 1_000_000
START = 1_700_000_000 * SECOND
MAC = "00:04:f2:aa:bb:cc"
PHONE, SERVER, RESOLVER, POOL = "10.0.0.7", "10.0.0.1", "10.0.0.2", "10.0.0.20"
NAME = "ucupdates-r2.contoso.com"
LEGACY = "ucupdates.contoso.com"
URL = "http://pool01.contoso.com/DeviceUpdateFiles_Int/UCPhone/Polycom/CX700/A/ENU/3.5.6907.35/CPE"
OUTER = "https://ocsrp.fabrikam.com/DeviceUpdateFiles_Ext/UCPhone/Polycom/CX700/A/ENU/3.5.6907.35/CPE"
PATH = "/RequestHandler/ucdevice.upx"
# What a probe that was told not to fetch the file, or not all of it, says of the path.
_ALSO_ACTIVE = {"download-not-tried"}
_KINDS = {"A": "active command", "C": "capture"}


class Story:
    """Feeds an engine; ``from_capture`` stories are captures, with frames."""

    def __init__(self, from_capture: bool = False, **setting: Any) -> None:
        setting.setdefault("phone", Phone())
        setting.setdefault("domain", None if from_capture else "contoso.com")
        self.setting = DiagnosisOptions(from_capture=from_capture, **setting)
        self.engine = Engine(self.setting)
        self.time = START
        self.frame = 0
        self.fed: list[Observation] = []

    def add(self, observation: Observation) -> "Story":
        self.frame += 1
        seen = replace(observation, time=self.time, frame=self.frame if self.setting.from_capture else None)
        self.fed.append(seen)
        self.engine.feed(seen)
        self.time += SECOND // 10
        return self

    def wait(self, seconds: float) -> "Story":
        self.time += int(seconds * SECOND)
        return self

    def report(self) -> PhoneReport:
        """Fails for a code that the catalogue gives to the other kind of command alone."""
        report = self.engine.finish(self.time)
        kind = "C" if self.setting.from_capture else "A"
        wrong = [
            code
            for code in sorted(codes(report))
            if kind not in CATALOGUE[code].where and not (kind == "A" and code in _ALSO_ACTIVE)
        ]
        assert not wrong, f"{', '.join(wrong)}: the catalogue says that no {_KINDS[kind]} finds this"
        return report

    # What can happen. Active observations carry their purpose, those of a capture do not.

    def _purpose(self, purpose: str) -> str | None:
        return None if self.setting.from_capture else purpose

    def lease(
        self, domain: str | None = "contoso.com", resolvers: tuple[str, ...] = (RESOLVER,), **more: Any
    ) -> "Story":
        more.setdefault("authority", "dhcp")
        return self.add(
            Lease(
                time=0,
                interface="eth0",
                source="test",
                provenance="option 15 of the lease of eth0",
                chosen=True,
                domain=domain,
                resolvers=resolvers,
                **more,
            )
        )

    def dhcp(self, type: str, **more: Any) -> "Story":
        more.setdefault("client", MAC)
        if type in ("offer", "ack", "nak"):
            more.setdefault("server", SERVER)
        if type in ("offer", "ack"):
            more.setdefault("address", PHONE)
            more.setdefault("domain", "contoso.com")
            more.setdefault("resolvers", (RESOLVER,))
            more.setdefault("lease_seconds", 86400)
        else:
            more.setdefault("requested", (1, 3, 6, 15, 43, 120))
        return self.add(Dhcp(time=0, type=type, **more))

    def leased(self, **more: Any) -> "Story":
        who = {"client": more["client"]} if "client" in more else {}
        self.dhcp("discover", **who).dhcp("offer", **more).dhcp("request", server=SERVER, **who)
        return self.dhcp("ack", **more)

    def asks(self, name: str = NAME, rcode: str | None = "NOERROR", *addresses: str, **more: Any) -> "Story":
        more.setdefault("purpose", self._purpose("update"))
        more.setdefault("server", RESOLVER)
        more.setdefault("type", "A")
        if rcode is None:
            more.setdefault("failure", "no_answer")
        more.setdefault("seconds", 0.01)
        return self.add(Lookup(time=0, client=PHONE, name=name, rcode=rcode, addresses=addresses, **more))

    def found(self, *addresses: str) -> "Story":
        return self.asks(NAME, "NOERROR", *(addresses or (POOL,)))

    def connects(self, outcome: str = "open", server: str = POOL, port: int = 80, **more: Any) -> "Story":
        more.setdefault("purpose", self._purpose("update"))
        more.setdefault("client_port", 40000 + self.frame)
        more.setdefault("seconds", 0.01)
        return self.add(Connect(time=0, client=PHONE, server=server, port=port, outcome=outcome, **more))

    def shakes(self, outcome: str = "complete", server: str = POOL, port: int = 443, **more: Any) -> "Story":
        more.setdefault("purpose", self._purpose("update"))
        return self.add(Tls(time=0, client=PHONE, server=server, port=port, outcome=outcome, **more))

    def posts(self, status: int | None = 200, server: str = POOL, port: int = 80, **more: Any) -> "Story":
        more.setdefault("purpose", self._purpose("update"))
        more.setdefault("complete", status is not None)
        more.setdefault("target", PATH)
        if status is None:
            more.setdefault("failure", "no_answer")
        return self.add(Http(time=0, client=PHONE, server=server, port=port, method="POST", status=status, **more))

    def requests(self, status: int | None = 200, server: str = POOL, port: int = 80, **more: Any) -> "Story":
        """Any exchange of HTTP."""
        more.setdefault("complete", status is not None)
        return self.add(Http(time=0, client=PHONE, server=server, port=port, status=status, **more))

    def answers(self, form: str = "none_offered", server: str = POOL, port: int = 80, **more: Any) -> "Story":
        return self.add(UpdateAnswer(time=0, client=PHONE, server=server, port=port, form=form, **more))

    def offers(self, internal: str | None = URL, external: str | None = OUTER, **more: Any) -> "Story":
        more.setdefault("files", (UpdateFile(name="CPE.nbt"),))
        return self.answers("offered", internal_url=internal, external_url=external, **more)

    def fetches(self, outcome: str = "whole", **more: Any) -> "Story":
        return self.add(Transfer(time=0, url=f"{URL}/CPE.nbt", outcome=outcome, **more))

    def gets(self, status: int | None = 200, **more: Any) -> "Story":
        more.setdefault("complete", status is not None)
        more.setdefault("answer_bytes", 5000)
        more.setdefault("target", f"/{URL.split('/', 3)[3]}/CPE.nbt")
        more.setdefault("host", "pool01.contoso.com")
        return self.add(Http(time=0, client=PHONE, server=POOL, port=80, method="GET", status=status, **more))

    def updated(self, server: str = POOL, port: int = 80) -> "Story":
        """A connection on which the server says that nothing is newer."""
        return self.connects(server=server, port=port).posts(server=server, port=port).answers(server=server, port=port)

    def lost(self, packets: int) -> "Story":
        return self.add(Extent(time=0, end=self.time, packets=100, lost=packets))


def codes(report: PhoneReport) -> set[str]:
    return {finding.code for finding in report.findings}


def verdict(report: PhoneReport) -> tuple[str, str | None, str | None]:
    step = report.verdict.step
    return report.verdict.status.value, step.value if step else None, report.verdict.code


def statuses(report: PhoneReport) -> list[str]:
    return [step.status.value for step in report.steps]


__all__ = ["Certificate", "Story", "codes", "statuses", "verdict"]


def command_texts(finding: Finding) -> list[str]:
    """The commands of a finding as they are pasted."""
    return [command.text for command in finding.fix.commands]
