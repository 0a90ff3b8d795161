"""What every command shares: the global options, the day, how results and errors are shown."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deployments.cli.language import cell, in_language

if TYPE_CHECKING:
    from sqlalchemy.exc import DatabaseError

    from config.settings import Settings
    from reporting.errors import BadInput
    from reporting.home.context import Context
    from reporting.outcome import Outcome


DAY_FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]  # as scripts write a day, and as people here do


@dataclass(frozen=True)
class GlobalOptions:
    home: Path | None = None
    programme: str | None = None
    debug: bool = False


_options = GlobalOptions()
_at_work: "Context | None" = None  # the context of a writing command


def set_options(**changes: Any) -> None:
    """Keep the options that stand before the command."""
    global _options  # one process is one command line
    _options = replace(_options, **changes)


def options() -> GlobalOptions:
    return _options


def settings() -> "Settings":
    """The settings, with ``--home`` over the environment. A bad value is one clear line."""
    from pydantic import ValidationError

    from config.settings import Settings
    from reporting.errors import BadInput

    given = {"home": _options.home, "programme": _options.programme}
    changes = {name: value for name, value in given.items() if value}
    try:
        return Settings(**changes)  # type: ignore[arg-type]  # pydantic checks it
    except ValidationError as error:
        wrong = ", ".join(
            f"KYBAOCAO_{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors()
        )
        raise BadInput(f"Thiết lập không hợp lệ: {wrong}.") from error


def context(today: datetime | None, *, writes: bool = True) -> "Context":
    """The context for a command that was given ``--today`` or not."""
    from reporting.home.context import open_context

    opened = open_context(
        settings(), today=as_date(today), writes=writes, notes_day=False, newest_arrival=_newest_arrival
    )
    if writes:
        global _at_work  # one process is one command
        _at_work = opened
    return opened


def _newest_arrival(mailbox: "Settings") -> datetime | None:
    from reporting.mail.inbox.second_clock import newest_arrival  # hardly ever asked for

    return newest_arrival(mailbox)


def note_day() -> None:
    """Note the day of a writing command. Not done for one that was refused: a mistyped ``--today``
    would shut the home for all days before it."""
    global _at_work
    if _at_work is not None:
        _at_work.note_day()
    _at_work = None


def as_date(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def day(written: object) -> str:
    """A day of JSON as people read it; nothing where there is none."""
    from reporting.vietnamese.formats import short_date

    return short_date(date.fromisoformat(str(written))) if written else ""


def say(text: str = "") -> None:
    """A line for the person at the keyboard, in the language of the terminal."""
    _write(in_language(text))


def warn_of_stand_ins(context: "Context") -> None:
    """Before mail leaves: what a shipped programme left to the office and still stands as it came."""
    from reporting.check_config import stand_ins

    for line in stand_ins(context.programme, context.today):
        say(f"Lưu ý: {line}; kybaocao setup.")


def quote(text: str) -> None:
    """Somebody else's words, as they stand."""
    _write(text)


def complain(text: str) -> None:
    """What went wrong, a line on standard error."""
    _write(in_language(text), err=True)


def show_json(data: Any) -> None:
    from reporting.vietnamese.text import escaped_json

    _write(escaped_json(data))


def _write(text: str, *, err: bool = False) -> None:
    """The only way to the terminal: strangers' words are in most lines, and a terminal obeys some."""
    from reporting.vietnamese.text import visible

    typer.echo(visible(text), err=err)


def show_outcome(outcome: "Outcome", exit_code: bool) -> None:
    """What was done, then what waits for a person; its count is the last line."""
    for line in outcome.done:
        say(f"✓ {line}")
    for line in outcome.failures:
        complain(f"✗ {line}")
    for line in outcome.waiting:
        say(f"• {line}")
    if not outcome.done and not outcome.waiting:
        say("Không có việc gì đến hạn.")
    if outcome.waiting:
        say(f"Chờ người xử lý: {outcome.things_waiting} việc.")
    if outcome.failures:
        raise typer.Exit(1)
    if outcome.waiting and exit_code:
        raise typer.Exit(10)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on the terminal; plain columns where there is none. Words of strangers stay words."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from reporting.vietnamese.text import clean_text

    if not rows:
        say(f"{title}: không có.")
        return
    console = Console(width=None if sys.stdout.isatty() else 160)
    shown = Table(title=Text(clean_text(in_language(title))), title_justify="left")
    for column in columns:
        shown.add_column(cell(column), overflow="fold")
    for row in rows:
        shown.add_row(*(Text(cell(clean_text(value))) for value in row))
    console.print(shown)


