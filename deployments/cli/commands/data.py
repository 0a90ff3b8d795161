"""register import, figures import; export and import of a cycle's figures."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from deployments.cli import terminal
from deployments.cli.arguments import Basis, Cycle, current_cycle
from deployments.cli.terminal import By, ExitCode, Today, day_option, say

register_app = typer.Typer(help="Sổ theo dõi chương trình phối hợp đã ban hành.", no_args_is_help=True)
figures_app = typer.Typer(help="Số liệu của cơ quan trung ương.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="Tệp .csv hoặc .xlsx.", metavar="FILE")]
OfCycle = Annotated[str | None, typer.Option("--cycle", help="Kỳ báo cáo (mặc định: kỳ đang mở).")]


@register_app.command("import")
def register_import(
    file: File,
    by: By,
    source: Annotated[str, typer.Option(help="Văn bản làm căn cứ.", metavar="DOC")],
    cycle: OfCycle = None,
    today: Today = None,
) -> None:
    """Nhập các dòng của sổ theo dõi từ một tệp; sai một dòng thì không nhập dòng nào."""
    from reporting.received.register_file import import_register
    from reporting.store.engine import writing

    context = terminal.context(today)
    with writing(context.home.engine) as session:
        definition = context.programme.cycle(cycle or current_cycle(context, session))
        count = import_register(
            session,
            context.programme,
            definition,
            file,
            source=source,
            by=by,
            now=context.now,
            today=context.today,
        )
    say(f"Đã nhập {count} dòng.")


@figures_app.command("import")
def figures_import(
    file: File,
    by: By,
    source: Annotated[str | None, typer.Option(help="Văn bản có số liệu.", metavar="DOC")] = None,
    as_of: Annotated[datetime | None, day_option("Số liệu đến hết ngày này (mặc định: hôm nay).")] = None,
    cycle: OfCycle = None,
    today: Today = None,
) -> None:
    """Nhập số liệu của cơ quan trung ương từ văn bản có tên; sai một dòng thì không nhập dòng nào."""
    from reporting.home.context import cycle_row
    from reporting.received.central_figures import import_figures
    from reporting.store.engine import writing

    context = terminal.context(today)
    with writing(context.home.engine) as session:
        row = cycle_row(session, context.programme, cycle or current_cycle(context, session))
        count = import_figures(
            session,
            context.programme,
            row,
            file,
            source=source,
            as_of=terminal.as_date(as_of),
            by=by,
            now=context.now,
            today=context.today,
        )
    say(f"Đã nhập {count} số liệu.")


def export(
    cycle: Cycle,
    output: Annotated[Path, typer.Option("-o", "--output", help="Tệp .xlsx sẽ ghi.", metavar="FILE")],
) -> None:
    """Xuất số liệu đang được tính của một kỳ thành một bảng, mỗi câu trả lời một dòng."""
    from reporting.store.engine import reading
    from reporting.upkeep.export import export_cycle

    context = terminal.context(None, writes=False)
    with reading(context.home.engine) as session:
        count = export_cycle(context, session, cycle, output)
    say(f"Đã xuất số liệu của {count} đơn vị vào {output}.")


def import_(
    file: File,
    by: By,
    why: Basis = None,
    exit_code: ExitCode = False,
    today: Today = None,
) -> None:
    """Nhập bảng số liệu của một kỳ đã qua (do export lập, hoặc từ bảng tính cũ); không gửi thư cho ai."""
    from reporting.upkeep.import_cycle import import_cycle

    terminal.show_outcome(import_cycle(terminal.context(today), file, by=by, why=why), exit_code)


def add_to(app: typer.Typer) -> None:
    app.command("export")(export)
    app.command("import")(import_)
    app.add_typer(register_app, name="register")
    app.add_typer(figures_app, name="figures")
