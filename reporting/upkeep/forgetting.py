"""Taking an address and a name out of every row, whatever column they stand in."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import JSON, Column, String, Table, cast, func, or_, select, update
from sqlalchemy.orm import Session

from reporting.store.tables import AuditEvent, Base, Call, Message, RawReply, UnitRow
from reporting.upkeep.naming import names_any, whole

GONE = "(đã xóa)"
# What a unit reported, and what was found in it, is the office's record: told, not changed.
_RECORDS = {"value": "ô số liệu", "finding": "điểm rà soát", "register_entry": "dòng của sổ theo dõi"}


def forget_address(session: Session, address: str, stand_in: str) -> list[str]:
    """Put a stand-in for an address wherever it stands in a text; what was left, a line each.

    Every column of every table is looked through, so that a new one is, too.
    """
    left = []
    for table in Base.metadata.sorted_tables:
        columns = [column for column in table.columns if isinstance(column.type, String | JSON)]
        named = [func.lower(cast(column, String)).contains(address, autoescape=True) for column in columns]
        if not columns:
            continue
        rows = [
            row
            for row in session.execute(select(table).where(or_(*named))).mappings().all()
            if any(_without(row[column], address, stand_in) != row[column] for column in columns)
        ]
        if rows and table.name in _RECORDS:
            left.append(f"{len(rows)} {_RECORDS[table.name]}: số liệu của đơn vị, là hồ sơ của cơ quan")
            continue
        for row in rows:
            _change(session, table, row, columns, address, stand_in)
    session.expire_all()
    return left


def _change(
    session: Session, table: Table, row: Any, columns: Sequence[Column[Any]], address: str, stand_in: str
) -> None:
    without = {column.name: _without(row[column], address, stand_in) for column in columns}
    values = {name: value for name, value in without.items() if value != row[name]}
    key = [column == row[column] for column in table.primary_key.columns]
    session.execute(update(table).where(*key).values(values))


def _without(value: Any, address: str, stand_in: str) -> Any:
    if isinstance(value, str):
        return whole(address).sub(stand_in, value)
    if isinstance(value, list):
        return [_without(each, address, stand_in) for each in value]
    if isinstance(value, dict):
        return {name: _without(each, address, stand_in) for name, each in value.items()}
    return value


def forget_people(session: Session, people: Sequence[str], units: Sequence[UnitRow]) -> None:
    """Take names and telephone numbers out of what was written about their own units.

    Of those alone: somebody elsewhere may have the same name.
    """
    ids, unit_names = [unit.id for unit in units], [unit.name for unit in units]
    for reply in session.scalars(select(RawReply).where(RawReply.unit_id.in_(ids))):
        if names_any(reply.subject, people):
            reply.subject = GONE
        reply.reasons = [GONE if names_any(str(reason), people) else reason for reason in reply.reasons]
        for attachment in reply.attachments:
            if names_any(attachment.file_name, people):
                attachment.file_name = GONE
    for message in session.scalars(select(Message).where(Message.unit_id.in_(ids))):
        message.context = _people_out(message.context, people)
        message.subject = _people_out(message.subject, people)
    for event in session.scalars(select(AuditEvent).where(AuditEvent.unit.in_(unit_names))):
        event.detail, event.why = _people_out(event.detail, people), _people_out(event.why, people)


def _people_out(value: Any, people: Sequence[str]) -> Any:
    if isinstance(value, str):
        return GONE if names_any(value, people) else value
    if isinstance(value, list):
        return [_people_out(each, people) for each in value]
    if isinstance(value, dict):
        return {name: _people_out(each, people) for name, each in value.items()}
    return value


def calls_naming(session: Session, people: Sequence[str], units: Sequence[UnitRow]) -> Iterator[Call]:
    """The calls to those units in which one of these people is named."""
    for call in session.scalars(select(Call).where(Call.unit_id.in_([unit.id for unit in units]))):
        if names_any(call.spoke_to, people) or names_any(call.result, people):
            yield call
