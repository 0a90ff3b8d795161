from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from config.settings import Settings
from reporting.check_config import check_folders
from reporting.errors import BadInput
from reporting.programme.mistakes import shown
from reporting.programme.model import Programme
from reporting.report.compile import report_document
from reporting.report.samples import sample_model
from reporting.report.template_check import broken_templates, check_report_templates, unused_in_report
from reporting.report.text.functions import functions
from reporting.report.text.names import context
from reporting.requests.letter import draft_letter
from reporting.word.controls import unmarked
from reporting.word.filling import Notes, plain, render
from reporting.word.preflight import preflight

Spoil = Callable[[Path, str, bytes, bytes], None]


def template_of(programme: Programme, name: str = "report.docx") -> Path:
    return programme.folder / "templates" / name


def with_text(file: Path, *texts: str) -> None:
    document = Document(str(file))
    for text in texts:
        document.add_paragraph(text)
    document.save(str(file))


def said(programme: Programme) -> list[str]:
    return [str(mistake) for mistake in check_report_templates(programme)]


def test_the_shipped_templates_are_right(programme_109: Programme) -> None:
    assert check_report_templates(programme_109) == []


def test_every_unknown_name_is_said_at_once(own_templates: Programme) -> None:
    with_text(template_of(own_templates), "{{ mot_ten_la }} {{ ten_khac }}")
    lines = said(own_templates)
    assert [line.split(": ", 1)[1] for line in lines] == [
        "tên 'mot_ten_la' không có trong dữ liệu.",
        "tên 'ten_khac' không có trong dữ liệu.",
    ]
    assert "report.docx" in lines[0]


def test_a_name_only_in_a_footnote_is_seen(own_templates: Programme, spoil: Spoil) -> None:
    note = b'<w:footnote w:id="5"><w:p><w:r><w:t>{{ cv_so }}</w:t></w:r></w:p></w:footnote></w:footnotes>'
    spoil(template_of(own_templates), "word/footnotes.xml", b"</w:footnotes>", note)
    assert "tên 'cv_so' không có trong dữ liệu." in said(own_templates)[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "{% if dien_tap %} thiếu phần kết",
            "thẻ {% if dien_tap %} chưa có thẻ đóng {% endif %}. Gần: {% if",
        ),
        ("Có {{ so('MH03.05') hộ", "thẻ {{ … }} không đủ cặp. Gần: Có {{ so('MH03.05') hộ"),
        ("thừa {% endfor %}", "thẻ {% endfor %} không khớp với thẻ mở nào. Gần: thừa {% endfor %}"),
        ("lạc {% else %}", "thẻ {% else %} đứng ngoài khối. Gần: lạc {% else %}"),
        ("{{ mot ten }}", "thẻ không đúng cú pháp: chỗ 'ten' viết chưa đúng. Gần: {{ mot ten }}"),
        ("{% iff x %}", "thẻ không đúng cú pháp: không có thẻ 'iff'. Gần: {% iff x %}"),
        ("{{ ngay_chot | la }}", "thẻ không đúng cú pháp: không có bộ lọc 'la'."),
        ("{{ so() }}", "có thẻ gọi hàm chưa đúng cách"),
        ("{{ so2('chữ') }}", "có thẻ gọi hàm chưa đúng cách"),
        ("{{ bo.khong_co }}", "không có mục 'khong_co' sau dấu chấm."),
        ("{% if khong %}{{ so('MH99.99') }}{% endif %}", "Không có chỉ tiêu 'MH99.99' trong danh mục."),
    ],
)
def test_what_is_wrong_is_said_with_the_words_around(
    own_templates: Programme, text: str, expected: str
) -> None:
    with_text(template_of(own_templates), text)
    lines = said(own_templates)
    assert any("report.docx" in line and expected in line for line in lines), lines
    assert not any("Traceback" in line or "\n" in line for line in lines)


