"""The catalogue: every finding code, what it means for the phone, what to change, and who says so.

One module for each step, and ``problems`` for what is none of the path's. The contract of codes, levels and places is
held by ``tests/diagnosis/test_catalogue.py``.
"""

from collections.abc import Collection, Iterator, Mapping
from importlib import import_module

from ucdiag.diagnosis.catalogue.entry import Entry

#: The modules of this package that hold the entries, one for each step, in path order.
MODULES = ("dhcp", "dns", "connect", "tls", "request", "response", "download")
# A code begins with its step, or so.
_BEGINNINGS = (
    *((f"{step}-", step) for step in MODULES),
    ("capture-", "dhcp"),
    ("lease-", "dhcp"),
    ("no-phone-", "dhcp"),
    ("restart-", "dhcp"),
    ("firmware-", "dns"),
    ("sign-in-", "dns"),
    ("other-", "connect"),
    ("check-", "request"),
    ("external-sign-in-", "request"),
    ("http-", "request"),
    ("downgrade-", "response"),
    ("external-", "response"),
    ("host-", "response"),
    ("internal-", "response"),
    ("no-update-", "response"),
    ("same-", "response"),
    ("stage-", "response"),
    ("update-", "download"),
)


class _Catalogue(Mapping[str, Entry]):
    """The entries by their codes, in path order: the order of the steps, and within a step that of its module.

    A module is imported when one of its codes is first asked for: a run has findings of one step or two.
    """

    def __init__(self) -> None:
        self._modules: dict[str, dict[str, Entry]] = {}

    def _module_entries(self, name: str) -> dict[str, Entry]:
        if name not in self._modules:
            entries: tuple[Entry, ...] = import_module(f"{__name__}.{name}").ENTRIES
            self._modules[name] = {entry.code: entry for entry in entries}
        return self._modules[name]

    def __getitem__(self, code: str) -> Entry:
        likely = next((step for beginning, step in _BEGINNINGS if str(code).startswith(beginning)), None)
        for name in sorted(MODULES, key=lambda name: name != likely):
            entry = self._module_entries(name).get(code)
            if entry is not None:
                return entry
        raise KeyError(code)

    def __iter__(self) -> Iterator[str]:
        for name in MODULES:
            yield from self._module_entries(name)

    def __len__(self) -> int:
        return sum(len(self._module_entries(name)) for name in MODULES)


CATALOGUE: Mapping[str, Entry] = _Catalogue()


def nearest_codes(text: str, codes: Collection[str] = CATALOGUE) -> tuple[str, ...]:
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
