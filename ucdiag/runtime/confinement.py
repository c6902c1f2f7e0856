"""What is left to a process once root's rights are given up: less, where Linux offers it.

Landlock (landlock(7)) closes the file system but for what a run still reads and writes. A filter of system calls
(seccomp(2)) refuses programs, processes and sockets that it does not need. Neither can be taken back. By ctypes: the
libraries for it want a C library that is rarely there, and this is a table and a few calls.
"""

import errno
import os
import platform
import struct
import sys
from collections.abc import Iterable
from typing import Literal, NamedTuple

Way = Literal["landlock", "seccomp"]

_WRITE, _READ, _LIST, _REMOVE, _MAKE, _TRUNCATE = 1 << 1, 1 << 2, 1 << 3, 1 << 5, 1 << 8, 1 << 14
_REMOVE_FOLDER, _MAKE_FOLDER = 1 << 4, 1 << 7
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF, _BENEATH = 444, 445, 446, 1  # the same numbers on all machines
# All that each version of Landlock knows, but for ioctl (version 5), which a terminal needs: linux/landlock.h.
_FILE_ACCESS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}
_TCP_FROM, _SCOPES_FROM = 4, 6  # versions

# What Python and the system's libraries read at any time: themselves, zones, certificates, names, the clock.
_READ_BELOW = ("/usr", "/lib", "/lib64", "/etc", "/proc", "/sys", "/run", "/var/lib/ca-certificates", "/nix", "/opt")
# Of these, what Python reads and nobody keeps secrets in.
_CODE_BELOW = ("/usr", "/lib", "/lib64", "/etc/localtime", "/etc/ld.so.cache", "/nix", "/opt", "/proc/self")
_OWN = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120 - pathlib is slow to import
_INTERNET = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK
_FAMILIES = {"none": (), "internet": _INTERNET, "servers": _INTERNET}
_TCP = {"none": 3, "internet": 1, "servers": 0}  # what is refused: 1 to bind, 2 to connect
_SCOPES = 3  # abstract sockets of others, signals to others
Sockets = Literal["none", "internet", "servers"]


class _Machine(NamedTuple):
    """System calls by their numbers on one kind of machine (linux/audit.h, asm/unistd.h)."""

    audit: int
    seccomp: int
    clone: int
    socket: int
    refused: tuple[int, ...]


_CLONE3 = 435
# Those that all machines number alike: io_uring_setup, open_tree, move_mount, fsopen, pidfd_getfd, process_madvise,
# mount_setattr. The others: execve, execveat, ptrace, process_vm_readv and _writev, fork and vfork, bpf,
# perf_event_open, userfaultfd, mount, umount2, unshare, setns, keyctl, add_key, request_key, init_module,
# finit_module, kexec_load, open_by_handle_at, chroot, pivot_root, personality, kcmp, acct, swapon, reboot.
_ALIKE = (425, 428, 429, 430, 438, 440, 442)
_X86_64 = "59 322 101 310 311 57 58 321 298 323 165 166 272 308 250 248 249 175 313 246 304 161 155 135 312 163 167 169"
_AARCH64 = "221 281 117 270 271 280 241 282 40 39 97 268 219 217 218 105 273 104 265 51 41 92 272 89 224 142"
_MACHINES = {
    "x86_64": _Machine(0xC000003E, 317, 56, 41, (*map(int, _X86_64.split()), *_ALIKE)),
    "aarch64": _Machine(0xC00000B7, 277, 220, 198, (*map(int, _AARCH64.split()), *_ALIKE)),
}
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000  # with the number of the error in the lower half
_EPERM, _ENOSYS = 1, 38
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _MACHINE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16  # struct seccomp_data
_OTHER_ABI = 0x40000000  # x32
_THREAD = 0x10000  # CLONE_THREAD
_NAME_SPACES = 0x7E020000  # CLONE_NEWUSER and its like


def offered_ways() -> frozenset[Way]:
    """What this kernel has of it."""
    found: set[Way] = set()
    if sys.platform == "linux" and _landlock_version() > 0:
        found.add("landlock")
    if sys.platform == "linux" and platform.machine() in _MACHINES and "errno" in _seccomp_actions():
        found.add("seccomp")
    return frozenset(found)


def _seccomp_actions() -> list[str]:
    try:
        with open("/proc/sys/kernel/seccomp/actions_avail", encoding="ascii") as file:  # noqa: PTH123
            return file.read().split()
    except OSError:
        return []


