"""The weekly mail to managers while a cycle is open: where it stands, what came, what waits."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from reporting.addresses.syntax import address_list
from reporting.follow_up.waiting import waiting_now
from reporting.home.context import Context, current_cycles, for_each_programme
from reporting.mail.outbox import queueing
from reporting.outcome import NOTHING, Outcome
from reporting.states import CycleState, MessageKind
from reporting.status.cycle import CycleStatus, cycle_status
from reporting.status.report_life import report_life
from reporting.status.words import days_left, name_list, status_line
from reporting.store.tables import Cycle
from reporting.vietnamese.formats import two_digits
from reporting.vietnamese.working_days import is_working_day

WEEK = timedelta(days=7)
LINES = 8  # of what waits; the page shows all


def queue_digests(context: Context) -> Outcome:
    """Queue the week's digest of each open cycle, once: on the first working day somebody runs the day.

    None in the week in which a cycle opened, and none to nobody (``KYBAOCAO_MANAGERS_TO``).
    """
    if context.rehearsal or not is_working_day(context.today):
        return NOTHING
    return for_each_programme(context, _of_programme)


def _of_programme(context: Context, session: Session) -> Outcome:
    done = []
    for row, _ in current_cycles(session, context.programme):
        if row.state is CycleState.OPEN and row.opened_on and _week(row.opened_on) != _week(context.today):
            count = _queue(context, session, row)
            if count:
                done.append(f"bản tin tuần kỳ {row.name} cho {count} người nhận")
    return Outcome(tuple(done))


def _queue(context: Context, session: Session, row: Cycle) -> int:
    to = address_list(context.settings.managers_to)
    if not to:
        return 0
    year, week = _week(context.today)
    words = digest(context, session, row)
    queued = [
        queueing.queue_internal(
            context,
            session,
            MessageKind.DIGEST,
            f"{row.name}-{year}-{week}",
            address,
            facts=words,
            cycle=row,
        )
        for address in to
    ]
    return sum(message is not None for message in queued)


def digest(context: Context, session: Session, row: Cycle) -> dict[str, object]:
    """The words of the digest, as its template takes them."""
    status = cycle_status(session, context.programme, row.name, as_of=context.today)
    before = cycle_status(session, context.programme, row.name, as_of=context.today - WEEK)
    waiting = [
        f"{matter.title}: {two_digits(matter.count)}"
        for matter in waiting_now(session, context.programme, status, context.today)
    ]
    life = report_life(session, context.programme, status)
    pages = context.settings.pages_url
    return {
        "title": status.cycle.title,
        "sentence": status_line(status, context.now),
        "days_left": days_left(status, context.today),
        "since": _week_in_words(status, before),
        "waiting": waiting[:LINES],
        "more": max(0, len(waiting) - LINES),
        "report": life.lines if life else [],
        "page": f"{pages.rstrip('/')}/status/{context.programme.id}/index.html" if pages else None,
    }


def _week_in_words(now: CycleStatus, before: CycleStatus) -> list[str]:
    then = {unit.unit.code: unit for unit in before.units}
    came = [unit.unit.name for unit in now.units if unit.is_reported and not then[unit.unit.code].is_reported]
    usable = now.usable - before.usable
    reminded = sum(unit.reminders > then[unit.unit.code].reminders for unit in now.units)
    called = sum(unit.calls > then[unit.unit.code].calls for unit in now.units)
    lines = [
        f"thêm {two_digits(len(came))} {now.programme.words.reporter} gửi báo cáo: {name_list(came)}"
        if came
        else f"không có thêm {now.programme.words.reporter} nào gửi báo cáo"
    ]
    lines += [f"thêm {two_digits(usable)} biểu số liệu dùng được"] if usable > 0 else []
    lines += [f"đã gửi thư nhắc đến {two_digits(reminded)} đơn vị"] if reminded else []
    lines += [f"đã gọi điện cho {two_digits(called)} đơn vị"] if called else []
    return lines


def _week(day: date) -> tuple[int, int]:
    year, week, _ = day.isocalendar()
    return year, week
