"""Contacts in a file: brought in whole or not at all, and read back as they were written."""

import csv
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select

from reporting import clock
from reporting.contacts.book import ContactChange, person
from reporting.contacts.files import export_contacts, import_contacts
from reporting.errors import BadInput
from reporting.store.engine import reading, writing
from reporting.store.tables import Contact
from tests.reporting.contacts.test_book import DAY, stored
from tests.workplace import BINH_DINH, HANOI, Workplace, box, officer

HEAD = "code,role,email,name,position,telephone\n"


def bring_in(place: Workplace, file: Path, *, dry_run: bool = False) -> list[ContactChange]:
    with writing(place.home.engine) as session:
        return import_contacts(
            session,
            place.programme,
            file,
            by="Văn thư",
            today=DAY,
            now=clock.at(DAY),
            dry_run=dry_run,
        )


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
        (f"{HANOI},,,,,\n", "moi.csv:3: địa chỉ thư không hợp lệ"),
        (f"{HANOI},role_box,vpubnd@tinh-01.example,,,\n", "moi.csv:3: .*Ủy ban nhân dân"),
        (f"{HANOI},role_box,vanthu@ubnd.tinh-01.example,,,\n", "moi.csv:3: .*Ủy ban nhân dân"),
        (f'{HANOI},officer,"a@so.example\nBcc: b@so.example",,,\n', "địa chỉ thư không hợp lệ"),
        ("", "không có liên hệ nào"),
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


def test_an_address_is_cleaned_of_what_cannot_be_seen(empty_place: Workplace, tmp_path: Path) -> None:
    file = written(
        tmp_path,
        f"{BINH_DINH},role_box,\u200bSo@Tinh-52.example\ufeff,,,\n"
        f"{BINH_DINH},officer,Cán bộ <cb\u200b@tinh-52.example>;,,,\n"
        f"{HANOI},role_box,mailto:{box(HANOI)},,,\n",
    )
    changes = bring_in(empty_place, file)
    assert [change.email for change in changes] == ["so@tinh-52.example", "cb@tinh-52.example", box(HANOI)]
    assert changes[0].notice == (
        "địa chỉ ghi 'So@Tinh-52.example' (ký tự không nhìn thấy U+200B ở vị trí 1) "
        "được hiểu là so@tinh-52.example"
    )
    assert all(change.notice for change in changes)
    assert [each.email for each in stored(empty_place, BINH_DINH)] == [
        "so@tinh-52.example",
        "cb@tinh-52.example",
    ]
    with reading(empty_place.home.engine) as session:
        assert all(address.isascii() for address in session.scalars(select(Contact.email)))


