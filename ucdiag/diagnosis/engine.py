"""The one judge: observations of one phone in, a report on its path out. Pure: time arrives with the observations."""

from dataclasses import replace

from ucdiag.diagnosis import firmware_generations as generations
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import listed, split_url
from ucdiag.diagnosis.root_cause import PathResult, judge, judge_addresses, root_finding, warning_findings
from ucdiag.diagnosis.step_event import Event
from ucdiag.diagnosis.steps import connect, dhcp, dns, download, request, response, tls
from ucdiag.diagnosis.traffic import Traffic, external_side, port_of, sort_traffic, url_in_use
from ucdiag.model.observations import Connect, Dhcp, Http, Lease, Lookup, Observation, UpdateAnswer
from ucdiag.model.report import Finding, Identity, PhoneReport, StepResult, Verdict
from ucdiag.model.steps import STEPS, Level, Step, StepStatus, VerdictStatus
from ucdiag.model.vocabulary import AnswerForm, ConnectOutcome, FindingCode, Microseconds, VerdictCode
from ucdiag.update_service.names import domain_flaw

_SERVICE = (connect, tls, request, response)

# Codes that are concluded from something that did not happen, which packets lost in the capture could have hidden.
_ABSENCE: frozenset[FindingCode] = frozenset(
    {
        "dhcp-no-answer",
        "dhcp-voice-vlan-silent",
        "dns-no-answer",
        "dns-not-asked",
        "connect-no-answer",
        "connect-not-tried",
        "tls-no-answer",
        "request-not-sent",
        "http-no-answer",
        "http-closed",
        "download-not-tried",
        "download-stalled",
        "download-truncated",
        "no-phone-seen",
    }
)


