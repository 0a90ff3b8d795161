"""The service and container files: what they start is really started here, as they write it."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr
from sqlalchemy import create_engine, text

from config.settings import Settings
from deployments.service.children import Child, start_child, stop_child, wait_until
from deployments.service.listening import HOST, Listening
from deployments.service.prefect_server import answers, usable_port
from deployments.service.prefect_settings import ALWAYS
from reporting import clock
from reporting.home.folder import open_home
from reporting.programme.units import sync_units
from reporting.store.engine import writing
from tests.postgres_fixture import cluster
from tests.workplace import CODES, OPENED, OWN, UNREACHABLE, Workplace, add_contacts, box, whole_programme

__all__ = ["cluster"]

ROOT = Path(__file__).parents[3]
FILES = ROOT / "deployments"
BIN = Path(sys.executable).parent
LOGIN = "phong:mat-khau"


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    unit = (FILES / "systemd" / "kybaocao.service").read_text()
    here = tmp_path / "kybaocao.service"
    # Only the place of the program differs from machine to machine.
    here.write_text(unit.replace("/opt/kybaocao/.venv/bin", str(BIN)))
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(here)], capture_output=True, text=True, check=False
    )
    assert [line for line in told.stderr.splitlines() if "kybaocao" in line] == []
    assert told.returncode == 0


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((FILES / "container" / "compose.yaml").read_text())
    return loaded


def test_the_containers_run_prefect_as_serve_does() -> None:
    services = compose()["services"]
    for name in ("prefect", "setup", "worker"):
        given = {key: value for key, value in services[name]["environment"].items() if key in ALWAYS}
        assert given == ALWAYS
    # Nothing is open to the network without a proxy in front.
    for service in services.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_the_containers_have_the_least_rights_and_name_no_secret() -> None:
    services = compose()["services"]
    for name in ("prefect", "setup", "worker", "pages"):
        service = services[name]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["read_only"] is True
    assert services["pages"]["volumes"] == ["home:/srv/kybaocao:ro"]
    assert "deployments.service.prefect_app" in services["prefect"]["command"]  # the door stands in front
    assert "\nUSER kybaocao\n" in (FILES / "container" / "Containerfile").read_text()
    for service in services.values():  # passwords come from the file of the machine, never from this one
        for key, value in service["environment"].items():
            if any(word in key for word in ("PASSWORD", "LOGIN", "AUTH", "SMTP_URL", "IMAP_URL")):
                assert value.startswith("${"), key


class Containers:
    """The services of the compose file without containers: same commands, same environment."""

    def __init__(self, folder: Path, names: dict[str, str], places: dict[str, str]) -> None:
        self.folder, self.names, self.places = folder, names, places
        self.services = compose()["services"]
        self.home = folder / "home"
        self.home.mkdir()

    def filled(self, words: str) -> str:
        """With its variables, and the containers' names and folders replaced by those of here."""
        words = re.sub(r"\$\{(\w+):[?-][^}]*\}", lambda found: self.names.get(found[1], ""), words)
        for name, here in self.places.items():
            words = words.replace(name, here)
        return words

    def environment(self, service: str) -> dict[str, str]:
        given = {name: self.filled(value) for name, value in self.services[service]["environment"].items()}
        return {
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "KYBAOCAO_HOME": str(self.home),
            "PREFECT_HOME": str(self.folder / f"prefect-{service}"),
            **given,
        }

    def command(self, service: str) -> list[str]:
        program, *words = [self.filled(word) for word in self.services[service]["command"]]
        return [shutil.which(program, path=self.environment(service)["PATH"]) or program, *words]

    def start(self, service: str, number: int = 1) -> Child:
        name = f"{service}-{number}"
        return start_child(
            self.command(service),
            {**self.environment(service), "PWD": str(ROOT)},
            self.folder / f"{name}.pid",
            self.folder / f"{name}.log",
        )

    def run(self, service: str) -> None:
        done = subprocess.run(
            self.command(service),
            env=self.environment(service),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def stop(self) -> None:
        for pid_file in self.folder.glob("*.pid"):
            stop_child(pid_file)


class Post:
    """An SMTP server that counts what each address got."""

    def __init__(self) -> None:
        self.got: Counter[str] = Counter()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(0)
        self.got.update(envelope.rcpt_tos)
        return "250 OK"


@pytest.fixture
def post() -> Iterator[tuple[Post, int]]:
    handler = Post()
    controller = Controller(handler, hostname=HOST, port=usable_port(0))
    controller.start()
    yield handler, controller.port
    controller.stop()


@pytest.fixture
def containers(tmp_path: Path, cluster: str, post: tuple[Post, int]) -> Iterator[Containers]:
    server = create_engine(f"{cluster}/postgres", isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE kybaocao"))
        connection.execute(text((FILES / "container" / "prefect-database.sql").read_text()))
    server.dispose()
    prefect, pages = str(usable_port(0)), str(usable_port(0))
    names = {
        "KYBAOCAO_SERVE_LOGIN": LOGIN,
        "KYBAOCAO_SMTP_URL": f"smtp://{HOST}:{post[1]}?tls=none",
        "KYBAOCAO_MAIL_FROM": OWN,
        "POSTGRES_PASSWORD": "unused",
    }
    places = {
        "kybaocao:unused@postgres": cluster.partition("://")[2],
        "http://prefect:4200": f"http://{HOST}:{prefect}",
        "0.0.0.0": HOST,
        "4200": prefect,
        "4201": pages,
        "/srv/kybaocao": str(tmp_path / "home"),
        "/srv/prefect": str(tmp_path / "prefect"),
    }
    running = Containers(tmp_path, names, places)
    yield running
    running.stop()


@pytest.mark.deep
def test_two_workers_on_postgresql_do_the_work_once(
    containers: Containers, post: tuple[Post, int], letter: Path
) -> None:
    server = containers.start("prefect")
    log = containers.folder / "prefect-1.log"
    port = int(containers.command("prefect")[-1])
    wait_until(lambda: answers(HOST, port, "/api/health"), server, 240, log)
    containers.run("setup")
    containers.run("setup")  # again is harmless
    rest_schedules(containers)
    place = workplace(containers)
    place.open(letter, OPENED)

    first, second = containers.start("worker", 1), containers.start("worker", 2)
    ended = partial(run_all, containers, ["exchange-mail", "run-day", "exchange-mail", "run-day"])
    states = ended(lambda ready: wait_until(ready, first, 300, containers.folder / "worker-1.log"))
    assert set(states) == {"Completed"}
    assert second.is_alive
    requests = {box(code): 1 for code in CODES if code != UNREACHABLE}
    assert {address: post[0].got[address] for address in requests} == requests

    pages = containers.start("pages")
    command = containers.command("pages")
    headers = Listening(SecretStr(LOGIN)).headers
    wait_until(
        lambda: answers(HOST, int(command[-1]), "/status/ctph-109/index.html", headers),
        pages,
        60,
        containers.folder / "pages-1.log",
    )
    place.home.engine.dispose()


def workplace(containers: Containers) -> Workplace:
    environment = containers.environment("worker")
    settings = Settings(
        home=containers.home,
        mail_from=OWN,
        database_url=SecretStr(environment["KYBAOCAO_DATABASE_URL"]),
        smtp_url=SecretStr(environment["KYBAOCAO_SMTP_URL"]),
    )
    place = Workplace(open_home(settings), settings, whole_programme())
    with writing(place.home.engine) as session:
        sync_units(session, place.programme)
        add_contacts(session, place.programme, containers.folder, clock.at(date(2023, 11, 1)))
    place.plan(date(2023, 11, 1))
    return place


def rest_schedules(containers: Containers) -> None:
    """By the clock of today nothing may run: the cycle of this test is of other days."""
    with prefect_client(containers) as client:
        for deployment in client.read_deployments():
            for schedule in deployment.schedules:
                client.update_deployment_schedule(deployment.id, schedule.id, active=False)


def run_all(
    containers: Containers, names: list[str], wait: Callable[[Callable[[], bool]], None]
) -> list[str]:
    """Start those flows at once, as by hand from the pages, and say how each ended."""
    with prefect_client(containers) as client:
        runs = []
        for name in names:
            deployment = client.read_deployment_by_name(f"{name}/{name}")
            now = clock.at(OPENED, 10).isoformat()
            runs.append(
                client.create_flow_run_from_deployment(
                    deployment.id, parameters={"today": OPENED.isoformat(), "now": now}
                )
            )

        def states() -> list[Any]:
            return [client.read_flow_run(run.id).state for run in runs]

        wait(lambda: all(state is not None and state.is_final() for state in states()))
        return [state.name for state in states()]


def prefect_client(containers: Containers) -> Any:
    from prefect.client.orchestration import SyncPrefectClient

    url = containers.environment("worker")["PREFECT_API_URL"]
    return SyncPrefectClient(url, auth_string=LOGIN)
