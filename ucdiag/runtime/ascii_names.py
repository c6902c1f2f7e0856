"""dnspython without the package ``idna``, which it looks for in the metadata of all that is installed.

Names are ASCII when dnspython gets them (``ucdiag/update_service/names.py``). Import this before ``dns``.
"""

import contextlib

with contextlib.suppress(ImportError):  # before dnspython 2.5
    from dns._features import force

    force("idna", False)
