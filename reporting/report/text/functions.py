"""Figures in words: the functions a report template calls (docs/mau-van-ban.md)."""

import re
from typing import Any

from reporting.figures.figure import COVERAGE, Figure
from reporting.report.facts.model import ReportModel
from reporting.report.text.comparisons import Comparisons
from reporting.report.text.wording import (
    MOST_QUOTES,
    PLACE,
    quoted,
)
from reporting.report.text.words import NO_FIGURE, Words, in_two_digits
from reporting.vietnamese.formats import long_date, short_date, two_digits
from reporting.word.controls import Count, mark
from reporting.word.filling import Notes, plain

NOTHING = "không phát sinh trong kỳ"
_QUOTED = re.compile(r'"([^"]*)"')


def functions(model: ReportModel, notes: Notes) -> dict[str, Any]:
    """The functions a template calls; an unknown indicator code raises BadInput."""
    words = _Phrases(model, notes)
    comparisons = Comparisons(words)
    return {
        "co": words.present,
        "hoi": words.asked,
        "so": words.figure,
        "ke": words.enumerate,
        "do_phu": words.coverage,
        "co_so_sanh": comparisons.compares,
        "so_sanh": comparisons.compared,
        "co_doi_chieu": comparisons.contrasts,
        "doi_chieu": comparisons.contrasted,
        "so_y_kien": words.voices,
        "y_kien": words.quotes,
        "nguon": words.sources,
        "chu_thich": notes.add,
        "so2": in_two_digits,
        "ngay": short_date,
        "ngay_dai": long_date,
    }


class _Phrases(Words):
    """Figures in words. All of a figure's text passes through ``_said``."""

    def present(self, *codes: str) -> bool:
        """Whether any of the figures is there."""
        return bool(self.there(codes))

    def asked(self, *codes: str) -> bool:
        """Whether a cycle of this kind and period asks the units for any of them."""
        cycle = self.model.cycle
        for code in codes:
            self.find(code)
        return any(
            indicator.code in codes
            and indicator.level == "provincial"
            and indicator.asked_in(cycle.kind, cycle.period_start, cycle.period_end)
            for indicator in self.model.programme.indicators
        )

    def figure(self, code: str, form: str = "{}") -> str:
        """One figure: ``{}`` as a number, ``{ty}`` in tỷ đồng, ``{ty2}`` with two decimals."""
        figures = self.there([code])
        return self._said(figures[0], form) if figures else NO_FIGURE

    def enumerate(self, *phrases: str) -> str:
        """Figures with their words, side by side; what has no figure is left out.

        A phrase is "CODE words" or "CODE words {} words". Where all of them are nought, nobody reads a
        line of noughts: it says so in words.
        """
        known = self.there([phrase.partition(" ")[0] for phrase in phrases])
        if known and all(figure.value is not None and not figure.value for figure in known):
            return NOTHING
        clauses = []
        for phrase in phrases:
            code, _, words = phrase.partition(" ")
            figures = self.there([code])
            if figures:
                clauses.append(self._said(figures[0], words if PLACE.search(words) else f"{{}} {words}"))
        return "; ".join(clauses)

    def _said(self, figure: Figure, form: str) -> str:
        if figure.value is None:
            return mark(figure.code, plain(figure.name), plain(figure.text or ""))
        # docxtpl makes typewriter quotes of those that Word puts into a tag.
        form = _QUOTED.sub("“\\1”", form)
        text = PLACE.sub(lambda place: self.number(figure, place[0][1:-1]), form)
        if figure.flagged and figure.code not in self.noted:
            self.noted.add(figure.code)
            text += self.notes.add(f"Trong đó có số liệu đang được {self.place} rà soát.")
        return text

    def voices(self, code: str) -> int:
        """How many units answered a question in words."""
        figure = self.find(code)
        if figure is None or figure.coverage is None:
            return 0
        return Count(figure.coverage.n, f"{code}{COVERAGE}", f"độ phủ của {plain(figure.name)}")

    def quotes(self, code: str) -> list[dict[str, str]]:
        """What was said, by most first: ``noi_dung`` (their words), ``nguon`` (who, by which document)."""
        self.find(code)
        quotes = self.model.quotes.get(code, ())
        lines = [quoted(quote, self.place) for quote in quotes[:MOST_QUOTES]]
        if len(quotes) > MOST_QUOTES:
            more = two_digits(len(quotes) - MOST_QUOTES)
            lines.append({"noi_dung": f"[và {more} ý kiến khác, xem so-lieu.xlsx]", "nguon": ""})
        return lines
