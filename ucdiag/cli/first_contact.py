"""The text of ``ucdiag`` without arguments: a command for each situation of the user, and what this machine can test.

Nothing is sent and no program is run. What cannot be found out is left out.
"""

import sys
from contextlib import suppress
from textwrap import wrap
from typing import NamedTuple

from ucdiag.runtime.privileges import elevated_command, may_listen, program_name, quoted_word

_COPY = "capture.pcapng"


class Here(NamedTuple):
    """What this machine can do, as far as it is known; ``None`` where it is not."""

    may_listen: bool | None = None
    interface: str | None = None
    domain: str | None = None
    domain_from: str | None = None


def look_around() -> Here:
    """What this machine can do. Never fails."""
    here = Here()
    with suppress(Exception):
        here = here._replace(may_listen=may_listen())
    with suppress(Exception):
        from ucdiag.probe.interface import choose_interface

        here = here._replace(interface=choose_interface()[0])
    with suppress(Exception):
        domain, origin = _lease_domain()
        here = here._replace(domain=domain, domain_from=origin)
    return here


def _lease_domain() -> tuple[str | None, str | None]:
    from ucdiag.leases import dhcp_domain, machine_leases
    from ucdiag.update_service.names import domain_flaw, plain_name

    # Programs that know more are not run: that would take longer than all the rest.
    leases, _ = machine_leases(runner=lambda command: None)
    chosen = dhcp_domain(leases)
    if chosen is None or not chosen.domain or domain_flaw(chosen.domain) is not None:
        return None, None
    return plain_name(chosen.domain), "lease" if chosen.authority == "dhcp" else "resolver's configuration"


def page_lines(here: Here, platform: str = sys.platform) -> list[str]:
    """The lines; commands are never wrapped."""
    lines = [
        "Finds at which step a Lync phone's firmware update breaks, and what to change.",
        "",
        "What do you have?",
    ]
    for what, command in _ways_to_begin(here, platform):
        lines += [f"  {what}:", f"      {command}"]
    return [*lines, "", *_about_machine(here), ""]


def _ways_to_begin(here: Here, platform: str) -> list[tuple[str, str]]:
    """The situations of users, each with its command alone in a line."""
    name = program_name(platform)
    on = f" -i {quoted_word(here.interface, platform)}" if here.interface else ""
    capture = f"{name} capture{on}"
    if here.may_listen is not True and platform != "win32":
        capture = elevated_command(f"capture{on}", platform)
    prompt = "as administrator; " if platform == "win32" and not here.may_listen else ""
    domain = here.domain or "contoso.com"
    return [
        ("a capture of Wireshark, tcpdump or pktmon", f"{name} capture {_COPY}"),
        (f"a phone on this network ({prompt}restart the phone once this runs)", capture),
        ("a domain, the one that the phones get from DHCP", f"{name} check {domain}"),
        ("nothing yet ('ucdiag lab' lists more broken sites to try it on)", f"{name} lab dns-legacy-only"),
    ]


def _about_machine(here: Here) -> list[str]:
    listen = {
        True: "it may listen to packets",
        False: "it may not listen to packets without root's rights",
        None: "whether it may listen to packets is not known",
    }[here.may_listen]
    interface = f"its interface is {here.interface}" if here.interface else "no network interface is connected"
    domain = f"the domain of its {here.domain_from} is {here.domain}" if here.domain else "it knows no DHCP domain"
    return wrap(f"This machine: {listen}; {interface}; {domain}. More: ucdiag doctor", 78)