def test_a_broken_template_stops_a_compilation_with_the_same_words(own_templates: Programme) -> None:
    with_text(template_of(own_templates), "Có {{ mot ten }} hộ")
    model = sample_model(own_templates, own_templates.cycle("annual-2023"), full=True)
    with pytest.raises(BadInput, match=r"Mẫu report\.docx: thẻ không đúng cú pháp: chỗ 'ten' .* Gần: Có"):
        report_document(model)


def test_what_a_template_leaves_unsaid_is_worth_a_note(own_templates: Programme, spoil: Spoil) -> None:
    assert unused_in_report(own_templates) == [
        f"{shown(template_of(own_templates))}: không dùng tên: ban_hanh_rieng"
    ]
    spoil(template_of(own_templates), "word/document.xml", b"HN06.02", b"HN06.01")
    assert not any("HN06.02" in line for line in unused_in_report(own_templates))  # it is said twice
    while unused_in_report(own_templates)[0].find("HN06.02") < 0:
        spoil(template_of(own_templates), "word/document.xml", b"HN06.02", b"HN06.01")
    assert "không nêu chỉ tiêu: HN06.02" in unused_in_report(own_templates)[0]


def test_broken_tags_are_told_although_the_data_cannot_be_read(
    own_templates: Programme, tmp_path: Path
) -> None:
    with_text(template_of(own_templates), "Có {{ so('MH03.05') hộ")
    template_of(own_templates, "slip.docx").write_bytes(b"PK no document")
    lines = [str(each) for each in broken_templates(own_templates.folder)]
    assert [line.partition(": ")[0].rpartition("/")[2] for line in lines] == ["report.docx", "slip.docx"]
    _, mistakes = check_folders(own_templates.folder, Settings(home=tmp_path))
    assert set(lines) < {str(each) for each in mistakes}  # beside what is wrong with the data


def test_an_unknown_indicator_is_named(own_templates: Programme) -> None:
    with_text(template_of(own_templates), "{{ so('XX99.99') }}")
    assert "Không có chỉ tiêu 'XX99.99' trong danh mục." in said(own_templates)[0]


def test_missing_and_no_word_file(own_templates: Programme) -> None:
    template_of(own_templates).unlink()
    template_of(own_templates, "letter.docx").write_bytes(b"PK not a document")
    lines = said(own_templates)
    assert "thiếu tệp mẫu" in lines[0]
    assert "không mở được tệp .docx" in lines[1]


def test_the_sandbox_holds(own_templates: Programme) -> None:
    with_text(template_of(own_templates), "{{ ''.__class__.__mro__ }}")
    assert said(own_templates)


def test_notes_in_loops_conditions_and_the_template_itself(
    own_templates: Programme, spoil: Spoil, open_paper: Callable[[bytes], Any]
) -> None:
    file = template_of(own_templates, "letter.docx")
    document = Document(str(file))
    document._body.clear_content()
    for text in (
        "Đầu{{ chu_thich('một & hai') }} giữa{% for y in ds %} {{ y }}{{ chu_thich(y) }}{% endfor %} cuối",
        "{% if khong %}{{ chu_thich('không có') }}{% endif %}Hết{{ chu_thich('<b>sau</b>') }}.",
        "Của mẫu",
    ):
        document.add_paragraph(text).runs[0].bold = True
    document.save(str(file))
    # A footnote typed in Word, with a tag in it.
    note = b'<w:footnote w:id="7"><w:p><w:r><w:t>{{ ds[0] }}!</w:t></w:r></w:p></w:footnote></w:footnotes>'
    spoil(file, "word/footnotes.xml", b"</w:footnotes>", note)
    mark = b'</w:t></w:r><w:r><w:footnoteReference w:id="7"/></w:r>'
    spoil(file, "word/document.xml", "Của mẫu</w:t></w:r>".encode(), "Của mẫu".encode() + mark)
    notes = Notes()
    names: dict[str, Any] = {"ds": ["a", "b", "c"], "khong": False, "dien_tap": False, "chu_thich": notes.add}
    paper = open_paper(render(file, names, notes, title="Thử", made_on=date(2024, 1, 1)))
    assert paper.references == [1, 2, 3, 4, 5, 6]
    assert list(paper.notes.values()) == ["một & hai", "a", "b", "c", "<b>sau</b>", "a!"]
    assert paper.parts["word/document.xml"].count(b"<w:b/>") > 6  # the look of the text is kept
    assert "Đầu giữa a b c cuối" in paper.text
    assert "Hết." in paper.text


