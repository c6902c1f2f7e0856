"""Opens sockets and the files that the user named as root, and then gives root's rights up."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ucdiag.cli.crash import OWN_PROCESS
from ucdiag.cli.runner import ViewOptions
from ucdiag.model.text import STANDARD_INPUT
from ucdiag.model.visible_text import quoted
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.runtime.privileges import is_root
from ucdiag.runtime.temporary_files import temporary_folder

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from ucdiag.model.observations import Lease
    from ucdiag.probe.dhcp_check import DhcpQueryOptions
    from ucdiag.probe.doors import Doors
    from ucdiag.runtime.confinement import Sockets
    from ucdiag.runtime.root_rights import Account

_OPEN_FILES = "/proc/self/fd"
_OWN_ROOTS = "SSL_CERT_FILE"  # OpenSSL's trusted roots
_SPARE = 3  # files
_LARGEST = 64 << 20  # bytes of a file of trusted roots
_READ_ALL = 2  # CAP_DAC_READ_SEARCH
_MOST_HELD = 200  # files to be read that are opened before


def open_for_asking(
    query: "DhcpQueryOptions | None", lease: "Lease | None", view: ViewOptions, context: Context | None
) -> "DhcpQueryOptions | None":
    """The query with all that it needs root for opened, and root's rights given up, asked or not: what this machine
    knows of its leases was read. Without root nothing is done. ``context`` is None where no TLS is spoken, whose roots
    have to be read.

    Raises CannotTest where the rights cannot be given up.
    """
    if sys.platform == "win32" or not is_root() or not (query is not None or _is_own_process()):
        return query
    from ucdiag.runtime.root_rights import successor_of_root

    account = successor_of_root()
    if query is not None:
        query = replace(query, doors=_open_doors(query, lease))
    keep_imports(account)
    hold_outputs(view, account)
    if context is not None and os.environ.get(_OWN_ROOTS):
        os.environ[_OWN_ROOTS] = _readable_name(os.environ[_OWN_ROOTS], account)
    _need_spare_files()
    if _go_on_as(account):
        roots = () if context is None else (context.ca, *_certificate_places())
        confine_to(view, roots, sockets="internet")
    return query


def _need_spare_files() -> None:
    """What is imported late, and asked, opens some more. Raises OSError: later it would fail in the middle."""
    opened: list[int] = []
    try:
        opened += (os.open(os.devnull, os.O_RDONLY) for _ in range(_SPARE))
    finally:
        for handle in opened:
            os.close(handle)


def give_up_root(view: ViewOptions, context: Context | None) -> None:
    """As ``open_for_asking``, where nothing has to be opened."""
    open_for_asking(None, None, view, context)


def with_readable_files(context: Context) -> Context:
    """The context, of whose files those that root alone can read are copied for who goes on."""
    if context.ca is None or sys.platform == "win32" or not is_root():
        return context
    from ucdiag.runtime.root_rights import successor_of_root

    return replace(context, ca=_readable_name(context.ca, successor_of_root()))


def _is_own_process() -> bool:
    """Whether this process is the program, and not one that calls it among other things."""
    context = click.get_current_context(silent=True)
    return context is not None and context.find_root().obj is OWN_PROCESS


def _certificate_places() -> Iterator[str]:
    """Where the trusted roots are, if it is not where all systems have them."""
    import ssl

    places = ssl.get_default_verify_paths()
    named = (os.environ.get(name) for name in (_OWN_ROOTS, "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"))
    yield from filter(None, (places.openssl_cafile, places.openssl_capath, *named))


def confine_to(
    view: ViewOptions,
    read: Iterable[str | None],
    write: Iterable[str | None] = (),
    sockets: "Sockets" = "none",
    *,
    forks: bool = False,
    code_alone: bool = False,
) -> None:
    """What is left reads these files, writes where the user wants reports and in the folder of temporary files."""
    from ucdiag.runtime.confinement import confine_process

    temporary = []
    with suppress(OSError):  # there is none: said when one is needed
        temporary.append(temporary_folder())
    written = filter(None, (*view.outputs, view.bundle, *write))
    folders = {os.path.dirname(os.path.realpath(name)) for name in written}  # noqa: PTH120 - pathlib is slow to import
    confine_process(
        read=(*temporary, *filter(None, read)),
        write=(*temporary, *folders),
        sockets=sockets,
        forks=forks,
        code_alone=code_alone,
    )


def is_given_up() -> bool:
    """Whether this run is one of root's, whose rights are given up on the way."""
    return sys.platform != "win32" and bool(is_root()) and _is_own_process()


