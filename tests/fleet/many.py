"""Many phones and names asked by the loop, and by the command for one."""

import json
import re
from collections.abc import Callable
from typing import Any

from ucdiag import __version__
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.fleet.asking import Asked, Outcome, Question, ask_target, prepare_threads
from ucdiag.fleet.loop import Loop
from ucdiag.fleet.pacing import Hosts, Rate
from ucdiag.fleet.shapes import Shapes
from ucdiag.fleet.targets import Target
from ucdiag.fleet.usual import usual_names, usual_posts
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.phone import Phone
from ucdiag.model.report import Report, Source
from ucdiag.model.steps import STEPS, Step
from ucdiag.probe.dns import check_names
from ucdiag.probe.path import walk_path
from ucdiag.probe.plan import Plan, ServerOptions
from ucdiag.runtime.context import Context
from ucdiag.views.json_view import json_text

MACS = ("00:04:f2:aa:bb:01", "64:16:7f:00:00:02", "00:90:8f:12:34:56", "0c:00:00:00:0a:0a", "02:00:00:00:00:09")
# Of two runs, what is never the same.
NEVER_ALIKE = (
    (r'"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z"', '"TIME"'),
    (r'"([a-z_]*seconds|client_port)": [0-9.e-]+', r'"\1": 0'),
    (r"ucdiag-[0-9a-f]{5}", "ucdiag-LABEL"),
)


def report_of(asked: Asked) -> Report:
    return Report(
        ucdiag=__version__,
        command="probe",
        started=asked.started,
        finished=asked.finished,
        source=Source(kind="active", name=asked.name),
        verdict=asked.phone.verdict,
        phones=(asked.phone,),
        problems=asked.problems,
    )


def outcome_of(asked: Asked) -> Outcome:
    return Outcome(asked.target, asked.phone.verdict, report=report_of(asked))


def alike(text: str) -> Any:
    for pattern, placeholder in NEVER_ALIKE:
        text = re.sub(pattern, placeholder, text)
    said = json.loads(text)
    for phone in said["phones"]:
        # They are in the order of their times, and a file that is fetched once for all has those of the first phone.
        phone["observations"].sort(key=json.dumps)
    return said


def probing(context: Context, server: ServerOptions, target: Target) -> Question:
    phone = Phone(mac=target.mac or "", serial=target.serial or "", firmware="1.0.522.101")
    plan = Plan(phone=phone, server=server)
    return Question(
        target=target,
        name=server.url or server.address,
        setting=DiagnosisOptions(phone=phone, tested=frozenset(STEPS) - {Step.DHCP, Step.DNS}),
        context=context,
        observe=lambda asking: walk_path(asking, plan),
        usual=usual_posts(plan, context),
    )


def looking_up(context: Context, sip_domain: str | None, target: Target) -> Question:
    assert target.domain is not None
    setting = DiagnosisOptions(
        phone=Phone(),
        tested=frozenset({Step.DHCP, Step.DNS}),
        domain=target.domain,
        domain_from="--domain",
        sip_domain=sip_domain,
        command="check-dns",
    )
    return Question(
        target=target,
        name=target.domain,
        setting=setting,
        context=context,
        observe=lambda asking: check_names(asking, target.domain or "", sip_domain),
        usual=usual_names(context, target.domain, sip_domain),
    )


def outcomes(targets: list[Target], question_of: Callable[[Target], Question], jobs: int = 2) -> list[Outcome]:
    prepare_threads()
    shapes = Shapes(question_of, lambda asked: json_text(report_of(asked)))
    asking = Loop(
        targets,
        shapes,
        outcome_of,
        jobs,
        Rate(None),
        Hosts(jobs, pause=0.01),
    )
    return sorted((one for some in asking.ask_targets() for one in some), key=lambda outcome: outcome.target.line)


def check_alike(targets: list[Target], question_of: Callable[[Target], Question], jobs: int = 2) -> list[Outcome]:
    """The loop's reports, once they are those of one after the other."""
    made = outcomes(targets, question_of, jobs)
    assert [outcome.target for outcome in made] == targets
    for outcome in made:
        question = question_of(outcome.target)
        # The command for one knows nothing of the other targets.
        alone = replace(question, context=replace(question.context, failed_again={}))
        single = report_of(ask_target(alone, Hosts(1, pause=0.01)))
        assert alike(outcome.text(json_text)) == alike(json_text(single))
        assert outcome.verdict == single.verdict
        assert alike(json_text(outcome.report)) == alike(json_text(single))
    return made


def phones(url: str | None = None) -> list[Target]:
    return [
        Target(line=n, mac=mac, serial=f"S{10**n}", site=f"Ä {n}" if n else None, url=url) for n, mac in enumerate(MACS)
    ]
