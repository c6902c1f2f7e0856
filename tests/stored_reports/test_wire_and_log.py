"""A capture and the server's logs of one phone: on one path, where they disagree, and where they only seem to."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.server_logs.log_samples import FILE, MAC, OFFER, audit, iis, iis_log, phones_of, write
from tests.stored_reports.report_samples import report, run

NINE = "11/27/2026 9:00:01 AM"
# Another phone, whose rows show that the log goes on.
OTHERS = (audit("11/27/2026 1:00:00 AM", mac="0004F2000001"), audit("11/27/2026 11:00:00 PM", mac="0004F2000001"))
WATCHED = {"kind": "extent", "time": "2026-11-27T06:00:00.000000Z", "end": "2026-11-27T20:00:00.000000Z"}


def wire(folder: Path, *rows: str, lines: tuple[str, ...] = (), extent: dict[str, Any] | None = None) -> str:
    """A report as of a capture, with the checks that these rows of logs stand for."""
    (folder / "wire").mkdir()
    names = [write(folder / "wire", "RequestHandlerAuditLog_P_2026-11-27.log", "\n".join(rows))] if rows else []
    names += [write(folder / "wire", "u.log", iis_log(*lines))] if lines else []
    data = json.loads(run("logs", *names, "--json")[1])
    data["source"], data["command"] = {"kind": "file", "name": "x.pcap", "packets": 9}, "capture"
    for phone in data["phones"]:
        phone["phone"]["mac"] = phone["phone"]["mac"] or MAC
        phone["observations"] += [extent] if extent else []
    (folder / "wire.json").write_text(json.dumps(data), encoding="utf-8")
    return str(folder / "wire.json")


def server(folder: Path, *rows: str, lines: tuple[str, ...] = ()) -> str:
    """A report of the server's logs with these rows."""
    (folder / "server").mkdir()
    names = [write(folder / "server", "RequestHandlerAuditLog_POOL01_2026-11-27.log", "\n".join(rows))] if rows else []
    names += [write(folder / "server", "u.log", iis_log(*lines))] if lines else []
    (folder / "server.json").write_text(run("logs", *names, "--json")[1], encoding="utf-8")
    return str(folder / "server.json")


def differences(*names: str) -> list[str]:
    """What is said of disagreements."""
    _, shown = report(*names)
    return [problem["text"] for problem in shown["problems"] if problem["code"] == "reports-differ"]


@pytest.mark.parametrize(
    ("on_the_wire", "in_the_log", "said"),
    [
        pytest.param([audit(NINE)], OTHERS, "name its logs too", id="no-row-of-this-phone"),
        pytest.param(
            [audit(NINE)], [*OTHERS, audit("11/26/2026 9:00:01 AM")], "1 request (at 2026-11-27 09:00:01", id="balancer"
        ),
        pytest.param([audit("11/27/2026 11:02:00 PM")], OTHERS, "is not in the server's log yet", id="flush-interval"),
        pytest.param(
            [audit("11/27/2026 10:58:00 PM")],
            OTHERS,
            "is not in the server's log yet",
            id="each-server-flushes-its-own",
        ),
        pytest.param(
            [audit(NINE, offered=OFFER)],
            [*OTHERS, audit(NINE)],
            "shows version 3.5.6907.35 offered at 2026-11-27 09:00:01 UTC, and the server's log nothing offered",
            id="another-answer",
        ),
        pytest.param(
            [audit(NINE)],
            [*OTHERS, audit(NINE, client="10.9.9.9")],
            "the server saw 10.9.9.9 ask, not 10.0.5.7",
            id="nat",
        ),
        pytest.param(
            [audit(NINE), audit("11/27/2026 9:20:00 AM")],
            [*OTHERS, audit("11/27/2026 11:00:01 AM"), audit("11/27/2026 11:20:00 AM")],
            "the same requests 2 h later than the wire",
            id="clock",
        ),
    ],
)
def test_where_they_disagree(tmp_path: Path, on_the_wire: list[str], in_the_log: list[str], said: str) -> None:
    (text,) = differences(wire(tmp_path, *on_the_wire), server(tmp_path, *in_the_log))
    assert said in text
    assert text.startswith(MAC)


def test_a_failure_that_the_server_does_not_know(tmp_path: Path) -> None:
    """A balancer answered for it."""
    names = wire(tmp_path, lines=(iis(status="503 0 0"),)), server(tmp_path, *OTHERS, audit(NINE))
    (text,) = differences(*names)
    assert "at 2026-11-27 09:00:01 UTC the wire shows http-unavailable, the server's log success" in text
    assert report(*names)[1]["verdict"]["code"] == "http-unavailable"


def test_a_request_that_the_capture_lacks(tmp_path: Path) -> None:
    row = audit("11/27/2026 3:00:00 PM")
    (text,) = differences(wire(tmp_path, audit(NINE), extent=WATCHED), server(tmp_path, *OTHERS, audit(NINE), row))
    assert "the capture does not show 1 request (at 2026-11-27 15:00:00 UTC)" in text


