"""Checks that differ in their time alone: only counted, and all of them in the history."""

import json
from pathlib import Path

import pytest

from tests.server_logs.log_samples import HEADER, NAME, OFFER, audit, iis, iis_log, logs, write
from tests.stored_reports.report_samples import report


def days(count: int, begin: int = 1, **values: str) -> list[str]:
    """A row of the audit log at nine on so many days of 2025, 28 to a month."""
    return [
        audit(f"2025-{1 + day // 28:02}-{1 + day % 28:02} 09:00:00", **values)
        for day in range(begin - 1, begin - 1 + count)
    ]


def told(folder: Path, *rows: str) -> dict:  # type: ignore[type-arg]
    """The only phone of an audit log."""
    _, shown = logs(write(folder, NAME, "\n".join([HEADER, *rows])))
    (phone,) = shown["phones"]
    return phone  # type: ignore[no-any-return]


def kinds(phone: dict) -> list[str]:  # type: ignore[type-arg]
    return [seen["kind"] for seen in phone["observations"]]


def test_all_are_in_the_history_and_few_are_facts(tmp_path: Path) -> None:
    phone = told(tmp_path, *days(100))
    checks = phone["checks"]
    assert (checks["count"], len(checks["history"]), checks["interval"]) == (100, 100, 86400.0)
    assert [check["time"][:10] for check in checks["history"][:3]] == ["2025-01-01", "2025-01-02", "2025-01-03"]
    assert {check["result"] for check in checks["history"]} == {"nothing-newer"}
    assert checks["last"][:10] == "2025-04-16"
    assert kinds(phone).count("http") == 5
    (counted,) = [seen for seen in phone["observations"] if seen["kind"] == "repeated-checks"]
    assert (counted["count"], counted["time"][:10], counted["last_time"][:10]) == (95, "2025-01-03", "2025-04-13")


def test_few_are_all_facts(tmp_path: Path) -> None:
    assert "repeated-checks" not in kinds(told(tmp_path, *days(5)))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"offered": OFFER}, id="offer"),
        pytest.param({"requested": "CPE.nbt;1.0.522.102;2009"}, id="version"),
        pytest.param({"client": "10.0.5.8"}, id="address"),
    ],
)
def test_what_differs_is_a_fact_in_its_place(tmp_path: Path, other: dict[str, str]) -> None:
    rows = [*days(30), *days(1, 31, **other), *days(30, 32)]
    phone = told(tmp_path, *rows)
    history = phone["checks"]["history"]
    assert len(history) == 61
    name, value = {
        "offered": ("offered", "3.5.6907.35"),
        "requested": ("firmware", "1.0.522.102"),
        "client": ("client", "10.0.5.8"),
    }[next(iter(other))]
    assert [number for number, check in enumerate(history) if check[name] == value] == [30]
    assert [check["time"] for check in history] == sorted({check["time"] for check in history})
    assert kinds(phone).count("repeated-checks") == 2


def test_servers_that_take_turns_are_distinguished(tmp_path: Path) -> None:
    for server in (1, 2):
        rows = [row for number, row in enumerate(days(60)) if number % 2 == server - 1]
        write(tmp_path, f"RequestHandlerAuditLog_POOL0{server}_2025-01-01.log", "\n".join(rows))
    _, shown = logs(str(tmp_path))
    history = shown["phones"][0]["checks"]["history"]
    assert [check["server"] for check in history] == ["POOL01", "POOL02"] * 30


def test_requests_of_a_phone_that_was_refused_are_counted_by_outcome(tmp_path: Path) -> None:
    lines = [iis(f"2026-11-{day:02} 09:00:01", status="500 0 0" if day == 20 else "200 0 0") for day in range(1, 21)]
    _, shown = logs(write(tmp_path, "u.log", iis_log(*lines)))
    assert "19 of 20 requests to 10.0.0.20 succeeded" in shown["verdict"]["summary"]


@pytest.mark.parametrize("bad", [3, 20, 40])
def test_what_was_only_counted_succeeded_too(tmp_path: Path, bad: int) -> None:
    lines = [
        iis(f"2025-{1 + day // 28:02}-{1 + day % 28:02} 09:00:01", status="500 0 0" if day + 1 == bad else "200 0 0")
        for day in range(40)
    ]
    _, shown = logs(write(tmp_path, "u.log", iis_log(*lines)))
    texts = [finding["summary"] for finding in shown["phones"][0]["findings"]]
    assert any("39 of 40 requests to 10.0.0.20 succeeded" in text for text in texts)
    assert shown["phones"][0]["checks"]["count"] == 40
    assert [check["result"] for check in shown["phones"][0]["checks"]["history"]].count("failed") == 1


def test_a_phone_that_asks_again_and_again_within_minutes(tmp_path: Path) -> None:
    """Each answer ends a check, so each of these is one."""
    rows = [audit(f"2025-01-01 09:{minute:02}:00") for minute in range(60)]
    phone = told(tmp_path, *rows)
    assert (phone["checks"]["count"], len(phone["checks"]["history"])) == (60, 60)
    assert kinds(phone).count("http") == 5


def test_without_an_answer_what_follows_within_minutes_is_one_check(tmp_path: Path) -> None:
    lines = [iis(f"2026-11-{day:02} 09:0{minute}:01") for day in range(1, 21) for minute in (0, 2, 4)]
    _, shown = logs(write(tmp_path, "u.log", iis_log(*lines)))
    phone = shown["phones"][0]
    assert (phone["checks"]["count"], kinds(phone).count("http")) == (20, 15)


def test_a_log_and_its_copy_count_once(tmp_path: Path) -> None:
    for name in ("u_ex1.log", "u_ex1 - copy.log"):
        write(tmp_path, name, iis_log(iis(status="500 0 0"), iis("2026-11-28 09:00:01", status="500 0 0")))
    _, shown = logs(str(tmp_path))
    assert len(shown["phones"][0]["observations"]) == 2


def test_more_than_a_report_holds_are_counted(tmp_path: Path) -> None:
    rows = [
        audit(f"2025-{1 + day // 28:02}-{1 + day % 28:02} {hour:02}:00:00", client=f"10.0.{day % 200}.{hour}")
        for day in range(100)
        for hour in range(8)
    ]
    checks = told(tmp_path, *rows)["checks"]
    assert (checks["count"], len(checks["history"])) == (800, 400)
    assert checks["history"][0]["time"][:10] == "2025-02-23"


def test_judged_again_they_have_the_same_history(tmp_path: Path) -> None:
    log = write(tmp_path, NAME, "\n".join([*days(50), *days(30, 51, offered=OFFER)]))
    _, before = logs(log)
    (tmp_path / "a.json").write_text(json.dumps(before), encoding="utf-8")
    _, again = report(str(tmp_path / "a.json"), "--rejudge")
    assert again["phones"][0]["checks"] == before["phones"][0]["checks"]
