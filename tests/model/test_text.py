import pytest

from ucdiag.model.text import counted


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 packets"), (1, "1 packet"), (2, "2 packets"), (1234567, "1,234,567 packets")]
)
def test_a_number_of_things(count: int, said: str) -> None:
    assert counted(count, "packet") == said
