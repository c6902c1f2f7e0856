# ruff: noqa: PTH100, PTH116, PTH117, PTH118, PTH120 - every start reads this file, and pathlib is slow to import
"""The site's own values in a file ``ucdiag.toml``: where it is looked for, whether it is trusted, what it says.

It holds values of options and nothing else, under the options' names. Those that make files, read files to send
them, or choose rights are none of them. A start without such a file costs a ``stat`` or two.
"""

import os
import stat
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from ucdiag.model.visible_text import quoted

NAME = "ucdiag.toml"
LARGEST = 1 << 16  # bytes

#: The options of which a profile may hold the value.
KEYS = (
    "address",
    "ca",
    "compare-mac",
    "connect-to",
    "device-type",
    "domain",
    "external",
    "firmware",
    "host",
    "interface",
    "locale",
    "mac",
    "model",
    "nameserver",
    "patience",
    "port",
    "proxy",
    "revision",
    "serial",
    "server",
    "sip-domain",
    "site",
    "timeout",
    "url",
    "vendor",
    "vlan",
)
#: Options that mean something else in each command, so that a value for all of them would be wrong.
OF_ONE_COMMAND = frozenset({"port"})
# What people write instead.
_ALSO = {
    "dhcp-domain": "domain",
    "dns": "nameserver",
    "macs": "mac",
    "phone": "mac",
    "phones": "mac",
    "pool": "server",
    "resolver": "nameserver",
    "resolvers": "nameserver",
    "sip": "sip-domain",
}

Value = str | int | float | bool


class ProfileError(ValueError):
    """The file cannot be used: one sentence that names it, and the line where there is one."""


class SiteProfile:
    """One file. ``tables`` has the values for all commands under ``""``, those of one command under its name."""

    # No record: every start reads this file, and making one takes as long as all the rest of it.

    def __init__(self, *, path: str, tables: Mapping[str, Mapping[str, tuple[Value, ...]]], text: str) -> None:
        self.path = path
        self.tables = tables
        self.text = text

    def values_for(self, command: str) -> dict[str, tuple[Value, ...]]:
        """The values for a command, its own before those for all. The lab has its own site: only its own."""
        general = {} if command == "lab" else self.tables.get("", {})
        return {**general, **self.tables.get(command, {})}

    def place_of(self, key: str, command: str) -> str:
        """File and line of a value, for a sentence about it."""
        table = command if key in self.tables.get(command, {}) else ""
        return key_place(self.path, self.text, table, key)


