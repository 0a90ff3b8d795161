"""The mails a calendar makes due: reminders and supplements, queued for those that owe them.

What is due is asked twice: here, and again in the transaction that lets a mail leave (``still_due``).
"""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.contacts import book
from reporting.errors import BadInput
from reporting.follow_up import due, escalation
from reporting.follow_up.unit_facts import unit_facts
from reporting.home.context import Context, current_cycles, for_each_programme
from reporting.mail.outbox import messages, queueing
from reporting.outcome import NOTHING, Outcome
from reporting.programme.model import CycleDefinition
from reporting.programme.units import unit_rows
from reporting.requests.attachments import for_successor
from reporting.requests.letter import letter_reference, request_letter
from reporting.requests.supplements import queue_supplement
from reporting.states import CycleState, MessageKind
from reporting.status import proof
from reporting.status.cycle import CycleStatus, cycle_status
from reporting.store.tables import Contact, Cycle, Message, UnitRow
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
    codes = [unit.unit.code for unit in status.units if unit.unit.has_mail and unit.unit.code in action.units]
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
