"""Texts of others on which a careless regular expression takes the square or the cube of their length."""

import time
from collections.abc import Callable

import pytest

from ucdiag.diagnosis.shared_address import claimed_name
from ucdiag.leases.macos import parse_scutil
from ucdiag.model.observations import Http
from ucdiag.runtime.site_profile import key_place
from ucdiag.server_logs.audit_log import is_audit_log
from ucdiag.server_logs.log_times import parse_time


def claim(text: str) -> str | None:
    return claimed_name(Http(time=0, server="192.0.2.10", port=80, target="/", method="POST", request_text=text))


BLANKS = " " * 16_000


@pytest.mark.parametrize(
    ("read", "text"),
    [
        pytest.param(lambda text: parse_time(text, day_first=False), f"2026-04-03 14:05{BLANKS}x", id="time of a log"),
        pytest.param(lambda text: parse_time(text, day_first=False), BLANKS * 10, id="blanks for a time"),
        pytest.param(lambda text: is_audit_log("x.log", [text]), f"{BLANKS * 10}x", id="line of a log"),
        pytest.param(claim, "serial" * 30_000, id="request that says serial again and again"),
        pytest.param(claim, f"mac{BLANKS * 10}x", id="request with blanks"),
        pytest.param(
            lambda text: key_place("ucdiag.toml", text, "site", "server"), f"[{BLANKS}", id="table of a profile"
        ),
        pytest.param(
            lambda text: key_place("ucdiag.toml", text, "site", "server"), f"{BLANKS}x", id="key of a profile"
        ),
        pytest.param(lambda text: parse_scutil(text, 0), f"resolver #1\n{BLANKS}x", id="scutil"),
    ],
)
def test_they_are_read_at_once(read: Callable[[str], object], text: str) -> None:
    started = time.process_time()
    read(text)
    assert time.process_time() - started < 20  # a bound against hanging: it takes milliseconds
