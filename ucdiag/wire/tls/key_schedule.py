"""How keys are made of secrets: the PRF of up to TLS 1.2 (RFC 5246, section 5; RFC 2246, section 5), and TLS 1.3's
labels (RFC 8446, section 7)."""

import hmac


def prf(digest: str | None, secret: bytes, label: bytes, seed: bytes, size: int) -> bytes:
    """``size`` bytes. ``digest`` is the hash of TLS 1.2; ``None`` means MD5 and SHA-1 together, as before it."""
    seed = label + seed
    if digest is not None:
        return _p_hash(digest, secret, seed, size)
    half = (len(secret) + 1) // 2
    ones = _p_hash("md5", secret[:half], seed, size)
    others = _p_hash("sha1", secret[-half:], seed, size)
    return bytes(one ^ other for one, other in zip(ones, others, strict=True))


def _p_hash(digest: str, secret: bytes, seed: bytes, size: int) -> bytes:
    made = b""
    link = seed
    while len(made) < size:
        link = hmac.digest(secret, link, digest)
        made += hmac.digest(secret, link + seed, digest)
    return made[:size]


def expand_label(digest: str, secret: bytes, label: bytes, size: int) -> bytes:
    """HKDF-Expand-Label of TLS 1.3, without a context: at most as many bytes as the hash has."""
    label = b"tls13 " + label
    info = size.to_bytes(2, "big") + bytes((len(label),)) + label + b"\0"
    return hmac.digest(secret, info + b"\1", digest)[:size]