@pytest.mark.parametrize(
    ("on_the_wire", "in_the_log"),
    [
        pytest.param([audit(NINE)], [*OTHERS, audit("11/27/2026 9:00:02 AM")], id="the-same"),
        pytest.param([audit(NINE)], [audit("11/25/2026 9:00:01 AM")], id="the-log-ends-before"),
        pytest.param([audit(NINE)], [audit("11/28/2026 9:00:01 AM")], id="the-log-begins-after"),
        pytest.param([audit(NINE)], [*OTHERS, audit(NINE), audit("11/27/2026 3:00:00 PM")], id="the-capture-ended"),
        pytest.param(
            [audit(NINE), audit("11/28/2026 9:00:01 AM")],
            [audit("11/25/2026 9:00:01 AM"), audit("11/26/2026 9:00:01 AM")],
            id="other-days",
        ),
    ],
)
def test_where_they_do_not(tmp_path: Path, on_the_wire: list[str], in_the_log: list[str]) -> None:
    assert differences(wire(tmp_path, *on_the_wire), server(tmp_path, *in_the_log)) == []


def test_a_capture_with_gaps_lacks_what_it_lacks(tmp_path: Path) -> None:
    extent = {**WATCHED, "lost": 5}
    row = audit("11/27/2026 3:00:00 PM")
    assert differences(wire(tmp_path, audit(NINE), extent=extent), server(tmp_path, *OTHERS, audit(NINE), row)) == []


def test_an_older_failure_in_the_log_is_no_disagreement(tmp_path: Path) -> None:
    """It was mended since: the phone counts as it stands now."""
    broken = (iis("2026-11-26 09:00:01", status="500 0 0"),)
    names = wire(tmp_path, audit(NINE)), server(tmp_path, *OTHERS[:1], audit("11/25/2026 9:00:01 AM"), lines=broken)
    assert differences(*names) == []
    phone = phones_of(report(*names)[1])[MAC]
    assert phone["verdict"]["status"] == "whole"


def test_what_the_audit_log_does_not_know_the_wire_does(tmp_path: Path) -> None:
    """The audit log alone does not tell whether a file arrived."""
    fetched = (iis("2026-11-27 09:00:03", method="GET", target=FILE),)
    names = (
        wire(tmp_path, audit(NINE, offered=OFFER), lines=fetched),
        server(tmp_path, *OTHERS, audit(NINE, offered=OFFER)),
    )
    assert differences(*names) == []
    phone = phones_of(report(*names)[1])[MAC]
    assert (phone["verdict"]["status"], phone["findings"]) == ("whole", [])
    assert phone["steps"][6]["status"] == "ok"


def test_a_check_that_one_has_is_not_overdue_for_the_other(tmp_path: Path) -> None:
    late = audit("11/29/2026 9:00:01 AM", mac="0004F2000001")
    names = wire(tmp_path, audit("11/28/2026 9:00:01 AM")), server(tmp_path, *OTHERS, audit(NINE), late)
    phone = phones_of(report(*names)[1])[MAC]
    assert "check-overdue" not in [finding["code"] for finding in phone["findings"]]


def test_a_failure_on_the_wire_that_a_later_row_of_the_log_mends(tmp_path: Path) -> None:
    names = (
        wire(tmp_path, lines=(iis(status="503 0 0"),)),
        server(tmp_path, *OTHERS, audit("11/27/2026 3:00:00 PM")),
    )
    phone = phones_of(report(*names)[1])[MAC]
    assert (phone["verdict"]["status"], phone["verdict"]["code"]) == ("whole", "no-update-offered")
    assert [finding["code"] for finding in phone["findings"]] == ["no-update-offered"]
    assert {step["status"] for step in phone["steps"][4:]} == {"ok", "not-needed"}


def test_a_phone_that_the_logs_know_by_its_address_alone(tmp_path: Path) -> None:
    names = (
        wire(tmp_path, audit(NINE, offered=OFFER)),
        server(
            tmp_path,
            lines=(
                iis(),
                iis("2026-11-27 09:00:03", method="GET", target=FILE, status="404 0 2"),
                iis(client="10.1.1.1"),
            ),
        ),
    )
    _, shown = report(*names)
    phones = phones_of(shown)
    assert set(phones) == {MAC, "10.1.1.1"}
    assert phones[MAC]["verdict"]["code"] == "download-not-found"
    assert phones[MAC]["steps"][6]["summary"].startswith("The server's log: ")


