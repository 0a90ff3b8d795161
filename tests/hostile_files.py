"""Files made to hurt whoever opens them, each of one kind, as strangers put them into a mail."""

import base64
import io
import zipfile
from collections.abc import Callable

from reporting.forms import layout
from reporting.spreadsheets.read import MOST_FORM_CELLS, MOST_FORM_ROWS
from tests.hostile import far_cell, many_long_texts

_HEAD = f"{layout.CODE};{layout.VALUE};{layout.ANSWER};{layout.EXPLANATION}\n"
_SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def _csv(rows: str) -> bytes:
    return (_HEAD + rows).encode()


def _packed(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def _sheet(rows: bytes) -> bytes:
    sheet = b"<worksheet " + _SPACE.encode() + b"><sheetData>" + rows + b"</sheetData></worksheet>"
    return _packed(**{"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": sheet})


def blanks_in_a_date() -> bytes:
    return _csv(f"{layout.DOCUMENT_DATE};a" + " " * 30_000 + "b")


def one_code_again_and_again() -> bytes:
    return _csv("TT01.01;1\n" * 400_000)


def as_often_as_may_be() -> bytes:
    return _csv("TT01.01;1\n" * (MOST_FORM_ROWS - 10))


def codes_nobody_knows() -> bytes:
    return _csv("".join(f"XX{n % 90 + 10}.{n % 900};1\n" for n in range(400_000)))


def as_many_as_may_be() -> bytes:
    return _csv("".join(f"XX{n % 90 + 10}.{n % 900 + 10};1\n" for n in range(MOST_FORM_ROWS - 10)))


def headings_again_and_again() -> bytes:
    return _csv(_HEAD * (MOST_FORM_CELLS // 20))


def wide_rows() -> bytes:
    return _csv(("TT01.01;" + "1;" * 15 + "\n") * (MOST_FORM_ROWS - 10))


def number_without_end() -> bytes:
    return _csv(f"{layout.DOCUMENT_NUMBER};12/{'BC-' * 4_000_000}")


def long_number() -> bytes:
    return _csv(f"{layout.DOCUMENT_NUMBER};12/{'BC-' * 10_000}\nTT01.01;" + "9" * 30_000)


def old_font() -> bytes:
    return _csv("NX07.01;" + "Hµ Néi " * 1_900_000)


def as_much_old_font_as_may_be() -> bytes:
    return _csv("".join(f"NX07.01;{'Hµ Néi ' * 4500}\n" for _ in range(30)))


def a_far_cell() -> bytes:
    return far_cell()


def long_texts_in_every_cell() -> bytes:
    return many_long_texts()


def zip_bomb() -> bytes:
    return _sheet(b"<row>" + b'<c t="n"><v>1</v></c>' * 40 + b"</row>" + b" " * (39 * 2**20))


def rows_by_the_million() -> bytes:
    return _sheet(b"<row/>" * 2_000_000)


def deep_markup() -> bytes:
    return _sheet(b"<a>" * 300_000)


def sheets_by_the_thousand() -> bytes:
    parts = {f"xl/worksheets/sheet{n}.xml": b"<worksheet/>" for n in range(1900)}
    links = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="rId{n}"/>' for n in range(100_000))
    return _packed(**{"xl/workbook.xml": f"<workbook {_SPACE}><sheets>{links}".encode()}, **parts)


def old_format_in_circles() -> bytes:
    """A compound file whose chain of sectors leads back to itself."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\x00\x03\x00\xfe\xff\x09\x00\x06\x00"
    head += bytes(10) + (1).to_bytes(4, "little") * 3 + bytes(8) + (1).to_bytes(4, "little") * 4
    return head.ljust(76, b"\0") + bytes(436) + bytes(512 * 4000)


def word_of_many_tags() -> bytes:
    return _packed(**{"word/document.xml": b"<w:p>" * 20_000})


def pdf_without_end() -> bytes:
    return b"%PDF-1.4\n" + b"%\n" * 3_000_000


KINDS: tuple[Callable[[], bytes], ...] = (
    blanks_in_a_date,
    one_code_again_and_again,
    as_often_as_may_be,
    codes_nobody_knows,
    as_many_as_may_be,
    headings_again_and_again,
    wide_rows,
    number_without_end,
    long_number,
    old_font,
    as_much_old_font_as_may_be,
    a_far_cell,
    long_texts_in_every_cell,
    zip_bomb,
    rows_by_the_million,
    deep_markup,
    sheets_by_the_thousand,
    old_format_in_circles,
    word_of_many_tags,
    pdf_without_end,
)


def name_of(kind: Callable[[], bytes], content: bytes) -> str:
    """What such a file calls itself."""
    if content.startswith(b"%PDF"):
        return "bao-cao.pdf"
    if kind is word_of_many_tags:
        return "bao-cao.docx"
    if content.startswith(b"PK"):
        return "bieu.xlsx"
    return "bieu.xls" if content.startswith(b"\xd0") else "bieu.csv"


def in_a_mail(head: str, name: str, content: bytes) -> bytes:
    """A mail with that head and one file, in base64."""
    lines = base64.encodebytes(content).replace(b"\n", b"\r\n")
    part = f'--b\r\nContent-Type: application/octet-stream; name="{name}"\r\n'
    part += "Content-Transfer-Encoding: base64\r\n\r\n"
    head += "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    return (head + part).encode() + lines + b"--b--\r\n"
