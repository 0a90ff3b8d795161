# ruff: noqa: E501 - the wording of a template reads better unbroken
"""Make the first version of the Word templates of programme 109.

Staff edit the .docx files in Word from then on; this program shows a reviewer what went into them.
It overwrites nothing without ``--force``. Layout: Nghị định 30/2020/NĐ-CP, phụ lục I.

    .venv/bin/python tools/build_templates.py config/programmes/ctph-109/templates
"""

import re
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Mm, Pt, RGBColor

FONT = "Times New Roman"
LEFT, CENTER, JUSTIFY = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY
REHEARSAL = "BẢN DIỄN TẬP – SỐ LIỆU GIẢ ĐỊNH"
OPINION = "[cần lãnh đạo cho ý kiến]"

FOOTNOTES = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:footnotes {nsdecls("w")}>
<w:footnote w:type="separator" w:id="-1"><w:p><w:pPr><w:spacing w:after="0" w:line="240" w:lineRule="auto"/></w:pPr><w:r><w:separator/></w:r></w:p></w:footnote>
<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:pPr><w:spacing w:after="0" w:line="240" w:lineRule="auto"/></w:pPr><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>
</w:footnotes>"""


def new_document() -> Any:
    """An empty document with our fonts, page, footnotes and headers."""
    document = Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(14)
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:eastAsia", "w:cs", "w:hAnsi"):
        fonts.set(qn(script), FONT)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "vi-VN")
    normal.element.get_or_add_rPr().append(language)
    normal.paragraph_format.space_after = Pt(0)
    styles = document.styles
    note = styles.add_style("footnote text", WD_STYLE_TYPE.PARAGRAPH)
    note.base_style, note.font.size = normal, Pt(10)
    note.paragraph_format.alignment = JUSTIFY
    mark = styles.add_style("footnote reference", WD_STYLE_TYPE.CHARACTER)
    mark.font.superscript = True
    for name, size in (("Heading 1", 14), ("Heading 2", 14), ("Heading 3", 14)):
        style = styles[name]
        style.font.name, style.font.size, style.font.bold = FONT, Pt(size), True
        style.font.italic = False
        style.font.color.rgb = RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for key in list(fonts.attrib):
            del fonts.attrib[key]
        for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
            fonts.set(qn(script), FONT)
        shape = style.paragraph_format
        shape.space_before, shape.space_after = Pt(6), Pt(6)
        shape.first_line_indent, shape.alignment = Cm(1.27), JUSTIFY
    add_footnotes_part(document)
    zoom = document.settings.element.find(qn("w:zoom"))
    if zoom is not None:
        zoom.set(qn("w:percent"), "100")  # the schema wants it
    set_page(document.sections[0])
    properties = document.core_properties
    properties.author = properties.comments = properties.last_modified_by = ""
    properties.created = properties.modified = datetime(2024, 1, 1)  # noqa: DTZ001 - python-docx wants it naive
    document._body.clear_content()
    fill_headers(document.sections[0])
    return document


def add_footnotes_part(document: Any) -> None:
    part = Part(
        PackURI("/word/footnotes.xml"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
        FOOTNOTES.encode(),
        document.part.package,
    )
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    settings = document.settings.element
    pointer = OxmlElement("w:footnotePr")
    for number in ("-1", "0"):
        note = OxmlElement("w:footnote")
        note.set(qn("w:id"), number)
        pointer.append(note)
    # The schema wants it before w:compat.
    settings.find(qn("w:compat")).addprevious(pointer)


def set_page(section: Any) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(20)
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True
    numbering = OxmlElement("w:pgNumType")
    numbering.set(qn("w:start"), "1")
    properties = section._sectPr
    for old in properties.findall(qn("w:pgNumType")):
        properties.remove(old)
    properties.find(qn("w:cols")).addprevious(numbering)


def fill_headers(section: Any) -> None:
    """The page number (not on a first page) and, in a rehearsal, the mark on each page."""
    number = section.header.paragraphs[0]
    number.alignment = CENTER
    for kind, text in (("begin", None), (None, " PAGE "), ("end", None)):
        run = number.add_run()
        run.font.size = Pt(13)
        if kind:
            field = OxmlElement("w:fldChar")
            field.set(qn("w:fldCharType"), kind)
        else:
            field = OxmlElement("w:instrText")
            field.set(qn("xml:space"), "preserve")
            field.text = text
        run._r.append(field)
    mark_rehearsal(section.header)
    mark_rehearsal(section.first_page_header, first=True)


def mark_rehearsal(header: Any, *, first: bool = False) -> None:
    condition = header.paragraphs[0] if first else header.add_paragraph()
    condition.add_run("{%p if dien_tap %}")
    paragraph = header.add_paragraph()
    paragraph.alignment = CENTER
    run = paragraph.add_run(REHEARSAL)
    run.bold, run.font.size, run.font.color.rgb = True, Pt(11), RGBColor(0xC0, 0, 0)
    paragraph.paragraph_format.space_after = Pt(6)
    header.add_paragraph("{%p else %}")
    header.add_paragraph("")
    header.add_paragraph("{%p endif %}")


def line(
    place: Any, text: str, *, size: int = 14, bold: bool = False, italic: bool = False, align: Any = CENTER
) -> Any:
    paragraph = place.add_paragraph()
    paragraph.alignment = align
    run = paragraph.add_run(text)
    run.bold, run.italic, run.font.size = bold, italic, Pt(size)
    look = OxmlElement("w:rPr")  # of the mark at its end: it makes an empty line as high as its letters
    height = OxmlElement("w:sz")
    height.set(qn("w:val"), str(2 * size))
    look.append(height)
    paragraph._p.get_or_add_pPr().insert_element_before(look, "w:sectPr", "w:pPrChange")
    return paragraph


def rule(place: Any, side: float) -> None:
    """A thin line, ``side`` cm in from either side."""
    paragraph = place.add_paragraph()
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Cm(side)
    paragraph.paragraph_format.line_spacing = Pt(3)
    paragraph.paragraph_format.space_after = Pt(5)
    border = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for key, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        bottom.set(qn(f"w:{key}"), value)
    border.append(bottom)
    look = paragraph._p.get_or_add_pPr()
    look.insert_element_before(
        border, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def body(document: Any, text: str, *, italic: bool = False) -> Any:
    paragraph = document.add_paragraph()
    shape = paragraph.paragraph_format
    shape.alignment, shape.first_line_indent = JUSTIFY, Cm(1.27)
    shape.space_after, shape.line_spacing = Pt(6), 1.1
    run = paragraph.add_run(text)
    run.italic = italic
    return paragraph


def tag(document: Any, text: str) -> None:
    """A tag that stands alone in its paragraph and leaves no paragraph behind."""
    document.add_paragraph("{%p " + text + " %}")


def widths(table: Any, *columns: float) -> None:
    table.autofit = False
    for column, width in zip(table.columns, columns, strict=True):
        column.width = Cm(width)
        for cell in column.cells:
            cell.width = Cm(width)


def first(cell: Any, text: str, **look: Any) -> Any:
    """Text into the paragraph a new cell comes with."""
    paragraph = line(cell, text, **look)
    cell._tc.remove(cell.paragraphs[0]._p)
    return paragraph


def head_table(document: Any) -> tuple[Any, Any]:
    """The two halves of a paper's head; the motto of the state is the next thing on the right."""
    table = document.add_table(rows=1, cols=2)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    widths(table, 7.0, 9.6)
    left, right = table.rows[0].cells
    return left, right


