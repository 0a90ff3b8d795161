"""open, run-day, remind, status, extend, call."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deployments.cli import terminal
from deployments.cli.arguments import Cycle, OptionalCycle, Unit, current_cycle
from deployments.cli.terminal import By, DryRun, ExitCode, Json, Today, Why, day_option, say
from reporting.errors import BadInput

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from reporting.home.context import Context
    from reporting.report.facts.diff import FigureChange
    from reporting.status.cycle import CycleStatus
    from reporting.status.report_life import ReportLife


def open_(
    cycle: Cycle,
    letter: Annotated[Path | None, typer.Option(help="Công văn đã ký (PDF).", metavar="PDF")] = None,
    number: Annotated[str | None, typer.Option(help="Số, ký hiệu công văn.", metavar="N")] = None,
    signed_on: Annotated[datetime | None, day_option("Ngày ký công văn.")] = None,
    by: Annotated[str, typer.Option("--by", help="Người đăng ký.", metavar="TÊN")] = "",
    take_back: Annotated[
        str | None,
        typer.Option(
            "--take-back",
            help="Rút kỳ lập nhầm mà chưa mở, chưa gửi thư nào; ghi lý do, kèm --by.",
            metavar="LÝ DO",
        ),
    ] = None,
    dry_run: DryRun = False,
    today: Today = None,
) -> None:
    """Lập kỳ và dự thảo công văn; hoặc đăng ký công văn đã ký và xếp hàng thư yêu cầu."""
    from reporting.requests.lifecycle import open_or_register
    from reporting.requests.queue import preview_requests

    if take_back is not None:
        _take_back(cycle, by.strip(), take_back.strip(), today)
        return
    given = (letter, number, terminal.as_date(signed_on), by)
    if any(given) and not all(given):
        raise BadInput("Đăng ký công văn cần đủ: --letter, --number, --signed-on, --by.")
    context = terminal.context(today, writes=not dry_run)
    for line in preview_requests(context, cycle) if dry_run else open_or_register(context, cycle, given):
        say(line)
    terminal.warn_of_stand_ins(context)
    if not dry_run:
        _write_pages(context)


def _take_back(cycle: str, by: str, why: str, today: datetime | None) -> None:
    from reporting.requests.right_time import take_back
    from reporting.store.engine import writing

    if not by or not why:
        raise BadInput("Rút một kỳ cần người quyết định (--by) và lý do.")
    context = terminal.context(today)
    with writing(context.home.engine) as session:
        take_back(context, session, cycle, by=by, why=why)
    say(f"Đã rút kỳ {cycle}; kỳ còn trong calendar.yaml và chưa khóa sổ thì lượt chạy sau lập lại.")


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
    from reporting.status.cycle import cycle_status
    from reporting.status.report_life import report_life
    from reporting.status.views import find_view, in_view
    from reporting.status.words import status_line
    from reporting.store.engine import reading

    context = terminal.context(today, writes=False)
    _complain_of_leftovers(context)
    if page:
        for file in _write_pages(context):
            say(str(file))
        return
    with reading(context.home.engine) as session:
        name = cycle or current_cycle(context, session)
        day = terminal.as_date(as_of) or context.today
        standing = cycle_status(
            session, context.programme, name, as_of=day, known_on=terminal.as_date(known_on)
        )
        if view is not None:
            standing = in_view(standing, find_view(standing, view))
        if line:
            # To be read out in an office here: never turned.
            terminal.quote(status_line(standing, context.now))
            return
        life = report_life(session, context.programme, standing)
        changed = _changes(context, session, standing, life) if view is None else []
        if json:
            report = {**life.as_json(), "changes": [change.as_json() for change in changed]} if life else None
            terminal.show_json({**standing.as_json(), "report": report})
        else:
            show_status(standing, life, changed, context.now)


def _complain_of_leftovers(context: "Context") -> None:
    from reporting.home.leftovers import left_behind

    for left in left_behind(context.home.path):
        terminal.complain(
            f"Lệnh backup hoặc restore dừng giữa chừng còn để lại {left} (có khóa, địa chỉ thư)."
        )


def _write_pages(context: "Context") -> list[Path]:
    """Make the pages say what is so now; where they lie."""
    from reporting.pages.site import write_site

    return list(write_site(context))


def _changes(
    context: "Context", session: "Session", status: "CycleStatus", life: "ReportLife | None"
) -> "list[FigureChange]":
    """The figures that are no longer as in the version that stands."""
    from reporting.report.versions import changes_since

    if life is None or status.as_of < life.standing.version.as_of:
        return []
    return changes_since(session, context.home, context.programme, status, life.standing.version) or []


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
        addresses = run(context, session, cycle, unit, until=until.date(), by=by, why=why)
    say(f"Đã gia hạn {unit} đến {until:%d/%m/%Y}.")
    say(
        f"Thư báo hạn mới chờ gửi đến {addresses} địa chỉ."
        if addresses
        else "Không có thư báo: hãy báo cho đơn vị."
    )


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


def add_to(app: typer.Typer) -> None:
    app.command("open")(open_)
    app.command("run-day")(run_day)
    app.command("remind")(remind)
    app.command("status")(status)
    app.command("extend")(extend)
    app.command("call")(call)
