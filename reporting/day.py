"""The steps of a working day, each a plain function of the desk; flows carry them out as tasks.

Every step asks what should have happened by now and has not (``reporting.plan``), so any of them
may be run again, alone or after a crash.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting import answers, audit, contacts, cycles, ingest, plan
from reporting.desk import Desk, current_cycles
from reporting.home import only_one, rehearsed_cycle
from reporting.mail import drop, mailbox, outbox, send
from reporting.programme.model import CycleDefinition, Programme
from reporting.programme.units import unit_rows
from reporting.status import CycleStatus, UnitState, UnitStatus, cycle_status
from reporting.store.engine import reading, writing
from reporting.store.models import (
    Contact,
    Cycle,
    CycleState,
    Message,
    MessageKind,
    MessageState,
    RawReply,
    ReplyState,
    ReportVersion,
    UnitRow,
    Value,
    ValueKind,
)
from reporting.vnfmt import short_date

LEFT_US = (MessageState.CANCELLED, MessageState.FAILED)


@dataclass(frozen=True)
class Outcome:
    """What a step did, what now waits for a person, what failed for one unit without stopping others."""

    done: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(self.done + other.done, self.waiting + other.waiting, self.failures + other.failures)


NOTHING = Outcome()


def follow_calendar(desk: Desk) -> Outcome:
    """Plan the cycles whose period has begun, draft letters, open those that need none, close the past."""
    outcome = NOTHING
    for programme in desk.programmes.values():
        with writing(desk.home.engine) as session:
            outcome += _follow(desk.of(programme), session)
    return outcome


def _follow(desk: Desk, session: Session) -> Outcome:
    done, waiting = [], []
    for definition in _due_to_plan(desk, session):
        known = {row.name for row, _ in current_cycles(session, desk.programme)}
        cycles.plan_cycle(desk, session, definition.name)
        if definition.name not in known:
            done.append(f"lập kỳ {definition.name}")
    for row, definition in current_cycles(session, desk.programme):
        cycles.follow_calendar(desk, session, row)
        for action in _calendar_actions(desk, session, row, definition):
            if isinstance(action, plan.DraftLetter):
                file = cycles.draft_request(desk, session, row)
                done.append(f"dự thảo công văn đề nghị báo cáo kỳ {row.name}: {file.name}")
            elif isinstance(action, plan.Open):
                opening = cycles.open_cycle(desk, session, row, by=audit.SYSTEM)
                done.append(f"mở kỳ {row.name}: {opening.queued} thư yêu cầu")
                waiting += [f"{name}: chưa có địa chỉ thư" for name in opening.without_address]
            elif isinstance(action, plan.AwaitLetter):
                waiting.append(
                    f"kỳ {row.name} chờ đăng ký công văn đã ký (từ ngày {short_date(action.since)})"
                )
            elif isinstance(action, plan.Close):
                cycles.close_cycle(desk, session, row)
                done.append(f"khóa sổ kỳ {row.name}")
    return Outcome(tuple(done), tuple(waiting))


def _due_to_plan(desk: Desk, session: Session) -> list[CycleDefinition]:
    only = rehearsed_cycle(session)
    return [
        cycle
        for cycle in desk.programme.cycles
        if cycle.period_start <= desk.today <= cycle.close_on
        and (only is None or cycle.name == only)
        and (cycle.period_end <= desk.programme.valid_to or cycle.basis is not None)
    ]


def _calendar_actions(
    desk: Desk, session: Session, row: Cycle, definition: CycleDefinition
) -> list[plan.Action]:
    letter = cycles.request_letter(session, row)
    return plan.plan(
        desk.programme,
        definition,
        state=row.state,
        letter_drafted=letter is not None,
        units=(),
        today=desk.today,
    )


def collect(desk: Desk) -> Outcome:
    """Fetch what lies in the mailbox and the drop folder; raw bytes are safe before anything reads them.

    Raises ServiceUnavailable when the mailbox cannot be reached, after the drop folder was read.
    """
    with only_one(desk.home, "collect", "Một lượt nhận thư khác đang chạy; hãy chạy lại sau."):
        return _collect(desk)


def _collect(desk: Desk) -> Outcome:
    dropped = drop.collect_drop(desk.home, now=desk.now)
    fetched = mailbox.collect_mailbox(desk.home, desk.settings, now=desk.now)
    new = len(dropped.replies) + len(fetched)
    done = [f"nhận {new} thư, tệp mới"] if new else []
    if dropped.unfinished:
        done.append(f"để lượt sau, còn đang được chép: {', '.join(dropped.unfinished)}")
    return Outcome(tuple(done), failures=tuple(f"thư mục thả tệp: {each}" for each in dropped.problems))


def take_in_replies(desk: Desk) -> Outcome:
    """Take in every stored reply; one that breaks does not stop the others."""
    done, waiting, failures = [], [], []
    for reply_id in ingest.waiting_replies(desk):
        try:
            taken = ingest.take_in(desk, reply_id)
        except Exception as error:
            failures.append(f"thư {reply_id}: {type(error).__name__}: {error}")
            continue
        if taken.state is ReplyState.QUARANTINED:
            waiting.append(f"thư {reply_id} ({taken.unit or 'chưa rõ đơn vị'}): {'; '.join(taken.reasons)}")
        elif taken.state is ReplyState.PROCESSED:
            done.append(f"tiếp nhận báo cáo của {taken.unit}")
        elif ingest.BOUNCED in taken.reasons:
            waiting.append(f"thư {reply_id}: {'; '.join(taken.reasons)}; hãy kiểm tra địa chỉ của Sở")
    return Outcome(tuple(done), tuple(waiting), tuple(failures))


def file_mail_away(desk: Desk) -> Outcome:
    """Move what was taken in out of the inbox folder, into Processed or Quarantine."""
    with only_one(desk.home, "collect", "Một lượt nhận thư khác đang chạy; hãy chạy lại sau."):
        moved = mailbox.file_away(desk.home, desk.settings)
    return Outcome((f"xếp {moved} thư vào thư mục",) if moved else ())


def queue_due(desk: Desk) -> Outcome:
    """Queue the reminders and supplements that are due, and name the units that cannot be reached.

    What is stored is taken in first: nobody is reminded whose report already lies here.
    """
    outcome = take_in_replies(desk)
    for programme in desk.programmes.values():
        with writing(desk.home.engine) as session:
            for row, definition in current_cycles(session, programme):
                if row.state is CycleState.OPEN:
                    outcome += _queue_for_cycle(desk.of(programme), session, row, definition)
    return outcome


def _queue_for_cycle(desk: Desk, session: Session, row: Cycle, definition: CycleDefinition) -> Outcome:
    status = cycle_status(session, desk.programme, row.name, as_of=desk.today)
    units = unit_rows(session, desk.programme, definition)
    facts = unit_facts(desk, session, row, status)
    outcome = Outcome(waiting=_without_working_address(desk, session, status))
    for action in plan.plan(
        desk.programme, definition, state=row.state, letter_drafted=True, units=facts, today=desk.today
    ):
        if not isinstance(action, plan.Remind | plan.AskSupplement | plan.Unreachable):
            continue
        unit = units[action.unit]
        try:
            with session.begin_nested():
                outcome += _queue_for_unit(desk, session, row, unit, action)
        except Exception as error:  # one province must not stop the others; the flow fails at its end
            outcome += Outcome(failures=(f"{unit.name}: {type(error).__name__}: {error}",))
    return outcome


def _without_working_address(desk: Desk, session: Session, status: CycleStatus) -> tuple[str, ...]:
    """The units that nothing reaches any more since mail to them came back."""
    ids = [unit.row_id for unit in status.units if unit.row_id is not None and not unit.is_usable]
    left = contacts.active(session, ids, desk.today)
    bounced = contacts.bounced(session, ids)
    return tuple(
        f"{unit.unit.name}: không còn địa chỉ thư dùng được ({', '.join(bounced[unit.row_id])} bị trả lại)"
        for unit in status.units
        if unit.row_id in bounced and not left[unit.row_id]
    )


def _queue_for_unit(
    desk: Desk,
    session: Session,
    row: Cycle,
    unit: UnitRow,
    action: plan.Remind | plan.AskSupplement | plan.Unreachable,
) -> Outcome:
    if isinstance(action, plan.Remind):
        queued = _queue_reminder(desk, session, row, unit, action.sequence)
        return Outcome((f"nhắc lần {action.sequence}: {unit.name}",)) if queued else NOTHING
    if isinstance(action, plan.AskSupplement):
        queued = answers.queue_supplement(desk, session, row, unit, action.supplement)
        return Outcome((f"đề nghị bổ sung {action.supplement}: {unit.name}",)) if queued else NOTHING
    return Outcome(waiting=(f"{unit.name}: chưa có địa chỉ thư để nhắc",))


def _queue_reminder(desk: Desk, session: Session, row: Cycle, unit: UnitRow, sequence: int) -> bool:
    queued = False
    for contact in contacts.active(session, [unit.id], desk.today)[unit.id]:
        message = outbox.queue(
            session,
            desk.home,
            desk.programme,
            row,
            unit,
            MessageKind.REMINDER,
            sequence,
            contact.email,
            now=desk.now,
            today=desk.today,
            mail_from=desk.settings.mail_from,
            context={**cycles.letter_context(cycles.request_letter(session, row)), "attachments": []},
        )
        queued = message is not None or _queue_again(desk, session, row, unit, sequence, contact) or queued
    return queued


def _queue_again(
    desk: Desk, session: Session, row: Cycle, unit: UnitRow, sequence: int, contact: Contact
) -> bool:
    """Queue a reminder that was stopped before it left (by a call, a promise) and is due again."""
    message = session.scalar(
        select(Message).where(
            Message.cycle_id == row.id,
            Message.unit_id == unit.id,
            Message.kind == MessageKind.REMINDER,
            Message.sequence == sequence,
            Message.recipient == contact.email,
            Message.state == MessageState.CANCELLED,
        )
    )
    if message is None:
        return False
    message.state, message.error, message.raw_sha256 = MessageState.QUEUED, None, None
    message.queued_on, message.queued_at, message.not_before = desk.today, desk.now, desk.now
    return True


def unit_facts(desk: Desk, session: Session, row: Cycle, status: CycleStatus) -> list[plan.UnitFacts]:
    """What the plan needs of each unit, from the status and the messages queued so far."""
    ids = [unit.row_id for unit in status.units if unit.row_id is not None]
    reachable = contacts.active(session, ids, desk.today)
    reminders: dict[int, dict[int, date]] = {}
    supplements: dict[int, set[int]] = {}
    for message in session.scalars(
        select(Message).where(
            Message.cycle_id == row.id,
            Message.kind.in_((MessageKind.REMINDER, MessageKind.SUPPLEMENT)),
            Message.state.not_in(LEFT_US),
        )
    ):
        if message.kind is MessageKind.REMINDER:
            reminders.setdefault(message.unit_id, {})[message.sequence] = message.queued_on
        else:
            supplements.setdefault(message.unit_id, set()).add(message.sequence)
    names = [supplement.id for supplement in status.cycle.supplements]
    answered = _answered(desk, session, status) if names else {}
    return [
        _facts(unit, reachable, reminders, supplements, names, answered)
        for unit in status.units
        if unit.row_id is not None
    ]


def _answered(desk: Desk, session: Session, status: CycleStatus) -> dict[int, frozenset[str]]:
    """Which supplements each usable unit's counting version answers, by the unit's row."""
    asks = {each.code: each.supplement for each in desk.programme.indicators if each.supplement}
    units = {unit.submission_id: unit.row_id for unit in status.units if unit.is_usable}
    answered: dict[int, frozenset[str]] = {}
    for submission_id, code in session.execute(
        select(Value.submission_id, Value.indicator).where(
            Value.submission_id.in_(units), Value.indicator.in_(asks), Value.kind != ValueKind.BLANK
        )
    ):
        row_id = units[submission_id]
        assert row_id is not None
        answered[row_id] = answered.get(row_id, frozenset()) | {str(asks[code])}
    return answered


def _facts(
    unit: UnitStatus,
    reachable: dict[int, list[Contact]],
    reminders: dict[int, dict[int, date]],
    supplements: dict[int, set[int]],
    names: list[str],
    answered: dict[int, frozenset[str]],
) -> plan.UnitFacts:
    assert unit.row_id is not None
    assert unit.due_on is not None
    return plan.UnitFacts(
        code=unit.unit.code,
        due_on=unit.due_on,
        is_reported=unit.is_reported,
        is_under_review=unit.state is UnitState.UNDER_REVIEW or unit.quarantined > 0,
        has_draft=unit.has_draft,
        is_accepted=unit.is_usable,
        has_address=bool(reachable[unit.row_id]),
        reminders=reminders.get(unit.row_id, {}),
        last_call_on=unit.last_call_on,
        promised_on=unit.promised_on,
        supplements_asked=frozenset(names[place - 1] for place in supplements.get(unit.row_id, ())),
        supplements_answered=answered.get(unit.row_id, frozenset()),
    )


def reminder_still_due(desk: Desk) -> Callable[[Session, Message], bool]:
    """The question asked again in the transaction that lets a reminder leave."""

    def still_due(session: Session, message: Message) -> bool:
        programme = desk.programmes[message.programme]
        status = cycle_status(session, programme, message.cycle.name, as_of=desk.today)
        unit = next((each for each in status.units if each.row_id == message.unit_id), None)
        if unit is None or status.state is not CycleState.OPEN:
            return False
        unread = session.scalar(select(RawReply.id).where(RawReply.state == ReplyState.STORED).limit(1))
        return unread is None and _may_be_reminded(programme, status.cycle, unit, desk.today)

    return still_due


def _may_be_reminded(programme: Programme, cycle: CycleDefinition, unit: UnitStatus, today: date) -> bool:
    """Whether a reminder would be due if none had been queued yet."""
    facts = plan.UnitFacts(
        unit.unit.code,
        unit.due_on or cycle.due_on,
        is_reported=unit.is_reported,
        is_under_review=unit.state is UnitState.UNDER_REVIEW or unit.quarantined > 0,
        has_draft=unit.has_draft,
        last_call_on=unit.last_call_on,
        promised_on=unit.promised_on,
    )
    return plan.reminder_due(programme, cycle, facts, today) is not None


async def send_queued(desk: Desk) -> Outcome:
    """Send what is queued. Raises ServiceUnavailable when the server is out, BadInput when none is set."""
    summary = await send.send_pass(
        desk.home, desk.programmes, desk.settings, now=desk.now, still_due=reminder_still_due(desk)
    )
    done = [f"gửi {summary.accepted} thư"] if summary.accepted else []
    waiting = [f"{summary.failed} thư không gửi được"] if summary.failed else []
    with reading(desk.home.engine) as session:
        waiting += _messages_that_wait(session)
    return Outcome(tuple(done), tuple(waiting))


def _messages_that_wait(session: Session) -> list[str]:
    lines = []
    for state, text in (
        (MessageState.UNKNOWN, "thư chưa rõ đã đi hay chưa (kybaocao outbox resolve)"),
        (MessageState.HELD, "thư đề nghị rà soát chờ cho gửi (kybaocao outbox release)"),
    ):
        ids = session.scalars(select(Message.id).where(Message.state == state)).all()
        if ids:
            lines.append(f"{len(ids)} {text}")
    return lines


def due_compilations(desk: Desk) -> list[tuple[Programme, str, date]]:
    """The cycles whose report as of the close is due: not compiled yet, or closed only today.

    On the day of the close it is there in the morning; the run that closes the cycle looks once
    more, for what came later that day. The same facts make no new version.
    """
    due = []
    with reading(desk.home.engine) as session:
        for programme in desk.programmes.values():
            for row in session.scalars(
                select(Cycle).where(
                    Cycle.programme == programme.id,
                    Cycle.opened_on.is_not(None),
                    Cycle.close_on <= desk.today,
                )
            ):
                compiled = session.scalar(
                    select(ReportVersion.id)
                    .where(ReportVersion.cycle_id == row.id, ReportVersion.as_of >= row.close_on)
                    .limit(1)
                )
                if compiled is None or row.closed_on == desk.today:
                    due.append((programme, row.name, row.close_on))
    return due
