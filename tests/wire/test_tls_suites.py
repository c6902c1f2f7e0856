"""The table of cipher suites against the names that IANA gives the numbers (``data/tls_suites.txt``).

The names are those of https://www.iana.org/assignments/tls-parameters, as tshark 4.0 has them (``tshark -G values``).
"""

import re
from pathlib import Path

import pytest

from ucdiag.wire.tls import suites
from ucdiag.wire.tls.ciphers import cipher_1_3, ciphers_1_2
from ucdiag.wire.tls.suites import SUITES, Suite

NAMES = (Path(__file__).parent / "data" / "tls_suites.txt").read_text(encoding="ascii").splitlines()
KINDS = (
    (r"AES_(\d+)_GCM", "gcm", None, 0),
    (r"AES_(\d+)_CCM_8", "ccm8", None, 0),
    (r"AES_(\d+)_CCM", "ccm", None, 0),
    (r"CHACHA20_POLY1305", "chacha", 256, 0),
    (r"AES_(\d+)_CBC", "aes", None, 16),
    (r"CAMELLIA_(\d+)_CBC", "camellia", None, 16),
    (r"3DES_EDE_CBC", "3des", 192, 8),
    (r"DES_CBC", "des", 64, 8),
    (r"RC4_(\d+)", "rc4", None, 0),
    (r"NULL", "null", 0, 0),
)
HASHES = {"MD5": "md5", "SHA": "sha1", "SHA256": "sha256", "SHA384": "sha384"}


def named(name: str) -> Suite:
    """What a suite of that name does (RFC 5246, appendix C; RFC 5288, 6655 and 7905)."""
    how = name.rpartition("_WITH_")[2].removeprefix("TLS_")
    for pattern, cipher, bits, block in KINDS:
        match = re.match(pattern, how)
        if match:
            digest = HASHES.get(how.rpartition("_")[2], "sha256")
            has_own = cipher in ("gcm", "ccm", "ccm8", "chacha")
            return Suite(
                cipher=cipher,  # type: ignore[arg-type]
                key=(int(match[1]) if bits is None else bits) // 8,
                mac="" if has_own else digest,
                prf="sha384" if digest == "sha384" else "sha256",
                block=block,
            )
    raise AssertionError(name)


def test_each_suite_does_what_its_name_says() -> None:
    wanted = {int(line[:4], 16): named(line[5:]) for line in NAMES}
    assert wanted == SUITES
    assert wanted == suites._make_suites()


@pytest.mark.parametrize(
    ("number", "version", "least"),
    [(0x0002, 0x0301, 20), (0x003B, 0x0303, 32), (0x002F, 0x0301, 32), (0x002F, 0x0303, 48), (0x009C, 0x0303, 24)],
)
def test_a_record_that_is_too_short_for_its_cipher_is_none(number: int, version: int, least: int) -> None:
    cipher, _ = ciphers_1_2(SUITES[number], version, bytes(48), bytes(32), bytes(32), mac_last=False)
    for size in range(least + 1):
        assert cipher.open_record(0, 23, version, bytes(size)) is None


@pytest.mark.parametrize("number", [0x1301, 0x1302, 0x1303])
def test_a_record_of_tls_1_3_has_a_type_at_least(number: int) -> None:
    cipher = cipher_1_3(SUITES[number], bytes(48 if number == 0x1302 else 32))
    assert [cipher.open_record(0, 23, 0x0303, bytes(size)) for size in range(20)] == [None] * 20
