"""An answer at once to a mail that brings no report yet: what came, what is missing, what to do.

The mail itself waits for a person as before. The words are the programme's (``answer.txt.j2``); here is
told only which of them hold. Nothing a stranger could have put into a mail goes back to an address that
only its From names.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from sqlalchemy.orm import Session

from reporting.home.context import Context
from reporting.mail.outbox import queueing
from reporting.mail.parse import ParsedMail
from reporting.programme.lineage import mark_of
from reporting.programme.units import answering_rows, rows_before
from reporting.received import submissions
from reporting.replies.answering.whom import registered_sender
from reporting.replies.reading.documents import DocumentDetails
from reporting.replies.reading.kept_files import ReplyFile
from reporting.replies.reading.papers import Lack, lacking
from reporting.replies.reasons_to_wait.own_words import why_no_report
from reporting.replies.receipts import may_answer
from reporting.requests.forms import attachment, form_for
from reporting.states import CycleState, FileRole, MessageKind
from reporting.store.tables import Cycle, RawReply, UnitRow
from reporting.vietnamese.text import ascii_file_name

ASKED = "đã có thư trả lời người gửi, nêu phần còn thiếu"
PASSED_ON = "đã có thư báo người gửi là Văn phòng sẽ xem và trả lời"
_NUMBERS = re.compile(r"(?<![\d/.,-])\d{1,9}(?:[.,]\d{1,3})?(?![\d/-])")
_FEWEST_FIGURES = 5  # numbers in a text without files that make it one with figures
_LOOKED_AT = 20_000  # characters of a text


class Came(StrEnum):
    """What a mail brought."""

    FORM = "form"
    PAPER = "paper"  # a PDF
    WORD = "word"
    PHOTO = "photo"
    BLANK = "blank"  # our own form, not filled in
    UNREADABLE = "unreadable"
    OTHER = "other"
    FIGURES = "figures"  # in the text of the mail
    WORDS = "words"


class Ask(StrEnum):
    """What its sender can do."""

    OWN_FORM = "own_form"  # the form was another unit's or another cycle's
    FILL = "fill"  # figures belong into the form
    AGAIN = "again"  # a file could not be read
    DOCUMENT = "document"
    NUMBER = "number"  # and date of the document


_OF_ROLE = {
    FileRole.DOCUMENT: Came.PAPER,
    FileRole.WORD: Came.WORD,
    FileRole.PHOTO: Came.PHOTO,
    FileRole.OURS: Came.BLANK,
}


def answer_no_report(
    context: Context,
    session: Session,
    reply: RawReply,
    cycle: Cycle | None,
    mail: ParsedMail | None,
    parts: Sequence[ReplyFile],
    details: DocumentDetails | None,
) -> str | None:
    """Queue the answer to a mail that waits, and say so; None where nobody is to be answered, or has been.

    ``details``: what it says of its document.
    """
    if not context.programme.answers_every_mail or cycle is None or mail is None:
        return None
    known = registered_sender(context, session, reply, mail)
    if known is None:
        return None
    unit, contact = known
    if not takes_part(context, session, cycle, unit) or not may_answer(context, session, reply, cycle, unit):
        return None
    came = what_came(mail, parts)
    asks = []
    if came != [Came.WORDS] and why_no_report(mail) is None:  # else a person answers
        asks = what_to_do(session, cycle, unit, came, parts, details)
    papers = []
    if {Ask.FILL, Ask.OWN_FORM} & set(asks) and cycle.state is CycleState.OPEN:
        name = ascii_file_name(f"bieu-{cycle.name}-{unit.name}.xlsx")
        papers = [attachment(context, session, form_for(context, session, cycle, unit), name)]
    facts = {
        "received_on": reply.received_on.isoformat(),
        "came": [str(one) for one in came],
        "arrived": [part.attachment.file_name for part in parts if part.is_content]
        if reply.is_proved
        else [],
        "asks": [str(ask) for ask in asks],
        "attachments": papers,
    }
    if not queue_answer(context, session, reply, cycle, unit, contact.email, facts, sequence=1):
        return None
    return ASKED if asks else PASSED_ON


def takes_part(context: Context, session: Session, cycle: Cycle, unit: UnitRow) -> bool:
    """Whether a unit answers in a cycle, for itself or for older ones."""
    rows = answering_rows(session, context.programme, context.programme.cycle(cycle.name))
    return any(row.id == unit.id for row in rows.values())


def queue_answer(
    context: Context,
    session: Session,
    reply: RawReply,
    cycle: Cycle,
    unit: UnitRow,
    recipient: str,
    facts: Mapping[str, object],
    *,
    sequence: int,
) -> bool:
    """Queue one answer to a mail; ``sequence`` 1 is the machine's own, 2 a person's words."""
    message = queueing.queue(
        context,
        session,
        cycle,
        unit,
        MessageKind.ANSWER,
        sequence,
        recipient,
        in_reply_to=reply.message_id,
        reply=reply,
        facts=facts,
    )
    return message is not None


def what_came(mail: ParsedMail, parts: Sequence[ReplyFile]) -> list[Came]:
    """What a mail brought, each kind once."""
    came = [
        Came.FORM
        if part.form is not None
        else Came.UNREADABLE
        if part.unreadable
        else _OF_ROLE.get(FileRole(part.attachment.role), Came.OTHER)
        for part in parts
        if part.is_content or part.attachment.role == FileRole.OURS
    ]
    if not came:
        has_figures = len(_NUMBERS.findall(mail.own_text[:_LOOKED_AT])) >= _FEWEST_FIGURES
        came = [Came.FIGURES if has_figures else Came.WORDS]
    return list(dict.fromkeys(came))


def what_to_do(
    session: Session,
    cycle: Cycle,
    unit: UnitRow,
    came: Sequence[Came],
    parts: Sequence[ReplyFile],
    details: DocumentDetails | None,
) -> list[Ask]:
    """What the sender can do for its report to count; nothing where a person has to look first."""
    own = {
        (cycle.programme, cycle.name, mark_of(cycle.period_end, row))
        for row in (unit, *rows_before(session, unit))  # of a unit merged into it, too
    }
    tokens = [part.token for part in parts if part.form is not None and part.token is not None]
    is_strange = bool(tokens) and all(token.key not in own for token in tokens)
    lacks = lacking(session, cycle, unit, None)
    has_own = Came.FORM in came and not is_strange
    asks = [Ask.OWN_FORM] if is_strange else []
    if Came.UNREADABLE in came or Came.OTHER in came:
        asks.append(Ask.AGAIN)
    if Lack.FIGURES in lacks and not is_strange and not has_own:
        asks.append(Ask.FILL)
    if Came.PAPER in came:
        has_number = details is not None or submissions.has_document(session, cycle, unit)
        asks += [] if has_number else [Ask.NUMBER]
    elif Lack.DOCUMENT in lacks and Came.PHOTO not in came:  # whether that shows it a person sees
        asks.append(Ask.DOCUMENT)
    return asks
