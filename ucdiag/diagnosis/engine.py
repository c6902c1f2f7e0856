"""The one judge: observations of one phone in, a report on its path out. Pure: time arrives with the observations."""

from collections.abc import Mapping
from dataclasses import replace

from ucdiag.diagnosis import firmware_generations as generations
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.judgement import Judgement
from ucdiag.diagnosis.missing_next import missing_next
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.report_text import verdict_of
from ucdiag.diagnosis.root_cause import PathResult, judge, judge_addresses, root_finding, warning_findings
from ucdiag.diagnosis.step_event import Event
from ucdiag.diagnosis.step_results import step_results
from ucdiag.diagnosis.steps import connect, dhcp, dns, download, request, response, tls
from ucdiag.diagnosis.traffic import Traffic, sort_traffic
from ucdiag.model.observations import Connect, Dhcp, Http, Lookup, Observation
from ucdiag.model.report import Finding, Identity, PhoneReport
from ucdiag.model.steps import Level, Step
from ucdiag.model.vocabulary import FindingCode, Microseconds
from ucdiag.update_service.names import domain_flaw

_SERVICE = (connect, tls, request, response)

# What a capture of the phone's direction alone makes of each server.
_SILENCE: tuple[FindingCode, ...] = ("dhcp-no-answer", "dhcp-voice-vlan-silent", "dns-no-answer")

_LEVEL_ORDER = {Level.ERROR: 0, Level.WARNING: 1, Level.INFORMATION: 2}

# Where the domain came from, when a DHCP server offered it to the phone that was played.
OFFERED = "the DHCP offer to the phone"


class Engine:
    """Judges one phone. ``feed`` takes observations in any order of kinds; ``finish`` may be called again and again."""

    def __init__(self, setting: DiagnosisOptions, identity: Identity | None = None) -> None:
        self.setting = setting
        self.identity = identity
        self._history = ObservationLog()

    def feed(self, observation: Observation) -> None:
        """One more fact."""
        self._history.add(observation)
        if isinstance(observation, Dhcp) and not self.setting.from_capture and self.setting.expected_domain is None:
            self._take_domain(observation)

    def _take_domain(self, answer: Dhcp) -> None:
        """What a DHCP server offers the phone counts for more than what this machine itself was leased."""
        domain = answer.domain or ""
        if answer.type == "offer" and domain_flaw(domain) is None and self.setting.domain_from != OFFERED:
            self.setting = replace(self.setting, domain=domain.rstrip(".").lower(), domain_from=OFFERED)

    def finish(self, at: Microseconds, final: bool = True) -> PhoneReport:
        """What follows from the facts so far, at the time ``at`` (microseconds since the epoch).

        ``final`` False is for showing progress: what is still missing is then not held against anybody.
        """
        setting, history = self.setting, self._history
        traffic = sort_traffic(history, setting)
        result = self._judge(traffic, at, final)
        judgement = Judgement(setting=setting, history=history, traffic=traffic, result=result)
        identity = self._identity()
        findings = self._findings(judgement, identity, at)
        warned = {finding.step for finding in findings if finding.level is Level.WARNING}
        firmware = self.identity.firmware if self.identity is not None else None
        return PhoneReport(
            phone=identity,
            verdict=verdict_of(judgement, firmware or self._played_firmware(), final),
            steps=step_results(judgement, warned),
            findings=findings,
            observations=history.all(),
        )

    def _judge(self, traffic: Traffic, at: Microseconds, final: bool) -> PathResult:
        setting, history = self.setting, self._history
        before = [*dhcp.events(history, setting, at), *dns.events(history, setting, at)]
        if setting.from_capture and _one_way(history):
            before = [_unheard(event) if event.code in _SILENCE else event for event in before]
        service = [event for step in _SERVICE for event in step.events(traffic, setting, at)]
        service = _mark_terminal(service, traffic)
        files = download.events(traffic, setting, at)
        missing = missing_next([*before, *service, *files], traffic, setting, at) if final else []
        if setting.from_capture:
            ordered = sorted([*before, *service, *files, *missing], key=lambda event: (event.time, event.step.number))
            return judge(ordered, from_capture=True)
        return _join([judge(before), judge_addresses(service), judge(_by_url(files))], missing)

    def _played_firmware(self) -> str | None:
        """The firmware of the phone that an active command plays."""
        return self.setting.phone.firmware if self.setting.phone is not None else None

    def _findings(self, judgement: Judgement, identity: Identity, at: Microseconds) -> tuple[Finding, ...]:
        result, root = judgement.result, judgement.result.root
        known = {name: value for name in ("mac", "serial", "domain") if (value := getattr(identity, name))}
        findings: list[Finding] = []
        if root is not None and root.code is not None:
            advice = generations.advice(self._played_firmware(), root.code)
            findings.append(root_finding(root, result.alike, known, advice))
        codes = {finding.code for finding in findings}
        warned = {event.code for event in result.warnings}
        for finding in [*_warnings(result, known), *self._additional_findings(judgement, at)]:
            # What lies behind a broken step only follows from it, or was true before the path broke.
            behind = root is not None and root.ok is False and finding.step.number > root.step.number
            if finding.code not in codes and not (behind and finding.code not in warned):
                codes.add(finding.code)
                findings.append(finding)
        superseded = {code for finding in findings for code in CATALOGUE[finding.code].supersedes}
        kept = [
            finding for finding in findings if finding.code not in superseded or (root and finding.code == root.code)
        ]
        return tuple(sorted(kept, key=lambda finding: (_LEVEL_ORDER[finding.level], finding.step.number)))

    def _additional_findings(self, judgement: Judgement, at: Microseconds) -> list[Finding]:
        """What is worth knowing beside the path, by step."""
        setting, history, traffic = judgement.setting, judgement.history, judgement.traffic
        findings = [
            *dhcp.additional_findings(history, setting, at),
            *dns.additional_findings(history, setting, at),
        ]
        if Step.TLS in judgement.result.last:
            findings += tls.additional_findings(traffic, setting, at)
        return findings + response.additional_findings(traffic, judgement.answer, setting)

    def _identity(self) -> Identity:
        setting = self.setting
        if self.identity is not None:
            known = self.identity
            return known if known.domain else replace(known, domain=dhcp.phone_domain(self._history))
        phone = setting.phone
        if phone is None:
            return Identity(domain=setting.domain)
        return Identity(
            mac=phone.mac,
            domain=setting.domain,
            serial=phone.serial,
            vendor=phone.vendor,
            model=phone.model,
            firmware=phone.firmware,
        )


