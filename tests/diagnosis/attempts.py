"""Attempts of phones of a site, each in some seconds of its own."""

from dataclasses import replace
from itertools import count
from typing import Any

from tests.diagnosis.story import SECOND, Story
from ucdiag.model.observations import Dhcp, Observation


def attempt_of(
    mac: str,
    ip: str,
    at: int,
    *,
    lease: bool = True,
    fails: bool = False,
    router: str | None = None,
    first_frame: int | None = None,
) -> list[Observation]:
    """One attempt of a phone, ``at`` seconds after the start; ``router`` is whose MAC address is in its frames."""
    story = Story(from_capture=True)
    if lease:
        story.leased(client=mac, address=ip)
    story.found()
    if fails:
        story.connects().posts(404)
    else:
        story.updated()
    facts = []
    for number, fact in zip(count(first_frame or 0), story.fed, strict=False):
        changes: dict[str, Any] = {"time": fact.time + at * SECOND, "client": mac if isinstance(fact, Dhcp) else ip}
        if first_frame is not None:
            changes["frame"] = number
        if not isinstance(fact, Dhcp):
            changes["client_mac"] = router or mac
        facts.append(replace(fact, **changes))
    return facts
