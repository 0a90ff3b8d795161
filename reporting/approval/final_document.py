"""The Word file that was signed: part III is written, and nothing in it is left open."""

from reporting.errors import BadInput
from reporting.report.annexes.slip import OPINION
from reporting.report.edited.package import paragraphs_of
from reporting.word.unsettled import unsettled_in


def refuse_open_opinion(content: bytes, name: str, *, hint: str) -> None:
    """Part III must have been written. Raises BadInput; ``hint`` is said behind it."""
    if OPINION in words_of(content, name):
        raise BadInput(f"{name}: còn dấu '{OPINION}' ở phần lãnh đạo cho ý kiến.{hint}")


def refuse_left_open(content: bytes, name: str) -> None:
    """Raises BadInput for tracked changes nobody accepted and for comments: not all see the same text."""
    if words := left_open(content, name):
        raise BadInput(
            f"{name}: còn {words}. Hãy xử lý hết trong Word rồi lưu lại; nếu bản này đúng là bản đã ký, "
            "thêm --with-changes."
        )


def left_open(content: bytes, name: str) -> str:
    """Tracked changes and comments that nobody settled, in words. Raises BadInput."""
    try:
        return unsettled_in(content).words
    except BadInput as error:
        raise BadInput(f"{name}: không phải tệp Word (.docx) đọc được.") from error


def words_of(content: bytes, name: str) -> str:
    """What body and notes say, a paragraph a line, changes read as accepted. Raises BadInput."""
    try:
        return "\n".join(paragraph.text for paragraph in paragraphs_of(content, set()))
    except BadInput as error:
        raise BadInput(f"{name}: không phải tệp Word (.docx) đọc được.") from error
