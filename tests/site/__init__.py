"""A site of network namespaces, real servers and real clients in them, and the tests that need it (README.rst)."""
