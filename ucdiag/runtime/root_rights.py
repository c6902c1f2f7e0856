"""Gives up root's rights, for good: the user, the groups, the capabilities, and the ways by which they could come back.

Called once everything that needs root is open. Without root there is nothing to give up.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from ucdiag.model.visible_text import quoted
from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.privileges import is_root

if TYPE_CHECKING:
    import ctypes

_NOBODY = "nobody"
_NOBODY_ID = 65534  # where no account has that name: the kernel's overflow user

# prctl(2), linux/prctl.h and linux/capability.h
_SET_NO_NEW_PRIVILEGES, _DROP_BOUNDING, _KEEP_CAPABILITIES = 38, 24, 8
_AMBIENT, _RAISE, _CLEAR_ALL = 47, 2, 4
_CAPABILITY_VERSION = 0x20080522
_MOST_CAPABILITIES = 64


class Account(NamedTuple):
    """A user of this system."""

    name: str
    uid: int
    gid: int
    #: Nobody called it by this name: it goes on in place of root, who called.
    stands_in: bool = False

    @property
    def owner(self) -> tuple[int, int] | None:
        """To whom new files belong; None: to root, who called."""
        return None if self.stands_in else (self.uid, self.gid)


def successor_of_root(user: str | None = None, environment: Mapping[str, str] = os.environ) -> Account:
    """Who goes on when root's rights are given up: ``user``, else who called sudo, else nobody.

    Who called sudo as root is nobody. Raises CannotTest for a ``user`` that does not exist.
    """
    if user is not None:
        account = _find_account(user)
        if account is None:
            text = f"There is no user {quoted(user)} whose rights could be taken on: give one with -Z."
            raise CannotTest("no-user", text)
        return account
    caller = _find_account(environment.get("SUDO_USER") or _NOBODY)
    if caller is None or caller.uid == 0 or not environment.get("SUDO_USER"):
        caller = _find_account(_NOBODY) or Account(_NOBODY, _NOBODY_ID, _NOBODY_ID)
        return caller._replace(stands_in=True)
    return caller


def _find_account(user: str) -> Account | None:
    if sys.platform == "win32":
        raise NotImplementedError("Windows has no users to change to")
    import pwd

    try:
        found = pwd.getpwuid(int(user)) if user.isascii() and user.isdigit() else pwd.getpwnam(user)
    except (KeyError, OverflowError, ValueError):
        return None
    return Account(found.pw_name, found.pw_uid, found.pw_gid)


def give_up(account: Account) -> bool:
    """Take on the rights of an account in place of root's; whether there were any to give up.

    ``account`` may be root itself, where the user wants that: then nothing changes. Raises CannotTest where they
    cannot be given up, or could be taken back.
    """
    if sys.platform == "win32" or not is_root() or account.uid == 0:
        return False
    try:
        if sys.platform == "linux":
            _drop_bounding_set()
        os.initgroups(account.name, account.gid)
        os.setgid(account.gid)
        os.setuid(account.uid)
        if sys.platform == "linux":
            _close_ways_back()
    except OSError as error:
        why = error.strerror or str(error)
        raise CannotTest("no-privilege", f"The rights of {account.name} cannot be taken on: {why}.") from error
    _check_given_up(account)
    return True


def _check_given_up(account: Account) -> None:
    """That nothing of root's is left. Raises CannotTest."""
    if sys.platform == "win32":
        return
    numbers, groups = {os.getuid(), os.geteuid()}, {os.getgid(), os.getegid()}
    if sys.platform == "linux":
        numbers.update(os.getresuid())
        groups.update(os.getresgid())
    taken_back = True
    try:
        os.setuid(0)
    except OSError:
        taken_back = False
    if taken_back or numbers != {account.uid} or groups != {account.gid}:
        raise CannotTest("no-privilege", "Root's rights cannot be given up on this system: nothing was done.")


@contextmanager
def as_account(account: Account) -> Iterator[None]:
    """What is done meanwhile is done with the rights of that account on files; root's come back. Raises OSError."""
    if sys.platform == "win32" or not is_root() or account.uid == 0:
        yield
        return
    groups, group = os.getgroups(), os.getegid()
    try:
        os.initgroups(account.name, account.gid)
        os.setegid(account.gid)
        os.seteuid(account.uid)
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(groups)


if sys.platform == "linux":

    def _drop_bounding_set() -> None:
        """No program that is started can get a capability. Where root lacks the right to that, it has few others."""
        control = _c_library().prctl
        for number in range(_MOST_CAPABILITIES):
            if control(_DROP_BOUNDING, number, 0, 0, 0):
                break

    def keep_one_right(account: Account, capability: int) -> None:
        """Go on as an account that has this one capability, as have the programs that it starts. Raises OSError."""
        library = _c_library()
        for number in range(_MOST_CAPABILITIES):
            if number != capability and library.prctl(_DROP_BOUNDING, number, 0, 0, 0):
                break
        library.prctl(_KEEP_CAPABILITIES, 1, 0, 0, 0)
        os.initgroups(account.name, account.gid)
        os.setgid(account.gid)
        os.setuid(account.uid)
        bit = 1 << capability
        _set_capabilities(bit, bit)
        library.prctl(_AMBIENT, _RAISE, capability, 0, 0)
        library.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)

    def keep_capabilities(bits: int) -> None:
        """Go on as root with these capabilities alone, for good. Raises OSError."""
        library = _c_library()
        for number in range(_MOST_CAPABILITIES):
            if library.prctl(_DROP_BOUNDING, number, 0, 0, 0):
                break
        os.setgroups([])
        _set_capabilities(bits, 0)
        library.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)

    def _set_capabilities(bits: int, inheritable: int) -> None:
        """The effective and permitted ones, all below 32. Raises OSError."""
        import ctypes

        header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
        if _c_library().capset(header, (ctypes.c_uint32 * 6)(bits, bits, inheritable, 0, 0, 0)):
            raise OSError(ctypes.get_errno(), "the capabilities cannot be given up")

    def _close_ways_back() -> None:
        """No capability in any set, and no program with the set-user-ID bit gives one. Raises OSError."""
        import ctypes

        library = _c_library()
        library.prctl(_AMBIENT, _CLEAR_ALL, 0, 0, 0)
        _set_capabilities(0, 0)
        if library.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "new privileges cannot be refused")

    def _c_library() -> "ctypes.CDLL":
        import ctypes

        return ctypes.CDLL(None, use_errno=True)
