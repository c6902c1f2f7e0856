"""What ``make records`` knows of."""

import re
from pathlib import Path

import pytest

from tests import records


def test_every_module_that_a_failing_test_names_is_a_recorder() -> None:
    """Tests say ``meant? then: python -m MODULE``."""
    named = set()
    for path in Path(__file__).parent.rglob("*.py"):
        named |= set(re.findall(r"meant\? then: python -m (tests[\w.]+)", path.read_text(encoding="utf-8")))
    assert len(named) > 20
    assert named <= set(records.recorders())


def test_the_recorders_of_a_package() -> None:
    assert records.recorders(["lab"]) == ["tests.lab.parts", "tests.lab.scenario_texts", "tests.lab.service_answers"]


def test_a_package_without_records(capsys: pytest.CaptureFixture[str]) -> None:
    assert records.main(["nowhere"]) == 1
    assert capsys.readouterr().err == "nothing is recorded in nowhere: name a folder of tests\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one recorder, which writes what its environment says, or fails."""
    package = tmp_path / "tests" / "one"
    package.mkdir(parents=True)
    (package / "recorder.py").write_text(
        '"""``python -m tests.one.recorder`` writes ``kept.txt`` anew."""\n'
        "import os, pathlib, sys\n"
        'text = os.environ["TEXT"] or sys.exit("no text")\n'
        'pathlib.Path(__file__).with_name("kept.txt").write_text(text)\n'
    )
    (package / "kept.txt").write_text("before")
    (package / "reader.py").write_text('"""Reads what ``python -m tests.one.recorder`` writes."""\n')
    monkeypatch.setattr(records, "ROOT", tmp_path)
    return package


@pytest.mark.parametrize(("text", "said"), [("before", ""), ("after", "tests/one/kept.txt has changed\n")])
def test_files_that_changed_are_named(
    tree: Path, text: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEXT", text)
    assert records.main([]) == 0
    assert capsys.readouterr() == (said, "")
    assert (tree / "kept.txt").read_text() == text


def test_a_recorder_that_fails(tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TEXT", "")
    assert records.main(["one"]) == 1
    assert capsys.readouterr().err == "python -m tests.one.recorder failed:\nno text\n\n"
    assert (tree / "kept.txt").read_text() == "before"
