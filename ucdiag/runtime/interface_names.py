"""A name that no interface has, and the one that may have been meant."""

import socket

from ucdiag.model.visible_text import quoted
from ucdiag.runtime.context import CannotTest


def no_such_interface(name: str, lister: str = "ucdiag capture -D") -> CannotTest:
    """What is wrong with the name, for raising; ``lister`` is the command that shows the right ones."""
    from difflib import get_close_matches

    try:
        known = [known for _, known in socket.if_nameindex()]
    except (OSError, AttributeError):
        known = []
    near = get_close_matches(name[:100], known, n=1, cutoff=0.5)
    meant = f"; did you mean {near[0]}?" if near else "."
    return CannotTest("no-interface", f"There is no interface {quoted(name)}: '{lister}' lists them{meant}")
