"""What is kept of one host: how much, and who it may be."""

import pytest

from ucdiag.diagnosis.kept_host import ROUTINE, KeptHost
from ucdiag.model.observations import Connect, Observation

MACS = [f"00:04:f2:00:00:0{number}" for number in range(6)]


def facts(*times: int) -> list[Observation]:
    return [Connect(time=time, server="10.0.0.20", port=80, outcome="open") for time in times]


def host(*times: int, **more: object) -> KeptHost:
    return KeptHost(facts(*times), **more)  # type: ignore[arg-type]


def test_a_host_begins_as_a_stranger() -> None:
    new = KeptHost()
    assert (new.kept, new.most, new.routine_at, new.macs) == ([], 48, ROUTINE, set())
    assert (new.is_phone, new.did_more, new.claimed_identities) == (False, False, {})


@pytest.mark.parametrize(
    ("claimed", "several"),
    [
        ([], []),
        (MACS[:1], []),
        (MACS[:2], MACS[:2]),
        (["serial A"], []),
        (["serial A", "serial B"], ["serial A", "serial B"]),
        # One that leaves out its MAC address now and then is no other one.
        (["serial A", MACS[0]], []),
        (["serial A", "serial B", MACS[0]], []),
        (["serial A", MACS[0], MACS[1]], MACS[:2]),
    ],
)
def test_who_spoke_from_there_where_there_are_several(claimed: list[str], several: list[str]) -> None:
    one = KeptHost()
    for name in [*claimed, *claimed]:
        one.note_identity(name)
    assert one.identities_behind_nat() == several


def test_four_addresses_of_frames_are_believed() -> None:
    one = KeptHost()
    assert [one.carried_by(mac) for mac in MACS] == [True] * 4 + [False] * 2
    assert one.macs == set(MACS[:4])
    assert [one.carried_by(mac) for mac in MACS] == [True] * 4 + [False] * 2


@pytest.mark.parametrize(("most", "left"), [(5, [1, 2, 3]), (3, [1, 2, 3]), (2, [2, 3]), (1, [3])])
def test_the_latest_facts_stay(most: int, left: list[int]) -> None:
    one = host(1, 2, 3)
    one.limit_facts(most)
    assert (one.most, [fact.time for fact in one.kept], one.is_phone) == (most, left, False)
    other = host(1, 2, 3)
    other.mark_as_phone(most)
    assert (other.most, [fact.time for fact in other.kept], other.is_phone) == (most, left, True)


def test_what_is_kept_of_the_same_host_twice_is_one() -> None:
    one = host(1, 2, most=4, macs={MACS[0], MACS[1], MACS[2]}, claimed_identities={"serial A": None})
    later = host(3, 4, most=3, macs={MACS[5], MACS[4]}, claimed_identities={"serial B": None, "serial A": None})
    one.join_later(later)
    assert [fact.time for fact in one.kept] == [1, 2, 3, 4]
    assert one.macs == {*MACS[:3], MACS[4]}
    assert list(one.claimed_identities) == ["serial A", "serial B"]
    assert (one.most, one.is_phone, one.did_more) == (4, False, False)


@pytest.mark.parametrize("name", ["is_phone", "did_more"])
@pytest.mark.parametrize(("first", "second"), [(True, False), (False, True), (True, True)])
def test_it_is_what_either_was(name: str, first: bool, second: bool) -> None:
    one, later = host(1, **{name: first}), host(2, **{name: second})
    one.join_later(later)
    assert getattr(one, name) is True
    assert (one.is_phone, one.did_more) == (name == "is_phone", name == "did_more")


def test_the_greater_limit_holds() -> None:
    one = host(1, 2, 3, most=3)
    one.join_later(host(4, 5, 6, most=5))
    assert (one.most, [fact.time for fact in one.kept]) == (5, [2, 3, 4, 5, 6])


def test_a_host_as_plain_values_is_the_same() -> None:
    one = host(
        1,
        2,
        most=7,
        routine_at=99,
        macs={MACS[0]},
        is_phone=True,
        did_more=False,
        claimed_identities={"serial A": None},
    )
    assert KeptHost.unpacked(one.packed()) == one
    other = host(3, did_more=True)
    assert KeptHost.unpacked(other.packed()) == other
