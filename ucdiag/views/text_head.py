"""The first lines of a text report: program, command, source and time; the phone."""

import os

from ucdiag.model.observations import Extent
from ucdiag.model.phone import Phone
from ucdiag.model.report import Identity, Report
from ucdiag.model.times import since_epoch, utc_datetime
from ucdiag.model.vocabulary import Microseconds
from ucdiag.views.line_writer import LineWriter
from ucdiag.views.words import identity_text


def write_head(writer: LineWriter, report: Report) -> None:
    """Write the command, its source and its time; with one phone, the phone."""
    writer.write_wrapped((f"ucdiag {report.ucdiag}", "bold"), f", {report_subject(report)}", hang=4)
    if report.profile is not None:
        writer.write_wrapped(f"Profile {report.profile}", hang=4)
    if len(report.phones) == 1:
        phone = next(iter(report.phones)).phone
        if phone.mac or phone.ip:
            writer.write_wrapped(f"{phone_word(report, phone)} {identity_text(phone)}", hang=4)


def phone_word(report: Report, phone: Identity) -> str:
    """The word for the phone: one with an invented MAC address is a test phone."""
    return "Test phone" if report.command not in ("capture", "logs") and phone.mac == Phone().mac else "Phone"


def report_subject(report: Report) -> str:
    """The command, what it ran on, and when."""
    source = report.source
    if report.source.kind == "logs":
        return f"logs of {report.source.name}, {_moment_text(report.started)} UTC"
    if report.command != "capture":
        return f"{report.command} on {_machine_name()}, {_moment_text(report.started)} UTC"
    where = f"capture of {source.name}" if source.kind == "file" else f"capture on {source.name}"
    packets = f": {source.packets:,} packet{'' if source.packets == 1 else 's'}" if source.packets is not None else ""
    extent = _capture_extent(report)
    if extent is None:
        # When a file was read says nothing of when it was captured.
        return f"{where}{packets}" if source.kind == "file" else f"{where}{packets}, {_moment_text(report.started)} UTC"
    first, last = _moment_text(extent.time), _moment_text(extent.end)
    return f"{where}{packets}, {first} to {last[11:] if last[:10] == first[:10] else last} UTC"


def _capture_extent(report: Report) -> Extent | None:
    """The capture's own extent, which every phone's facts hold."""
    first = next(iter(report.phones), None)
    facts = first.observations if first is not None else ()
    return next((fact for fact in reversed(facts) if isinstance(fact, Extent)), None)


def _moment_text(time: Microseconds) -> str:
    moment = utc_datetime(time)
    # One that no calendar has was clamped.
    known = since_epoch(moment) == time // 1_000_000 * 1_000_000
    return moment.strftime("%Y-%m-%d %H:%M:%S") if known else "at an unknown time"


def _machine_name() -> str:
    name = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
    return name or "this machine"
