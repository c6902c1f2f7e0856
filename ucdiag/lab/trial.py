"""Runs the check against a scenario's site, and compares what it says with what it must say."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ucdiag.diagnosis.engine import Engine
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.lab.bounds import UNBOUNDED, Bounds
from ucdiag.lab.phone import saved_request
from ucdiag.lab.scenario import Scenario
from ucdiag.lab.site import RunningSite, start_site
from ucdiag.model.observations import Lease, Observation
from ucdiag.model.phone import Phone
from ucdiag.model.report import PhoneReport, Problem
from ucdiag.model.vocabulary import Seconds
from ucdiag.probe.path import walk_path
from ucdiag.probe.plan import Plan, ServerOptions
from ucdiag.runtime.context import Context
from ucdiag.runtime.whole_run import in_time
from ucdiag.update_service.names import R2_LABEL, domain_flaw, plain_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What became of one scenario. ``differences`` are sentences; empty when all is as expected."""

    scenario: Scenario
    report: PhoneReport
    differences: tuple[str, ...]
    seconds: Seconds


def phone_of(scenario: Scenario) -> Phone:
    """The phone that the scenario's check plays."""
    phone = Phone(firmware=scenario.check.firmware)
    return replace(phone, serial=scenario.check.serial) if scenario.check.serial else phone


def domain_of(scenario: Scenario) -> tuple[str | None, str | None]:
    """The DHCP domain to work with, and where it comes from: ``--domain`` or the lease, as for every check."""
    if scenario.check.domain:
        return scenario.check.domain, "--domain"
    for fact in scenario.observed:
        domain = getattr(fact, "domain", None)
        if domain and domain_flaw(domain) is None and getattr(fact, "type", "ack") in ("offer", "ack"):
            return plain_name(domain), getattr(fact, "provenance", None) or "a DHCP server's offer"
    return None, None


def plan_of(scenario: Scenario) -> Plan:
    """What the check asks."""
    check = scenario.check
    phone = phone_of(scenario)
    return Plan(
        phone=phone,
        domain=domain_of(scenario)[0],
        sip_domain=check.sip_domain,
        server=ServerOptions(
            port=443 if check.https and not check.external else None,
            external=check.external,
            saved=saved_request(phone, f"{R2_LABEL}.{domain_of(scenario)[0]}") if check.verified else None,
        ),
        all_names=True,
    )


def setting_of(scenario: Scenario) -> DiagnosisOptions:
    """What the engine has to know of it."""
    domain, origin = domain_of(scenario)
    return DiagnosisOptions(
        phone=phone_of(scenario),
        external=scenario.check.external,
        domain=domain,
        domain_from=origin,
        expected_domain=scenario.check.domain,
        sip_domain=scenario.check.sip_domain,
    )


def context_of(site: RunningSite, bounds: Bounds = UNBOUNDED) -> Context:
    """How to reach the site."""
    ca = str(site.ca_file) if site.ca_file is not None else None
    return Context(
        timeout=bounds.timeout if bounds.timeout is not None else site.scenario.check.timeout,
        nameservers=site.nameservers,
        connect_to=site.connect_to,
        ca=ca,
        max_time=bounds.max_time,
        until=bounds.until,
    )


def observe_site(site: RunningSite, context: Context) -> Iterator[Observation | Problem]:
    """What is known of the lease, then the walk along the site."""
    scenario = site.scenario
    now = context.now()
    for fact in scenario.observed:
        times = {"obtained": now} if isinstance(fact, Lease) and fact.obtained is not None else {}
        yield replace(fact, time=now, **times)
    plan = plan_of(scenario)
    if plan.domain is not None:
        yield from walk_path(context, plan)


def differences(scenario: Scenario, report: PhoneReport) -> tuple[str, ...]:
    """Where the report is not what the scenario must give: its verdict, or a finding too many or too few."""
    expect, verdict = scenario.expect, report.verdict
    unlike = []
    got = (verdict.status.value, verdict.step.value if verdict.step else None, verdict.code)
    wanted = (expect.status, expect.step, expect.code)
    if got != wanted:
        unlike.append(f"the verdict is {_verdict_in_words(*got)}, not {_verdict_in_words(*wanted)}")
    codes = {finding.code for finding in report.findings}
    expected = {*scenario.also, *([expect.code] if expect.code else [])}
    unlike += [f"{code} is found and should not be" for code in sorted(codes - expected)]
    unlike += [f"{code} is not found" for code in sorted(expected - codes)]
    return tuple(unlike)


def run(scenario: Scenario, bounds: Bounds = UNBOUNDED) -> Trial:
    """Start the site, check it, stop it. Raises CannotTest where the time for the whole run is over."""
    with start_site(scenario) as site:
        context = context_of(site, bounds)
        began = context.monotonic()
        engine = Engine(setting_of(scenario))
        for fact in in_time(context, observe_site(site, context)):
            if not isinstance(fact, Problem):
                engine.feed(fact)
        report = engine.finish(context.now())
        seconds = context.monotonic() - began
        unlike = differences(scenario, report)
    # Only now have all servers said what failed: a client may learn of it before.
    if unlike and site.failed is not None:
        raise site.failed
    return Trial(scenario=scenario, report=report, differences=unlike, seconds=seconds)


def _verdict_in_words(status: str, step: str | None, code: str | None) -> str:
    return " ".join(part for part in (status, f"at {step}" if step else "", f"({code})" if code else "") if part)
