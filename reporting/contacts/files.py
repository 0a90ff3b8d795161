"""Contacts in a file that people keep in a spreadsheet: brought in whole or not at all, and written out."""

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.addresses.syntax import is_peoples_committee
from reporting.addresses.typed import as_looked_up, typed_address
from reporting.contacts.book import DETAILS, ROLES, ContactChange, difference
from reporting.contacts.revive import replace_bounced
from reporting.errors import BadInput
from reporting.programme.model import Programme
from reporting.spreadsheets.tables import TableRow, read_table
from reporting.states import ContactState
from reporting.store import audit
from reporting.store.tables import Contact, UnitRow
from reporting.vietnamese.text import clean_line, fold

# Each column and the headings people give it.
COLUMNS: dict[str, tuple[str, ...]] = {
    "code": ("mã", "mã đơn vị"),
    "role": ("vai trò",),
    "email": ("thư điện tử", "địa chỉ thư", "e-mail"),
    "salutation": ("xưng hô",),
    "name": ("tên", "họ và tên"),
    "position": ("chức vụ",),
    "telephone": ("điện thoại",),
}
_REQUIRED = ("code", "role", "email")
_ROLE_OF = {fold(words): role for role, name in ROLES.items() for words in (role, name)}
_WIDTHS = {"code": 8, "unit": 24, "role": 18, "email": 36, "name": 26, "position": 26, "telephone": 18}


def import_contacts(
    session: Session, programme: Programme, file: Path, *, by: str, today: date, now: datetime, dry_run: bool
) -> list[ContactChange]:
    """Bring contacts in from a .csv or .xlsx file, all rows or none; ``dry_run`` only says what would change.

    Raises BadInput that names every broken row at once, each with its line in the file.
    """
    rows = read_table(file, COLUMNS, _REQUIRED)
    if not rows:
        raise BadInput(f"{file.name}: không có liên hệ nào.")
    units = _units_of(session, programme, today)
    mistakes = [
        f"{file.name}:{row.line}: {mistake}" for row in rows for mistake in _mistakes(row, units, today)
    ]
    mistakes += [f"{file.name}: {mistake}" for mistake in _doubles(rows)]
    if mistakes:
        raise BadInput("; ".join(mistakes) + ".")
    changes = [
        _change_contact(session, units[_code(row)], row, today, now, by, dry_run=dry_run) for row in rows
    ]
    if not dry_run:
        changed = sum(change.what != "giữ nguyên" for change in changes)
        audit.record(session, now, by, "nhập liên hệ", detail=f"{file.name}: {changed} thay đổi")
    return changes


def _units_of(session: Session, programme: Programme, today: date) -> dict[str, UnitRow]:
    rows = session.scalars(select(UnitRow).where(UnitRow.programme == programme.id))
    return {unit.code: unit for unit in rows if unit.lives_on(today)}


def _code(row: TableRow) -> str:
    """The unit's code; a spreadsheet makes 1 of 01."""
    code = clean_line(row.text("code"))
    return code.zfill(2) if code.isdecimal() else code


def _role(row: TableRow) -> str | None:
    return _ROLE_OF.get(fold(clean_line(row.text("role"))))


def _mistakes(row: TableRow, units: Mapping[str, UnitRow], today: date) -> list[str]:
    mistakes = []
    if not row.text("code"):
        mistakes.append("thiếu mã đơn vị")
    elif _code(row) not in units:
        mistakes.append(f"không có đơn vị mang mã {clean_line(row.text('code'))} vào ngày {today:%d/%m/%Y}")
    mistakes += _mistakes_of_address(row.text("email"))
    if _role(row) is None:
        roles = " hoặc ".join(f"{role} ({words})" for role, words in ROLES.items())
        mistakes.append(f"vai trò phải là {roles}")
    if isinstance(row.cells.get("telephone"), int | float):
        mistakes.append("điện thoại đã thành con số và mất số 0 ở đầu: hãy để ô ở dạng văn bản rồi ghi lại")
    return mistakes


def _mistakes_of_address(text: str) -> list[str]:
    try:
        email = typed_address(text).address
    except BadInput as error:
        return [str(error)]
    if not is_peoples_committee(email):
        return []
    return [
        f"'{email}' là hộp thư của Ủy ban nhân dân: thư tự động không gửi đến đó, hãy dùng hộp thư của Sở"
    ]


