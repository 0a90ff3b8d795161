"""open, run-day, remind, status, extend, call, compile, explain, changes, audit."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deployments.cli import terminal
from deployments.cli.terminal import By, DryRun, ExitCode, Json, Today, Why, day_option, say
from reporting.errors import BadInput

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from reporting.home.context import Context
    from reporting.report.facts.diff import FigureChange
    from reporting.status.cycle import CycleStatus
    from reporting.status.report_life import ReportLife

Cycle = Annotated[str, typer.Argument(help="Kỳ báo cáo, ví dụ annual-2023.", metavar="CYCLE")]
OptionalCycle = Annotated[
    str | None, typer.Argument(help="Kỳ báo cáo (mặc định: kỳ đang mở).", metavar="CYCLE")
]
Unit = Annotated[
    str, typer.Argument(help="Mã hoặc tên đơn vị (đơn vị sau sáp nhập: thêm chữ mới).", metavar="UNIT")
]


def open_(
    cycle: Cycle,
    letter: Annotated[Path | None, typer.Option(help="Công văn đã ký (PDF).", metavar="PDF")] = None,
    number: Annotated[str | None, typer.Option(help="Số, ký hiệu công văn.", metavar="N")] = None,
    signed_on: Annotated[datetime | None, day_option("Ngày ký công văn.")] = None,
    by: Annotated[str, typer.Option("--by", help="Người đăng ký.", metavar="TÊN")] = "",
    dry_run: DryRun = False,
    today: Today = None,
) -> None:
    """Lập kỳ và dự thảo công văn; hoặc đăng ký công văn đã ký và xếp hàng thư yêu cầu."""
    from reporting.requests.opening import open_or_register

    given = (letter, number, terminal.as_date(signed_on), by)
    if any(given) and not all(given):
        raise BadInput("Đăng ký công văn cần đủ: --letter, --number, --signed-on, --by.")
    for line in open_or_register(terminal.context(today, writes=not dry_run), cycle, given, dry_run=dry_run):
        say(line)


def run_day(exit_code: ExitCode = False, today: Today = None) -> None:
    """Làm mọi việc đến hạn trong ngày, theo thứ tự."""
    import asyncio

    from expectations.gate import check_cycle
    from reporting.day import run_day as run

    terminal.show_outcome(asyncio.run(run(terminal.context(today), check_cycle)), exit_code)


def remind(dry_run: DryRun = False, exit_code: ExitCode = False, today: Today = None) -> None:
    """Xếp hàng thư nhắc đến hạn, dự thảo công văn đôn đốc đến hạn, cho biết số đơn vị cần gọi điện."""
    from reporting.day import queue_due
    from reporting.follow_up.preview import calls_due, reminders_due

    if dry_run:
        for line in reminders_due(terminal.context(today, writes=False)):
            say(line)
        return
    context = terminal.context(today)
    outcome = queue_due(context)
    calls = calls_due(context)
    if calls:
        say(f"Cần gọi điện hôm nay: {calls} đơn vị (kybaocao call-list).")
    terminal.show_outcome(outcome, exit_code)


def status(
    cycle: OptionalCycle = None,
    as_of: Annotated[datetime | None, day_option("Số liệu đến hết ngày này (mặc định: hôm nay).")] = None,
    known_on: Annotated[datetime | None, day_option("Chỉ tính những gì đã ghi đến hết ngày này.")] = None,
    line: Annotated[bool, typer.Option("--line", help="Một câu để đọc.")] = False,
    view: Annotated[
        str | None,
        typer.Option(help="Xem theo đơn vị của kỳ (63) hay theo đơn vị hiện nay (34).", metavar="63|34"),
    ] = None,
    page: Annotated[
        bool, typer.Option("--page", help="Lập lại trang tình hình (status/…/index.html).")
    ] = False,
    json: Json = False,
    today: Today = None,
) -> None:
    """Kỳ báo cáo đang đến đâu."""
    from deployments.cli.views import show_status
    from reporting.home.leftovers import left_behind
    from reporting.status.cycle import cycle_status
    from reporting.status.report_life import report_life
    from reporting.status.views import find_view, in_view
    from reporting.status.words import status_line
    from reporting.store.engine import reading

    context = terminal.context(today, writes=False)
    for left in left_behind(context.home.path):
        terminal.complain(
            f"Lệnh backup hoặc restore dừng giữa chừng còn để lại {left} (có khóa, địa chỉ thư)."
        )
    if page:
        from reporting.pages.site import write_site

        for file in write_site(context):
            say(str(file))
        return
    with reading(context.home.engine) as session:
        name = cycle or current_cycle(context, session)
        day = terminal.as_date(as_of) or context.today
        found = cycle_status(session, context.programme, name, as_of=day, known_on=terminal.as_date(known_on))
        if view is not None:
            found = in_view(found, find_view(found, view))
        if line:
            terminal.quote(status_line(found, context.now))  # to be read out in an office here: never turned
            return
        life = report_life(session, context.programme, found)
        changed = _changes(context, session, found, life) if view is None else []
        if json:
            report = {**life.as_json(), "changes": [each.as_json() for each in changed]} if life else None
            terminal.show_json({**found.as_json(), "report": report})
        else:
            show_status(found, life, changed, context.now)


def _changes(
    context: "Context", session: "Session", status: "CycleStatus", life: "ReportLife | None"
) -> "list[FigureChange]":
    """The figures that are no longer as in the version that stands."""
    from reporting.report.versions import changes_since

    if life is None or status.as_of < life.standing.version.as_of:
        return []
    return changes_since(session, context.home, context.programme, status, life.standing.version) or []


def current_cycle(context: "Context", session: "Session") -> str:
    """The cycle that is open, or else planned, for a command that was given none."""
    from reporting.home.context import current_cycles

    current = current_cycles(session, context.programme)
    opened = [row.name for row, _ in current if row.state == "open"] or [row.name for row, _ in current]
    if not opened:
        raise BadInput("Chưa có kỳ báo cáo nào đang lập hoặc đang mở: hãy nêu tên kỳ.")
    return opened[0]


def extend(
    cycle: Cycle,
    unit: Unit,
    until: Annotated[datetime, day_option("Hạn mới.")],
    by: By,
    why: Why,
    today: Today = None,
) -> None:
    """Gia hạn cho một đơn vị và gửi thư báo hạn mới."""
    from reporting.requests.extension import extend as run
    from reporting.store.engine import writing

    context = terminal.context(today)
    with writing(context.home.engine) as session:
        told = run(context, session, cycle, unit, until=until.date(), by=by, why=why)
    say(f"Đã gia hạn {unit} đến {until:%d/%m/%Y}.")
    say(f"Thư báo hạn mới chờ gửi đến {told} địa chỉ." if told else "Không có thư báo: hãy báo cho đơn vị.")


def call(
    cycle: Cycle,
    unit: Unit,
    by: By,
    spoke_to: Annotated[str, typer.Option(help="Đã nói chuyện với ai.", metavar="TÊN")],
    result: Annotated[str, typer.Option(help="Kết quả.", metavar="TEXT")],
    promised_on: Annotated[datetime | None, day_option("Ngày Sở hẹn gửi.")] = None,
    today: Today = None,
) -> None:
    """Ghi một cuộc gọi và lời hẹn; thư nhắc tạm dừng theo đó."""
    from reporting.follow_up.calls import log_call
    from reporting.store.engine import writing

    context = terminal.context(today)
    with writing(context.home.engine) as session:
        log_call(
            context,
            session,
            cycle,
            unit,
            by=by,
            spoke_to=spoke_to,
            result=result,
            promised_on=terminal.as_date(promised_on),
        )
    say("Đã ghi.")


def compile_(
    cycle: Cycle,
    as_of: Annotated[datetime | None, day_option("Số liệu đến hết ngày này (mặc định: hôm nay).")] = None,
    today: Today = None,
) -> None:
    """Tổng hợp báo cáo thành một phiên bản mới, hoặc cho biết không có gì thay đổi."""
    from expectations.gate import check_cycle
    from reporting.report.compile_cycle import compile_cycle

    context = terminal.context(today)
    as_of_day = terminal.as_date(as_of) or context.today
    terminal.show_outcome(compile_cycle(context, cycle, as_of_day, check_cycle), exit_code=False)


def period_report(today: Today = None) -> None:
    """Tổng kết cả thời hạn chương trình từ các kỳ đã lưu: từng năm, cộng cả giai đoạn, nguồn của từng số."""
    from reporting.report.period.write import write_period_report
    from reporting.store.engine import reading

    context = terminal.context(today, writes=False)
    with reading(context.home.engine) as session:
        made = write_period_report(
            context.home, session, context.programme, today=context.today, rehearsal=context.rehearsal
        )
    say(f"{'Đã lập' if made.is_new else 'Không có gì thay đổi so với'} {made.folder}.")
    for year in made.years:
        say(f"  {year.cycle.name}: {year.source}")
    if made.without:
        say(f"Chưa có số liệu của {', '.join(made.without)}: phần cộng chỉ gồm các kỳ nêu trên.")


def explain(
    cycle: Cycle,
    code: Annotated[str, typer.Argument(help="Mã số liệu, ví dụ MH03.06.", metavar="CODE")],
    as_of: Annotated[datetime | None, day_option("Số liệu đến hết ngày này (mặc định: hôm nay).")] = None,
    known_on: Annotated[datetime | None, day_option("Chỉ tính những gì đã ghi đến hết ngày này.")] = None,
    json: Json = False,
    today: Today = None,
) -> None:
    """Một con số từ đâu ra: giá trị, nguồn, độ phủ, từng đơn vị, bản, ô, tệp gốc, quyết định chấp nhận."""
    from deployments.cli.views import show_explained
    from reporting.report.explain import explain_figure
    from reporting.store.engine import reading

    context = terminal.context(today, writes=False)
    day = terminal.as_date(as_of) or context.today
    with reading(context.home.engine) as session:
        told = explain_figure(
            session, context.programme, cycle, code, as_of=day, known_on=terminal.as_date(known_on)
        )
    if json:
        terminal.show_json(told)
    else:
        show_explained(told)


def changes(
    cycle: Cycle,
    against: Annotated[
        str | None, typer.Option(help="So với kỳ nào (mặc định: kỳ cùng loại liền trước).", metavar="CYCLE")
    ] = None,
    as_of: Annotated[datetime | None, day_option("Số liệu đến hết ngày này (mặc định: hôm nay).")] = None,
    json: Json = False,
    today: Today = None,
) -> None:
    """So với kỳ trước, trên những địa phương có số ở cả hai kỳ, kể cả khi đã sáp nhập, chia tách."""
    from deployments.cli.views import show_changes
    from reporting.figures.between_cycles import changes_between
    from reporting.store.engine import reading

    context = terminal.context(today, writes=False)
    with reading(context.home.engine) as session:
        now, before, found = changes_between(
            session, context.programme, cycle, against, as_of=terminal.as_date(as_of) or context.today
        )
        if json:
            told = [each.as_json() for each in found]
            terminal.show_json({"cycle": now.cycle.name, "against": before.cycle.name, "changes": told})
        else:
            show_changes(now, before, found)


def audit(cycle: OptionalCycle = None, json: Json = False) -> None:
    """Ai, việc gì, khi nào, vì sao."""
    from sqlalchemy import or_, select

    from reporting.store.engine import reading
    from reporting.store.tables import AuditEvent

    context = terminal.context(None, writes=False)
    if cycle is not None:
        context.programme.cycle(cycle)  # a mistyped name is no empty history
    with reading(context.home.engine) as session:
        # What is of no cycle (contacts, the folder) is told with every programme.
        its = or_(AuditEvent.programme.is_(None), AuditEvent.programme == context.programme.id)
        query = select(AuditEvent).where(its).order_by(AuditEvent.id)
        events = session.scalars(query.where(AuditEvent.cycle == cycle) if cycle else query).all()
        session.expunge_all()
    if json:
        names = ("actor", "action", "cycle", "unit", "subject", "detail", "why")
        terminal.show_json(
            [
                {"at": event.at.isoformat(), **{name: getattr(event, name) for name in names}}
                for event in events
            ]
        )
        return
    rows = [
        (
            f"{event.at:%d/%m/%Y %H:%M}",
            event.actor,
            event.action,
            event.unit or "",
            event.subject or "",
            "; ".join(part for part in (event.detail, event.why) if part),
        )
        for event in events
    ]
    terminal.table("Nhật ký", ("Lúc", "Ai", "Việc", "Đơn vị", "Đối tượng", "Chi tiết"), rows)


def add_to(app: typer.Typer) -> None:
    app.command("open")(open_)
    app.command("run-day")(run_day)
    app.command("remind")(remind)
    app.command("status")(status)
    app.command("extend")(extend)
    app.command("call")(call)
    app.command("compile")(compile_)
    app.command("explain")(explain)
    app.command("period-report")(period_report)
    app.command("changes")(changes)
    app.command("audit")(audit)
