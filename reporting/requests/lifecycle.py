"""The states of a cycle: planning, opening and closing it, and one that was over before this home."""

from datetime import date, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.home.context import Context, stored_cycle
from reporting.outcome import Outcome
from reporting.programme.model import CycleDefinition, Programme
from reporting.received.typed_numbers import document_number
from reporting.requests.attachments import renew
from reporting.requests.letter import draft_request, read_signed_pdf, request_letter
from reporting.requests.queue import Opening, queue_requests
from reporting.requests.right_time import refuse_wrong_time
from reporting.states import CycleState, LetterKind
from reporting.store import audit
from reporting.store.engine import writing
from reporting.store.tables import Cycle, Letter
from reporting.vietnamese.text import ascii_file_name
from reporting.words import in_words

SignedLetter = tuple[Path | None, str | None, date | None, str]  # file, number, day of signing, by whom


def plan_cycle(context: Context, session: Session, name: str) -> Cycle:
    """The stored cycle of that name, planned now if it was not there yet.

    Raises BadInput for an unknown cycle and for a day before its period or before the programme.
    """
    programme = context.programme
    definition = programme.cycle(name)
    row = stored_cycle(session, programme, name)
    if row is not None:
        return row
    _refuse_too_early(context.today, programme, definition)
    row = new_cycle(programme, definition, context.now)
    session.add(row)
    session.flush()
    audit.record(session, context.now, audit.SYSTEM, "lập kỳ báo cáo", cycle=row)
    return row


def new_cycle(programme: Programme, definition: CycleDefinition, now: datetime) -> Cycle:
    """The row of a cycle that is planned, not yet in the store."""
    return Cycle(
        programme=programme.id,
        name=definition.name,
        kind=definition.kind,
        state=CycleState.PLANNED,
        recorded_at=now,
        **_dates(definition),
    )


def _dates(definition: CycleDefinition) -> dict[str, date]:
    names = ("period_start", "period_end", "open_on", "due_on", "grace_until", "close_on")
    return {name: getattr(definition, name) for name in names}


def _refuse_too_early(today: date, programme: Programme, definition: CycleDefinition) -> None:
    if today < programme.valid_from:
        raise BadInput(
            f"Ngày {today:%d/%m/%Y} ở trước khi chương trình bắt đầu ({programme.valid_from:%d/%m/%Y})."
        )
    if today < definition.period_start:
        raise BadInput(
            f"Kỳ {definition.name} bắt đầu ngày {definition.period_start:%d/%m/%Y}, "
            f"chưa lập được vào ngày {today:%d/%m/%Y}."
        )


def plan_by_hand(context: Context, session: Session, name: str) -> Outcome:
    """Plan a cycle ahead of its day and draft its letter; one that needs none opens at once."""
    refuse_wrong_time(context, session, name)
    cycle = plan_cycle(context, session, name)
    if context.programme.letter == "none":
        opening = open_cycle(context, session, cycle, by=audit.SYSTEM)
        without = tuple(f"{unit}: chưa có địa chỉ thư" for unit in opening.without_address)
        return Outcome((f"mở kỳ {name}: {opening.queued} thư yêu cầu",), without)
    file = draft_request(context, session, cycle)
    return Outcome((f"kỳ {name} {in_words(cycle.state)}; dự thảo công văn: {file.name}",))


def past_cycle(
    context: Context, session: Session, name: str, letter: tuple[str, date] | None, *, by: str
) -> Cycle:
    """The stored cycle that is over; one from before this home's time is written down as closed.

    ``letter``: number and date of the signed request, which early reports are told by. Raises BadInput
    for an unknown cycle, one that is not over yet, and a new one without the letter it must have had.
    """
    definition = context.programme.cycle(name)
    row = stored_cycle(session, context.programme, name)
    if row is not None and row.state is CycleState.CLOSED:
        return row
    if (row is not None and row.state is CycleState.OPEN) or context.today <= definition.close_on:
        raise BadInput(f"Kỳ {name} chưa khóa sổ: ghi từng báo cáo bằng 'kybaocao record'.")
    if letter is None and context.programme.letter == "signed":
        raise BadInput(f"Kỳ {name}: cần số và ngày của công văn đề nghị báo cáo.")
    if row is None:
        row = new_cycle(context.programme, definition, context.now)
        session.add(row)
    row.state, row.closed_on = CycleState.CLOSED, definition.close_on
    row.opened_on = letter[1] if letter else definition.open_on
    row.indicators_sha256 = context.programme.indicators_sha256
    session.flush()
    if letter is not None:
        _note_past_letter(context, session, row, letter, by=by)
    audit.record(session, context.now, by, "lập kỳ báo cáo đã qua", cycle=row)
    return row


def _note_past_letter(
    context: Context, session: Session, cycle: Cycle, letter: tuple[str, date], *, by: str
) -> None:
    row = request_letter(session, cycle)  # a draft of it may be there
    if row is None:
        row = Letter(cycle_id=cycle.id, kind=LetterKind.REQUEST, recorded_at=context.now)
        session.add(row)
    row.number, row.signed_on = letter
    row.registered_on, row.registered_by = context.today, by


