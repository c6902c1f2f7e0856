"""The collection: what ansible-lint and Ansible's syntax check say of it, and what it writes for each system."""

import json
import plistlib
import re
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from tests.ansible import recipe
from tests.ansible.rendering import METRICS, WORDS, ansible, installed, rendered

pytest.importorskip("ansible", reason="ansible-core is not installed")
yaml = pytest.importorskip("yaml", reason="PyYAML, which comes with ansible-core, is not installed")
pytestmark = pytest.mark.slow

_TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


def role(name: str) -> Any:
    return yaml.safe_load((recipe.ROLE / name).read_text(encoding="utf-8"))


def test_ansible_lint_finds_nothing(tmp_path: Path) -> None:
    pytest.importorskip("ansiblelint", reason="ansible-lint is not installed")
    shutil.copytree(recipe.COLLECTION, tmp_path / "ansible")
    done = ansible("ansible-lint", "--offline", "--nocolor", "--strict", "ansible", folder=tmp_path)
    # Its configuration is in the folder of the collection.
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_playbooks_of_the_page_are_sound(tmp_path: Path) -> None:
    """In one run: half of the time of one is Ansible's start."""
    names = [block.text.splitlines()[0][8:] for block in recipe.blocks() if block.text[:8] == "- name: "]
    assert names
    installed(tmp_path)
    files = [f"play{number}.yml" for number in range(len(names))]
    for name, file in zip(names, files, strict=True):
        (tmp_path / file).write_text(recipe.playbook(name))
    done = ansible("ansible-playbook", "--syntax-check", "-i", "x,", *files, folder=tmp_path)
    assert done.returncode == 0, f"{names}\n{done.stdout}{done.stderr}"
    assert [f"playbook: {file}" in done.stdout.splitlines() for file in files] == [True] * len(files)


def test_the_inventory_of_the_page_names_300_branches(tmp_path: Path) -> None:
    (tmp_path / "branches.ini").write_text(recipe.files()["branches.ini"])
    done = ansible("ansible-inventory", "-i", "branches.ini", "--list", folder=tmp_path)
    hosts = yaml.safe_load(done.stdout)["branches"]["hosts"]
    assert (len(hosts), hosts[0], hosts[-1]) == (300, "branch001.contoso.com", "branch300.contoso.com")


