"""Every code of a problem that is ever printed can be explained."""

import re

from tests.in_parts import in_parts
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.catalogue.problems import PROBLEMS, ProblemEntry
from ucdiag.model.vocabulary import ProblemCode, words

each_problem = in_parts("entry", PROBLEMS.values(), ids=lambda entry: entry.code)


def test_every_code_has_its_entry_in_the_vocabulary_s_order() -> None:
    assert tuple(PROBLEMS) == words(ProblemCode)
    assert PROBLEMS.keys().isdisjoint(CATALOGUE)


@each_problem
def test_the_title_is_a_short_statement(entry: ProblemEntry) -> None:
    assert entry.title[0].isupper()
    assert entry.title[-1] not in ".!?:"
    assert len(entry.title) <= 90


@each_problem
def test_meaning_and_advice_are_plain_sentences(entry: ProblemEntry) -> None:
    for text in (entry.meaning, entry.fix):
        assert text[0].isupper() or text.startswith(("ucdiag ", "udhcpc "))
        assert text[-1] == "."
        assert text == text.strip()
        assert not re.search(r"  |[\t\n{}]|\.\.$", text)
        for sentence in re.split(r"(?<=[.?]) (?=[A-Z])", text):
            assert len(sentence.split()) <= 25, sentence
