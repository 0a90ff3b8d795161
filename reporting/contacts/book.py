"""Whom to write to, and whose address a sender's is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.addresses.typed import as_looked_up
from reporting.errors import BadInput
from reporting.programme.model import Programme
from reporting.programme.units import rows_after
from reporting.states import ContactRole, ContactState
from reporting.store import audit
from reporting.store.tables import Contact, UnitRow
from reporting.vietnamese.text import clean_line, fold
from reporting.words import WORDS_OF

ROLES = WORDS_OF[ContactRole]
DETAILS = {
    "salutation": "xưng hô",
    "name": "tên",
    "position": "chức vụ",
    "telephone": "điện thoại",
}
NAME_ONLY = "đóng tên, giữ địa chỉ"  # of a role box that stays
PUBLIC_DOMAINS = {
    *("gmail.com", "googlemail.com", "yahoo.com", "yahoo.com.vn", "ymail.com", "outlook.com", "hotmail.com"),
    *("outlook.com.vn", "live.com", "msn.com", "icloud.com", "me.com", "aol.com", "proton.me", "zoho.com"),
    *("protonmail.com", "mail.com", "gmx.com", "yandex.com", "mail.ru", "zohomail.com", "vnn.vn", "fpt.vn"),
}


def active(session: Session, unit_ids: Sequence[int], today: date) -> dict[int, list[Contact]]:
    """The usable contacts of units on a day, role box first.

    For a unit that has ended by then they are those of its successors; its own stay in use only
    until those have one.
    """
    contacts = _own(session, unit_ids, today)
    ended = session.scalars(select(UnitRow).where(UnitRow.id.in_(unit_ids), UnitRow.valid_to < today))
    for unit in ended:
        living = [row.id for row in rows_after(session, unit) if row.lives_on(today)]
        later = [contact for group in _own(session, living, today).values() for contact in group]
        contacts[unit.id] = later or contacts[unit.id]
    return contacts


def _own(session: Session, unit_ids: Sequence[int], today: date) -> dict[int, list[Contact]]:
    rows = session.scalars(
        select(Contact)
        .where(
            Contact.unit_id.in_(unit_ids),
            Contact.state == ContactState.ACTIVE,
            Contact.valid_from <= today,
            (Contact.valid_to.is_(None)) | (Contact.valid_to >= today),
        )
        .order_by(Contact.unit_id, Contact.role.desc(), Contact.id)
    )
    contacts: dict[int, list[Contact]] = {unit_id: [] for unit_id in unit_ids}
    for row in rows:
        contacts[row.unit_id].append(row)
    return contacts


def bounced(session: Session, unit_ids: Sequence[int]) -> dict[int, list[str]]:
    """The addresses of units that mail came back from and that are not in use again."""
    addresses: dict[int, list[str]] = {}
    for unit_id, email in session.execute(
        select(Contact.unit_id, Contact.email)
        .where(Contact.unit_id.in_(unit_ids), Contact.state == ContactState.BOUNCED)
        .order_by(Contact.id)
    ):
        addresses.setdefault(unit_id, []).append(email)
    return addresses


def for_correction(contacts: Sequence[Contact]) -> Contact | None:
    """The contact officer, never the department's leaders (PRACTICE P13); else the role box."""
    officers = [contact for contact in contacts if contact.role == ContactRole.OFFICER]
    return next(iter(officers or contacts), None)


def units_of_sender(session: Session, programme: Programme, address: str) -> list[UnitRow]:
    """The units for which an address is registered and active."""
    return list(
        session.scalars(
            select(UnitRow)
            .join(Contact, Contact.unit_id == UnitRow.id)
            .where(
                UnitRow.programme == programme.id,
                Contact.state == ContactState.ACTIVE,
                Contact.email == address.lower(),
            )
            .distinct()
        )
    )


def unit_of_domain(session: Session, programme: Programme, domain: str) -> UnitRow | None:
    """The unit whose own mail domain it is: its registered addresses are there, and nobody else's.

    Never a domain where anybody may have a box.
    """
    if domain.lower() in PUBLIC_DOMAINS:
        return None
    units = session.scalars(
        select(UnitRow)
        .join(Contact, Contact.unit_id == UnitRow.id)
        .where(
            UnitRow.programme == programme.id,
            Contact.state == ContactState.ACTIVE,
            Contact.email.endswith(f"@{domain.lower()}", autoescape=True),
        )
        .distinct()
    ).all()
    return units[0] if len(units) == 1 else None


