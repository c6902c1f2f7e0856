"""Phones for which the judge has no room: the archive, its failures, and the verdicts that are left."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.diagnosis.story import NAME
from ucdiag.diagnosis import quiet_phones
from ucdiag.diagnosis.kept_host import KeptHost
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phone_tracker import Limits, PhoneTracker
from ucdiag.diagnosis.quiet_phones import QuietPhone, QuietPhones, ip_key, mac_key
from ucdiag.model.observations import Dhcp, Lookup
from ucdiag.model.report import Verdict
from ucdiag.model.steps import Step, VerdictStatus

MAC, OTHER = "00:04:f2:00:00:01", "00:04:f2:00:00:02"
WHOLE = Verdict(status=VerdictStatus.WHOLE, code="no-update-offered", summary="a sentence")
BROKEN = Verdict(status=VerdictStatus.BROKEN, step=Step.DNS, code="dns-no-answer", summary="another")


class Drawer:
    """An archive in memory; ``fails`` are the methods that raise."""

    def __init__(self, *fails: str) -> None:
        self.fails = set(fails)
        self.kept: dict[str, tuple[int, Any]] = {}

    def _try(self, method: str) -> None:
        if method in self.fails:
            raise OSError(f"{method}: no space left")

    def __len__(self) -> int:
        return len(self.kept)

    def put(self, first_seen: int, keys: Sequence[str], phone: Any) -> None:
        self._try("put")
        self.kept[keys[0]] = first_seen, phone

    def take(self, key: str) -> Any | None:
        self._try("take")
        return self.kept.pop(key, (0, None))[1]

    def phones(self) -> Iterator[tuple[int, Any]]:
        for number, one in enumerate(sorted(self.kept.values(), key=lambda pair: pair[0])):
            if number:
                self._try("phones")
            yield one


def phone(mac: str = MAC, first_seen: int = 5) -> QuietPhone:
    host = KeptHost(kept=[Dhcp(time=first_seen, type="discover")], is_phone=True)
    return QuietPhone(by_ip={}, by_mac={mac: host}, leases={}, ips_of={}, first_seen=first_seen)


def judge(*verdicts: Verdict) -> Any:
    return lambda phone: iter(verdicts)


def unstated(verdict: Verdict) -> tuple[Any, ...]:
    return verdict.status, verdict.step, verdict.code, verdict.summary


def test_a_phone_has_the_keys_of_all_that_it_is_known_by() -> None:
    a, b, c, d = (KeptHost(most=most) for most in range(4))
    one = QuietPhone(
        by_ip={("10.0.0.1", None): a, ("10.0.0.1", MAC): b, ("10.0.0.2", None): c},
        by_mac={MAC: d},
        leases={"10.0.0.2": [], "10.0.0.3": []},
        ips_of={"x": {}},
    )
    assert one.keys() == [f"mac {MAC}", "ip 10.0.0.1", "ip 10.0.0.2", "ip 10.0.0.3"]
    assert one.hosts() == [a, b, c, d]
    assert (mac_key("m"), ip_key("i")) == ("mac m", "ip i")


def test_a_phone_goes_to_the_archive_whole_and_comes_back() -> None:
    drawer = Drawer()
    quiet = QuietPhones(drawer)
    one = phone()
    assert quiet.put_away(one, judge(WHOLE))
    assert (len(quiet), drawer.kept) == (1, {mac_key(MAC): (5, one.packed())})
    assert not quiet.has_left([mac_key(MAC)])
    assert quiet.left_verdicts([]) == {}
    assert quiet.take_back(mac_key(OTHER)) is None
    assert quiet.take_back(mac_key(MAC)) == one
    assert quiet.take_back(mac_key(MAC)) is None
    assert len(quiet) == 0
    assert (quiet.is_working, quiet.failure) == (True, None)


def test_the_archive_is_read_in_the_order_of_time() -> None:
    quiet = QuietPhones(Drawer())
    later, earlier = phone(MAC, 9), phone(OTHER, 3)
    assert (quiet.archive_phone(later), quiet.archive_phone(earlier)) == (True, True)
    assert list(quiet.phones()) == [(3, earlier), (9, later)]
    assert quiet.unread == 0


def test_without_an_archive_verdicts_alone_are_kept() -> None:
    quiet = QuietPhones(None)
    assert (len(quiet), quiet.is_working, quiet.archive_phone(phone())) == (0, False, False)
    assert not quiet.put_away(phone(), judge(WHOLE, BROKEN))
    assert quiet.take_back(mac_key(MAC)) is None
    assert list(quiet.phones()) == []
    assert quiet.has_left([ip_key("10.0.0.1"), mac_key(MAC)])
    assert not quiet.has_left([mac_key(OTHER)])
    assert {unstated(verdict): count for verdict, count in quiet.left_verdicts([]).items()} == {
        (VerdictStatus.WHOLE, None, "no-update-offered", ""): 1,
        (VerdictStatus.BROKEN, Step.DNS, "dns-no-answer", ""): 1,
    }
    assert quiet.left_verdicts([mac_key(MAC)]) == {}
    assert quiet.left_verdicts([mac_key(OTHER)]).total() == 2


def test_verdicts_that_differ_in_their_sentence_alone_are_one() -> None:
    quiet = QuietPhones(None)
    for number, mac in enumerate((MAC, OTHER)):
        quiet.put_away(phone(mac), judge(Verdict(status=VerdictStatus.WHOLE, code=None, summary=f"at {number}")))
    assert list(quiet.left_verdicts([]).values()) == [2]


def test_after_one_failure_the_archive_is_left_alone() -> None:
    drawer = Drawer("put")
    quiet = QuietPhones(drawer)
    assert not quiet.put_away(phone(), judge(WHOLE))
    assert (quiet.is_working, quiet.failure) == (False, "put: no space left")
    drawer.fails.clear()
    assert not quiet.put_away(phone(OTHER), judge(WHOLE))
    assert drawer.kept == {}
    assert list(quiet.left_verdicts([]).values()) == [2]


def test_a_phone_that_cannot_be_read_again_is_not_there() -> None:
    quiet = QuietPhones(Drawer("take"))
    quiet.archive_phone(phone())
    assert quiet.take_back(mac_key(MAC)) is None
    assert quiet.failure == "take: no space left"


def test_phones_that_cannot_be_read_at_the_end_are_counted_as_forgotten() -> None:
    drawer = Drawer("phones")
    quiet = QuietPhones(drawer)
    for number in range(4):
        quiet.archive_phone(phone(f"00:04:f2:00:00:0{number}", number))
    assert len(list(quiet.phones())) == 1
    assert (quiet.unread, quiet.failure) == (3, "phones: no space left")
    ((verdict, count),) = quiet.left_verdicts([]).items()
    assert (unstated(verdict), count) == ((VerdictStatus.UNKNOWN, None, "forgotten", ""), 3)
    drawer.fails.clear()
    assert len(list(quiet.phones())) == 4
    assert quiet.unread == 0
    assert quiet.left_verdicts([]) == {}


def test_of_too_many_phones_the_number_alone_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quiet_phones, "_MOST_VERDICTS", 1)
    quiet = QuietPhones(None)
    quiet.put_away(phone(), judge(WHOLE))
    quiet.put_away(phone(OTHER), judge(BROKEN))
    assert quiet.has_left([mac_key(MAC)])
    assert not quiet.has_left([mac_key(OTHER)])
    # Whether the second one was heard again is not known any more.
    assert [verdict.code for verdict in quiet.left_verdicts([mac_key(MAC), mac_key(OTHER)])] == ["dns-no-answer"]


def test_a_phone_that_is_known_by_nothing_is_counted() -> None:
    quiet = QuietPhones(None)
    quiet.put_away(QuietPhone(by_ip={}, by_mac={}, leases={}, ips_of={}), judge(WHOLE))
    assert not quiet.has_left([])
    assert list(quiet.left_verdicts([]).values()) == [1]


def test_so_many_phones_are_never_put_away() -> None:
    """However little room there is: who was heard last is heard again soon."""
    drawer = Drawer()
    tracker = PhoneTracker(DiagnosisOptions(from_capture=True), limits=Limits(quiet=4), archive=drawer)
    for number in range(40):
        tracker.feed(Lookup(time=number, client=f"10.1.0.{number}", name=NAME, type="A", rcode="NXDOMAIN"))
        assert tracker.quiet_count == max(0, number - 31)
    assert [report.phone.ip for report in tracker.finish(100, final=False)] == [f"10.1.0.{at}" for at in range(8, 40)]
