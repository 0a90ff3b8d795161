"""approve, return: a person's decision on the report that was compiled."""

from typing import Annotated

import typer

from deployments.cli import edge
from deployments.cli.cycle import Cycle
from deployments.cli.edge import By, Today, say

Comment = Annotated[str | None, typer.Option(help="Ý kiến.", metavar="Ý KIẾN", callback=edge.filled)]
OverWhy = Annotated[
    str | None,
    typer.Option(
        "--why", help="Lý do, khi ký vượt điểm còn mở hoặc giữ ngày chốt.", metavar="LÝ DO",
        callback=edge.filled,
    ),
]  # fmt: skip


def approve(cycle: Cycle, by: By, comment: Comment = None, why: OverWhy = None, today: Today = None) -> None:
    """Duyệt báo cáo ở bước đang chờ; bước đầu là chuyên viên trình, bước cuối là lãnh đạo ký."""
    _decide("approve", cycle, by, comment, why, today)


def return_(
    cycle: Cycle,
    by: By,
    comment: Annotated[
        str, typer.Option(help="Vì sao trả lại, cần sửa gì.", metavar="Ý KIẾN", callback=edge.filled)
    ],
    today: Today = None,
) -> None:
    """Trả lại báo cáo đang trình, kèm ý kiến; báo cáo được trình lại từ bước đầu."""
    _decide("return", cycle, by, comment, None, today)


def _decide(decision: str, cycle: str, by: str, comment: str | None, why: str | None, today: Today) -> None:
    from reporting.approval import decide
    from reporting.store.engine import writing

    desk = edge.desk(today)
    with writing(desk.home.engine) as session:
        found = decide(desk, session, cycle, decision, by=by, comment=comment, why=why)
        say(f"Báo cáo {cycle}, {found.words}.")
        for line in found.decisions[-1].overrules or ():
            say(f"• ký vượt: {line}")


def add_to(app: typer.Typer) -> None:
    app.command("approve")(approve)
    app.command("return")(return_)
