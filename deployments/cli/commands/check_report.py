"""check-report: an edited report against the figures."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deployments.cli import terminal
from deployments.cli.terminal import ExitCode, Json, Today, day_option, say

if TYPE_CHECKING:
    from reporting.report.edited.check import Checked

_KINDS = {
    "stale": "Số cần sửa trong bản đang trình (số liệu đã thay đổi từ khi lập)",
    "changed": "Số trong ô đã bị sửa, không khớp số liệu",
    "loose": "Số đứng ngoài ô số liệu (đề nghị lấy lại từ bản gốc)",
    "typed": "Số gõ tay, không khớp số liệu nào",
    "reworded": "Đơn vị hoặc chữ cạnh số đã đổi",
    "misplaced": "Ô số liệu đứng ở câu khác",
    "stated": "Ngày, ký hiệu, số trong lời văn hoặc cước chú đã đổi",
    "row": "Hàng của phụ lục đã đổi",
    "header": "Phần đầu văn bản, đầu trang đã đổi",
    "removed": "Số liệu của bản gốc không còn trong tệp",
    "sum": "Các số trong tệp không cộng khớp nhau",
    "unsettled": "Còn bỏ ngỏ trong tệp (chỗ sửa chưa chấp nhận được đọc như đã chấp nhận)",
    "unread": "Thêm vào tệp mà không đọc được, cần người xem",
}
_STEPS = ("stale", "changed", "reworded", "misplaced", "stated", "row", "header")


def check_report(
    file: Annotated[Path, typer.Argument(help="Báo cáo đã sửa trong Word.", metavar="FILE.docx")],
    as_of: Annotated[
        datetime | None, day_option("So với số liệu đến hết ngày này (mặc định: hôm nay).")
    ] = None,
    cycle: Annotated[
        str | None, typer.Option("--cycle", help="Kỳ báo cáo, khi tệp không còn ghi lập từ bản nào.")
    ] = None,
    json: Json = False,
    exit_code: ExitCode = False,
    today: Today = None,
) -> None:
    """Đối chiếu một báo cáo đã sửa với số liệu: số bị sửa, bị mất, gõ tay, đã cũ."""
    from reporting.report.edited.check import check_report as check

    context = terminal.context(today, writes=False)
    checked = check(context, file, as_of=terminal.as_date(as_of), cycle=cycle)
    if json:
        terminal.show_json(checked.as_json())
    else:
        _show(file, checked)
    if checked.review.points and exit_code:
        raise typer.Exit(10)


def _show(file: Path, checked: "Checked") -> None:
    from reporting.vietnamese.formats import short_date

    if checked.rehearsal:
        say("BẢN DIỄN TẬP - SỐ LIỆU GIẢ ĐỊNH")
    say(
        f"{file.name}: lập từ bản {checked.version} của kỳ {checked.cycle} (số liệu đến "
        f"{short_date(checked.version_as_of)}), so với số liệu đến {short_date(checked.as_of)}; "
        f"{checked.review.controls} ô số liệu"
        + (f", {checked.review.updated} ô đã cập nhật" if checked.review.updated else "")
        + "."
    )
    points = checked.review.points
    for kind, title in _KINDS.items():
        of_it = [point for point in points if point.kind == kind]
        if not of_it:
            continue
        say(f"\n{title}: {len(of_it)}")
        for point in of_it:
            step = f"{_short(point.seen)} → {_short(point.expected)}" if kind in _STEPS else (
                _short(point.expected if kind == "removed" else point.seen)
            )  # fmt: skip
            if kind == "sum":
                say(f"  • {point.name}")
                continue
            head = f"{point.code or ''} {point.name}: ".lstrip() if kind in (*_STEPS, "removed") else ""
            head = head.removeprefix(": ")
            tail = f" = {point.name}" if kind == "loose" else ""
            cause = f" (do {point.why})" if point.why else ""
            say(f"  • {head}{step}{tail}{cause}")
            if point.near and kind != "stale":
                say(f"      “{point.near}”")
    if points:
        say(f"\nChờ người xử lý: {len(points)} chỗ trong {file.name}.")
    else:
        say("Mọi số liệu khớp.")


def _short(text: str) -> str:
    words = " ".join(text.split()) or "(trống)"
    return words if len(words) <= 80 else f"{words[:79]}…"


def add_to(app: typer.Typer) -> None:
    app.command("check-report")(check_report)
