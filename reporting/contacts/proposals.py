"""Proposed changes of contacts: what a reply says of addresses and people, until a person decides on it.

A form that counts names the contact officer (PRACTICE P23), an assigned mail shows from where a
department writes (PRACTICE P9). Neither changes whom we write to by itself.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.addresses.syntax import checked_address, is_address, is_peoples_committee
from reporting.contacts.book import DETAILS, ContactChange, active, difference
from reporting.contacts.revive import replace_bounced
from reporting.errors import BadInput
from reporting.forms.model import FilledForm
from reporting.programme.model import Programme
from reporting.states import ContactRole, ContactState
from reporting.store import audit
from reporting.store.tables import Contact, UnitRow


def propose_sender(
    session: Session, unit: UnitRow, address: str, *, source: str, today: date, now: datetime
) -> None:
    """Remember the address a reply came from, unless it is known for the unit or no mail can go there."""
    if not is_address(address):
        return
    known = session.scalar(
        select(Contact.id).where(Contact.unit_id == unit.id, Contact.email == address.lower()).limit(1)
    )
    if known is None:
        _add(session, unit, ContactRole.OFFICER, address, {}, source=source, today=today, now=now)


def withdraw_sender(session: Session, address: str | None, *, source: str, today: date) -> None:
    """Forget a remembered sender on whom nobody decided yet: whose mail it was is no longer said."""
    proposed = select(Contact).where(
        Contact.email == (address or "").lower(),
        Contact.source == source,
        Contact.state == ContactState.PROPOSED,
    )
    for contact in session.scalars(proposed):
        contact.state, contact.valid_to = ContactState.CLOSED, today


def propose_from_form(
    session: Session, unit: UnitRow, form: FilledForm, *, source: str, today: date, now: datetime
) -> None:
    """Remember what the form says of the contact officer, where it is not what is known.

    What the form leaves empty is no change. Without an address it is about the officer there is, or
    about the role box. What a person has rejected once is not proposed again.
    """
    news = {key: form.officer[key] for key in DETAILS if form.officer.get(key)}
    in_use = active(session, [unit.id], today)[unit.id]
    officer = next((known for known in in_use if known.role == ContactRole.OFFICER), None)
    address = form.officer.get("email") or getattr(officer or next(iter(in_use), None), "email", None)
    if address is None or is_peoples_committee(address):
        return
    same = next((known for known in in_use if known.email == address.lower()), None)
    details = {key: getattr(same, key, None) for key in DETAILS} | news
    if same is not None and not difference(same, details):
        return
    if same is None and not form.officer.get("email"):
        return
    role = same.role if same is not None else ContactRole.OFFICER
    seen = session.scalars(
        select(Contact).where(Contact.unit_id == unit.id, Contact.email == address.lower())
    )
    if any(
        known.state in (ContactState.PROPOSED, ContactState.REJECTED) and not difference(known, details)
        for known in seen
    ):
        return
    _add(session, unit, role, address, details, source=source, today=today, now=now)


def _add(
    session: Session,
    unit: UnitRow,
    role: str,
    address: str,
    details: "dict[str, str | None]",
    *,
    source: str,
    today: date,
    now: datetime,
) -> None:
    session.add(
        Contact(
            unit_id=unit.id,
            role=role,
            email=address.lower(),
            state=ContactState.PROPOSED,
            source=source,
            valid_from=today,
            recorded_at=now,
            **details,
        )
    )
    session.flush()


def proposed(session: Session, programme: Programme) -> list[Contact]:
    """What waits for a decision, in the order it came."""
    return list(
        session.scalars(
            select(Contact)
            .join(UnitRow)
            .where(UnitRow.programme == programme.id, Contact.state == ContactState.PROPOSED)
            .order_by(Contact.id)
        )
    )


def would_change(session: Session, contact: Contact) -> ContactChange:
    """What accepting a proposal would do."""
    known = _in_use(session, contact)
    details = {key: getattr(contact, key) for key in DETAILS}
    what = "sửa" if known is not None else "thêm"
    return ContactChange(contact.unit.name, contact.email, what, difference(known, details))


def others_of(session: Session, contact: Contact, today: date) -> list[Contact]:
    """The other officers of the unit: whom a new one may be there instead of."""
    in_use = active(session, [contact.unit_id], today)[contact.unit_id]
    return [other for other in in_use if other.role == ContactRole.OFFICER and other.email != contact.email]


def accept(
    session: Session,
    programme: Programme,
    ids: Sequence[int],
    *,
    instead: bool = False,
    by: str,
    today: date,
    now: datetime,
) -> list[ContactChange]:
    """Take proposals over; ``instead`` closes the officers who were there before, never a role box.

    Raises BadInput for one that is not waiting, or whose address is none; then none is taken.
    """
    changes = []
    for contact in [_waiting(session, programme, number) for number in ids]:
        checked_address(contact.email)  # it may have been proposed under older rules
        change = would_change(session, contact)
        known = _in_use(session, contact)
        for old in [known] if known is not None else []:
            old.state, old.valid_to = ContactState.CLOSED, today
            contact.plain_reply = old.plain_reply
        replace_bounced(session, contact.unit, contact.email, contact.role, today)
        left = others_of(session, contact, today) if instead and contact.role != ContactRole.ROLE_BOX else []
        for old in left:
            old.state, old.valid_to = ContactState.CLOSED, today
        contact.state, contact.valid_from = ContactState.ACTIVE, today
        contact.source = f"{contact.source}, chấp nhận: {by}"
        session.flush()
        detail = "; ".join([change.what, *(f"đóng liên hệ {old.id}" for old in left)])
        _note(session, now, by, "chấp nhận liên hệ đề xuất", contact, detail=detail)
        changes.append(change)
    return changes


def reject(
    session: Session,
    programme: Programme,
    ids: Sequence[int],
    *,
    by: str,
    why: str,
    today: date,
    now: datetime,
) -> None:
    """Set proposals aside for good. Raises BadInput for one that is not waiting; then none is."""
    for contact in [_waiting(session, programme, number) for number in ids]:
        contact.state, contact.valid_to = ContactState.REJECTED, today
        _note(session, now, by, "loại liên hệ đề xuất", contact, why=why)


def _note(
    session: Session,
    now: datetime,
    by: str,
    what: str,
    contact: Contact,
    *,
    detail: str | None = None,
    why: str | None = None,
) -> None:
    audit.record(
        session, now, by, what, unit=contact.unit, subject=f"contact {contact.id}", detail=detail, why=why
    )


def _waiting(session: Session, programme: Programme, number: int) -> Contact:
    contact = session.get(Contact, number)
    if contact is None or contact.state != ContactState.PROPOSED or contact.unit.programme != programme.id:
        raise BadInput(f"Không có liên hệ đề xuất nào mang mã {number}.")
    return contact


def _in_use(session: Session, contact: Contact) -> Contact | None:
    return session.scalar(
        select(Contact).where(
            Contact.unit_id == contact.unit_id,
            Contact.email == contact.email,
            Contact.role == contact.role,
            Contact.state == ContactState.ACTIVE,
        )
    )
