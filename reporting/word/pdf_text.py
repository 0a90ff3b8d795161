"""The text of a PDF, read by ``pdftotext`` (poppler) as far as the machine has it. A scan has none."""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from reporting.vietnamese.text import nfc

_LONGEST = 60.0  # seconds
_MOST = 8 * 2**20  # bytes of text
_HEAD_PAGES, _HEAD_LONGEST, _HEAD_MOST = 1, 10.0, 4000  # pages, seconds, letters


@dataclass(frozen=True)
class PdfText:
    """The words of a PDF (empty for a scan) and how many pages it has."""

    words: str
    pages: int


def read_pdf(content: bytes, *, last_page: int = 0, longest: float = _LONGEST) -> PdfText | str:
    """What a PDF says, or in words why that is not known. ``last_page``: 0 for all of them."""
    program = shutil.which("pdftotext")
    if program is None:
        return "máy không có pdftotext (poppler-utils) để đọc bản ký"
    with tempfile.TemporaryDirectory(prefix="kybaocao-ky-", ignore_cleanup_errors=True) as name:
        source, text = Path(name) / "ky.pdf", Path(name) / "ky.txt"
        source.write_bytes(content)
        command = [program, "-enc", "UTF-8", "-l", str(last_page), str(source), str(text)]
        try:
            ran = subprocess.run(command, capture_output=True, timeout=longest, check=False)  # noqa: S603
        except (subprocess.TimeoutExpired, OSError):
            return "pdftotext không đọc xong bản ký"
        if ran.returncode or not text.is_file():
            return "pdftotext không mở được bản ký (hỏng hoặc có mật khẩu)"
        with text.open("rb") as file:
            words = file.read(_MOST).decode("utf-8", errors="replace")
    return PdfText(nfc(words), words.count("\f"))


def first_words(content: bytes) -> str:
    """The words with which a PDF begins; empty for a scan and for what cannot be read.

    For a limited process: poppler inherits its limits, and ends before it is given up.
    """
    paper = read_pdf(content, last_page=_HEAD_PAGES, longest=_HEAD_LONGEST)
    return "" if isinstance(paper, str) else paper.words[:_HEAD_MOST]