def motto(right: Any) -> None:
    first(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size=12, bold=True)
    line(right, "Độc lập - Tự do - Hạnh phúc", size=13, bold=True)
    rule(right, 1.9)


def heading_block(document: Any, *, letter: bool, about: str = "báo cáo") -> None:
    left, right = head_table(document)
    if letter:
        first(left, "{{ van_phong.cap_tren_hoa }}", size=12)
        line(left, "{{ van_phong.hoa }}", size=12, bold=True)
        rule(left, 2.2)
        line(left, "Số:          /CV-{{ van_phong.ky_hieu }}", size=13)
        line(
            left,
            f"V/v {about} kết quả thực hiện {{{{ chuong_trinh.ten_tat }}}} {{{{ ky.ten }}}}",
            size=12,
        )
    else:
        first(left, "{{ bo.hoa }}", size=12, bold=True)
        rule(left, 2.2)
        line(left, "Số:          /BC-{{ bo.ky_hieu }}", size=13)
    motto(right)
    place = "van_phong" if letter else "bo"
    line(right, "{{ " + place + ".dia_danh }}, ngày      tháng      năm {{ nam_ky }}", size=13, italic=True)


def signature_block(document: Any, who: str, *, recipients: tuple[str, ...] = ()) -> None:
    document.add_paragraph().paragraph_format.keep_with_next = True
    table = document.add_table(rows=1, cols=2)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    widths(table, 8.4, 8.2)
    left, right = table.rows[0].cells
    first(left, "Nơi nhận:", size=12, bold=True, italic=True, align=LEFT)
    if recipients:
        for text in recipients:
            line(left, text, size=11, align=LEFT)
    else:
        line(left, "{%p for noi in " + who + ".noi_nhan %}", size=11, align=LEFT)
        line(left, "- {{ noi }}{{ '.' if loop.last else ';' }}", size=11, align=LEFT)
        line(left, "{%p endfor %}", size=11, align=LEFT)
    first(right, "{%p for dong in " + who + ".chuc_danh %}", size=13, bold=True)
    line(right, "{{ dong }}", size=13, bold=True)
    line(right, "{%p endfor %}", size=13, bold=True)
    for _ in range(4):
        line(right, "", size=13)
    line(right, "{{ " + who + ".nguoi_ky }}", size=13, bold=True)


def titles(document: Any) -> None:
    line(document, "BÁO CÁO", bold=True).paragraph_format.space_before = Pt(12)
    line(document, "Kết quả thực hiện {{ chuong_trinh.ten }} {{ ky.ten }}", bold=True)
    rule(document, 5.6)


def codes(phrases: tuple[str, ...]) -> str:
    return ", ".join(f"'{phrase.split(' ')[0]}'" for phrase in phrases)


def said(phrases: tuple[str, ...]) -> str:
    return ", ".join("'" + phrase + "'" for phrase in phrases)


COMPARED = 4  # how many figures of a paragraph are set against the cycle before


def with_form(phrase: str) -> str:
    """The code of a phrase and the form its number is in."""
    code = phrase.split(" ")[0]
    form = re.search(r"\{ty[0-9]?\}", phrase)
    return f"{code} {form[0]}" if form else code


def local(document: Any, opening: str, *phrases: str) -> None:
    """A paragraph of sums from the localities; it is left out when nobody answered any of them."""
    tag(document, f"if co({codes(phrases)})")
    body(document, f"{opening} {{{{ ke({said(phrases)}) }}}} ({{{{ do_phu({codes(phrases)}) }}}}).")
    tag(document, "endif")
    forms = said(tuple(with_form(phrase) for phrase in phrases))
    main = phrases[:COMPARED]
    tag(document, f"if co_doi_chieu({codes(phrases)})")
    body(document, f"Đối chiếu với văn bản: {{{{ doi_chieu({forms}) }}}}.")
    tag(document, "endif")
    forms = said(tuple(with_form(phrase) for phrase in main))
    tag(document, f"if co_so_sanh({codes(main)})")
    before = ", ".join(f"'{phrase.split(' ')[0]}.truoc'" for phrase in main)
    body(
        document,
        f"So với {{{{ ky_truoc.ten }}}}: {{{{ so_sanh({forms}) }}}} (kỳ trước {{{{ do_phu({before}) }}}}).",
    )
    tag(document, "endif")


def central(document: Any, opening: str, *phrases: str) -> None:
    """A paragraph of central figures, their documents named in a footnote."""
    tag(document, f"if co({codes(phrases)})")
    body(document, f"{opening} {{{{ ke({said(phrases)}) }}}}{{{{ nguon({codes(phrases)}) }}}}.")
    tag(document, "endif")


def none_yet(document: Any, what: str, *every: str) -> None:
    codes = ", ".join(f"'{code}'" for code in every)
    tag(document, f"if not hoi({codes})")
    body(document, NOT_ASKED)
    tag(document, f"elif not co({codes})")
    body(document, what)
    tag(document, "endif")


NOT_ASKED = "Kỳ báo cáo này không yêu cầu địa phương báo cáo số liệu về nội dung này."
NOTHING = "Đến ngày {{ ngay_chot }} chưa có số liệu của các địa phương về nội dung này."


