"""A cycle's figures as one table, a row an answer: for a statistician, or for another home.

What counts today goes out: of each unit the version in force and the document it counts by, and the
figures of central bodies. ``reporting.upkeep.import_cycle`` takes the same table in.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import xlsxwriter
from sqlalchemy.orm import Session

from reporting.durable import replace_durably
from reporting.errors import BadInput
from reporting.forms.inputs import answer_words, typed
from reporting.home.context import Context, cycle_row
from reporting.home.folder import is_rehearsal
from reporting.programme.model import Programme
from reporting.programme.units import answering_rows
from reporting.received import submissions
from reporting.received.central_figures import central_figures
from reporting.received.documents import documents
from reporting.requests.letter import request_letter
from reporting.store.tables import CentralFigure, Cycle, Submission, UnitRow
from reporting.vietnamese.formats import short_date

FIGURES_SHEET, CENTRAL_SHEET = "Số liệu", "Trung ương"
REHEARSED = "diễn tập"
# The column's name for ``read_table`` -> its heading and width.
COLUMNS = {
    "programme": ("Chương trình", 12),
    "cycle": ("Kỳ", 14),
    "letter_number": ("Số công văn đề nghị", 20),
    "letter_date": ("Ngày công văn đề nghị", 13),
    "unit": ("Mã đơn vị", 10),
    "unit_name": ("Đơn vị", 18),
    "number": ("Số văn bản", 20),
    "dated": ("Ngày văn bản", 13),
    "document_received": ("Ngày nhận văn bản", 13),
    "arrival_number": ("Số đến", 8),
    "received": ("Ngày nhận số liệu", 13),
    "version": ("Bản", 6),
    "code": ("Mã", 10),
    "name": ("Chỉ tiêu", 50),
    "measure": ("Đơn vị tính", 12),
    "value": ("Số liệu", 16),
    "answer": ("Trả lời", 18),
    "explanation": ("Giải trình", 40),
    "cell": ("Ô trong biểu", 12),
    "mark": ("Ghi chú", 10),
}
_HEAD_HEIGHT = 32  # points: two lines
# As ``figures import`` reads them.
_CENTRAL_HEADINGS = (
    ("Mã chỉ tiêu", 12), ("Số liệu", 16), ("Nội dung", 50), ("Từ kèm", 10), ("Tính đến ngày", 14),
    ("Thời điểm", 20), ("Văn bản", 50), ("Ngày nhận", 13),
)  # fmt: skip

Row = Mapping[str, object]


def export_cycle(context: Context, session: Session, name: str, target: Path) -> int:
    """Write the figures of a stored cycle into ``target`` (.xlsx); the number of units in it.

    Raises BadInput for an unknown cycle, another kind of file, one that is there, and a cycle of
    which nothing has come.
    """
    if target.suffix.lower() != ".xlsx":
        raise BadInput(f"{target.name}: hãy đặt tên tệp có đuôi .xlsx.")
    if target.exists():
        raise BadInput(f"Đã có {target}: hãy chọn tên khác.")
    cycle = cycle_row(session, context.programme, name)
    rows = answering_rows(session, context.programme, context.programme.cycle(name))
    of_all = {"programme": cycle.programme, "cycle": cycle.name, **_letter(session, cycle)}
    if is_rehearsal(session):
        of_all["mark"] = REHEARSED
    units = [
        [{**of_all, **row} for row in unit_rows]
        for code, unit in rows.items()
        if (unit_rows := list(_unit_rows(session, context.programme, cycle, code, unit)))
    ]
    central = central_figures(session, cycle.id, date.max)
    if not units and not central:
        raise BadInput(f"Kỳ {name} chưa có báo cáo hay số liệu nào để xuất.")
    _write(target, (row for unit in units for row in unit), central.values())
    return len(units)


def _unit_rows(
    session: Session, programme: Programme, cycle: Cycle, code: str, unit: UnitRow
) -> Iterator[Row]:
    about: dict[str, object] = {"unit": code, "unit_name": unit.name}
    for first, now in documents(submissions.documents_of(session, cycle, unit))[:1]:
        about |= {
            "number": now.number,
            "dated": now.document_date,
            "document_received": first.received_on,
            "arrival_number": first.arrival_number,
        }
    submission = submissions.latest(session, cycle, unit)
    answers = list(_answers(programme, submission)) if submission is not None else []
    if submission is not None:
        about |= {"received": submission.received_on, "version": submission.version}
    if not answers and "number" in about:
        yield about
    for answer in answers:
        yield {**about, **answer}


def _letter(session: Session, cycle: Cycle) -> dict[str, object]:
    letter = request_letter(session, cycle)
    return {"letter_number": letter.number, "letter_date": letter.signed_on} if letter is not None else {}


def _answers(programme: Programme, submission: Submission) -> Iterator[Row]:
    """The version's answers in catalogue order, also those left blank."""
    cells = submissions.cells_of(submission)
    words = submissions.explanations_of(submission)
    for indicator in programme.indicators:
        cell = cells.get(indicator.code)
        if cell is not None:
            yield {
                "code": indicator.code,
                "name": indicator.name,
                "measure": indicator.unit,
                "value": typed(indicator, cell),
                "answer": answer_words(cell),
                "explanation": words.get(indicator.code),
                "cell": cell.cell,
            }


def _write(target: Path, rows: Iterable[Row], central: Iterable[CentralFigure]) -> None:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    part = target.with_name(f".{target.name}.part")
    try:
        with xlsxwriter.Workbook(str(part), options) as book:
            of_units = ([row.get(column) for column in COLUMNS] for row in rows)
            _sheet(book, FIGURES_SHEET, list(COLUMNS.values()), of_units)
            _sheet(book, CENTRAL_SHEET, _CENTRAL_HEADINGS, map(_central, central))
        part.chmod(0o600)
        replace_durably(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _central(figure: CentralFigure) -> Sequence[object]:
    return (
        figure.indicator, figure.value, figure.text, figure.qualifier, figure.as_of_on, figure.as_of_label,
        figure.document, figure.received_on,
    )  # fmt: skip


def _sheet(
    book: xlsxwriter.Workbook,
    name: str,
    headings: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[object]],
) -> None:
    sheet = book.add_worksheet(name)
    head = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E7E6E6", "border": 1}
    )
    text, number = book.add_format({"num_format": "@"}), book.add_format({"num_format": "#,##0.######"})
    sheet.set_row(0, _HEAD_HEIGHT)
    for column, (heading, width) in enumerate(headings):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, head)
    last = 0
    for last, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, Decimal | int):
                sheet.write_number(last, column, value, number)
            elif value not in (None, ""):
                shown = short_date(value) if isinstance(value, date) else str(value)
                sheet.write_string(last, column, shown, text)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(headings) - 1)
