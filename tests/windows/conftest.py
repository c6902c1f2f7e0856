"""Only ``make windows`` runs these: they need half a gigabyte that nothing else does."""

import os

collect_ignore_glob = [] if os.environ.get("UCDIAG_WINDOWS") else ["test_*.py"]
