"""The bundle of ``ucdiag capture``: the report, and the packets of its phones."""

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import fields, replace
from typing import TYPE_CHECKING, TypeVar

import click

from ucdiag.capture.phone_packets import PhonePackets, copy_phone_packets
from ucdiag.cli.bundle import PACKETS, Contents, write_bundle
from ucdiag.cli.capture_options import CaptureOptions
from ucdiag.cli.changed_phones import changed_phones
from ucdiag.model.fast_dataclass import Record
from ucdiag.model.report import PhoneReport, Report
from ucdiag.model.text import counted
from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.named_files import lock_file, sweep_folder, unnamed_file

if TYPE_CHECKING:
    from ucdiag.cli.masked_run import MaskedPackets, MaskedRun

JudgeAgain = Callable[[CaptureOptions], Report]
T = TypeVar("T")

_OPEN_FILES = "/proc/self/fd"
_MARK = "ucdiag-packets-"
_FRAMES = frozenset({"frame", "answer_frame", "last_frame"})
# What is said of the frame numbers of the captures, which are not those of the bundle.
_ABOUT_FRAMES = frozenset({"frames-of-copy", "several-files", "frames-not-packets"})


@contextmanager
def temporary_copy() -> Iterator[str]:
    """A file of one's own, for packets. On Linux it has no name but this process', so a kill leaves none behind.

    Raises CannotTest.
    """
    try:
        with suppress(OSError):
            sweep_folder(tempfile.gettempdir(), _MARK)
        if os.path.isdir(_OPEN_FILES):  # noqa: PTH112 - pathlib is slow to import
            handle = unnamed_file()
            name = f"{_OPEN_FILES}/{handle}"
        else:
            handle, name = tempfile.mkstemp(".pcapng", _MARK)
            lock_file(handle)
    except OSError as error:
        text = f"No temporary file can be made for the packets ({error.strerror or error}): name a folder in TMPDIR."
        raise CannotTest("output", text) from error
    try:
        yield name
    finally:
        os.close(handle)
        if not name.startswith(_OPEN_FILES):
            with suppress(OSError):
                os.unlink(name)  # noqa: PTH108 - pathlib is slow to import


class Forwarding:
    """The forwarded parts of a capture: the report as shown, the masked packets of ``-w``, and the bundle.

    A context manager around temporary files. The packets are read again, from ``wanted.write`` or else ``wanted.read``.
    """

    def __init__(self, report: Report, wanted: CaptureOptions, bundle: str | None, *, mask: bool) -> None:
        self._wanted = wanted
        self._bundle = bundle
        self._temporary = ExitStack()
        self._report = self.shown = _about_copy(report, wanted)
        self._masked = _masked_run(report, wanted) if mask else None
        self._phones: MaskedPackets | None = None
        self._failed: CannotTest | None = None

    def __enter__(self) -> "Forwarding":
        try:
            self._prepare_packets()
        except CannotTest as cannot:
            # The report is shown all the same.
            self._failed = cannot
            if self._masked is not None:
                self.shown = self._masked.report(self._report)
        except BaseException:
            self._temporary.close()
            raise
        return self

    def __exit__(self, *rest: object) -> None:
        self._temporary.close()

    def _prepare_packets(self) -> None:
        """Copies the phones' packets, learns all secrets, and writes the packets of ``-w``. Raises CannotTest."""
        wanted, masked = self._wanted, self._masked
        if self._bundle is not None:
            names = (wanted.write,) if wanted.write is not None else wanted.read
            limit = wanted.count if wanted.write is None else None
            self._copy = self._temporary.enter_context(temporary_copy())
            self._copied = copy_phone_packets(names, PhonePackets.of_phones(self._report.phones), self._copy, limit)
        if masked is None:
            return
        all_packets = None
        if wanted.masked_write is not None and wanted.write is not None:
            all_packets = masked.learn_packets(wanted.write, wanted.ports)
        if self._bundle is not None:
            self._phones = masked.learn_packets(self._copy, wanted.ports)
        shown = self._report
        if all_packets is not None:
            assert wanted.masked_write is not None
            frames = all_packets.write(wanted.masked_write).frames
            numbered = tuple(problem for problem in shown.problems if problem.code == "frames-of-copy")
            shown = with_frames(shown, frames)
            shown = replace(shown, problems=shown.problems + numbered)
        self.shown = masked.report(shown)

    def write_bundle(self, judge_again: JudgeAgain, *, quiet: bool, force: bool) -> None:
        """Write the bundle, if there shall be one. Raises CannotTest, also for what could not be prepared."""
        if self._failed is not None:
            raise self._failed
        if self._bundle is None:
            return
        wanted, masked, packets = self._wanted, self._masked, self._copy
        report, notes = with_frames(self._report, self._copied.frames), list[str]()
        alone = replace(wanted, interface=None, write=None, keylog=(), count=None, save_request=None, masked_write=None)
        count = len(self._copied.frames)
        if masked is not None and self._phones is not None:
            packets = self._temporary.enter_context(temporary_copy())
            masked_copy = self._phones.write(packets)
            count = len(masked_copy.frames)
            report = masked.report(with_frames(report, masked_copy.frames))
            notes += masked_copy.notes
            alone = replace(
                alone,
                macs=tuple(map(masked.mac, wanted.macs)),
                domain=masked.text(wanted.domain) if wanted.domain is not None else None,
                servers=frozenset(map(masked.text, wanted.servers)),
            )
        notes.insert(
            0,
            f"{PACKETS} holds {counted(count, 'packet')} of the phones in the report, and no others. "
            "The frame numbers of the reports are those of this file.",
        )
        if self._copied.secrets_left_out or wanted.keylog:
            notes.append("Secrets of TLS were left out: what they opened is in the reports alone.")
        notes.append(_compare_bundle(report, replace(alone, read=(packets,)), judge_again))
        mask_text = masked.text if masked is not None else None
        contents = Contents(packets=packets, notes=tuple(notes), mask_text=mask_text)
        write_bundle(report, self._bundle, contents, quiet=quiet, force=force)


