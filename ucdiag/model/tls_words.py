"""The names that TLS and X.509 give to numbers and object identifiers: alerts and signature algorithms."""

from ucdiag.model.vocabulary import TlsOutcome

#: The reason of a handshake that a web server without TLS answered.
ANSWERS_IN_HTTP = "it answers in HTTP"

#: The alerts by number, spelt as in the registry (RFC 8446, section 6; IANA, "TLS Alerts").
ALERT_NAMES = {
    0: "close_notify",
    10: "unexpected_message",
    20: "bad_record_mac",
    21: "decryption_failed",
    22: "record_overflow",
    30: "decompression_failure",
    40: "handshake_failure",
    41: "no_certificate",
    42: "bad_certificate",
    43: "unsupported_certificate",
    44: "certificate_revoked",
    45: "certificate_expired",
    46: "certificate_unknown",
    47: "illegal_parameter",
    48: "unknown_ca",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    60: "export_restriction",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    90: "user_canceled",
    100: "no_renegotiation",
    109: "missing_extension",
    110: "unsupported_extension",
    111: "certificate_unobtainable",
    112: "unrecognized_name",
    113: "bad_certificate_status_response",
    114: "bad_certificate_hash_value",
    115: "unknown_psk_identity",
    116: "certificate_required",
    120: "no_application_protocol",
}
#: The alerts that say as much as an outcome does, when a client sends them.
ALERT_OUTCOMES: dict[int, TlsOutcome] = {45: "expired", 48: "untrusted", 70: "version"}
#: Those of them that are about the other side's certificate: from a server, about the client's.
CERTIFICATE_ALERTS = frozenset({45, 48})
#: The alerts with which a server refuses who has no certificate, or one that it does not like (RFC 8446, section 6.2).
REJECTIONS = frozenset({40, 41, 42, 43, 44, 45, 46, 48, 49, 116})

#: The object identifier of RSASSA-PSS, whose hash stands in its parameters (RFC 4055).
PSS_SIGNATURE = "1.2.840.113549.1.1.10"
#: Signature algorithms by object identifier, named as OpenSSL does.
SIGNATURE_NAMES = {
    "1.2.840.113549.1.1.2": "md2WithRSAEncryption",
    "1.2.840.113549.1.1.4": "md5WithRSAEncryption",
    "1.2.840.113549.1.1.5": "sha1WithRSAEncryption",
    "1.3.14.3.2.29": "sha1WithRSAEncryption",
    "1.2.840.113549.1.1.11": "sha256WithRSAEncryption",
    "1.2.840.113549.1.1.12": "sha384WithRSAEncryption",
    "1.2.840.113549.1.1.13": "sha512WithRSAEncryption",
    "1.2.840.113549.1.1.14": "sha224WithRSAEncryption",
    "1.2.840.10040.4.3": "dsa-with-SHA1",
    "2.16.840.1.101.3.4.3.2": "dsa-with-SHA256",
    "1.2.840.10045.4.1": "ecdsa-with-SHA1",
    "1.2.840.10045.4.3.1": "ecdsa-with-SHA224",
    "1.2.840.10045.4.3.2": "ecdsa-with-SHA256",
    "1.2.840.10045.4.3.3": "ecdsa-with-SHA384",
    "1.2.840.10045.4.3.4": "ecdsa-with-SHA512",
    "1.3.101.112": "ED25519",
    "1.3.101.113": "ED448",
}

_ACRONYMS = {"ca": "CA", "psk": "PSK"}


def alert_text(number: int) -> str:
    """The name of an alert, as the RFCs write it; ``alert`` and its number where it has none."""
    return ALERT_NAMES.get(number) or f"alert {number}"


def alert_words(number: int) -> str | None:
    """The name of an alert as words of a sentence, such as ``unknown CA``; None where it has none."""
    name = ALERT_NAMES.get(number)
    return name and " ".join(_ACRONYMS.get(word, word) for word in name.split("_"))
