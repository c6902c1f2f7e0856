"""The judge: observations to a report. No I/O and no clock."""

from ucdiag.diagnosis.engine import Engine
from ucdiag.diagnosis.options import DiagnosisOptions

__all__ = ["DiagnosisOptions", "Engine"]
