"""Runs that go wrong on a real server with a real worker: told of once, and the work done once."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP as SMTPServer
from sqlalchemy import select

from deployments.service.children import Child, start_child, stop_child, wait_until
from deployments.service.pool import POOL
from deployments.service.prefect_server import PrefectServer
from reporting import clock
from reporting.home.days import confirm
from reporting.programme.units import sync_units
from reporting.states import MessageKind, MessageState
from reporting.store.engine import reading, writing
from reporting.store.tables import Message
from tests.mailroom import listening
from tests.workplace import OWN, Post, Workplace, whole_programme

OPS = "truc@van-phong.example"


class SlowPost(Post):
    """A server that keeps the third mail in its hands until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.holds, self.goes_on = threading.Event(), threading.Event()
        self.count = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.count += 1
        if self.count == 3:
            self.holds.set()
            await asyncio.to_thread(self.goes_on.wait, 120)
            return "451 later"
        return await super().handle_DATA(server, session, envelope)

    def told(self) -> list[str]:
        """The subjects of what those who look after the system got."""
        return [str(mail["Subject"]) for recipient, mail in self.taken if recipient == OPS]


@pytest.fixture
def post() -> Iterator[SlowPost]:
    found = SlowPost()
    yield found
    found.goes_on.set()


@pytest.fixture
def served(place: Workplace, post: SlowPost, deployed: PrefectServer) -> Iterator["Served"]:
    """A home with queued requests, its mail server, and the deployments."""
    with writing(place.home.engine) as session:
        sync_units(session, whole_programme())
        # The home worked in January 2024, its runs go by the clock: no day is believed that far ahead.
        today = clock.day_of(clock.now())
        confirm(session, today, now=clock.now(), by="Trực", why="máy nghỉ lâu")
    with listening(lambda loop: SMTPServer(post, hostname="localhost", loop=loop)) as port:
        environment = {
            **os.environ,
            "KYBAOCAO_HOME": str(place.home.path),
            "KYBAOCAO_MAIL_FROM": OWN,
            "KYBAOCAO_SMTP_URL": f"smtp://127.0.0.1:{port}?tls=none",
            "KYBAOCAO_SMTP_CONNECTIONS": "1",
            "KYBAOCAO_OPS_TO": OPS,
        }
        found = Served(place, deployed, environment)
        yield found
        stop_child(found.pid_file, patience=5)


class Served:
    """What the ops team has running: a server, and a worker that may be killed."""

    def __init__(self, place: Workplace, server: PrefectServer, environment: dict[str, str]) -> None:
        self.place, self.server, self.environment = place, server, environment
        self.pid_file = place.home.path / "run" / "worker.pid"
        self.log_file = place.home.path / "worker.log"

    def start_worker(self) -> Child:
        command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process"]
        return start_child([*command, "--limit", "2"], self.environment, self.pid_file, self.log_file)

    def start(self, name: str, **parameters: str) -> UUID:
        """A run by hand, as from the pages."""
        from prefect.client.orchestration import get_client

        with get_client(sync_client=True) as client:
            deployment = client.read_deployment_by_name(f"{name}/{name}")
            return client.create_flow_run_from_deployment(deployment.id, parameters=parameters).id

    def schedule_in_the_past(self, name: str, minutes: Iterable[int]) -> list[UUID]:
        """Runs that no worker was there for, each so many minutes ago."""
        from prefect.client.orchestration import get_client
        from prefect.client.schemas.objects import State
        from prefect.states import Scheduled

        with get_client(sync_client=True) as client:
            deployment = client.read_deployment_by_name(f"{name}/{name}")
            times = (clock.now() - timedelta(minutes=minute) for minute in minutes)
            states: Iterator[State[None]] = (Scheduled(scheduled_time=time) for time in times)
            return [client.create_flow_run_from_deployment(deployment.id, state=state).id for state in states]

    def state(self, run: UUID) -> str:
        from prefect.client.orchestration import get_client

        with get_client(sync_client=True) as client:
            state = client.read_flow_run(run).state
        return state.name or "" if state else ""

    def until(self, ready: Callable[[], bool], seconds: float = 120) -> None:
        assert self.server.child is not None
        wait_until(ready, self.server.child, seconds, self.log_file)

    def until_state(self, run: UUID, name: str, seconds: float = 120) -> None:
        self.until(lambda: self.state(run) == name, seconds)


