"""``probe --targets`` and ``check-dns --targets`` as commands, against servers on loopback."""

import csv
import io
import json
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.fleet.update_server import HOST, NONE_OFFERED, Answer, UpdateServer
from ucdiag.cli.main import cli
from ucdiag.lab.scenario import DOMAIN
from ucdiag.lab.scenarios import SCENARIOS
from ucdiag.lab.site import start_site


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, [*words, "-t", "5"], prog_name="ucdiag")


def phones(folder: Path, count: int, url: str | None = None) -> str:
    """A file of so many phones, all at one server."""
    path = folder / "phones.csv"
    lines = [f"00:04:f2:00:{n // 256:02x}:{n % 256:02x},S{n},CX600,Branch {n % 5},{url or ''}" for n in range(count)]
    path.write_text("\n".join(["mac,serial,model,site,url", *lines]) + "\n")
    return str(path)


def lines_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def identity(report: dict[str, Any]) -> tuple[str, str, str]:
    (phone,) = report["phones"]
    return phone["phone"]["mac"], phone["phone"]["serial"], phone["phone"]["site"]


def test_each_phone_is_played_and_shown_as_it_comes(tmp_path: Path) -> None:
    with UpdateServer() as server:
        file = phones(tmp_path, 12, server.url)
        done = run("probe", "--targets", file, "--rate", "0", "-f", "ndjson")
    found = lines_of(done.stdout)
    assert done.exit_code == 0, done.stderr
    assert sorted(map(identity, found)) == [(f"00:04:f2:00:00:{n:02x}", f"S{n}", f"Branch {n % 5}") for n in range(12)]
    assert {report["verdict"]["status"] for report in found} == {"whole"}
    assert all(any(f"S{n}".encode() in request for request in server.requests) for n in range(12))
    assert server.widest <= 4


@pytest.mark.parametrize("format_", ["text", "json", "csv", "html", "markdown", "junit", "prometheus", "nagios"])
def test_every_format_shows_all_once(tmp_path: Path, format_: str) -> None:
    def answer(request: bytes, number: int) -> Answer:
        return (404, b"", "") if b"S3" in request else (200, NONE_OFFERED, "")

    with UpdateServer(answer) as server:
        done = run("probe", "--targets", phones(tmp_path, 6, server.url), "--rate", "0", "-f", format_)
    assert done.exit_code == (2 if format_ == "nagios" else 1), done.stderr
    if format_ == "csv":
        rows = list(csv.DictReader(io.StringIO(done.stdout, newline="")))
        assert [row["row"] for row in rows].count("phone") == 6
        assert {row["serial"]: row["site"] for row in rows if row["serial"]} == {
            f"S{n}": f"Branch {n % 5}" for n in range(6)
        }
        assert (rows[-1]["row"], rows[-1]["status"]) == ("run", "broken")
    elif format_ == "json":
        said = json.loads(done.stdout)
        assert len(said["phones"]) == 6
        assert said["verdict"]["code"] == "http-not-found"
    elif format_ == "text":
        assert "of 6 phones, 1 does not get through, 5 get through" in " ".join(done.stdout.split())
        assert "Branch 3: 0 of 1" in done.stdout


def test_the_verdicts_are_those_of_the_single_command(tmp_path: Path) -> None:
    for name in ("whole", "http-forbidden", "dns-legacy-only"):
        with start_site(SCENARIOS[name]) as site:
            words = [f"{word}" for server in site.nameservers for word in ("-n", f"{server[0]}:{server[1]}")]
            for (meant, port), (real, at) in site.connect_to.items():
                words += ["--connect-to", f"{meant}:{port}:{real}:{at}"]
            single = json.loads(run("probe", "--domain", DOMAIN, *words, "--json").stdout)
            file = tmp_path / "targets"
            file.write_text(f"{DOMAIN}\n")
            (line,) = lines_of(run("probe", "--targets", str(file), *words, "-f", "ndjson").stdout)
        keys = ("verdict", "findings", "phone")
        assert all(line["phones"][0][key] == single["phones"][0][key] for key in keys[:1])
        codes = [[finding["code"] for finding in report["phones"][0]["findings"]] for report in (line, single)]
        assert codes[0] == codes[1]
        assert line["phones"][0]["phone"] == single["phones"][0]["phone"]


