"""The signals that ask a program to end and to show what it has."""

import signal


def ending_signals() -> tuple[signal.Signals, ...]:
    """Ctrl-C, what a service manager sends, and on Windows Ctrl-Break, which ends a program at once otherwise."""
    found: list[signal.Signals] = [signal.SIGINT, signal.SIGTERM]
    ctrl_break = getattr(signal, "SIGBREAK", None)
    if ctrl_break is not None:
        found.append(ctrl_break)
    return tuple(found)
