"""Where the text of a signed PDF contradicts what came with it: the paper prevails, a person looks."""

from collections.abc import Iterator, Sequence
from datetime import date

from reporting.programme.model import Programme
from reporting.replies.reading.documents import DocumentDetails, signed_paper, strange_places
from reporting.replies.reading.kept_files import ReplyFile
from reporting.store.tables import UnitRow
from reporting.vietnamese.text import fold

_MOST_NAMED = 3


def doubts_of_paper(
    programme: Programme,
    unit: UnitRow | None,
    parts: Sequence[ReplyFile],
    details: DocumentDetails | None,
) -> list[str]:
    """Why the signed PDF of a reply may be another paper, one line each; nothing where it has no text."""
    paper = signed_paper(parts, details)
    if paper is None:
        return []
    name, head = paper.attachment.file_name, paper.head
    reasons = []
    for number, dated in _stated(parts, details):
        if number is not None and head.number is not None and fold(number) != fold(head.number):
            reasons.append(f"bản ký {name} ghi số {head.number}, biểu hoặc thư ghi số {number}")
        elif dated is not None and head.dated is not None and dated != head.dated:
            reasons.append(
                f"bản ký {name} ghi ngày {head.dated:%d/%m/%Y}, biểu hoặc thư ghi ngày {dated:%d/%m/%Y}"
            )
    if unit is not None and (places := strange_places(programme, unit, parts, details)):
        named = ", ".join(places[:_MOST_NAMED])
        reasons.append(f"bản ký {name} là văn bản của {named}, không thấy tên {unit.name}")
    return list(dict.fromkeys(reasons))


def _stated(
    parts: Sequence[ReplyFile], details: DocumentDetails | None
) -> Iterator[tuple[str | None, date | None]]:
    """Number and date as each form says them, whole or not, and as they would be taken."""
    for part in parts:
        if part.form is not None:
            yield part.form.document_number, part.form.document_date
    if details is not None:
        yield details.number, details.dated