def confine_process(
    *,
    read: Iterable[str] = (),
    write: Iterable[str] = (),
    remove: Iterable[str] = (),
    sockets: Sockets = "none",
    forks: bool = False,
    code_alone: bool = False,
) -> None:
    """From now on this process reads below ``read``, writes below ``write``, and opens such sockets alone.

    ``read`` are files or folders, ``write`` folders, ``remove`` folders in which folders may be made and removed; what
    Python itself reads, and devices, are added. With ``forks`` it may have copies of itself work, which are confined as
    it is. With ``code_alone`` nothing of the system's settings can be read, for a process that may read all. What the
    kernel does not offer is left out. New privileges have to be refused before, and no other thread may run yet.
    """
    if sys.platform == "linux":
        below = (*read, *(_CODE_BELOW if code_alone else _READ_BELOW))
        _restrict_files(below, write, remove, _TCP[sockets])
        _filter_calls(sockets, forks)


if sys.platform == "linux":
    import ctypes

    def _system_call(*words: object) -> int:
        library = ctypes.CDLL(None, use_errno=True)
        library.syscall.restype = ctypes.c_long
        return int(library.syscall(*(ctypes.c_long(word) if isinstance(word, int) else word for word in words)))

    def _landlock_version() -> int:
        return _system_call(_CREATE_RULESET, 0, 0, 1)

    def _restrict_files(read: Iterable[str], write: Iterable[str], remove: Iterable[str], tcp: int) -> None:
        version = _landlock_version()
        if version < 1:
            return
        access = _FILE_ACCESS[min(version, 3)]
        words = struct.pack("=QQQ", access, tcp, _SCOPES)
        size = 24 if version >= _SCOPES_FROM else 16 if version >= _TCP_FROM else 8
        _apply_ruleset(words[:size], access, read, write, remove)

    def _apply_ruleset(
        attributes: bytes, access: int, read: Iterable[str], write: Iterable[str], remove: Iterable[str]
    ) -> None:
        ruleset = _system_call(_CREATE_RULESET, attributes, len(attributes), 0)
        if ruleset < 0:
            return
        try:
            for path in {*read, *sys.path, sys.prefix, sys.base_prefix, _OWN}:
                _allow_path(ruleset, path, _READ | _LIST, access)
            for path in write:
                _allow_path(ruleset, path, _WRITE | _MAKE | _REMOVE | _TRUNCATE | _LIST, access)
            for path in remove:
                _allow_path(ruleset, path, _REMOVE_FOLDER | _MAKE_FOLDER, access)
            _allow_path(ruleset, "/dev", _READ | _WRITE | _LIST | _TRUNCATE, access)
            _system_call(_RESTRICT_SELF, ruleset, 0)
        finally:
            os.close(ruleset)

    def _allow_path(ruleset: int, path: str, rights: int, access: int) -> None:
        try:
            place = os.open(path or ".", os.O_PATH)
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
                raise  # later it would look as if it were not there
            return
        try:
            if not os.path.isdir(path or "."):  # noqa: PTH112 - pathlib is slow to import
                rights &= _READ | _WRITE | _TRUNCATE
            _system_call(_ADD_RULE, ruleset, _BENEATH, struct.pack("=Qi", rights & access, place), 0)
        finally:
            os.close(place)

    def _filter_calls(sockets: Sockets, forks: bool) -> None:
        machine = _MACHINES.get(platform.machine())
        if machine is None:
            return
        program = ctypes.create_string_buffer(filter_program(machine, _FAMILIES[sockets], forks=forks))
        pointer = struct.pack("HP", (len(program) - 1) // 8, ctypes.addressof(program))
        for flags in (1, 0):  # for all threads; an old kernel for this one
            if _system_call(machine.seccomp, 1, flags, pointer) == 0:
                return


def filter_program(machine: _Machine, families: tuple[int, ...], *, forks: bool = False) -> bytes:
    """An array of ``struct sock_filter``."""
    copies = (_ANY_BIT, 1, 0, _NAME_SPACES) if forks else (_ANY_BIT, 0, 1, _THREAD)
    refuse, allow = (_RETURN, 0, 0, _REFUSE | _EPERM), (_RETURN, 0, 0, _ALLOW)
    steps = [
        (_LOAD, 0, 0, _MACHINE_AT),
        (_EQUAL, 1, 0, machine.audit),
        refuse,
        (_LOAD, 0, 0, _NUMBER_AT),
        (_AT_LEAST, 0, 1, _OTHER_ABI),
        refuse,
        # The C library then takes clone, whose flags can be seen.
        (_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _REFUSE | _ENOSYS),
        (_EQUAL, 0, 4, machine.clone),
        (_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
        copies,
        allow,
        refuse,
        (_EQUAL, 0, 2 + 2 * len(families), machine.socket),
        (_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
    ]
    for family in families:
        steps += [(_EQUAL, 0, 1, family), allow]
    steps.append(refuse)
    for number in machine.refused:
        steps += [(_EQUAL, 0, 1, number), refuse]
    steps.append(allow)
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
