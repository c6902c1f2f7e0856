"""``ucdiag report``: shown again, judged again, merged, compared, held against what should be."""

import io
import json
import os
import sys
import zipfile
from pathlib import Path
from typing import ClassVar

import pytest
from click.testing import CliRunner

from tests import deep_folders
from tests.bench.traffic import dhcp, ethernet, ipv4, tcp, udp
from tests.server_logs.log_samples import FILE, MAC, NAME, OFFER, audit, iis, iis_log, phones_of, problem_codes, write
from tests.stored_reports.report_samples import report, run, store, stored_text
from tests.wire.ladder import POOL_MAC, SECOND, START, Ladder
from tests.wire.wired import NOTHING_NEWER, POOL, POST, frames
from tests.wire.wired import write as write_capture
from ucdiag.cli.main import cli
from ucdiag.lab.scenarios import SCENARIOS
from ucdiag.stored_reports import report_files

OTHER = "00:04:f2:aa:bb:cd"
REFUSED_MAC = bytes.fromhex(OTHER.replace(":", ""))


def broken(folder: Path, name: str, *, finished: int | None = None) -> Path:
    """The report of a phone whose file is not there."""
    (folder / "logs").mkdir(exist_ok=True)
    log = write(folder / "logs", f"RequestHandlerAuditLog_P_2026-11-27_{name}.log", audit(offered=OFFER))
    web = write(
        folder / "logs",
        f"u_ex_{name}.log",
        iis_log(iis("2026-11-27 09:00:03", method="GET", target=FILE, status="404 0 2")),
    )
    _, out = run("logs", log, web, "--json")
    data = json.loads(out)
    if finished is not None:
        data["finished"] = f"2026-11-{finished:02}T10:00:00.000000Z"
    (folder / name).write_text(json.dumps(data), encoding="utf-8")
    return folder / name


def test_one_report_is_shown_as_it_was(tmp_path: Path) -> None:
    path = store(tmp_path, "a.json")
    code, shown = report(str(path))
    assert code == 0
    assert shown == stored_text(path)


def test_a_report_of_an_older_version_keeps_its_words(tmp_path: Path) -> None:
    path = store(tmp_path, "a.json")
    data = stored_text(path)
    data["ucdiag"], data["new_key"] = "0.0.1", 1
    data["verdict"]["summary"] = "What it said then."
    path.write_text(json.dumps(data), encoding="utf-8")
    _, shown = report(str(path))
    assert (shown["ucdiag"], shown["verdict"]["summary"]) == ("0.0.1", "What it said then.")


LAB = [name for name in SCENARIOS if name.startswith(("dns-", "http-", "download-", "response-", "ok"))][:12]


@pytest.mark.slow
@pytest.mark.parametrize("name", LAB)
def test_judged_again_is_judged_the_same(tmp_path: Path, name: str) -> None:
    _, out = run("lab", name, "--json")
    path = tmp_path / "a.json"
    path.write_text(out, encoding="utf-8")
    before = json.loads(out)
    _, again = report(str(path), "--rejudge")
    verdicts = [(phone["verdict"]["status"], phone["verdict"]["code"]) for phone in before["phones"]]
    assert [(phone["verdict"]["status"], phone["verdict"]["code"]) for phone in again["phones"]] == verdicts
    steps = [[step["status"] for step in phone["steps"]] for phone in before["phones"]]
    assert [[step["status"] for step in phone["steps"]] for phone in again["phones"]] == steps


def test_judged_again_by_todays_catalogue(tmp_path: Path) -> None:
    path = store(tmp_path, "a.json")
    data = stored_text(path)
    data["phones"][0]["verdict"] = {"status": "broken", "step": "dns", "code": "dns-r2-missing", "summary": "wrong"}
    data["verdict"] = data["phones"][0]["verdict"]
    path.write_text(json.dumps(data), encoding="utf-8")
    assert report(str(path))[0] == 1
    code, shown = report(str(path), "--rejudge")
    assert (code, shown["verdict"]["code"]) == (0, "no-update-offered")


def test_sites_are_merged_and_named(tmp_path: Path) -> None:
    store(tmp_path, "branch01.json")
    broken(tmp_path, "branch02.json")
    data = stored_text(tmp_path / "branch02.json")
    data["phones"][0]["phone"]["mac"] = OTHER
    (tmp_path / "branch02.json").write_text(json.dumps(data), encoding="utf-8")
    code, shown = report(str(tmp_path))
    assert (code, shown["verdict"]["code"]) == (1, "download-not-found")
    assert shown["command"] == "report"
    assert {key: phone["phone"]["site"] for key, phone in phones_of(shown).items()} == {
        MAC: "branch01",
        OTHER: "branch02",
    }


