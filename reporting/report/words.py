"""What a report template may say: its names and functions (docs: giúp người sửa mẫu).

All of them read the one ``ReportModel``. Names are Vietnamese: staff write them in Word.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from reporting.errors import BadInput
from reporting.figures import REPORTED_CODE
from reporting.programme.model import Agency
from reporting.report.controls import Count, mark
from reporting.report.docx import Notes, plain
from reporting.report.figure import Figure
from reporting.report.model import Annex, ReportModel, issued_citation
from reporting.vnfmt import long_date, number, rounded_down, short_date, two_digits

NO_FIGURE = "[chưa có số liệu]"
_PLACE = re.compile(r"\{(ty)?([0-9])?\}")
_QUOTED = re.compile(r'"([^"]*)"')
# What may stand between the braces of a place for a number; COVERAGE ends the code of "n of n/N".
FORMS = ("", "ty", *(f"ty{n}" for n in range(10)), *(str(n) for n in range(10)))
COVERAGE = ".do_phu"
_MOMENTS = ("ngày", "tháng", "hết", "cuối")
_KINDS = (
    ("/BC-", "Báo cáo"),
    ("-BC/", "Báo cáo"),
    ("/QĐ-", "Quyết định"),
    ("/CV-", "Công văn"),
    ("/KH-", "Kế hoạch"),
)


def context(model: ReportModel, notes: Notes) -> dict[str, Any]:
    """Everything a report template can name."""
    return {**_facts(model), **functions(model, notes)}


def agency_words(agency: Agency) -> dict[str, Any]:
    return {
        "ten": plain(agency.name),
        "hoa": plain(agency.name).upper(),
        "viet_tat": plain(agency.short_name),
        "ky_hieu": plain(agency.symbol or ""),
        "cap_tren": plain(agency.parent or ""),
        "cap_tren_hoa": plain(agency.parent or "").upper(),
        "dia_danh": plain(agency.place or "Hà Nội"),
        "chuc_danh": [plain(line) for line in agency.signature],
        "nguoi_ky": plain(agency.signer or ""),
        "noi_nhan": [plain(line) for line in agency.recipients],
        "dau_moi": plain(agency.contact_name or ""),
        "dien_thoai": plain(agency.contact_telephone or ""),
    }


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
        "tong": _count(model, f"{REPORTED_CODE}.tong"),
        "da_bao_cao": _count(model, REPORTED_CODE),
        "so_bao_cao": _count(model, f"{REPORTED_CODE}.bao_cao"),
        "so_cong_van": _count(model, f"{REPORTED_CODE}.cong_van"),
        "dung_duoc": _count(model, f"{REPORTED_CODE}.dung_duoc"),
        "chua_bao_cao": _count(model, f"{REPORTED_CODE}.chua"),
        "ten_chua_bao_cao": plain(", ".join(unit.unit.name for unit in status.missing)),
        **_register_words(model),
        "kien_nghi": list(model.recommendations),
        "phu_luc_1": _annex_words(model.annex_issued, _issued_count(model)),
        "phu_luc_2": _annex_words(model.annex_reported, _count(model, REPORTED_CODE)),
    }


def _count(model: ReportModel, code: str) -> int:
    """A figure that is a count; nought in a programme without it."""
    figure = model.figures.get(code)
    if figure is None:
        return 0
    return Count(int(figure.value or 0), code, plain(figure.name))


def _issued_count(model: ReportModel, part: str = "") -> int:
    """A count of the register of issued programmes; nought for a programme that keeps none."""
    codes = model.programme.register_codes
    return _count(model, f"{codes.status}{part}") if codes else 0


def _two_digits(n: int | Decimal) -> str:
    return n.marked(two_digits(n)) if isinstance(n, Count) else two_digits(n)


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


def functions(model: ReportModel, notes: Notes) -> dict[str, Any]:
    """The functions a template calls; an unknown indicator code raises BadInput."""
    words = _Words(model, notes)
    return {
        "co": words.present,
        "so": words.figure,
        "ke": words.enumerate,
        "do_phu": words.coverage,
        "nguon": words.sources,
        "chu_thich": notes.add,
        "so2": _two_digits,
        "ngay": short_date,
        "ngay_dai": long_date,
    }


class _Words:
    """Figures in words. All of a figure's text passes through ``_said``."""

    def __init__(self, model: ReportModel, notes: Notes) -> None:
        self.figures: Mapping[str, Figure] = model.figures
        self.known = {indicator.code for indicator in model.programme.indicators}
        self.expected = _count(model, f"{REPORTED_CODE}.tong")
        self.notes = notes
        self.place = model.programme.words.place
        self.noted: set[str] = set()

    def _find(self, code: str) -> Figure | None:
        found = self.figures.get(code)
        if found is None and code not in self.known:
            raise BadInput(f"Không có chỉ tiêu '{code}' trong danh mục.")
        return found

    def _there(self, codes: Sequence[str]) -> list[Figure]:
        found = [self._find(code) for code in codes]
        return [
            figure for figure in found if figure is not None and (figure.value is not None or figure.text)
        ]

    def present(self, *codes: str) -> bool:
        """Whether any of the figures is there."""
        return bool(self._there(codes))

    def figure(self, code: str, form: str = "{}") -> str:
        """One figure: ``{}`` as a number, ``{ty}`` in tỷ đồng, ``{ty2}`` with two decimals."""
        found = self._there([code])
        return self._said(found[0], form) if found else NO_FIGURE

    def enumerate(self, *phrases: str) -> str:
        """Figures with their words, side by side; what has no figure is left out.

        A phrase is "CODE words" or "CODE words {} words".
        """
        said = []
        for phrase in phrases:
            code, _, words = phrase.partition(" ")
            found = self._there([code])
            if found:
                said.append(self._said(found[0], words if _PLACE.search(words) else f"{{}} {words}"))
        return "; ".join(said)

    def _said(self, figure: Figure, form: str) -> str:
        if figure.value is None:
            return mark(figure.code, plain(figure.name), plain(figure.text or ""))
        # docxtpl makes typewriter quotes of those that Word puts into a tag.
        form = _QUOTED.sub("“\\1”", form)
        text = _PLACE.sub(
            lambda place: mark(figure.code, plain(figure.name), said(figure, place[0][1:-1])), form
        )
        if figure.flagged and figure.code not in self.noted:
            self.noted.add(figure.code)
            text += self.notes.add(f"Trong đó có số liệu đang được {self.place} rà soát.")
        return text

    def coverage(self, *codes: str) -> str:
        """``tổng hợp từ 56/63 địa phương``, with the range where it differs between figures."""
        found = [figure for figure in self._there(codes) if figure.coverage is not None]
        if not found:
            return f"chưa có số liệu của {self.place}"
        least, most = min(found, key=_covered), max(found, key=_covered)
        whole = f"{_two_digits(self.expected)} {self.place}"
        if _covered(least) == _covered(most):
            return f"tổng hợp từ {self._how_many(most)}/{whole}"
        return f"tổng hợp từ {self._how_many(least)} đến {self._how_many(most)}/{whole} tùy theo chỉ tiêu"

    def _how_many(self, figure: Figure) -> str:
        name = f"độ phủ của {plain(figure.name)}"
        return mark(f"{figure.code}{COVERAGE}", name, two_digits(_covered(figure)))

    def sources(self, *codes: str) -> str:
        """A footnote that names the documents central figures were taken from."""
        cited = dict.fromkeys(_citation(figure) for figure in self._there(codes) if figure.kind == "central")
        text = "; ".join(cited)
        return self.notes.add(f"{text[0].upper()}{text[1:]}.") if cited else ""


def _covered(figure: Figure) -> int:
    return figure.coverage.n if figure.coverage else 0


def said(figure: Figure, form: str) -> str:
    """A figure with a value in one of the forms of ``FORMS``: with its "trên", its "tỷ đồng"."""
    assert figure.value is not None
    money, decimals = form.startswith("ty"), form.removeprefix("ty")
    qualifier = figure.qualifier
    if money:  # the catalogue keeps money in triệu đồng
        cut, text = rounded_down(figure.value / Decimal(1000), "tỷ đồng", int(decimals or 0))
        qualifier = qualifier or cut
    elif decimals:
        text = number(figure.value, int(decimals))
    else:
        text = two_digits(figure.value)
    return f"{qualifier} {text}" if qualifier else text


def _citation(figure: Figure) -> str:
    document = plain(figure.source.ref)
    head = document.split(" ")[0]
    kind = next((kind for sign, kind in _KINDS if sign in head), "Văn bản") if head[:1].isdigit() else ""
    cited = f"{kind} số {document}" if kind else document
    moment = plain(figure.as_of_label or f"ngày {short_date(figure.as_of)}")
    until = "tính đến " if moment.startswith(_MOMENTS) else ""
    return f"số liệu {until}{moment}, theo {cited}"
