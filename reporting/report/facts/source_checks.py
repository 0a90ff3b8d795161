"""Checks of where the report's figures come from: central sources, their dates, symbols and numbers."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from reporting.figures.figure import NAMED, Figure
from reporting.finding import Finding
from reporting.report.facts.rules import WholeReport, broken
from reporting.states import FigureKind
from reporting.vietnamese.cited_numbers import cited_documents
from reporting.vietnamese.document_numbers import symbol_of
from reporting.vietnamese.formats import in_full

# A source that ends this long before the period does not tell of the period.
_STALE = timedelta(days=60)
_CODES_SHOWN = 6


def _few(codes: Sequence[str]) -> str:
    more = len(codes) - _CODES_SHOWN
    return ", ".join(codes[:_CODES_SHOWN]) + (f" và {more} số liệu khác" if more > 0 else "")


def _by_source(report: WholeReport) -> dict[str, list[Figure]]:
    """The text of each named source -> the figures taken from it."""
    by_source: dict[str, list[Figure]] = defaultdict(list)
    for figure in report.figures.values():
        if figure.kind == FigureKind.CENTRAL and (figure.value is not None or figure.text):
            by_source[figure.source.ref].append(figure)
    return by_source


def source_findings(report: WholeReport) -> Iterator[Finding]:
    """What is wrong with the sources of central figures, a finding a source or rule."""
    groups = _by_source(report)
    bare: list[str] = []
    for source, figures in groups.items():
        cited = cited_documents(source)
        on = cited[0][1] if cited else None
        if on is None:
            bare += [figure.code for figure in figures]
        for rule, is_wrong in _tests_of(report, on):
            wrong = [figure for figure in figures if is_wrong(figure)]
            if wrong:
                day = f"{wrong[0].as_of:%d/%m/%Y}"
                codes = _few([figure.code for figure in wrong])
                yield broken(rule, f"{source}, tính đến {day} ({codes})", code=wrong[0].code, seen=day)
    if bare:
        yield broken("REPORT-SOURCE", _few(bare), code=bare[0])
    yield from _symbols(list(groups))
    yield from _missing(report)
    yield from _same_facts(report)
    yield from _lists(report)


def _tests_of(report: WholeReport, on: date | None) -> Iterator[tuple[str, Callable[[Figure], bool]]]:
    """What may be wrong with the as-of day of a source's figures; ``on`` is the source's own date."""
    start, end = report.cycle.period_start, report.cycle.period_end
    yield "REPORT-SOURCE-BEFORE", lambda figure: figure.as_of < start
    yield "REPORT-SOURCE-AGE", lambda figure: start <= figure.as_of < end - _STALE
    yield "REPORT-OUT-OF-PERIOD", lambda figure: figure.as_of > end and not figure.as_of_label
    yield "REPORT-SOURCE-DATE", lambda figure: on is not None and figure.as_of > on


def _symbols(sources: Sequence[str]) -> Iterator[Finding]:
    """804/BC-MTTQ-BTT and 804/BC-MTTW-BTT of one day are one paper, as is one symbol of two days."""
    cited = list(dict.fromkeys(document for source in sources for document in cited_documents(source)))
    dated = [(number, day) for number, day in cited if day is not None]
    for place, (number, day) in enumerate(dated):
        for other, other_day in dated[place + 1 :]:
            is_one = _leading(number) == _leading(other)
            if is_one and (number != other) == (day == other_day):
                seen = f"{number} ngày {day:%d/%m/%Y}; {other} ngày {other_day:%d/%m/%Y}"
                if number == other or _is_like(number, other):
                    yield broken("REPORT-SYMBOL", seen, seen=seen)


def _leading(number: str) -> str:
    """Number and type: what a slip of the symbol leaves as it is."""
    return f"{number.partition('/')[0].partition('-')[0]}/{symbol_of(number)[0]}"


def _is_like(number: str, other: str) -> bool:
    """Whether two symbols differ in one place only."""
    one, two = symbol_of(number)[1], symbol_of(other)[1]
    return len(one) == len(two) and sum(a != b for a, b in zip(one, two, strict=True)) <= 1


def _missing(report: WholeReport) -> Iterator[Finding]:
    cycle = report.cycle
    codes = [
        indicator.code
        for indicator in report.programme.indicators
        if indicator.level == "central"
        and indicator.asked_in(cycle.kind, cycle.period_start, cycle.period_end)
        and (figure := report.figures.get(indicator.code)) is not None
        and figure.value is None
        and not figure.text
    ]
    if codes:
        yield broken("REPORT-MISSING", _few(codes), code=codes[0])


def _same_facts(report: WholeReport) -> Iterator[Finding]:
    for code, named in report.figures.items():
        own = code.removesuffix(NAMED)
        figure = report.figures.get(own)
        if own == code or figure is None or figure.value is None or named.value is None:
            continue
        gap = figure.value - named.value
        # "Trên 5.872 tỷ" is a number cut off at its last digit.
        if abs(gap) > (_cut(named.value) if named.qualifier else 0):
            more = f"{own}, chênh lệch {in_full(gap)} so với {named.source.ref}"
            yield broken("REPORT-SAME-FACT", more, code=own, expected=in_full(named.value))


def _cut(number: Decimal) -> Decimal:
    """One unit of the last digit that is not 0: by what a number said "trên" may be more."""
    return Decimal(1).scaleb(int(number.normalize().as_tuple().exponent))


def _lists(report: WholeReport) -> Iterator[Finding]:
    for code, figure in report.figures.items():
        if figure.kind != FigureKind.CENTRAL or figure.value is None or not figure.text:
            continue
        listed = len(dict.fromkeys(number for number, _ in cited_documents(figure.text)))
        is_sample = figure.text.lower().startswith("gồm")  # some of them
        if listed and (listed > figure.value or (listed < figure.value and not is_sample)):
            more = f"{code}, nêu {in_full(figure.value)}, liệt kê {listed}"
            yield broken("REPORT-LIST", more, code=code, seen=str(listed), expected=in_full(figure.value))
