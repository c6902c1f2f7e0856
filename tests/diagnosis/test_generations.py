"""The table of firmware generations, and the advice that follows from it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.in_parts import in_parts
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.catalogue.references import CERTAINTIES
from ucdiag.diagnosis.firmware_generations import GENERATIONS, Generation, firmware_advice, generation_of

CODES = [None, *CATALOGUE]


@pytest.mark.parametrize(
    ("firmware", "pattern", "labels", "asks"),
    [
        ("1.0.199.123", "1.0.199.123", (), False),
        ("1.0.199.12", "1.0", ("ucupdates",), True),
        ("1.0.199.1234", "1.0", ("ucupdates",), True),
        ("1.0.522.34", "1.0.522.34", ("ucupdates-r2", "ucupdates"), None),
        ("1.0.522.73", "1.0.522.73", ("ucupdates-r2", "ucupdates"), None),
        ("1.0.522.101", "1.0.522.101", ("ucupdates-r2",), True),
        ("1.0.522.103", "1.0.522", ("ucupdates-r2",), True),
        ("3.5.6907.0", "3.5", ("ucupdates-r2",), True),
        ("3.5.6907.35", "3.5.6907.35", ("ucupdates-r2",), True),
        ("3.5.6907.187", "3.5", ("ucupdates-r2",), True),
        (" 4.0.7577.4387 ", "4", ("ucupdates-r2",), True),
        ("4.0", "4", ("ucupdates-r2",), True),
    ],
)
def test_each_known_version_has_its_row(
    firmware: str, pattern: str, labels: tuple[str, ...], asks: bool | None
) -> None:
    row = generation_of(firmware)
    assert row is not None
    assert (row.pattern, row.labels, row.asks_dns) == (pattern, labels, asks)


@pytest.mark.parametrize(
    "firmware",
    [None, "", "4", "2.0.1", "1.0.523.1", "1.1.0.0", "5.0", "40.1.2.3", "v4.0", "4.0.x", "4..0", "4.0\n.1", "٤.٠"],
)
def test_what_is_not_in_the_table_has_no_row_and_no_advice(firmware: str | None) -> None:
    assert generation_of(firmware) is None
    assert [firmware_advice(firmware, code) for code in CODES] == [None] * len(CODES)


@given(st.text(max_size=60), st.text(max_size=20) | st.none())
def test_any_text_is_taken(firmware: str, code: str | None) -> None:
    row = generation_of(firmware)
    assert row is None or row in GENERATIONS
    assert firmware_advice(firmware, code) is None or row is not None


def test_a_verdict_that_says_so_itself_needs_no_second_word() -> None:
    assert firmware_advice("1.0.199.123", "firmware-needs-sign-in") is None


@in_parts("code", [code for code in CODES if code != "firmware-needs-sign-in"])
def test_the_firmware_that_never_asks_dns_is_named_whatever_the_verdict(code: str | None) -> None:
    told = firmware_advice("1.0.199.123", code)
    assert told is not None
    assert "DNS will never help" in told
    assert "Sign in" in told


def test_no_other_firmware_gets_advice_against_dns() -> None:
    others = ["1.0.522.34", "1.0.522.73", "1.0.522.101", "1.0.522.9", "1.0.100.1", "3.5.6907.35", "4.0.7577.4363"]
    assert not [
        told for one in others for code in CODES if (told := firmware_advice(one, code)) and "never help" in told
    ]


@pytest.mark.parametrize(
    ("firmware", "path"),
    [
        ("1.0.100.1", ["1.0.522.101", "3.5.6907.x", "4.0.7577.x"]),
        ("1.0.199.123", ["1.0.522.101", "3.5.6907.x", "4.0.7577.x"]),
        ("1.0.522.34", ["3.5.6907.x", "4.0.7577.x"]),
        ("1.0.522.101", ["3.5.6907.x", "4.0.7577.x"]),
        ("3.5.6907.35", ["4.0.7577.x"]),
    ],
)
def test_a_phone_that_is_offered_nothing_is_shown_the_stages_as_inferred(firmware: str, path: list[str]) -> None:
    told = firmware_advice(firmware, "no-update-offered")
    assert told is not None
    named = re.findall(r"\d\.\d\.\d+\.[0-9x]+", told.partition("The next version")[2])
    assert list(dict.fromkeys(named)) == path
    assert "(inferred)" in told


def test_the_newest_generation_is_sent_nowhere() -> None:
    assert firmware_advice("4.0.7577.4363", "no-update-offered") is None
    assert firmware_advice("4.0.7577.4363", None) is None


def test_a_sign_in_is_not_praised_where_it_cannot_work() -> None:
    told = firmware_advice("1.0.522.101", "dns-r2-missing")
    assert told is not None
    assert "SIP 401" in told
    assert "SIP 401" not in (firmware_advice("3.5.6907.35", "dns-r2-missing") or "")


def test_one_firmware_restarts_after_a_sign_in_whatever_the_verdict() -> None:
    def warned(firmware: str) -> set[str | None]:
        return {code for code in CODES if "restart over and over" in (firmware_advice(firmware, code) or "")}

    assert warned("1.0.522.73") == {*CODES} - {"no-update-offered"}
    assert warned("1.0.522.101") == warned("1.0.522.34") == warned("3.5.6907.35") == set()


def test_sha_2_is_reported_to_firmware_of_the_manuals_time_only() -> None:
    assert "SHA-2" in (firmware_advice("3.5.6907.35", "tls-sha2-chain") or "")
    assert "SHA-2" in (firmware_advice("1.0.522.101", "tls-sha2-chain") or "")
    assert firmware_advice("4.0.7577.4363", "tls-sha2-chain") is None


def test_the_legacy_record_alone_does_not_help_a_firmware_that_asks_for_r2() -> None:
    assert "(documented)" in (firmware_advice("3.5.6907.35", "dns-legacy-only") or "")
    assert "(inferred)" in (firmware_advice("3.5.6907.187", "dns-legacy-only") or "")


@pytest.mark.parametrize("row", GENERATIONS, ids=[row.pattern for row in GENERATIONS])
def test_a_row_says_how_sure_it_is_and_who_says_so(row: Generation) -> None:
    assert row.labels_certainty is None or row.labels_certainty in CERTAINTIES
    assert row.port_certainty in CERTAINTIES
    assert row.servers_certainty in CERTAINTIES
    assert (row.next_step is None) == (row.next_step_certainty is None)
    assert row.next_step_certainty is None or row.next_step_certainty in CERTAINTIES
    assert row.servers
    assert row.port in (None, 80, 443)
    assert row.sources
    for source in row.sources:
        assert source.split(":")[0] in CERTAINTIES
        assert source.endswith(".")
    assert all(note.endswith(".") for note in row.notes)


@pytest.mark.parametrize("row", GENERATIONS, ids=[row.pattern for row in GENERATIONS])
def test_every_upgrade_ends_at_the_newest_generation(row: Generation) -> None:
    seen = [row]
    while seen[-1].next_step is not None:
        after = generation_of(seen[-1].next_step.replace("x", "0"))
        assert after is not None
        assert after not in seen
        seen.append(after)
    assert seen[-1].pattern == "4"


def test_no_row_is_hidden_by_one_above_it() -> None:
    for row in GENERATIONS:
        samples = [row.pattern, f"{row.pattern}.1", f"{row.pattern}.1.1", f"{row.pattern}.7.7.7"]
        assert row in [generation_of(sample) for sample in samples], row.pattern


@pytest.mark.parametrize("row", GENERATIONS, ids=[row.pattern for row in GENERATIONS])
def test_advice_is_whole_sentences(row: Generation) -> None:
    firmware = row.pattern if row.pattern.count(".") == 3 else f"{row.pattern}.1"
    for code in CODES:
        told = firmware_advice(firmware, code)
        assert told is None or (told[0].isupper() and told.endswith("."))
        assert told is None or not re.search(r"\[S\d|\bS\d{1,2}\b|  |[{}]", told)
