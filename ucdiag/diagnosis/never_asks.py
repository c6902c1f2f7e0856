"""Firmware that never asks DNS for its update server, so that the path that an active command tests is not its own."""

from ucdiag.diagnosis.firmware_generations import generation_of
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.root_cause import PathResult
from ucdiag.diagnosis.step_event import Event
from ucdiag.diagnosis.update_lookups import update_lookups
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.steps import Step


def not_its_path(result: PathResult, history: ObservationLog, setting: DiagnosisOptions) -> PathResult:
    """The result for a phone that learns its server at sign-in alone: unknown, with the failures as warnings.

    Two cases stay as they are: a failed lease, which breaks any phone's path, and a server that the user named.
    """
    generation = generation_of(setting.phone.firmware) if setting.phone is not None else None
    root = result.root
    if generation is None or generation.asks_dns is not False:
        return result
    asked = update_lookups(history) if Step.DNS in setting.tested else []
    if not asked or (root is not None and (root.step is Step.DHCP or root.problem)):
        return result
    text = f"firmware {generation.pattern} does not ask DNS for its update server, so what DNS says is not its path"
    event = Event(step=Step.DNS, time=asked[-1].time, ok=None, code="firmware-needs-sign-in", summary=text)
    failed = [root, *result.alike] if root is not None and root.ok is False else []
    return replace(result, root=event, warnings=[*result.warnings, *failed], alike=[])
