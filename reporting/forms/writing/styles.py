"""How the cells of the form look."""

from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from reporting.finding import Finding
from reporting.forms.model import Cell
from reporting.programme.model import Indicator
from reporting.states import Severity, ValueKind

_FONT = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}
_BOX = {"font_size": 10, "border": 1, "border_color": "#808080", "text_wrap": True}
_INPUT = {**_BOX, "locked": False, "bg_color": "#FFF9DB"}
_NUMBER_FORMATS = {"integer": "#,##0", "decimal": "#,##0.0##", "text": "@"}
_REPEATED = {**_NUMBER_FORMATS, "text": "General"}  # a formula in a cell of text would be shown itself
_INPUTS = {"": {}, "_error": {"bg_color": "#F8C9C4"}, "_warning": {"bg_color": "#FFE0A3"}}

_STYLES: dict[str, dict[str, Any]] = {
    "plain": {},
    "rehearsal": {"bold": True, "font_size": 13, "align": "center", "font_color": "#B00020"},
    "owner": {"bold": True, "align": "center", "text_wrap": True},
    "code_right": {"align": "right", "font_size": 10},
    "title": {"bold": True, "font_size": 14, "align": "center"},
    "subtitle": {"bold": True, "font_size": 13, "align": "center", "text_wrap": True},
    "small": {"italic": True, "align": "center"},
    "note": {"text_wrap": True, "valign": "top"},
    "sign": {"bold": True, "align": "center"},
    "heading": {**_BOX, "bold": True, "align": "center", "bg_color": "#E3E8EF"},
    "area": {**_BOX, "bold": True, "bg_color": "#F1F3F6"},
    "code": {**_BOX, "align": "center", "font_size": 9},
    "cell": {**_BOX},
    "center": {**_BOX, "align": "center"},
    "guidance": {**_BOX, "font_size": 9, "italic": True},
    "review": {**_BOX, "font_color": "#9C1C10"},
    "mark_error": {"text_wrap": True, "bold": True, "font_color": "#9C1C10"},
    "mark_warning": {"text_wrap": True, "bold": True, "font_color": "#7A5200"},
    "check": {**_BOX, "font_size": 9, "align": "center"},
    "check_review": {"bg_color": "#F8C9C4", "font_color": "#9C1C10", "bold": True},
    "check_explain": {"bg_color": "#FFE0A3", "font_color": "#7A5200", "bold": True},
    "check_fits": {"font_color": "#2E6B34"},
    **{f"repeated_{kind}": {**_BOX, "num_format": number} for kind, number in _REPEATED.items()},
    "previous_integer": {**_BOX, "num_format": "#,##0"},
    "previous_decimal": {**_BOX, "num_format": "#,##0.0##"},
    **{
        f"input_{kind}{suffix}": {**_INPUT, **colour, "num_format": number_format}
        for kind, number_format in _NUMBER_FORMATS.items()
        for suffix, colour in _INPUTS.items()
    },
}

CONDITIONAL = ("check_review", "check_explain", "check_fits")


class Styles:
    """The formats of one workbook, made when first used."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[str, Format] = {}

    def __getitem__(self, name: str) -> Format:
        if name not in self._made:
            # A conditional format names only what it changes.
            look = _STYLES[name] if name in CONDITIONAL else {**_FONT, **_STYLES[name]}
            self._made[name] = self._workbook.add_format(look)
        return self._made[name]


def value_style(indicator: Indicator, cell: Cell | None, marks: list[Finding]) -> str:
    """The name of the format of an indicator's answer."""
    kind = indicator.type.value if indicator.type.is_number else "text"
    if kind == "integer" and cell is not None and cell.kind is ValueKind.UNREADABLE:
        kind = "decimal"  # a fraction must not look like a count
    return input_style(kind, marks)


def input_style(kind: str, marks: list[Finding]) -> str:
    """The name of an input cell's format, coloured by the gravest finding at it."""
    if any(mark.severity is Severity.ERROR for mark in marks):
        return f"input_{kind}_error"
    is_open = any(mark.explanation is None for mark in marks)
    return f"input_{kind}_warning" if is_open else f"input_{kind}"


def mark_style(mark: Finding) -> str:
    """The name of the format of a finding about the whole form."""
    return "mark_error" if mark.severity is Severity.ERROR else "mark_warning"
