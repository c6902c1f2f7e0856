"""What strangers in a capture can make grow, filled beyond its bound: each bound was seen to fail a test without it."""

import pytest

from tests.diagnosis.story import NAME, START
from ucdiag.diagnosis import DiagnosisOptions, phone_tracker
from ucdiag.diagnosis.phone_tracker import PhoneTracker
from ucdiag.model.observations import Lookup


@pytest.mark.parametrize(
    ("rcode", "table"),
    [("NXDOMAIN", "_resolvers"), (None, "_unheard"), (None, "_ips_of")],
    ids=lambda value: str(value),
)
def test_ever_new_hosts_and_resolvers_are_not_all_kept(
    rcode: str | None, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone_tracker, "_HOSTS", 5)
    tracker = PhoneTracker(DiagnosisOptions(from_capture=True))
    for number in range(1, 23):
        asked = {"name": NAME, "type": "A", "rcode": rcode, "server": f"10.0.1.{number}"}
        client = {"client": f"10.0.0.{number}", "client_mac": f"02:00:00:00:00:{number:02}"}
        tracker.feed(Lookup(time=START + number, **asked, **client))
    kept = list(getattr(tracker, table))
    assert len(kept) == 5
    assert kept[-1].endswith("22")
