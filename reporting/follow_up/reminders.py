"""The mails a calendar makes due: reminders and supplements, and what the plan must know of each unit.

What is due is asked twice: when a mail is queued, and again in the transaction that lets it leave.
"""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import not_, select
from sqlalchemy.orm import Session

from reporting.contacts import book
from reporting.errors import BadInput
from reporting.follow_up import due, escalation
from reporting.home.context import Context, current_cycles, for_each_programme
from reporting.mail.outbox import messages, queueing
from reporting.mail.outbox.messages import StillDue
from reporting.outcome import NOTHING, Outcome
from reporting.programme.model import CycleDefinition, Programme
from reporting.programme.units import unit_rows
from reporting.replies import corrections
from reporting.requests.attachments import for_successor
from reporting.requests.letter import letter_reference, request_letter
from reporting.requests.supplements import queue_supplement
from reporting.states import CycleState, MessageKind, MessageState, ReplyState, ValueKind
from reporting.status import proof
from reporting.status.cycle import CycleStatus, UnitStatus, cycle_status
from reporting.store.tables import Contact, Cycle, Message, RawReply, UnitRow, Value
from reporting.vietnamese.formats import short_date


def queue_due(context: Context) -> Outcome:
    """Queue the reminders and supplements that are due, and name the units that cannot be reached."""
    return for_each_programme(context, _queue_for_programme)


def _queue_for_programme(context: Context, session: Session) -> Outcome:
    outcome = NOTHING
    for row, definition in current_cycles(session, context.programme):
        if row.state is CycleState.OPEN:
            outcome += _queue_for_cycle(context, session, row, definition)
    return outcome


def _queue_for_cycle(context: Context, session: Session, row: Cycle, definition: CycleDefinition) -> Outcome:
    status = cycle_status(session, context.programme, row.name, as_of=context.today)
    units = unit_rows(session, context.programme, definition)
    facts = unit_facts(context, session, row, status)
    outcome = Outcome(waiting=(*_without_working_address(context, session, status), *_in_doubt(status)))
    for action in due.unit_actions(
        context.programme,
        definition,
        facts,
        context.today,
        may_escalate=escalation.may_escalate(session, context.programme, row),
    ):
        if isinstance(action, due.Escalate):
            outcome += _draft_escalation(context, session, status, action)
            continue
        unit = units[action.unit]
        try:
            with session.begin_nested():
                outcome += _queue_for_unit(context, session, row, unit, action)
        except Exception as error:  # one province must not stop the others; the flow fails at its end
            outcome += Outcome(failures=(f"{unit.name}: {type(error).__name__}: {error}",))
    return outcome


def _draft_escalation(
    context: Context, session: Session, status: CycleStatus, action: due.Escalate
) -> Outcome:
    # A letter to a central body is a person's from its first word.
    codes = [each.unit.code for each in status.units if each.unit.has_mail and each.unit.code in action.units]
    if not codes:
        return NOTHING
    try:
        files = escalation.draft_escalation(context, session, status, codes)
    except BadInput as error:  # a broken template keeps nobody's reminder back
        return Outcome(failures=(f"công văn đôn đốc: {error}",))
    names = ", ".join(file.name for file in files)
    return Outcome((f"dự thảo công văn đôn đốc {len(codes)} đơn vị kỳ {status.cycle.name}: {names}",))


def _without_working_address(context: Context, session: Session, status: CycleStatus) -> tuple[str, ...]:
    """The units that nothing reaches any more since mail to them came back."""
    ids = [unit.row_id for unit in status.units if unit.row_id is not None and not unit.is_usable]
    left = book.active(session, ids, context.today)
    bounced = book.bounced(session, ids)
    return tuple(
        f"{unit.unit.name}: không còn địa chỉ thư dùng được ({', '.join(bounced[unit.row_id])} bị trả lại)"
        for unit in status.units
        if unit.row_id in bounced and not left[unit.row_id]
    )


def _in_doubt(status: CycleStatus) -> Iterator[str]:
    """Whom replies keep a reminder from that may be forgeries; or that they are too many to do so."""
    if status.holds.many:
        words = proof.many_in_words(status.holds.many, status.expected)
        yield f"kỳ {status.cycle.name}: {words} (kybaocao quarantine)"
    for unit in status.missing:
        if unit.doubt_until is not None and not unit.waits_with_us and not unit.has_draft:
            yield (
                f"{unit.unit.name}: thư nhắc chỉ hoãn đến trước ngày {short_date(unit.doubt_until)} vì thư "
                "chờ xử lý chưa rõ có phải của đơn vị (kybaocao quarantine)"
            )


def _queue_for_unit(
    context: Context,
    session: Session,
    row: Cycle,
    unit: UnitRow,
    action: due.Remind | due.AskSupplement | due.Unreachable,
) -> Outcome:
    if isinstance(action, due.Remind):
        queued = _queue_reminder(context, session, row, unit, action.sequence)
        return Outcome((f"nhắc lần {action.sequence}: {unit.name}",)) if queued else NOTHING
    if isinstance(action, due.AskSupplement):
        queued = queue_supplement(context, session, row, unit, action.supplement)
        return Outcome((f"đề nghị bổ sung {action.supplement}: {unit.name}",)) if queued else NOTHING
    if not unit.has_mail:
        return NOTHING
    return Outcome(waiting=(f"{unit.name}: chưa có địa chỉ thư để nhắc",))


