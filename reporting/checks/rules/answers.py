"""Completeness, type and range of each answer."""

from collections.abc import Iterator

from reporting.checks.rules.model import (
    Column,
    Columns,
    FormFacts,
    Rule,
    cell_finding,
    condition_holds,
    condition_on,
)
from reporting.finding import YOU, Finding
from reporting.forms.layout import LONGEST_TEXT, NO, YES
from reporting.forms.model import Cell
from reporting.programme.asked import asked_indicators, largest
from reporting.programme.model import CycleDefinition, Indicator, IndicatorType, Programme
from reporting.states import Severity, ValueKind
from reporting.vietnamese.formats import in_full


def answer_rules(programme: Programme, cycle: CycleDefinition) -> Iterator[Rule]:
    """COMP, PEND, COND, TYPE, RANGE and LENGTH, one each per indicator they can concern."""
    for indicator in asked_indicators(programme, cycle):
        if indicator.required == "yes" or indicator.condition:
            yield _complete(indicator)
        yield _pending(indicator)
        if indicator.condition:
            yield _conditional(indicator)
        yield _readable(indicator)
        if indicator.type.is_number:
            yield _in_range(indicator)
        if indicator.type is IndicatorType.TEXT:
            yield _not_too_long(indicator)


def quoted(indicator: Indicator) -> str:
    return f"{indicator.code} «{indicator.name}»"


def _complete(indicator: Indicator) -> Rule:
    rule = f"COMP-{indicator.code}"

    def check(facts: FormFacts) -> Finding | None:
        cell = facts.cell(indicator.code)
        is_owed = indicator.code in facts.asked and condition_holds(indicator.condition, facts)
        if not is_owed or indicator.required == "no" or cell.kind is not ValueKind.BLANK:
            return None
        answers = "một con số, 0, «không phát sinh» hoặc «chưa có số liệu»"
        wanted = answers if indicator.type.is_number else "nội dung trả lời"
        message = f"Chỉ tiêu {quoted(indicator)} chưa có trả lời; đề nghị {YOU} bổ sung {wanted}."
        return cell_finding(rule, Severity.ERROR, cell, message, wanted)

    def screen(units: Columns) -> Column:
        missing = units.is_missing(indicator.code)
        return missing & units.says(*condition_on(indicator.condition)) if indicator.condition else missing

    return Rule(rule, "completeness", Severity.ERROR, f"{quoted(indicator)} có trả lời", check, screen)


def _pending(indicator: Indicator) -> Rule:
    rule = f"PEND-{indicator.code}"

    def check(facts: FormFacts) -> Finding | None:
        cell = facts.cell(indicator.code)
        if cell.kind is not ValueKind.PENDING:
            return None
        message = (
            f"Chỉ tiêu {quoted(indicator)} chưa có số liệu; đề nghị {YOU} bổ sung khi có "
            "hoặc cho biết thời gian dự kiến."
        )
        return cell_finding(rule, Severity.WARNING, cell, message)

    return Rule(
        rule,
        "completeness",
        Severity.WARNING,
        f"{quoted(indicator)} đã có số liệu",
        check,
        lambda units: units.is_kind(indicator.code, ValueKind.PENDING),
    )


def _conditional(indicator: Indicator) -> Rule:
    rule = f"COND-{indicator.code}"
    code, is_met = condition_on(indicator.condition or "")

    def check(facts: FormFacts) -> Finding | None:
        cell = facts.cell(indicator.code)
        settled = facts.cell(code).text
        if settled is None or is_met(settled) or cell.kind not in (ValueKind.NUMBER, ValueKind.TEXT):
            return None
        message = (
            f"Chỉ tiêu {quoted(indicator)} có nội dung, trong khi câu trả lời ở {code} cho thấy không cần "
            f"ghi; đề nghị {YOU} rà soát hai chỉ tiêu này."
        )
        return cell_finding(rule, Severity.WARNING, cell, message)

    def screen(units: Columns) -> Column:
        is_out_of_place = units.says(code, lambda answer: not is_met(answer))
        return is_out_of_place & units.is_kind(indicator.code, ValueKind.NUMBER, ValueKind.TEXT)

    description = f"{quoted(indicator)} phù hợp với {code}"
    return Rule(rule, "consistency", Severity.WARNING, description, check, screen)


