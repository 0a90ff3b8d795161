"""A unit's row in the table of a cycle: each column once, with its heading and how a unit reads in it.

The status page, the summary of a run and the terminal show the same row; each has its list of columns
at the end, and a heading of its own only where it has less room.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from reporting.status.unit import Timeliness, UnitStatus
from reporting.status.words import SIGNS, WORDS
from reporting.vietnamese.formats import short_date

TIMELINESS = {Timeliness.EARLY: "sớm", Timeliness.ON_TIME: "đúng hạn", Timeliness.LATE: "muộn"}


@dataclass(frozen=True)
class Column:
    heading: str
    words: Callable[[UnitStatus], str]
    is_theirs: bool = False  # the words are the unit's own, and may look like mark-up

    def headed(self, heading: str) -> "Column":
        return replace(self, heading=heading)


def parts_in_words(unit: UnitStatus) -> str:
    """Of a unit that stands for several older ones, which of those have reported; else empty."""
    return ", ".join(f"{part.unit.name} {SIGNS[part.state]}" for part in unit.parts if len(unit.parts) > 1)


def _with_parts(unit: UnitStatus) -> str:
    parts = parts_in_words(unit)
    return f"{unit.unit.name} ({parts})" if parts else unit.unit.name


def _findings(unit: UnitStatus) -> str:
    """How much of the unit's data is open, by what is asked of it; empty when nothing is."""
    counts = ((unit.open_errors, "rà soát"), (unit.open_warnings, "giải trình"))
    return ", ".join(f"{count} {request}" for count, request in counts if count)


def _day(day: date | None) -> str:
    return short_date(day) if day else ""


NAME = Column("Đơn vị", lambda unit: unit.unit.name)
NAME_WITH_PARTS = Column("Đơn vị", _with_parts)
REGION = Column("Vùng", lambda unit: unit.region)
STATE = Column("Trạng thái", lambda unit: f"{SIGNS[unit.state]} {WORDS[unit.state]}")
DOCUMENT = Column("Số văn bản", lambda unit: unit.document_number or "", is_theirs=True)
DATED = Column("Ngày", lambda unit: _day(unit.document_date))
RECEIVED = Column("Nhận ngày", lambda unit: _day(unit.received_on))
IN_TIME = Column("So với hạn", lambda unit: TIMELINESS[unit.timeliness] if unit.timeliness else "")
VERSION = Column("Bản", lambda unit: str(unit.version or ""))
REMINDERS = Column("Đã nhắc", lambda unit: str(unit.reminders or ""))
LAST_CALL = Column("Gọi gần nhất", lambda unit: _day(unit.last_call_on))
PROMISE = Column("Hẹn gửi", lambda unit: _day(unit.promised_on))
FINDINGS = Column("Điểm cần xem", _findings)

# On the page name and state are drawn, with parts and sign apart; the others are plain cells.
DRAWN = (NAME, STATE)
PLAIN = (DOCUMENT, RECEIVED, IN_TIME, REMINDERS, LAST_CALL, PROMISE, FINDINGS)
PAGE = DRAWN + PLAIN
RUN = (
    NAME,
    STATE.headed("Tình trạng"),
    DOCUMENT.headed("Văn bản"),
    RECEIVED.headed("Ngày nhận"),
    REMINDERS.headed("Số lần nhắc"),
    FINDINGS.headed("Nội dung còn mở"),
)
TERMINAL = (
    NAME_WITH_PARTS,
    REGION,
    STATE,
    DOCUMENT,
    DATED,
    RECEIVED,
    VERSION,
    REMINDERS.headed("Nhắc"),
)
