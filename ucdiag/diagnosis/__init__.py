"""The judge: observations to a report. No I/O and no clock."""

from ucdiag.diagnosis.engine import Engine
from ucdiag.diagnosis.options import Setting

__all__ = ["Engine", "Setting"]
