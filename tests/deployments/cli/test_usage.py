"""Wrong use of the command line is one line of Vietnamese, and changes nothing."""

import pytest

from tests.deployments.cli.conftest import Office


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("status --foo", "Không có tùy chọn --foo."),
        ("status --asof", "Không có tùy chọn --asof; gần giống: "),
        ("lam-gi-do", "Không có lệnh “lam-gi-do”."),
        ("form annual-2023", "Thiếu UNIT."),
        ("form annual-2023 01", "Thiếu tùy chọn -o / --output."),
        ("status a b c", "Thừa: b c."),
        ("status --as-of", "Tùy chọn --as-of cần một giá trị."),
        ("status --json=3", "Tùy chọn --json không nhận giá trị."),
        ("status --as-of 31-12-2023", "--as-of: “31-12-2023” không phải là ngày"),
        ("status --as-of 31/02/2024", "--as-of: “31/02/2024” không phải là ngày"),
        ("serve --port ba", "--port: phải là số."),
        ("audit annual-1923", "Không có kỳ báo cáo 'annual-1923'"),
    ],
)
def test_wrong_use_is_said_in_vietnamese(office: Office, words: str, said: str) -> None:
    ran = office.run(*words.split())
    assert ran.code == 2
    assert ran.err.startswith(said)
    assert len(ran.err.splitlines()) == 1


def test_a_day_may_be_written_as_people_here_do(office: Office) -> None:
    as_scripts, as_people = (
        office.run("status", "annual-2023", "--json", "--as-of", day) for day in ("2024-01-05", "05/01/2024")
    )
    assert as_scripts.code == as_people.code == 0
    assert as_scripts.out == as_people.out


def test_an_empty_list_says_so(office: Office) -> None:
    assert office.run("quarantine").out.strip().endswith("không có.")
