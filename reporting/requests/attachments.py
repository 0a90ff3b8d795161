"""What goes with a request, and with a reminder to whoever never got one."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from reporting.home.context import Context
from reporting.mail.outbox import messages
from reporting.programme.lineage import joint_units, key, mark_of
from reporting.programme.units import answering_rows
from reporting.received.past import cells_before
from reporting.requests import forms
from reporting.requests.outline import outline_attachment
from reporting.states import MessageKind
from reporting.store.tables import Cycle, Letter, Message, UnitRow
from reporting.vietnamese.text import ascii_file_name

PDF = "application/pdf"


def with_request(
    context: Context, session: Session, cycle: Cycle, unit: UnitRow, letter: Letter | None, form: bytes
) -> list[dict[str, str]]:
    """What a request carries: the signed letter, the unit's form, its outline."""
    attachments = []
    if letter is not None and letter.file_sha256 is not None:
        attachments.append(
            {"sha256": letter.file_sha256, "file_name": letter.file_name or "cong-van.pdf", "media_type": PDF}
        )
    name = ascii_file_name(f"bieu-{cycle.name}-{unit.name}.xlsx")
    attachments.append(forms.attachment(context, session, form, name))
    return attachments + outline_attachment(context, session, cycle, unit, letter)


def for_successor(
    context: Context, session: Session, cycle: Cycle, unit: UnitRow, letter: Letter | None
) -> list[dict[str, str]]:
    """What a reminder about a unit that has ended carries, for whoever never got its request.

    Letter and form of that unit, and where its successor stands for several the form for all of
    them in one. Nothing for a unit that lives on.
    """
    if unit.lives_on(context.today):
        return []
    form = forms.form_for(context, session, cycle, unit)
    papers = with_request(context, session, cycle, unit, letter, form)
    definition = context.programme.cycle(cycle.name)
    rows = answering_rows(session, context.programme, definition)
    own = (unit.code, unit.valid_from)
    for joint in joint_units(context.programme, definition):
        living = joint.unit.lives_on(context.today) and len(joint.parts) > 1
        if living and own in {key(part) for part in joint.parts}:
            later = rows[mark_of(cycle.period_end, joint.unit)]
            form = forms.form_for(context, session, cycle, later)
            name = ascii_file_name(f"bieu-chung-{cycle.name}-{later.name}.xlsx")
            papers.append(forms.attachment(context, session, form, name))
    return papers


def renew(
    context: Context, session: Session, cycle: Cycle, letter: Letter | None, unit: UnitRow | None = None
) -> None:
    """Make anew what goes with the messages, of one unit or all, that were not written out yet.

    Called in the transaction in which a due date changes, so that mail and form name the same. A
    message that was leased keeps the bytes it has; a trial's are written again before it leaves.
    """
    query = select(Message).where(
        Message.cycle_id == cycle.id,
        Message.kind.in_((MessageKind.REQUEST, MessageKind.REMINDER)),
        Message.state.in_(messages.GIVEN_UP),
        or_(Message.raw_sha256.is_(None), Message.trial_to.is_not(None)),
    )
    if unit is not None:
        query = query.where(Message.unit_id == unit.id)
    definition = context.programme.cycle(cycle.name)
    made: dict[tuple[int, MessageKind], list[dict[str, str]]] = {}
    for message in session.scalars(query).all():
        if message.unit is None or not message.context.get("attachments"):
            continue
        of = (message.unit.id, message.kind)
        if of not in made and message.kind is MessageKind.REMINDER:
            made[of] = for_successor(context, session, cycle, message.unit, letter)
        elif of not in made:
            previous = cells_before(session, context.programme, definition, [message.unit])
            form = forms.form_for(
                context, session, cycle, message.unit, previous=previous.get(message.unit.id)
            )
            made[of] = with_request(context, session, cycle, message.unit, letter, form)
        message.context = {**message.context, "attachments": made[of]}
