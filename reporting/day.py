"""The order of a working day. The command walks it with plain calls, flows carry each step out as a task.

Every step asks what should have happened by now and has not (``follow_up.due``), so any of them may
be run again, alone or after a crash.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from inspect import isawaitable
from typing import Any, Protocol

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from reporting.approval.questions import overdue_decisions
from reporting.errors import ServiceUnavailable
from reporting.follow_up import reminders
from reporting.follow_up.calendar import follow_calendar
from reporting.follow_up.digest import queue_digests
from reporting.follow_up.still_due import still_due
from reporting.home.context import Context
from reporting.mail.outbox.send import send_pass
from reporting.mail.servers import audience, smtp_server
from reporting.outcome import NOTHING, Outcome, Several
from reporting.pages.site import write_site
from reporting.replies.collect import collect, file_mail_away, take_in_next_turn, take_in_replies
from reporting.replies.reading.turns import MOST_TURNS, in_turns
from reporting.report.compile_cycle import Check, compile_cycle
from reporting.report.due import due_compilations
from reporting.states import CycleState, MessageKind, MessageState, ReplyState
from reporting.store.engine import reading
from reporting.store.tables import Cycle, Message, RawReply, UnitRow
from reporting.upkeep import alarms
from reporting.upkeep.rebuild import is_mail_held

ANSWERS = frozenset({MessageKind.RECEIPT, MessageKind.RESEND, MessageKind.ANSWER})
HELD_BY_REBUILD = (
    "thư mục được lập lại từ bản gốc, chưa gửi thư nào cho đơn vị: hủy thư đã gửi trước đây "
    "(kybaocao outbox), rồi 'kybaocao init --resume-mail'"
)

_REFUSED = Message.smtp_reply.startswith("5")  # for good, by its digits


class CarryOut(Protocol):
    """How a step is carried out: called with its arguments, the result awaited where it is a promise."""

    async def __call__(self, step: Callable[..., Any], *args: Any) -> Any: ...


async def directly(step: Callable[..., Any], *args: Any) -> Any:
    """Carry a step out by calling it."""
    result = step(*args)
    return await result if isawaitable(result) else result


async def run_day(context: Context, check: Check, carry_out: CarryOut = directly) -> Outcome:
    """All that is due on the context's day, in order. ``check`` is the gate of a compilation.

    Raises ServiceUnavailable where a mail server is out, after everybody was told of it.
    """
    waited = _waiting_replies(context)
    outcome: Outcome = await carry_out(follow_calendar, context)
    outcome += await receive(context, carry_out)
    outcome += await carry_out(queue_due, context)
    outcome += await carry_out(queue_digests, context)
    await carry_out(alarms.tell, context)
    outcome += await send(context, carry_out)
    for programme, cycle, as_of in due_compilations(context):
        outcome += await carry_out(compile_cycle, context.of(programme), cycle, as_of, check)
    outcome += await carry_out(overdue_decisions, context)
    await carry_out(write_site, context)
    return outcome + _still_waiting(context, waited)


def _waiting_replies(context: Context) -> frozenset[int]:
    with reading(context.home.engine) as session:
        return frozenset(session.scalars(select(RawReply.id).where(RawReply.state == ReplyState.QUARANTINED)))


def _still_waiting(context: Context, before: frozenset[int]) -> Outcome:
    """What waited before this day's work and waits yet: a day that brought nothing new is not a clear one."""
    count = len(before & _waiting_replies(context))
    line = Several(count, f"{count} thư chờ xử lý từ trước (kybaocao quarantine)")
    return Outcome(waiting=(line,)) if count else NOTHING


async def exchange_mail(context: Context, carry_out: CarryOut = directly) -> Outcome:
    """Take replies in and let queued messages leave; then the pages are up to date."""
    outcome = await receive(context, carry_out)
    outcome += await send(context, carry_out)
    await carry_out(write_site, context)
    return outcome


async def receive(context: Context, carry_out: CarryOut = directly) -> Outcome:
    """Collect, take in, file away."""
    async with _watched(context, alarms.MAILBOX, carry_out):
        outcome: Outcome = NOTHING
        try:
            outcome += await carry_out(collect, context)
        finally:  # what came until then is taken in, also while the mailbox is out
            outcome += await _take_in_by_turns(context, carry_out)
        outcome += await carry_out(file_mail_away, context)
    return outcome


async def _take_in_by_turns(context: Context, carry_out: CarryOut) -> Outcome:
    """Who is known is answered before strangers' mail is read: a thousand may be made to cost time."""
    outcome: Outcome = NOTHING
    for _ in range(MOST_TURNS - 1):
        if len(in_turns(context)) > 1:
            outcome += await carry_out(take_in_next_turn, context)
            outcome += await carry_out(send_answers, context)
    outcome += await carry_out(take_in_replies, context)
    return outcome


