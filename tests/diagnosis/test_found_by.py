"""The catalogue says which kind of command can find a code; the judge keeps to that."""

from dataclasses import replace

import pytest

from tests.diagnosis.story import Story, codes, statuses
from ucdiag.diagnosis import catalogue


def test_a_story_fails_for_a_code_that_its_kind_of_command_cannot_find(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story(from_capture=True).leased().wait(20)
    assert story.report().verdict.code == "dns-not-asked"
    entry = catalogue.CATALOGUE["dns-not-asked"]
    loaded = vars(catalogue.CATALOGUE)["_modules"]["dns"]
    monkeypatch.setitem(loaded, "dns-not-asked", replace(entry, where="A"))
    with pytest.raises(AssertionError, match=r"dns-not-asked: the catalogue says that no capture finds this"):
        story.report()


@pytest.mark.parametrize("transfers", [0, 1], ids=["not asked for", "only its beginning"])
def test_a_file_that_the_user_did_not_want_whole_is_not_tested(transfers: int) -> None:
    story = Story(whole_file=False).found().connects().posts().offers()
    for _ in range(transfers):
        story.fetches("limited", received_bytes=1000)
    report = story.report()
    assert statuses(report)[-1] == "not-tested"
    assert codes(report) == {"download-not-tried"}
    assert "was not asked for" in report.verdict.summary
