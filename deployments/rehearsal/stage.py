"""What a rehearsal plays on: programme, scenario and home, the mail servers, the people, and the days."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import func, select

from config.settings import Settings
from deployments.rehearsal import mailserver
from deployments.rehearsal.decisions import Office
from deployments.rehearsal.generated import make_scenario
from deployments.rehearsal.history import enter_history
from deployments.rehearsal.people.departments import OFFICE_ADDRESS, People, people_for
from deployments.rehearsal.scenario import Scenario, load_scenario
from reporting import clock
from reporting.contacts.files import import_contacts
from reporting.errors import BadInput
from reporting.home.context import Context, open_context
from reporting.home.folder import Home, init_home, is_made, open_home, rehearsed_cycle
from reporting.mail.inbox import mailbox
from reporting.mail.outbox import claims
from reporting.programme.files import load_programmes
from reporting.programme.model import CycleDefinition, Programme
from reporting.store.engine import reading, writing
from reporting.store.tables import Contact

LEAD = timedelta(days=42)  # walked before the cycle opens: early replies come in the weeks before
MORNING, START_OF_WORK = 7, 8  # when people act, when the flow runs


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


def scenario_of(home: Path, programme: Programme, cycle_name: str) -> Scenario:
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
    before.sort(key=lambda c: c.period_end)
    chosen = [c for c in before if (programme.folder / "rehearsal" / c.name).is_dir()]
    return [scenario_of(home, programme, c.name) for c in dict.fromkeys([*chosen, *before[-1:]])]


def programme_of(settings: Settings) -> Programme:
    """The programme of the settings. Raises BadInput for one that is not there."""
    programmes = load_programmes(settings.programmes_dir)
    if settings.programme not in programmes:
        raise BadInput(f"Không có chương trình '{settings.programme}' trong {settings.programmes_dir}.")
    return programmes[settings.programme]


def days_of(scenario: Scenario) -> list[date]:
    """The days that are walked, one after the other."""
    first = scenario.cycle.open_on - LEAD
    return [first + timedelta(days=n) for n in range((scenario.cycle.close_on - first).days + 1)]


def rehearsal_home(settings: Settings, cycle_name: str, now: datetime) -> Home:
    """The home, made for this rehearsal or found to be it; one whose making was cut short is made."""
    if is_made(settings):
        home = open_home(settings)
        with reading(home.engine) as session:
            rehearsed = rehearsed_cycle(session)
        if rehearsed != cycle_name:
            what = f"là bản diễn tập kỳ {rehearsed}" if rehearsed else "có dữ liệu thật"
            raise BadInput(f"Thư mục {home.path} {what}: hãy chọn thư mục khác để diễn tập (--home).")
        return home
    return init_home(settings, now, rehearsal_of=cycle_name)


@contextmanager
def set_stage(settings: Settings, home: Home, programme: Programme, scenario: Scenario) -> Iterator[Stage]:
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


def prepare(stage: Stage, today: date) -> None:
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
        claims.recover(session, context.now, alone=True)
        for earlier in _history(context.home.path, context.programme, stage.scenario.cycle):
            enter_history(context, session, earlier)
    mailbox.collect_mailbox(context.home, context.settings, now=context.now)
    stage.office.settle_unknown(context)
