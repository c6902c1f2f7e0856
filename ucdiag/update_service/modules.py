"""Which versions the two sides name: the phone's modules in its request, the service's files in its answer.

The request lists modules, each with the name of the update file last installed and its version (Microsoft, "Update
Audit Log Schema", OCS 2007 R2 and Lync 2010). How it spells them is published nowhere, and a capture keeps only the
beginning of a body, so this reader goes by names and values and needs no well-formed XML.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Http, UpdateAnswer
from ucdiag.model.patterns import pattern
from ucdiag.update_service.names import target_path

_VALUE = r"[\"']?\s*(?:=\s*[\"']|>)\s*"
_NAME = rf"(?:file_?name|update_?file|module_?file){_VALUE}([^\"'<>&\s]{{1,255}})"
_VERSION = rf"version\w{{0,30}}{_VALUE}(\d{{1,9}}(?:\.\d{{1,9}}){{2,3}})"
_PART = pattern(rf"{_NAME}|{_VERSION}", re.IGNORECASE)
_LOWER_PART = pattern(rf"{_NAME}|{_VERSION}")  # of text in lower case, in a tenth of the time
_NUMBERS = pattern(r"\s*\d{1,9}(?:\.\d{1,9}){1,3}\s*")
# What stands before the name of something else: a signature's file name, the version of another thing.
_NO_MODULE = ("signature", "sig", "cat")
_NO_FIRMWARE = ("loader", "boot", "hardware", "schema", "protocol", "xml", "http")
# .../CX700/A/ENU/1.0.522.101/CPE (Polycom CX700 Deployment Guide R2, page 26).
_IN_PATH = pattern(r"/(\d{1,9}(?:\.\d{1,9}){2,3})(?=/|$)")
#: How the names of files end that lie beside the firmware: no module of their own. In lower case.
BESIDE = (".cat", ".sig", ".xml")
_MOST = 100

Version = tuple[int, ...]


@record(frozen=True, slots=True)
class Module:
    """A file of firmware and its version, as one side named them; either may be unknown."""

    name: str | None
    version: str | None


@record(frozen=True, slots=True)
class Pair:
    """A module that both sides name: the phone's version and the one offered, as they spell them."""

    name: str | None
    has: str
    offered: str

    @property
    def is_same(self) -> bool:
        return version_number(self.has) == version_number(self.offered)

    @property
    def is_older(self) -> bool:
        """Whether the version offered is older than the phone's."""
        has, offered = version_number(self.has), version_number(self.offered)
        return has is not None and offered is not None and offered < has


@record(frozen=True, slots=True)
class OfferedVersions:
    """The offer of one answer beside its request. ``complete``: every file of the offer could be compared."""

    answer: UpdateAnswer
    pairs: tuple[Pair, ...]
    complete: bool

    @property
    def is_held(self) -> bool:
        """Whether the phone has all that is offered."""
        return self.complete and bool(self.pairs) and all(pair.is_same for pair in self.pairs)


