"""The log of one phone's observations: by kind, by time, bounded."""

from ucdiag.diagnosis.observation_log import MOST, ObservationLog, once_a_log
from ucdiag.model.observations import Connect, Extent, Lookup, Observation


def connect(time: int, frame: int | None = None) -> Connect:
    return Connect(time=time, frame=frame, server="10.0.0.20", port=80, outcome="open")


def lookup(time: int) -> Lookup:
    return Lookup(time=time, name="a", type="A", rcode="NOERROR")


def logged(*observations: Observation) -> ObservationLog:
    log = ObservationLog()
    for observation in observations:
        log.add(observation)
    return log


def test_each_kind_is_in_the_order_of_time_and_frames() -> None:
    log = logged(connect(3, 9), lookup(1), connect(2), connect(3, 8))
    assert [(fact.time, fact.frame) for fact in log.of_kind(Connect)] == [(2, None), (3, 8), (3, 9)]
    assert [fact.time for fact in log.of_kind(Lookup)] == [1]
    assert log.of_kind(Extent) == []
    assert [fact.time for fact in log.all_facts()] == [1, 2, 3, 3]


def test_what_is_asked_for_may_be_changed_by_who_asked() -> None:
    log = logged(connect(1))
    log.of_kind(Connect).clear()
    assert len(log.of_kind(Connect)) == 1


def test_what_comes_later_is_there_when_it_is_asked_for_again() -> None:
    log = logged(connect(1))
    assert len(log.of_kind(Connect)) == 1
    log.add(connect(2))
    assert len(log.of_kind(Connect)) == 2


def test_of_each_kind_the_latest_are_kept_and_the_others_counted() -> None:
    log = logged(*(connect(time) for time in range(MOST)), lookup(0))
    assert log.forgotten == 0
    log.add(connect(MOST))
    log.add(connect(MOST + 1))
    assert log.forgotten == 2
    assert [fact.time for fact in log.of_kind(Connect)] == list(range(2, MOST + 2))
    assert len(log.of_kind(Lookup)) == 1


def test_the_last_extent_counts() -> None:
    assert logged(connect(1)).extent is None
    log = logged(Extent(time=1, end=2, packets=3), Extent(time=1, end=5, packets=9))
    assert log.extent is not None
    assert log.extent.packets == 9


def test_what_is_made_of_a_log_is_made_once_until_more_is_added() -> None:
    asked: list[int] = []

    @once_a_log
    def every(history: ObservationLog) -> int:
        asked.append(1)
        return len(history.all_facts())

    log = logged(connect(1))
    assert (every(log), every(log)) == (1, 1)
    assert len(asked) == 1
    log.add(connect(2))
    assert every(log) == 2
    assert every(logged()) == 0