MOST_UNTOLD = 5  # so few are done before a bar is read


def show_progress() -> None:
    """Show bars with the time left on long work, where there is a terminal to show them on."""
    from reporting.progress_bar import show_with

    show_with(_bar if sys.stderr.isatty() else None)


def _bar(items: Sequence[Any], what: str) -> Iterable[Any]:
    if len(items) <= MOST_UNTOLD:
        return items
    from rich.console import Console
    from rich.progress import track

    return track(items, description=in_language(what), console=Console(stderr=True), transient=True)


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn what is known to go wrong into one line and its exit code; a traceback only on --debug."""
    try:
        yield
    except typer.Abort:
        complain("Đã dừng.")
        raise SystemExit(1) from None
    except Exception as error:
        if _options.debug:
            raise
        code, text = _explain(error)
        if text:  # else the help was shown instead
            complain(text)
        raise SystemExit(code) from None


def _explain(error: Exception) -> tuple[int, str]:
    from typer.exceptions import TyperException

    from deployments.cli.usage import in_words
    from reporting.errors import ReportingError, ServiceUnavailable

    if isinstance(error, TyperException):  # wrong use of the command line
        text = in_words(error.format_message())
        return error.exit_code, f"{text} Xem 'kybaocao … --help'." if text else ""
    if isinstance(error, ServiceUnavailable):  # one side was out: the rest was done
        note_day()
    if isinstance(error, ReportingError):
        return error.exit_code, str(error)
    if (trouble := _trouble(error)) is not None:
        return 3, trouble
    if isinstance(error, OSError):
        return 2, f"Không đọc hoặc ghi được {error.filename or 'tệp'}: {error.strerror or error}."
    if "sqlalchemy" in sys.modules:
        from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

        if isinstance(error, DatabaseError) and _is_damage(error):
            return 2, str(_damaged(error))
        if isinstance(error, OperationalError):
            return 3, f"Cơ sở dữ liệu không trả lời hoặc không ghi được: {str(error.orig).splitlines()[0]}."
        if isinstance(error, ArgumentError | DatabaseError):
            return 2, f"Cơ sở dữ liệu không dùng được: {str(error).splitlines()[0]}."
    where = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return 1, f"Lỗi của chương trình ({where}). Chạy lại với --debug để xem chi tiết."


def _trouble(error: Exception) -> str | None:
    from reporting.home.trouble import trouble

    return trouble(error, _options.home or settings().home)


def _is_damage(error: Exception) -> bool:
    from reporting.store.health import is_damage

    return is_damage(error)


def _damaged(error: "DatabaseError") -> "BadInput":
    from reporting.home.condition import damaged_database

    return damaged_database(settings().home.absolute(), str(error.orig).splitlines()[0])


def day_option(text: str) -> Any:
    """An option that takes a day."""
    return typer.Option(formats=DAY_FORMATS, metavar="YYYY-MM-DD", help=text)


Today = Annotated[
    datetime | None,
    typer.Option(
        "--today", formats=DAY_FORMATS, help="Ngày làm việc (mặc định: hôm nay).", metavar="YYYY-MM-DD"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="In ra JSON.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Chỉ cho biết sẽ làm gì, không thay đổi gì.")]


def filled(text: str | None) -> str | None:
    """What stands for a decision may not be left empty."""
    if text is not None and not text.strip():
        raise typer.BadParameter("để trống.")
    return text.strip() if text is not None else None


By = Annotated[str, typer.Option("--by", help="Người quyết định.", metavar="TÊN", callback=filled)]
Why = Annotated[str, typer.Option("--why", help="Lý do.", metavar="LÝ DO", callback=filled)]
ExitCode = Annotated[
    bool, typer.Option("--exit-code", help="Kết thúc với mã 10 khi có việc chờ người xử lý.")
]
