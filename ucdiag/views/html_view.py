"""The report as one HTML page that holds all it needs: to be forwarded, printed, and read without a script."""

from ucdiag.model.report import PhoneReport, Problem, Report, Verdict
from ucdiag.model.times import format_time
from ucdiag.views.html import phone as phone_page
from ucdiag.views.html.markup import Markup, joined_markup, tag
from ucdiag.views.html.page import Page
from ucdiag.views.output_target import Screen
from ucdiag.views.problem_labels import NOTE, problem_label
from ucdiag.views.text_head import phone_word, report_subject
from ucdiag.views.words import identity_text, unsaid_problems, verdict_lead, verdict_text

_MOST_WHOLE = 200  # phones that are shown whole with -v


class HtmlView:
    """``-f html``."""

    live = False

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._page = Page(screen.stream)

    def begin(self, command: str) -> None:
        """Nothing before the end."""

    def progress(self, phone: PhoneReport) -> None:
        """Nothing before the end."""

    def end(self, report: Report) -> None:
        if len(report.phones) > 1 and not self._screen.quiet:
            self._write_many(report)
            return
        verdict = report.verdict
        phone = next(iter(report.phones), None) if len(report.phones) == 1 else None
        if phone is not None and phone.verdict.status is verdict.status:
            verdict = phone.verdict
        self._page.begin_page(_page_title(verdict, verdict_text(verdict)), _page_header(report, phone))
        self._page.write(phone_page.verdict_part(verdict))
        if phone is not None and not self._screen.quiet:
            self._page.write(*self._phone_parts(report, phone))
        self._end_page(report, verdict.code)

    def close(self) -> None:
        """Nothing to restore."""

    def _write_many(self, report: Report) -> None:
        from ucdiag.views.html.many import ManyPhones

        phones = ManyPhones(report)
        self._page.begin_page(_page_title(phones.verdict, phones.words), _page_header(report, None))
        self._page.write(phone_page.verdict_part(phones.verdict, phones.words))
        phones.write_counts(self._page)
        phones.write_changes(self._page)
        phones.write_causes(self._page)
        phones.write_table(self._page)
        if self._screen.verbose:
            self._write_each_phone(report)
        self._end_page(report, phones.verdict.code or ("CODE" if report.verdict.code else None))

    def _write_each_phone(self, report: Report) -> None:
        """With ``-v`` each phone as if it were the only one, folded away."""
        self._page.write(tag("h2", "Each phone"))
        for number, phone in enumerate(report.phones):
            if number == _MOST_WHOLE:
                rest = f"{len(report.phones) - number:,} more are not shown whole: name one with --mac."
                self._page.write(tag("p", rest))
                break
            head = tag(
                "summary", f"{verdict_lead(phone.verdict.status, phone.verdict.step)}: {identity_text(phone.phone)}"
            )
            self._page.write(tag("details", head, *self._phone_parts(report, phone)))

    def _phone_parts(self, report: Report, phone: PhoneReport) -> list[Markup]:
        return [
            phone_page.change_part(phone),
            phone_page.path_part(phone),
            phone_page.ladder_part(phone, self._screen),
            phone_page.findings_part(phone),
            phone_page.beside_part(phone, report.command, self._screen),
            phone_page.facts_part(phone, self._screen),
        ]

    def _end_page(self, report: Report, code: str | None) -> None:
        problems = unsaid_problems(report)
        if problems and not self._screen.quiet:
            self._page.write(
                tag("section", tag("h2", "About this report"), *map(_problem_line, problems), class_="problems")
            )
        made = f"{format_time(report.finished)[:19].replace('T', ' ')} UTC"
        parts = [f"Made by ucdiag {report.ucdiag} at {made}. "]
        if code:
            parts += ["More about the code: ", tag("code", f"ucdiag explain {code}")]
        self._page.end_page(tag("p", joined_markup(parts)))


def _page_title(verdict: Verdict, words: str) -> str:
    return f"{verdict_lead(verdict.status, verdict.step)}: {words}"


def _page_header(report: Report, phone: PhoneReport | None) -> Markup:
    parts = [tag("p", tag("strong", f"ucdiag {report.ucdiag}"), f", {report_subject(report)}")]
    if report.profile is not None:
        parts.append(tag("p", f"Profile {report.profile}"))
    if phone is not None:
        parts.append(phone_page.identity_part(phone, phone_word(report, phone.phone)))
    return joined_markup(parts)


def _problem_line(problem: Problem) -> Markup:
    label = problem_label(problem.code)
    head = tag("strong", f"{label}: ", class_=None if label == NOTE else "is-ask")
    return tag("p", head, f"{problem.text} ", tag("code", problem.code, class_="tag"))