def give_up_for_files(
    view: ViewOptions, read: Sequence[str], packets: str | None = None, *, opens_later: bool, grows: bool = False
) -> None:
    """Root's rights are given up by a command that reads files: those that root alone can read are opened before.

    Where these are opened later (folders, logs that grow), or are too many, the right to read them stays, and where the
    kernel offers it, that is for these files alone. ``packets`` is a file for packets, ``grows`` says that they cannot
    be read again. Raises CannotTest.
    """
    if sys.platform == "win32" or not is_given_up():
        return
    from ucdiag.runtime.held_inputs import hold_inputs
    from ucdiag.runtime.root_rights import as_account, successor_of_root

    account = successor_of_root()
    with as_account(account):
        shut = [name for name in read if name != STANDARD_INPUT and not _may_read(name)]
    keep_imports(account)
    hold_outputs(view, account, packets, grows=grows)
    reads_all = bool(shut) and (opens_later or len(shut) > _MOST_HELD)
    if not reads_all:
        hold_inputs(shut)
    if _go_on_as(account, reads_all=reads_all):
        confine_to(view, read, forks=True, code_alone=reads_all)


def _go_on_as(account: "Account", *, reads_all: bool = False) -> bool:
    """Give root's rights up, but for the one to read files where ``reads_all`` or Python's own are shut; whether there
    were any. Raises CannotTest."""
    from ucdiag.runtime.root_rights import give_up

    if sys.platform == "linux" and (reads_all or _imports_are_shut(account)):
        from ucdiag.runtime.root_rights import keep_one_right

        try:
            keep_one_right(account, _READ_ALL)
        except OSError as error:
            why = error.strerror or str(error)
            raise CannotTest("no-privilege", f"The rights of {account.name} cannot be taken on: {why}.") from error
        return True
    return give_up(account)


def _imports_are_shut(account: "Account") -> bool:
    """Whether this program was installed for root's eyes alone (umask 077)."""
    try:
        found = os.stat(__file__)  # noqa: PTH116 - pathlib is slow to import
    except OSError:
        return False  # in an archive
    return not found.st_mode & (0o400 if found.st_uid == account.uid else 0o004)


def _may_read(name: str) -> bool:
    """Whether a file, or all below a folder, can be read; what is not there cannot be in any case."""
    try:
        if not os.path.isdir(name):  # noqa: PTH112 - pathlib is slow to import
            return os.access(name, os.R_OK, effective_ids=True)
        folders = [name]
        while folders:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir():
                        folders += [] if entry.is_symlink() else [entry.path]
                    elif not os.access(entry.path, os.R_OK, effective_ids=True):
                        return False
        return True
    except OSError:
        return False
    except ValueError:
        return True


def give_up_for_folder(folder: "Path", view: ViewOptions | None = None) -> None:
    """Root's rights are given up, and a folder of our own, with all in it, belongs to who goes on. With ``view`` this
    process asks what it serves from there."""
    if sys.platform == "win32" or not is_root() or not (view is None or _is_own_process()):
        return
    from ucdiag.runtime.root_rights import successor_of_root

    account = successor_of_root()
    if not _may_remove_from(str(folder.parent), account):
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)
    keep_imports(account)
    if view is not None:
        hold_outputs(view, account)
    if _go_on_as(account):
        from ucdiag.runtime.confinement import confine_process

        # It is removed at the end.
        sockets: Sockets = "none" if view is None else "internet"
        confine_process(read=(str(folder),), write=(str(folder),), remove=(str(folder.parent),), sockets=sockets)


def give_up_for_sites(view: ViewOptions) -> None:
    """Root's rights are given up by what makes sites on loopback, one after the other, and asks them. Raises
    CannotTest."""
    if sys.platform == "win32" or not is_given_up():
        return
    from ucdiag.lab import own_folder
    from ucdiag.runtime.root_rights import successor_of_root

    account = successor_of_root()
    temporary = own_folder.temporary_folder()
    if not _may_remove_from(temporary, account):
        return
    keep_imports(account)
    hold_outputs(view, account)
    if _go_on_as(account):
        from ucdiag.runtime.confinement import confine_process

        confine_process(read=(temporary,), write=(temporary,), remove=(temporary,), sockets="servers")


def _may_remove_from(folder: str, account: "Account") -> bool:
    """Whether what the account leaves in a folder of temporary files can be removed by it: in one that belongs to root
    alone, root stays, so that nothing is left behind."""
    from ucdiag.runtime.root_rights import as_account

    with as_account(account):
        return os.access(folder, os.W_OK | os.X_OK, effective_ids=True)


