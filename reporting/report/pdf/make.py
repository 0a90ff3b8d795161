"""``bao-cao.pdf`` from the finished Word file: LibreOffice when found, else Typst, else a clear note."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reporting.report.pdf.blocks import read_blocks, unread
from reporting.report.pdf.libreoffice import OfficeFailed, find_office, office_pdf, producer
from reporting.word.read_controls import without_controls

if TYPE_CHECKING:
    import typst

_PAPER = Path(__file__).with_name("paper.typ")
# Where Linux systems keep fonts that are as wide as Times New Roman; the wheel's own come last.
_FONT_FOLDERS = tuple(
    Path("/usr/share/fonts") / folder
    for folder in (
        "truetype/liberation2",
        "liberation-serif",
        "liberation-serif-fonts",
        "truetype/liberation",
    )
)
_FACE = re.compile(rb"/BaseFont\s*/(?:[A-Z]{6}\+)?([\w-]+)")
_RIGHT_FACES = frozenset({"LiberationSerif", "TimesNewRoman", "TimesNewRomanPSMT", "TimesNewRomanPS"})
_FONTS = ("Liberation Serif", "Libertinus Serif")


@dataclass(frozen=True)
class Pdf:
    """A PDF and what made it; without content the note says why there is none."""

    content: bytes | None
    engine: str | None
    note: str | None = None  # what a person should know of it, in Vietnamese


def make_pdf(document: bytes, *, title: str, made_on: date) -> Pdf:
    """The PDF of a finished .docx. It never raises for want of a program or a font."""
    document = without_controls(document)
    program, note = find_office(), "không có LibreOffice trên máy"
    if program is not None:
        try:
            content = office_pdf(program, document)
            return Pdf(content, producer(content), strange_faces(content))
        except OfficeFailed as error:
            note = str(error)
        except OSError as error:  # no room for its files
            note = f"không ghi được tệp tạm cho LibreOffice ({error.strerror})"
    try:
        content, font = typst_pdf(document, title=title, made_on=made_on)
    except Exception as error:  # a report in Word without its PDF is better than none
        return Pdf(
            None, None, f"{note}; Typst cũng không tạo được PDF ({str(error)[:200]}): chỉ có bản Word."
        )
    lost = unread(document)
    without = f"; không có trong PDF: {', '.join(lost)}" if lost else ""
    return Pdf(
        content,
        f"Typst {version('typst')}, {font}",
        f"{note}: bao-cao.pdf do Typst dàn trang (đủ nội dung, cách ngắt trang khác bản Word{without}).",
    )


def strange_faces(content: bytes) -> str | None:
    """A note when LibreOffice had not the letters it should and took others."""
    faces = {match[1].decode().partition("-")[0] for match in _FACE.finditer(content)}
    strange = sorted(face for face in faces if face not in _RIGHT_FACES)
    if not strange:
        return None
    return (
        f"bao-cao.pdf dùng phông {', '.join(strange)} thay cho Times New Roman: "
        "hãy cài fonts-liberation2 rồi tổng hợp lại"
    )


def typst_pdf(document: bytes, *, title: str, made_on: date) -> tuple[bytes, str]:
    """The PDF of a Word file by Typst and the font it is in."""
    return typeset(_PAPER, {"title": title, "sections": read_blocks(document)}, made_on=made_on)


def typeset(layout: Path, data: Mapping[str, Any], *, made_on: date) -> tuple[bytes, str]:
    """The PDF that a Typst file makes of data, and its font; PDF/A-2, tagged, no clock in its bytes.

    PDF/A forbids letters that no font holds, so a font without the letters of this very text is
    refused here and the next is tried. Raises RuntimeError when none is left.
    """
    import typst

    stamp = datetime.combine(made_on, time(0), tzinfo=UTC)
    refused = "không có phông chữ"
    for font in _fonts_there():
        try:
            made = _compiler().compile(
                layout.read_bytes(), format="pdf", pdf_standards=["a-2a"], timestamp=stamp,
                sys_inputs={"data": json.dumps({**data, "font": font}, ensure_ascii=False)},
            )  # fmt: skip
        except typst.TypstError as error:
            refused = f"phông {font}: {error}"
            continue
        assert isinstance(made, bytes), "one document"
        return made, font
    raise RuntimeError(refused)


def _fonts_there() -> Iterator[str]:
    import typst

    there = typst.Fonts(include_system_fonts=False, font_paths=_folders()).families()
    return (font for font in _FONTS if font in there)


@cache
def _compiler() -> "typst.Compiler":
    """One compiler: its fonts are loaded once."""
    import typst

    return typst.Compiler(ignore_system_fonts=True, font_paths=_folders())


def _folders() -> list[Path]:
    return [folder for folder in _FONT_FOLDERS if folder.is_dir()]
