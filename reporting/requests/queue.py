"""The request to each unit of a cycle: queued once an address, and who would get one."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.contacts import book
from reporting.home.context import Context
from reporting.mail.outbox import queueing
from reporting.programme.units import unit_rows
from reporting.received.past import cells_before
from reporting.requests import forms
from reporting.requests.attachments import with_request
from reporting.requests.letter import letter_reference, request_letter
from reporting.states import MessageKind
from reporting.store.engine import reading
from reporting.store.tables import Cycle, Message


@dataclass(frozen=True)
class Opening:
    """What registering the letter brought about."""

    queued: int
    without_address: tuple[str, ...]


def queue_requests(context: Context, session: Session, cycle: Cycle) -> Opening:
    """Queue a cycle's request to every address that has none yet."""
    definition = context.programme.cycle(cycle.name)
    units = unit_rows(session, context.programme, definition)
    reachable = book.active(session, [unit.id for unit in units.values()], context.today)
    previous = cells_before(session, context.programme, definition, list(units.values()))
    letter = request_letter(session, cycle)
    asked = _asked_so_far(session, cycle)
    queued, without = 0, []
    for unit in units.values():
        addresses = {contact.email for contact in reachable[unit.id]}
        if not addresses and unit.has_mail:
            without.append(unit.name)
        known = asked.get(unit.id, set())
        new = sorted(addresses - known)
        if not new:
            continue
        form = forms.form_for(context, session, cycle, unit, previous=previous.get(unit.id))
        attachments = with_request(context, session, cycle, unit, letter, form)
        # An address that came later takes the next number: the others keep theirs, and get nothing twice.
        for sequence, address in enumerate(new, start=len(known) + 1):
            message = queueing.queue(
                context,
                session,
                cycle,
                unit,
                MessageKind.REQUEST,
                sequence,
                address,
                facts={**letter_reference(letter), "attachments": attachments},
            )
            queued += message is not None
    return Opening(queued, tuple(without))


def _asked_so_far(session: Session, cycle: Cycle) -> dict[int, set[str]]:
    """The addresses of each unit for which a request was queued."""
    asked: dict[int, set[str]] = {}
    for unit_id, recipient in session.execute(
        select(Message.unit_id, Message.recipient).where(
            Message.cycle_id == cycle.id, Message.kind == MessageKind.REQUEST
        )
    ):
        asked.setdefault(unit_id, set()).add(recipient)
    return asked


def preview_requests(context: Context, cycle: str) -> list[str]:
    """To whom the requests of a cycle would go, a line each; nothing is written."""
    definition = context.programme.cycle(cycle)
    with reading(context.home.engine) as session:
        units = unit_rows(session, context.programme, definition)
        reachable = book.active(session, [unit.id for unit in units.values()], context.today)
        lines = []
        for unit in units.values():
            addresses = sorted({contact.email for contact in reachable[unit.id]})
            lines.append(f"{unit.name}: {', '.join(addresses) or 'chưa có địa chỉ thư'}")
    return [*lines, f"Sẽ gửi yêu cầu của kỳ {cycle} đến {len(lines)} đơn vị; chưa có gì được gửi."]
