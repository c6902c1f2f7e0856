"""Finds the format that a command line asks for, if an error ended its parsing."""

import os
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from ucdiag.cli.targets import format_by_suffix


def asks_for(format_: str, arguments: Sequence[str], command: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a command line that could not be read to its end asks for that format: in words, else by environment."""
    formats: list[str] = []
    outputs: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            break
        if word == "--json":
            return format_ == "json"
        match = re.fullmatch(r"(?:--(format|output)|-[vq]*([fo]))(?:=?(.+))?", word, re.DOTALL)
        if match is not None:
            named = formats if (match[1] or match[2])[0] == "f" else outputs
            named.append(match[3] if match[3] is not None else next(words, ""))
    if formats:
        return format_ in formats
    own = command.upper().replace("-", "_")
    if any(
        environment.get(name, "").lower() in ("1", "true", "t", "yes", "y", "on")
        for name in _variable_names(own, "JSON")
    ):
        return format_ == "json"
    variable = next(filter(None, (environment.get(name) for name in _variable_names(own, "FORMAT"))), None)
    if variable is not None:
        return format_ in variable.split()
    outputs = outputs or [environment.get(name, "") for name in _variable_names(own, "OUTPUT")]
    return any(format_by_suffix(name) == format_ for name in outputs)


def standard_output_is_taken(arguments: Sequence[str]) -> bool:
    """Whether something else than a report was to go there: packets or a request, whose reader wants no JSON."""
    named = any(word in ("-w", "--write", "--save-request") and value == "-" for word, value in pairwise(arguments))
    return named or any(word in ("-w-", "--write=-", "--save-request=-") for word in arguments)


def _variable_names(command: str, option: str) -> tuple[str, str]:
    return f"UCDIAG_{command}_{option}", f"UCDIAG_{option}"
