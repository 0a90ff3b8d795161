"""The flow that waits for a manager: suspended on a real server, resumed as its page does it."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from config.settings import Settings
from deployments.service.children import wait_until
from reporting.approval.steps import decide
from reporting.home.context import cycle_row, open_context
from reporting.home.folder import open_home
from reporting.status.report import APPROVE, Standing, standing
from reporting.store.engine import reading, writing
from reporting.store.tables import AuditEvent
from tests.compiling import compile_report
from tests.deployments.service.test_serve import (
    Serving,
    api_client,
    connections,
    new_home,
    run_through_worker,
    serving,
)
from tests.workplace import CYCLE, PDF, Workplace, whole_programme

__all__ = ["connections", "new_home", "serving"]

END = date(2024, 4, 30)
PEOPLE = ("Chuyên viên tổng hợp", "Chánh Văn phòng", "Đại diện Mặt trận", "Thứ trưởng")


class Office:
    """What a manager and a clerk see of one home that is served."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home)
        self.home = open_home(self.settings)

    def lay(self) -> None:
        """A cycle whose report as of 30/4/2024 was compiled that day."""
        place = Workplace(self.home, self.settings, whole_programme())
        letter = self.home.path / "cong-van.pdf"
        letter.write_bytes(PDF)
        open_context(self.settings, today=date(2023, 11, 1))
        place.open(letter)
        with writing(self.home.engine) as session:
            context = place.context(END)
            compile_report(self.home, session, context.programme, CYCLE, as_of=END, now=context.now)

    def decide(self, by: str) -> Standing:
        """As the command does it, today."""
        context = open_context(self.settings)
        with writing(self.home.engine) as session:
            found = decide(context, session, CYCLE, APPROVE, by=by)
            session.expunge_all()
            return found

    def command(self, *arguments: str) -> None:
        """As a person types it, in a process of its own."""
        program = str(Path(sys.executable).with_name("kybaocao"))
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        subprocess.run([program, "--home", str(self.home.path), *arguments], env=environment, check=True)

    def standing(self) -> Standing:
        with reading(self.home.engine) as session:
            context = open_context(self.settings, writes=False)
            found = standing(session, context.programme, cycle_row(session, context.programme, CYCLE))
            assert found is not None
            session.expunge_all()
            return found


class Pages:
    """The runs of the flow, by the interface that the pages use."""

    def __init__(self, url: str, served: Serving) -> None:
        self.url, self.served = url, served

    def paused(self, but: str | None = None) -> tuple[UUID, str]:
        """The run that waits and the key of its question, once it waits with another key than ``but``."""
        found: list[tuple[UUID, str]] = []

        def waits() -> bool:
            found[:] = [
                (run.id, run.state.state_details.pause_key or "")
                for run in self.runs()
                if run.state is not None and run.state.is_paused()
            ]
            return len(found) == 1 and found[0][1] != but

        self.until(waits)
        return found[0]

    def runs(self) -> list:  # type: ignore[type-arg]
        from prefect.client.schemas.filters import FlowFilter, FlowFilterName

        with api_client(self.url, self.served.home) as client:
            name = FlowFilterName(any_=["approve-report"])
            return list(client.read_flow_runs(flow_filter=FlowFilter(name=name)))

    def answer(self, run: UUID, decision: str, name: str, **more: str) -> None:
        with api_client(self.url, self.served.home) as client:
            ran = client.resume_flow_run(run, run_input={"decision": decision, "name": name, **more})
            assert ran.status.name == "ACCEPT", ran

    def until(self, is_so: Callable[[], bool]) -> None:
        log = self.served.home / "prefect" / "worker.log"
        wait_until(is_so, self.served.child("worker"), 120, log)

    def exchange_mail(self) -> None:
        run_through_worker(self.url, self.served.home, self.served.child("worker"))


def open_pages(served: Serving) -> Pages:
    url = served.until("http://").split()[-1]
    served.until("Lịch và tiến trình xử lý đang chạy")
    return Pages(f"{url}/api", served)


@pytest.mark.deep
def test_it_waits_for_each_step_through_refusal_kill_and_a_decision_elsewhere(
    new_home: Callable[..., Path], serving: Callable[[Path], Serving]
) -> None:
    home = new_home()
    office = Office(home)
    office.lay()
    office.decide(PEOPLE[0])
    pages = open_pages(serving(home))

    pages.exchange_mail()  # sees that the report was submitted, and lets somebody be asked
    run, first = pages.paused()
    pages.exchange_mail()
    assert pages.paused() == (run, first)  # one wait for a version

    pages.answer(run, "duyệt", PEOPLE[0])  # the same person as in the step before
    run, second = pages.paused(but=first)
    assert len(office.standing().round) == 1
    assert second.split("-")[1:] == first.split("-")[1:]  # the same question, put again

    pages.served.end(9)  # type: ignore[arg-type]  # killed, and started again
    pages = open_pages(serving(home))
    assert pages.paused() == (run, second)
    pages.answer(run, "duyệt", PEOPLE[1], comment="Đồng ý trình")
    run, third = pages.paused(but=second)
    assert [each.decided_by for each in office.standing().round] == list(PEOPLE[:2])

    office.command("approve", CYCLE, "--by", PEOPLE[2])
    run, fourth = pages.paused(but=third)
    assert fourth.endswith("-lanh-dao-bo")

    pages.answer(run, "trả lại", PEOPLE[3], comment="Viết lại mục III")
    pages.until(lambda: all(each.state.is_final() for each in pages.runs()))
    found = office.standing()
    assert "được trả lại (Thứ trưởng: Viết lại mục III)" in found.words
    with reading(office.home.engine) as session:
        said = session.execute(
            select(AuditEvent.actor, AuditEvent.action).where(AuditEvent.action.contains("báo cáo"))
        ).all()
    decided = [tuple(row) for row in said if row[0] in PEOPLE]
    assert decided == [*((who, "duyệt báo cáo") for who in PEOPLE[:3]), (PEOPLE[3], "trả lại báo cáo")]
    assert {each.state.name for each in pages.runs()} == {"Completed"}
