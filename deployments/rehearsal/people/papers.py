"""Stand-ins for signed documents: PDFs that say on every page that they are not the real thing.

The same arguments give the same bytes: Typst's own fonts, and the document's date as time stamp.
"""

from datetime import UTC, date, datetime, time
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typst

REQUEST_TITLE = "Công văn"

# The fields arrive as ``sys.inputs``: what is in them can never become markup.
_TEMPLATE = """
#let field(name) = sys.inputs.at(name, default: "")
#set document(title: field("title"), author: field("issuer"), date: none)
#set page(paper: "a4", margin: (top: 20mm, bottom: 20mm, left: 30mm, right: 20mm),
  header: align(center, text(9pt, weight: "bold")[BẢN DIỄN TẬP - KHÔNG PHẢI VĂN BẢN THẬT]),
  footer: align(center, text(9pt)[Bản diễn tập, dùng thay cho #field("title")]))
#set text(font: "Libertinus Serif", size: 13pt, lang: "vi")
#set par(justify: true, first-line-indent: 1cm, leading: 0.8em)
#grid(columns: (1fr, 1.2fr), align: center, row-gutter: 8pt, column-gutter: 8pt,
  upper(text(11pt)[#field("parent")]), text(11pt, weight: "bold")[CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM],
  text(11pt, weight: "bold")[#upper(field("issuer"))], text(weight: "bold")[Độc lập - Tự do - Hạnh phúc],
  line(length: 2.5cm, stroke: 0.6pt), line(length: 5.2cm, stroke: 0.6pt),
  [Số: #field("number")], text(style: "italic")[ngày #field("day") tháng #field("month") năm #field("year")])
#v(10pt)
#block(stroke: 1pt, inset: 8pt, width: 100%, align(center, text(weight: "bold")[
  BẢN DIỄN TẬP, thay cho #field("title")]))
#v(6pt)
#align(center, text(14pt, weight: "bold")[#field("subject")])
#v(6pt)
#field("body")

Văn bản này được tạo ra để diễn tập phần mềm; số và ngày văn bản lấy theo báo cáo tham chiếu, nội dung và số
liệu kèm theo là giả định.
#v(14pt)
#grid(columns: (1fr, 1fr), [], align(center)[
  *#upper(field("signed_as"))* \\ #v(4pt) _(chữ ký giả định của bản diễn tập)_])
"""


def request_letter(
    number: str, signed_on: date, *, issuer: str, parent: str, subject: str, department: str
) -> bytes:
    """The PDF that stands in for our own signed request."""
    return _paper(
        f"{REQUEST_TITLE} số {number}",
        signed_on,
        number,
        issuer,
        parent,
        subject,
        f"Kính gửi: {department} các tỉnh, thành phố trực thuộc trung ương. Đề nghị "
        "Quý Sở báo cáo kết quả thực hiện theo biểu số liệu gửi kèm thư điện tử.",
        f"Lãnh đạo {issuer}",
    )


def department_report(
    title: str, number: str, dated: date, *, department: str, parent: str, subject: str
) -> bytes:
    """The PDF that stands in for a department's document; ``title``: Báo cáo số 13/BC-SLĐTBXH."""
    return _paper(
        title,
        dated,
        number,
        department,
        parent,
        subject,
        "Thực hiện chế độ báo cáo của Chương trình phối hợp, Sở báo cáo kết quả trên địa bàn; số liệu chi "
        "tiết theo biểu gửi kèm hoặc gửi riêng.",
        "Giám đốc",
    )


def _paper(
    title: str, dated: date, number: str, issuer: str, parent: str, subject: str, body: str, signed_as: str
) -> bytes:
    inputs = {
        "title": f"{title} ngày {dated:%d/%m/%Y}",
        "number": number,
        "issuer": issuer,
        "parent": parent,
        "subject": subject,
        "body": body,
        "signed_as": signed_as,
        "day": f"{dated:%d}",
        "month": f"{dated:%m}",
        "year": f"{dated:%Y}",
    }
    stamp = datetime.combine(dated, time(1), tzinfo=UTC)
    made = _compiler().compile(_TEMPLATE.encode(), format="pdf", sys_inputs=inputs, timestamp=stamp)
    assert isinstance(made, bytes), "one document"
    return made


@cache
def _compiler() -> "typst.Compiler":
    """One compiler for all papers: its fonts are loaded once."""
    import typst

    return typst.Compiler(ignore_system_fonts=True)