def _doubles(rows: list[TableRow]) -> list[str]:
    keys = Counter((_code(row), _role(row), as_looked_up(row.text("email"))) for row in rows)
    return [f"địa chỉ {email} của đơn vị {code} có {n} dòng" for (code, _, email), n in keys.items() if n > 1]


def _change_contact(
    session: Session, unit: UnitRow, row: TableRow, today: date, now: datetime, by: str, *, dry_run: bool
) -> ContactChange:
    typed, role = typed_address(row.text("email")), _role(row)
    email = typed.address
    known = session.scalar(
        select(Contact).where(
            Contact.unit_id == unit.id,
            Contact.email == email,
            Contact.role == role,
            Contact.state == ContactState.ACTIVE,
        )
    )
    back = None
    if known is None and not dry_run:  # mail came back from it, and now it is good again
        back = replace_bounced(session, unit, email, str(role), today)
    # A column that the file does not have says nothing.
    details = {
        key: _plain(clean_line(row.text(key))) if key in row.cells else getattr(known or back, key, None)
        for key in DETAILS
    }
    detail = difference(known, details)
    if known is not None and not detail:
        return ContactChange(unit.name, email, "giữ nguyên", notice=typed.notice)
    if not dry_run:
        if known is not None:
            known.state, known.valid_to = ContactState.CLOSED, today
        session.add(
            Contact(
                unit_id=unit.id,
                role=role,
                email=email,
                state=ContactState.ACTIVE,
                source=f"nhập: {by}",
                valid_from=today,
                recorded_at=now,
                plain_reply=getattr(known or back, "plain_reply", False),
                **details,
            )
        )
    return ContactChange(unit.name, email, "sửa" if known else "thêm", detail, typed.notice)


def _plain(text: str) -> str | None:
    """A cell without what ``_as_csv`` puts before a text that looks like a formula."""
    return re.sub(r"^'(?=[=+@-])", "", text) or None


def export_contacts(
    session: Session, programme: Programme, today: date, *, workbook: bool = False
) -> tuple[bytes, int]:
    """The active contacts of today's units as .csv, or .xlsx, that ``import_contacts`` reads back; how many.

    Not those of units that have ended: their codes may be another unit's by now.
    """
    rows = session.scalars(
        select(Contact)
        .join(UnitRow)
        .where(
            UnitRow.programme == programme.id,
            Contact.state == ContactState.ACTIVE,
            Contact.valid_from <= today,
        )
        .where(UnitRow.valid_to.is_(None) | (UnitRow.valid_to >= today))
        .order_by(UnitRow.position, Contact.id)
    ).all()
    return (_as_workbook(rows) if workbook else _as_csv(rows)), len(rows)


def _cells(contact: Contact) -> dict[str, str]:
    own = {key: getattr(contact, key) or "" for key in ("email", *DETAILS)}
    return {"code": contact.unit.code, "role": contact.role, **own}


def _as_csv(contacts: Sequence[Contact]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, [*COLUMNS])
    writer.writeheader()
    for contact in contacts:
        # A leading = + - @ would make a spreadsheet run the text as a formula.
        cells = _cells(contact).items()
        writer.writerow(
            {key: f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell for key, cell in cells}
        )
    return ("\ufeff" + file.getvalue()).encode()


def _as_workbook(contacts: Sequence[Contact]) -> bytes:
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Liên hệ")
        head = book.add_format({"bold": True, "border": 1, "text_wrap": True, "bg_color": "#DDE6F0"})
        text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        headings = {
            "code": "Mã",
            "unit": "Đơn vị",
            **{key: names[0].capitalize() for key, names in COLUMNS.items()},
        }
        for column, (key, heading) in enumerate(headings.items()):
            sheet.set_column(column, column, _WIDTHS.get(key, 12), text)
            sheet.write_string(0, column, heading, head)
        for line, contact in enumerate(contacts, start=1):
            cells = {**_cells(contact), "unit": contact.unit.name, "role": ROLES[contact.role]}
            for column, key in enumerate(headings):
                sheet.write_string(line, column, cells[key], text)
        sheet.data_validation(1, 2, len(contacts) + 500, 2, {"validate": "list", "source": [*ROLES.values()]})
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(len(contacts), 1), len(headings) - 1)
    return file.getvalue()
