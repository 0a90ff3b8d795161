"""The rules over the report as a whole, what they look at, and what they say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from reporting.figures.figure import Figure
from reporting.finding import Finding
from reporting.programme.model import CycleDefinition, Programme
from reporting.states import Severity


@dataclass(frozen=True)
class Counted:
    """A report that was received and counts: whose it is and what its paper says."""

    unit: str
    document_date: date | None


@dataclass(frozen=True)
class Replaced:
    """A row of the register that stands where a unit signed something else; both in words."""

    unit: str
    code: str
    row: str
    reply: str


@dataclass(frozen=True)
class WholeReport:
    """What the checks look at. ``request``: number and date of the letter that asked for the reports."""

    programme: Programme
    cycle: CycleDefinition
    as_of: date
    figures: Mapping[str, Figure]
    counted: Sequence[Counted]
    request: tuple[str, date] | None = None
    replaced: Sequence[Replaced] = ()


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
    "REPORT-REGISTER": (
        "consistency",
        Severity.WARNING,
        "Sổ theo dõi do cơ quan tổng hợp nhập khác với báo cáo đơn vị đã gửi",
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


def broken(rule: str, more: str, *, code: str | None = None, seen: str = "", expected: str = "") -> Finding:
    """A finding of a rule that does not hold; ``more`` says where."""
    _, severity, words = RULES[rule]
    return Finding(rule, severity, f"{words}: {more}.", code, None, seen or None, expected or None)
