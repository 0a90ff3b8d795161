"""The originals that name an address: what others sent or got stays byte for byte, and is told."""

from collections.abc import Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.home.folder import Home
from reporting.progress_bar import track
from reporting.store.engine import reading
from reporting.store.tables import Attachment, Blob, Message, RawReply
from reporting.upkeep.naming import is_named_in


def originals_naming(home: Home, address: str) -> Iterator[tuple[str, bool | None]]:
    """The originals in which an address stands, by hash; None with those that could not be looked into."""
    with reading(home.engine) as session:
        kept = session.scalars(
            select(Blob.sha256).where(Blob.erased_at.is_(None)).order_by(Blob.sha256)
        ).all()
    for sha256 in track(kept, "Tìm trong bản gốc"):
        is_named = is_named_in(home.original(sha256), address)
        if is_named is not False:
            yield sha256, is_named


def describe_kept(session: Session, named: Mapping[str, bool | None]) -> Iterator[str]:
    """A line for each of them that was not erased: whose it is, and why it stays."""
    query = select(Blob.sha256).where(Blob.sha256.in_(named), Blob.erased_at.is_(None))
    for sha256 in session.scalars(query.order_by(Blob.sha256)):
        sure = "" if named[sha256] else " (không xem được bên trong, có thể có)"
        yield f"{_whose(session, sha256)}{sure}: bản gốc giữ nguyên từng byte"


def _whose(session: Session, sha256: str) -> str:
    whole = session.scalars(select(RawReply.id).where(RawReply.raw_sha256 == sha256)).all()
    if whole:
        return f"thư đến {', '.join(map(str, whole))} của người khác, là hồ sơ của cơ quan"
    parts = session.scalars(
        select(Attachment.reply_id).where(Attachment.blob_sha256 == sha256).distinct()
    ).all()
    if parts:
        return f"biểu, văn bản kèm thư đến {', '.join(map(str, parts))}, là hồ sơ của cơ quan"
    ours = session.scalars(select(Message.id).where(Message.raw_sha256 == sha256)).all()
    if ours:
        return f"thư đi {', '.join(map(str, ours))} đến người khác"
    return f"tệp {sha256[:12]}… của cơ quan"
