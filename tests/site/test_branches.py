"""The recipe of docs/fleet.rst on three branches, each in a state of its own: real Ansible, sshd, DNS and web servers.

Each branch is a host with sshd; beside what every host has, /usr/local/bin and /root are its own. The one file is a
stand-in that starts this checkout, because hosts have the machine's files: tests/test_one_file.py has the real one.
"""

import json
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.ansible import recipe
from tests.real import need
from tests.site.ground import GATEWAY, SERVER, SERVER2, Port, Site
from tests.site.matrix import DOMAIN, FILE, FIRMWARE, GOOD, LEGACY, POOL, R2, handler, offer, status
from tests.site.namespaces import Host

pytest.importorskip("ansible", reason="ansible-core is not installed")

BRANCHES = {f"branch00{number}.{DOMAIN}": f"10.77.0.{10 + number}" for number in (1, 2, 3)}
NO_RECORD, NOT_FOUND, WHOLE = BRANCHES
CONTROLLER = "controller"
WATCH = "Watch the update path from every branch"
REMOVE = "Remove ucdiag from every branch"


@dataclass
class Fleet:
    """The controller and what its commands said."""

    site: Site
    folder: Path
    said: dict[str, "subprocess.CompletedProcess[str]"] = field(default_factory=dict)
    files: dict[str, set[str]] = field(default_factory=dict)

    def run(self, line: str) -> "subprocess.CompletedProcess[str]":
        """A command line in the folder of the recipe, as an administrator types it."""
        environment = {
            "HOME": "/root",
            "PATH": f"{sysconfig.get_path('scripts')}:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_TIMEOUT": "60",
            "ANSIBLE_LOCALHOST_WARNING": "false",
        }
        return self.site.run(
            CONTROLLER, "env", "-i", *(f"{name}={value}" for name, value in environment.items()),
            "sh", "-c", line, cwd=self.folder, check=False, timeout=300,
        )  # fmt: skip

    def play(self, playbook: str, more: str = "") -> "subprocess.CompletedProcess[str]":
        """A playbook of the page, on the first branch, where there is no systemd that could start anything."""
        (self.folder / "play.yml").write_text(recipe.playbook(playbook))
        words = f"--limit {NO_RECORD} -e ucdiag_start_services=false"
        return self.run(f"ansible-playbook -i branches.ini play.yml {words} {more}")

    def report(self, branch: str) -> dict[str, object]:
        """What the controller has of a branch."""
        found: dict[str, object] = json.loads((self.folder / "reports" / f"{branch}.json").read_text())
        return found


def recap(done: "subprocess.CompletedProcess[str]") -> dict[str, tuple[int, int, int]]:
    """Of each host: what changed, what was unreachable, what failed."""
    lines = re.findall(r"^(\S+) +: ok=\d+ +changed=(\d+) +unreachable=(\d+) +failed=(\d+)", done.stdout, re.MULTILINE)
    return {host: (int(changed), int(unreachable), int(failed)) for host, changed, unreachable, failed in lines}


def of_its_own(host: Host, *folders: str) -> None:
    """What the host changes there stays in its memory."""
    for folder in folders:
        here = f"/mnt/{folder.strip('/').replace('/', '-')}"
        options = f"lowerdir={folder},upperdir={here},workdir={here}-work"
        host.run("sh", "-ec", f"mkdir {here} {here}-work; mount -t overlay overlay {folder} -o {options}")


def branch(site: Site, name: str, address: str, resolver: str, keys: Path) -> None:
    site.add(name, Port(address=f"{address}/24"))
    host = site.host(name)
    of_its_own(host, "/usr/local/bin", "/root")
    host.run("sh", "-c", "rm -f /usr/local/bin/ucdiag /root/.bashrc /root/.profile /root/.ssh/*")
    site.nameservers(name, resolver)
    host.path("/run/sshd").mkdir()
    lines = [
        f"HostKey {keys}/host", f"AuthorizedKeysFile {keys}/user.pub", "PermitRootLogin prohibit-password",
        "StrictModes no", "UsePAM no", "PidFile none", "UseDNS no", "Subsystem sftp internal-sftp",
    ]  # fmt: skip
    host.write("/run/site/sshd_config", "\n".join([*lines, ""]))
    host.start(need("sshd"), "-D", "-e", "-f", "/run/site/sshd_config", ready="tcp/22")


def servers(site: Site) -> None:
    """Three of them, each asked by one branch: the older record alone, no such page, and whole."""
    site.add("gateway", Port(address=f"{GATEWAY}/24"))
    site.dnsmasq("gateway", records={LEGACY: SERVER})
    site.dnsmasq("server2", records={R2: SERVER2, POOL: SERVER2})
    site.nginx("server2", status(404))
    site.dnsmasq("server", records=GOOD)
    site.nginx("server", handler(offer()), files={FILE: FIRMWARE})


