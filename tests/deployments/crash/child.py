"""Runs in a process of its own: commands, up to the point at which it kills itself.

A point is a place where the world outside the process changes or has just changed: a commit, an
answer of a mail server, a file put in place. Besides, every line of ours that is carried out can
be one. Nothing of this is in the programs themselves; it is laid around them here.
"""

import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

OURS = str(Path(__file__).parents[3] / "reporting")
# Imported before the process is forked off: what costs a second each time otherwise.
PRELOAD = [
    "tests.deployments.crash.child",
    "aiosmtplib",
    "deployments.cli.app",
    "deployments.cli.commands.cycle",
    "deployments.cli.commands.mail",
    "deployments.cli.commands.replies",
    "holidays",
    "imapclient",
    "python_calamine",
    "reporting.day",
    "reporting.home.context",
    "reporting.forms.write",
    "reporting.mail.outbox.send",
    "reporting.pages.status",
    "xlsxwriter",
]


class Trail:
    """Counts what is passed, and ends the process at the fatal one."""

    def __init__(self, file: Path, fatal: int | None) -> None:
        self.file, self.fatal, self.passed = file, fatal, 0
        self.names: list[str] = []

    def point(self, name: str) -> None:
        if self.passed == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed += 1
        self.names.append(name)

    def line(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "call":
            code = frame.f_code
            return self.line if code.co_filename.startswith(OURS) and code.co_name != "<module>" else None
        if event == "line":
            if self.passed == self.fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            self.passed += 1
        return self.line

    def write(self) -> None:
        self.file.write_text("\n".join([str(self.passed), *self.names]))


def run(
    commands: Sequence[Sequence[str]],
    environment: dict[str, str],
    folder: Path,
    fatal: int | None,
    by_line: bool,
) -> None:
    """Run commands one after the other in ``folder``; die before the point or line ``fatal``."""
    from reporting.spreadsheets.sandbox import stop

    os.chdir(folder)
    os.environ.update(environment)
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    trail = Trail(folder / "trail", fatal)
    if by_line:
        threading.settrace(trail.line)
        sys.settrace(trail.line)
    else:
        _lay_points(trail)
    codes = [_command(command) for command in commands]
    sys.settrace(None)
    trail.write()
    stop()  # multiprocessing waits for children of a child, and runs nothing at its end
    sys.exit(max(codes))


def _command(arguments: Sequence[str]) -> int:
    from deployments.cli import main

    sys.argv = ["kybaocao", "--debug", *arguments]
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def _lay_points(trail: Trail) -> None:
    from aiosmtplib import SMTP
    from imapclient import IMAPClient
    from sqlalchemy.engine.default import DefaultDialect

    from reporting.home.folder import Home
    from reporting.mail.outbox.connection import Connection

    _around(trail, DefaultDialect, "do_commit", "commit")
    for name in ("mail", "rcpt", "rset", "quit"):
        _around_async(trail, SMTP, name, name.upper())
    _around_async(trail, Connection, "_begin_mail", "BEGIN")
    _around_async(trail, Connection, "hand_over", "DATA")
    for name in ("login", "search", "fetch", "create_folder", "move", "logout"):
        _around(trail, IMAPClient, name, f"IMAP {name}")
    _around(trail, Home, "keep", "original")


def _around(trail: Trail, owner: type, name: str, shown: str) -> None:
    real: Callable[..., Any] = getattr(owner, name)

    def call(*arguments: Any, **more: Any) -> Any:
        trail.point(f"before {shown}")
        result = real(*arguments, **more)
        trail.point(f"after {shown}")
        return result

    setattr(owner, name, call)


def _around_async(trail: Trail, owner: type, name: str, shown: str) -> None:
    real: Callable[..., Awaitable[Any]] = getattr(owner, name)

    async def call(*arguments: Any, **more: Any) -> Any:
        trail.point(f"before {shown}")
        result = await real(*arguments, **more)
        trail.point(f"after {shown}")
        return result

    setattr(owner, name, call)
