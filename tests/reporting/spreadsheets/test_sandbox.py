"""Files that kill, stop or fill the process that reads them: one sentence, and the next file is read."""

import os
from collections.abc import Callable

import pytest

from reporting.spreadsheets.guard import UnreadableForm, guard
from reporting.spreadsheets.sandbox import FILES_A_WORKER, read_workbook, run_limited, stop
from tests import hostile
from tests.reporting.forms.filling import form


def assert_still_reading() -> None:
    assert "_meta" in read_workbook(form()).sheets


@pytest.mark.parametrize(
    ("function", "content", "words"),
    [
        (hostile.parse_unguarded, hostile.far_cell(), "giới hạn an toàn"),
        (hostile.hang, b"", "quá nhiều thời gian"),
        (hostile.work_for_ever, b"", "giới hạn an toàn"),
        (hostile.grow, b"", "giới hạn an toàn"),
    ],
    ids=["far cell aborts the parser", "hangs", "works for ever", "takes memory"],
)
def test_what_harms_its_reader_becomes_a_sentence(
    function: Callable[[bytes], object], content: bytes, words: str
) -> None:
    with pytest.raises(UnreadableForm, match=words) as refused:
        run_limited(function, content, work=0, wait=3 if function is hostile.hang else 30)
    assert "đề nghị" in str(refused.value)
    assert_still_reading()


def test_a_file_that_gets_past_the_guard_is_held_by_the_limits() -> None:
    content = hostile.many_long_texts()
    guard(content)
    with pytest.raises(UnreadableForm, match="đề nghị"):
        read_workbook(content)
    assert_still_reading()


def test_a_file_whose_reader_died_of_another_is_read_again() -> None:
    weak = run_limited(hostile.process, b"")
    assert weak != os.getpid()
    assert run_limited(hostile.die_in, str(weak).encode()) == "read"


def test_one_reader_reads_many_files_and_is_then_replaced() -> None:
    stop()
    readers = [run_limited(hostile.process, b"") for _ in range(FILES_A_WORKER + 1)]
    assert len(set(readers[:-1])) == 1
    assert readers[-1] != readers[0]


def test_refusals_of_the_reader_are_raised_as_they_are() -> None:
    with pytest.raises(UnreadableForm, match="Tệp rỗng"):
        read_workbook(b"")