def _join(parts: list[PathResult], missing: list[Event]) -> PathResult:
    """The parts of an active command's path as one: the first that does not hold ends it."""
    whole = PathResult()
    for part in parts:
        if whole.root is not None:
            break
        whole.root = part.root
        whole.last.update(part.last)
        whole.warnings.extend(part.warnings)
        whole.alike.extend(part.alike)
        whole.channels.update(part.channels)
    if whole.root is None and missing:
        whole.root = missing[0]
        whole.last[missing[0].step] = missing[0]
    return whole


def _mark_terminal(events: list[Event], traffic: Traffic) -> list[Event]:
    """The events of answers that offer nothing newer are such that the path may end with them."""
    ends = {(answer.time, (answer.server, answer.port)) for answer in traffic.answers if answer.form == "none_offered"}
    return [
        replace(event, terminal=True)
        if event.step is Step.RESPONSE and event.ok and (event.time, event.channel) in ends
        else event
        for event in events
    ]


def _warnings(result: PathResult, known: Mapping[str, str]) -> list[Finding]:
    return [
        replace(finding, summary=f"{finding.summary}; {result.tally}")
        if result.tally and finding.step is Step.REQUEST
        else finding
        for finding in warning_findings(result.warnings, known)
    ]


def _by_url(files: list[Event]) -> list[Event]:
    """Of several files each must arrive: a failed one is put last, so that it decides; else one that was not tested."""
    last: dict[str, Event] = {}
    for event in files:
        last[event.values.get("url", event.summary)] = event

    def weight(event: Event) -> int:
        if event not in last.values():
            return 0
        return 2 if event.ok is False else 1 if event.problem else 0

    return sorted(files, key=weight)


def _one_way(history: ObservationLog) -> bool:
    """Whether a connection that only the phone is heard on shows that the capture has one direction alone."""
    if not any(each.lacking == "syn_ack" for each in history.of(Connect)):
        return False
    heard = (
        any(each.rcode is not None for each in history.of(Lookup)),
        any(each.status is not None for each in history.of(Http)),
        any(each.type in ("offer", "ack", "nak") for each in history.of(Dhcp)),
        any(each.outcome == "open" and each.lacking is None for each in history.of(Connect)),
    )
    return not any(heard)


def _unheard(event: Event) -> Event:
    """The silence of a server, where nothing that servers say is in the capture."""
    text = f"{event.summary}, as far as this capture shows: it holds only what the phone sent (mirror both directions)"
    return replace(event, ok=None, code=None, summary=text)
