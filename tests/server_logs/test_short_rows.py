"""How many fields a first row needs, to be taken for one of an audit log whose name says nothing."""

import pytest

from ucdiag.server_logs import audit_log
from ucdiag.server_logs.audit_log import is_audit_log

TIME = "11/27/2026 9:00:01 AM"


@pytest.mark.parametrize(("more", "is_one"), [(-1, False), (0, True), (1, True)])
def test_as_many_fields_as_a_row_has_at_least(more: int, is_one: bool) -> None:
    fields = audit_log._FIXED + 2 + more
    assert is_audit_log("x.txt", ["", ",".join([TIME, *["a"] * (fields - 1)])]) is is_one


@pytest.mark.parametrize(("first", "is_one"), [(TIME, True), (f'"{TIME}"', True), ("11/27", False), ("", False)])
def test_a_row_begins_with_its_time(first: str, is_one: bool) -> None:
    assert is_audit_log("x.txt", [",".join([first, *["a"] * 14])]) is is_one


@pytest.mark.parametrize("lines", [[], [""], ["", "  "]])
def test_nothing_is_no_audit_log(lines: list[str]) -> None:
    assert is_audit_log("x.txt", lines) is False
