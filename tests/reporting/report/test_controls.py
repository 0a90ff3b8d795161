"""Each figure in the finished Word file sits in a control that knows its code."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from docx import Document
from lxml import etree

from reporting.figures.figure import COVERAGE
from reporting.programme.model import Programme
from reporting.report.compile import report_document
from reporting.report.facts.model import ReportModel
from reporting.report.text.wording import FORMS, said
from reporting.word import filling
from reporting.word.controls import W, mark
from reporting.word.read_controls import code_of, text_in, without_controls

MADE_ON = date(2024, 4, 30)


@pytest.fixture(scope="module")
def document(model: ReportModel) -> bytes:
    return report_document(model, "0" * 64)


def controls_of(paper: Any) -> list[tuple[str | None, str]]:
    parts = [etree.fromstring(paper.parts[name]) for name in ("word/document.xml", "word/footnotes.xml")]
    return [(code_of(each), text_in(each)) for part in parts for each in part.iter(f"{W}sdt")]


def test_every_control_says_its_figure(
    model: ReportModel, document: bytes, open_paper: Callable[[bytes], Any]
) -> None:
    found = controls_of(open_paper(document))
    assert len(found) > 100
    for code, text in found:
        assert code is not None
        figure = model.figures[code.removesuffix(COVERAGE)]
        if code.endswith(COVERAGE):
            assert figure.coverage is not None
            assert int(text) == figure.coverage.n
        elif figure.value is None:
            assert text == figure.text
        else:
            assert text in {said(figure, form) for form in FORMS}
    text_codes = {figure.code for figure in model.figures.values() if figure.code.startswith("SY00.01")}
    assert text_codes <= {code for code, _ in found}


def test_tags_and_titles_begin_with_the_code(document: bytes, open_paper: Callable[[bytes], Any]) -> None:
    body = open_paper(document).body
    ids = []
    for told in body.iter(f"{W}sdtPr"):
        code, title = (told.find(f"{W}{name}").get(f"{W}val") for name in ("tag", "alias"))
        assert title.split()[0] == code
        assert len(title) <= 64
        ids.append(told.find(f"{W}id").get(f"{W}val"))
    assert len(set(ids)) == len(ids)


def test_the_totals_of_the_annexes_are_figures(document: bytes, open_paper: Callable[[bytes], Any]) -> None:
    tables = [table for table in open_paper(document).body.iter(f"{W}tbl") if len(table) > 60]
    assert [code_of(table.find(f".//{W}sdt")) for table in tables[:2]] == ["CT00.01", "SY00.01"]


def test_a_figure_in_a_footnote_of_data_or_of_the_template(
    own_templates: Programme, spoil: Callable[..., None], open_paper: Callable[[bytes], Any]
) -> None:
    file = own_templates.folder / "templates" / "letter.docx"
    paper = Document(str(file))
    paper._body.clear_content()
    paper.add_paragraph("{{ a }} hộ{{ chu_thich('gồm ' ~ a ~ ' hộ') }}; Của mẫu")
    paper.save(str(file))
    note = b'<w:footnote w:id="7"><w:p><w:r><w:t>{{ a }}!</w:t></w:r></w:p></w:footnote></w:footnotes>'
    spoil(file, "word/footnotes.xml", b"</w:footnotes>", note)
    reference = b'</w:t></w:r><w:r><w:footnoteReference w:id="7"/></w:r>'
    spoil(file, "word/document.xml", "Của mẫu</w:t></w:r>".encode(), "Của mẫu".encode() + reference)
    notes = filling.Notes()
    names = {"a": mark("MH03.06", "Tổng số hộ", "60.781"), "chu_thich": notes.add, "dien_tap": False}
    made = filling.render(file, names, notes, title="Thử", made_on=MADE_ON, origin="x")
    found = open_paper(made)
    assert controls_of(found) == [("MH03.06", "60.781")] * 3
    assert [note.strip() for note in found.notes.values()] == ["gồm 60.781 hộ", "60.781!"]
    plain = open_paper(filling.render(file, names, notes, title="Thử", made_on=MADE_ON))
    assert controls_of(plain) == []
    assert plain.text == found.text


def test_a_footnote_is_filled_in_once_however_many_sections(
    own_templates: Programme, spoil: Callable[..., None], open_paper: Callable[[bytes], Any]
) -> None:
    file = own_templates.folder / "templates" / "letter.docx"
    paper = Document(str(file))
    paper._body.clear_content()
    paper.add_paragraph("Của mẫu")
    paper.add_section()
    paper.save(str(file))
    note = b'<w:footnote w:id="7"><w:p><w:r><w:t>{{ a }}</w:t></w:r></w:p></w:footnote></w:footnotes>'
    spoil(file, "word/footnotes.xml", b"</w:footnotes>", note)
    reference = b'</w:t></w:r><w:r><w:footnoteReference w:id="7"/></w:r>'
    spoil(file, "word/document.xml", "Của mẫu</w:t></w:r>".encode(), "Của mẫu".encode() + reference)
    names = {"a": "{{ 7 * 7 }}", "dien_tap": False}
    made = filling.render(file, names, filling.Notes(), title="Thử", made_on=MADE_ON)
    assert list(open_paper(made).notes.values()) == ["{{ 7 * 7 }}"]


def test_words_over_several_lines_stay_in_one_control(
    own_templates: Programme, open_paper: Callable[[bytes], Any]
) -> None:
    file = own_templates.folder / "templates" / "letter.docx"
    paper = Document(str(file))
    paper._body.clear_content()
    paper.add_paragraph("Gồm: {{ a }}.")
    paper.save(str(file))
    names = {"a": mark("TW06.02", "Hội nghị", "một\nhai\tba & <bốn>"), "dien_tap": False}
    found = open_paper(filling.render(file, names, filling.Notes(), title="Thử", made_on=MADE_ON, origin="x"))
    assert controls_of(found) == [("TW06.02", "một\nhai ba & <bốn>")]


def test_for_the_layout_the_words_stand_free(document: bytes, open_paper: Callable[[bytes], Any]) -> None:
    flat = without_controls(document)
    assert open_paper(flat).text == open_paper(document).text
    assert controls_of(open_paper(flat)) == []


def test_the_document_names_its_facts(document: bytes, open_paper: Callable[[bytes], Any]) -> None:
    told = open_paper(document).parts["docProps/custom.xml"].decode()
    assert re.search(r">ctph-109/annual-2023/2024-04-30/0{64}<", told)
