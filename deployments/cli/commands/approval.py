"""approve, return, issue, correct-report: from the compiled report to the one that was sent out."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deployments.cli import terminal
from deployments.cli.arguments import Cycle
from deployments.cli.terminal import By, Today, Why, day_option, say

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from reporting.approval.issue import Issued
    from reporting.home.context import Context

Comment = Annotated[str | None, typer.Option(help="Ý kiến.", metavar="Ý KIẾN", callback=terminal.filled)]
OverWhy = Annotated[
    str | None,
    typer.Option(
        "--why", help="Lý do, khi ký vượt điểm còn mở hoặc giữ ngày chốt.", metavar="LÝ DO",
        callback=terminal.filled,
    ),
]  # fmt: skip


def approve(cycle: Cycle, by: By, comment: Comment = None, why: OverWhy = None, today: Today = None) -> None:
    """Duyệt báo cáo ở bước đang chờ; bước đầu là chuyên viên trình, bước cuối là lãnh đạo ký."""
    _decide("approve", cycle, by, comment, why, today)


def return_(
    cycle: Cycle,
    by: By,
    comment: Annotated[
        str, typer.Option(help="Vì sao trả lại, cần sửa gì.", metavar="Ý KIẾN", callback=terminal.filled)
    ],
    today: Today = None,
) -> None:
    """Trả lại báo cáo đang trình, kèm ý kiến; báo cáo được trình lại từ bước đầu."""
    _decide("return", cycle, by, comment, None, today)


def _decide(decision: str, cycle: str, by: str, comment: str | None, why: str | None, today: Today) -> None:
    from reporting.approval.steps import decide
    from reporting.store.engine import writing

    context = terminal.context(today)
    with writing(context.home.engine) as session:
        standing = decide(context, session, cycle, decision, by=by, comment=comment, why=why)
        say(f"Báo cáo kỳ {cycle}, {standing.words}.")
        for line in standing.decisions[-1].overrules or ():
            say(f"• ký vượt: {line}")
    if (context.home.path / "run" / "prefect.port").exists():
        from deployments.service.approval_runs import tell_pages

        tell_pages(context)


Number = Annotated[str, typer.Option(help="Số, ký hiệu văn bản.", metavar="N", callback=terminal.filled)]
SignedOn = Annotated[datetime, day_option("Ngày ký.")]
SignedPdf = Annotated[Path, typer.Option("--signed-pdf", help="Bản đã ký (PDF).", metavar="F")]
FinalDocx = Annotated[
    Path | None, typer.Option("--final-docx", help="Bản Word cuối cùng đã đem ký.", metavar="F")
]


WithChanges = Annotated[
    bool,
    typer.Option(
        "--with-changes", help="Bản Word cuối cùng còn chỗ sửa theo dõi hoặc ghi chú vẫn đúng là bản đã ký."
    ),
]
Confirm = Annotated[
    str | None,
    typer.Option(
        "--confirm", metavar="LÝ DO", callback=terminal.filled,
        help="Lý do ban hành khi còn điểm chỉ người xem mới biết (bản quét, ngày nghỉ, số sửa tay).",
    ),
]  # fmt: skip


class Correction(StrEnum):
    """What puts an issued report right."""

    CORRIGENDUM = "corrigendum"
    REPLACEMENT = "replacement"


def issue(
    cycle: Cycle,
    number: Number,
    signed_on: SignedOn,
    signed_pdf: SignedPdf,
    by: By,
    final_docx: FinalDocx = None,
    with_changes: WithChanges = False,
    confirm: Confirm = None,
    today: Today = None,
) -> None:
    """Ban hành báo cáo đã duyệt: lưu bản ký, số, ngày; lập phiếu chuyển, xếp hàng bản thư điện tử."""
    from reporting.approval.issue import issue as run
    from reporting.approval.paper import SignedReport

    paper = SignedReport(
        number, signed_on.date(), signed_pdf, by, final_docx, with_changes=with_changes, confirm=confirm
    )
    _registered(today, lambda context, session: run(context, session, cycle, paper))


def correct_report(
    cycle: Cycle,
    kind: Annotated[
        Correction, typer.Option(help="corrigendum: văn bản đính chính; replacement: báo cáo thay thế.")
    ],
    number: Number,
    signed_on: SignedOn,
    signed_pdf: SignedPdf,
    by: By,
    why: Why,
    final_docx: FinalDocx = None,
    with_changes: WithChanges = False,
    confirm: Confirm = None,
    today: Today = None,
) -> None:
    """Đính chính hoặc thay thế báo cáo đã ban hành; bản đã ban hành giữ nguyên."""
    from reporting.approval.issue import correct
    from reporting.approval.paper import SignedReport

    paper = SignedReport(number, signed_on.date(), signed_pdf, by, final_docx, why, with_changes, confirm)
    _registered(today, lambda context, session: correct(context, session, cycle, kind, paper))


def _registered(today: datetime | None, register: "Callable[[Context, Session], Issued]") -> None:
    from reporting.approval.copies import held_copies
    from reporting.store.engine import writing

    context = terminal.context(today)
    with writing(context.home.engine) as session:
        issued = register(context, session)
        held = held_copies(session)
    say(f"Đã ghi {issued.words}.")
    say(f"Phiếu chuyển cho văn thư: {issued.slip}")
    say(f"Bản thư điện tử gửi các Sở: {issued.copies} thư.")
    for line in issued.confirmed:
        say(f"• xác nhận: {line}")
    if held:
        say(f"Chờ người xử lý: {held} thư đang giữ (kybaocao outbox release).")


def add_to(app: typer.Typer) -> None:
    app.command("approve")(approve)
    app.command("return")(return_)
    app.command("issue")(issue)
    app.command("correct-report")(correct_report)