def part_one(document: Any) -> None:
    document.add_heading("I. CÔNG TÁC CHỈ ĐẠO, ĐIỀU HÀNH", 1)
    document.add_heading("1. Ở trung ương", 2)
    tag(document, "if cong_van_yeu_cau")
    body(
        document,
        "{{ van_phong.ten }} đã đề nghị {{ co_quan_dia_phuong.ten }} các tỉnh, thành phố trực thuộc "
        "trung ương báo cáo kết quả thực hiện Chương trình phối hợp {{ ky.ten }}"
        "{{ chu_thich('Công văn số ' ~ cong_van_yeu_cau.so ~ ' ngày ' ~ cong_van_yeu_cau.ngay ~ ' của ' ~ "
        "van_phong.ten ~ '.') }}.",
    )
    tag(document, "endif")
    body(document, f"Các văn bản chỉ đạo, hướng dẫn khác của trung ương trong kỳ: {OPINION}.")
    document.add_heading("2. Ở địa phương", 2)
    tag(document, "if chua_ro_ban_hanh == tong")
    body(document, "a) Chưa có thông tin về việc ban hành Chương trình phối hợp tại các địa phương.")
    tag(document, "else")
    body(
        document,
        "a) Tính đến ngày {{ ngay_chot }}, có {{ so2(da_ban_hanh) }}/{{ tong }} tỉnh, thành phố đã ban hành "
        "Chương trình phối hợp{% if ban_hanh_khac %}, trong đó {{ so2(ban_hanh_khac) }} địa phương thực hiện "
        "theo chương trình phối hợp khác đã ban hành, có bao gồm nội dung của Chương trình phối hợp"
        "{{ chu_thich('Gồm: ' ~ ghi_chu_khac ~ '.') }}{% endif %}{% if chua_ban_hanh %}; còn "
        "{{ so2(chua_ban_hanh) }} địa phương chưa ban hành{{ chu_thich('Gồm: ' ~ ten_chua_ban_hanh ~ '.') }}"
        "{% endif %}{% if chua_ro_ban_hanh %}; {{ so2(chua_ro_ban_hanh) }} địa phương chưa có thông tin"
        "{% endif %} (chi tiết tại Phụ lục I kèm theo).",
    )
    tag(document, "endif")
    tag(document, "if da_bao_cao")
    body(
        document,
        "b) Đến ngày {{ ngay_chot }}, có {{ so2(da_bao_cao) }}/{{ tong }} {{ co_quan_dia_phuong.viet_tat }} đã "
        "gửi báo cáo ({{ so2(so_bao_cao) }} báo cáo, {{ so2(so_cong_van) }} công văn), trong đó "
        "{{ so2(dung_duoc) }} địa phương có biểu số liệu đã được chấp nhận"
        "{% if chua_bao_cao %}; còn {{ so2(chua_bao_cao) }} địa phương chưa gửi báo cáo"
        "{{ chu_thich('Gồm: ' ~ ten_chua_bao_cao ~ '.') }}{% endif %} (chi tiết tại Phụ lục II kèm theo).",
    )
    tag(document, "else")
    body(
        document,
        "b) Đến ngày {{ ngay_chot }}, chưa nhận được báo cáo của địa phương nào trong số {{ tong }} tỉnh, thành phố.",
    )
    tag(document, "endif")


def area(document: Any, number: int) -> None:
    document.add_heading(f"{number}. Kết quả nội dung phối hợp “{{{{ noi_dung[{number}] }}}}”", 2)


def part_two(document: Any) -> None:
    document.add_heading("II. KẾT QUẢ THỰC HIỆN CÁC NỘI DUNG PHỐI HỢP", 1)
    area_information(document)
    area_resources(document)
    area_models(document)
    area_inspection(document)
    area_awards(document)
    area_meetings(document)


def area_information(document: Any) -> None:
    area(document, 1)
    central(
        document,
        "- Ở trung ương, các bộ, cơ quan đã thực hiện:",
        "TW01.01 chương trình phát thanh, truyền hình",
        "TW01.02 ấn phẩm báo in",
        "TW01.03 phát hành {} tờ báo in",
        "TW01.04 bài viết chuyên sâu, tin, ảnh",
        "TW01.05 tệp điện tử",
        "TW01.06 sản phẩm truyền thông khác trên báo điện tử",
        "TW01.07 sản phẩm trên mạng internet, mạng xã hội",
        "TW01.08 video clip",
        "TW01.09 tờ rơi, áp phích",
        "TW01.10 lớp bồi dưỡng, tập huấn",
        "TW01.11 lượt đối tượng được bồi dưỡng, tập huấn",
        "TW01.12 tác phẩm báo chí được chuyển sang định dạng số",
        "TW01.13 xuất bản phẩm sản xuất mới",
        "TW01.14 xuất bản phẩm in được chuyển sang dạng điện tử",
    )
    central(document, "- Tài liệu, sổ tay do Bộ ban hành:", "TW01.15 {}")
    local(
        document,
        "- Ở địa phương, về sản phẩm truyền thông:",
        "TT01.01 chương trình phát thanh",
        "TT01.02 chương trình truyền hình",
        "TT01.03 ấn phẩm báo in",
        "TT01.04 phát hành {} tờ báo in",
        "TT01.05 bài viết chuyên sâu, tin, ảnh minh họa",
        "TT01.06 tệp điện tử",
        "TT01.07 sản phẩm truyền thông khác trên báo điện tử",
        "TT01.08 sản phẩm trên mạng internet, mạng xã hội",
        "TT01.09 video clip",
        "TT01.10 tờ rơi, áp phích và ấn phẩm tương tự",
    )
    local(
        document,
        "- Về cơ sở vật chất thông tin ở cơ sở:",
        "TT01.11 thiết lập mới {} cụm thông tin điện tử tại cửa khẩu quốc tế đường bộ",
        "TT01.12 sửa chữa, thay thế thiết bị của {} cụm thông tin điện tử đã có",
        "TT01.13 hỗ trợ {} điểm cung cấp dịch vụ thông tin công cộng",
        "TT01.14 số điểm thuộc diện được hỗ trợ là {} điểm",
        "TT01.15 phát triển mới {} đài truyền thanh xã",
        "TT01.16 nâng cấp, chuyển đổi công nghệ {} đài truyền thanh xã",
        "TT01.17 trang bị {} cụm loa cho thôn, bản",
    )
    local(
        document,
        "- Về tập huấn, hội nghị tuyên truyền tại địa phương:",
        "TT01.18.1 lớp, hội nghị",
        "TT01.18.2 lượt người dự",
    )
    none_yet(document, NOTHING, "TT01.01", "TT01.02", "TT01.05", "TT01.15", "TT01.18.1")