def children_of(pid: int) -> list[int]:
    """The processes below one, those below these too."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [below for child in map(int, text.split()) for below in (child, *children_of(child))]


def messages(place: Workplace, kind: MessageKind) -> Counter[MessageState]:
    with reading(place.home.engine) as session:
        return Counter(session.scalars(select(Message.state).where(Message.kind == kind)))


@pytest.mark.deep
@pytest.mark.ci
def test_the_next_worker_finishes_what_a_killed_one_began(served: Served, post: SlowPost) -> None:
    worker = served.start_worker()
    cut = served.start("exchange-mail")
    assert post.holds.wait(120)
    marking = [
        sys.executable,
        "-m",
        "deployments.service.prefect_runs",
    ]  # as ``serve`` does before it starts one
    subprocess.run(marking, env=served.environment, check=True)
    assert served.state(cut) == "Running"  # its process lives
    for pid in [worker.pid, *children_of(worker.pid)]:  # as a machine that loses its power
        os.kill(pid, signal.SIGKILL)
    post.goes_on.set()
    subprocess.run(marking, env=served.environment, check=True)
    assert served.state(cut) == "Crashed"

    served.start_worker()
    served.until(lambda: any("bị ngắt giữa chừng" in each for each in post.told()))
    again = served.start("exchange-mail")
    served.until_state(again, "Completed")
    requests = messages(served.place, MessageKind.REQUEST)
    assert requests[MessageState.UNKNOWN] == 1  # it was on its way: a person decides
    assert requests[MessageState.ACCEPTED] == sum(requests.values()) - 1
    asked = Counter(recipient for recipient, _ in post.taken if recipient != OPS)
    assert set(asked.values()) == {1}
    assert len(asked) == requests[MessageState.ACCEPTED]

    served.until_state(served.start("exchange-mail"), "Completed")
    told = [each.partition("] ")[2].partition(":")[0] for each in post.told() if "exchange-mail" in each]
    assert told == ["Sự cố", "Đã hết"], post.told()
    assert sum("chưa rõ đã đi hay chưa" in each for each in post.told()) == 1


@pytest.mark.deep
@pytest.mark.ci
def test_one_run_does_the_work_of_all_that_were_late(served: Served, post: SlowPost) -> None:
    """A worker that was away for hours: not a run for each ten minutes of them, and one mail about it."""
    post.count = 3  # nothing is kept back
    late = served.schedule_in_the_past("exchange-mail", range(200, 0, -10))
    served.until(lambda: all(served.state(run) == "Late" for run in late))
    served.start_worker()
    served.until(lambda: {served.state(run) for run in late} <= {"Completed", "Cancelled"}, 240)
    states = Counter(map(served.state, late))
    assert states["Completed"] <= 2  # one, and one more where two had begun at once
    served.until_state(served.start("exchange-mail"), "Completed", 240)
    subjects = [subject.partition("] ")[2] for subject in post.told() if "exchange-mail" in subject]
    assert [subject.partition(":")[0] for subject in subjects] == ["Sự cố", "Đã hết"], post.told()


@pytest.mark.deep
def test_a_run_that_fell_silent_is_found_by_the_server(served: Served, post: SlowPost) -> None:
    worker = served.start_worker()
    cut = served.start("exchange-mail")
    assert post.holds.wait(120)
    for pid in [worker.pid, *children_of(worker.pid)]:
        os.kill(pid, signal.SIGKILL)
    post.goes_on.set()
    served.start_worker()  # nobody marks the run: its heartbeats are missed
    served.until_state(cut, "Crashed", 400)
    served.until(lambda: any("bị ngắt giữa chừng" in each for each in post.told()))


@pytest.mark.deep
def test_a_run_that_fails_is_told_of_once(served: Served, post: SlowPost) -> None:
    post.count = 3  # nothing is kept back
    served.start_worker()
    for _ in range(2):
        served.until_state(served.start("remind", programme="khong-co"), "Failed")
    served.until(lambda: any("không xong" in each for each in post.told()))
    served.until_state(served.start("remind"), "Completed")
    for _ in range(2):
        served.until_state(served.start("exchange-mail"), "Completed")
    served.until(lambda: any("Đã hết" in each for each in post.told()))
    told = [each.partition("] ")[2].partition(":")[0] for each in post.told() if "remind" in each]
    assert told == ["Sự cố", "Đã hết"], post.told()
