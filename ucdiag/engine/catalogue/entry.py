"""The form of a catalogue entry."""

from dataclasses import dataclass

from ucdiag.model.steps import Level, Step, Who


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One finding code: all that is known about it, as data.

    ``level`` is the usual level; the engine lowers an error that recovered to a warning. ``where`` holds ``A``
    when the active commands can find it, ``C`` when a capture can. ``title`` is one positive statement of the
    condition. ``fix`` and ``commands`` may hold the placeholders that the engine fills in (see ``FIELDS``).
    ``supersedes`` names the codes that are mere consequences and are not listed beside this one.
    ``sources`` are readable references ("Polycom CX700 Deployment Guide R2 (July 2010), page 23"), each
    with how sure the fact is: documented, traced, field report, inferred, background.
    """

    code: str
    step: Step
    level: Level
    where: str
    title: str
    meaning: str
    causes: tuple[str, ...]
    fix: str
    commands: tuple[str, ...]
    who: Who
    sources: tuple[str, ...]
    supersedes: tuple[str, ...] = ()


# What the engine can put into ``fix`` and ``commands``, as {name}; each has a telling default when unknown.
FIELDS: dict[str, str] = {
    "domain": "<DHCP domain>",
    "sip_domain": "<SIP domain>",
    "name": "ucupdates-r2.<DHCP domain>",
    "label": "ucupdates-r2",
    "address": "<address of the pool>",
    "port": "80",
    "nameserver": "<DNS server>",
    "url": "<URL of the file>",
    "host": "<host of the URL>",
    "path": "/RequestHandler/ucdevice.upx",
    "mac": "<MAC of the phone>",
    "serial": "<serial of the phone>",
    "status": "<status>",
    "dhcp_server": "<DHCP server>",
    "vlan": "<voice VLAN>",
}