def area_resources(document: Any) -> None:
    area(document, 2)
    local(
        document,
        "- Kết quả vận động:",
        "NL02.90 tổng nguồn lực vận động được {ty}",
        "NL02.01 Quỹ “Vì người nghèo” của các cấp tại địa phương {ty}",
        "NL02.02 ủng hộ trực tiếp cho an sinh xã hội tại địa phương {ty}",
    )
    local(
        document,
        "- Kết quả hỗ trợ người nghèo, hộ nghèo:",
        "NL02.93 {} căn nhà Đại đoàn kết được xây mới và sửa chữa",
        "NL02.03 nhà xây mới {} căn",
        "NL02.04 nhà sửa chữa {} căn",
        "NL02.05 kinh phí làm nhà {ty}",
        "NL02.06 lượt người nghèo được hỗ trợ khám, chữa bệnh",
        "NL02.07 lượt học sinh, sinh viên được giúp đỡ",
        "NL02.08 lượt người nghèo được hỗ trợ phát triển sản xuất",
        "NL02.09 công trình dân sinh được hỗ trợ xây dựng",
    )
    central(
        document,
        "- Đề án làm nhà cho hộ nghèo tỉnh Điện Biên, về đăng ký ủng hộ:",
        "TW02.01 đơn vị, tổ chức, cá nhân và địa phương đăng ký",
        "TW02.02 số tiền đăng ký {ty}",
    )
    local(
        document,
        "- Kết quả thực hiện Đề án tại tỉnh Điện Biên:",
        "NL02.13.1 hoàn thành {} căn nhà",
        "NL02.13.2 nhà xây {} căn",
        "NL02.13.3 nhà gỗ truyền thống {} căn",
        "NL02.13.4 nhà khung sắt {} căn",
        "NL02.13.5 tổng kinh phí {ty1}",
        "NL02.13.6 Đề án hỗ trợ {ty1}",
        "NL02.13.7 hộ gia đình đối ứng bằng tiền {ty1}",
        "NL02.13.8 vật liệu hộ gia đình tự chuẩn bị quy ra tiền {ty1}",
        "NL02.13.9 ngày công lao động quy ra tiền {ty1}",
    )
    central(
        document,
        "- Phong trào thi đua “Xóa nhà tạm, nhà dột nát”, ở trung ương:",
        "TW02.03 đăng ký ủng hộ {ty} tại Lễ phát động",
        "TW02.04.1 phân bổ đợt 1 cho {} địa phương",
        "TW02.04.2 kinh phí phân bổ {ty}",
        "TW02.04.3 hỗ trợ làm {} căn nhà",
    )
    local(
        document,
        "- Phong trào thi đua “Xóa nhà tạm, nhà dột nát”, ở địa phương:",
        "NL02.12.1 đăng ký, ủng hộ {ty}",
        "NL02.12.2 đăng ký hỗ trợ {} căn nhà",
    )
    central(
        document,
        "- Đồ ấm cho trẻ em vùng đặc biệt khó khăn dịp Tết:",
        "TW02.05.1 {} trẻ em được hỗ trợ",
        "TW02.05.2 thuộc {} tỉnh",
        "TW02.05.3 kinh phí {ty}",
    )
    central(
        document,
        "- Phân bổ Quỹ “Vì người nghèo” Trung ương:",
        "TW02.06 quyết định phân bổ đến các địa phương",
        "TW02.07 hỗ trợ {ty} làm nhà ở tại tỉnh Yên Bái",
    )
    central(
        document,
        "- Chăm lo Tết cho người nghèo, ở trung ương:",
        "TW02.10 suất quà từ Quỹ “Vì người nghèo” Trung ương",
        "TW02.11 trị giá {ty3}",
        "TW02.12 Bộ phối hợp đi tặng {} suất quà",
    )
    local(
        document,
        "- Chăm lo Tết cho người nghèo, ở địa phương:",
        "NL02.10 suất quà",
        "NL02.11 trị giá {ty}",
    )
    local(
        document,
        "- Tính chung trung ương và địa phương:",
        "NL02.91 suất quà Tết",
        "NL02.92 trị giá {ty}",
    )
    none_yet(document, NOTHING, "NL02.01", "NL02.02", "NL02.03", "NL02.06", "NL02.10")


def area_models(document: Any) -> None:
    area(document, 3)
    local(
        document,
        "- Kinh phí Dự án đa dạng hóa sinh kế, phát triển mô hình giảm nghèo (vốn sự nghiệp):",
        "MH03.04 tổng số {} triệu đồng",
        "MH03.01 ngân sách trung ương {} triệu đồng",
        "MH03.02 ngân sách địa phương {} triệu đồng",
        "MH03.03 nguồn huy động khác {} triệu đồng",
        "MH03.11 đã giải ngân {} triệu đồng",
    )
    local(
        document,
        "- Kết quả thực hiện:",
        "MH03.05 dự án, mô hình giảm nghèo",
        "MH03.06 hộ tham gia",
        "MH03.07 hộ nghèo {} hộ",
        "MH03.08 hộ cận nghèo {} hộ",
        "MH03.09 hộ mới thoát nghèo {} hộ",
        "MH03.10 dự án có Mặt trận Tổ quốc cùng cấp tham gia, giám sát",
    )
    central(
        document,
        "- Kinh phí giao Ủy ban Trung ương Mặt trận Tổ quốc Việt Nam thực hiện Dự án:",
        "TW03.01.1 năm 2022 {} triệu đồng",
        "TW03.01.2 năm 2024 {} triệu đồng",
    )
    none_yet(document, NOTHING, "MH03.01", "MH03.05", "MH03.07")


def area_inspection(document: Any) -> None:
    area(document, 4)
    local(
        document,
        "- Số đoàn kiểm tra, giám sát tại địa phương:",
        "KT04.01 đoàn cấp tỉnh",
        "KT04.02 đoàn cấp huyện",
        "KT04.03 đoàn cấp xã",
        "KT04.04 đoàn do Mặt trận Tổ quốc chủ trì hoặc tham gia",
    )
    central(
        document,
        "- Kinh phí nâng cao năng lực giao Ủy ban Trung ương Mặt trận Tổ quốc Việt Nam:",
        "TW04.01.1 năm 2023 {} triệu đồng",
        "TW04.01.2 năm 2024 {} triệu đồng",
    )
    central(
        document,
        "- Văn bản do Ban Thường trực Ủy ban Trung ương Mặt trận Tổ quốc Việt Nam ban hành:",
        "TW04.02.1 kế hoạch",
        "TW04.02.2 báo cáo",
    )
    none_yet(document, NOTHING, "KT04.01", "KT04.02", "KT04.03")


def area_awards(document: Any) -> None:
    area(document, 5)
    central(
        document,
        "- Hội nghị toàn quốc sơ kết thực hiện Chương trình mục tiêu quốc gia:",
        "TW05.01.1 đại biểu dự",
        "TW05.01.2 tỉnh, thành phố",
        "TW05.01.3 huyện nghèo",
    )
    central(
        document,
        "- Quà tặng tại huyện Bát Xát, tỉnh Lào Cai:",
        "TW05.02.1 căn nhà cho hộ nghèo",
        "TW05.02.2 suất quà cho gia đình người có công",
        "TW05.02.3 suất quà cho hộ nghèo",
    )
    local(
        document,
        "- Sơ kết Phong trào thi đua “Vì người nghèo - Không để ai bị bỏ lại phía sau”:",
        "SK05.01 địa phương đã sơ kết",
        "SK05.03 tập thể được biểu dương, khen thưởng",
        "SK05.04 hộ gia đình được biểu dương, khen thưởng",
        "SK05.05 cá nhân được biểu dương, khen thưởng",
    )
    local(document, "- Tháng cao điểm “Vì người nghèo”:", "SK05.06.1 vận động được {ty}")
    none_yet(document, NOTHING, "SK05.01", "SK05.03", "SK05.05", "SK05.06.1")


