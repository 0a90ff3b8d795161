"""Addresses of units: brought in whole or not at all, and whom each kind of message goes to."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from reporting import clock, contacts
from reporting.contacts import ContactChange
from reporting.errors import BadInput
from reporting.programme.units import unit_rows
from reporting.store.engine import reading, writing
from reporting.store.models import Contact
from tests.workplace import BINH_DINH, CYCLE, HANOI, Workplace, box, officer

DAY = date(2023, 11, 20)
HEAD = "code,role,email,name,position,telephone\n"


def bring_in(place: Workplace, file: Path, *, dry_run: bool = False) -> list[ContactChange]:
    with writing(place.home.engine) as session:
        return contacts.import_contacts(
            session,
            place.programme,
            file,
            by="Văn thư",
            today=DAY,
            now=clock.at(DAY),
            dry_run=dry_run,
        )


def stored(place: Workplace, code: str, day: date = DAY) -> list[Contact]:
    with reading(place.home.engine) as session:
        unit = unit_rows(session, place.programme, place.programme.cycle(CYCLE))[code]
        found = contacts.active(session, [unit.id], day)[unit.id]
        session.expunge_all()
        return found


def written(tmp_path: Path, rows: str) -> Path:
    file = tmp_path / "moi.csv"
    file.write_text(HEAD + rows, encoding="utf-8-sig")
    return file


def test_a_new_address_is_added_and_a_changed_one_closed(empty_place: Workplace, tmp_path: Path) -> None:
    file = written(
        tmp_path,
        f"{BINH_DINH},role_box,So@Tinh-52.example,,,\n"
        f"{HANOI},officer,{officer(HANOI)},Cán bộ mới,Trưởng phòng,024 1111 1111\n"
        f"{HANOI},role_box,{box(HANOI)},,,\n",
    )
    preview = bring_in(empty_place, file, dry_run=True)
    assert [change.what for change in preview] == ["thêm", "sửa", "giữ nguyên"]
    assert stored(empty_place, BINH_DINH) == []
    assert bring_in(empty_place, file) == preview
    assert [each.email for each in stored(empty_place, BINH_DINH)] == ["so@tinh-52.example"]
    assert [each.name for each in stored(empty_place, HANOI)] == [None, "Cán bộ mới"]
    with reading(empty_place.home.engine) as session:
        closed = session.scalars(select(Contact).where(Contact.state == "closed")).one()
        assert (closed.name, closed.valid_to) == ("Cán bộ đầu mối", DAY)
    assert {change.what for change in bring_in(empty_place, file)} == {"giữ nguyên"}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (f"{HANOI},role_box,khong-phai-dia-chi,,,\n", "moi.csv:3: địa chỉ thư không hợp lệ"),
        (f"{HANOI},leader,a@so.example,,,\n", "moi.csv:3: vai trò"),
        ("99,officer,a@so.example,,,\n", "mã 99"),
        (",officer,a@so.example,,,\n", "moi.csv:3: thiếu mã đơn vị"),
        (f"{HANOI}\n", "moi.csv:3: địa chỉ thư không hợp lệ"),
        (f"{HANOI},role_box,vpubnd@tinh-01.example,,,\n", "moi.csv:3: .*Ủy ban nhân dân"),
        (f'{HANOI},officer,"a@so.example\nBcc: b@so.example",,,\n', "địa chỉ thư không hợp lệ"),
        ("", "cần có các cột"),
    ],
)
def test_a_broken_row_brings_in_nothing(
    empty_place: Workplace, tmp_path: Path, rows: str, words: str
) -> None:
    before = empty_place.count(Contact)
    with pytest.raises(BadInput, match=words):
        bring_in(
            empty_place, written(tmp_path, f"{BINH_DINH},officer,tot@so.example,,,\n{rows}" if rows else "")
        )
    assert empty_place.count(Contact) == before


def test_all_mistakes_are_named_at_once(empty_place: Workplace, tmp_path: Path) -> None:
    file = written(tmp_path, f"{HANOI},boss,mot,,,\n{HANOI},officer,hai,,,\n")
    with pytest.raises(BadInput) as caught:
        bring_in(empty_place, file)
    assert str(caught.value).count("moi.csv:") == 3


def test_a_file_that_is_no_text_is_refused(empty_place: Workplace, tmp_path: Path) -> None:
    file = tmp_path / "anh.csv"
    file.write_bytes(b"\xff\xfe\x00\x01")
    for missing in (file, tmp_path / "khong-co.csv", tmp_path):
        with pytest.raises(BadInput, match="Không đọc được tệp liên hệ"):
            bring_in(empty_place, missing)


def test_what_is_exported_can_be_brought_in_again(empty_place: Workplace, tmp_path: Path) -> None:
    bring_in(
        empty_place,
        written(tmp_path, f"{BINH_DINH},officer,bd@so.example,=1+1,-Chuyên viên,+84 24 1234 5678\n"),
    )
    with reading(empty_place.home.engine) as session:
        content, count = contacts.export_contacts(session, empty_place.programme, DAY)
    file = tmp_path / "xuat.csv"
    file.write_bytes(content)
    rows = list(csv.reader(content.decode("utf-8-sig").splitlines()))
    assert len(rows) == count + 1
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert {change.what for change in bring_in(empty_place, file)} == {"giữ nguyên"}
    (contact,) = stored(empty_place, BINH_DINH)
    assert (contact.name, contact.telephone) == ("=1+1", "+84 24 1234 5678")


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
    chosen = contacts.for_correction(both)
    assert chosen is not None
    assert chosen.email == officer(HANOI)
    only = contacts.for_correction(both[:1])
    assert only is not None
    assert only.email == box(HANOI)
    assert contacts.for_correction([]) is None
