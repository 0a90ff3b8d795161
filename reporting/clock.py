"""The only module that reads the clock. Everything else is told the time."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reporting import clock

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """The present moment, aware, in Vietnam's time."""
    return datetime.now(tz=VIETNAM)


def at(day: date, hour: int = 8, minute: int = 0) -> datetime:
    """That hour of that day in Vietnam: how a date that was typed becomes a moment."""
    return datetime.combine(day, time(hour, minute), tzinfo=VIETNAM)


def day_of(moment: datetime) -> date:
    """The calendar day in Vietnam on which an aware moment falls."""
    return moment.astimezone(VIETNAM).date()


def end_of(known_on: date | None) -> datetime | None:
    """The first moment that is too late to be known on that day."""
    return None if known_on is None else clock.at(known_on + timedelta(days=1), hour=0)
