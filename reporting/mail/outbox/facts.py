"""What the template of a mail may speak of: the programme's side, and what the store knows."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.mail.outbox import contexts
from reporting.programme.lineage import addressee, mark_of
from reporting.programme.model import Agency, CycleDefinition, Programme, Unit
from reporting.states import LetterKind, MessageKind
from reporting.status.due_dates import due_on
from reporting.store.tables import Attachment, Cycle, Letter, Message, UnitRow


def general_facts(
    programme: Programme, definition: CycleDefinition, day: date, unit: Unit | UnitRow
) -> dict[str, Any]:
    """What the template of every mail to a unit may speak of."""
    this = _unit(programme, unit)
    office: Agency = programme.agency("issuer", day)
    return {
        "programme": programme.under(definition),
        "cycle": definition,
        "unit": this,
        "department": addressee(programme, this, day),
        "office": office,
        "key": f"[{programme.subject_key} {definition.name}/{mark_of(definition.period_end, this)}]",
        "today": day,
    }


def _unit(programme: Programme, row: Unit | UnitRow) -> Unit:
    if isinstance(row, Unit):
        return row
    return next(u for u in programme.units if (u.code, u.valid_from) == (row.code, row.valid_from))


def internal_facts(
    programme: Programme, kind: MessageKind, context: Mapping[str, Any], day: date
) -> dict[str, Any]:
    """What the template of a mail to our own people may speak of."""
    office: Agency = programme.agency("issuer", day)
    return {
        **contexts.filled(kind, context),
        "programme": programme,
        "office": office,
        "key": f"[{programme.subject_key}]",
        "today": day,
    }


def stored_facts(session: Session, message: Message, cycle: Cycle) -> dict[str, Any]:
    """The context with what the store knows better than a caller: due date, letter, files that came."""
    letter = session.scalars(
        select(Letter)
        .where(Letter.cycle_id == cycle.id, Letter.kind == LetterKind.REQUEST, Letter.signed_on.is_not(None))
        .order_by(Letter.id.desc())
    ).first()
    assert message.unit_id is not None
    known: dict[str, Any] = {"due_on": due_on(session, cycle, message.unit_id)}
    if letter is not None and letter.signed_on is not None:
        known |= {"letter_number": letter.number, "letter_signed_on": letter.signed_on.isoformat()}
    if message.reply_id is not None:
        known["arrived"] = list(
            session.scalars(
                select(Attachment.file_name)
                .where(Attachment.reply_id == message.reply_id)
                .order_by(Attachment.position)
            )
        )
    return contexts.filled(message.kind, {**known, **message.context})