@dataclass(frozen=True)
class ContactChange:
    """What is done to one address, or would be."""

    unit: str
    email: str
    what: str  # thêm, sửa, giữ nguyên, …
    detail: str = ""  # điện thoại: 024 … → 024 …
    notice: str | None = None  # how an address that was oddly typed was read


def difference(before: Contact | None, after: Mapping[str, str | None]) -> str:
    """What changes from a contact, or from none, in words; empty when nothing does."""
    return "; ".join(
        f"{DETAILS[key]}: {getattr(before, key, None) or 'để trống'} → {value or 'để trống'}"
        for key, value in after.items()
        if getattr(before, key, None) != value
    )


def person(contact: Contact) -> str | None:
    """The person behind an address as one writes to them (Bà Nguyễn …); None where no name is known."""
    if contact.name is None:
        return None
    return " ".join(part for part in (contact.salutation, contact.name) if part)


def close_contact(
    session: Session,
    programme: Programme,
    unit: UnitRow,
    email: str,
    *,
    whole: bool,
    by: str,
    why: str,
    today: date,
    now: datetime,
) -> ContactChange:
    """Somebody has left (PRACTICE P23): an officer's address is closed, of a role box only the name.

    ``whole``: the role box itself is no more. Raises BadInput for an address that is not in use.
    """
    contacts = session.scalars(
        select(Contact).where(
            Contact.unit_id == unit.id,
            Contact.email == as_looked_up(email),
            Contact.state == ContactState.ACTIVE,
        )
    ).all()
    if not contacts:
        raise BadInput(f"{unit.name} không có địa chỉ {clean_line(email)} đang dùng.")
    kept = [contact for contact in contacts if contact.role == ContactRole.ROLE_BOX and not whole]
    for contact in contacts:
        contact.state, contact.valid_to = ContactState.CLOSED, today
    for contact in kept:
        session.add(
            Contact(
                unit_id=unit.id,
                role=ContactRole.ROLE_BOX,
                email=contact.email,
                state=ContactState.ACTIVE,
                source=f"đóng tên người: {by}",
                valid_from=today,
                recorded_at=now,
            )
        )
    what = NAME_ONLY if kept else "đóng địa chỉ"
    audit.record(session, now, by, what, unit=unit, subject=f"contact {contacts[0].id}", why=why)
    return ContactChange(unit.name, contacts[0].email, what)


def history(session: Session, programme: Programme, units: Sequence[UnitRow] | None = None) -> list[Contact]:
    """Every contact there ever was, or of those units, by unit and in the order it was entered."""
    query = select(Contact).join(UnitRow).where(UnitRow.programme == programme.id)
    if units is not None:
        query = query.where(UnitRow.id.in_([unit.id for unit in units]))
    return list(session.scalars(query.order_by(UnitRow.position, UnitRow.valid_from, Contact.id)))


def living_unit(session: Session, programme: Programme, text: str, today: date) -> UnitRow:
    """The unit of that code or name in force on a day. Raises BadInput when there is none."""
    rows = session.scalars(
        select(UnitRow).where(UnitRow.programme == programme.id).order_by(UnitRow.position)
    )
    wanted = fold(text)
    for row in rows:
        if row.lives_on(today) and wanted in (row.code, fold(row.name), fold(row.full_name)):
            return row
    raise BadInput(f"Không có đơn vị '{clean_line(text)}' vào ngày {today:%d/%m/%Y}.")


def set_plain_reply(
    session: Session, programme: Programme, address: str, *, plain: bool, by: str, now: datetime
) -> list[str]:
    """Ask answers from an address to our plain address, or again to the signed one; whose it is.

    For departments whose server loses mail to addresses with a plus. Raises BadInput when no active
    contact has the address.
    """
    rows = session.scalars(
        select(Contact)
        .join(UnitRow)
        .where(
            UnitRow.programme == programme.id,
            Contact.email == as_looked_up(address),
            Contact.state == ContactState.ACTIVE,
        )
    ).all()
    if not rows:
        raise BadInput(f"Không có liên hệ nào đang dùng địa chỉ {clean_line(address)}.")
    for row in rows:
        row.plain_reply = plain
        what = "địa chỉ thường" if plain else "địa chỉ cộng"
        audit.record(session, now, by, f"nhận trả lời ở {what}", unit=row.unit, subject=f"contact {row.id}")
    return [row.unit.name for row in rows]


def has_plain_reply(session: Session, unit_id: int, address: str) -> bool:
    """Whether answers from that address of the unit are asked to our plain address."""
    matching = select(Contact.id).where(
        Contact.unit_id == unit_id, Contact.email == address.lower(), Contact.plain_reply
    )
    return session.scalar(matching.limit(1)) is not None
