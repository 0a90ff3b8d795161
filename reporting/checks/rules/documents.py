"""Document numbers and the dates beside them: the unit's report and the documents it lists."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise

from reporting.checks.rules.model import Column, Columns, FormFacts, Rule, cell_finding
from reporting.finding import YOU, Finding
from reporting.forms.layout import DOCUMENT_NUMBER
from reporting.programme.asked import asked_indicators
from reporting.programme.model import CycleDefinition, Indicator, IndicatorType, Programme
from reporting.states import DocumentKind, Severity
from reporting.vietnamese.cited_numbers import parse_document
from reporting.vietnamese.document_numbers import (
    document_kind,
    is_document_number,
    split_list,
    symbol_of,
)

_NUMBER_EXAMPLE = "số/loại văn bản-cơ quan ban hành, ví dụ 622/BC-SLĐTBXH"


def document_rules(programme: Programme, cycle: CycleDefinition) -> Iterator[Rule]:
    """Rules on the report's own number, then on every list of documents and dates asked for."""
    yield _own_number(
        "DOC-NUMBER",
        Severity.WARNING,
        f"Số, ký hiệu báo cáo chưa đúng dạng thường dùng; đề nghị {YOU} rà soát.",
        is_document_number,
        _NUMBER_EXAMPLE,
    )
    yield _own_number(
        "DOC-KIND",
        Severity.NOTICE,
        "Báo cáo được gửi bằng công văn.",
        lambda number: document_kind(number) is DocumentKind.REPORT,
        "văn bản loại báo cáo (BC)",
    )
    yield _used_once()
    founded = parse_document(f"số {programme.document}")
    asked = asked_indicators(programme, cycle)
    for indicator in asked:
        if indicator.type is IndicatorType.DOCUMENTS:
            yield _listed_numbers(indicator)
            if programme.register_codes is not None and indicator.code == programme.register_codes.numbers:
                yield _joint(indicator)
                yield _typed(indicator, founded[0] if founded else "")
        if indicator.type in (IndicatorType.DATE, IndicatorType.DATES):
            yield _no_later_event(indicator)
    for numbers, dates in pairwise(asked):
        if numbers.type is IndicatorType.DOCUMENTS and dates.type is IndicatorType.DATES:
            yield _as_many_dates(numbers, dates)
            if founded:
                yield _not_before(dates, founded[1])


def _own_number(
    rule: str, severity: Severity, message: str, is_good: Callable[[str], bool], expected: str
) -> Rule:
    def check(facts: FormFacts) -> Finding | None:
        number = facts.document_number
        if number is None or is_good(number):
            return None
        return Finding(rule, severity, message, indicator=DOCUMENT_NUMBER, seen=number, expected=expected)

    def screen(units: Columns) -> Column:
        return units.says(DOCUMENT_NUMBER, lambda number: not is_good(number))

    return Rule(rule, "validity", severity, message, check, screen)


def _listed_numbers(indicator: Indicator) -> Rule:
    return _each_item(
        "DOC",
        "validity",
        Severity.WARNING,
        indicator,
        f"Số, ký hiệu văn bản ở {indicator.code} chưa đúng dạng thường dùng; đề nghị {YOU} rà soát.",
        _NUMBER_EXAMPLE,
        lambda number: not is_document_number(number),
    )


def _used_once() -> Rule:
    rule = "UNIQUE-DOCUMENT"
    message = (
        f"Số báo cáo đã được dùng cho một báo cáo khác của cùng đơn vị trong năm; đề nghị {YOU} rà soát số, "
        "ngày ban hành."
    )

    def check(facts: FormFacts) -> Finding | None:
        number, day = facts.document_number, facts.document_date
        if number is None or day is None:
            return None
        where = facts.earlier.documents.get((number, day.year))
        if where is None:
            return None
        expected = f"mỗi báo cáo một số trong năm (số này: {where})"
        seen = f"{number} ngày {day:%d/%m/%Y}"
        return Finding(
            rule, Severity.WARNING, message, indicator=DOCUMENT_NUMBER, seen=seen, expected=expected
        )

    return Rule(rule, "uniqueness", Severity.WARNING, message, check)


