"""day confirm, day take-back: a person's word about the clock."""

from datetime import datetime
from typing import Annotated

import typer

from deployments.cli import terminal
from deployments.cli.terminal import DAY_FORMATS, By, Today, Why, say

day_app = typer.Typer(help="Ngày làm việc khi đồng hồ máy sai hoặc máy nghỉ lâu.", no_args_is_help=True)
Day = Annotated[datetime, typer.Argument(formats=DAY_FORMATS, metavar="YYYY-MM-DD", help="Ngày.")]


@day_app.command("confirm")
def confirm(day: Day, by: By, why: Why) -> None:
    """Xác nhận hôm nay đúng là ngày ấy (máy nghỉ lâu rồi chạy lại); các lệnh chạy tiếp từ ngày đó."""
    from reporting.home.days import confirm as run
    from reporting.store.engine import writing

    context = terminal.context(None, writes=False)
    with writing(context.home.engine) as session:
        run(session, day.date(), now=context.now, by=by, why=why)
    say(f"Đã xác nhận hôm nay là {day:%d/%m/%Y}.")


@day_app.command("take-back")
def take_back(day: Day, by: By, why: Why, today: Today = None) -> None:
    """Lấy lại những ngày ghi ở tương lai do đồng hồ sai, từ ngày ấy; nêu việc đã gỡ và việc phải xem."""
    from reporting.pages.site import write_site
    from reporting.store.engine import writing
    from reporting.upkeep.wrong_clock import take_back as run

    context = terminal.context(today, writes=False)
    with writing(context.home.engine) as session:
        outcome = run(context, session, day.date(), by=by, why=why)
    say(f"Đã lấy lại các ngày từ {day:%d/%m/%Y}; ngày làm việc gần nhất nay là {context.today:%d/%m/%Y}.")
    write_site(context)  # the pages told of those days, too
    terminal.show_outcome(outcome, exit_code=False)


def add_to(app: typer.Typer) -> None:
    app.add_typer(day_app, name="day")
