"""What setup.cfg cannot say: from a folder that cannot be written to, the project is built elsewhere."""

import os
import tempfile

from setuptools import setup

if os.access(".", os.W_OK):
    setup()
else:
    with tempfile.TemporaryDirectory() as elsewhere:
        # setuptools keeps what it finds about the project and what it builds in the source folder unless told.
        setup(options={"egg_info": {"egg_base": elsewhere}, "build": {"build_base": elsewhere}})
