"""The catalogue's language: short sentences, and the field's own words."""

import re
from collections.abc import Iterator

from tests.in_parts import in_parts
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.catalogue.entry import Entry
from ucdiag.diagnosis.catalogue.problems import PROBLEMS, ProblemEntry
from ucdiag.model.steps import Level

LONGEST = 25
# Where one sentence ends and another begins.
BETWEEN = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9'\"({])")
STILTED = re.compile(
    r"\bleads? to\b|\bsee that\b|\b(was|is) told\b|which is none|\bof which\b.*\bof which\b|published nowhere|"
    "over and over"
)


def texts(entry: Entry | ProblemEntry) -> Iterator[str]:
    yield from (entry.title, entry.meaning, entry.fix)
    if isinstance(entry, Entry):
        yield from entry.causes
        yield from (variant.fix for variant in entry.variants)


SENTENCES = [
    (code, sentence)
    for code, entry in [*CATALOGUE.items(), *PROBLEMS.items()]
    for text in texts(entry)
    for sentence in BETWEEN.split(text)
]


@in_parts("code", sorted({code for code, _ in SENTENCES}))
def test_no_sentence_of_the_catalogue_is_long_or_stilted(code: str) -> None:
    for at, sentence in SENTENCES:
        if at == code:
            assert len(sentence.split()) <= LONGEST, sentence
            assert not STILTED.search(sentence), sentence


@in_parts("code", sorted(CATALOGUE))
def test_advice_begins_with_what_to_do(code: str) -> None:
    """A list of what fixes the most has its first sentence alone. What the reason is may stand before a colon."""
    entry = CATALOGUE[code]
    if entry.level is Level.INFORMATION:
        return
    for fix in (entry.fix, *(variant.fix for variant in entry.variants)):
        first = BETWEEN.split(fix)[0]
        assert not re.match(r"(The|An?|It|This|These|IIS|NTLM|\{host\}) (?!.*: [a-z])", first), first


def test_sentences_are_counted() -> None:
    assert BETWEEN.split("One is here. Two (e.g. this) is it? {host} is three.") == [
        "One is here.",
        "Two (e.g. this) is it?",
        "{host} is three.",
    ]
