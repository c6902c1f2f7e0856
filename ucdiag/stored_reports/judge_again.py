"""Judges the observations of a stored report again, by the catalogue of this version."""

from dataclasses import replace

from ucdiag.diagnosis.engine import Engine
from ucdiag.diagnosis.known_servers import KnownServers
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.model.observations import Extent, Http, Observation, Transfer
from ucdiag.model.phone import DEFAULT_MAC, Phone
from ucdiag.model.report import Identity, PhoneReport, Report
from ucdiag.model.steps import STEPS, Step
from ucdiag.model.urls import is_address, url_flaw
from ucdiag.model.vocabulary import CommandName, Microseconds
from ucdiag.update_service.names import is_external

_TESTED: dict[CommandName, frozenset[Step]] = {
    "check-dhcp": frozenset({Step.DHCP}),
    "check-dns": frozenset({Step.DHCP, Step.DNS}),
    "probe": frozenset(STEPS) - {Step.DHCP},
}


def judged_again(report: Report, phone: PhoneReport) -> PhoneReport:
    """A phone of a stored report by today's judge. One without observations stays as it is."""
    if not phone.observations:
        return phone
    setting = _diagnosis_options(report, phone)
    engine = Engine(setting, phone.phone if setting.from_capture else None)
    for observation in phone.observations:
        engine.feed(observation)
    again = engine.finish(_conclusion_time(phone.observations, report))
    return replace(again, phone=replace(again.phone, site=phone.phone.site))


def _diagnosis_options(report: Report, phone: PhoneReport) -> DiagnosisOptions:
    if report.source.kind in ("file", "live"):
        # Some of them the user named, or other phones proved, which no fact of this phone shows.
        names = frozenset(server for server in phone.update_servers if not is_address(server))
        servers = KnownServers(given=names, posted=frozenset(phone.update_servers) - names)
        return DiagnosisOptions(from_capture=True, servers=servers)
    if report.source.kind == "logs":
        shows_files = any(isinstance(seen, Http) and seen.port for seen in phone.observations)
        return DiagnosisOptions(from_capture=True, from_logs=True, logs_files=shows_files)
    known = phone.phone
    requests = [seen for seen in phone.observations if isinstance(seen, Http)]
    tested = _TESTED.get(report.command, frozenset(STEPS))
    if report.command == "probe" and not any(_is_lookup(seen) for seen in phone.observations):
        tested -= {Step.DNS}
    return DiagnosisOptions(
        phone=_played_phone(known),
        tested=tested,
        external=any(is_external(http.target) for http in requests if http.purpose in (None, "update")),
        whole_file=any(isinstance(seen, Transfer) for seen in phone.observations),
        domain=known.domain,
        domain_from="the stored report" if known.domain else None,
        command=report.command if report.command in ("check-dhcp", "check-dns") else None,
        stopped_by=next((problem.code for problem in report.problems if problem.code == phone.verdict.code), None),
        url=report.source.name if url_flaw(report.source.name or "") is None else None,
    )


def _is_lookup(seen: Observation) -> bool:
    return seen.kind == "lookup" and getattr(seen, "purpose", None) == "update"


def _played_phone(known: Identity) -> Phone:
    values = {
        name: value for name in ("serial", "vendor", "model", "firmware") if (value := getattr(known, name)) is not None
    }
    return Phone(mac=known.mac or DEFAULT_MAC, **values)


def _conclusion_time(observations: tuple[Observation, ...], report: Report) -> Microseconds:
    """The time at which the judge concluded: the end of the capture, else that of the run."""
    extents = [seen.end for seen in observations if isinstance(seen, Extent)]
    if extents:
        return max(extents)
    if report.source.kind in ("file", "logs"):
        return max(seen.time for seen in observations)
    return report.finished
