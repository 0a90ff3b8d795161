"""A person's word on changed contacts, and how a change is told."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from deployments.cli.terminal import say

if TYPE_CHECKING:
    from reporting.contacts.book import ContactChange
    from reporting.home.context import Context


def warn_of_open_cycles(opened: Sequence[str]) -> None:
    """Say which cycles are open: a change counts for their next mail."""
    if opened:
        say(f"Kỳ đang mở: {', '.join(opened)}. Thư nhắc, thư trả lời từ nay theo địa chỉ mới.")


def in_words(change: "ContactChange") -> str:
    """What changes, in a line."""
    return f"{change.what}: {change.unit} {change.email}" + (f" ({change.detail})" if change.detail else "")


def accept_contacts(context: "Context", ids: Sequence[int], *, by: str, instead: bool) -> None:
    """Take over proposed contacts, and say what changed."""
    from reporting.contacts.proposals import accept
    from reporting.programme.unit_changes import open_cycles
    from reporting.store.engine import writing

    with writing(context.home.engine) as session:
        changes = accept(
            session, context.programme, ids, instead=instead, by=by, today=context.today, now=context.now
        )
        opened = open_cycles(session, context.programme)
    for change in changes:
        say(in_words(change))
    warn_of_open_cycles(opened)


def reject_contacts(context: "Context", ids: Sequence[int], *, by: str, why: str) -> None:
    """Put proposals aside for good."""
    from reporting.contacts.proposals import reject
    from reporting.store.engine import writing

    with writing(context.home.engine) as session:
        reject(session, context.programme, ids, by=by, why=why, today=context.today, now=context.now)
    say(f"Đã loại {len(ids)} đề xuất.")


def ask_for_key(*, has_others: bool) -> str:
    """The key that was pressed; Enter and what is no key of ours mean later."""
    instead = "  ·  t chấp nhận, thay cán bộ đang dùng" if has_others else ""
    say(f"  y chấp nhận{instead}  ·  x loại  ·  Enter để sau  ·  q thôi")
    return str(typer.prompt(">", default="-", show_default=False, prompt_suffix=" ")).strip().lower()
