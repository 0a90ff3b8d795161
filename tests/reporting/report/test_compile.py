import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from config.settings import Settings
from reporting import clock
from reporting.errors import BadInput
from reporting.home.folder import Home, open_home
from reporting.programme.units import find_unit
from reporting.received.central_figures import import_figures
from reporting.received.register_file import import_register
from reporting.report.versions import CompiledReport
from reporting.states import MessageKind, MessageState
from reporting.status.cycle import cycle_status
from reporting.store.engine import writing
from reporting.store.tables import ReportVersion
from tests.compiling import compile_report

NAME = "annual-2023"
APRIL_15, APRIL_30 = date(2024, 4, 15), date(2024, 4, 30)
MARK = "BẢN DIỄN TẬP – SỐ LIỆU GIẢ ĐỊNH"


def build(
    home: Home, store: Any, as_of: date = APRIL_30, now: date = APRIL_30, **more: Any
) -> CompiledReport:
    return compile_report(
        home,
        store.session,
        more.pop("programme", store.programme),
        NAME,
        as_of=as_of,
        now=clock.at(now),
        **more,
    )


def fill(store: Any, limit: int = 63) -> None:
    """The letter, the register, the central figures and the replies of Annex II."""
    store.request_letter()
    folder = store.programme.folder / "rehearsal" / NAME
    cycle = store.programme.cycle(NAME)
    who: dict[str, Any] = {"by": "Chuyên viên", "now": clock.at(APRIL_15), "today": APRIL_15}
    import_register(
        store.session, store.programme, cycle, folder / "annex-1.csv", source="Sổ theo dõi", **who
    )
    import_figures(
        store.session,
        store.programme,
        store.row,
        folder / "central-figures.csv",
        source=None,
        as_of=None,
        **who,
    )
    store.reference_replies(
        lambda code: {"MH03.05": int(code), "NL02.01": Decimal("1000.5"), "NX07.02": "=HYPERLINK(1)"}, limit
    )


@pytest.fixture(scope="module")
def filled(
    tmp_path_factory: pytest.TempPathFactory,
    make_home: Callable[[Path], Home],
    lay_cycle: Callable[[Any], Any],
) -> Path:
    home = make_home(tmp_path_factory.mktemp("filled") / "home")
    with writing(home.engine) as session:
        fill(lay_cycle(session))
    home.engine.dispose()
    return home.path


@pytest.fixture
def rehearsal_home(filled: Path, tmp_path: Path) -> Home:
    """A copy of its own for each test."""
    shutil.copytree(filled, tmp_path / "home")
    return open_home(Settings(home=tmp_path / "home"))


@pytest.fixture
def full(rehearsal_home: Home, find_cycle: Callable[[Any], Any]) -> Any:
    with writing(rehearsal_home.engine) as session:
        yield find_cycle(session)
        session.rollback()


def file_of(report: CompiledReport, name: str) -> Path:
    return report.folder / name


def test_the_annexes_are_those_of_the_reference_report(
    rehearsal_home: Home, full: Any, reference_rows: Callable[[str], Any], open_paper: Callable[[bytes], Any]
) -> None:
    paper = open_paper(file_of(build(rehearsal_home, full), "bao-cao.docx").read_bytes())
    cycle = full.programme.cycle(NAME)
    annexes = [table for table in paper.tables() if len(table) > 60]
    for table, name, total in zip(annexes, ("annex-1.csv", "annex-2.csv"), ("61", "56"), strict=True):
        assert table[1][1:3] == ["Tổng cộng", total]
        rows = [row for row in table[2:] if row[0].isdigit()]
        regions = [row for row in table[2:] if not row[0].isdigit()]
        assert [row[0] for row in regions] == ["I", "II", "III", "IV", "V", "VI"]
        for row, line in zip(rows, reference_rows(name), strict=True):
            dates = [f"{date.fromisoformat(day):%d/%m/%Y}" for day in line["dates"].split("; ") if day]
            assert (row[0], row[2]) == (line["position"], line["marked"])
            expected = "TP Hồ Chí Minh" if line["code"] == "79" else full.units[line["code"]].name
            assert row[1] == expected  # but for the source's Đăk Lăk, Đăk Nông
            assert find_unit(full.programme, cycle, line["name"]).code == line["code"]
            assert row[3].split("\n") == line["numbers"].split("; ")
            assert row[4] == "\n".join(dates)
    assert "28/SLĐTBXH-BTXH&PCTN" in paper.text
    assert "MTTQ" in paper.text