# What a capture of the phone's direction alone makes of each server.
_SILENCE: tuple[FindingCode, ...] = ("dhcp-no-answer", "dhcp-voice-vlan-silent", "dns-no-answer")

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
        before = [*dhcp.events(history, setting, at), *dns.events(history, setting, at)]
        if setting.from_capture and _one_way(history):
            before = [_unheard(each) if each.code in _SILENCE else each for each in before]
        service = [event for step in _SERVICE for event in step.events(traffic, setting, at)]
        ends = {(each.time, (each.server, each.port)) for each in traffic.answers if each.form == "none_offered"}
        service = [
            replace(event, terminal=True)
            if event.step is Step.RESPONSE and event.ok and (event.time, event.channel) in ends
            else event
            for event in service
        ]
        files = download.events(traffic, setting, at)
        missing = self._missing(before + service + files, traffic, at) if final else []
        if setting.from_capture:
            ordered = sorted([*before, *service, *files, *missing], key=lambda event: (event.time, event.step.number))
            judged = judge(ordered, from_capture=True)
        else:
            judged = self._join(judge(before), judge_addresses(service), judge(_by_url(files)), missing)
        identity = self._identity()
        findings = self._findings(judged, traffic, identity, at)
        steps = self._steps(judged, traffic, {each.step for each in findings if each.level is Level.WARNING})
        verdict = self._verdict(judged, traffic, final)
        return PhoneReport(
            phone=identity,
            verdict=verdict,
            steps=steps,
            findings=findings,
            observations=history.all(),
        )

    @staticmethod
    def _join(before: PathResult, service: PathResult, files: PathResult, missing: list[Event]) -> PathResult:
        whole = PathResult()
        for part in (before, service, files):
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

    def _missing(self, events: list[Event], traffic: Traffic, at: Microseconds) -> list[Event]:
        """What should have come next and did not: the end of the path as far as it was seen."""
        setting = self.setting
        if not setting.from_capture:
            offered = any(each.form == "offered" for each in traffic.answers)
            if offered and not any(each.step is Step.DOWNLOAD for each in events) and not setting.whole_file:
                text = "an update is offered, and the file was not asked for"
                return [
                    _missing_event(
                        "download-not-tried", Step.DOWNLOAD, max(each.time for each in traffic.answers), text
                    )
                ]
            return []
        if not events:
            return []
        last = max(events, key=lambda event: (event.time, event.step.number))
        if last.ok is not True:
            return []
        reached = {event.step for event in events}
        found: tuple[FindingCode, Step, str] | None = None
        if last.step is Step.DHCP and not reached - {Step.DHCP}:
            found = ("dns-not-asked", Step.DNS, "the phone has a lease and asked for no update server")
        elif last.step is Step.DNS:
            found = ("connect-not-tried", Step.CONNECT, "DNS gave a good address, and the phone did not connect to it")
        elif last.step is Step.CONNECT:
            sent = "what looks like a log, and no update request" if traffic.only_logs else "no request"
            found = ("request-not-sent", Step.REQUEST, f"the phone connected and sent {sent}")
        elif last.step is Step.RESPONSE and any(each.form == "offered" for each in traffic.answers[-1:]):
            unwatched = self._unwatched(traffic)
            if unwatched is not None:
                text = (
                    f"whether the phone fetched the file cannot be told: it is at port {unwatched}, not watched; "
                    f"capture with --port {unwatched}"
                )
                return [Event(step=Step.DOWNLOAD, time=last.time, ok=None, summary=text, missing_next=True)]
            found = (
                "download-not-tried",
                Step.DOWNLOAD,
                "an update was offered, and the phone asked for no file of it",
            )
        if found is None:
            return []
        code, step, text = found
        if at - last.time < setting.patience_microseconds:
            waited = f"the capture ends {(at - last.time) / 1_000_000:.1f} s after {_WAITED[step]}"
            return [_missing_event("capture-too-short", step, last.time, f"{waited}, too soon to tell what came next")]
        return [_missing_event(code, step, last.time, text)]

    def _unwatched(self, traffic: Traffic) -> int | None:
        """The port of the offered file, if the capture passed it over."""
        url = url_in_use(traffic.answers[-1], external_side(traffic.requests, self.setting))
        parts = split_url(url) if url else None
        if parts is None or self.setting.ports is None or port_of(parts) in self.setting.ports:
            return None
        return port_of(parts)

    def _steps(self, judged: PathResult, traffic: Traffic, warned: set[Step]) -> tuple[StepResult, ...]:
        setting = self.setting
        root = judged.root
        results = []
        for step in STEPS:
            event = judged.last.get(step)
            if root is not None and step is root.step:
                status = StepStatus.FAILED if root.ok is False else StepStatus.WARNING
                if root.ok is None and (root.problem or root.code in _UNSEEN) and not setting.from_capture:
                    status = StepStatus.NOT_TESTED
                elif root.ok is None and root.code in _UNSEEN and not root.evidence and step not in judged.seen:
                    status = StepStatus.NOT_SEEN
                summary = root.summary if setting.from_capture else _several(step, root.summary, judged, traffic)
                results.append(StepResult(step=step, status=status, summary=_sentence(summary), seconds=root.seconds))
            elif root is not None and step.number > root.step.number:
                if event is None or root.ok is False or not setting.from_capture:
                    results.append(_unreached(step, root, setting))
                    continue
                # Of an attempt before the one that decides.
                status = StepStatus.OK if event.ok and step not in warned else StepStatus.WARNING
                summary = _sentence(f"{event.summary} (earlier)" if event.time < root.time else event.summary)
                results.append(StepResult(step=step, status=status, summary=summary, seconds=event.seconds))
            elif event is None:
                results.append(self._absent(step, judged, traffic))
            else:
                status = StepStatus.WARNING if step in warned or event.level is Level.WARNING else StepStatus.OK
                summary = event.summary
                if event.superseded and not event.ok:
                    summary = f"{summary}; an answer after that offers it no more"
                elif not event.ok and event.level is None:
                    summary = f"{summary}; it went on all the same"
                elif not setting.from_capture and step is not Step.DHCP:
                    summary = _several(step, summary, judged, traffic)
                results.append(StepResult(step=step, status=status, summary=_sentence(summary), seconds=event.seconds))
        return tuple(results)

    def _absent(self, step: Step, judged: PathResult, traffic: Traffic) -> StepResult:
        """A step without an event, before the root or on a path that holds."""
        setting = self.setting
        if setting.from_capture:
            later = [event for known, event in judged.last.items() if known.number > step.number and event.ok]
            if step is Step.TLS and later and not traffic.handshakes:
                return StepResult(step=step, status=StepStatus.NOT_SEEN, summary="Plain http: no TLS on this path.")
            if step is Step.DOWNLOAD and Step.RESPONSE in judged.last:
                return StepResult(step=step, status=StepStatus.NOT_SEEN, summary="No file was offered.")
            return StepResult(step=step, status=StepStatus.NOT_SEEN, summary=f"Not seen: {_NOT_SEEN[step]}.")
        summary = _NOT_TESTED[step]
        if step is Step.DHCP:
            summary = self._domain_told()
        elif step is Step.TLS and any(each.scheme == "https" for each in _deciding_requests(judged, traffic)):
            summary = "Not tested: the proxy gave no way to it."
        elif step is Step.TLS and judged.last.get(Step.REQUEST):
            summary = _sentence(_several(step, "Plain http: no TLS on this path", judged, traffic))
        elif step is Step.DOWNLOAD and judged.last.get(Step.RESPONSE):
            summary = "No file was offered."
        elif step is Step.DNS and _server_given(setting):
            summary = "Not tested: the server was given."
        return StepResult(step=step, status=StepStatus.NOT_TESTED, summary=summary)

    def _domain_told(self) -> str:
        setting = self.setting
        if setting.domain is None and _server_given(setting):
            return "Not tested: the server was given."
        if setting.domain is None:
            weak = next((each for each in self._history.of(Lease) if each.chosen), None)
            return f"No DHCP domain is known{f' ({weak.provenance})' if weak else ''}."
        return f"The domain is {setting.domain}, from {setting.domain_from or 'the command line'}; DHCP was not tested."

    def _verdict(self, judged: PathResult, traffic: Traffic, final: bool) -> Verdict:
        setting = self.setting
        root = judged.root
        firmware = setting.phone.firmware if setting.phone is not None else None
        if self.identity is not None and self.identity.firmware:
            firmware = self.identity.firmware
        advice = (
            generations.advice(firmware, root.code if root else _whole_code(_answer(judged, traffic)))
            if final
            else None
        )
        code: VerdictCode | None
        if root is not None and root.ok is False:
            text = f"The path breaks at step {root.step.number} ({root.step}): {root.summary}."
            text += _in_order(judged)
            status, code = VerdictStatus.BROKEN, root.code
            step: Step | None = root.step
        elif root is not None:
            text = (
                f"Whether the path is whole cannot be told; at step {root.step.number} ({root.step}), {root.summary}."
            )
            status, step, code = VerdictStatus.UNKNOWN, root.step, root.code or root.problem
        else:
            status, step, code, text = self._unbroken(judged, traffic)
        extent = self._history.extent
        lost = (extent.lost + extent.dropped) if extent else 0
        if lost and code in _ABSENCE | {None} and status is not VerdictStatus.WHOLE:
            text += f" The capture lost {lost:,} packets, which may hide what seems to be missing: capture again."
        if advice:
            text = f"{text} {advice}"
        return Verdict(status=status, step=step, code=code, summary=text)

    def _unbroken(
        self, judged: PathResult, traffic: Traffic
    ) -> tuple[VerdictStatus, Step | None, FindingCode | None, str]:
        """No step failed: is there evidence up to the end?"""
        setting = self.setting
        file = judged.last.get(Step.DOWNLOAD)
        answer = _answer(judged, traffic)
        if file is not None and file.ok:
            return VerdictStatus.WHOLE, None, None, f"The path is whole: {file.summary}."
        if answer is not None and answer.form == "none_offered" and judged.last.get(Step.RESPONSE):
            text = "The path is whole up to the answer, and nothing newer is offered to this phone."
            return VerdictStatus.WHOLE, None, "no-update-offered", text
        done = [step for step in STEPS if step in judged.last]
        if setting.from_capture:
            if not done:
                return VerdictStatus.UNKNOWN, None, "no-phone-seen", "Nothing of this phone's update path was seen."
            last = judged.last[done[-1]]
            said = f"The last that was seen is step {done[-1].number} ({done[-1]}): {last.summary}."
            if done[-1] is Step.TLS:
                said += " What follows is encrypted: test the server itself with ucdiag probe."
            return VerdictStatus.UNKNOWN, None, None, f"It cannot be told whether the path is whole. {said}"
        if setting.tested == {Step.DHCP} and not done:
            text = "No DHCP lease was found, and no DHCP server was asked, so what a phone would get cannot be told."
            return VerdictStatus.UNKNOWN, Step.DHCP, None, text
        asked = [step for step in setting.tested if step not in (Step.TLS, Step.DOWNLOAD)]
        if setting.domain is None and not done and Step.DNS in setting.tested:
            text = "No DHCP domain is known, so there is no name to look up: give the phone's with --domain NAME."
            return VerdictStatus.UNKNOWN, Step.DHCP, None, text
        if (
            done
            and Step.RESPONSE not in setting.tested
            and all(step in judged.last for step in asked if step is not Step.DHCP)
        ):
            steps = listed(f"{step.number} ({step})" for step in done)
            text = f"What was tested holds: step{'s' * (len(done) > 1)} {steps}. The rest of the path was not tested."
            return VerdictStatus.WHOLE, None, None, text
        return VerdictStatus.UNKNOWN, None, None, "Too little could be tested to tell whether the path is whole."

    def _findings(
        self, judged: PathResult, traffic: Traffic, identity: Identity, at: Microseconds
    ) -> tuple[Finding, ...]:
        setting, history = self.setting, self._history
        root = judged.root
        known = {name: value for name in ("mac", "serial", "domain") if (value := getattr(identity, name))}
        found: list[Finding] = []
        if root is not None and root.code is not None:
            firmware = setting.phone.firmware if setting.phone is not None else None
            found.append(root_finding(root, judged.alike, known, generations.advice(firmware, root.code)))
        extras = [
            replace(each, summary=f"{each.summary}; {judged.tally}")
            if judged.tally and each.step is Step.REQUEST
            else each
            for each in warning_findings(judged.warnings, known)
        ]
        extras += [*dhcp.additional_findings(history, setting, at), *dns.additional_findings(history, setting, at)]
        extras += [*tls.additional_findings(traffic, setting, at)] if Step.TLS in judged.last else []
        extras += response.additional_findings(traffic, _answer(judged, traffic), setting)
        codes = {each.code for each in found}
        warned = {event.code for event in judged.warnings}
        for each in extras:
            # What lies behind a broken step only follows from it, or was true before the path broke.
            behind = root is not None and root.ok is False and each.step.number > root.step.number
            if each.code not in codes and not (behind and each.code not in warned):
                codes.add(each.code)
                found.append(each)
        superseded = {code for each in found for code in _supersedes(each.code)}
        order = {Level.ERROR: 0, Level.WARNING: 1, Level.INFORMATION: 2}
        kept = [each for each in found if each.code not in superseded or (root and each.code == root.code)]
        return tuple(sorted(kept, key=lambda each: (order[each.level], each.step.number)))

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


