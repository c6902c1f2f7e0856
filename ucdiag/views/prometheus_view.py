"""The report for Prometheus, as a file of node_exporter's textfile collector.

That collector loses series silently where the same metric has another HELP or TYPE in another file, where one series is
there twice, where the last line is not ended, or with times: so HELP and TYPE are fixed, each series names its run and
phone, and no sample has a time.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO

from ucdiag.model.report import PhoneReport, Report
from ucdiag.model.steps import VerdictStatus
from ucdiag.model.visible_text import visible
from ucdiag.views.at_end import AtEnd
from ucdiag.views.phone_names import phone_name

# All are gauges. Never change a text: two versions of ucdiag may write for one collector.
METRICS = {
    "ucdiag_info": "The version of ucdiag that wrote this, always 1.",
    "ucdiag_finished_seconds": "When the run ended, in seconds since 1970.",
    "ucdiag_run_verdict": "Whether the verdict of the run is this one: 1 or 0.",
    "ucdiag_phones": "How many phones have this verdict.",
    "ucdiag_problem": "A problem of the run, always 1.",
    "ucdiag_phone_info": "Who a phone is, always 1.",
    "ucdiag_phone_verdict": "Whether the verdict of a phone is this one: 1 or 0.",
    "ucdiag_step_status": "How a step of the path stands, always 1.",
    "ucdiag_step_duration_seconds": "How long a step of the path took.",
    "ucdiag_finding": "A finding of a phone, always 1.",
}
_MEMORY = 1 << 20  # bytes of each metric that are kept in memory, before the rest goes into a file

Sample = tuple[str, dict[str, str | None], float]


class PrometheusView(AtEnd):
    """``-f prometheus``."""

    def end(self, report: Report) -> None:
        run: dict[str, str | None] = {"command": report.command, "source": report.source.name}
        # A metric's series stand together, and the phones are read once.
        with ExitStack() as files:
            parts: dict[str, IO[str]] = {}
            for name, labels, value in self._report_samples(report):
                if name not in parts:
                    parts[name] = files.enter_context(_metric_file())
                parts[name].write(f"{name}{{{_labels_text(run | labels)}}} {value:.16g}\n")
            for name, about in METRICS.items():
                if name in parts:
                    self.write_text(f"# HELP {name} {about}\n# TYPE {name} gauge\n")
                    parts[name].seek(0)
                    for line in parts[name]:
                        self.write_text(line)

    def _report_samples(self, report: Report) -> Iterator[Sample]:
        yield "ucdiag_info", {"version": report.ucdiag}, 1
        yield "ucdiag_finished_seconds", {}, report.finished / 1_000_000
        yield from _verdict_samples("ucdiag_run_verdict", {}, report.verdict.status)
        for code in dict.fromkeys(problem.code for problem in report.problems):
            yield "ucdiag_problem", {"code": code}, 1
        counts = dict.fromkeys(VerdictStatus, 0)
        names: dict[str, int] = {}
        for phone in report.phones:
            counts[phone.verdict.status] += 1
            if not self._screen.quiet:
                yield from _phone_samples(phone, _unique_name(phone_name(phone, report), names))
        for status, count in counts.items():
            yield "ucdiag_phones", {"verdict": status.value}, count


def _metric_file() -> IO[str]:
    return tempfile.SpooledTemporaryFile(_MEMORY, "w+", encoding="utf-8", newline="")


def _unique_name(name: str, names: dict[str, int]) -> str:
    """A phone's name, made one that no other phone of the run has."""
    count = names.get(name, 0) + 1
    while count > 1 and f"{name} ({count})" in names:
        count += 1
    names[name] = count
    made = name if count == 1 else f"{name} ({count})"
    names.setdefault(made, 1)
    return made


def _verdict_samples(metric: str, labels: dict[str, str | None], verdict: VerdictStatus) -> Iterator[Sample]:
    for status in VerdictStatus:
        yield metric, labels | {"verdict": status.value}, float(verdict is status)


def _phone_samples(phone: PhoneReport, name: str) -> Iterator[Sample]:
    who = phone.phone
    kind = {"vendor": who.vendor, "model": who.model, "serial": who.serial, "firmware": who.firmware}
    where = {"mac": who.mac, "ip": who.ip, "domain": who.domain, "site": who.site}
    yield "ucdiag_phone_info", {"phone": name, **where, **kind}, 1
    yield from _verdict_samples("ucdiag_phone_verdict", {"phone": name}, phone.verdict.status)
    for step in phone.steps:
        yield "ucdiag_step_status", {"phone": name, "step": step.step.value, "status": step.status.value}, 1
        if step.seconds is not None and 0 <= step.seconds < float("inf"):
            yield "ucdiag_step_duration_seconds", {"phone": name, "step": step.step.value}, step.seconds
    for finding in {finding.code: finding for finding in phone.findings}.values():
        found = {"phone": name, "code": finding.code, "level": finding.level.value, "step": finding.step.value}
        yield "ucdiag_finding", {**found}, 1


def _labels_text(values: dict[str, str | None]) -> str:
    return ",".join(f'{name}="{_escaped_value(value or "")}"' for name, value in values.items())


def _escaped_value(text: str) -> str:
    return visible(text).replace("\\", "\\\\").replace('"', '\\"')
