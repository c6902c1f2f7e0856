"""Cipher suites: by which cipher each encrypts, with which key and which authentication.

The numbers are those of https://www.iana.org/assignments/tls-parameters (TLS Cipher Suites). How the key was agreed on
is of no interest to who has the secret. Left out are the weakened ciphers for export and those that no library has.
"""

from typing import Literal

from ucdiag.model.fast_dataclass import record

CipherName = Literal["null", "rc4", "des", "3des", "aes", "camellia", "gcm", "ccm", "ccm8", "chacha"]


@record(frozen=True, slots=True)
class Suite:
    """``key`` is in bytes; ``mac`` is the hash of each record's HMAC, empty where the cipher authenticates; ``prf``
    that of the key derivation from TLS 1.2 on. ``block`` is in bytes, 0 where it is no block cipher in CBC mode."""

    cipher: CipherName
    key: int
    mac: str
    prf: str
    block: int


_BLOCKS: dict[CipherName, int] = {"des": 8, "3des": 8, "aes": 16, "camellia": 16}

# Cipher, bytes of its key, hash of HMAC (or of the key derivation, where the cipher authenticates), numbers.
_TABLE: tuple[tuple[CipherName, int, str, str], ...] = (
    ("null", 0, "md5", "0001"),
    ("null", 0, "sha1", "0002 002c 002d 002e c001 c006 c00b c010 c015 c039"),
    ("null", 0, "sha256", "003b 00b0 00b4 00b8 c03a"),
    ("null", 0, "sha384", "00b1 00b5 00b9 c03b"),
    ("rc4", 16, "md5", "0004 0018"),
    ("rc4", 16, "sha1", "0005 008a 008e 0092 c002 c007 c00c c011 c016 c033"),
    ("des", 8, "sha1", "0009 000c 000f 0012 0015 001a"),
    ("3des", 24, "sha1", "000a 000d 0010 0013 0016 001b 008b 008f 0093 c003 c008 c00d c012 c017 c01a c01b c01c c034"),
    (
        "aes",
        16,
        "sha1",
        "002f 0030 0031 0032 0033 0034 008c 0090 0094 c004 c009 c00e c013 c018 c01d c01e c01f c035",
    ),
    (
        "aes",
        32,
        "sha1",
        "0035 0036 0037 0038 0039 003a 008d 0091 0095 c005 c00a c00f c014 c019 c020 c021 c022 c036",
    ),
    ("aes", 16, "sha256", "003c 003e 003f 0040 0067 006c 00ae 00b2 00b6 c023 c025 c027 c029 c037"),
    ("aes", 32, "sha256", "003d 0068 0069 006a 006b 006d"),
    ("aes", 32, "sha384", "00af 00b3 00b7 c024 c026 c028 c02a c038"),
    ("camellia", 16, "sha1", "0041 0042 0043 0044 0045 0046"),
    ("camellia", 32, "sha1", "0084 0085 0086 0087 0088 0089"),
    ("camellia", 16, "sha256", "00ba 00bb 00bc 00bd 00be 00bf c072 c074 c076 c078 c094 c096 c098 c09a"),
    ("camellia", 32, "sha256", "00c0 00c1 00c2 00c3 00c4 00c5"),
    ("camellia", 32, "sha384", "c073 c075 c077 c079 c095 c097 c099 c09b"),
    ("gcm", 16, "sha256", "009c 009e 00a0 00a2 00a4 00a6 00a8 00aa 00ac c02b c02d c02f c031 d001 1301"),
    ("gcm", 32, "sha384", "009d 009f 00a1 00a3 00a5 00a7 00a9 00ab 00ad c02c c02e c030 c032 d002 1302"),
    ("ccm", 16, "sha256", "c09c c09e c0a4 c0a6 c0ac d005 1304"),
    ("ccm", 32, "sha256", "c09d c09f c0a5 c0a7 c0ad"),
    ("ccm8", 16, "sha256", "c0a0 c0a2 c0a8 c0aa c0ae d003 1305"),
    ("ccm8", 32, "sha256", "c0a1 c0a3 c0a9 c0ab c0af"),
    ("chacha", 32, "sha256", "cca8 cca9 ccaa ccab ccac ccad ccae 1303"),
)
_AEAD = frozenset({"gcm", "ccm", "ccm8", "chacha"})


def _make_suites() -> dict[int, Suite]:
    suites = {}
    for cipher, key, digest, numbers in _TABLE:
        mac = "" if cipher in _AEAD else digest
        prf = "sha384" if digest == "sha384" else "sha256"
        suite = Suite(cipher=cipher, key=key, mac=mac, prf=prf, block=_BLOCKS.get(cipher, 0))
        suites.update(dict.fromkeys((int(number, 16) for number in numbers.split()), suite))
    return suites


SUITES = _make_suites()
