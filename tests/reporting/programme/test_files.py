"""Broken copies of the real folder: each mistake is named with its file and line."""

import shutil
from pathlib import Path

import pytest

import config
from reporting.errors import BadInput
from reporting.programme.files import check_programme, load_programme, load_programmes

FOLDER = Path(config.__file__).parent / "programmes" / "ctph-109"
DATA = [
    *("programme.yaml", "agencies.yaml", "calendar.yaml", "edits.yaml"),
    *("regions.csv", "units.csv", "lineage.csv", "indicators.csv", "contacts.sample.csv"),
    "indicator-lineage.csv",  # may be missing, but not broken
]
MAY_BE_MISSING = {"indicator-lineage.csv"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "ctph-109"
    copy.mkdir()
    for name in DATA:
        shutil.copy(FOLDER / name, copy)
    return copy


def change(folder: Path, name: str, old: str, new: str) -> None:
    file = folder / name
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{name}: {old}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def found(folder: Path) -> list[str]:
    return [str(mistake).removeprefix(f"{folder}/") for mistake in check_programme(folder)]


def line_of(folder: Path, name: str, text: str) -> int:
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def test_the_real_folder_is_clean(folder: Path) -> None:
    assert found(FOLDER) == []
    assert found(folder) == []


BROKEN = [
    # file, what stands there, what stands there instead, where it is named (a text of the line), how
    ("programme.yaml", "letter: signed", "letter: soon", "letter: soon", "'soon' không dùng được ở 'letter'"),
    ("programme.yaml", "short_name:", "shrt_name:", "shrt_name:", "mục 'shrt_name' không có trong mẫu"),
    ("programme.yaml", "valid_to: 2025-12-31", "valid_to: 2020-12-31", "to: 2020", "ở trước valid_from"),
    ("programme.yaml", "2025-12-31", "2025-13-31", "2025-13-31", "không đọc được nội dung YAML"),
    ("programme.yaml", "letter: signed", "letter: [", "subject_key", "không đúng cú pháp YAML"),
    ("programme.yaml", "subject_key: C", "letter: none\nsubject_key: C", "letter: none", "ghi hai lần"),
    ("agencies.yaml", "role: ministry", "role: cabinet", "role: cabinet", "vai trò 'cabinet' không có"),
    ("agencies.yaml", "2025-02-28", "2025-03-31", "valid_from: 2025-03-01", "hai cơ quan cùng giữ"),
    ("agencies.yaml", "2025-02-28", "2025-02-20", "valid_from: 2025-03-01", "không cơ quan nào giữ"),
    ("calendar.yaml", "due_on: 2024-01-15", "due_on: 2023-12-01", "2023-12-01", "ở trước open_on"),
    ("calendar.yaml", "close_on: 2024-04-30", "close_on: 2024-01-30", "2024-01-30", "ở trước grace_until"),
    ("calendar.yaml", "period_end: 14/12", "period_end: 31/11", "31/11", "không phải là ngày dạng"),
    ("calendar.yaml", "name: annual-2024", "name: yearly-2024", "yearly-2024", "không đúng dạng"),
    ("calendar.yaml", "name: annual-2024", "name: annual-2023", None, "ghi hai lần"),
    ("calendar.yaml", "name: annual-2024", "name: annual-2024\n    period_start: 2023-12-01", "annual-2024",
     "kỳ annual-2024 và kỳ annual-2023 cùng loại mà thời gian số liệu chồng nhau"),
    ("calendar.yaml", "asked_on: 2024-02-19", "asked_on: 2024-03-19", "- id: tet", "đợt bổ sung tet"),
    ("calendar.yaml", "due_on: 2024-01-15", "due_on: soon", "due_on: soon", "không phải là ngày"),
    ("regions.csv", "tay-nguyen,", "cao-nguyen,", None, None),
    ("units.csv", "02,2008-08-01", "02,01/08/2008", "01/08/2008", "'01/08/2008' ở 'valid_from' không phải"),
    ("units.csv", "tay-nguyen,42", "tay-bac,42", "tay-bac", "thuộc vùng 'tay-bac' không có"),
    ("units.csv", "04,2008-08-01,2025-06-30", "04,2008-08-01,2025-07-31", "04,2025-07-01", "cùng mang mã 04"),
    ("units.csv", "Ninh,,province,db-song-hong,21", "Ninh,,county,db-song-hong,21", "county",
     "'county' không dùng được ở 'kind'"),
    ("units.csv", ",22,", ",21,", ",21,", "cùng đứng ở vị trí 21"),
    ("units.csv", "Bắc Cạn", "Hà Giang", "Bắc Kạn", "tên 'ha giang' chỉ hai đơn vị"),
    ("units.csv", "valid_from,valid_to", "valid_from,valid_until", "valid_until", "thiếu cột valid_to"),
    ("units.csv", "35,2008-08-01", "HN,2008-08-01", "HN,2008", "chỉ được gồm chữ thường"),
    ("lineage.csv", "08,2008-08-01,08", "08,2008-08-02,08", "08,2008-08-02", "không có đơn vị 08"),
    ("lineage.csv", "46,2008-08-01,46", "46,2008-08-01,47", "46,2008-08-01,47", "không có đơn vị 47"),
    ("lineage.csv", "12,2008-08-01,12,2025-07-01,2025-07-01", "12,2008-08-01,12,2025-07-01,2025-07-02",
     "2025-07-02", "không kết thúc vào ngày liền trước"),
    ("lineage.csv", "14,2008-08-01,14,2025-07-01,2025-07-01,continued",
     "14,2008-08-01,14,2025-07-01,2025-07-01,merged", "14,2008", "chỉ có một đơn vị cũ"),
    ("lineage.csv", "27,2008-08-01,24,2025-07-01,2025-07-01,merged",
     "27,2008-08-01,24,2025-07-01,2025-07-01,renamed", "27,2008", "gồm 2 đơn vị cũ nhưng ghi renamed"),
    ("lineage.csv", "11,2008-08-01,11,2025-07-01,2025-07-01,continued",
     "11,2008-08-01,11,2025-07-01,2025-07-01,split", "11,2008", "chỉ đi về một đơn vị"),
    ("indicator-lineage.csv", "KT04.02,KT04.03", "KT04.22,KT04.03", "KT04.22", "'KT04.22' không có"),
    ("indicator-lineage.csv", "KT04.02,KT04.03", "KT04.01,KT04.03", "KT04.01", "chưa bắt đầu sau khi"),
    ("indicator-lineage.csv", "KT04.02,KT04.03,no", "KT04.02,HN06.02,yes", "HN06.02", "comparable là no"),
    ("indicators.csv", ",1,provincial,integer", ",9,provincial,integer", ",9,", "nội dung 9 không có"),
    ("indicators.csv", ",thong-tin,", ",bao-chi,", ",bao-chi,", "nguồn cung cấp 'bao-chi' không có"),
    ("indicators.csv", "NL02.01;NL02.02", "NL02.01;NL02.22", "NL02.22", "nhắc đến chỉ tiêu 'NL02.22'"),
    ("indicators.csv", "NL02.01;NL02.02", "NL02.01;NL02.03", "NL02.01;NL02.03", "tính bằng căn"),
    ("indicators.csv", "MH03.07;MH03.08;MH03.09", "MH03.07;MH03.06", "MH03.07;MH03.06", "dạng số được nhập"),
    ("indicators.csv", "TT01.02,", "TT01.01,", "truyền hình sản xuất", "'TT01.01' đã có ở dòng"),
    ("indicators.csv", "CT00.01=chua", "CT00.01=khong", "CT00.01=khong", "lựa chọn 'khong' không có"),
    ("indicators.csv", "SK05.01=có", "SK05.99=có", "SK05.99=có", "'SK05.99' không có"),
    ("indicators.csv", ",provincial,integer,", ",provincial,whole,", ",whole,", "'whole' không dùng được"),
    ("indicators.csv", "annual,tet", "annual,trung-thu", "trung-thu", "đợt bổ sung 'trung-thu'"),
    ("indicators.csv", "annual;peak-month", "annual;week", "annual;week", "loại kỳ 'week'"),
    ("indicators.csv", ",,,,11,,,", ",,,,24,,,", ",,,,24,,,", "mã 24 là đơn vị khác (Bắc Giang, sau đó"),
    ("edits.yaml", "wholes: [TT01.14]", "wholes: [TT01.44]", "wholes: [TT01.44]", "'TT01.44' không có"),
    ("edits.yaml", "id: RATIO-MH03-HO", "id: PART-TT01-DIEM", "Mô hình", "ghi hai lần"),
    ("edits.yaml", '"50000"', '"nhiều"', "id: RATIO-TT01-PHAT-HANH", "'nhiều' ở 'maximum' không phải là số"),
    ("edits.yaml", "    total: NL02.13.1\n", "", "id: BAL-NL02-DIEN-BIEN-NHA", "cần mục 'total'"),
    ("edits.yaml", "family: part_whole", "family: whole_part", "family: whole_part",
     "không dùng được ở 'edits.0.family'; chọn một trong: 'balance'"),
    ("edits.yaml", "family: part_whole", "familie: part_whole", "PART-TT01-DIEM",
     "thiếu mục 'edits.0.family'"),
    ("edits.yaml", "wholes: [TT01.14]", "wholes: []", "id: PART-TT01-DIEM",
     "quy tắc loại part_whole cần mục 'wholes'"),
    ("edits.yaml", '    maximum: "50000"\n', "", "id: RATIO-TT01-PHAT-HANH",
     "quy tắc loại ratio cần mục 'minimum' hoặc 'maximum'"),
    ("edits.yaml", 'minimum: "30"', 'minimum: "130"', "id: RATIO-NL02-NHA", "minimum lớn hơn maximum"),
    ("edits.yaml", "severity: error\n", "severity: grave\n", "severity: grave",
     "'grave' không dùng được ở 'edits.0.severity'; chọn một"),
    ("edits.yaml", "    part: TT01.13\n", "    part: TT01.13\n    ratio: 1\n", "ratio: 1",
     "mục 'edits.0.ratio' không có trong mẫu"),
    ("contacts.sample.csv", "so-ldtbxh@ha-giang.example", "so@hagiang.vn", "so@hagiang.vn", "dưới .example"),
    ("contacts.sample.csv", "02,officer", "03,officer", "03,officer", "không có đơn vị mang mã '03'"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "at", "text"), BROKEN)
def test_a_mistake_is_named_with_file_and_line(
    folder: Path, name: str, old: str, new: str, at: str | None, text: str | None
) -> None:
    change(folder, name, old, new)
    mistakes = found(folder)
    assert mistakes
    if text is None:
        return
    here = [mistake for mistake in mistakes if text in mistake]
    assert here, mistakes
    assert here[0].startswith(f"{name}:")
    if at is not None:
        near = line_of(folder, name, at)
        lines = [int(mistake.split(":")[1]) for mistake in here]
        assert any(0 <= line - near <= 2 for line in lines), (near, here)
    with pytest.raises(BadInput, match="chỗ cần sửa"):
        load_programme(folder)


def test_an_anchor_that_holds_itself_is_named(folder: Path) -> None:
    change(folder, "edits.yaml", "edits:", "more: &a [*a]\nedits:")
    assert any(mistake.startswith("edits.yaml") for mistake in found(folder))


@pytest.mark.parametrize("name", DATA)
def test_a_missing_an_empty_and_a_binary_file_are_named(folder: Path, name: str) -> None:
    file = folder / name
    for content in (None, b"", b"\xff\xfe\x00\x01"):
        file.unlink(missing_ok=True)
        if content is not None:
            file.write_bytes(content)
        elif name in MAY_BE_MISSING:
            assert found(folder) == []
            continue
        assert any(mistake.startswith(name) for mistake in found(folder)), content


def test_a_lineage_that_loses_and_one_that_doubles_a_unit(folder: Path) -> None:
    file = folder / "lineage.csv"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    lost = next(line for line in lines if line.startswith("27,"))
    file.write_text("".join(line for line in lines if line != lost), encoding="utf-8")
    at = line_of(folder, "units.csv", "27,2008")
    merged = line_of(folder, "lineage.csv", "24,2008")
    assert found(folder) == [
        f"lineage.csv:{merged}: đơn vị 24 ghi là sáp nhập (merged) nhưng chỉ có một đơn vị cũ",
        f"units.csv:{at}: lineage.csv không cho biết Bắc Ninh (27) đi về đâu",
    ]
    file.write_text("".join([*lines, lost.replace(",24,", ",22,")]), encoding="utf-8")
    doubled = [mistake for mistake in found(folder) if "hai đơn vị" in mistake]
    assert [mistake.partition(" bắt đầu")[0] for mistake in doubled] == [
        f"lineage.csv:{len(lines) + 1}: đơn vị 27"
    ]


def test_a_formula_outside_the_life_of_its_part(folder: Path) -> None:
    line = "KT04.90,Tổng số đoàn,đoàn,4,derived,integer,sum,no,,,,,,,,,KT04.01;KT04.02,II.4.a,\n"
    with (folder / "indicators.csv").open("a", encoding="utf-8") as file:
        file.write(line)
    mistakes = found(folder)
    assert any("KT04.02 ngoài thời gian hiệu lực" in mistake for mistake in mistakes)
    assert any("KT04.01 trong loại kỳ không hỏi" in mistake for mistake in mistakes)


def test_all_mistakes_come_at_once_by_file_and_line(folder: Path) -> None:
    change(folder, "units.csv", "tay-nguyen,42", "tay-bac,42")
    change(folder, "calendar.yaml", "due_on: 2024-01-15", "due_on: 2023-12-01")
    change(folder, "edits.yaml", "wholes: [TT01.14]", "wholes: [TT01.44]")
    (folder / "contacts.sample.csv").unlink()
    files = [mistake.split(":")[0] for mistake in found(folder)]
    assert files == ["calendar.yaml", "contacts.sample.csv", "edits.yaml", "units.csv"]
    with pytest.raises(BadInput) as error:
        load_programme(folder)
    said = str(error.value)
    assert "4 chỗ cần sửa" in said
    assert len(said.splitlines()) == 1


def test_hashes_tell_what_changed(folder: Path) -> None:
    before = load_programme(folder)
    (folder / "rehearsal").mkdir()
    (folder / "rehearsal" / "a.csv").write_text("a")
    (folder / ".hidden").write_text("a")
    assert load_programme(folder).sha256 == before.sha256
    (folder / "templates").mkdir()
    (folder / "templates" / "a.txt").write_text("a")
    wording = load_programme(folder)
    assert wording.sha256 != before.sha256
    assert wording.indicators_sha256 == before.indicators_sha256
    assert wording.files["templates/a.txt"] != ""
    change(folder, "edits.yaml", '"50000"', '"60000"')
    assert load_programme(folder).indicators_sha256 != before.indicators_sha256


def test_several_programmes(folder: Path) -> None:
    other = folder.parent / "other"
    shutil.copytree(folder, other)
    with pytest.raises(BadInput) as error:
        load_programmes(folder.parent)
    file = other / "programme.yaml"
    assert f"{file}:{line_of(other, file.name, 'id: ')}: mã chương trình 'ctph-109' đã dùng" in str(
        error.value
    )
    assert f"{file}:{line_of(other, file.name, 'subject_key')}: khóa tiêu đề 'CTPH109'" in str(error.value)
    change(other, "programme.yaml", "id: ctph-109", "id: other")
    change(other, "programme.yaml", "key: CTPH109", "key: OTHER")
    assert sorted(load_programmes(folder.parent)) == ["ctph-109", "other"]
    with pytest.raises(BadInput, match="Không có thư mục chương trình"):
        load_programmes(folder / "none")
