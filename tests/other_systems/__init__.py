"""ucdiag as other systems run it, as far as Linux can show that: see ``front/sitecustomize.py``."""

import os
from pathlib import Path

FRONT = Path(__file__).with_name("front")


def environment(system: str, **more: str) -> dict[str, str]:
    """The environment of a process in which ucdiag sees this system."""
    return {**os.environ, "PYTHONPATH": str(FRONT), "UCDIAG_ELSEWHERE": system, **more}
