"""The outline of a department's own report (PRACTICE P3), blank or with the figures of its form.

A programme without the template sends none.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy.orm import Session

from reporting.forms.inputs import answer_words, typed
from reporting.forms.model import Cell, FilledForm
from reporting.home.context import Context
from reporting.programme.lineage import addressee
from reporting.programme.model import CycleDefinition, Indicator, Programme, Unit
from reporting.programme.units import unit_of
from reporting.requests.letter import letter_context
from reporting.states import ValueKind
from reporting.store.tables import Cycle, Letter, UnitRow
from reporting.vietnamese.formats import long_date, number, roman, short_date
from reporting.word.filling import Notes, plain, render

TEMPLATE = "outline.docx"
FILE = "de-cuong-bao-cao.docx"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_OPEN = "…………"

Request = tuple[str, date]  # number, day of signing


@dataclass(frozen=True)
class Outline:
    """Whose outline it is, and what is known already: the request it answers, a form that was filled."""

    unit: Unit
    asked: tuple[Indicator, ...]
    request: Request | None = None
    form: FilledForm = field(default_factory=lambda: FilledForm(None, {}))


def has_template(programme: Programme) -> bool:
    return (programme.folder / "templates" / TEMPLATE).exists()


def outline_for(
    context: Context, cycle: Cycle, unit: UnitRow, letter: Letter | None, *, form: FilledForm | None = None
) -> bytes:
    """A unit's outline as of today, citing the signed request ``letter``.

    Raises BadInput where the programme has no template for it.
    """
    definition, this = context.programme.cycle(cycle.name), unit_of(context.programme, unit)
    request = None
    if letter is not None and letter.number is not None and letter.signed_on is not None:
        request = (letter.number, letter.signed_on)
    outline = Outline(
        this,
        context.programme.asked(definition, this, context.today),
        request=request,
        form=form or FilledForm(None, {}),
    )
    return draft_outline(
        context.programme, definition, outline, today=context.today, rehearsal=context.rehearsal
    )


def outline_attachment(
    context: Context, session: Session, cycle: Cycle, unit: UnitRow, letter: Letter | None
) -> list[dict[str, str]]:
    """The outline as a mail carries it beside the form; none in a programme without one."""
    if not has_template(context.programme):
        return []
    content = outline_for(context, cycle, unit, letter)
    return [
        {"sha256": context.home.keep(session, content, context.now), "file_name": FILE, "media_type": DOCX}
    ]


def draft_outline(
    programme: Programme, cycle: CycleDefinition, outline: Outline, *, today: date, rehearsal: bool
) -> bytes:
    """The outline as a .docx. Raises BadInput for a template that is missing or broken."""
    notes = Notes()
    return render(
        programme.folder / "templates" / TEMPLATE,
        outline_context(programme, cycle, outline, today=today, rehearsal=rehearsal, notes=notes),
        notes,
        title=f"Đề cương báo cáo {cycle.title}",
        made_on=today,
    )


def outline_context(
    programme: Programme,
    cycle: CycleDefinition,
    outline: Outline,
    *,
    today: date,
    rehearsal: bool,
    notes: Notes,
) -> dict[str, Any]:
    """Everything the template can name: what the request letter's can, the department, its answers."""
    unit, form = outline.unit, outline.form
    words = letter_context(programme, cycle, today=today, rehearsal=rehearsal, notes=notes)
    name = plain(addressee(programme, unit, today))
    department = words["co_quan_dia_phuong"] if unit.is_place else None
    return words | {
        "don_vi": {
            "ten": name,
            "hoa": name.upper(),
            "cap_tren_hoa": f"ỦY BAN NHÂN DÂN\n{plain(unit.full_name).upper()}" if unit.is_place else "",
            "ky_hieu": department["ky_hieu"] if department else "",
            "dia_danh": plain(unit.name),
            "nguoi_ky": plain(form.signer or ""),
        },
        "cong_van_yeu_cau": _document(*outline.request) if outline.request else None,
        "van_ban": _document(form.document_number, form.document_date)
        if form.document_number and form.document_date
        else None,
        "cac_muc": _areas(programme, outline),
    }


def _document(symbol: str, day: date) -> dict[str, str]:
    return {"so": plain(symbol), "ngay": short_date(day), "ngay_dai": long_date(day)}


def _areas(programme: Programme, outline: Outline) -> list[dict[str, Any]]:
    by_area = groupby(sorted(outline.asked, key=attrgetter("area")), key=attrgetter("area"))
    return [
        {"so": roman(place), "ten": plain(programme.areas[area]), "dong": _lines(outline.form, indicators)}
        for place, (area, indicators) in enumerate(by_area, 1)
    ]


def _lines(form: FilledForm, indicators: Iterable[Indicator]) -> list[dict[str, Any]]:
    """A line for each indicator; once a form is filled, what need not be answered and is not, is left out."""
    lines = []
    for indicator in indicators:
        cell = form.cells.get(indicator.code)
        is_blank = cell is None or cell.kind is ValueKind.BLANK
        if form.cells and is_blank and indicator.required != "yes":
            continue
        answer = _OPEN if cell is None or is_blank else plain(_answer(indicator, cell))
        reason = form.explanations.get(indicator.code)
        lines.append(
            {
                "ten": plain(indicator.name),
                "tra_loi": answer,
                "giai_trinh": plain(reason) if reason else "",
            }
        )
    return lines


def _answer(indicator: Indicator, cell: Cell) -> str:
    """The answer as a report words it: 25.349 hộ; what could not be read stays as it was typed."""
    if cell.kind is ValueKind.UNREADABLE:
        return f"{cell.raw} [cần rà soát]"
    answer = answer_words(cell) or typed(indicator, cell)
    return f"{number(answer)} {indicator.unit}" if isinstance(answer, Decimal) else answer
