"""The names that a phone and the Device Update Service share (``ucdiag/model/service_names.py``), and their rules.

Two readers share the rules of a domain: ``parse_domain`` takes what an administrator types and puts it into one form,
``domain_flaw`` judges what option 15 says as it stands there.
"""

import re
from functools import lru_cache

from ucdiag.model.patterns import pattern
from ucdiag.model.service_names import EXTERNAL_PATH as EXTERNAL_PATH
from ucdiag.model.service_names import EXTERNAL_PREFIX as EXTERNAL_PREFIX
from ucdiag.model.service_names import INTERNAL_PATH as INTERNAL_PATH
from ucdiag.model.service_names import LEGACY_LABEL as LEGACY_LABEL
from ucdiag.model.service_names import R2_LABEL as R2_LABEL
from ucdiag.model.service_names import UPDATE_LABELS as UPDATE_LABELS
from ucdiag.model.service_names import is_handler
from ucdiag.model.service_names import plain_path as plain_path
from ucdiag.model.urls import is_address, split_url
from ucdiag.model.visible_text import quoted

#: Characters of a name without its trailing dot, and of a label (RFC 1035, section 2.3.4).
LONGEST_NAME = 253
LONGEST_LABEL = 63
#: Characters of a domain below which ``ucupdates-r2`` still fits.
LONGEST_DOMAIN = LONGEST_NAME - len(R2_LABEL) - 1

#: Ports of a pool's web sites inside and outside that speak TLS; 80 and 8080 are those that do not.
HTTPS_PORTS = (443, 4443)

