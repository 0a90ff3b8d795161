"""One sheet as paper: lines over its width, rows of cells high enough for their text, an A4 layout."""

from collections.abc import Sequence
from decimal import Decimal

from xlsxwriter.worksheet import Worksheet

from reporting.forms import layout
from reporting.forms.inputs import answer_words, typed
from reporting.forms.model import Cell
from reporting.forms.writing.styles import Styles
from reporting.programme.model import Indicator

LINE = 13.5  # points of one line of text
_LETTERS = 1.25  # letters that fit into one unit of a column's width


class Sheet:
    """A sheet being written and the row that is next; ``printed``: how many columns go on paper."""

    def __init__(
        self,
        sheet: Worksheet,
        styles: Styles,
        columns: Sequence[tuple[str, int]],
        *,
        printed: int,
        rehearsal: bool,
    ) -> None:
        self.sheet = sheet
        self.styles = styles
        self.rehearsal = rehearsal
        self.last = printed - 1
        self.row = 0
        self._headings = [name for name, _ in columns]
        self._width = sum(width for _, width in columns[:printed])
        for at, (_, width) in enumerate(columns):
            sheet.set_column(at, at, width)
        if rehearsal:
            self.line(layout.REHEARSAL_MARK, "rehearsal")

    def line(self, text: str, style: str, height: float | None = None, first: int = 0) -> None:
        """A line of text over the printed width."""
        self.sheet.merge_range(self.row, first, self.row, self.last, text, self.styles[style])
        if height is not None:
            self.sheet.set_row(self.row, height)
        self.row += 1

    def note(self, text: str, style: str = "note") -> None:
        """A paragraph over the printed width."""
        self.line(text, style, height_of((text, self._width)))

    def headings(self) -> None:
        """The table's head, repeated on every page."""
        for at, heading in enumerate(self._headings):
            self.text(at, heading, "heading")
        self.sheet.set_row(self.row, 2 * LINE)
        self.sheet.repeat_rows(self.row)
        self.row += 1

    def text(self, column: int, text: str, style: str) -> None:
        self.sheet.write_string(self.row, column, text, self.styles[style])

    def value(self, column: int, what: Decimal | str, style: str) -> None:
        if isinstance(what, Decimal):
            self.sheet.write_number(self.row, column, float(what), self.styles[style])
        else:
            self.text(column, what, style)

    def previous(self, column: int, indicator: Indicator, before: Cell | None) -> None:
        """The last accepted answer."""
        style = f"previous_{indicator.type.value}" if indicator.type.is_number else "center"
        self.value(column, answer_words(before) or typed(indicator, before), style)

    def lay_out(self, *, landscape: bool, below: int = 3) -> None:
        """How it prints, with rows for a signature below, and that only input cells may be typed into."""
        sheet = self.sheet
        sheet.set_paper(9)
        if landscape:
            sheet.set_landscape()
        sheet.set_margins(left=0.6, right=0.4, top=0.7, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.print_area(0, 0, self.row + below, self.last)
        sheet.hide_gridlines(2)
        sheet.set_header(f'&C&"Times New Roman,Bold"{layout.REHEARSAL_MARK}' if self.rehearsal else "")
        sheet.set_footer('&C&"Times New Roman,Regular"Trang &P/&N')
        sheet.protect("", {"format_rows": True, "format_columns": True, "select_locked_cells": True})


def height_of(*texts: tuple[str, int]) -> float:
    """Points a row needs for texts in columns of those widths: nobody else will measure them."""
    lines = [
        sum(1 + int(len(part) / (_LETTERS * width)) for part in text.split("\n")) for text, width in texts
    ]
    return LINE * max(lines)
