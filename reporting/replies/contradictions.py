"""A reply whose signs name another unit than the one a person gives it to: what that would do, and why.

Figures and document of one department must not become another's by a single key (PRACTICE P9). Taken
all the same, the reply brings its form and nothing of the sender's letter: a number and date are the
person's, who has seen the signed paper.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.home.context import Context
from reporting.mail.parse import ParsedMail
from reporting.programme.lineage import mark_of, spoken_for
from reporting.programme.model import CycleDefinition
from reporting.programme.units import answering_rows
from reporting.replies.reading.documents import document_in, strange_places
from reporting.replies.reading.kept_files import ReplyFile
from reporting.replies.signs import Sign, sender_of, token_signs
from reporting.store.tables import Cycle, RawReply, UnitRow


class NeedsReason(BadInput):
    """The reply's own signs speak against what a person wants, and no reason was given."""


def signs_against(
    context: Context,
    session: Session,
    mail: ParsedMail | None,
    files: Sequence[ReplyFile],
    cycle: Cycle,
    unit: UnitRow,
) -> list[Sign]:
    """The signs of a reply that name other units than that one, and none that it answers for."""
    programme = context.programme
    definition = programme.cycle(cycle.name)
    tokens = [file.token for file in files if file.token is not None]
    signs = token_signs(session, programme, context.home.secret_key, mail, tokens)
    sender = sender_of(session, programme, mail, context.settings.authserv_id, definition)
    own = {mark_of(cycle.period_end, unit)}
    own |= set(spoken_for(programme, definition, (unit.code, unit.valid_from)))
    against = [sign for sign in signs if sign.unit not in own]
    if sender.signs and not own & {sign.unit for sign in sender.signs}:
        against = [*(sender.signs[:1] if sender.is_of_one else sender.signs), *against]
    against += _of_paper(context, session, mail, files, cycle, unit)
    return list(dict.fromkeys(against))


def _of_paper(
    context: Context,
    session: Session,
    mail: ParsedMail | None,
    files: Sequence[ReplyFile],
    cycle: Cycle,
    unit: UnitRow,
) -> list[Sign]:
    """What the text of the signed PDF says of whose it is, where that is not the unit."""
    details = document_in(session, mail, files)
    places = strange_places(context.programme, unit, files, details)
    units = answering_rows(session, context.programme, context.programme.cycle(cycle.name))
    return [Sign("chữ trong bản ký", mark, None) for mark, row in units.items() if row.name in places]


def ask_for_reason(
    context: Context,
    session: Session,
    reply: RawReply,
    files: Sequence[ReplyFile],
    cycle: Cycle,
    unit: UnitRow,
    against: Sequence[Sign],
    why: str | None,
) -> None:
    """Raises NeedsReason, with what would happen, when signs speak against the unit and nobody said why."""
    if not against or why is not None:
        return
    names = _names(context, session, context.programme.cycle(cycle.name))
    named = "; ".join(dict.fromkeys(f"{sign.seen_in}: {names.get(sign.unit, sign.unit)}" for sign in against))
    others = ", ".join(dict.fromkeys(names.get(sign.unit, sign.unit) for sign in against))
    figures = "số liệu trong biểu được tính" if any(file.form for file in files) else "văn bản được ghi"
    raise NeedsReason(
        f"Thư đến {reply.id} có dấu hiệu của đơn vị khác ({named}). Nếu vẫn giao: {figures} cho {unit.name}; "
        f"số, ngày văn bản chỉ lấy theo --number, --date; {others} không còn thư này chờ xử lý và lại được "
        "nhắc. Chắc chắn thì ghi lý do bằng --why."
    )


def refuse_strange_form(
    context: Context, session: Session, files: Sequence[ReplyFile], cycle: Cycle, unit: UnitRow
) -> None:
    """A form made for another unit or cycle is never counted for this one; the ways out are named."""
    own = (cycle.programme, cycle.name, mark_of(cycle.period_end, unit))
    for file in files:
        token = file.form.token if file.form is not None else None
        if token is None or token.key == own:
            continue
        is_own = token.programme == cycle.programme  # a code is another unit's elsewhere
        names = _names(context, session, context.programme.cycle(cycle.name)) if is_own else {}
        raise BadInput(
            f"{file.attachment.file_name} là biểu của {names.get(token.unit, token.unit)}, kỳ {token.cycle}, "
            f"chương trình {token.programme}: "
            f"không nhận cho {unit.name}, kỳ {cycle.name}. Đề nghị Sở điền biểu của kỳ này ('kybaocao form "
            f"{cycle.name} {unit.code} -o bieu.xlsx') hoặc chép số liệu sang biểu đó rồi ghi bằng "
            f"'kybaocao record {cycle.name} {unit.code} --values bieu.xlsx'; biểu gửi nhầm thì loại bằng "
            "'kybaocao quarantine reject'."
        )


def _names(context: Context, session: Session, cycle: CycleDefinition) -> dict[str, str]:
    return {mark: row.name for mark, row in answering_rows(session, context.programme, cycle).items()}
