"""Packet sockets, as far as they can be tried without privilege; ``tests/site`` has them on real networks."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("name", ["L2listen", "L2socket"])
def test_scapy_is_loaded_with_the_sockets_of_this_system(name: str) -> None:
    """Without scapy.arch they are None, as they were in a process that had imported nothing else of scapy."""
    code = f"from ucdiag.runtime.scapy_packets import load_scapy; print(load_scapy().{name} is not None)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "True\n"


def test_scapy_is_loaded_with_the_interfaces_of_this_system() -> None:
    code = """
from ucdiag.capture.interfaces import scapy_interfaces
print(*(interface.name for interface in scapy_interfaces()))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert "lo" in done.stdout.split()