def test_counts_names_and_notes_of_part_one(
    rehearsal_home: Home, full: Any, open_paper: Callable[[bytes], Any]
) -> None:
    paper = open_paper(file_of(build(rehearsal_home, full), "bao-cao.docx").read_bytes())
    assert "có 61/63 tỉnh, thành phố đã ban hành" in paper.text
    assert "có 56/63 Sở LĐTBXH đã gửi báo cáo (51 báo cáo, 05 công văn)" in paper.text
    assert paper.references == list(range(1, len(paper.references) + 1))
    assert list(paper.notes) == paper.references
    assert paper.notes[1] == "Công văn số 777/CV-VPQGGN ngày 13/12/2023 của Văn phòng Quốc gia về giảm nghèo."
    assert "Đồng Tháp (số 500/CTPH/UBND-MTTQ ngày 13/12/2019)" in paper.notes[2]
    assert paper.notes[3] == "Gồm: Nghệ An, Quảng Trị."
    assert paper.notes[4] == (
        "Gồm: Bắc Ninh, Nghệ An, Quảng Trị, Đà Nẵng, Bình Định, Thành phố Hồ Chí Minh, Tiền Giang."
    )
    assert "\ue000" not in paper.text


def test_part_four_names_nobody(rehearsal_home: Home, full: Any, open_paper: Callable[[bytes], Any]) -> None:
    text = open_paper(file_of(build(rehearsal_home, full), "bao-cao.docx").read_bytes()).text
    part_four = text[text.index("IV. KIẾN NGHỊ") : text.index("Nơi nhận:")]
    assert "các địa phương chưa gửi báo cáo" in part_four
    assert not any(unit.name in part_four for unit in full.programme.units)
    assert text.count("[cần lãnh đạo cho ý kiến]") >= 2


def test_sums_come_with_their_coverage_and_central_figures_apart(
    rehearsal_home: Home, full: Any, open_paper: Callable[[bytes], Any]
) -> None:
    paper = open_paper(file_of(build(rehearsal_home, full), "bao-cao.docx").read_bytes())
    total = sum(int(unit.unit.code) for unit in _reported(full))
    assert f"{total:,}".replace(",", ".") + " dự án, mô hình giảm nghèo" in paper.text
    assert "(tổng hợp từ 56/63 địa phương)" in paper.text
    assert "trên 56 tỷ đồng" in paper.text  # 56 times 1.000,5 triệu đồng
    assert "hơn 590 chương trình phát thanh, truyền hình" in paper.text
    assert any("429/BC-CP ngày 03/9/2023 của Chính phủ" in note for note in paper.notes.values())


def _reported(store: Any) -> Any:
    status = cycle_status(store.session, store.programme, NAME, as_of=APRIL_30)
    return [unit for unit in status.units if unit.is_reported]


def test_each_section_begins_its_pages_anew(
    rehearsal_home: Home, full: Any, open_paper: Callable[[bytes], Any]
) -> None:
    paper = open_paper(file_of(build(rehearsal_home, full), "bao-cao.docx").read_bytes())
    xml = paper.parts["word/document.xml"].decode()
    assert xml.count('<w:pgNumType w:start="1"/>') == 4
    assert xml.count("<w:tblHeader/>") == 3
    assert xml.count("<w:titlePg/>") == 4
    assert paper.headers().count(MARK) == 2  # the first page's header and the others'


@pytest.mark.parametrize("limit", [0, 12])
def test_a_cycle_with_few_replies_has_its_report_too(
    tmp_path: Path,
    make_home: Callable[[Path], Home],
    lay_cycle: Callable[[Any], Any],
    open_paper: Callable[[bytes], Any],
    limit: int,
) -> None:
    rehearsal_home = make_home(tmp_path / "home")
    with writing(rehearsal_home.engine) as session:
        store = lay_cycle(session)
        store.reference_replies(lambda code: {"MH03.05": 1}, limit)
        paper = open_paper(file_of(build(rehearsal_home, store), "bao-cao.docx").read_bytes())
        session.rollback()
    if limit:
        assert "có 12/63 Sở LĐTBXH đã gửi báo cáo (11 báo cáo, 01 công văn)" in paper.text
        assert "12 dự án, mô hình giảm nghèo (tổng hợp từ 12/63 địa phương)" in paper.text
    else:
        assert "chưa nhận được báo cáo của địa phương nào trong số 63" in paper.text
        assert paper.references == []
    assert "[chưa có số liệu]" not in paper.text