_UNSEEN = frozenset(
    {"dns-not-asked", "connect-not-tried", "request-not-sent", "download-not-tried", "capture-too-short"}
)

_WAITED = {
    Step.DNS: "the lease",
    Step.CONNECT: "the DNS answer",
    Step.REQUEST: "the connection opened",
    Step.DOWNLOAD: "the offer",
}

_NOT_SEEN = {
    Step.DHCP: "no DHCP message of this phone in the capture",
    Step.DNS: "it asked for no update server (a phone that signed in before does not need to)",
    Step.CONNECT: "the opening of the connection is not in the capture",
    Step.TLS: "no TLS handshake with the update server",
    Step.REQUEST: "no update request in clear",
    Step.RESPONSE: "no answer in clear",
    Step.DOWNLOAD: "no file",
}

_NOT_TESTED = {
    Step.DHCP: "Not tested.",
    Step.DNS: "Not tested.",
    Step.CONNECT: "Not tested: no address to connect to.",
    Step.TLS: "Not tested.",
    Step.REQUEST: "Not tested.",
    Step.RESPONSE: "Not tested.",
    Step.DOWNLOAD: "Not tested.",
}


def _server_given(setting: DiagnosisOptions) -> bool:
    return Step.CONNECT in setting.tested and Step.DNS not in setting.tested