def test_each_variable_has_its_default_its_specification_and_its_line_in_the_readme() -> None:
    options = role("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    defaults = role("defaults/main.yml")
    assert set(options) - set(defaults) == {"ucdiag_source"}
    assert set(defaults) <= set(options)
    for name, value in defaults.items():
        if "default" in options[name]:
            assert (name, options[name]["default"]) == (name, value)
    readme = (recipe.COLLECTION / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(ucdiag_\w+)` ", readme, re.MULTILINE) == list(options)


def test_the_readme_has_commands_of_the_recipe() -> None:
    text = (recipe.ROOT / "README.rst").read_text(encoding="utf-8").partition("*300 branches*")[2]
    lines = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)[0].split("\n")[:-1]
    assert len(lines) == 3
    assert {line.strip() for line in lines} <= set(recipe.commands())


def test_the_collection_has_the_version_of_the_program() -> None:
    from ucdiag import __version__

    assert yaml.safe_load((recipe.COLLECTION / "galaxy.yml").read_text())["version"] == __version__


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    return rendered(tmp_path_factory.mktemp("rendered"))


def test_the_service_of_systemd(files: dict[tuple[str, str], str], tmp_path: Path) -> None:
    text = files["Linux", "ucdiag.service.j2"]
    (line,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    assert "$HOME" not in line.replace("$$", "")
    assert "%" not in line.replace("%%", "")
    words = [yaml.safe_load(word) for word in re.findall(r'"(?:[^"\\]|\\.)*"', line)]
    words = [word.replace("%%", "%").replace("$$", "$") for word in words]
    assert words == [
        "/usr/local/bin/ucdiag", *WORDS, *METRICS, "/var/lib/prometheus/node-exporter/ucdiag.prom"
    ]  # fmt: skip
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    (tmp_path / "ucdiag.service").write_text(text.replace("/usr/local/bin/ucdiag", "/bin/true"), encoding="utf-8")
    (tmp_path / "ucdiag.timer").write_text(files["Linux", "ucdiag.timer.j2"], encoding="utf-8")
    words = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=yes", str(tmp_path / "ucdiag.timer")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_timer_of_systemd(files: dict[tuple[str, str], str]) -> None:
    text = files["Linux", "ucdiag.timer.j2"]
    assert "\nOnUnitActiveSec=20min\n" in text
    assert "\nRandomizedDelaySec=120s\n" in text


def test_the_job_of_launchd(files: dict[tuple[str, str], str]) -> None:
    job = plistlib.loads(files["Darwin", "ucdiag.plist.j2"].encode())
    assert job["ProgramArguments"] == [
        "/usr/local/bin/ucdiag", *WORDS, *METRICS, "/usr/local/var/node_exporter/ucdiag.prom"
    ]  # fmt: skip
    assert (job["Label"], job["StartInterval"], job["RunAtLoad"]) == ("ucdiag.check", 1200, True)


def test_the_task_of_windows(files: dict[tuple[str, str], str]) -> None:
    text = files["Win32NT", "ucdiag-task.xml.j2"]
    assert "encoding" not in text.splitlines()[0]  # Register-ScheduledTask reads it as text that was decoded
    task = ElementTree.fromstring(text)
    (exec_,) = task.iter(f"{_TASK}Exec")
    assert exec_.findtext(f"{_TASK}Command") == "C:\\Program Files\\ucdiag\\ucdiag.exe"
    assert as_windows_reads(exec_.findtext(f"{_TASK}Arguments") or "") == [
        *WORDS, *METRICS, "C:\\Program Files\\windows_exporter\\textfile_inputs\\ucdiag.prom"
    ]  # fmt: skip
    assert [interval.text for interval in task.iter(f"{_TASK}Interval")] == ["PT20M"]


def as_windows_reads(line: str) -> list[str]:
    """The arguments as Microsoft's C runtime parses them ("Parsing C command-line arguments")."""
    words, word, quoted, at = [], "", False, 0
    started = False
    while at < len(line):
        slashes = len(line) - at - len(line[at:].lstrip("\\"))
        at += slashes
        if slashes and line[at : at + 1] == '"':
            word += "\\" * (slashes // 2)
            if slashes % 2:
                word, at, started = word + '"', at + 1, True
                continue
        else:
            word += "\\" * slashes
        started = started or bool(slashes)
        if at >= len(line):
            break
        letter, at = line[at], at + 1
        if letter == '"':
            quoted, started = not quoted, True
        elif letter in " \t" and not quoted:
            if started:
                words.append(word)
            word, started = "", False
        else:
            word, started = word + letter, True
    return [*words, word] if started else words


# Hosts of hostile names, and the names of their reports.
_NAMES = {"../outside": ".._outside", "..": "..", "a;touch b": "a;touch b", "--help": "--help"}
# What a host says is not run on the controller.
_RUNS = "{{ lookup('pipe', 'touch %s') }}"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, "subprocess.CompletedProcess[str]"]:
    """The role's run on hosts of hostile names, which answer with words that would do harm where they were believed."""
    folder = tmp_path_factory.mktemp("hostile")
    play = folder / "plays"
    installed(play)
    said = {"verdict": {"summary": _RUNS % (folder / "summary"), "code": "\x1b[2J"}, "site": _RUNS % (folder / "site")}
    program = folder / "program"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(said)}\nEND\n")
    program.chmod(0o755)
    variables = {
        "ansible_python_interpreter": sys.executable,
        "ucdiag_source": str(program),
        "ucdiag_path": str(folder / "installed"),
        "ucdiag_merge": False,
    }
    inventory = {"all": {"hosts": dict.fromkeys(_NAMES), "vars": variables}}
    (play / "hosts.yml").write_text(json.dumps(inventory))
    role = [{"role": "ucdiag.fleet.ucdiag"}]
    (play / "play.yml").write_text(
        json.dumps([{"hosts": "all", "connection": "local", "gather_facts": False, "roles": role}])
    )
    return folder, ansible("ansible-playbook", "-i", "hosts.yml", "play.yml", folder=play)


def test_a_host_s_name_leads_out_of_no_folder(hostile: tuple[Path, "subprocess.CompletedProcess[str]"]) -> None:
    folder, done = hostile
    assert done.returncode == 0, done.stdout + done.stderr
    plays = folder / "plays"
    assert {path.name for path in (plays / "reports").iterdir()} == {f"{name}.json" for name in _NAMES.values()}
    assert [path.name for path in (*folder.glob("*.json"), *plays.glob("*.json"))] == []


def test_what_a_host_says_is_text(hostile: tuple[Path, "subprocess.CompletedProcess[str]"]) -> None:
    folder, done = hostile
    assert {path.name for path in folder.iterdir()} == {"plays", "program", "installed"}
    assert "\x1b" not in done.stdout
    report = json.loads((folder / "plays" / "reports" / "--help.json").read_text())
    assert report["site"] == _RUNS % (folder / "site")


@pytest.mark.parametrize("system", ["Linux", "Darwin"])
def test_the_command_of_nrpe(files: dict[tuple[str, str], str], system: str) -> None:
    (line,) = (line for line in files[system, "nrpe.cfg.j2"].splitlines() if line and not line.startswith("#"))
    name, _, command = line.partition("=")
    assert "$" not in command.replace("$$", "")  # a macro of NRPE, which adds the second one at the line's end
    words = shlex.split(command.replace("$$", "$"))
    expected = ["/usr/local/bin/ucdiag", WORDS[0], "--max-time", "50", *WORDS[1:], "-f", "nagios"]
    assert (name, words) == ("command[ucdiag]", expected)


@pytest.mark.parametrize("name", [path.name for path in sorted((recipe.ROLE / "files").glob("*.ps1"))])
def test_a_grammar_of_powershell_reads_the_scripts(name: str) -> None:
    grammar = pytest.importorskip("tree_sitter_powershell", reason="tree-sitter-powershell is not installed")
    tree_sitter = pytest.importorskip("tree_sitter", reason="tree-sitter is not installed")
    source = (recipe.ROLE / "files" / name).read_bytes()
    tree = tree_sitter.Parser(tree_sitter.Language(grammar.language())).parse(source)
    assert not tree.root_node.has_error, str(tree.root_node)


def test_each_module_is_named_with_its_collection() -> None:
    """On Linux and macOS those of ansible-core alone, as a user without ansible.windows needs it."""
    for path in recipe.ROLE.glob("[th]a*/**/*.yml"):
        modules = set(re.findall(r"^ +(ansible\.\w+)\.\w+:", path.read_text(encoding="utf-8"), re.MULTILINE))
        assert modules <= (
            {"ansible.windows", "ansible.builtin"} if path.parent.name == "windows" else {"ansible.builtin"}
        )
