"""What tests with servers have in common."""

import pytest

from tests.real import free_port, own_ports


def test_processes_side_by_side_have_ports_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", "3")
    found: list[int] = []
    for number in range(3):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", f"gw{number}")
        found += own_ports()
        assert free_port() in own_ports()
    assert len(found) == len(set(found)) > 20_000
