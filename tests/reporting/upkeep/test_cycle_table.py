"""The figures of a cycle out of one home and into another: the same answers, findings and sums."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from reporting.errors import BadInput
from reporting.figures.compile import compile_figures, figures_json
from reporting.outcome import Outcome
from reporting.received.central_figures import central_figures, import_figures
from reporting.replies.by_hand import HandRecord, record_reply
from reporting.replies.corrections import is_first_cycle
from reporting.states import CycleState, ValueKind
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading, writing
from reporting.store.tables import AuditEvent, Cycle, Document, FindingRow, Message, RawReply, Submission
from reporting.upkeep.export import COLUMNS, export_cycle
from reporting.upkeep.import_cycle import import_cycle
from tests.reporting.forms.filling import filled_in, rows_by_code, sheet_of
from tests.reporting.forms.random_forms import someone
from tests.workplace import (
    BAC_NINH,
    BINH_DINH,
    CODES,
    CYCLE,
    DIEN_BIEN,
    HANOI,
    LETTER,
    NGHE_AN,
    QUANG_TRI,
    Workplace,
    copy_home,
)

CLOSED, IMPORTED_ON = date(2024, 5, 2), date(2024, 6, 3)
OURS = ("version", "cell")  # a home counts its own versions and makes its own forms


@pytest.fixture
def other(tmp_path: Path, new_home: Path) -> Iterator[Workplace]:
    """A home that knows of no cycle yet."""
    place = copy_home(new_home, tmp_path / "other")
    yield place
    place.home.engine.dispose()


def enter(place: Workplace, code: str, day: date, tmp_path: Path, form: bytes | None, **given: Any) -> None:
    values = None
    if form is not None:
        values = tmp_path / f"{code}-{day}.xlsx"
        values.write_bytes(form)
    arrival = HandRecord(
        given.get("number"),
        given.get("dated"),
        day,
        "paper",
        arrival_number=given.get("arrival"),
        values=values,
    )
    record_reply(place.context(day), CYCLE, code, arrival, by="Văn thư")


def fill_cycle(place: Workplace, tmp_path: Path) -> None:
    """Every way a unit can stand at the end, and every kind of answer."""
    place.report(
        HANOI, date(2024, 1, 8), "12/BC-SLĐTBXH", MH03_05=7, NL02_01=489, explanations={"MH03.05": "mới"}
    )
    draft = place.form(DIEN_BIEN, MH03_05=3, MH03_07=ValueKind.PENDING)
    enter(place, DIEN_BIEN, date(2024, 1, 9), tmp_path, draft)  # figures first, the paper a week later
    enter(place, DIEN_BIEN, date(2024, 1, 16), tmp_path, None, number="9/BC-SLĐTBXH", dated=date(2024, 1, 15))
    enter(place, BAC_NINH, date(2024, 1, 9), tmp_path, place.form(BAC_NINH, MH03_05=1))  # a draft
    enter(place, NGHE_AN, date(2024, 1, 3), tmp_path, None, number="7/BC-SLĐTBXH", dated=date(2024, 1, 2),
          arrival="88")  # fmt: skip
    enter(place, NGHE_AN, date(2024, 1, 10), tmp_path, place.form(NGHE_AN, MH03_05=5, MH03_07=0))
    enter(
        place, QUANG_TRI, date(2023, 12, 12), tmp_path, None, number="5/CV-SLĐTBXH", dated=date(2023, 12, 11)
    )


def exported(place: Workplace, target: Path) -> Path:
    with reading(place.home.engine) as session:
        export_cycle(place.context(IMPORTED_ON), session, CYCLE, target)
    return target


def imported(place: Workplace, file: Path, day: date = IMPORTED_ON, **more: Any) -> Outcome:
    return import_cycle(place.context(day), file, by="Văn thư", **more)


def rows_of(file: Path) -> list[dict[str, object]]:
    """The first sheet by the columns' names, without what is a home's own."""
    sheet = openpyxl.load_workbook(file).worksheets[0]
    _, *rows = sheet.iter_rows(values_only=True)
    return [{name: cell for name, cell in zip(COLUMNS, row, strict=True) if name not in OURS} for row in rows]


def findings_of(place: Workplace) -> set[tuple[str, str, str | None, str | None]]:
    """What was found in the versions that count."""
    with reading(place.home.engine) as session:
        status = cycle_status(session, place.programme, CYCLE, as_of=IMPORTED_ON)
        units = {unit.submission_id: unit.unit.code for unit in status.units}
        return {
            (units[row.submission_id], row.rule, row.indicator, row.seen)
            for row in session.scalars(select(FindingRow))
            if row.submission_id in units
        }


def standing(place: Workplace, as_of: date = IMPORTED_ON) -> list[dict[str, object]]:
    with reading(place.home.engine) as session:
        status = cycle_status(session, place.programme, CYCLE, as_of=as_of)
    named = (
        "code",
        "state",
        "document_number",
        "document_date",
        "received_on",
        "open_errors",
        "open_warnings",
    )
    told = [{name: unit.as_json()[name] for name in named} for unit in status.units]
    return [*told, {"early": status.early, "on_time": status.on_time, "late": status.late}]


def figures(place: Workplace) -> list[dict[str, object]]:
    with reading(place.home.engine) as session:
        status = cycle_status(session, place.programme, CYCLE, as_of=IMPORTED_ON)
        found = figures_json(compile_figures(session, place.programme, CYCLE, status), status)["figures"]
    return [{name: value for name, value in each.items() if name != "submissions"} for each in found]


def changed(file: Path, target: Path, code: str, column: str, value: str | int) -> Path:
    """The table with another value in the row of a unit's answer."""
    workbook = openpyxl.load_workbook(file)
    sheet, names = workbook.worksheets[0], list(COLUMNS)
    for row in sheet.iter_rows(min_row=2):
        if (row[names.index("unit")].value, row[names.index("code")].value) == (HANOI, code):
            row[names.index(column)].value = value
    workbook.save(target)
    return target


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, opened_home: Path) -> Iterator[Workplace]:
    """The home in which the cycle took place; the tests only look at it."""
    folder = tmp_path_factory.mktemp("first")
    place = copy_home(opened_home, folder / "home")
    fill_cycle(place, folder)
    place.close(CLOSED)
    yield place
    place.home.engine.dispose()


