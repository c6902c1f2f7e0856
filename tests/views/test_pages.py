"""What the text view and its ladder print for the recorded stories, line by line."""

from tests.views.pages import pages, recorded


def test_the_pages_are_those_that_are_recorded() -> None:
    found, known = pages(), recorded()
    assert {name: text for name, text in found.items() if known.get(name) != text} == {}, (
        "meant? then: python -m tests.views.pages"
    )
    assert list(found) == list(known)
