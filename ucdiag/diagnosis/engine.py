"""The one judge: observations of one phone in, a report on its path out. Pure: time arrives with the observations."""

from collections.abc import Iterable, Mapping

from ucdiag.diagnosis import clocks, other_servers, sign_in
from ucdiag.diagnosis import firmware_generations as generations
from ucdiag.diagnosis.beside_path import beside_findings
from ucdiag.diagnosis.capture_gaps import without_gaps
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.check_history import CheckHistory
from ucdiag.diagnosis.elsewhere import with_settled_answers
from ucdiag.diagnosis.history_findings import history_findings
from ucdiag.diagnosis.in_band_server import with_in_band_server
from ucdiag.diagnosis.judgement import Judgement
from ucdiag.diagnosis.lost_answers import without_lost_answers
from ucdiag.diagnosis.missing_next import missing_next, with_circumstances
from ucdiag.diagnosis.never_asks import not_its_path
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.one_direction import behind_encryption, one_direction, unheard_lease, without_silence
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.other_phones import learns_in_band
from ucdiag.diagnosis.power_ons import power_ons
from ucdiag.diagnosis.repeated_options import with_repeated_options
from ucdiag.diagnosis.report_text import verdict_of
from ucdiag.diagnosis.root_cause import PathResult, judge_addresses, judge_events, root_finding, warning_findings
from ucdiag.diagnosis.step_event import Event
from ucdiag.diagnosis.step_results import step_results
from ucdiag.diagnosis.steps import connect, dhcp, dns, download, request, response, tls
from ucdiag.diagnosis.traffic import Traffic, sort_traffic
from ucdiag.diagnosis.uncounted import uncertain_event
from ucdiag.diagnosis.unheard_connections import without_unheard
from ucdiag.diagnosis.unseen_answers import with_unseen_answers
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Dhcp, Observation, RepeatedChecks
from ucdiag.model.phone import DEFAULT_MAC, DEFAULT_SERIAL
from ucdiag.model.phone_classes import class_rank
from ucdiag.model.report import Finding, Identity, PhoneReport
from ucdiag.model.steps import Level, Step
from ucdiag.model.vocabulary import Microseconds, ProblemCode
from ucdiag.update_service.names import domain_flaw, plain_name

_SERVICE = (connect, tls, request, response)

_LEVEL_ORDER = {Level.ERROR: 0, Level.WARNING: 1, Level.INFORMATION: 2}

# Where the domain came from, when a DHCP server offered it to the phone that was played.
OFFERED = "the DHCP offer to the phone"


