"""Checks of the report as a whole: its sources, its dates, its sums. Pure, over the compiled figures.

One finding a source or rule, not one a number: a source is put right once. An error stops the last
approval until it is settled or signed over; a warning stands on the leader's slip.
"""

from collections.abc import Iterator

from reporting.finding import Finding
from reporting.report.facts.rules import WholeReport, broken
from reporting.report.facts.source_checks import source_findings
from reporting.report.facts.sum_checks import edit_findings, sums
from reporting.states import SourceKind
from reporting.vietnamese.cited_numbers import cited_documents
from reporting.vietnamese.working_days import is_working_day


def report_findings(report: WholeReport) -> list[Finding]:
    """What does not hold in the report as a whole."""
    values = {code: figure.value for code, figure in report.figures.items() if figure.value is not None}
    return [
        *_dates(report),
        *source_findings(report),
        *_orders(report),
        *_register(report),
        *sums(report.programme, values),
        *edit_findings(report, values),
    ]


def _dates(report: WholeReport) -> Iterator[Finding]:
    late = [reply for reply in report.counted if reply.document_date and reply.document_date > report.as_of]
    if late:
        names = ", ".join(f"{reply.unit} ({reply.document_date:%d/%m/%Y})" for reply in late)
        yield broken("REPORT-REPLY-DATE", names, expected=f"không sau {report.as_of:%d/%m/%Y}")
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
            yield broken("REPORT-WEEKEND", f"{number} ngày {day:%d/%m/%Y}", seen=f"{day:%d/%m/%Y}")


def _orders(report: WholeReport) -> Iterator[Finding]:
    for activity in report.cycle.activities:
        day, cited = activity.order_on, f"{activity.order} ngày {activity.order_on:%d/%m/%Y}"
        if day > activity.starts_on:
            more = f"{cited}, {activity.name} bắt đầu ngày {activity.starts_on:%d/%m/%Y}"
            yield broken(
                "REPORT-ORDER",
                more,
                seen=f"{day:%d/%m/%Y}",
                expected=f"không sau {activity.starts_on:%d/%m/%Y}",
            )
        if not is_working_day(day):
            yield broken("REPORT-WEEKEND", cited, seen=f"{day:%d/%m/%Y}")


def _register(report: WholeReport) -> Iterator[Finding]:
    for row in report.replaced:
        more = f"{row.unit}, sổ ghi {row.row}; đơn vị báo cáo {row.reply}"
        yield broken("REPORT-REGISTER", more, code=row.code, seen=row.row, expected=row.reply)
