"""``capture`` with the secrets of TLS: ``--keylog``, and those that a capture holds itself."""

import gzip
import json
import struct
from pathlib import Path
from ssl import TLSVersion
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.capture.capture_files import block, described, enhanced, pcap, pcapng, secrets_block, section
from tests.capture.tls_phone import FILES, SERVER, TlsPhone, check, fetch, file_of, nothing_newer, offer, status
from tests.wire.tls_talk import TlsTalk
from ucdiag.capture import key_log
from ucdiag.cli.main import cli

VERSIONS = (TLSVersion.TLSv1, TLSVersion.TLSv1_2, TLSVersion.TLSv1_3)
PAGE = b"<html><body>not here</body></html>"


def talk(version: TLSVersion = TLSVersion.TLSv1_2, **options: Any) -> TlsTalk:
    return TlsTalk(minimum=version, maximum=version, **options)


def run(*arguments: object, env: dict[str, str] | None = None) -> Result:
    return CliRunner(env=env).invoke(cli, ["capture", *map(str, arguments)])


class Site:
    """A capture of one phone and the key log of what it says."""

    def __init__(self, folder: Path, phone: TlsPhone, *talks: TlsTalk) -> None:
        phone.waits(30)
        self.phone = phone
        self.capture = folder / "site.pcap"
        self.capture.write_bytes(pcap(phone.frames()))
        self.keys = folder / "keys.log"
        self.key_log = "".join(spoken.key_log for spoken in talks)
        self.keys.write_text(self.key_log)

    def judged(self, *more: object) -> dict[str, Any]:
        return report(run("-r", self.capture, "--keylog", self.keys, "--json", *more))


def report(done: Result) -> dict[str, Any]:
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def codes(found: dict[str, Any]) -> set[str]:
    """Of its findings, without the one that these certificates always give."""
    return {finding["code"] for phone in found["phones"] for finding in phone["findings"]} - {"tls-sha2-chain"}


def verdict(found: dict[str, Any]) -> tuple[str, str | None]:
    return found["verdict"]["status"], found["verdict"]["code"]


def one_answer(folder: Path, version: TLSVersion, answer: bytes) -> Site:
    session = talk(version).request(check()).answer(answer).close()
    phone = TlsPhone()
    phone.talks(SERVER, session)
    return Site(folder, phone, session)


ANSWERS = [
    (status("404 Not Found", PAGE), "broken", "http-not-found", {"http-not-found"}),
    (status("403 Forbidden", PAGE), "broken", "http-forbidden", {"http-forbidden"}),
    (status("401 Unauthorized", PAGE), "broken", "http-auth-required", {"http-auth-required"}),
    (status("500 Internal Server Error", PAGE), "broken", "http-server-error", {"http-server-error"}),
    (status("503 Service Unavailable"), "broken", "http-unavailable", {"http-unavailable"}),
    (status("200 OK", PAGE), "broken", "response-not-xml", {"response-not-xml"}),
    (nothing_newer(), "whole", "no-update-offered", {"no-update-offered"}),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("answer", "state", "code", "found"), ANSWERS, ids=[code for _, _, code, _ in ANSWERS])
