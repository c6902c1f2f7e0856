"""How long a URL may be, and where a name in it ends."""

import pytest

from ucdiag.model.urls import LONGEST_URL, ipv4_flaw, url_flaw

_HEAD = "http://pool.contoso.com/"


@pytest.mark.parametrize(
    ("length", "said"),
    [(2047, None), (2048, None), (2049, "it is 2,049 characters long"), (20_000, "it is 20,000 characters long")],
)
def test_how_long_a_url_may_be(length: int, said: str | None) -> None:
    assert LONGEST_URL == 2048
    assert url_flaw(_HEAD + "x" * (length - len(_HEAD))) == said


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("0.0.0.0", "0.255.255.255", "0.0.0.0/8"),
        ("127.0.0.0", "127.255.255.255", "loopback"),
        ("169.254.0.0", "169.254.255.255", "link-local"),
        ("224.0.0.0", "239.255.255.255", "multicast"),
        ("240.0.0.0", "255.255.255.254", "240.0.0.0/4"),
        ("255.255.255.255", "255.255.255.255", "broadcast"),
    ],
)
def test_the_blocks_in_which_no_server_is(first: str, last: str, said: str) -> None:
    assert all(said in (ipv4_flaw(address) or "") for address in (first, last))


@pytest.mark.parametrize(
    "address", ["1.0.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "223.255.255.255"]
)
def test_the_addresses_beside_these_blocks_are_a_server_s(address: str) -> None:
    assert ipv4_flaw(address) is None


def test_an_address_is_judged_once_however_many_phones_are_given_it() -> None:
    ipv4_flaw.cache_clear()
    assert {ipv4_flaw(address) for _ in range(100) for address in ("10.0.0.20", "10.0.0.21")} == {None}
    assert ipv4_flaw.cache_info().misses == 2
