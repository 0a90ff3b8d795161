"""Every reply has one fate, every version of figures its file."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.states import ReplyState
from reporting.store.tables import Attachment, Document, RawReply, ReplyStep, Submission, UnitRow
from reporting.words import in_words

# The arrows between states of a reply (docs/developing.md).
_STORED, _PROCESSED, _IGNORED = ReplyState.STORED, ReplyState.PROCESSED, ReplyState.IGNORED
_QUARANTINED, _REJECTED = ReplyState.QUARANTINED, ReplyState.REJECTED
NEXT: Mapping[ReplyState, tuple[ReplyState, ...]] = {
    _STORED: (_PROCESSED, _QUARANTINED, _IGNORED),
    _QUARANTINED: (_PROCESSED, _IGNORED, _REJECTED, _STORED),
    _PROCESSED: (_QUARANTINED,),
    _IGNORED: (),
    _REJECTED: (),
}


def wrong_fates(session: Session) -> Iterator[str]:
    """A line for each reply whose state, steps and what it brought do not tell one story."""
    steps: dict[int, list[ReplyState]] = defaultdict(list)
    for number, state in session.execute(
        select(ReplyStep.reply_id, ReplyStep.state).order_by(ReplyStep.reply_id, ReplyStep.id)
    ):
        steps[number].append(state)
    brought = _standing(session)
    for number, state in session.execute(select(RawReply.id, RawReply.state).order_by(RawReply.id)):
        way = [_STORED, *steps.get(number, [])]
        if way[-1] is not state:
            yield f"thư đến {number}: {in_words(state)}, khác bước cuối cùng được ghi ({in_words(way[-1])})"
        for before, after in pairwise(way):
            if after not in NEXT[before]:
                yield f"thư đến {number}: không thể đi từ “{in_words(before)}” sang “{in_words(after)}”"
        places = brought.get(number, [])
        if (state is _PROCESSED) != bool(places):
            count = len(places)
            yield f"thư đến {number}: {in_words(state)} nhưng có {count} văn bản, bản số liệu đang tính"
        if len(set(places)) > 1:
            yield f"thư đến {number}: được tính cho {len(set(places))} đơn vị hoặc kỳ khác nhau"


def _standing(session: Session) -> dict[int, list[tuple[int, int]]]:
    """Cycle and unit of each document and version that a reply brought and nobody has undone."""
    brought: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for table in (Document, Submission):
        query = select(table.reply_id, table.cycle_id, table.unit_id).where(table.undone_at.is_(None))
        for number, cycle, unit in session.execute(query):
            if number is not None:
                brought[number].append((cycle, unit))
    return brought


def wrong_versions(session: Session) -> Iterator[str]:
    """A line for each version of figures without its own file, and for each gap in the versions."""
    versions: dict[tuple[int, int], list[int]] = defaultdict(list)
    names = {number: name for number, name in session.execute(select(UnitRow.id, UnitRow.name))}
    rows = session.execute(
        select(Submission, Attachment)
        .outerjoin(Attachment, Attachment.id == Submission.attachment_id)
        .order_by(Submission.id)
    ).tuples()
    for version, file in rows:
        its = f"bản số liệu {version.version} của {names[version.unit_id]} (mã {version.id})"
        if file is None:
            yield f"{its}: không có tệp"
        elif file.reply_id != version.reply_id:
            yield f"{its}: tệp thuộc thư đến {file.reply_id}, không phải {version.reply_id}"
        elif file.blob_sha256 != version.form_sha256:
            yield f"{its}: mã SHA-256 khác với tệp của nó"
        versions[version.cycle_id, version.unit_id].append(version.version)
    for (_, unit), numbers in versions.items():
        yield from _gaps(names[unit], sorted(numbers))


def _gaps(name: str, numbers: Sequence[int]) -> Iterator[str]:
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"{name}: các bản số liệu không đánh số liền nhau ({', '.join(map(str, numbers))})"