def test_domains_at_their_resolvers(tmp_path: Path) -> None:
    with start_site(SCENARIOS["dns-legacy-only"]) as bad, start_site(SCENARIOS["whole"]) as good:
        at = [f"{site.nameservers[0][0]}:{site.nameservers[0][1]}" for site in (bad, good)]
        file = tmp_path / "domains.txt"
        file.write_text(f"{DOMAIN} {at[0]}\n{DOMAIN} {at[1]}\ncontoso..com {at[1]}\n")
        done = run("check-dns", "--targets", str(file), "-f", "ndjson")
    found = {report["source"]["name"]: report["phones"][0]["verdict"] for report in lines_of(done.stdout)}
    assert {name: verdict["code"] for name, verdict in found.items()} == {
        f"{DOMAIN} at {at[0]}": "dns-legacy-only",
        f"{DOMAIN} at {at[1]}": None,
    }
    assert done.exit_code == 1
    assert "line 3: 'contoso..com' has an empty part" in done.stderr


def test_bad_lines_stop_the_run_where_that_is_wanted(tmp_path: Path) -> None:
    with UpdateServer() as server:
        file = tmp_path / "phones.csv"
        file.write_text(f"mac,url\n0004f2000001,{server.url}\n0004f200000,{server.url}\n\x1b]0;x\x07,{server.url}\n")
        stopped = run("probe", "--targets", str(file), "--bad-lines", "stop", "--json")
        asked = len(server.requests)
        skipped = run("probe", "--targets", str(file), "--json")
    assert (stopped.exit_code, asked) == (2, 0)
    assert "lines 3, 4 cannot be used" in stopped.stderr
    said = json.loads(skipped.stdout)
    assert (skipped.exit_code, len(said["phones"]), said["phones"][0]["verdict"]["status"]) == (3, 1, "whole")
    assert [problem["code"] for problem in said["problems"]] == ["targets-skipped"]
    assert "\x1b" not in skipped.stderr + skipped.stdout + stopped.stderr


def test_the_verdict_says_that_lines_were_skipped(tmp_path: Path) -> None:
    """It never stands as whole beside an exit code that says otherwise."""
    with UpdateServer() as server:
        file = tmp_path / "phones.csv"
        file.write_text(f"mac,url\n0004f2000001,{server.url}\n0004f2,{server.url}\n")
        said = json.loads(run("probe", "--targets", str(file), "--json").stdout)["verdict"]
        text = run("probe", "--targets", str(file)).stdout
        page = run("probe", "--targets", str(file), "-f", "html").stdout
    assert (said["status"], said["code"]) == ("unknown", "targets-skipped")
    assert "line 3 cannot be used" in said["summary"]
    assert "What could be read says: The path is whole" in said["summary"]
    assert "\nINCONCLUSIVE:" in text
    assert "\nOK" not in text
    assert 'class="card verdict unknown"' in page
    assert 'class="card verdict whole"' not in page


def test_a_line_that_stands_twice_is_asked_once_and_fails_nothing(tmp_path: Path) -> None:
    with UpdateServer() as server:
        file = tmp_path / "phones.csv"
        file.write_text(f"mac,url\n0004f2000001,{server.url}\n00:04:F2:00:00:01,{server.url}\n")
        done = run("probe", "--targets", str(file), "--bad-lines", "stop", "--json")
    said = json.loads(done.stdout)
    assert (done.exit_code, said["verdict"]["status"], said["problems"]) == (0, "whole", [])
    assert len(server.requests) == len(said["phones"]) == 1
    assert said["source"]["name"].startswith("1 target (asked once: 1 line that says the same as another): ")
    assert "phones.csv line 3: it says the same as line 2, and is asked once" in done.stderr
    assert "cannot be used" not in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--journal", "x"], "--journal goes with --targets"),
        (["--targets", "/nowhere/x"], "no such file"),
        (["--targets", "FILE", "--dry-run"], "--dry-run is for one phone"),
        (["--targets", "FILE", "--mask"], "do not go with --targets"),
        (["--targets", "FILE", "--jobs", "0"], "whole number from 1"),
        (["--targets", "FILE", "--rate", "nan"], "not a number a second"),
        (["--targets", "EMPTY"], "no line names anybody"),
        (["--targets", "FILE", "--journal", "FILE"], "no journal of ucdiag"),
    ],
)
def test_a_wrong_use_is_said_before_anything_is_sent(tmp_path: Path, words: list[str], says: str) -> None:
    with UpdateServer() as server:
        file = phones(tmp_path, 2, server.url)
        (tmp_path / "empty").write_text("# nobody\n")
        names = {"FILE": file, "EMPTY": str(tmp_path / "empty")}
        done = run("probe", *(names.get(word, word) for word in words))
        assert server.requests == []
    assert done.exit_code == 2
    assert says in done.stderr


