"""The names of the environment's variables that options read, and those that are nearly such."""

from collections.abc import Collection

PREFIX = "UCDIAG_"  # how they begin
_NEARLY = 0.8  # of the letters in common: others than ours may have variables that begin so


def nearest_variable(name: str, known: Collection[str]) -> str | None:
    """The one of these variables that ``name`` is nearly; None where it is one of them, or near none."""
    if name in known:
        return None
    # Loaded late: most environments have no such variable.
    from difflib import get_close_matches

    ends = {variable.removeprefix(PREFIX): variable for variable in known}
    near = get_close_matches(name.removeprefix(PREFIX), ends, n=1, cutoff=_NEARLY)
    return ends[near[0]] if near else None
