"""The texts beside which a review reads the Word templates are those of the templates as they are."""

import io
from typing import Any

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from tools.template_texts import ROOT, TEXTS, templates, text_of

REPORT = ROOT / "config/programmes/ctph-109/templates/report.docx"
REFRESH = "after an edit in Word run: .venv/bin/python -m tools.template_texts"


def test_every_template_has_its_text_as_it_is_now() -> None:
    texts = {path.relative_to(TEXTS): text_of(template.read_bytes()) for template, path in templates()}
    kept = {path.relative_to(TEXTS): path.read_text(encoding="utf-8") for path in TEXTS.rglob("*.txt")}
    differing = sorted(str(path) for path in texts | kept if texts.get(path) != kept.get(path))
    assert not differing, f"{', '.join(differing)}: {REFRESH}"


def test_an_edit_of_a_word_shows_as_one_line_and_a_cut_into_runs_does_not() -> None:
    document = Document(str(REPORT))
    heading = next(paragraph for paragraph in document.paragraphs if paragraph.text.startswith("I. CÔNG TÁC"))
    heading.text = ""
    for part in ("I. CÔNG ", "TÁC CHỈ ĐẠO, ", "ĐIỀU HÀNH"):
        heading.add_run(part)
    before = text_of(REPORT.read_bytes())
    assert text_of(saved(document)) == before
    heading.add_run(" CHUNG")
    after = text_of(saved(document)).splitlines()
    changed = [(old, new) for old, new in zip(before.splitlines(), after, strict=True) if old != new]
    assert changed == [("# I. CÔNG TÁC CHỈ ĐẠO, ĐIỀU HÀNH", "# I. CÔNG TÁC CHỈ ĐẠO, ĐIỀU HÀNH CHUNG")]


def test_words_show_wherever_word_keeps_them() -> None:
    document = Document()
    document.sections[0].footer.paragraphs[0].text = "chân trang"
    outer = document.add_table(rows=1, cols=2)
    outer.cell(0, 0).text = "ngoài"
    outer.cell(0, 1).add_table(rows=1, cols=1).cell(0, 0).text = "trong"
    for body in (
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>trong ô</w:t></w:r></w:p></w:sdtContent></w:sdt>",
        "<w:p><w:hyperlink><w:r><w:t>liên kết</w:t></w:r></w:hyperlink><w:r><w:pict><w:txbxContent><w:p>"
        "<w:r><w:t>khung chữ</w:t></w:r></w:p></w:txbxContent></w:pict></w:r></w:p>",
        "<w:p><w:ins><w:r><w:t>thêm</w:t></w:r></w:ins><w:del><w:r><w:delText>bỏ</w:delText></w:r></w:del></w:p>",
    ):
        document.element.body.insert(0, parse_xml(body.replace(">", f" {nsdecls('w')}>", 1)))
    lines = text_of(saved(document)).splitlines()
    for line in ("trong ô", "liên kết[picture]", "khung chữ", "thêm", "| ngoài | | trong | |", "chân trang"):
        assert line in lines, lines
    assert "bỏ" not in "".join(lines)


def saved(document: Any) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()