def user_folder(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str | None:
    """The user's folder for configuration, where it is known."""
    if platform == "win32":
        return environment.get("APPDATA") or None
    home = environment.get("HOME") or ""
    if platform == "darwin":
        return f"{home}/Library/Application Support" if os.path.isabs(home) else None
    chosen = environment.get("XDG_CONFIG_HOME") or ""
    if os.path.isabs(chosen):  # a relative one is to be ignored (XDG Base Directory Specification)
        return chosen
    return f"{home}/.config" if os.path.isabs(home) else None


def candidate_paths(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Iterator[str]:
    """Where a profile may be, the first that exists counts."""
    yield NAME
    folder = user_folder(environment, platform)
    if folder is not None:
        yield os.path.join(folder, "ucdiag", NAME)


def find_profile(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str | None:
    """The file that is read unless another is named, if there is one."""
    for path in candidate_paths(environment, platform):
        try:
            os.lstat(path)
        except (OSError, ValueError):
            continue
        return os.path.abspath(path)
    return None


def why_not_trusted(path: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """Why a file that nobody named is not read: somebody else may have put it there to lead the user elsewhere.

    ``None`` where it is the user's own, or the system's. Windows has no such owners here.
    """
    if not hasattr(os, "geteuid"):
        return None
    trusted = {0, os.geteuid()}
    caller = environment.get("SUDO_UID", "")
    if os.geteuid() == 0 and caller.isascii() and caller.isdigit():
        trusted.add(int(caller))
    try:
        seen = (("its folder", os.stat(os.path.dirname(path) or ".")), ("it", os.lstat(path)), ("it", os.stat(path)))
    except OSError:
        return None  # reading it says more
    for what, found in seen:
        if found.st_uid not in trusted:
            return f"{what} belongs to another user ({_user_name(found.st_uid)})"
    if seen[2][1].st_mode & stat.S_IWOTH:
        return "every user may write to it"
    return None


def _user_name(number: int) -> str:
    if sys.platform == "win32":
        return str(number)
    try:
        import pwd

        return pwd.getpwuid(number).pw_name
    except (ImportError, KeyError, OSError):
        return str(number)


def read_profile(path: str) -> SiteProfile:
    """The profile in that file. Raises ProfileError."""
    text = _read_text(path)
    import tomllib

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{quoted(path)} is no TOML: {error}") from None
    except RecursionError:
        raise ProfileError(f"{quoted(path)} is nested too deeply") from None
    tables: dict[str, dict[str, tuple[Value, ...]]] = {"": {}}
    for name, value in data.items():
        if isinstance(value, dict) and name not in KEYS:
            tables[name] = {
                _profile_key(path, text, name, key): _key_values(path, text, name, key, value[key]) for key in value
            }
        else:
            tables[""][_profile_key(path, text, "", name)] = _key_values(path, text, "", name, value)
    return SiteProfile(path=path, tables=tables, text=text)


def _read_text(path: str) -> str:
    try:
        # A pipe in somebody's folder would hold the program up.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise ProfileError(f"{quoted(path)} cannot be read: it is no file")
            data = b""
            while len(data) <= LARGEST and (more := os.read(handle, LARGEST + 1)):
                data += more
        finally:
            os.close(handle)
    except OSError as error:
        raise ProfileError(f"{quoted(path)} cannot be read: {(error.strerror or str(error)).lower()}") from None
    except ProfileError:
        raise
    except ValueError as error:
        raise ProfileError(f"{quoted(path)} cannot be read: {error}") from None
    if len(data) > LARGEST:
        raise ProfileError(f"{quoted(path)} is larger than {LARGEST >> 10} KiB, which no profile is")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise ProfileError(f"{quoted(path)} is not in UTF-8: save it so") from None


def key_place(path: str, text: str, table: str, key: str) -> str:
    """Where a key stands, as ``FILE, line N``; the file alone where the line is not found."""
    import re

    at = ""
    for number, line in enumerate(text.split("\n"), 1):
        head = re.match(r"\s*+\[([^\[\]]*+)\]", line)
        if head is not None:
            at = _without_quotes(head[1])
            if not key and at == table:
                return f"{quoted(path)}, line {number}"
            continue
        word, sign, _ = line.partition("=")
        if sign and (
            (at == table and _without_quotes(word) == key) or (not at and _without_quotes(word).startswith(f"{table}."))
        ):
            return f"{quoted(path)}, line {number}"
    return quoted(path)


def _without_quotes(word: str) -> str:
    """A key or the name of a table, without its quotes."""
    return word.strip().strip("\"'")


def _profile_key(path: str, text: str, table: str, key: str) -> str:
    name = key.replace("_", "-")
    where = key_place(path, text, table, key)
    if name not in KEYS:
        near = _nearest_key(name)
        advice = f"did you mean {quoted(near)}?" if near else f"it takes {', '.join(KEYS)}"
        raise ProfileError(f"{where}: {quoted(key[:100])} is no key of a profile: {advice}")
    if name in OF_ONE_COMMAND and not table:
        raise ProfileError(
            f"{where}: {quoted(name)} means something else in each command: put it into [check] or [capture]"
        )
    return name


def _nearest_key(name: str) -> str | None:
    from difflib import get_close_matches

    wanted = name.lower()
    if wanted in _ALSO:
        return _ALSO[wanted]
    return next(iter(get_close_matches(wanted, KEYS, n=1, cutoff=0.6)), None)


def check_commands(profile: SiteProfile, commands: Mapping[str, object]) -> None:
    """Every table is one of a command. Raises ProfileError."""
    from difflib import get_close_matches

    for table in profile.tables:
        if table and table not in commands:
            near = get_close_matches(table.lower(), commands, n=1, cutoff=0.6)
            advice = f"did you mean [{near[0]}]?" if near else f"give one of {', '.join(commands)}"
            where = key_place(profile.path, profile.text, table, "")
            raise ProfileError(f"{where}: [{table[:100]}] is no command: {advice}")


def _key_values(path: str, text: str, table: str, key: str, value: Any) -> tuple[Value, ...]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(one, str | int | float) for one in values):
        where = key_place(path, text, table, key)
        raise ProfileError(f"{where}: {quoted(key)} is no text, number or truth value, and no list of these")
    return tuple(values)