def area_meetings(document: Any) -> None:
    area(document, 6)
    central(
        document, "- Hội nghị của Ban Chỉ đạo Trung ương các chương trình mục tiêu quốc gia:", "TW06.02 {}"
    )
    central(
        document,
        "- Hội nghị của các bộ:",
        "TW06.01 hội nghị tập huấn vùng do Bộ tổ chức",
        "TW06.03 hội nghị triển khai Nghị định số 27/2022/NĐ-CP",
    )
    local(document, "- Tham gia tập huấn vùng do Bộ tổ chức:", "HN06.03 cán bộ của các địa phương")
    local(
        document,
        "- Hội nghị, hội thảo, tập huấn do địa phương tổ chức:",
        "HN06.01 cuộc",
        "HN06.02 lượt người dự",
    )
    none_yet(document, NOTHING, "HN06.01", "HN06.02", "HN06.03")


def voices(document: Any, code: str, what: str, where: str) -> None:
    tag(document, f"if y_kien('{code}')")
    body(
        document,
        f"Có {{{{ so2(so_y_kien('{code}')) }}}}/{{{{ tong }}}} địa phương {what} (nguyên văn tại Phụ lục III, {where}).",
    )
    tag(document, "endif")


def parts_three_and_four(document: Any) -> None:
    document.add_heading("III. ĐÁNH GIÁ CHUNG", 1)
    document.add_heading("1. Kết quả đạt được", 2)
    body(document, OPINION)
    document.add_heading("2. Tồn tại, vướng mắc và nguyên nhân", 2)
    voices(document, "NX07.02", "nêu tồn tại, vướng mắc", "mục A")
    voices(document, "NX07.03", "nêu nguyên nhân", "mục B")
    body(document, OPINION)
    document.add_heading("IV. KIẾN NGHỊ, GIẢI PHÁP", 1)
    voices(
        document,
        "NX07.04",
        "có kiến nghị, đề xuất với Bộ và Ủy ban Trung ương Mặt trận Tổ quốc Việt Nam",
        "mục C",
    )
    # They stay with the signature: it never stands on a page of its own.
    tag(document, "for y in kien_nghi")
    text = body(document, "{{ loop.index }}. {{ y }}{{ '/.' if loop.last else '' }}")
    text.paragraph_format.keep_with_next = True
    tag(document, "else")
    body(document, f"{OPINION}./.").paragraph_format.keep_with_next = True
    tag(document, "endfor")


def annex_title(document: Any, roman: str, name: str) -> None:
    set_page(document.add_section(WD_SECTION.NEW_PAGE))
    line(document, f"Phụ lục {roman}", bold=True)
    line(document, name, size=13, bold=True)
    line(
        document,
        "(Kèm theo Báo cáo số          /BC-{{ bo.ky_hieu }} ngày      tháng      năm {{ nam_ky }} của {{ bo.ten }})",
        size=13,
        italic=True,
    )
    rule(document, 5.6)


def annex(document: Any, roman: str, name: str, header: tuple[str, ...], variable: str) -> None:
    annex_title(document, roman, name)
    table = document.add_table(rows=9, cols=5)
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for cell, text in zip(table.rows[0].cells, header, strict=True):
        first(cell, text, size=12, bold=True)
    repeat = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeat)
    rows = (
        ("", "Tổng cộng", "{{ " + variable + ".tong }}", "", ""),
        ("{%tr for dong in " + variable + ".dong %}", "", "", "", ""),
        ("{%tr if dong.la_vung %}", "", "", "", ""),
        ("{{ dong.tt }}", "{{ dong.ten }}", "", "", ""),
        ("{%tr else %}", "", "", "", ""),
        ("{{ dong.tt }}", "{{ dong.ten }}", "{{ dong.x }}", "{{ dong.so_hieu }}", "{{ dong.ngay }}"),
        ("{%tr endif %}", "", "", "", ""),
        ("{%tr endfor %}", "", "", "", ""),
    )
    for number, (row, texts) in enumerate(zip(table.rows[1:], rows, strict=True)):
        bold = number in (0, 3)  # the total and the regions
        for place, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            first(cell, text, size=12, bold=bold, align=LEFT if place in (1, 3) else CENTER)
        keep = OxmlElement("w:cantSplit")
        row._tr.get_or_add_trPr().append(keep)
    widths(table, 1.2, 4.1, 2.2, 6.5, 2.7)
    region = table.rows[4].cells
    for cell in region[2:]:
        cell._tc.remove(cell.paragraphs[0]._p)
        cell.add_paragraph()
    merged = region[1].merge(region[4])
    for cell in (region[0], merged):  # a region never stands alone at the foot of a page
        for paragraph in cell.paragraphs:
            paragraph.paragraph_format.keep_with_next = True
    for empty in [paragraph._p for paragraph in merged.paragraphs if not paragraph.text]:
        merged._tc.remove(empty)


def annex_of_words(document: Any, roman: str, name: str, *parts: tuple[str, str]) -> None:
    """What the provinces wrote, each with its source; ``parts``: a question's code and its heading."""
    annex_title(document, roman, name)
    note = "Trích nguyên văn báo cáo của các địa phương; ý kiến giống nhau ghi một lần, đoạn dài được lược và ghi […]. Số, ngày văn bản của từng địa phương tại Phụ lục II."
    line(document, note, size=12, italic=True).paragraph_format.space_after = Pt(6)
    rows = [("", "Nội dung", "Địa phương, văn bản")]
    for letter, (code, heading) in zip("ABCDE", parts, strict=False):
        rows += [
            (letter, heading, ""),
            (f"{{%tr for y in y_kien('{code}') %}}", "", ""),
            ("{{ loop.index }}", "{{ y.noi_dung }}", "{{ y.nguon }}"),
            ("{%tr else %}", "", ""),
            ("", "Chưa có ý kiến.", ""),
            ("{%tr endfor %}", "", ""),
        ]
    table = document.add_table(rows=len(rows), cols=3)
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for row, texts in zip(table.rows, rows, strict=True):
        is_heading = texts[0] in ("", *"ABCDE") and texts[1] != "Chưa có ý kiến."
        for place, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            paragraph = first(cell, text, size=12, bold=is_heading, align=LEFT if place else CENTER)
            paragraph.paragraph_format.keep_with_next = is_heading or None
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for cell, text in zip(table.rows[0].cells, ("TT", *rows[0][1:]), strict=True):
        cell.paragraphs[0].runs[0].text = text
        cell.paragraphs[0].alignment = CENTER
    widths(table, 1.2, 8.3, 7.2)


