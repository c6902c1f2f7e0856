"""What says that a proxy made an answer itself."""

import pytest

from ucdiag.wire.http.proxy_answer import answering_proxy

ISA = "ISA Server or Forefront TMG"


@pytest.mark.parametrize(
    ("server", "squid_error", "phrase", "proxy"),
    [
        # As squid 5.7 sends it, with "Via: 1.1 proxy (squid/5.7)", which stands in what it passes on as well.
        ("squid/5.7", "ERR_ACCESS_DENIED 0", "Forbidden", "squid/5.7"),
        ("squid", None, None, "squid"),
        (None, "ERR_CONNECT_FAIL 111", "Service Unavailable", "squid"),
        ("nginx/1.22.1", "ERR_CONNECT_FAIL 111", "Service Unavailable", "squid"),
        ("squid/3.5.20 (proxy01.contoso.com)", None, None, "squid/3.5.20"),
        (f"squid/{'5' * 8000}", None, None, f"squid/{'5' * 39}"),
        ("Varnish", None, "Service Unavailable", "Varnish"),
        ("Zscaler/6.2", None, "Forbidden", "Zscaler/6.2"),
        ("BigIP", None, None, "BigIP"),
        ("awselb/2.0", None, "Service Unavailable", "awselb/2.0"),
        ("tinyproxy/1.11.1", None, "Access denied", "tinyproxy/1.11.1"),
        (None, None, "Forbidden ( The server denied the specified Uniform Resource Locator (URL).  )", ISA),
        (None, None, "Internal Server Error ( The target principal name is incorrect.  )", ISA),
        ("Microsoft-IIS/7.5", None, "Forbidden", None),
        ("Microsoft-HTTPAPI/2.0", None, "Service Unavailable", None),
        ("nginx/1.22.1", None, "Bad Gateway", None),
        ("squidward", None, None, None),
        ("", None, "", None),
        ("7", None, "Not Found (sorry)", None),
        (None, None, None, None),
    ],
)
def test_who_says_to_be_a_proxy(
    server: str | None, squid_error: str | None, phrase: str | None, proxy: str | None
) -> None:
    assert answering_proxy(server, squid_error, phrase) == proxy
