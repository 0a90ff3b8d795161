"""Rehearsing a cycle: its days walked through the same flows as in production, ``today`` moved.

Mail runs over a real SMTP server and a real IMAP mailbox on loopback; the flows run against a real
Prefect server in the home. After a kill the next start goes on behind the last completed day: all
that a day does may be done again.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.settings import Settings
from deployments.rehearsal import mailserver
from deployments.rehearsal.decisions import Office
from deployments.rehearsal.departments import OFFICE_ADDRESS, People, people_for
from deployments.rehearsal.generated import make_scenario
from deployments.rehearsal.history import enter_history
from deployments.rehearsal.scenario import Scenario, load_scenario
from deployments.service.children import held
from deployments.service.listening import Listening
from deployments.service.prefect_server import running_server
from reporting import clock
from reporting.contacts.files import import_contacts
from reporting.errors import BadInput, ReportingError
from reporting.follow_up import due
from reporting.follow_up.unit_facts import unit_facts
from reporting.home.context import Context, current_cycles, open_context
from reporting.home.folder import Home, init_home, is_made, open_home, rehearsed_cycle
from reporting.mail.inbox import mailbox
from reporting.mail.outbox.claims import recover
from reporting.programme.files import load_programmes
from reporting.programme.model import CycleDefinition, Programme
from reporting.progress_bar import track
from reporting.report.due import due_compilations
from reporting.requests.letter import request_letter
from reporting.states import CycleState, MessageState, ReplyState
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading, writing
from reporting.store.tables import Contact, HomeInfo, Message, RawReply

LEAD = timedelta(days=42)  # walked before the cycle opens: early replies come in the weeks before
MORNING, START_OF_WORK = 7, 8  # when people act, when the flow runs
SETTLED = (
    MessageState.ACCEPTED,
    MessageState.BOUNCED,
    MessageState.FAILED,
    MessageState.CANCELLED,
    MessageState.HELD,
)
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Stage:
    """What a rehearsal plays on."""

    settings: Settings
    scenario: Scenario
    people: People
    office: Office
    mail_root: Path

    def context(self, today: date, hour: int) -> Context:
        return open_context(self.settings, today=today, now=clock.at(today, hour))


RunDay = Callable[[Stage, date], Awaitable[None]]


def replay(settings: Settings, cycle_name: str, *, tell: Tell, with_prefect: bool = True) -> Home:
    """Walk the cycle to its last day, or go on where an earlier run stopped.

    Without Prefect the same steps are carried out as plain functions, for comparison. Raises
    BadInput for a home with real data or of another rehearsal, and for a cycle without scenario.
    """
    # Whatever else is set for real work, a rehearsal touches nothing outside its own home.
    settings = settings.model_copy(update={"database_url": None, "drop_dir": None, "secret_key": None})
    programme = _programme(settings).rehearsing(cycle_name)
    scenario = _scenario(settings.home.absolute(), programme, cycle_name)
    days = _days(scenario)
    home = _home(settings, cycle_name, clock.at(days[0], MORNING))
    with held(home.path / "run" / "replay.lock", f"Diễn tập kỳ {cycle_name}"):
        left = [each for each in days if each > _replayed_until(home)]
        if not left:
            tell(f"Kỳ {cycle_name} đã được diễn tập đến hết ngày {days[-1]:%d/%m/%Y}.")
            return home
        tell(f"Diễn tập kỳ {cycle_name} trong {home.path}: {len(left)} ngày, từ {left[0]:%d/%m/%Y}.")
        with _stage(settings, home, programme, scenario) as stage:
            if with_prefect:
                listening = Listening.of(settings, home.path)
                with running_server(home.path, rehearsal=True, wait=False, listening=listening) as server:
                    _prepare(stage, left[0])
                    server.wait()
                    server.connect()
                    asyncio.run(_walk(stage, home, left, tell, _as_flows))
            else:
                _prepare(stage, left[0])
                asyncio.run(_walk(stage, home, left, tell, _plainly))
    return home


def _scenario(home: Path, programme: Programme, cycle_name: str) -> Scenario:
    """The scenario of the programme's folder, or one made by rule and kept in the home."""
    if (programme.folder / "rehearsal" / cycle_name).is_dir():
        return load_scenario(programme, cycle_name)
    folder = home / "rehearsal" / "scenario" / cycle_name
    if not (folder / "contacts.csv").exists():
        make_scenario(programme, programme.cycle(cycle_name), folder)
    return load_scenario(programme, cycle_name, folder)


