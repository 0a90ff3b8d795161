from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from reporting import clock
from reporting.errors import BadInput
from reporting.forms.model import Cell
from reporting.received.issued_programmes import (
    IssuedDocument,
    RegisterRow,
    register_as_of,
)
from reporting.received.register_answers import record_from_form
from reporting.received.register_file import import_register
from reporting.states import ValueKind
from reporting.store.tables import AuditEvent, RegisterEntry

NAME = "annual-2023"
FEB_20 = date(2024, 2, 20)


def take(store: Any, file: Path, today: date = FEB_20, **more: Any) -> int:
    return import_register(
        store.session, store.programme, store.programme.cycle(NAME), file,
        source=more.pop("source", "Sổ theo dõi"), by="Chuyên viên", now=clock.at(today), today=today,
    )  # fmt: skip


def rows_of(store: Any, as_of: date = FEB_20, **more: Any) -> dict[str, RegisterRow]:
    cycle = store.programme.cycle(NAME)
    return {
        row.unit.code: row for row in register_as_of(store.session, store.programme, cycle, as_of, **more)
    }


def written(folder: Path, *lines: str) -> Path:
    file = folder / "so.csv"
    file.write_text("\n".join(("code,name,status,numbers,dates,reason", *lines)), encoding="utf-8")
    return file


def test_annex_one_row_by_row(cycle_store: Any, reference_rows: Callable[[str], Any]) -> None:
    folder = cycle_store.programme.folder / "rehearsal" / NAME
    assert take(cycle_store, folder / "annex-1.csv") == 63
    rows = rows_of(cycle_store)
    for line in reference_rows("annex-1.csv"):
        row = rows[line["code"]]
        assert row.is_issued == (line["marked"] == "X")
        assert "; ".join(document.number for document in row.documents) == line["numbers"]
        assert "; ".join(str(document.issued_on) for document in row.documents) == line["dates"]
    assert take(cycle_store, folder / "annex-1.csv") == 0  # it is known already
    assert cycle_store.session.query(AuditEvent).count() == 1


def test_all_mistakes_at_once_and_nothing_imported(cycle_store: Any, tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "99,,rieng,1/CTr-SLĐTBXH-MTTQ,2023-05-01,",
        "02,,dang lam,,,",
        "08,,rieng,,,",
        "04,,chua,1/CTr-SLĐTBXH-MTTQ,2023-05-01,",
        ",Bắc Kạn,rieng,1/CTr-SLĐTBXH-MTTQ; 2/CTr-SLĐTBXH-MTTQ,2023-05-01,",
        "27,,rieng,số một,2023-05-01,",
        "48,,rieng,1/CTr-SLĐTBXH-MTTQ,31/02/2023,",
        "48,,rieng,1/CTr-SLĐTBXH-MTTQ,2024-12-01,",
    )
    with pytest.raises(BadInput) as caught:
        take(cycle_store, file)
    lines = str(caught.value).splitlines()
    assert [line.split(":")[1] for line in lines] == ["2", "3", "4", "5", "6", "7", "8", "9", "9"]
    assert all(line.startswith("so.csv:") for line in lines)
    assert "31/02/2023" in lines[6]
    assert "Đà Nẵng đã có ở dòng 8" in lines[7]
    assert cycle_store.session.query(RegisterEntry).count() == 0


