"""``--mask`` and ``--bundle`` of ``logs`` and ``report``: the same verdicts, and nothing of the originals anywhere."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cli.originals import conclusions, found_in, run
from tests.server_logs.log_samples import FILE, HANDLER, HEADER, OFFER, audit, iis_log, write
from ucdiag.cli.main import cli
from ucdiag.cli.masked_run import MaskedRun
from ucdiag.diagnosis.catalogue.problems import PROBLEMS
from ucdiag.masking.learning import learn_text
from ucdiag.views import FORMATS

WORDS = (
    "FRONTEND07",
    "IISBOX12",
    "WEBFARM",
    "contoso",
    "AB37_679e",
    "alice",
    "bremen",
    "hamburg",
    "fabrikam",
    "ZETA99",
)
ADDRESSES = ("10.0.5.7", "10.0.5.8", "10.0.0.20", "198.51.7.9")
MACS = tuple(bytes.fromhex(mac) for mac in ("0004F2AABBCC", "0004F2AABBCE", "02AA5511EE22"))
FIELDS = (
    "#Fields: date time s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs-version "
    "cs(User-Agent) cs-host sc-status sc-substatus sc-win32-status time-taken"
)


def _iis(time: str, client: str, target: str = HANDLER, method: str = "POST", status: str = "200 0 0") -> str:
    head = f"{time} IISBOX12 10.0.0.20 {method} {target} - 80 CONTOSO\\alice {client} HTTP/1.1 OCPhone/1.0"
    return f"{head} webfarm.contoso.com {status} 12"


def logs_of(folder: Path) -> list[str]:
    """Logs of a server in a folder that is called like it, with lines that cannot be read, and a file that is none."""
    place = folder / "FRONTEND07"
    place.mkdir(parents=True)
    rows = [
        HEADER,
        audit(offered=OFFER),
        audit("11/27/2026 9:05:01 AM", mac="02AA5511EE22", client="198.51.7.9", serial="ZETA99"),
        "0004F2AABBCC,10.0.5.7,alice",
        audit(mac="0004F2AABBCC of contoso"),
        audit("alice at 10.0.5.7"),
    ]
    web = [
        _iis("2026-11-27 09:00:03", "10.0.5.7", FILE, "GET", "404 0 2"),
        _iis("2026-11-27 09:10:00", "10.0.5.8", status="401 2 5"),
        f"2026-11-27 09:11:00 IISBOX12 {HANDLER} alice",
    ]
    write(place, "notes-of-contoso.txt", "alice 0004F2AABBCC")
    return [
        write(place, "RequestHandlerAuditLog_FRONTEND07_2026-11-27.log", "\n".join(rows)),
        write(place, "u_ex261127.log", iis_log(*web, fields=FIELDS)),
        str(place / "notes-of-contoso.txt"),
        str(place / "alice-has-it.log"),
    ]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The logs of one server."""
    return logs_of(tmp_path_factory.mktemp("logs"))


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Stored reports, as words for the command."""
    return sites(tmp_path_factory.mktemp("reports"))


def left(data: bytes) -> list[tuple[str, object]]:
    return found_in({"output": data}, WORDS, ADDRESSES, MACS)


def unpacked(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    ("words", "replaced", "said"), [([], False, False), (["--force"], True, True), (["--force", "-q"], True, False)]
)
def test_a_bundle_of_logs_replaces_and_says_so_as_was_wished(
    names: list[str], tmp_path: Path, words: list[str], replaced: bool, said: bool
) -> None:
    bundle = tmp_path / "case.zip"
    bundle.write_bytes(b"older")
    done = CliRunner().invoke(cli, ["logs", *names, "--bundle", str(bundle), *words], prog_name="ucdiag")
    assert (bundle.read_bytes() != b"older", "The bundle is in" in done.stderr) == (replaced, said)


@pytest.mark.parametrize("format_", FORMATS)
def test_nothing_is_left_of_logs(names: list[str], format_: str) -> None:
    plain = CliRunner().invoke(cli, ["logs", *names, "-f", format_]).stdout
    masked = CliRunner().invoke(cli, ["logs", *names, "-f", format_, "--mask"])
    assert masked.exit_code in (1, 2), masked.output
    assert left(plain.encode())  # else this test sees nothing
    assert left(masked.stdout.encode()) == []


def test_nothing_is_left_of_an_inventory(names: list[str]) -> None:
    assert left(run("logs", *names, "--phones").stdout.encode())
    assert left(run("logs", *names, "--phones", "--mask").stdout.encode()) == []


def test_logs_with_masks_have_the_same_verdicts(names: list[str]) -> None:
    plain, masked = (json.loads(run("logs", *names, "--json", *more).stdout) for more in ((), ("--mask",)))
    assert conclusions(masked) == conclusions(plain)
    assert [one["code"] for one in masked["problems"]] == [one["code"] for one in plain["problems"]]
    texts = {one["code"]: one["text"] for one in masked["problems"]}
    assert texts["log-lines"] == "4 lines could not be read."


def test_the_advice_stays_as_it_is() -> None:
    """A namespace of WMI is no account of a domain."""
    said = MaskedRun()
    text = r"Get-WmiObject -Namespace root\cimv2 -Class MSFT_SIPUpdatesServerSetting"
    learn_text(said.mask, text.encode())
    assert said.text(text) == text


def test_a_bundle_of_logs_with_masks(names: list[str], tmp_path: Path) -> None:
    run("logs", *names, "--bundle", tmp_path / "plain.zip", "--mac", "0004F2AABBCC")
    run("logs", *names, "--mask", "--bundle", tmp_path / "masked.zip", "--mac", "0004F2AABBCC")
    plain, masked = unpacked(tmp_path / "plain.zip"), unpacked(tmp_path / "masked.zip")
    assert set(masked) == set(plain) >= {"report.txt", "report.html", "report.json", "options.txt", "README.txt"}
    assert found_in(plain, WORDS, ADDRESSES, MACS)
    assert found_in(masked, WORDS, ADDRESSES, MACS) == []
    assert conclusions(json.loads(masked["report.json"])) == conclusions(json.loads(plain["report.json"]))


def sites(folder: Path) -> list[str]:
    """Reports of two branches, one that can be read in neither, and what is expected of them."""
    names = []
    for branch in ("bremen", "hamburg"):
        path = folder / f"{branch}.json"
        path.write_text(run("logs", *logs_of(folder / f"of-{branch}"), "--json").stdout, encoding="utf-8")
        names.append(str(path))
    data = json.loads(path.read_text(encoding="utf-8"))
    for phone, mac in zip(data["phones"], ("00:04:f2:aa:bb:ce", None, None), strict=True):
        phone["phone"]["mac"] = mac
        phone["phone"]["domain"] = "contoso.com"
    path.write_text(json.dumps(data), encoding="utf-8")
    (folder / "alice.json").write_text("0004F2AABBCC", encoding="utf-8")
    (folder / "site.toml").write_text(
        'domain = "fabrikam.com"\n[site.bremmen]\naddress = "198.51.7.9"', encoding="utf-8"
    )
    return [*names, str(folder / "alice.json"), "--expect", str(folder / "site.toml")]


@pytest.mark.parametrize("format_", FORMATS)
def test_nothing_is_left_of_stored_reports(stored: list[str], format_: str) -> None:
    plain = CliRunner().invoke(cli, ["report", *stored, "-f", format_]).stdout
    masked = CliRunner().invoke(cli, ["report", *stored, "-f", format_, "--mask"])
    assert left(plain.encode())
    assert left(masked.stdout.encode()) == []


@pytest.mark.parametrize("alone", [False, True])
def test_a_bundle_of_stored_reports_with_masks(stored: list[str], tmp_path: Path, alone: bool) -> None:
    names = stored[:1] if alone else stored
    plain = json.loads(run("report", *names, "--json").stdout)
    run("report", *names, "--mask", "--bundle", tmp_path / "masked.zip")
    masked = unpacked(tmp_path / "masked.zip")
    assert found_in(masked, WORDS, ADDRESSES, MACS) == []
    inside = json.loads(masked["report.json"])
    assert conclusions(inside) == conclusions(plain)
    again = json.loads(run("report", tmp_path / "masked.zip", "--json").stdout)
    assert conclusions(again) == conclusions(plain)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["report", "a", "b", "--diff", "--mask"], "--diff has neither --mask nor --bundle"),
        (["report", "a", "b", "--diff", "--bundle", "x.zip"], "--diff has neither --mask nor --bundle"),
        (["logs", "a", "--follow", "--mask"], "--follow shows each request as it is"),
    ],
)
def test_what_does_not_go_together(words: list[str], why: str) -> None:
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 2
    assert why in done.stderr


@pytest.mark.parametrize(
    ("kind", "said"),
    [("active", "{} is gone."), ("lab", "{} is gone."), ("logs", None), ("file", None), ("live", None)],
)
def test_what_is_said_of_the_network_keeps_its_words(tmp_path: Path, kind: str, said: str | None) -> None:
    """All else may name files: what is said of them has the title of its code alone."""
    data = json.loads(run("logs", *logs_of(tmp_path / "logs"), "--json").stdout)
    data["source"] = {"kind": kind, "name": "pool01.contoso.com", "packets": None}
    data["verdict"]["summary"] = "So: 10.0.5.7 is gone."
    data["problems"] = [{"code": "log-unreadable", "text": "10.0.5.7 is gone."}]
    path = tmp_path / "stored.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    masked = json.loads(run("report", path, "--mask", "--json").stdout)
    title = PROBLEMS["log-unreadable"].title
    (problem,) = masked["problems"]
    address = next(phone["phone"]["ip"] for phone in masked["phones"] if phone["phone"]["mac"])
    text = said.format(address) if said is not None else f"{title}."
    assert (problem["text"], masked["verdict"]["summary"]) == (text, f"So: {text}")
    assert (masked["source"]["name"] == "(masked)") is (said is None)
    assert left(json.dumps(masked).encode()) == []


def test_a_temporary_file_is_called_as_one_says() -> None:
    masked = MaskedRun(["/captures/site.pcap"])
    masked.call("/tmp/ucdiag-x1", "the packets that were kept")
    assert masked.text("Frames of /tmp/ucdiag-x1, read from /captures/site.pcap (site.pcap)") == (
        "Frames of the packets that were kept, read from capture-1 (capture-1)"
    )
