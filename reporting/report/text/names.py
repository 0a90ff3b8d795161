"""What a report template may say: its names and functions (docs: giúp người sửa mẫu).

All of them read the one ``ReportModel``. Names are Vietnamese: staff write them in Word.
"""

from typing import Any

from reporting.figures.counts import NOT_REPORTED_CODE, REPORTED_CODE
from reporting.figures.figure import BEFORE
from reporting.programme.calendar import cycle_before
from reporting.report.facts.model import Annex, ReportModel, issued_citation
from reporting.report.text.functions import functions
from reporting.report.text.words import count
from reporting.vietnamese.formats import short_date
from reporting.word.agencies import agency_words
from reporting.word.controls import mark
from reporting.word.filling import Notes, plain


def context(model: ReportModel, notes: Notes) -> dict[str, Any]:
    """Everything a report template can name."""
    return {**_facts(model), **functions(model, notes)}


def _facts(model: ReportModel) -> dict[str, Any]:
    status, cycle = model.status, model.cycle
    return {
        "bo": agency_words(model.ministry),
        "van_phong": agency_words(model.issuer),
        "doi_tac": agency_words(model.counterpart) if model.counterpart else None,
        "co_quan_dia_phuong": agency_words(model.department) if model.department else None,
        "chuong_trinh": {
            "ten": plain(model.programme.name),
            "ten_tat": plain(model.programme.short_name),
            "van_ban": plain(model.programme.document),
            "ben_ky": plain(model.programme.signatory(model.as_of)),
        },
        "ky": {
            "ten": plain(cycle.title),
            "nam": cycle.year,
            "tu_ngay": short_date(cycle.period_start),
            "den_ngay": short_date(cycle.period_end),
        },
        "ngay_chot": short_date(model.as_of),
        "nam_ky": model.as_of.year,
        "dien_tap": status.rehearsal,
        "noi_dung": {area: plain(title) for area, title in model.programme.areas.items()},
        "cong_van_yeu_cau": _request_words(model),
        "tong": count(model, f"{REPORTED_CODE}.tong"),
        "da_bao_cao": count(model, REPORTED_CODE),
        "so_bao_cao": count(model, f"{REPORTED_CODE}.bao_cao"),
        "so_cong_van": count(model, f"{REPORTED_CODE}.cong_van"),
        "dung_duoc": count(model, f"{REPORTED_CODE}.dung_duoc"),
        "chua_bao_cao": count(model, f"{REPORTED_CODE}.chua"),
        "ten_chua_bao_cao": _names(model, NOT_REPORTED_CODE),
        **_register_words(model),
        "ky_truoc": _before_words(model),
        "kien_nghi": list(model.recommendations),
        "phu_luc_1": _annex_words(model.annex_issued, _issued_count(model)),
        "phu_luc_2": _annex_words(model.annex_reported, count(model, REPORTED_CODE)),
    }


def _issued_count(model: ReportModel, part: str = "") -> int:
    """A count of the register of issued programmes; nought for a programme that keeps none."""
    codes = model.programme.register_codes
    return count(model, f"{codes.status}{part}") if codes else 0


def _names(model: ReportModel, code: str) -> str:
    """A list of names as a figure; nothing when there is nobody to name."""
    figure = model.figures.get(code)
    if figure is None or not figure.text:
        return ""
    return mark(code, plain(figure.name), plain(figure.text))


def _before_words(model: ReportModel) -> dict[str, str] | None:
    """The cycle before, when there is anything to compare with."""
    before = cycle_before(model.programme, model.cycle)
    if before is None or not any(code.endswith(BEFORE) for code in model.figures):
        return None
    return {"ten": plain(before.title)}


def _request_words(model: ReportModel) -> dict[str, str] | None:
    if model.request is None:
        return None
    return {"so": plain(model.request.number), "ngay": short_date(model.request.signed_on)}


def _register_words(model: ReportModel) -> dict[str, Any]:
    return {
        "da_ban_hanh": _issued_count(model),
        "ban_hanh_rieng": _issued_count(model, ".rieng"),
        "ban_hanh_khac": _issued_count(model, ".khac"),
        "ghi_chu_khac": plain("; ".join(issued_citation(row) for row in model.with_programme("khac"))),
        "chua_ban_hanh": _issued_count(model, ".chua"),
        "ten_chua_ban_hanh": plain(", ".join(row.unit.name for row in model.with_programme("chua"))),
        "chua_ro_ban_hanh": _issued_count(model, ".chua_ro"),
    }


def _annex_words(annex: Annex, total: int) -> dict[str, Any]:
    return {
        "tong": total,
        "dong": [
            {
                "tt": row.number,
                "ten": plain(row.name),
                "la_vung": row.is_region,
                "x": "X" if row.is_marked else "",
                "so_hieu": plain("\n".join(row.documents)),
                "ngay": "\n".join(row.dates),
            }
            for row in annex.rows
        ],
    }