async def send(context: Context, carry_out: CarryOut = directly) -> Outcome:
    """Send what is queued, where a server is set."""
    if not context.senders:
        return NOTHING
    async with _watched(context, alarms.SMTP, carry_out):
        outcome: Outcome = await carry_out(send_queued, context)
        return outcome


@asynccontextmanager
async def _watched(context: Context, cause: str, carry_out: CarryOut) -> AsyncIterator[None]:
    """A server that is out is told of before the run ends there; one that works again, too."""
    try:
        yield
    except ServiceUnavailable as error:
        await carry_out(alarms.tell, context, cause, str(error))
        await carry_out(write_site, context)
        raise
    await carry_out(alarms.tell, context, cause)


def queue_due(context: Context) -> Outcome:
    """Queue what is due to the units; what is stored is taken in first.

    So nobody is reminded whose report already lies here.
    """
    return take_in_replies(context) + reminders.queue_due(context)


async def send_answers(context: Context) -> Outcome:
    """Send the receipts that are queued, while replies still wait to be read. What is out is told of later.

    Nothing else: whether a reminder is due is not known before all is read.
    """
    if _is_held(context):
        return NOTHING
    accepted = 0
    for settings, programmes in context.senders:
        with suppress(ServiceUnavailable):
            summary = await send_pass(
                context.home,
                programmes,
                settings,
                now=context.now,
                still_due=still_due(context),
                only=ANSWERS,
            )
            accepted += summary.accepted
    return Outcome((f"gửi {accepted} thư",)) if accepted else NOTHING


def _is_held(context: Context) -> bool:
    with reading(context.home.engine) as session:
        return is_mail_held(session)


async def send_queued(context: Context) -> Outcome:
    """Send what is queued. Raises ServiceUnavailable when a server is out, BadInput when none is set."""
    smtp_server(context.senders[0][0] if context.senders else context.settings)  # is any set?
    if _is_held(context):
        return Outcome(waiting=(HELD_BY_REBUILD,))
    accepted = refused = 0
    outages: list[ServiceUnavailable] = []
    for settings, programmes in context.senders:
        try:
            summary = await send_pass(
                context.home, programmes, settings, now=context.now, still_due=still_due(context)
            )
        except ServiceUnavailable as error:  # the mail of other programmes may have another way
            outages.append(error)
            continue
        accepted, refused = accepted + summary.accepted, refused + summary.refused
    if outages:
        raise ServiceUnavailable(" ".join(str(error) for error in outages)) from outages[0]
    done = [f"gửi {accepted} thư"] if accepted else []
    notices = (audience(settings).notice for settings, _ in context.senders)
    waiting = list(dict.fromkeys(notice for notice in notices if notice))
    if refused:
        waiting.append(
            f"máy chủ không nhận bản lưu của {refused} thư: nếu đứt kết nối, những thư như thế "
            "không tự được xác nhận là đã đi; hãy hỏi người quản trị về địa chỉ cộng của hộp thư"
        )
    with reading(context.home.engine) as session:
        waiting += _messages_that_wait(context, session)
    return Outcome(tuple(done), tuple(waiting))


def _messages_that_wait(context: Context, session: Session) -> list[str]:
    able = {name for _, programmes in context.senders for name in programmes}
    queued = session.scalars(select(Message.programme).where(Message.state == MessageState.QUEUED).distinct())
    lines = [
        f"chương trình {name}: chưa đặt máy chủ gửi thư, thư vẫn xếp hàng"
        for name in queued
        if name not in able
    ]
    for state, text in (
        (MessageState.RETRY_WAIT, "thư bị từ chối, chưa rõ vì đâu, còn gửi lại (kybaocao outbox)"),
        (MessageState.UNKNOWN, "thư chưa rõ đã đi hay chưa (kybaocao outbox resolve)"),
        (MessageState.HELD, "thư đang giữ, chờ cho gửi (kybaocao outbox release)"),
        (MessageState.FAILED, "thư không gửi được (kybaocao outbox --state failed)"),
    ):
        units = session.scalars(
            select(UnitRow.name)
            .join(Message, Message.unit_id == UnitRow.id)
            .join(Cycle, Cycle.id == Message.cycle_id)
            .where(Message.state == state, _REFUSED if state is MessageState.RETRY_WAIT else true())
            .where(Cycle.state != CycleState.CLOSED)
            .where(Cycle.programme.in_([programme.id for programme in context.served]))
            .order_by(Message.id)
        ).all()
        if units:
            lines.append(Several(len(units), f"{len(units)} {text}: {', '.join(dict.fromkeys(units))}"))
    return lines