def _readable(indicator: Indicator) -> Rule:
    rule = f"TYPE-{indicator.code}"

    wrong_kind = ValueKind.TEXT if indicator.type.is_number else ValueKind.NUMBER

    def check(facts: FormFacts) -> Finding | None:
        cell = facts.cell(indicator.code)
        is_wrong_kind = cell.kind is wrong_kind
        if cell.kind is not ValueKind.UNREADABLE and not is_wrong_kind and not _is_off(indicator, cell):
            return None
        reason = cell.note or f"nội dung chưa đúng dạng, đơn vị tính: {indicator.unit}"
        message = f"Chưa đọc được chỉ tiêu {quoted(indicator)}: {reason}; đề nghị {YOU} ghi lại."
        return cell_finding(rule, Severity.ERROR, cell, message, _wanted(indicator))

    def screen(units: Columns) -> Column:
        misread = units.is_kind(indicator.code, ValueKind.UNREADABLE, wrong_kind)
        if indicator.type is IndicatorType.INTEGER:
            return misread | units.is_broken(indicator.code)
        if not (words := _words(indicator)):
            return misread
        listed = units.says(indicator.code, lambda text: text in words)
        return misread | (units.is_kind(indicator.code, ValueKind.TEXT) & ~listed)

    return Rule(rule, "validity", Severity.ERROR, f"{quoted(indicator)} đọc được, đúng dạng", check, screen)


def _words(indicator: Indicator) -> set[str]:
    """The words that alone are an answer; empty where any are."""
    if indicator.type is IndicatorType.BOOLEAN:
        return {YES, NO}
    return {choice.code for choice in indicator.choices}


def _is_off(indicator: Indicator, cell: Cell) -> bool:
    """A count with a fraction, or words that are none of the list's."""
    if cell.number is not None:
        return indicator.type is IndicatorType.INTEGER and cell.number != cell.number.to_integral_value()
    words = _words(indicator)
    return bool(words) and cell.kind is ValueKind.TEXT and cell.text not in words


def _wanted(indicator: Indicator) -> str:
    match indicator.type:
        case IndicatorType.INTEGER:
            return f"số nguyên ({indicator.unit})"
        case IndicatorType.DECIMAL:
            return f"con số ({indicator.unit})"
        case IndicatorType.BOOLEAN:
            return "Có hoặc Không"
        case IndicatorType.CHOICE:
            return " / ".join(choice.label for choice in indicator.choices)
        case IndicatorType.DATE | IndicatorType.DATES:
            return "ngày/tháng/năm"
        case _:
            return "nội dung bằng chữ"


def _in_range(indicator: Indicator) -> Rule:
    rule = f"RANGE-{indicator.code}"
    bound = largest(indicator)

    def check(facts: FormFacts) -> Finding | None:
        cell = facts.cell(indicator.code)
        if cell.number is None or 0 <= cell.number < bound:
            return None
        what = "là số âm" if cell.number < 0 else f"lớn bất thường (đơn vị tính: {indicator.unit})"
        message = f"Chỉ tiêu {quoted(indicator)} đang {what}; đề nghị {YOU} rà soát."
        wanted = "từ 0 trở lên" if cell.number < 0 else f"nhỏ hơn {in_full(bound)}"
        return cell_finding(rule, Severity.ERROR, cell, message, wanted)

    return Rule(
        rule,
        "range",
        Severity.ERROR,
        f"{quoted(indicator)} từ 0 trở lên",
        check,
        lambda units: (units.number(indicator.code) < 0) | (units.number(indicator.code) >= float(bound)),
    )


def _not_too_long(indicator: Indicator) -> Rule:
    rule = f"LENGTH-{indicator.code}"

    def check(facts: FormFacts) -> Finding | None:
        cell = facts.cell(indicator.code)
        if cell.text is None or len(cell.text) <= LONGEST_TEXT:
            return None
        message = f"Nội dung {quoted(indicator)} dài hơn {LONGEST_TEXT} ký tự; đề nghị {YOU} rút gọn."
        return Finding(
            rule,
            Severity.WARNING,
            message,
            indicator=indicator.code,
            cell=cell.cell,
            seen=f"{len(cell.text)} ký tự",
            expected=f"tối đa {LONGEST_TEXT} ký tự",
        )

    description = f"{quoted(indicator)} tối đa {LONGEST_TEXT} ký tự"
    return Rule(
        rule,
        "validity",
        Severity.WARNING,
        description,
        check,
        lambda units: units.says(indicator.code, lambda text: len(text) > LONGEST_TEXT),
    )