def _queue_reminder(context: Context, session: Session, row: Cycle, unit: UnitRow, sequence: int) -> bool:
    queued = False
    letter = request_letter(session, row)
    facts = {
        **letter_reference(letter),
        "attachments": for_successor(context, session, row, unit, letter),
    }
    for contact in book.active(session, [unit.id], context.today)[unit.id]:
        message = queueing.queue(
            context, session, row, unit, MessageKind.REMINDER, sequence, contact.email, facts=facts
        ) or _queue_again(context, session, row, unit, sequence, contact)
        if message is not None:
            message.context = facts
            queued = True
    return queued


def _queue_again(
    context: Context, session: Session, row: Cycle, unit: UnitRow, sequence: int, contact: Contact
) -> Message | None:
    """Queue a reminder that a fact stopped before it left (a call, a promise) and that is due again.

    One that a person cancelled is over.
    """
    message = session.scalar(
        select(Message).where(
            Message.cycle_id == row.id,
            Message.unit_id == unit.id,
            Message.kind == MessageKind.REMINDER,
            Message.sequence == sequence,
            Message.recipient == contact.email,
            messages.cancelled_by_itself(),
        )
    )
    if message is not None:
        messages.revive(message, today=context.today, now=context.now)
    return message


def unit_facts(context: Context, session: Session, row: Cycle, status: CycleStatus) -> list[due.UnitFacts]:
    """What the plan needs of each unit, from the status and the messages queued so far."""
    ids = [unit.row_id for unit in status.units if unit.row_id is not None]
    reachable = book.active(session, ids, context.today)
    reminders: dict[int, dict[int, date]] = {}
    supplements: dict[int, set[int]] = {}
    for message in session.scalars(
        select(Message).where(
            Message.cycle_id == row.id,
            Message.kind.in_((MessageKind.REMINDER, MessageKind.SUPPLEMENT)),
            Message.state != MessageState.FAILED,
            not_(messages.cancelled_by_itself()),
        )
    ):
        if message.unit_id is None:
            continue
        if message.kind is MessageKind.REMINDER:
            reminders.setdefault(message.unit_id, {})[message.sequence] = message.queued_on
        else:
            supplements.setdefault(message.unit_id, set()).add(message.sequence)
    names = [supplement.id for supplement in status.cycle.supplements]
    answered = _answered(context, session, status) if names else {}
    return [
        _facts(unit, reachable, reminders, supplements, names, answered)
        for unit in status.units
        if unit.row_id is not None
    ]


def _answered(context: Context, session: Session, status: CycleStatus) -> dict[int, frozenset[str]]:
    """Which supplements each usable unit's counting version answers, by the unit's row."""
    asks = {each.code: each.supplement for each in context.programme.indicators if each.supplement}
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
) -> due.UnitFacts:
    assert unit.row_id is not None
    assert unit.due_on is not None
    return due.UnitFacts(
        code=unit.unit.code,
        due_on=unit.due_on,
        is_reported=unit.is_reported,
        is_under_review=unit.waits_with_us,
        is_in_doubt=unit.is_in_doubt,
        has_draft=unit.has_draft,
        is_accepted=unit.is_usable,
        has_address=bool(reachable[unit.row_id]),
        reminders=reminders.get(unit.row_id, {}),
        last_call_on=unit.last_call_on,
        promised_on=unit.promised_on,
        supplements_asked=frozenset(names[place - 1] for place in supplements.get(unit.row_id, ())),
        supplements_answered=answered.get(unit.row_id, frozenset()),
    )


def still_due(context: Context) -> StillDue:
    """The question asked again in the transaction that lets a reminder or a correction request leave."""
    reminder = reminder_still_due(context)

    def ask(session: Session, message: Message) -> bool:
        if message.kind is MessageKind.CORRECTION:
            return corrections.is_still_due(session, message)
        return reminder(session, message)

    return ask


def reminder_still_due(context: Context) -> StillDue:
    """Whether a reminder that is about to leave is due on the context's day."""

    def still_due(session: Session, message: Message) -> bool:
        programme = context.programmes[message.programme]
        if message.cycle is None:
            return False
        status = cycle_status(session, programme, message.cycle.name, as_of=context.today)
        unit = next((each for each in status.units if each.row_id == message.unit_id), None)
        if unit is None or status.state is not CycleState.OPEN:
            return False
        unread = session.scalar(select(RawReply.id).where(RawReply.state == ReplyState.STORED).limit(1))
        return unread is None and _may_be_reminded(programme, status.cycle, unit, context.today)

    return still_due


def _may_be_reminded(programme: Programme, cycle: CycleDefinition, unit: UnitStatus, today: date) -> bool:
    """Whether a reminder would be due if none had been queued yet."""
    facts = due.UnitFacts(
        unit.unit.code,
        unit.due_on or cycle.due_on,
        is_reported=unit.is_reported,
        is_under_review=unit.waits_with_us,
        is_in_doubt=unit.is_in_doubt,
        has_draft=unit.has_draft,
        last_call_on=unit.last_call_on,
        promised_on=unit.promised_on,
    )
    return due.reminder_due(programme, cycle, facts, today) is not None
