"""``phieu-trinh.docx``: one page for the leader who shall sign (PRACTICE P20: approval by dossier)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from reporting.figures import figures_json
from reporting.report import docx
from reporting.report.model import ReportModel
from reporting.report.words import context
from reporting.store.models import Severity
from reporting.vnfmt import number, two_digits

TEMPLATE = "slip.docx"
SLIP = "phieu-trinh.docx"
OPINION = "[cần lãnh đạo cho ý kiến]"
# It is one page: the rest is counted, and stands in the data annex.
MOST_LINES, MOST_LETTERS = 3, 78

Figures = Mapping[str, Mapping[str, Any]]  # by code, as in figures.json
Found = Sequence[Sequence[object]]  # the rows of the data annex's sheet "Rà soát"


def write_slip(
    model: ReportModel, findings: Found, previous: Figures | None, *, opinions: int, mark: str
) -> bytes:
    """The slip of a draft. ``previous``: the figures of the draft before; ``mark`` names this one's data.

    ``opinions`` is how often the draft still asks for the leader's word. Raises BadInput for a
    template that cannot be filled.
    """
    notes = docx.Notes()
    return docx.render(
        model.programme.folder / "templates" / TEMPLATE,
        slip_context(model, findings, previous, opinions=opinions, mark=mark, notes=notes),
        notes,
        title=f"Phiếu trình báo cáo {model.cycle.title}",
        made_on=model.as_of,
    )


def slip_context(
    model: ReportModel,
    findings: Found,
    previous: Figures | None,
    *,
    opinions: int,
    mark: str,
    notes: docx.Notes,
) -> dict[str, Any]:
    """Everything the slip's template can name: what the report's can, and ``trinh``."""
    errors = [row for row in findings if row[2] == Severity.ERROR and not row[7]]
    warnings = [row for row in findings if row[2] == Severity.WARNING and not row[7]]
    waived = [row for row in findings if row[7]]
    changed = changes(model, previous) if previous is not None else []
    return {
        **context(model, notes),
        "trinh": {
            "ma_du_lieu": mark,
            "cho_y_kien": opinions,
            "loi": len(errors),
            "loi_don_vi": len({row[0] for row in errors}),
            "loi_dong": _few([f"{row[0]}: {row[6]}" for row in errors]),
            "giai_trinh": len(warnings),
            "bo_qua": len(waived),
            "bo_qua_dong": _few([f"{row[0]}, {row[3] or row[1]}: {row[7]}" for row in waived]),
            "co_ban_truoc": previous is not None,
            "thay_doi": len(changed),
            "thay_doi_dong": _few(changed),
        },
    }


def changes(model: ReportModel, previous: Figures) -> list[str]:
    """A line for each figure that is not as it was: name, then, now."""
    now = {figure["code"]: figure for figure in figures_json(model.figures.values(), model.status)["figures"]}
    lines = []
    for code in [*now, *(code for code in previous if code not in now)]:
        old, new = previous.get(code), now.get(code)
        if _said(old) != _said(new):
            name = (new or old or {})["name"]
            is_words = any(figure and figure["value"] is None and figure["text"] for figure in (old, new))
            step = "nội dung thay đổi" if is_words else f"{_said(old)} → {_said(new)}"
            lines.append(f"{code} {name}: {step}")
    return lines


def _said(figure: Mapping[str, Any] | None) -> str:
    if figure is None or (figure["value"] is None and not figure["text"]):
        return "chưa có"
    if figure["value"] is None:
        return str(figure["text"])
    qualifier = f"{figure['qualifier']} " if figure["qualifier"] else ""
    return f"{qualifier}{number(Decimal(figure['value']))}"


def _few(lines: Sequence[str]) -> list[str]:
    shown = [_short(docx.plain(" ".join(line.split()))) for line in lines[:MOST_LINES]]
    more = len(lines) - len(shown)
    return [*shown, f"và {two_digits(more)} mục khác, xem so-lieu.xlsx."] if more else shown


def _short(line: str) -> str:
    return line if len(line) <= MOST_LETTERS else f"{line[: MOST_LETTERS - 1].rstrip()}…"
