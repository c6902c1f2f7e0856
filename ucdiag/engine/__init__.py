"""The judge: observations to a report. No I/O and no clock."""

from ucdiag.engine.engine import Engine
from ucdiag.engine.setting import Setting

__all__ = ["Engine", "Setting"]
