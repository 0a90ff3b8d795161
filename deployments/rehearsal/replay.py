"""Rehearsing a cycle: its days walked through the same flows as in production, ``today`` moved.

Mail runs over a real SMTP server and a real IMAP mailbox on loopback; the flows run against a real
Prefect server in the home. After a kill the next start goes on behind the last completed day: all
that a day does may be done again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.settings import Settings
from deployments.rehearsal import mailserver
from deployments.rehearsal.stage import (
    MORNING,
    START_OF_WORK,
    Stage,
    days_of,
    prepare,
    programme_of,
    rehearsal_home,
    scenario_of,
    set_stage,
)
from deployments.service.children import held
from deployments.service.listening import Listening
from deployments.service.prefect_server import running_server
from reporting import clock
from reporting.errors import ReportingError
from reporting.follow_up import due
from reporting.follow_up.unit_facts import unit_facts
from reporting.home.context import Context, current_cycles
from reporting.home.folder import Home
from reporting.progress_bar import track
from reporting.report.due import due_compilations
from reporting.requests.letter import request_letter
from reporting.states import CycleState, MessageState, ReplyState
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading, writing
from reporting.store.tables import HomeInfo, Message, RawReply

SETTLED = (
    MessageState.ACCEPTED,
    MessageState.BOUNCED,
    MessageState.FAILED,
    MessageState.CANCELLED,
    MessageState.HELD,
)
Tell = Callable[[str], None]


RunDay = Callable[[Stage, date], Awaitable[None]]


def replay(settings: Settings, cycle_name: str, *, tell: Tell, with_prefect: bool = True) -> Home:
    """Walk the cycle to its last day, or go on where an earlier run stopped.

    Without Prefect the same steps are carried out as plain functions, for comparison. Raises
    BadInput for a home with real data or of another rehearsal, and for a cycle without scenario.
    """
    # Whatever else is set for real work, a rehearsal touches nothing outside its own home.
    settings = settings.model_copy(update={"database_url": None, "drop_dir": None, "secret_key": None})
    programme = programme_of(settings).rehearsing(cycle_name)
    scenario = scenario_of(settings.home.absolute(), programme, cycle_name)
    days = days_of(scenario)
    home = rehearsal_home(settings, cycle_name, clock.at(days[0], MORNING))
    with held(home.path / "run" / "replay.lock", f"Diễn tập kỳ {cycle_name}"):
        left = [day for day in days if day > _replayed_until(home)]
        if not left:
            tell(f"Kỳ {cycle_name} đã được diễn tập đến hết ngày {days[-1]:%d/%m/%Y}.")
            return home
        tell(f"Diễn tập kỳ {cycle_name} trong {home.path}: {len(left)} ngày, từ {left[0]:%d/%m/%Y}.")
        with set_stage(settings, home, programme, scenario) as stage:
            if with_prefect:
                listening = Listening.of(settings, home.path)
                with running_server(home.path, rehearsal=True, wait=False, listening=listening) as server:
                    prepare(stage, left[0])
                    server.wait()
                    server.connect()
                    asyncio.run(_walk(stage, home, left, tell, _as_flows))
            else:
                prepare(stage, left[0])
                asyncio.run(_walk(stage, home, left, tell, _plainly))
    return home


def _replayed_until(home: Home) -> date:
    with reading(home.engine) as session:
        info = session.get(HomeInfo, "replayed_until")
        return date.fromisoformat(info.value) if info else date.min


async def _as_flows(stage: Stage, today: date) -> None:
    from prefect import tags

    from flows.run_day import run_day

    with tags("rehearsal", stage.scenario.cycle.name):
        await run_day(today=today, now=clock.at(today, START_OF_WORK))


async def _plainly(stage: Stage, today: date) -> None:
    from expectations.gate import check_cycle
    from reporting.day import run_day

    outcome = await run_day(stage.context(today, START_OF_WORK), check_cycle)
    if outcome.failures:
        raise ReportingError("; ".join(outcome.failures))


async def _walk(stage: Stage, home: Home, days: Sequence[date], tell: Tell, run_day: RunDay) -> None:
    if run_day is _as_flows:
        from deployments.service.prefect_runs import mark_crashed

        await mark_crashed("run-day")
    runs = 0
    for today in track(days, "Diễn tập"):
        mailserver.set_now(stage.mail_root, clock.at(today, MORNING))
        context = stage.context(today, MORNING)
        people_acted = bool(stage.people.act(today, context.now))
        office_acted = stage.office.act(context)
        if people_acted or office_acted or is_work_due(context):
            await run_day(stage, today)
            runs += 1
            tell(_line(context))
        _note_replayed(home, today)
    tell(f"{len(days)} ngày, {runs} lượt chạy.")


def is_work_due(context: Context) -> bool:
    """Whether a run would find something to do: an action of the plan, a message, a reply, a report."""
    with reading(context.home.engine) as session:
        if session.scalar(select(Message.id).where(Message.state.not_in(SETTLED)).limit(1)):
            return True
        if session.scalar(select(RawReply.id).where(RawReply.state == ReplyState.STORED).limit(1)):
            return True
        if _plans(context, session):
            return True
    return bool(due_compilations(context))


def _plans(context: Context, session: Session) -> bool:
    rows = current_cycles(session, context.programme)
    if not rows:
        return True  # the cycle is still to be planned
    for row, definition in rows:
        if due.cycle_actions(
            context.programme,
            definition,
            state=row.state,
            letter_drafted=request_letter(session, row) is not None,
            today=context.today,
        ):
            return True
        if row.state is not CycleState.OPEN:
            continue
        status = cycle_status(session, context.programme, row.name, as_of=context.today)
        facts = unit_facts(context, session, row, status)
        if due.unit_actions(context.programme, definition, facts, context.today):
            return True
    return False


def _line(context: Context) -> str:
    with reading(context.home.engine) as session:
        rows = current_cycles(session, context.programme)
        if not rows:
            return f"{context.today:%d/%m/%Y}"
        status = cycle_status(session, context.programme, rows[0][0].name, as_of=context.today)
    return (
        f"{context.today:%d/%m/%Y}: đã báo cáo {status.reported}/{status.expected}, "
        f"dùng được {status.usable}, chờ xử lý {status.quarantined}"
    )


def _note_replayed(home: Home, today: date) -> None:
    with writing(home.engine) as session:
        info = session.get(HomeInfo, "replayed_until")
        if info is None:
            session.add(HomeInfo(name="replayed_until", value=today.isoformat()))
        else:
            info.value = today.isoformat()