def test_the_answer_inside_is_judged(
    tmp_path: Path, version: TLSVersion, answer: bytes, state: str, code: str, found: set[str]
) -> None:
    judged = one_answer(tmp_path, version, answer).judged()
    assert verdict(judged) == (state, code)
    assert codes(judged) == found
    assert judged["problems"] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_without_keys_what_follows_is_encrypted(tmp_path: Path, version: TLSVersion) -> None:
    site = one_answer(tmp_path, version, status("404 Not Found", PAGE))
    judged = report(run("-r", site.capture, "--json"))
    assert verdict(judged) == ("unknown", "tls-not-decrypted")
    assert "What follows is encrypted" in judged["verdict"]["summary"]
    assert codes(judged) == set()
    assert judged["problems"] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_with_other_keys_it_is_said_why(tmp_path: Path, version: TLSVersion) -> None:
    site = one_answer(tmp_path, version, status("404 Not Found", PAGE))
    site.keys.write_text(talk(version).key_log)
    judged = site.judged()
    assert verdict(judged) == ("unknown", "tls-not-decrypted")
    assert "because the keys at hand have no secret of this session" in judged["verdict"]["summary"]
    assert codes(judged) == set()
    (problem,) = judged["problems"]
    assert problem["code"] == "tls-not-decrypted"
    assert "1 of 1 TLS connections" in problem["text"]
    assert "frame 7" in problem["text"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_phone_that_says_nothing_inside_sent_no_request(tmp_path: Path, version: TLSVersion) -> None:
    session = talk(version).close()
    phone = TlsPhone()
    phone.talks(SERVER, session)
    judged = Site(tmp_path, phone, session).judged()
    assert verdict(judged) == ("unknown", "request-not-sent")
    assert codes(judged) == {"request-not-sent"}


DOWNLOADS = [
    (file_of(50_000), "whole", None, set()),
    (file_of(50_000, 20_000), "broken", "download-truncated", {"download-truncated"}),
    (status("404 Not Found", PAGE), "broken", "download-not-found", {"download-not-found"}),
    (status("200 OK", PAGE), "broken", "download-not-firmware", {"download-not-firmware"}),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("answer", "state", "code", "found"), DOWNLOADS, ids=["whole", "truncated", "not found", "a page"]
)
def test_the_download_inside_is_judged(
    tmp_path: Path, version: TLSVersion, answer: bytes, state: str, code: str | None, found: set[str]
) -> None:
    asked = talk(version).request(check()).answer(offer()).close()
    fetched = talk(version).request(fetch()).answer(answer).close()
    phone = TlsPhone()
    phone.talks(SERVER, asked)
    phone.asks_for_pool()
    phone.talks(FILES, fetched)
    judged = Site(tmp_path, phone, asked, fetched).judged()
    assert verdict(judged) == (state, code)
    assert codes(judged) - {"internal-url-https"} == found
    if state == "whole":
        assert "https://pool01.contoso.com" in judged["verdict"]["summary"]


def test_a_download_without_its_key_stays_unknown(tmp_path: Path) -> None:
    asked = talk().request(check()).answer(offer()).close()
    fetched = talk().request(fetch()).answer(file_of(50_000)).close()
    phone = TlsPhone()
    phone.talks(SERVER, asked)
    phone.asks_for_pool()
    phone.talks(FILES, fetched)
    judged = Site(tmp_path, phone, asked).judged()
    assert verdict(judged) == ("unknown", "tls-not-decrypted")
    assert "whether it arrived is not known (the keys at hand have no secret of this session)" in str(judged)
    assert codes(judged) - {"internal-url-https"} == set()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_phone_that_shows_itself_inside_only_is_found(tmp_path: Path, version: TLSVersion) -> None:
    session = talk(version).request(check()).answer(status("404 Not Found", PAGE)).close()
    phone = TlsPhone(asks=False)
    phone.talks(SERVER, session)
    site = Site(tmp_path, phone, session)
    judged = site.judged()
    assert verdict(judged) == ("broken", "http-not-found")
    assert codes(judged) == {"http-not-found"}
    without = report(run("-r", site.capture, "--json"))
    assert verdict(without) == ("unknown", "no-phone-seen")


def test_facts_are_those_of_https(tmp_path: Path) -> None:
    site = one_answer(tmp_path, TLSVersion.TLSv1_3, nothing_newer())
    done = run("-r", site.capture, "--keylog", site.keys, "--facts")
    assert done.exit_code == 0
    facts = [json.loads(line) for line in done.stdout.splitlines()]
    (tls,) = [fact for fact in facts if fact["kind"] == "tls"]
    assert (tls["decrypted"], tls["not_decrypted"]) == (True, None)
    (http,) = [fact for fact in facts if fact["kind"] == "http"]
    assert (http["scheme"], http["method"], http["status"]) == ("https", "POST", 200)
    assert done.stderr == ""


def test_no_secret_is_reported(tmp_path: Path) -> None:
    site = one_answer(tmp_path, TLSVersion.TLSv1_3, status("404 Not Found", PAGE))
    secrets = {word for line in site.key_log.splitlines() for word in line.split()[1:]}
    shown = ""
    for more in (("--json",), ("-v", "--ladder"), ("--facts",)):
        done = run("-r", site.capture, "--keylog", site.keys, *more)
        shown += done.stdout + done.stderr
    assert len(secrets) > 4
    assert not [secret for secret in secrets if secret in shown.lower()]


@pytest.mark.parametrize("name", ["UCDIAG_KEYLOG", "UCDIAG_CAPTURE_KEYLOG"])
def test_the_environment_names_a_key_log_too(tmp_path: Path, name: str) -> None:
    site = one_answer(tmp_path, TLSVersion.TLSv1_2, nothing_newer())
    judged = report(run("-r", site.capture, "--json", env={name: str(site.keys)}))
    assert verdict(judged) == ("whole", "no-update-offered")


def test_key_logs_add_up(tmp_path: Path) -> None:
    asked = talk().request(check()).answer(offer()).close()
    fetched = talk(TLSVersion.TLSv1_3).request(fetch()).answer(file_of(50_000)).close()
    phone = TlsPhone()
    phone.talks(SERVER, asked)
    phone.asks_for_pool()
    phone.talks(FILES, fetched)
    site = Site(tmp_path, phone, asked)
    other = tmp_path / "other.log"
    other.write_text(fetched.key_log)
    assert verdict(site.judged("--keylog", other)) == ("whole", None)


NTLM = b"WWW-Authenticate: NTLM\r\nWWW-Authenticate: Negotiate\r\n"


def refused(answer: bytes) -> bytes:
    return answer.replace(b"\r\n", b"\r\n" + NTLM, 1)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_sign_in_inside_leaves_nothing_behind(tmp_path: Path, version: TLSVersion) -> None:
    signed = check().replace(b"\r\n", b"\r\nAuthorization: NTLM TlRMTVNTUAAB\r\n", 1)
    session = talk(version).request(check()).answer(refused(status("401 Unauthorized", PAGE)))
    session.request(signed).answer(refused(status("401 Unauthorized"))).request(signed).answer(nothing_newer()).close()
    phone = TlsPhone()
    phone.talks(SERVER, session)
    judged = Site(tmp_path, phone, session).judged()
    assert verdict(judged) == ("whole", "no-update-offered")
    assert codes(judged) == {"no-update-offered"}
    assert "TlRMTVNTUAAB" not in json.dumps(judged)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_external_path_inside_wants_a_sign_in_as_designed(tmp_path: Path, version: TLSVersion) -> None:
    asked = check().replace(b"/RequestHandler/", b"/RequestHandlerExt/")
    session = talk(version).request(asked).answer(refused(status("401 Unauthorized", PAGE))).close()
    phone = TlsPhone()
    phone.talks(SERVER, session)
    judged = Site(tmp_path, phone, session).judged()
    assert verdict(judged) == ("unknown", "external-sign-in-needed")
    assert codes(judged) == {"external-sign-in-needed"}


@pytest.mark.parametrize("version", VERSIONS)
def test_the_request_inside_can_be_saved(tmp_path: Path, version: TLSVersion) -> None:
    site = one_answer(tmp_path, version, nothing_newer())
    saved = tmp_path / "phone.request"
    done = run("-r", site.capture, "--keylog", site.keys, "--save-request", saved)
    assert done.exit_code == 0
    assert b"<Model>CX700</Model>" in saved.read_bytes()


@pytest.mark.parametrize("version", VERSIONS)
def test_another_port_is_decrypted_where_it_is_watched(tmp_path: Path, version: TLSVersion) -> None:
    session = talk(version).request(check()).answer(status("404 Not Found", PAGE)).close()
    phone = TlsPhone()
    phone.talks(SERVER, session, port=4443)
    site = Site(tmp_path, phone, session)
    assert verdict(site.judged("--port", 4443)) == ("broken", "http-not-found")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_request_that_is_not_answered_inside(tmp_path: Path, version: TLSVersion) -> None:
    session = talk(version).request(check())
    phone = TlsPhone()
    phone.talks(SERVER, session, closes=False)
    judged = Site(tmp_path, phone, session).judged()
    assert verdict(judged) == ("broken", "http-no-answer")
    assert codes(judged) == {"http-no-answer"}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_server_that_closes_on_the_request_inside(tmp_path: Path, version: TLSVersion) -> None:
    session = talk(version).request(check())
    phone = TlsPhone()
    phone.talks(SERVER, session)
    judged = Site(tmp_path, phone, session).judged()
    assert verdict(judged) == ("broken", "http-closed")
    assert codes(judged) == {"http-closed"}


# Key logs that are none.


def missing(folder: Path) -> Path:
    return folder / "missing.log"


def folder_itself(folder: Path) -> Path:
    return folder


def binary(folder: Path) -> Path:
    file = folder / "binary.log"
    file.write_bytes(bytes(range(256)) * 4000)
    return file


def one_line(folder: Path) -> Path:
    file = folder / "line.log"
    file.write_bytes(b"A" * 3_000_000)
    return file


def endless(folder: Path) -> Path:
    return Path("/dev/zero")


def prose(folder: Path) -> Path:
    file = folder / "prose.log"
    file.write_text("CLIENT_RANDOM is what it begins with\nand then nothing\n")
    return file


def certificate(folder: Path) -> Path:
    file = folder / "server.pem"
    file.write_text("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC\n")
    return file


BAD = [missing, folder_itself, binary, one_line, endless, prose, certificate]


@pytest.mark.parametrize("bad", BAD, ids=[change.__name__ for change in BAD])
def test_what_is_no_key_log_is_one_sentence(tmp_path: Path, bad: Any) -> None:
    site = one_answer(tmp_path, TLSVersion.TLSv1_2, nothing_newer())
    file = bad(tmp_path)
    done = run("-r", site.capture, "--keylog", file)
    assert done.exit_code == 3
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert str(file) in done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_key_log_is_said_and_the_rest_is_judged(tmp_path: Path) -> None:
    site = one_answer(tmp_path, TLSVersion.TLSv1_2, nothing_newer())
    site.keys.write_text("# nothing yet\n\n")
    judged = site.judged()
    assert verdict(judged) == ("unknown", "tls-not-decrypted")
    assert [problem["code"] for problem in judged["problems"]] == ["keylog-incomplete", "tls-not-decrypted"]


@pytest.mark.parametrize("junk", ["", "# comment\n", "\0\1\2 binary\n", "EXPORTER_SECRET 00 00\n", "A" * 20_000 + "\n"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_other_lines_of_a_key_log_are_passed_over(tmp_path: Path, junk: str, ends: str) -> None:
    site = one_answer(tmp_path, TLSVersion.TLSv1_3, nothing_newer())
    lines = [f"\ufeff{junk}", *(f"{line}{ends}{junk}" for line in site.key_log.splitlines())]
    site.keys.write_bytes("".join(lines).encode())
    assert verdict(site.judged()) == ("whole", "no-update-offered")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8-sig"])
def test_a_key_log_that_powershell_wrote_is_read(tmp_path: Path, encoding: str) -> None:
    site = one_answer(tmp_path, TLSVersion.TLSv1_3, nothing_newer())
    text = site.key_log.replace("\n", "\r\n")
    site.keys.write_bytes((("\ufeff" if encoding == "utf-16-be" else "") + text).encode(encoding))
    assert verdict(site.judged()) == ("whole", "no-update-offered")


def test_a_key_log_without_a_last_newline_is_whole(tmp_path: Path) -> None:
    site = one_answer(tmp_path, TLSVersion.TLSv1_2, nothing_newer())
    site.keys.write_text(site.key_log.rstrip("\n"))
    assert verdict(site.judged()) == ("whole", "no-update-offered")


def test_of_very_many_secrets_the_latest_count(tmp_path: Path) -> None:
    site = one_answer(tmp_path, TLSVersion.TLSv1_2, nothing_newer())
    with site.keys.open("w") as file:
        for number in range(66_000):
            file.write(f"CLIENT_RANDOM {number:064x} {number:096x}\n")
        file.write(site.key_log)
    judged = site.judged()
    assert verdict(judged) == ("whole", "no-update-offered")
    (problem,) = judged["problems"]
    assert problem["code"] == "keylog-incomplete"
    assert "65,536" in problem["text"]


@pytest.mark.parametrize("option", ["-o", "-w", "--save-request"])
def test_a_key_log_is_not_overwritten(tmp_path: Path, option: str) -> None:
    site = one_answer(tmp_path, TLSVersion.TLSv1_2, nothing_newer())
    done = run("-r", site.capture, "--keylog", site.keys, option, site.keys)
    assert done.exit_code == 2
    assert site.keys.read_text() == site.key_log


# Secrets in a capture.


def parted(site: Site) -> tuple[bytes, list[bytes]]:
    packets = [enhanced(time, frame) for time, frame in site.phone.frames()]
    return section() + described(), packets


def before(site: Site) -> bytes:
    head, packets = parted(site)
    return head + secrets_block(site.key_log) + b"".join(packets)


def before_the_interface(site: Site) -> bytes:
    _, packets = parted(site)
    return section() + secrets_block(site.key_log) + described() + b"".join(packets)


def behind(site: Site) -> bytes:
    head, packets = parted(site)
    return head + b"".join(packets) + secrets_block(site.key_log)


def between(site: Site) -> bytes:
    head, packets = parted(site)
    half = len(packets) // 2
    return head + b"".join(packets[:half]) + secrets_block(site.key_log) + b"".join(packets[half:])


def line_by_line(site: Site) -> bytes:
    head, packets = parted(site)
    lines = [secrets_block(line) for line in site.key_log.splitlines(keepends=True)]
    return head + packets[0] + b"".join(lines) + b"".join(packets[1:]) + lines[0]


def in_an_earlier_section(site: Site) -> bytes:
    head, packets = parted(site)
    return head + secrets_block(site.key_log) + head + b"".join(packets)


def in_sections_of_the_other_byte_order(site: Site) -> bytes:
    text = site.key_log.encode()
    body = struct.pack(">II", 0x544C534B, len(text)) + text + bytes(-len(text) & 3)
    frames = b"".join(enhanced(time, frame, ">") for time, frame in site.phone.frames())
    return section(">") + described(">") + frames + block(">", 10, body)


def in_a_later_section(site: Site) -> bytes:
    head, packets = parted(site)
    return head + b"".join(packets) + head + secrets_block(site.key_log)


PLACES = [
    before,
    before_the_interface,
    behind,
    between,
    line_by_line,
    in_an_earlier_section,
    in_a_later_section,
    in_sections_of_the_other_byte_order,
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("place", PLACES, ids=[place.__name__ for place in PLACES])
@pytest.mark.parametrize("more", [(), ("--facts",)], ids=["judged", "facts"])
def test_secrets_in_a_capture_are_used_wherever_they_stand(
    tmp_path: Path, version: TLSVersion, place: Any, more: tuple[str, ...]
) -> None:
    site = one_answer(tmp_path, version, status("404 Not Found", PAGE))
    capture = tmp_path / "site.pcapng"
    capture.write_bytes(place(site))
    plain = tmp_path / "plain.pcapng"
    plain.write_bytes(parted(site)[0] + b"".join(parted(site)[1]))
    if more:
        with_keys = run("-r", plain, "--keylog", site.keys, *more)
        assert run("-r", capture, *more).stdout == with_keys.stdout
        assert '"status": 404' in with_keys.stdout
        return
    judged = report(run("-r", capture, "--json"))
    assert verdict(judged) == ("broken", "http-not-found")
    assert codes(judged) == {"http-not-found"}
    assert judged["problems"] == []
    assert judged["phones"] == report(run("-r", plain, "--keylog", site.keys, "--json"))["phones"]


@pytest.mark.parametrize("place", PLACES, ids=[place.__name__ for place in PLACES])
def test_secrets_in_a_compressed_capture_are_used(tmp_path: Path, place: Any) -> None:
    site = one_answer(tmp_path, TLSVersion.TLSv1_2, status("404 Not Found", PAGE))
    capture = tmp_path / "site.pcapng.gz"
    capture.write_bytes(gzip.compress(place(site)))
    assert verdict(report(run("-r", capture, "--json"))) == ("broken", "http-not-found")


@pytest.mark.parametrize("first", [True, False])
def test_secrets_in_another_capture_are_used(tmp_path: Path, first: bool) -> None:
    site = one_answer(tmp_path, TLSVersion.TLSv1_2, nothing_newer())
    keys, packets = tmp_path / "keys.pcapng", tmp_path / "packets.pcapng"
    frame = site.phone.frames()[0][1]
    time = site.phone.frames()[0][0] + (-60_000_000 if first else 60_000_000)
    keys.write_bytes(section() + described() + enhanced(time, frame) + secrets_block(site.key_log))
    packets.write_bytes(pcapng(site.phone.frames()))
    judged = report(run("-r", keys, "-r", packets, "--json"))
    assert verdict(judged) == ("whole", "no-update-offered")


def test_secrets_of_another_kind_are_passed_over(tmp_path: Path) -> None:
    site = one_answer(tmp_path, TLSVersion.TLSv1_2, nothing_newer())
    head, packets = parted(site)
    capture = tmp_path / "site.pcapng"
    capture.write_bytes(head + secrets_block(site.key_log, 0x57474B4C) + b"".join(packets))
    judged = report(run("-r", capture, "--json"))
    assert "What follows is encrypted" in judged["verdict"]["summary"]
    assert judged["problems"] == []


def test_a_block_of_secrets_that_is_too_large_is_said(tmp_path: Path) -> None:
    site = one_answer(tmp_path, TLSVersion.TLSv1_2, nothing_newer())
    head, packets = parted(site)
    large = secrets_block("# comment\n" * 120_000 + site.key_log)
    capture = tmp_path / "site.pcapng"
    capture.write_bytes(head + large + b"".join(packets))
    judged = report(run("-r", capture, "--json"))
    assert verdict(judged) == ("unknown", "tls-not-decrypted")
    assert ["more than 1 MiB" in problem["text"] for problem in judged["problems"]] == [True]
    assert verdict(report(run("-r", capture, "--keylog", site.keys, "--json"))) == ("whole", "no-update-offered")


@pytest.mark.parametrize("size", [0, 3, 7, 8])
def test_a_damaged_block_of_secrets_does_no_harm(tmp_path: Path, size: int) -> None:
    site = one_answer(tmp_path, TLSVersion.TLSv1_2, nothing_newer())
    head, packets = parted(site)
    damaged = block("<", 10, struct.pack("<II", 0x544C534B, 1 << 30)[:size])
    capture = tmp_path / "site.pcapng"
    capture.write_bytes(head + damaged + secrets_block(site.key_log) + b"".join(packets) + damaged)
    assert verdict(report(run("-r", capture, "--json"))) == ("whole", "no-update-offered")


def blocks(data: bytes) -> list[int]:
    kinds, at = [], 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        kinds.append(kind)
        at += size
    return kinds


@pytest.mark.parametrize("place", PLACES, ids=[place.__name__ for place in PLACES])
def test_a_copy_keeps_secrets_before_its_packets(tmp_path: Path, place: Any) -> None:
    site = one_answer(tmp_path, TLSVersion.TLSv1_2, nothing_newer())
    capture, copy = tmp_path / "site.pcapng", tmp_path / "copy.pcapng"
    capture.write_bytes(place(site))
    first = report(run("-r", capture, "-w", copy, "--json"))
    assert verdict(first) == ("whole", "no-update-offered")
    kinds = blocks(copy.read_bytes())
    assert kinds[:3] == [0x0A0D0D0A, 1, 10]
    assert 6 in kinds
    assert 10 not in kinds[kinds.index(6) :]
    assert report(run("-r", copy, "--json"))["verdict"] == first["verdict"]


def test_a_copy_has_no_secret_of_a_key_log(tmp_path: Path) -> None:
    site = one_answer(tmp_path, TLSVersion.TLSv1_2, nothing_newer())
    copy = tmp_path / "copy.pcapng"
    assert verdict(site.judged("-w", copy)) == ("whole", "no-update-offered")
    assert 10 not in blocks(copy.read_bytes())


def test_that_pcap_has_no_place_for_secrets_is_said(tmp_path: Path) -> None:
    site = one_answer(tmp_path, TLSVersion.TLSv1_2, nothing_newer())
    capture, copy = tmp_path / "site.pcapng", tmp_path / "copy.pcap"
    capture.write_bytes(before(site))
    judged = report(run("-r", capture, "-w", copy, "--json"))
    assert verdict(judged) == ("whole", "no-update-offered")
    assert "keylog-incomplete" in [problem["code"] for problem in judged["problems"]]


@pytest.mark.parametrize("place", [before, behind], ids=["before", "behind"])
def test_from_a_pipe_secrets_count_for_what_comes_after_them(tmp_path: Path, place: Any) -> None:
    site = one_answer(tmp_path, TLSVersion.TLSv1_2, nothing_newer())
    copy = tmp_path / "copy.pcapng"
    done = CliRunner().invoke(cli, ["capture", "-r", "-", "-w", str(copy), "--json"], input=place(site))
    judged = report(done)
    assert verdict(judged) == (("whole", "no-update-offered") if place is before else ("unknown", "tls-not-decrypted"))
    said = [problem["text"] for problem in judged["problems"] if problem["code"] == "keylog-incomplete"]
    assert len(said) == (place is behind)
    assert all("save it in a file" in text for text in said)
    # What was written can be read twice.
    assert 10 in blocks(copy.read_bytes())
    assert verdict(report(run("-r", copy, "--json"))) == ("whole", "no-update-offered")


@pytest.mark.parametrize(("comments", "cut"), [(1 << 18, True), (1, False)])
def test_of_a_huge_key_log_the_beginning_is_read(
    comments: int, cut: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_log, "_MOST", 1 << 20)
    path = tmp_path / "keys"
    path.write_text(f"CLIENT_RANDOM {'ab' * 32} {'cd' * 48}\n" + "# x\n" * comments)
    secrets, problems = key_log.read_key_logs([str(path)])
    assert secrets.lines == 1
    text = f"Only the first 1 MiB of the key log {str(path)!r} were read: cut it to the time of the capture."
    assert [(problem.code, problem.text) for problem in problems] == [("keylog-incomplete", text)] * cut
