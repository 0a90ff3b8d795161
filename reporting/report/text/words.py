"""What every phrase about figures is made of: the figure, its number as a control, its ground, its source."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from reporting.errors import BadInput
from reporting.figures.counts import REPORTED_CODE
from reporting.figures.figure import BEFORE, COVERAGE, NOW, Figure
from reporting.report.facts.model import ReportModel
from reporting.report.text.wording import citation, covered, said, without_suffix
from reporting.states import FigureKind
from reporting.vietnamese.formats import two_digits
from reporting.word.controls import Count, mark
from reporting.word.filling import Notes, plain

NO_FIGURE = "[chưa có số liệu]"


def count(model: ReportModel, code: str) -> int:
    """A figure that is a count; nought in a programme without it."""
    figure = model.figures.get(code)
    if figure is None:
        return 0
    return Count(int(figure.value or 0), code, plain(figure.name))


def in_two_digits(n: int | Decimal) -> str:
    return n.marked(two_digits(n)) if isinstance(n, Count) else two_digits(n)


class Words:
    """Figures of one report, and how they are named and numbered. An unknown code raises BadInput."""

    def __init__(self, model: ReportModel, notes: Notes) -> None:
        self.figures: Mapping[str, Figure] = model.figures
        self.known = {indicator.code for indicator in model.programme.indicators}
        self.model = model
        self.expected = count(model, f"{REPORTED_CODE}.tong")
        self.notes = notes
        self.place = model.programme.words.place
        self.noted: set[str] = set()

    def find(self, code: str) -> Figure | None:
        figure = self.figures.get(code)
        if figure is None and not (code in self.known or without_suffix(code) in self.known):
            raise BadInput(f"Không có chỉ tiêu '{code}' trong danh mục.")
        return figure

    def there(self, codes: Sequence[str]) -> list[Figure]:
        figures = [self.find(code) for code in codes]
        return [
            figure for figure in figures if figure is not None and (figure.value is not None or figure.text)
        ]

    def coverage(self, *codes: str) -> str:
        """``tổng hợp từ 56/63 địa phương``, with the range where it differs between figures."""
        figures = [figure for figure in self.there(codes) if figure.coverage is not None]
        if figures and all(figure.code.endswith((NOW, BEFORE)) for figure in figures):
            return "; ".join(dict.fromkeys(self.ground(figure) for figure in figures))
        if not figures:
            return f"chưa có số liệu của {self.place}"
        if all(figure.coverage and figure.coverage.N == 1 for figure in figures):
            return f"theo báo cáo của {self._only_unit(figures)}"
        least, most = min(figures, key=covered), max(figures, key=covered)
        whole = f"{self.of_how_many(most)} {self.place}"
        if covered(least) == covered(most):
            return f"tổng hợp từ {self.how_many(most)}/{whole}"
        return f"tổng hợp từ {self.how_many(least)} đến {self.how_many(most)}/{whole} tùy theo chỉ tiêu"

    def _only_unit(self, figures: Sequence[Figure]) -> str:
        """The names of the units that alone are asked for these figures."""
        names = {unit.unit.code: unit.unit.name for unit in self.model.status.units}
        asked = dict.fromkeys(unit for figure in figures for unit in figure.units)
        return plain(", ".join(names[unit] for unit in asked if unit in names)) or f"một {self.place}"

    def number(self, figure: Figure, form: str) -> str:
        return mark(figure.code, plain(figure.name), said(figure, form))

    def how_many(self, figure: Figure) -> str:
        name = f"độ phủ của {plain(figure.name)}"
        return mark(f"{figure.code}{COVERAGE}", name, two_digits(covered(figure)))

    def of_how_many(self, figure: Figure) -> str:
        whole = figure.coverage.N if figure.coverage else 0
        return in_two_digits(self.expected) if whole == self.expected else two_digits(whole)

    def ground(self, figure: Figure) -> str:
        if covered(figure) == (figure.coverage.N if figure.coverage else 0):
            return f"tính trên cả {self.of_how_many(figure)} {self.place}"
        covered_now = f"{self.how_many(figure)}/{self.of_how_many(figure)} {self.place}"
        return f"tính trên {covered_now} có số liệu cả hai kỳ"

    def name(self, code: str) -> str:
        figure = self.figures.get(code)
        return plain(figure.name) if figure is not None else code

    def sources(self, *codes: str) -> str:
        """A footnote that names the documents central figures were taken from."""
        cited = dict.fromkeys(
            citation(figure) for figure in self.there(codes) if figure.kind == FigureKind.CENTRAL
        )
        text = "; ".join(cited)
        return self.notes.add(f"{text[0].upper()}{text[1:]}.") if cited else ""
