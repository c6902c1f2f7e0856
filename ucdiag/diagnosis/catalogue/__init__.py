"""The catalogue: every finding code, what it means for the phone, what to change, and who says so.

One module for each step, and ``problems`` for what is none of the path's. The contract of codes, levels and places is
held by ``tests/diagnosis/test_catalogue.py``.
"""

from collections.abc import Collection
from itertools import chain

from ucdiag.diagnosis.catalogue import connect, dhcp, dns, download, request, response, tls
from ucdiag.diagnosis.catalogue.entry import Entry

# In path order: the order of the steps, and within a step that of its module.
CATALOGUE: dict[str, Entry] = {
    entry.code: entry
    for entry in chain.from_iterable(
        module.ENTRIES for module in (dhcp, dns, connect, tls, request, response, download)
    )
}


def lookup(code: str) -> Entry:
    """The entry of a code. Raises KeyError, with the nearest codes in its text, when there is none."""
    try:
        return CATALOGUE[code]
    except KeyError:
        near = ", ".join(nearest(code))
        raise KeyError(f"{code}: no such code{f'; the nearest are {near}' if near else ''}") from None


def nearest(text: str, codes: Collection[str] = CATALOGUE) -> tuple[str, ...]:
    """Up to five of ``codes`` that ``text`` may have meant, the nearest first; none when nothing is near."""
    from difflib import get_close_matches

    wanted = text.strip().lower().replace("_", "-").replace(" ", "-")[:100]
    if not wanted:
        return ()
    close = get_close_matches(wanted, codes, n=5, cutoff=0.6)
    words = {word for word in wanted.split("-") if len(word) > 2}
    shared = sorted(
        (code for code in codes if words & set(code.split("-"))),
        key=lambda code: -len(words & set(code.split("-"))),
    )
    return tuple(dict.fromkeys([*close, *shared]))[:5]