def test_the_same_facts_make_no_new_version(rehearsal_home: Home, full: Any) -> None:
    first = build(rehearsal_home, full)
    assert (first.version, first.is_new) == (1, True)
    assert first.folder == rehearsal_home.reports / "ctph-109" / NAME / "2024-04-30" / "v1"
    assert [file.name for file in first.files] == [
        "bao-cao.docx",
        "figures.json",
        "manifest.json",
        "phieu-trinh.docx",
        "quality.html",
        "so-lieu.xlsx",
    ]
    full.message("27", MessageKind.REMINDER, MessageState.ACCEPTED, APRIL_30)  # what we sent is no fact of it
    full.call("27", APRIL_30)
    again = build(rehearsal_home, full, now=date(2024, 5, 2))
    assert (again.version, again.is_new) == (1, False)
    full.submission("02", date(2024, 4, 20), {"MH03.05": 999})
    later = build(rehearsal_home, full, now=date(2024, 5, 3))
    assert (later.version, later.is_new, later.folder.name) == (2, True, "v2")
    assert full.session.query(ReportVersion).count() == 2


def test_a_lost_version_is_built_again_to_the_byte(rehearsal_home: Home, full: Any) -> None:
    report = build(rehearsal_home, full)
    before = {file.name: file.read_bytes() for file in report.files}
    for file in report.files:
        file.unlink()
    again = build(rehearsal_home, full)
    assert again.version == 1
    assert {file.name: file.read_bytes() for file in again.files} == before
    assert full.session.query(ReportVersion).count() == 1


def test_the_manifest_names_every_file(rehearsal_home: Home, full: Any) -> None:
    report = build(rehearsal_home, full)
    manifest = json.loads(file_of(report, "manifest.json").read_text(encoding="utf-8"))
    assert manifest["files"] == {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in report.files
        if file.name != "manifest.json"
    }
    assert (manifest["as_of"], manifest["rehearsal"], manifest["version"]) == ("2024-04-30", True, 1)
    assert full.session.query(ReportVersion).one().data_sha256 == manifest["data_sha256"]


def test_two_days_stand_side_by_side(rehearsal_home: Home, full: Any) -> None:
    middle, end = build(rehearsal_home, full, as_of=APRIL_15), build(rehearsal_home, full)
    counts = [
        {
            figure["code"]: figure["value"]
            for figure in json.loads(file_of(report, "figures.json").read_text())["figures"]
        }
        for report in (middle, end)
    ]
    assert (counts[0]["SY00.01"], counts[1]["SY00.01"]) == ("55", "56")
    assert int(counts[1]["MH03.05"]) - int(counts[0]["MH03.05"]) == 94  # Sóc Trăng alone


def test_the_data_annex_holds_the_same_figures_and_no_formula(rehearsal_home: Home, full: Any) -> None:
    report = build(rehearsal_home, full, quality={"Số quy tắc đã chạy": 12})
    book = CalamineWorkbook.from_path(file_of(report, "so-lieu.xlsx"))
    later = ["Tình hình (34)", "Số liệu (34)"]
    first = ["Bìa", "Ghi chú", "Tình hình", "Số liệu", "Tổng hợp", "Diễn biến"]
    assert book.sheet_names == [*first, *later, "Rà soát", "Thay đổi"]
    totals = {row[0]: row[2] for row in book.get_sheet_by_name("Tổng hợp").to_python()[3:]}
    for figure in json.loads(file_of(report, "figures.json").read_text(encoding="utf-8"))["figures"]:
        if figure["value"] is not None:
            assert Decimal(str(totals[figure["code"]])) == Decimal(figure["value"])
    matrix = book.get_sheet_by_name("Số liệu").to_python()
    assert len(matrix) == 3 + 63
    assert "=HYPERLINK(1)" in matrix[3]
    for name in book.sheet_names:
        assert book.get_sheet_by_name(name).to_python()[1][0] == MARK
    assert ["Kiểm tra chất lượng: Số quy tắc đã chạy", "12"] in book.get_sheet_by_name("Bìa").to_python()