class Engine:
    """Judges one phone. ``feed`` takes observations in any order of kinds; ``finish`` may be called again and again."""

    def __init__(self, setting: DiagnosisOptions, identity: Identity | None = None) -> None:
        self.setting = setting
        self.identity = identity
        self._history = ObservationLog()
        # How much the offer counts from which the domain is, of all that were fed; see _take_domain.
        self._domain_rank: int | None = None

    def feed(self, observation: Observation) -> None:
        """One more fact."""
        self._history.add(observation)
        if isinstance(observation, Dhcp) and not self.setting.from_capture and self.setting.expected_domain is None:
            self._take_domain(observation)

    def stop(self, code: ProblemCode, why: str | None = None) -> None:
        """No more comes although not all was tested, for this problem; ``why`` is a clause."""
        self.setting = replace(self.setting, stopped=why, stopped_by=code)

    def _take_domain(self, answer: Dhcp) -> None:
        """Note the domain of a DHCP offer to the phone, which takes precedence over this machine's own lease.

        Of several offers the first to the class that counts most.
        """
        domain = answer.domain or ""
        if answer.type != "offer" or domain_flaw(domain) is not None:
            return
        asked = [message for message in self._history.of_kind(Dhcp) if message.type == "discover"]
        rank = min(
            (class_rank(question.vendor_class) for question in asked if question.transaction == answer.transaction),
            default=9,
        )
        if self._domain_rank is None or rank < self._domain_rank:
            self._domain_rank = rank
            self.setting = replace(self.setting, domain=plain_name(domain), domain_from=OFFERED)

    def finish(self, at: Microseconds, final: bool = True, brief: bool = False) -> PhoneReport:
        """The report of the facts so far, at the time ``at`` (microseconds since the epoch).

        ``final`` False is for showing progress: an answer that is still missing is then no failure. ``brief`` makes
        ``PhoneReport.brief`` alone.
        """
        setting = self.setting
        history = with_settled_answers(self._history, setting, at)
        watched = setting.from_capture and not setting.from_logs
        direction = one_direction(history) if watched else None
        if watched and (direction is None or Step.DNS not in direction.steps):
            history = with_unseen_answers(history)
        if watched:
            history = without_lost_answers(history)
        traffic = sort_traffic(history, setting)
        identity = self._phone_identity()
        deaf = direction is not None
        tried = sign_in.sign_in_attempts(traffic, setting, at, deaf)
        result, events = self._judge_path(history, traffic, tried, at, final)
        judgement = Judgement(
            setting=setting, history=history, traffic=traffic, result=result, sign_in=tried, identity=identity
        )
        starts = power_ons(history) if setting.from_capture else []
        checks = CheckHistory(history, traffic, starts) if setting.from_capture else None
        findings = self._all_findings(judgement, identity, at)
        if checks is not None:
            beside = history_findings(judgement, checks, starts, at, self._known_values(identity))
            findings = _sorted_findings([*findings, *beside], result.root)
        findings = with_repeated_options(findings, setting.typed)
        verdict = verdict_of(judgement, self._phone_firmware(), final)
        if brief:
            return PhoneReport(phone=identity, verdict=verdict, steps=(), findings=findings)
        warned = {finding.step for finding in findings if finding.level is Level.WARNING}
        return PhoneReport(
            phone=identity,
            verdict=verdict,
            steps=step_results(judgement, warned),
            findings=findings,
            checks=checks.make_checks(events, setting) if checks is not None else None,
            sign_in=tried.sign_in_fact(),
            update_servers=traffic.servers,
            observations=self._history.all_facts(),
        )

    def _known_values(self, identity: Identity) -> dict[str, str]:
        """The phone's values that fill placeholders of the advice; no phone on the wire has an invented address."""
        known = {name: value for name in ("mac", "serial", "domain") if (value := getattr(identity, name))}
        if self.setting.from_capture:
            return known
        if identity.mac == DEFAULT_MAC:
            del known["mac"]
            known["invented"] = DEFAULT_MAC
        elif identity.mac:
            known["named_mac"] = identity.mac
        if identity.serial and identity.serial != DEFAULT_SERIAL:
            known["named_serial"] = identity.serial
        return known

    def _judge_path(
        self,
        history: ObservationLog,
        traffic: Traffic,
        tried: sign_in.SignInAttempts,
        at: Microseconds,
        final: bool,
    ) -> tuple[PathResult, list[Event]]:
        """The judgement of the path with all its events, in a capture by time."""
        setting = self.setting
        before = [*dhcp.events(history, setting, at), *dns.events(history, setting, at)]
        in_band = self.identity is not None and learns_in_band(self.identity)
        before += sign_in.events(tried, history, self._phone_firmware(), in_band)
        before = with_in_band_server(before, history, traffic, setting, at)
        if setting.lost:
            before = [uncertain_event(event, setting.lost) for event in before]
        service = [event for step in _SERVICE for event in step.events(traffic, setting, at)]
        service = _mark_terminal(service, traffic)
        files = download.events(traffic, setting, at)
        service += other_servers.events(history, traffic, setting, at, tried.last_reached is not None)
        if setting.lost or not setting.counts_loss:
            service = [uncertain_event(event, setting.lost) for event in service]
            files = [uncertain_event(event, setting.lost) for event in files]
        elsewhere = other_servers.latest_other_attempts(traffic, setting, at)
        events = [*before, *service, *files]
        missing = missing_next(events, traffic, setting, at, elsewhere, tried.last_reached) if final else []
        mac = self.identity.mac if self.identity is not None else None
        missing = [with_circumstances(event, history, mac) for event in missing]
        if setting.from_capture:
            spare = tls.spare_events(traffic, setting, at)
            ordered = _heard_events(without_gaps([*before, *service, *files, *missing, *spare], setting), history)
            return judge_events(ordered, from_capture=True, repeats=history.of_kind(RepeatedChecks)), ordered
        joined = _join_parts([judge_events(before), judge_addresses(service), judge_events(_by_url(files))], missing)
        return not_its_path(joined, history, setting), [*before, *service, *files, *missing]

    def _phone_firmware(self) -> str | None:
        """The version of these phones' firmware that it has; None where it is a phone of another kind."""
        if self.identity is not None and learns_in_band(self.identity):
            return None
        return (self.identity.firmware if self.identity is not None else None) or self._played_firmware()

    def _played_firmware(self) -> str | None:
        """The firmware of the phone that an active command plays."""
        return self.setting.phone.firmware if self.setting.phone is not None else None

    def _all_findings(self, judgement: Judgement, identity: Identity, at: Microseconds) -> tuple[Finding, ...]:
        result, root = judgement.result, judgement.result.root
        known = self._known_values(identity)
        if self.setting.url is not None:
            known["asked_url"] = self.setting.url
        findings: list[Finding] = []
        if root is not None and root.code is not None:
            advice = generations.firmware_advice(self._played_firmware(), root.code)
            findings.append(root_finding(root, result.alike, known, advice))
        codes = {finding.code for finding in findings}
        warned = {event.code for event in result.warnings}
        for finding in [*_warnings_with_tally(result, known), *self._additional_findings(judgement, at)]:
            # What lies behind a broken step only follows from it, or was true before the path broke.
            behind = root is not None and root.ok is False and finding.step.number > root.step.number
            behind = behind and finding.code != "host-header-differs"  # which may be the reason
            if finding.code not in codes and not (behind and finding.code not in warned):
                codes.add(finding.code)
                findings.append(finding)
        superseded = {code for finding in findings for code in CATALOGUE[finding.code].supersedes}
        kept = [
            finding for finding in findings if finding.code not in superseded or (root and finding.code == root.code)
        ]
        cause = root.code if root is not None else None
        return tuple(
            sorted(kept, key=lambda finding: (_LEVEL_ORDER[finding.level], finding.code != cause, finding.step.number))
        )

    def _additional_findings(self, judgement: Judgement, at: Microseconds) -> list[Finding]:
        """The findings that do not decide the path, by step."""
        setting, history, traffic = judgement.setting, judgement.history, judgement.traffic
        findings = [
            *clocks.additional_findings(setting),
            *dhcp.additional_findings(history, setting, at),
            *dns.additional_findings(history, setting, at),
            *beside_findings(history, setting),
            *sign_in.additional_findings(judgement.sign_in),
        ]
        if Step.TLS in judgement.result.last:
            findings += tls.additional_findings(traffic, setting, at)
        return findings + response.additional_findings(traffic, judgement.answer, setting)

    def _phone_identity(self) -> Identity:
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
            site=phone.site,
        )


