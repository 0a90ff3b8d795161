"""Reading a filled form: by the header ``Mã`` and the indicator codes, never by cell address.

Inserted rows and columns, another order or another sheet name do no harm. What was typed is kept
as ``raw``; what is not certain is UNREADABLE and asked back.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from reporting.findings import YOU, Finding
from reporting.forms import layout
from reporting.forms.cells import read_cell
from reporting.forms.documents import parse_document, tidy_number
from reporting.forms.guard import UnreadableForm as UnreadableForm
from reporting.forms.limited import read_workbook
from reporting.forms.model import Cell, FilledForm
from reporting.forms.numbers import read_date
from reporting.forms.workbook import Workbook
from reporting.legacy_fonts import Suggestion, suggestion
from reporting.programme.lineage import answerers
from reporting.programme.model import Programme
from reporting.store.models import Severity, ValueKind
from reporting.text import clean_line, clean_text, fold, nfc
from reporting.tokens import FormToken, read_form_token, short_code

_SHORT_CODE = re.compile(r"\b[A-Z2-7]{8}\b")
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s.]+$")


@dataclass(frozen=True)
class _Row:
    """One row of the form with the texts beside the code."""

    code: str
    address: str
    value: object
    answer: str
    explanation: str


@dataclass
class _Reading:
    """What is gathered while the rows go by."""

    cells: dict[str, Cell] = field(default_factory=dict)
    cover: dict[str, _Row] = field(default_factory=dict)
    explanations: dict[str, str] = field(default_factory=dict)
    problems: list[Finding] = field(default_factory=list)


def read_form(content: bytes, programme: Programme, secret: str) -> FilledForm:
    """Read the bytes of a workbook.

    Raises UnreadableForm, with one sentence for the sender, when it is not a workbook that can be
    opened or has no table of ours; everything else that is wrong with it becomes a finding.
    """
    workbook = read_workbook(content)
    sheets = workbook.sheets
    tables = [(name, rows, header) for name, rows in sheets.items() if (header := _header(rows))]
    if not tables:
        raise UnreadableForm(
            f"Không tìm thấy bảng có cột «{layout.CODE}» và «{layout.VALUE}» trong tệp: "
            "đề nghị gửi lại đúng biểu mẫu đã nhận."
        )
    reading = _Reading()
    name, rows, header = tables[0]
    for row in _form_rows(name, rows, header):
        _take(row, programme, reading)
    if len(tables) > 1:
        reading.problems.append(_several_tables(name))
    form = _filled(_token(workbook, programme, secret), reading)
    return replace(form, has_macros=workbook.has_macros)


def _header(rows: Sequence[Sequence[object]]) -> dict[str, int] | None:
    """Where the columns are, by folded heading; None without ``Mã`` and ``Số liệu``."""
    for row in rows:
        columns = {fold(cell): at for at, cell in reversed(list(enumerate(row))) if isinstance(cell, str)}
        if fold(layout.CODE) in columns and fold(layout.VALUE) in columns:
            return columns
    return None


def _form_rows(sheet: str, rows: Sequence[Sequence[object]], header: dict[str, int]) -> Iterator[_Row]:
    def cell(row: Sequence[object], heading: str) -> object:
        at = header.get(fold(heading))
        return "" if at is None or at >= len(row) else row[at]

    column = _letters(header[fold(layout.VALUE)])
    for number, row in enumerate(rows, start=1):
        code = nfc(str(cell(row, layout.CODE))).strip().upper()
        if layout.CODE_LIKE.match(code):
            yield _Row(
                code,
                f"{sheet}!{column}{number}",
                cell(row, layout.VALUE),
                _text(cell(row, layout.ANSWER)),
                _text(cell(row, layout.EXPLANATION)),
            )


def _letters(at: int) -> str:
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _text(value: object) -> str:
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return nfc(str(value)).strip()


def _take(row: _Row, programme: Programme, reading: _Reading) -> None:
    for words in (row.value, row.answer, row.explanation):
        if isinstance(words, str) and (found := suggestion(words)):
            reading.problems.append(_old_font(row, words, found))
    if row.code in layout.COVER:
        reading.cover.setdefault(row.code, row)
        return
    indicator = programme.by_code.get(row.code)
    if indicator is None or indicator.level != "provincial":
        if _text(row.value) or row.answer:
            reading.problems.append(_unknown_code(row))
        return
    if row.explanation:
        reading.explanations[row.code] = row.explanation
    cell = read_cell(indicator, row.value, row.answer, row.address)
    before = reading.cells.get(row.code)
    if before is None:
        reading.cells[row.code] = cell
        return
    reading.problems.append(_double_code(row, before))
    if (before.kind, before.number, before.text) != (cell.kind, cell.number, cell.text):
        reading.cells[row.code] = Cell(
            row.code,
            ValueKind.UNREADABLE,
            raw=f"{before.raw or ''} | {cell.raw or ''}",
            cell=before.cell,
            note="mã này có ở hai dòng với hai giá trị khác nhau",
        )


def _filled(token: FormToken | None, reading: _Reading) -> FilledForm:
    number, day = _document(reading)
    signer = reading.cover.get(layout.SIGNER)
    officer = {
        name: text
        for code, (_, name) in layout.OFFICER.items()
        if code in reading.cover and (text := clean_line(_text(reading.cover[code].value)))
    }
    if "email" in officer and not _EMAIL.match(officer["email"]):
        reading.problems.append(_bad_email(reading.cover["SY00.05.4"], officer.pop("email")))
    return FilledForm(
        token=token,
        cells=reading.cells,
        document_number=number,
        document_date=day,
        signer=(clean_line(_text(signer.value)) or None) if signer else None,
        officer=officer,
        explanations=reading.explanations,
        problems=tuple(reading.problems),
    )


def _document(reading: _Reading) -> tuple[str | None, date | None]:
    """Number and date of the signed document; a form without both is a draft."""
    number_row = reading.cover.get(layout.DOCUMENT_NUMBER)
    date_row = reading.cover.get(layout.DOCUMENT_DATE)
    typed = clean_line(_text(number_row.value)) if number_row else ""
    both = parse_document(typed)
    number = both[0] if both else tidy_number(typed)
    if not re.match(r"[0-9]", number):  # "Số:    /BC-SLĐTBXH" as it was printed: no number yet
        number = ""
    day = both[1] if both else None
    if date_row and (written := _text(date_row.value)):
        typed_day = read_date(date_row.value)
        if typed_day is None:
            reading.problems.append(_unreadable_date(date_row, written))
        day = typed_day or day
    return number or None, day


def _token(workbook: Workbook, programme: Programme, secret: str) -> FormToken | None:
    """The form's mark: hidden sheet, else document property, else the code beside the title."""
    candidates = [str(cell) for row in workbook.sheets.get(layout.META_SHEET, [])[:1] for cell in row[:1]]
    for candidate in [*candidates, *workbook.properties]:
        if candidate and (token := read_form_token(secret, candidate)):
            return token
    return _token_of_code(workbook.sheets, programme, secret)


