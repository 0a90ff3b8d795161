"""The ``kybaocao`` command."""

import os
import sys
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer

from deployments.cli import groups, language, terminal
from deployments.cli.commands import (
    approval,
    check_report,
    contacts,
    cycle,
    data,
    day,
    erasing,
    handover,
    mail,
    people,
    replies,
    results,
    service,
    setup,
    units,
)
from reporting.home.private import start_private

app = typer.Typer(
    name="kybaocao",
    help="Điều hành kỳ báo cáo: gửi yêu cầu, nhận và kiểm tra báo cáo, nhắc, tổng hợp.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
)


def one_of_ours(lang: str | None) -> str | None:
    if lang is not None and lang not in language.LANGUAGES:
        raise typer.BadParameter("chọn vi hoặc en.")
    return lang


@app.callback()
def global_options(
    home: Annotated[
        Path | None, typer.Option("--home", help="Thư mục làm việc (mặc định: KYBAOCAO_HOME hoặc ./var).")
    ] = None,
    programme: Annotated[
        str | None,
        typer.Option(
            "--programme", help="Chương trình (mặc định: KYBAOCAO_PROGRAMME hoặc ctph-109).", metavar="ID"
        ),
    ] = None,
    _lang: Annotated[
        str | None,
        typer.Option(
            "--lang",
            help="Ngôn ngữ trên màn hình: vi hoặc en (mặc định: theo máy).",
            metavar="vi|en",
            callback=one_of_ours,
        ),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="In chi tiết khi có lỗi.")] = False,
) -> None:
    terminal.set_options(home=home, programme=programme, debug=debug)


for module in (
    service,
    setup,
    cycle,
    results,
    approval,
    check_report,
    handover,
    replies,
    mail,
    data,
    contacts,
    erasing,
    units,
    people,
    day,
):
    module.add_to(app)


def main() -> None:
    """Run the command line; known errors are one line and an exit code."""
    start_private()
    lang = language.choose(sys.argv[1:], os.environ)
    language.use(lang)
    terminal.show_progress()
    with terminal.clear_errors():
        language.name_panels()
        code = _command(lang)(standalone_mode=False)
        terminal.note_day()
    sys.exit(code)


@cache  # it takes as long as a short command, and tests run many in one process
def _command(lang: str) -> Any:
    """The whole tree of commands, its help in that language."""
    command = typer.main.get_command(app)
    groups.arrange(command)
    language.speak_in_help(command)
    return command
