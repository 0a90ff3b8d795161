"""Checks of the report as a whole: its sources, its dates, its sums. Pure, over the compiled figures.

One finding a source or rule, not one a number: a source is put right once. An error stops the last
approval until it is settled or signed over; a warning stands on the leader's slip.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from reporting.checks.rules.edits import figure_edits
from reporting.checks.rules.model import FormFacts
from reporting.figures.figure import GAP, NAMED, Figure
from reporting.finding import Finding
from reporting.forms.model import Cell
from reporting.programme.model import CycleDefinition, Programme
from reporting.states import FigureKind, Severity, SourceKind, ValueKind
from reporting.vietnamese.document_numbers import cited_documents, symbol_of
from reporting.vietnamese.formats import in_full
from reporting.vietnamese.working_days import is_working_day

# A source that ends this long before the period does not tell of the period.
_STALE = timedelta(days=60)
_CODES_SHOWN = 6


@dataclass(frozen=True)
class Counted:
    """A report that was received and counts: whose it is and what its paper says."""

    unit: str
    document_date: date | None


@dataclass(frozen=True)
class WholeReport:
    """What the checks look at. ``request``: number and date of the letter that asked for the reports."""

    programme: Programme
    cycle: CycleDefinition
    as_of: date
    figures: Mapping[str, Figure]
    counted: Sequence[Counted]
    request: tuple[str, date] | None = None


# Rule -> (family, severity, what it finds), for the page of rules and for the findings.
RULES: dict[str, tuple[str, Severity, str]] = {
    "REPORT-REPLY-DATE": (
        "timeliness",
        Severity.ERROR,
        "Báo cáo được tính có ngày ban hành ở sau ngày chốt của báo cáo",
    ),
    "REPORT-SOURCE-BEFORE": (
        "timeliness",
        Severity.ERROR,
        "Nguồn có số liệu tính đến một ngày ở trước kỳ báo cáo",
    ),
    "REPORT-SOURCE-AGE": (
        "timeliness",
        Severity.WARNING,
        "Nguồn có số liệu cũ hơn ngày cuối kỳ trên 60 ngày",
    ),
    "REPORT-OUT-OF-PERIOD": (
        "timeliness",
        Severity.WARNING,
        "Số liệu sau kỳ báo cáo mà không ghi thời điểm",
    ),
    "REPORT-SOURCE-DATE": (
        "timeliness",
        Severity.ERROR,
        "Số liệu tính đến một ngày ở sau ngày của văn bản nêu số liệu",
    ),
    "REPORT-ORDER": (
        "timeliness",
        Severity.ERROR,
        "Văn bản chỉ đạo một hoạt động ban hành sau ngày hoạt động bắt đầu",
    ),
    "REPORT-WEEKEND": ("timeliness", Severity.NOTICE, "Văn bản nguồn, công văn ban hành vào ngày nghỉ"),
    "REPORT-SYMBOL": (
        "consistency",
        Severity.ERROR,
        "Một văn bản được dẫn dưới hai ký hiệu hoặc hai ngày",
    ),
    "REPORT-SOURCE": ("completeness", Severity.WARNING, "Số liệu chưa dẫn số, ngày văn bản nguồn"),
    "REPORT-MISSING": ("completeness", Severity.NOTICE, "Số liệu trung ương của kỳ chưa được nhập"),
    "REPORT-SAME-FACT": (
        "consistency",
        Severity.WARNING,
        "Tổng từ báo cáo của các đơn vị khác số trong văn bản về cùng nội dung",
    ),
    "REPORT-LIST": (
        "consistency",
        Severity.WARNING,
        "Số văn bản nêu trong số liệu khác số văn bản được liệt kê",
    ),
    "REPORT-PARTITION": (
        "balance",
        Severity.ERROR,
        "Các nhóm của một số đếm không loại trừ nhau hoặc không cộng đủ số đơn vị",
    ),
    "REPORT-TOTAL": ("balance", Severity.ERROR, "Tổng khác tổng các số thành phần trong báo cáo"),
}


def report_findings(report: WholeReport) -> list[Finding]:
    """What does not hold in the report as a whole."""
    values = {code: figure.value for code, figure in report.figures.items() if figure.value is not None}
    return [
        *_dates(report),
        *_sources(report),
        *_orders(report),
        *sums(report.programme, values),
        *_edits(report, values),
    ]


def _found(rule: str, more: str, *, code: str | None = None, seen: str = "", expected: str = "") -> Finding:
    _, severity, words = RULES[rule]
    return Finding(rule, severity, f"{words}: {more}.", code, None, seen or None, expected or None)


def _few(codes: Sequence[str]) -> str:
    more = len(codes) - _CODES_SHOWN
    return ", ".join(codes[:_CODES_SHOWN]) + (f" và {more} số liệu khác" if more > 0 else "")


def _dates(report: WholeReport) -> Iterator[Finding]:
    late = [each for each in report.counted if each.document_date and each.document_date > report.as_of]
    if late:
        names = ", ".join(f"{each.unit} ({each.document_date:%d/%m/%Y})" for each in late)
        yield _found("REPORT-REPLY-DATE", names, expected=f"không sau {report.as_of:%d/%m/%Y}")
    cited = [("công văn đề nghị báo cáo", report.request[1])] if report.request else []
    cited += [
        (number, day)
        for figure in report.figures.values()
        if figure.source.kind == SourceKind.DOCUMENT
        for number, day in cited_documents(figure.source.ref)
        if day is not None
    ]
    for number, day in dict.fromkeys(cited):
        if not is_working_day(day):
            yield _found("REPORT-WEEKEND", f"{number} ngày {day:%d/%m/%Y}", seen=f"{day:%d/%m/%Y}")


def _by_source(report: WholeReport) -> dict[str, list[Figure]]:
    """The text of each named source -> the figures taken from it."""
    found: dict[str, list[Figure]] = defaultdict(list)
    for figure in report.figures.values():
        if figure.kind == FigureKind.CENTRAL and (figure.value is not None or figure.text):
            found[figure.source.ref].append(figure)
    return found


def _sources(report: WholeReport) -> Iterator[Finding]:
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
                yield _found(rule, f"{source}, tính đến {day} ({codes})", code=wrong[0].code, seen=day)
    if bare:
        yield _found("REPORT-SOURCE", _few(bare), code=bare[0])
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
                    yield _found("REPORT-SYMBOL", seen, seen=seen)


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
        yield _found("REPORT-MISSING", _few(codes), code=codes[0])


def _same_facts(report: WholeReport) -> Iterator[Finding]:
    for code, figure in report.figures.items():
        if not code.endswith(GAP) or figure.value is None:
            continue
        named = report.figures[code.removesuffix(GAP) + NAMED]
        # "Trên 5.872 tỷ" is a number cut off at its last digit.
        allowed = _cut(named.value) if named.qualifier and named.value is not None else Decimal(0)
        if abs(figure.value) > allowed and named.value is not None:
            own = code.removesuffix(GAP)
            more = f"{own}, chênh lệch {in_full(figure.value)} so với {named.source.ref}"
            yield _found("REPORT-SAME-FACT", more, code=own, expected=in_full(named.value))


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
            yield _found("REPORT-LIST", more, code=code, seen=str(listed), expected=in_full(figure.value))


def _orders(report: WholeReport) -> Iterator[Finding]:
    for activity in report.cycle.activities:
        day, cited = activity.order_on, f"{activity.order} ngày {activity.order_on:%d/%m/%Y}"
        if day > activity.starts_on:
            more = f"{cited}, {activity.name} bắt đầu ngày {activity.starts_on:%d/%m/%Y}"
            yield _found(
                "REPORT-ORDER",
                more,
                seen=f"{day:%d/%m/%Y}",
                expected=f"không sau {activity.starts_on:%d/%m/%Y}",
            )
        if not is_working_day(day):
            yield _found("REPORT-WEEKEND", cited, seen=f"{day:%d/%m/%Y}")


def sums(programme: Programme, values: Mapping[str, Decimal]) -> Iterator[Finding]:
    """Totals and partitions among numbers by code, of a compilation or as an edited report tells them."""
    for indicator in programme.indicators:
        parts = [values.get(code) for code in indicator.formula]
        total = values.get(indicator.code)
        known = [part for part in parts if part is not None]
        if total is not None and known and len(known) == len(parts) and sum(known) != total:
            yield _unequal("REPORT-TOTAL", indicator.code, indicator.formula, total, sum(known, Decimal(0)))
    for whole, codes in partitions(programme):
        known = [values[code] for code in codes if code in values]
        total = values.get(whole)
        if len(known) == len(codes) and total is not None and sum(known) != total:
            yield _unequal("REPORT-PARTITION", whole, codes, total, sum(known, Decimal(0)))


def _unequal(rule: str, code: str, parts: Sequence[str], total: Decimal, added: Decimal) -> Finding:
    more = f"{code} = {in_full(total)}, {' + '.join(parts)} = {in_full(added)}"
    return _found(rule, more, code=code, seen=in_full(total), expected=in_full(added))


def partitions(programme: Programme) -> Iterator[tuple[str, tuple[str, ...]]]:
    """A count of units -> the counts into which it falls apart, each unit in one of them."""
    yield "SY00.01", ("SY00.01.bao_cao", "SY00.01.cong_van")
    yield "SY00.01.tong", ("SY00.01", "SY00.01.chua")
    codes = programme.register_codes
    if codes is not None:
        issued = (f"{codes.status}.rieng", f"{codes.status}.khac")
        yield codes.status, issued
        yield "SY00.01.tong", (*issued, f"{codes.status}.chua", f"{codes.status}.chua_ro")


def _edits(report: WholeReport, values: Mapping[str, Decimal]) -> Iterator[Finding]:
    """The edits over figures of central bodies, which no form is held to."""
    cells = {code: Cell(code, ValueKind.NUMBER, value) for code, value in values.items()}
    any_unit = report.programme.units[0]  # an edit looks at numbers only
    facts = FormFacts(any_unit, cells, frozenset(cells), received_on=report.as_of)
    for rule in figure_edits(report.programme):
        if found := rule.check(facts):
            yield found