def test_text_names_sites_and_models(tmp_path: Path) -> None:
    store(tmp_path, "branch01.json", audit(mac=OTHER))
    broken(tmp_path, "branch02.json")
    _, text = run("report", str(tmp_path))
    assert "branch01: 1 of 1 phone through" in text
    assert "branch02: 0 of 1 phone through" in text
    assert "Polycom CX700: 1 of 2 phones through" in text


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty sites: two phones that cannot fetch their file, one without its record, the others whole."""
    folder = tmp_path_factory.mktemp("sites")
    for number in range(20):
        name = f"branch{number:02}.json"
        if number < 2:
            broken(folder, name)
        else:
            store(folder, name)
        data = stored_text(folder / name)
        data["phones"][0]["phone"]["mac"] = f"00:04:f2:aa:00:{number:02x}"
        if number == 2:
            _, out = run("lab", "dns-r2-missing", "--json")
            lab = json.loads(out)["phones"][0]
            data["phones"][0] |= {key: lab[key] for key in ("verdict", "steps", "findings")}
        (folder / name).write_text(json.dumps(data), encoding="utf-8")
    return folder


def test_what_mends_the_most_comes_first(sites: Path) -> None:
    _, text = run("report", str(sites))
    head, causes = text.split("FAILED at step", 1)
    first, second = head.index("2 phones: "), head.index("1 phone: ")
    assert head.index("What fixes the most:") < first < second
    assert "[download-not-found]" in head[first:second]
    assert "[dns-r2-missing]" in head[second:]
    assert "site branch00" in causes


def test_of_many_sites_the_worst_are_shown(sites: Path) -> None:
    _, text = run("report", str(sites))
    assert "17 of 20 sites are whole:" in text
    assert "branch01: 0 of 1 phone through" in text
    assert "10 more sites: -f html shows all" in text
    assert "branch19: " not in text


def test_the_page_for_the_manager(sites: Path) -> None:
    _, page = run("report", str(sites), "-f", "html")
    first = page.index("What to do first")
    heads = ("<b>2 phones</b>", "<b>1 phone</b>", ">Models<", ">Sites<", "All 20 sites")
    order = [page.index(head, first) for head in heads]
    assert order == sorted(order)
    assert page.count('<th scope="row">branch') == 10 + 20
    assert page.count("<td>branch") == 20  # in the table of phones
    assert "Polycom CX700</th><td>20</td>" in page


def test_markdown_names_sites_and_models(sites: Path) -> None:
    _, text = run("report", str(sites), "-f", "markdown")
    assert "1. 2 phones: " in text
    assert "| branch00 | 1 | 1 |" in text
    assert "| Polycom CX700 | 20 | 3 |" in text


def test_csv_has_a_column_for_the_site(sites: Path) -> None:
    import csv

    rows = list(csv.DictReader(run("report", str(sites), "-f", "csv")[1].splitlines()))
    assert {row["site"] for row in rows if row["row"] == "phone"} == {f"branch{number:02}" for number in range(20)}


@pytest.mark.parametrize("format_", ["text", "short", "html", "csv", "markdown", "junit", "nagios", "prometheus"])
def test_many_reports_are_shown_as_few_are(
    tmp_path: Path, sites: Path, monkeypatch: pytest.MonkeyPatch, format_: str
) -> None:
    """Of many the observations are left out where no format shows them."""
    import re

    from ucdiag.cli import report as command

    shown = [run("report", str(sites), "-f", format_)[1]]
    monkeypatch.setattr(command, "_MANY", 5)
    shown.append(run("report", str(sites), "-f", format_)[1])
    few, many = (re.sub(r"20\d\d-\S+ ?`?[\d:.]+`?|20\d\d-[\dT:.Z-]+|\d+\.\d{3,}", "", text) for text in shown)
    assert many == few


def test_many_reports_in_json_are_whole(sites: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ucdiag.cli import report as command

    few = report(str(sites))[1]["phones"]
    monkeypatch.setattr(command, "_MANY", 5)
    many = report(str(sites))[1]["phones"]
    assert many == few
    assert all(phone["observations"] for phone in many)


@pytest.mark.parametrize(
    ("words", "full", "times"),
    [([], False, 1), (["-f", "csv"], False, 1), ([], True, 2), (["-v"], False, 2), (["--json"], False, 2)],
    ids=["text", "csv", "no room", "verbose", "json"],
)
def test_many_reports_are_read_once_where_no_observation_is_shown(
    sites: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], full: bool, times: int
) -> None:
    """Twice, with the same result, where no temporary file takes them."""
    from ucdiag.cli import kept_phones
    from ucdiag.cli import report as command
    from ucdiag.stored_reports import report_files

    def refused(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(command, "_MANY", 5)
    count = 0
    loads = json.loads

    def counted(text: bytes | str) -> object:
        nonlocal count
        # Text is what the program's own temporary file holds.
        count += isinstance(text, bytes)
        return loads(text)

    expected = run("report", str(sites), *words)[0]
    monkeypatch.setattr(report_files.json, "loads", counted)
    if full:
        monkeypatch.setattr(kept_phones.pickle, "dump", refused)
    assert run("report", str(sites), *words)[0] == expected
    assert count == times * len(list(sites.glob("*.json")))


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_phone_counts_once_as_it_stands_now(tmp_path: Path, newest_first: bool) -> None:
    days = (28, 27) if newest_first else (27, 28)
    old, new = ("b.json", "a.json") if newest_first else ("a.json", "b.json")
    broken(tmp_path, old, finished=min(days))
    store(tmp_path, new, finished=max(days))
    code, shown = report(str(tmp_path))
    assert (code, len(shown["phones"])) == (0, 1)


@pytest.mark.parametrize("kind", ["logs", "file", "live"])
@pytest.mark.parametrize("newest_first", [True, False])
def test_what_was_captured_or_logged_earlier_is_older_whenever_it_was_read(
    tmp_path: Path, newest_first: bool, kind: str
) -> None:
    """A phone broke on the 27th, and the files of the 26th were read after those of the 27th."""
    old, new = ("b.json", "a.json") if newest_first else ("a.json", "b.json")
    store(tmp_path, old, audit("11/26/2026 9:00:01 AM"), finished=30)
    broken(tmp_path, new, finished=28)
    for name in (old, new):
        data = stored_text(tmp_path / name)
        data["source"]["kind"] = kind
        (tmp_path / name).write_text(json.dumps(data), encoding="utf-8")
    assert report(str(tmp_path))[1]["verdict"]["code"] == "download-not-found"
    (tmp_path / "before").mkdir()
    store(tmp_path / "before", "a.json", finished=26)
    text = run("report", "--diff", str(tmp_path / "before"), str(tmp_path))[1]
    assert "broken [download-not-found]" in text


@pytest.mark.parametrize(("end", "status"), [("2026-11-28T09:00:00.000000Z", "unknown"), (None, "broken")])
def test_a_capture_without_a_check_is_of_its_end(tmp_path: Path, end: str | None, status: str) -> None:
    path = store(tmp_path, "a.json", finished=25)
    data = stored_text(path)
    data["source"]["kind"] = "file"
    (phone,) = data["phones"]
    phone["checks"] = None
    phone["verdict"] = {"status": "unknown", "step": None, "code": "dns-not-asked", "summary": "It did not ask."}
    if end is not None:
        phone["observations"] = [{"kind": "extent", "time": "2026-11-28T08:00:00.000000Z", "end": end}]
    path.write_text(json.dumps(data), encoding="utf-8")
    other = stored_text(broken(tmp_path, "b.json", finished=27))
    other["source"]["kind"] = "file"
    (tmp_path / "b.json").write_text(json.dumps(other), encoding="utf-8")
    assert report(str(tmp_path))[1]["verdict"]["status"] == status


def test_a_journal_holds_a_report_a_line(tmp_path: Path) -> None:
    one, two = store(tmp_path, "a.json"), store(tmp_path, "b.json", audit(mac=OTHER))
    journal = tmp_path / "j" / "all.ndjson"
    journal.parent.mkdir()
    lines = [json.dumps(stored_text(path)) for path in (one, two)]
    journal.write_text("\n".join([*lines, '{"schema": "ucdiag.rep']), encoding="utf-8")
    _, shown = report(str(journal))
    assert set(phones_of(shown)) == {MAC, OTHER}
    assert problem_codes(shown) == ["report-unreadable"]
    assert "line 3" in shown["problems"][0]["text"]


def test_a_bundle_holds_its_report(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("report.json", store(tmp_path, "a.json").read_text(encoding="utf-8"))
        archive.writestr("report.txt", "text")
    _, shown = report(str(tmp_path / "x.zip"))
    assert set(phones_of(shown)) == {MAC}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_indented_reports(tmp_path: Path, encoding: str) -> None:
    path = store(tmp_path, "a.json")
    path.write_text(json.dumps(stored_text(path), indent=2), encoding=encoding)
    assert report(str(path))[0] == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is empty"),
        ("hello", "it is no JSON"),
        ("#Software: Microsoft Internet Information Services 8.5\n#Version: 1.0\n", "to be given to 'ucdiag logs'"),
        ("\ufeffLogging DateTime,User Host Address\n", "to be given to 'ucdiag logs'"),
        ("[" * 100_000, "it is no JSON"),
        ("[]", "it is no report of ucdiag"),
        ('{"schema": "other/1"}', "it is no report of ucdiag"),
        (
            '{"schema": "ucdiag.report/2"}',
            "by another version of ucdiag, as ucdiag.report/2, and this one reads ucdiag.report/1",
        ),
        ('{"schema": "ucdiag.phones/1"}', "but its ucdiag.phones/1, which holds no report"),
        ('{"schema": "ucdiag.report/1"}', "its report cannot be read: it lacks ucdiag, command,"),
        ('{"schema": "ucdiag.report/1", "phones": 5}', "its report cannot be read"),
    ],
)
def test_what_is_no_report_is_named(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "bad.json").write_text(text, encoding="utf-8")
    code, shown = report(str(tmp_path / "bad.json"))
    assert (code, shown["verdict"]["code"]) == (3, "report-unreadable")
    assert why in shown["verdict"]["summary"]
    assert "__init__" not in shown["verdict"]["summary"]


def test_others_count_beside_one_that_cannot_be_read(tmp_path: Path) -> None:
    store(tmp_path, "a.json")
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    code, shown = report(str(tmp_path / "a.json"), str(tmp_path / "bad.json"))
    assert code == 3  # not all was read
    assert shown["phones"]


def test_a_folder_without_reports(tmp_path: Path) -> None:
    code, shown = report(str(tmp_path))
    assert (code, shown["verdict"]["code"]) == (3, "report-unreadable")


def test_the_wire_and_the_server_put_together(tmp_path: Path) -> None:
    """A phone that the wire shows unfinished, and of which the server knows that the file was not there."""
    data = stored_text(store(tmp_path, "wire.json", audit(offered=OFFER)))
    data["source"], data["command"] = {"kind": "file", "name": "x.pcap", "packets": 9}, "capture"
    (tmp_path / "wire.json").write_text(json.dumps(data), encoding="utf-8")
    broken(tmp_path, "web.json")
    code, shown = report(str(tmp_path / "wire.json"), str(tmp_path / "web.json"))
    assert (code, len(shown["phones"])) == (1, 1)
    steps = {step["step"]: step for step in shown["phones"][0]["steps"]}
    assert steps["download"]["status"] == "failed"
    assert steps["download"]["summary"].startswith("The server's log: ")
    assert not problem_codes(shown)


def test_a_request_that_the_server_does_not_know_is_said(tmp_path: Path) -> None:
    data = stored_text(store(tmp_path, "wire.json", audit("11/27/2026 9:00:01 AM")))
    data["source"], data["command"] = {"kind": "file", "name": "x.pcap", "packets": 9}, "capture"
    (tmp_path / "wire.json").write_text(json.dumps(data), encoding="utf-8")
    store(tmp_path, "server.json", audit("11/27/2026 8:00:01 AM"), audit("11/27/2026 10:00:01 AM"))
    _, shown = report(str(tmp_path / "wire.json"), str(tmp_path / "server.json"))
    assert problem_codes(shown) == ["reports-differ"]
    text = f"{MAC}: 1 request (at 2026-11-27 09:00:01 UTC) that the wire shows answered is not in the server's log."
    assert text in shown["problems"][0]["text"]


def changed(folder: Path, *arguments: str) -> tuple[int, dict[str, str]]:
    code, out = run("report", "--diff", str(folder / "old"), str(folder / "new"), "--json", *arguments)
    return code, {phone["phone"]: phone["change"] for phone in json.loads(out)["phones"]}


@pytest.fixture
def two(tmp_path: Path) -> Path:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    return tmp_path


def test_a_mended_phone(two: Path) -> None:
    broken(two / "old", "a.json")
    store(two / "new", "a.json")
    assert changed(two) == (0, {MAC: "mended"})


def test_a_phone_that_broke(two: Path) -> None:
    store(two / "old", "a.json")
    broken(two / "new", "a.json")
    assert changed(two) == (1, {MAC: "broken"})


def test_still_broken_and_gone_and_new(two: Path) -> None:
    broken(two / "old", "a.json")
    store(two / "old", "b.json", audit(mac=OTHER))
    broken(two / "new", "a.json")
    store(two / "new", "c.json", audit(mac="0004F2AABBCE"))
    assert changed(two) == (1, {MAC: "still-broken", OTHER: "gone", "00:04:f2:aa:bb:ce": "new"})


def test_nothing_changed(two: Path) -> None:
    store(two / "old", "a.json")
    store(two / "new", "a.json")
    assert changed(two) == (0, {MAC: "same"})


def lab_report(folder: Path, name: str, scenario: str) -> None:
    """What ``check`` stored of a phone that it played."""
    data = json.loads(run("lab", scenario, "--json")[1])
    data["command"], data["source"] = "check", {"kind": "active", "name": "contoso.com", "packets": None}
    (folder / name).write_text(json.dumps(data) + "\n", encoding="utf-8")


def test_two_files_of_the_same_check_have_other_names(tmp_path: Path) -> None:
    lab_report(tmp_path, "monday.json", "dns-r2-missing")
    lab_report(tmp_path, "friday.json", "whole")
    _, out = run("report", "--diff", str(tmp_path / "monday.json"), str(tmp_path / "friday.json"), "--json")
    assert [phone["change"] for phone in json.loads(out)["phones"]] == ["mended"]


def test_a_journal_whose_last_line_was_cut(two: Path) -> None:
    broken(two / "old", "a.json")
    store(two / "new", "a.json")
    for name in ("old", "new"):
        line = json.dumps(stored_text(two / name / "a.json"))
        (two / f"{name}.ndjson").write_text(f"{line}\n{line[: len(line) // 2]}", encoding="utf-8")
    code, out = run("report", "--diff", str(two / "old.ndjson"), str(two / "new.ndjson"), "--json")
    changes = json.loads(out)
    assert (code, [phone["change"] for phone in changes["phones"]]) == (3, ["mended"])
    assert "line 2" in changes["problem"]


def test_a_comparison_with_nothing(two: Path) -> None:
    store(two / "new", "a.json")
    (two / "old.json").write_text("[]", encoding="utf-8")
    assert run("report", "--diff", str(two / "old.json"), str(two / "new"))[0] == 3
    assert run("report", "--diff", str(two / "old"), str(two / "new"))[0] == 3


def test_the_comparison_as_text(two: Path) -> None:
    broken(two / "old", "a.json")
    store(two / "new", "a.json")
    _, text = run("report", "--diff", str(two / "old"), str(two / "new"))
    assert "Of 1 phone: 1 mended." in text
    assert f"{MAC}: mended, broken [download-not-found] -> whole [no-update-offered]" in text


@pytest.mark.parametrize("names", [["a.json"], ["a.json", "a.json", "a.json"]])
def test_a_comparison_is_of_two(tmp_path: Path, names: list[str]) -> None:
    store(tmp_path, "a.json")
    assert run("report", "--diff", *(str(tmp_path / name) for name in names))[0] == 2


EXPECT = 'version = "3.5.6907.35"\n'


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ('version = "3.5.6907.35"', 3, None),
        ('version = ["1.0.0.0", "3.5.6907.35"]', 3, None),
        ('version = "4.0.7577.0"', 3, "version 3.5.6907.35 is offered, expected 4.0.7577.0"),
        ('version = "3.5.6907.35"\n[site.a]\nversion = "4.0.7577.0"', 3, "expected 4.0.7577.0"),
        ('version = "4.0.7577.0"\n[site.a]\nversion = "3.5.6907.35"', 3, None),
        ('domain = "contoso.com"', 3, None),  # no domain was observed
    ],
)
def test_a_report_beside_what_is_expected(tmp_path: Path, text: str, code: int, said: str | None) -> None:
    path = store(tmp_path, "a.json", audit(offered=OFFER))
    (tmp_path / "site.toml").write_text(text, encoding="utf-8")
    found, shown = report(str(path), "--expect", str(tmp_path / "site.toml"))
    assert found == code
    texts = [problem["text"] for problem in shown["problems"] if problem["code"] == "not-as-expected"]
    assert bool(texts) is (said is not None)
    assert said is None or said in texts[0]


def test_whole_and_not_as_expected_has_its_own_exit_code(tmp_path: Path) -> None:
    path = store(tmp_path, "a.json", audit(requested="CPE.nbt;3.5.6907.35;2010", offered=OFFER))
    (tmp_path / "site.toml").write_text('version = "4.0.7577.0"', encoding="utf-8")
    assert report(str(path))[0] == 0
    assert report(str(path), "--expect", str(tmp_path / "site.toml"))[0] == 4


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("version = ", "it is no TOML"),
        ("versoin = 'x'", "did you mean version?"),
        ("certificate_until = 5", "certificate_until must be a day"),
        ("domain = 5", "domain must be text"),
        ("site = 5", "[site.branch01]"),
    ],
)
def test_expectations_that_cannot_be_used(tmp_path: Path, text: str, why: str) -> None:
    from click.testing import CliRunner

    from ucdiag.cli.main import cli

    path = store(tmp_path, "a.json")
    (tmp_path / "site.toml").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(cli, ["report", str(path), "--expect", str(tmp_path / "site.toml")])
    assert result.exit_code == 2
    assert why in result.stderr


@pytest.mark.parametrize("options", [["--rejudge"], ["--expect", "site.toml"]])
def test_a_comparison_takes_verdicts_as_they_are(two: Path, options: list[str]) -> None:
    assert run("report", "--diff", str(two / "old.json"), str(two / "new.json"), *options)[0] == 2


@pytest.mark.parametrize(("table", "code"), [("Bremen", 4), ("a", 4), ("b", 0)])
def test_expected_of_the_site_that_the_report_names(tmp_path: Path, table: str, code: int) -> None:
    path = store(tmp_path, "a.json", audit(requested="CPE.nbt;3.5.6907.35;2010", offered=OFFER))
    data = stored_text(path)
    data["phones"][0]["phone"]["site"] = "Bremen"
    path.write_text(json.dumps(data), encoding="utf-8")
    (tmp_path / "site.toml").write_text(f'[site.{table}]\nversion = "4.0.7577.0"', encoding="utf-8")
    assert report(str(path), "--expect", str(tmp_path / "site.toml"))[0] == code


def _nobody(folder: Path, name: str, *, finished: int) -> Path:
    """The report of a run that could judge no phone."""
    path = store(folder, name, finished=finished)
    _, out = run("logs", str(folder / "missing.log"), "--json")
    path.write_text(json.dumps({**json.loads(out), "finished": stored_text(path)["finished"]}), encoding="utf-8")
    return path


def test_a_site_where_nobody_was_judged_is_not_whole(tmp_path: Path) -> None:
    store(tmp_path, "a.json", finished=28)
    path = _nobody(tmp_path, "b.json", finished=28)
    code, shown = report(str(tmp_path / "a.json"), str(path))
    assert (code, shown["verdict"]["status"], shown["verdict"]["code"]) == (3, "unknown", "report-unreadable")
    (text,) = (problem["text"] for problem in shown["problems"] if problem["code"] == "report-unreadable")
    assert "'b' (" in text
    assert "'a'" not in text


@pytest.mark.parametrize(("finished", "code"), [(27, 0), (29, 3)])
def test_of_a_site_the_later_report_counts(tmp_path: Path, finished: int, code: int) -> None:
    for folder in ("monday", "tuesday"):
        (tmp_path / folder).mkdir()
    store(tmp_path / "monday", "a.json", finished=28)
    _nobody(tmp_path / "tuesday", "a.json", finished=finished)
    found, shown = report(str(tmp_path / "monday" / "a.json"), str(tmp_path / "tuesday" / "a.json"))
    assert found == code
    assert ("report-unreadable" in problem_codes(shown)) is bool(code)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_a_bundle_that_is_damaged_inside(tmp_path: Path, method: int) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.json", store(tmp_path, "a.json").read_text(encoding="utf-8"))
    data = bytearray(path.read_bytes())
    data[60:90] = b"\xff" * 30
    path.write_bytes(data)
    code, shown = report(str(path))
    assert code == 3
    assert problem_codes(shown) == ["report-unreadable"]


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    code, shown = report(str(tmp_path / ("a" * 300)))
    assert code == 3
    assert problem_codes(shown) == ["report-unreadable"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes")
def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    store(tmp_path, "a.json")
    os.mkfifo(tmp_path / "b.json")
    assert report(str(tmp_path))[0] == 0


LONG = "x" * 100_000


class Sized(io.BytesIO):
    """Notes for how many bytes it was asked."""

    asked: ClassVar[list[int | None]] = []

    def read(self, size: int | None = -1) -> bytes:
        self.asked.append(size)
        return super().read(size)

    def readline(self, size: int | None = -1) -> bytes:
        self.asked.append(size)
        return super().readline(size)


@pytest.mark.parametrize("begin", [b"", b'{"schema": "x"', b'{"a": 1}\n'], ids=["text", "report", "journal"])
def test_no_more_is_read_than_the_largest_report_has(begin: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_files, "LARGEST", 1000)
    monkeypatch.setattr(report_files, "_parse_report", lambda *words: None)
    file = Sized(begin + b"y" * 5000)
    file.asked.clear()
    list(report_files._json_reports(file, "name", "site", False))
    assert set(file.asked) == {1000}


def test_long_texts_of_others_reports_are_cut(tmp_path: Path) -> None:
    data = stored_text(store(tmp_path, "a.json"))
    lacking = {"status": "unknown", "code": "max-time", "summary": LONG}
    problems = [{"code": "max-time", "text": LONG}]
    (tmp_path / "a.json").write_text(json.dumps({**data, "verdict": lacking, "problems": problems}))
    store(tmp_path, "b.json")
    (tmp_path / "c.json").write_text(json.dumps({**data, "verdict": {"status": LONG, "summary": "short"}}))
    names = [str(tmp_path / name) for name in ("a.json", "b.json", "c.json")]
    found = [problem["text"] for problem in report(*names)[1]["problems"] if problem["code"] != "max-time"]
    assert len(found) == 2
    said = [*found, run("report", "--diff", names[0], names[1])[1]]
    assert [text for text in said if "x" * 100 not in text or "x" * 400 in text] == []


def test_of_many_names_of_files_the_beginning_is_reported(tmp_path: Path) -> None:
    store(tmp_path, "a.json")
    for command, name in (("report", "a.json"), ("logs", "logs/RequestHandlerAuditLog_P_2026-11-27_a.json.log")):
        names = [str(tmp_path / f"{number}" / Path(name).name) for number in range(40)]
        for path in map(Path, names):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes((tmp_path / name).read_bytes())
        shown = json.loads(run(command, *names, "--json")[1])
        assert 100 < len(shown["source"]["name"]) <= 1000


def test_problems_name_their_sites(tmp_path: Path) -> None:
    for name in ("a.json", "b.json", "c.json"):
        data = stored_text(store(tmp_path, name))
        if name != "b.json":
            data["problems"] = [{"code": "max-time", "text": "The run was ended."}]
            (tmp_path / name).write_text(json.dumps(data), encoding="utf-8")
    texts = [problem["text"] for problem in report(*(str(tmp_path / f"{name}.json") for name in "abc"))[1]["problems"]]
    assert texts == ["a: The run was ended. (Also c.)"]


@pytest.mark.parametrize("name", ["report.json", "check.json"])
def test_branches_whose_reports_have_the_same_name(tmp_path: Path, name: str) -> None:
    """The folder tells them apart: the same address in two branches is two phones."""
    for branch, status in (("berlin", "200 0 0"), ("bremen", "404 0 0")):
        (tmp_path / branch).mkdir()
        log = write(tmp_path / branch, "u.log", iis_log(iis(status=status)))
        (tmp_path / branch / name).write_text(run("logs", log, "--json")[1], encoding="utf-8")
    _, shown = report(str(tmp_path))
    statuses = {phone["phone"]["site"]: phone["verdict"]["status"] for phone in shown["phones"]}
    assert statuses == {"berlin": "unknown", "bremen": "broken"}


@pytest.mark.parametrize(
    ("table", "code", "said"),
    [
        ("branch01", 4, None),
        ("brnach01", 4, "[site.brnach01] (did you mean 'branch01'?)"),
        ("BRANCH01", 4, "[site.BRANCH01] (did you mean 'branch01'?)"),
        ("bremen", 0, "[site.bremen]. What is expected there"),
    ],
)
def test_a_site_of_the_expectations_without_a_report(tmp_path: Path, table: str, code: int, said: str | None) -> None:
    path = store(tmp_path, "branch01.json", audit(requested="CPE.nbt;3.5.6907.35;2010", offered=OFFER))
    (tmp_path / "site.toml").write_text(f'[site.{table}]\nversion = "4.0.7577.0"', encoding="utf-8")
    found, shown = report(str(path), "--expect", str(tmp_path / "site.toml"))
    texts = [problem["text"] for problem in shown["problems"] if "no report of a site" in problem["text"]]
    assert found == code
    assert len(texts) == (said is not None)
    assert said is None or said in texts[0]


def test_a_site_of_the_expectations_beside_one_that_is_there(tmp_path: Path) -> None:
    """Branches have names that are much alike: a site with a table of its own is not what another table means."""
    path = store(tmp_path, "branch01.json")
    (tmp_path / "site.toml").write_text('[site.branch01]\n[site.branch02]\nversion = "1"', encoding="utf-8")
    code, shown = report(str(path), "--expect", str(tmp_path / "site.toml"))
    assert code == 0
    (text,) = (problem["text"] for problem in shown["problems"])
    assert "[site.branch02]. " in text


def test_standard_input_is_a_report_among_others(tmp_path: Path) -> None:
    path, other = store(tmp_path, "a.json", audit(mac=OTHER)), broken(tmp_path, "b.json")
    done = CliRunner().invoke(cli, ["report", "-", str(other), "--json"], input=path.read_bytes())
    shown = json.loads(done.stdout)
    assert done.exit_code == 1
    assert {key: phone["phone"]["site"] for key, phone in phones_of(shown).items()} == {
        OTHER: "standard input",
        MAC: "b",
    }


def test_a_bundle_on_standard_input(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("report.json", store(tmp_path, "a.json").read_text(encoding="utf-8"))
    done = CliRunner().invoke(cli, ["report", "-", "--json"], input=(tmp_path / "b.zip").read_bytes())
    assert list(phones_of(json.loads(done.stdout))) == [MAC]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b"x", "it is no JSON"),
        (b"\xd4\xc3\xb2\xa1\2\0\4\0", "it is a capture, to be given to 'ucdiag capture'"),
    ],
)
def test_standard_input_that_is_no_report(data: bytes, why: str) -> None:
    done = CliRunner().invoke(cli, ["report", "-"], input=data)
    assert done.exit_code == 3
    assert f"'standard input' ({why})" in " ".join(done.stdout.split())


@pytest.mark.parametrize("read", [1, 2])
def test_an_interrupted_run_calls_nothing_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: int) -> None:
    from ucdiag.stored_reports import report_files

    paths = [store(tmp_path, f"{name}.json", audit(mac=f"0004F200000{name}")) for name in "123"]
    whole = report_files.stored_reports

    def interrupted(names: list[str], **more: object) -> object:
        found = whole(names[:read], **more)  # type: ignore[arg-type]
        yield from found
        if more.get("brief"):
            raise KeyboardInterrupt

    monkeypatch.setattr(report_files, "stored_reports", interrupted)
    code, shown = report(*map(str, paths))
    assert (code, shown["verdict"]["status"], shown["verdict"]["code"]) == (130, "unknown", "interrupted")


def _incomplete(folder: Path, name: str, *, finished: int = 28) -> str:
    """The report of a run beside a log that could not be read: its phone is whole, and the run is not."""
    path = store(folder, name, finished=finished)
    _, out = run("logs", write(folder / "logs", NAME, audit()), str(folder / "missing.log"), "--json")
    path.write_text(json.dumps({**json.loads(out), "finished": stored_text(path)["finished"]}), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("options", [[], ["--rejudge"]])
def test_a_run_that_did_not_read_all_is_not_whole_later(tmp_path: Path, options: list[str]) -> None:
    code, shown = report(_incomplete(tmp_path, "a.json"), *options)
    assert (code, shown["verdict"]["status"], shown["verdict"]["code"]) == (3, "unknown", "log-unreadable")
    assert shown["phones"][0]["verdict"]["status"] == "whole"


@pytest.mark.parametrize("names", ["ab", "ba"])
def test_a_run_that_did_not_read_all_is_not_whole_among_others(tmp_path: Path, names: str) -> None:
    paths = {"a": _incomplete(tmp_path, "a.json"), "b": str(store(tmp_path, "b.json", audit(mac=OTHER), finished=28))}
    code, shown = report(*(paths[name] for name in names))
    assert (code, shown["verdict"]["status"], shown["verdict"]["code"]) == (3, "unknown", "report-unreadable")
    (text,) = (problem["text"] for problem in shown["problems"] if problem["code"] == "report-unreadable")
    assert text.startswith("Not all was read or asked in 'a' (Could not read '")
    assert "'b'" not in text


@pytest.mark.parametrize(("finished", "code"), [(27, 0), (29, 3)])
def test_a_later_run_that_read_all_is_whole(tmp_path: Path, finished: int, code: int) -> None:
    for folder in ("monday", "tuesday"):
        (tmp_path / folder).mkdir()
    names = [
        str(store(tmp_path / "monday", "a.json", finished=28)),
        _incomplete(tmp_path / "tuesday", "a.json", finished=finished),
    ]
    assert report(*names)[0] == code
    assert run("report", "--diff", *names)[0] == 3
    assert run("report", "--diff", names[0], names[0])[0] == 0


@pytest.mark.parametrize("of_another_phone", [False, True], ids=["named by the user", "proved by another phone"])
def test_a_server_that_no_fact_of_the_phone_names_is_judged_again(tmp_path: Path, of_another_phone: bool) -> None:
    """What the user named, or another phone posted to, stays the update server of a phone that it refuses."""
    packets = []
    for number, (operation, kind) in enumerate(((1, 1), (2, 2), (1, 3), (2, 5))):
        options = [(53, bytes([kind])), (60, b"CPE-OCPhone"), (15, b"contoso.com"), (6, bytes((10, 0, 0, 2)))]
        message = dhcp(operation, 77, REFUSED_MAC, "10.0.0.8" if operation == 2 else "0.0.0.0", options)
        ends = ("0.0.0.0", "255.255.255.255", 68, 67) if operation == 1 else ("10.0.0.1", "255.255.255.255", 67, 68)
        packet = ipv4(ends[0], ends[1], 17, udp(ends[2], ends[3], message))
        packets.append((START - SECOND + number, ethernet(REFUSED_MAC, b"\xff" * 6, 0x0800, packet)))
    for segment in Ladder().asks().refuses().waits(1).asks().refuses().waits(3).asks().refuses().segments:
        ends = ("10.0.0.8", POOL, *segment.ports) if segment.up else (POOL, "10.0.0.8", *reversed(segment.ports))
        data = tcp(ends[2], ends[3], segment.seq, segment.ack, segment.flags, b"")
        macs = (REFUSED_MAC, POOL_MAC) if segment.up else (POOL_MAC, REFUSED_MAC)
        packets.append((segment.time, ethernet(*macs, 0x0800, ipv4(ends[0], ends[1], 6, data))))
    if of_another_phone:
        packets += frames(Ladder(client_port=50001).opens().says(POST).answers(NOTHING_NEWER).closes().segments)
    path = write_capture(tmp_path / "a.pcap", sorted(packets))
    _, out = run("capture", str(path), "--json", *([] if of_another_phone else ["--server", "10.0.0.80"]))
    (tmp_path / "a.json").write_text(out, encoding="utf-8")
    for options in ([], ["--rejudge"]):
        phones = phones_of(report(str(tmp_path / "a.json"), *options)[1])
        assert phones[OTHER]["verdict"]["code"] == "connect-refused"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have shorter paths, or open no folders")
def test_folders_within_folders_are_looked_into_however_deep(tmp_path: Path) -> None:
    path = store(tmp_path, "a.json")
    top = tmp_path / "top"
    top.mkdir()
    with deep_folders.nested(top, "a", 1100) as innermost:
        deep_folders.put(innermost, "b.json", path.read_bytes())
        code, shown = report(str(top))
    assert (code, shown["problems"]) == (0, [])
    assert len(shown["phones"]) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have shorter paths, or open no folders")
def test_a_folder_that_cannot_be_read_is_named_and_the_rest_counts(tmp_path: Path) -> None:
    """Nobody can read one whose path is too long."""
    top = tmp_path / "top"
    top.mkdir()
    (top / "b.json").write_bytes(store(tmp_path, "a.json").read_bytes())
    with deep_folders.nested(top, "a" * 250, 17):
        code, shown = report(str(top))
    assert code == 3
    assert len(shown["phones"]) == 1
    (problem,) = shown["problems"]
    assert (problem["code"], "(file name too long)" in problem["text"]) == ("report-unreadable", True)


def test_standard_input_needs_a_folder_for_temporary_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("tempfile._candidate_tempdir_list", lambda: ["/nowhere"])
    done = CliRunner().invoke(cli, ["report", "-"], input=b"{}")
    assert done.exit_code == 3
    assert "No temporary file can be made for standard input (" in done.stderr
    assert done.stderr.strip().endswith("): name a folder in TMPDIR.")


@pytest.mark.parametrize(("count", "more"), [(1, ""), (2, ""), (5, ""), (6, " (1 more)"), (8, " (3 more)")])
def test_not_more_than_five_files_are_named(tmp_path: Path, count: int, more: str) -> None:
    good = str(store(tmp_path, "good.json"))
    bad = [str(tmp_path / f"bad{number}.json") for number in range(count)]
    for name in bad:
        Path(name).write_text("no JSON", encoding="utf-8")
    code, shown = report(good, *bad)
    named = ", ".join(f"{name!r} (it is no JSON)" for name in bad[:5])
    held = "it holds" if count == 1 else "they hold"
    (problem,) = shown["problems"]
    assert problem == {"code": "report-unreadable", "text": f"Could not read {named}{more}. What {held} is missing."}
    assert code == 3