def build_report() -> Any:
    document = new_document()
    heading_block(document, letter=False)
    titles(document)
    body(
        document,
        "Thực hiện Chương trình phối hợp số {{ chuong_trinh.van_ban }} giữa {{ bo.ten }} và {{ doi_tac.ten }} "
        "(sau đây gọi tắt là Chương trình phối hợp), căn cứ báo cáo của các địa phương tính đến ngày "
        "{{ ngay_chot }} và văn bản của các cơ quan trung ương, {{ bo.ten }} tổng hợp kết quả thực hiện "
        "{{ ky.ten }} như sau:",
    )
    part_one(document)
    part_two(document)
    parts_three_and_four(document)
    signature_block(document, "bo")
    annex(
        document,
        "I",
        "TỔNG HỢP KẾT QUẢ BAN HÀNH CHƯƠNG TRÌNH PHỐI HỢP CỦA CÁC ĐỊA PHƯƠNG",
        ("TT", "Tỉnh, thành phố", "Đã ban hành CTPH (X)", "Số hiệu văn bản", "Ngày, tháng ban hành văn bản"),
        "phu_luc_1",
    )
    annex(
        document,
        "II",
        "TỔNG HỢP TÌNH HÌNH BÁO CÁO KẾT QUẢ THỰC HIỆN CHƯƠNG TRÌNH PHỐI HỢP CỦA CÁC ĐỊA PHƯƠNG",
        ("TT", "Tỉnh, thành phố", "Đã báo cáo (X)", "Số hiệu văn bản", "Ngày, tháng ban hành văn bản"),
        "phu_luc_2",
    )
    annex_of_words(
        document,
        "III",
        "TỒN TẠI, VƯỚNG MẮC, NGUYÊN NHÂN VÀ KIẾN NGHỊ CỦA CÁC ĐỊA PHƯƠNG",
        ("NX07.02", "Tồn tại, vướng mắc"),
        ("NX07.03", "Nguyên nhân"),
        ("NX07.04", "Kiến nghị, đề xuất"),
    )
    return document


def closing(document: Any, opening: str) -> None:
    """The end of a letter to a department: whom to ask, thanks, signature."""
    tag(document, "if van_phong.dau_moi or van_phong.dien_thoai")
    body(
        document,
        f"{opening} {{{{ van_phong.ten }}}}"
        "{% if van_phong.dau_moi %} ({{ van_phong.dau_moi }}){% endif %}"
        "{% if van_phong.dien_thoai %}, điện thoại {{ van_phong.dien_thoai }}{% endif %}.",
    )
    tag(document, "endif")
    thanks = body(document, "Trân trọng cảm ơn sự phối hợp của Quý Sở./.")
    thanks.paragraph_format.keep_with_next = True
    signature_block(document, "van_phong")


def build_letter() -> Any:
    document = new_document()
    heading_block(document, letter=True)
    line(
        document, "Kính gửi: {{ co_quan_dia_phuong.ten }} các tỉnh, thành phố trực thuộc trung ương"
    ).paragraph_format.space_before = Pt(14)
    document.paragraphs[-1].paragraph_format.space_after = Pt(12)
    body(
        document,
        "Thực hiện Chương trình phối hợp số {{ chuong_trinh.van_ban }} giữa {{ bo.ten }} và {{ doi_tac.ten }}, "
        "để có cơ sở tổng hợp, báo cáo kết quả thực hiện {{ ky.ten }}, {{ van_phong.ten }} đề nghị Quý Sở:",
    )
    body(
        document,
        "1. Chủ trì, phối hợp với Ủy ban Mặt trận Tổ quốc Việt Nam cùng cấp xây dựng báo cáo kết quả thực hiện "
        "{{ ky.ten }} theo Đề cương (Phụ lục 1) và Biểu số liệu (Phụ lục 2) kèm theo. Số liệu tính từ ngày "
        "{{ ky.tu_ngay }} đến ngày {{ ky.den_ngay }}; nội dung không có phát sinh hoặc chưa có số liệu đề nghị "
        "ghi rõ trong biểu.",
    )
    body(
        document,
        "2. Gửi báo cáo đã ký, đóng dấu qua trục liên thông văn bản; đồng thời gửi bản mềm báo cáo và Biểu số "
        "liệu (tệp .xlsx) bằng cách trả lời thư điện tử kèm công văn này, trước ngày {{ ky.han_gui }}.",
    )
    tag(document, "for y in bo_sung")
    body(
        document,
        "{{ loop.index + 2 }}. Riêng nội dung “{{ y.ten }}”, đề nghị Quý Sở báo cáo bổ sung trước ngày "
        "{{ y.han_gui }} theo biểu sẽ được gửi sau.",
    )
    tag(document, "endfor")
    closing(document, "Trong quá trình thực hiện, nếu có vướng mắc, đề nghị Quý Sở liên hệ")
    return document


def build_outline() -> Any:
    """A department's own report: its heading, the basis, an area after the other, its signature."""
    document = new_document()
    left, right = head_table(document)
    first(left, "{{ don_vi.cap_tren_hoa }}", size=12)
    line(left, "{{ don_vi.hoa }}", size=12, bold=True)
    rule(left, 2.2)
    line(
        left,
        "Số: {% if van_ban %}{{ van_ban.so }}{% else %}         /BC-{{ don_vi.ky_hieu }}{% endif %}",
        size=13,
    )
    motto(right)
    day = "{% if van_ban %}{{ van_ban.ngay_dai }}{% else %}ngày      tháng      năm {{ nam_ky }}{% endif %}"
    line(right, "{{ don_vi.dia_danh }}, " + day, size=13, italic=True)
    titles(document)
    to = line(document, "Kính gửi: {{ van_phong.ten }}")
    to.paragraph_format.space_before, to.paragraph_format.space_after = Pt(12), Pt(12)
    body(
        document,
        "Thực hiện Chương trình phối hợp số {{ chuong_trinh.van_ban }} giữa {{ bo.ten }} và {{ doi_tac.ten }}"
        "{% if cong_van_yeu_cau %} và Công văn số {{ cong_van_yeu_cau.so }} ngày {{ cong_van_yeu_cau.ngay }} "
        "của {{ van_phong.ten }}{% endif %}, {{ don_vi.ten }} báo cáo kết quả thực hiện {{ ky.ten }} (số liệu "
        "từ ngày {{ ky.tu_ngay }} đến ngày {{ ky.den_ngay }}) như sau:",
    )
    tag(document, "for muc in cac_muc")
    document.add_heading("{{ muc.so }}. {{ muc.ten }}", 1)
    tag(document, "for dong in muc.dong")
    told = "- {{ dong.ten }}: {{ dong.tra_loi }}{% if dong.giai_trinh %} ({{ dong.giai_trinh }}){% endif %}"
    body(document, told).alignment = LEFT  # answers may have lines of their own
    tag(document, "endfor")
    tag(document, "endfor")
    end = body(document, "Trên đây là báo cáo của {{ don_vi.ten }}; biểu số liệu chi tiết kèm theo./.")
    end.paragraph_format.keep_with_next = True
    document.add_paragraph().paragraph_format.keep_with_next = True
    table = document.add_table(rows=1, cols=2)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    widths(table, 8.4, 8.2)
    left, right = table.rows[0].cells
    first(left, "Nơi nhận:", size=12, bold=True, italic=True, align=LEFT)
    for text in ("- Như trên;", "- Lãnh đạo cấp trên (để b/c);", "- Lưu: VT."):
        line(left, text, size=11, align=LEFT)
    first(right, "THỦ TRƯỞNG ĐƠN VỊ", size=13, bold=True)
    for _ in range(4):
        line(right, "", size=13)
    line(right, "{{ don_vi.nguoi_ky }}", size=13, bold=True)
    return document


