"""The messages of the ladder for observations of every kind, and for each with one field changed, as text.

``python -m tests.views.messages`` writes ``messages.txt`` anew; read the difference before you commit it.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.recorded_texts import read_texts, write_texts
from tests.views.facts import FACTS, SERVER, changed
from tests.views.reports import START
from ucdiag.model.observations import Observation
from ucdiag.views.ladder_messages import MessageExchange, message_exchanges

FILE = Path(__file__).with_name("messages.txt")


def _exchange(exchange: MessageExchange) -> str:
    said = []
    for message in exchange.messages:
        place = f"{message.role.name} {message.server or '-'}"
        when = "" if message.time == START else f" +{message.time - START}"
        frame = "" if message.frame is None else f" #{message.frame}"
        said.append(f"{message.direction.value} {place}{when}{frame}: {message.text}")
    return " | ".join(said) + (" (unrelated)" if exchange.unrelated else "")


def said(facts: Sequence[Observation], *, known: bool = True) -> str:
    """What a ladder draws of them, where the update server is known or not."""
    servers = (SERVER,) if known else ()
    return "; ".join(map(_exchange, message_exchanges(tuple(facts), servers))) or "nothing"


def text_of(name: str) -> str:
    """The fact as an active command has it, as a capture has it, and what each change of a field changes."""
    fact = FACTS[name]
    usual = said([replace(fact, frame=7)])
    lines = [said([fact]), f"seen: {usual}"]
    lines.append(f"seen, of a server that is not known: {said([replace(fact, frame=7)], known=False)}")
    for what, other in changed(fact):
        now = said([other])
        if now != lines[0]:
            lines.append(f"{what}: {now}")
        seen = said([replace(other, frame=7)])
        if seen not in (usual, now) and seen.replace(" #7", "") != now:
            lines.append(f"{what}, seen: {seen}")
    return "\n".join(lines)


def recorded() -> dict[str, str]:
    """The texts by their heads."""
    return read_texts(FILE)


def write() -> None:
    """Record what is drawn now."""
    write_texts(FILE, {name: text_of(name) for name in FACTS})


if __name__ == "__main__":
    write()