@pytest.fixture(scope="module")
def table(first: Workplace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(first, tmp_path_factory.mktemp("table") / "ky.xlsx")


def test_another_home_stands_where_the_first_did(
    first: Workplace, other: Workplace, table: Path, tmp_path: Path
) -> None:
    outcome = imported(other, table)
    assert outcome.done == (f"nhập số liệu kỳ {CYCLE}: 5 đơn vị, 0 đơn vị đã có từ trước",)
    assert outcome.waiting == ()
    for day in (date(2023, 12, 31), date(2024, 1, 12), IMPORTED_ON):
        assert standing(other, day) == standing(first, day)
    assert findings_of(other) == findings_of(first) != set()
    assert figures(other) == figures(first)
    again = exported(other, tmp_path / "lai.xlsx")
    assert rows_of(again) == rows_of(table)
    # Nobody hears of it: what was received was answered at its time.
    assert other.count(Message) == 0


def test_the_cycle_is_written_down_as_it_was(other: Workplace, table: Path) -> None:
    imported(other, table)
    with reading(other.home.engine) as session:
        row = session.scalars(select(Cycle)).one()
        assert (row.state, row.opened_on, row.closed_on) == (
            CycleState.CLOSED, date(2023, 12, 13), other.programme.cycle(CYCLE).close_on
        )  # fmt: skip
        document = session.scalars(select(Document).where(Document.number == "7/BC-SLĐTBXH")).one()
        assert (document.channel, document.arrival_number, document.recorded_by) == (
            "import",
            "88",
            "Văn thư",
        )
        events = {(each.actor, each.action) for each in session.scalars(select(AuditEvent))}
        assert {("Văn thư", "lập kỳ báo cáo đã qua"), ("Văn thư", "tiếp nhận báo cáo")} <= events
        # It was not opened here: the first cycle that is, is the first one (PRACTICE P13).
        assert is_first_cycle(session, Cycle(programme=row.programme, opened_on=date(2024, 12, 13)))


def test_twice_is_once_and_what_broke_off_goes_on(other: Workplace, table: Path, tmp_path: Path) -> None:
    workbook = openpyxl.load_workbook(table)
    sheet = workbook.worksheets[0]
    units = [row[0] for row in sheet.iter_rows(min_col=list(COLUMNS).index("unit") + 1, values_only=True)]
    sheet.delete_rows(units.index(units[1]) + 1 + units.count(units[1]), sheet.max_row)
    workbook.save(tmp_path / "mot.xlsx")  # as if it had been killed after the first unit
    assert "1 đơn vị, 0 đơn vị" in imported(other, tmp_path / "mot.xlsx").done[0]
    assert "4 đơn vị, 1 đơn vị đã có từ trước" in imported(other, table).done[0]
    before = {model: other.count(model) for model in (RawReply, Submission, Document)}
    assert "0 đơn vị, 5 đơn vị đã có từ trước" in imported(other, table).done[0]
    assert {model: other.count(model) for model in before} == before


def test_other_figures_than_the_accepted_ones_need_a_basis(
    other: Workplace, table: Path, tmp_path: Path
) -> None:
    imported(other, table)
    file = changed(table, tmp_path / "sua.xlsx", "NL02.01", "value", 500)
    outcome = imported(other, file)
    assert "0 đơn vị, 4 đơn vị đã có từ trước" in outcome.done[0]
    (waiting,) = outcome.waiting
    assert waiting.startswith("Hà Nội: ")
    assert "--why" in waiting
    assert "1 đơn vị, 4 đơn vị" in imported(other, file, why="Công văn đính chính 15/SLĐTBXH").done[0]
    assert next(each for each in figures(other) if each["code"] == "NL02.01")["value"] == "500"


def test_figures_of_central_bodies_go_along(place: Workplace, other: Workplace, tmp_path: Path) -> None:
    fill_cycle(place, tmp_path)
    file = tmp_path / "tw.csv"
    file.write_text(
        "code,value,qualifier,as_of,document\nTW01.01,590,hơn,2023-09-03,429/BC-CP\n", encoding="utf-8"
    )
    with writing(place.home.engine) as session:
        row = session.scalars(select(Cycle).where(Cycle.name == CYCLE)).one()
        context = place.context(date(2024, 1, 5))
        import_figures(
            session,
            place.programme,
            row,
            file,
            source=None,
            as_of=None,
            by="A",
            now=context.now,
            today=context.today,
        )
    place.close(CLOSED)
    table = exported(place, tmp_path / "ky.xlsx")
    assert "nhập 1 số liệu của cơ quan trung ương" in imported(other, table).done
    assert figures(other) == figures(place)
    with reading(other.home.engine) as session:
        row = session.scalars(select(Cycle).where(Cycle.name == CYCLE)).one()
        assert central_figures(session, row.id, date(2024, 1, 4)) == {}
        assert "TW01.01" in central_figures(session, row.id, date(2024, 1, 5))
    assert len(imported(other, table).done) == 1  # and are there once


def test_a_table_put_together_by_hand(other: Workplace, tmp_path: Path) -> None:
    """CSV as Excel saves it here, headings as people write them, only what is needed."""
    head = "Kỳ;Số công văn đề nghị;Ngày công văn đề nghị;Mã đơn vị;Số văn bản;Ngày văn bản;"
    head += "Ngày nhận văn bản;Ngày nhận số liệu;Mã;Số liệu"
    unit = f"{CYCLE};{LETTER};13/12/2023;Hà Nội;12/BC-SLĐTBXH;08/01/2024;09/01/2024;09/01/2024"
    file = tmp_path / "cu.csv"
    file.write_text(f"{head}\n{unit};MH03.05;25.349\n{unit};NL02.01;489,4\n", encoding="utf-8-sig")
    assert "1 đơn vị" in imported(other, file).done[0]
    assert other.unit(HANOI).document_number == "12/BC-SLĐTBXH"
    told = {each["code"]: each["value"] for each in figures(other)}
    assert (told["MH03.05"], told["NL02.01"]) == ("25349", "489.4")


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("unit", "Kinh Bắc", "không có đơn vị 'Kinh Bắc'"),
        ("code", "MH99.99", "biểu của Hà Nội không có chỉ tiêu 'MH99.99'"),
        ("code", "MH03.07", "Hà Nội có hai dòng của MH03.07"),
        ("received", "hôm qua", "không đọc được ngày 'hôm qua' ở cột Ngày nhận số liệu"),
        ("received", "01/01/2030", "khác với dòng"),
        ("number", "99/BC", "văn bản hoặc ngày nhận khác với dòng"),
        ("cycle", "annual-2022", "mỗi tệp chỉ một kỳ"),
        ("letter_date", "14/12/2023", "công văn đề nghị báo cáo khác nhau"),
        ("mark", "diễn tập", "số liệu giả định của một bản diễn tập"),
    ],
)
def test_one_wrong_row_and_nothing_is_taken_in(
    other: Workplace, table: Path, tmp_path: Path, column: str, value: str, words: str
) -> None:
    file = changed(table, tmp_path / "sai.xlsx", "MH03.05", column, value)
    with pytest.raises(BadInput, match=words):
        imported(other, file)
    assert (other.count(Cycle), other.count(RawReply)) == (0, 0)


