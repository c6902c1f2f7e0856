"""The names of TLS alerts and of signature algorithms."""

import pytest
from cryptography import x509

from ucdiag.model.tls_words import ALERT_OUTCOMES, PSS_SIGNATURE, SIGNATURE_NAMES, alert_text, alert_words

# As the registry has them (IANA, "TLS Alerts"), with those of SSL 3.0 and of the early drafts.
ALERTS = [
    (0, "close_notify"),
    (10, "unexpected_message"),
    (20, "bad_record_mac"),
    (21, "decryption_failed"),
    (22, "record_overflow"),
    (30, "decompression_failure"),
    (40, "handshake_failure"),
    (41, "no_certificate"),
    (42, "bad_certificate"),
    (43, "unsupported_certificate"),
    (44, "certificate_revoked"),
    (45, "certificate_expired"),
    (46, "certificate_unknown"),
    (47, "illegal_parameter"),
    (48, "unknown_ca"),
    (49, "access_denied"),
    (50, "decode_error"),
    (51, "decrypt_error"),
    (60, "export_restriction"),
    (70, "protocol_version"),
    (71, "insufficient_security"),
    (80, "internal_error"),
    (86, "inappropriate_fallback"),
    (90, "user_canceled"),
    (100, "no_renegotiation"),
    (109, "missing_extension"),
    (110, "unsupported_extension"),
    (111, "certificate_unobtainable"),
    (112, "unrecognized_name"),
    (113, "bad_certificate_status_response"),
    (114, "bad_certificate_hash_value"),
    (115, "unknown_psk_identity"),
    (116, "certificate_required"),
    (120, "no_application_protocol"),
]


@pytest.mark.parametrize(("number", "name"), ALERTS)
def test_an_alert_has_the_name_of_the_registry(number: int, name: str) -> None:
    assert alert_text(number) == name


@pytest.mark.parametrize(
    ("number", "words"),
    [(40, "handshake failure"), (48, "unknown CA"), (115, "unknown PSK identity"), (1, None), (255, None)],
)
def test_an_alert_in_words(number: int, words: str | None) -> None:
    assert alert_words(number) == words


def test_an_alert_without_a_name_has_its_number() -> None:
    assert alert_text(255) == "alert 255"


def test_the_alerts_that_say_what_is_wrong() -> None:
    assert {alert_text(number): outcome for number, outcome in ALERT_OUTCOMES.items()} == {
        "certificate_expired": "expired",
        "unknown_ca": "untrusted",
        "protocol_version": "version",
    }


SIGNATURES = [
    ("1.2.840.113549.1.1.2", "md2WithRSAEncryption"),
    ("1.3.14.3.2.29", "sha1WithRSAEncryption"),
    ("1.2.840.113549.1.1.4", "md5WithRSAEncryption"),
    ("1.2.840.113549.1.1.5", "sha1WithRSAEncryption"),
    ("1.2.840.113549.1.1.11", "sha256WithRSAEncryption"),
    ("1.2.840.113549.1.1.12", "sha384WithRSAEncryption"),
    ("1.2.840.113549.1.1.13", "sha512WithRSAEncryption"),
    ("1.2.840.113549.1.1.14", "sha224WithRSAEncryption"),
    ("1.2.840.10040.4.3", "dsa-with-SHA1"),
    ("2.16.840.1.101.3.4.3.2", "dsa-with-SHA256"),
    ("1.2.840.10045.4.1", "ecdsa-with-SHA1"),
    ("1.2.840.10045.4.3.1", "ecdsa-with-SHA224"),
    ("1.2.840.10045.4.3.2", "ecdsa-with-SHA256"),
    ("1.2.840.10045.4.3.3", "ecdsa-with-SHA384"),
    ("1.2.840.10045.4.3.4", "ecdsa-with-SHA512"),
    ("1.3.101.112", "ED25519"),
    ("1.3.101.113", "ED448"),
]


@pytest.mark.parametrize(("oid", "name"), SIGNATURES)
def test_a_signature_algorithm_has_the_name_that_openssl_gives_it(oid: str, name: str) -> None:
    assert SIGNATURE_NAMES[oid] == name


def test_the_identifier_of_rsassa_pss() -> None:
    assert x509.SignatureAlgorithmOID.RSASSA_PSS.dotted_string == PSS_SIGNATURE
