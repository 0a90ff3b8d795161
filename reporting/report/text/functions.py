"""Figures in words: the functions a report template calls (docs/mau-van-ban.md)."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from reporting.errors import BadInput
from reporting.figures.counts import REPORTED_CODE
from reporting.figures.figure import BEFORE, COVERAGE, GAP, NAMED, NOW, RATE, STEP, Figure
from reporting.report.facts.model import ReportModel
from reporting.report.text.wording import (
    MOST_QUOTES,
    PLACE,
    citation,
    covered,
    exact,
    lowered,
    parted,
    quoted,
    said,
    without_suffix,
)
from reporting.states import FigureKind
from reporting.vietnamese.formats import long_date, short_date, two_digits
from reporting.word.controls import Count, mark
from reporting.word.filling import Notes, plain

NO_FIGURE = "[chưa có số liệu]"
_QUOTED = re.compile(r'"([^"]*)"')


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
        figure = self.figures.get(code)
        if figure is None and not (code in self.known or without_suffix(code) in self.known):
            raise BadInput(f"Không có chỉ tiêu '{code}' trong danh mục.")
        return figure

    def _there(self, codes: Sequence[str]) -> list[Figure]:
        figures = [self._find(code) for code in codes]
        return [
            figure for figure in figures if figure is not None and (figure.value is not None or figure.text)
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
        figures = self._there([code])
        return self._said(figures[0], form) if figures else NO_FIGURE

    def enumerate(self, *phrases: str) -> str:
        """Figures with their words, side by side; what has no figure is left out.

        A phrase is "CODE words" or "CODE words {} words".
        """
        clauses = []
        for phrase in phrases:
            code, _, words = phrase.partition(" ")
            figures = self._there([code])
            if figures:
                clauses.append(self._said(figures[0], words if PLACE.search(words) else f"{{}} {words}"))
        return "; ".join(clauses)

    def _said(self, figure: Figure, form: str) -> str:
        if figure.value is None:
            return mark(figure.code, plain(figure.name), plain(figure.text or ""))
        # docxtpl makes typewriter quotes of those that Word puts into a tag.
        form = _QUOTED.sub("“\\1”", form)
        text = PLACE.sub(lambda place: self._number(figure, place[0][1:-1]), form)
        if figure.flagged and figure.code not in self.noted:
            self.noted.add(figure.code)
            text += self.notes.add(f"Trong đó có số liệu đang được {self.place} rà soát.")
        return text

    def coverage(self, *codes: str) -> str:
        """``tổng hợp từ 56/63 địa phương``, with the range where it differs between figures."""
        figures = [figure for figure in self._there(codes) if figure.coverage is not None]
        if figures and all(figure.code.endswith((NOW, BEFORE)) for figure in figures):
            return "; ".join(dict.fromkeys(self._ground(figure) for figure in figures))
        if not figures:
            return f"chưa có số liệu của {self.place}"
        least, most = min(figures, key=covered), max(figures, key=covered)
        whole = f"{self._of_how_many(most)} {self.place}"
        if covered(least) == covered(most):
            return f"tổng hợp từ {self._how_many(most)}/{whole}"
        return f"tổng hợp từ {self._how_many(least)} đến {self._how_many(most)}/{whole} tùy theo chỉ tiêu"

    def _number(self, figure: Figure, form: str) -> str:
        return mark(figure.code, plain(figure.name), said(figure, form))

    def _how_many(self, figure: Figure) -> str:
        name = f"độ phủ của {plain(figure.name)}"
        return mark(f"{figure.code}{COVERAGE}", name, two_digits(covered(figure)))

    def _of_how_many(self, figure: Figure) -> str:
        whole = figure.coverage.N if figure.coverage else 0
        return _two_digits(self.expected) if whole == self.expected else two_digits(whole)

    def compares(self, *phrases: str) -> bool:
        """Whether any of the figures can be compared with the cycle before."""
        return bool(self._there([f"{parted(phrase)[0]}{BEFORE}" for phrase in phrases]))

    def compared(self, *phrases: str) -> str:
        """Each figure from what it was in the cycle before to what it is; a phrase is "CODE {form}".

        Both over the ground that answered in both cycles, which is said once for figures that share it.
        """
        text, ground = "", ""
        for phrase in phrases:
            code, form = parted(phrase)
            now, was, step = (self._find(f"{code}{end}") for end in (NOW, BEFORE, STEP))
            if now is None or was is None or step is None:
                continue
            of = self._ground(now)
            text += ("; " if text else "") + (f"{of}, " if of != ground else "")
            text += self._change(code, now, was, step, form)
            ground = of
        return text

    def _ground(self, figure: Figure) -> str:
        if covered(figure) == (figure.coverage.N if figure.coverage else 0):
            return f"tính trên cả {self._of_how_many(figure)} {self.place}"
        covered_now = f"{self._how_many(figure)}/{self._of_how_many(figure)} {self.place}"
        return f"tính trên {covered_now} có số liệu cả hai kỳ"

    def _change(self, code: str, now: Figure, was: Figure, step: Figure, form: str) -> str:
        form = exact(form, (now, was))
        unit = "" if form else f" {plain(now.unit)}"
        name, there = lowered(self._name(code)), self._number(now, form)
        if not step.value:
            return f"{name} {self._number(step, form)} ({there}{unit})"
        rate = self._find(f"{code}{RATE}")
        share = f", tương đương {self._number(rate, '')}%" if rate is not None else ""
        way = "xuống" if step.value < 0 else "lên"
        before = self._number(was, form)
        return f"{name} từ {before} {way} {there}{unit} ({self._number(step, form)}{share})"

    def contrasts(self, *phrases: str) -> bool:
        """Whether a named document tells any of the figures, too."""
        return bool(self._there([f"{parted(phrase)[0]}{NAMED}" for phrase in phrases]))

    def contrasted(self, *phrases: str) -> str:
        """Each figure that a document tells, too: both numbers and the gap, the document in a footnote."""
        clauses = []
        for phrase in phrases:
            code, form = parted(phrase)
            own, named, gap = (self._find(f"{code}{end}") for end in ("", NAMED, GAP))
            if named is None:
                continue
            if gap is not None and own is not None:
                form = exact(form, (own, named))
            unit = "" if form else f" {plain(named.unit)}"
            here = self._number(own, form) if own is not None and own.value is not None else NO_FIGURE
            line = f"{lowered(self._name(code))}: {self.place} báo cáo {here}{unit}, "
            line += f"văn bản nêu {self._number(named, form)}{unit}{self.sources(named.code)}"
            if gap is not None and gap.value is not None:
                line += f", {self._number(gap, form)}"
            clauses.append(line)
        return "; ".join(clauses)

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
        quotes = self.model.quotes.get(code, ())
        lines = [quoted(quote, self.place) for quote in quotes[:MOST_QUOTES]]
        if len(quotes) > MOST_QUOTES:
            more = two_digits(len(quotes) - MOST_QUOTES)
            lines.append({"noi_dung": f"[và {more} ý kiến khác, xem so-lieu.xlsx]", "nguon": ""})
        return lines

    def sources(self, *codes: str) -> str:
        """A footnote that names the documents central figures were taken from."""
        cited = dict.fromkeys(
            citation(figure) for figure in self._there(codes) if figure.kind == FigureKind.CENTRAL
        )
        text = "; ".join(cited)
        return self.notes.add(f"{text[0].upper()}{text[1:]}.") if cited else ""
