"""Opening a cycle and previewing reminders from the command line."""

from datetime import date
from pathlib import Path

from reporting.contacts import book
from reporting.home.context import Context
from reporting.programme.units import unit_rows
from reporting.requests import lifecycle
from reporting.store import audit
from reporting.store.engine import reading, writing

Letter = tuple[Path | None, str | None, date | None, str]


def open_or_register(context: Context, cycle: str, letter: Letter, *, dry_run: bool) -> list[str]:
    """Plan a cycle and draft its letter, or register the signed one; lines to print."""
    if dry_run:
        return _preview(context, cycle)
    file, number, signed_on, by = letter
    with writing(context.home.engine) as session:
        if file is not None and number is not None and signed_on is not None:
            opening = lifecycle.register_letter(
                context, session, cycle, file=file, number=number, signed_on=signed_on, by=by
            )
        else:
            row = lifecycle.plan_cycle(context, session, cycle)
            if context.programme.letter == "signed":
                draft = lifecycle.draft_request(context, session, row)
                return [f"Kỳ {cycle}: {row.state}. Dự thảo công văn: {draft}"]
            opening = lifecycle.open_cycle(context, session, row, by=by or audit.SYSTEM)
    return [
        f"Kỳ {cycle} đã mở: {opening.queued} thư yêu cầu đang xếp hàng.",
        *(f"• {name}: chưa có địa chỉ thư" for name in opening.without_address),
    ]


def _preview(context: Context, cycle: str) -> list[str]:
    definition = context.programme.cycle(cycle)
    with reading(context.home.engine) as session:
        units = unit_rows(session, context.programme, definition)
        reachable = book.active(session, [unit.id for unit in units.values()], context.today)
        lines = []
        for unit in units.values():
            addresses = sorted({contact.email for contact in reachable[unit.id]})
            lines.append(f"{unit.name}: {', '.join(addresses) or 'chưa có địa chỉ thư'}")
    return [*lines, f"Sẽ gửi yêu cầu của kỳ {cycle} đến {len(lines)} đơn vị; chưa có gì được gửi."]
