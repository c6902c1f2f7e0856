"""Packet sockets, as far as they can be tried without privilege; ``tests/site`` has them on real networks."""

import os
import subprocess
import sys
from pathlib import Path

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


@pytest.mark.parametrize(
    "words",
    [
        "from ucdiag.runtime.scapy_packets import load_scapy; load_scapy()",
        "from ucdiag.probe.dhcp_message import _scapy_layers; _scapy_layers()",
    ],
)
def test_scapys_cache_below_the_home_is_left_alone(words: str, tmp_path: Path) -> None:
    # A cache that can be neither read nor deleted, as where Landlock has closed the home: scapy 2.8.0 gave up on it.
    cached = tmp_path / "scapy/services.pickle"
    cached.mkdir(parents=True)
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", words], capture_output=True, text=True, timeout=60, check=False, env=environment
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert list(cached.parent.iterdir()) == [cached]
