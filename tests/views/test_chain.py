"""The tree of a certificate chain, and what a phone may object to in it."""

import io
from dataclasses import replace

import pytest

from tests.views.reports import START
from ucdiag.diagnosis.chain_objections import chain_objections
from ucdiag.model.observations import Certificate, Tls
from ucdiag.views.chain import show_chains
from ucdiag.views.choose_writer import line_writer_for
from ucdiag.views.output_target import screen_of

DAY = 86_400_000_000
LEAF = Certificate(
    subject="CN=pool",
    issuer="CN=root",
    names=("pool.contoso.com", "*.contoso.com"),
    not_before=START - DAY,
    not_after=START + DAY,
    signature="sha1WithRSAEncryption",
    key="RSA 2048",
)
ROOT = Certificate(subject="CN=root", issuer="CN=root", signature="sha256WithRSAEncryption", key="RSA 4096")
NAME = "ucupdates-r2.contoso.com"


def tls(*chain: Certificate) -> Tls:
    return Tls(
        time=START, server="10.0.0.20", port=443, server_name=NAME, outcome="complete", version="TLS 1.2", chain=chain
    )


def test_nothing_is_objected_to_a_chain_that_such_a_phone_accepts() -> None:
    assert chain_objections(tls(LEAF, ROOT)) == ((), ())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"names": ("pool.contoso.com",)}, f"it does not name {NAME}"),
        ({"names": ("*.com",)}, f"it does not name {NAME}"),
        ({"not_after": START - 1}, "it expired on 2026-01-31"),
        ({"not_before": START + DAY}, "it is not valid before 2026-02-01"),
        ({"signature": "sha256WithRSAEncryption"}, "it is signed with SHA-256, which old firmware cannot verify"),
        ({"signature": "md5WithRSAEncryption"}, "it is signed with MD5"),
        ({"key": "RSA 512"}, "its key has 512 bits; 1024, 2048 and 4096 are documented"),
        ({"key": "EC 256"}, "its key is of the kind EC; such phones are older than elliptic curves in TLS"),
    ],
)
def test_one_objection(changes: dict[str, object], said: str) -> None:
    assert chain_objections(tls(replace(LEAF, **changes), ROOT)) == ((said,), ())  # type: ignore[arg-type]


def test_an_issuer_that_was_not_sent() -> None:
    assert chain_objections(tls(LEAF)) == (("its issuer CN=root was not sent: the phone must have it",),)


def test_a_certificate_that_could_not_be_read() -> None:
    assert chain_objections(tls(Certificate(subject="", issuer=""))) == ((),)


def test_the_tree() -> None:
    stream = io.StringIO()
    show_chains(
        line_writer_for(screen_of(stream, {"TERM": "dumb", "COLUMNS": "200"})), [tls(replace(LEAF, key="EC 256"), ROOT)]
    )
    assert stream.getvalue().splitlines() == [
        "",
        f"The certificates of 10.0.0.20 port 443 for {NAME}, TLS 1.2 with this machine",
        "  CN=pool; names pool.contoso.com, *.contoso.com; EC 256; sha1WithRSAEncryption; until 2026-02-01",
        "    ! its key is of the kind EC; such phones are older than elliptic curves in TLS",
        "    CN=root; RSA 4096; sha256WithRSAEncryption; its own issuer",
    ]
