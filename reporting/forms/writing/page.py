"""The sheet of the form while it is written: its columns, what it is filled with, where each row went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from reporting.finding import Finding
from reporting.forms import layout
from reporting.forms.model import Answers
from reporting.forms.wording import REVIEW_WIDTH, review
from reporting.forms.writing import suppliers
from reporting.forms.writing.check_column import Place
from reporting.forms.writing.print_layout import Sheet
from reporting.forms.writing.styles import Styles
from reporting.programme.model import CycleDefinition, Indicator, Programme

VALUE, ANSWER, PREVIOUS, EXPLANATION, CHECK = range(4, 9)
NAME_WIDTH, SUPPLIER_WIDTH, EXPLANATION_WIDTH = 35, 19, 20
GUIDANCE_WIDTH = 46  # as wide as if its letters were of the common size
COLUMNS = (
    (layout.CODE, 9),
    (layout.NAME, NAME_WIDTH),
    (layout.UNIT, 9),
    (layout.SUPPLIER, SUPPLIER_WIDTH),
    (layout.VALUE, 14),
    (layout.ANSWER, 14),
    (layout.PREVIOUS, 12),
    (layout.EXPLANATION, EXPLANATION_WIDTH),
    (layout.CHECK, 22),
)
_REVIEW_COLUMN = (layout.REVIEW, REVIEW_WIDTH)
_GUIDANCE_COLUMN = (layout.GUIDANCE, 40)
# Answers in words take the width from Số liệu to Kỳ trước: Giải trình stays to be written in.
WIDE_WIDTH = sum(width for _, width in COLUMNS[VALUE:EXPLANATION])


@dataclass(frozen=True)
class Filling:
    """What stands on the form beforehand, and the findings shown at their cells when it goes back."""

    previous: Answers = field(default_factory=dict)
    values: Answers = field(default_factory=dict)
    explanations: Mapping[str, str] = field(default_factory=dict)
    marks: Sequence[Finding] = ()


class Page:
    """The form's own sheet, the hidden one, and those of the suppliers."""

    def __init__(
        self,
        workbook: Workbook,
        programme: Programme,
        cycle: CycleDefinition,
        asked: tuple[Indicator, ...],
        filling: Filling,
        *,
        rehearsal: bool,
    ) -> None:
        self.programme, self.cycle, self.asked, self.filling = programme, cycle, asked, filling
        self.styles = Styles(workbook)
        self.has_marks = bool(filling.marks)
        columns = (*COLUMNS, *([_REVIEW_COLUMN] if self.has_marks else []), _GUIDANCE_COLUMN)
        self.guidance_at = len(columns) - 1
        # Check and guidance are for the screen: the signed annex goes without them.
        printed = self.guidance_at if self.has_marks else CHECK
        self.sheet = workbook.add_worksheet(layout.FORM_SHEET)
        self.paper = Sheet(self.sheet, self.styles, columns, printed=printed, rehearsal=rehearsal)
        self.supplier_sheets: dict[str, Worksheet] = {}
        if not self.has_marks:  # a form that comes back for correction goes to nobody else
            for supplier in suppliers.by_supplier(programme, asked):
                name = suppliers.sheet_name(supplier, workbook.sheetnames)
                self.supplier_sheets[supplier] = workbook.add_worksheet(name)
        self.meta: Worksheet = workbook.add_worksheet(layout.META_SHEET)
        self.meta.very_hidden()
        self.places: dict[str, Place] = {}
        self._marks: dict[str | None, list[Finding]] = {}
        known = {indicator.code for indicator in asked} | set(layout.COVER)
        for mark in filling.marks:
            self._marks.setdefault(mark.indicator if mark.indicator in known else None, []).append(mark)

    def marks_at(self, code: str | None) -> list[Finding]:
        """The findings at an indicator or a row of the cover; None: those about the whole form."""
        return self._marks.get(code, [])

    def write_marks(self, marks: Sequence[Finding]) -> None:
        """What is to be looked at again, beside the row that is next."""
        if self.has_marks:
            text = "\n".join(review(mark) for mark in marks)
            self.paper.text(CHECK + 1, text, "review" if marks else "cell")
