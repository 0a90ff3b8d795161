"""The Word file that was signed: part III is written, and nothing in it is left open."""

from pathlib import Path

from reporting.errors import BadInput
from reporting.report.annexes.slip import OPINION
from reporting.word import filling
from reporting.word.unsettled import unsettled_in


def refuse_open_opinion(file: Path, *, hint: str) -> None:
    """Part III must have been written. Raises BadInput; ``hint`` is said behind it."""
    if OPINION in _words_of(file):
        raise BadInput(f"{file.name}: còn dấu '{OPINION}' ở phần lãnh đạo cho ý kiến.{hint}")


def refuse_left_open(file: Path) -> None:
    """Raises BadInput for tracked changes nobody accepted and for comments: not all see the same text."""
    if words := left_open(file):
        raise BadInput(
            f"{file.name}: còn {words}. Hãy xử lý hết trong Word rồi lưu lại; nếu bản này đúng là bản đã ký, "
            "thêm --with-changes."
        )


def left_open(file: Path) -> str:
    """Tracked changes and comments that nobody settled, in words. Raises BadInput."""
    try:
        return unsettled_in(_read(file)).words
    except BadInput as error:
        raise BadInput(f"{file.name}: không phải tệp Word (.docx) đọc được.") from error


def _words_of(file: Path) -> str:
    content = _read(file)
    try:
        return filling.text_of(content)
    except Exception as error:  # whatever a broken package or XML raises
        raise BadInput(f"{file.name}: không phải tệp Word (.docx) đọc được.") from error


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"Không đọc được tệp {file}: {error.strerror}.") from error
