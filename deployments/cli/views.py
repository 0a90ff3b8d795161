"""How a cycle's status and findings look on the terminal."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from deployments.cli import terminal
from reporting.figures.between_cycles import Comparison
from reporting.finding import SEVERITY_WORDS, Finding
from reporting.forms.wording import explained
from reporting.home.context import Context
from reporting.replies.by_hand import cycle_and_unit
from reporting.report.facts.diff import FigureChange
from reporting.states import Severity, ValueKind
from reporting.status import columns
from reporting.status.cycle import CycleStatus, cycle_status
from reporting.status.report_life import ReportLife
from reporting.status.words import CYCLE_STATES, status_line
from reporting.store.tables import FindingRow, Submission
from reporting.vietnamese.formats import number, short_date, two_digits
from reporting.words import WORDS_OF


def show_status(
    status: CycleStatus, life: ReportLife | None, changed: Sequence[FigureChange], now: datetime
) -> None:
    """The sentence to read out, the dates, and one row a unit."""
    if status.rehearsal:
        terminal.say("BẢN DIỄN TẬP - SỐ LIỆU GIẢ ĐỊNH")
    terminal.say(status_line(status, now) + ".")
    dates = status.row or status.cycle
    terminal.say(
        f"Kỳ {status.cycle.name} ({CYCLE_STATES[status.state]}): số liệu {short_date(dates.period_start)} - "
        f"{short_date(dates.period_end)}; mở {short_date(dates.open_on)}, hạn {short_date(dates.due_on)}, "
        f"gia hạn đến {short_date(dates.grace_until)}, khóa sổ {short_date(dates.close_on)}."
    )
    terminal.say(
        f"Sớm {status.early}, đúng hạn {status.on_time}, muộn {status.late}; "
        f"đề nghị rà soát {status.needs_correction}; chờ xử lý {status.quarantined}."
    )
    for line in life.lines if life else ():
        terminal.say(line)
    if changed:
        terminal.say(
            f"{two_digits(len(changed))} số liệu đã thay đổi từ phiên bản đó (xem: check-report, --json)."
        )
    terminal.table(
        "",
        [column.heading for column in columns.TERMINAL],
        [[column.words(unit) for column in columns.TERMINAL] for unit in status.units],
    )


def show_findings(findings: Sequence[Finding]) -> None:
    """The findings of one form."""
    if not findings:
        terminal.say("Không có điểm nào cần rà soát.")
        return
    rows = [
        (
            SEVERITY_WORDS[finding.severity],
            finding.indicator or "",
            finding.cell or "",
            finding.seen or "",
            "\n".join(filter(None, (finding.message, explained(finding.explanation, finding.explained_in)))),
        )
        for finding in findings
    ]
    terminal.table("", ("Mức", "Chỉ tiêu", "Ô", "Đang ghi", "Nội dung"), rows)


def show_stored_findings(
    session: Session, context: Context, cycle: str, unit: str | None, as_json: bool
) -> None:
    """The findings of the versions that count, of all units or one."""
    only = cycle_and_unit(context, session, cycle, unit)[1].id if unit else None
    status = cycle_status(session, context.programme, cycle, as_of=context.today)
    names = {one.submission_id: one.unit.name for one in status.units if one.submission_id}
    query = select(FindingRow).where(FindingRow.submission_id.in_(names)).order_by(FindingRow.id)
    if only is not None:
        query = query.join(Submission).where(Submission.unit_id == only)
    rows: list[dict[str, Any]] = [
        {
            "id": row.id,
            "unit": names[row.submission_id],
            "rule": row.rule,
            "severity": row.severity.value,
            "indicator": row.indicator,
            "cell": row.cell,
            "seen": row.seen,
            "message": row.message,
            "explanation": row.explanation,
            "explained_in": row.explained_in,
            "waived_by": row.waiver.decided_by if row.waiver else None,
        }
        for row in session.scalars(query)
    ]
    if as_json:
        terminal.show_json(rows)
        return
    for entry in rows:
        entry["in_words"] = explained(entry["explanation"], entry["explained_in"])
    columns = ("Mã", "Đơn vị", "Mức", "Chỉ tiêu", "Ô", "Đang ghi", "Nội dung", "Giải trình, chấp nhận")
    terminal.table(
        f"{len(rows)} điểm",
        columns,
        [
            (
                str(entry["id"]),
                str(entry["unit"]),
                SEVERITY_WORDS[Severity(str(entry["severity"]))],
                str(entry["indicator"] or ""),
                str(entry["cell"] or ""),
                str(entry["seen"] or ""),
                str(entry["message"]),
                "\n".join(filter(None, (entry["in_words"], entry["waived_by"]))),
            )
            for entry in rows
        ],
    )


def show_changes(now: CycleStatus, before: CycleStatus, changes: Sequence[Comparison]) -> None:
    """A row an indicator: then, now, and over how much of the country."""
    if now.rehearsal:
        terminal.say("BẢN DIỄN TẬP - SỐ LIỆU GIẢ ĐỊNH")
    terminal.say(
        f"Kỳ {now.cycle.name} ({now.expected} đơn vị) so với kỳ {before.cycle.name} "
        f"({before.expected} đơn vị): chỉ cộng những địa bàn có số liệu ở cả hai kỳ; "
        "đơn vị đã sáp nhập hoặc chia tách được gộp lại."
    )
    rows = [
        (
            change.indicator.code,
            f"{change.indicator.name} ({change.indicator.unit})",
            "" if change.before is None else number(change.before),
            "" if change.now is None else number(change.now),
            "" if change.difference is None else number(change.difference),
            "" if change.percent is None else f"{number(change.percent)}%",
            f"{change.groups}/{change.of}",
            change.note,
        )
        for change in changes
    ]
    columns = ("Mã", "Chỉ tiêu", "Kỳ trước", "Kỳ này", "Tăng, giảm", "%", "Phủ", "Ghi chú")
    terminal.table("", columns, rows)


def show_explained(path: dict[str, Any]) -> None:
    """The figure in a sentence, then a row for each value behind it."""
    figure = path["figure"]
    if path["rehearsal"]:
        terminal.say("BẢN DIỄN TẬP - SỐ LIỆU GIẢ ĐỊNH")
    value = figure["text"] if figure["value"] is None else number(Decimal(figure["value"]))
    sentence = " ".join(
        part for part in (figure["qualifier"], value or "chưa có số liệu", figure["unit"]) if part
    )
    terminal.say(f"{figure['code']} {figure['name']}: {sentence}")
    cover = figure["coverage"]
    terminal.say(
        f"Nguồn: {figure['source']['ref']}; số liệu đến {short_date(date.fromisoformat(figure['as_of']))}"
        + (f"; độ phủ {cover['n']}/{cover['N']}" if cover else "")
        + ("; còn điểm đề nghị rà soát" if figure["flagged"] else "")
        + "."
    )
    for source in path["inputs"]:
        amount = "chưa có số liệu" if source["value"] is None else number(Decimal(source["value"]))
        terminal.say(f"  gồm {source['code']} {source['name']}: {amount} ({source['source']['ref']})")
    for source in path["central"]:
        terminal.say(f"  {source['indicator']}: {source['document']}, {source['recorded_by']} nhập")
    _explained_rows(path)
    for line in _lacking_lines(path):
        terminal.say(line)


def _lacking_lines(path: dict[str, Any]) -> list[str]:
    """A line an indicator and reason: which units are not in the figure."""
    names: dict[tuple[str, str], list[str]] = {}
    for unit in path["missing"]:
        names.setdefault((unit["indicator"], unit["why"]), []).append(unit["name"])
    return [
        f"Không có trong {code} ({why}): {two_digits(len(units))} đơn vị: {', '.join(units)}."
        for (code, why), units in names.items()
    ]


def _explained_rows(path: dict[str, Any]) -> None:
    if path["documents"]:
        rows = [
            (
                paper["name"],
                paper["number"] or "",
                terminal.day(paper["dated"]),
                terminal.day(paper["received_on"]),
                (paper["file_sha256"] or "")[:12],
            )
            for paper in path["documents"]
        ]
        terminal.table("", ("Đơn vị", "Số văn bản", "Ngày", "Nhận ngày", "Tệp gốc"), rows)
    if path["answers"]:
        terminal.table(
            "",
            ("Đơn vị", "Mã", "Giá trị", "Đã ghi", "Ô", "Bản", "Nhận ngày", "Biểu", "Tệp gốc", "Chấp nhận"),
            [_explained_row(answer) for answer in path["answers"]],
        )
        terminal.say("Biểu, tệp gốc: đầu mã SHA-256, tên tệp trong thư mục originals; đủ mã với --json.")


def _explained_row(answer: dict[str, Any]) -> tuple[str, ...]:
    value = answer["value"]
    return (
        answer["name"],
        answer["indicator"],
        number(Decimal(value))
        if value is not None
        else answer["text"] or WORDS_OF[ValueKind][answer["kind"]],
        answer["raw"] or "",
        answer["cell"] or "",
        str(answer["version"]),
        terminal.day(answer["received_on"]),
        answer["file_sha256"][:12],
        answer["reply_sha256"][:12],
        "; ".join(f"{f['waived_by']}: {f['why']}" for f in answer["findings"] if f["waived_by"]),
    )