def follow_calendar(context: Context, session: Session, row: Cycle) -> None:
    """Take over dates that were changed in the calendar while the cycle is planned or open.

    With what waits to be sent: its forms name the due date.
    """
    dates = _dates(context.programme.cycle(row.name))
    changed = [name for name, day in dates.items() if getattr(row, name) != day]
    for name in changed:
        setattr(row, name, dates[name])
    if changed:
        audit.record(
            session,
            context.now,
            audit.SYSTEM,
            "đổi ngày của kỳ báo cáo",
            cycle=row,
            detail=", ".join(changed),
        )
        renew(context, session, row, request_letter(session, row))


def open_or_register(context: Context, cycle: str, letter: SignedLetter) -> list[str]:
    """Plan a cycle and draft its letter, or register the signed one; lines to print."""
    file, number, signed_on, by = letter
    with writing(context.home.engine) as session:
        refuse_wrong_time(context, session, cycle)
        if file is not None and number is not None and signed_on is not None:
            opening = register_letter(
                context, session, cycle, file=file, number=number, signed_on=signed_on, by=by
            )
        else:
            row = plan_cycle(context, session, cycle)
            if context.programme.letter == "signed":
                draft = draft_request(context, session, row)
                return [f"Kỳ {cycle}: {in_words(row.state)}. Dự thảo công văn: {draft}"]
            opening = open_cycle(context, session, row, by=by or audit.SYSTEM)
    return [
        f"Kỳ {cycle} đã mở: {opening.queued} thư yêu cầu đang xếp hàng.",
        *(f"• {name}: chưa có địa chỉ thư" for name in opening.without_address),
    ]


def register_letter(
    context: Context, session: Session, name: str, *, file: Path, number: str, signed_on: date, by: str
) -> Opening:
    """Register the signed letter: the cycle opens and every unit's request is queued.

    Again with the same letter changes nothing; with another one, or with a file that is no PDF,
    raises BadInput.
    """
    number = document_number(number)
    cycle = plan_cycle(context, session, name)
    content = read_signed_pdf(file)
    letter = request_letter(session, cycle)
    _refuse_letter(context, cycle, letter, number, signed_on)
    if letter is None:
        letter = Letter(cycle_id=cycle.id, kind=LetterKind.REQUEST, recorded_at=context.now)
        session.add(letter)
    if letter.number is None:
        letter.number, letter.signed_on = number, signed_on
        letter.file_sha256 = context.home.keep(session, content, context.now)
        letter.file_name = ascii_file_name(f"cong-van-{number.replace('/', '-')}.pdf")
        letter.registered_on, letter.registered_by = context.today, by
        audit.record(
            session,
            context.now,
            by,
            "đăng ký công văn đã ký",
            cycle=cycle,
            detail=f"số {number} ngày {signed_on:%d/%m/%Y}",
        )
    return open_cycle(context, session, cycle, by=by)


def _refuse_letter(
    context: Context, cycle: Cycle, letter: Letter | None, number: str, signed_on: date
) -> None:
    """Raises BadInput for another letter than the registered one, or one that cannot be the cycle's."""
    if letter is not None and letter.number is not None and letter.signed_on is not None:
        if (letter.number, letter.signed_on) != (number, signed_on):
            raise BadInput(
                f"Kỳ {cycle.name} đã đăng ký công văn số {letter.number} ngày {letter.signed_on:%d/%m/%Y}; "
                f"không thay bằng số {number} ngày {signed_on:%d/%m/%Y}."
            )
    if signed_on < cycle.period_start:
        raise BadInput(
            f"Ngày ký {signed_on:%d/%m/%Y} ở trước kỳ {cycle.name} ({cycle.period_start:%d/%m/%Y})."
        )
    if signed_on > context.today:
        raise BadInput(f"Ngày ký {signed_on:%d/%m/%Y} ở sau hôm nay ({context.today:%d/%m/%Y}).")
    if cycle.state is CycleState.CLOSED or context.today > cycle.close_on:
        raise BadInput(f"Kỳ {cycle.name} đã khóa sổ ngày {cycle.closed_on or cycle.close_on:%d/%m/%Y}.")


def open_cycle(context: Context, session: Session, cycle: Cycle, *, by: str) -> Opening:
    """Open a cycle and queue its requests; what is open or queued already stays as it is."""
    if cycle.state is CycleState.PLANNED:
        cycle.state, cycle.opened_on = CycleState.OPEN, context.today
        cycle.indicators_sha256 = context.programme.indicators_sha256
        audit.record(session, context.now, by, "mở kỳ báo cáo", cycle=cycle)
    return queue_requests(context, session, cycle)


def close_cycle(context: Context, session: Session, cycle: Cycle) -> None:
    """Close a cycle: from now on a reply waits for a person."""
    if cycle.state is not CycleState.CLOSED:
        cycle.state, cycle.closed_on = CycleState.CLOSED, context.today
        audit.record(session, context.now, audit.SYSTEM, "khóa sổ kỳ báo cáo", cycle=cycle)
