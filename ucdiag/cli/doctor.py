"""``ucdiag doctor``."""

from ucdiag.cli import options
from ucdiag.cli.exit_codes import UNKNOWN, WHOLE
from ucdiag.cli.options import general_view_options
from ucdiag.cli.output import Output
from ucdiag.cli.runner import ViewOptions, need_other_than_report
from ucdiag.views import FORMATS


@options.command("doctor")
@general_view_options
def doctor(view: ViewOptions) -> int:
    """Report what this machine can test with ucdiag, and how to repair what it cannot.

    Checks the right to listen to packets, scapy, libpcap or Npcap, interfaces, port 68, DNS servers, the domain, root
    certificates, TLS 1.0 and the clock. Nothing is sent, and nothing is changed. The exit code is 0 when everything can
    be tested from here, and 3 when something cannot.

    \b
    Examples:
      ucdiag doctor
      ucdiag doctor -v
      ucdiag doctor --json
    """
    need_other_than_report(view)
    from ucdiag.probe.machine_checks import examine_machine
    from ucdiag.views.doctor_view import show_machine_checks
    from ucdiag.views.output_target import screen_of

    machine = examine_machine()
    with Output(view.output, prose=FORMATS[view.format].prose, force=view.force) as output:
        screen = screen_of(output.stream, color=view.color, verbose=view.verbose, quiet=view.quiet)
        output.write(lambda: show_machine_checks(machine, view.format, screen))
        output.keep()
    return UNKNOWN if machine.failed_checks else WHOLE


# The name by which the list of commands finds it.
command = doctor