def _sorted_findings(findings: Iterable[Finding], root: Event | None) -> tuple[Finding, ...]:
    """The findings by level, within a level the root cause first, then by step."""
    cause = root.code if root is not None else None
    return tuple(
        sorted(findings, key=lambda finding: (_LEVEL_ORDER[finding.level], finding.code != cause, finding.step.number))
    )


def _heard_events(events: list[Event], history: ObservationLog) -> list[Event]:
    """A capture's events by time, without conclusions from the silence of a direction that it lacks."""
    direction = one_direction(history)
    if direction is None:
        events = without_unheard(events, history)
    else:
        events = without_silence(events, direction)
        events += behind_encryption(events, direction)
        if not any(event.step is Step.DHCP for event in events):
            events += unheard_lease(history, direction)
    return sorted(events, key=lambda event: (event.time, event.step.number))


def _join_parts(parts: list[PathResult], missing: list[Event]) -> PathResult:
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
    """The events of answers that offer nothing that the phone lacks are such that the path may end with them."""
    ends = {
        (answer.time, (answer.server, answer.port))
        for answer in traffic.answers
        if answer.form == "none_offered" or traffic.is_held(answer)
    }
    return [
        replace(event, terminal=True)
        if event.step is Step.RESPONSE and event.ok and (event.time, event.channel) in ends
        else event
        for event in events
    ]


def _warnings_with_tally(result: PathResult, known: Mapping[str, str]) -> list[Finding]:
    return [
        replace(finding, summary=f"{finding.summary}; {result.tally}")
        if result.tally and finding.step is Step.REQUEST
        else finding
        for finding in warning_findings(result.warnings, known)
    ]


def _by_url(files: list[Event]) -> list[Event]:
    """The last event of each file. Each must arrive: a failed one comes last and decides, else one not tested."""
    last: dict[str, Event] = {}
    for event in files:
        last[event.values.get("url") or event.summary] = event

    def event_weight(event: Event) -> int:
        if event not in last.values() or event.level is Level.WARNING:
            return 0
        return 2 if event.ok is False else 1 if event.ok is None else 0

    return sorted(files, key=event_weight)
