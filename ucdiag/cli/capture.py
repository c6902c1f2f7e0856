"""``ucdiag capture``."""

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ucdiag.cli import options
from ucdiag.cli.capture_options import CaptureOptions, capture_options, check_outputs, check_sources
from ucdiag.cli.capture_run import judge_phones, print_facts
from ucdiag.cli.capture_source import FileCapture, LiveCapture
from ucdiag.cli.exit_codes import UNKNOWN, WHOLE
from ucdiag.cli.options import view_options
from ucdiag.cli.output import need_standard_output
from ucdiag.cli.runner import ViewOptions

if TYPE_CHECKING:
    from ucdiag.capture.request_saver import RequestSaver


@options.command("capture")
@capture_options
@view_options
def capture(wanted: CaptureOptions, view: ViewOptions) -> int:
    """Tell from what the wire shows where each phone's update path breaks.

    Reads captures in the formats pcap and pcapng, also compressed. Watches DHCP, DNS, ARP, ICMP, and TCP on the
    ports 80 and 443.

    \b
    Examples:
      ucdiag capture -r site.pcapng
      sudo ucdiag capture -i eth0 -w site.pcapng
      ssh switch tcpdump -U -w - | ucdiag capture -r - -w kept.pcapng
      ucdiag capture -r site.pcap --facts | grep ucupdates
    """
    check_outputs(wanted, view)
    view = replace(view, ladder=wanted.ladder)
    if wanted.list_interfaces:
        need_standard_output()
        return _list_interfaces()
    check_sources(wanted, view)
    if wanted.interface is None:
        return _run(wanted, FileCapture(wanted), view, _saver(wanted))
    saver = _saver(wanted)  # before a live capture gives up its rights
    try:
        live = LiveCapture(wanted, wanted.interface, view)
    except BaseException:
        if saver is not None:
            saver.finish()
        raise
    return _run(wanted, live, view, saver)


def _saver(wanted: CaptureOptions) -> "RequestSaver | None":
    if wanted.save_request is None:
        return None
    from ucdiag.capture.request_saver import RequestSaver

    return RequestSaver(wanted.save_request, wanted.macs)


def _run(
    wanted: CaptureOptions, origin: FileCapture | LiveCapture, view: ViewOptions, saver: "RequestSaver | None"
) -> int:
    code = print_facts(origin, view) if wanted.facts else judge_phones(wanted, origin, view, saver)
    # A standard output that does not take all is 3, whatever was to go there.
    return UNKNOWN if wanted.piped and origin.unwritten is not None else code


def _list_interfaces() -> int:
    from ucdiag.capture.interfaces import interfaces
    from ucdiag.views.sanitize import visible

    known = interfaces()
    for interface in known:
        flaw = f": {interface.flaw}" if interface.flaw else ""
        click.echo(visible(" ".join((interface.name, f"({interface.state})", *interface.addresses)) + flaw))
    return WHOLE if any(interface.flaw is None for interface in known) else UNKNOWN


# The name by which the list of commands finds it.
command = capture
