"""ucdiag as other systems run it, as far as Linux can show that: see ``front/sitecustomize.py``."""

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

FRONT = Path(__file__).with_name("front")


def environment(system: str, **more: str) -> dict[str, str]:
    """The environment of a process in which ucdiag sees this system."""
    return {**os.environ, "PYTHONPATH": str(FRONT), "UCDIAG_ELSEWHERE": system, **more}


def loaded_on(platform: str, module: str) -> Any:
    """A module as that system would load it: the halves of it that Linux leaves out. Nobody else gets this one."""
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    with patch.object(sys, "platform", platform):
        spec.loader.exec_module(made)
    return made
