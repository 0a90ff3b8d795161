"""Timeliness: the document's date against receipt, request, period and calendar."""

from collections.abc import Callable, Iterator
from datetime import date

from reporting.checks.rules.model import FormFacts, Rule
from reporting.finding import YOU, Finding
from reporting.forms.layout import DOCUMENT_DATE
from reporting.programme.model import CycleDefinition, Programme
from reporting.states import Severity
from reporting.vietnamese.working_days import is_working_day

EARLY = "DATE-DOCUMENT-EARLY"
# Given the dates of the document, its receipt and the request: what was expected, None when all is well.
Test = Callable[[date, date, date | None], str | None]


def date_rules(programme: Programme, cycle: CycleDefinition) -> Iterator[Rule]:
    """The rules on the date of the signed document; a draft has none and is silent."""
    yield _rule(
        "DATE-DOCUMENT-FUTURE",
        Severity.ERROR,
        f"Ngày ban hành báo cáo sau ngày nhận được báo cáo; đề nghị {YOU} rà soát ngày ban hành.",
        lambda day, received, _: _day("không sau", received) if day > received else None,
    )
    yield _rule(
        "DATE-PERIOD",
        Severity.ERROR,
        f"Ngày ban hành báo cáo trước khi kỳ báo cáo bắt đầu; đề nghị {YOU} rà soát ngày, năm ban hành.",
        lambda day, *_: _day("từ", cycle.period_start) if day < cycle.period_start else None,
    )
    yield _rule(
        EARLY,
        Severity.WARNING,
        f"Báo cáo ban hành trước văn bản đề nghị báo cáo; đề nghị {YOU} cho biết số liệu tính đến ngày nào "
        f"và bổ sung số liệu đến hết kỳ (ngày {cycle.period_end:%d/%m/%Y}) nếu còn thiếu.",
        lambda day, _, requested: _early(programme, day, requested),
    )
    yield _rule(
        "DATE-PERIOD-END",
        Severity.NOTICE,
        "Báo cáo ban hành khi kỳ báo cáo chưa kết thúc; cần xác nhận số liệu tính đến ngày nào.",
        lambda day, *_: (
            _day("từ", cycle.period_end) if cycle.period_start <= day < cycle.period_end else None
        ),
    )
    yield _rule(
        "DATE-WEEKEND",
        Severity.NOTICE,
        "Ngày ban hành báo cáo là ngày nghỉ.",
        lambda day, *_: None if is_working_day(day) else "ngày làm việc",
    )


def _day(word: str, day: date) -> str:
    return f"{word} {day:%d/%m/%Y}"


def _early(programme: Programme, day: date, request_on: date | None) -> str | None:
    if request_on is None:
        return "sau văn bản đề nghị báo cáo" if programme.letter == "signed" else None
    return _day("từ", request_on) if day < request_on else None


def _rule(rule: str, severity: Severity, message: str, test: Test) -> Rule:
    def check(facts: FormFacts) -> Finding | None:
        day = facts.document_date
        expected = test(day, facts.received_on, facts.request_on) if day is not None else None
        if day is None or expected is None:
            return None
        return Finding(
            rule, severity, message, indicator=DOCUMENT_DATE, seen=f"{day:%d/%m/%Y}", expected=expected
        )

    return Rule(rule, "timeliness", severity, message, check, lambda units: units.dated(test))
