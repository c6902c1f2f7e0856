"""A text with gaps, for the many phones whose requests, and whose reports, are alike but for a few values.

It is made of two phones that do not exist. Where the text of the first, with the values of the second in their places,
is the text of the second to the last character, what is between the values is what every phone's text has. Else there
is no template, and the text of each phone is made by itself.
"""

import json
import re
from collections.abc import Callable, Mapping

from ucdiag.model.fast_dataclass import record
from ucdiag.model.times import format_time
from ucdiag.model.vocabulary import Microseconds

_SPELLINGS = {"colons": (":", 2), "hyphens": ("-", 2), "dots": (".", 4), "bare": ("", 12)}


@record(frozen=True, slots=True, kw_only=True)
class Trial:
    """A phone that does not exist, and when it asked. Each of its values stands in no other place of a text.

    ``wall`` is microseconds since the epoch, the other times are points of the monotonic clock.
    """

    mac: str
    serial: str
    site: str
    client_port: int
    wall: Microseconds
    began: float
    connected: float
    answered: float


TRIALS = (
    Trial(
        mac="02:5e:c7:a9:1b:d4",
        serial="QX3ZK9W_TRIAL-A7M",
        site="\u2603 trial site one",
        client_port=64139,
        wall=1_861_920_309_214_357,
        began=1000.0,
        connected=1000.0859375,
        answered=1000.2587890625,
    ),
    Trial(
        mac="06:fb:38:e2:9d:7c",
        serial="JV8HT2R_TRIAL-B4YUG",
        site="\u2604 trial site number two",
        client_port=63817,
        wall=1_766_275_641_583_926,
        began=2000.0,
        connected=2000.1923828125,
        answered=2000.4580078125,
    ),
)


class Template:
    """A text for ``%`` with a mapping; ``names`` are those of its gaps."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.names = frozenset(re.findall(r"%\((.*?)\)s", text))

    def fill_gaps(self, values: Mapping[str, str]) -> str:
        """The text with these values, by the names of the gaps."""
        return self._text % values


def template_of(first: str, values: Mapping[str, str], second: str, others: Mapping[str, str]) -> Template | None:
    """What two texts have in common beside their values; None where they differ in anything else."""
    names = {text: name for name, text in reversed(list(values.items()))}
    places = re.compile("|".join(re.escape(text) for text in sorted(names, key=len, reverse=True)))
    pieces: list[str] = []
    at = 0
    for place in places.finditer(first):
        pieces += [first[at : place.start()].replace("%", "%%"), f"%({names[place[0]]})s"]
        at = place.end()
    made = Template("".join([*pieces, first[at:].replace("%", "%%")]))
    return made if made.fill_gaps(others) == second else None


def _mac_speller(mark: str, size: int, upper: bool) -> Callable[[str], str]:
    def spell_mac(mac: str) -> str:
        if (mark, size) == (":", 2):
            text = mac
        elif size == 2:
            text = mac.replace(":", mark)
        else:
            digits = mac.replace(":", "")
            text = mark.join(digits[at : at + size] for at in range(0, 12, size))
        return text.upper() if upper else text

    return spell_mac


MAC_GAPS: dict[str, Callable[[str], str]] = {
    f"mac {name}{' upper' * upper}": _mac_speller(*spelling, upper)
    for name, spelling in _SPELLINGS.items()
    for upper in (False, True)
}


def mac_spellings(mac: str) -> dict[str, str]:
    """A MAC address as servers and people spell it, by the names of the gaps."""
    return {name: spell(mac) for name, spell in MAC_GAPS.items()}


def request_gaps(mac: str, serial: str, length: int) -> dict[str, str]:
    """The values in a request whose body has so many bytes."""
    return mac_spellings(mac) | {"serial": serial, "length": f"Content-Length: {length}"}


def report_gaps(trial: Trial, request_bytes: int) -> dict[str, str]:
    """The values in a report."""
    connected = trial.wall + round((trial.connected - trial.began) * 1e6)
    answered = trial.wall + round((trial.answered - trial.began) * 1e6)
    return mac_spellings(trial.mac) | {
        "serial": trial.serial,
        "site": f'"site": {json.dumps(trial.site)}',
        "port": f'"client_port": {trial.client_port}',
        "bytes": f'"request_bytes": {request_bytes}',
        "began": format_time(trial.wall),
        "connected": format_time(connected),
        "answered": format_time(answered),
        "connect": f'"seconds": {trial.connected - trial.began!r}',
        "answer": f'"seconds": {trial.answered - trial.connected!r}',
    }
