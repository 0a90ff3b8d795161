"""Planning, opening, extending and closing a cycle."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from reporting.errors import BadInput
from reporting.follow_up.calendar import follow_calendar
from reporting.forms import layout
from reporting.programme.model import Succession
from reporting.programme.units import sync_units
from reporting.requests import lifecycle
from reporting.requests.letter import draft_request
from reporting.requests.queue import Opening
from reporting.states import CycleState, MessageKind, ReplyState
from reporting.store.engine import reading, writing
from reporting.store.tables import AuditEvent, Blob, Cycle, Letter, Message, RawReply
from reporting.word.filling import text_of
from tests.workplace import (
    BAC_NINH,
    BINH_DINH,
    CODES,
    CYCLE,
    HANOI,
    LETTER,
    OPENED,
    PDF,
    Workplace,
    box,
    officer,
    take_contacts,
    whole_programme,
)


def row_of(place: Workplace, name: str = CYCLE) -> Cycle:
    with reading(place.home.engine) as session:
        row = session.scalars(select(Cycle).where(Cycle.name == name)).one()
        session.expunge(row)
        return row


def register(place: Workplace, letter: Path, day: date = OPENED, **given: Any) -> Opening:
    arguments: dict[str, Any] = {
        "number": LETTER,
        "signed_on": OPENED,
        "by": "Văn thư",
        "file": letter,
        **given,
    }
    context = place.context(day)
    with writing(place.home.engine) as session:
        return lifecycle.register_letter(context, session, CYCLE, **arguments)


def test_the_signed_letter_opens_the_cycle_and_queues_every_request(
    empty_place: Workplace, letter: Path
) -> None:
    opening = register(empty_place, letter)
    assert (opening.queued, opening.without_address) == (10, ("Bình Định",))
    row = row_of(empty_place)
    assert (row.state, row.opened_on) == (CycleState.OPEN, OPENED)
    requests = empty_place.messages(MessageKind.REQUEST)
    assert len(requests) == 10
    assert {m.recipient for m in empty_place.messages(MessageKind.REQUEST, HANOI)} == {
        box(HANOI),
        officer(HANOI),
    }
    # The letter is one original, each unit's form and outline one more, whoever gets them.
    files = [tuple(file["sha256"] for file in message.context["attachments"]) for message in requests]
    assert [len(set(same)) for same in zip(*files, strict=True)] == [1, len(CODES) - 1, len(CODES) - 1]
    outline = text_of(empty_place.home.read(files[0][2]))
    assert f"Công văn số {LETTER} ngày {OPENED:%d/%m/%Y}" in outline
    assert empty_place.home.read(files[0][0]) == letter.read_bytes()
    assert requests[0].context["letter_number"] == LETTER


def test_of_sixty_three_departments_those_without_an_address_are_named(
    empty_place: Workplace, letter: Path
) -> None:
    empty_place.programme = whole_programme()
    with writing(empty_place.home.engine) as session:
        sync_units(session, empty_place.programme)
    opening = register(empty_place, letter)
    assert (opening.queued, len(opening.without_address)) == (10, 58)


def test_registering_the_same_letter_again_is_harmless(empty_place: Workplace, letter: Path) -> None:
    register(empty_place, letter)
    counts = [empty_place.count(model) for model in (Message, Letter, Blob, AuditEvent)]
    assert register(empty_place, letter, date(2023, 12, 20)).queued == 0
    assert [empty_place.count(model) for model in (Message, Letter, Blob, AuditEvent)] == counts
    assert row_of(empty_place).opened_on == OPENED


def test_a_unit_whose_address_came_later_is_asked_when_the_letter_is_registered_again(
    empty_place: Workplace, letter: Path, tmp_path: Path
) -> None:
    register(empty_place, letter)
    context = empty_place.context(date(2023, 12, 20))
    with writing(empty_place.home.engine) as session:
        take_contacts(
            session, context.programme, tmp_path, context.now, f"{BINH_DINH},role_box,{box(BINH_DINH)},,,"
        )
    opening = register(empty_place, letter, context.today)
    assert (opening.queued, opening.without_address) == (1, ())
    assert len(empty_place.messages(MessageKind.REQUEST, BINH_DINH)) == 1


def test_a_second_address_does_not_bring_the_first_its_request_again(
    empty_place: Workplace, letter: Path, tmp_path: Path
) -> None:
    register(empty_place, letter)
    context = empty_place.context(date(2023, 12, 20))
    with writing(empty_place.home.engine) as session:
        take_contacts(
            session, context.programme, tmp_path, context.now, f"{HANOI},officer,a-truoc@so.example,,,"
        )
    assert register(empty_place, letter, context.today).queued == 1
    recipients = [message.recipient for message in empty_place.messages(MessageKind.REQUEST, HANOI)]
    assert sorted(recipients) == sorted({box(HANOI), officer(HANOI), "a-truoc@so.example"})


def test_another_letter_is_refused(empty_place: Workplace, letter: Path) -> None:
    register(empty_place, letter)
    for given in ({"number": "778/CV-VPQGGN"}, {"signed_on": date(2023, 12, 12)}):
        with pytest.raises(BadInput, match="đã đăng ký công văn số 777/CV-VPQGGN ngày 13/12/2023"):
            register(empty_place, letter, date(2023, 12, 20), **given)


@pytest.mark.parametrize(
    ("content", "given", "words"),
    [
        (b"PK\x03\x04 a .docx", {}, "không phải là PDF"),
        (b"", {}, "không phải là PDF"),
        (None, {}, "Không đọc được tệp"),
        (PDF, {"signed_on": date(2023, 12, 14)}, "ở sau hôm nay"),
    ],
)
def test_what_is_no_signed_letter_is_refused_and_nothing_is_opened(
    empty_place: Workplace, tmp_path: Path, content: bytes | None, given: dict[str, Any], words: str
) -> None:
    file = tmp_path / "cong-van.pdf"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadInput, match=words):
        register(empty_place, file, **given)
    assert [empty_place.count(model) for model in (Cycle, Letter, Message)] == [0, 0, 0]


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "past its close"])
def test_a_cycle_that_is_over_is_not_opened(empty_place: Workplace, letter: Path, closed: bool) -> None:
    empty_place.plan()
    if closed:
        empty_place.close(date(2024, 5, 2))
    with pytest.raises(BadInput, match="đã khóa sổ"):
        register(empty_place, letter, date(2024, 5, 3))
    assert empty_place.count(Message) == 0


@pytest.mark.parametrize(
    ("name", "day", "words"),
    [
        ("annual-1999", OPENED, "Không có kỳ báo cáo 'annual-1999'"),
        ("annual-2023", date(2020, 12, 31), "trước khi chương trình bắt đầu"),
        ("annual-2024", OPENED, "chưa lập được vào ngày 13/12/2023"),
        ("annual-2025", date(2022, 1, 1), "chưa lập được"),
    ],
)
def test_a_cycle_that_cannot_be_planned(empty_place: Workplace, name: str, day: date, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        empty_place.plan(day, name)
    assert empty_place.count(Cycle) == 0


def test_a_cycle_outside_the_programme_needs_its_extending_document(empty_place: Workplace) -> None:
    late = empty_place.programme.cycle("annual-2025").model_copy(
        update={"name": "annual-2026", "period_start": date(2025, 12, 15), "period_end": date(2026, 12, 14)}
    )
    empty_place.programme = empty_place.programme.model_copy(update={"cycles": (late,)})
    with pytest.raises(BadInput, match="ngoài thời hạn của chương trình"):
        empty_place.plan(date(2026, 1, 5), "annual-2026")
    document = "12/QĐ-MAU ngày 02/01/2026"
    for succession in (
        Succession(kind="extends", document=document, valid_to=date(2026, 6, 30)),  # not far enough
        Succession(kind="extends", document=document, valid_to=date(2026, 12, 31)),
    ):
        with pytest.raises(BadInput, match="mục succession"):
            empty_place.plan(date(2026, 1, 5), "annual-2026")
        empty_place.programme = empty_place.programme.model_copy(update={"succession": (succession,)})
    empty_place.plan(date(2026, 1, 5), "annual-2026")
    assert row_of(empty_place, "annual-2026").state is CycleState.PLANNED


def test_planning_twice_is_once(empty_place: Workplace) -> None:
    empty_place.plan()
    empty_place.plan(date(2023, 11, 8))
    assert empty_place.count(Cycle) == empty_place.count(AuditEvent) - 1  # one more: the contacts


def test_forms_show_what_was_accepted_the_last_time(place: Workplace, letter: Path) -> None:
    place.report(HANOI, date(2024, 1, 9), MH03_05=12)
    place.report(BAC_NINH, date(2024, 1, 9), with_pdf=True, MH03_05=9)
    opened = date(2024, 6, 14)
    place.open(letter, opened, "six-month-2024", "40/CV-VPQGGN")
    (request,) = [
        m
        for m in place.messages(MessageKind.REQUEST, HANOI)
        if m.recipient == box(HANOI) and m.queued_on == opened
    ]
    form = place.home.read(request.context["attachments"][1]["sha256"])
    sheet = openpyxl.load_workbook(io.BytesIO(form))[layout.FORM_SHEET]
    heads = next(row for row in sheet.iter_rows(values_only=True) if layout.PREVIOUS in row)
    row = next(row for row in sheet.iter_rows(values_only=True) if "MH03.05" in row)
    assert str(row[heads.index(layout.PREVIOUS)]).startswith("12")
    assert not row[heads.index(layout.VALUE)]


def test_the_draft_letter_is_left_to_those_who_edit_it(empty_place: Workplace) -> None:
    empty_place.plan()
    context = empty_place.context(date(2023, 12, 6))
    with writing(empty_place.home.engine) as session:
        row = session.scalars(select(Cycle)).one()
        file = draft_request(context, session, row)
    assert file.read_bytes().startswith(b"PK")
    file.write_bytes(b"edited")
    with writing(empty_place.home.engine) as session:
        assert draft_request(context, session, session.scalars(select(Cycle)).one()) == file
    assert file.read_bytes() == b"edited"
    assert empty_place.count(Letter) == 1


def test_dates_changed_in_the_calendar_are_taken_over(place: Workplace) -> None:
    moved = place.programme.cycle(CYCLE).model_copy(update={"due_on": date(2024, 1, 19)})
    changed = place.programme.model_copy(update={"cycles": (moved,)})
    context = place.context(date(2024, 1, 2), programme=changed)
    for _ in range(2):
        with writing(place.home.engine) as session:
            lifecycle.follow_calendar(context, session, session.scalars(select(Cycle)).one())
    assert row_of(place).due_on == date(2024, 1, 19)
    with reading(place.home.engine) as session:
        details = [e.detail for e in session.scalars(select(AuditEvent)) if "đổi ngày" in e.action]
    assert details == ["due_on"]


def test_a_closed_cycle_keeps_what_waits(place: Workplace) -> None:
    place.close(date(2024, 5, 2))
    place.close(date(2024, 5, 3))
    assert row_of(place).closed_on == date(2024, 5, 2)
    place.report(HANOI, date(2024, 5, 3))
    with reading(place.home.engine) as session:
        assert session.scalars(select(RawReply.state)).all() == [ReplyState.QUARANTINED]


def test_the_office_is_told_before_a_cycle_that_may_not_be_opened(empty_place: Workplace) -> None:
    def lines_of(day: date) -> list[str]:
        return [
            line for line in follow_calendar(empty_place.context(day)).waiting if "six-month-2026" in line
        ]

    assert lines_of(date(2026, 5, 4)) == []
    (line,) = lines_of(date(2026, 6, 1))
    assert "succession" in line
    assert empty_place.count(Cycle) == 0
