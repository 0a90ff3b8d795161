"""Workbooks with anything in them are read or refused in one sentence; they never raise, never hang."""

import contextlib
import io
import zipfile
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import MergedCell

from reporting.checks.rules import check_form
from reporting.forms import layout
from reporting.forms.read import UnreadableForm
from tests import hostile
from tests.reporting.forms.filling import (
    CYCLE,
    FILLED,
    PROGRAMME,
    TODAY,
    UNIT,
    filled,
    form,
    read,
    saved,
    sheet_of,
)

GIVEN = filled(form(), FILLED)
with zipfile.ZipFile(io.BytesIO(GIVEN)) as _archive:
    PARTS = {name: _archive.read(name) for name in _archive.namelist()}
HEADS = [layout.CODE, layout.VALUE, layout.ANSWER, layout.EXPLANATION, layout.CODE_REPEATED]
CODES = [indicator.code for indicator in PROGRAMME.asked(CYCLE, UNIT, TODAY)]
CELL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**18), 10**18),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40),
    st.sampled_from(
        [*HEADS, *CODES, *layout.COVER, layout.NIL, layout.PENDING, "MН03.05", "1" * 400, "=A1", "#REF!"]
    ),
)
PLACE = st.tuples(st.integers(1, 110), st.integers(1, 12))


def assert_read_or_refused(content: bytes) -> None:
    """Also what is found and said of it: everything a reply goes through before it is stored."""
    with contextlib.suppress(UnreadableForm):
        found = read(content)
        assert {cell.indicator for cell in found.cells.values()} == set(found.cells)
        check_form(
            PROGRAMME,
            CYCLE,
            UNIT,
            found,
            asked=PROGRAMME.asked(CYCLE, UNIT, TODAY),
            received_on=TODAY,
            request_on=None,
        )


def changed_cells(cells: dict[tuple[int, int], Any]) -> bytes:
    workbook, sheet = sheet_of(GIVEN)
    for (row, column), value in cells.items():
        cell = sheet.cell(row, column)
        if not isinstance(cell, MergedCell):
            with contextlib.suppress(ValueError):  # what no workbook can hold
                cell.value = value
    return saved(workbook)


def changed_part(name: str, at: int, text: bytes, cut: int) -> bytes:
    content = PARTS[name]
    at %= len(content) + 1
    return hostile.replaced(GIVEN, {name: content[:at] + text + content[at + cut :]})


FEW, MANY = 10, 400


@settings(max_examples=FEW)
@given(st.dictionaries(PLACE, CELL, max_size=30))
def test_any_cells_are_read_or_refused(cells: dict[tuple[int, int], Any]) -> None:
    assert_read_or_refused(changed_cells(cells))


BYTES = st.one_of(
    st.binary(max_size=8), st.sampled_from([b"<", b'"', b"&#0;", b"</c>", b'r="XFD9"', b"\xff\xfe"])
)
CHANGE = (st.sampled_from(sorted(PARTS)), st.integers(0, 10**6), BYTES, st.integers(0, 40))


@settings(max_examples=2 * FEW)
@given(*CHANGE)
@example("xl/_rels/workbook.xml.rels", 0, b"\x01", 0)  # the parser makes do without the list of sheets
def test_any_damaged_part_is_read_or_refused(name: str, at: int, text: bytes, cut: int) -> None:
    assert_read_or_refused(changed_part(name, at, text, cut))


@settings(max_examples=4 * FEW)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    assert_read_or_refused(content)


@pytest.mark.deep
@settings(max_examples=MANY)
@given(st.dictionaries(PLACE, CELL, max_size=60))
def test_any_cells_are_read_or_refused_for_long(cells: dict[tuple[int, int], Any]) -> None:
    assert_read_or_refused(changed_cells(cells))


@pytest.mark.deep
@settings(max_examples=4 * MANY)
@given(*CHANGE)
def test_any_damaged_part_is_read_or_refused_for_long(name: str, at: int, text: bytes, cut: int) -> None:
    assert_read_or_refused(changed_part(name, at, text, cut))
