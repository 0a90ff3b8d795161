"""What a form or a stranger's mail says of addresses: proposed, and in use once a person says so."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from reporting.contacts import book, proposals
from reporting.contacts.book import ContactChange
from reporting.errors import BadInput
from reporting.follow_up.waiting import waiting_now
from reporting.forms.model import FilledForm
from reporting.programme.units import unit_rows
from reporting.replies import quarantine
from reporting.states import MessageKind
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading, writing
from reporting.store.tables import AuditEvent, Contact, FindingRow
from tests.workplace import CYCLE, HANOI, NGHE_AN, Workplace, box, officer

DAY = date(2024, 1, 9)
NEW = {
    "name": "Cán bộ mới",
    "position": "Phó Trưởng phòng",
    "telephone": "024 2",
    "email": "moi@tinh-01.example",
}


def propose(place: Workplace, said: dict[str, str], code: str = HANOI) -> list[Contact]:
    context = place.context(DAY)
    with writing(place.home.engine) as session:
        unit = unit_rows(session, place.programme, place.programme.cycle(CYCLE))[code]
        proposals.propose_from_form(
            session, unit, FilledForm(None, {}, officer=said), source="biểu", today=DAY, now=context.now
        )
    return waiting(place)


def waiting(place: Workplace) -> list[Contact]:
    with reading(place.home.engine) as session:
        found = proposals.proposed(session, place.programme)
        session.expunge_all()
        return found


def decide(place: Workplace, accept: bool, ids: list[int], *, instead: bool = False) -> list[ContactChange]:
    context = place.context(DAY)
    with writing(place.home.engine) as session:
        if accept:
            return proposals.accept(
                session, place.programme, ids, instead=instead, by="Người trực", today=DAY, now=context.now
            )
        proposals.reject(
            session, place.programme, ids, by="Người trực", why="Không đúng", today=DAY, now=context.now
        )
        return []


def in_use(place: Workplace) -> list[tuple[str, str | None, str | None]]:
    with reading(place.home.engine) as session:
        unit = unit_rows(session, place.programme, place.programme.cycle(CYCLE))[HANOI]
        found = book.active(session, [unit.id], DAY)[unit.id]
        return [(each.email, each.name, each.telephone) for each in found]


def test_a_form_that_counts_names_the_officer_and_waits_for_a_person(place: Workplace) -> None:
    rows: dict[str, Any] = {f"SY00_05_{at}": words for at, words in enumerate(NEW.values(), start=1)}
    place.report(HANOI, DAY, **rows)
    (found,) = waiting(place)
    assert (found.email, found.name, found.state) == ("moi@tinh-01.example", "Cán bộ mới", "proposed")
    assert found.source.startswith("biểu của thư ")
    assert [each[0] for each in in_use(place)] == [box(HANOI), officer(HANOI)]
    with reading(place.home.engine) as session:
        status = cycle_status(session, place.programme, CYCLE, as_of=DAY)
        matters = {each.kind: each for each in waiting_now(session, place.programme, status, DAY)}
    assert matters["contact"].command == "kybaocao contacts review"
    assert "@" not in "".join(matters["contact"].lines)


def test_accepted_beside_or_instead_of_the_officer_there_was(place: Workplace) -> None:
    (first,) = propose(place, NEW)
    assert [each.what for each in decide(place, True, [first.id])] == ["thêm"]
    assert [each[0] for each in in_use(place)] == [box(HANOI), officer(HANOI), "moi@tinh-01.example"]
    (second,) = propose(place, {**NEW, "email": "khac@tinh-01.example"})
    decide(place, True, [second.id], instead=True)
    assert in_use(place)[1:] == [("khac@tinh-01.example", "Cán bộ mới", "024 2")]
    assert in_use(place)[0][0] == box(HANOI)  # the role box stays whatever people do
    with reading(place.home.engine) as session:
        said = session.scalars(
            select(AuditEvent.detail).where(AuditEvent.action == "chấp nhận liên hệ đề xuất")
        ).all()
    assert said[0] == "thêm"
    assert said[1] is not None
    assert said[1].startswith("thêm; đóng liên hệ ")


def test_another_number_of_the_same_officer_is_a_change_of_that_address(place: Workplace) -> None:
    (found,) = propose(place, {"telephone": "024 9"})  # no address: it is about the officer there is
    with reading(place.home.engine) as session:
        change = proposals.would_change(session, session.get_one(Contact, found.id))
    assert (change.what, change.detail) == ("sửa", "điện thoại: 024 0000 0000 → 024 9")
    decide(place, True, [found.id])
    assert in_use(place)[1] == (officer(HANOI), "Cán bộ đầu mối", "024 9")
    assert waiting(place) == []


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"email": officer(HANOI).upper()},
        {"name": "Cán bộ đầu mối", "telephone": "024 0000 0000"},
        {"name": "Cán bộ mới", "email": "vpubnd@tinh-01.example"},
    ],
)
def test_what_is_known_or_nobody_may_write_to_is_not_proposed(place: Workplace, said: dict[str, str]) -> None:
    assert propose(place, said) == []


def test_said_twice_is_proposed_once_and_rejected_not_again(place: Workplace) -> None:
    (first,) = propose(place, NEW)
    assert [each.id for each in propose(place, NEW)] == [first.id]
    decide(place, False, [first.id])
    assert propose(place, NEW) == []
    assert len(propose(place, {**NEW, "telephone": "024 3"})) == 1


def test_one_that_does_not_wait_stops_all(place: Workplace) -> None:
    (first,) = propose(place, NEW)
    for accept in (True, False):
        with pytest.raises(BadInput, match="đề xuất nào mang mã 99999"):
            decide(place, accept, [first.id, 99999])
    assert [each.id for each in waiting(place)] == [first.id]


def test_a_correction_request_addresses_whoever_can_be_addressed(place: Workplace) -> None:
    with writing(place.home.engine) as session:
        for contact in session.scalars(select(Contact).where(Contact.email == officer(HANOI))):
            contact.salutation = "Bà"
    for code in (HANOI, NGHE_AN):
        place.report(code, DAY, MH03_05=3, MH03_10=5)
    told = {each.unit_id: each.context.get("officer") for each in place.messages(MessageKind.CORRECTION)}
    assert sorted(told.values(), key=str) == ["Bà Cán bộ đầu mối", None]


def test_an_address_of_a_form_is_kept_without_what_cannot_be_seen(place: Workplace) -> None:
    place.report(HANOI, DAY, SY00_05_1="Cán bộ mới", SY00_05_4="\u200bMoi\ufeff@tinh-01.example;")
    (proposed,) = waiting(place)
    assert proposed.email == "moi@tinh-01.example"


@pytest.mark.parametrize(
    "address", ["mo\u00adi@tinh-01.example", "mới@tinh-01.example", "a@b.example, c@d.example"]
)
def test_an_address_of_a_form_that_is_none_is_asked_back(place: Workplace, address: str) -> None:
    taken = place.report(HANOI, DAY, SY00_05_1="Cán bộ mới", SY00_05_4=address)
    with reading(place.home.engine) as session:
        rules = session.scalars(
            select(FindingRow.rule).where(FindingRow.submission_id == taken.submission_id)
        ).all()
    assert "CONTACT-EMAIL" in rules
    assert all(each.email in (box(HANOI), officer(HANOI)) for each in waiting(place))


def test_a_sender_that_no_mail_can_go_to_is_not_proposed(place: Workplace) -> None:
    raw = place.mail("root@may-chu", {"bieu.xlsx": place.form(HANOI, "12/BC-SLĐTBXH", DAY)})
    taken = place.receive(raw, DAY)
    decision = quarantine.Assignment("Hà Nội", CYCLE, remember_sender=True, why="Điện thoại xác nhận")
    quarantine.assign(place.context(DAY), [taken.reply_id], decision, by="Người trực")
    assert waiting(place) == []
