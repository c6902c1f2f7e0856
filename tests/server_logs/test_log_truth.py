"""Each phone's history out of the logs of two servers, held against what the phones did."""

from pathlib import Path

import pytest

from tests.server_logs.log_samples import logs
from tests.server_logs.log_truth import LogTruth, differences


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_phone_s_history_is_what_it_did(tmp_path: Path, seed: int) -> None:
    truth = LogTruth(tmp_path, seed, phones=12, days=25, others=30)
    _, report = logs(str(tmp_path))
    assert not report["problems"]
    assert differences(truth.phones, report) == []


@pytest.mark.slow
def test_each_phone_s_history_where_it_asks_often(tmp_path: Path) -> None:
    truth = LogTruth(tmp_path, 4, phones=20, days=120, checks=4)
    _, report = logs(str(tmp_path))
    assert not report["problems"]
    assert differences(truth.phones, report, most=300) == []
