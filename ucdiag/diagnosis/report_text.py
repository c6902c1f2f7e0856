"""The verdict and its sentence."""

from ucdiag.diagnosis import firmware_generations as generations
from ucdiag.diagnosis.judgement import Judgement
from ucdiag.diagnosis.root_cause import PathResult
from ucdiag.diagnosis.step_event import Event
from ucdiag.model.observations import Lookup
from ucdiag.model.report import Verdict
from ucdiag.model.steps import STEPS, Step, VerdictStatus
from ucdiag.model.text import counted, listed
from ucdiag.model.vocabulary import FindingCode, VerdictCode

# Codes that are concluded from something that did not happen, which packets lost in the capture could have hidden.
_ABSENCE: frozenset[VerdictCode] = frozenset(
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
        "lease-declined",
        "port-not-watched",
        "tls-not-decrypted",
    }
)


def verdict_of(judgement: Judgement, firmware: str | None, final: bool) -> Verdict:
    """The verdict. ``firmware`` is the phone's version, if known; ``final`` False leaves out what it implies."""
    root = judgement.result.root
    if root is None:
        verdict = _unbroken_verdict(judgement)
    elif root.ok is False:
        verdict = _broken_verdict(root, judgement.result)
    else:
        text = f"Cannot tell whether the path is whole: at step {root.step.number} ({root.step}), {root.summary}."
        code = root.code or root.problem
        verdict = Verdict(status=VerdictStatus.UNKNOWN, step=root.step, code=code, summary=text)
    text = verdict.summary
    extent = judgement.history.extent
    if (verdict.code is None or verdict.code in _ABSENCE) and verdict.status is not VerdictStatus.WHOLE:
        if extent and extent.lost:
            lost = counted(extent.lost, "packet")
            text += f" The capture lost {lost}, which may hide what seems to be missing: capture again."
        elif extent and extent.dropped:
            one = extent.dropped == 1
            what = "connection, question or host was" if one else "connections, questions or hosts were"
            text += f" {extent.dropped:,} {what} forgotten to keep memory bounded, which may"
            text += " hide what seems to be missing: name the phone with --mac."
    if not judgement.setting.from_capture:
        text = _assumption_text(judgement) + text
    helped = bool(judgement.sign_in.all) or judgement.was_answered
    advice = generations.firmware_advice(firmware, _deciding_code(judgement), helped=helped) if final else None
    if advice:
        text = f"{text} {advice}"
    return Verdict(status=verdict.status, step=verdict.step, code=verdict.code, summary=text)


def _assumption_text(judgement: Judgement) -> str:
    """The sentence on the records that the user let the command assume (``--assume``)."""
    assumed = {
        lookup.name: listed(lookup.addresses)
        for lookup in judgement.history.of_kind(Lookup)
        if lookup.assumed and lookup.addresses
    }
    names = listed(f"{name} = {addresses}" for name, addresses in assumed.items())
    return f"Assuming {names}: " if names else ""


def _deciding_code(judgement: Judgement) -> FindingCode | None:
    if judgement.result.root is not None:
        return judgement.result.root.code
    return "no-update-offered" if _nothing_offered(judgement) else None


def _nothing_offered(judgement: Judgement) -> bool:
    answer = judgement.answer
    return answer is not None and answer.form == "none_offered"


def _broken_verdict(root: Event, result: PathResult) -> Verdict:
    text = f"The path breaks at step {root.step.number} ({root.step}): {root.summary}.{_good_addresses_text(result)}"
    return Verdict(status=VerdictStatus.BROKEN, step=root.step, code=root.code, summary=text)


def _unbroken_verdict(judgement: Judgement) -> Verdict:
    """No step failed: whether there is evidence up to the end."""
    last = judgement.result.last
    file = last.get(Step.DOWNLOAD)
    if file is not None and file.ok:
        return Verdict(status=VerdictStatus.WHOLE, summary=f"The path is whole: {file.summary}.")
    if _nothing_offered(judgement):
        text = "The path is whole up to the answer, and nothing newer is offered to this phone."
        return Verdict(status=VerdictStatus.WHOLE, code="no-update-offered", summary=text)
    if judgement.answer is not None and judgement.traffic.is_held(judgement.answer):
        text = "The path is whole up to the answer, which offers the version that this phone has: nothing to fetch."
        return Verdict(status=VerdictStatus.WHOLE, code="same-version-offered", summary=text)
    done = [step for step in STEPS if step in last]
    if judgement.setting.from_capture:
        return _capture_ends(judgement, done)
    return _tested_part(judgement, done)


def _capture_ends(judgement: Judgement, done: list[Step]) -> Verdict:
    """A capture without a failure and without the end of the path."""
    if not done:
        text = "The capture shows no update traffic of this phone."
        return Verdict(status=VerdictStatus.UNKNOWN, code="no-phone-seen", summary=text)
    step = done[-1]
    text = f"The last that was seen is step {step.number} ({step}): {judgement.result.last[step].summary}."
    code: VerdictCode | None = None
    if step is Step.TLS:
        code = "tls-not-decrypted"
        handshakes = judgement.traffic.handshakes
        why = handshakes[-1].not_decrypted if handshakes else None
        follows = f"could not be decrypted, because {why}" if why else "is encrypted"
        text += f" What follows {follows}: test the server itself with ucdiag probe."
    elif judgement.setting.from_logs and step is Step.REQUEST:
        code = "answer-not-logged"
        text += " What the answer said is in no IIS log: add the audit log of that server and day."
    return Verdict(status=VerdictStatus.UNKNOWN, code=code, summary=f"Cannot tell whether the path is whole. {text}")


def _tested_part(judgement: Judgement, done: list[Step]) -> Verdict:
    """An active command without a failure and without the end of the path."""
    setting = judgement.setting
    if setting.tested == {Step.DHCP} and not done:
        text = "No DHCP lease was found, and no DHCP server was asked, so what a phone would get is not known."
        code = setting.stopped_by or "no-lease"
        return Verdict(status=VerdictStatus.UNKNOWN, step=Step.DHCP, code=code, summary=text)
    if setting.domain is None and not done and Step.DNS in setting.tested:
        text = "No DHCP domain is known, so there is no name to look up: give the phone's with --domain NAME."
        code = setting.stopped_by or "no-domain"
        return Verdict(status=VerdictStatus.UNKNOWN, step=Step.DHCP, code=code, summary=text)
    asked = setting.tested - {Step.DHCP, Step.TLS, Step.DOWNLOAD}
    if done and Step.RESPONSE not in setting.tested and asked <= judgement.result.last.keys():
        steps = listed(f"{step.number} ({step})" for step in done)
        rest = f"is not part of {setting.command}" if setting.command else "was not tested"
        text = f"Step{'s' * (len(done) > 1)} {steps} passed. The rest of the path {rest}."
        return Verdict(status=VerdictStatus.WHOLE, summary=text)
    text = "Too little could be tested to tell whether the path is whole."
    return Verdict(status=VerdictStatus.UNKNOWN, code=setting.stopped_by, summary=text)


def _good_addresses_text(result: PathResult) -> str:
    """A sentence for the addresses that are in order while another breaks the path."""
    root = result.root
    if root is None or root.channel is None:
        return ""
    good = list(dict.fromkeys(address for (address, _), channel in result.channels.items() if channel.root is None))
    if not good or root.channel[0] in good:
        return ""
    return f" {listed(good)} {'is' if len(good) == 1 else 'are'} in order, but a phone may take any of the addresses."
