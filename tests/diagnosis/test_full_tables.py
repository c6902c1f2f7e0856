"""What strangers in a capture can make grow, filled beyond its bound: each bound was seen to fail a test without it."""

import pytest

from tests.diagnosis.story import NAME, PATH, POOL, START
from ucdiag.diagnosis import phone_tracker
from ucdiag.diagnosis.kept_host import KeptHost
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phone_tracker import PhoneTracker
from ucdiag.model.observations import Dhcp, Http, Lookup


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
    # The latest ones.
    assert [name[-2:] for name in getattr(tracker, table)] == ["18", "19", "20", "21", "22"]


def test_of_ever_new_phones_behind_one_address_so_many_are_distinguished() -> None:
    tracker = PhoneTracker(DiagnosisOptions(from_capture=True))
    for number in range(300):
        text = f'<R mac="02:00:00:00:{number >> 8:02x}:{number & 255:02x}"/>'
        post = {"method": "POST", "target": PATH, "status": 200, "complete": True, "request_text": text}
        tracker.feed(Http(time=START + number, server=POOL, port=80, client="10.0.0.7", client_port=number, **post))
    (said,) = tracker.problems()
    assert said.text.startswith("256 phones sent from 10.0.0.7 (")


def test_hosts_that_turn_out_to_be_one_are_not_twice_as_much() -> None:
    """As often as it comes back, with ever other names and MAC addresses in its frames."""
    host = KeptHost()
    for time in range(3):
        later = KeptHost()
        for number in range(200):
            later.note_identity(f"{time}-{number}")
            later.carried_by(f"{time}-{number}")
        host.join_later(later)
    assert (len(host.claimed_identities), len(host.macs)) == (256, 4)
    assert list(host.claimed_identities)[200] == "1-0"


def test_where_only_phones_are_kept_another_address_of_a_phone_is_kept_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not known yet that a phone has the new address, and so it would be the first to go."""
    monkeypatch.setattr(phone_tracker, "_HOSTS", 2)
    tracker = PhoneTracker(DiagnosisOptions(from_capture=True))
    for number, ip in enumerate(("10.0.0.1", "10.0.0.2", "10.0.0.9")):
        client = f"02:00:00:00:00:0{number % 2}"
        tracker.feed(Dhcp(time=START + 10 * number, type="ack", client=client, address=ip))
        for after in (1, 2):
            asked = START + 10 * number + after
            tracker.feed(Lookup(time=asked, client=ip, name=NAME, type="A", rcode="NXDOMAIN"))
    first, _ = tracker.finish(START + 60_000_000)
    assert first.phone.ip == "10.0.0.9"
    assert [seen.time - START for seen in first.observations if isinstance(seen, Lookup)] == [1, 2, 21, 22]
