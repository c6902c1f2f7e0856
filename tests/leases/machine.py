"""A root of files in a temporary folder, as a Linux machine has them, for the readers of leases."""

import os
from collections.abc import Sequence
from pathlib import Path

from ucdiag.leases import dhcp_domain, machine_leases
from ucdiag.model.observations import Lease
from ucdiag.model.report import Problem
from ucdiag.runtime.context import Context

REAL = Path(__file__).parent / "data"
SECOND = 1_000_000
# When dhclient's real file was written: 2026-11-23T20:16:44Z, an hour before what it says of its end.
WRITTEN = 1795465004 * SECOND


class Machine:
    """A root of files in a temporary folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.printed: dict[str, str] = {}
        self.ran: list[str] = []
        self.now = WRITTEN + 60 * SECOND
        (root / "proc/net").mkdir(parents=True)
        self.trie: list[str] = []
        self.routes: list[str] = []

    def put(self, path: str, content: str | bytes, written: int | None = None) -> Path:
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        moment = (WRITTEN if written is None else written) * 1000
        os.utime(file, ns=(moment, moment))
        return file

    def interface(
        self,
        name: str,
        index: int,
        *,
        address: str | None = None,
        state: str = "up",
        type: int = 1,
        metric: int | None = None,
        device: str = "",
        tun: bool = False,
    ) -> None:
        folder = f"sys/class/net/{name}"
        for file, content in (("ifindex", index), ("operstate", state), ("type", type)):
            self.put(f"{folder}/{file}", f"{content}\n")
        self.put(f"{folder}/uevent", f"DEVTYPE={device}\nINTERFACE={name}\n" if device else f"INTERFACE={name}\n")
        if tun:
            self.put(f"{folder}/tun_flags", "0x1001\n")
        if address:
            self.trie.append(address)
        if metric is not None:
            self.routes.append(f"{name}\t00000000\t01004D0A\t0003\t0\t0\t{metric}\t00000000\t0\t0\t0")
        self.put("proc/net/fib_trie", "Local:\n" + "".join(f"  |-- {a}\n     /32 host LOCAL\n" for a in self.trie))
        self.put("proc/net/route", "\n".join(["Iface\tDestination\tGateway \tFlags", *self.routes, ""]))

    def run(self, argv: Sequence[str]) -> str | None:
        self.ran.append(argv[0])
        return self.printed.get(argv[0])

    def read(self) -> tuple[list[Lease], list[Problem]]:
        return machine_leases(Context(now=lambda: self.now), root=self.root, runner=self.run, platform="linux")

    def leases(self) -> list[Lease]:
        leases, problems = self.read()
        assert problems == []
        return leases

    def chosen(self) -> Lease:
        leases, _ = self.read()
        (chosen,) = [lease for lease in leases if lease.chosen]
        assert leases[0] is chosen
        assert dhcp_domain(leases) is chosen
        assert all(lease.reason for lease in leases if not lease.chosen)
        return chosen
