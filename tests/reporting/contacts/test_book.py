"""Whom each kind of message goes to, and when."""

from datetime import date, timedelta

from sqlalchemy import select

from reporting.contacts import book
from reporting.programme.units import unit_rows
from reporting.store.engine import reading, writing
from reporting.store.tables import Contact
from tests.workplace import CYCLE, HANOI, Workplace, box, officer

DAY = date(2023, 11, 20)


def stored(place: Workplace, code: str, day: date = DAY) -> list[Contact]:
    with reading(place.home.engine) as session:
        unit = unit_rows(session, place.programme, place.programme.cycle(CYCLE))[code]
        found = book.active(session, [unit.id], day)[unit.id]
        session.expunge_all()
        return found


def test_an_address_is_used_within_its_days_and_the_box_comes_first(empty_place: Workplace) -> None:
    assert [each.role for each in stored(empty_place, HANOI)] == ["role_box", "officer"]
    assert stored(empty_place, HANOI, date(2023, 10, 31)) == []
    with writing(empty_place.home.engine) as session:
        contact = session.scalars(select(Contact).where(Contact.email == officer(HANOI))).one()
        contact.valid_to = DAY
    assert len(stored(empty_place, HANOI)) == 2
    assert [each.role for each in stored(empty_place, HANOI, DAY + timedelta(days=1))] == ["role_box"]


def test_corrections_go_to_the_officer_and_only_without_one_to_the_box(empty_place: Workplace) -> None:
    both = stored(empty_place, HANOI)
    chosen = book.for_correction(both)
    assert chosen is not None
    assert chosen.email == officer(HANOI)
    only = book.for_correction(both[:1])
    assert only is not None
    assert only.email == box(HANOI)
    assert book.for_correction([]) is None
