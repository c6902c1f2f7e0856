"""How long a URL may be, and where a name in it ends."""

import pytest

from ucdiag.model.urls import LONGEST_URL, url_flaw

_HEAD = "http://pool.contoso.com/"


@pytest.mark.parametrize(
    ("length", "said"),
    [(2047, None), (2048, None), (2049, "it is 2,049 characters long"), (20_000, "it is 20,000 characters long")],
)
def test_how_long_a_url_may_be(length: int, said: str | None) -> None:
    assert LONGEST_URL == 2048
    assert url_flaw(_HEAD + "x" * (length - len(_HEAD))) == said