def _supersedes(code: FindingCode) -> tuple[FindingCode, ...]:
    from ucdiag.diagnosis.catalogue import CATALOGUE

    return CATALOGUE[code].supersedes


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


def _answer(judged: PathResult, traffic: Traffic) -> UpdateAnswer | None:
    """The answer that the path ended in: the last one of the channel that decides."""
    event = judged.last.get(Step.RESPONSE)
    of_channel = [each for each in traffic.answers if event is None or (each.server, each.port) == event.channel]
    return of_channel[-1] if of_channel and event is not None else None


def _deciding_requests(judged: PathResult, traffic: Traffic) -> list[Http]:
    event = judged.last.get(Step.REQUEST)
    return [each for each in traffic.requests if event is not None and (each.server, each.port) == event.channel]


def _whole_code(answer: UpdateAnswer | None) -> FindingCode | None:
    return "no-update-offered" if answer is not None and answer.form == "none_offered" else None


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


def _missing_event(code: FindingCode, step: Step, time: Microseconds, text: str) -> Event:
    return Event(step=step, time=time, ok=None, code=code, summary=text, missing_next=True)


def _unreached(step: Step, root: Event, setting: DiagnosisOptions) -> StepResult:
    if root.ok is False:
        text = f"Not reached: step {root.step.number} ({root.step}) failed."
        return StepResult(step=step, status=StepStatus.NOT_REACHED, summary=text)
    if setting.from_capture:
        return StepResult(step=step, status=StepStatus.NOT_SEEN, summary=f"Not seen: {_NOT_SEEN[step]}.")
    return StepResult(step=step, status=StepStatus.NOT_TESTED, summary=_NOT_TESTED[step])