@pytest.mark.slow
def test_a_server_that_answers_503_is_asked_again_and_more_slowly(tmp_path: Path) -> None:
    def answer(request: bytes, number: int) -> Answer:
        return (503, b"busy", "Retry-After: 1\r\n") if 5 <= number <= 6 else (200, NONE_OFFERED, "")

    with UpdateServer(answer, seconds=0.02) as server:
        began = time.monotonic()
        done = run("probe", "--targets", phones(tmp_path, 12, server.url), "--rate", "0", "--json")
        took = time.monotonic() - began
    said = json.loads(done.stdout)
    assert [phone["verdict"]["status"] for phone in said["phones"]] == ["whole"] * 12
    assert (done.exit_code, len(server.requests)) == (0, 14)
    assert took > 1
    (problem,) = said["problems"]
    assert problem["code"] == "server-spared"
    assert f"{HOST} answered 503" in problem["text"]


@pytest.mark.slow
def test_a_server_that_stays_unavailable_is_called_so_for_every_phone(tmp_path: Path) -> None:
    with UpdateServer(lambda request, number: (503, b"", "")) as server:
        done = run("probe", "--targets", phones(tmp_path, 3, server.url), "--rate", "0", "--json")
    said = json.loads(done.stdout)
    assert {phone["verdict"]["code"] for phone in said["phones"]} == {"http-unavailable"}
    assert len(server.requests) <= 3 * 4


@pytest.mark.slow
def test_a_server_that_answers_more_and_more_slowly_gets_fewer_at_a_time(tmp_path: Path) -> None:
    together = []

    def answer(request: bytes, number: int) -> Answer:
        if number == 20:
            server.seconds = 0.8  # of which a busy machine's own part is small
        if number > 38:
            together.append(server.open)
        return 200, NONE_OFFERED, ""

    with UpdateServer(answer, seconds=0.02) as server:
        done = run("probe", "--targets", phones(tmp_path, 42, server.url), "--rate", "0", "--jobs", "8", "--json")
    said = json.loads(done.stdout)
    assert {phone["verdict"]["status"] for phone in said["phones"]} == {"whole"}
    (problem,) = said["problems"]
    assert "answered more and more slowly" in problem["text"]
    assert server.widest == 8
    assert max(together) <= 4
    assert len(server.requests) == 42


@pytest.mark.parametrize("most", [1, 2])
def test_a_server_that_refuses_more_connections_gets_one_at_a_time(tmp_path: Path, most: int) -> None:
    with UpdateServer(seconds=0.01, most=most) as server:
        file = phones(tmp_path, 40, server.url)
        done = run("probe", "--targets", file, "--rate", "0", "--jobs", "8", "--json")
    said = json.loads(done.stdout)
    assert [phone["verdict"]["status"] for phone in said["phones"]] == ["whole"] * 40, done.stdout[:500]
    assert 0 < server.turned_away <= 16
    assert [problem["code"] for problem in said["problems"]] == ["server-spared"]


