"""Make the first version of the Word templates of the sample programme.

Staff edit the .docx files in Word from then on; this program shows a reviewer what went into them.
It overwrites nothing without ``--force``.

    .venv/bin/python -m tools.build_starter_templates config/samples/nha-o-mau/templates
"""

import sys
from pathlib import Path
from typing import Any

from tools.build_templates import (
    OPINION,
    annex,
    body,
    build_letter,
    build_outline,
    build_slip,
    build_transfer,
    heading_block,
    line,
    new_document,
    rule,
    save,
    signature_block,
    tag,
)

# What the templates of programme 109 say of departments, for a programme of any units.
_WORDS = (
    ("{{ co_quan_dia_phuong.ten }} các tỉnh, thành phố trực thuộc trung ương", "Các đơn vị báo cáo"),
    ("Chương trình phối hợp số {{ chuong_trinh.van_ban }} giữa {{ bo.ten }} và {{ doi_tac.ten }}",
     "{{ chuong_trinh.ten }} ({{ chuong_trinh.van_ban }})"),
    ("Chủ trì, phối hợp với Ủy ban Mặt trận Tổ quốc Việt Nam cùng cấp xây dựng", "Xây dựng"),
    (" theo Đề cương (Phụ lục 1) và Biểu số liệu (Phụ lục 2) kèm theo", " theo Biểu số liệu kèm theo"),
    ("của địa phương", "của các đơn vị"),
    ("địa phương", "đơn vị"),
    ("Quý Sở", "Quý đơn vị"),
)  # fmt: skip


def build_report() -> Any:
    document = new_document()
    heading_block(document, letter=False)
    line(document, "BÁO CÁO", bold=True)
    line(document, "{{ chuong_trinh.ten }} {{ ky.ten }}", bold=True)
    rule(document, 5.6)
    body(
        document,
        "Thực hiện {{ chuong_trinh.ten }} ({{ chuong_trinh.van_ban }}), {{ van_phong.ten }} tổng hợp kết quả "
        "{{ ky.ten }} (từ ngày {{ ky.tu_ngay }} đến ngày {{ ky.den_ngay }}) như sau:",
    )
    document.add_heading("I. TÌNH HÌNH BÁO CÁO", 1)
    body(
        document,
        "Đến ngày {{ ngay_chot }}, có {{ so2(da_bao_cao) }}/{{ tong }} đơn vị đã gửi báo cáo, "
        "{{ so2(dung_duoc) }} đơn vị có biểu số liệu đã được chấp nhận{% if chua_bao_cao %}; còn "
        "{{ so2(chua_bao_cao) }} đơn vị chưa gửi{{ chu_thich('Gồm: ' ~ ten_chua_bao_cao ~ '.') }}{% endif %} "
        "(chi tiết tại Phụ lục I).",
    )
    document.add_heading("II. KẾT QUẢ", 1)
    _results(document, "noi_dung[1]", "NO01.01 hộ thuộc diện hỗ trợ", "NO01.90 căn đã khởi công trong tháng",
             "NO01.02 căn xây mới", "NO01.03 căn sửa chữa", "NO01.04 căn hoàn thành trong tháng",
             "NO01.05 đơn vị đã công khai danh sách")  # fmt: skip
    _results(
        document,
        "noi_dung[2]",
        "NO02.90 triệu đồng tổng kinh phí",
        "NO02.01 triệu đồng ngân sách trung ương",
        "NO02.02 triệu đồng ngân sách địa phương",
        "NO02.03 triệu đồng huy động khác",
    )
    tag(document, "if co('NO02.04')")
    body(document, "Vốn trung ương đã giao trong năm: {{ so('NO02.04') }} triệu đồng{{ nguon('NO02.04') }}.")
    tag(document, "endif")
    document.add_heading("III. KHÓ KHĂN, VƯỚNG MẮC", 1)
    body(document, "{% if co('NO03.01') %}{{ so('NO03.01') }}{% else %}Không có ý kiến.{% endif %}")
    document.add_heading("IV. ĐỀ NGHỊ", 1)
    tag(document, "for y in kien_nghi")
    body(document, "{{ loop.index }}. {{ y }}")
    tag(document, "endfor")
    body(document, f"{OPINION}./.").paragraph_format.keep_with_next = True
    signature_block(document, "bo")
    annex(
        document,
        "I",
        "TÌNH HÌNH BÁO CÁO CỦA CÁC ĐƠN VỊ",
        ("TT", "Đơn vị", "Đã báo cáo (X)", "Số hiệu văn bản", "Ngày ban hành"),
        "phu_luc_2",
    )
    return document


def _results(document: Any, heading: str, *phrases: str) -> None:
    codes = ", ".join(f"'{phrase.split(' ')[0]}'" for phrase in phrases)
    said = ", ".join(f"'{phrase}'" for phrase in phrases)
    document.add_heading("{{ " + heading + " }}", 2)
    tag(document, f"if co({codes})")
    body(document, f"{{{{ ke({said}) }}}} ({{{{ do_phu({codes}) }}}}).")
    tag(document, "else")
    body(document, "Chưa có số liệu.")
    tag(document, "endif")


def reworded(document: Any) -> Any:
    """The document with the words of programme 109 replaced, run by run."""
    paragraphs = [*document.paragraphs]
    paragraphs += [
        p for table in document.tables for row in table.rows for cell in row.cells for p in cell.paragraphs
    ]
    for run in (run for paragraph in paragraphs for run in paragraph.runs):
        text = run.text
        for old, new in _WORDS:
            text = text.replace(old, new)
        if text != run.text:
            run.text = text
    return document


if __name__ == "__main__":
    made = {
        "report.docx": build_report,
        "letter.docx": lambda: reworded(build_letter()),
        "outline.docx": lambda: reworded(build_outline()),
        "slip.docx": lambda: reworded(build_slip()),
        "transfer.docx": lambda: reworded(build_transfer()),
    }
    save(Path(sys.argv[1]), made, force="--force" in sys.argv)
