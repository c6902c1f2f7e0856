"""``--until-whole``: the same observations again and again, until their verdict is ``whole`` or the time is up."""

from collections.abc import Callable, Iterable, Iterator

from ucdiag.cli.crash import print_message
from ucdiag.diagnosis.engine import Engine
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.model.observations import Lookup, Observation
from ucdiag.model.report import PhoneReport, Problem
from ucdiag.model.steps import VerdictStatus
from ucdiag.model.times import format_time
from ucdiag.model.vocabulary import Seconds
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.runtime.whole_run import in_time

# Each round of ``check`` may leave a row in the server's audit log.
PAUSE: Seconds = 10.0

Item = Observation | Problem


def until_whole(
    observe: Callable[[], Iterable[Item]],
    setting: DiagnosisOptions,
    context: Context,
    seconds: Seconds | None,
    quiet: bool = False,
) -> Iterator[Item]:
    """The observations of the last round: the first that is whole, or the one in which the time is up.

    ``seconds`` ``None``: one round, as it comes. What changed goes to standard error.
    """
    if seconds is None:
        yield from in_time(context, observe())
        return
    until = context.monotonic() + seconds
    said: object = None
    while True:
        items: list[Item] = []
        failure: CannotTest | None = None
        engine = Engine(setting)
        try:
            for item in in_time(context, observe()):
                items.append(item)
                if not isinstance(item, Problem):
                    engine.feed(item)
        except CannotTest as cannot:
            failure = cannot
        report = engine.finish(context.now())
        left = until - context.monotonic()
        whole = failure is None and report.verdict.status is VerdictStatus.WHOLE
        state = failure.code if failure else (report.verdict.status, report.verdict.step, report.verdict.code)
        if state != said and not quiet and not whole:
            text = failure.text if failure else report.verdict.summary
            again = f" It is tried again every {PAUSE:g} seconds." if said is None else ""
            moment = format_time(context.now())[11:19]
            print_message(f"{moment}Z {text}{_kept_record(report)}{again}")
        said = state
        if whole or left <= 0 or context.is_over:
            break
        context.wait_for("waiting for the next try", min(PAUSE, left))
        context.sleep(context.within(min(PAUSE, left)))
    yield from items
    if failure is not None:
        raise failure


def _kept_record(report: PhoneReport) -> str:
    """The sentence on how long resolvers may keep their answer (its time to live)."""
    ttls = [
        lookup.ttl
        for lookup in report.observations
        if isinstance(lookup, Lookup) and lookup.purpose == "update" and lookup.ttl and lookup.addresses
    ]
    return f" Resolvers may keep the record that they gave for {max(ttls)} more seconds." if ttls else ""