def _open_doors(query: "DhcpQueryOptions", lease: "Lease | None") -> "Doors":
    from ucdiag.probe.dhcp_relay import bind_relay_socket
    from ucdiag.probe.doors import Doors, KeptLink
    from ucdiag.probe.interface import default_interface
    from ucdiag.probe.packet_link import open_link

    doors = Doors()
    context = click.get_current_context(silent=True)
    if context is not None:
        context.call_on_close(doors.close)
    relay = query.relay
    try:
        if relay is not None:
            server = relay.server or (lease.server if lease is not None else None)
            if server is not None:
                doors.opened_relay = bind_relay_socket(relay.address, server, "check-dhcp")
            return doors
        interface = query.interface or (lease.interface if lease is not None else None) or default_interface()
        doors.opened_link = KeptLink(open_link(interface))
    except (OSError, CannotTest) as error:
        if relay is not None:
            doors.opened_relay = error
        else:
            doors.opened_link = error
            if isinstance(error, PermissionError):
                doors.opened_client = _client_socket(query.interface, lease)
    return doors


def _client_socket(interface: str | None, lease: "Lease | None") -> "socket.socket | OSError | None":
    """Port 68, for a root that has no right to packet sockets; None without an address to ask from."""
    from ucdiag.probe.dhcp import client_socket
    from ucdiag.probe.interface import default_interface, own_interface

    try:
        interface = interface or (lease.interface if lease is not None else None) or default_interface()
        address = own_interface(interface).address
        return client_socket(interface, address) if address is not None else None
    except CannotTest:
        return None  # said when it is asked
    except OSError as error:
        return error


def hold_outputs(view: ViewOptions, account: "Account", packets: str | None = None, *, grows: bool = False) -> None:
    """Open the files that the account could not write, or that shall belong to root who called, the packets among
    them (``grows``: which cannot be had again), and have all that is entrusted kept with root's rights. Raises
    CannotTest."""
    names = (*view.outputs, *filter(None, (view.bundle, packets)))
    if names:
        _hold_outputs(names, view, account, packets if grows else None)
    from ucdiag.runtime.entrusted import ENTRUSTED

    if ENTRUSTED:
        from ucdiag.runtime.root_keeper import start_keeper

        start_keeper()


def _hold_outputs(names: Sequence[str], view: ViewOptions, account: "Account", growing: str | None) -> None:
    from ucdiag.runtime.named_files import hold_growing, hold_output

    private = {view.bundle}
    for name in names:
        try:
            if not _needs_root(name, account, private=name in private):
                continue
            if name == growing:
                hold_growing(name, account.owner)
            else:
                hold_output(name, force=view.force, private=name in private, owner=account.owner)
        except FileExistsError:
            continue  # said as it is without root
        except OSError as error:
            raise CannotTest(
                "output", f"cannot write to {quoted(name)}: {(error.strerror or str(error)).lower()}"
            ) from error


def _needs_root(name: str, account: "Account", *, private: bool) -> bool:
    from ucdiag.cli.output_files import why_not_writable
    from ucdiag.runtime.root_rights import as_account

    if account.owner is None:
        return True
    with as_account(account):
        return why_not_writable(name, private=private) is not None


def _readable_name(name: str, account: "Account") -> str:
    """The name by which the account can read a file: its own, or that of a copy. A file that is not there keeps its
    name."""
    if sys.platform == "win32":
        return name
    from ucdiag.runtime.root_rights import as_account

    with suppress(OSError), as_account(account), open(name, "rb"):  # noqa: PTH123 - pathlib is slow to import
        return name
    try:
        with open(name, "rb") as file:  # noqa: PTH123
            text = file.read(_LARGEST + 1)
        if len(text) > _LARGEST or not os.path.isdir(_OPEN_FILES):  # noqa: PTH112 - pathlib is slow to import
            return name
        from ucdiag.runtime.named_files import unnamed_file

        copy = unnamed_file()
        with open(copy, "wb", closefd=False) as file:
            file.write(text)
        os.fchown(copy, account.uid, account.gid)
    except OSError:
        return name  # said when it is read
    return f"{_OPEN_FILES}/{copy}"


def keep_imports(account: "Account") -> None:
    """Modules that are imported late are found where the account could not go: a Python in root's home, for instance.

    Its folders are opened now, and searched by their numbers. Raises OSError.
    """
    from ucdiag.runtime.root_rights import as_account

    opened = _OPEN_FILES
    if not os.path.isdir(opened):  # noqa: PTH112 - pathlib is slow to import
        return
    with as_account(account):
        shut = [path for path in sys.path if path and not os.access(path, os.R_OK | os.X_OK, effective_ids=True)]
    moved = {}
    for path in filter(os.path.isdir, shut):
        moved[path] = f"{opened}/{os.open(path, os.O_RDONLY)}"
    if not moved:
        return
    sys.path[:] = [moved.get(path, path) for path in sys.path]
    for module in list(sys.modules.values()):
        places = getattr(module, "__path__", None)
        if isinstance(places, list):
            places[:] = [_moved_path(place, moved) for place in places]
    sys.path_importer_cache.clear()


def _moved_path(place: str, moved: dict[str, str]) -> str:
    for path in sorted(moved, key=len, reverse=True):
        if place.startswith(f"{path}/"):
            return moved[path] + place[len(path) :]
    return place
