"""Words for several things in one sentence. Pure text."""

from collections.abc import Iterable


def listed(items: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``; each item once."""
    unique = list(dict.fromkeys(items))
    if len(unique) < 2:
        return "".join(unique)
    return f"{', '.join(unique[:-1])} and {unique[-1]}"
