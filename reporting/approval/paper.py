"""A signed paper as a person brings it, and its files, read once."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from reporting.errors import BadInput
from reporting.requests.letter import read_signed_pdf


@dataclass(frozen=True)
class SignedReport:
    """Number, date and files of a paper; ``final_docx`` is the Word file it was printed from."""

    number: str
    signed_on: date
    signed_pdf: Path
    by: str
    final_docx: Path | None = None
    why: str | None = None
    with_changes: bool = False  # a person says that the Word file is the signed one as it is
    confirm: str | None = None  # why a person lets go what only a person can judge


@dataclass(frozen=True)
class PaperFiles:
    """The bytes that are judged are those that are kept, whatever happens to the files meanwhile."""

    signed: bytes
    document: bytes | None  # the final Word file, where one was given


def read_files(paper: SignedReport) -> PaperFiles:
    """Raises BadInput for a file that cannot be read, or a signed paper that is no PDF."""
    document = None
    if paper.final_docx is not None:
        try:
            document = paper.final_docx.read_bytes()
        except OSError as error:
            raise BadInput(f"Không đọc được tệp {paper.final_docx}: {error.strerror}.") from error
    return PaperFiles(read_signed_pdf(paper.signed_pdf), document)
