"""What is wrong with the running of things: told once when it began, and once when it is over.

A cause has one alarm at a time. Some causes are seen in the store (mail that waits for a person),
others are brought by whoever meets them: a step whose server is out, a run that failed, ``serve``
whose worker fell silent. The mails go to ``KYBAOCAO_OPS_TO`` through our own outbox; without it the
alarm stands on the status page alone.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from reporting.addresses.syntax import address_list
from reporting.errors import ServiceUnavailable
from reporting.home.context import Context, current_cycles
from reporting.mail.inbox.dropped_files import odd_ones
from reporting.mail.outbox import messages, queueing, send
from reporting.mail.outbox.came_back import days_of_many
from reporting.programme.model import Programme
from reporting.states import CycleState, MessageKind, MessageState
from reporting.status import proof
from reporting.status.cycle import cycle_status
from reporting.store import audit
from reporting.store.engine import reading, writing
from reporting.store.tables import Alarm, Cycle, Message
from reporting.vietnamese.formats import moment, two_digits
from reporting.vietnamese.text import clean_line, discreet

MAILBOX, SMTP, WORKER, DROP = "mailbox", "smtp", "worker", "drop"
RUN, LATE = "run/", "late/"  # followed by the name of the flow
FORGED = "forged/"  # followed by the programme
CAME_BACK = "came-back/"  # followed by the programme
# A short outage mends itself, and a mail about it would only wake somebody.
PATIENCE = {
    MAILBOX: timedelta(minutes=30),
    SMTP: timedelta(minutes=30),
    LATE: timedelta(minutes=15),
}
WAITING = {
    "mail-unknown": (MessageState.UNKNOWN, "thư chưa rõ đã đi hay chưa"),
    "mail-held": (MessageState.HELD, "thư đang giữ, chờ người cho gửi"),
    "mail-failed": (MessageState.FAILED, "thư không gửi được"),
}
_ADVICE = {
    MAILBOX: "Việc cần làm: kiểm tra mạng, máy chủ thư và KYBAOCAO_IMAP_URL. Không mất thư nào; trong lúc "
    "này hệ thống không nhắc đơn vị nào.",
    SMTP: "Việc cần làm: kiểm tra mạng, máy chủ thư và KYBAOCAO_SMTP_URL. Thư vẫn trong hàng chờ.",
    DROP: "Việc cần làm: xem tên trong kết quả của kybaocao collect, lấy liên kết, ống dẫn, thiết bị ra khỏi "
    "thư mục thả tệp. Những thứ ấy không được mở; tệp khác vẫn được nhận.",
    WORKER: "Việc cần làm: xem prefect/worker.log. kybaocao serve đã tự khởi động lại tiến trình xử lý.",
    RUN: "Việc cần làm: xem lượt chạy trong giao diện Prefect, sửa nguyên nhân; lượt sau làm nốt, việc đã "
    "xong không làm hai lần.",
    LATE: "Việc cần làm: xem tiến trình xử lý có đang chạy không (prefect/worker.log).",
    FORGED: "Việc cần làm: kybaocao quarantine, gọi điện hỏi các đơn vị; thư giả thì quarantine reject, "
    "thư thật thì quarantine assign. Đặt KYBAOCAO_AUTHSERV_ID nếu máy chủ thư có kiểm tra người gửi.",
    CAME_BACK: "Việc cần làm: xem lý do (kybaocao outbox --state bounced), hỏi người quản trị máy chủ thư. "
    "Coi là lỗi phía ta cho đến khi rõ; chưa địa chỉ nào bị đóng. Sửa xong: kybaocao outbox again --all.",
    "mail-unknown": "Việc cần làm: kybaocao outbox --state unknown, rồi kybaocao outbox resolve.",
    "mail-held": "Việc cần làm: kybaocao outbox --state held, xem, rồi kybaocao outbox release.",
    "mail-failed": "Việc cần làm: kybaocao outbox --state failed, sửa địa chỉ, rồi kybaocao outbox again.",
}


def standing(session: Session) -> Sequence[Alarm]:
    """The alarms that are not over, oldest first."""
    return session.scalars(select(Alarm).where(Alarm.ended_at.is_(None)).order_by(Alarm.id)).all()


def in_words(alarm: Alarm) -> str:
    return f"{alarm.text} (từ {moment(alarm.began_at)})"


def note(session: Session, cause: str, text: str, now: datetime, since: datetime | None = None) -> None:
    """Something is wrong, and has been ``since`` then. The text names no address.

    While its alarm stands, again changes nothing.
    """
    if session.scalar(select(Alarm.id).where(Alarm.cause == cause, Alarm.ended_at.is_(None))) is not None:
        return
    try:
        with session.begin_nested():
            session.add(Alarm(cause=cause, text=discreet(clean_line(text)), began_at=since or now))
    except IntegrityError:  # another process saw it, too (PostgreSQL)
        return
    audit.record(
        session, now, audit.SYSTEM, "sự cố bắt đầu", subject=cause, detail=discreet(clean_line(text))
    )


def end(session: Session, cause: str, now: datetime) -> None:
    """What was wrong is over; nothing when there was nothing."""
    alarm = session.scalar(select(Alarm).where(Alarm.cause == cause, Alarm.ended_at.is_(None)))
    if alarm is not None:
        alarm.ended_at = now
        audit.record(session, now, audit.SYSTEM, "sự cố đã hết", subject=cause)


def watch(
    context: Context, cause: str | None = None, error: str | None = None, since: datetime | None = None
) -> bool:
    """Note or end ``cause``, look at what waits in the store, and queue the mails that are due.

    Without an ``error`` the cause is over. True when there is a mail to send.
    """
    if context.rehearsal:
        return False
    with writing(context.home.engine) as session:
        if cause is not None and error is not None:
            note(session, cause, error, context.now, since)
        elif cause is not None:
            end(session, cause, context.now)
        _look(context, session)
        _tell(context, session)
        waits = (MessageState.QUEUED, MessageState.RETRY_WAIT)
        mail = select(Message.id).where(Message.kind == MessageKind.ALARM, Message.state.in_(waits)).limit(1)
        return session.scalar(mail) is not None


async def tell(
    context: Context, cause: str | None = None, error: str | None = None, since: datetime | None = None
) -> None:
    """Watch, and send the mails to our own people now; a server that is out leaves them in the queue."""
    if not watch(context, cause, error, since):
        return
    for settings, programmes in context.senders:
        try:
            await send.send_pass(
                context.home,
                programmes,
                settings,
                now=context.now,
                still_due=lambda *_: True,
                only=messages.INTERNAL,
            )
        except ServiceUnavailable:
            continue


def runs_in_trouble(context: Context) -> dict[str, datetime]:
    """The flows whose runs failed or are late, and since when."""
    with reading(context.home.engine) as session:
        return {
            alarm.cause: alarm.began_at for alarm in standing(session) if alarm.cause.startswith((RUN, LATE))
        }


def _look(context: Context, session: Session) -> None:
    """The causes that the store itself shows, in cycles that are not closed."""
    for cause, (state, words) in WAITING.items():
        units = session.scalars(
            select(Message.unit_id)
            .join(Cycle, Cycle.id == Message.cycle_id)
            .where(Message.state == state, Message.unit_id.is_not(None), Cycle.state != CycleState.CLOSED)
        ).all()
        if units:
            note(session, cause, f"{two_digits(len(units))} {words}", context.now)
        else:
            end(session, cause, context.now)
    if odd := odd_ones(context.home.drop):
        note(session, DROP, f"thư mục thả tệp có {two_digits(len(odd))} thứ không phải tệp", context.now)
    else:
        end(session, DROP, context.now)
    for programme in context.served:
        _look_for_forgeries(context, session, programme)
        _look_for_returned(context, session, programme)


def _look_for_forgeries(context: Context, session: Session, programme: Programme) -> None:
    """Many units at once that "write" what nobody can tell from a forgery; over once most are decided on."""
    opened = [
        cycle_status(session, programme, row.name, as_of=context.today)
        for row, _ in current_cycles(session, programme)
        if row.state is CycleState.OPEN
    ]
    cause = f"{FORGED}{programme.id}"
    for status in opened:
        if status.holds.many:
            note(session, cause, proof.many_in_words(status.holds.many, status.expected), context.now)
    if all(status.holds.waiting <= status.holds.limit for status in opened):
        end(session, cause, context.now)


def _look_for_returned(context: Context, session: Session, programme: Programme) -> None:
    """Many mails of one day that came back: one fault, not so many dead addresses."""
    cause = f"{CAME_BACK}{programme.id}"
    days = days_of_many(session, programme.id)
    if days:
        count, on = sum(days.values()), ", ".join(f"{day:%d/%m/%Y}" for day in sorted(days))
        note(session, cause, f"{two_digits(count)} thư gửi ngày {on} bị trả lại", context.now)
    else:
        end(session, cause, context.now)


def _tell(context: Context, session: Session) -> None:
    to = address_list(context.settings.ops_to)
    if not to:
        return
    for alarm in standing(session):
        if alarm.told_at is None and context.now >= alarm.began_at + PATIENCE.get(_kind(alarm), timedelta()):
            alarm.told_at = context.now
            _queue(context, session, alarm, to, "began")
    ended = select(Alarm).where(
        Alarm.ended_at.is_not(None), Alarm.told_at.is_not(None), Alarm.end_told_at.is_(None)
    )
    for alarm in session.scalars(ended):
        alarm.end_told_at = context.now
        if not _taken_back(context, session, alarm):
            _queue(context, session, alarm, to, "ended")


def _taken_back(context: Context, session: Session, alarm: Alarm) -> bool:
    """Cancel the mails about an alarm that is over before any of them left; False when one has."""
    mails = session.scalars(
        select(Message).where(
            Message.kind == MessageKind.ALARM, Message.dedup_key.contains(f"|{alarm.id}-began|")
        )
    ).all()
    if not mails or any(messages.has_left(mail) for mail in mails):
        return False
    for mail in mails:
        messages.cancel(session, mail, why="sự cố đã hết trước khi thư đi", now=context.now)
    return True


def _queue(context: Context, session: Session, alarm: Alarm, to: Sequence[str], what: str) -> None:
    current = [row for row, _ in current_cycles(session, context.programme)]
    ended = alarm.ended_at if what == "ended" else None
    for address in to:
        queueing.queue_internal(
            context,
            session,
            MessageKind.ALARM,
            f"{alarm.id}-{what}",
            address,
            facts={
                "text": alarm.text,
                "began": moment(alarm.began_at),
                "ended": moment(ended) if ended else None,
                "advice": _ADVICE.get(_kind(alarm)),
                "pages": context.settings.pages_url,
            },
            cycle=current[-1] if current else None,  # it is kept as long as the cycle's mail
        )


def _kind(alarm: Alarm) -> str:
    """The cause without the name of the flow."""
    head, slash, _ = alarm.cause.partition("/")
    return head + slash
