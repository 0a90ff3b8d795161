"""Where the parts of one reply contradict each other."""

from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy.orm import Session

from reporting.forms.model import FilledForm
from reporting.mail.parse import ParsedMail
from reporting.replies.reading.documents import DocumentDetails, our_numbers, stated_documents
from reporting.replies.reading.kept_files import ReplyFile

_MOST_NAMED = 5


def disagreements(session: Session, mail: ParsedMail | None, parts: Sequence[ReplyFile]) -> list[str]:
    """Where the parts of one reply contradict each other, so that a person has to look.

    Two forms that say different things; a form whose number or date is not that of the document
    which the mail speaks of (PRACTICE P13: the signed one prevails).
    """
    forms = [(part.attachment.file_name, part.form) for part in parts if part.form is not None]
    reasons = []
    for (name, first), (other_name, other) in pairwise(forms):
        if codes := _differing(first, other):
            reasons.append(f"biểu {name} và biểu {other_name} khác nhau ở: {codes}")
    for name, form in forms:
        if form.document_number is None or form.document_date is None or mail is None:
            continue
        own = DocumentDetails(form.document_number, form.document_date)
        for stated in stated_documents(mail, our_numbers(session)):
            if _symbol(stated.number) == _symbol(own.number) and stated != own:
                reasons.append(
                    f"biểu {name} ghi văn bản số {own.number} ngày {own.dated:%d/%m/%Y}, thư ghi số "
                    f"{stated.number} ngày {stated.dated:%d/%m/%Y}: cần đối chiếu với bản ký"
                )
                break
    return reasons


def _differing(first: FilledForm, other: FilledForm) -> str:
    """The codes at which two forms say different things, the first few of them."""
    named = [
        *(["mã biểu"] if first.token != other.token else []),
        *(
            ["số, ngày văn bản"]
            if (first.document_number, first.document_date) != (other.document_number, other.document_date)
            else []
        ),
        *sorted(
            code
            for code in first.cells.keys() | other.cells.keys()
            if _answer(first, code) != _answer(other, code)
        ),
    ]
    return ", ".join(named[:_MOST_NAMED]) + (" …" if len(named) > _MOST_NAMED else "")


def _answer(form: FilledForm, code: str) -> object:
    cell = form.cells.get(code)
    return None if cell is None else (cell.kind, cell.number, cell.text)


def _symbol(number: str) -> str:
    """Who issued it: what stands behind the number itself, BC-SLĐTBXH."""
    return number.partition("/")[2].upper()
