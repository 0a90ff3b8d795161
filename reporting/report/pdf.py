"""``bao-cao.pdf`` from the finished Word file: LibreOffice when found, else Typst, else a clear note."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from reporting.report.blocks import read_blocks, unread
from reporting.report.controls import without_controls
from reporting.report.office import OfficeFailed, find_office, office_pdf, producer

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
            return Pdf(content, producer(content))
        except OfficeFailed as error:
            note = str(error)
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


def typst_pdf(document: bytes, *, title: str, made_on: date) -> tuple[bytes, str]:
    """The PDF by Typst and the font it is in; PDF/A-2, tagged, the same bytes for the same file.

    PDF/A forbids letters that no font holds, so a font without the letters of this very text is
    refused here and the next is tried.
    """
    import typst

    stamp = datetime.combine(made_on, time(0), tzinfo=UTC)
    sections = read_blocks(document)
    refused = "không có phông chữ"
    for font in _fonts_there():
        data = json.dumps({"title": title, "font": font, "sections": sections}, ensure_ascii=False)
        try:
            made = _compiler().compile(
                _PAPER.read_bytes(), format="pdf", sys_inputs={"data": data}, pdf_standards=["a-2a"],
                timestamp=stamp,
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
