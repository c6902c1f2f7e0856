"""All scenarios, by step, as data: ``SCENARIOS`` maps each name to its ``Scenario`` in the order in which to show them.

There is one for every finding that the active commands can make, named as its code, and several whole sites.
"""

from ucdiag.lab.scenario import Scenario
from ucdiag.lab.scenarios import connect, dhcp, dns, download, healthy, request, response, tls

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for part in (healthy, dhcp, dns, connect, tls, request, response, download)
    for scenario in part.SCENARIOS
}