def _about_copy(report: Report, wanted: CaptureOptions) -> Report:
    """The report without the name of a temporary file."""
    if not wanted.temporary_write:
        return report
    where = wanted.masked_write if wanted.masked_write not in (None, "-") else "the packets that were kept"
    text = f"Frame numbers are those of {where}."
    if wanted.masked_write is None:
        text = "Frame numbers count the packets that were kept for the bundle, whose reports have their own."
    problems = (replace(it, text=text) if it.code == "frames-of-copy" else it for it in report.problems)
    return replace(report, problems=tuple(problems))


def _masked_run(report: Report, wanted: CaptureOptions) -> "MaskedRun":
    from ucdiag.cli.masked_run import MaskedRun

    masked = MaskedRun(wanted.read)
    if wanted.masked_write is not None:
        masked.call(wanted.masked_write, "the masked copy")
    context = click.get_current_context(silent=True)
    if context is not None:
        masked.learn_options(context.params)
    masked.learn_report(report)
    return masked


def _compare_bundle(report: Report, alone: CaptureOptions, judge_again: JudgeAgain) -> str:
    """What the packets of the bundle alone say, compared with the report."""
    try:
        again = judge_again(alone)
    except CannotTest as cannot:
        return f"{PACKETS} alone could not be judged: {cannot.text}"
    before, after = _count_conclusions(report.phones), _count_conclusions(again.phones)
    if before == after:
        return f"{PACKETS} alone gives the same verdicts and findings as the reports."
    lacking, new = (", ".join(sorted(words)) for words in (before - after, after - before))
    return (
        f"{PACKETS} alone does not give the same verdicts and findings: the reports were made from the whole capture, "
        f"which says {lacking or 'nothing'} where these packets say {new or 'nothing'}."
    )


def _count_conclusions(phones: Iterable[PhoneReport]) -> Counter[str]:
    """How often each verdict occurs, with its findings."""
    found: Counter[str] = Counter()
    for phone in phones:
        codes = sorted(finding.code for finding in phone.findings)
        others = f" with {', '.join(codes)}" if codes else ""
        found[f"{phone.verdict.status.value} ({phone.verdict.code or 'no code'}){others}"] += 1
    return found


def with_frames(report: Report, frames: Mapping[int, int]) -> Report:
    """The report with the frame numbers of a copy."""
    return replace(
        report,
        phones=changed_phones(report.phones, lambda phone: _with_frames(phone, frames)),
        problems=tuple(problem for problem in report.problems if problem.code not in _ABOUT_FRAMES),
    )


def _with_frames(value: T, frames: Mapping[int, int]) -> T:
    """The same with every frame number replaced. A frame that is not in the bundle is not known there."""
    if isinstance(value, tuple):
        return tuple(_with_frames(item, frames) for item in value)  # type: ignore[return-value]
    if not isinstance(value, Record):
        return value
    changed: dict[str, object] = {}
    for field in fields(value):
        old = getattr(value, field.name)
        if field.name in _FRAMES:
            changed[field.name] = frames.get(old) if old is not None else None
        elif isinstance(old, tuple | Record):
            changed[field.name] = _with_frames(old, frames)
    return replace(value, **changed)
