"""Open files that nobody can put in their places without root's rights: ``named_files.py`` has them, ``root_keeper.py``
the process that does it."""

from typing import Any

#: Of ``named_files.KeptFile``, which cannot be named here without a circle of imports.
ENTRUSTED: list[Any] = []
