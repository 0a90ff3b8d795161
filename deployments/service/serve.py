"""Everything on one machine: Prefect server, deployments with their schedules, one worker, the pages.

Always behind a login, and on loopback if not told else. A rehearsal's home gets no worker: what
happened there is to be read, and nothing of it may run again by the clock of today.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import typer

from config.settings import Settings
from deployments.service import login
from deployments.service.children import Child, held, stop_child, wait_for_any
from deployments.service.listening import HOST, Listening
from deployments.service.pool import POOL
from deployments.service.prefect_server import PrefectServer, read_json, running_server, usable_port
from deployments.service.starting import (
    DEPLOYMENTS,
    settings_for_runs,
    start_desk,
    start_pages,
    start_work,
    start_worker,
)
from reporting.errors import BadInput, ServiceUnavailable
from reporting.home.folder import is_rehearsal, open_home
from reporting.store.engine import reading

WORKER = "tiến trình xử lý"
_LOOK_EVERY = 30.0  # seconds
_LOOKS = 4  # so often unheard, and it is told of: the server itself waits for three of its signs

_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Stopped(Exception):
    """Somebody asked us to end."""


def serve(
    settings: Settings,
    *,
    port: int,
    pages_port: int,
    desk_port: int,
    host: str = HOST,
    deployments: Path = DEPLOYMENTS,
    say: Callable[[str], None] = typer.echo,
) -> None:
    """Run until asked to end by a signal; then all children are stopped.

    What an earlier, killed run left is stopped first, and what was due meanwhile is caught up.
    Raises BadInput for a home that is not there or is served already, for a port that is taken
    and for all hosts without an address to be called by, ServiceUnavailable when a child does not
    start or ends by itself.
    """
    os.umask(0o077)  # databases and logs of all that it starts are nobody else's to read
    home = open_home(settings)
    listening = Listening.of(settings, home.path, host)
    with reading(home.engine) as session:
        rehearsal = is_rehearsal(session)
    home.engine.dispose()
    say("Đang khởi động máy chủ Prefect; lần đầu có thể mất vài phút…")
    with (
        _stopped_by_signal(),
        held(home.path / "run" / "serve.lock", "kybaocao serve"),
        running_server(home.path, port=port, rehearsal=rehearsal, listening=listening) as server,
    ):
        if server.child is None:
            raise BadInput(
                f"Máy chủ Prefect của thư mục này đang do tiến trình khác chạy: xem tại {server.ui_url}."
            )
        say(f"Giao diện Prefect: {server.ui_url}")
        pages_port = usable_port(pages_port, host)
        pages_url = settings.pages_url or f"http://{listening.reached_at}:{pages_port}"
        own = settings_for_runs(settings.model_copy(update={"pages_url": pages_url}), home.path)
        environment = {**os.environ, **server.environment, **own}
        children = {"máy chủ Prefect": server.child}
        try:
            children["máy chủ trang"] = start_pages(home.path, listening, pages_port, environment)
            _say_where(say, pages_url, settings, home.path)
            desk_port = usable_port(desk_port, host)
            children["máy chủ bàn làm việc"] = start_desk(home.path, listening, desk_port, environment)
            say(
                f"Bàn làm việc, mỗi người một tên (kybaocao person): http://{listening.reached_at}:{desk_port}"
            )
            if rehearsal:
                say("Đây là thư mục diễn tập: chỉ để xem, không chạy lịch. Dừng: Ctrl-C.")
            else:
                say("Đang đặt lịch và khởi động tiến trình xử lý…")
                children[WORKER] = start_work(home.path, server, deployments, environment)
                say("Lịch và tiến trình xử lý đang chạy. Dừng: Ctrl-C.")
            _watch(children, server, settings, lambda: start_worker(home.path, environment))
        finally:
            for name in ("worker", "desk", "pages"):
                stop_child(home.path / "run" / f"{name}.pid")
    say("Đã dừng.")


def _say_where(say: Callable[[str], None], pages_url: str, settings: Settings, home: Path) -> None:
    say(f"Trang tình hình và báo cáo: {pages_url}")
    for line in login.shown(settings, home, sys.stdout.isatty()):
        say(line)


def _watch(
    children: dict[str, Child], server: PrefectServer, settings: Settings, start_worker: Callable[[], Child]
) -> None:
    """Until a child ends: look after the worker, which may live and do nothing.

    One that the server has not heard of for ``_LOOKS`` looks is told of and started anew. What it
    was doing is taken up by the next run.
    """
    logs, unheard = server.log_file.parent, 0
    while (ended := wait_for_any(list(children.values()), _LOOK_EVERY)) is None:
        if WORKER not in children:
            continue
        is_heard = _worker_is_heard(server)
        if is_heard and unheard >= _LOOKS:
            _tell(settings, None)
        unheard = 0 if is_heard else unheard + 1
        if unheard and unheard % _LOOKS == 0:
            _tell(settings, "Tiến trình xử lý im lặng, không lượt nào chạy được; đã khởi động lại nó")
            children[WORKER] = start_worker()  # which stops the other first
    name = next(name for name, child in children.items() if child == ended)
    raise ServiceUnavailable(f"Đã dừng vì {name} tự kết thúc: xem nhật ký trong {logs}, rồi chạy lại.")


def _worker_is_heard(server: PrefectServer) -> bool:
    """Whether the server has lately had a sign of life from a worker. True when it cannot say."""
    at = server.listening.reached_at
    content = read_json(at, server.port, f"/api/work_pools/{POOL}", server.listening.headers)
    return content is None or content.get("status") != "NOT_READY"


def _tell(settings: Settings, error: str | None) -> None:
    """By mail from here: the worker, which sends all other mail, is what is wrong. It may fail, too."""
    from reporting.home.context import open_context
    from reporting.pages.status import write_pages
    from reporting.upkeep import alarms

    try:
        context = open_context(settings, writes=False)
        asyncio.run(alarms.tell(context, alarms.WORKER, error))
        write_pages(context)
        context.home.engine.dispose()
    except Exception as failure:  # the house goes on being looked after
        typer.echo(f"Không báo được sự cố: {failure}", err=True)


@contextmanager
def _stopped_by_signal() -> Iterator[None]:
    """End the block in good order at the first signal; while it ends, further ones are ignored."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        raise _Stopped

    # A signal that is ignored already (nohup) stays so.
    before = {number: old for number in _STOP if (old := signal.getsignal(number)) is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, stop)
    try:
        yield
    except _Stopped:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
