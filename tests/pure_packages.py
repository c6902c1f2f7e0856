"""The packages whose tests depend on no right, folder or network of whoever runs them."""

#: They do no I/O and read no clock: ``tests/test_architecture.py`` holds it.
PURE = ("model", "diagnosis", "wire", "update_service", "masking")
