"""Whether a phone applied what it fetched: by the version that it names afterwards."""

from collections.abc import Callable

import pytest

from tests.diagnosis.history import NEW, OLD, Life, module, request
from tests.diagnosis.story import SECOND, URL, codes, verdict
from ucdiag.diagnosis import applied_updates
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import UpdateFile

BARE = "http://pool01.contoso.com/files"
NEWEST = "4.0.7577.4387"
CAT = f"/{URL.split('/', 3)[3]}/CPE.cat"
APPLIED, NOT_APPLIED = "update-applied", "update-not-applied"
NO_UPDATE = "no-update-offered"


def fetched(**offer: object) -> Life:
    """A phone that was offered an update and fetched the whole file."""
    return Life().starts().checks(offered=NEW, **offer).gets()


def test_the_old_version_a_day_later_is_an_update_that_was_not_applied() -> None:
    report = fetched().hours(24).checks(offered=NEW).gets().wait(20).report()
    assert (verdict(report), codes(report)) == (("whole", None, None), {NOT_APPLIED})
    finding = next(finding for finding in report.findings if finding.code == NOT_APPLIED)
    assert finding.summary == f"the phone fetched the whole file of version {NEW} and asks as {OLD} again"
    assert all(line.frame for line in finding.evidence)


def test_the_new_version_a_day_later_is_an_update_that_was_applied() -> None:
    report = fetched().wait(400).has(NEW).starts().checks().wait(20).report()
    assert (verdict(report), codes(report)) == (("whole", None, None), {APPLIED, NO_UPDATE})
    finding = next(finding for finding in report.findings if finding.code == APPLIED)
    assert finding.summary == f"the phone fetched version {NEW} and asks as that version since"


@pytest.mark.parametrize(
    ("seconds", "port", "found"),
    [
        (3600, 0, set()),
        (3601.9, 0, set()),
        (1798.1, 0, set()),
        (14 * 3600, 0, set()),
        (3602.1, 0, {NOT_APPLIED}),
        (15 * 3600, 0, {NOT_APPLIED}),
        (24 * 3600, 0, {NOT_APPLIED}),
        (660, 0, {NOT_APPLIED}),
        (3600, 1, {NOT_APPLIED}),
    ],
)
def test_the_same_again_by_the_clock_of_another_zone_is_no_later_request(
    seconds: float, port: int, found: set[str]
) -> None:
    """As captures of both ends have it that were merged. Another port is another request."""
    life = fetched()
    for fact in life.fed:
        shifted = {"time": fact.time + round(seconds * SECOND), "frame": (fact.frame or 0) + 1000}
        own_port = getattr(fact, "client_port", None)
        if own_port is not None:
            shifted["client_port"] = own_port + port
        last_time = getattr(fact, "last_time", None)
        if last_time is not None:
            shifted["last_time"] = last_time + round(seconds * SECOND)
        life.engine.feed(replace(fact, **shifted))
    report = life.hours(30).report()
    assert codes(report) & {APPLIED, NOT_APPLIED} == found
    assert verdict(report)[0] == "whole"


