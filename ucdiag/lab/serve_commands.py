"""What a site that is kept up prints: where its parts are, and commands for another terminal that can be pasted.

A command is one line, however long, because a shell would run the halves of a broken one.
"""

from collections.abc import Iterator

from ucdiag.lab.phone import saved_request
from ucdiag.lab.scenario import DOMAIN, Scenario
from ucdiag.lab.site import RunningSite
from ucdiag.lab.trial import domain_of, phone_of
from ucdiag.runtime.privileges import program_name, quoted_words
from ucdiag.update_service.names import R2_LABEL

_DNS_WORDS = ("--no-profile", "--domain", "-n", "--sip-domain", "--firmware", "-t")
_OF_DHCP = ("dhcp-", "lease-")


def is_of_dhcp(scenario: Scenario) -> bool:
    """Whether the scenario's fault is in DHCP, or in this machine's lease."""
    codes = [*scenario.also, *([scenario.expect.code] if scenario.expect.code else [])]
    return any(code.startswith(_OF_DHCP) for code in codes)


def describe_site(site: RunningSite, dhcp_interface: str | None, why_no_dhcp: str | None) -> Iterator[str]:
    """The lines. ``dhcp_interface`` is where DHCP is served, ``why_no_dhcp`` why it is not."""
    scenario = site.scenario
    yield f"Scenario {scenario.name}: {scenario.title}.\n{scenario.summary}\n"
    for host, number in site.nameservers:
        yield f"DNS          {host} port {number} (UDP and TCP)"
    for (meant, meant_port), (real, real_port) in site.connect_to.items():
        yield f"{meant}:{meant_port}".ljust(20) + f" is at {real} port {real_port}"
    if dhcp_interface is not None:
        yield f"DHCP         on {dhcp_interface}, for this lab's phone alone"
    if site.audit_log is not None:
        yield f"audit log    {site.audit_log}"
    if is_of_dhcp(site.scenario) and dhcp_interface is None:
        yield f"\nDHCP is not served: {why_no_dhcp}.\nThis shows the scenario's fault:\n"
        yield f"  {program_name()} lab {scenario.name}"
    lines = list(site_commands(site, dhcp_interface))
    if lines:
        yield "\nTry, in another terminal:\n"
    for line in lines:
        yield f"  {line}\n"
    yield "The site stays up until Ctrl-C."


def site_commands(site: RunningSite, dhcp_interface: str | None) -> Iterator[str]:
    """The commands, each in one line."""
    name, words = program_name(), check_words(site)
    if dhcp_interface is not None:
        asked = ["--no-profile", "--ask", "-i", dhcp_interface, "--mac", phone_of(site.scenario).mac, "-t", "2"]
        if site.scenario.check.domain:
            asked += ["--domain", site.scenario.check.domain]
        # The record is looked for here, not at the address that the offer names, which is nobody's.
        for host, number in site.nameservers:
            asked += ["-n", f"{host}:{number}"]
        yield f"{name} check-dhcp {quoted_words(asked)}"
    if site.scenario.expect.step == "dhcp":
        return
    dns = [word for index, word in enumerate(words) if word in _DNS_WORDS or words[index - 1] in _DNS_WORDS]
    yield f"{name} check {quoted_words(words)}"
    yield f"{name} check-dns {quoted_words(dns)}"
    yield f"{name} probe {quoted_words(words)}"
    if site.nameservers:
        host, number = site.nameservers[0]
        yield quoted_words(["dig", f"@{host}", "-p", str(number), f"{R2_LABEL}.{words[words.index('--domain') + 1]}"])


def _bracketed_address(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def check_words(site: RunningSite) -> list[str]:
    """The options of ``check`` and ``probe`` for this site; those of ``check-dns`` are among them."""
    scenario = site.scenario
    check, phone = scenario.check, phone_of(scenario)
    domain = domain_of(scenario)[0] or DOMAIN
    # The site is the lab's, whatever a profile says of another.
    words = ["--no-profile", "--domain", domain]
    for host, number in site.nameservers:
        words += ["-n", f"{host}:{number}"]
    for (meant, meant_port), (real, real_port) in site.connect_to.items():
        words += ["--connect-to", f"{_bracketed_address(meant)}:{meant_port}:{real}:{real_port}"]
    if check.sip_domain:
        words += ["--sip-domain", check.sip_domain]
    if check.external:
        words += ["--external"]
    elif check.https:
        words += ["--port", "443"]
    if check.firmware:
        words += ["--firmware", check.firmware]
    if check.serial:
        words += ["--serial", check.serial]
    if check.timeout != 5.0:
        words += ["-t", f"{check.timeout:g}"]
    if site.ca_file is not None:
        words += ["--ca", str(site.ca_file)]
    if check.verified:
        body = site.folder / "phone.request"
        body.write_bytes(saved_request(phone, f"{R2_LABEL}.{domain}"))
        words += ["--body", str(body)]
    return words
