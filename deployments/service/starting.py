"""Starting what stands beside Prefect's server: the pages, the deployments, the worker."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from pydantic import SecretStr

from config.settings import Mailbox, Settings
from deployments.service.children import Child, start_child, stop_child, wait_until
from deployments.service.listening import Listening, listens
from deployments.service.pool import CREATE_POOL, POOL
from deployments.service.prefect_server import PrefectServer, answers
from deployments.service.schedules import for_programmes
from reporting.errors import ServiceUnavailable
from reporting.programme.files import load_programmes

DEPLOYMENTS = Path(__file__).parents[1] / "prefect.yaml"
# A run of the day and an exchange of mail may go side by side; a third waits for its turn.
_RUNS_AT_ONCE = 2


def start_pages(home: Path, listening: Listening, port: int, environment: dict[str, str]) -> Child:
    """The server of our own pages, once it answers."""
    log_file = home / "prefect" / "pages.log"
    child = start_child(
        [
            *(sys.executable, "-m", "deployments.service.pages_server", str(home)),
            *("--host", listening.host, "--port", str(port)),
        ],
        {**environment, **listening.settings},
        home / "run" / "pages.pid",
        log_file,
    )
    at, headers = listening.reached_at, listening.headers
    wait_until(lambda: listens(port, home) and answers(at, port, "/", headers), child, 60, log_file)
    return child


def start_desk(home: Path, listening: Listening, port: int, environment: dict[str, str]) -> Child:
    """The server of the desk, once it answers."""
    log_file = home / "prefect" / "desk.log"
    child = start_child(
        [
            *(sys.executable, "-m", "deployments.web.server"),
            *("--host", listening.host, "--port", str(port)),
        ],
        {**environment, **listening.settings},
        home / "run" / "desk.pid",
        log_file,
    )
    at = listening.reached_at
    wait_until(lambda: listens(port, home) and answers(at, port, "/dang-nhap", {}), child, 60, log_file)
    return child


def start_work(home: Path, server: PrefectServer, deployments: Path, environment: dict[str, str]) -> Child:
    """The deployments renewed, and the one worker that runs them."""
    pid_file = home / "run" / "worker.pid"
    # One that was left behind would take runs while their deployments are being renewed.
    stop_child(pid_file)
    programmes = load_programmes(Path(environment["KYBAOCAO_PROGRAMMES_DIR"]), home / "office" / "programmes")
    file = for_programmes(deployments, programmes, home / "prefect" / "deployments.yaml")
    _deploy(file, server, environment)
    return start_worker(home, environment)


def start_worker(home: Path, environment: dict[str, str]) -> Child:
    """A worker; one that runs already is stopped first."""
    return start_child(
        [
            *(sys.executable, "-m", "prefect", "worker", "start"),
            *("--pool", POOL, "--type", "process", "--limit", str(_RUNS_AT_ONCE)),
        ],
        environment,
        home / "run" / "worker.pid",
        home / "prefect" / "worker.log",
    )


def _deploy(deployments: Path, server: PrefectServer, environment: dict[str, str]) -> None:
    log_file = server.log_file.with_name("deploy.log")
    with log_file.open("w") as log:
        for command in (
            CREATE_POOL,
            ["prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(deployments)],
            ["deployments.service.prefect_runs"],  # what was at work when an earlier one was killed
        ):
            ended = subprocess.run(  # noqa: S603 - our own words
                [sys.executable, "-m", *command],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            )
            if ended.returncode != 0:
                raise ServiceUnavailable(f"Không thiết lập được lịch chạy: xem nhật ký {log_file}.")
    _check_deployed(deployments, server, log_file)


def _check_deployed(deployments: Path, server: PrefectServer, log_file: Path) -> None:
    """Prefect skips a deployment that it does not understand, and still reports success."""
    entries = yaml.safe_load(deployments.read_text())["deployments"]
    missing = [entry["name"] for entry in entries if not _is_deployed(server, entry)]
    if missing:
        raise ServiceUnavailable(
            f"Chưa thiết lập được lịch chạy {', '.join(missing)}: xem nhật ký {log_file}."
        )


def _is_deployed(server: PrefectServer, entry: dict[str, str]) -> bool:
    """Whether it is there; deployments carry the name of their flow."""
    path = f"/api/deployments/name/{entry['name']}/{entry['name']}"
    return answers(server.listening.reached_at, server.port, path, server.listening.headers)


def settings_for_runs(settings: Settings, home: Path) -> dict[str, str]:
    """Our settings as environment of the worker and its runs, which start in other folders."""
    environment = {}
    for name, value in settings.model_copy(update={"home": home}):
        if name == "mailboxes":
            own = {programme: _in_the_open(mailbox) for programme, mailbox in value.items()}
            environment[name] = json.dumps(own)
        elif isinstance(value, Path):
            environment[name] = str(value.absolute())
        elif value is not None:
            environment[name] = _word(value)
    return {f"KYBAOCAO_{name.upper()}": value for name, value in environment.items()}


def _in_the_open(mailbox: Mailbox) -> dict[str, str]:
    return {name: _word(value) for name, value in mailbox if value is not None}


def _word(value: Any) -> str:
    """A setting as text: a secret as it is, for the environment of our own runs."""
    return str(value.get_secret_value() if isinstance(value, SecretStr) else value)
