"""The views of one run, each on its output. The files among these appear together, or none does."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from ucdiag.cli.output import Output
from ucdiag.model.report import PhoneReport, Report
from ucdiag.views import BriefReports, OwnExitCode, PrewrittenReports, ReadyReport, StreamsReports, View

Pair = tuple[View, Output]


class ShownViews:
    """The views of one run with their outputs. Output is ``lost`` once no reader is left at any of them."""

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self._pairs = tuple(pairs)
        self.views = tuple(view for view, _ in self._pairs)

    @property
    def live(self) -> bool:
        """Whether a view shows progress."""
        return any(view.live for view in self.views)

    @property
    def lost(self) -> bool:
        """Whether the readers of all outputs have closed them."""
        return all(output.lost for _, output in self._pairs)

    @property
    def takes_written(self) -> bool:
        """Whether all can do with reports that were written before."""
        return all(isinstance(view, PrewrittenReports) and view.takes_written for view in self.views)

    @property
    def takes_brief(self) -> bool:
        """Whether all can do with who each of many phones is, its verdict and its findings."""
        return all(isinstance(view, BriefReports) and view.takes_brief for view in self.views)

    @property
    def exit_code(self) -> int | None:
        """The exit code of a view whose readers have their own, once all is shown."""
        return next((view.exit_code for view in self.views if isinstance(view, OwnExitCode)), None)

    def begin(self, command: str) -> None:
        """The command starts. Raises what ``write`` of an output raises, as do the next two."""
        self._write_pairs(self._pairs, lambda view: view.begin(command))

    def progress(self, phone: PhoneReport) -> None:
        """The steps so far, for those that want them."""
        self._write_pairs([pair for pair in self._pairs if pair[0].live], lambda view: view.progress(phone))

    def start_stream(self) -> bool:
        """Make ready for ``stream_reports`` what can show reports as they come; whether there is such a view."""
        for view, _ in self._streaming_views():
            view.streaming = True
        return bool(self._streaming_views())

    @property
    def only_stream(self) -> bool:
        """Whether all views show reports as they come."""
        return len(self._streaming_views()) == len(self._pairs)

    def stream_reports(self, reports: Sequence[ReadyReport]) -> None:
        """Some of many reports, for the views that show them as they come. Raises as ``begin`` does."""
        for view, _ in self._streaming_views():
            self.write(view, lambda view=view: view.stream_reports(reports))  # type: ignore[misc]

    def _streaming_views(self) -> list[tuple[StreamsReports, Output]]:
        return [(view, output) for view, output in self._pairs if isinstance(view, StreamsReports)]

    def write(self, chosen: object, work: Callable[[], None]) -> None:
        """Do what writes for one of the views."""
        self._write_pairs([pair for pair in self._pairs if pair[0] is chosen], lambda view: work())

    def end(self, report: Report) -> None:
        """The whole report: first into the files, which wait for ``keep`` until it is everywhere."""
        files = [pair for pair in self._pairs if pair[1].is_file]
        self._write_pairs(files, lambda view: view.end(report))
        for _, output in files:
            output.settle()
        self._write_pairs([pair for pair in self._pairs if not pair[1].is_file], lambda view: view.end(report))

    def keep(self) -> None:
        """Put the files in their places."""
        for _, output in self._pairs:
            output.keep()

    def close(self, kind: type[BaseException] | None = None, error: BaseException | None = None) -> None:
        """Leave the terminal as it was; a file that was not put in its place vanishes."""
        failed: BaseException | None = None
        for view, output in self._pairs:
            with suppress(OSError, ValueError):
                view.close()
            try:
                output.__exit__(kind, error)
            except Exception as another:  # noqa: BLE001 - the others have to be closed first
                failed = failed or another
        if failed is not None:
            raise failed

    def _write_pairs(self, pairs: Iterable[Pair], work: Callable[[View], None]) -> None:
        for view, output in pairs:
            if output.lost:
                continue
            try:
                output.write(lambda view=view: work(view))  # type: ignore[misc]
            except BrokenPipeError:
                if self.lost:
                    raise