def _each_item(
    name: str,
    family: str,
    severity: Severity,
    indicator: Indicator,
    message: str,
    expected: str,
    is_wrong: Callable[[str], bool],
    *,
    names_them: bool = False,
) -> Rule:
    """What to say where some items of a list are wrong; ``names_them``: these alone are shown."""
    rule = f"{name}-{indicator.code}"

    def wrong(text: str) -> list[str]:
        return [item for item in split_list(text) if is_wrong(item)]

    def check(facts: FormFacts) -> Finding | None:
        cell = facts.cell(indicator.code)
        if cell.text is None or not (items := wrong(cell.text)):
            return None
        finding = cell_finding(rule, severity, cell, message, expected)
        return replace(finding, seen="; ".join(items)) if names_them else finding

    def screen(units: Columns) -> Column:
        return units.says(indicator.code, lambda text: bool(wrong(text)))

    return Rule(rule, family, severity, message, check, screen)


def _joint(indicator: Indicator) -> Rule:
    return _each_item(
        "DOC-JOINT",
        "validity",
        Severity.NOTICE,
        indicator,
        f"Văn bản ở {indicator.code} chỉ nêu một cơ quan ban hành; chương trình phối hợp do hai bên cùng ký.",
        "ký hiệu của hai cơ quan, ví dụ 07/CTr-SLĐTBXH-MTTQ",
        lambda number: is_document_number(number) and len(symbol_of(number)[1]) < 2,
        names_them=True,
    )


def _typed(indicator: Indicator, founding: str) -> Rule:
    kind = symbol_of(founding)[0] or "CTR"

    def differs(number: str) -> bool:
        # CTr, CTrPH and CTPH are spellings of one type; a plan (KH) is another.
        given = symbol_of(number)[0]
        return is_document_number(number) and (given is None or given[:2] != kind[:2])

    return _each_item(
        "DOC-TYPE",
        "validity",
        Severity.NOTICE,
        indicator,
        f"Văn bản ở {indicator.code} không phải loại văn bản của chương trình hoặc không nêu loại.",
        f"loại văn bản {symbol_of(founding)[0] or 'CTr'}",
        differs,
        names_them=True,
    )


def _days(text: str | None) -> list[date]:
    return [date.fromisoformat(item) for item in split_list(text or "")]


def _no_later_event(indicator: Indicator) -> Rule:
    rule = f"DATE-{indicator.code}"
    message = f"Ngày ghi ở {indicator.code} «{indicator.name}» sau ngày báo cáo; đề nghị {YOU} rà soát."

    def check(facts: FormFacts) -> Finding | None:
        cell = facts.cell(indicator.code)
        if all(day <= facts.speaks_until for day in _days(cell.text)):
            return None
        return cell_finding(rule, Severity.ERROR, cell, message, f"không sau {facts.speaks_until:%d/%m/%Y}")

    def last(text: str) -> float:
        return max(_days(text), default=date.min).toordinal()

    def screen(units: Columns) -> Column:
        return units.measured(indicator.code, last) > units.speaks_until()

    return Rule(rule, "timeliness", Severity.ERROR, message, check, screen)


def _as_many_dates(numbers: Indicator, dates: Indicator) -> Rule:
    rule = f"PAIR-{numbers.code}"
    message = (
        f"Số văn bản ở {numbers.code} và số ngày ban hành ở {dates.code} chưa tương ứng; "
        f"đề nghị {YOU} rà soát."
    )

    def check(facts: FormFacts) -> Finding | None:
        cell = facts.cell(numbers.code)
        days = _days(facts.cell(dates.code).text)
        if cell.text is None or not days or len(split_list(cell.text)) == len(days):
            return None
        return cell_finding(rule, Severity.WARNING, cell, message, f"{len(days)} văn bản")

    def count(text: str) -> float:
        return len(split_list(text))

    def screen(units: Columns) -> Column:
        return abs(units.measured(numbers.code, count) - units.measured(dates.code, count)) > 0

    return Rule(rule, "consistency", Severity.WARNING, message, check, screen)


def _not_before(dates: Indicator, founded_on: date) -> Rule:
    return _each_item(
        "DATE-BEFORE",
        "timeliness",
        Severity.NOTICE,
        dates,
        f"Văn bản ở {dates.code} ban hành trước chương trình phối hợp cấp trung ương.",
        f"từ {founded_on:%d/%m/%Y}",
        lambda item: date.fromisoformat(item) < founded_on,
    )
