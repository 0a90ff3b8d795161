"""The files of a reply as its attachments: kept, and ours told from theirs."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from reporting.forms.model import FilledForm
from reporting.forms.read import UnreadableForm
from reporting.home.context import Context
from reporting.replies.reading.files import ReadFile, ending_of, read_workbook
from reporting.replies.reading.paper_heads import NO_HEAD, PaperHead, read_head_of_paper
from reporting.states import FileRole
from reporting.store.tables import Attachment, Blob, Letter, Message, RawReply
from reporting.tokens import FormToken

_BESIDE = {".vcf", ".ics", ".p7s", ".asc", ".txt", ".htm", ".html"}  # what mail programs add by themselves


@dataclass(frozen=True)
class ReplyFile:
    """One file of a reply, already kept; ``form`` when it was read as one, else why not."""

    attachment: Attachment
    form: FilledForm | None = None
    unreadable: str | None = None
    our_token: FormToken | None = None  # of a form of ours that came back as it left
    head: PaperHead = NO_HEAD  # what the text of a PDF says of itself

    @property
    def token(self) -> FormToken | None:
        """The mark in the workbook."""
        return self.form.token if self.form is not None else self.our_token

    @property
    def is_content(self) -> bool:
        """Whether it may be what was asked for: no file of ours, no logo, no visiting card."""
        if self.attachment.role in (FileRole.OURS, FileRole.IMAGE, FileRole.BESIDE):
            return False
        return (
            self.attachment.role == FileRole.DOCUMENT or ending_of(self.attachment.file_name) not in _BESIDE
        )


def keep(context: Context, session: Session, reply: RawReply, files: Sequence[ReadFile]) -> list[ReplyFile]:
    """Keep the files of a reply as its attachments."""
    return [_kept(context, session, reply, position, file) for position, file in enumerate(files)]


def _kept(context: Context, session: Session, reply: RawReply, position: int, file: ReadFile) -> ReplyFile:
    # Bytes that are new to us are not ours: only known ones are looked for in what was sent.
    is_known = session.get(Blob, hashlib.sha256(file.content).hexdigest()) is not None
    sha256 = context.home.keep(session, file.content, context.now)
    is_ours = is_known and _we_sent(session, sha256)
    attachment = Attachment(
        reply_id=reply.id,
        position=position,
        file_name=file.name,
        media_type=file.media_type,
        size=len(file.content),
        blob_sha256=sha256,
        role=FileRole.OURS if is_ours else file.role,
    )
    session.add(attachment)
    session.flush()
    if is_ours:
        return ReplyFile(attachment, our_token=file.form.token if file.form is not None else None)
    return ReplyFile(attachment, file.form, file.unreadable, head=file.head)


def read_again(context: Context, attachment: Attachment) -> ReplyFile:
    """A kept file with the form in it, or why it cannot be read as one, or what the head of a PDF says."""
    if attachment.role == FileRole.DOCUMENT:
        head = read_head_of_paper(context.home.read(attachment.blob_sha256))
        return ReplyFile(attachment, head=head)
    if attachment.role != FileRole.FORM:
        return ReplyFile(attachment)
    try:
        return ReplyFile(attachment, read_workbook(context, context.home.read(attachment.blob_sha256)))
    except UnreadableForm as error:
        return ReplyFile(attachment, unreadable=str(error))


def _we_sent(session: Session, sha256: str) -> bool:
    """Whether a file is one of our own that came back unchanged: the form, the request letter."""
    in_mail = select(Message.id).where(cast(Message.context, String).contains(sha256)).limit(1)
    letter = select(Letter.id).where(Letter.file_sha256 == sha256).limit(1)
    return session.scalar(in_mail) is not None or session.scalar(letter) is not None
