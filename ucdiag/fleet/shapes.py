"""Targets that are alike but for their phone's MAC address, serial number and site: asked and judged by templates."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter

from ucdiag.fleet.asking import Asked, Outcome, Question, walk_heard
from ucdiag.fleet.heard import Heard, HeardPost, UnheardError, wall_time
from ucdiag.fleet.pacing import Hosts
from ucdiag.fleet.targets import Target
from ucdiag.fleet.templates import MAC_GAPS, TRIALS, Template, Trial, report_gaps, request_gaps, template_of
from ucdiag.fleet.usual import UsualNames, UsualPosts
from ucdiag.model.patterns import pattern
from ucdiag.model.report import Verdict
from ucdiag.model.times import format_time
from ucdiag.model.vocabulary import Microseconds, Seconds

_MOST_SHAPES = 1024
_MOST_ANSWERS = 64  # templates of a shape, and answers of which the template is known
_SEEN_BEFORE = 2  # phones that hear the same before a template is made for the others
_ALIKE = attrgetter("vendor", "model", "revision", "locale", "firmware", "domain", "url", "nameservers")
# Header lines of which nothing is in a report.
_UNREAD = pattern(rb"\r\n(?:Date|Set-Cookie|Last-Modified|ETag|X-[A-Za-z-]{1,40}):[ -~]*(?=\r\n)", re.IGNORECASE)


class _Request:
    """The request of such targets as text with gaps."""

    def __init__(self, text: Template, lengths: tuple[int, int]) -> None:
        self._text = text
        self._spellings = [(name, spell) for name, spell in MAC_GAPS.items() if name in text.names]
        serials = [len(trial.serial) for trial in TRIALS]
        self._each = (lengths[1] - lengths[0]) // (serials[1] - serials[0])
        self._without = lengths[0] - self._each * serials[0]

    def body_length(self, target: Target) -> int:
        """The bytes of the body."""
        return self._without + self._each * len(target.serial or "")

    def request_bytes(self, target: Target) -> bytes:
        """All that is sent."""
        values = {"serial": target.serial or "", "length": f"Content-Length: {self.body_length(target)}"}
        for name, spell in self._spellings:
            values[name] = spell(target.mac or "")
        return self._text.fill_gaps(values).encode("latin-1")


class _Report:
    """The report of such targets with the same answer, as text with gaps, and the phone's verdict in it."""

    def __init__(self, text: Template, verdict: Verdict) -> None:
        self._text = text
        self._spellings = [(name, spell) for name, spell in MAC_GAPS.items() if name in text.names]
        self.verdict = verdict

    def report_text(self, target: Target, post: HeardPost, wall: Microseconds, began: float, length: int) -> str:
        """The report of one target."""
        values = {
            "serial": target.serial or "",
            "site": f'"site": {json.dumps(target.site)}' if target.site is not None else '"site": null',
            "port": f'"client_port": {post.client_port}',
            "bytes": f'"request_bytes": {length}',
            "began": format_time(wall),
            "connected": format_time(wall_time(wall, began, post.connected)),
            "answered": format_time(wall_time(wall, began, post.answered)),
            "connect": f'"seconds": {post.connected - began!r}',
            "answer": f'"seconds": {post.answered - post.connected!r}',
        }
        for name, spell in self._spellings:
            values[name] = spell(target.mac or "")
        return self._text.fill_gaps(values)


