"""The request letter of a cycle: what is on file of it."""

from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.states import LetterKind
from reporting.store.tables import Cycle, Letter


def request_letter(session: Session, cycle: Cycle) -> Letter | None:
    return session.scalar(
        select(Letter).where(Letter.cycle_id == cycle.id, Letter.kind == LetterKind.REQUEST)
    )


def read_signed_pdf(file: Path) -> bytes:
    """A signed paper's file. Raises BadInput when it cannot be read or is no PDF."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadInput(f"Không đọc được tệp {file}: {error.strerror}.") from error
    if not content.startswith(b"%PDF-"):
        raise BadInput(f"Tệp {file.name} không phải là PDF: cần bản đã ký, định dạng PDF.")
    return content


def letter_reference(letter: Letter | None) -> dict[str, str | None]:
    """Number and date of the request letter, for the templates."""
    return {
        "letter_number": letter.number if letter else None,
        "letter_signed_on": letter.signed_on.isoformat() if letter and letter.signed_on else None,
    }


def request_date(session: Session, cycle: Cycle) -> date | None:
    """The date of the signed request letter; None before it is registered."""
    return session.scalar(
        select(Letter.signed_on).where(
            Letter.cycle_id == cycle.id, Letter.kind == LetterKind.REQUEST, Letter.signed_on.is_not(None)
        )
    )