def test_what_cannot_be_seen_changes_no_code_role_or_name(empty_place: Workplace, tmp_path: Path) -> None:
    file = tmp_path / "moi.csv"
    file.write_text(
        "\u200bcode,role\ufeff,email,name\n"
        f"{HANOI}\u200b,offi\u200bcer,{officer(HANOI)},Cán bộ\u00a0đầu mối\u200b\n",
        encoding="utf-8",
    )
    assert [change.what for change in bring_in(empty_place, file)] == ["giữ nguyên"]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("so\u00ad@tinh-52.example", "moi.csv:2: địa chỉ thư không hợp lệ .*U\\+00AD ở vị trí 3"),
        ("ub\u200bnd@tinh-52.example", "moi.csv:2: 'ubnd@tinh-52.example' là hộp thư của Ủy ban"),
        ("a@tinh-52.example; b@tinh-52.example", "moi.csv:2: .*có hơn một dấu @"),
    ],
)
def test_what_may_mean_another_address_is_refused(
    empty_place: Workplace, tmp_path: Path, address: str, words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        bring_in(empty_place, written(tmp_path, f"{BINH_DINH},role_box,{address},,,\n"))


def test_one_address_under_two_spellings_is_one(empty_place: Workplace, tmp_path: Path) -> None:
    file = written(
        tmp_path, "".join(f"{BINH_DINH},officer,{a},,,\n" for a in ("a@b.example", "<A@b\u200b.example>"))
    )
    with pytest.raises(BadInput, match=r"địa chỉ a@b\.example của đơn vị 52 có 2 dòng"):
        bring_in(empty_place, file)


def test_all_mistakes_are_named_at_once(empty_place: Workplace, tmp_path: Path) -> None:
    file = written(tmp_path, f"{HANOI},boss,mot,,,\n{HANOI},officer,hai,,,\n")
    with pytest.raises(BadInput) as caught:
        bring_in(empty_place, file)
    assert str(caught.value).count("moi.csv:") == 3


def test_a_file_that_is_no_text_is_refused(empty_place: Workplace, tmp_path: Path) -> None:
    file = tmp_path / "anh.csv"
    file.write_bytes(b"\xff\xfe\x00\x01")
    for missing in (file, tmp_path / "khong-co.csv", tmp_path):
        with pytest.raises(BadInput, match=r"UTF-8|không đọc được|không mở được|định dạng|tệp"):
            bring_in(empty_place, missing)


def test_what_is_exported_can_be_brought_in_again(empty_place: Workplace, tmp_path: Path) -> None:
    bring_in(
        empty_place,
        written(tmp_path, f"{BINH_DINH},officer,bd@so.example,=1+1,-Chuyên viên,+84 24 1234 5678\n"),
    )
    with reading(empty_place.home.engine) as session:
        content, count = export_contacts(session, empty_place.programme, DAY)
    file = tmp_path / "xuat.csv"
    file.write_bytes(content)
    rows = list(csv.reader(content.decode("utf-8-sig").splitlines()))
    assert len(rows) == count + 1
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert {change.what for change in bring_in(empty_place, file)} == {"giữ nguyên"}
    (contact,) = stored(empty_place, BINH_DINH)
    assert (contact.name, contact.telephone) == ("=1+1", "+84 24 1234 5678")


def test_a_workbook_goes_round_and_people_may_write_its_words(empty_place: Workplace, tmp_path: Path) -> None:
    bring_in(empty_place, written(tmp_path, f"{BINH_DINH},officer,bd@so.example,=1+1,Trưởng phòng,0256 1\n"))
    with reading(empty_place.home.engine) as session:
        content, count = export_contacts(session, empty_place.programme, DAY, workbook=True)
    file = tmp_path / "lien-he.xlsx"
    file.write_bytes(content)
    assert {change.what for change in bring_in(empty_place, file)} == {"giữ nguyên"}

    book = openpyxl.load_workbook(file)
    sheet = book["Liên hệ"]
    headings = [cell.value for cell in sheet[1]]
    assert headings == ["Mã", "Đơn vị", "Vai trò", "Thư điện tử", "Xưng hô", "Tên", "Chức vụ", "Điện thoại"]
    assert sheet.max_row == count + 1
    row = next(row for row in sheet.iter_rows(min_row=2) if row[3].value == "bd@so.example")
    assert (row[2].value, row[5].value, row[5].data_type) == ("cán bộ đầu mối", "=1+1", "s")
    row[0].value, row[4].value, row[5].value = int(BINH_DINH), "Bà", "Cán bộ Mẫu"
    book.save(file)
    (change,) = [each for each in bring_in(empty_place, file) if each.what != "giữ nguyên"]
    assert change.detail == "xưng hô: để trống → Bà; tên: =1+1 → Cán bộ Mẫu"
    (contact,) = stored(empty_place, BINH_DINH)
    assert person(contact) == "Bà Cán bộ Mẫu"
    assert contact.telephone == "0256 1"


def test_a_telephone_that_became_a_number_is_asked_back_with_all_else(
    empty_place: Workplace, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Liên hệ", 0)
    sheet.append(["Danh sách liên hệ"])
    sheet.append(["Mã", "Vai trò", "Thư điện tử", "Điện thoại"])
    sheet.append([int(HANOI), "Hộp thư chung", "mot@so.example", 2412345678])
    sheet.append([99, "Hộp thư chung", "hai@so.example", "024 1"])
    sheet.append([int(HANOI), "Hộp thư chung", "MOT@so.example", "024 1"])
    file = tmp_path / "lien-he.xlsx"
    book.save(file)
    before = empty_place.count(Contact)
    with pytest.raises(BadInput) as caught:
        bring_in(empty_place, file)
    assert "lien-he.xlsx:3: điện thoại đã thành con số" in str(caught.value)
    assert "lien-he.xlsx:4: không có đơn vị mang mã 99" in str(caught.value)
    assert "mot@so.example của đơn vị 01 có 2 dòng" in str(caught.value)
    assert empty_place.count(Contact) == before


def test_a_column_the_file_does_not_have_says_nothing(empty_place: Workplace, tmp_path: Path) -> None:
    file = tmp_path / "moi.csv"
    file.write_text(f"mã,vai trò,e-mail\n{HANOI},officer,{officer(HANOI)}\n", encoding="utf-8")
    assert [change.what for change in bring_in(empty_place, file)] == ["giữ nguyên"]
    assert [each.name for each in stored(empty_place, HANOI)] == [None, "Cán bộ đầu mối"]
