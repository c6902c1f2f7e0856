"""What the role's templates become on each system: rendered here by Ansible, with the role's own variables."""

import json
import subprocess
import sysconfig
from pathlib import Path

from tests.ansible.recipe import COLLECTION, ROLE

#: The system by Ansible's name, with what a test asks to be rendered for it.
TEMPLATES = {
    "Linux": ("ucdiag.service.j2", "ucdiag.timer.j2", "nrpe.cfg.j2"),
    "Darwin": ("ucdiag.plist.j2", "nrpe.cfg.j2"),
    "Win32NT": ("ucdiag-task.xml.j2",),
}
SITE = "Köln & \"Süd\" <$HOME> 100% 'x' \\"
VARIABLES = {
    "ucdiag_source": "dist/ucdiag.pyz",
    "ucdiag_site": SITE,
    "ucdiag_domain": "contoso.com",
    "ucdiag_nameservers": ["10.0.0.10", "10.0.0.11:5353"],
    "ucdiag_timeout": 2.5,
    "ucdiag_options": ["--no-download", "--repeat", 2],
    "ucdiag_interval": 20,
}
WORDS = [
    "check", "--no-profile", "--site", SITE, "--timeout", "2.5", "--domain", "contoso.com", "--nameserver", "10.0.0.10",
    "--nameserver", "10.0.0.11:5353", "--no-download", "--repeat", "2",
]  # fmt: skip
METRICS = ["--force", "-f", "prometheus", "-o"]


def installed(folder: Path) -> Path:
    """The collection where Ansible looks for it below this folder."""
    place = folder / "ansible_collections" / "ucdiag" / "fleet"
    place.parent.mkdir(parents=True)
    place.symlink_to(COLLECTION, target_is_directory=True)
    return place


def ansible(program: str, *words: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """A program of Ansible's in this folder, which has ``installed`` the collection; nothing of the user's is read."""
    environment = {
        "HOME": str(folder),
        "PATH": f"{sysconfig.get_path('scripts')}:/usr/sbin:/usr/bin:/sbin:/bin",
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_COLLECTIONS_PATH": str(folder),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "NO_COLOR": "1",
    }
    line = [str(Path(sysconfig.get_path("scripts"), program)), *words]
    options = {"cwd": folder, "env": environment, "stdin": subprocess.DEVNULL, "timeout": 300}
    return subprocess.run(line, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]


def rendered(folder: Path) -> dict[tuple[str, str], str]:
    """All templates, by system and name."""
    installed(folder)
    tasks: list[dict[str, object]] = [
        {"ansible.builtin.include_vars": str(ROLE / name / "main.yml")} for name in ("defaults", "vars")
    ]
    tasks.append({"ansible.builtin.set_fact": VARIABLES})
    for system, names in TEMPLATES.items():
        # "cacheable" puts it among the facts, as if setup had found it.
        tasks.append({"ansible.builtin.set_fact": {"ansible_system": system, "cacheable": True}})
        for name in names:
            place = {"src": str(ROLE / "templates" / name), "dest": str(folder / f"{system}-{name}"), "mode": "0644"}
            tasks.append({"ansible.builtin.template": place})
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}
    (folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    done = ansible("ansible-playbook", "play.yml", folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return {
        (system, name): (folder / f"{system}-{name}").read_text(encoding="utf-8")
        for system, names in TEMPLATES.items()
        for name in names
    }
