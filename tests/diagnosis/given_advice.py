"""What the findings of the recorded stories advise, by code, with the values of each story put in.

``python -m tests.diagnosis.given_advice`` writes ``given_advice.txt`` anew; read the difference before you commit it.
"""

from functools import cache
from pathlib import Path

from tests.diagnosis.reports import STORIES, judged
from tests.recorded_texts import read_texts, write_texts
from ucdiag.diagnosis.catalogue import CATALOGUE

FILE = Path(__file__).with_name("given_advice.txt")


@cache
def given_advice() -> dict[str, str]:
    """Each code's different pieces of advice, sorted; of a code without any, an empty text."""
    given: dict[str, set[str]] = {code: set() for code in CATALOGUE}
    for name in STORIES:
        for finding in judged(name).findings:
            commands = "".join(f"\n  {command.text}" for command in finding.fix.commands)
            given[finding.code].add(f"{finding.fix.who.value}: {finding.fix.text}{commands}")
    return {code: "\n".join(sorted(pieces)) for code, pieces in given.items()}


def recorded() -> dict[str, str]:
    """The text of each code in the file."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, given_advice())