def listed(document: Any, lines: str) -> None:
    tag(document, f"for dong in {lines}")
    small(document, "- {{ dong }}", indent=0.5)
    tag(document, "endfor")


def small(document: Any, text: str, *, bold: bool = False, indent: float = 0.0) -> None:
    paragraph = line(document, text, size=12 if indent else 13, bold=bold, align=JUSTIFY)
    paragraph.paragraph_format.space_after = Pt(2)
    paragraph.paragraph_format.left_indent = Cm(indent)


def office_paper() -> tuple[Any, Any]:
    """A paper of the office with its head, and the right half of that."""
    document = new_document()
    left, right = head_table(document)
    first(left, "{{ van_phong.cap_tren_hoa }}", size=12)
    line(left, "{{ van_phong.hoa }}", size=12, bold=True)
    rule(left, 2.2)
    motto(right)
    return document, right


def slip_paper() -> Any:
    """The same with place and day, and what it is."""
    document, right = office_paper()
    line(right, "{{ van_phong.dia_danh }}, ngày      tháng      năm {{ nam_ky }}", size=13, italic=True)
    line(document, "PHIẾU TRÌNH", bold=True).paragraph_format.space_before = Pt(8)
    return document


def opinions_table(document: Any, heads: tuple[str, str, str]) -> None:
    opinions = document.add_table(rows=2, cols=3)
    opinions.style = "Table Grid"
    opinions.alignment = WD_TABLE_ALIGNMENT.CENTER
    for cell, text in zip(opinions.rows[0].cells, heads, strict=True):
        first(cell, text, size=12, bold=True)
    for cell in opinions.rows[1].cells:
        for _ in range(3):
            line(cell, "", size=12)
    for row in opinions.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    widths(opinions, 4.4, 6.1, 6.1)


def build_slip() -> Any:
    document = slip_paper()
    line(document, "Báo cáo kết quả thực hiện {{ chuong_trinh.ten_tat }} {{ ky.ten }}", size=13, bold=True)
    rule(document, 5.6)
    line(document, "Kính trình: Lãnh đạo {{ bo.ten }}", size=13).paragraph_format.space_after = Pt(6)
    small(document, "1. Nội dung trình", bold=True)
    small(
        document,
        "Trình Lãnh đạo xem xét, cho ý kiến và ký ban hành Báo cáo kết quả thực hiện {{ ky.ten }}; số liệu tính "
        "đến ngày {{ ngay_chot }} (mã dữ liệu {{ trinh.ma_du_lieu }})."
        "{% if trinh.cho_y_kien %} Dự thảo còn {{ so2(trinh.cho_y_kien) }} chỗ cần Lãnh đạo cho ý kiến.{% endif %}",
    )
    small(document, "2. Tình hình báo cáo của địa phương", bold=True)
    small(
        document,
        "Đã gửi {{ so2(da_bao_cao) }}/{{ tong }} ({{ so2(so_bao_cao) }} báo cáo, {{ so2(so_cong_van) }} công văn); "
        "có biểu số liệu dùng được: {{ so2(dung_duoc) }}."
        "{% if chua_bao_cao %} Chưa gửi {{ so2(chua_bao_cao) }}"
        "{% if chua_bao_cao <= 10 %}: {{ ten_chua_bao_cao }}{% else %} (tên tại Phụ lục II của dự thảo){% endif %}."
        "{% endif %}",
    )
    small(document, "3. Rà soát số liệu", bold=True)
    small(
        document,
        "{% if trinh.loi %}Còn {{ so2(trinh.loi) }} điểm đề nghị rà soát chưa khép lại, của "
        "{{ so2(trinh.loi_don_vi) }} địa phương:{% else %}Không còn điểm đề nghị rà soát nào chưa khép lại."
        "{% endif %}",
    )
    listed(document, "trinh.loi_dong")
    tag(document, "if trinh.giai_trinh")
    small(
        document, "Còn {{ so2(trinh.giai_trinh) }} điểm đề nghị giải trình (xem so-lieu.xlsx, trang Rà soát)."
    )
    tag(document, "endif")
    tag(document, "if trinh.bo_qua")
    small(document, "Đã quyết định chấp nhận {{ so2(trinh.bo_qua) }} điểm:")
    tag(document, "endif")
    listed(document, "trinh.bo_qua_dong")
    small(document, "4. Thay đổi so với dự thảo trước", bold=True)
    small(
        document,
        "{% if not trinh.co_ban_truoc %}Đây là dự thảo đầu tiên.{% elif trinh.thay_doi %}"
        "{{ so2(trinh.thay_doi) }} số liệu thay đổi:{% else %}Số liệu không thay đổi.{% endif %}",
    )
    listed(document, "trinh.thay_doi_dong")
    line(document, "", size=6)
    opinions_table(document, ("Người lập", "Ý kiến của lãnh đạo đơn vị", "Ý kiến của Lãnh đạo Bộ"))
    return document


