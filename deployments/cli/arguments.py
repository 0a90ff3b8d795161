"""Arguments that several groups of commands share."""

from typing import TYPE_CHECKING, Annotated

import typer

from deployments.cli import terminal
from reporting.errors import BadInput

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from reporting.home.context import Context


Cycle = Annotated[str, typer.Argument(help="Kỳ báo cáo, ví dụ annual-2023.", metavar="CYCLE")]
OptionalCycle = Annotated[
    str | None, typer.Argument(help="Kỳ báo cáo (mặc định: kỳ đang mở).", metavar="CYCLE")
]
Unit = Annotated[
    str, typer.Argument(help="Mã hoặc tên đơn vị (đơn vị sau sáp nhập: thêm chữ mới).", metavar="UNIT")
]
Basis = Annotated[
    str | None,
    typer.Option(
        "--why",
        help="Căn cứ, khi nhận thêm số liệu sau bản đã được chấp nhận.",
        metavar="CĂN CỨ",
        callback=terminal.filled,
    ),
]


def current_cycle(context: "Context", session: "Session") -> str:
    """The cycle that is open, or else planned, for a command that was given none."""
    from reporting.home.context import current_cycles
    from reporting.status.first_steps import first_steps

    current = current_cycles(session, context.programme)
    opened = [row.name for row, _ in current if row.state == "open"] or [row.name for row, _ in current]
    if not opened:
        steps = first_steps(session, context.programme, context.today)
        raise BadInput(f"Chưa có kỳ báo cáo nào đang lập hoặc đang mở: {steps}.")
    return opened[0]
