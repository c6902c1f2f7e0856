"""What an answer can make long, beyond its bound: each bound was seen to fail a test without it."""

import pytest

from ucdiag.update_service.names import parse_domain
from ucdiag.update_service.response import read_answer


@pytest.mark.parametrize("length", [63, 64])
def test_a_part_of_a_domain_may_be_so_long(length: int) -> None:
    domain = f"{'a' * length}.example"
    if length == 63:
        assert parse_domain(domain) == domain
    else:
        with pytest.raises(ValueError, match="has a part of 64 characters between dots: 63 are possible"):
            parse_domain(domain)


@pytest.mark.parametrize(("named", "kept"), [(100, 100), (101, 100), (300, 100)])
def test_of_ever_more_files_a_hundred_are_offered(named: int, kept: int) -> None:
    files = "".join(f'<File{number} InternalUrl="http://p/{number}.cab"/>' for number in range(named))
    answer = read_answer(f"<r>{files}</r>".encode())
    assert len(answer.files) == kept