def test_the_data_annex_shows_the_34_units_with_their_coverage(rehearsal_home: Home, full: Any) -> None:
    report = build(rehearsal_home, full)
    book = CalamineWorkbook.from_path(file_of(report, "so-lieu.xlsx"))
    status = {row[1]: row[2:] for row in book.get_sheet_by_name("Tình hình (34)").to_python()[3:]}
    assert len(status) == 34
    assert status["Bắc Ninh"] == ["một phần", "Bắc Giang", "Bắc Ninh", "1/2"]
    assert status["Nghệ An"] == ["chưa báo cáo", "", "Nghệ An", "0/1"]
    assert status["Phú Thọ"] == ["đã chấp nhận", "Phú Thọ, Hòa Bình, Vĩnh Phúc", "", "3/3"]
    header, *rows = book.get_sheet_by_name("Số liệu (34)").to_python()[2:]
    column = next(place for place, name in enumerate(header) if str(name).startswith("MH03.05"))
    sums = {row[1]: (row[column], row[column + 1]) for row in rows}
    national = {row[0]: row[2] for row in book.get_sheet_by_name("Tổng hợp").to_python()[3:]}["MH03.05"]
    assert sum(Decimal(str(value)) for value, _ in sums.values() if value != "") == Decimal(str(national))
    assert (sums["Bắc Ninh"][1], sums["Nghệ An"], sums["Phú Thọ"][1]) == ("1/2", ("", "0/1"), "")


def test_hostile_words_stay_words(
    rehearsal_home: Home, full: Any, open_paper: Callable[[bytes], Any]
) -> None:
    full.document("27", date(2024, 3, 1), "{{ 7 * 7 }}/BC-<w:p>&\x07\ue0000\ue001")
    paper = open_paper(file_of(build(rehearsal_home, full), "bao-cao.docx").read_bytes())
    assert "{{ 7 * 7 }}/BC-<w:p>&0" in paper.text
    assert paper.references == list(range(1, len(paper.references) + 1))


def test_a_spoilt_template_leaves_nothing_behind(
    rehearsal_home: Home, full: Any, own_templates: Any, spoil: Callable[..., None]
) -> None:
    spoil(own_templates.folder / "templates" / "report.docx", "word/document.xml", b"ngay_chot", b"ngay_chop")
    with pytest.raises(BadInput, match="'ngay_chop' không có trong dữ liệu"):
        build(rehearsal_home, full, programme=own_templates)
    assert not list(rehearsal_home.reports.rglob("*.docx"))
    assert full.session.query(ReportVersion).count() == 0


def test_a_cycle_that_is_not_planned_yet(rehearsal_home: Home, full: Any) -> None:
    with pytest.raises(BadInput, match="chưa có trong cơ sở dữ liệu"):
        compile_report(
            rehearsal_home,
            full.session,
            full.programme,
            "six-month-2024",
            as_of=APRIL_30,
            now=clock.at(APRIL_30),
        )


def test_a_folder_left_by_a_crash_is_replaced(rehearsal_home: Home, full: Any) -> None:
    parent = rehearsal_home.reports / "ctph-109" / NAME / "2024-04-30"
    (parent / "v1").mkdir(parents=True)
    (parent / "v1" / "left.txt").write_text("no row speaks of this version")
    (parent / ".v1.part").mkdir()
    report = build(rehearsal_home, full)
    assert report.version == 1
    assert [path.name for path in parent.iterdir()] == ["v1"]
    assert not (parent / "v1" / "left.txt").exists()


def test_it_opens_in_libreoffice(
    rehearsal_home: Home, full: Any, to_pdf: Callable[[Path], list[str]]
) -> None:
    pages = to_pdf(file_of(build(rehearsal_home, full), "bao-cao.docx"))
    assert len(pages) > 6
    assert all(MARK in page for page in pages)
    text = " ".join(" ".join(pages).split())
    for unit in full.programme.expected_units(full.programme.cycle(NAME)):
        assert unit.name in text or unit.name.replace(" - ", " - ") in text
    assert "28/SLĐTBXH-BTXH&PCTN" in text
    first_numbers = [page.split()[0] for page in pages]
    assert first_numbers.count("2") >= 3  # each of the sections counts its pages from 1