def _history(home: Path, programme: Programme, cycle: CycleDefinition) -> list[Scenario]:
    """The cycles to compare with: the last of the same kind, and those with a scenario of their own.

    None for a cycle that has a scenario of its own.
    """
    if (programme.folder / "rehearsal" / cycle.name).is_dir():
        return []
    before = [c for c in programme.cycles if c.kind == cycle.kind and c.period_end < cycle.period_start]
    before.sort(key=lambda each: each.period_end)
    chosen = [each for each in before if (programme.folder / "rehearsal" / each.name).is_dir()]
    return [_scenario(home, programme, each.name) for each in dict.fromkeys([*chosen, *before[-1:]])]


def _programme(settings: Settings) -> Programme:
    programmes = load_programmes(settings.programmes_dir)
    if settings.programme not in programmes:
        raise BadInput(f"Không có chương trình '{settings.programme}' trong {settings.programmes_dir}.")
    return programmes[settings.programme]


def _days(scenario: Scenario) -> list[date]:
    first = scenario.cycle.open_on - LEAD
    return [first + timedelta(days=n) for n in range((scenario.cycle.close_on - first).days + 1)]


def _home(settings: Settings, cycle_name: str, now: datetime) -> Home:
    """The home, made for this rehearsal or found to be it; one whose making was cut short is made."""
    if is_made(settings):
        home = open_home(settings)
        with reading(home.engine) as session:
            found = rehearsed_cycle(session)
        if found != cycle_name:
            what = f"là bản diễn tập kỳ {found}" if found else "có dữ liệu thật"
            raise BadInput(f"Thư mục {home.path} {what}: hãy chọn thư mục khác để diễn tập (--home).")
        return home
    return init_home(settings, now, rehearsal_of=cycle_name)


def _replayed_until(home: Home) -> date:
    with reading(home.engine) as session:
        info = session.get(HomeInfo, "replayed_until")
        return date.fromisoformat(info.value) if info else date.min


@contextmanager
def _stage(settings: Settings, home: Home, programme: Programme, scenario: Scenario) -> Iterator[Stage]:
    """The mail servers as a child, and the settings by which this process and its flows find them."""
    mail_root = home.path / "rehearsal" / "mail"
    servers = mailserver.start(mail_root, own_address=OFFICE_ADDRESS)
    try:
        own = settings.model_copy(
            update={
                "home": home.path,
                "smtp_url": SecretStr(servers.smtp_url),
                "imap_url": SecretStr(servers.imap_url),
                "mail_from": OFFICE_ADDRESS,
            }
        )
        _for_the_flows(own, home)
        people = people_for(programme, scenario, mail_root, servers.smtp_url)
        yield Stage(own, scenario, people, Office(scenario, people, mail_root), mail_root)
    finally:
        mailserver.stop(mail_root)


def _for_the_flows(settings: Settings, home: Home) -> None:
    """Flows read their settings from the environment: secrets are no parameters of a run."""
    assert settings.smtp_url is not None
    assert settings.imap_url is not None
    os.environ |= {
        "KYBAOCAO_HOME": str(home.path),
        "KYBAOCAO_DATABASE_URL": home.database_url,
        "KYBAOCAO_DROP_DIR": str(home.drop),
        "KYBAOCAO_SECRET_KEY": home.secret_key,
        "KYBAOCAO_SMTP_URL": settings.smtp_url.get_secret_value(),
        "KYBAOCAO_IMAP_URL": settings.imap_url.get_secret_value(),
        "KYBAOCAO_MAIL_FROM": str(settings.mail_from),
        "KYBAOCAO_PROGRAMMES_DIR": str(settings.programmes_dir),
        "KYBAOCAO_PROGRAMME": settings.programme,
    }


def _prepare(stage: Stage, today: date) -> None:
    """Enter the sample contacts, and settle what a killed run left in flight.

    First by the copies in our own mailbox; for what is left the operator asks the department.
    """
    mailserver.set_now(stage.mail_root, clock.at(today, MORNING))
    context = stage.context(today, MORNING)
    with writing(context.home.engine) as session:
        if not session.scalar(select(func.count()).select_from(Contact)):
            import_contacts(
                session,
                context.programme,
                stage.scenario.contacts(context.programme),
                by=stage.scenario.office.duty_officer,
                today=context.today,
                now=context.now,
                dry_run=False,
            )
        recover(session, context.now, alone=True)
        for earlier in _history(context.home.path, context.programme, stage.scenario.cycle):
            enter_history(context, session, earlier)
    mailbox.collect_mailbox(context.home, context.settings, now=context.now)
    stage.office.settle_unknown(context)


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