def test_a_server_that_refuses_all_is_not_asked_one_at_a_time(tmp_path: Path) -> None:
    with UpdateServer(seconds=0.01, most=0) as server:
        file = phones(tmp_path, 30, server.url)
        said = json.loads(run("probe", "--targets", file, "--rate", "0", "--jobs", "8", "--json").stdout)
    assert {phone["verdict"]["code"] for phone in said["phones"]} == {"http-closed"}
    assert said["problems"] == []
    assert server.turned_away <= 30 + 16


@pytest.mark.parametrize(("status", "fetched"), [(200, 1), (404, 9)])
def test_a_file_that_came_whole_is_fetched_once(tmp_path: Path, status: int, fetched: int) -> None:
    def answer(request: bytes, number: int) -> Answer:
        if request.startswith(b"GET"):
            return status, b"\0firmware", ""
        files = f"http://{HOST}:{server.port}/files"
        urls = f"<BaseURL>{files}</BaseURL><ExternalBaseURL>{files}</ExternalBaseURL>"
        return 200, f"<r>{urls}<FileName>a.nbt</FileName></r>".encode(), ""

    with UpdateServer(answer, seconds=0.01) as server:
        file = phones(tmp_path, 9, server.url)
        done = run("probe", "--targets", file, "--rate", "0", "--json")
        single = run("probe", "--url", server.url, "--json")
    said, alone = json.loads(done.stdout), json.loads(single.stdout)
    assert len([request for request in server.requests if request.startswith(b"GET")]) == fetched + 1
    (one,) = alone["phones"]
    for phone in said["phones"]:
        assert phone["verdict"]["code"] == one["verdict"]["code"]
        assert [step["status"] for step in phone["steps"]] == [step["status"] for step in one["steps"]]
        assert [finding["code"] for finding in phone["findings"]] == [finding["code"] for finding in one["findings"]]
    assert said["verdict"]["status"] == ("whole" if status == 200 else "broken")


def test_a_rate_is_kept(tmp_path: Path) -> None:
    with UpdateServer() as server:
        began = time.monotonic()
        run("probe", "--targets", phones(tmp_path, 11, server.url), "--rate", "20", "--json")
    assert time.monotonic() - began >= 0.5


def test_a_run_that_goes_on_asks_only_those_that_are_left(tmp_path: Path) -> None:
    journal = str(tmp_path / "journal.ndjson")
    with UpdateServer() as server:
        file = phones(tmp_path, 10, server.url)
        whole = Path(file).read_text()
        Path(file).write_text("\n".join(whole.splitlines()[:7]) + "\n")
        run("probe", "--targets", file, "--rate", "0", "--journal", journal, "-f", "ndjson")
        Path(file).write_text(whole)
        second = run("probe", "--targets", file, "--rate", "0", "--journal", journal, "-f", "ndjson")
        third = run("probe", "--targets", file, "--rate", "0", "--journal", journal, "--json")
    assert len(lines_of(second.stdout)) == 4
    assert len(server.requests) == 10
    assert len(json.loads(third.stdout)["phones"]) == 10
    report = json.loads(run_report(journal))
    assert len(report["phones"]) == 10


def test_whom_this_machine_could_not_ask_is_asked_again(tmp_path: Path) -> None:
    journal = str(tmp_path / "journal.ndjson")
    with socket.socket() as closed:
        closed.bind((HOST, 0))  # and it does not listen
        proxy = f"http://{HOST}:{closed.getsockname()[1]}"
        with UpdateServer() as server:
            words = ["probe", "--targets", phones(tmp_path, 2, server.url), "--rate", "0", "--journal", journal]
            first = json.loads(run(*words, "--json", "--proxy", proxy).stdout)
            assert server.requests == []
            second = lines_of(run(*words, "-f", "ndjson").stdout)
            third = lines_of(run(*words, "-f", "ndjson").stdout)
            assert len(server.requests) == 2
    assert [problem["code"] for problem in first["problems"]] == ["proxy-unusable"]
    assert [report["verdict"]["status"] for report in second] == ["whole", "whole"]
    assert third == []
    kept = json.loads(run_report(journal))["phones"]
    assert [phone["verdict"]["status"] for phone in kept] == ["whole", "whole"]


