"""A dozen reports that every format shows: stories of the judge, and runs of several phones and of none."""

import dataclasses
from collections.abc import Callable

from tests.diagnosis.recorded_stories import ACTIVE, CAPTURED
from tests.diagnosis.report_stories import ACTIVE_TEXTS, CAPTURED_TEXTS
from tests.views.reports import broken_phone, report, whole_phone
from ucdiag.model.report import Identity, PhoneReport, Problem, Report, Source, Verdict
from ucdiag.model.steps import VerdictStatus


def _active(name: str) -> Callable[[], Report]:
    story = ACTIVE[name][0] if name in ACTIVE else ACTIVE_TEXTS[name]
    return lambda: report(story.report())


def _captured(name: str) -> Callable[[], Report]:
    story = CAPTURED[name][0] if name in CAPTURED else CAPTURED_TEXTS[name]
    source = Source(kind="file", name="site.pcapng", packets=1204)
    return lambda: report(story.report(), command="capture", source=source)


def _several() -> Report:
    silent = PhoneReport(
        phone=Identity(ip="10.0.0.9"),
        verdict=Verdict(status=VerdictStatus.UNKNOWN, code="no-phone-seen", summary="Nothing was seen of it."),
        steps=whole_phone().steps,
    )
    return report(broken_phone(), whole_phone(), silent, silent, command="capture", source=Source(kind="live"))


def _nobody() -> Report:
    verdict = Verdict(status=VerdictStatus.UNKNOWN, code="no-phone-seen", summary="No phone is in this capture.")
    source = Source(kind="file", name="empty.pcap", packets=0)
    return dataclasses.replace(report(verdict=verdict, command="capture", source=source), phones=())


def _not_sent() -> Report:
    problem = Problem(code="not-sent", text="This machine cannot send to 10.0.0.2: Network is unreachable.")
    verdict = Verdict(status=VerdictStatus.UNKNOWN, code=problem.code, summary=problem.text)
    unknown = dataclasses.replace(whole_phone(), verdict=verdict, observations=(), phone=Identity())
    return report(unknown, problems=(problem,), verdict=verdict)


# Each makes its report anew: a story is fed when it is told.
SCENES: dict[str, Callable[[], Report]] = {
    "whole": _active("update arrives"),
    "whole with a warning": _active("port 80 closed, port 443 fine"),
    "broken at dhcp": _active("lease without domain"),
    "broken at dns": _active("legacy only"),
    "broken at tls": _active("TLS expired"),
    "broken at request": _active("HTTP 503"),
    "unknown": _active("400 to a guess"),
    "captured, broken": _captured("file's host, missing"),
    "captured, too short": _captured("connection unfinished at the end"),
    "several phones": _several,
    "no phone": _nobody,
    "not sent": _not_sent,
}