@pytest.fixture(scope="module")
def fleet(shared_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """After all commands of the recipe."""
    site, keys = shared_site, tmp_path_factory.mktemp("keys")
    for name in ("host", "user"):
        words = ["-q", "-t", "ed25519", "-N", "", "-f", str(keys / name)]
        subprocess.run([need("ssh-keygen"), *words], check=True, stdin=subprocess.DEVNULL, timeout=60)
    servers(site)
    for (name, address), resolver in zip(BRANCHES.items(), (GATEWAY, SERVER2, SERVER), strict=True):
        branch(site, name, address, resolver, keys)
    site.add(CONTROLLER, Port(address="10.77.0.9/24"))
    host = site.host(CONTROLLER)
    of_its_own(host, "/root")
    host.run("sh", "-ec", f"rm -rf /root/.ansible /root/.ssh; install -D -m 600 {keys}/user /root/.ssh/id_ed25519")
    known = (keys / "host.pub").read_text()
    host.write("/root/.ssh/known_hosts", "".join(f"{name} {known}" for name in BRANCHES))
    host.write("/etc/hosts", "127.0.0.1 localhost\n" + "".join(f"{ip} {name}\n" for name, ip in BRANCHES.items()))

    made = Fleet(site, tmp_path_factory.mktemp("clone"))
    shutil.copytree(recipe.COLLECTION, made.folder / "ansible")
    for name, text in recipe.files().items():
        (made.folder / name).write_text(text)
    (made.folder / "dist").mkdir()
    one_file = made.folder / "dist" / "ucdiag.pyz"
    one_file.write_text(f"#!{sys.executable}\nfrom ucdiag.cli.main import main\n\nmain()\n")
    one_file.chmod(0o755)
    hosts = [site.host(name) for name in BRANCHES]
    made.files["before"] = own_files(hosts)
    for line in recipe.commands():
        if line == "make pyz":
            continue
        # Three hundred are not here: the run of all of them is the second one of these three.
        all_of_them = line == "ansible-playbook -i branches.ini branches.yml"
        made.said[line] = made.run(f"{line} --limit 'branch00[1-3]*'" if all_of_them else line)
        made.files[line] = own_files(hosts)
    return made


def own_files(hosts: list[Host]) -> set[str]:
    """The files that the hosts have and the machine has not, or has otherwise."""
    return {
        f"{host.name}:{path.relative_to(host.path('/mnt'))}"
        for host in hosts
        for path in host.path("/mnt").rglob("*")
        if path.is_file() and "-work" not in path.parts[len(host.path("/mnt").parts)]
    }


(CHECK, FIRST, SECOND) = (line for line in recipe.commands() if line.startswith("ansible-playbook"))


def test_each_command_ends_as_it_should(fleet: Fleet) -> None:
    """The merged report says that a path is broken, and the comparison that some still are."""
    codes = {line: done.returncode for line, done in fleet.said.items()}
    broken = {"ucdiag report reports", "ucdiag report --diff monday reports"}
    assert codes == {line: int(line in broken) for line in codes}, "\n".join(
        f"{line}\n{done.stdout}{done.stderr}" for line, done in fleet.said.items()
    )


def test_check_mode_changes_nothing(fleet: Fleet) -> None:
    assert recap(fleet.said[CHECK]) == dict.fromkeys(BRANCHES, (1, 0, 0))
    assert fleet.files[CHECK] == fleet.files["before"]


def test_the_first_run_puts_one_file_on_each_host(fleet: Fleet) -> None:
    assert recap(fleet.said[FIRST]) == dict.fromkeys(BRANCHES, (1, 0, 0))
    new = fleet.files[FIRST] - fleet.files["before"]
    assert new == {f"{name}:usr-local-bin/ucdiag" for name in BRANCHES}


def test_the_second_run_changes_nothing(fleet: Fleet) -> None:
    assert recap(fleet.said[SECOND]) == dict.fromkeys(BRANCHES, (0, 0, 0))
    assert fleet.files[SECOND] == fleet.files[FIRST]


@pytest.mark.parametrize(
    ("name", "verdict", "code"),
    [(NO_RECORD, "broken", "dns-legacy-only"), (NOT_FOUND, "broken", "http-not-found"), (WHOLE, "whole", None)],
)
def test_the_controller_has_the_report_of_each_host(fleet: Fleet, name: str, verdict: str, code: str | None) -> None:
    report = fleet.report(name)
    assert (report["command"], report["verdict"]["status"], report["verdict"]["code"]) == ("check", verdict, code)
    assert [phone["phone"]["site"] for phone in report["phones"]] == [name]
    assert sorted(path.name for path in (fleet.folder / "reports").iterdir()) == sorted(
        [*(f"{branch}.json" for branch in BRANCHES), "report.html"]
    )


def test_the_play_ends_with_the_merged_report(fleet: Fleet) -> None:
    """Below each cause the site that has it, and no other."""
    for line in (FIRST, SECOND):
        shown = fleet.said[line].stdout.partition("TASK [ucdiag.fleet.ucdiag : Show the merged report]")[2]
        groups = re.split(r'"(?=FAILED at step|OK, 1 phone)', shown)[1:]
        codes = [re.findall(r"\[(dns-legacy-only|http-not-found)\]", group) for group in groups]
        sites = [re.findall(r"domain \S+, site ([^\s\",]+)", group) for group in groups]
        assert codes == [["dns-legacy-only"], ["http-not-found"], []], shown
        assert sites == [[NO_RECORD], [NOT_FOUND], [WHOLE]], shown
        assert "No report this time" not in shown


def test_a_timer_of_systemd_writes_what_the_collector_reads(fleet: Fleet) -> None:
    done = fleet.play(WATCH)
    assert done.returncode == 0, done.stdout
    again = fleet.play(WATCH)
    assert recap(again) == {NO_RECORD: (0, 0, 0)}
    host = fleet.site.host(NO_RECORD)
    verified = host.run(need("systemd-analyze"), "verify", "--man=no", "/etc/systemd/system/ucdiag.timer", check=False)
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")
    (line,) = re.findall(r"^ExecStart=(.*)$", host.read("/etc/systemd/system/ucdiag.service"), re.MULTILINE)
    words = [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(line)]
    for _ in range(2):  # the second run replaces the file of the first
        assert host.run(*words, check=False).returncode == 1
    written = samples(host.read("/var/lib/prometheus/node-exporter/ucdiag.prom"))
    assert [dict(labels)["code"] for name, labels, _ in written if name == "ucdiag_finding"] == ["dns-legacy-only"]
    shown = samples(scraped(host))
    assert sorted(sample for sample in shown if sample[0].startswith("ucdiag_")) == sorted(written)
    assert ("node_textfile_scrape_error", (), 0.0) in shown


Sample = tuple[str, tuple[tuple[str, str], ...], float]


def samples(text: str) -> list[Sample]:
    return [
        (sample.name, tuple(sorted(sample.labels.items())), sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    ]


def scraped(host: Host) -> str:
    """What the node_exporter of a host shows of the folder that the role wrote to."""
    words = ["--collector.disable-defaults", "--collector.textfile", "--web.listen-address=127.0.0.1:9100"]
    folder = "--collector.textfile.directory=/var/lib/prometheus/node-exporter"
    with host.start(need("prometheus-node-exporter"), *words, folder, ready="tcp/9100"):
        return host.run(need("curl"), "-sS", "http://127.0.0.1:9100/metrics").stdout


def test_nagios_asks_through_nrpe(fleet: Fleet) -> None:
    """The command that the role wrote, run by the real NRPE: its exit code and its line are a monitor's."""
    done = fleet.play(WATCH, "-e ucdiag_monitor=nagios")
    assert done.returncode == 0, done.stdout
    host = fleet.site.host(NO_RECORD)
    lines = ["server_port=5666", "include_dir=/etc/nagios/nrpe.d", ""]
    host.write("/run/site/nrpe.cfg", "\n".join(lines))
    # It refuses to be root, and this checkout may be where root alone may read.
    reads = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
    nobody = [need("setpriv"), "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", *reads]
    with host.start(*nobody, need("nrpe"), "-c", "/run/site/nrpe.cfg", "-f", ready="tcp/5666"):
        plugin = need("/usr/lib/nagios/plugins/check_nrpe")
        asked = fleet.run(f"{plugin} -H {BRANCHES[NO_RECORD]} -t 60 -c ucdiag")
    assert (asked.returncode, asked.stdout.partition(" - ")[0]) == (2, "UCDIAG CRITICAL"), asked.stdout
    assert "[dns-legacy-only]" in asked.stdout


def test_a_host_that_gives_no_report_is_named_and_automation_may_fail_by_a_broken_path(fleet: Fleet) -> None:
    """What the merged report says of that host is of the run before."""
    fleet.site.firewall(WHOLE, reset=[22])
    done = fleet.run(f"{FIRST} -e ucdiag_fail_when_broken=true")
    fleet.site.firewall(WHOLE)
    assert done.returncode == 4
    assert recap(done) == {NO_RECORD: (0, 0, 1), NOT_FOUND: (0, 0, 0), WHOLE: (0, 1, 0)}
    assert f"No report this time of {WHOLE}:" in done.stdout
    assert f"site {WHOLE}" in done.stdout
    assert "of 3 phones, 2 do not get through" in done.stdout.partition("TASK [ucdiag.fleet.ucdiag : Fail")[2]


def test_all_of_it_is_taken_away(fleet: Fleet) -> None:
    """Also the timer and its metrics."""
    host = fleet.site.host(NO_RECORD)
    if not host.path("/etc/systemd/system/ucdiag.timer").exists():
        assert fleet.play(WATCH).returncode == 0
    assert {name for name in own_files([host]) if "ucdiag" in name}
    removed = fleet.play(REMOVE)
    assert removed.returncode == 0, removed.stdout
    assert {name for name in own_files([host]) if "ucdiag" in name} == set()