def test_two_journals_are_compared_whatever_they_are_called(tmp_path: Path) -> None:
    mended = False

    def answer(request: bytes, number: int) -> Answer:
        return (403, b"", "") if b"S3" in request and not mended else (200, NONE_OFFERED, "")

    with UpdateServer(answer) as server:
        file = phones(tmp_path, 6, server.url)
        for name in ("monday.ndjson", "friday.ndjson"):
            run("probe", "--targets", file, "--rate", "0", "--journal", str(tmp_path / name), "-f", "ndjson")
            mended = True
    names = [str(tmp_path / name) for name in ("monday.ndjson", "friday.ndjson")]
    done = CliRunner().invoke(cli, ["report", "--diff", *names, "--json"], prog_name="ucdiag")
    changes = {phone["phone"]: phone["change"] for phone in json.loads(done.stdout)["phones"]}
    assert changes.pop("00:04:f2:00:00:03") == "mended"
    assert set(changes.values()) == {"same"}
    assert done.exit_code == 0


def test_domains_in_two_journals_are_distinguished_by_their_names(tmp_path: Path) -> None:
    with start_site(SCENARIOS["dns-legacy-only"]) as bad, start_site(SCENARIOS["whole"]) as good:
        file = tmp_path / "domains.txt"
        for name, site in (("a.ndjson", bad), ("b.ndjson", good)):
            file.write_text(f"{DOMAIN}\n")
            address, port = site.nameservers[0]
            run("check-dns", "--targets", str(file), "-n", f"{address}:{port}", "--journal", str(tmp_path / name))
    names = [str(tmp_path / name) for name in ("a.ndjson", "b.ndjson")]
    done = CliRunner().invoke(cli, ["report", "--diff", *names, "--json"], prog_name="ucdiag")
    assert [(phone["phone"], phone["change"]) for phone in json.loads(done.stdout)["phones"]] == [(DOMAIN, "mended")]


def run_report(journal: str) -> str:
    return CliRunner().invoke(cli, ["report", journal, "--json"], prog_name="ucdiag").stdout


def wait_for_growth(file: Path, count: int, program: "subprocess.Popen[bytes]") -> None:
    """Until a program has written so many more bytes to a file, which takes as long as the machine needs."""

    def size() -> int:
        return file.stat().st_size if file.exists() else 0

    end, deadline = size() + count, time.monotonic() + 60
    while size() < end and program.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_killed_at_any_moment_and_started_again_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    chance, jobs, count, kills = random.Random(17), 8, 300, 0
    journal = tmp_path / "journal.ndjson"

    def answer(request: bytes, number: int) -> Answer:
        return (403, b"", "") if b"S3" in request else (200, NONE_OFFERED, "")

    shown: list[tuple[str, str, str]] = []
    with UpdateServer(answer, seconds=0.03) as server:
        file = phones(tmp_path, count, server.url)
        words = [sys.executable, "-m", "ucdiag", "probe", "--targets", file, "--jobs", str(jobs), "--rate", "0"]
        words += ["--journal", str(journal), "-f", "ndjson"]
        for round_ in range(30):
            with (tmp_path / f"out{round_}").open("wb") as out:
                program = subprocess.Popen(words, stdout=out)
                if kills < 4:  # ended early a few times, then left alone
                    wait_for_growth(journal, chance.randrange(5_000, 40_000), program)
                    program.send_signal(signal.SIGKILL)
                    kills += 1
                code = program.wait(120)
            for line in (tmp_path / f"out{round_}").read_bytes().splitlines(keepends=True):
                if line.endswith(b"\n"):
                    shown.append(identity(json.loads(line)))
            if code != -signal.SIGKILL:
                break
    # On a busy machine it may be done before a kill comes.
    assert (kills > 1, code in (0, 1)) == (True, True)
    kept = [identity(json.loads(line)) for line in journal.read_text().splitlines()]
    assert len(kept) == len(set(kept)) == count
    assert len(shown) == len(set(shown))
    assert set(shown) <= set(kept)
    assert count - len(shown) <= kills * 3 * jobs  # what was written and not yet shown is in the journal alone
    assert len(server.requests) <= count + kills * jobs
    assert len(json.loads(run_report(str(journal)))["phones"]) == count
