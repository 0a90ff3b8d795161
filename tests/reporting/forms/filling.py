"""The form of one unit, and how other programs fill it in, save it and show it."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

import config
from reporting.forms import layout
from reporting.forms.model import FilledForm
from reporting.forms.read import read_form
from reporting.forms.write import write_form
from reporting.programme.files import load_programme
from reporting.states import ValueKind

SECRET = "a-key-for-tests-only-a-key-for-tests-only"
PROGRAMME = load_programme(Path(config.__file__).parent / "programmes" / "ctph-109")
CYCLE = PROGRAMME.cycle("annual-2023")
UNIT = next(unit for unit in PROGRAMME.expected_units(CYCLE) if unit.name == "Bắc Ninh")
TODAY = date(2023, 12, 13)

FILLED: dict[str, object] = {
    "SY00.02": "622/BC-SLĐTBXH",
    "SY00.03": "09/01/2024",
    "SY00.05": "Giám đốc",
    "SY00.05.4": "can-bo@bac-ninh.example",
    "CT00.01": "Chưa ban hành",
    "CT00.04": "Đang lấy ý kiến\n+ dự kiến quý I năm 2024",
    "MH03.05": 12,
    "MH03.07": 0,
    "MH03.08": "không phát sinh",
    "MH03.09": "chưa có số liệu (chờ Mặt trận Tổ quốc tỉnh)",
    "NL02.01": 489.4,
    "NL02.02": "7,7 tỷ",
    "SK05.01": "Có",
    "NX07.01": "=1+1",
}


def form(**arguments: object) -> bytes:
    usual: dict[str, object] = {"unit": UNIT, "today": TODAY, "secret": SECRET, "rehearsal": False}
    return write_form(PROGRAMME, CYCLE, **{**usual, **arguments})  # type: ignore[arg-type]


def sheet_of(content: bytes) -> tuple[openpyxl.Workbook, Worksheet]:
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    return workbook, workbook[layout.FORM_SHEET]


def saved(workbook: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def rows_by_code(sheet: Worksheet) -> dict[str, int]:
    return {str(row[0].value): row[0].row for row in sheet.iter_rows(max_col=1) if row[0].value}


def filled(content: bytes, values: Mapping[str, object], column: str = "E") -> bytes:
    return filled_in(content, {column: values})


def filled_in(content: bytes, columns: Mapping[str, Mapping[str, object]]) -> bytes:
    """The form with what somebody typed, by column and code; a text stays one, also "=1+1"."""
    workbook, sheet = sheet_of(content)
    rows = rows_by_code(sheet)
    for column, values in columns.items():
        for code, value in values.items():
            cell = sheet[f"{column}{rows[code]}"]
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
    return saved(workbook)


def read(content: bytes) -> FilledForm:
    return read_form(content, [PROGRAMME], SECRET)


def answers(filled_form: FilledForm) -> dict[str, tuple[ValueKind, Decimal | None, str | None]]:
    return {
        code: (cell.kind, cell.number, cell.text)
        for code, cell in filled_form.cells.items()
        if cell.kind is not ValueKind.BLANK
    }


def table(content: bytes, *, point: str = ",") -> list[list[str]]:
    """The form's sheet as a program shows it: decimals with that point."""
    _, sheet = sheet_of(content)
    return [
        ["" if cell is None else str(cell).replace(".", point) if isinstance(cell, float) else str(cell)
         for cell in row]
        for row in sheet.iter_rows(values_only=True)
    ]  # fmt: skip


def delimited(rows: list[list[str]], separator: str) -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return file.getvalue()
