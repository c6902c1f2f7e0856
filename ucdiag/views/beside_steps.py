"""The part of a text report between steps and findings: leases and offers, names, URLs, the phone's checks."""

from ucdiag.model.report import PhoneReport
from ucdiag.views.line_writer import LineWriter

LADDER_CHECKS = 3  # of a phone with more checks the ladder is drawn when it is asked for
CHECKS_FIRST, CHECKS_MOST = 2, 24  # lines of checks


def write_beside_steps(writer: LineWriter, command: str, phone: PhoneReport) -> None:
    """All that belongs to this command."""
    if command == "check-dhcp":
        from ucdiag.views.dhcp import show_dhcp

        show_dhcp(writer, phone.observations)
    elif command == "check":
        from ucdiag.views.dhcp import show_domains

        show_domains(writer, phone.observations)
    if command in ("check-dns", "check"):
        from ucdiag.views.names import show_names

        show_names(writer, phone.observations)
    if command in ("probe", "check"):
        from ucdiag.views.beside_path import show_comparison, show_side_checks, show_urls
        from ucdiag.views.chain import show_chains

        show_urls(writer, phone.observations)
        show_comparison(writer, phone.observations, phone.phone.mac)
        show_chains(writer, phone.observations)
        show_side_checks(writer, phone.observations)
    _write_checks(writer, phone)


def draws_ladder(wanted: bool | None, verbose: bool, command: str, phone: PhoneReport) -> bool:
    """Whether a ladder is drawn. A capture of days gets none unless asked for; each of its checks has a line."""
    if wanted is not None:
        return wanted
    many = phone.checks is not None and phone.checks.count > LADDER_CHECKS
    return verbose and command == "capture" and not many


def _write_checks(writer: LineWriter, phone: PhoneReport) -> None:
    """The update checks of a capture: all in a sentence, and of several each in a line."""
    checks = phone.checks
    if checks is None or not checks.count:
        return
    from ucdiag.views.check_lines import check_lines, checks_text

    writer.write_blank()
    writer.write_wrapped(("Checks:", "bold"), f" {checks_text(checks)}", hang=4)
    if checks.count < 2:
        return
    lines = check_lines(checks)
    left_out = checks.count - len(lines)
    if len(lines) > CHECKS_MOST and not writer.screen.verbose:
        left_out += len(lines) - CHECKS_MOST
        lines = [*lines[:CHECKS_FIRST], "", *lines[CHECKS_FIRST - CHECKS_MOST :]]
    elif left_out:
        lines.insert(0, "")
    for line in lines:
        if line:
            writer.write_line("    ", line)
        else:
            writer.write_line(
                (f"    {'…' if writer.screen.unicode else '...'} {left_out:,} more (-v shows them)", "dim")
            )
