"""``ucdiag capture``."""

import os
import sys
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ucdiag.cli import options
from ucdiag.cli.bundle_options import bundle_options
from ucdiag.cli.capture_options import CaptureOptions, capture_options, check_outputs, check_sources
from ucdiag.cli.capture_run import judge_phones, print_facts
from ucdiag.cli.capture_source import FileCapture, LiveCapture
from ucdiag.cli.exit_codes import BROKEN, UNKNOWN, WHOLE
from ucdiag.cli.options import view_options
from ucdiag.cli.output import need_standard_output
from ucdiag.cli.runner import ViewOptions

if TYPE_CHECKING:
    from ucdiag.capture.request_saver import RequestSaver
    from ucdiag.runtime.root_rights import Account


@options.command("capture")
@capture_options
@view_options
@bundle_options
def capture(wanted: CaptureOptions, view: ViewOptions) -> int:
    """Report where each phone's update path breaks, from live packets or from captures.

    Reads captures in the formats pcap and pcapng, also compressed. Without FILE and -i it listens on the interface of
    the default route. Watches DHCP, DNS, ARP, ICMP, and TCP on the ports 80, 443 and 5061.

    \b
    Examples:
      ucdiag capture site.pcapng
      sudo ucdiag capture -i eth0 -w site.pcapng
      ssh switch tcpdump -U -w - | ucdiag capture -r - -w kept.pcapng
      ucdiag capture -r site.pcap --facts | grep ucupdates
    """
    check_outputs(wanted, view)
    view = replace(view, ladder=wanted.ladder, inventory=wanted.phones)
    if wanted.list_interfaces:
        need_standard_output()
        return _list_interfaces(wanted)
    check_sources(wanted, view)
    with ExitStack() as temporary:
        return _run_capture(_readable_again(wanted, view, temporary), view)


def _readable_again(wanted: CaptureOptions, view: ViewOptions, temporary: ExitStack) -> CaptureOptions:
    """The packets of a bundle, and those that are masked, are read again: they are kept until then."""
    from ucdiag.capture.file_reader import is_file

    if wanted.write is not None:
        needed = view.mask
    else:
        needed = view.bundle is not None and not (wanted.read and all(map(is_file, wanted.read)))
    if not needed:
        return wanted
    from ucdiag.cli.capture_bundle import temporary_copy

    copy = temporary.enter_context(temporary_copy())
    heir = _account_without_root(wanted.user)
    if sys.platform != "win32" and heir is not None:
        os.chown(copy, heir.uid, heir.gid)
    return replace(wanted, write=copy, temporary_write=True, masked_write=wanted.write)


def _prepare_outputs(wanted: CaptureOptions, view: ViewOptions, saver: "RequestSaver | None") -> None:
    """What is written is ready, or opened before root's rights are given up. The captures are open already."""
    from ucdiag.capture.file_reader import is_file
    from ucdiag.runtime.privileges import is_root

    packets = wanted.masked_write if wanted.temporary_write else wanted.write
    grows = not wanted.temporary_write and not all(map(is_file, wanted.read))
    if not is_root():
        if grows and packets not in (None, "-") and view.force:
            from ucdiag.runtime.named_files import take_up_left

            take_up_left(packets)
        return
    from ucdiag.cli.without_root import give_up_for_files, is_given_up

    if not is_given_up():
        return
    from ucdiag.runtime.root_rights import successor_of_root

    if saver is not None:
        saver.give_to(successor_of_root().owner)
    read = list(wanted.read)
    if wanted.temporary_write and wanted.write is not None:
        read.append(wanted.write)  # in a folder that may be shut for who goes on
    give_up_for_files(view, read, packets if packets != "-" else None, opens_later=False, grows=grows)


def _account_without_root(user: str | None) -> "Account | None":
    """Who goes on when a live capture gives up root's rights: files of our own belong to them."""
    if sys.platform == "win32":
        return None
    from ucdiag.runtime.privileges import is_root
    from ucdiag.runtime.root_rights import successor_of_root

    return successor_of_root(user) if is_root() else None


def _run_capture(wanted: CaptureOptions, view: ViewOptions) -> int:
    if wanted.read:
        saver = _request_saver(wanted)
        return _judge_or_print(wanted, FileCapture(wanted, lambda: _prepare_outputs(wanted, view, saver)), view, saver)
    interface = wanted.interface or _default_interface(quiet=view.quiet)
    saver = _request_saver(wanted)  # before a live capture gives up its rights
    heir = _account_without_root(wanted.user)
    if saver is not None and heir is not None and heir.uid:
        saver.give_to(heir.owner)
    try:
        live = LiveCapture(wanted, interface, view)
    except BaseException:
        if saver is not None:
            saver.finish()
        raise
    return _judge_or_print(wanted, live, view, saver)


def _default_interface(*, quiet: bool) -> str:
    """The interface that is meant where none is named. Raises CannotTest."""
    from ucdiag.cli.crash import print_message
    from ucdiag.probe.interface import choose_interface

    name, routed = choose_interface()
    if not quiet:
        why = "the interface of the default route" if routed else "the first interface that is connected"
        print_message(f"listening on {name}, {why} (-i names another).")
    return name


def _request_saver(wanted: CaptureOptions) -> "RequestSaver | None":
    if wanted.save_request is None:
        return None
    from ucdiag.capture.request_saver import RequestSaver

    return RequestSaver(wanted.save_request, wanted.macs)


def _judge_or_print(
    wanted: CaptureOptions, origin: FileCapture | LiveCapture, view: ViewOptions, saver: "RequestSaver | None"
) -> int:
    code = print_facts(wanted, origin, view) if wanted.facts else judge_phones(wanted, origin, view, saver)
    # What does not take all is 3, whatever was to go there, as of every output.
    return UNKNOWN if origin.unwritten is not None and code in (WHOLE, BROKEN) else code


def _list_interfaces(wanted: CaptureOptions) -> int:
    from ucdiag.capture.interfaces import interfaces, scapy_interfaces
    from ucdiag.model.visible_text import visible

    known = scapy_interfaces() if wanted.sniffer == "scapy" else interfaces()
    for interface in known:
        flaw = f": {interface.flaw}" if interface.flaw else ""
        said = f", {interface.description}" if interface.description else ""
        click.echo(visible(" ".join((interface.name, f"({interface.state})", *interface.addresses)) + said + flaw))
    return WHOLE if any(interface.flaw is None for interface in known) else UNKNOWN


# The name by which the list of commands finds it.
command = capture
