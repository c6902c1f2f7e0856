"""Runs ucdiag by CPython for Windows, under Wine: ``make windows`` (tests/windows/set_up says how)."""
