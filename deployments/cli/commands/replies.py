"""collect, record, check, form, findings, waive."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from deployments.cli import terminal
from deployments.cli.arguments import Basis, Cycle, OptionalCycle, Unit, current_cycle
from deployments.cli.commands.quarantine import quarantine_app
from deployments.cli.commands.review import review
from deployments.cli.terminal import By, ExitCode, Json, Today, Why, day_option, say


class RecordByDefault(TyperGroup):
    """``record CYCLE UNIT …`` records; only ``record undo ID`` is a command of its own."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, "--help"):
            args.insert(0, "add")
        return list(super().parse_args(ctx, args))


record_app = typer.Typer(
    cls=RecordByDefault,
    no_args_is_help=True,
    help="Ghi nhận báo cáo đến bằng đường khác (trục liên thông, eOffice, giấy): record CYCLE UNIT …",
)


def collect(exit_code: ExitCode = False, today: Today = None) -> None:
    """Một lượt nhận: hộp thư và thư mục thả tệp; lưu, nhận diện, đọc, kiểm tra, trả lời."""
    from reporting.errors import ServiceUnavailable
    from reporting.outcome import NOTHING
    from reporting.replies import collect

    context = terminal.context(today)
    outage: ServiceUnavailable | None = None
    outcome = NOTHING
    try:
        outcome += collect.collect(context)
    except ServiceUnavailable as error:
        outage = error
    outcome += collect.take_in_replies(context)
    if outage is None:
        outcome += collect.file_mail_away(context)
    terminal.show_outcome(outcome, exit_code)
    if outage is not None:
        raise outage


@record_app.command("add")
def record(
    cycle: Cycle,
    unit: Unit,
    by: By,
    received_on: Annotated[datetime, day_option("Ngày Văn phòng nhận được.")],
    channel: Annotated[str, typer.Option(help="exchange, eoffice, paper hoặc email.")],
    number: Annotated[str | None, typer.Option(help="Số, ký hiệu văn bản.", metavar="N")] = None,
    date: Annotated[datetime | None, day_option("Ngày của văn bản.")] = None,
    arrival_no: Annotated[str | None, typer.Option(help="Số đến.")] = None,
    file: Annotated[Path | None, typer.Option(help="Văn bản đã ký.", metavar="F")] = None,
    values: Annotated[Path | None, typer.Option(help="Biểu số liệu.", metavar="FORM.xlsx")] = None,
    why: Basis = None,
    today: Today = None,
) -> None:
    """Ghi nhận một báo cáo; chữ add có thể bỏ: record CYCLE UNIT …"""
    from reporting.replies.by_hand import HandRecord, record_reply

    context = terminal.context(today)
    arrival = HandRecord(
        number, terminal.as_date(date), received_on.date(), channel, arrival_no, file, values
    )
    taken = record_reply(context, cycle, unit, arrival, by=by, why=why)
    if taken.reasons:
        say(
            f"Báo cáo của {taken.unit} (thư đến {taken.reply_id}): {'; '.join(taken.reasons)}; không ghi lại."
        )
    else:
        say(f"Đã ghi nhận báo cáo của {taken.unit} (thư đến {taken.reply_id}).")


@record_app.command("undo")
def undo(
    reply_id: Annotated[int, typer.Argument(metavar="ID")], by: By, why: Why, today: Today = None
) -> None:
    """Hủy một lần tiếp nhận sai; lịch sử được giữ."""
    from reporting.replies.by_hand import undo as run
    from reporting.store.engine import writing

    context = terminal.context(today)
    with writing(context.home.engine) as session:
        run(context, session, reply_id, by=by, why=why)
    say(f"Đã hủy tiếp nhận thư đến {reply_id}.")


def form(
    cycle: Cycle,
    unit: Unit,
    output: Annotated[Path, typer.Option("-o", "--output", help="Tệp .xlsx sẽ ghi.", metavar="FILE")],
    draft: Annotated[
        bool, typer.Option("--draft", help="Ghi thêm đề cương báo cáo (.docx) vào cùng thư mục.")
    ] = False,
    values: Annotated[
        Path | None, typer.Option(help="Với --draft: biểu đã điền, lấy số liệu vào đề cương.", metavar="FORM")
    ] = None,
    today: Today = None,
) -> None:
    """Biểu số liệu (và đề cương báo cáo) của một đơn vị cho một kỳ đã lập hoặc đang mở."""
    from reporting.durable import write_durably
    from reporting.errors import BadInput
    from reporting.replies.try_form import issue_form, issue_outline
    from reporting.requests.outline import FILE

    if values is not None and not draft:
        raise BadInput("--values chỉ dùng cùng với --draft.")
    if values is not None and values.resolve() == output.resolve():
        raise BadInput(f"Biểu trống sẽ ghi đè {values}: hãy chọn tên khác cho -o.")
    context = terminal.context(today, writes=False)
    outline = issue_outline(context, cycle, unit, values) if draft else None
    write_durably(output, issue_form(context, cycle, unit))
    say(f"Đã ghi {output}.")
    if outline is not None:
        write_durably(output.with_name(FILE), outline)
        say(f"Đã ghi {output.with_name(FILE)}.")


def check(
    file: Annotated[Path, typer.Argument(help="Biểu đã điền.", metavar="FILE")],
    json: Json = False,
    today: Today = None,
) -> None:
    """Đọc và kiểm tra một biểu đã điền, không lưu gì; cùng kết luận như khi tiếp nhận."""
    from deployments.cli.views import show_findings
    from reporting.replies.try_form import check_file

    context = terminal.context(today, writes=False)
    verdict = check_file(context, file)
    if json:
        terminal.show_json(verdict.as_json())
    else:
        say(f"{verdict.unit}, kỳ {verdict.cycle}")
        show_findings(verdict.findings)


def findings(
    cycle: OptionalCycle = None,
    unit: Annotated[str | None, typer.Option(help="Chỉ của đơn vị này.")] = None,
    json: Json = False,
) -> None:
    """Các điểm cần rà soát của những bản số liệu đang được tính."""
    from deployments.cli.views import show_stored_findings
    from reporting.store.engine import reading

    context = terminal.context(None, writes=False)
    with reading(context.home.engine) as session:
        show_stored_findings(session, context, cycle or current_cycle(context, session), unit, json)


def waive(
    finding_id: Annotated[int, typer.Argument(metavar="ID")], by: By, why: Why, today: Today = None
) -> None:
    """Chấp nhận một điểm rà soát theo quyết định của người có trách nhiệm."""
    from reporting.replies.by_hand import waive_finding
    from reporting.store.engine import writing

    context = terminal.context(today)
    with writing(context.home.engine) as session:
        waive_finding(context, session, finding_id, by=by, why=why)
    say(f"Đã chấp nhận điểm rà soát {finding_id}.")


def add_to(app: typer.Typer) -> None:
    app.command("collect")(collect)
    quarantine_app.command("review")(review)
    app.add_typer(record_app, name="record")
    app.add_typer(quarantine_app, name="quarantine")
    app.command("form")(form)
    app.command("check")(check)
    app.command("findings")(findings)
    app.command("waive")(waive)
