"""``check``, ``check-dns`` and ``probe``, as separate processes, against servers that are not ours (matrix.py)."""

from pathlib import Path

import pytest

from tests.site.ground import SERVER, Site
from tests.site.matrix import CASES, DOMAIN, NAMES, Case, Names
from tests.site.reports import (
    BODY,
    check_report,
    run_all,
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_path(site: Site, tmp_path: Path, case: Case) -> None:
    site.dnsmasq("server", records=case.records)
    site.nameservers("laptop", SERVER)
    if case.build is not None:
        case.build(site)
    issued = None
    if case.web is not None:
        issued = case.tls() if case.tls is not None else None
        site.nginx("server", case.web, files=case.files, tls=issued)
    options = ["--domain", DOMAIN, *case.options]
    if case.tls is not None and case.trusted:
        assert issued is not None
        (tmp_path / "root.pem").write_bytes(issued.authority)
        options += ["--ca", str(tmp_path / "root.pem")]
    if case.saved_body:
        (tmp_path / "saved.xml").write_text(BODY)
        options += ["--body", str(tmp_path / "saved.xml")]
    for command, result in run_all(site, case.commands, options).items():
        assert result.report.get("command") == command, str(result)
        check_report(result, case.status, case.step, case.code, case.codes, dict(case.steps))


@pytest.mark.parametrize(
    ("names", "kind"),
    [(names, kind) for names in NAMES for kind in names.servers],
    ids=lambda case: case if isinstance(case, str) else case.name,
)
def test_the_names(site: Site, names: Names, kind: str) -> None:
    site.host("server")
    site.nameservers("laptop", SERVER)
    names.servers[kind](site)
    commands = ("check", "check-dns") if names.status == "broken" else ("check-dns",)
    step = "dns" if names.status == "broken" else None
    for result in run_all(site, commands, ["--domain", DOMAIN, *names.options]).values():
        check_report(result, names.status, step, names.code, names.codes, {})
        lookups = [observation for observation in result.phone["observations"] if observation["kind"] == "lookup"]
        assert any(lookup["name"] == f"ucupdates-r2.{DOMAIN}" and lookup["type"] == "A" for lookup in lookups)
        if names.name == "many-addresses-over-tcp":
            assert any(lookup["transport"] == "tcp" and len(lookup["addresses"]) == 90 for lookup in lookups)
