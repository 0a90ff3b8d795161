"""The small file system of old workbooks, made to be walked for ever or many times over."""

import struct
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.spreadsheets.compound import NoStream, stream_of
from reporting.spreadsheets.guard import UnreadableForm
from reporting.spreadsheets.sandbox import read_workbook
from tests.hostile_files import old_format_in_circles

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def compound(
    shift: int, tables: list[int], *, directory: int = 0, further: int = 0, rest: bytes = b""
) -> bytes:
    """A head of 512 bytes, filled up to a sector, and what follows; ``further``: the next list of tables."""
    head = SIGNATURE.ljust(30, b"\0") + struct.pack("<H", shift)
    head = head.ljust(48, b"\0") + struct.pack("<IIII", directory, 0, 4096, 0xFFFFFFFE)
    head = head.ljust(68, b"\0") + struct.pack("<II", further, 0) + struct.pack("<109I", *tables)
    return head.ljust(1 << shift, b"\0") + rest


@pytest.mark.parametrize("further", [0, 1, 0xFFFFFFFE])
def test_chains_that_lead_back_end(further: int) -> None:
    table = struct.pack("<128I", *([0] * 128))
    with pytest.raises(NoStream):
        stream_of(compound(9, [0] * 109, further=further, rest=table * 4), ["Workbook"])
    with pytest.raises(UnreadableForm):
        read_workbook(old_format_in_circles())


def test_a_table_that_is_named_a_million_times_is_read_once() -> None:
    tables = struct.pack("<16384I", *([1] * 16383), 0xFFFFFFFE)
    content = compound(16, [1] * 109, rest=tables + bytes(2**16))
    tracemalloc.start()
    try:
        with pytest.raises(NoStream):
            stream_of(content, ["Workbook"])
        assert tracemalloc.get_traced_memory()[1] < 10 * len(content)
    finally:
        tracemalloc.stop()


@given(st.binary(max_size=2048), st.integers(7, 16))
def test_any_bytes_behind_a_head_are_no_stream_or_one(rest: bytes, shift: int) -> None:
    try:
        stream = stream_of(compound(shift, [0, *[0xFFFFFFFF] * 108], further=0xFFFFFFFE, rest=rest), ["Book"])
    except NoStream:
        return
    assert len(stream) <= len(rest)
