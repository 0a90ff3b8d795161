"""``phieu-trinh.docx``: one page for the leader who shall sign (PRACTICE P20: approval by dossier)."""

from collections.abc import Sequence
from typing import Any

from reporting.report.facts.diff import Figures, by_code, changes
from reporting.report.facts.model import ReportModel
from reporting.report.text.names import context
from reporting.states import Severity
from reporting.status.quality import OpenFinding
from reporting.vietnamese.formats import two_digits
from reporting.word import filling

TEMPLATE = "slip.docx"
OPINION = "[cần lãnh đạo cho ý kiến]"
# It is one page: the rest is counted, and stands in the data annex.
MOST_LINES, MOST_LETTERS = 3, 78


def write_slip(
    model: ReportModel,
    findings: Sequence[OpenFinding],
    previous: Figures | None,
    *,
    opinions: int,
    mark: str,
) -> bytes:
    """The slip of a draft. ``previous``: the figures of the draft before; ``mark`` names this one's data.

    ``opinions`` is how often the draft still asks for the leader's word. Raises BadInput for a
    template that cannot be filled.
    """
    notes = filling.Notes()
    return filling.render(
        model.programme.folder / "templates" / TEMPLATE,
        slip_context(model, findings, previous, opinions=opinions, mark=mark, notes=notes),
        notes,
        title=f"Phiếu trình báo cáo {model.cycle.title}",
        made_on=model.as_of,
    )


def slip_context(
    model: ReportModel,
    findings: Sequence[OpenFinding],
    previous: Figures | None,
    *,
    opinions: int,
    mark: str,
    notes: filling.Notes,
) -> dict[str, Any]:
    """Everything the slip's template can name: what the report's can, and ``trinh``."""
    errors = [point for point in findings if point.severity is Severity.ERROR and not point.is_waived]
    warnings = [point for point in findings if point.severity is Severity.WARNING and point.is_open]
    waived = [point for point in findings if point.is_waived]
    now = by_code(model.figures_json)
    changed = [change.line for change in changes(previous, now)] if previous is not None else []
    return {
        **context(model, notes),
        "trinh": {
            "ma_du_lieu": mark,
            "cho_y_kien": opinions,
            "loi": len(errors),
            "loi_don_vi": len({point.unit for point in errors if not point.is_of_the_whole}),
            "loi_dong": _few([f"{point.unit}: {point.message}" for point in errors]),
            "giai_trinh": len(warnings),
            "bo_qua": len(waived),
            "bo_qua_dong": _few([f"{point.unit}, {point.subject}: {point.decision}" for point in waived]),
            "co_ban_truoc": previous is not None,
            "thay_doi": len(changed),
            "thay_doi_dong": _few(changed),
        },
    }


def _few(lines: Sequence[str]) -> list[str]:
    shown = [_short(filling.plain(" ".join(line.split()))) for line in lines[:MOST_LINES]]
    more = len(lines) - len(shown)
    return [*shown, f"và {two_digits(more)} mục khác, xem so-lieu.xlsx."] if more else shown


def _short(line: str) -> str:
    return line if len(line) <= MOST_LETTERS else f"{line[: MOST_LETTERS - 1].rstrip()}…"