def _several(step: Step, summary: str, judged: PathResult, traffic: Traffic) -> str:
    """Adds what the other addresses and ports answered, so that each is reported."""
    event = judged.root if judged.root is not None and judged.root.step is step else judged.last.get(step)
    shown = event.channel if event is not None else None
    if step is Step.CONNECT and event is not None:
        said = [
            f"{each.server} port {each.port} {_OUTCOME_WORDS.get(each.outcome, each.outcome)}"
            for each in {(each.server, each.port): each for each in traffic.connects}.values()
            if (each.server, each.port) != shown
        ]
        return f"{summary}; {listed(said)}" if said else summary
    if step not in (Step.TLS, Step.REQUEST, Step.RESPONSE):
        return summary
    said = []
    for channel, its in judged.channels.items():
        last = its.last.get(step)
        if channel == shown or last is None:
            continue
        if its.root is not None and its.root.step is step:
            said.append(its.root.summary)
        elif step is Step.RESPONSE and last.ok:
            said += _unlike(channel, judged, traffic)
        elif event is not None and not event.ok and last.ok:
            said.append(f"{channel[0]} port {channel[1]} is in order")
    return f"{summary}; but {listed(said)}" if said else summary


def _unlike(channel: tuple[str, int], judged: PathResult, traffic: Traffic) -> list[str]:
    """What this address and port answered, where that is not what the deciding one did."""
    its = [each for each in traffic.answers if (each.server, each.port) == channel]
    mine = _answer(judged, traffic)
    if not its or (mine is not None and _essence(its[-1]) == _essence(mine)):
        return []
    words = _FORM_WORDS.get(its[-1].form, its[-1].form)
    return [f"{channel[0]} port {channel[1]} {words}"]


def _in_order(judged: PathResult) -> str:
    """A sentence for the addresses that are in order while another breaks the path."""
    root = judged.root
    if root is None or root.channel is None:
        return ""
    good = list(dict.fromkeys(address for (address, _), its in judged.channels.items() if its.root is None))
    if not good or root.channel[0] in good:
        return ""
    return f" {listed(good)} {'is' if len(good) == 1 else 'are'} in order, but a phone may take any of the addresses."


def _essence(answer: UpdateAnswer) -> tuple[str, str | None, str | None]:
    return answer.form, answer.internal_url, answer.version


_FORM_WORDS: dict[AnswerForm, str] = {
    "none_offered": "offers nothing newer",
    "offered": "offers an update of its own",
}

_OUTCOME_WORDS: dict[ConnectOutcome, str] = {
    "open": "is open too",
    "refused": "refuses",
    "no_answer": "does not answer",
    "unreachable": "cannot be reached",
    "not_sent": "was not tested",
}


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:] if text[:1].isascii() and not _is_name(text) else text
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _is_name(text: str) -> bool:
    """Whether a sentence begins with a host name or URL, which keeps its spelling."""
    first = text.split(" ", 1)[0]
    return "." in first or ":" in first
