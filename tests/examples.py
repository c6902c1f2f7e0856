"""How many examples a property test with a number of its own takes.

``make fast`` runs with ``UCDIAG_HYPOTHESIS=fast``: a fifth of them. CI runs all.
"""

import os

FAST = os.environ.get("UCDIAG_HYPOTHESIS") == "fast"


def examples(count: int) -> int:
    """``count``, or as many as fit into a fast run."""
    return max(count // 5, 10) if FAST else count
