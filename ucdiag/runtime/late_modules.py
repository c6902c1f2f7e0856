"""Modules of the standard library that are executed when something of them is first used.

click imports ``inspect`` and dnspython ``importlib.metadata`` for what a run of this program does not need. They take
1.0 and 2.2 MiB. In Python 3.11, ``importlib.util.LazyLoader`` executes a module that is imported a second time.
"""

import sys
from importlib.util import find_spec, module_from_spec
from threading import RLock
from types import ModuleType
from typing import Any

LATE = ("inspect", "importlib.metadata")
_TURN = RLock()
_begun: set[str] = set()


class _LateModule(ModuleType):
    """A module that is executed when an attribute is looked for that is not there yet."""

    def __getattr__(self, name: str) -> Any:
        load(self)
        return ModuleType.__getattribute__(self, name)


def defer(name: str) -> None:
    """Let an import of this module execute nothing. A module that is loaded, or not installed, is left as it is."""
    if name in sys.modules:
        return
    spec = find_spec(name)
    if spec is None:
        return
    module = module_from_spec(spec)
    module.__class__ = _LateModule
    sys.modules[name] = module
    package, _, own_name = name.rpartition(".")
    if package:
        setattr(sys.modules[package], own_name, module)


def load_deferred() -> None:
    """Execute all that was deferred: what may not read files any more cannot do so later."""
    for name in LATE:
        if name in sys.modules:
            load(sys.modules[name])


def load(module: ModuleType) -> None:
    """Execute a deferred module. Other threads wait until it is done."""
    with _TURN:
        if module.__class__ is not _LateModule or module.__name__ in _begun:
            return
        assert module.__spec__ is not None
        assert module.__spec__.loader is not None
        _begun.add(module.__name__)
        try:
            module.__spec__.loader.exec_module(module)
            module.__class__ = ModuleType  # type: ignore[assignment]
        finally:
            _begun.discard(module.__name__)
