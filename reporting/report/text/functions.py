"""Figures in words: the functions a report template calls (docs/mau-van-ban.md)."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from reporting.errors import BadInput
from reporting.figures.counts import REPORTED_CODE
from reporting.figures.figure import BEFORE, COVERAGE, GAP, NAMED, STEP, Figure
from reporting.report.facts.model import ReportModel
from reporting.report.facts.quotes import Quote
from reporting.states import FigureKind
from reporting.status.unit import UnitStatus
from reporting.vietnamese.formats import long_date, number, rounded_down, short_date, two_digits
from reporting.word.controls import Count, mark
from reporting.word.filling import Notes, plain

NO_FIGURE = "[chưa có số liệu]"
_PLACE = re.compile(r"\{(ty)?([0-9])?\}")
_QUOTED = re.compile(r'"([^"]*)"')
# What may stand between the braces of a place for a number.
FORMS = ("", "ty", *(f"ty{n}" for n in range(10)), *(str(n) for n in range(10)))
_STEPS = {STEP: ("tăng", "giảm", "không thay đổi"), GAP: ("cao hơn văn bản", "thấp hơn văn bản", "khớp")}
# Beyond these a quote is cut and the rest of the list counted: all of it stands in the data annex.
LONGEST_QUOTE, MOST_QUOTES = 600, 150
_MOMENTS = ("ngày", "tháng", "hết", "cuối")
_KINDS = (
    ("/BC-", "Báo cáo"),
    ("-BC/", "Báo cáo"),
    ("/QĐ-", "Quyết định"),
    ("/CV-", "Công văn"),
    ("/KH-", "Kế hoạch"),
)


def count(model: ReportModel, code: str) -> int:
    """A figure that is a count; nought in a programme without it."""
    figure = model.figures.get(code)
    if figure is None:
        return 0
    return Count(int(figure.value or 0), code, plain(figure.name))


def _two_digits(n: int | Decimal) -> str:
    return n.marked(two_digits(n)) if isinstance(n, Count) else two_digits(n)


def functions(model: ReportModel, notes: Notes) -> dict[str, Any]:
    """The functions a template calls; an unknown indicator code raises BadInput."""
    words = _Words(model, notes)
    return {
        "co": words.present,
        "hoi": words.asked,
        "so": words.figure,
        "ke": words.enumerate,
        "do_phu": words.coverage,
        "co_so_sanh": words.compares,
        "so_sanh": words.compared,
        "co_doi_chieu": words.contrasts,
        "doi_chieu": words.contrasted,
        "so_y_kien": words.voices,
        "y_kien": words.quotes,
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
        self.model = model
        self.expected = count(model, f"{REPORTED_CODE}.tong")
        self.notes = notes
        self.place = model.programme.words.place
        self.noted: set[str] = set()

    def _find(self, code: str) -> Figure | None:
        found = self.figures.get(code)
        if found is None and not (code in self.known or _without_suffix(code) in self.known):
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

    def asked(self, *codes: str) -> bool:
        """Whether a cycle of this kind and period asks the units for any of them."""
        cycle = self.model.cycle
        for code in codes:
            self._find(code)
        return any(
            indicator.code in codes
            and indicator.level == "provincial"
            and indicator.asked_in(cycle.kind, cycle.period_start, cycle.period_end)
            for indicator in self.model.programme.indicators
        )

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
        text = _PLACE.sub(lambda place: self._number(figure, place[0][1:-1]), form)
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
        whole = f"{self._of_how_many(most)} {self.place}"
        if _covered(least) == _covered(most):
            return f"tổng hợp từ {self._how_many(most)}/{whole}"
        return f"tổng hợp từ {self._how_many(least)} đến {self._how_many(most)}/{whole} tùy theo chỉ tiêu"

    def _number(self, figure: Figure, form: str) -> str:
        return mark(figure.code, plain(figure.name), said(figure, form))

    def _how_many(self, figure: Figure) -> str:
        name = f"độ phủ của {plain(figure.name)}"
        return mark(f"{figure.code}{COVERAGE}", name, two_digits(_covered(figure)))

    def _of_how_many(self, figure: Figure) -> str:
        whole = figure.coverage.N if figure.coverage else 0
        return _two_digits(self.expected) if whole == self.expected else two_digits(whole)

    def compares(self, *phrases: str) -> bool:
        """Whether any of the figures was there in the cycle before."""
        return bool(self._there([f"{_parted(phrase)[0]}{BEFORE}" for phrase in phrases]))

    def compared(self, *phrases: str) -> str:
        """Each figure's step from the cycle before, and what it was then; a phrase is "CODE {form}"."""
        said_ = []
        for phrase in phrases:
            code, form = _parted(phrase)
            before, step = self._find(f"{code}{BEFORE}"), self._find(f"{code}{STEP}")
            if before is not None and step is not None:
                unit = "" if form else f" {plain(before.unit)}"
                said_.append(
                    f"{_lowered(self._name(code))} "
                    f"{self._number(step, form)} (kỳ trước {self._number(before, form)}{unit})"
                )
        return "; ".join(said_)

    def contrasts(self, *phrases: str) -> bool:
        """Whether a named document tells any of the figures, too."""
        return bool(self._there([f"{_parted(phrase)[0]}{NAMED}" for phrase in phrases]))

    def contrasted(self, *phrases: str) -> str:
        """Each figure that a document tells, too: both numbers and the gap, the document in a footnote."""
        told = []
        for phrase in phrases:
            code, form = _parted(phrase)
            own, named, gap = (self._find(f"{code}{end}") for end in ("", NAMED, GAP))
            if named is None:
                continue
            unit = "" if form else f" {plain(named.unit)}"
            here = self._number(own, form) if own is not None and own.value is not None else NO_FIGURE
            line = f"{_lowered(self._name(code))}: {self.place} báo cáo {here}{unit}, "
            line += f"văn bản nêu {self._number(named, form)}{unit}{self.sources(named.code)}"
            if gap is not None and gap.value is not None:
                line += f", {self._number(gap, form)}"
            told.append(line)
        return "; ".join(told)

    def _name(self, code: str) -> str:
        figure = self.figures.get(code)
        return plain(figure.name) if figure is not None else code

    def voices(self, code: str) -> int:
        """How many units answered a question in words."""
        figure = self._find(code)
        if figure is None or figure.coverage is None:
            return 0
        return Count(figure.coverage.n, f"{code}{COVERAGE}", f"độ phủ của {plain(figure.name)}")

    def quotes(self, code: str) -> list[dict[str, str]]:
        """What was said, by most first: ``noi_dung`` (their words), ``nguon`` (who, by which document)."""
        self._find(code)
        found = self.model.quotes.get(code, ())
        lines = [_quoted(quote, self.place) for quote in found[:MOST_QUOTES]]
        if len(found) > MOST_QUOTES:
            more = two_digits(len(found) - MOST_QUOTES)
            lines.append({"noi_dung": f"[và {more} ý kiến khác, xem so-lieu.xlsx]", "nguon": ""})
        return lines

    def sources(self, *codes: str) -> str:
        """A footnote that names the documents central figures were taken from."""
        cited = dict.fromkeys(
            _citation(figure) for figure in self._there(codes) if figure.kind == FigureKind.CENTRAL
        )
        text = "; ".join(cited)
        return self.notes.add(f"{text[0].upper()}{text[1:]}.") if cited else ""


