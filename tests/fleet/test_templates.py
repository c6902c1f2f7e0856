"""A text with gaps is used where it makes every text, and nowhere else."""

import pytest

from ucdiag.fleet.templates import MAC_GAPS, TRIALS, template_of

FIRST, SECOND = {"mac": "aa:bb", "serial": "S1"}, {"mac": "cc:dd", "serial": "S22"}


def test_the_values_are_put_in_their_places() -> None:
    template = template_of("<aa:bb> 100%s S1 aa:bb", FIRST, "<cc:dd> 100%s S22 cc:dd", SECOND)
    assert template is not None
    assert template.names == {"mac", "serial"}
    assert template.fill_gaps({"mac": "ee:ff", "serial": "%(mac)s"}) == "<ee:ff> 100%s %(mac)s ee:ff"


@pytest.mark.parametrize("text", ["{mac} 5%", "5% {mac}", "5% {mac} %(x)s {mac} 5%"])
def test_a_per_cent_sign_anywhere_is_itself(text: str) -> None:
    template = template_of(text.format(**FIRST), FIRST, text.format(**SECOND), SECOND)
    assert template is not None
    assert template.fill_gaps({"mac": "ee"}) == text.format(mac="ee")


@pytest.mark.parametrize(
    "second",
    [
        "the phone cc:dd has 2 faults",  # something else differs
        "the phone cc:dd has 1 fault, S1",  # a value of the first phone stands there by itself
        "the phone CC:DD has 1 fault",
        "the phone cc:dd has 1 fault ",
    ],
)
def test_texts_that_differ_in_anything_else_have_none(second: str) -> None:
    assert template_of("the phone aa:bb has 1 fault", FIRST, second, SECOND) is None


def test_a_value_that_stands_for_something_else_too_is_noticed() -> None:
    assert template_of("S1 of step S1", FIRST, "S22 of step S1", SECOND) is None


def test_the_spellings_of_a_mac_address() -> None:
    spelt = {name: spell("00:04:f2:aa:bb:cc") for name, spell in MAC_GAPS.items()}
    assert set(spelt.values()) == {
        "00:04:f2:aa:bb:cc",
        "00:04:F2:AA:BB:CC",
        "00-04-f2-aa-bb-cc",
        "00-04-F2-AA-BB-CC",
        "0004f2aabbcc",
        "0004F2AABBCC",
        "0004.f2aa.bbcc",
        "0004.F2AA.BBCC",
    }


def test_no_value_of_a_trial_stands_in_another() -> None:
    for trial in TRIALS:
        values = [*{spell(trial.mac) for spell in MAC_GAPS.values()}, trial.serial, trial.site]
        assert len(values) == 10
        assert not any(one in other for one in values for other in values if one is not other)
