"""Where a cycle stands, in words and signs: the same on the terminal, the pages, in mails and in Prefect."""

from datetime import date, datetime

from reporting import clock
from reporting.states import CycleState, DocumentKind
from reporting.status.cycle import CycleStatus
from reporting.status.unit import UnitState, UnitStatus
from reporting.vietnamese.formats import moment, short_date, two_digits
from reporting.words import WORDS_OF

NAMES_IN_A_SENTENCE = 15
# A sign beside the colour: black-and-white print and colour-blind readers need no colour.
SIGNS = {
    UnitState.MISSING: "✕",
    UnitState.UNDER_REVIEW: "?",
    UnitState.DRAFT: "…",
    UnitState.LETTER_ONLY: "…",
    UnitState.NEEDS_CORRECTION: "!",
    UnitState.ACCEPTED: "✓",
    UnitState.ACCEPTED_WITH_WAIVERS: "✓",
    UnitState.PARTIAL: "½",
}
WORDS = {
    UnitState.MISSING: "chưa báo cáo",
    UnitState.UNDER_REVIEW: "đang xem xét",
    UnitState.DRAFT: "đã có số liệu, chờ văn bản ký",
    UnitState.LETTER_ONLY: "đã có văn bản, chờ biểu số liệu",
    UnitState.NEEDS_CORRECTION: "đề nghị rà soát",
    UnitState.ACCEPTED: "đã chấp nhận",
    UnitState.ACCEPTED_WITH_WAIVERS: "chấp nhận có ghi chú",
    UnitState.PARTIAL: "một phần",
}
CYCLE_STATES = WORDS_OF[CycleState]


def status_line(status: CycleStatus, now: datetime) -> str:
    """One sentence to read out: reported and usable, who is left, as of when."""
    names = [unit.unit.name for unit in status.missing]
    left = f"còn {two_digits(len(names))}: {name_list(names)}" if names else "không còn đơn vị nào chưa gửi"
    is_past = clock.day_of(now) > status.as_of
    until = f"hết ngày {short_date(status.as_of)}" if is_past else moment(now)
    usable = f"{two_digits(status.usable)} có biểu số liệu dùng được"
    if status.view is not None:
        partial = [f"{unit.unit.name} (thiếu {name_list(_left_of(unit))})" for unit in status.partial]
        some = f"{two_digits(len(partial))} một phần: {name_list(partial)}; " if partial else ""
        return (
            f"Theo {status.expected} đơn vị từ {short_date(status.view.since)}: "
            f"{status.reported}/{status.expected} đã đủ báo cáo, {usable}; {some}{left}; tính đến {until}"
        )
    letters = sum(unit.is_reported and unit.document_kind == DocumentKind.LETTER for unit in status.units)
    return (
        f"{status.reported}/{status.expected} {status.programme.words.reporter} đã gửi báo cáo "
        f"({two_digits(status.reported - letters)} báo cáo, {two_digits(letters)} công văn); "
        f"{usable}; {left}; tính đến {until}"
    )


def days_left(status: CycleStatus, today: date) -> str:
    """How far the due date is, in words."""
    dates = status.row or status.cycle
    if status.state is CycleState.CLOSED:
        return f"Kỳ đã khóa sổ ngày {short_date(dates.close_on)}"
    if status.state is CycleState.PLANNED:
        opens = (dates.open_on - today).days
        when = f"còn {opens} ngày nữa là đến ngày mở kỳ" if opens > 0 else "đã đến ngày mở kỳ"
        return f"Kỳ chưa mở: {when} ({short_date(dates.open_on)})"
    left = (dates.due_on - today).days
    if left > 0:
        return f"Còn {left} ngày đến hạn nộp {short_date(dates.due_on)}"
    if left == 0:
        return f"Hôm nay là hạn nộp {short_date(dates.due_on)}"
    return (
        f"Đã quá hạn nộp {-left} ngày (hạn {short_date(dates.due_on)}); "
        f"khóa sổ ngày {short_date(dates.close_on)}"
    )


def name_list(names: list[str], limit: int = NAMES_IN_A_SENTENCE) -> str:
    """Names side by side; beyond ``limit`` only how many more there are."""
    if len(names) <= limit:
        return ", ".join(names)
    return f"{', '.join(names[:limit])} và {len(names) - limit} đơn vị khác"


def _left_of(unit: UnitStatus) -> list[str]:
    return [f"{part.unit.name} cũ" for part in unit.parts if not part.is_reported]
