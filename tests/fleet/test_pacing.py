"""What spares the servers, where one loop asks."""

import select
import threading
import time
from dataclasses import replace
from functools import partial

import pytest

from tests.fleet.many import outcome_of, outcomes, probing, report_of
from tests.fleet.update_server import NONE_OFFERED, Answer, UpdateServer
from ucdiag.fleet.helpers import Helpers
from ucdiag.fleet.loop import Loop
from ucdiag.fleet.pacing import Hosts, Rate
from ucdiag.fleet.shapes import Shapes
from ucdiag.fleet.targets import Target
from ucdiag.model.observations import Connect, Http
from ucdiag.probe.plan import ServerOptions
from ucdiag.runtime.context import Context
from ucdiag.views.json_view import json_text

ADDRESS = "10.0.0.20"
OPENED = Connect(time=1, server=ADDRESS, port=80, outcome="open")
CLOSED = Connect(time=1, server=ADDRESS, port=443, outcome="refused")
ANSWERED = Http(time=1, server=ADDRESS, port=80, status=200, complete=True, purpose="update", seconds=0.01)


class Time:
    """A monotonic clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_so_many_begin_in_a_second() -> None:
    clock = Time()
    rate = Rate(4, clock)
    assert rate.seconds_to_next() == 0
    assert rate.seconds_to_next() == 0.25
    clock.at += 0.2
    assert rate.seconds_to_next() == pytest.approx(0.05)
    clock.at += 0.05
    assert (rate.seconds_to_next(), rate.seconds_to_next()) == (0, 0.25)
    clock.at += 60
    # What was not begun is not made up for.
    assert (rate.seconds_to_next(), rate.seconds_to_next()) == (0, 0.25)


def test_without_a_rate_all_begin_at_once() -> None:
    rate = Rate(None, Time())
    assert [rate.seconds_to_next() for _ in range(9)] == [0] * 9


def test_as_many_connections_are_opened_at_once_as_there_are_jobs() -> None:
    hosts = Hosts(2, monotonic=Time())
    assert [hosts.enter_at_once(ADDRESS) for _ in range(3)] == [100.0, 100.0, None]
    hosts.note_closed(ADDRESS, 100.0)
    assert hosts.enter_at_once(ADDRESS) == 100.0


@pytest.mark.parametrize("pauses", [False, True])
def test_who_waits_for_a_connection_has_it_when_another_is_closed(pauses: bool) -> None:
    comes = threading.Event()
    looks = 0

    def monotonic() -> float:
        nonlocal looks
        if threading.current_thread() is waiting:
            looks += 1
            comes.set()
        return 100.0

    hosts = Hosts(1, pause=0.0, monotonic=monotonic)
    waiting = threading.Thread(target=hosts.enter_when_free, args=(ADDRESS,), daemon=True)
    hosts.enter_when_free(ADDRESS)
    if pauses:
        # Its pause, of no time, is over at this moment.
        assert hosts.note_walk([replace(ANSWERED, status=503)], set()) == ADDRESS
    waiting.start()
    # From there until it waits nobody else can leave.
    assert comes.wait(60)
    assert waiting.is_alive()
    hosts.note_closed(ADDRESS, 100.0)
    waiting.join(20)
    assert not waiting.is_alive()
    assert looks == 2


def test_an_answer_that_takes_ever_longer_ends_the_asking_at_once() -> None:
    hosts = Hosts(4, monotonic=Time())
    hosts.enter_at_once(ADDRESS)
    for seconds in [0.1] * 8 + [0.2] * 8:
        hosts.note_usual(ADDRESS, 80, seconds)
    assert hosts.slowed == {}
    assert hosts.enter_at_once(ADDRESS) is not None
    for seconds in [0.5] * 8:
        hosts.note_usual(ADDRESS, 80, seconds)
    assert "more and more slowly" in hosts.slowed[ADDRESS]
    assert hosts.enter_at_once(ADDRESS) is None


@pytest.mark.parametrize(
    ("first", "then", "slower"),
    [
        (0.125, 0.375, False),
        (0.125, 0.376, True),
        (0.0625, 0.25, False),
        (0.0625, 0.251, True),
        (0.2, 0.5, False),
    ],
)
def test_slow_is_what_takes_more_than_three_times_as_long_and_a_quarter_of_a_second(
    first: float, then: float, slower: bool
) -> None:
    hosts = Hosts(4, monotonic=Time())
    hosts.enter_at_once(ADDRESS)
    # Of eight answers the fifth by its time counts.
    for seconds in [first] * 8 + [then] * 3:
        hosts.note_usual(ADDRESS, 80, seconds)
    assert hosts.slowed == {}
    hosts.note_usual(ADDRESS, 80, then)
    assert list(hosts.slowed) == ([ADDRESS] if slower else [])
    assert (hosts.enter_at_once(ADDRESS) is None) is slower


def test_so_many_helpers_work_at_once() -> None:
    begun, go_on = threading.Semaphore(0), threading.Event()

    def work(number: int) -> int:
        begun.release()
        go_on.wait(20)
        return threading.get_ident()

    helpers = Helpers(work, 2)
    for number in range(3):
        helpers.add_work(number)
    assert begun.acquire(timeout=20)
    assert begun.acquire(timeout=20)
    assert not begun.acquire(timeout=0.05)
    go_on.set()
    done: list[int] = []
    while len(done) < 3 and select.select([helpers.bell], [], [], 20)[0]:
        done += helpers.take_results()
    helpers.close()
    assert (len(done), len(set(done))) == (3, 2)


def test_a_helper_that_has_done_its_work_takes_the_next() -> None:
    before = set(threading.enumerate())
    helpers = Helpers(abs, 9)
    done: list[int] = []
    for number in range(3):
        helpers.add_work(number)
        assert select.select([helpers.bell], [], [], 20)[0]
        done += helpers.take_results()
    started = set(threading.enumerate()) - before
    helpers.close()
    assert (done, len(started)) == ([0, 1, 2], 1)
    for thread in started:
        thread.join(20)
        assert not thread.is_alive()


@pytest.mark.slow
def test_a_silent_server_is_asked_by_one_phone_before_the_others() -> None:
    with UpdateServer(seconds=60) as server:
        targets = [Target(line=n, mac=f"00:04:f2:00:00:{n:02x}") for n in range(8)]
        context = Context(timeout=0.5)
        made = outcomes(targets, partial(probing, context, ServerOptions(url=server.url)), jobs=8)
        asked = len(server.requests)
    assert {outcome.verdict.code for outcome in made} == {"http-no-answer"}
    # By the walk of each, which asks again what was silent beside others; and by the one of the loop.
    assert asked <= 2 * len(targets) + 1


@pytest.mark.slow
def test_a_reader_who_takes_long_makes_no_server_slow() -> None:
    hosts = Hosts(8)

    def answer(request: bytes, number: int) -> Answer:
        # So that some are under way while the results of others are taken.
        server.seconds = 0.12 if number % 2 else 0.01
        return 200, NONE_OFFERED, ""

    with UpdateServer(answer) as server:
        targets = [Target(line=n, mac=f"00:04:f2:00:00:{n:02x}") for n in range(60)]
        question_of = partial(probing, Context(timeout=5), ServerOptions(url=server.url))
        shapes = Shapes(question_of, lambda asked: json_text(report_of(asked)))
        asking = Loop(targets, shapes, outcome_of, 8, Rate(None), hosts)
        taken = []
        for some in asking.ask_targets():
            taken += some
            if len(taken) > 20:
                time.sleep(0.5)
    seconds = [outcome.report.phones[0].steps[4].seconds or 0 for outcome in taken]
    assert (len(seconds), len(server.requests), hosts.slowed) == (60, 60, {})
    assert sorted(seconds)[50] < 0.3


def test_what_goes_wrong_in_a_thread_ends_the_run() -> None:
    def observe(context: Context) -> None:
        raise RuntimeError("a bug")

    def question_of(target: Target) -> object:
        question = probing(Context(), ServerOptions(url="https://127.0.0.1:1/"), target)
        object.__setattr__(question, "observe", observe)
        return question

    with pytest.raises(RuntimeError, match="a bug"):
        outcomes([Target(line=1, mac="00:04:f2:00:00:01")], question_of)  # type: ignore[arg-type]
    assert threading.active_count() < 20


def test_a_port_that_is_closed_to_all_spares_no_server() -> None:
    """443 refuses whoever asks, while 80 answers: that is no matter of how many ask at once."""
    hosts = Hosts(4)
    hosts.enter_when_free(ADDRESS)
    assert hosts.note_walk([OPENED, ANSWERED, CLOSED], {ADDRESS}) == ADDRESS
    assert hosts.note_walk([OPENED, ANSWERED, CLOSED], set()) is None
    assert hosts.slowed == {}
    assert hosts.enter_at_once(ADDRESS) is not None
    # And it is no reason any more, beside others neither.
    assert hosts.note_walk([OPENED, ANSWERED, CLOSED], {ADDRESS}) is None
    assert hosts.slowed == {}


def test_a_server_that_takes_one_connection_alone_gets_one() -> None:
    hosts = Hosts(4)
    hosts.enter_when_free(ADDRESS)
    assert hosts.note_walk([replace(OPENED, outcome="refused")], {ADDRESS}) == ADDRESS
    assert hosts.note_walk([OPENED, ANSWERED, CLOSED], set()) is None
    assert hosts.slowed == {ADDRESS: "refused connections beside another one; it got one at a time"}
    assert hosts.enter_at_once(ADDRESS) is None
