"""The days a home was worked on: none goes back, and none is believed that comes out of the blue.

A clock that jumps forward once would close cycles, remind everybody and then refuse every later day.
So a day of the clock that lies further ahead than a machine usually rests waits for a second source
or for a person; a day that a person typed is that person's word, up to the clock's own day.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.settings import Settings
from reporting import clock
from reporting.errors import BadInput, ServiceUnavailable
from reporting.store import audit
from reporting.store.tables import HomeInfo

LONGEST_GAP = timedelta(days=5)  # a weekend and a holiday beside it; Tết is longer
APART = timedelta(days=1)  # two clocks that differ by more are not both right
CONFIRMED = "ngày do người xác nhận"  # in the audit trail
_LAST, _CONFIRMED = "last_day", "confirmed_day"

NewestArrival = Callable[[Settings], datetime | None]  # of a mailbox: by its server's clock


def last_day(session: Session) -> date | None:
    """The last day that was worked on; None in a home where nothing was done yet."""
    return _day(session, _LAST)


def refuse_past(session: Session, today: date) -> None:
    """Raises BadInput for a day before the last one that was worked on."""
    last = last_day(session)
    if last is not None and today < last:
        raise BadInput(
            f"Ngày {today:%d/%m/%Y} ở trước ngày làm việc gần nhất của thư mục này "
            f"({last:%d/%m/%Y}): thời gian không chạy lùi. Nếu ngày ấy do đồng hồ sai mà có: "
            f"kybaocao day take-back {last} --by TÊN --why LÝ-DO."
        )


def advance_to(session: Session, today: date) -> None:
    """Note that ``today`` was worked on. Raises BadInput for a day before the last one."""
    refuse_past(session, today)
    set_last(session, today)


def set_last(session: Session, today: date) -> None:
    """Say which day was the last, also an earlier one: for who takes a day back."""
    _note(session, _LAST, today)


def refuse_typed(session: Session, today: date) -> None:
    """Raises BadInput for a typed day that the clock has not reached, and that is no small step either."""
    last, here = last_day(session), clock.day_of(clock.now())
    if last is not None and today > here + APART and today - last > LONGEST_GAP:
        raise BadInput(
            f"Ngày {today:%d/%m/%Y} ở sau hôm nay theo đồng hồ máy ({here:%d/%m/%Y}) và cách ngày làm việc "
            f"gần nhất ({last:%d/%m/%Y}) quá {LONGEST_GAP.days} ngày: gõ nhầm, hoặc đồng hồ máy chậm. "
            "Chưa làm gì."
        )


def refuse_leap(
    session: Session, now: datetime, mailboxes: Sequence[Settings], newest: NewestArrival | None
) -> None:
    """Raises BadInput for a day of the clock that nothing but the clock speaks for.

    A mailbox that was handed a mail by its own server's clock within these days is the second source.
    The clock of a database is none, as it may be this machine's; but it may speak against a day.
    """
    today, last = clock.day_of(now), last_day(session)
    if _day(session, _CONFIRMED) == today:
        return
    theirs = _database_clock(session)
    if theirs is not None and abs(theirs - now) > APART:
        raise _doubt(today, f"máy chủ cơ sở dữ liệu ghi {theirs.astimezone(clock.VIETNAM):%d/%m/%Y}")
    if last is None or today - last <= LONGEST_GAP:
        return
    if newest is None or not any(_agrees(newest, mailbox, now) for mailbox in mailboxes):
        raise _doubt(
            today,
            f"ngày làm việc gần nhất là {last:%d/%m/%Y}, không có thư mới nào trong hộp thư chứng tỏ hôm nay",
        )


def confirm(session: Session, day: date, *, now: datetime, by: str, why: str) -> None:
    """A person's word that the clock is right. Raises BadInput when it shows another day than that."""
    if day != clock.day_of(now):
        raise BadInput(
            f"Đồng hồ máy đang là {now:%d/%m/%Y %H:%M}, không phải ngày {day:%d/%m/%Y}: sửa đồng hồ trước."
        )
    before = last_day(session)
    advance_to(session, day)
    _note(session, _CONFIRMED, day)
    detail = f"{day:%d/%m/%Y}" + (f", sau ngày {before:%d/%m/%Y}" if before else "")
    audit.record(session, now, by, CONFIRMED, detail=detail, why=why)


def _agrees(newest: NewestArrival, mailbox: Settings, now: datetime) -> bool:
    try:
        arrived = newest(mailbox)
    except ServiceUnavailable:  # that it is out is told by whoever collects
        return False
    return arrived is not None and abs(now - arrived) <= LONGEST_GAP


def _doubt(today: date, why: str) -> BadInput:
    return BadInput(
        f"Đồng hồ máy báo hôm nay {today:%d/%m/%Y} nhưng {why}. Chưa làm gì. Đồng hồ sai: sửa đồng hồ. Đúng "
        f"ngày (máy đã nghỉ lâu): kybaocao day confirm {today} --by TÊN --why LÝ-DO."
    )


def _database_clock(session: Session) -> datetime | None:
    if session.get_bind().dialect.name != "postgresql":
        return None  # a file has no clock of its own
    return session.scalar(select(func.now()))


def _day(session: Session, name: str) -> date | None:
    info = session.get(HomeInfo, name)
    return None if info is None else date.fromisoformat(info.value)


def _note(session: Session, name: str, day: date) -> None:
    info = session.get(HomeInfo, name)
    if info is None:
        session.add(HomeInfo(name=name, value=day.isoformat()))
    else:
        info.value = day.isoformat()
