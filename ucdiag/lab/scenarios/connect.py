"""Step 3: TCP."""

from ucdiag.lab.scenario import (
    NO_ANSWER,
    POOL,
    POOL_NAME,
    R2_NAME,
    REFUSED,
    UNREACHABLE,
    Answer,
    Check,
    Host,
    Scenario,
    TlsSetting,
    Update,
    Web,
)
from ucdiag.lab.scenarios.base import OLD_PHONE, WHOLE, broken, site

SCENARIOS = (
    Scenario(
        name="connect-refused",
        title="The server refuses connections",
        summary="Nothing listens on ports 80 and 443: the record points to the wrong host, or the web site is stopped.",
        site=site(ports={80: REFUSED, 443: REFUSED}),
        expect=broken("connect", "connect-refused"),
    ),
    Scenario(
        name="connect-no-answer",
        title="Connections are not answered",
        summary="SYNs are dropped on the way, as a firewall does.",
        site=site(ports={80: NO_ANSWER, 443: NO_ANSWER}),
        check=Check(timeout=0.5),
        expect=broken("connect", "connect-no-answer"),
    ),
    Scenario(
        name="connect-unreachable",
        title="There is no way to the server",
        summary="The record points to a network that cannot be reached from here.",
        site=site(ports={80: UNREACHABLE, 443: UNREACHABLE}),
        expect=broken("connect", "connect-unreachable"),
    ),
    Scenario(
        name="connect-one-of-two",
        title="One of two pool members refuses",
        summary="ucupdates-r2 has two addresses; the second one is dead, and phones that draw it are not updated.",
        site=site(
            {R2_NAME: Answer(addresses=(POOL, "192.0.2.11"))},
            hosts=(Host(ports={80: Web()}), Host(address="192.0.2.11", ports={80: REFUSED})),
        ),
        check=OLD_PHONE,
        expect=broken("connect", "connect-refused"),
    ),
    Scenario(
        name="connect-443-only",
        title="Port 80 is closed, port 443 is open",
        summary="The documents differ on the port, so one of them is enough; the other is worth a warning.",
        site=site(
            ports={80: REFUSED, 443: Web(tls=TlsSetting(), update=Update(internal_store=f"https://{POOL_NAME}/Files"))}
        ),
        check=OLD_PHONE,
        expect=WHOLE,
        also=("connect-refused", "internal-url-https"),
    ),
)