class Shape:
    """Such targets, ``first`` being one of them. Raises ValueError where they cannot be asked."""

    def __init__(
        self, first: Target, question_of: Callable[[Target], Question], text_of: Callable[[Asked], str]
    ) -> None:
        self._first = first
        self._question_of = question_of
        self._text_of = text_of
        self._question = question_of(first)
        self.usual: UsualPosts | UsualNames | None = self._question.usual
        self._request: _Request | None = None
        self._request_made = False
        # By what was heard: the template, how many heard it without one, or None where there can be none.
        self._reports: dict[tuple[object, ...], _Report | int | None] = {}
        self._by_answer: dict[bytes, tuple[str, _Report]] = {}

    @property
    def patience(self) -> Seconds:
        """How long an exchange that begins now may take."""
        return self._question.context.patience

    def question_for(self, target: Target) -> Question:
        """What to ask for a target."""
        return self._question if target is self._first else self._question_of(target)

    def requests_for(self, target: Target) -> tuple[bytes, ...]:
        """What to send for a target."""
        if not self._request_made:
            self._request_made = True
            self._request = self._make_request()
        if self._request is not None:
            return (self._request.request_bytes(target),)
        return _requests_of(self.question_for(target))

    def knows_answer(self, answer: bytes) -> bool:
        """Whether this was a whole answer to another such target."""
        return answer in self._by_answer

    def outcome_by_template(
        self, target: Target, post: HeardPost, wall: Microseconds, began: float, hosts: Hosts
    ) -> Outcome | None:
        """The outcome of a target with this start and exchange; None if it has to be judged by itself."""
        request = self._request
        if request is None:
            return None
        client, report = self._by_answer.get(post.answer, ("", None))
        if report is None or client != post.client:
            report = self._report_template(post, hosts)
        if report is None:
            return None
        text = report.report_text(target, post, wall, began, request.body_length(target))
        return Outcome(target, report.verdict, text=text)

    def _trial_question(self, trial: Trial) -> Question:
        first = self._first
        mac = trial.mac if first.mac is not None else None
        serial = trial.serial if first.serial is not None else None
        return self._question_of(replace(first, mac=mac, serial=serial, site=trial.site))

    def _make_request(self) -> _Request | None:
        requests = [_requests_of(self._trial_question(trial)) for trial in TRIALS]
        if any(len(wires) != 1 for wires in requests):
            return None
        (first,), (second,) = requests
        lengths = _body_bytes(first), _body_bytes(second)
        text = template_of(
            first.decode("latin-1"),
            request_gaps(TRIALS[0].mac, TRIALS[0].serial, lengths[0]),
            second.decode("latin-1"),
            request_gaps(TRIALS[1].mac, TRIALS[1].serial, lengths[1]),
        )
        if text is None:
            return None
        made = _Request(text, lengths)
        return made if (made.request_bytes(self._first),) == _requests_of(self._question) else None

    def _report_template(self, post: HeardPost, hosts: Hosts) -> _Report | None:
        key = (post.client, post.ended, _read_part(post.answer))
        found = self._reports.get(key, 0)
        if isinstance(found, int):
            if not found and len(self._reports) >= _MOST_ANSWERS:
                return None
            found = self._reports[key] = found + 1 if found < _SEEN_BEFORE else self._make_report(post, hosts)
        if not isinstance(found, _Report):
            return None
        if len(self._by_answer) >= _MOST_ANSWERS:
            self._by_answer.clear()
        self._by_answer[post.answer] = post.client, found
        return found

    def _make_report(self, post: HeardPost, hosts: Hosts) -> _Report | None:
        texts: list[str] = []
        gaps: list[dict[str, str]] = []
        verdicts: set[Verdict] = set()
        for trial in TRIALS:
            question = self._trial_question(trial)
            asked = _heard_by(trial, question, post, hosts)
            if asked is None or asked.problems:
                return None
            (wire,) = _requests_of(question)
            texts.append(self._text_of(asked))
            gaps.append(report_gaps(trial, _body_bytes(wire)))
            verdicts.add(asked.phone.verdict)
        text = template_of(texts[0], gaps[0], texts[1], gaps[1])
        return _Report(text, verdicts.pop()) if text is not None and len(verdicts) == 1 else None


def _requests_of(question: Question) -> tuple[bytes, ...]:
    return question.usual.requests() if isinstance(question.usual, UsualPosts) else ()


def _body_bytes(wire: bytes) -> int:
    return len(wire.partition(b"\r\n\r\n")[2])


def _heard_by(trial: Trial, question: Question, post: HeardPost, hosts: Hosts) -> Asked | None:
    """The result of an invented phone with this recorded exchange. Nothing is sent."""
    # The trial's time has nothing to do with the end of the run.
    question = replace(question, context=replace(question.context, until=None))
    invented = replace(
        post,
        client_port=trial.client_port,
        began=trial.began,
        connected=trial.connected,
        answered=trial.answered,
        sent=None,
    )
    try:
        return walk_heard(question, hosts, Heard(trial.wall, trial.began, posts=(invented,), strict=True), None)
    except UnheardError:
        return None


def _read_part(answer: bytes) -> bytes:
    """An answer without the header lines that differ each time and are not in a report."""
    head, blank, body = answer.partition(b"\r\n\r\n")
    if b"\n " in head or b"\n\t" in head:
        return answer
    return _UNREAD.sub(b"", head + b"\r\n") + blank + body


class Shapes:
    """The shapes of a run's targets."""

    def __init__(self, question_of: Callable[[Target], Question], text_of: Callable[[Asked], str]) -> None:
        self._question_of = question_of
        self._text_of = text_of
        self._shapes: dict[tuple[object, ...], Shape] = {}

    def shape_of(self, target: Target) -> Shape:
        """The shape of a target. Raises ValueError for one that cannot be asked."""
        key = (_ALIKE(target), target.mac is None, target.serial is None)
        shape = self._shapes.get(key)
        if shape is None:
            if len(self._shapes) >= _MOST_SHAPES:
                self._shapes.clear()
            shape = self._shapes[key] = Shape(target, self._question_of, self._text_of)
        return shape
