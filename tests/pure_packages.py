"""The tests that depend on no right, folder or network of whoever runs them: of whole packages, and single files."""

#: They do no I/O and read no clock: ``tests/test_architecture.py`` holds it.
PURE = ("model", "diagnosis", "wire", "update_service", "masking")

#: Files of tests of other packages: they judge stories and show reports in memory, and take the more time the more
#: stories there are. ``tests/test_second_user.py`` holds it.
PURE_FILES = (
    "cli/test_alike_reports.py",
    "views/test_chance.py",
    "views/test_checks.py",
    "views/test_density.py",
    "views/test_ladder.py",
)