def test_each_request_is_compared_with_those_of_its_own_port_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A phone may have asked thousands of times before its update and after it."""
    compared = []
    is_copy = applied_updates._is_copy
    monkeypatch.setattr(applied_updates, "_is_copy", lambda *pair: compared.append(pair) or is_copy(*pair))
    life = Life().starts()
    for _ in range(40):
        life.hours(1).checks()
    life.checks(offered=NEW).gets()
    for _ in range(40):
        life.hours(1).checks()
    assert NOT_APPLIED in codes(life.report())
    assert len(compared) <= 80


@pytest.mark.parametrize("now", [OLD, NEWEST])
def test_an_applied_update_that_is_gone_again_is_not_said_to_be_there(now: str) -> None:
    report = fetched().wait(400).has(NEW).starts().checks().hours(24).has(now).starts().checks().wait(20).report()
    finding = next(finding for finding in report.findings if finding.code == APPLIED)
    assert finding.summary == (f"the phone fetched version {NEW} and asked as that version; its last check names {now}")
    assert finding.evidence[-1].text == f"the last request names version {now}"


FOUND: dict[str, tuple[Callable[[], object], set[str]]] = {
    "restarted as the old version": (lambda: fetched().wait(100).starts().checks(), {NOT_APPLIED, NO_UPDATE}),
    "restarts in the microsecond in which it asks": (
        lambda: fetched().wait(100).starts().wait(-0.6).checks(),
        {NOT_APPLIED, NO_UPDATE},
    ),
    "restarts after it asked": (lambda: fetched().wait(100).starts().wait(-0.7).checks(), {NO_UPDATE}),
    "asks as the file ends": (
        lambda: fetched().wait(-0.3).has(NEW).checks().wait(60).has(OLD).checks(),
        {NO_UPDATE},
    ),
    "asks again after ten minutes": (lambda: fetched().wait(599.7).checks(), {NOT_APPLIED, NO_UPDATE}),
    "asks again just before": (lambda: fetched().wait(599.6).checks(), {NO_UPDATE}),
    "asks before another file ends": (
        lambda: fetched().wait(60).checks(offered=NEWEST).gets().wait(-0.4).has(NEW).checks(),
        {APPLIED, NO_UPDATE},
    ),
    "asks as another file ends": (
        lambda: fetched().wait(60).checks(offered=NEWEST).gets().wait(-0.3).has(NEW).checks(),
        {NO_UPDATE},
    ),
    "asks again at its sign-in": (lambda: fetched().wait(100).checks(), {NO_UPDATE}),
    "asks again at its sign-in, then as the new one": (
        lambda: fetched().wait(100).checks().wait(400).has(NEW).starts().checks(),
        {APPLIED, NO_UPDATE},
    ),
    "not idle for a day": (lambda: fetched().hours(24).checks().hours(1).has(NEW).checks(), {APPLIED, NO_UPDATE}),
    "fetched twice, applied the second time": (
        lambda: fetched().hours(24).checks(offered=NEW).gets().wait(400).has(NEW).starts().checks(),
        {APPLIED, NO_UPDATE},
    ),
    "applied and rolled back": (
        lambda: fetched().wait(400).has(NEW).starts().checks().hours(24).has(OLD).starts().checks(),
        {APPLIED, NO_UPDATE},
    ),
    "rolled back and fetched again": (
        lambda: fetched()
        .wait(400)
        .has(NEW)
        .checks()
        .hours(24)
        .has(OLD)
        .checks(offered=NEW)
        .gets()
        .hours(24)
        .checks(),
        {APPLIED, NO_UPDATE},
    ),
    "an older version, as it was told": (
        lambda: Life().has(NEW).starts().checks(offered=OLD).gets().wait(400).has(OLD).starts().checks(),
        {APPLIED, NO_UPDATE},
    ),
    "another version than it fetched": (lambda: fetched().hours(24).has(NEWEST).checks(), {NO_UPDATE}),
    "its version spelt otherwise": (lambda: fetched().hours(24).has("03.05.6907.035").checks(), {APPLIED, NO_UPDATE}),
    "the old version spelt otherwise": (
        lambda: fetched().hours(24).has("01.00.522.101").checks(),
        {NOT_APPLIED, NO_UPDATE},
    ),
    "only a part came": (
        lambda: Life().starts().checks(offered=NEW).gets(206, content_range="bytes 0-4999/20004").hours(24).checks(),
        {NO_UPDATE},
    ),
    "it broke off": (
        lambda: Life().starts().checks(offered=NEW).gets(200, complete=False, failure="reset").hours(24).checks(),
        {NO_UPDATE, "download-truncated"},
    ),
    "the signature alone": (
        lambda: Life().starts().checks(offered=NEW).gets(target=CAT).hours(24).checks(),
        {NO_UPDATE},
    ),
    "neither a name nor a version of what was offered": (
        lambda: fetched(files=(), version=None, internal=BARE, external=BARE).hours(24).checks(),
        {NO_UPDATE},
    ),
    "a file of which the offer does not have the name, beside another": (
        lambda: fetched(files=(UpdateFile(version=NEW), UpdateFile(name="Boot.nbt", version=NEW))).hours(24).checks(),
        {NO_UPDATE},
    ),
    "it had the file already": (
        lambda: Life().starts().checks(offered=NEW).gets(304, answer_bytes=0).hours(24).checks(),
        {NO_UPDATE},
    ),
    "fetched its own version": (lambda: Life().starts().checks(offered=OLD).gets().hours(24).checks(), {NO_UPDATE}),
    "the request names no version": (lambda: fetched(has=request()).hours(24).checks(), {NO_UPDATE}),
    "the later request names none": (lambda: fetched().hours(24).checks(has=request()), {NO_UPDATE}),
    "a log afterwards": (lambda: fetched().hours(1).uploads(), set()),
    "the capture ends": (lambda: fetched(), set()),
    "by stages": (
        lambda: fetched().hours(1).has(NEW).checks(offered=NEWEST).gets().hours(1).has(NEWEST).checks(),
        {APPLIED, NO_UPDATE},
    ),
    "the second stage was not applied": (
        lambda: fetched().hours(1).has(NEW).checks(offered=NEWEST).gets().hours(24).checks(),
        {APPLIED, NOT_APPLIED, NO_UPDATE},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_what_became_of_an_update(name: str) -> None:
    play, found = FOUND[name]
    phone = play()
    assert isinstance(phone, Life)
    report = phone.wait(20).report()
    assert verdict(report)[0] == "whole"
    assert codes(report) == found


def two(cpe: str, boot: str) -> str:
    return request(module(cpe), module(boot, "Boot.nbt"))


@pytest.mark.parametrize(
    ("later", "found"),
    [
        (two(OLD, "1.24.0.1"), {APPLIED}),
        (two(OLD, "1.23.0.1"), {NOT_APPLIED}),
        # The firmware was not fetched.
        (two(NEW, "1.23.0.1"), {NOT_APPLIED}),
        # It says nothing of the module.
        (request(module(OLD)), set()),
    ],
)
def test_a_second_module_counts_for_itself(later: str, found: set[str]) -> None:
    files = (UpdateFile(name="Boot.nbt", version="1.24.0.1"),)
    phone = Life().starts().checks(has=two(OLD, "1.23.0.1"), offered="1.24.0.1", files=files)
    phone.gets(target=CAT.replace("CPE.cat", "Boot.nbt")).hours(24).checks(has=later)
    report = phone.wait(20).report()
    assert (verdict(report)[0], codes(report)) == ("whole", {*found, NO_UPDATE})


def test_of_several_files_each_is_looked_at() -> None:
    files = (UpdateFile(name="CPE.nbt", version=NEW), UpdateFile(name="Boot.nbt", version="1.24.0.1"))
    phone = Life().starts().checks(has=two(OLD, "1.23.0.1"), offered=NEW, files=files)
    phone.gets().gets(target=CAT.replace("CPE.cat", "Boot.nbt")).hours(24).checks(has=two(NEW, "1.23.0.1"))
    report = phone.wait(20).report()
    assert codes(report) == {APPLIED, NOT_APPLIED, NO_UPDATE}


def test_a_path_that_breaks_later_does_not_hide_it() -> None:
    report = fetched().hours(24).fails().wait(20).report()
    assert (verdict(report)[2], codes(report)) == ("http-not-found", {"http-not-found", NOT_APPLIED})