def _token_of_code(
    sheets: dict[str, list[list[object]]], programme: Programme, secret: str
) -> FormToken | None:
    seen = {
        code
        for rows in sheets.values()
        for row in rows[:12]
        for cell in row
        if isinstance(cell, str)
        for code in _SHORT_CODE.findall(cell)
    }
    if not seen:
        return None
    for cycle in programme.cycles:
        for unit in answerers(programme, cycle):
            token = FormToken(programme.id, cycle.name, unit)
            if short_code(secret, token) in seen:
                return token
    return None


def _old_font(row: _Row, words: str, found: Suggestion) -> Finding:
    meant = clean_text(found.text)[:200]
    return Finding(
        f"FORM-OLD-FONT-{row.code}",
        Severity.WARNING,
        f"Nội dung dường như được gõ bằng phông chữ cũ ({found.font}), có thể là «{meant}»; "
        f"đề nghị {YOU} xác nhận hoặc gõ lại bằng bảng mã Unicode.",
        indicator=row.code,
        cell=row.address,
        seen=words,
        expected=meant,
    )


def _unknown_code(row: _Row) -> Finding:
    return Finding(
        "FORM-UNKNOWN-CODE",
        Severity.WARNING,
        f"Mã «{clean_line(row.code)}» không có trong biểu mẫu của kỳ này nên chưa được tổng hợp; "
        f"đề nghị {YOU} kiểm tra lại mã.",
        cell=row.address,
        seen=clean_line(row.code),
    )


def _double_code(row: _Row, before: Cell) -> Finding:
    return Finding(
        f"FORM-DOUBLE-{row.code}",
        Severity.ERROR,
        f"Mã {row.code} xuất hiện ở hai dòng ({before.cell} và {row.address}); "
        f"đề nghị {YOU} chỉ giữ lại một dòng.",
        indicator=row.code,
        cell=row.address,
        seen=clean_line(_text(row.value)),
        expected="một dòng cho mỗi mã",
    )


def _several_tables(name: str) -> Finding:
    return Finding(
        "FORM-SEVERAL-TABLES",
        Severity.WARNING,
        f"Tệp có nhiều trang cùng dạng biểu; hệ thống chỉ đọc trang «{clean_line(name)}», "
        f"đề nghị {YOU} xác nhận đó là trang cần gửi.",
        seen=clean_line(name),
    )


def _unreadable_date(row: _Row, written: str) -> Finding:
    return Finding(
        "DATE-DOCUMENT-UNREADABLE",
        Severity.ERROR,
        f"Chưa đọc được ngày ban hành báo cáo; đề nghị {YOU} ghi theo dạng ngày/tháng/năm, ví dụ 09/01/2024.",
        indicator=layout.DOCUMENT_DATE,
        cell=row.address,
        seen=clean_line(written),
        expected="dd/mm/yyyy",
    )


def _bad_email(row: _Row, written: str) -> Finding:
    return Finding(
        "CONTACT-EMAIL",
        Severity.WARNING,
        f"Địa chỉ thư điện tử của cán bộ đầu mối chưa đúng dạng; đề nghị {YOU} kiểm tra lại.",
        indicator=row.code,
        cell=row.address,
        seen=written,
    )
