"""quarantine, quarantine show, assign, reread, reject, undo: replies that wait for a person."""

from datetime import datetime
from typing import Annotated, Any

import typer

from deployments.cli import terminal
from deployments.cli.arguments import Basis, current_cycle
from deployments.cli.commands.review import show_reply, show_taken
from deployments.cli.terminal import By, Json, Today, Why, day_option, say

Ids = Annotated[list[int], typer.Argument(help="Số thư đến.", metavar="ID...")]
quarantine_app = typer.Typer(help="Thư chờ người xử lý.", invoke_without_command=True)


@quarantine_app.callback()
def quarantine(invocation: typer.Context, json: Json = False) -> None:
    """Liệt kê thư chờ xử lý, với lý do."""
    if invocation.invoked_subcommand is not None:
        return
    from reporting.replies.quarantine import waiting
    from reporting.store.engine import reading

    context = terminal.context(None, writes=False)
    with reading(context.home.engine) as session:
        rows: list[dict[str, Any]] = [
            {
                "id": reply.id,
                "received_on": reply.received_on.isoformat(),
                "sender": reply.sender,
                "subject": reply.subject,
                "unit": reply.unit.name if reply.unit else None,
                "files": [attachment.file_name for attachment in reply.attachments],
                "reasons": list(reply.reasons),
            }
            for reply in waiting(session, context.programme)
        ]
    if json:
        terminal.show_json(rows)
        return
    columns = ("Thư đến", "Ngày nhận", "Người gửi", "Tiêu đề", "Có thể của", "Lý do")
    terminal.table(
        f"Chờ xử lý: {len(rows)} thư đến",
        columns,
        [
            (
                str(row["id"]),
                terminal.day(row["received_on"]),
                row["sender"] or "",
                row["subject"] or "",
                row["unit"] or "",
                "; ".join(row["reasons"]),
            )
            for row in rows
        ],
    )


@quarantine_app.command("show")
def show(reply_id: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """Đọc một thư: người gửi, nội dung, tệp kèm và nơi giữ bản gốc."""
    from reporting.replies.reading.shown import in_lines, shown_reply
    from reporting.store.engine import reading

    context = terminal.context(None, writes=False)
    with reading(context.home.engine) as session:
        show_reply(in_lines(shown_reply(context, session, reply_id)))


@quarantine_app.command("assign")
def assign(
    ids: Ids,
    unit: Annotated[str, typer.Argument(help="Mã hoặc tên đơn vị.", metavar="UNIT")],
    by: By,
    cycle: Annotated[str | None, typer.Option(help="Kỳ báo cáo (mặc định: kỳ đang mở).")] = None,
    number: Annotated[str | None, typer.Option(help="Số, ký hiệu văn bản.", metavar="N")] = None,
    date: Annotated[datetime | None, day_option("Ngày của văn bản.")] = None,
    remember_sender: Annotated[bool, typer.Option(help="Ghi địa chỉ gửi làm liên hệ đề xuất.")] = False,
    why: Basis = None,
    today: Today = None,
) -> None:
    """Giao thư cho một đơn vị; thư được tiếp nhận với đúng ngày nhận của nó."""
    from reporting.replies.quarantine import Assignment
    from reporting.replies.quarantine import assign as run
    from reporting.store.engine import reading

    context = terminal.context(today)
    with reading(context.home.engine) as session:
        name = cycle or current_cycle(context, session)
    decision = Assignment(unit, name, number, terminal.as_date(date), remember_sender, why)
    taken = run(context, ids, decision, by=by)
    show_taken(context, taken)


@quarantine_app.command("reread")
def reread(ids: Ids, by: By, today: Today = None) -> None:
    """Đọc lại thư mà trước đó chương trình đọc không được (đã nâng cấp, đã khôi phục bản gốc)."""
    from reporting.replies.quarantine import reread as run
    from reporting.words import in_words

    for taken in run(terminal.context(today), ids, by=by):
        say(f"Thư đến {taken.reply_id}: {'; '.join((in_words(taken.state), *taken.reasons))}")


@quarantine_app.command("reject")
def reject(
    ids: Ids,
    by: By,
    why: Why,
    tell: Annotated[bool, typer.Option("--tell", help="Gửi lý do cho người gửi, nguyên văn.")] = False,
    today: Today = None,
) -> None:
    """Loại thư khỏi khu chờ; bản gốc vẫn được giữ."""
    from reporting.replies.quarantine import reject as run
    from reporting.store.engine import writing

    context = terminal.context(today)
    with writing(context.home.engine) as session:
        run(context, session, ids, by=by, why=why, tells=tell)
    for reply_id in ids:
        say(f"Đã loại thư đến {reply_id}. Hoàn tác: kybaocao quarantine undo {reply_id}")


@quarantine_app.command("undo")
def undo(ids: Ids, by: By, why: Why, today: Today = None) -> None:
    """Hoàn tác quyết định giao hoặc loại: thư trở lại chờ xử lý; lịch sử được giữ."""
    from reporting.replies.quarantine import undo as run
    from reporting.store.engine import writing

    context = terminal.context(today)
    with writing(context.home.engine) as session:
        run(context, session, ids, by=by, why=why)
    for reply_id in ids:
        say(f"Thư đến {reply_id} trở lại chờ xử lý.")