def test_the_names_used_are_read_in_headers_too(programme_109: Programme) -> None:
    assert {"dien_tap", "bo", "phu_luc_1", "so2"} <= preflight(template_of(programme_109)).names


def test_our_marks_never_come_from_data() -> None:
    assert plain("a\ue0007\ue001b\x00\x1f") == "a7b"


def test_words_of_figures(programme_109: Programme) -> None:
    model = sample_model(programme_109, programme_109.cycle("annual-2023"), full=True)
    notes = Notes()
    words = functions(model, notes)
    assert unmarked(words["ke"]("MH03.11 đã giải ngân {} triệu đồng", "NL02.12.1 {ty1}")) == (
        "đã giải ngân 1.234 triệu đồng; trên 1,2 tỷ đồng"
    )
    assert unmarked(words["do_phu"]("MH03.11")) == "tổng hợp từ 62/63 địa phương"
    assert notes.texts == []
    flagged = words["so"]("MH03.05")
    assert flagged.endswith("\ue0000\ue001")
    assert unmarked(flagged) == unmarked(words["so"]("MH03.05")) == "1.234"  # noted once is enough
    assert notes.texts == ["Trong đó có số liệu đang được địa phương rà soát."]
    empty = functions(sample_model(programme_109, programme_109.cycle("annual-2023"), full=False), Notes())
    assert (empty["so"]("MH03.05"), empty["ke"]("MH03.05 dự án"), empty["co"]("MH03.05")) == (
        "[chưa có số liệu]", "", False,
    )  # fmt: skip


@pytest.mark.parametrize("rehearsal", [True, False])
def test_the_request_letter(
    programme_109: Programme, open_paper: Callable[[bytes], Any], rehearsal: bool
) -> None:
    cycle = programme_109.cycle("annual-2023")
    content = draft_letter(programme_109, cycle, today=date(2023, 12, 6), rehearsal=rehearsal)
    paper = open_paper(content)
    text = " ".join(paper.text.split())
    assert "Kính gửi: Sở Lao động - Thương binh và Xã hội các tỉnh" in text
    assert "Số: /CV-VPQGGN" in text  # the clerk gives the number
    assert "chậm nhất là ngày 15/01/2024" in text
    assert "từ ngày 15/12/2022 đến ngày 14/12/2023" in text
    assert ("BẢN DIỄN TẬP" in paper.headers()) == rehearsal
    assert content == draft_letter(programme_109, cycle, today=date(2023, 12, 6), rehearsal=rehearsal)


def test_the_letter_of_a_later_year_goes_to_the_department_of_that_day(
    programme_109: Programme, open_paper: Callable[[bytes], Any]
) -> None:
    cycle = programme_109.cycle("annual-2025")
    text = open_paper(draft_letter(programme_109, cycle, today=date(2025, 12, 8), rehearsal=False)).text
    assert "Sở Nông nghiệp và Môi trường" in text
    assert "Lao động - Thương binh và Xã hội các tỉnh" not in text


def test_the_page_for_editors_names_all_that_a_template_may_say(programme_109: Programme) -> None:
    page = (Path(__file__).parents[3] / "docs" / "mau-van-ban.md").read_text(encoding="utf-8")
    model = sample_model(programme_109, programme_109.cycle("annual-2023"), full=True)
    unsaid = {name for name in context(model, Notes()) if f"`{name}" not in page and f"{name}(" not in page}
    assert unsaid == {"ngay_dai"}  # of the letter
