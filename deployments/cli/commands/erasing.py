"""retention, erase: what personal data goes, by time or on request."""

from typing import TYPE_CHECKING, Annotated

import typer

from deployments.cli import terminal
from deployments.cli.terminal import By, DryRun, Today, Why, say

if TYPE_CHECKING:
    from reporting.upkeep.erasure import Erased

_MOST_SHOWN = 20


def retention(
    by: Annotated[
        str | None,
        typer.Option("--by", help="Người quyết định xóa.", metavar="TÊN", callback=terminal.filled),
    ] = None,
    dry_run: DryRun = False,
    today: Today = None,
) -> None:
    """Xóa dữ liệu cá nhân đã hết thời hạn lưu (programme.yaml, mục retention); xem trước bằng --dry-run."""
    from reporting.upkeep.retention import apply, due

    context = terminal.context(today, writes=not dry_run)
    for name, months, count in due(context):
        say(f"{name}: {count} (lưu {months} tháng)")
    if dry_run:
        return
    if by is None:
        raise typer.BadParameter("cần --by TÊN để xóa, hoặc --dry-run để xem trước.")
    _tell(apply(context, by=by))


def erase(
    what: Annotated[
        list[str], typer.Argument(help="Mã thư đến, hoặc một địa chỉ thư.", metavar="ID…|ĐỊA-CHỈ")
    ],
    by: By,
    why: Why,
    today: Today = None,
) -> None:
    """Xóa theo yêu cầu: thư đến, hoặc mọi dữ liệu của một địa chỉ; số liệu, biểu, văn bản ký vẫn còn."""
    from reporting.upkeep.erasure import erase_address, erase_replies

    numbers = [int(word) for word in what if word.isdecimal()]
    if (numbers and len(numbers) < len(what)) or (not numbers and (len(what) != 1 or "@" not in what[0])):
        raise typer.BadParameter("cần các mã thư, hoặc đúng một địa chỉ thư.")
    context = terminal.context(today)
    if numbers:
        _tell(erase_replies(context, numbers, by=by, why=why))
    else:
        _tell(erase_address(context, what[0], by=by, why=why))


def _tell(erased: "Erased") -> None:
    say(f"Đã xóa: {erased}.")
    if erased.message_ids:
        say(f"Còn phải xóa tay {len(erased.message_ids)} thư trong hộp thư (các bản sao lưu cũ cũng còn):")
        for message_id in erased.message_ids[:_MOST_SHOWN]:
            say(f"  {message_id}")
        if len(erased.message_ids) > _MOST_SHOWN:
            say("  … (các thư cũ hơn thời hạn lưu)")
    if erased.left:
        say("Còn lại, không xóa:")
        for line in erased.left:
            say(f"  {line}")


def add_to(app: typer.Typer) -> None:
    app.command("retention")(retention)
    app.command("erase")(erase)
