"""What a phone does over and over does not push its update checks out of memory, nor changes what is said of it."""

from tests.diagnosis.history import NEW, Life
from tests.diagnosis.story import MAC, PHONE, POOL, Story, codes, verdict
from ucdiag.diagnosis.engine import Engine
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phone_tracker import PhoneTracker
from ucdiag.diagnosis.routine_facts import without_routine
from ucdiag.model.observations import Dhcp, Observation
from ucdiag.model.report import PhoneReport


def week() -> Life:
    """Seven days of checks every day, renewals, other names, and an update on the second."""
    phone = Life().starts().checks()
    for day in range(7):
        for hour in range(24):
            phone.hours(1).asks("autodiscover.contoso.com", "NOERROR", "10.0.0.30", purpose=None)
            phone.asks("time.contoso.com", None, purpose=None)
            phone.connects(server="10.0.0.30", port=443).shakes(server="10.0.0.30")
            if hour % 4 == 0:
                phone.renews()
        if day == 1:
            phone.checks(offered=NEW).asks("pool01.contoso.com", "NOERROR", POOL, purpose=None).gets()
            phone.has(NEW)
        else:
            phone.checks()
    return phone


def judged(facts: list[Observation], at: int) -> PhoneReport:
    engine = Engine(DiagnosisOptions(from_capture=True))
    for fact in facts:
        engine.feed(fact)
    return engine.finish(at)


def test_what_is_left_says_the_same() -> None:
    phone = week()
    before, left = phone.report(), without_routine(phone.fed)
    after = judged(left, phone.time)
    assert len(left) < len(phone.fed) // 4
    assert (verdict(after), codes(after)) == (verdict(before), codes(before))
    assert (after.checks, [step.summary for step in after.steps]) == (before.checks, [s.summary for s in before.steps])


def test_what_is_left_is_in_its_order() -> None:
    phone = week()
    left = without_routine(phone.fed)
    assert left == [fact for fact in phone.fed if any(fact is other for other in left)]
    assert without_routine(left) == left


def dhcp_types(story: Story) -> list[str]:
    return [fact.type for fact in without_routine(story.fed) if isinstance(fact, Dhcp)]


def test_starts_and_what_was_not_answered_stay() -> None:
    phone = Life().starts()
    for number in range(20):
        phone.hours(1).dhcp("request", client_address=PHONE, transaction=500 + number)
    assert dhcp_types(phone) == ["discover", "offer", "request", "ack", *["request"] * 20]
    # A client that keeps its transaction.
    phone = Life().dhcp("discover", transaction=1).dhcp("offer", transaction=1).dhcp("request", transaction=1)
    for _ in range(20):
        phone.hours(1).dhcp("request", client_address=PHONE, transaction=1).dhcp("ack", transaction=1)
    assert len(dhcp_types(phone)) == 43


def test_the_latest_renewals_stay() -> None:
    phone = Life().starts()
    for _ in range(20):
        phone.hours(1).renews()
    assert dhcp_types(phone) == ["discover", "offer", "request", "ack", *["request", "ack"] * 8]


def test_a_tracker_knows_every_check_of_a_week() -> None:
    phone = week()
    tracker = PhoneTracker(DiagnosisOptions(from_capture=True))
    for fact in phone.fed:
        tracker.feed(fact)
    (report,) = tracker.finish(phone.time)
    assert report.checks is not None
    assert (report.checks.count, report.checks.power_ons, report.phone.mac) == (8, 1, MAC)
    assert len(report.observations) < 250
    assert tracker.problems() == ()
    assert {"update-applied"} <= codes(report)