_FOREIGN = pattern(r"[^a-z0-9_-]")
# What stands for the dot between labels (RFC 3490, section 3.1).
_DOTS = pattern("[.\u3002\uff0e\uff61]")
_LABEL = pattern(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")


def plain_name(name: str) -> str:
    """The spelling in which names are compared: lower case, no trailing dot."""
    return name.rstrip(".").lower()


def same_name(one: str | None, other: str | None) -> bool:
    """Whether two domain names are the same: no regard to case or to a trailing dot."""
    return one is not None and other is not None and plain_name(one) == plain_name(other)


def is_asked_as(host: str, asked: str | None) -> bool:
    """Whether DNS is asked for this host of a URL by the name ``asked``: a resolver adds a domain to a host without one
    (RFC 1123, section 6.1.4.3)."""
    if same_name(asked, host):
        return True
    name = plain_name(host)
    return asked is not None and "." not in name and bool(name) and plain_name(asked).startswith(f"{name}.")


@lru_cache(maxsize=32)
def domain_flaw(domain: str) -> str | None:
    """Why this text, as it stands in option 15, is not one DNS name; None if it is one.

    One trailing dot is let pass. Limits: RFC 1035, section 2.3.4; characters: RFC 1123, section 2.1,
    with the underscore that Active Directory domains have.
    """
    name = domain[:-1] if domain.endswith(".") else domain
    if not name:
        return "it is empty"
    if re.search(r"[\s,;]", name):
        several = len([part for part in re.split(r"[\s,;]+", name) if part]) > 1
        return "it holds several names, and option 15 is one name" if several else "it has blanks in it"
    if len(name) > LONGEST_DOMAIN:
        return f"it is {len(name)} characters long, and {LONGEST_DOMAIN} is the most that leaves room for {R2_LABEL}"
    labels = name.split(".")
    if not all(labels):
        return "it has an empty label (a dot too many)"
    for label in labels:
        if len(label) > LONGEST_LABEL:
            return f"its label {label[:20]}... has {len(label)} characters, and {LONGEST_LABEL} is the most"
        if not _LABEL.fullmatch(label):
            return f"its label {quoted(label)} has characters that no DNS name has"
    if labels[-1].isdigit():
        return "it is an address or a number, not a name"
    return None


@lru_cache(maxsize=64)
def update_label(name: str) -> str | None:
    """``ucupdates-r2`` or ``ucupdates`` when the name begins with that label, else None."""
    label = name.partition(".")[0].lower()
    return label if label in UPDATE_LABELS else None


def domain_part(name: str) -> str:
    """All after the first label, lower case."""
    return plain_name(name.partition(".")[2])


@lru_cache(maxsize=32)
def target_path(target: str | None) -> str:
    """The path of a request target, which may also be an absolute URL."""
    if not target:
        return ""
    if target.startswith("//"):  # two strokes begin a path, too, not a host (RFC 9112, section 3.2.1)
        return target.partition("?")[0]
    parts = split_url(target)
    return parts.path if parts is not None else target


def is_to_handler(target: str | None) -> bool:
    """Whether a request for this target goes to ucdevice.upx."""
    return is_handler(plain_path(target_path(target)))


def is_external(target: str | None) -> bool:
    """Whether the path is the one published to the outside."""
    return f"/{plain_path(target_path(target)).lstrip('/')}".startswith(EXTERNAL_PREFIX)


def parse_domain(text: str) -> str:
    """A DNS domain as an administrator types it, as lower-case ASCII without a trailing dot.

    International names become their ``xn--`` form; the underscore is let through because old Active Directory
    domains have it. Raises ValueError, with one sentence that says what is wrong, for everything that is not
    one DNS name below which ``ucupdates-r2`` still fits.
    """
    if not text.strip():
        raise ValueError("the domain is empty: give the DNS domain that DHCP hands out, such as contoso.com")
    if len(text) > 1000:
        raise ValueError(f"a domain of {len(text)} characters is too long: {LONGEST_DOMAIN} are possible")
    shown = quoted(text)
    if text != text.strip() or any(character.isspace() for character in text):
        raise ValueError(f"{shown} contains a blank: give one DNS domain, such as contoso.com")
    if not text.isprintable():
        raise ValueError(f"{shown} contains a control character: give one DNS domain, such as contoso.com")
    if is_address(text.removeprefix("[").removesuffix("]")):
        raise ValueError(f"{shown} is an IP address, not a domain: give the DNS domain, such as contoso.com")
    labels = _DOTS.sub(".", text).removesuffix(".").split(".")
    domain = ".".join(_parse_label(label, shown) for label in labels)
    if len(domain) > LONGEST_DOMAIN:
        raise ValueError(
            f"{shown} is {len(domain)} characters long: with {quoted(R2_LABEL)} before it, "
            f"a DNS name leaves room for {LONGEST_DOMAIN}"
        )
    if is_address(domain):
        raise ValueError(f"{shown} is an IP address, not a domain: give the DNS domain, such as contoso.com")
    return domain


def parse_phones_domain(text: str) -> str:
    """A domain below which phones look their server up, as ``parse_domain`` has it. Raises ValueError for the whole
    name of the server, too: below that nobody looks."""
    domain = parse_domain(text)
    label, _, parent = domain.partition(".")
    if label in UPDATE_LABELS:
        advice = f"give the domain alone: {parent}" if parent else "give the domain behind it, such as contoso.com"
        raise ValueError(f"{quoted(text)} is the name that a phone looks up, and not its domain: {advice}")
    return domain


def _parse_label(label: str, shown: str) -> str:
    if not label:
        raise ValueError(f"{shown} has an empty part between two dots: give one DNS domain, such as contoso.com")
    if not label.isascii():
        import unicodedata  # a megabyte, for names in other letters alone

        # Letters, marks and digits alone (RFC 5892): the codec lets pass a dash or quotes that a text program set.
        mark = next((mark for mark in label if not mark.isascii() and unicodedata.category(mark)[0] not in "LMN"), None)
        if mark is not None:
            raise ValueError(f"{shown} contains {quoted(mark)}, which no DNS domain has: give one, such as contoso.com")
        try:
            label = label.encode("idna").decode("ascii")
        except UnicodeError:
            raise ValueError(f"{shown} has a part that no DNS name can have: {quoted(label)}") from None
    label = label.lower()
    wrong = _FOREIGN.search(label)
    if wrong is not None:
        raise ValueError(f"{shown} contains {quoted(wrong[0])}, which no DNS domain has: give one, such as contoso.com")
    if len(label) > LONGEST_LABEL:
        raise ValueError(f"{shown} has a part of {len(label)} characters between dots: {LONGEST_LABEL} are possible")
    if label.startswith("-") or label.endswith("-"):
        raise ValueError(
            f"{shown} has a part that begins or ends with a hyphen, which no DNS domain has: {quoted(label)}"
        )
    return label
