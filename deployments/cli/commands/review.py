"""quarantine review: one waiting reply after the other, each decided with a key."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from deployments.cli import terminal
from deployments.cli.arguments import current_cycle
from deployments.cli.language import in_language
from deployments.cli.terminal import By, Today, say

if TYPE_CHECKING:
    from reporting.home.context import Context
    from reporting.replies.quarantine import Assignment

_LATER, _QUIT, _REJECT = "-", "q", "x"


def review(by: By, today: Today = None) -> None:
    """Xem lần lượt từng thư chờ; Enter là giao cho đơn vị được đề xuất."""
    from reporting.replies.quarantine import proposal, read_reply, waiting
    from reporting.store.engine import reading
    from reporting.store.tables import RawReply

    context = terminal.context(today)
    with reading(context.home.engine) as session:
        ids = [reply.id for reply in waiting(session)]
    decided = 0
    for place, reply_id in enumerate(ids, start=1):
        with reading(context.home.engine) as session:
            lines = read_reply(context, session, reply_id)
            proposed = proposal(context, session, session.get_one(RawReply, reply_id))
        say(f"\n[{place}/{len(ids)}]")
        show_reply(lines)
        try:
            answer = _ask(proposed)
            if answer == _QUIT:
                break
            decided += answer != _LATER and _carry_out(context, reply_id, proposed, answer, by)
        except typer.Abort:  # nobody answers any more: the rest waits
            break
    say(f"\nĐã xử lý {decided} thư, còn chờ {len(ids) - decided}.")


def show_reply(lines: Sequence[str]) -> None:
    """What is known of a mail in our words, then its text as it was written."""
    own = lines.index("") if "" in lines else len(lines)
    for line in lines[:own]:
        say(line)
    for line in lines[own:]:
        terminal.quote(line)


def _ask(proposed: "Assignment | None") -> str:
    if proposed is not None:
        remembered = " và ghi nhớ người gửi" if proposed.remember_sender else ""
        say(f"\n  Enter  giao cho {proposed.unit}, kỳ {proposed.cycle}{remembered}")
    other = "mã hoặc tên đơn vị khác" if proposed is not None else "mã hoặc tên đơn vị"
    say(f"  {other}  ·  {_REJECT} loại  ·  {_LATER} để sau  ·  {_QUIT} thôi")
    default = proposed.unit if proposed is not None else _LATER
    return str(typer.prompt(">", default=default, show_default=False, prompt_suffix=" ")).strip()


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
            return True
        if proposed is None:
            with reading(context.home.engine) as session:
                proposed = Assignment(answer, current_cycle(context, session))
        _assign(context, reply_id, replace(proposed, unit=answer), by)
    except BadInput as error:
        terminal.complain(str(error))
        return False
    return True


def _assign(context: "Context", reply_id: int, decision: "Assignment", by: str) -> None:
    from reporting.errors import BadInput
    from reporting.replies.after_acceptance import NeedsBasis
    from reporting.replies.quarantine import NeedsDocument, assign
    from reporting.vietnamese.numbers import read_date

    while True:
        try:
            assign(context, [reply_id], decision, by=by)
        except NeedsDocument:
            number, typed = _needed("Số, ký hiệu văn bản"), _needed("Ngày văn bản (dd/mm/yyyy)")
            dated = read_date(typed)
            if dated is None:
                raise BadInput(f"Không đọc được ngày «{typed}».") from None
            decision = replace(decision, number=number, dated=dated)
        except NeedsBasis as needed:
            say(str(needed))
            decision = replace(decision, why=_needed("Căn cứ"))
        else:
            return


def _needed(text: str) -> str:
    """An answer that is not left empty."""
    return str(typer.prompt(in_language(text))).strip()
