"""quarantine review: one waiting reply after the other, each decided with a key."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import typer

from deployments.cli import terminal
from deployments.cli.arguments import current_cycle
from deployments.cli.language import in_language
from deployments.cli.terminal import By, Today, say
from reporting.vietnamese.text import fold

if TYPE_CHECKING:
    from reporting.home.context import Context
    from reporting.replies.quarantine import Assignment
    from reporting.replies.set_aside import Taken

_LATER, _QUIT, _REJECT = "-", "q", "x"


def review(by: By, today: Today = None) -> None:
    """Xem lần lượt từng thư chờ; Enter là giao cho đơn vị được đề xuất."""
    from reporting.replies.quarantine import proposal, waiting
    from reporting.replies.reading.shown import in_lines, shown_reply
    from reporting.store.engine import reading
    from reporting.store.tables import RawReply

    context = terminal.context(today)
    with reading(context.home.engine) as session:
        ids = [reply.id for reply in waiting(session)]
    decided = 0
    for place, reply_id in enumerate(ids, start=1):
        with reading(context.home.engine) as session:
            lines = in_lines(shown_reply(context, session, reply_id))
            proposed = proposal(context, session, session.get_one(RawReply, reply_id))
        say(f"\n[{place}/{len(ids)}]")
        show_reply(lines)
        try:
            answer = _ask(proposed)
            if answer == _QUIT:
                break
            decided += answer != _LATER and _carry_out(context, reply_id, proposed, answer, by)
        except Later:
            continue
        except (Quit, typer.Abort):  # enough, or nobody answers any more: the rest waits
            break
    say(f"\nĐã xử lý {decided} thư, còn chờ {len(ids) - decided}.")


class Later(Exception):
    """The person leaves this one for later, at whatever question."""


class Quit(Exception):
    """The person stops, at whatever question."""


def show_reply(lines: Sequence[str]) -> None:
    """What is known of a mail in our words, then its text as it was written."""
    own = lines.index("") if "" in lines else len(lines)
    for line in lines[:own]:
        say(line)
    for line in lines[own:]:
        terminal.quote(line)


def show_taken(context: "Context", taken: "Sequence[Taken]") -> None:
    """What became of each reply that a person gave to a unit, and how that is taken back."""
    from reporting.replies.set_aside import what_came_of
    from reporting.store.engine import reading

    with reading(context.home.engine) as session:
        lines = [(one.reply_id, what_came_of(session, one)) for one in taken]
    for reply_id, words in lines:
        say(f"Thư đến {reply_id}: {words}. Hoàn tác: kybaocao quarantine undo {reply_id}")


def _ask(proposed: "Assignment | None") -> str:
    if proposed is not None:
        remembered = " và ghi nhớ người gửi" if proposed.remember_sender else ""
        say(f"\n  Enter  giao cho {proposed.unit}, kỳ {proposed.cycle}{remembered}")
    other = "mã hoặc tên đơn vị khác" if proposed is not None else "mã hoặc tên đơn vị"
    say(f"  {other}  ·  {_REJECT} loại  ·  {_LATER} để sau  ·  {_QUIT} thôi")
    default = proposed.unit if proposed is not None else _LATER
    answer = str(typer.prompt(">", default=default, show_default=False, prompt_suffix=" ")).strip()
    return _LATER if fold(answer) == "de sau" else answer


def _carry_out(
    context: "Context", reply_id: int, proposed: "Assignment | None", answer: str, by: str
) -> bool:
    """Do what was answered; whether it was done. What cannot be done is said, and the reply waits on."""
    from reporting.errors import BadInput
    from reporting.replies.quarantine import Assignment, reject
    from reporting.store.engine import reading, writing

    try:
        if answer == _REJECT:
            why = _needed("Lý do")
            with writing(context.home.engine) as session:
                reject(context, session, [reply_id], by=by, why=why)
            say(f"Đã loại thư đến {reply_id}. Hoàn tác: kybaocao quarantine undo {reply_id}")
            return True
        if proposed is None:
            with reading(context.home.engine) as session:
                proposed = Assignment(answer, current_cycle(context, session))
        show_taken(context, _assign(context, reply_id, replace(proposed, unit=answer), by))
    except BadInput as error:
        terminal.complain(str(error))
        return False
    return True


def _assign(context: "Context", reply_id: int, decision: "Assignment", by: str) -> "list[Taken]":
    from reporting.replies.after_acceptance import NeedsBasis
    from reporting.replies.contradictions import NeedsReason
    from reporting.replies.quarantine import NeedsDocument, assign

    while True:
        try:
            return assign(context, [reply_id], decision, by=by)
        except NeedsDocument:
            decision = replace(decision, number=_number(), dated=_day())
        except NeedsReason as needed:
            say(str(needed))
            decision = replace(decision, why=_needed("Lý do"))
        except NeedsBasis as needed:
            say(str(needed))
            decision = replace(decision, why=_needed("Căn cứ"))


def _number() -> str:
    """A document's number; what is none is said, and asked again."""
    from reporting.errors import BadInput
    from reporting.received.typed_numbers import document_number

    while True:
        try:
            return document_number(_needed("Số, ký hiệu văn bản"))
        except BadInput as error:
            terminal.complain(str(error))


def _day() -> date:
    """A document's day; what is none is said, and asked again."""
    from reporting.vietnamese.numbers import read_date

    while True:
        typed = _needed("Ngày văn bản (dd/mm/yyyy)")
        if (day := read_date(typed)) is not None:
            return day
        terminal.complain(f"Không đọc được ngày «{typed}».")


def _needed(text: str) -> str:
    """An answer that is not left empty. Raises Later or Quit where the person leaves the question."""
    answer = str(typer.prompt(in_language(f"{text} ({_LATER} để sau, {_QUIT} thôi)"))).strip()
    if fold(answer) in (_LATER, "de sau"):
        raise Later
    if answer.lower() == _QUIT:
        raise Quit
    return answer
