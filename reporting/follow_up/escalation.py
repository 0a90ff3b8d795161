"""The letter that asks those who have not reported again: drafted by us, signed and sent by people.

PRACTICE P16: one draft that names the units and the request, with a slip for the leader; a person
registers it as sent. No mail follows from it.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.durable import make_folder, write_durably
from reporting.errors import BadInput
from reporting.follow_up import escalation_letter as papers
from reporting.follow_up.due import owes
from reporting.follow_up.unit_facts import unit_facts
from reporting.home.context import Context, cycle_row
from reporting.programme.model import Programme
from reporting.received.typed_numbers import document_number
from reporting.requests.letter import read_signed_pdf, request_letter
from reporting.states import Channel, CycleState, LetterKind
from reporting.status.cycle import CycleStatus, cycle_status
from reporting.store import audit
from reporting.store.tables import Cycle, Letter
from reporting.vietnamese.formats import short_date, two_digits
from reporting.vietnamese.text import ascii_file_name
from reporting.words import WORDS_OF

CHANNELS = (Channel.EXCHANGE, Channel.EOFFICE, Channel.PAPER, Channel.EMAIL)


def may_escalate(session: Session, programme: Programme, cycle: Cycle) -> bool:
    """Whether the calendar may have the letter drafted: the programme has one, and the cycle none yet."""
    has_letter = papers.has_templates(programme.folder)
    return has_letter and escalation_letter(session, cycle) is None


def escalation_letter(session: Session, cycle: Cycle) -> Letter | None:
    """The cycle's newest one."""
    return session.scalar(
        select(Letter)
        .where(Letter.cycle_id == cycle.id, Letter.kind == LetterKind.ESCALATION)
        .order_by(Letter.id.desc())
        .limit(1)
    )


def draft_escalation(
    context: Context, session: Session, status: CycleStatus, codes: Sequence[str]
) -> list[Path]:
    """Write letter and slip for the units with these codes; a draft that was there is kept beside.

    The files lie in the folder of the request letter. Raises BadInput for a broken template.
    """
    assert status.row is not None
    folder = context.home.path / "letters" / context.programme.id / status.row.name
    make_folder(folder)
    request = request_letter(session, status.row)
    named = [unit for unit in status.units if unit.unit.code in codes]
    made = papers.draft(
        context.programme,
        status,
        named,
        request=(request.number, request.signed_on)
        if request and request.number and request.signed_on
        else None,
        today=context.today,
    )
    files = []
    for name, content in made.items():
        file = folder / name
        if file.exists() and file.read_bytes() != content:  # somebody may be editing it
            file = file.with_stem(f"{file.stem}-{context.today.isoformat()}")
        write_durably(file, content)
        files.append(file)
    letter = escalation_letter(session, status.row)
    if letter is None or letter.registered_on is not None:
        letter = Letter(cycle_id=status.row.id, kind=LetterKind.ESCALATION, recorded_at=context.now)
        session.add(letter)
    letter.drafted_on, letter.draft_file, letter.units = context.today, files[0].name, list(codes)
    audit.record(
        session,
        context.now,
        audit.SYSTEM,
        "dự thảo công văn đôn đốc",
        cycle=status.row,
        detail=", ".join(unit.unit.name for unit in named),
    )
    return files


def draft_now(context: Context, session: Session, name: str) -> list[Path]:
    """Draft it because a person asks: whoever owes the report today is named.

    Nobody whose own due date is not over, who promised a day to come, or of whom something waits here.

    Raises BadInput when the cycle is not open, its programme has no such letter or nobody owes.
    """
    cycle = _open_cycle(context, session, name)
    if not papers.has_templates(context.programme.folder):
        names = ", ".join(papers.TEMPLATES)
        raise BadInput(f"Chương trình {context.programme.id} không có mẫu công văn đôn đốc ({names}).")
    status = cycle_status(session, context.programme, cycle.name, as_of=context.today)
    facts = {unit.code: unit for unit in unit_facts(context, session, cycle, status)}
    codes = [
        unit.unit.code
        for unit in status.missing
        if unit.unit.has_mail and unit.unit.code in facts and owes(facts[unit.unit.code], context.today)
    ]
    if not codes:
        raise BadInput(f"Kỳ {name} không còn đơn vị nào phải đôn đốc.")
    return draft_escalation(context, session, status, codes)


def register_escalation(
    context: Context,
    session: Session,
    name: str,
    *,
    number: str,
    signed_on: date,
    channel: str,
    by: str,
    file: Path | None = None,
) -> Letter:
    """Write down that the signed letter went out. The same once more changes nothing.

    Raises BadInput without a draft, for another number than the registered one, an unknown way of
    sending, a day that cannot be, or a file that is no PDF.
    """
    number = document_number(number)
    cycle = _open_cycle(context, session, name)
    letter = escalation_letter(session, cycle)
    if letter is None:
        raise BadInput(f"Kỳ {name} chưa có dự thảo công văn đôn đốc: hãy chạy 'kybaocao escalate {name}'.")
    if letter.registered_on is not None:
        if (letter.number, letter.signed_on) == (number, signed_on):
            return letter
        raise BadInput(
            f"Kỳ {name} đã đăng ký công văn đôn đốc số {letter.number}; muốn gửi văn bản khác, hãy dự thảo "
            f"lại bằng 'kybaocao escalate {name}' rồi đăng ký."
        )
    if channel not in CHANNELS:
        raise BadInput(f"Cách gửi '{channel}' không có; chọn {', '.join(CHANNELS)}.")
    drafted_on = letter.drafted_on or cycle.open_on
    if not drafted_on <= signed_on <= context.today:
        raise BadInput(
            f"Ngày ký {short_date(signed_on)} phải từ ngày dự thảo {short_date(drafted_on)} đến hôm nay "
            f"({short_date(context.today)})."
        )
    if file is not None:
        letter.file_sha256 = context.home.keep(session, read_signed_pdf(file), context.now)
        letter.file_name = ascii_file_name(f"cong-van-don-doc-{number.replace('/', '-')}.pdf")
    letter.number, letter.signed_on, letter.channel = number, signed_on, channel
    letter.registered_on, letter.registered_by = context.today, by
    audit.record(
        session,
        context.now,
        by,
        "ghi nhận công văn đôn đốc đã gửi",
        cycle=cycle,
        detail=f"số {letter.number} ngày {short_date(signed_on)}, {WORDS_OF[Channel][channel]}",
    )
    return letter


def in_words(letter: Letter, status: CycleStatus) -> str:
    """Where the letter stands, and how many of those it names have reported since."""
    codes = set(letter.units or ())
    left = sum(unit.unit.code in codes and not unit.is_reported for unit in status.units)
    named = f"nêu {two_digits(len(codes))} đơn vị, nay còn {two_digits(left)} chưa báo cáo"
    if letter.registered_on is None:
        when = short_date(letter.drafted_on) if letter.drafted_on else ""
        return f"công văn đôn đốc {status.cycle.title}: dự thảo {when}, {named}, chờ ký và ghi nhận đã gửi"
    when = short_date(letter.signed_on) if letter.signed_on else ""
    way = WORDS_OF[Channel].get(letter.channel or "", "")
    return f"công văn đôn đốc số {letter.number} ngày {when} ({way}), {named}"


def _open_cycle(context: Context, session: Session, name: str) -> Cycle:
    cycle = cycle_row(session, context.programme, name)
    if cycle.state is not CycleState.OPEN:
        raise BadInput(f"Kỳ {name} không trong thời gian mở, không có công văn đôn đốc.")
    return cycle