def build_escalation() -> Any:
    document = new_document()
    heading_block(document, letter=True, about="đôn đốc báo cáo")
    line(document, "Kính gửi:", align=CENTER).paragraph_format.space_before = Pt(14)
    tag(document, "for so in don_doc.noi_nhan")
    one = line(document, "- {{ so }}{{ '.' if loop.last else ';' }}", align=LEFT)
    one.paragraph_format.left_indent = Cm(2.5)
    tag(document, "endfor")
    line(document, "", size=8)
    body(
        document,
        "{% if cong_van_yeu_cau %}Ngày {{ cong_van_yeu_cau.ngay }}, {{ van_phong.ten }} có Công văn số "
        "{{ cong_van_yeu_cau.so }} đề nghị{% else %}{{ van_phong.ten }} đã đề nghị{% endif %} các Sở báo cáo kết "
        "quả thực hiện {{ chuong_trinh.ten_tat }} {{ ky.ten }}, thời hạn gửi là ngày {{ ky.han_gui }}. Đến ngày "
        "{{ ngay_lap }}, Văn phòng đã nhận được báo cáo của {{ da_bao_cao }}/{{ tong }} địa phương và chưa nhận "
        "được báo cáo của Quý Sở.",
    )
    body(
        document,
        "Để kịp tổng hợp báo cáo chung của cả nước, {{ van_phong.ten }} trân trọng đề nghị Quý Sở quan tâm, chỉ "
        "đạo hoàn thiện báo cáo và biểu số liệu{% if cong_van_yeu_cau %} theo Công văn nêu trên{% endif %}, gửi qua "
        "trục liên thông văn bản trước ngày {{ don_doc.han }}; đồng thời gửi bản mềm bằng cách trả lời thư điện tử "
        "yêu cầu báo cáo mà Quý Sở đã nhận.",
    )
    body(
        document,
        "Trường hợp Quý Sở đã gửi báo cáo, xin cho biết số, ngày văn bản để Văn phòng cập nhật; trường hợp có khó "
        "khăn, xin cho biết ngày dự kiến gửi.",
    )
    closing(document, "Thông tin trao đổi, đề nghị Quý Sở liên hệ")
    return document


def build_escalation_slip() -> Any:
    document = slip_paper()
    line(
        document,
        "Công văn đôn đốc báo cáo kết quả thực hiện {{ chuong_trinh.ten_tat }} {{ ky.ten }}",
        size=13,
        bold=True,
    )
    rule(document, 5.6)
    line(document, "Kính trình: Lãnh đạo {{ van_phong.ten }}", size=13).paragraph_format.space_after = Pt(6)
    small(document, "1. Nội dung trình", bold=True)
    small(
        document,
        "Trình Lãnh đạo xem xét, ký Công văn đôn đốc {{ don_doc.so }} Sở chưa gửi báo cáo, đề nghị gửi trước ngày "
        "{{ don_doc.han }} (dự thảo kèm theo). Văn thư gửi qua trục liên thông; hệ thống không tự gửi văn bản này.",
    )
    small(document, "2. Tình hình đến ngày {{ ngay_lap }}", bold=True)
    small(
        document,
        "Đã gửi báo cáo {{ da_bao_cao }}/{{ tong }}; có biểu số liệu dùng được {{ dung_duoc }}; chưa gửi "
        "{{ chua_bao_cao }}. Hạn gửi {{ ky.han_gui }}, khóa sổ {{ ky.khoa_so }}.",
    )
    small(document, "3. Các Sở được đôn đốc và việc đã làm", bold=True)
    table = document.add_table(rows=4, cols=4)
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    texts = (
        ("Địa phương", "Số thư nhắc đã gửi", "Gọi điện gần nhất", "Ngày Sở hẹn gửi"),
        ("{%tr for dong in don_doc.dong %}", "", "", ""),
        ("{{ dong.ten }}", "{{ dong.nhac }}", "{{ dong.goi }}", "{{ dong.hen }}"),
        ("{%tr endfor %}", "", "", ""),
    )
    for number, (row, cells) in enumerate(zip(table.rows, texts, strict=True)):
        for place, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
            first(cell, text, size=12, bold=number == 0, align=LEFT if place == 0 and number else CENTER)
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    widths(table, 5.2, 3.8, 3.8, 3.8)
    tag(document, "if don_doc.con_nua")
    small(document, "và {{ don_doc.con_nua }} Sở khác, có tên trong dự thảo công văn.")
    tag(document, "endif")
    line(document, "", size=6)
    opinions_table(document, ("Người lập", "Ý kiến của lãnh đạo phòng", "Ý kiến của Lãnh đạo Văn phòng"))
    return document


def build_transfer() -> Any:
    document, _ = office_paper()
    line(document, "PHIẾU CHUYỂN PHÁT HÀNH", bold=True).paragraph_format.space_before = Pt(12)
    line(
        document,
        "{{ ban_hanh.ten }} kết quả thực hiện {{ chuong_trinh.ten_tat }} {{ ky.ten }}",
        size=13,
        bold=True,
    )
    rule(document, 5.6)
    line(document, "Kính chuyển: Văn thư {{ bo.ten }}", size=13).paragraph_format.space_after = Pt(6)
    small(
        document,
        "Văn bản số {{ ban_hanh.so }}, {{ ngay_ky_dai }}; tệp đã ký: {{ ban_hanh.tep }}. "
        "Người đăng ký: {{ ban_hanh.nguoi_dang_ky }}.",
    )
    small(document, "Đề nghị gửi theo nơi nhận sau:")
    ways = document.add_table(rows=4, cols=4)
    ways.style = "Table Grid"
    ways.alignment = WD_TABLE_ALIGNMENT.CENTER
    texts = (
        ("TT", "Nơi nhận", "Cách gửi", "Đã gửi (ngày, ký)"),
        ("{%tr for noi in noi_nhan %}", "", "", ""),
        ("{{ noi.tt }}", "{{ noi.ten }}", "{{ noi.cach_gui }}", ""),
        ("{%tr endfor %}", "", "", ""),
    )
    for number, (row, cells) in enumerate(zip(ways.rows, texts, strict=True)):
        for place, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
            first(cell, text, size=12, bold=number == 0, align=CENTER if place == 0 or number == 0 else LEFT)
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    widths(ways, 1.2, 6.6, 5.8, 3.0)
    line(document, "", size=6)
    small(
        document,
        "Bản thư điện tử gửi các Sở: {{ so_thu }} thư, do hệ thống gửi; không gửi thư điện tử tự động cho cơ quan "
        "trung ương và Ủy ban nhân dân.",
    )
    return document


def save(folder: Path, builders: Mapping[str, Callable[[], Any]], *, force: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, build in builders.items():
        if (folder / name).exists() and not force:
            print(f"{folder / name}: đã có, không ghi đè (thêm --force để ghi lại).")  # noqa: T201
            continue
        build().save(str(folder / name))


if __name__ == "__main__":
    made = {
        "report.docx": build_report,
        "letter.docx": build_letter,
        "outline.docx": build_outline,
        "slip.docx": build_slip,
        "transfer.docx": build_transfer,
        "escalation.docx": build_escalation,
        "escalation-slip.docx": build_escalation_slip,
    }
    save(Path(sys.argv[1]), made, force="--force" in sys.argv)
