"""Addresses that mail came back from, in use again: brought in anew, or confirmed by a person."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.addresses.typed import as_looked_up
from reporting.contacts.book import DETAILS, ContactChange
from reporting.errors import BadInput
from reporting.programme.model import Programme
from reporting.states import ContactState
from reporting.store import audit
from reporting.store.tables import Contact, UnitRow
from reporting.vietnamese.text import clean_line


def bounced_rows(session: Session, programme: Programme, unit: UnitRow | None = None) -> list[Contact]:
    """The contacts that mail came back from and that are not in use again."""
    query = (
        select(Contact)
        .join(UnitRow)
        .where(UnitRow.programme == programme.id, Contact.state == ContactState.BOUNCED)
        .order_by(UnitRow.position, Contact.id)
    )
    return list(session.scalars(query if unit is None else query.where(Contact.unit_id == unit.id)))


def replace_bounced(session: Session, unit: UnitRow, email: str, role: str, today: date) -> Contact | None:
    """The address is in use again: its bounced row is history from now on; that row, if there was one."""
    rows = session.scalars(
        select(Contact)
        .where(Contact.unit_id == unit.id, Contact.email == email, Contact.state == ContactState.BOUNCED)
        .order_by(Contact.id)
    ).all()
    for row in rows:
        row.state, row.valid_to = ContactState.CLOSED, today
    return next((row for row in reversed(rows) if row.role == role), None)


def confirm(
    session: Session,
    programme: Programme,
    addresses: Sequence[str],
    *,
    by: str,
    why: str,
    today: date,
    now: datetime,
) -> list[ContactChange]:
    """A person says that bounced addresses are good; none named: all of them.

    Raises BadInput for one that no mail came back from; then none is taken up.
    """
    rows = bounced_rows(session, programme)
    if addresses:
        wanted = [as_looked_up(address) for address in addresses]
        known = {row.email for row in rows}
        if wrong := [clean_line(address) for address in wanted if address not in known]:
            raise BadInput(f"Không có địa chỉ bị trả lại thư nào là {', '.join(wrong)}.")
        rows = [row for row in rows if row.email in wanted]
    changes = []
    for row in rows:
        details = {key: getattr(row, key) for key in DETAILS}
        replace_bounced(session, row.unit, row.email, row.role, today)
        anew = Contact(
            unit_id=row.unit_id,
            role=row.role,
            email=row.email,
            state=ContactState.ACTIVE,
            source=f"xác nhận còn dùng: {by}",
            valid_from=today,
            recorded_at=now,
            plain_reply=row.plain_reply,
            **details,
        )
        session.add(anew)
        session.flush()
        audit.record(
            session,
            now,
            by,
            "xác nhận địa chỉ còn dùng",
            unit=row.unit,
            subject=f"contact {anew.id}",
            why=why,
        )
        changes.append(ContactChange(row.unit.name, row.email, "dùng lại"))
    return changes