@lru_cache(maxsize=256)  # a site's phones name the same few
def version_number(text: str | None) -> Version | None:
    """The numbers of a version, to compare: ``01.0.522.0`` is ``(1, 0, 522)``. None for what is no version."""
    if text is None or not _NUMBERS.fullmatch(text):
        return None
    numbers = [int(part) for part in text.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


@lru_cache(maxsize=16)  # each rule of a phone asks it of the same requests
def requested_modules(text: str | None) -> tuple[Module, ...]:
    """The modules that the text of a request names, in its order; of a cut text those that are left."""
    if not text:
        return ()
    # Other letters may become longer.
    matches = _LOWER_PART.finditer(text.lower()) if text.isascii() else _PART.finditer(text)
    found = [match for match in matches if not _is_of_another(match)][: 2 * _MOST]
    parts = [tuple(text[start:end] for start, end in (match.span(1), match.span(2))) for match in found]
    names = [name for name, _ in parts if name]
    versions = [version for _, version in parts if version]
    if not names:
        return tuple(Module(None, version) for version in versions)
    if len(names) == len(versions):
        return tuple(map(Module, names, versions))
    modules: list[Module] = []
    for name, version in parts:
        if name:
            modules.append(Module(name, None))
        elif modules and modules[-1].version is None:
            modules[-1] = Module(modules[-1].name, version)
        else:
            # Of the phone as a whole.
            modules.append(Module(None, version))
    return tuple(modules)


def _is_of_another(found: re.Match[str]) -> bool:
    """Whether the name that was found is the end of another one (``BootLoaderVersion``)."""
    before = found.string[max(found.start() - 12, 0) : found.start()].lower().rstrip("_-")
    return before.endswith(_NO_MODULE if found[1] else _NO_FIRMWARE)


def offered_modules(answer: UpdateAnswer) -> tuple[Module, ...]:
    """The files that an answer offers, without signatures; the version of one that has none of its own is the
    answer's, or the one that its URL names."""
    urls = (answer.internal_url, answer.external_url)
    general = answer.version or _first_in_path(urls)
    files = [file for file in answer.files if file.name is None or not file.name.lower().endswith(BESIDE)]
    if not files:
        return (Module(None, general),) if general else ()
    alone = len(files) == 1
    modules = []
    for file in files:
        own = file.version or _first_in_path((file.internal_url, file.external_url))
        modules.append(Module(file.name, own or (general if alone else _first_in_path(urls))))
    return tuple(modules)


def _first_in_path(urls: Iterable[str | None]) -> str | None:
    found = (_IN_PATH.search(target_path(url)) for url in urls)
    return next((match[1] for match in found if match), None)


def firmware_of(modules: tuple[Module, ...]) -> str | None:
    """The version of the phone's firmware: of ``CPE`` (Polycom CX700 Deployment Guide R2, page 26), of the phone as a
    whole, or of the first module."""
    versions = [module for module in modules if module.version]
    cpe = [module for module in versions if module.name and _base_name(module.name).startswith("cpe")]
    whole = [module for module in versions if module.name is None]
    return next((module.version for module in (*cpe, *whole, *versions)), None)


def phone_modules(http: Http, firmware: str | None) -> tuple[Module, ...]:
    """The modules that the phone has, by its request. Those of the built-in request count where a user named its
    ``firmware``."""
    if not http.verified and firmware is None:
        return ()
    modules = requested_modules(http.request_text)
    return modules or ((Module(None, firmware),) if firmware is not None else ())


def compare_versions(answer: UpdateAnswer, modules: tuple[Module, ...]) -> OfferedVersions:
    """An offer beside the modules that the phone has."""
    offered = offered_modules(answer)
    pairs = []
    for file in offered:
        has = version_of(file.name, modules)
        if version_number(has) is not None and version_number(file.version) is not None:
            assert has is not None
            assert file.version is not None
            pairs.append(Pair(file.name, has, file.version))
    return OfferedVersions(answer, tuple(pairs), complete=len(pairs) == len(offered))


def version_of(name: str | None, modules: tuple[Module, ...]) -> str | None:
    """The phone's version of a file; None where it names none, or only other files. A file without a name is the
    firmware, which is the only module that is named, or stands for the phone as a whole."""
    if name is not None:
        named = next((module for module in modules if module.name and same_file(module.name, name)), None)
        if named is not None:
            return named.version
    whole = next((module for module in modules if module.name is None), None)
    if whole is not None:
        return whole.version
    return modules[0].version if name is None and len(modules) == 1 else None


def same_file(one: str, other: str) -> bool:
    """Whether two names or paths end in the same file, as Windows servers compare them."""
    return _base_name(one) == _base_name(other)


def _base_name(path: str) -> str:
    return unquote(path).replace("\\", "/").rpartition("/")[2].lower()