def _covered(figure: Figure) -> int:
    return figure.coverage.n if figure.coverage else 0


def _parted(phrase: str) -> tuple[str, str]:
    """Code and form of ``MH03.05`` or ``NL02.90 {ty}``."""
    code, _, rest = phrase.partition(" ")
    place = _PLACE.search(rest)
    return code, place[0][1:-1] if place else ""


def _without_suffix(code: str) -> str:
    for suffix in (COVERAGE, BEFORE, STEP, NAMED, GAP):
        code = code.removesuffix(suffix)
    return code


def _lowered(name: str) -> str:
    """A name within a sentence; abbreviations stay."""
    return name if name[1:2].isupper() else f"{name[:1].lower()}{name[1:]}"


def _quoted(quote: Quote, place: str) -> dict[str, str]:
    text = plain(quote.text)
    if len(text) > LONGEST_QUOTE:
        text = f"{text[:LONGEST_QUOTE].rsplit(maxsplit=1)[0]} […]"
    if len(quote.replies) == 1:
        who = _reply(quote.replies[0])
    else:  # number and date of each stand in the annex of replies
        names = ", ".join(unit.unit.name for unit in quote.replies)
        who = f"{two_digits(len(quote.replies))} {place}: {names}"
    return {"noi_dung": f"“{text}”", "nguon": plain(who)}


def _reply(unit: UnitStatus) -> str:
    if not unit.document_number:
        return unit.unit.name
    day = f" ngày {short_date(unit.document_date)}" if unit.document_date else ""
    return f"{unit.unit.name} (số {unit.document_number}{day})"


def said(figure: Figure, form: str) -> str:
    """A figure with a value in one of the forms of ``FORMS``: with its "trên", its "tỷ đồng".

    A step or a gap says which way it goes.
    """
    assert figure.value is not None
    words = next((words for suffix, words in _STEPS.items() if figure.code.endswith(suffix)), None)
    if words is None:
        return _amount(figure.value, figure.qualifier, form)
    if not figure.value:
        return words[2]
    return f"{words[figure.value < 0]} {_amount(abs(figure.value), None, form)}"


def _amount(value: Decimal, qualifier: str | None, form: str) -> str:
    money, decimals = form.startswith("ty"), form.removeprefix("ty")
    if money:  # the catalogue keeps money in triệu đồng
        cut, text = rounded_down(value / Decimal(1000), "tỷ đồng", int(decimals or 0))
        qualifier = qualifier or cut
        if value and text.startswith("0 "):  # less than the last digit
            qualifier, text = None, f"{number(value)} triệu đồng"
    elif decimals:
        text = number(value, int(decimals))
    else:
        text = two_digits(value)
    return f"{qualifier} {text}" if qualifier else text


def _citation(figure: Figure) -> str:
    document = plain(figure.source.ref)
    head = document.split(" ")[0]
    kind = next((kind for sign, kind in _KINDS if sign in head), "Văn bản") if head[:1].isdigit() else ""
    cited = f"{kind} số {document}" if kind else document
    moment = plain(figure.as_of_label or f"ngày {short_date(figure.as_of)}")
    until = "tính đến " if moment.startswith(_MOMENTS) else ""
    return f"số liệu {until}{moment}, theo {cited}"
