"""Compares the reports of a site with the expectations in a file."""

import tomllib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Lookup, Tls, UpdateAnswer
from ucdiag.model.report import PhoneReport
from ucdiag.model.text import listed
from ucdiag.model.times import since_epoch, utc_datetime
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import Microseconds
from ucdiag.update_service.names import plain_name, update_label

KEYS = ("domain", "address", "version", "certificate_until", "site")


@record(frozen=True, slots=True, kw_only=True)
class Expected:
    """What must hold: the DHCP domain, the addresses of ``ucupdates-r2``, the versions that may be offered, and the day
    until which certificates must be valid. None expects nothing."""

    domain: str | None = None
    addresses: frozenset[str] | None = None
    versions: frozenset[str] | None = None
    certificate_until: Microseconds | None = None


@record(frozen=True, slots=True)
class Expectations:
    """What is expected everywhere, and what of single sites instead."""

    everywhere: Expected
    sites: dict[str, Expected]

    def for_site(self, *sites: str | None) -> Expected:
        """What is expected of a site, by the first of its names that has something of its own."""
        return next((self.sites[site] for site in sites if site in self.sites), self.everywhere)


def parse_expectations(text: str) -> Expectations:
    """The expectations of a TOML text. Raises ValueError, with a sentence, for what cannot be used."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"it is no TOML: {error}") from error
    sites = data.pop("site", {})
    if not isinstance(sites, dict) or not all(isinstance(value, dict) for value in sites.values()):
        raise ValueError("'site' must be tables: [site.branch01]")
    everywhere = _parse_expected(data, {}, KEYS)
    return Expectations(everywhere, {name: _parse_expected(value, data, KEYS[:-1]) for name, value in sites.items()})


def _parse_expected(own: dict[str, Any], common: dict[str, Any], keys: Sequence[str]) -> Expected:
    for key in own:
        if key not in KEYS[:-1]:
            from difflib import get_close_matches

            near = get_close_matches(key, keys, n=1)
            raise ValueError(f"there is no key {quoted(key)}: {f'did you mean {near[0]}?' if near else listed(keys)}")
    data = {**common, **own}
    return Expected(
        domain=_text_value(data, "domain"),
        addresses=_text_set(data, "address"),
        versions=_text_set(data, "version"),
        certificate_until=_certificate_until(data),
    )


def _text_value(data: dict[str, Any], key: str) -> str | None:
    value = data.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f'{key} must be text, such as {key} = "contoso.com"')
    return plain_name(value) if value is not None else None


def _text_set(data: dict[str, Any], key: str) -> frozenset[str] | None:
    value = data.get(key)
    values = [value] if isinstance(value, str) else value
    if values is None:
        return None
    if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
        raise ValueError(f"{key} must be text or a list of texts")
    return frozenset(values)


def _certificate_until(data: dict[str, Any]) -> Microseconds | None:
    value = data.get("certificate_until")
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            value = None
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ValueError("certificate_until must be a day, such as certificate_until = 2027-06-30")
    return since_epoch(datetime(value.year, value.month, value.day, tzinfo=UTC))


def unmet_expectations(phone: PhoneReport, expected: Expected) -> Iterator[str]:
    """A clause for each value that differs from the expected one. A value that was not observed is no difference."""
    for check in _CHECKS:
        text = check(phone, expected)
        if text is not None:
            yield text


def _domain_differs(phone: PhoneReport, expected: Expected) -> str | None:
    domain = phone.phone.domain
    if expected.domain is None or domain is None or plain_name(domain) == expected.domain:
        return None
    return f"the domain is {domain}, expected {expected.domain}"


def _address_differs(phone: PhoneReport, expected: Expected) -> str | None:
    if expected.addresses is None:
        return None
    found: dict[str, None] = {}
    for seen in phone.observations:
        if isinstance(seen, Lookup) and seen.type == "A" and update_label(seen.name) == "ucupdates-r2":
            found.update(dict.fromkeys(seen.addresses))
    others = [address for address in found if address not in expected.addresses]
    if not others:
        return None
    return f"ucupdates-r2 resolves to {listed(others)}, expected {listed(sorted(expected.addresses))}"


def _version_differs(phone: PhoneReport, expected: Expected) -> str | None:
    if expected.versions is None:
        return None
    offered = [seen.version for seen in phone.observations if isinstance(seen, UpdateAnswer) and seen.version]
    if not offered or offered[-1] in expected.versions:
        return None
    return f"version {offered[-1]} is offered, expected {listed(sorted(expected.versions))}"


def _certificate_ends(phone: PhoneReport, expected: Expected) -> str | None:
    until = expected.certificate_until
    if until is None:
        return None
    for seen in phone.observations:
        if isinstance(seen, Tls) and seen.chain:
            end = seen.chain[0].not_after
            if end is not None and end < until:
                days = [utc_datetime(time).date() for time in (end, until)]
                return f"the certificate of {seen.server_name or seen.server} ends on {days[0]}, expected {days[1]}"
    return None


_CHECKS: tuple[Callable[[PhoneReport, Expected], str | None], ...] = (
    _domain_differs,
    _address_differs,
    _version_differs,
    _certificate_ends,
)