def _failed_at_dns(folder: Path, *, checked: bool) -> str:
    """A report as of a capture in which the phone fails at step 2, and perhaps counts a check."""
    path = wire(folder, audit(NINE), extent=WATCHED)
    data = json.loads(Path(path).read_text(encoding="utf-8"))
    (phone,) = data["phones"]
    phone["verdict"] = {"status": "broken", "step": "dns", "code": "dns-r2-missing", "summary": "It does not exist."}
    for step in phone["steps"][1:]:
        step["status"], step["summary"] = ("failed" if step["step"] == "dns" else "not-reached"), "It does not exist."
    if not checked:
        phone["checks"] = {**phone["checks"], "count": 0, "last": None, "history": []}
    Path(path).write_text(json.dumps(data), encoding="utf-8")
    return path


@pytest.mark.parametrize("checked", [True, False])
def test_a_failure_before_the_request_that_a_later_row_of_the_log_mends(tmp_path: Path, checked: bool) -> None:
    captured = _failed_at_dns(tmp_path, checked=checked)
    code, shown = report(captured, server(tmp_path, audit("11/28/2026 9:00:01 AM")))
    (phone,) = phones_of(shown).values()
    assert (code, phone["verdict"]["status"]) == (0, "whole")
    steps = {step["step"]: step for step in phone["steps"]}
    assert (steps["dns"]["status"], steps["dns"]["summary"]) == ("warning", "At an earlier check: It does not exist.")
    assert steps["connect"]["status"] == "not-seen"


def test_a_failure_before_the_request_that_only_an_older_row_contradicts(tmp_path: Path) -> None:
    captured = _failed_at_dns(tmp_path, checked=False)
    code, shown = report(captured, server(tmp_path, audit("11/27/2026 9:00:01 AM")))
    (phone,) = phones_of(shown).values()
    assert (code, phone["verdict"]["code"]) == (1, "dns-r2-missing")
    assert [step["status"] for step in phone["steps"]][1] == "failed"


# What IIS logged of an address by which a phone was captured at nine, and whether it is that phone.
_REFUSED = "500 0 0"
_ADDRESSES = {
    "the same moment": ("10.0.5.7", "2026-11-27 09:00:01", True),
    "some seconds later": ("10.0.5.7", "2026-11-27 09:00:40", True),
    "another time": ("10.0.5.7", "2026-11-27 15:00:00", False),
    "another day at the same time": ("10.0.5.7", "2026-11-28 09:00:01", False),
    "of a private range of carriers": ("100.64.5.7", "2026-11-27 15:00:00", False),
    "IPv6 of a site": ("fd00::7", "2026-11-27 15:00:00", False),
    "of the whole world": ("8.8.5.7", "2026-11-27 15:00:00", True),
    "IPv6 of the whole world": ("2a00::7", "2026-11-27 15:00:00", True),
}


@pytest.mark.parametrize(("address", "time", "same"), _ADDRESSES.values(), ids=list(_ADDRESSES))
@pytest.mark.parametrize("log_first", [False, True])
def test_the_same_address_in_two_branches(tmp_path: Path, address: str, time: str, same: bool, log_first: bool) -> None:
    """A private address is in many branches: only a request that both have proves that it is the same phone."""
    names = [
        wire(tmp_path, audit(NINE, client=address)),
        server(tmp_path, lines=(iis(time, client=address, status=_REFUSED),)),
    ]
    _, shown = report(*(reversed(names) if log_first else names))
    phones = phones_of(shown)
    assert set(phones) == ({MAC} if same else {MAC, address})
    assert phones[MAC]["verdict"]["status"] == ("broken" if same else "whole")
    if not same:
        assert phones[address]["verdict"]["code"] == "http-server-error"


def test_two_branches_log_the_same_address_at_the_same_moment(tmp_path: Path) -> None:
    """Which of the two is the phone that was captured is not known: none is taken for it."""
    logged = [
        server(tmp_path / name, lines=(iis(status=_REFUSED),)) for name in ("a", "b") if not (tmp_path / name).mkdir()
    ]
    for name, path in zip(("berlin", "bremen"), logged, strict=True):
        Path(path).rename(tmp_path / f"{name}.json")
    _, shown = report(wire(tmp_path, audit(NINE)), str(tmp_path / "berlin.json"), str(tmp_path / "bremen.json"))
    statuses = [(phone["phone"]["mac"], phone["verdict"]["status"]) for phone in shown["phones"]]
    assert statuses == [(MAC, "whole"), (None, "broken"), (None, "broken")]


@pytest.mark.parametrize("known", [True, False])
def test_a_request_that_another_server_of_the_pool_logged(tmp_path: Path, known: bool) -> None:
    """Each server's logs are a report of their own, of which the latest counts: the other's rows are no less logged."""
    rows = {"one": [*OTHERS, audit("11/27/2026 3:00:00 PM")], "two": [*OTHERS, audit(NINE)] if known else OTHERS}
    names = []
    for name, of_server in rows.items():
        (tmp_path / name).mkdir()
        names.append(server(tmp_path / name, *of_server))
    said = differences(wire(tmp_path, audit(NINE)), *names)
    assert ["1 request (at 2026-11-27 09:00:01 UTC)" in text for text in said] == [True] * (not known)