def test_a_workbook_may_lose_the_nought_of_a_code(cycle_store: Any, tmp_path: Path) -> None:
    file = tmp_path / "so.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("Mã", "Tình trạng", "Số hiệu văn bản", "Ngày ban hành"))
        sheet.write_number(1, 0, 2)
        sheet.write_row(1, 1, ("rieng", "07/CTr-SLĐTBXH-MTTQ"))
        sheet.write_datetime(
            1,
            3,
            clock.at(date(2023, 4, 11)).replace(tzinfo=None),
            book.add_format({"num_format": "dd/mm/yyyy"}),
        )
    assert take(cycle_store, file) == 1
    assert rows_of(cycle_store)["02"].documents == (IssuedDocument("07/CTr-SLĐTBXH-MTTQ", date(2023, 4, 11)),)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "thiếu dòng tiêu đề"),
        (b"\xff\xfe\x00", "UTF-8"),
        ("tên,số\nA,1\n".encode(), "thiếu dòng tiêu đề"),
    ],
)
def test_a_file_that_is_no_table(cycle_store: Any, tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "so.csv"
    file.write_bytes(content)
    with pytest.raises(BadInput, match=said):
        take(cycle_store, file)
    with pytest.raises(BadInput, match="không đọc được tệp"):
        take(cycle_store, tmp_path / "khong-co.csv")
    with pytest.raises(BadInput, match="nguồn"):
        take(cycle_store, file, source=" ")


def cells(**answers: str) -> dict[str, Cell]:
    codes = {"status": "CT00.01", "numbers": "CT00.02", "dates": "CT00.03", "reason": "CT00.04"}
    return {codes[name]: Cell(codes[name], ValueKind.TEXT, text=text) for name, text in answers.items()}


def from_form(store: Any, on: date, **answers: str) -> RegisterEntry | None:
    submission = store.submission("44", on)
    return record_from_form(
        store.session,
        store.programme,
        store.row,
        store.units["44"],
        submission,
        cells(**answers),
        now=clock.at(on),
    )


def test_a_form_with_two_documents(cycle_store: Any) -> None:
    from_form(
        cycle_store, date(2024, 1, 10), status="rieng", numbers="142/CTPH-UBND-MTTQ; 245/KHPH-UBMT-SLĐTBXH",
        dates="22/07/2022; 28/4/2023",
    )  # fmt: skip
    row = rows_of(cycle_store)["44"]
    assert [document.issued_on for document in row.documents] == [date(2022, 7, 22), date(2023, 4, 28)]
    assert (row.status, row.source) == ("rieng", "reply")
    assert rows_of(cycle_store, date(2024, 1, 9))["44"].status is None


def test_the_label_of_the_list_is_understood(cycle_store: Any) -> None:
    choices = cycle_store.programme.by_code["CT00.01"].choices
    label = next(choice.label for choice in choices if choice.code == "chua")
    entry = from_form(cycle_store, date(2024, 1, 10), status=label, reason="Đang trình ký")
    assert entry is not None
    assert (entry.status, entry.reason, entry.documents) == ("chua", "Đang trình ký", [])
    assert from_form(cycle_store, date(2024, 1, 11), status="không rõ") is None


def test_an_old_form_repeated_does_not_overrule_the_office(cycle_store: Any, tmp_path: Path) -> None:
    first = from_form(cycle_store, date(2024, 1, 10), status="chua", reason="Đang trình ký")
    take(cycle_store, written(tmp_path, "44,,rieng,245/KHPH-UBMT-SLĐTBXH,2023-04-28,"))
    again = from_form(cycle_store, date(2024, 3, 1), status="chua", reason="Đang trình ký")
    assert first is not None
    assert again is None
    assert rows_of(cycle_store, date(2024, 4, 30))["44"].status == "rieng"


def test_an_undone_reply_takes_its_row_along(cycle_store: Any) -> None:
    entry = from_form(
        cycle_store, date(2024, 1, 10), status="rieng", numbers="1/CTr-SLĐTBXH-MTTQ", dates="01/02/2023"
    )
    assert entry is not None
    submission = cycle_store.session.get_one(type(cycle_store.submission("44", FEB_20)), entry.submission_id)
    submission.undone_at = clock.at(date(2024, 1, 20))
    cycle_store.session.flush()
    assert rows_of(cycle_store)["44"].status is None
    assert rows_of(cycle_store, known_on=date(2024, 1, 19))["44"].status == "rieng"


def test_a_later_unit_has_what_its_older_ones_agree_in(cycle_stores: Callable[..., Any]) -> None:
    """Phú Thọ of 2025 is 25, 17 and 26; Bắc Ninh (24) is Bắc Giang (24) and Bắc Ninh (27)."""
    before, now = cycle_stores("annual-2023"), cycle_stores("annual-2025")
    issued = {"number": "01/CTPH", "issued_on": "2023-05-01"}

    def says(store: Any, code: str, status: str, *documents: dict[str, str], day: date = FEB_20) -> None:
        store.session.add(
            RegisterEntry(
                programme=store.programme.id, unit_id=store.units[code].id, status=status,
                documents=list(documents), reason=None, source="office", source_reference="x",
                received_on=day, recorded_at=clock.at(day), recorded_by="Cán bộ",
            )
        )  # fmt: skip
        store.session.flush()

    def row(name: str) -> Any:
        cycle = now.programme.cycle("annual-2025")
        rows = register_as_of(now.session, now.programme, cycle, date(2026, 1, 20))
        return next(each for each in rows if each.unit.name == name)

    for code in ("25", "17"):
        says(before, code, "rieng", {**issued, "number": f"{code}/CTPH"})
    assert row("Phú Thọ").status is None  # Vĩnh Phúc has said nothing
    says(before, "26", "rieng", {**issued, "number": "26/CTPH"})
    assert [document.number for document in row("Phú Thọ").documents] == ["25/CTPH", "17/CTPH", "26/CTPH"]
    assert row("Phú Thọ").source_reference == (
        "theo Tỉnh Phú Thọ, Tỉnh Hòa Bình, Tỉnh Vĩnh Phúc trước khi sắp xếp"
    )
    says(before, "24", "rieng", issued)
    says(before, "27", "chua")
    assert row("Bắc Ninh").status is None
    says(now, "24", "rieng", issued, day=date(2026, 1, 10))
    assert (row("Bắc Ninh").status, len(row("Bắc Ninh").documents)) == ("rieng", 1)
    says(before, "46", "khac", issued)  # Thừa Thiên Huế, renamed, then carried on
    assert row("Huế").status == "khac"
