"""The options of ``check`` and ``check-dns`` about changes: a record before it is made, and waiting until it works."""

from dataclasses import replace
from typing import Any

from ucdiag.cli.options import Parsed, bundle, with_time_for
from ucdiag.cli.plain_help import plain_option
from ucdiag.model.urls import ipv4_flaw, usable_host
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import Seconds
from ucdiag.runtime.context import canonical_host

_LONGEST = 24 * 60  # minutes
_USUAL = "60"  # minutes, where none are given


def parse_assumption(text: str) -> tuple[str, str]:
    """``NAME=ADDRESS`` as (name, IPv4 address). Raises ValueError, with one sentence, for anything else."""
    from ipaddress import IPv4Address

    name, _, address = text.strip().partition("=")
    name = canonical_host(name)
    advice = "give NAME=ADDRESS, such as ucupdates-r2.contoso.com=10.0.0.20"
    if not usable_host(name) or "." not in name:
        raise ValueError(f"{quoted(text[:300])} names no full DNS name: {advice}")
    try:
        flaw = ipv4_flaw(str(IPv4Address(address)))
    except ValueError:
        flaw = "it is not an IPv4 address"
    if flaw:
        raise ValueError(f"{quoted(address[:60])} cannot be assumed: {flaw}; {advice}")
    return name, address


def _parse_minutes(text: str) -> Seconds:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= _LONGEST):
        raise ValueError(f"{quoted(text[:50])} is not a number of minutes from 1 to {_LONGEST}")
    return int(text) * 60.0


def _gather_trying(values: dict[str, Any]) -> None:
    assumed: dict[str, tuple[str, ...]] = {}
    for name, address in values.pop("assume"):
        assumed[name] = (*assumed.get(name, ()), address)
    context = replace(values["context"], assumed=assumed)
    values["context"] = with_time_for(context, values["until_whole"]) if values["until_whole"] else context


# Behind ``context_options``, whose context it changes; ``until_whole`` is seconds, or None.
trying_options = bundle(
    [
        plain_option(
            "--assume",
            type=Parsed("NAME=ADDRESS", parse_assumption),
            multiple=True,
            help="Go on as if DNS had this record (repeatable); what is found holds only then.",
        ),
        plain_option(
            "--until-whole",
            type=Parsed("MINUTES", _parse_minutes),
            is_flag=False,
            flag_value=_USUAL,
            help=(
                "Repeat until the path works, with a line for each change, for at most MINUTES "
                f"(=MINUTES up to {_LONGEST}; {_USUAL} without it)."
            ),
        ),
    ],
    _gather_trying,
)
