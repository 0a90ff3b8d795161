"""The form as a workbook: an A4 annex to read and print, and a table to read back by code.

The same arguments give the same bytes.
"""

import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from xlsxwriter.workbook import Workbook

from reporting.errors import BadInput
from reporting.finding import Finding
from reporting.forms import layout
from reporting.forms.model import Answers
from reporting.forms.writing.cover import write_cover, write_title
from reporting.forms.writing.page import ANSWER, Filling, Page
from reporting.forms.writing.suppliers import Supplied, write_suppliers
from reporting.forms.writing.table import write_table
from reporting.programme.lineage import addressee, mark_of
from reporting.programme.model import CycleDefinition, Programme, Unit
from reporting.states import Severity
from reporting.tokens import FormToken, short_code, sign_form

_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def write_form(
    programme: Programme,
    cycle: CycleDefinition,
    unit: Unit,
    *,
    today: date,
    secret: str,
    rehearsal: bool,
    previous: Answers | None = None,
    values: Answers | None = None,
    explanations: Mapping[str, str] | None = None,
    marks: Iterable[Finding] = (),
) -> bytes:
    """One unit's form for one cycle as it is on ``today``.

    ``previous``: the last accepted values, printed beside the new ones. ``values``: answers to
    fill in beforehand; the codes of ``layout.COVER`` may be among them. ``explanations``: what
    stands under Giải trình beforehand, by code. ``marks``: findings to show at their cells, for a
    correction request. Raises BadInput when nothing is asked.
    """
    asked = programme.asked(cycle, unit, today)
    if not asked:
        raise BadInput(f"Kỳ {cycle.name} không có chỉ tiêu nào dành cho {unit.full_name}.")
    token = FormToken(programme.id, cycle.name, mark_of(cycle.period_end, unit), programme.form_version)
    to_show = tuple(mark for mark in marks if mark.severity is not Severity.NOTICE)
    filling = Filling(previous or {}, values or {}, explanations or {}, to_show)
    file = io.BytesIO()
    with Workbook(file, _OPTIONS) as workbook:
        page = Page(workbook, programme, cycle, asked, filling, rehearsal=rehearsal)
        _write(page, unit, today, short_code(secret, token))
        page.meta.write_string(0, 0, sign_form(secret, token))
        workbook.set_custom_property(layout.TOKEN_PROPERTY, sign_form(secret, token))
        title = f"Biểu số liệu {unit.full_name}, {cycle.title}"
        created = datetime(today.year, today.month, today.day)  # noqa: DTZ001 - a day, no moment
        workbook.set_properties({"title": title, "created": created})
    return file.getvalue()


def _write(page: Page, unit: Unit, today: date, code: str) -> None:
    """Everything to be seen, from the title to the place to sign."""
    department = addressee(page.programme, unit, today)
    attached_at = write_title(page, unit, today, department, code)
    write_cover(page, attached_at)
    write_table(page)
    page.paper.row += 1
    page.paper.line("NGƯỜI KÝ BÁO CÁO XÁC NHẬN SỐ LIỆU", "sign", first=ANSWER)
    page.paper.lay_out(landscape=True)
    page.sheet.activate()
    form = Supplied(
        page.programme, page.cycle, department, page.places, page.filling.previous, page.filling.values
    )
    write_suppliers(page.supplier_sheets, page.paper, page.asked, form)
