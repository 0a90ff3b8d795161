"""compile, explain, period-report, changes, audit: what came of a cycle, and how."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from deployments.cli import terminal
from deployments.cli.arguments import Cycle, OptionalCycle
from deployments.cli.terminal import Json, Today, day_option, say

if TYPE_CHECKING:
    pass


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
        explained = explain_figure(
            session, context.programme, cycle, code, as_of=day, known_on=terminal.as_date(known_on)
        )
    if json:
        terminal.show_json(explained)
    else:
        show_explained(explained)


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
        now, before, comparisons = changes_between(
            session, context.programme, cycle, against, as_of=terminal.as_date(as_of) or context.today
        )
        if json:
            rows = [comparison.as_json() for comparison in comparisons]
            terminal.show_json({"cycle": now.cycle.name, "against": before.cycle.name, "changes": rows})
        else:
            show_changes(now, before, comparisons)


def audit(
    cycle: OptionalCycle = None,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Kiểm tra dữ liệu và tệp có khớp nhau không; mã 1 khi có chỗ sai."),
    ] = False,
    json: Json = False,
) -> None:
    """Ai, việc gì, khi nào, vì sao; hoặc (--verify) dữ liệu và tệp của thư mục có khớp nhau không."""
    if verify:
        _verify(json)
        return
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


def _verify(json: bool) -> None:
    from reporting.verify.home import violations

    wrong = violations(terminal.context(None, writes=False))
    if json:
        terminal.show_json(wrong)
    elif wrong:
        for line in wrong:
            terminal.complain(f"✗ {line}")
        say(f"Có {len(wrong)} chỗ không khớp: giữ nguyên thư mục, so với bản sao lưu gần nhất.")
    else:
        say("Dữ liệu và tệp của thư mục khớp nhau.")
    if wrong:
        raise typer.Exit(1)


def add_to(app: typer.Typer) -> None:
    app.command("compile")(compile_)
    app.command("explain")(explain)
    app.command("period-report")(period_report)
    app.command("changes")(changes)
    app.command("audit")(audit)
