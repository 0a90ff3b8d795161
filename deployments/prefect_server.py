"""Prefect's own server as a child on loopback, with its SQLite database inside the home.

A real server, not Prefect's ephemeral mode: that one loses the task runs it has not yet written
when the process ends. This module does not import Prefect, so that the environment can be set
before Prefect reads it.
"""

import http.client
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deployments.children import Child, lock, start_child, stop_child, wait_until
from reporting.errors import BadInput, ServiceUnavailable

HOST = "127.0.0.1"

# Under heavy load a first start has been seen to take most of a minute: the database is laid
# in more than a hundred migrations.
_START_LIMIT = 240

_ALWAYS = {
    # A profile of the user must not lead elsewhere, nor to the ephemeral mode.
    "PREFECT_PROFILE": "local",
    # Nothing is told to anybody: the server needs the one, the client the other.
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    # The newer of the two user interfaces asks an outside host from the reader's browser.
    "PREFECT_SERVER_UI_V2_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    # Without it the pages call port 4200, whatever port they came from.
    "PREFECT_SERVER_UI_API_URL": "/api",
    # One by one, the recording of task runs costs more than the tasks.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "1",
    # A page of another site that is open in the same browser cannot act here.
    "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true",
    # Both ends come from one installation.
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    # The log of a run is read in the pages; the terminal shows what went wrong.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "WARNING",
}

# A rehearsal has no schedules, no workers and nothing paused: what looks after them rests. Nor are
# events kept beside flow runs, task runs and logs: their writing now and then locks the starting
# of a run out of the database, and each time that costs two seconds.
_REHEARSAL_OFF = (
    "EVENT_PERSISTER",
    "SCHEDULER",
    "LATE_RUNS",
    "FOREMAN",
    "TRIGGERS",
    "CANCELLATION_CLEANUP",
    "PAUSE_EXPIRATIONS",
    "REPOSSESSOR",
    "CLEANUP_RECONCILER",
)


# For the server alone: some of its pages would fetch a catalogue from an outside host. It has a
# copy of its own and takes that when the way out is closed.
_NO_WAY_OUT = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}


@dataclass(frozen=True)
class PrefectServer:
    """A server of ours: its API address and the environment by which Prefect finds it."""

    url: str
    environment: dict[str, str] = field(repr=False)
    log_file: Path
    child: Child | None  # None: another process of ours runs it

    @property
    def port(self) -> int:
        return int(self.ui_url.rpartition(":")[2])

    @property
    def ui_url(self) -> str:
        """The address for a browser."""
        return self.url.removesuffix("/api")

    @property
    def is_ready(self) -> bool:
        """Whether it answers."""
        return _answers(self.port)

    def wait(self) -> None:
        """Return once it answers. Raises ServiceUnavailable, with the way to its log."""
        if self.child is not None:
            wait_until(lambda: self.is_ready, self.child, _START_LIMIT, self.log_file)
        elif not self.is_ready:
            raise ServiceUnavailable(
                f"Máy chủ Prefect của thư mục này chưa trả lời: hãy chạy lại, hoặc xem {self.log_file}."
            )

    def connect(self) -> None:
        """Make this process use the server: best before Prefect is imported."""
        os.environ.update(self.environment)
        if "prefect" in sys.modules:
            from prefect.context import refresh_global_settings_context

            refresh_global_settings_context()


def prefect_environment(home_path: Path, port: int, *, rehearsal: bool = False) -> dict[str, str]:
    """What server, workers and flows of that home need in their environment."""
    prefect_home = home_path.absolute() / "prefect"
    environment = {
        **_ALWAYS,
        "PREFECT_HOME": str(prefect_home),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{prefect_home / 'prefect.db'}",
        "PREFECT_API_URL": f"http://{HOST}:{port}/api",
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://{HOST}:{port}",
        # An office's proxy cannot know our loopback.
        "no_proxy": _no_proxy(),
    }
    if rehearsal:
        environment |= {f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in _REHEARSAL_OFF}
        environment["PREFECT_SERVER_REGISTER_BLOCKS_ON_START"] = "false"
        # Its own lines say day by day where it stands; the runs' log is in the pages.
        environment["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = "CRITICAL"
    return environment


@contextmanager
def running_server(
    home_path: Path, *, port: int = 0, rehearsal: bool = False, wait: bool = True
) -> Iterator[PrefectServer]:
    """The Prefect server of that home, started on loopback and stopped at the end.

    Where another process of ours runs it already (``serve`` beside a rehearsal), that one is
    used and left running. ``port`` 0 takes a free one. With ``wait=False`` the caller does other
    work during the start and calls ``wait()`` itself. Raises BadInput for a port that is taken,
    ServiceUnavailable when the server does not come up.
    """
    run = home_path.absolute() / "run"
    with lock(run / "prefect.lock") as is_ours:
        if not is_ours:
            server = _elsewhere(home_path, run, rehearsal=rehearsal)
            if wait:
                server.wait()
            yield server
            return
        try:
            # One that was left by a killed run must be gone before its port is tried.
            stop_child(run / "prefect.pid")
            server = _start(home_path, run, _usable(port), rehearsal=rehearsal)
            if wait:
                server.wait()
            yield server
            settle()
        finally:
            stop_child(run / "prefect.pid")
            (run / "prefect.port").unlink(missing_ok=True)


def settle() -> None:
    """Hand over what this process has noted of its runs and not yet told the server."""
    if "prefect" not in sys.modules:
        return
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (EventsWorker, APILogWorker):
        worker.drain_all(timeout=30)


def _start(home_path: Path, run: Path, port: int, *, rehearsal: bool) -> PrefectServer:
    environment = prefect_environment(home_path, port, rehearsal=rehearsal)
    prefect_home = Path(environment["PREFECT_HOME"])
    prefect_home.mkdir(parents=True, exist_ok=True)
    log_file = prefect_home / "server.log"
    args = [sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(port)]
    child = start_child(args, {**os.environ, **environment, **_NO_WAY_OUT}, run / "prefect.pid", log_file)
    (run / "prefect.port").write_text(str(port))
    return PrefectServer(environment["PREFECT_API_URL"], environment, log_file, child)


def _elsewhere(home_path: Path, run: Path, *, rehearsal: bool) -> PrefectServer:
    try:
        port = int((run / "prefect.port").read_text())
    except (FileNotFoundError, ValueError):
        raise ServiceUnavailable(
            "Một tiến trình khác đang khởi động máy chủ Prefect của thư mục này: hãy chạy lại sau ít phút."
        ) from None
    environment = prefect_environment(home_path, port, rehearsal=rehearsal)
    log_file = Path(environment["PREFECT_HOME"]) / "server.log"
    return PrefectServer(environment["PREFECT_API_URL"], environment, log_file, None)


def _no_proxy() -> str:
    told = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    return ",".join(dict.fromkeys([*filter(None, told.split(",")), HOST, "localhost"]))


def _usable(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise BadInput(f"Cổng {port} đang được chương trình khác dùng: hãy chọn cổng khác.") from None
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/api/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