def test_what_cannot_be_imported_or_exported(place: Workplace, other: Workplace, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="chưa có báo cáo hay số liệu nào"):
        exported(place, tmp_path / "trong.xlsx")
    fill_cycle(place, tmp_path)
    table = exported(place, tmp_path / "ky.xlsx")
    for target, words in (("ky.csv", "đuôi .xlsx"), ("ky.xlsx", "Đã có")):
        with pytest.raises(BadInput, match=words):
            exported(place, tmp_path / target)
    with pytest.raises(BadInput, match="chưa khóa sổ"):  # it is open here
        imported(place, table)
    with pytest.raises(BadInput, match="chưa khóa sổ"):  # it is not over there
        imported(other, table, day=date(2024, 2, 1))
    (tmp_path / "hong.xlsx").write_bytes(b"PK\x03\x04 broken")
    for name in ("hong.xlsx", "khong-co.csv"):
        with pytest.raises(BadInput, match=name):
            imported(other, tmp_path / name)
    assert other.count(Cycle) == 0


def test_random_forms_say_the_same_in_the_other_home(
    place: Workplace, other: Workplace, tmp_path: Path
) -> None:
    """Every kind of answer in every way it is typed, also what could not be read."""
    for seed, code in enumerate((*CODES, *CODES)):
        if seed >= len(CODES) and code == BINH_DINH:
            continue  # one that stays as it first came
        blank, typed = place.form(code, made_on=date(2023, 12, 13)), someone(seed)
        known = rows_by_code(sheet_of(blank)[1])
        content = filled_in(
            blank,
            {
                column: {code: value for code, value in given.items() if code in known}
                for column, given in (("E", typed.values), ("F", typed.answers), ("H", typed.explanations))
            },
        )
        enter(place, code, date(2024, 1, 12 + seed), tmp_path, content)
    place.close(CLOSED)
    table = exported(place, tmp_path / "ky.xlsx")
    imported(other, table)
    # A list is handed on as it was read, so only what stood in the cell may look another way.
    assert {each[:3] for each in findings_of(other)} == {each[:3] for each in findings_of(place)}
    assert figures(other) == figures(place)
    assert rows_of(exported(other, tmp_path / "lai.xlsx")) == rows_of(table)
